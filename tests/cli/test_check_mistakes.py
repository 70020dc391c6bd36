#!/usr/bin/env python3
"""What `descent net check` says of wrong answers: each mistake is made here, independently of the
program, and must be recognised; with one more cell wrong it must not be."""
import json
import pathlib
import re
import tempfile
import unittest

import hand
import tool
from hand import column_sums, each, minus, plus, product, scaled, turned

ROOT = pathlib.Path(__file__).parents[2]

# All square, so that every transpose can be missed; biases; a sum for a loss.
SQUARE = {
    "input": [[1, 2, -1], [0, 3, 2], [2, 1, 4]],
    "target": [[1, 0, 2], [3, 1, 5], [2, 2, 1]],
    "loss": "half-sum-of-squares", "rate": 0.125,
    "layers": [{"weights": [[1, 2, 0], [-1, 1, 3], [2, 0, 1]], "bias": [1, -2, 3]},
               {"weights": [[2, 1, -1], [0, 3, 1], [1, -2, 2]], "bias": [2, 1, -4]}],
}
# No side like another, and curved.
CURVED = {
    "input": [[0.5, -1.0], [0.25, 0.75], [-0.5, 0.5]],
    "target": [[0.5, -1.0, 0.25, 1.0], [0.0, 0.75, 1.0, -0.5], [0.25, 0.5, -1.0, 2.0]],
    "loss": "mean-squared-error", "rate": 0.5,
    "layers": [{"weights": [[0.5, -0.25, 1.0, 0.75, 0.5], [0.75, 1.0, -0.5, 0.25, -1.0]],
                "bias": [0.25, -0.5, 0.125, 0.5, 1.0], "activation": "tanh"},
               {"weights": [[1.5, -0.5, 0.25, 1.0], [0.5, 0.75, -1.0, 0.25],
                            [-0.25, 1.0, 0.5, -0.75], [0.5, 0.25, 1.0, -1.0],
                            [1.0, -0.75, 0.25, 0.5]]}],
}


def with_loss(loss, target):
    return {**CURVED, "loss": loss, "target": target}


SIGNS = with_loss("hinge", [[1, -1, -1, 1], [-1, 1, 1, -1], [1, 1, -1, 1]])
SHARES = [[1, 0, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]]
ABSOLUTE = with_loss("mean-absolute-error", CURVED["target"])
HUBER = with_loss("huber", scaled(CURVED["target"], 4.0))
LOGITS = with_loss("binary-cross-entropy", SHARES)
CLASSES = with_loss("cross-entropy", SHARES)
SOFTMAX = {**CURVED, "layers": [CURVED["layers"][0],
                                {**CURVED["layers"][1], "activation": "softmax"}]}
N, NM = 3, 12  # samples and elements of CURVED


def tanh_slope_at_output(v):
    slope = hand.ACTIVATIONS["tanh"][1]
    return each(lambda d, a: d * slope(a), v["dA1"], v["A1"])


def after_update(v):
    return product(v["dprediction"], turned(v["new W2"]))


def total(matrix):
    return sum(map(sum, matrix))


