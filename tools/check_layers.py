#!/usr/bin/env python3
"""Holds the direction of the #include arrows: check_layers.py [--root FOLDER]

Folders are layers. LAYERS says which layers each one may see, and whether it sees their private
headers or the public ones only; PUBLIC_HEADERS says to which layer each public header belongs;
SYSTEM_HEADERS says who may include what is not ours. A header that is in none of the tables is an
error, so that a new dependency is a decision. Tests may include everything and are not read.

Exit status: 0 all arrows run the right way, 1 one does not, 2 usage.
"""
import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple


class Layer(NamedTuple):
    folder: str
    sees: tuple  # layers whose headers it may include, besides its own
    public_only: bool  # of the layers it sees, include/descent/ alone


GROUND = ("base", "math")
BELOW_RECOMMENDER = GROUND + ("text", "network", "ratings", "store")
BELOW_PREDICTOR = GROUND + ("network", "table", "store")
LIBRARY = BELOW_RECOMMENDER + ("table", "recommender", "predictor")

LAYERS = {
    "base": Layer("src/base", (), False),
    "math": Layer("src/math", ("base",), False),
    "text": Layer("src/text", GROUND, False),
    "network": Layer("src/network", GROUND, False),
    "ratings": Layer("src/ratings", GROUND + ("text",), False),
    "table": Layer("src/table", GROUND + ("text",), False),
    "store": Layer("src/store", GROUND, False),
    "recommender": Layer("src/recommender", BELOW_RECOMMENDER, False),
    "predictor": Layer("src/predictor", BELOW_PREDICTOR, False),
    "server": Layer("src/server", ("base", "math", "text", "ratings", "recommender"), True),
    "cli": Layer("cli", LIBRARY + ("server",), True),
    # the kernels are nowhere in a public header: before bench, whose folder it is in
    "bench of kernels": Layer("bench/kernels", GROUND + ("bench",), False),
    "bench": Layer("bench", LIBRARY + ("server",), True),
    "examples": Layer("examples", LIBRARY + ("server",), True),
}

PUBLIC = "include/descent"
PUBLIC_HEADERS = {
    "blend.h": "recommender",
    "bootstrap.h": "math",
    "catalogue.h": "recommender",
    "curvature.h": "network",
    "delimited.h": "text",
    "encoding.h": "table",
    "evaluation.h": "recommender",
    "explain.h": "recommender",
    "file.h": "base",
    "fit.h": "network",
    "fold_in.h": "recommender",
    "isa.h": "math",
    "lbfgs.h": "math",
    "matrix.h": "math",
    "metrics.h": "table",
    "model_kind.h": "store",
    "negatives.h": "ratings",
    "network.h": "network",
    "network_store.h": "predictor",
    "norms.h": "math",
    "optimizer.h": "network",
    "pairs.h": "ratings",
    "predictor.h": "predictor",
    "probabilities.h": "recommender",
    "random.h": "base",
    "ranking.h": "recommender",
    "rating_split.h": "ratings",
    "ratings.h": "ratings",
    "recommender.h": "recommender",
    "scan.h": "network",
    "schedule.h": "math",
    "side.h": "recommender",
    "similar.h": "recommender",
    "split.h": "table",
    "status.h": "base",
    "step_polynomial.h": "network",
    "table.h": "table",
    "titles.h": "ratings",
    "trace.h": "network",
    "tune.h": "math",
    "version.h": "base",
}

C17 = set(
    """assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h limits.h locale.h
    math.h setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h
    stdlib.h stdnoreturn.h string.h tgmath.h threads.h time.h uchar.h wchar.h wctype.h""".split()
)
POSIX = set(
    """dirent.h endian.h fcntl.h getopt.h langinfo.h libgen.h poll.h pthread.h sched.h semaphore.h
    spawn.h strings.h
    sys/auxv.h sys/ioctl.h sys/mman.h sys/random.h sys/resource.h sys/socket.h sys/stat.h
    sys/statvfs.h sys/time.h sys/types.h sys/uio.h sys/wait.h termios.h unistd.h""".split()
)
SYSTEM_HEADERS = {
    "arm_neon.h": ("math", "bench"),
    "cpuid.h": ("math",),
    "csv.h": ("bench",),  # libcsv and FANN are peers
    "floatfann.h": ("bench",),
    "gmp.h": ("cli",),
    "immintrin.h": ("math", "bench"),
    "jansson.h": ("store", "server", "cli"),
    "xxhash.h": ("text", "store"),
    "zlib.h": ("text", "examples"),  # an example reads .gz, as a user's program would
    "zstd.h": ("text",),
    "zstd_errors.h": ("text",),
}

