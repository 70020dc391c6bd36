#!/usr/bin/env python3
"""The options of descent train: each reaches the model, has the default that the help shows, and is refused where
it would do nothing."""
import json
import re

import tool


class Options(tool.ToolTest):
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


if __name__ == "__main__":
    tool.main()
