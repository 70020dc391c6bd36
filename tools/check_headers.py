#!/usr/bin/env python3
"""Compiles every public header alone, as C17 and as C++17: check_headers.py [--include FOLDER]

Each header is included twice in an otherwise empty file, so that a forgotten #include of its own
or a broken guard is an error, with every compiler of COMPILERS that is installed; one for C and
one for C++ must be.

Exit status: 0 all compile without a warning, 1 one does not, 2 usage.
"""
import argparse
import shutil
import subprocess
import sys
from pathlib import Path

COMPILERS = {"c": ("gcc", "clang"), "c++": ("g++", "clang++")}
FALLBACKS = {"c": "cc", "c++": "c++"}  # for systems that have neither gcc nor clang by name
STANDARDS = {"c": "-std=c17", "c++": "-std=c++17"}
FLAGS = ("-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")


def compilers_of(language):
    found = [name for name in COMPILERS[language] if shutil.which(name)]
    fallback = FALLBACKS[language]
    return found or ([fallback] if shutil.which(fallback) else [])


def fault(compiler, language, include, header):
    """What the compiler says against `header` (a path below `include`), or None."""
    command = [compiler, "-x", language, STANDARDS[language], *FLAGS, "-I", str(include), "-"]
    source = f'#include "{header}"\n' * 2
    run = subprocess.run(command, input=source, capture_output=True, text=True)
    return None if run.returncode == 0 else run.stderr.strip() or f"status {run.returncode}"


def main():
    parser = argparse.ArgumentParser(description="Compiles every public header alone.")
    here = Path(__file__).parent.parent
    parser.add_argument("--include", type=Path, default=here / "include")
    include = parser.parse_args().include
    headers = sorted(path.relative_to(include).as_posix() for path in include.rglob("*.h"))
    if not headers:
        print(f"{include}: found no header", file=sys.stderr)
        return 1
    n_faults = 0
    used = []
    for language in COMPILERS:
        compilers = compilers_of(language)
        if not compilers:
            names = " or ".join(COMPILERS[language])
            print(f"found no {language.upper()} compiler; expected {names}", file=sys.stderr)
            return 1
        for compiler in compilers:
            used.append(compiler)
            for header in headers:
                message = fault(compiler, language, include, header)
                if message:
                    n_faults += 1
                    print(f"{header} with {compiler} {STANDARDS[language]}:", file=sys.stderr)
                    print(message, file=sys.stderr)
    if n_faults == 0:
        print(f"headers: {len(headers)}, each alone with {', '.join(used)}")
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main())