# network, name, how the wrong value comes about from the right ones, mistake, where it was made.
MADE = [
    # forward
    (SQUARE, "A1", lambda v: product(v["X"], v["W1"]), "bias-left-out", "A1"),
    (SQUARE, "prediction", lambda v: product(product(v["X"], v["W1"]), v["W2"]), None, None),
    (SQUARE, "prediction", lambda v: plus(product(product(v["X"], v["W1"]), v["W2"]), v["b2"]),
     "bias-left-out", "A1"),
    (CURVED, "Z1", lambda v: product(v["X"], v["W1"]), "bias-left-out", "Z1"),
    (SQUARE, "A1", lambda v: minus(product(v["X"], v["W1"]), v["b1"]), "bias-subtracted", "A1"),
    (CURVED, "A1", lambda v: v["Z1"], "activation-left-out", "A1"),
    (CURVED, "prediction", lambda v: product(v["Z1"], v["W2"]), "activation-left-out", "A1"),
    (SQUARE, "A1", lambda v: plus(product(turned(v["X"]), v["W1"]), v["b1"]), "surplus-transpose",
     "A1"),
    (SQUARE, "A1", lambda v: plus(product(v["X"], turned(v["W1"])), v["b1"]), "surplus-transpose",
     "A1"),
    (SQUARE, "A1", lambda v: plus(product(turned(v["X"]), turned(v["W1"])), v["b1"]),
     "surplus-transpose", "A1"),
    (SQUARE, "A1", lambda v: plus(product(v["W1"], v["X"]), v["b1"]), "factors-exchanged", "A1"),
    (SQUARE, "A1", lambda v: plus(each(lambda x, w: x * w, v["X"], v["W1"]), v["b1"]), "by-element",
     "A1"),
    (SQUARE, "A1", lambda v: scaled(v["A1"], -1), "sign-turned", "A1"),
    (SQUARE, "A1", lambda v: turned(v["A1"]), "transposed", "A1"),
    # error, norms, loss
    (SQUARE, "error", lambda v: minus(v["Y"], v["prediction"]), "target-minus-prediction", "error"),
    (SQUARE, "dW1", lambda v: scaled(v["dW1"], -1), "target-minus-prediction", "error"),
    (CURVED, "spectral norm", lambda v: total(each(lambda e: e * e, v["error"])) ** 0.5,
     "frobenius-norm", "spectral norm"),
    (SQUARE, "Frobenius norm", lambda v: total(each(lambda e: e * e, v["error"])), "root-left-out",
     "Frobenius norm"),
    (SQUARE, "spectral norm", lambda v: max(abs(e) for row in v["error"] for e in row),
     "largest-element", "spectral norm"),
    (SQUARE, "loss", lambda v: v["loss"] * 2, "half-left-out", "loss"),
    (SQUARE, "loss", lambda v: v["loss"] / 3, "divided-by-samples", "loss"),
    (SQUARE, "loss", lambda v: v["loss"] / 9, "divided-by-elements", "loss"),
    (CURVED, "loss", lambda v: v["loss"] * NM, "mean-left-out", "loss"),
    (CURVED, "loss", lambda v: v["loss"] * 4, "mean-over-samples", "loss"),
    (CURVED, "loss", lambda v: v["loss"] / 2, "surplus-half", "loss"),
    (CURVED, "loss", lambda v: v["loss"] * NM / 2, "half-sum", "loss"),
    # other losses
    (CLASSES, "loss", lambda v: v["loss"] * N, "mean-left-out", "loss"),
    (CLASSES, "loss", lambda v: v["loss"] / 4, "divided-by-elements", "loss"),
    (CLASSES, "dprediction", lambda v: scaled(v["dprediction"], N), "mean-left-out", "dprediction"),
    (LOGITS, "dprediction", lambda v: scaled(v["dprediction"], NM), "mean-left-out", "dprediction"),
    (ABSOLUTE, "loss", lambda v: total(v["error"]) / NM, "absolute-left-out", "loss"),
    (HUBER, "loss", lambda v: total(each(lambda e: e * e / 2, v["error"])) / NM,
     "straight-part-left-out", "loss"),
    (SIGNS, "loss", lambda v: total(each(lambda a, y: 1 - a * y, v["prediction"], v["Y"])) / NM,
     "maximum-left-out", "loss"),
    (ABSOLUTE, "dprediction", lambda v: scaled(v["error"], 1 / NM), "sign-of-error-left-out",
     "dprediction"),
    (HUBER, "dprediction", lambda v: scaled(v["error"], 1 / NM), "cut-left-out", "dprediction"),
    (LOGITS, "dW2", lambda v: product(turned(v["A1"]), scaled(v["error"], 1 / NM)),
     "sigmoid-left-out", "dprediction"),
    (CLASSES, "dprediction", lambda v: scaled(v["error"], 1 / N), "softmax-left-out",
     "dprediction"),
    (SIGNS, "dprediction", lambda v: scaled(v["Y"], -1 / NM), "margin-left-out", "dprediction"),
    # gradient at the prediction
    (SQUARE, "dprediction", lambda v: scaled(v["error"], 2), "surplus-two", "dprediction"),
    (SQUARE, "dW1", lambda v: scaled(v["dW1"], 2), "surplus-two", "dprediction"),
    (SQUARE, "dprediction", lambda v: scaled(v["error"], 1 / 3), "divided-by-samples",
     "dprediction"),
    (SQUARE, "dprediction", lambda v: scaled(v["error"], 1 / 9), "divided-by-elements",
     "dprediction"),
    (CURVED, "dprediction", lambda v: scaled(v["error"], 1 / NM), "two-left-out", "dprediction"),
    (CURVED, "dprediction", lambda v: scaled(v["error"], 2), "mean-left-out", "dprediction"),
    (CURVED, "db1", lambda v: scaled(v["db1"], NM), "mean-left-out", "dprediction"),
    (CURVED, "dprediction", lambda v: v["error"], "two-and-mean-left-out", "dprediction"),
    (CURVED, "dprediction", lambda v: scaled(v["error"], 2 / N), "mean-over-samples",
     "dprediction"),
    (CURVED, "dprediction", lambda v: scaled(v["error"], 1 / N), "two-left-out-mean-over-samples",
     "dprediction"),
    # through the activation
    (CURVED, "dZ1", lambda v: v["dA1"], "derivative-left-out", "dZ1"),
    (CURVED, "dW1", lambda v: product(turned(v["X"]), v["dA1"]), "derivative-left-out", "dZ1"),
    (CURVED, "dZ1", tanh_slope_at_output, "derivative-at-output", "dZ1"),
    (CURVED, "dZ1", lambda v: each(lambda d, a: d * a, v["dA1"], v["A1"]), "times-output", "dZ1"),
    # to weights, bias and input
    (SQUARE, "dA1", after_update, "new-weights", "dA1"),
    (CURVED, "dA1", after_update, "new-weights", "dA1"),
    (SQUARE, "dW1", lambda v: product(turned(v["X"]), after_update(v)), "new-weights", "dA1"),
    (SQUARE, "dW2", lambda v: product(v["A1"], v["dprediction"]), "missing-transpose", "dW2"),
    (SQUARE, "dA1", lambda v: product(v["dprediction"], v["W2"]), "missing-transpose", "dA1"),
    (SQUARE, "dW1", lambda v: product(turned(v["X"]), product(v["dprediction"], v["W2"])),
     "missing-transpose", "dA1"),
    (SQUARE, "dW2", lambda v: product(v["A1"], turned(v["dprediction"])), "wrong-transpose", "dW2"),
    (SQUARE, "dA1", lambda v: product(turned(v["dprediction"]), v["W2"]), "wrong-transpose", "dA1"),
    (SQUARE, "dW2", lambda v: product(turned(v["A1"]), turned(v["dprediction"])),
     "surplus-transpose", "dW2"),
    (SQUARE, "dA1", lambda v: product(turned(v["dprediction"]), turned(v["W2"])),
     "surplus-transpose", "dA1"),
    (SQUARE, "dW2", lambda v: product(v["dprediction"], turned(v["A1"])), "factors-exchanged",
     "dW2"),
    (SQUARE, "dA1", lambda v: product(turned(v["W2"]), v["dprediction"]), "factors-exchanged",
     "dA1"),
    (CURVED, "db1", lambda v: scaled(v["db1"], 1 / N), "divided-by-samples", "db1"),
    (SQUARE, "db2", lambda v: column_sums(turned(v["dprediction"])), "row-sums", "db2"),
    # the step
    (SQUARE, "new W1", lambda v: minus(v["W1"], v["dW1"]), "rate-left-out", "new W1"),
    (SQUARE, "new b1", lambda v: minus(v["b1"], v["db1"]), "rate-left-out", "new b1"),
    (SQUARE, "new W1", lambda v: plus(v["W1"], scaled(v["dW1"], 0.125)), "added", "new W1"),
    (SQUARE, "new W1", lambda v: plus(v["W1"], v["dW1"]), "added-rate-left-out", "new W1"),
    (SQUARE, "new W1", lambda v: scaled(v["dW1"], -0.125), "change-alone", "new W1"),
    (SQUARE, "new W1", lambda v: scaled(v["dW1"], 0.125), "change-alone", "new W1"),
    (SQUARE, "new W1", lambda v: v["W1"], "before-step", "new W1"),
    # after the step
    (SQUARE, "new A1", lambda v: plus(product(v["X"], v["W1"]), v["new b1"]), "old-weights",
     "new A1"),
    (SQUARE, "new prediction", lambda v: plus(product(v["new A1"], v["W2"]), v["new b2"]),
     "old-weights", "new prediction"),
    (SQUARE, "new error", lambda v: v["error"], "before-step", "new error"),
    (SQUARE, "new loss", lambda v: v["loss"], "before-step", "new loss"),
    # seen by laying both beside each other
    (SQUARE, "dW2", lambda v: [v["dW2"][i] for i in (0, 2, 1)], "rows-exchanged", "dW2"),
    (SQUARE, "dW2", lambda v: [[row[i] for i in (2, 1, 0)] for row in v["dW2"]],
     "columns-exchanged", "dW2"),
    (CURVED, "Z1", lambda v: each(round, v["Z1"]), "rounded", "Z1"),
    (SQUARE, "dW2", lambda v: [[v["dW2"][0][0] + 1, *v["dW2"][0][1:]], *v["dW2"][1:]], "slip",
     "dW2"),
]

