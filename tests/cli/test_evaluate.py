#!/usr/bin/env python3
"""evaluate --ranking, validate and split from end to end, and what they promise each other."""
import csv
import io
import json
import math
import signal
import statistics
import subprocess

import tool

PROTOCOLS = [["holdout", "--test-share", "0.3"], ["folds", "--folds", "3"], ["leave-one-out"],
             ["time"]]
PREDICTORS = ["model", "dot", "popularity", "biases", "mean"]


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def pairs_of(path):
    return {(row["user"], row["item"]): row for row in rows(path.read_text())}


class EvaluatorTest(tool.ToolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tool.make_ratings(cls.path / "timed.csv", with_times=True)

    def parts(self, *options):
        """Splits timed.csv into a folder of its own; the folder."""
        self.n_parts = getattr(self, "n_parts", 0) + 1
        folder = f"parts-{self.id()}-{self.n_parts}"
        self.good("split", "timed.csv", "-o", folder, "-q", *options)
        return folder


class Ranking(EvaluatorTest):
    def rank(self, *options):
        return self.good("evaluate", "model.safetensors", "test.csv", "--ranking", *options)

    def setUp(self):
        known = pairs_of(self.path / "ratings.csv")
        lines = [f"u{u},i{i},{5 if u % 2 == i % 2 else 1}\n" for u in range(30) for i in range(30)
                 if (f"u{u}", f"i{i}") not in known and (u + i) % 3 == 0]
        self.write("test.csv", "".join(lines) + "stranger,i2,5\nu1,novelty,5\nu2,i1,1\n")

    def test_json_and_csv_agree(self):
        result = json.loads(self.rank("-k", "3,40", "--json"))
        table = rows(self.rank("-k", "3,40", "--csv"))
        self.assertEqual((result["candidates"], result["negatives"], result["items"]),
                         ("all", None, 30))
        self.assertEqual((result["unknown_users"], result["unknown_pairs"]), (1, 1))
        self.assertEqual([row["predictor"] for row in table], [p for p in PREDICTORS
                                                               for _ in range(23)])
        for row in table:
            name = row["metric"] + (f"@{row['k']}" if row["k"] else "")
            self.assertEqual(float(row["value"]), result[row["predictor"]][name])
            self.assertEqual((row["candidates"], row["low"], row["high"]), ("all", "", ""))
            self.assertEqual(int(row["ranked_users"]), result["ranked_users"])
        self.assertEqual(result["model"]["coverage@40"], 1)

    def test_the_dot_product_is_a_usual_training(self):
        """What stands beside any model is what train and evaluate say of it by themselves."""
        n = len(pairs_of(self.path / "ratings.csv"))
        ridge = 15.3 * (n / 80000) ** 0.22 * (12 / 15.3)
        self.good("train", "ratings.csv", "-o", "dot.st", "-q", "--form", "dot", "--factors", "16",
                  "--epochs", "60", "--ridge", repr(ridge), "--ridge-power", "0")
        for options in (["--json"], ["--json", "--confidence", "0.9"]):
            for measures in ([], ["--ranking", "--negatives", "4"]):
                of_dot = json.loads(self.good("evaluate", "dot.st", "test.csv", *options,
                                              *measures))
                beside = json.loads(self.good("evaluate", "model.safetensors", "test.csv",
                                              *options, *measures))
                self.assertEqual(beside["dot"], of_dot["model"])
                self.assertNotEqual(beside["dot"], beside["model"])

    def test_baselines_that_take_no_training(self):
        for measures in ([], ["--ranking"]):
            everything = json.loads(self.good("evaluate", "model.safetensors", "test.csv",
                                              "--json", *measures))
            fast = json.loads(self.good("evaluate", "model.safetensors", "test.csv", "--json",
                                        "--baselines", "fast", *measures))
            del everything["dot"]
            self.assertEqual(fast, everything)
            for name in ("all", "fast"):
                text = self.good("evaluate", "model.safetensors", "test.csv", "--baselines", name,
                                 *measures)
                self.assertEqual("dot" in text, name == "all")
        text = self.good("evaluate", "model.safetensors", "test.csv")
        self.assertRegex(text, r"(?m)^dot .* biases and a plain dot product")
        text = self.good("evaluate", "model.safetensors", "test.csv", "--baselines", "fast")
        self.assertRegex(text, r"(?m)^biases .* how liked the item is$")
        self.assertRegex(text, r"(?m)^mean .* the mean training rating every time$")

    def test_equal_ratings_teach_a_dot_product_nothing(self):
        self.write("equal.csv", "".join(f"u{u},i{i},1\n" for u in range(9) for i in range(9)
                                        if (u + i) % 2))
        self.good("train", "equal.csv", "-o", "equal.st", "-q", "--epochs", "3")
        self.write("test.csv", "u1,i1,1\nu2,i2,1\n")
        for measures in ([], ["--ranking"]):
            done = self.run_tool("evaluate", "equal.st", "test.csv", "-q", "--json", *measures)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("dot", json.loads(done.stdout))
            self.assertIn("all training ratings are equal", done.stderr)

    def test_sampled_rankings_are_labelled(self):
        result = json.loads(self.rank("--negatives", "5", "--json"))
        self.assertEqual((result["candidates"], result["negatives"]), ("5 sampled", 5))
        self.assertNotIn("coverage@10", result["model"])
        table = rows(self.rank("--negatives", "5", "--csv"))
        self.assertEqual({row["candidates"] for row in table}, {"5 sampled"})
        self.assertIn("among 5 sampled negatives a user: not to be compared", self.rank(
            "--negatives", "5"))
        self.assertIn("among all 30 items but those", self.rank())
        self.assertNotEqual(self.rank("--negatives", "5"), self.rank("--negatives", "5", "-s", "2"))
        self.assertEqual(self.rank("--negatives", "5"), self.rank("--negatives", "5", "-s", "1"))

    def test_what_is_relevant(self):
        everything = json.loads(self.rank("--relevant", "1", "--json"))
        liked = json.loads(self.rank("--json"))
        self.assertEqual(liked["relevant_pairs"], json.loads(self.rank("--relevant", "5", "--json"))
                         ["relevant_pairs"])
        self.assertGreater(everything["relevant_pairs"], liked["relevant_pairs"])
        self.assertIn("(the mean training rating)", self.rank())
        self.assertNotIn("(the mean training rating)", self.rank("--relevant", "4"))
        self.assertIn("no user has a relevant item",
                      self.bad(3, "evaluate", "-q", "model.safetensors", "test.csv", "--ranking",
                               "--relevant", "6"))

    def test_given_negatives(self):
        users = [f"u{u}" for u in range(30)] + ["stranger"]
        self.write("given.txt", "".join(f"({u},9)\ti0\ti2\ti4\tnut\n" for u in users))
        done = self.run_tool("evaluate", "model.safetensors", "test.csv", "--ranking",
                             "--negatives-file", "given.txt", "--json", "-q")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["candidates"], "given")
        self.assertRegex(done.stderr, r"given.txt: \d+ negatives are items that their user is")
        self.write("given.txt", "u1 i0\n")
        self.assertIn("there are none for the user \"u0\"",
                      self.bad(3, "evaluate", "-q", "model.safetensors", "test.csv", "--ranking",
                               "--negatives-file", "given.txt"))
        self.write("given.txt", "u1 i0\nu2\n")
        self.assertIn("given.txt:2:3: found no negatives",
                      self.bad(3, "evaluate", "-q", "model.safetensors", "test.csv", "--ranking",
                               "--negatives-file", "given.txt"))
        self.bad(5, "evaluate", "-q", "model.safetensors", "test.csv", "--ranking",
                 "--negatives-file", "missing.txt")

    def test_what_was_in_training_is_said(self):
        done = self.run_tool("evaluate", "model.safetensors", "ratings.csv", "--ranking", "-q")
        self.assertEqual(done.returncode, 3)
        known = (self.path / "ratings.csv").read_text().splitlines()[1]
        self.write("test.csv", (self.path / "test.csv").read_text() + known + "\n")
        done = self.run_tool("evaluate", "model.safetensors", "test.csv", "--ranking", "-q")
        self.assertIn("test.csv: the model was trained on 1 of these pairs; they are not ranked",
                      done.stderr)

    def test_intervals(self):
        for options in ([], ["--ranking"]):
            with_them = json.loads(self.good("evaluate", "model.safetensors", "test.csv", "--json",
                                             "--confidence", "0.9", *options))
            without = json.loads(self.good("evaluate", "model.safetensors", "test.csv", "--json",
                                           *options))
            self.assertEqual(with_them["confidence"], 0.9)
            ranges = with_them["model"].pop("ranges")
            self.assertEqual(with_them["model"], without["model"])
            self.assertEqual(set(ranges), set(without["model"]))
            for name, (low, high) in ranges.items():
                if low is not None:
                    self.assertTrue(low <= with_them["model"][name] <= high, name)
        self.assertEqual([name for name in ranges if ranges[name] == [None, None]],
                         ["coverage@10", "gini@10"])
        out = self.good("evaluate", "model.safetensors", "test.csv", "--confidence", "0.9")
        self.assertRegex(out, r"(?m)^model +\d\.\d{4}-\d\.\d{4} ")
        table = rows(self.good("evaluate", "model.safetensors", "test.csv", "--confidence", "0.9",
                               "--csv"))
        for row in table:
            self.assertTrue(float(row["rmse_low"]) < float(row["rmse"]) < float(row["rmse_high"]))
        self.assertIn("90 % interval", self.rank("--confidence", "0.9"))


