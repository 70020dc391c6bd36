#!/usr/bin/env python3
"""Configurations in files: train and validate --config, inspect --config."""
import json
import re

import tool

# A configuration that sets every option, of each optimizer.
STEPS = {"form": "mixed", "history": "both", "l2-user-history": 0.3, "l2-item-history": 0.4,
         "history-dropout": 0.2, "average": 2, "factors": 3, "hidden": [6, 5, 4], "activation": "tanh",
         "no-biases": True, "no-mean": True, "optimizer": "sgd", "rate": 0.002, "momentum": 0.5,
         "l2": 0.03, "l2-biases": 0.04, "l2-network": 0.05, "batch": 17, "epochs": 2, "patience": 9,
         "holdout": 0.2, "seed": 11}
FULL = {"form": "mixed", "history": "both", "weigh-history": "user", "share-vector": "item",
        "user-activation": "tanh", "item-activation": "sigmoid", "factors": 3, "hidden": [4, 4], "activation": "relu",
        "no-biases": False, "loss": "ordinal", "optimizer": "lbfgs", "ridge": 1.25,
        "ridge-user-history": 2.0, "ridge-item-history": 0.1, "ridge-biases": 5.0,
        "ridge-network": 1e-07, "ridge-power": 0.25, "epochs": 4, "patience": 3, "holdout": 0.1, "seed": 1}
TIMED = {"form": "dot", "time-bins": 3, "session-gap": 90, "ridge-time-bins": 2.5,
         "ridge-sessions": 0.5, "ridge": 7.0, "epochs": 3}
# Of interactions, beside --implicit on the command line.
SAMPLED = {"form": "dot", "factors": 3, "loss": "bpr", "optimizer": "adam", "train-negatives": 2,
           "batch": 32, "epochs": 2, "precision": "bf16"}
ALS = {"form": "ials", "factors": 3, "unobserved-weight": 0.3, "ridge": 0.02, "epochs": 2}


def options_of(config):
    """The same as options of the command line."""
    words = []
    for name, value in config.items():
        if value is True:
            words.append(f"--{name}")
        elif isinstance(value, list):
            words += [f"--{name}", ",".join(map(str, value))]
        elif value is not False:
            words += [f"--{name}", str(value)]
    return words


