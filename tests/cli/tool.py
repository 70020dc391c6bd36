"""What the tests of the command line share: running descent, and a tiny ratings file."""
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

TIMEOUT_S = 400
DESCENT = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else ""

# Enough training for a model that works, little enough to be quick.
FEW_EPOCHS = ["--form", "perceptron", "--epochs", "3", "--factors", "4", "--hidden", "8,4"]


def make_ratings(path, n_users=40, n_items=30, with_times=False):
    """About half of all pairs; users with an even number like items with an even number."""
    chance = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        file.write("user,item,rating" + (",time" if with_times else "") + "\n")
        for user in range(n_users):
            for item in range(n_items):
                if chance.random() < 0.5:
                    liking = 1 if user % 2 == item % 2 else -1
                    rating = min(5, max(1, round(3 + liking + chance.gauss(0, 0.5))))
                    time = f",{1000000000 + 60 * user + item}" if with_times else ""
                    file.write(f"u{user},i{item},{rating}{time}\n")


class ToolTest(unittest.TestCase):
    """A folder with ratings.csv and model.safetensors, made once a class."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="descent-cli-")
        cls.path = pathlib.Path(cls.folder.name)
        make_ratings(cls.path / "ratings.csv")
        done = cls.run_tool("train", "ratings.csv", "-o", "model.safetensors", *FEW_EPOCHS)
        if done.returncode != 0:
            raise AssertionError(f"training the model of these tests failed:\n{done.stderr}")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_tool(cls, *words, stdin="", **options):
        """Output decoded with surrogateescape, so that every byte can be asserted."""
        return subprocess.run([DESCENT, *words], cwd=cls.path, capture_output=True, input=stdin,
                              encoding="utf-8", errors="surrogateescape", timeout=TIMEOUT_S,
                              check=False, **options)

    def good(self, *words, **options):
        """Runs a command that must succeed; its standard output."""
        done = self.run_tool(*words, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def bad(self, status, *words, **options):
        """Runs a command that must fail with `status`; its standard error."""
        done = self.run_tool(*words, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertRegex(done.stderr, "(?m)^descent: ")
        return done.stderr

    def write(self, name, text):
        data = text if isinstance(text, bytes) else text.encode()
        (self.path / name).write_bytes(data)
        return name


def main():
    if not DESCENT:
        sys.exit(f"usage: {sys.argv[0]} DESCENT")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