class Newcomers(EvaluatorTest):
    """Users who are not in the model, folded in from a part of what they rated."""

    def setUp(self):
        rated = [(f"new{u}", f"i{i}", 5 if u % 2 == i % 2 else 1)
                 for u in range(8) for i in range(30) if (u + i) % 3]
        lines = [f"{user},{item},{rating}\n" for user, item, rating in rated]
        self.write("given.csv", "".join(lines[0::2]) + "u1,i1,5\n")
        self.write("others.csv", "".join(lines[1::2]) + "u2,novelty,3\nnobody,i3,2\n")

    def evaluate(self, *options):
        return self.good("evaluate", "model.safetensors", "others.csv", "-q", *options)

    def test_errors_are_those_of_predict(self):
        result = json.loads(self.evaluate("--ratings", "given.csv", "--json"))
        known = [float(line.split(",")[2]) for line in
                 (self.path / "others.csv").read_text().splitlines()]
        predicted = [float(row["rating"]) for row in rows(self.good(
            "predict", "model.safetensors", "others.csv", "--ratings", "given.csv", "--csv", "-q"))]
        squares = [(p - k) ** 2 for p, k in zip(predicted, known)]
        self.assertAlmostEqual(result["model"]["rmse"], math.sqrt(statistics.mean(squares)),
                               places=5)
        self.assertEqual((result["folded_users"], result["folded_items"], result["unknown_users"],
                          result["unknown_items"], result["fallback_pairs"], result["seen_pairs"]),
                         (8, 0, 1, 1, 2, 0))
        without = json.loads(self.evaluate("--json"))
        self.assertEqual(result["fallback"], without["model"])
        self.assertNotIn("fallback", without)
        self.assertEqual((without["folded_users"], without["unknown_users"]), (0, 9))

    def test_the_fallback_stands_beside_it(self):
        out = self.evaluate("--ratings", "given.csv", "--confidence", "0.9")
        self.assertRegex(out, r"(?m)^fallback +\d\.\d{4} .* the same without what came after training")
        self.assertIn("folded in from what came after training: users 8, items 0", out)
        self.assertNotIn("fallback ", self.evaluate())
        table = rows(self.evaluate("--ratings", "given.csv", "--csv"))
        self.assertEqual([row["predictor"] for row in table],
                         ["model", "fallback", "dot", "biases", "mean"])

    def test_rankings(self):
        result = json.loads(self.evaluate("--ratings", "given.csv", "--ranking", "--json"))
        self.assertEqual((result["folded_users"], result["unknown_users"]), (8, 0))
        self.assertIn("folded in from what came after training: users 8",
                      self.evaluate("--ratings", "given.csv", "--ranking"))
        self.assertEqual(json.loads(self.evaluate("--ranking", "--json"))["folded_users"], 0)

    def test_what_was_given_is_said(self):
        done = self.run_tool("evaluate", "model.safetensors", "given.csv", "-q", "--ratings",
                             "given.csv")
        self.assertRegex(done.stderr, r"the model was trained on or given \d+ of these 81 pairs")

    def test_refusals(self):
        self.assertIn("cannot hold both files",
                      self.bad(2, "evaluate", "model.safetensors", "-", "--ratings", "-"))
        self.bad(5, "evaluate", "model.safetensors", "others.csv", "--ratings", "missing.csv")
        self.assertIn("the model was trained on ratings",
                      self.bad(3, "evaluate", "model.safetensors", "others.csv", "--ranking",
                               "--implicit", "--ratings", "given.csv"))


