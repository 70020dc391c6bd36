#!/usr/bin/env python3
"""descent demo: it finds what was planted, and replaces nothing but what it made."""
import re
import subprocess

import tool


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