class Reading(tool.ToolTest):
    def config(self, settings, name="c.json"):
        return self.write(name, json.dumps(settings, indent=1))

    def bytes_of(self, *words, ratings="ratings.csv"):
        self.good("train", ratings, "-o", "bytes.st", "-q", *words)
        return (self.path / "bytes.st").read_bytes()

    def test_a_file_is_the_same_as_the_options(self):
        for settings in (STEPS, FULL, {"form": "dot", "epochs": 5, "ridge": 7}):
            self.assertEqual(self.bytes_of("--config", self.config(settings)),
                             self.bytes_of(*options_of(settings)))
        tool.make_ratings(self.path / "timed.csv", with_times=True)
        self.assertEqual(self.bytes_of("--config", self.config(TIMED), ratings="timed.csv"),
                         self.bytes_of(*options_of(TIMED), ratings="timed.csv"))
        for settings in (SAMPLED, ALS):
            self.assertEqual(self.bytes_of("--implicit", "--config", self.config(settings)),
                             self.bytes_of("--implicit", *options_of(settings)))

    def test_every_option_of_model_and_training_may_stand_in_a_file(self):
        text = self.good("train", "--help")
        groups = re.search(r"(?s)\nModel:\n(.*?)\nReading:\n", text).group(1)
        names = set(re.findall(r"(?m)^ +(?:-\w, )?--([a-z0-9-]+)", groups)) - {"output"}
        self.assertEqual(names, STEPS.keys() | FULL.keys() | TIMED.keys() | SAMPLED.keys() | ALS.keys())

    def test_the_command_line_counts_more(self):
        self.config(STEPS)
        changed = self.bytes_of("--config", "c.json", "--factors", "5", "--epochs=3")
        self.assertEqual(changed, self.bytes_of(*options_of(STEPS | {"factors": 5, "epochs": 3})))
        self.assertEqual(changed, self.bytes_of("--factors", "5", "--epochs=3", "--config=c.json"))

    def test_the_form_of_the_file_gives_the_other_defaults(self):
        self.config({"form": "perceptron", "epochs": 2})
        self.assertEqual(self.bytes_of("--config", "c.json"),
                         self.bytes_of("--form", "perceptron", "--epochs", "2"))
        self.assertEqual(self.bytes_of("--config", "c.json", "--form", "mixed"),
                         self.bytes_of("--form", "mixed", "--epochs", "2"))
        self.assertIn("default adam", " ".join(self.good("train", "--config", "c.json",
                                                         "--help").split()))

    def test_options_that_are_cut_short_count_too(self):
        self.config({"epochs": 2})
        short = self.bytes_of("--conf", "c.json", "--for", "perceptron")
        self.assertEqual(short, self.bytes_of("--form=perceptron", "--epochs", "2"))

    def test_seeds_have_64_bits(self):
        for seed in (0, 2**53, 2**63 - 1):
            self.assertEqual(self.bytes_of("--config", self.config({"epochs": 1, "seed": seed})),
                             self.bytes_of("--epochs", "1", "--seed", str(seed)))
        self.config({"epochs": 1, "seed": str(2**64 - 1)})
        self.assertEqual(self.bytes_of("--config", "c.json"),
                         self.bytes_of("--epochs", "1", "--seed", str(2**64 - 1)))

    def test_validate_reads_it_too(self):
        self.config(STEPS)
        self.assertEqual(self.good("validate", "ratings.csv", "-q", "--config", "c.json"),
                         self.good("validate", "ratings.csv", "-q", *options_of(STEPS)))

    def test_what_is_wrong_and_where(self):
        for text, message in (
                ('{"factors": "40"}', ":1: factors: found a string, expected a whole number, 1 to 1024"),
                ('{"factors": 0}', ":1: factors: 0 is out of range; expected 1 to 1024"),
                ('{"factors": -2}', ":1: factors: \"-2\" is not a whole number; expected 1 to 1024"),
                ('{"factors": 3.5}', ":1: factors: found a number with a fraction, expected a whole"),
                ('{"factors": null}', ":1: factors: found null, expected a whole number"),
                ('{"epochs": 3,\n\n "fctors" : 3}', ":3: fctors: no such setting; did you mean \"factors\"?"),
                ('{"quiet": true}', ":1: quiet: no such setting; expected options of the groups"),
                ('{"output": "x"}', ":1: output: no such setting"),
                ('{"config": "x"}', ":1: config: no such setting"),
                ('{"form": "svd"}', ":1: form: \"svd\" is none of the choices; expected one of hist"),
                ('{"form": 3}', ":1: form: found a number, expected a string"),
                ('{"ridge": true}', ":1: ridge: found true, expected a number, at least 0"),
                ('{"ridge": -1}', ":1: ridge: -1 is out of range; expected at least 0"),
                ('{"no-mean": 1}', ":1: no-mean: found a number, expected true or false"),
                ('{"hidden": [3, "4"]}', ":1: hidden: found a list of something else, expected a list of"),
                ('{"hidden": []}', ":1: hidden: found an empty list, expected a list of whole numbers"),
                ('{"hidden": [3,\n5000]}', ":1: hidden: found \"3,5000\"; expected 2 to 5 numbers"),
                ('{"seed": "1x"}', ":1: seed: \"1x\" is not a whole number; expected 0 to 2^64"),
                ('{"made by": 3}', ":1: made by: found a number, expected a string"),
                ('[1]', ": found a list, expected an object of settings"),
                ('{"epochs": 1,}', ":1:14: this is not JSON"),
                ('{"epochs": 1, "epochs": 2}', ":1:22: a key is given twice"),
                ('', ":1:1: this is not JSON"),
                ('{"seed": 99999999999999999999}', ":1:29: a number is too large"),
                ('{"form": "mixed",\n "ridge": 3}', ":2: ridge: belongs to --optimizer lbfgs"),
                ('{"rate": 3}', ":1: rate: belongs to --optimizer sgd, adam and twin-adagrad")):
            self.write("wrong.json", text)
            for command in (["train", "-o", "no.st"], ["validate"]):
                err = self.bad(3, *command, "ratings.csv", "--config", "wrong.json")
                self.assertIn("descent: wrong.json" + message, err)
        self.assertFalse((self.path / "no.st").exists())

    def test_a_fault_of_the_command_line_is_not_the_files(self):
        self.config({"form": "mixed", "epochs": 2})
        err = self.bad(2, "train", "ratings.csv", "-o", "no.st", "--config", "c.json", "--ridge", "3")
        self.assertIn("descent: --ridge: belongs to --optimizer lbfgs", err)
        self.config({"form": "mixed", "ridge": 3})
        err = self.bad(2, "train", "ratings.csv", "-o", "no.st", "--config", "c.json", "--ridge", "3")
        self.assertIn("descent: --ridge: belongs to --optimizer lbfgs", err)

    def test_files_that_cannot_be_read(self):
        train = ["train", "ratings.csv", "-o", "no.st", "--config"]
        self.assertIn("none.json: cannot be opened: No such file", self.bad(5, *train, "none.json"))
        self.assertIn("cannot be read: Is a directory", self.bad(5, *train, "."))
        self.assertIn("not read from standard input", self.bad(2, *train, "-"))
        self.assertIn("--config: its value FILE.json is empty", self.bad(2, *train, ""))
        self.assertIn("--config: its value FILE.json is missing", self.bad(2, *train))
        self.write("long.json", "{" + 2**21 * " " + "}")
        self.assertIn("found more than 1 MiB, expected a configuration",
                      self.bad(3, *train, "long.json"))