class Split(EvaluatorTest):
    def test_parts_make_up_the_whole(self):
        whole = pairs_of(self.path / "timed.csv")
        for protocol in PROTOCOLS:
            folder = self.path / self.parts("-p", *protocol)
            n = 3 if protocol[0] == "folds" else 1
            self.assertEqual(len(list(folder.iterdir())), 2 * n)
            tested = []
            for k in range(n):
                number = k + 1 if n > 1 else ""
                train = pairs_of(folder / f"train{number}.csv")
                test = pairs_of(folder / f"test{number}.csv")
                self.assertEqual({**train, **test}, whole)
                self.assertEqual(len(train) + len(test), len(whole))
                tested += test
                if protocol[0] == "time":
                    self.assertLess(max(int(row["time"]) for row in train.values()),
                                    min(int(row["time"]) for row in test.values()))
                if protocol[0] == "leave-one-out":
                    for (user, _), row in test.items():
                        self.assertEqual(int(row["time"]), max(
                            int(other["time"]) for (u, _), other in whole.items() if u == user))
            if n > 1:
                self.assertEqual(sorted(tested), sorted(whole))

    def test_same_seed_same_files(self):
        texts = [(self.path / self.parts("-s", seed) / "test.csv").read_text()
                 for seed in ("1", "1", "2")]
        self.assertEqual(texts[0], texts[1])
        self.assertNotEqual(texts[0], texts[2])

    def test_nothing_is_overwritten(self):
        folder = self.parts()
        before = (self.path / folder / "train.csv").read_bytes()
        (self.path / folder / "test.csv").unlink()
        err = self.bad(5, "split", "-q", "timed.csv", "-o", folder, "-s", "2")
        self.assertIn("train.csv: is there already and is kept", err)
        self.assertEqual((self.path / folder / "train.csv").read_bytes(), before)
        self.assertFalse((self.path / folder / "test.csv").exists())
        self.write("file", "")
        self.assertIn("is not a directory", self.bad(5, "split", "-q", "timed.csv", "-o", "file"))
        self.assertIn("cannot be made",
                      self.bad(5, "split", "-q", "timed.csv", "-o", "no/such/folder"))

    def test_strange_ids_survive(self):
        ids = ['"a,b"', '"say ""x"""', '" blank "', "semi;colon", "\udcff\udcfe", "ü"]
        text = "".join(f"{u},{i},{n % 5 + 0.1},{n}\n"
                       for n, (u, i) in enumerate((u, i) for u in ids for i in ids))
        self.write("strange.csv", text.encode("utf-8", "surrogateescape"))
        self.good("split", "strange.csv", "-o", "strange", "-q")
        both = "".join((self.path / "strange" / f"{part}.csv").read_text("utf-8", "surrogateescape")
                       .split("\n", 1)[1] for part in ("train", "test"))
        self.assertEqual(sorted(csv.reader(io.StringIO(both))),
                         sorted(csv.reader(io.StringIO(text))))

    def test_refusals(self):
        self.write("one.csv", "a,b,1\n")
        self.assertIn("found 1; expected at least 2",
                      self.bad(3, "split", "-q", "one.csv", "-o", "one"))
        self.assertFalse((self.path / "one").exists())
        self.assertIn("no times",
                      self.bad(3, "split", "-q", "ratings.csv", "-o", "x", "-p", "time"))
        self.write("two.csv", "a,b,1\nb,b,2\n")
        self.assertIn("expected 2 to 2, the number of ratings",
                      self.bad(2, "split", "-q", "two.csv", "-o", "x", "-p", "folds"))
        self.assertIn("no user has two", self.bad(3, "split", "-q", "two.csv", "-o", "x", "-p",
                                                  "leave-one-out"))


