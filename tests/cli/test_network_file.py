#!/usr/bin/env python3
"""Network files that `descent net trace` must refuse: the place, what was found and expected."""
import copy
import json
import pathlib
import subprocess
import tempfile
import unittest

import tool

GOOD = {
    "description": "two layers",
    "input": [[1, 2, 3], [4, 5, 6]],
    "target": [[1], [0]],
    "loss": "mean-squared-error",
    "rate": 0.1,
    "layers": [
        {"weights": [[1, 2], [3, 4], [5, 6]], "bias": [1, 2], "activation": "tanh"},
        {"weights": [[1], [2]]},
    ],
}

# Text that is not JSON: its start, the position and a part of the message.
SYNTAX = [
    ("", "1:1: this is not JSON: "),
    ("   \n\n", "3:1: this is not JSON: "),
    ("5", "1:1: this is not JSON: '[' or '{' expected"),
    ('{"rate": 1,}', "1:12: this is not JSON: string or '}' expected"),
    ('{"rate": 1\n"loss": 2}', "2:6: this is not JSON: '}' expected"),
    ('{"rate": NaN}', "1:12: this is not JSON: invalid token near 'NaN'"),
    ('{"rate": Infinity}', "this is not JSON: invalid token near 'Infinity'"),
    ('{"rate": 01}', "this is not JSON: "),
    ('{"rate": .5}', "this is not JSON: "),
    ('{"rate": 1} x', "1:13: this is not JSON: end of file expected near 'x'"),
    ('{"rate": 1', "this is not JSON: '}' expected near end of file"),
    ('{"rate": "a\nb"}', "this is not JSON: "),
    ('{"rate": 1, "rate": 2}', "a key is given twice: duplicate object key near '\"rate\"'"),
    ('{"rate": 1e999}', "1:14: a number is too large: real number overflow near '1e999'"),
    ('{"rate": ' + "9" * 400 + "}", "a number is too large: "),
    ("[" * 5000, "this is not JSON: "),
    (b'{"description": "\xff"}', "this is not JSON: unable to decode byte 0xff"),
    (b'{"description": "\x00"}', "this is not JSON: "),
]

# What replaces a value of GOOD (path, value), and the message after the file's name.
LOSSES = ('"half-sum-of-squares", "mean-squared-error", "mean-absolute-error", "huber", '
          '"binary-cross-entropy", "cross-entropy" or "hinge"')
ACTIVATIONS = ('"identity", "relu", "leaky-relu", "elu", "sigmoid", "tanh", "softplus", "gelu", '
               '"swish" or "softmax"')
MATRIX = "expected a matrix: a list of rows, each a list of numbers"
ROW = "expected a row: a list of numbers"
DELETE = object()
CONTENT = [
    # keys
    (["rate"], DELETE, 'the key "rate" is missing; expected the learning rate, a number above 0'),
    (["input"], DELETE, 'the key "input" is missing; expected a matrix, one row a sample'),
    (["target"], DELETE, 'the key "target" is missing; expected a matrix, one row a sample'),
    (["loss"], DELETE, f'the key "loss" is missing; expected {LOSSES}'),
    (["layers"], DELETE, 'the key "layers" is missing; expected a list of layers, each an object '
                         'with "weights"'),
    (["ratte"], 1, 'unknown key "ratte"; did you mean "rate"?'),
    (["steps"], 1, 'unknown key "steps"; expected description, input, target, loss, rate, '
                   'layers or check'),
    (["layers", 0, "wieghts"], 1, 'layers[0]: unknown key "wieghts"; did you mean "weights"?'),
    (["layers", 1, "units"], 1, 'layers[1]: unknown key "units"; expected weights, bias, '
                                'activation, normalize, gain or shift'),
    (["layers", 1, "weights"], DELETE, 'layers[1]: the key "weights" is missing; expected a matrix '
                                       'with a row for each input of the layer'),
    # types
    ([], [], "found a list, expected an object, { ... }"),
    (["description"], 1, "description: found a number, expected a string"),
    (["input"], "1", f"input: found a string, {MATRIX}"),
    (["input"], {}, f"input: found an object, {MATRIX}"),
    (["input"], [], f"input: found an empty list, {MATRIX}"),
    (["input", 0], 7, f"input[0]: found a number, {ROW}"),
    (["input", 1], None, f"input[1]: found null, {ROW}"),
    (["input", 0], [], f"input[0]: found an empty list, {ROW}"),
    (["input", 1], [], f"input[1]: found an empty list, {ROW}"),
    (["input", 1, 2], "6", "input[1][2]: found a string, expected a number"),
    (["input", 0, 0], True, "input[0][0]: found true, expected a number"),
    (["target", 1, 0], [0], "target[1][0]: found a list, expected a number"),
    (["loss"], 2, f"loss: found a number, expected {LOSSES}"),
    (["rate"], "0.1", "rate: found a string, expected the learning rate, a number above 0"),
    (["layers"], {}, "layers: found an object, expected a list of layers"),
    (["layers"], [], "layers: found an empty list, expected a list of layers"),
    (["layers", 1], [[1], [2]], "layers[1]: found a list, expected an object, { ... }"),
    (["layers", 0, "bias"], 1, "layers[0].bias: found a number, expected a list of numbers"),
    (["layers", 0, "bias"], None, "layers[0].bias: found null, expected a list of numbers"),
    (["layers", 0, "bias", 1], False, "layers[0].bias[1]: found false, expected a number"),
    (["layers", 0, "activation"], 1, f"layers[0].activation: found a number, expected {ACTIVATIONS}"),
    (["layers", 0, "normalize"], 1, "layers[0].normalize: found a number, expected true or false"),
    (["layers", 0, "gain"], [1, 1], 'layers[0].gain: belongs to a layer with "normalize": true'),
    # values
    (["rate"], 0, "rate: found 0, expected a learning rate above 0"),
    (["rate"], -0.5, "rate: found -0.5, expected a learning rate above 0"),
    (["loss"], "mean-square-error", 'loss: found "mean-square-error"; did you mean '
                                    '"mean-squared-error"?'),
    (["loss"], "no such", f'loss: found "no such", expected {LOSSES}'),
    (["loss"], "hinge", "target[1][0]: found 0, expected -1 or 1 for the loss hinge"),
    (["loss"], "cross-entropy", "target[1]: adds up to 0, expected 1 for the loss cross-entropy"),
    ([], {**GOOD, "loss": "binary-cross-entropy",
          "layers": [GOOD["layers"][0], {"weights": [[1], [2]], "activation": "sigmoid"}]},
     "layers[1]: has the activation sigmoid; expected logits for the loss binary-cross-entropy, "
     "such as identity gives"),
    (["layers", 0, "activation"], "rleu", 'layers[0].activation: found "rleu"; did you mean '
                                          '"relu"?'),
    (["layers", 0, "activation"], "no such", 'layers[0].activation: found "no such", expected '
                                             f"{ACTIVATIONS}"),
    # shapes
    (["input", 1], [4, 5], "input[1]: found 2 numbers, expected 3, as in input[0]"),
    (["input", 1], [4, 5, 6, 7], "input[1]: found 4 numbers, expected 3, as in input[0]"),
    (["layers", 0, "weights"], [[1, 2]], "layers[0].weights: found 1 row, expected 3, one for each "
                                         "column of input"),
    (["layers", 0, "weights", 1], [1], "layers[0].weights[1]: found 1 number, expected 2, as in "
                                       "layers[0].weights[0]"),
    (["layers", 1, "weights"], [[1], [2], [3]], "layers[1].weights: found 3 rows, expected 2, one "
                                                "for each column of layers[0].weights"),
    (["layers", 0, "bias"], [1, 2, 3], "layers[0].bias: found 3 numbers, expected 2, one for each "
                                       "column of weights"),
    (["layers", 0, "bias"], [], "layers[0].bias: found an empty list, expected a list of numbers"),
    (["target"], [[1]], "target: found 1 row, expected 2, one for each row of input"),
    (["target", 0], [1, 2], "target[0]: found 2 numbers, expected 1, one for each unit of the last "
                            "layer"),
]


