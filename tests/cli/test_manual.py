#!/usr/bin/env python3
"""The man pages: test_manual.py PROGRAM FOLDER TEXTS

Every command has a page with all its options, every text written by hand belongs to a page, every
page that is referred to exists. mandoc has nothing to say against any of them. Exit status: 0 all
right, 1 not, 77 mandoc is not installed.
"""
import pathlib
import re
import shutil
import subprocess
import sys

import help_pages


def rendered(page):
    """The page as people read it, without the overstriking of bold and underlined letters."""
    done = subprocess.run(["mandoc", "-T", "utf8", page], stdout=subprocess.PIPE, text=True,
                          check=True)
    return re.sub(r".\x08", "", done.stdout)


def complaints(pages):
    """What mandoc's lint says, but for references: it looks for those among installed pages."""
    done = subprocess.run(["mandoc", "-T", "lint", *pages], stdout=subprocess.PIPE, text=True,
                          check=False)
    names = {page.name for page in pages}
    for line in done.stdout.splitlines():
        reference = re.search(r"referenced manual not found: Xr (\S+) (\d)", line)
        if reference is None or f"{reference[1]}.{reference[2]}" not in names:
            yield line


def faults(program, folder, texts):
    pages = sorted(folder.glob("*.1"))
    expected = {"-".join(["descent", *words]): [] for words, _ in help_pages.sets(program)}
    for words in help_pages.commands(program):
        expected["-".join(["descent", *words])] = help_pages.options(program, words)
    yield from complaints(pages)
    for name in sorted(expected.keys() ^ {page.stem for page in pages}):
        yield f"{name}: found a page without command, or a command without page"
    for page in pages:
        text = rendered(page)
        for option in expected.get(page.stem, []):
            if not re.search(rf"{option}\b", text):
                yield f"{page.name}: {option} is missing"
    for text in sorted(texts.glob("*.mdoc")):
        if text.stem not in expected:
            yield f"{text.name}: found no command of this name"


def main(program, folder, texts):
    if shutil.which("mandoc") is None:
        print("skipped: mandoc is not installed (group docs of packaging/debian-packages.txt)")
        return 77
    found = list(faults(program, pathlib.Path(folder), pathlib.Path(texts)))
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"{len(list(pathlib.Path(folder).glob('*.1')))} pages, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
