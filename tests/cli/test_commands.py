#!/usr/bin/env python3
"""Every command from end to end on a tiny ratings file, with its three forms of output."""
import csv
import gzip
import io
import json
import math
import random
import re
import subprocess

import tool


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


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

    def config_of(self, model):
        return json.loads(self.good("inspect", model, "--json"))["config"]

    def test_every_option_reaches_the_model(self):
        self.good("train", "ratings.csv", "-o", "o.st", "--form", "mixed", "--factors", "3",
                  "--hidden", "6,5,4", "--activation", "tanh", "--no-biases", "--no-mean",
                  "--optimizer", "sgd", "--rate", "0.002", "--momentum", "0.5", "--l2", "0.03",
                  "--l2-biases", "0.04", "--l2-network", "0.05", "--batch", "17", "--epochs", "2",
                  "--average", "4", "--patience", "9", "--holdout", "0.2", "--seed", "11")
        self.assertEqual(self.config_of("o.st"), {
            "use_dot": True, "use_network": True, "history": "none",
            "factors": 3, "hidden": [6, 5, 4], "activation": "tanh", "use_biases": False,
            "use_mean": False, "loss": "squared", "optimizer": "sgd", "rate": 0.002,
            "momentum": 0.5, "l2": 0.03,
            "l2_biases": 0.04, "l2_network": 0.05, "batch": 17, "max_epochs": 2, "average": 4,
            "patience": 9, "holdout": 0.2, "seed": "11"})
        self.good("train", "ratings.csv", "-o", "r.st", "--form", "mixed", "--history", "both",
                  "--optimizer", "lbfgs", "--factors", "3", "--hidden", "4,4", "--ridge", "1",
                  "--ridge-user-history", "2", "--ridge-item-history", "3", "--ridge-biases", "5",
                  "--ridge-network", "6", "--ridge-power", "0.25", "--epochs", "4", "--holdout", "0.1", "--patience", "3",
                  "--loss", "ordinal")
        self.assertEqual(self.config_of("r.st"), {
            "use_dot": True, "use_network": True, "history": "both", "factors": 3,
            "hidden": [4, 4], "activation": "relu",
            "use_biases": True, "use_mean": True, "loss": "ordinal", "optimizer": "lbfgs",
            "ridge": 1, "ridge_user_history": 2, "ridge_item_history": 3, "ridge_biases": 5,
            "ridge_network": 6, "ridge_power": 0.25, "max_epochs": 4, "patience": 3, "holdout": 0.1, "seed": "1"})

    def test_precision(self):
        sizes = {}
        for precision in ("fp32", "bf16"):
            self.good("train", "ratings.csv", "-o", "p.st", "-q", "--form", "mixed", "--epochs", "2",
                      "--precision", precision)
            sizes[precision] = (self.path / "p.st").stat().st_size
            config = self.config_of("p.st")
            self.assertEqual(config.get("precision", "fp32"), precision)
            self.good("predict", "p.st", "--user", "u1", "--item", "i1")
        info = json.loads(self.good("inspect", "p.st", "--json"))
        saved = 2 * config["factors"] * (info["users"] + info["items"])
        self.assertLess(abs(sizes["fp32"] - sizes["bf16"] - saved), 128)
        self.assertEqual(json.loads(self.good("inspect", "p.st", "--config"))["precision"], "bf16")
        self.bad(2, "train", "ratings.csv", "-o", "q.st", "--form", "mixed", "--precision", "fp16")

    def test_twin_adagrad(self):
        self.good("train", "ratings.csv", "-o", "t.st", "-q", "--form", "dot", "--optimizer",
                  "twin-adagrad", "--factors", "3", "--rate", "0.2", "--l2", "0.03", "--l2-biases",
                  "0.04", "--epochs", "5", "--patience", "4", "--holdout", "0.2", "--threads", "2")
        self.assertEqual(self.config_of("t.st"), {
            "use_dot": True, "use_network": False, "history": "none", "factors": 3,
            "use_biases": True, "use_mean": True, "loss": "squared", "optimizer": "twin-adagrad",
            "rate": 0.2, "l2": 0.03, "l2_biases": 0.04, "max_epochs": 5, "patience": 4,
            "holdout": 0.2, "seed": "1"})
        self.write("twin.json", '{"form": "dot", "optimizer": "twin-adagrad", "epochs": 2}')
        self.good("train", "ratings.csv", "-o", "c.st", "-q", "--config", "twin.json")
        config = self.config_of("c.st")
        self.assertEqual([config[name] for name in ("optimizer", "rate", "holdout", "max_epochs")],
                         ["twin-adagrad", 0.1, 0.05, 2])

    def test_histories_by_minibatches(self):
        self.good("train", "ratings.csv", "-o", "h.st", "-q", "--form", "perceptron", "--history",
                  "both", "--l2-user-history", "0.1", "--l2-item-history", "0.2",
                  "--history-dropout", "0.25", "--epochs", "2")
        config = self.config_of("h.st")
        self.assertEqual([config[name] for name in (
            "history", "optimizer", "l2_user_history", "l2_item_history", "history_dropout")],
            ["both", "adam", 0.1, 0.2, 0.25])
        self.good("train", "ratings.csv", "-o", "u.st", "-q", "--optimizer", "sgd", "--history",
                  "user", "--epochs", "2")
        config = self.config_of("u.st")
        self.assertIn("l2_user_history", config)
        self.assertNotIn("l2_item_history", config)
        # minibatches end by what they hold out, whatever the form does else
        self.assertEqual((config["average"], config["patience"], config["holdout"]), (10, 10, 0.05))
        for command in (["predict", "h.st", "--user", "u1", "--item", "i1"],
                        ["recommend", "h.st", "--user", "u1"],
                        ["explain", "h.st", "--user", "u1", "--item", "i2"]):
            self.good(*command)

    def test_every_option_of_sides_reaches_the_model(self):
        self.good("train", "ratings.csv", "-o", "s.st", "--weigh-history", "both",
                  "--share-vector", "user", "--user-activation", "tanh", "--item-activation",
                  "softmax", "--factors", "3", "--ridge", "1", "--epochs", "3")
        config = self.config_of("s.st")
        self.assertEqual([config[name] for name in (
            "history", "weigh_history", "share_vector", "user_activation", "item_activation")],
            ["both", "both", "user", "tanh", "softmax"])

    def test_autoencoders_answer_every_question(self):
        for form, rows in (("user-autorec", "1 x 4"), ("item-autorec", "1 x 4")):
            self.good("train", "ratings.csv", "-o", "a.st", "-q", "--form", form, "--factors", "4",
                      "--epochs", "20")
            self.assertIn(rows, self.good("inspect", "a.st"))
            self.good("recommend", "a.st", "--user", "u1")
            self.good("similar", "a.st", "--item", "i1")
            self.write("new.csv", "new,i1,5\nnew,i2,1\nnew,i3,4\n")
            for who in (["--user", "u1"], ["--user", "new", "--ratings", "new.csv"]):
                told = json.loads(self.good("explain", "a.st", *who, "--item", "i4", "--json"))
                parts = told["parts"]
                total = sum(parts.values()) + sum(r["effect"] for r in told["ratings"])
                self.assertAlmostEqual(total, told["prediction"], delta=2e-4)

    def test_help_shows_the_defaults_of_the_form(self):
        for form in ("histories", "dot", "perceptron", "mixed", "user-autorec", "item-autorec"):
            text = " ".join(self.good("train", "--form", form, "--help").split())
            self.good("train", "ratings.csv", "-o", "d.st", "-q", "--form", form)
            config = self.config_of("d.st")
            config["epochs"] = config.pop("max_epochs")
            names = [name for name in ("weigh_history", "share_vector", "user_activation",
                                       "item_activation") if name in config]
            self.assertEqual(len(names), 4 if "autorec" in form else 0)
            names += ["optimizer", "history", "epochs", "patience", "holdout", "seed"]
            if config["use_network"]:
                names += ["factors", "hidden", "activation", "rate", "momentum", "l2", "l2_biases",
                          "l2_network", "batch", "average"]
            for name in names:
                option = name.replace("_", "-")
                shown = re.search(rf" --{option} .*?default ([^)]*)\)", text).group(1)
                value = config[name]
                if isinstance(value, list):
                    self.assertEqual([int(part) for part in shown.split(",")], value, option)
                elif isinstance(value, str):
                    self.assertEqual(shown, value, option)
                else:
                    self.assertAlmostEqual(float(shown), value, msg=option)

    def test_options_that_the_form_does_not_use_are_refused(self):
        for options, message in (
                (["--hidden", "8,4"], "--hidden: belongs to forms with a perceptron"),
                (["--activation", "tanh"], "--activation: belongs to forms with a perceptron"),
                (["--rate", "0.1"], "--rate: belongs to --optimizer sgd, adam and twin-adagrad"),
                (["--batch", "8"], "--batch: belongs to --optimizer sgd and adam"),
                (["--precision", "bf16"], "--precision: belongs to --optimizer sgd and adam"),
                (["--form", "mixed", "--history", "user", "--precision", "bf16"],
                 "--precision: belongs to models without a --history"),
                (["--l2", "3"], "--l2: belongs to --optimizer sgd, adam and twin-adagrad; lbfgs and als have --ridge"),
                (["--l2-user-history", "3"],
                 "--l2-user-history: belongs to --optimizer sgd and adam; lbfgs and als have --ridge"),
                (["--l2-item-history", "3"],
                 "--l2-item-history: belongs to --optimizer sgd and adam; lbfgs and als have --ridge"),
                (["--form", "mixed", "--history", "item", "--l2-user-history", "3"],
                 "--l2-user-history: belongs to --history user and both"),
                (["--form", "mixed", "--l2-item-history", "3"],
                 "--l2-item-history: belongs to --history item and both"),
                (["--history-dropout", "0.1"], "--history-dropout: belongs to --optimizer sgd and "
                 "adam; lbfgs needs the same objective at every step"),
                (["--form", "mixed", "--history-dropout", "0.1"],
                 "--history-dropout: belongs to --history user, item and both"),
                (["--form", "mixed", "--history", "both", "--history-dropout", "1"],
                 "--history-dropout: 1 is out of range"),
                (["--optimizer", "adam", "--ridge-user-history", "3"],
                 "--ridge-user-history: belongs to --optimizer lbfgs"),
                (["--optimizer", "adam", "--ridge-item-history", "3"],
                 "--ridge-item-history: belongs to --optimizer lbfgs"),
                (["--form", "mixed", "--ridge", "3"], "--ridge: belongs to --optimizer lbfgs"),
                (["--form", "mixed", "--ridge-power", "0.5"],
                 "--ridge-power: belongs to --optimizer lbfgs"),
                (["--ridge-power", "-1"], "--ridge-power: -1 is out of range"),
                (["--ridge-network", "3"], "--ridge-network: belongs to forms with a perceptron"),
                (["--form", "dot", "--ridge-user-history", "3"],
                 "--ridge-user-history: belongs to --history user and both"),
                (["--history", "user", "--ridge-item-history", "3"],
                 "--ridge-item-history: belongs to --history item and both"),
                (["--no-biases", "--ridge-biases", "3"], "--ridge-biases: belongs to models with"),
                (["--form", "dot", "--optimizer", "adam", "--l2-network", "3"],
                 "--l2-network: belongs to forms with a perceptron"),
                (["--average", "3"], "--average: belongs to --optimizer sgd and adam"),
                (["--optimizer", "twin-adagrad"], "trains no histories; expected --form dot, or --history none"),
                (["--form", "mixed", "--optimizer", "twin-adagrad"], "does not train --form mixed"),
                (["--form", "item-autorec", "--optimizer", "twin-adagrad"], "does not train --form item-autorec"),
                (["--form", "dot", "--optimizer", "twin-adagrad", "--batch", "8"], "--batch: belongs to"),
                (["--form", "dot", "--optimizer", "twin-adagrad", "--ridge", "1"], "--ridge: belongs to"),
                (["--form", "dot", "--optimizer", "twin-adagrad", "--average", "2"], "--average: belongs to"),
                (["--form", "dot", "--optimizer", "twin-adagrad", "--momentum", "0.5"], "--momentum: belongs to"),
                (["--form", "dot", "--optimizer", "twin-adagrad", "--loss", "ordinal"], "--loss: ordinal is not for"),
                (["--form", "dot", "--optimizer", "twin-adagrad", "--time-bins", "3"], "--time-bins: belongs to"),
                (["--form", "dot", "--optimizer", "twin-adagrad", "--no-biases", "--l2-biases", "1"],
                 "--l2-biases: belongs to models with biases"),
                (["--form", "dot", "--implicit", "--optimizer", "twin-adagrad"], "twin-adagrad trains ratings"),
                (["--patience", "3"], "--patience: belongs to a --holdout above 0"),
                (["--form", "mixed", "--momentum", "0.5"], "--momentum: belongs to --optimizer sgd"),
                (["--form", "svd"], "--form")):
            self.assertIn(message, self.bad(2, "train", "ratings.csv", "-o", "no.st", *options))
            self.assertFalse((self.path / "no.st").exists())

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