class Writing(tool.ToolTest):
    def test_a_model_says_how_it_was_trained(self):
        for settings in (STEPS, FULL, {"epochs": 3, "seed": 2**64 - 1}, {"form": "dot", "epochs": 3},
                         {"form": "perceptron", "epochs": 1},
                         {"form": "dot", "optimizer": "adam", "epochs": 1}):
            self.good("train", "ratings.csv", "-o", "a.st", "-q", *options_of(settings))
            text = self.good("inspect", "a.st", "--config")
            self.write("a.json", text)
            written = json.loads(text)
            self.assertRegex(written.pop("made by"), r"^descent [\d.]+: a model of \d+ ratings$")
            self.assertEqual(int(written.pop("seed")), settings.get("seed", 1))
            for name in settings.keys() - {"seed"}:
                self.assertEqual(written[name], settings[name], name)
            self.good("train", "ratings.csv", "-o", "b.st", "-q", "--config", "a.json")
            self.assertEqual(self.good("inspect", "b.st", "--config"), text)
            # Trials leave a trace in strengths of parts that the model does not have: no same bytes.
            first, second = (self.good("predict", name, "ratings.csv", "--csv", "-q")
                             for name in ("a.st", "b.st"))
            self.assertEqual(first, second)
            if "ridge" in settings or "optimizer" in settings:
                self.assertEqual((self.path / "a.st").read_bytes(),
                                 (self.path / "b.st").read_bytes())

    def test_the_text_is_for_people(self):
        self.good("train", "ratings.csv", "-o", "a.st", "-q", *options_of(FULL))
        lines = self.good("inspect", "a.st", "--config").split("\n")
        self.assertEqual(lines[0], "{")
        self.assertEqual(lines[2:5], ['  "form": "mixed",', '  "history": "both",',
                                      '  "weigh-history": "user",'])
        self.assertIn('  "hidden": [4, 4],', lines)
        self.assertIn('  "ridge-item-history": 0.1,', lines)
        self.assertEqual(lines[-3:], ['  "seed": 1', "}", ""])

    def test_only_recommenders_have_one_and_only_by_itself(self):
        err = self.bad(2, "inspect", "model.safetensors", "--config", "--json")
        self.assertIn("--config, --json: only one of them can be used at a time", err)
        self.write("t.csv", "a,b\n" + "".join(f"{i},{2 * i}\n" for i in range(20)))
        self.good("net", "fit", "t.csv", "-o", "net.st", "--target", "b", "--epochs", "1")
        self.assertIn("--config: is for recommenders", self.bad(2, "inspect", "net.st", "--config"))


if __name__ == "__main__":
    tool.main()
