#!/usr/bin/env python3
"""Files without ratings, pairs and lists, from end to end."""
import csv
import gzip
import io

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


if __name__ == "__main__":
    tool.main()