class Evaluate(tool.ToolTest):
    def test_json_and_csv_agree(self):
        self.write("test.csv", "u1,i1,3\nu2,i2,5\nstranger,i1,4\nu1,novelty,1\n")
        result = json.loads(self.good("evaluate", "model.safetensors", "test.csv", "--json"))
        self.assertEqual((result["pairs"], result["unknown_users"], result["unknown_items"],
                          result["fallback_pairs"]), (4, 1, 1, 2))
        table = rows(self.good("evaluate", "model.safetensors", "test.csv", "--csv"))
        self.assertEqual([row["predictor"] for row in table], ["model", "dot", "biases", "mean"])
        for row in table:
            for name in ("rmse", "mae"):
                self.assertEqual(float(row[name]), result[row["predictor"]][name])
            self.assertEqual(row["fallback_pairs"], "2")

    def test_errors_are_those_of_the_predictions(self):
        self.write("test.csv", "u1,i1,3\nu2,i2,5\nstranger,i1,4\nu1,novelty,1\n")
        result = json.loads(self.good("evaluate", "model.safetensors", "test.csv", "--json"))
        predicted = rows(self.good("predict", "model.safetensors", "test.csv", "--csv"))
        errors = [float(row["rating"]) - known for row, known in zip(predicted, (3, 5, 4, 1))]
        rmse = math.sqrt(sum(error * error for error in errors) / 4)
        self.assertAlmostEqual(result["model"]["rmse"], rmse, places=6)
        self.assertAlmostEqual(result["model"]["mae"], sum(map(abs, errors)) / 4, places=6)

    def test_table_and_warning(self):
        done = self.run_tool("evaluate", "model.safetensors", "ratings.csv", "-q")
        self.assertRegex(done.stdout, r"(?m)^predictor +RMSE +MAE ")
        self.assertIn("the model was trained on", done.stderr)
        done = self.run_tool("evaluate", "model.safetensors", "-", "-q",
                             stdin=(self.path / "ratings.csv").read_text())
        self.assertIn("standard input: the model was trained on", done.stderr)


