#!/usr/bin/env python3
"""`descent net check`: verdicts, digits, exact arithmetic, refusals; mistakes are in
test_check_mistakes.py."""
import json
import math
import pathlib
import random
import unittest
from fractions import Fraction

import hand
import tool

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLE = json.loads((ROOT / "examples" / "worked-example.json").read_text(encoding="utf-8"))

# Every cell of these is exactly representable, and the digits of `check` decide.
ONE = {"input": [[1]], "target": [[0]], "loss": "half-sum-of-squares", "rate": 1,
       "layers": [{"weights": [[0]]}]}


class CheckTest(tool.ToolTest):
    @classmethod
    def setUpClass(cls):  # needs no model
        cls.folder = tool.tempfile.TemporaryDirectory(prefix="descent-check-")
        cls.path = pathlib.Path(cls.folder.name)

    def check(self, net, check=None, *options, text=None):
        """Runs the command on a network with these values; status and document."""
        document = dict(net) if check is None else {**net, "check": check}
        self.write("net.json", text if text is not None else json.dumps(document))
        done = self.run_tool("net", "check", "net.json", "--format", "json", *options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout)

    def verdict(self, prediction, written, *options):
        """Whether `written` (a JSON text) is right for a network that predicts `prediction`."""
        net = {**ONE, "layers": [{"weights": [[prediction]]}]}
        text = hand.json_text({**net, "check": {"prediction": [[written]]}})
        status, document = self.check(net, None, *options, text=text)
        verdict = document["values"][0]["verdict"]
        self.assertEqual(status, 0 if verdict == "right" else 1)
        return verdict