def changed(path, value):
    document = {"whole": copy.deepcopy(GOOD)}
    at, *path = document, "whole", *path
    for key in path[:-1]:
        at = at[key]
    if value is DELETE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(document["whole"])


class NetworkFile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="descent-net-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def run_trace(self, text, *options, stdin=b""):
        data = text if isinstance(text, bytes) else text.encode()
        (self.path / "net.json").write_bytes(data)
        done = subprocess.run([tool.DESCENT, "net", "trace", *(options or ["net.json"])],
                              cwd=self.path, capture_output=True, input=stdin,
                              timeout=tool.TIMEOUT_S, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_text_that_is_not_json(self):
        for text, message in SYNTAX:
            with self.subTest(text=text[:60]):
                status, out, err = self.run_trace(text)
                self.assertRegex(err, r"^descent: net\.json:\d+:\d+: [^\n]+\n$")
                self.assertIn(message, err)
                self.assertEqual((status, out), (3, ""))

    def test_json_that_is_not_a_network(self):
        for path, value, message in CONTENT:
            with self.subTest(message=message):
                status, out, err = self.run_trace(changed(path, value))
                self.assertEqual(err, f"descent: net.json: {message}\n")
                self.assertEqual((status, out), (3, ""))

    def test_the_good_one_is_good(self):
        text = json.dumps(GOOD)
        status, out, err = self.run_trace(text)
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith("two layers\n"))
        marked = self.run_trace(b"\xef\xbb\xbf" + text.replace(": ", ":\r\n").encode())
        self.assertEqual(marked, (0, out, ""))

    def test_standard_input(self):
        whole = self.run_trace(json.dumps(GOOD))
        self.assertEqual(self.run_trace("", "-", stdin=json.dumps(GOOD).encode()), whole)
        status, _, err = self.run_trace("", "-", stdin=b"{}")
        self.assertEqual(status, 3)
        self.assertTrue(err.startswith('descent: standard input: the key "input" is missing'))

    def test_control_characters_do_not_reach_the_terminal(self):
        _, out, _ = self.run_trace(changed(["description"], "red \x1b[31m text"))
        self.assertNotIn("\x1b", out)
        _, _, err = self.run_trace(changed(["\x1b[31m"], 1))
        self.assertNotIn("\x1b", err)

    def test_a_file_that_is_too_long_is_refused(self):
        status, _, err = self.run_trace("", "-", stdin=b" " * (65 << 20))
        self.assertEqual(status, 3)
        self.assertEqual(err, "descent: standard input: found more than 64 MiB, expected a small "
                              "network\n")

    def test_the_shipped_example_is_the_one_that_is_built_in(self):
        shipped = pathlib.Path(__file__).parents[2] / "examples" / "worked-example.json"
        first = self.run_trace("", "--format", "json")
        self.assertEqual(self.run_trace("", str(shipped), "--format", "json"), first)
        json.loads(first[1])


if __name__ == "__main__":
    tool.main()
