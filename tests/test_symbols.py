#!/usr/bin/env python3
"""What the libraries show to a linker: test_symbols.py SHARED STATIC HEADER...

The shared library exports the functions that the public headers declare, all of them and nothing
else. The static library, whose parts must see each other, defines no global name without dsc_.
"""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
from public_symbols import names_of  # noqa: E402


def defined(*arguments):
    """The names that nm lists as defined, without the version behind "@@"."""
    done = subprocess.run(["nm", "--defined-only", *arguments], stdout=subprocess.PIPE, text=True,
                          check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    # "A": the name of the version itself, DESCENT_0.1
    return {row[2].split("@")[0] for row in rows if len(row) == 3 and row[1] != "A"}


def main(shared, static, *headers):
    faults = []
    declared = {name for path in headers for name in names_of(Path(path).read_text())}
    exported = defined("-D", shared)
    faults += [f"{shared}: exports {name}, which no header declares"
               for name in sorted(exported - declared)]
    faults += [f"{shared}: does not export {name}, which a header declares"
               for name in sorted(declared - exported)]
    inside = defined("-g", static)
    faults += [f"{static}: defines {name}, a global name without dsc_"
               for name in sorted(inside) if not name.startswith("dsc_")]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(exported)} functions exported, {len(inside)} global names in the static library")
    return 1 if faults or not declared or not inside > declared else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
