#!/usr/bin/env python3
"""Files without ratings, pairs and lists, from end to end."""
import csv
import gzip
import io
import json
import math

import tool


def pairs_of(text):
    return {(row["user"], row["item"]) for row in csv.DictReader(io.StringIO(text, newline=""))}


class Reading(tool.ToolTest):
    def setUp(self):
        lines = (self.path / "ratings.csv").read_text().splitlines()[1:]
        self.pairs = [line.split(",")[:2] for line in lines]
        lists = {}
        for user, item in self.pairs:
            lists.setdefault(user, []).append(item)
        self.write("pairs.csv", "".join(f"{user},{item}\n" for user, item in self.pairs))
        self.write("lists.txt", "".join(" ".join([user, *items]) + "\n"
                                        for user, items in lists.items()))

    def split(self, name, folder, *options):
        done = self.run_tool("split", name, "-o", folder, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr, [(self.path / folder / part).read_text()
                             for part in ("train.csv", "test.csv")]

    def test_all_forms_split_alike_and_are_read_back(self):
        said, parts = self.split("ratings.csv", "of-ratings", "--implicit")
        self.assertIn("columns: user 1, item 2\n  not read: column 3\n", said)
        self.assertEqual(self.split("pairs.csv", "of-pairs", "--implicit")[1], parts)
        said, of_lists = self.split("lists.txt", "of-lists", "--lists")
        self.assertEqual(of_lists, parts)
        self.assertRegex(said, r"delimiter blank, no header line\n  lists: 40 of \d+ to \d+ items")
        self.assertRegex(said, r"train.csv: \d+ interactions of 40 users and 30 items")
        self.assertTrue(parts[0].startswith("user,item\nu0,"))
        self.assertEqual(pairs_of(parts[0]) | pairs_of(parts[1]), {tuple(p) for p in self.pairs})
        said, again = self.split("of-lists/train.csv", "again", "--implicit")
        self.assertIn("delimiter comma, a header line\n  columns: user 1, item 2\n", said)
        self.assertEqual(pairs_of(again[0]) | pairs_of(again[1]), pairs_of(parts[0]))

    def test_lists_one_after_the_other_are_those_of_both(self):
        lines = (self.path / "lists.txt").read_text().splitlines()
        halves = [[], []]
        for line in lines:
            user, *items = line.split()
            for half in (0, 1):
                halves[half].append(" ".join([user, *items[half::2]]) + " \r\n")
        self.write("both.gz", b"".join(gzip.compress("".join(h).encode()) for h in halves))
        said, parts = self.split("both.gz", "of-both", "--lists")
        self.assertIn("compressed with gzip", said)
        self.assertIn("; 40 of a user who had a line before, put together", said)
        self.assertEqual(pairs_of(parts[0]) | pairs_of(parts[1]), {tuple(p) for p in self.pairs})

    def test_times_are_kept(self):
        self.write("timed.tsv", "user\titem\ttimestamp\na\tx\t5\na\ty\t7\na\tz\t6\n")
        _, parts = self.split("timed.tsv", "timed", "--implicit", "-p", "leave-one-out")
        self.assertEqual(parts, ["user,item,time\na,x,5\na,z,6\n", "user,item,time\na,y,7\n"])

    def test_what_is_odd_is_said(self):
        self.write("odd.txt", "a x y\nb\na y z\n\nc x x\n")
        said, _ = self.split("odd.txt", "odd", "--lists")
        self.assertIn("lists: 3 of 2 items, 1 without any; 1 of a user who had a line before", said)
        self.assertIn("odd.txt: 2 pairs of user and item were there before and count once; the "
                      "first such line is 3", said)
        self.assertIn("every line has 3 fields and users come in several lines, as in files of one "
                      "pair a line with a rating", said)
        self.write("rows.csv", "a,x\nb,y\na,x\n")
        said, _ = self.split("rows.csv", "rows", "--implicit")
        self.assertIn("1 pair of user and item was there before and counts once", said)

    def test_files_without_ratings_name_the_option(self):
        self.assertIn("read with --implicit", self.bad(3, "split", "pairs.csv", "-o", "none"))
        self.assertIn("read with --lists", self.bad(3, "split", "lists.txt", "-o", "none"))


class Evaluating(tool.ToolTest):
    """Lists of items that were not in training, by a model of ratings."""

    def setUp(self):
        known = {tuple(line.split(",")[:2])
                 for line in (self.path / "ratings.csv").read_text().splitlines()[1:]}
        self.tested = {f"u{u}": [f"i{i}" for i in range(30)
                                 if (f"u{u}", f"i{i}") not in known and (u + 2 * i) % 5 == 0]
                       for u in range(40)}
        self.tested["u3"].append("novelty")
        self.tested["stranger"] = ["i2", "i5"]
        self.tested["idle"] = []
        self.write("test.txt", "".join(" ".join([user, *items]) + "\n"
                                       for user, items in self.tested.items()))
        self.write("test.csv", "".join(f"{user},{item}\n" for user, items in self.tested.items()
                                       for item in items))

    def rank(self, name, how, *options):
        return self.good("evaluate", "model.safetensors", name, how, "--ranking", "-q", *options)

    def test_lists_and_pairs_are_the_same(self):
        result = json.loads(self.rank("test.txt", "--lists", "--json"))
        self.assertEqual(result, json.loads(self.rank("test.csv", "--implicit", "--json")))
        self.assertIsNone(result["relevant_from"])
        n_users = sum(1 for items in self.tested.values() if items)
        self.assertEqual((result["ranked_users"], result["users"], result["unknown_users"]),
                         (n_users, n_users, 1))
        self.assertEqual(result["relevant_pairs"], sum(map(len, self.tested.values())))
        self.assertEqual(result["unknown_pairs"], 1)
        out = self.rank("test.txt", "--lists")
        self.assertIn(f"relevant: all {result['relevant_pairs']} test interactions", out)
        self.assertIn("among all 30 items but those that the user had in training", out)
        rated = json.loads(self.rank("test.txt", "--lists", "--negatives", "5", "--json"))
        self.assertEqual(rated["candidates"], "5 sampled")

    def test_recall_and_ndcg_from_the_lists_of_recommend(self):
        """The definitions of the literature, from what recommend prints: no ties in it."""
        k = 5
        known = {user: items for user, items in self.tested.items() if user != "stranger" and items}
        self.write("known.txt", "".join(" ".join([u, *items]) + "\n" for u, items in known.items()))
        result = json.loads(self.rank("known.txt", "--lists", "-k", str(k), "--json"))["model"]
        recall, ndcg = [], []
        for user, items in known.items():
            shown = csv.DictReader(io.StringIO(self.good(
                "recommend", "model.safetensors", "--csv", "-n", str(k), "--user", user)))
            hits = [row["item"] in items for row in shown]
            recall.append(sum(hits) / len(items))
            ideal = sum(1 / math.log2(p + 2) for p in range(min(k, len(items))))
            ndcg.append(sum(hit / math.log2(p + 2) for p, hit in enumerate(hits)) / ideal)
        self.assertAlmostEqual(result[f"recall@{k}"], sum(recall) / len(recall), places=8)
        self.assertAlmostEqual(result[f"ndcg@{k}"], sum(ndcg) / len(ndcg), places=8)

    def test_given_negatives(self):
        users = [user for user, items in self.tested.items() if items]
        self.write("given.txt", "".join(f"({user},x) i0 i1 i2 i3 i4\n" for user in users))
        of_lists = self.rank("test.txt", "--lists", "--negatives-file", "given.txt", "--json")
        self.assertEqual(json.loads(of_lists)["candidates"], "given")
        self.assertEqual(of_lists, self.rank("test.csv", "--implicit", "--negatives-file",
                                             "given.txt", "--json"))

    def test_there_is_nothing_to_predict(self):
        for how in ("--implicit", "--lists"):
            self.assertIn(f"{how}: such a file has no ratings to predict; --ranking",
                          self.bad(2, "evaluate", "model.safetensors", "test.csv", how))
            self.assertIn("--relevant: belongs to ratings",
                          self.bad(2, "evaluate", "model.safetensors", "test.csv", how,
                                   "--ranking", "--relevant", "4"))

    def test_what_was_in_training_is_said(self):
        known = (self.path / "ratings.csv").read_text().splitlines()[1].split(",")
        self.write("seen.txt", f"{known[0]} {known[1]}\nu1 {self.tested['u1'][0]}\n")
        done = self.run_tool("evaluate", "model.safetensors", "seen.txt", "--lists", "--ranking")
        self.assertIn("seen.txt: the model was trained on 1 of these pairs; they are not ranked",
                      done.stderr)


if __name__ == "__main__":
    tool.main()
