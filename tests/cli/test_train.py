#!/usr/bin/env python3
"""descent train: what it reads and says, what it saves where, and what it refuses to read or to replace."""
import gzip
import json
import random

import tool


class Train(tool.ToolTest):
    def test_says_what_it_read_and_did(self):
        done = self.run_tool("train", "ratings.csv", "-o", "said.st", *tool.FEW_EPOCHS)
        self.assertEqual(done.stdout, "")
        for words in ("delimiter comma", "a header line", "user 1, item 2, rating 3", "40 users",
                      "30 items", "Scale 1 to 5", "####", "epoch 3 of at most 3",
                      "RMSE on the held out ratings", "Saved the model to said.st"):
            self.assertIn(words, done.stderr)

    def test_quiet_is_silent(self):
        done = self.run_tool("train", "ratings.csv", "-o", "q.st", "-q", *tool.FEW_EPOCHS)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_a_model_that_learned_nothing_is_told_of_and_saved(self):
        done = self.run_tool("train", "ratings.csv", "-o", "wild.st", "-q", "--rate", "10",
                             "--form", "perceptron")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("warning: the model is no better than predicting the mean", done.stderr)
        self.assertIn("its RMSE on the held out ratings", done.stderr)
        self.assertIn("another --rate than 10 (smaller where", done.stderr)
        self.assertTrue((self.path / "wild.st").is_file())
        done = self.run_tool("train", "ratings.csv", "-o", "wild.st", "-q", "--rate", "10",
                             "--holdout", "0", "--epochs", "2", "--form", "perceptron")
        self.assertIn("its RMSE on the training ratings", done.stderr)
        done = self.run_tool("train", "ratings.csv", "-o", "still.st", "-q", "--rate", "1e-9",
                             "--holdout", "0", *tool.FEW_EPOCHS)
        self.assertIn("another --rate than 1e-09", done.stderr)
        self.assertIn("larger where they hardly move", done.stderr)
        drawn = random.Random(1)
        self.write("noise.csv", "".join(f"u{user},i{item},{drawn.randint(1, 5)}\n"
                                        for user in range(40) for item in range(30)
                                        if drawn.random() < 0.4))
        done = self.run_tool("train", "noise.csv", "-o", "noise.st", "-q")
        self.assertIn("its RMSE on the ratings held out in the trials is", done.stderr)
        self.assertIn("these ratings show no tastes that it can find", done.stderr)

    def test_equal_ratings_leave_nothing_to_be_better_at(self):
        self.write("equal.csv", "a,b,3\nb,c,3\nc,d,3\n")
        done = self.run_tool("train", "equal.csv", "-o", "equal.st", "-q", *tool.FEW_EPOCHS)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_json_result(self):
        out = self.good("train", "ratings.csv", "-o", "j.st", "--json", *tool.FEW_EPOCHS)
        result = json.loads(out)
        self.assertEqual((result["model"], result["users"], result["items"]), ("j.st", 40, 30))
        self.assertLessEqual(result["best_epoch"], result["epochs"])
        self.assertGreater(result["validation_rmse"], 0)

    def test_without_holdout_there_is_no_validation_error(self):
        out = self.good("train", "ratings.csv", "-o", "h.st", "--json", "--holdout", "0",
                        *tool.FEW_EPOCHS)
        result = json.loads(out)
        self.assertIsNone(result["validation_rmse"])
        self.assertEqual((result["epochs"], result["best_epoch"]), (3, 3))

    def test_seeds_have_64_bits(self):
        errors = set()
        for seed in (0, 2**32 - 1, 2**32, 2**63, 2**64 - 1):
            self.good("train", "ratings.csv", "-o", "s.st", "--seed", str(seed), *tool.FEW_EPOCHS)
            facts = json.loads(self.good("inspect", "s.st", "--json"))
            self.assertEqual(facts["config"]["seed"], str(seed))
            self.assertRegex(self.good("inspect", "s.st"), rf"--seed +{seed}\n")
            errors.add(facts["train_rmse"])
        self.assertEqual(len(errors), 5)
        err = self.bad(2, "train", "ratings.csv", "-o", "s.st", "--seed", str(2**64))
        self.assertIn("18446744073709551616 is out of range; expected 0 to 2^64 - 1", err)

    def test_same_seed_same_bytes(self):
        for name, seed in (("a.st", "7"), ("b.st", "7"), ("c.st", "8")):
            self.good("train", "ratings.csv", "-o", name, "--seed", seed, *tool.FEW_EPOCHS)
        a, b, c = ((self.path / name).read_bytes() for name in ("a.st", "b.st", "c.st"))
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_the_default_form_tries_strengths_and_says_so(self):
        done = self.run_tool("train", "ratings.csv", "-o", "tried.st", "--epochs", "12")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("trial 1, L2 x 1: epoch 1 of at most 12", "trial 2, L2 x 1, no histories: epoch 10", "trial 3, L2 x 0.5: epoch 10",
                      "\nepoch 12 of at most 12: training RMSE",
                      "RMSE on the ratings held out in the trials", "Saved the model"):
            self.assertIn(words, done.stderr)
        for name in ("once.st", "again.st"):
            self.good("train", "ratings.csv", "-o", name, "-q", "--epochs", "12")
        self.assertEqual((self.path / "once.st").read_bytes(), (self.path / "again.st").read_bytes())
        self.assertEqual((self.path / "once.st").read_bytes(), (self.path / "tried.st").read_bytes())

    def test_reading_options(self):
        text = "a;x;5;9\nb;x;4;9\nb;y;1;9\na;y;2;9\n"
        self.write("odd.txt", text)
        self.good("train", "odd.txt", "-o", "odd.st", "--delimiter", "semicolon", "--header", "no",
                  "--columns", "2,1,4", "--holdout", "0", *tool.FEW_EPOCHS)
        self.assertEqual(json.loads(self.good("inspect", "odd.st", "--json"))["max"], 9)

    def test_compressed_input_and_standard_input(self):
        text = (self.path / "ratings.csv").read_bytes()
        self.write("r.csv.gz", gzip.compress(text))
        self.good("train", "r.csv.gz", "-o", "gz.st", *tool.FEW_EPOCHS)
        self.good("train", "-", "-o", "in.st", *tool.FEW_EPOCHS, stdin=text.decode())
        plain = (self.path / "model.safetensors").read_bytes()
        self.assertEqual((self.path / "gz.st").read_bytes(), plain)
        self.assertEqual((self.path / "in.st").read_bytes(), plain)

    def test_bad_lines_stop_or_are_counted(self):
        text = (self.path / "ratings.csv").read_text() + "u1,i1,many\nu1,i2\n"
        n_lines = text.count("\n")
        self.write("bad.csv", text)
        message = self.bad(3, "train", "bad.csv", "-o", "never.st")
        self.assertIn(f"bad.csv:{n_lines - 1}:7: ", message)
        self.assertFalse((self.path / "never.st").exists())
        done = self.run_tool("train", "bad.csv", "-o", "skip.st", "-q", "--on-error", "skip",
                             *tool.FEW_EPOCHS)
        self.assertEqual(done.returncode, 0)
        self.assertIn("skipped 2 lines", done.stderr)
        self.assertIn(f"bad.csv:{n_lines - 1}:7", done.stderr)

    def test_duplicates_and_unread_columns_are_said(self):
        text = "user,item,rating,mood,time\n" + "".join(
            f"u{u},i{i},{(u + i) % 5 + 1},good,{u}\n" for u in range(9) for i in range(9))
        self.write("dup.csv", text + "u1,i1,5,bad,7\n")
        done = self.run_tool("train", "dup.csv", "-o", "dup.st", *tool.FEW_EPOCHS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 rating was replaced by a later line", done.stderr)
        self.assertIn("not read: column 4\n", done.stderr)
        done = self.run_tool("train", "-", "-o", "dup.st", "-q", *tool.FEW_EPOCHS,
                             stdin=(self.path / "dup.csv").read_text())
        self.assertIn("standard input: 1 rating was replaced", done.stderr)

    def test_unread_columns_are_all_named(self):
        others = ",".join(f"c{n}" for n in range(5, 200))
        self.write("broad.csv", f"a,user,item,b,c,rating,d,e,{others}\n" + "".join(
            f"0,u{u},i{u},0,0,{u % 5 + 1},0,0," + ",".join("0" * 195) + "\n" for u in range(9)))
        done = self.run_tool("train", "broad.csv", "-o", "broad.st", *tool.FEW_EPOCHS)
        self.assertIn("not read: columns 1, 4, 5, 7 to 203\n", done.stderr)

    def test_a_line_with_a_field_too_many_stops_or_is_said(self):
        (self.path / "wide.csv").write_text("user,item,rating\na,x,4\nb,Seven, 7, 4\nc,y,3\n")
        done = self.run_tool("train", "wide.csv", "-o", "w.st", "-q", *tool.FEW_EPOCHS)
        self.assertEqual(done.returncode, 3)
        self.assertIn("wide.csv:3:13: found 4 fields", done.stderr)
        self.assertFalse((self.path / "w.st").exists())
        done = self.run_tool("train", "wide.csv", "-o", "w.st", "-q", "--columns", "1,2,3",
                             *tool.FEW_EPOCHS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 line has more fields than the 3 of most lines", done.stderr)

    def test_empty_file(self):
        self.write("empty.csv", "")
        self.assertIn("empty.csv", self.bad(3, "train", "empty.csv", "-o", "never.st"))

    def test_an_impossible_rate_is_named_with_its_epoch(self):
        message = self.bad(1, "train", "ratings.csv", "-o", "never.st", "--optimizer", "sgd",
                           "--rate", "1e30", "-q", "--form", "perceptron")
        self.assertIn("epoch", message)
        self.assertFalse((self.path / "never.st").exists())


class Destination(tool.ToolTest):
    def test_what_cannot_be_replaced_is_refused_before_training(self):
        tool_said = self.bad(5, "train", "ratings.csv", "-o", "/dev/null")
        self.assertNotIn("epoch", tool_said)

    def test_the_ratings_are_never_overwritten(self):
        self.write("mine.csv", (self.path / "ratings.csv").read_bytes())
        (self.path / "link.csv").symlink_to("mine.csv")
        for name in ("mine.csv", "link.csv"):
            self.bad(2, "train", "mine.csv", "-o", name)
        self.assertEqual((self.path / "mine.csv").read_bytes(),
                         (self.path / "ratings.csv").read_bytes())

    def test_a_write_protected_file_is_kept(self):
        self.write("kept", "kept")
        (self.path / "kept").chmod(0o444)
        self.bad(5, "train", "ratings.csv", "-o", "kept")
        self.assertEqual((self.path / "kept").read_text(), "kept")


class Endless(tool.ToolTest):
    def test_a_line_without_end_is_refused_at_once(self):
        self.bad(3, "train", "/dev/zero", "-o", "m")


if __name__ == "__main__":
    tool.main()