class Validate(EvaluatorTest):
    def validate(self, *options):
        return self.good("validate", "timed.csv", *tool.FEW_EPOCHS, *options)

    def test_it_is_split_train_and_evaluate_in_one(self):
        """The three commands, through files, give the same figures to the last digit."""
        for protocol in PROTOCOLS:
            folder = self.parts("-p", *protocol, "-s", "7")
            for measures in ([], ["--ranking", "--top", "3"],
                             ["--ranking", "--relevant", "3", "--negatives", "4"]):
                together = json.loads(self.validate("--json", "-s", "7", "-p", *protocol,
                                                    *measures))
                folds = together.get("folds", [together])
                self.assertEqual(together["protocol"], protocol[0])
                for k, fold in enumerate(folds):
                    number = k + 1 if len(folds) > 1 else ""
                    self.good("train", f"{folder}/train{number}.csv", "-o", "part.st", "-s", "7",
                              *tool.FEW_EPOCHS)
                    test = f"{folder}/test{number}.csv"
                    apart = json.loads(self.good("evaluate", "part.st", test, "--json", "-s", "7",
                                                 *measures))
                    self.assertEqual({name: fold[name] for name in apart}, apart)

    def test_the_test_file_reaches_no_model(self):
        """Whatever the test file is altered to, train writes the same bytes."""
        folder = self.path / self.parts()
        train = ("train", f"{folder}/train.csv", "-q", *tool.FEW_EPOCHS, "-o")
        self.good(*train, "before.st")
        (folder / "test.csv").write_text("user,item,rating,time\nu1,novelty,1,1\n")
        self.good(*train, "after.st")
        (folder / "test.csv").unlink()
        self.good(*train, "without.st")
        names = ("before.st", "after.st", "without.st")
        models = {(self.path / name).read_bytes() for name in names}
        self.assertEqual(len(models), 1)

    def test_folds_and_their_mean(self):
        for measures in ([], ["--ranking", "--top", "2,5"]):
            options = ["-p", "folds", "--folds", "3", *measures]
            result = json.loads(self.validate("--json", *options))
            self.assertEqual(len(result["folds"]), 3)
            for predictor in result["mean"]:
                for name, mean in result["mean"][predictor].items():
                    values = [fold[predictor][name] for fold in result["folds"]]
                    self.assertTrue(math.isclose(statistics.mean(values), mean, rel_tol=1e-7))
                    self.assertTrue(math.isclose(statistics.stdev(values), abs_tol=1e-7,
                                                 b=result["deviation"][predictor][name]))
            table = rows(self.validate("--csv", *options))
            for row in table:
                name = row["metric"] + (f"@{row['k']}" if row["k"] else "")
                place = result[row["fold"]] if not row["fold"].isdigit() else \
                    result["folds"][int(row["fold"]) - 1]
                self.assertEqual(float(row["value"]), place[row["predictor"]][name])
            self.assertEqual(len(table), 5 * sum(len(p) for p in result["mean"].values()))
        text = self.validate("-p", "folds", "--folds", "3")
        for words in (r"fold +ratings +RMSE", "\n1 ", "\n3 ", "\nmean ", "\ndeviation ",
                      "\nbaseline dot ", "\nbaseline biases ", "\nbaseline mean "):
            self.assertRegex(text, words)

    def test_what_it_says(self):
        done = self.run_tool("validate", "timed.csv", *tool.FEW_EPOCHS, "-p", "folds", "--folds",
                             "2")
        self.assertRegex(done.stderr, r"Fold 2 of 2: \d+ ratings to learn from, \d+ to test")
        done = self.run_tool("validate", "timed.csv", *tool.FEW_EPOCHS, "-q")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^model +\d\.\d{4}")
        done = self.run_tool("validate", "timed.csv", "--rate", "1e30", "-p", "folds", "-q",
                             "--optimizer", "sgd", "--form", "perceptron")
        self.assertEqual(done.returncode, 1)
        self.assertIn("fold 1 of 5 failed", done.stderr)
        done = self.run_tool("validate", "timed.csv", "-q", "--epochs", "12")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^model +\d\.\d{4}")

    def test_interruption(self):
        endless = ["--form", "perceptron", "--epochs", "1000000", "--patience", "1000000",
                   "--factors", "4", "--hidden", "8,4"]
        process = subprocess.Popen([tool.DESCENT, "validate", "timed.csv", *endless],
                                   cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   encoding="utf-8")
        self.addCleanup(process.kill)
        for line in process.stderr:
            if line.startswith("epoch "):
                break
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=tool.TIMEOUT_S)
        self.assertEqual((process.returncode, printed), (130, ""))
        self.assertTrue(said.endswith("descent: interrupted\n"))

    def test_options_of_training_count(self):
        first = self.validate("--json")
        self.assertNotEqual(first, self.validate("--json", "--seed", "2"))
        self.assertNotEqual(first, self.validate("--json", "--rate", "0.02"))
        self.assertEqual(first, self.validate("--json"))


if __name__ == "__main__":
    tool.main()
