#!/usr/bin/env python3
"""Lists the functions that public headers declare: public_symbols.py [--map NODE] HEADER...

One name a line, sorted; with --map as a version script for the linker, which exports these names
under the version NODE and keeps everything else inside the shared library.

A declaration is what the headers' layout makes it: it begins in the first column, is neither a
typedef nor `static inline`, and has its dsc_ name before a parenthesis.
"""
import argparse
import re
from pathlib import Path

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"^(?!typedef\b|static\b)[A-Za-z][\w \t\n*]*?\b(dsc_\w+)\s*\(", re.MULTILINE)


def names_of(text):
    return DECLARATION.findall(COMMENT.sub("", text))


def main():
    parser = argparse.ArgumentParser(description="Lists the functions that headers declare.")
    parser.add_argument("--map", metavar="NODE", help="print a version script with this node")
    parser.add_argument("headers", metavar="HEADER", nargs="+", type=Path)
    arguments = parser.parse_args()
    names = sorted({name for path in arguments.headers for name in names_of(path.read_text())})
    if arguments.map:
        lines = "".join(f"    {name};\n" for name in names)
        print(f"{arguments.map} {{\n  global:\n{lines}  local:\n    *;\n}};")
    else:
        print("\n".join(names))


if __name__ == "__main__":
    main()