# A slip in one cell of SQUARE: name, row, column (from 0), the wrong cell, what is said of it.
# A1 is X W1 + b1; its cell (1, 2) is 0 * 0 + 3 * 3 + 2 * 1 + 3 = 14.
SLIPS = [
    ("A1", 1, 2, 5, "row 2, column 3: the term 3 * 3 is left out"),
    ("A1", 1, 2, 12, "row 2, column 3: the term 2 * 1 is left out"),
    ("A1", 1, 2, 10, "row 2, column 3: the term 2 * 1 has the wrong sign"),
    ("A1", 1, 2, 23, "row 2, column 3: the term 3 * 3 is added twice"),
    ("A1", 1, 2, 15, "row 2, column 3"),  # 2 + 1 for 2 * 1 looks like any slip of one
    ("A1", 1, 2, 11, "row 2, column 3: 3 and 3 are added instead of multiplied"),
    ("A1", 1, 2, -14, "row 2, column 3: its sign is turned"),
    ("A1", 1, 2, 41, "row 2, column 3: the digits 1 and 4 are exchanged"),
    ("A1", 1, 2, 140, "row 2, column 3: the decimal point is misplaced"),
    ("A1", 1, 2, 77, "row 2, column 3"),
    ("A1", 2, 1, 5, "row 3, column 2: the bias -2 is left out"),
]


