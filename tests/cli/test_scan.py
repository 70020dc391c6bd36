#!/usr/bin/env python3
"""`descent net scan`: verdicts, pictures, terminals, and what happens when it is interrupted."""
import csv
import fcntl
import io
import json
import os
import pathlib
import pty
import re
import signal
import stat
import struct
import subprocess
import tempfile
import termios
import time
import unittest
import xml.etree.ElementTree as xml

import tool

SVG = "{http://www.w3.org/2000/svg}"
# The file of a network whose description tries to break out of the picture.
HOSTILE = {"description": "</desc><script>&\"'\u0007 \u00fc", "input": [[1], [2]],
           "target": [[1], [1]], "loss": "mean-squared-error", "rate": 0.1,
           "layers": [{"weights": [[0.5]]}]}


class Scan(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="descent-scan-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def run_scan(self, *words, status=0, **options):
        done = subprocess.run([tool.DESCENT, "net", "scan", *words], cwd=self.path,
                              capture_output=True, encoding="utf-8", timeout=tool.TIMEOUT_S,
                              check=False, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def document(self, *words, **options):
        return json.loads(self.run_scan(*words, "--format", "json", **options).stdout)


class Verdicts(Scan):
    def test_of_the_worked_example(self):
        expected = {
            0.002: ("converges", 0, 1e-4), 0.003: ("converges", 0, 1e-8),
            0.0031: ("converges", 0, 1e-8), 0.0032: ("oscillates without settling", 3.9, 4.1),
            0.0033: ("oscillates without settling", 14, 14.2),
            0.0034: ("oscillates without settling", 18.2, 18.4),
            0.005: ("oscillates without settling", 0, 100), 0.05: ("overflows", 0, 1e200),
        }
        found = self.document("--rates", ",".join(map(str, expected)))
        self.assertEqual(found["steps"], 5000)
        self.assertAlmostEqual(found["first_norm"], 4.1306, 4)
        self.assertAlmostEqual(found["curvature"]["largest"], 675.44, 2)
        self.assertAlmostEqual(found["curvature"]["rate_bound"], 0.00296, 5)
        self.assertEqual([row["rate"] for row in found["rates"]], sorted(expected))
        for row in found["rates"]:
            verdict, low, high = expected[row["rate"]]
            self.assertEqual(row["verdict"], verdict, row)
            self.assertTrue(low <= row["last_norm"] <= high, row)
        last = found["rates"][-1]
        self.assertEqual((last["overflow_step"], last["grows_at"], last["quarter_low"]),
                         (6, 1, None))

    def test_0_005_grows_past_37_within_three_steps_and_then_jumps_about(self):
        row = self.document("--rates", "0.005", "--steps", "3")["rates"][0]
        self.assertAlmostEqual(row["last_norm"], 37.4211, 4)
        self.assertEqual(row["verdict"], "diverges")
        row = self.document("--rates", "0.005")["rates"][0]
        self.assertLess(row["quarter_low"], 100)
        self.assertGreater(row["quarter_high"], 1000)

    def test_the_automatic_rates_lie_around_the_bound(self):
        rates = [row["rate"] for row in self.document()["rates"]]
        self.assertEqual(len(rates), 14)  # 13 and the file's own
        self.assertIn(0.002, rates)
        self.assertIn(0.00296, rates)
        self.assertAlmostEqual(rates[0] * 8, 0.00296, 5)
        self.assertAlmostEqual(rates[-1] / 8, 0.00296, 5)

    def test_without_a_bound_they_lie_around_the_own_rate(self):
        network = {**HOSTILE, "input": [[-1], [-2]], "rate": 0.25,
                   "layers": [{"weights": [[0.5]], "activation": "relu"}]}
        found = self.document("-", input=json.dumps(network))
        self.assertEqual(found["curvature"]["rate_bound"], None)
        self.assertIn(0.25, [row["rate"] for row in found["rates"]])
        self.assertIsNone(found["one_step"])
        said = self.run_scan("-", input=json.dumps(network)).stdout
        self.assertIn("no bound: the loss curves upward in no direction", said)

    def test_ranges(self):
        words = ["--from", "0.001", "--to", "0.003", "--steps", "9"]
        rates = [row["rate"] for row in self.document(*words, "--points", "5")["rates"]]
        self.assertEqual(rates, [0.001, 0.0015, 0.002, 0.0025, 0.003])
        rates = [row["rate"] for row in self.document(*words, "--log", "--points", "3")["rates"]]
        self.assertEqual(rates, [0.001, 0.00173205, 0.003])
        self.assertEqual(len(self.document(*words)["rates"]), 13)

    def test_rates_are_sorted_and_shown_once(self):
        found = self.document("--rates", "0.003,0.001,0.003,1e-3", "--steps", "5")
        self.assertEqual([row["rate"] for row in found["rates"]], [0.001, 0.003])
        many = ",".join(["0.001"] * 1000)
        self.assertEqual(len(self.document("--rates", many, "--steps", "1")["rates"]), 1)
        said = self.run_scan("--rates", many + ",0.001", status=2).stderr
        self.assertIn("found more than 1000 rates; expected 1 to 1000", said)

    def test_the_polynomial_of_one_step_is_the_loss_after_it(self):
        found = self.document("--rates", "0.0005,0.002,0.0031172,0.01", "--steps", "1")
        coefficients = found["one_step"]["coefficients"]
        for row in found["rates"]:
            loss = sum(c * row["rate"] ** k for k, c in enumerate(coefficients))
            self.assertAlmostEqual(loss / row["last_loss"], 1, 10)
        self.assertAlmostEqual(found["one_step"]["limit_rate"], 0.0031172, 7)

    def test_csv_says_the_same_as_json(self):
        words = ["--rates", "0.002,0.0032,0.05", "--steps", "100"]
        rows = list(csv.DictReader(io.StringIO(self.run_scan(*words, "-f", "csv").stdout)))
        for row, other in zip(rows, self.document(*words)["rates"], strict=True):
            for key, text in row.items():
                value = other[key]
                self.assertEqual(text if isinstance(value, str) else float(text) if text else None,
                                 value, key)

    def test_a_loss_that_is_not_finite_at_the_start_is_an_error(self):
        network = {**HOSTILE, "input": [[1e200], [1]], "target": [[0], [0]]}
        done = self.run_scan("-", input=json.dumps(network), status=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("descent: loss: is inf", done.stderr)

    def test_larger_networks_get_fewer_steps(self):
        width = 200
        weights = [[0.001] * width for _ in range(width)]
        network = {**HOSTILE, "input": [[1] * width], "target": [[1] * width], "rate": 0.001,
                   "layers": [{"weights": weights}]}
        rates = ",".join(f"{i}e-6" for i in range(1, 26))
        found = self.document("-", "--rates", rates, input=json.dumps(network))
        self.assertEqual(found["steps"], 1250)


class Text(Scan):
    def test_closes_with_a_conclusion(self):
        at_rest = json.dumps({**HOSTILE, "input": [[1]], "target": [[0.5]]})
        for words, network, conclusion in [
            (["--rates", "0.002,0.0031,0.0032"], None,
             "The error comes down with every rate up to 0.0031, and with none from 0.0032 on."),
            (["--rates", "0.002,0.003"], None,
             "All of these rates bring the error down; larger ones may as well."),
            (["--rates", "0.002"], None,
             "This rate brings the error down; larger ones may as well."),
            (["--rates", "0.0033,0.05"], None,
             "None of these rates brings the error down: try rates below 0.0033."),
            (["--rates", "0.05"], None,
             "This rate does not bring the error down: try rates below 0.05."),
            (["--rates", "1e-300,0.05"], None,
             "Rate 1e-300 is too small to show in 5000 steps; try larger ones."),
            (["-"], at_rest,
             "The network is at rest from the start: there is nothing to bring down."),
        ]:
            lines = self.run_scan(*words, input=network).stdout.splitlines()
            self.assertEqual(lines[-1], conclusion)

    def test_rest_far_above_the_best_does_not_count_as_coming_down(self):
        deep = str(pathlib.Path(__file__).parent / "data" / "deep.json")
        said = self.run_scan(deep, "--rates", "1,10,17.5", "--steps", "1000").stdout
        self.assertRegex(said, r"\n17\.5 .* converges to loss 0\.25\n")
        self.assertRegex(said, r"\n  10 ")
        self.assertIn("comes down with every rate up to 1, and with none from 10 on.", said)

    def test_says_why_a_polynomial_is_not_shown(self):
        network = {**HOSTILE, "input": [[1e100, 1]], "target": [[1]],
                   "layers": [{"weights": [[1e-50, 0], [0, 1]]}, {"weights": [[1], [1]]}]}
        said = self.run_scan("-", "--steps", "2", input=json.dumps(network)).stdout
        self.assertIn("not known: coefficient of rate^", said)

    def test_rest_with_much_left_is_named(self):
        network = {**HOSTILE, "input": [[1], [1]], "target": [[0], [1]]}
        said = self.run_scan("-", "--rates", "0.5", input=json.dumps(
            {**network, "layers": [{"weights": [[3]]}]})).stdout
        self.assertIn("converges to loss 0.25", said)


class Picture(Scan):
    def draw(self, *words, **options):
        self.run_scan(*words, "--svg", "a.svg", **options)
        return xml.parse(self.path / "a.svg").getroot()

    def test_has_a_shape_for_each_rate_and_words_for_who_cannot_see_it(self):
        root = self.draw("--rates", "0.0005,0.002,0.0032,0.05")
        self.assertEqual(root.get("role"), "img")
        named = [root.find(f".//*[@id='{name}']") for name in root.get("aria-labelledby").split()]
        self.assertEqual([part.tag for part in named], [SVG + "title", SVG + "desc"])
        for part in ("Rate 0.0005: still falling", "Rate 0.002: converges, 1.36",
                     "Rate 0.0032: oscillates", "Rate 0.05: overflows."):
            self.assertIn(part, named[1].text)
        points = [part for part in root if part.find(SVG + "title") is not None]
        self.assertEqual(len(points), 4)
        shapes = {(part.tag, part.get("d")) for part in points}
        self.assertEqual(len(shapes), 4)
        labels = {part.text for part in root.iter(SVG + "text")}
        self.assertLessEqual({"learning rate", "2 / curvature = 0.00296", "at the start",
                              "converges", "still falling", "oscillates without settling", "overflows"}, labels)
        for part in points:
            x, y = map(float, re.search(r"translate\((\S+) (\S+)\)", part.get("transform")).groups())
            self.assertTrue(84 <= x <= 766 and 100 <= y <= 490, part.attrib)

    def test_any_description_is_only_text(self):
        root = self.draw("-", input=json.dumps(HOSTILE))
        self.assertEqual(list(root.iter(SVG + "script")), [])
        self.assertIn("</desc><script>&\"'  \u00fc", root.find(SVG + "desc").text)

    def test_of_one_rate_and_of_zero_error(self):
        self.draw("--rates", "0.002", "--steps", "1")
        exact = {**HOSTILE, "input": [[1]], "target": [[0.5]]}
        self.draw("-", input=json.dumps(exact))
        self.assertNotIn("nan", (self.path / "a.svg").read_text())

    def test_appears_whole_or_not_at_all(self):
        target = self.path / "a.svg"
        target.write_text("older")
        target.chmod(0o640)
        self.draw("--steps", "10")
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o640)
        target.write_text("older")
        self.run_scan("nowhere.json", "--svg", "a.svg", status=5)
        overflow = json.dumps({**HOSTILE, "input": [[1e200], [1]]})
        self.run_scan("-", "--svg", "a.svg", input=overflow, status=1)
        self.assertEqual(target.read_text(), "older")
        self.assertEqual(os.listdir(self.path), ["a.svg"])

    def test_never_takes_the_place_of_the_network(self):
        text = json.dumps(HOSTILE)
        (self.path / "net.json").write_text(text)
        (self.path / "link.json").symlink_to("net.json")
        for svg in "net.json", "./net.json", "link.json":
            done = self.run_scan("net.json", "--svg", svg, status=2)
            self.assertIn("is the file of the network; the picture needs one", done.stderr)
        self.assertEqual((self.path / "net.json").read_text(), text)

    def test_a_link_is_followed(self):
        (self.path / "link.svg").symlink_to("a.svg")
        (self.path / "a.svg").write_text("older")
        self.run_scan("--steps", "10", "--svg", "link.svg")
        self.assertTrue((self.path / "link.svg").is_symlink())
        self.assertIn("</svg>", (self.path / "a.svg").read_text())


class Process(Scan):
    def test_ctrl_c_ends_it_and_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen(
                [tool.DESCENT, "net", "scan", "--steps", "10000000", "--svg", "a.svg"],
                cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
            self.addCleanup(process.kill)
            status = pathlib.Path(f"/proc/{process.pid}/status")
            while not int(re.search(r"SigCgt:\s*(\w+)", status.read_text()).group(1), 16) & 2:
                time.sleep(0.01)
            process.send_signal(number)
            output, said = process.communicate(timeout=tool.TIMEOUT_S)
            self.assertEqual((process.returncode, output), (130, ""), said)
            self.assertEqual(said, "descent: interrupted; nothing was written\n")
            self.assertEqual(os.listdir(self.path), [])

    def on_terminal(self, columns, **environment):
        main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        with subprocess.Popen([tool.DESCENT, "net", "scan"], stdout=other,
                              env={**os.environ, **environment}) as process:
            os.close(other)
            output = b""
            try:
                while part := os.read(main, 65536):
                    output += part
            except OSError:  # the other end is closed
                pass
        os.close(main)
        self.assertEqual(process.returncode, 0)
        return output.decode()

    def test_block_characters_only_on_a_terminal_that_knows_them(self):
        self.assertIn("█", self.on_terminal(80, LC_ALL="C.UTF-8"))
        self.assertTrue(self.on_terminal(80, LC_ALL="C").isascii())
        piped = self.run_scan(env={**os.environ, "LC_ALL": "C.UTF-8"})
        self.assertTrue(piped.stdout.isascii())
        self.assertIn("█", self.run_scan("--plot", "unicode", env={"LC_ALL": "C"}).stdout)
        self.assertNotIn("|", self.run_scan("--plot", "none").stdout)

    def test_the_plot_is_no_wider_than_the_terminal(self):
        for columns in (60, 80, 200):
            lines = self.on_terminal(columns, LC_ALL="C.UTF-8").splitlines()
            widest = max(len(line) for line in lines if "|" in line)
            self.assertLessEqual(widest, columns)
            self.assertGreater(widest, 55)


if __name__ == "__main__":
    tool.main()
