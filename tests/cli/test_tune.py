#!/usr/bin/env python3
"""descent tune: what it writes and says, its journal, interruptions."""
import json
import math
import os
import re
import signal
import subprocess

import tool

# Ten trials of two forms on four rungs; the default goes on whatever it does, so the last has two.
SEARCH = ["--forms", "perceptron,dot", "--trials", "10", "--folds", "3", "--eta", "2"]
SIZES = [10, 5, 2, 2]
BUDGETS = {1: (1, 3 / 8), 2: (1, 3 / 4), 3: (2, 1), 4: (3, 1)}  # folds and share of the epochs
LAST = len(SIZES)


class TuneTest(tool.ToolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cls.run_tool("tune", "ratings.csv", "-o", "whole.json", "--json", *SEARCH)
        assert done.returncode == 0, done.stderr
        cls.said, cls.document = done.stderr, json.loads(done.stdout)
        cls.whole = (cls.path / "whole.json").read_bytes()
        cls.lines = (cls.path / "whole.json.journal").read_text().splitlines(keepends=True)

    def journal(self, name="whole.json.journal"):
        """The lines as objects without their times."""
        lines = [json.loads(line) for line in (self.path / name).read_text().splitlines()]
        for line in lines:
            line.pop("seconds", None)
        return lines

    def without_times(self, text):
        document = json.loads(text)
        for part in [document, *document["trials"]]:
            part.pop("seconds")
        document.pop("config")
        return document


class Search(TuneTest):
    def test_rungs_have_their_sizes_and_budgets(self):
        rungs = re.findall(r"(?m)^rung (\d) of 4, (\d+) of (\d+): trial \d+, RMSE [\d.]+ \+- [\d.]+, "
                           r"best [\d.]+, about \d+:\d\d left$", self.said)
        expected = [(str(r + 1), str(i + 1), str(n)) for r, n in enumerate(SIZES) for i in range(n)]
        self.assertEqual(rungs, expected)
        for trial in self.document["trials"]:
            folds, share = BUDGETS[trial["rung"]]
            self.assertEqual(trial["folds"], folds)
            self.assertEqual(trial["epochs"], math.ceil(trial["settings"]["epochs"] * share))

    def test_the_defaults_are_there_to_the_end(self):
        default = next(t for t in self.document["trials"] if t["trial"] == 1)
        self.assertEqual((default["rung"], default["settings"]["form"]), (LAST, "perceptron"))
        self.assertNotIn("ridge", default["settings"])
        chosen = next(t for t in self.document["trials"] if t["trial"] == self.document["chosen"])
        self.assertLessEqual(chosen["score"], default["score"])

    def test_forms_take_turns(self):
        forms = {t["trial"]: t["settings"]["form"] for t in self.document["trials"]}
        self.assertEqual([forms[i + 1] for i in range(10)], ["perceptron", "dot"] * 5)

    def test_every_other_draw_is_near_the_defaults(self):
        settings = {t["trial"]: t["settings"] for t in self.document["trials"]}
        text = self.good("inspect", "model.safetensors", "--config")
        usual = json.loads(text) | {"factors": 32, "hidden": [64, 32]}
        for trial in (3, 7):
            for name in ("hidden", "history", "average", "batch", "loss"):
                self.assertEqual(settings[trial][name], usual[name])
            for name, root in (("factors", 4), ("l2", 10), ("l2-biases", 10), ("l2-network", 10),
                               ("rate", 8)):
                ratio = settings[trial][name] / usual[name]
                self.assertTrue(root ** (-1 / 3) * 0.98 < ratio < root ** (1 / 3) * 1.02, (trial, name))
                self.assertNotEqual(ratio, 1)
        far = [settings[trial] for trial in (5, 9)]
        self.assertTrue(any(one["history"] == "both" or one["hidden"] != [64, 32] for one in far))

    def test_only_scales_are_tried_as_such(self):
        losses = {t["settings"]["loss"] for t in self.document["trials"] if
                  t["settings"]["form"] == "dot"}
        self.assertEqual(losses, {"squared", "ordinal"})
        text = (self.path / "ratings.csv").read_text().splitlines()
        self.write("real.csv", "".join(f"{line}.{i:03}\n" for i, line in enumerate(text[1:])))
        out = self.good("tune", "real.csv", "-o", "real.json", "-q", *SEARCH, "--json")
        self.assertEqual({t["settings"]["loss"] for t in json.loads(out)["trials"]}, {"squared"})

    def test_the_list_is_sorted(self):
        order = [(-t["rung"], t["score"]) for t in self.document["trials"]]
        self.assertEqual(order, sorted(order))
        self.assertEqual(len(order), 10)

    def test_the_configuration_is_that_of_the_chosen_trial(self):
        config = json.loads(self.whole)
        maker = config.pop("made by")
        chosen = next(t for t in self.document["trials"] if t["trial"] == self.document["chosen"])
        self.assertEqual(config, chosen["settings"])
        self.assertRegex(maker, r"^descent [\d.]+, tune: RMSE [\d.]+ \+- [\d.]+ in 3 folds of \d+ "
                                r"ratings, trial \d+ of 10 \(defaults [\d.]+\)$")
        self.good("train", "ratings.csv", "-o", "tuned.st", "-q", "--config", "whole.json")
        again = json.loads(self.good("inspect", "tuned.st", "--config"))
        again.pop("made by")
        self.assertEqual(again, again | config)

    def test_scores_are_those_of_validate(self):
        """Another command of the same folds, which knows nothing of sums and journals."""
        for trial in self.document["trials"]:
            if trial["rung"] == LAST:
                self.write("trial.json", json.dumps(trial["settings"]))
                folds = json.loads(self.good("validate", "ratings.csv", "-q", "--protocol", "folds",
                                             "--folds", "3", "--json", "--config", "trial.json"))
                squares = n = 0
                for fold in folds["folds"]:
                    squares += fold["pairs"] * fold["model"]["rmse"] ** 2
                    n += fold["pairs"]
                self.assertAlmostEqual((squares / n) ** 0.5, trial["score"], places=6)

    def test_the_standard_error_is_that_of_the_delta_method(self):
        trial = next(t for t in self.document["trials"] if t["rung"] == LAST)
        lines = [line for line in self.journal()[1:] if line["trial"] == trial["trial"]
                 and line["epochs"] == trial["epochs"]]
        n, total, squares = (sum(line[k] for line in lines) for k in ("n", "sum", "squares"))
        mean = total / n
        error = ((squares / n - mean * mean) / (n - 1)) ** 0.5 / (2 * mean ** 0.5)
        self.assertAlmostEqual(error, trial["standard_error"], places=7)

    def test_the_table(self):
        table = self.good("tune", "ratings.csv", "-o", "whole.json", "-q", *SEARCH).splitlines()
        self.assertRegex(table[0], r"^ +trial +form +folds +epochs +RMSE +\+- +seconds +settings$")
        self.assertEqual(len(table), 11)
        self.assertRegex("\n".join(table), r"(?m)^\*? +1 +perceptron +3 +100 .* \(defaults\)$")
        self.assertRegex("\n".join(table), r"--loss \w+ --factors \d+ --ridge [\d.]+ "
                                           r"--ridge-biases [\d.]+")
        self.assertRegex("\n".join(table), r"--history \w+ --factors \d+ --hidden [\d,]+ --rate ")
        self.assertEqual(len([line for line in table if line.startswith("*")]), 1)

    def test_the_seed_decides(self):
        self.good("tune", "ratings.csv", "-o", "other.json", "-q", *SEARCH, "--seed", "2",
                  "--trials", "3")
        self.good("tune", "ratings.csv", "-o", "same.json", "-q", *SEARCH, "--trials", "3")
        a, b = self.journal("other.json.journal"), self.journal("same.json.journal")
        self.assertNotEqual(a[1]["sum"], b[1]["sum"])
        settings = [json.loads(self.good("tune", "ratings.csv", "-o", name, "-q", *SEARCH,
                                         "--trials", "3", "--seed", seed, "--json"))["trials"]
                    for name, seed in (("other.json", "2"), ("same.json", "1"))]
        drawn = [next(t for t in trials if t["trial"] == 3)["settings"] for trials in settings]
        self.assertNotEqual(drawn[0]["rate"], drawn[1]["rate"])
        self.assertEqual((drawn[0]["seed"], drawn[1]["seed"]), (2, 1))

    def test_measures(self):
        out = self.good("tune", "ratings.csv", "-o", "mae.json", "--json", "-q", "--measure", "mae",
                        "--forms", "dot", "--trials", "1", "--folds", "2")
        only = json.loads(out)["trials"][0]
        folds = json.loads(self.good("validate", "ratings.csv", "-q", "--protocol", "folds",
                                     "--folds", "2", "--json", "--form", "dot"))["folds"]
        mean = sum(f["pairs"] * f["model"]["mae"] for f in folds) / sum(f["pairs"] for f in folds)
        self.assertAlmostEqual(only["score"], mean, places=6)
        self.assertIn("tune: MAE ", (self.path / "mae.json").read_text())

    def test_one_standard_error_takes_a_smaller_model(self):
        words = ["tune", "ratings.csv", "--json", "-q", *SEARCH, "--journal", "whole.json.journal"]
        simple = json.loads(self.good(*words, "-o", "simple.json", "--one-standard-error"))
        last = [t for t in simple["trials"] if t["rung"] == LAST]
        best, default = last[0], next(t for t in last if t["trial"] == 1)
        limit = min(best["score"] + best["standard_error"], default["score"])
        allowed = [t for t in last if t["score"] <= limit]
        smallest = min(allowed, key=lambda t: (t["parameters"], t["score"], t["trial"]))
        self.assertEqual(simple["chosen"], smallest["trial"])

    def test_one_trial_is_the_defaults(self):
        self.good("tune", "ratings.csv", "-o", "one.json", "-q", "--trials", "1", "--forms", "dot",
                  "--folds", "2")
        self.assertEqual(json.loads((self.path / "one.json").read_text())["form"], "dot")
        self.assertEqual([(l["trial"], l["fold"], l["epochs"])
                          for l in self.journal("one.json.journal")[1:]], [(1, 1, 300), (1, 2, 300)])

    def test_no_time_leaves_the_defaults(self):
        done = self.run_tool("tune", "ratings.csv", "-o", "short.json", *SEARCH, "--minutes", "1e-9",
                             "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("No time for 9 of 10 trials\n", done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual([(t["trial"], t["rung"]) for t in document["trials"]], [(1, LAST)])
        # The journal goes on with more time.
        self.good("tune", "ratings.csv", "-o", "short.json", *SEARCH, "-q")
        self.assertEqual((self.path / "short.json").read_bytes(), self.whole)


class Interruption(TuneTest):
    def start(self, name, n_lines):
        """A search of which so many trials of rungs have been scored."""
        process = subprocess.Popen([tool.DESCENT, "tune", "ratings.csv", "-o", name, *SEARCH],
                                   cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   encoding="utf-8")
        self.addCleanup(process.kill)
        for line in process.stderr:
            n_lines -= line.startswith("rung ")
            if n_lines == 0:
                return process
        raise AssertionError("the search ended too soon")

    def resume(self, name):
        out = self.good("tune", "ratings.csv", "-o", name, *SEARCH, "--json")
        self.assertEqual((self.path / name).read_bytes(), self.whole)
        self.assertEqual(self.journal(name + ".journal"), self.journal())
        self.assertEqual(self.without_times(out), self.without_times(json.dumps(self.document)))

    def test_killed_anywhere_it_ends_the_same(self):
        for n_lines in (1, 4, 10, 15, 18):
            name = f"killed{n_lines}.json"
            process = self.start(name, n_lines)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=tool.TIMEOUT_S)
            self.assertEqual(process.returncode, -signal.SIGKILL)
            self.assertFalse((self.path / name).exists())
            self.resume(name)

    def test_killed_again_and_again(self):
        for n_lines in (2, 5, 11):
            process = self.start("often.json", n_lines)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=tool.TIMEOUT_S)
        self.resume("often.json")

    def test_ctrl_c_says_how_to_go_on(self):
        process = self.start("ctrl.json", 3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=tool.TIMEOUT_S)
        self.assertEqual(process.returncode, 130, said)
        self.assertRegex(said, r"descent: interrupted; \d+ measurements are in ctrl\.json\.journal, "
                               r"and the same command goes on from there\n$")
        self.assertFalse((self.path / "ctrl.json").exists())
        done = self.run_tool("tune", "ratings.csv", "-o", "ctrl.json", *SEARCH)
        self.assertRegex(done.stderr, r"Going on with \d+ measurements of ctrl\.json\.journal\n")
        self.resume("ctrl.json")

    def test_two_at_a_time_are_refused(self):
        process = self.start("shared.json", 1)
        process.send_signal(signal.SIGSTOP)
        err = self.bad(5, "tune", "ratings.csv", "-o", "shared.json", *SEARCH)
        self.assertIn("shared.json.journal: is in use by another descent tune", err)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=tool.TIMEOUT_S)
        self.assertEqual((self.path / "shared.json").read_bytes(), self.whole)


