#!/usr/bin/env python3
"""Models trained with --loss ordinal, from the command line: what they say beyond a rating."""
import csv
import json

import tool

VALUES = [1, 2, 3, 4, 5]


class Ordinal(tool.ToolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cls.run_tool("train", "ratings.csv", "-o", "ordinal.st", "--loss", "ordinal",
                            "--epochs", "20", "--factors", "4", "-q")
        if done.returncode != 0:
            raise AssertionError(f"training the model of these tests failed:\n{done.stderr}")
        (cls.path / "pairs.csv").write_text("u0,i0\nu1,i5\nu2,nothing\n", encoding="utf-8")

    def probabilities(self, *more):
        return json.loads(self.good("predict", "ordinal.st", "pairs.csv", "-q", "--json",
                                    "--probabilities", *more))

    def test_probabilities_make_the_rating(self):
        for pair in self.probabilities()[:2]:
            rows = pair["probabilities"]
            self.assertEqual([row["rating"] for row in rows], VALUES)
            self.assertAlmostEqual(sum(row["probability"] for row in rows), 1, places=6)
            mean = sum(row["rating"] * row["probability"] for row in rows)
            self.assertAlmostEqual(mean, pair["rating"], places=6)
        self.assertIsNone(self.probabilities()[2]["probabilities"])

    def test_probabilities_in_csv_and_table(self):
        text = self.good("predict", "ordinal.st", "pairs.csv", "-q", "--csv", "--probabilities")
        rows = list(csv.DictReader(text.splitlines()))
        expected = self.probabilities()
        for row, pair in zip(rows[:2], expected):
            for value, each in zip(VALUES, pair["probabilities"]):
                self.assertAlmostEqual(float(row[f"P({value})"]), each["probability"], places=8)
        self.assertEqual(rows[2]["P(1)"], "")
        table = self.good("predict", "ordinal.st", "pairs.csv", "-q", "--probabilities")
        self.assertEqual(table.splitlines()[0].split()[4:], [f"P({value})" for value in VALUES])
        self.assertEqual(len(table.splitlines()[1].split()), 9)

    def test_probabilities_are_asked_for(self):
        text = self.good("predict", "ordinal.st", "pairs.csv", "-q", "--csv")
        self.assertEqual(text.splitlines()[0], "user,item,rating,basis")
        err = self.bad(2, "predict", "model.safetensors", "pairs.csv", "--probabilities")
        self.assertIn("--probabilities: is for models trained with --loss ordinal", err)

    def test_a_new_user_gets_probabilities(self):
        (self.path / "new.csv").write_text("user,item,rating\nnew,i0,5\nnew,i1,1\nnew,i2,4\n",
                                           encoding="utf-8")
        pair = json.loads(self.good("predict", "ordinal.st", "--user", "new", "--item", "i4", "-q",
                                    "--ratings", "new.csv", "--json", "--probabilities"))[0]
        self.assertEqual(pair["basis"], "fold-in")
        self.assertAlmostEqual(sum(row["probability"] for row in pair["probabilities"]), 1)

    def test_thresholds_are_inspected(self):
        document = json.loads(self.good("inspect", "ordinal.st", "--json"))
        self.assertEqual(document["config"]["loss"], "ordinal")
        rows = document["thresholds"]
        self.assertEqual([(row["below"], row["above"]) for row in rows],
                         list(zip(VALUES, VALUES[1:])))
        scores = [row["score"] for row in rows]
        self.assertEqual(scores, sorted(scores))
        self.assertIn("thresholds", self.good("inspect", "ordinal.st"))
        plain = json.loads(self.good("inspect", "model.safetensors", "--json"))
        self.assertEqual(plain["thresholds"], [])

    def test_recommended_and_explained_as_predicted(self):
        first = json.loads(self.good("recommend", "ordinal.st", "--user", "u0", "--json", "-q",
                                     "-n", "5"))
        items = first["recommendations"] if isinstance(first, dict) else first
        ratings = [row["rating"] for row in items]
        self.assertEqual(ratings, sorted(ratings, reverse=True))
        for row in items:
            pair = json.loads(self.good("predict", "ordinal.st", "--user", "u0", "--item",
                                        row["item"], "--json", "-q"))[0]
            self.assertEqual(pair["rating"], row["rating"])
            told = json.loads(self.good("explain", "ordinal.st", "--user", "u0", "--item",
                                        row["item"], "--json", "-q"))
            self.assertAlmostEqual(told["rating"], row["rating"], places=5)
            total = sum(told["parts"].values()) + sum(r["effect"] for r in told["ratings"])
            self.assertAlmostEqual(total, told["prediction"], places=4)
        self.assertIn("what a score of 0 stands for",
                      self.good("explain", "ordinal.st", "--user", "u0", "--item", "i0"))

    def test_the_mean_belongs_to_squared_errors(self):
        err = self.bad(2, "train", "ratings.csv", "-o", "x.st", "--loss", "ordinal", "--no-mean")
        self.assertIn("--no-mean: belongs to --loss squared", err)

    def test_a_slider_is_refused(self):
        text = "user,item,rating\n" + "".join(f"u{n},i{n % 7},{n / 7:.3f}\n" for n in range(120))
        (self.path / "slider.csv").write_text(text, encoding="utf-8")
        err = self.bad(3, "train", "slider.csv", "-o", "x.st", "--loss", "ordinal", "-q")
        self.assertIn("round the ratings, or train with the squared loss", err)
        self.assertFalse((self.path / "x.st").exists())

    def test_it_is_validated(self):
        document = json.loads(self.good("validate", "ratings.csv", "--loss", "ordinal", "--epochs",
                                        "10", "--factors", "4", "--json", "-q"))
        self.assertTrue(document)


if __name__ == "__main__":
    tool.main()