class Predict(tool.ToolTest):
    def predict(self, text, *options):
        return rows(self.good("predict", "model.safetensors", "--csv", *options, stdin=text))

    def test_basis_and_order(self):
        answers = self.predict("u1,i1\nx,i1\nu1,x\nx,y\n")
        self.assertEqual([row["basis"] for row in answers],
                         ["model", "item bias", "user bias", "mean"])
        self.assertEqual([row["user"] for row in answers], ["u1", "x", "u1", "x"])
        for row in answers:
            self.assertTrue(1 <= float(row["rating"]) <= 5)

    def test_forms_of_input(self):
        expected = self.predict("u1,i1\nu2,i2\n")
        for text in ("u1\ti1\nu2\ti2\n", "u1::i1\nu2::i2", "u1 i1\r\nu2 i2\r\n",
                     "\ufeffuser,item\nu1,i1\n\nu2,i2\n", '"u1","i1"\n"u2","i2"\n',
                     "u1,i1,3,9\nu2,i2,4,9\n", "rating,movieId,userId\n4,i1,u1\n4,i2,u2\n"):
            self.assertEqual(self.predict(text), expected, repr(text))
        self.assertEqual(self.predict("user,item\nu1,i1\n", "--header", "no")[0]["basis"], "mean")

    def test_one_pair(self):
        one = rows(self.good("predict", "model.safetensors", "--csv", "-u", "u1", "-i", "i1"))
        self.assertEqual(one, self.predict("u1,i1\n"))

    def test_form_is_reported(self):
        self.write("pairs.csv", "rating;movieId;userId\n4;i1;u1\n")
        done = self.run_tool("predict", "model.safetensors", "pairs.csv")
        self.assertEqual(done.stderr, "Reading pairs.csv: delimiter semicolon, a header line\n"
                                      "  columns: user 3, item 2\n")
        done = self.run_tool("predict", "model.safetensors", stdin="u1 i1\n")
        self.assertEqual(done.stderr, "Reading standard input: delimiter blank, no header line\n"
                                      "  columns: user 1, item 2\n")
        self.assertEqual(self.run_tool("predict", "model.safetensors", "-q", stdin="u1 i1\n").stderr, "")
        self.assertEqual(self.run_tool("predict", "model.safetensors", "-uu1", "-ii1").stderr, "")

    def test_no_pairs(self):
        self.assertEqual(self.predict(""), [])
        for text in ("", "user,item\n", "\n\n"):
            done = self.run_tool("predict", "model.safetensors", "-q", stdin=text)
            self.assertEqual(done.stderr, "descent: standard input: the file holds no pairs\n")
        self.assertEqual(json.loads(self.good("predict", "model.safetensors", "--json")), [])

    def test_bad_line(self):
        self.write("pairs.csv", "u1,i1\nu2\n")
        self.assertIn("pairs.csv:2:3: ", self.bad(3, "predict", "model.safetensors", "pairs.csv"))
        self.write("pairs.csv", "u1,i1\n,i2\n")
        self.assertIn("pairs.csv:2:1: the user id is empty",
                      self.bad(3, "predict", "model.safetensors", "pairs.csv"))
        self.write("pairs.csv", 'u1,i1\n"u2,i2\n')
        self.assertIn("pairs.csv:2:1: ", self.bad(3, "predict", "model.safetensors", "pairs.csv"))

    def test_json_stays_one_document_after_a_bad_line(self):
        done = self.run_tool("predict", "model.safetensors", "--json", stdin="u1,i1\nu2\n")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(len(json.loads(done.stdout)), 1)

    def test_strange_ids(self):
        pairs = 'a"b,i1\n"x, y",i1\n\udcff\udcfe,i1\n'
        answers = json.loads(self.good("predict", "model.safetensors", "--json", stdin=pairs))
        self.assertEqual([row["user"] for row in answers], ['a"b', "x, y", "\ufffd\ufffd"])
        table = self.predict(pairs)
        self.assertEqual([row["user"] for row in table], ['a"b', "x, y", "\udcff\udcfe"])

    def test_control_characters_do_not_reach_the_terminal(self):
        out = self.good("predict", "model.safetensors", "-u", "\033[2Jred", "-i", "i1")
        self.assertNotIn("\033", out)
        self.assertIn("\ufffd[2Jred", out)
        self.write("wild.csv", b"u1,i1,5\nu1,i2,\xc2\x9b31m\xff\n")
        err = self.bad(3, "train", "wild.csv", "-o", "never.st")
        self.assertIn('"?31m?"', err)
        err = self.bad(5, "train", "no\u009b31m\udcff.csv", "-o", "never.st")
        self.assertIn("no?31m?.csv", err)


