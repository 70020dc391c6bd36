#!/usr/bin/env python3
"""tools/check_headers.py: it passes a good header, and finds each kind of bad one."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).parent.parent / "tools" / "check_headers.py"

GOOD = "#ifndef A_H\n#define A_H\n#include <stddef.h>\nstatic const size_t n = 1;\n#endif\n"

BAD = [
    ("forgets an include", "#ifndef A_H\n#define A_H\nsize_t f(void);\n#endif\n", "size_t"),
    ("has no guard", "struct a { int x; };\n", "redefinition"),
    ("is not C++", "#ifndef A_H\n#define A_H\nint f(int class);\n#endif\n", "-std=c++17"),
    ("is not C", "#ifndef A_H\n#define A_H\nint &f(void);\n#endif\n", "-std=c17"),
    ("warns", "#ifndef A_H\n#define A_H\nstatic inline int f(int x) { return 1; }\n#endif\n", "unused"),
]


def check(header):
    """Runs the tool on a folder with one header; returns (exit status, standard error)."""
    with tempfile.TemporaryDirectory() as folder:
        if header is not None:
            Path(folder, "a.h").write_text(header, encoding="utf-8")
        command = [sys.executable, str(TOOL), "--include", folder]
        run = subprocess.run(command, capture_output=True, text=True)
        return run.returncode, run.stderr


class CheckHeaders(unittest.TestCase):
    def test_good_header(self):
        self.assertEqual(check(GOOD), (0, ""))

    def test_bad_headers(self):
        for name, header, words in BAD:
            with self.subTest(name):
                status, message = check(header)
                self.assertEqual(status, 1)
                self.assertIn("a.h", message)
                self.assertIn(words, message)

    def test_no_header_is_an_error(self):
        self.assertEqual(check(None)[0], 1)


if __name__ == "__main__":
    unittest.main()
