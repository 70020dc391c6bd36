#!/usr/bin/env python3
"""tools/check_layers.py: it passes good trees, and finds each kind of wrong arrow planted in one."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).parent.parent / "tools" / "check_layers.py"

GOOD = {
    "include/descent/status.h": "#include <stddef.h>\n",
    "include/descent/matrix.h": '#include "descent/status.h"\n',
    "include/descent/network.h": '#include "descent/matrix.h"\n',
    "include/descent/ratings.h": '#include "descent/status.h"\n',
    "include/descent/recommender.h": '#include "descent/network.h"\n#include "descent/ratings.h"\n',
    "src/base/memory.h": '#include "descent/status.h"\n',
    "src/math/kernels.h": '#include "base/memory.h"\n#include <immintrin.h>\n',
    "src/math/kernels_c.inc": '#include "math/kernels.h"\n',
    "src/network/forward.c": '#include "math/kernels.h"\n#include <pthread.h>\n',
    "src/ratings/reader.c": '#include "descent/ratings.h"\n#include "text/input.h"\n',
    "src/text/input.h": "",
    "src/text/input.c": '#include "text/input.h"\n#include <zlib.h>\n',
    "src/store/model_file.h": "#include <jansson.h>\n",
    "src/recommender/train.c": '#include "store/model_file.h"\n#include "network/layer.h"\n',
    "src/network/layer.h": "",
    "cli/options.h": "",
    "cli/train.c": '#include "options.h"\n#include "descent/recommender.h"\n#include <getopt.h>\n',
    "bench/bench.h": "",
    "bench/kernels/main.c": '#include "../bench.h"\n#include "math/kernels.h"\n',
    "examples/xor.c": '#include "descent/network.h"\n',
    "tests/test_all.c": '#include "math/kernels.h"\n#include <cmocka.h>\n',
}

# What is planted, in which file, at which line it must be found, and what the message must say.
VIOLATIONS = [
    ("base sees math", "src/base/a.c", '\n#include "math/kernels.h"\n', 2, "of layer math"),
    ("math sees network", "src/math/a.c", '#include "network/layer.h"\n', 1, "of layer network"),
    ("network sees ratings", "src/network/a.c", '#include "descent/ratings.h"\n', 1, "ratings"),
    ("ratings sees network", "src/ratings/a.c", '#include "descent/network.h"\n', 1, "network"),
    ("text sees ratings", "src/text/a.c", '#include "descent/ratings.h"\n', 1, "of layer ratings"),
    ("store sees ratings", "src/store/a.c", '#include "descent/ratings.h"\n', 1, "of layer ratings"),
    ("by a relative path", "src/math/a.c", '#include "../network/layer.h"\n', 1, "layer network"),
    ("in an .inc file", "src/math/a.inc", '#include "network/layer.h"\n', 1, "of layer network"),
    ("in a template", "cli/a.c.in", '#include "base/memory.h"\n', 1, "private header"),
    ("with blanks", "src/base/a.c", '  #  include   "math/kernels.h"  // x\n', 1, "layer math"),
    ("after a comment", "src/base/a.c", '/* a\nb */ #include "math/kernels.h"\n', 2, "layer math"),
    ("recommender sees cli", "src/recommender/a.c", '#include "../../cli/options.h"\n', 1, "cli"),
    ("server sees gradients", "src/server/a.c", '#include "descent/network.h"\n', 1, "network"),
    ("cli sees inside", "cli/a.c", '#include "store/model_file.h"\n', 1, "private header"),
    ("example sees inside", "examples/a.c", '#include "base/memory.h"\n', 1, "private header"),
    ("bench of kernels sees network", "bench/kernels/a.c", '#include "network/layer.h"\n', 1, "of layer network"),
    ("bench sees inside", "bench/a.c", '#include "math/kernels.h"\n', 1, "private header"),
    ("public sees private", "include/descent/matrix.h", '#include "base/memory.h"\n', 1, "private"),
    ("public sees above", "include/descent/matrix.h", '#include "descent/network.h"\n', 1, "network"),
    ("public sees POSIX", "include/descent/matrix.h", "#include <pthread.h>\n", 1, "C17 only"),
    ("public header of no layer", "include/descent/new.h", "", 1, "PUBLIC_HEADERS"),
    ("folder of no layer", "src/extra/a.c", "", 1, "LAYERS"),
    ("nowhere", "src/base/a.c", '#include "base/missing.h"\n', 1, "no file"),
    ("tests are no layer", "src/base/a.c", '#include "../../tests/test_all.c"\n', 1, "no layer"),
    ("JSON in the engine", "src/network/a.c", "#include <jansson.h>\n", 1, "layer network"),
    ("zlib in the store", "src/store/a.c", "#include <zlib.h>\n", 1, "expected only in: text"),
    ("xxhash in the base", "src/base/a.c", "#include <xxhash.h>\n", 1, "text, store"),
    ("unknown library", "src/base/a.c", "#include <glib.h>\n", 1, "no table"),
    ("vector unit in base", "src/base/a.c", "#include <immintrin.h>\n", 1, "layer base"),
    ("by a macro", "src/base/a.c", "#include HEADER\n", 1, "in quotes or angle brackets"),
]


def check(files):
    """Runs the tool on a tree of the given files; returns (exit status, standard error)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        command = [sys.executable, str(TOOL), "--root", folder]
        run = subprocess.run(command, capture_output=True, text=True)
        return run.returncode, run.stderr


class CheckLayers(unittest.TestCase):
    def test_good_tree(self):
        self.assertEqual(check(GOOD), (0, ""))

    def test_comments_and_strings_are_not_includes(self):
        text = '/*\n#include "math/kernels.h"\n*/\n// #include <glib.h>\nchar s[] = "/*";\n'
        self.assertEqual(check({**GOOD, "src/base/a.c": text}), (0, ""))

    def test_include_after_a_string_that_looks_like_a_comment(self):
        text = 'char s[] = "/*";\n#include "math/kernels.h"\n'
        status, message = check({**GOOD, "src/base/a.c": text})
        self.assertEqual(status, 1)
        self.assertIn("src/base/a.c:2: ", message)

    def test_empty_tree_is_an_error(self):
        self.assertEqual(check({})[0], 1)

    def test_violations(self):
        for name, path, text, line, words in VIOLATIONS:
            with self.subTest(name):
                status, message = check({**GOOD, path: text})
                self.assertEqual(status, 1)
                self.assertEqual(message.count("\n"), 1, message)
                self.assertTrue(message.startswith(f"{path}:{line}: found "), message)
                self.assertIn(words, message)

    def test_every_violation_is_reported(self):
        planted = {"src/base/a.c": '#include "math/kernels.h"\n#include <glib.h>\n'}
        status, message = check({**GOOD, **planted})
        self.assertEqual((status, message.count("\n")), (1, 2))


if __name__ == "__main__":
    unittest.main()