class Journal(TuneTest):
    def tune(self, name, *more):
        return ["tune", "ratings.csv", "-o", name, "-q", *SEARCH, *more]

    def put(self, name, text):
        self.write(name + ".journal", text)

    def test_a_finished_one_needs_no_training(self):
        self.put("copy.json", "".join(self.lines))
        self.good(*self.tune("copy.json"))
        self.assertEqual((self.path / "copy.json").read_bytes(), self.whole)
        self.assertEqual((self.path / "copy.json.journal").read_text(), "".join(self.lines))

    def test_a_torn_last_line_is_dropped(self):
        header, first, second = self.lines[:3]
        for torn in (header[:1], header[:30], header[:-1], header + first[:1], header + first[:-1],
                     header + first + second[:20], header + first + second[:20] + "\n",
                     header + first + "\0\0\0\0", header + first + "\0\0\n"):
            self.put("torn.json", torn)
            done = self.run_tool(*self.tune("torn.json"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("torn.json.journal: dropped its last line, which was not written whole",
                          done.stderr)
            self.assertEqual((self.path / "torn.json").read_bytes(), self.whole)
            self.assertEqual(self.journal("torn.json.journal"), self.journal())

    def test_an_empty_one_is_begun(self):
        self.put("empty.json", "")
        self.good(*self.tune("empty.json"))
        self.assertEqual(self.journal("empty.json.journal"), self.journal())

    def test_another_search_is_refused_with_what_differs(self):
        self.put("other.json", "".join(self.lines))
        for words, difference in (
                (["--seed", "7"], 'seed "1" instead of "7"'),
                (["--trials", "11"], "trials 10 instead of 11"),
                (["--folds", "4"], "folds 3 instead of 4"),
                (["--eta", "4", "--seed", "3"], 'eta 2 instead of 4, seed "1" instead of "3"'),
                (["--measure", "mae"], 'measure "rmse" instead of "mae"'),
                (["--isa", "c"], 'instead of "c"'),
                (["--forms", "dot,perceptron"], 'forms "perceptron,dot" instead of "dot,perceptron"'),
                (["--columns", "2,1,3"], "checksum ")):
            if words == ["--isa", "c"] and '"instruction set":"c"' in self.lines[0]:
                continue
            err = self.bad(3, *self.tune("other.json", *words))
            self.assertIn("other.json.journal: is the journal of another search: found ", err)
            self.assertIn(difference, err)
            self.assertIn("; remove it to begin anew, or name another one by --journal", err)
        self.assertEqual((self.path / "other.json.journal").read_text(), "".join(self.lines))
        self.assertFalse((self.path / "other.json").exists())

    def test_other_ratings_are_refused(self):
        text = (self.path / "ratings.csv").read_text()
        self.put("data.json", "".join(self.lines))
        for changed, difference in ((text + "u0,new,3\n", "ratings "),
                                    (text.replace("u3,i4,", "u3,iX,", 1), "checksum "),
                                    (re.sub(r"(\nu1,i\d+),\d", r"\1,3.5", text, count=1), "checksum ")):
            self.assertNotEqual(changed, text)
            self.write("changed.csv", changed)
            err = self.bad(3, "tune", "changed.csv", "-o", "data.json", "-q", *SEARCH)
            self.assertIn(difference, err)

    def test_the_journal_of_a_program_that_draws_otherwise_is_refused(self):
        header = json.loads(self.lines[0])
        settings = header["settings"]
        self.put("drawn.json", self.lines[0].replace(settings, "0" * 16) + "".join(self.lines[1:]))
        self.assertIn(f'settings "{16 * "0"}" instead of "{settings}"',
                      self.bad(3, *self.tune("drawn.json")))

    def test_what_is_no_journal_is_left_alone(self):
        model = (self.path / "model.safetensors").read_bytes()
        for content in (model, b"a line\n", b"no line", b"{}\n", b'{"journal": 1}\n', b"\0\0\n", b"\n",
                        b'{"journal of": "descent tune"', (self.path / "ratings.csv").read_bytes()):
            self.write("foreign", content)
            self.bad(3, *self.tune("f.json", "--journal", "foreign"))
            self.assertEqual((self.path / "foreign").read_bytes(), content)

    def test_a_damaged_line_is_an_error(self):
        for bad in ("", "x", "[]", "{}", '{"trial": 1, "fold": 0, "epochs": 3, "seconds": 1}',
                    self.lines[1].replace('"n":', '"m":').strip(),
                    self.lines[1].replace('"fold":1', '"fold":0').strip(),
                    self.lines[1].replace('"sum":', '"sum":"x","more":').strip()):
            self.put("bad.json", self.lines[0] + bad + "\n" + self.lines[2])
            err = self.bad(3, *self.tune("bad.json"))
            self.assertIn("bad.json.journal: line 2 is no evaluation; expected an object", err)


class Usage(TuneTest):
    def test_wrong_command_lines(self):
        for words, message in (
                ([], "tune: --output CONFIG.json is missing"),
                (["-o", "c.json", "--forms", "dott"], '--forms: "dott" is no form to search; did you'),
                (["-o", "c.json", "--forms", "x9"], '"x9" is no form to search; expected some of hist'),
                (["-o", "c.json", "--forms", "dot,"], '--forms: "" is no form to search'),
                (["-o", "c.json", "--forms", "dot,dot"], "--forms: dot is named twice"),
                (["-o", "c.json", "--trials", "0"], "--trials: 0 is out of range"),
                (["-o", "c.json", "--forms", "dot,mixed", "--trials", "1"],
                 "--trials: is 1; expected at least 2, the defaults of each form"),
                (["-o", "c.json", "--folds", "1"], "--folds: 1 is out of range; expected 2 to"),
                (["-o", "c.json", "--eta", "1"], "--eta: 1 is out of range; expected 2 to"),
                (["-o", "c.json", "--minutes", "0"], "--minutes: 0 is out of range"),
                (["-o", "c.json", "--measure", "auc"], "--measure: \"auc\" is none of the choices"),
                (["-o", "ratings.csv"], "ratings.csv: is the file of ratings"),
                (["-o", "c.json", "--journal", "c.json"], "--journal: is the file of --output"),
                (["-o", "c.json", "--journal", "ratings.csv"], "ratings.csv: is the file of ratings"),
                (["-o", "-"], "--output: a configuration cannot be written to standard output")):
            self.assertIn(message, self.bad(2, "tune", "ratings.csv", *words))
        self.write("link-target.json", "{}")
        os.link(self.path / "link-target.json", self.path / "link.json")
        self.assertIn("is the file of --output", self.bad(
            2, "tune", "ratings.csv", "-o", "link-target.json", "--journal", "link.json"))
        self.assertIn("no/c.json: its directory no cannot be used",
                      self.bad(5, "tune", "ratings.csv", "-o", "no/c.json"))
        self.assertIn("no/j: its directory no cannot be used",
                      self.bad(5, "tune", "ratings.csv", "-o", "c.json", "--journal", "no/j"))

    def test_ratings_that_nothing_can_be_trained_on(self):
        self.write("two.csv", "u,i,3\nu,j,4\n")
        words = ["tune", "two.csv", "-o", "two.json", "-q", "--folds", "2", "--trials", "3"]
        err = self.bad(1, *words)
        self.assertIn("none of the trials can be trained on these ratings; the last: ", err)
        self.assertIn('"failed":true', (self.path / "two.json.journal").read_text())
        self.assertIn("none of the trials can be trained on these ratings\n", self.bad(1, *words))
        self.assertFalse((self.path / "two.json").exists())

    def test_only_ratings_train(self):
        for option in ("--implicit", "--lists"):
            self.assertIn(f"{option}: searches are for models of ratings",
                          self.bad(2, "tune", "ratings.csv", "-o", "c.json", option))

    def test_too_few_ratings(self):
        self.write("few.csv", "u,i,3\nu,j,4\n")
        self.assertIn("folds: 5 is out of range; expected 2 to 2", self.bad(2, "tune", "few.csv", "-o", "few.json", "-q"))
        self.assertFalse((self.path / "few.json").exists())

    def test_a_full_disk_is_an_error(self):
        if os.path.exists("/dev/full"):
            err = self.bad(5, "tune", "ratings.csv", "-o", "c.json", "--journal", "/dev/full", "-q")
            self.assertIn("/dev/full: is not a regular file", err)


if __name__ == "__main__":
    tool.main()