SOURCE_ENDINGS = (".c", ".h", ".inc", ".c.in", ".h.in")
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def includes_of(text):
    """Yields (line, target) of every include directive; target keeps its quotes or brackets."""

    def blank(match):
        token = match.group()
        return token if token.startswith('"') else re.sub(r"[^\n]", " ", token)

    text = COMMENT_OR_STRING.sub(blank, text)
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1)


def layer_of(path):
    """The layer of a file given by its path from the root; None for a file of no layer."""
    name = path.as_posix()
    if name.startswith(PUBLIC + "/"):
        return PUBLIC_HEADERS.get(name[len(PUBLIC) + 1 :])
    for layer, (folder, _, _) in LAYERS.items():
        if name.startswith(folder + "/"):
            return layer
    return None


def is_public(path):
    return path.as_posix().startswith(PUBLIC + "/")


def resolve(root, includer, name):
    """Where "name" leads from `includer`: beside it, then src/, then include/; None if nowhere."""
    for folder in (includer.parent, Path("src"), Path("include")):
        candidate = root / folder / name
        if candidate.is_file():
            return candidate.resolve().relative_to(root)
    return None


def fault_of_own(root, includer, name):
    """What is wrong with #include "name" in `includer`, or None."""
    target = resolve(root, includer, name)
    if target is None:
        return f'found "{name}", which is no file beside this one, in src/ or in include/'
    layer, target_layer = layer_of(includer), layer_of(target)
    if target_layer is None:
        return f'found "{name}", a file of no layer; expected a header of a layer'
    folder, sees, public_only = LAYERS[layer]
    if target_layer != layer and target_layer not in sees:
        allowed = ", ".join((layer,) + sees)
        return f'found "{name}" of layer {target_layer}; expected a header of: {allowed}'
    if is_public(target):
        return None
    if is_public(includer):
        return f'found "{name}", a private header; a public header includes public ones only'
    if public_only and target_layer != layer:
        return f'found "{name}", a private header; {folder}/ includes public ones only'
    return None


def fault_of_system(includer, name):
    """What is wrong with #include <name> in `includer`, or None."""
    layer = layer_of(includer)
    if name in C17:
        return None
    if is_public(includer):
        return f"found <{name}>; a public header includes headers of C17 only"
    if name in POSIX:
        return None
    if name not in SYSTEM_HEADERS:
        return f"found <{name}>, which is in no table of tools/check_layers.py"
    allowed = SYSTEM_HEADERS[name]
    if layer not in allowed:
        return f"found <{name}> in layer {layer}; expected only in: {', '.join(allowed)}"
    return None


def faults_of_file(root, path):
    if layer_of(path) is None:
        expected = "PUBLIC_HEADERS" if is_public(path) else "LAYERS"
        return [f"{path}:1: found a file of no layer; expected an entry in {expected}"]
    faults = []
    for line, target in includes_of((root / path).read_text(encoding="utf-8")):
        quotes, name = target[:1] + target[-1:], target[1:-1]
        if quotes == '""':
            fault = fault_of_own(root, path, name)
        elif quotes == "<>":
            fault = fault_of_system(path, name)
        else:
            fault = f"found #include {target}; expected a name in quotes or angle brackets"
        if fault:
            faults.append(f"{path}:{line}: {fault}")
    return faults


def source_files(root):
    """Every source under the folders of layers, src/ and include/, as paths from the root."""
    tops = {"src", "include"} | {layer.folder.split("/")[0] for layer in LAYERS.values()}
    for top in sorted(tops):
        for path in sorted((root / top).rglob("*")):
            if path.name.endswith(SOURCE_ENDINGS) and path.is_file():
                yield path.relative_to(root)


def main():
    parser = argparse.ArgumentParser(description="Checks the direction of the #include arrows.")
    parser.add_argument("--root", type=Path, default=Path(__file__).parent.parent)
    root = parser.parse_args().root.resolve()
    files = list(source_files(root))
    if not files:
        print(f"{root}: found no source file; expected src/ and include/", file=sys.stderr)
        return 1
    faults = [fault for path in files for fault in faults_of_file(root, path)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"layers: {len(files)} files, every include runs the right way")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
