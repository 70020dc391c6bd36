"""The LaTeX format, set by pdflatex: no error, no warning, nothing that leaves the page.

`make check-web` runs it, and installs pdflatex."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tool

HERE = pathlib.Path(__file__).parent
COMPLAINT = re.compile(r"^(!.*|Overfull .*|Underfull .*|.*Warning:.*|Missing character.*)$", re.M)

EVERY_SIGN = "".join(map(chr, [*range(32, 127), *range(0xA0, 0x180), 0x2013, 0x201C, 0x4E2D, 0x1F600]))


def network(loss, activations, rows=2, columns=3, scale=1.0, **more):
    """Layers of `columns` inputs and units, of which every number is there and none is special."""
    number = iter(range(1, 1 << 20))
    fill = lambda n, m: [[round(scale * ((next(number) * 37) % 101 - 50) / 50, 4) for _ in range(m)]
                         for _ in range(n)]
    target = [[1 if k == i % columns else -1 if loss == "hinge" else 0 for k in range(columns)]
              for i in range(rows)]
    layers = [{"weights": fill(columns, columns), "bias": fill(1, columns)[0], "activation": a}
              for a in activations]
    return {"input": fill(rows, columns), "target": target, "loss": loss, "rate": 0.001,
            "layers": [*layers, {"weights": fill(columns, columns)}], **more}


def names(key):
    """Those that the program accepts, as its own message lists them."""
    document = {"input": [[1]], "target": [[1]], "loss": "huber", "rate": 1, "layers": [{"weights": [[1]]}]}
    (document if key == "loss" else document["layers"][0])[key] = "none such at all"
    done = subprocess.run([tool.DESCENT, "net", "trace", "-"], input=json.dumps(document).encode(),
                          capture_output=True, timeout=tool.TIMEOUT_S, check=False)
    return re.findall('"([a-z-]+)"', done.stderr.decode().split("expected")[1])


class Latex(unittest.TestCase):
    def assert_is_set(self, document, *options, status=0):
        """Sets the trace of a network, None for the built-in one; the text of the log."""
        with tempfile.TemporaryDirectory(prefix="descent-latex-") as folder:
            words = [tool.DESCENT, "net", "trace", "-", "--format", "latex", *options]
            text = document if isinstance(document, str) else json.dumps(document)
            done = subprocess.run(words, input=text.encode(), capture_output=True,
                                  timeout=tool.TIMEOUT_S, check=False)
            self.assertEqual(done.returncode, status, done.stderr)
            path = pathlib.Path(folder, "trace.tex")
            path.write_bytes(done.stdout)
            run = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", path.name],
                                 cwd=folder, capture_output=True, timeout=tool.TIMEOUT_S, check=False)
            log = path.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
            self.assertEqual(COMPLAINT.findall(log), [])
            self.assertEqual(run.returncode, 0, log[-3000:])
            self.assertIn(b"%PDF", path.with_suffix(".pdf").read_bytes()[:8])
            return log

    def test_examples(self):
        for path in [HERE.parents[1] / "examples" / "worked-example.json",
                     HERE / "data" / "deep.json", HERE / "data" / "normalised.json"]:
            with self.subTest(path=path.name):
                self.assert_is_set(path.read_text(encoding="utf-8"), "--steps", "2")

    def test_every_activation_and_loss(self):
        self.assertGreaterEqual(len(names("activation")), 4)
        for loss in names("loss"):
            with self.subTest(loss=loss):
                self.assert_is_set(network(loss, names("activation")))

    def test_wide_and_long_matrices(self):
        self.assert_is_set(network("huber", ["tanh"], rows=90, columns=45), "--precision", "17")
        self.assert_is_set(network("huber", ["tanh"], rows=3, columns=60, scale=1e-9))
        self.assert_is_set(network("huber", ["relu"], rows=3, columns=30, scale=1e12))

    def test_text_of_the_user(self):
        for text in [EVERY_SIGN, "x" * 2000, "\\input{x} $ % # & _ ^ ~ { }", "a\nb\tc", ""]:
            with self.subTest(text=text[:20]):
                self.assert_is_set(network("huber", [], description=text))

    def test_overflow(self):
        worked = (HERE.parents[1] / "examples" / "worked-example.json").read_text(encoding="utf-8")
        self.assert_is_set(worked, "--rate", "1e300", status=1)

    def test_a_complaint_would_be_found(self):
        for line in ["! Undefined control sequence.", "Overfull \\hbox (20.1pt too wide) at line 7",
                     "LaTeX Warning: Reference undefined"]:
            self.assertEqual(len(COMPLAINT.findall(f"before\n{line}\nafter")), 1)


if __name__ == "__main__":
    if shutil.which("pdflatex") is None:
        sys.exit("There is no pdflatex. \"make check-web\" installs it.")
    tool.main()
