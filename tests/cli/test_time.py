#!/usr/bin/env python3
"""Models that look at the time of ratings, from the command line."""
import csv
import json

import tool


class Time(tool.ToolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tool.make_ratings(cls.path / "timed.csv", with_times=True)
        done = cls.run_tool("train", "timed.csv", "-o", "timed.st", "--session-gap", "1",
                            "--time-bins", "3", "--epochs", "30", "--factors", "3", "-q")
        if done.returncode != 0:
            raise AssertionError(f"training the model of these tests failed:\n{done.stderr}")
        with open(cls.path / "timed.csv", encoding="utf-8") as file:
            cls.ratings = list(csv.DictReader(file))

    def rating_of(self, pair, *more):
        return json.loads(self.good("predict", "timed.st", "--user", pair["user"], "--item",
                                    pair["item"], "--json", "-q", *more))[0]["rating"]

    def test_a_pair_is_predicted_for_its_time(self):
        rows = json.loads(self.good("predict", "timed.st", "timed.csv", "--json", "-q"))
        self.assertEqual(len(rows), len(self.ratings))
        n_other = 0
        for row, pair in list(zip(rows, self.ratings))[::40]:
            self.assertEqual(row["rating"], self.rating_of(pair, "--time", pair["time"]))
            n_other += row["rating"] != self.rating_of(pair)
        self.assertGreater(n_other, 0)

    def test_pairs_without_times_are_of_now(self):
        text = "user,item\n" + "".join(f"{r['user']},{r['item']}\n" for r in self.ratings[:3])
        self.write("pairs.csv", text)
        rows = json.loads(self.good("predict", "timed.st", "pairs.csv", "--json", "-q"))
        self.assertEqual([row["rating"] for row in rows],
                         [self.rating_of(pair) for pair in self.ratings[:3]])
        self.write("pairs.csv", text.replace("user,item", "user,item,time").replace(
            "\n", ",soon\n").replace("time,soon", "time"))
        again = json.loads(self.good("predict", "timed.st", "pairs.csv", "--json", "-q"))
        self.assertEqual(rows, again)

    def test_recommendations_and_explanations_of_a_time(self):
        pair = self.ratings[0]
        for when in ([], ["--time", pair["time"]]):
            rows = json.loads(self.good("recommend", "timed.st", "--user", pair["user"], "--json",
                                        "-q", "-n", "3", *when))["recommendations"]
            for row in rows:
                one = {"user": pair["user"], "item": row["item"]}
                self.assertEqual(row["rating"], self.rating_of(one, *when))
                told = json.loads(self.good("explain", "timed.st", "--user", pair["user"], "--item",
                                            row["item"], "--json", "-q", *when))
                self.assertAlmostEqual(told["rating"], row["rating"], places=5)
                total = sum(told["parts"].values()) + sum(r["effect"] for r in told["ratings"])
                self.assertAlmostEqual(total, told["prediction"], places=4)

    def test_the_settings_are_shown(self):
        config = json.loads(self.good("inspect", "timed.st", "--json"))["config"]
        self.assertEqual((config["time_bins"], config["session_gap"]), (3, 1))
        self.assertIn("biases of sessions", self.good("inspect", "timed.st"))

    def test_a_model_that_does_not_look(self):
        for command in (["predict", "model.safetensors", "--user", "u0", "--item", "i0"],
                        ["recommend", "model.safetensors", "--user", "u0"],
                        ["explain", "model.safetensors", "--user", "u0", "--item", "i0"]):
            self.assertIn("--time: is for models trained with --time-bins or --session-gap",
                          self.bad(2, *command, "--time", "5"))

    def test_ratings_without_times(self):
        self.assertIn("have no times", self.bad(3, "train", "ratings.csv", "-o", "x.st", "-q",
                                                "--time-bins", "3"))

    def test_a_new_user(self):
        self.write("new.csv", "user,item,rating,time\nnew,i0,5,1000000000\nnew,i1,1,1000000001\n")
        row = json.loads(self.good("predict", "timed.st", "--user", "new", "--item", "i4", "-q",
                                   "--ratings", "new.csv", "--json"))[0]
        self.assertEqual(row["basis"], "fold-in")


if __name__ == "__main__":
    tool.main()