class MistakeTest(tool.ToolTest):
    @classmethod
    def setUpClass(cls):  # needs no model
        cls.folder = tempfile.TemporaryDirectory(prefix="descent-mistakes-")
        cls.path = pathlib.Path(cls.folder.name)

    def check(self, net, check, *options):
        """The report of the values that `check` names, by name."""
        self.write("net.json", json.dumps({**net, "check": check}, default=str))
        done = self.run_tool("net", "check", "net.json", "--format", "json", *options)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        return {value["name"]: value for value in json.loads(done.stdout)["values"]}


def values_of(net):
    if net is SOFTMAX:  # only what its test needs
        v = hand.step(CURVED)
        v["Z2"], v["prediction"] = v["prediction"], hand.softmax_rows(v["prediction"])
        v["error"] = minus(v["prediction"], v["Y"])
        v["dprediction"] = scaled(v["error"], 2 / NM)
        return v
    return hand.step(net)


def nearly(wrong):
    """The same wrong value with its last cell, and where there is one its first, moved."""
    if not isinstance(wrong, list):
        return wrong * 1.0625 + 0.3125
    copy = [list(row) for row in wrong]
    copy[-1][-1] += 5.5
    copy[0][0] -= 2.25
    return copy


class Mistakes(MistakeTest):
    def test_each_is_recognised_and_a_near_miss_is_not(self):
        for net, name, make, mistake, at in MADE:
            with self.subTest(name=name, mistake=mistake, loss=net["loss"]):
                wrong = make(values_of(net))
                value = self.check(net, {name: wrong})[name]
                self.assertEqual((value["verdict"], value["given_your"]), ("wrong", []))
                found = [(cause["mistake"], cause["at"]) for cause in value["causes"]]
                if mistake is None:  # two mistakes in two places: none explains it
                    self.assertEqual(found, [])
                    continue
                self.assertIn((mistake, at), found)
                near = self.check(net, {name: nearly(wrong)})[name]
                self.assertEqual(near["verdict"], "wrong")
                self.assertNotIn(mistake, [cause["mistake"] for cause in near["causes"]])

    def test_softmax_taken_cell_by_cell(self):
        v = values_of(SOFTMAX)
        wrong = each(lambda d, a: d * a * (1 - a), v["dprediction"], v["prediction"])
        value = self.check(SOFTMAX, {"dZ2": wrong})["dZ2"]
        self.assertEqual([c["mistake"] for c in value["causes"]], ["diagonal-of-softmax"])
        near = self.check(SOFTMAX, {"dZ2": nearly(wrong)})["dZ2"]
        self.assertEqual(near["causes"], [])
        # of another activation the same is no mistake of this kind
        curved = {**CURVED, "layers": [{**CURVED["layers"][0], "activation": "softmax"},
                                       CURVED["layers"][1]]}
        self.assertNotIn("diagonal-of-softmax", str(self.check(curved, {"dZ1": v["dA1"]})))

    def test_the_spectral_norm_in_place_of_the_frobenius_norm(self):
        right = self.check(SQUARE, {"spectral norm": 1})["spectral norm"]["value"]
        value = self.check(SQUARE, {"Frobenius norm": right})["Frobenius norm"]
        self.assertEqual(value["causes"][0]["mistake"], "spectral-norm")
        near = self.check(SQUARE, {"Frobenius norm": right * 1.01})["Frobenius norm"]
        self.assertEqual(near["causes"], [])

    def test_every_mistake_of_the_program_is_made_here(self):
        """Its table, and what is seen without a table."""
        table = (ROOT / "cli" / "check_mistakes.c").read_text(encoding="utf-8")
        table = table[table.index("cli_mistakes[] = {"):table.index("cli_n_mistakes =")]
        ids = set(re.findall(r'^    \{"([a-z-]+)"', table, re.MULTILINE))
        self.assertGreater(len(ids), 40)
        made = {mistake for *_, mistake, _ in MADE}
        made |= {"diagonal-of-softmax", "spectral-norm"}
        self.assertEqual(ids - made, set())
        self.assertEqual(made - ids, {None, "rows-exchanged", "columns-exchanged", "rounded", "slip"})

    def test_the_same_in_exact_arithmetic(self):
        for net, name, make, mistake, at in MADE:
            if net is SQUARE and mistake is not None and "norm" not in name:
                wrong = make(hand.step(hand.fractions_of(json.loads(json.dumps(net)))))
                value = self.check(net, {name: hand.written(wrong)}, "--exact")[name]
                found = [(cause["mistake"], cause["at"]) for cause in value["causes"]]
                self.assertIn((mistake, at), found, name)

    def test_slips(self):
        right = hand.step(SQUARE)
        self.assertEqual((right["A1"][1][2], right["A1"][2][1]), (14, 3))
        for name, row, column, cell, said in SLIPS:
            with self.subTest(cell=cell, said=said):
                wrong = [list(r) for r in right[name]]
                wrong[row][column] = cell
                value = self.check(SQUARE, {name: wrong})[name]
                self.assertEqual([(c["mistake"], c["text"]) for c in value["causes"]],
                                 [("slip", f"one slip, in {said}")])
                self.assertEqual([(c["row"], c["column"], c["found"]) for c in value["wrong_cells"]],
                                 [(row + 1, column + 1, str(cell))])

    def test_slips_in_two_cells_are_none(self):
        wrong = [list(r) for r in hand.step(SQUARE)["A1"]]
        wrong[0][0] += 1
        wrong[2][1] += 1
        self.assertEqual(self.check(SQUARE, {"A1": wrong})["A1"]["causes"], [])