class Digits(CheckTest):
    def test_a_number_is_right_by_its_digits(self):
        for truth, written, verdict in [
            ("49.267776", "49.2678", "right"), ("49.267776", "49.2677", "right"),  # cut off
            ("49.267776", "49.2679", "wrong"), ("49.267776", "49.2676", "wrong"),
            ("-49.267776", "-49.2678", "right"), ("-49.267776", "-49.2677", "right"),
            ("-49.267776", "-49.2679", "wrong"), ("-49.267776", "49.2678", "wrong"),
            ("0.004", "0.00", "right"), ("0.004", "0.01", "wrong"), ("0.006", "0.01", "right"),
            ("-0.004", "-0.00", "right"), ("-0.006", "0.01", "wrong"),
            ("0.125", "0.13", "right"), ("0.125", "0.12", "right"),  # a tie: either way
            ("2.5", "2.50", "right"), ("2.5", "2.500000000000", "right"),
            ("512.4", "5.12e2", "right"), ("512.4", "5.1E+2", "right"), ("512.4", "5e2", "right"),
            ("512.4", "5.13e2", "wrong"), ("0.00123", "1.2e-3", "right"),
            ("0.00123", "1.4e-3", "wrong"), ("13.2", "13.2", "right"), ("13.2", "13", "wrong"),
            ("13", "13", "right"), ("0.3", "0", "wrong"), ("0.25", '"1/4"', "right"),
            ("0.3333", '"1/3"', "wrong"), ("-0.25", '"-1/4"', "right"), ("0.25", '"+0.25"', "right"),
            ("2.9999999999999996", "3.0", "right"), ("0.1", "0.10000000000000001", "right"),
        ]:
            with self.subTest(truth=truth, written=written):
                self.assertEqual(self.verdict(truth, written), verdict)

    def test_a_tolerance_takes_the_place_of_digits(self):
        for truth, written, tolerance, verdict in [
            ("13.2", "13", "0.5", "right"), ("13.2", "13", "0.2", "right"),
            ("13.2", "13", "0.1", "wrong"), ("13.2", "13.25", "0", "wrong"),
            ("13.2", "13.2", "0", "right"), ("0.5", '"1/3"', "1/6", "right"),
            ("0.5", '"1/3"', "0.1666", "wrong"), ("49.267776", "49.2678", "1e-6", "wrong"),
        ]:
            for exact in ([], ["--exact"]):
                with self.subTest(truth=truth, written=written, exact=exact):
                    self.assertEqual(self.verdict(truth, written, "--tolerance", tolerance, *exact),
                                     verdict)

    def test_exact_arithmetic_has_no_rounding(self):
        self.assertEqual(self.verdict("0.1", "0.1000000000000000055"), "right")
        self.assertEqual(self.verdict("0.1", "0.1000000000000000055", "--exact"), "wrong")
        self.assertEqual(self.verdict("0.1", "0.10000000000000000000", "--exact"), "right")
        self.assertEqual(self.verdict("0.333333333333333333333", '"1/3"'), "right")
        self.assertEqual(self.verdict("0.333333333333333333333", '"1/3"', "--exact"), "wrong")
        self.assertEqual(self.verdict("0.333333333333333333333",
                                      '"333333333333333333333/1000000000000000000000"', "--exact"),
                         "right")

    def test_rounding_does_not_cross_a_kink(self):
        """0.1 + 0.2 - 0.3 is 0, whose slope under relu is 0; in double it is 5e-17, above 0."""
        net = {**ONE, "input": [[1, 1, 1]], "target": [[1]],
               "layers": [{"weights": [[0.1], [0.2], [-0.3]], "activation": "relu"},
                          {"weights": [[2]]}]}
        right = {"Z1": [[0]], "dZ1": [[0]], "dW1": [[0], [0], [0]], "new W1": [[0.1], [0.2], [-0.3]]}
        for options in [], ["--exact"]:
            status, document = self.check(net, right, *options)
            self.assertEqual((status, document["is_exact"], document["right"]), (0, True, 4))
            self.assertFalse(any(value["is_coarse"] for value in document["values"]))
        wrong = {"dZ1": [[-2]]}
        status, document = self.check(net, wrong)
        self.assertEqual((status, document["values"][0]["causes"][0]["mistake"]),
                         (1, "derivative-left-out"))

    def test_a_norm_of_nothing_is_0(self):
        net = {**ONE, "input": [[1, 1, 1]], "layers": [{"weights": [[0.1], [0.2], [-0.3]]}]}
        for options in [], ["--exact"]:
            status, _ = self.check(net, {"spectral norm": 0, "Frobenius norm": 0, "loss": 0},
                                   *options)
            self.assertEqual(status, 0)

    def test_a_whole_number_beside_huge_ones_is_not_taken_for_another(self):
        net = {**ONE, "input": [[1e15], [1]], "target": [[0], [0]],
               "layers": [{"weights": [[1]]}]}
        for huge in "1e15", "1000000000000000", "1000000000000000.0":
            for written, verdict in ("1", "right"), ("3", "wrong"):
                text = hand.json_text({**net, "check": {"prediction": [[huge], [written]]}})
                _, document = self.check(net, None, text=text)
                self.assertEqual(document["values"][0]["verdict"], verdict, huge)
        self.assertEqual([c["mistake"] for c in document["values"][0]["causes"]], ["slip"])

    def test_large_networks_are_compared_in_double_unless_asked(self):
        wide = {"input": [[1] * 80] * 80, "target": [[0] * 80] * 80, "rate": 1,
                "loss": "half-sum-of-squares", "layers": [{"weights": [[0.5] * 80] * 80}]}
        deep = {**ONE, "layers": [{"weights": [[1]]}] * 80}
        for net, loss in (wide, 80 * 80 * 40 * 40 // 2), (deep, 0.5):
            for options, is_exact in ([], False), (["--exact"], True):
                status, document = self.check(net, {"loss": loss}, *options)
                self.assertEqual((status, document["is_exact"], document["obstacle"]),
                                 (0, is_exact, None))

    def test_a_deep_network_does_not_take_for_ever(self):
        """Exactly, its 300 layers would have numbers of millions of digits."""
        row = [0.1234567890123456, -0.6543210987654321]
        net = {**ONE, "input": [row], "target": [row], "layers": [{"weights": [row, row]}] * 300}
        _, document = self.check(net, {"A1": [row]})
        self.assertFalse(document["is_exact"])

    def test_few_digits_are_said(self):
        for truth, written, is_coarse in [("0.086914", "0.1", True), ("0.298", "0.3", False),
                                          ("0.004", "0.00", True), ("0.0", "0.00", False),
                                          ("2.76", "2.8", False), ("2.76", "2.7", True)]:
            net = {**ONE, "layers": [{"weights": [[truth]]}]}
            text = hand.json_text({**net, "check": {"prediction": [[written]]}})
            _, document = self.check(net, text=text)
            self.assertEqual(document["values"][0]["is_coarse"], is_coarse, written)

    def test_a_whole_number_among_decimals_has_dropped_its_zeros(self):
        net = {**ONE, "target": [[0, 0]], "layers": [{"weights": [["3.8142", "2.0004"]]}]}
        for cells, wrong in [(["3.81", "2"], []), (["3.8", "2"], []), (["3.81", "3"], [2]),
                             (["4", "2.00"], [1]), (["4", "2"], [1, 2])]:
            text = hand.json_text({**net, "check": {"prediction": [cells]}})
            _, document = self.check(net, text=text)
            found = [cell["column"] for cell in document["values"][0]["wrong_cells"]]
            self.assertEqual(found, wrong, cells)


def random_network(chance, losses):
    """Decimal numbers as strings, of which some are long enough to be no double."""
    def number():
        digits = chance.choice([0, 1, 2, 2, 3, 22])
        return f"{chance.uniform(-2, 2):.{digits}f}" if digits < 20 else (
            f"{chance.choice(['-', ''])}0.{chance.randrange(10 ** 22):022d}")

    def matrix(n_rows, n_cols):
        return [[number() for _ in range(n_cols)] for _ in range(n_rows)]

    loss = chance.choice(losses)
    widths = [chance.randint(1, 4) for _ in range(chance.randint(2, 4))]
    n = chance.randint(1, 4)
    layers = []
    for n_in, n_out in zip(widths, widths[1:]):
        layers.append({"weights": matrix(n_in, n_out),
                       "activation": chance.choice(hand.RATIONAL)})
        if chance.random() < 0.6:
            layers[-1]["bias"] = matrix(1, n_out)[0]
    target = matrix(n, widths[-1])
    if loss == "hinge":
        target = [[chance.choice(["1", "-1"]) for _ in row] for row in target]
    return {"input": matrix(n, widths[0]), "target": target, "loss": loss,
            "rate": chance.choice(["0.1", "0.002", "1", "3e-2"]), "layers": layers}


class Exact(CheckTest):
    LOSSES = ["half-sum-of-squares", "mean-squared-error", "mean-absolute-error", "huber", "hinge"]

    def listed(self, document):
        """The exact values of a document as Fractions; None for norms."""
        def read(value):
            return [read(v) for v in value] if isinstance(value, list) else (
                None if value is None else Fraction(value))
        return {value["name"]: read(value["exact"]) for value in document["values"]}

    def test_the_worked_example_as_fractions(self):
        net = hand.fractions_of(EXAMPLE)
        net["rate"] = Fraction("0.002")
        expected = hand.step(net)
        self.assertEqual(expected["new prediction"][0][0], Fraction(769809, 15625))
        status, document = self.check(EXAMPLE, None, "--exact")
        self.assertEqual((status, document["is_exact"], document["obstacle"]), (0, True, None))
        found = self.listed(document)
        self.assertIsNone(found.pop("spectral norm"))
        for name in ("Frobenius norm", "new spectral norm", "new Frobenius norm"):
            self.assertIsNone(found.pop(name))
        self.assertEqual(found, {name: expected[name] for name in found})
        self.assertEqual(len(found), 14)

    def test_random_networks_agree_with_fractions_and_with_doubles(self):
        chance = random.Random(7)
        seen = set()
        for _ in range(60):
            net = random_network(chance, self.LOSSES)
            text = hand.json_text(net)
            expected = hand.step(hand.fractions_of(net))
            _, exact = self.check(net, None, "--exact", text=text)
            found = self.listed(exact)
            for name, value in found.items():
                if not name.endswith("norm"):
                    self.assertEqual(value, expected[name], f"{name} of {text}")
            self.compare_with_doubles(text, exact, expected)
            seen.add(net["loss"])
        self.assertEqual(seen, set(self.LOSSES))

    def compare_with_doubles(self, text, exact, expected):
        """The library's values, from descent net trace, against the fractions: relative to the
        largest cell of a matrix, as far as the matrix is not all cancellation."""
        done = self.good("net", "trace", "net.json", "--format", "json")
        for entry in json.loads(done)["entries"]:
            is_new = entry["phase"] == "update" or entry["step"] == 2
            name = ("new " if is_new else "") + entry["name"]
            if entry["step"] == 0 or name.endswith("norm"):
                continue
            cells = entry["value"] if entry["shapes"] else [[entry["value"]]]
            truth = expected[name] if entry["shapes"] else [[expected[name]]]
            largest = max(abs(float(x)) for row in truth for x in row)
            if name.endswith("error"):  # a difference: its terms count
                largest = max(largest, max(abs(float(x)) for row in expected["Y"] for x in row))
            for row, truth_row in zip(cells, truth):
                for x, y in zip(row, truth_row):
                    self.assertLessEqual(abs(x - float(y)), 1e-12 * max(largest, 1e-3),
                                         f"{name} of {text}")

    def test_what_cannot_be_exact_says_why_and_is_computed_in_double(self):
        layer = EXAMPLE["layers"][0]
        for change, why in [
            ({"layers": [{**layer, "activation": "sigmoid"}, EXAMPLE["layers"][1]]},
             "layer 1 is sigmoid, whose values are not rational"),
            ({"layers": [layer, {**EXAMPLE["layers"][1], "activation": "softmax"}]},
             "layer 2 is softmax, whose values are not rational"),
            ({"layers": [{**layer, "normalize": True}, EXAMPLE["layers"][1]]},
             "layer 1 is normalised, which takes square roots"),
            ({"loss": "cross-entropy", "target": [[1, 0], [0, 1]]},
             "the loss is cross-entropy, which takes logarithms"),
            ({"loss": "binary-cross-entropy", "target": [[1, 0], [0, 1]]},
             "the loss is binary-cross-entropy, which takes logarithms"),
        ]:
            net = {**EXAMPLE, **change}
            _, document = self.check(net, None, "--exact")
            self.assertEqual((document["is_exact"], document["obstacle"]), (False, why))
            text = self.good("net", "check", "net.json", "--exact")
            self.assertIn(f"No exact arithmetic: {why}.", " ".join(text.split()))

    def test_numbers_too_long_for_exact_arithmetic_are_refused(self):
        self.write("net.json", json.dumps(EXAMPLE).replace("0.002", "1e-9999"))
        self.assertIn("rate: found 0", self.bad(3, "net", "check", "net.json", "--exact"))
        self.write("net.json", json.dumps(EXAMPLE).replace("[50, 71]", "[50, 1e-999999999]"))
        self.assertIn("found 1e-999999999, for exact arithmetic expected an exponent between",
                      self.bad(3, "net", "check", "net.json", "--exact"))
        self.good("net", "check", "net.json")
        self.write("net.json", json.dumps(EXAMPLE).replace("[50, 71]", "[50, 0." + 500 * "1" + "]"))
        self.assertIn("for exact arithmetic expected a number of at most 400 characters",
                      self.bad(3, "net", "check", "net.json", "--exact"))


class Lists(CheckTest):
    def test_the_list_is_what_the_trace_shows(self):
        for activation, norm in [("tanh", False), ("relu", True), ("identity", True),
                                 ("softmax", False), ("identity", False)]:
            net = {**EXAMPLE, "layers": [
                {**EXAMPLE["layers"][0], "bias": [1, 2], "activation": activation,
                 "normalize": norm}, EXAMPLE["layers"][1]]}
            status, document = self.check(net)
            names = [value["name"] for value in document["values"]]
            trace = json.loads(self.good("net", "trace", "net.json", "--format", "json"))
            expected = [("new " if e["phase"] == "update" or e["step"] == 2 else "") + e["name"]
                        for e in trace["entries"] if e["step"] > 0]
            self.assertEqual((status, names), (0, expected))

    def test_every_value_of_the_trace_is_right_as_printed(self):
        chance = random.Random(3)
        for activation in ["identity", "relu", "sigmoid", "tanh", "leaky-relu", "elu", "softplus",
                           "gelu", "swish", "softmax"]:
            for norm in (False, True):
                loss = chance.choice(["mean-squared-error", "huber", "hinge", "cross-entropy"])
                target = {"hinge": [[1, -1], [-1, 1]], "cross-entropy": [[1, 0], [0.5, 0.5]]}
                net = {**EXAMPLE, "loss": loss, "target": target.get(loss, [[1, 0], [0.5, 2]]),
                       "layers": [{"weights": [[0.2, 0.3], [0, 0.1], [0.1, -0.3]], "bias": [0.1, 0],
                                   "activation": activation, "normalize": norm},
                                  EXAMPLE["layers"][1]]}
                self.write("net.json", json.dumps(net))
                trace = json.loads(self.good("net", "trace", "net.json", "--format", "json"))
                check = {}
                for e in trace["entries"]:
                    if e["step"] > 0:
                        is_new = e["phase"] == "update" or e["step"] == 2
                        check[("new " if is_new else "") + e["name"]] = e["value"]
                status, document = self.check(net, check)
                self.assertEqual((status, document["wrong"], document["follows"]), (0, 0, 0))

    def test_no_file_is_the_built_in_example(self):
        self.assertEqual(self.good("net", "check"),
                         self.good("net", "check", str(ROOT / "examples" / "worked-example.json")))

    def test_the_trace_takes_the_same_file(self):
        self.write("plain.json", json.dumps(EXAMPLE))
        self.write("net.json", json.dumps({**EXAMPLE, "check": {"loss": 9}}))
        self.assertEqual(self.good("net", "trace", "net.json"),
                         self.good("net", "trace", "plain.json"))

    def test_standard_input_and_a_byte_order_mark(self):
        text = json.dumps({**EXAMPLE, "check": {"loss": 9}})
        self.assertIn("is right", self.good("net", "check", "-", stdin=text))
        self.write("net.json", b"\xef\xbb\xbf" + text.encode())
        self.assertIn("is right", self.good("net", "check", "net.json", "--exact"))


MATRIX = "expected a matrix: a list of rows, each a list of numbers"
CELL = 'expected a number, or a string such as "1/3"'
NUMBER = 'expected a number such as -7.25, 3e-4 or "1/3"'

# The key "check", and the message after the file's name.
REFUSED = [
    (5, 'check: found 5, expected an object such as {"A1": [[7, 15], [0, 1]]}'),
    ([], 'check: found a list, expected an object such as {"A1": [[7, 15], [0, 1]]}'),
    ("A1", 'check: found "A1", expected an object such as {"A1": [[7, 15], [0, 1]]}'),
    ({}, 'check: found no value, expected one or more; without the key "check" the names are listed'),
    ({"predction": 1}, 'check: unknown name "predction"; did you mean "prediction"?'),
    ({"new dW1": 1}, 'check: unknown name "new dW1"; did you mean "new W1"?'),
    ({"quux": 1}, 'check: unknown name "quux"; descent net check without the key "check" lists the '
                  'names'),
    ({"Z1": 1}, 'check: unknown name "Z1"; layer 1 is the identity, where this is the same as "A1"'),
    ({"A2": 1}, 'check: unknown name "A2"; the output of the last layer is called "prediction"'),
    ({"dA2": 1}, 'check: unknown name "dA2"; the output of the last layer is called "dprediction"'),
    ({"new Z2": 1}, 'check: unknown name "new Z2"; layer 2 is the identity, where this is the same '
                    'as "new prediction"'),
    ({"W1": 1}, 'check: "W1" is given; after the step it is called "new W1"'),
    ({"X": 1}, 'check: "X" is given, expected a value that is computed'),
    ({"A1": 1}, f'check["A1"]: found 1, {MATRIX}'),
    ({"A1": None}, f'check["A1"]: found null, {MATRIX}'),
    ({"A1": []}, 'check["A1"]: found 0 rows, expected 2: A1 is 2 x 2'),
    ({"A1": [[1, 2]]}, 'check["A1"]: found 1 row, expected 2: A1 is 2 x 2'),
    ({"A1": [[1, 2], [3]]}, 'check["A1"][1]: found 1 number, expected 2: A1 is 2 x 2'),
    ({"A1": [[1, 2], 3]}, 'check["A1"][1]: found 3, expected a row: a list of numbers'),
    ({"dW1": [[1, 2, 3], [4, 5, 6]]}, 'check["dW1"]: found a 2 x 3 matrix, expected 3 x 2: rows '
                                      'and columns are exchanged'),
    ({"A1": [[1, 2], [3, True]]}, f'check["A1"][1][1]: found true, {CELL}'),
    ({"A1": [[1, 2], [3, [4]]]}, f'check["A1"][1][1]: found a list, {CELL}'),
    ({"A1": [[1, 2], [3, "x"]]}, f'check["A1"][1][1]: found "x", {NUMBER}'),
    ({"loss": [[9]]}, f'check["loss"]: found a list, {CELL}'),
    ({"loss": {}}, f'check["loss"]: found an object, {CELL}'),
    ({"loss": "nan"}, f'check["loss"]: found "nan", {NUMBER}'),
    ({"loss": ""}, f'check["loss"]: found "", {NUMBER}'),
    ({"loss": "1/"}, f'check["loss"]: found "1/", {NUMBER}'),
    ({"loss": "1 /2"}, f'check["loss"]: found "1 /2", {NUMBER}'),
    ({"loss": "1/-2"}, f'check["loss"]: found "1/-2", {NUMBER}'),
    ({"loss": ".5"}, f'check["loss"]: found ".5", {NUMBER}'),
    ({"loss": "5."}, f'check["loss"]: found "5.", {NUMBER}'),
    ({"loss": "5e"}, f'check["loss"]: found "5e", {NUMBER}'),
    ({"loss": "--5"}, f'check["loss"]: found "--5", {NUMBER}'),
    ({"loss": "0x10"}, f'check["loss"]: found "0x10", {NUMBER}'),
    ({"loss": "1/0"}, 'check["loss"]: found "1/0", expected a denominator other than 0'),
    ({"loss": "1e401"}, 'check["loss"]: found "1e401", expected an exponent between -400 and 400'),
    ({"loss": "1e99999999999999999999"}, 'check["loss"]: found "1e99999999999999999999", expected '
                                         'an exponent between -400 and 400'),
    ({"loss": "9" * 401}, f'check["loss"]: found "{"9" * 40}...", expected a number of at most 400 '
                          'characters'),
]


class Refusals(CheckTest):
    def test_the_key_check(self):
        for check, message in REFUSED:
            with self.subTest(message=message):
                self.write("net.json", json.dumps({**EXAMPLE, "check": check}))
                for command in (["net", "check"], ["net", "check", "--exact"]):
                    self.assertEqual(self.bad(3, *command, "net.json"),
                                     f"descent: net.json: {message}\n")

    def test_the_rest_of_the_file(self):
        for text, message in [
            ('{"check": {"loss": 1, "loss": 1}}', "a key is given twice"),
            ('{"check": {"loss": NaN}}', "this is not JSON"),
            ('{"check": {"loss": 1e999}}', "a number is too large"),
            (json.dumps({**EXAMPLE, "chekc": {}}), 'unknown key "chekc"; did you mean "check"?'),
            (json.dumps({**EXAMPLE, "rate": "1"}), "rate: found a string"),
        ]:
            self.write("net.json", text)
            self.assertIn(message, self.bad(3, "net", "check", "net.json"))

    def test_names_with_quotes_and_digits_do_not_confuse_the_exact_reading(self):
        net = {**EXAMPLE, "description": 'a "quoted" -5 \\ 1.5 \\" 7 \u00e9'}
        status, document = self.check(net, {"loss": 9}, "--exact")
        self.assertEqual((status, document["description"]), (0, net["description"]))

    def test_an_overflow_is_named(self):
        self.write("net.json", json.dumps({**EXAMPLE, "rate": 1e300}))
        self.assertIn("after step 1, prediction: overflow", self.bad(1, "net", "check", "net.json"))

    def test_a_tolerance_that_is_none(self):
        for word in ("-1", "x", "", "1/0", "nan"):
            self.assertIn("--tolerance: ", self.bad(2, "net", "check", f"--tolerance={word}"))


class Doubles(CheckTest):
    def test_losses_agree_with_the_hand_in_double(self):
        """Checked with numbers that the tests compute themselves, to twelve digits."""
        for loss, target in [("cross-entropy", [[1.0, 0.0], [0.25, 0.75]]),
                             ("binary-cross-entropy", [[1.0, 0.0], [0.25, 0.5]])]:
            net = {"input": [[1.0, 0.5], [-0.5, 2.0]], "target": target, "loss": loss, "rate": 0.5,
                   "layers": [{"weights": [[0.5, -0.25], [0.75, 1.0]], "bias": [0.1, -0.2],
                               "activation": "tanh"}, {"weights": [[1.5, 1.0], [-0.5, 0.25]]}]}
            values = hand.step(net)
            check = {name: hand.written(value) for name, value in values.items()
                     if name not in ("X", "Y", "W1", "W2", "b1")}
            status, document = self.check(net, check)
            self.assertEqual((status, document["right"]), (0, len(check)))
            self.assertTrue(math.isfinite(values["loss"]))


if __name__ == "__main__":
    tool.main()