class Recommend(tool.ToolTest):
    def rated_by(self, user):
        lines = (self.path / "ratings.csv").read_text().split()
        return {line.split(",")[1] for line in lines if line.startswith(user + ",")}

    def test_best_first_and_nothing_rated(self):
        table = rows(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "5", "--csv"))
        self.assertEqual([row["rank"] for row in table], ["1", "2", "3", "4", "5"])
        ratings = [float(row["rating"]) for row in table]
        self.assertEqual(ratings, sorted(ratings, reverse=True))
        self.assertFalse({row["item"] for row in table} & self.rated_by("u4"))

    def test_ratings_are_those_of_predict(self):
        table = rows(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "5", "--csv"))
        for row in table:
            one = rows(self.good("predict", "model.safetensors", "-u", "u4", "-i", row["item"],
                                 "--csv"))[0]
            self.assertAlmostEqual(float(row["rating"]), float(one["rating"]), places=5)

    def test_the_catalogue_ends(self):
        table = rows(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "99", "--csv"))
        self.assertEqual(len(table), 30 - len(self.rated_by("u4")))

    def test_unknown_user(self):
        done = self.run_tool("recommend", "model.safetensors", "-u", "who", "-n", "3", "--json")
        self.assertEqual(done.returncode, 0)
        self.assertIn("who: the model does not know this user", done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual((answer["user"], answer["known"]), ("who", False))
        self.assertEqual(len(answer["recommendations"]), 3)

    def test_all(self):
        answers = json.loads(self.good("recommend", "model.safetensors", "--all", "-n", "2",
                                       "--json"))
        self.assertEqual({answer["user"] for answer in answers}, {f"u{i}" for i in range(40)})
        table = rows(self.good("recommend", "model.safetensors", "--all", "-n", "2", "--csv"))
        self.assertEqual([row["item"] for row in table],
                         [one["item"] for answer in answers for one in answer["recommendations"]])
        text = self.good("recommend", "model.safetensors", "--all", "-n", "2")
        self.assertEqual(text.count("user u"), 40)

    def test_titles(self):
        self.write("u.item", b"".join(b"i%d|Caf\xe9 No. %d|1995\n" % (i, i) for i in range(29)))
        answer = json.loads(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "99",
                                      "--items", "u.item", "--json"))
        for one in answer["recommendations"]:
            if one["item"] == "i29":
                self.assertNotIn("title", one)
            else:
                self.assertEqual(one["title"], f"Café No. {one['item'][1:]}")
        self.assertIn("Café No. ", self.good("recommend", "model.safetensors", "-u", "u4",
                                             "--items", "u.item"))
        self.bad(5, "recommend", "model.safetensors", "-u", "u4", "--items", "missing")

    def test_titles_of_other_items_are_told_of(self):
        self.write("one.csv", "x1,Alpha\ni2,Beta\n")
        self.write("none.csv", "x1,Alpha\nx2,Beta\n")
        for command in (["recommend", "model.safetensors", "-u", "u4"],
                        ["inspect", "model.safetensors"]):
            done = self.run_tool(*command, "--items", "one.csv")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            done = self.run_tool(*command, "--items", "none.csv")
            self.assertEqual(done.returncode, 0)
            self.assertIn("none.csv: none of its 2 ids is an item of the model", done.stderr)
            done = self.run_tool(*command, "--items", "-", stdin="x1,Alpha\n")
            self.assertIn("standard input: none of its 1 ids", done.stderr)


