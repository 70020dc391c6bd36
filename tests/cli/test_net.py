#!/usr/bin/env python3
"""net fit, predict and evaluate on small tables: every option, form of output and mistake."""
import csv
import gzip
import io
import json
import math
import os
import pathlib
import pty
import random
import re
import signal
import struct
import subprocess
import unittest

import tool

QUICK = ["--epochs", "5", "--hidden", "8", "-q"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / os.environ.get("DESCENT_DATA", "../shared/datasets")


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def idx(*shape, data):
    return struct.pack(">BBBB", 0, 0, 8, len(shape)) + struct.pack(f">{len(shape)}I", *shape) + data


class NetTest(tool.ToolTest):
    """houses.csv (price from size, rooms, town), kinds.csv (a class of three) and their models."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(1)
        with open(cls.path / "houses.csv", "w", encoding="utf-8") as file:
            file.write("id,size,rooms,town,price\n")
            for i in range(200):
                size, rooms, town = chance.uniform(40, 200), chance.randint(1, 7), chance.choice("ABC")
                price = 3000 * size + 5000 * rooms + {"A": 0, "B": 50000, "C": 120000}[town]
                file.write(f"{i},{size:.1f},{rooms},{town},{price + chance.gauss(0, 5000):.0f}\n")
        with open(cls.path / "kinds.csv", "w", encoding="utf-8") as file:
            file.write("x,y,kind\n")
            for _ in range(240):
                x, y = chance.gauss(0, 1), chance.gauss(0, 1)
                kind = "inner" if x * x + y * y < 1 else "left" if x < 0 else "right"
                file.write(f"{x:.4f},{y:.4f},{kind}\n")
        for command in (["houses.csv", "-o", "houses.st", "--categorical", "town", "--ignore", "id",
                         "-q"], ["kinds.csv", "-o", "kinds.st", "-q"]):
            done = cls.run_tool("net", "fit", *command)
            if done.returncode != 0 or done.stderr != "":
                raise AssertionError(done.stderr)

    def facts(self, name):
        return json.loads(self.good("inspect", name, "--json"))


class Fit(NetTest):
    def test_says_what_it_read_and_did(self):
        done = self.run_tool("net", "fit", "houses.csv", "-o", "said.st", "--categorical", "town",
                             "--ignore", "id", "--epochs", "3")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        for words in ("text, delimiter comma, a header line; 200 rows, 5 columns of which 1 is "
                      "ignored", "Target price: regression", "epoch 3 of at most 3: training loss",
                      "RMSE on the 20 held out rows", "the mean of the training rows every time",
                      "Saved the model to said.st"):
            self.assertIn(words, done.stderr)

    def test_learns_without_any_option(self):
        scores = json.loads(self.good("net", "evaluate", "houses.st", "houses.csv", "--json"))
        self.assertGreater(scores["model"]["r2"], 0.98)
        self.assertLess(abs(scores["baseline"]["r2"]), 0.02)
        scores = json.loads(self.good("net", "evaluate", "kinds.st", "kinds.csv", "--json"))
        self.assertGreater(scores["model"]["accuracy"], 0.93)
        self.assertLess(scores["baseline"]["accuracy"], 0.5)

    def test_json_result(self):
        out = json.loads(self.good("net", "fit", "kinds.csv", "-o", "j.st", "--json", *QUICK))
        self.assertEqual((out["task"], out["metric"], out["outputs"]),
                         ("classification", "accuracy", 3))
        self.assertEqual(out["rows"] + out["held_out"], 240)
        self.assertLessEqual(out["best_epoch"], out["epochs"])

    def test_same_seed_same_bytes(self):
        for name, seed in (("a.st", "7"), ("b.st", "7"), ("c.st", "8")):
            self.good("net", "fit", "kinds.csv", "-o", name, "--seed", seed, "--dropout", "0.1",
                      *QUICK)
        a, b, c = ((self.path / name).read_bytes() for name in ("a.st", "b.st", "c.st"))
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_every_option_reaches_the_model(self):
        base = ["net", "fit", "kinds.csv", "-o", "o.st", "-q"]
        cases = [
            (["--hidden", "7,5"], {"hidden": [7, 5]}), (["--hidden", "0"], {"hidden": []}),
            (["--activation", "tanh"], {"activation": "tanh"}), (["--normalize"], {"normalize": True}),
            (["--dropout", "0.25"], {"dropout": 0.25}), (["--loss", "hinge"], {"loss": "hinge"}),
            (["--class-weights", "balanced"], {"class_weights": "balanced"}),
            (["--optimizer", "adamw", "--decay", "0.1"], {"optimizer": "adamw", "decay": 0.1}),
            (["--optimizer", "sgd", "--momentum", "0.5", "--nesterov"],
             {"optimizer": "sgd", "momentum": 0.5, "nesterov": True, "rate": 0.03}),
            (["--optimizer", "sgd", "--momentum", "0.5"], {"nesterov": False}),
            (["--optimizer", "lbfgs"], {"optimizer": "lbfgs"}), (["--rate", "0.02"], {"rate": 0.02}),
            (["--schedule", "plateau"], {"schedule": "plateau"}),
            (["--warmup", "2.5"], {"schedule": "cosine", "warmup": 2.5}),
            (["--schedule", "constant", "--warmup", "2"], {"schedule": "constant", "warmup": 2.0}),
            (["--batch", "16"], {"batch": 16}),
            (["--patience", "3"], {"patience": 3}), (["--l1", "0.001"], {"l1": 0.001}),
            (["--l2", "0.01"], {"l2": 0.01}), (["--clip", "2"], {"clip": 2.0}),
            (["--holdout", "0.25"], {"holdout": 0.25}),
            (["--seed", "18446744073709551615"], {"seed": "18446744073709551615"}),
        ]
        seen = {}
        for options, expected in cases:
            self.good(*base, "--epochs", "4", *options)
            facts = self.facts("o.st")
            for key, value in expected.items():
                self.assertEqual(facts["config"][key], value, options)
            self.assertEqual(facts["config"]["max_epochs"], 4)
            seen.setdefault((self.path / "o.st").read_bytes(), options)
        self.assertEqual(len(seen), len(cases))

    def test_default_epochs_follow_the_rows(self):
        self.assertEqual(self.facts("kinds.st")["config"]["max_epochs"], 1000)

    def test_tasks_are_detected_and_said(self):
        self.write("codes.csv", "x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
        self.write("gaps.csv", "x,y\n" + "".join(f"{i},{3 + i % 6}\n" for i in range(40)))
        for name, options, said in (
                ("codes.csv", [], "classification, for it holds 2 codes; --task regression"),
                ("gaps.csv", [], "regression; --task classification takes"),
                ("codes.csv", ["--task", "regression"], "Target y: regression\n"),
                ("gaps.csv", ["--task", "classification"], "Target y: classification\n")):
            done = self.run_tool("net", "fit", name, "-o", "t.st", "--epochs", "1", *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(said, done.stderr)

    def test_target_by_name_and_number(self):
        for selector in ("size", "2", "-4"):
            self.good("net", "fit", "houses.csv", "-o", "n.st", "--target", selector,
                      "--categorical", "town", *QUICK)
            self.assertEqual(self.facts("n.st")["target"], "size")

    def test_missing_values(self):
        self.write("holes.csv", "x,y,z\n" + "".join(
            f"{i if i % 5 else ''},{i * i % 7},{i}\n" for i in range(1, 41)))
        err = self.bad(3, "net", "fit", "holes.csv", "-o", "h.st", *QUICK)
        self.assertRegex(err, r"holes\.csv:6.*missing")
        self.assertIn("--missing mean", err)
        for rule in ("mean", "median", "most-frequent", "zero"):
            self.good("net", "fit", "holes.csv", "-o", "h.st", "--missing", rule, *QUICK)
        self.good("net", "predict", "h.st", "holes.csv", "-q")

    def test_rows_of_a_file(self):
        self.write("rows.txt", "".join(f"{i}\n" for i in range(50)))
        out = json.loads(self.good("net", "fit", "kinds.csv", "-o", "r.st", "--rows", "rows.txt",
                                   "--json", *QUICK))
        self.assertEqual(out["rows"] + out["held_out"], 50)
        self.write("far.txt", "240\n")
        self.assertIn("far.txt:1", self.bad(3, "net", "fit", "kinds.csv", "-o", "r.st", "--rows",
                                            "far.txt", *QUICK))

    def test_a_useless_model_is_told_of_and_saved(self):
        chance = random.Random(2)
        self.write("noise.csv", "x,y\n" + "".join(
            f"{chance.random()},{chance.random()}\n" for _ in range(60)))
        done = self.run_tool("net", "fit", "noise.csv", "-o", "w.st", "-q", "--rate", "3",
                             "--epochs", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("warning: the model is no better than the mean of the training rows",
                      done.stderr)
        self.assertTrue((self.path / "w.st").is_file())

    def test_idx_and_labels(self):
        chance = random.Random(3)
        labels = bytes(i % 3 for i in range(90))
        images = b"".join(bytes(200 * (p // 3 == label) + chance.randrange(50) for p in range(9))
                          for label in labels)
        self.write("images.idx.gz", gzip.compress(idx(90, 3, 3, data=images)))
        self.write("labels.idx", idx(90, data=labels))
        self.good("net", "fit", "images.idx.gz", "--labels", "labels.idx", "-o", "i.st", "-q")
        scores = json.loads(self.good("net", "evaluate", "i.st", "images.idx.gz", "--labels",
                                      "labels.idx", "--json"))
        self.assertEqual(scores["model"]["accuracy"], 1)
        self.assertEqual(len(rows(self.good("net", "predict", "i.st", "images.idx.gz", "--csv"))),
                         90)
        self.write("cut.idx", idx(90, 3, 3, data=images)[:-1])
        self.assertIn("cut.idx", self.bad(3, "net", "fit", "cut.idx", "--labels", "labels.idx",
                                          "-o", "i.st", *QUICK))
        self.write("few.idx", idx(89, data=labels[:-1]))
        self.assertIn("89", self.bad(3, "net", "fit", "images.idx.gz", "--labels", "few.idx", "-o",
                                     "i.st", *QUICK))

    def test_npy(self):
        head = "{'descr': '<f8', 'fortran_order': False, 'shape': (30, 3), }"
        head += " " * (117 - len(head)) + "\n"
        body = b"".join(struct.pack("<3d", i, 30 - i, 2 * i + 1) for i in range(30))
        self.write("m.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() +
                   body)
        done = self.run_tool("net", "fit", "m.npy", "-o", "m.st", "--epochs", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("m.npy: NPY; 30 rows, 3 columns", done.stderr)


class Folds(NetTest):
    def test_table_json_and_csv_agree(self):
        base = ["net", "fit", "kinds.csv", "--folds", "4", *QUICK]
        text, document = self.good(*base), json.loads(self.good(*base, "--json"))
        table = rows(self.good(*base, "--csv"))
        self.assertEqual([row["fold"] for row in table],
                         ["1", "2", "3", "4", "mean", "deviation", "baseline, mean"])
        folds = [fold["accuracy"] for fold in document["folds"]]
        mean = sum(folds) / 4
        self.assertAlmostEqual(document["mean"]["accuracy"], mean, 8)
        self.assertAlmostEqual(document["deviation"]["accuracy"],
                               math.sqrt(sum((x - mean) ** 2 for x in folds) / 3), 8)
        self.assertEqual(sum(fold["rows"] for fold in document["folds"]), 240)
        self.assertAlmostEqual(float(table[4]["accuracy"]), mean, 6)
        self.assertRegex(text, rf"(?m)^mean +240 +{mean:.4f} ")
        self.assertIn("baseline: the most frequent class", text)

    def test_needs_no_model_but_writes_one_when_asked(self):
        self.good("net", "fit", "kinds.csv", "--folds", "2", "-o", "f.st", *QUICK)
        self.assertEqual(self.facts("f.st")["rows"], 216)

    def test_wrong_numbers_of_folds(self):
        self.assertIn("at least 2", self.bad(2, "net", "fit", "kinds.csv", "--folds", "1", *QUICK))
        self.assertIn("241 folds", self.bad(2, "net", "fit", "kinds.csv", "--folds", "241", *QUICK))


class Ask(NetTest):
    def test_predictions_in_three_forms(self):
        table = rows(self.good("net", "predict", "kinds.st", "kinds.csv", "--csv"))
        document = json.loads(self.good("net", "predict", "kinds.st", "kinds.csv", "--json"))
        text = self.good("net", "predict", "kinds.st", "kinds.csv").splitlines()
        self.assertEqual((len(table), len(document), len(text)), (240, 240, 241))
        for i in (0, 100, 239):
            self.assertEqual(table[i]["row"], str(i + 1))
            self.assertEqual(table[i]["prediction"], document[i]["prediction"])
            self.assertAlmostEqual(float(table[i]["probability"]), document[i]["probability"], 8)
            self.assertIn(table[i]["prediction"], text[i + 1])

    def test_probabilities_of_every_class(self):
        table = rows(self.good("net", "predict", "kinds.st", "kinds.csv", "--csv", "-p"))
        self.assertEqual(list(table[0]), ["row", "prediction", "inner", "left", "right"])
        for row in table:
            shares = {name: float(row[name]) for name in ("inner", "left", "right")}
            self.assertAlmostEqual(sum(shares.values()), 1, 6)
            self.assertEqual(max(shares, key=shares.get), row["prediction"])
        err = self.bad(2, "net", "predict", "houses.st", "houses.csv", "-p")
        self.assertIn("it predicts a number", err)

    def test_the_target_may_lack_and_columns_may_move(self):
        self.write("moved.csv", "town,rooms,size\nB,3,100\nA,3,100\n")
        table = rows(self.good("net", "predict", "houses.st", "moved.csv", "--csv"))
        self.assertGreater(float(table[0]["prediction"]) - float(table[1]["prediction"]), 30000)
        self.write("lacks.csv", "town,rooms\nB,3\n")
        self.assertIn("size", self.bad(3, "net", "predict", "houses.st", "lacks.csv"))
        self.assertIn("price", self.bad(3, "net", "evaluate", "houses.st", "moved.csv"))

    def test_unknown_categories_are_told_of_or_refused(self):
        self.write("new.csv", "size,rooms,town\n100,3,Z\n")
        done = self.run_tool("net", "predict", "houses.st", "new.csv", "-q")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('column town has 1 category that the model does not know, such as "Z"',
                      done.stderr)
        self.good("net", "fit", "houses.csv", "-o", "strict.st", "--categorical", "town",
                  "--unseen", "refuse", *QUICK)
        self.write("new.csv", "id,size,rooms,town\n1,100,3,Z\n")
        self.assertIn("new.csv:2", self.bad(3, "net", "predict", "strict.st", "new.csv", "-q"))

    def test_a_label_outside_the_classes(self):
        self.write("outside.csv", "x,y,kind\n1,2,inner\n1,2,outer\n")
        err = self.bad(3, "net", "evaluate", "kinds.st", "outside.csv", "-q")
        self.assertRegex(err, r"outside\.csv:3.*outer")

    def test_evaluation_in_three_forms(self):
        text = self.good("net", "evaluate", "kinds.st", "kinds.csv")
        table = rows(self.good("net", "evaluate", "kinds.st", "kinds.csv", "--csv"))
        document = json.loads(self.good("net", "evaluate", "kinds.st", "kinds.csv", "--json"))
        self.assertAlmostEqual(float(table[0]["accuracy"]), document["model"]["accuracy"], 8)
        confusion = [entry["confusion"] for entry in document["classes"]]
        self.assertEqual(sum(map(sum, confusion)), 240)
        right = sum(confusion[i][i] for i in range(3))
        self.assertAlmostEqual(right / 240, document["model"]["accuracy"], 8)
        for words in ("precision", "mean of all", "true \\ predicted", "baseline", "rows 240"):
            self.assertIn(words, text)
        text = self.good("net", "evaluate", "houses.st", "houses.csv")
        for words in ("RMSE", "MAE", "R2", "the mean of the training rows every time"):
            self.assertIn(words, text)

    def test_inspect_shows_it(self):
        text = self.good("inspect", "houses.st")
        for words in ("regression", "--hidden", "64,32", "town", "categories", "price",
                      "target, number"):
            self.assertIn(words, text)
        facts = self.facts("kinds.st")
        self.assertEqual([entry["class"] for entry in facts["classes"]], ["inner", "left", "right"])

    def test_the_wrong_kind_of_model(self):
        err = self.bad(4, "net", "predict", "model.safetensors", "kinds.csv")
        self.assertIn("is a recommender: descent predict", err)
        err = self.bad(4, "predict", "kinds.st", "ratings.csv")
        self.assertIn("is a predictor: descent net predict", err)
        self.write("no.st", "no model")
        self.bad(4, "net", "evaluate", "no.st", "kinds.csv")
        self.bad(5, "net", "evaluate", "lacks.st", "kinds.csv")
        whole = (self.path / "kinds.st").read_bytes()
        self.write("cut.st", whole[:-9])
        self.bad(4, "net", "predict", "cut.st", "kinds.csv")
        self.write("bit.st", whole[:600] + bytes([whole[600] ^ 1]) + whole[601:])
        self.bad(4, "net", "predict", "bit.st", "kinds.csv")


class Mistakes(NetTest):
    def test_options_out_of_range(self):
        for options, said in (
                (["--rate", "0"], "0 is out of range"), (["--rate", "-1"], "-1 is out of range"),
                (["--rate", "inf"], "not a number"), (["--rate", "nan"], "not a number"),
                (["--dropout", "1"], "1 is out of range"), (["--holdout", "0.6"], "out of range"),
                (["--hidden", "5,0"], "stands alone"), (["--hidden", "5,x"], "separated by commas"),
                (["--activation", "rulu"], "none of the choices"),
                (["--batch", "0"], "out of range"), (["--epochs", "0"], "out of range"),
                (["--momentum", "0.5"], "belongs to --optimizer sgd"),
                (["--decay", "0.5"], "belongs to --optimizer adamw"),
                (["--optimizer", "lbfgs", "--rate", "1"], "finds its own steps"),
                (["--optimizer", "lbfgs", "--batch", "8"], "all rows at once"),
                (["--optimizer", "lbfgs", "--l1", "1"], "smooth loss"),
                (["--optimizer", "lbfgs", "--dropout", "0.1"], "stays the same"),
                (["--optimizer", "lbfgs", "--schedule", "step"], "finds its own steps"),
                (["--optimizer", "lbfgs", "--warmup", "1"], "finds its own steps"),
                (["--warmup", "-1"], "-1 is out of range"), (["--warmup", "inf"], "not a number"),
                (["--optimizer", "sgd", "--momentum", "0", "--nesterov"], "momentum"),
                (["--csv"], "is for the table of --folds"),
                (["--categorical", "x,,y"], "an entry is empty"),
                (["--categorical", "x", "--ignore", "1"], "is said to be ignored and categorical"),
                (["--ignore", "-1"], "is ignored; expected another one as the target"),
                (["--categorical", "nothing"], "nothing"), (["--target", "nothing"], "nothing"),
                (["--loss", "huber"], "does not fit a classification"),
                (["--loss", "half-sum-of-squares"], "does not fit a classification")):
            err = self.bad(2, "net", "fit", "kinds.csv", "-o", "x.st", "-q", *options)
            self.assertIn(said, err, options)
        self.assertIn("--output MODEL is missing", self.bad(2, "net", "fit", "kinds.csv"))
        self.assertIn("DATA is missing", self.bad(2, "net", "fit"))
        self.assertFalse((self.path / "x.st").exists())

    def test_bad_data(self):
        for text, said in (("", ""), ("x,y\n", ""), ("x,y\n1,2\n", "at least 2"),
                           ("x,y\n1,2\n2,3\n3,red\n4,5\n", "bad.csv:4"),
                           ("x,y\n1,2\nred,3\n", "bad.csv:3"), ("x,y\n1,2\n2\n", "bad.csv:3"),
                           ("x,y\n1,inf\n2,3\n", "bad.csv:2"), ("x,k\n1,a\n2,a\n", "class")):
            self.write("bad.csv", text)
            self.assertIn(said, self.bad(3, "net", "fit", "bad.csv", "-o", "x.st", *QUICK), text)
        err = self.bad(3, "net", "fit", "houses.csv", "-o", "x.st", *QUICK)
        self.assertIn("--categorical COLUMN", err)
        err = self.bad(2, "net", "fit", "houses.csv", "-o", "x.st", "--categorical", "town",
                       "--class-weights", "balanced", *QUICK)
        self.assertIn("the target price is a number", err)
        self.write("one.csv", "y\n1\n2\n3\n")
        self.bad(2, "net", "fit", "one.csv", "-o", "x.st", *QUICK)
        self.bad(5, "net", "fit", "lacks.csv", "-o", "x.st", *QUICK)
        self.assertFalse((self.path / "x.st").exists())

    def test_inputs_and_protected_files_are_never_overwritten(self):
        before = (self.path / "kinds.csv").read_bytes()
        self.assertIn("is the file of data", self.bad(2, "net", "fit", "kinds.csv", "-o",
                                                      "kinds.csv", *QUICK))
        self.write("rows2.txt", "1\n2\n3\n")
        self.assertIn("is the file of rows", self.bad(2, "net", "fit", "kinds.csv", "-o",
                                                      "rows2.txt", "--rows", "rows2.txt", *QUICK))
        self.assertEqual((self.path / "kinds.csv").read_bytes(), before)
        self.write("locked.st", "old")
        (self.path / "locked.st").chmod(0o444)
        self.assertIn("write-protected", self.bad(5, "net", "fit", "kinds.csv", "-o", "locked.st",
                                                  *QUICK))
        self.assertEqual((self.path / "locked.st").read_text(), "old")

    def test_overflow_keeps_the_best_epoch_beside_the_model(self):
        seen = set()
        for power in range(1, 30):
            self.write("over.st", "an older model")
            done = self.run_tool("net", "fit", "houses.csv", "-o", "over.st", "--categorical",
                                 "town", "--optimizer", "sgd", "--rate", f"1e{power}", "--epochs",
                                 "40", "-q")
            if done.returncode == 0:
                continue
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertRegex(done.stderr, r"epoch \d+, layer \d: ")
            self.assertIn("a smaller --rate", done.stderr)
            self.assertEqual((self.path / "over.st").read_text(), "an older model")
            partial = self.path / "over.st.partial"
            self.assertEqual(partial.exists(), "is in over.st.partial" in done.stderr)
            self.assertEqual(partial.exists(), "nothing was saved" not in done.stderr)
            seen.add(partial.exists())
            if partial.exists():
                self.good("inspect", "over.st.partial")
                partial.unlink()
            if len(seen) == 2:
                return
        self.fail(f"only seen: {seen}")

    def test_an_interrupt_keeps_the_best_epoch(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.write("kept.st", "an older model")
            process = subprocess.Popen(
                [tool.DESCENT, "net", "fit", "kinds.csv", "-o", "kept.st", "--epochs", "1000000"],
                cwd=self.path, stderr=subprocess.PIPE, encoding="utf-8")
            self.addCleanup(process.kill)
            for line in process.stderr:
                if line.startswith("epoch "):
                    break
            process.send_signal(number)
            _, said = process.communicate(timeout=tool.TIMEOUT_S)
            self.assertEqual(process.returncode, 130, said)
            self.assertRegex(said, r"interrupted; the model of epoch \d+.* is in kept\.st\.partial")
            self.assertEqual((self.path / "kept.st").read_text(), "an older model")
            self.good("inspect", "kept.st.partial")
            (self.path / "kept.st.partial").unlink()

    def test_a_terminal_gets_a_bar(self):
        master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm"}
        process = subprocess.Popen(
            [tool.DESCENT, "net", "fit", "kinds.csv", "-o", "bar.st"], cwd=self.path,
            stderr=slave, env=environment)
        os.close(slave)
        said = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            said += part
        os.close(master)
        self.assertEqual(process.wait(tool.TIMEOUT_S), 0)
        self.assertRegex(said.decode(), r"\repoch \d+/1000 \[#*\.*\]  best loss [\d.]+ \(epoch \d+\)")
        self.assertEqual(len(re.findall(r"\n", said.decode())), 5)


class Page(tool.ToolTest):
    @staticmethod
    def masked(text):
        """Numbers and the blanks between words may differ from processor to processor."""
        return re.sub(r"\s+", " ", re.sub(r"-?\d[\d.]*", "#", text)).strip()

    def test_the_commands_of_the_page_print_what_it_says(self):
        page = (ROOT / "docs/net-fit.md").read_text(encoding="utf-8")
        (make,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        blocks = re.findall(r"```console\n\$ descent (.*?)\n(.*?)```", page, re.DOTALL)
        self.assertEqual(len(blocks), 5)
        subprocess.run(["/bin/sh", "-e", "-c", make], cwd=self.path, check=True)
        for command, expected in blocks:
            done = subprocess.run(["/bin/sh", "-c", f'"$0" {command}', tool.DESCENT], cwd=self.path,
                                  capture_output=True, encoding="utf-8", check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.masked(done.stdout), self.masked(expected), command)


@unittest.skipUnless((DATA / "optdigits").is_dir(), f"no optdigits in {DATA}")
class Optdigits(NetTest):
    def test_held_out_rows_of_the_training_file(self):
        out = json.loads(self.good("net", "fit", str(DATA / "optdigits/optdigits.tra"),
                                   "-o", "d.st", "--epochs", "15", "-q", "--json"))
        self.assertEqual(out["task"], "classification")
        self.assertGreater(out["score"], 0.95)


if __name__ == "__main__":
    tool.main()
