#!/usr/bin/env python3
"""Models of interactions: train --implicit, and every command that asks such a model."""
import csv
import io
import json

import tool


class Interactions(tool.ToolTest):
    def setUp(self):
        lines = (self.path / "ratings.csv").read_text().splitlines()[1:]
        self.pairs = [line.split(",")[:2] for line in lines]
        lists = {}
        for user, item in self.pairs:
            lists.setdefault(user, []).append(item)
        self.lists = lists
        self.write("pairs.csv", "".join(f"{user},{item}\n" for user, item in self.pairs))
        self.write("lists.txt", "".join(" ".join([user, *items]) + "\n" for user, items in lists.items()))

    def train(self, name, ratings, *options):
        self.good("train", ratings, "-o", name, "-q", *options)
        return (self.path / name).read_bytes()

    def test_ratings_pairs_and_lists_give_the_same_model(self):
        of_ratings = self.train("a.st", "ratings.csv", "--implicit")
        self.assertEqual(self.train("b.st", "pairs.csv", "--implicit"), of_ratings)
        self.assertEqual(self.train("c.st", "lists.txt", "--lists"), of_ratings)
        self.assertEqual(self.train("d.st", "ratings.csv", "--impl", "--form", "ials"), of_ratings)

    def test_threads_change_no_byte(self):
        for form in ([], ["--form", "dot"], ["--form", "mixed", "--epochs", "3"]):
            models = [self.train("t.st", "pairs.csv", "--implicit", *form, "--threads", n) for n in ("1", "2", "5")]
            self.assertEqual(models[0], models[1])
            self.assertEqual(models[0], models[2])

    def test_what_training_says(self):
        found = json.loads(self.good("train", "pairs.csv", "--implicit", "-o", "m.st", "--json", "-q"))
        self.assertEqual(found["interactions"], len(self.pairs))
        self.assertGreater(found["train_loss"], 0)
        self.assertIsNone(found["validation_ndcg"])
        self.assertNotIn("train_rmse", found)
        for options in (["--form", "dot", "--loss", "bpr"], ["--form", "mixed"], ["--holdout", "0.1"]):
            found = json.loads(self.good("train", "pairs.csv", "--implicit", "-o", "m.st", "--json", "-q",
                                         "--epochs", "3", *options))
            self.assertTrue(0 <= found["validation_ndcg"] <= 1)
        done = self.run_tool("train", "pairs.csv", "--implicit", "-o", "m.st", "--epochs", "2",
                             "--holdout", "0.1")
        self.assertRegex(done.stderr, r"epoch 1 of at most 2: training loss \S+, validation NDCG@10 0\.\d+ \(best")
        self.assertIn("NDCG@10 on the held out interactions", done.stderr)

    def test_scores_have_their_own_name(self):
        self.train("m.st", "pairs.csv", "--implicit")
        user, item = self.pairs[0]
        for one in (["--user", user, "--item", item], ["--user", "nobody", "--item", item]):
            found = json.loads(self.good("predict", "m.st", *one, "--json"))[0]
            self.assertIn("score", found)
            self.assertNotIn("rating", found)
        share = sum(i == item for _, i in self.pairs) / len(self.lists)
        self.assertAlmostEqual(found["score"], share, places=5)
        text = self.good("predict", "m.st", "--user", user, "--item", item, "--csv")
        self.assertTrue(text.startswith("user,item,score,basis\n"))
        found = json.loads(self.good("recommend", "m.st", "--user", user, "--json", "-n", "3"))
        scores = [one["score"] for one in found["recommendations"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertFalse({one["item"] for one in found["recommendations"]} & set(self.lists[user]))
        text = self.good("recommend", "m.st", "--user", user, "--csv")
        self.assertEqual(next(csv.reader(io.StringIO(text)))[4], "score")
        self.assertIn("chosen by", self.good("recommend", "m.st", "--user", user))

    def test_who_is_unknown_gets_what_is_popular(self):
        self.train("m.st", "pairs.csv", "--implicit")
        done = self.run_tool("recommend", "m.st", "--user", "nobody", "--json", "-n", "30")
        self.assertIn("here is what is popular\n", done.stderr)
        counts = [one["n_ratings"] for one in json.loads(done.stdout)["recommendations"]]
        self.assertEqual(counts, sorted(counts, reverse=True))

    def test_whoever_chooses_the_same_gets_the_same(self):
        self.train("m.st", "pairs.csv", "--implicit")
        user = self.pairs[0][0]
        self.write("new.txt", " ".join(["guest", *self.lists[user]]) + "\n")
        ask = ["recommend", "m.st", "--json", "-n", "5", "-q"]
        own = json.loads(self.good(*ask, "--user", user))["recommendations"]
        guest = json.loads(self.good(*ask, "--ratings", "new.txt", "--lists"))[0]["recommendations"]
        self.assertEqual([one["item"] for one in own], [one["item"] for one in guest])
        for a, b in zip(own, guest):
            self.assertAlmostEqual(a["score"], b["score"], places=3)
        self.train("s.st", "pairs.csv", "--implicit", "--form", "dot", "--epochs", "1")
        self.assertIn("fold nobody in", self.bad(2, "recommend", "s.st", "--ratings", "new.txt", "--lists"))

    def test_explanations_add_up(self):
        self.train("m.st", "pairs.csv", "--implicit")
        user, item = self.pairs[0]
        found = json.loads(self.good("explain", "m.st", "--user", user, "--item", item, "--json"))
        effects = [one["effect"] for one in found["ratings"]]
        self.assertEqual(len(effects), len(self.lists[user]))
        self.assertAlmostEqual(sum(effects), found["score"], places=4)
        text = self.good("explain", "m.st", "--user", user, "--item", item)
        self.assertIn(f"the user's {len(effects)} choices together", text)
        self.assertNotIn("how it was rated", text)

    def test_errors_need_ratings(self):
        self.train("m.st", "pairs.csv", "--implicit")
        self.assertIn("use --ranking", self.bad(1, "evaluate", "m.st", "ratings.csv"))
        self.assertIn("--ranking", self.bad(2, "validate", "pairs.csv", "--implicit"))
        text = self.good("validate", "pairs.csv", "--implicit", "--ranking", "-q")
        self.assertIn("NDCG@10", text)
        self.assertIn("relevant: all", text)

    def test_inspect_knows_the_settings(self):
        self.train("m.st", "pairs.csv", "--implicit", "--unobserved-weight", "3")
        found = json.loads(self.good("inspect", "m.st", "--json"))
        self.assertEqual(found["interactions"], len(self.pairs))
        self.assertEqual(found["config"]["unobserved_weight"], 3)
        self.assertEqual(found["config"]["optimizer"], "als")
        self.assertIn("--unobserved-weight", self.good("inspect", "m.st"))
        self.write("c.json", self.good("inspect", "m.st", "--config"))
        self.assertEqual(self.train("again.st", "pairs.csv", "--implicit", "--config", "c.json"),
                         (self.path / "m.st").read_bytes())
        self.assertIn("needs --implicit", self.bad(3, "train", "ratings.csv", "-o", "x", "--config", "c.json"))
        self.train("s.st", "pairs.csv", "--implicit", "--form", "dot", "--train-negatives", "3", "--epochs", "2")
        self.write("s.json", self.good("inspect", "s.st", "--config"))
        self.assertEqual(self.train("again.st", "pairs.csv", "--implicit", "--config", "s.json"),
                         (self.path / "s.st").read_bytes())


if __name__ == "__main__":
    tool.main()