class Inspect(tool.ToolTest):
    def test_layers_and_parameters_add_up(self):
        facts = json.loads(self.good("inspect", "model.safetensors", "--json", "-n", "7"))
        shapes = [(layer["inputs"], layer["outputs"]) for layer in facts["layers"]]
        self.assertEqual(shapes, [(8, 8), (8, 4), (4, 1)])
        network = sum(layer["parameters"] for layer in facts["layers"])
        self.assertEqual(facts["parameters"], 70 * 4 + 70 + network)
        self.assertEqual(facts["file_bytes"], (self.path / "model.safetensors").stat().st_size)
        counts = [item["n_ratings"] for item in facts["most_rated"]]
        self.assertEqual(len(counts), 7)
        self.assertEqual(counts, sorted(counts, reverse=True))

    def test_table(self):
        text = self.good("inspect", "model.safetensors")
        for words in ("users                40", "--hidden             8,4", "user vectors  40 x 4"):
            self.assertIn(words, text)


class DamagedModels(tool.ToolTest):
    def test_truncated_or_altered_anywhere(self):
        data = (self.path / "model.safetensors").read_bytes()
        places = sorted({0, 7, 8, 9, 100, len(data) // 2, len(data) - 1})
        for place in places:
            self.write("cut.st", data[:place])
            self.assertIn("cut.st: ", self.bad(4, "inspect", "cut.st"))
            altered = bytearray(data)
            altered[place] ^= 0x10
            self.write("altered.st", bytes(altered))
            self.assertIn("altered.st: ", self.bad(4, "recommend", "altered.st", "--user", "u1"))
        self.write("longer.st", data + b"\0")
        self.bad(4, "evaluate", "longer.st", "ratings.csv")
        self.bad(4, "predict", "ratings.csv", "ratings.csv")


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


class Demo(tool.ToolTest):
    def start_demo(self, *words):
        """Runs a demonstration until its files are written and training begins, then ends it."""
        with subprocess.Popen([tool.DESCENT, "demo", *words], cwd=self.path, encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            lines = iter(running.stdout.readline, "")
            is_training = any(line.startswith("2. Training") for line in lines)
            running.terminate()
        self.assertTrue(is_training)

    def test_finds_what_was_planted(self):
        text = self.good("demo", "--directory", "d")
        error = {name: float(value) for name, value in
                 re.findall(r"(?m)^ +(biases|model|best possible) +(\d\.\d+) ", text)}
        self.assertLess(error["best possible"], error["model"])
        self.assertLess(error["model"], 0.75 * error["biases"])
        commands = [line.split() for line in text.split("Go on with")[1].splitlines()[1:]]
        self.assertEqual(len(commands), 4)
        for command in commands:
            self.good(*command[1:])
        told = re.search(r"(?m)^  \S+ (train .*)$", text).group(1)
        model = self.path / "d/model.safetensors"
        shown = model.read_bytes()
        self.good(*told.split())
        self.assertEqual(model.read_bytes(), shown)
        self.start_demo("--directory", "d")
        self.assertEqual(model.read_bytes(), shown)
        model.write_bytes(shown + b"mine")
        self.assertIn("d/model.safetensors: is there already",
                      self.bad(5, "demo", "--directory", "d"))

    def test_replaces_what_it_made_and_nothing_else(self):
        self.start_demo("--directory", "own")
        first = (self.path / "own/ratings.csv").read_bytes()
        self.start_demo("--directory", "own", "--seed", "2")
        self.assertNotEqual((self.path / "own/ratings.csv").read_bytes(), first)
        for name in ("ratings.csv", "test.csv", "titles.csv"):
            path = self.path / "own" / name
            made = path.read_bytes()
            path.write_bytes(made + b"mine")
            err = self.bad(5, "demo", "--directory", "own")
            self.assertIn(f"own/{name}: is there already", err)
            self.assertIn("--directory", err)
            self.assertEqual(path.read_bytes(), made + b"mine")
            path.write_bytes(made)
        (self.path / "own/titles.csv").unlink()
        self.start_demo("--directory", "own")

    def test_files_of_others_are_kept(self):
        for name in ("ratings.csv", "model.safetensors", ".descent-demo"):
            folder = self.path / f"theirs-{name}"
            folder.mkdir()
            (folder / name).write_text("mine\n")
            err = self.bad(5, "demo", "--directory", folder.name)
            self.assertIn(f"{folder.name}/{name}: is there already", err)
            self.assertEqual([path.name for path in folder.iterdir()], [name])
            self.assertEqual((folder / name).read_text(), "mine\n")

    def test_a_place_that_cannot_be_written(self):
        self.bad(5, "demo", "--directory", "no/such/place")
        err = self.bad(5, "demo", "--directory", "ratings.csv")
        self.assertEqual(err, "descent: ratings.csv: is not a directory\n")


if __name__ == "__main__":
    tool.main()