class Following(MistakeTest):
    def test_what_follows_from_an_earlier_wrong_value_is_right_given_it(self):
        v = hand.step(SQUARE)
        mine = dict(v, A1=product(v["X"], v["W1"]))  # without the bias
        mine["prediction"] = plus(product(mine["A1"], v["W2"]), v["b2"])
        mine["error"] = minus(mine["prediction"], v["Y"])
        mine["dW2"] = product(turned(mine["A1"]), mine["error"])
        given = self.check(SQUARE, {n: mine[n] for n in ("A1", "prediction", "error", "dW2")})
        self.assertEqual({n: (g["verdict"], g["given_your"]) for n, g in given.items()}, {
            "A1": ("wrong", []), "prediction": ("follows", ["A1"]),
            "error": ("follows", ["prediction"]), "dW2": ("follows", ["A1", "error"])})
        self.assertEqual(given["A1"]["causes"][0]["mistake"], "bias-left-out")

    def test_across_values_that_were_not_written_down(self):
        v = hand.step(SQUARE)
        a1 = product(v["X"], v["W1"])
        error = minus(plus(product(a1, v["W2"]), v["b2"]), v["Y"])
        d_w1 = product(turned(v["X"]), product(error, turned(v["W2"])))
        given = self.check(SQUARE, {"A1": a1, "dW1": d_w1})
        self.assertEqual((given["dW1"]["verdict"], given["dW1"]["given_your"]),
                         ("follows", ["A1"]))
        d_w1[0][0] += 1
        near = self.check(SQUARE, {"A1": a1, "dW1": d_w1})["dW1"]
        self.assertEqual((near["verdict"], near["given_your"]), ("wrong", ["A1"]))
        self.assertEqual(near["causes"][0]["text"], "one slip, in row 1, column 1")

    def test_a_mistake_upon_a_mistake(self):
        v = hand.step(SQUARE)
        d_a1 = product(v["dprediction"], v["W2"])
        d_w1 = product(v["X"], d_a1)
        value = self.check(SQUARE, {"dA1": d_a1, "dW1": d_w1})["dW1"]
        self.assertEqual((value["verdict"], value["given_your"], value["causes"][0]["mistake"]),
                         ("wrong", ["dA1"], "missing-transpose"))

    def test_only_what_matters_is_named(self):
        """With the derivative left out, a wrong A1 does not enter dZ1, but dprediction does."""
        v = hand.step(CURVED)
        d = scaled(v["dprediction"], -1)
        given = self.check(CURVED, {"A1": v["Z1"], "dprediction": d,
                                    "dZ1": product(d, turned(v["W2"]))})["dZ1"]
        self.assertEqual((given["verdict"], given["given_your"], given["causes"][0]["mistake"]),
                         ("wrong", ["dprediction"], "derivative-left-out"))

    def test_an_answer_that_is_right_between_stops_the_search(self):
        """With the right dA1 written down, dW1 cannot be wrong for a mistake in dA1."""
        v = hand.step(SQUARE)
        wrong = product(turned(v["X"]), product(v["dprediction"], v["W2"]))
        value = self.check(SQUARE, {"dA1": v["dA1"], "dW1": wrong})["dW1"]
        self.assertEqual(value["causes"], [])

    def test_rounding_on_the_way_is_told_from_a_mistake(self):
        v = hand.step(CURVED)
        rounded = {"A1": each(lambda x: round(x, 2), v["A1"])}
        rounded["prediction"] = each(lambda x: round(x, 4), product(rounded["A1"], v["W2"]))
        given = self.check(CURVED, rounded)
        self.assertEqual(given["A1"]["verdict"], "right")
        value = given["prediction"]
        self.assertEqual((value["verdict"], value["given_your"], value["is_rounding"]),
                         ("follows", ["A1"], True))
        text = self.run_tool("net", "check", "net.json").stdout
        self.assertIn("right, given your A1 as you rounded it", text)

    def test_own_outputs_count_in_the_derivative(self):
        """tanh: 1 - A .* A with the person's own wrong A."""
        v = hand.step(CURVED)
        a1 = v["Z1"]
        d_z1 = each(lambda d, a: d * (1 - a * a), v["dA1"], a1)
        given = self.check(CURVED, {"A1": a1, "dA1": v["dA1"], "dZ1": d_z1})
        self.assertEqual((given["dZ1"]["verdict"], given["dZ1"]["given_your"]),
                         ("follows", ["A1"]))


if __name__ == "__main__":
    tool.main()
