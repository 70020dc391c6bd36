#!/usr/bin/env python3
"""descent blend from end to end, and a blend in the hands of every command that asks a model."""
import csv
import io
import json
import pathlib
import signal
import subprocess
import time

import tool

PERCEPTRON = "form=perceptron epochs=3 factors=4 hidden=8,4"
DOT = "form=dot epochs=20 factors=3 ridge=2"
HISTORIES = "epochs=20 factors=3 ridge=2 ridge-user-history=4 ridge-item-history=4"
ALL = [word for text in (PERCEPTRON, DOT, HISTORIES) for word in ("--member", text)]


class Blend(tool.ToolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cls.run_tool("blend", "ratings.csv", "-o", "blend.st", *ALL)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        cls.said = done.stderr

    def bytes_of(self, name):
        return (self.path / name).read_bytes()

    def test_says_what_it_did(self):
        for words in ("40 users", "training 1 of 6: member", "training 6 of 6: member",
                      "weight    RMSE  member", "perceptron 8-4, 4 factors",
                      "dot product, 3 factors",
                      "dot product with histories of users and items, 3 factors",
                      "held out ratings", "best member", "equal weights",
                      "Saved the model to blend.st"):
            self.assertIn(words, self.said)

    def test_quiet_is_silent(self):
        done = self.run_tool("blend", "ratings.csv", "-o", "q.st", "-q", *ALL)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.bytes_of("q.st"), self.bytes_of("blend.st"))

    def test_threads_change_no_byte(self):
        for threads in ("1", "2", "7"):
            self.good("blend", "ratings.csv", "-o", "t.st", "--threads", threads, *ALL)
            self.assertEqual(self.bytes_of("t.st"), self.bytes_of("blend.st"))

    def test_json(self):
        result = json.loads(self.good("blend", "ratings.csv", "-o", "j.st", "--json", "--folds",
                                      "3", "--seed", "7", *ALL))
        n_ratings = len((self.path / "ratings.csv").read_text().splitlines()) - 1
        self.assertEqual((result["model"], result["users"], result["items"], result["ratings"]),
                         ("j.st", 40, 30, n_ratings))
        self.assertEqual(result["held_out"], n_ratings)  # all of them, in turn
        self.assertEqual([m["seed"] for m in result["members"]], ["7", "8", "9"])
        self.assertAlmostEqual(sum(m["weight"] for m in result["members"]), 1)
        self.assertLess(result["validation_rmse"], max(m["rmse"] for m in result["members"]))

    def test_one_member_is_that_model(self):
        self.good("blend", "ratings.csv", "-o", "one.st", "--member", PERCEPTRON + " weight=3")
        self.assertEqual(self.good("predict", "one.st", "ratings.csv", "--csv"),
                         self.good("predict", "model.safetensors", "ratings.csv", "--csv"))
        self.assertEqual(self.good("recommend", "one.st", "--all", "--csv"),
                         self.good("recommend", "model.safetensors", "--all", "--csv"))

    def test_given_weights(self):
        done = self.run_tool("blend", "ratings.csv", "-o", "g.st", "--member", DOT + " weight=1",
                             "--member", PERCEPTRON + " weight=3", "--json")
        result = json.loads(done.stdout)
        self.assertEqual([m["weight"] for m in result["members"]], [0.25, 0.75])
        self.assertEqual((result["held_out"], result["validation_rmse"]), (0, None))
        self.assertNotIn("of 4", done.stderr)  # trained once each
        listed = json.loads(self.good("inspect", "g.st", "--json"))
        self.assertEqual([m["weight"] for m in listed["members"]], [0.75, 0.25])
        self.assertIsNone(listed["validation_rmse"])

    def test_a_prediction_is_the_weighted_mean(self):
        alone = []
        for text in (DOT, PERCEPTRON):
            options = ["--" + word for word in text.split()]
            self.good("train", "ratings.csv", "-o", "alone.st", "--seed", str(1 + len(alone)),
                      *options)
            alone.append([float(row["rating"]) for row in csv.DictReader(io.StringIO(
                self.good("predict", "alone.st", "ratings.csv", "--csv")))])
        self.good("blend", "ratings.csv", "-o", "mean.st", "--equal", "--member", DOT, "--member",
                  PERCEPTRON)
        rows = csv.DictReader(io.StringIO(self.good("predict", "mean.st", "ratings.csv", "--csv")))
        n_inside = 0
        for row, one, two in zip(rows, *alone, strict=True):
            if 1 < min(one, two) and max(one, two) < 5:  # neither was clipped
                self.assertAlmostEqual(float(row["rating"]), (one + two) / 2, places=5)
                n_inside += 1
        self.assertGreater(n_inside, 100)

    def test_a_member_in_a_file(self):
        self.write("member.json", '{"form": "dot", "epochs": 20, "factors": 3, "ridge": 2}')
        self.good("blend", "ratings.csv", "-o", "f.st", "--member", PERCEPTRON, "--member",
                  "member.json", "--member", HISTORIES)
        self.assertEqual(self.bytes_of("f.st"), self.bytes_of("blend.st"))

    def test_a_member_that_does_not_help_is_left_away(self):
        done = self.run_tool("blend", "ratings.csv", "-o", "l.st", "--folds", "3", "--member",
                             "form=dot epochs=20 factors=3 ridge=40", "--member",
                             "form=dot epochs=20 factors=3 ridge=1e9 ridge-biases=1e9")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"\n  0\.0000  \d\.\d{4}  dot product, 3 factors: left away\n")
        self.assertEqual(len(json.loads(self.good("inspect", "l.st", "--json"))["members"]), 1)

    def test_the_usual_members(self):
        self.good("split", "ratings.csv", "-o", "parts", "-q")
        done = self.run_tool("blend", "parts/train.csv", "-o", "u.st")
        self.assertEqual(done.returncode, 0, done.stderr)
        before = self.bytes_of("u.st")
        test = self.path / "parts" / "test.csv"
        error = json.loads(self.good("evaluate", "u.st", str(test), "--json"))
        self.assertLess(error["model"]["rmse"], error["mean"]["rmse"])
        test.write_text("u1,i1,1\n", encoding="utf-8")  # the test file changes no byte
        self.good("blend", "parts/train.csv", "-o", "u.st", "-q")
        self.assertEqual(before, self.bytes_of("u.st"))

    def test_every_command_takes_a_blend(self):
        self.assertIn("Member 1 of", self.good("inspect", "blend.st"))
        self.assertEqual(len(self.good("recommend", "blend.st", "--all", "-n", "2", "--csv")
                             .splitlines()), 1 + 2 * 40)
        self.assertIn("similarity", self.good("similar", "blend.st", "--item", "i3"))
        told = json.loads(self.good("explain", "blend.st", "--user", "u1", "--item", "i2",
                                    "--json"))
        self.assertIn("prediction", json.dumps(told))
        self.assertIn("model", json.loads(self.good("evaluate", "blend.st", "ratings.csv",
                                                    "--json")))
        self.write("new.csv", "newcomer,i1,5\nnewcomer,i2,1\nnewcomer,i3,5\n")
        shown = self.good("recommend", "blend.st", "--user", "newcomer", "--ratings", "new.csv",
                          "--csv", "-n", "5")
        items = [row["item"] for row in csv.DictReader(io.StringIO(shown))]
        self.assertGreater(sum(int(item[1:]) % 2 for item in items), 2)  # who likes odd items

    def test_an_interrupt_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen(
                [tool.DESCENT, "blend", "ratings.csv", "-o", "never.st", "--member",
                 "form=perceptron epochs=1000000 holdout=0", "--member",
                 "form=mixed epochs=1000000 holdout=0"],
                cwd=self.path, stderr=subprocess.PIPE, text=True)
            while not self.catches_interrupt(process.pid):
                time.sleep(0.01)
            process.send_signal(number)
            said = process.communicate(timeout=tool.TIMEOUT_S)[1]
            self.assertEqual(process.returncode, 130)
            self.assertTrue(said.endswith("interrupted after 0 trainings; nothing was saved\n"))
            self.assertFalse((self.path / "never.st").exists())

    @staticmethod
    def catches_interrupt(pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        return int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1


if __name__ == "__main__":
    tool.main()
