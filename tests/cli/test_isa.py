#!/usr/bin/env python3
"""--isa and DESCENT_ISA: test_isa.py PROGRAM

A name that the processor lacks is refused, and the message names those it has; each of those works, and
gives the same model twice. All but plain C give the same model as each other.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

USAGE = 2


def ratings():
    """Thirty users, twenty items, in no order that a network could miss."""
    rows = [f"u{u},i{i},{1 + (u * i + u + 3 * i) % 5}" for u in range(30) for i in range(20) if (u + i) % 3]
    return "user,item,rating\n" + "\n".join(rows) + "\n"


def run(program, *words, isa=None):
    environment = {name: value for name, value in os.environ.items() if name != "DESCENT_ISA"}
    if isa is not None:
        environment["DESCENT_ISA"] = isa
    return subprocess.run([program, *map(str, words)], env=environment, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def main(program):
    faults = []

    def expect(holds, what):
        if not holds:
            faults.append(what)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "ratings.csv"
        data.write_text(ratings())

        def train(model, *more, isa=None):
            return run(program, "train", data, "-o", folder / model, "-e", 3, "-q", *more, isa=isa)

        refused = train("x", "--isa", "sse9")
        found = re.search(r'^descent: --isa: found "sse9"; this processor can run: (.*)$', refused.stderr,
                          re.MULTILINE)
        expect(refused.returncode == USAGE and found, f"--isa sse9: {refused.stderr}")
        isas = found[1].split(", ") if found else []
        expect(isas and isas[-1] == "c", f"the processor can run {isas}")

        by_environment = train("x", isa="sse9")
        expect(by_environment.returncode == USAGE and
               'descent: DESCENT_ISA: found "sse9"' in by_environment.stderr,
               f"DESCENT_ISA=sse9: {by_environment.stderr}")
        expect(run(program, "train", "--help", isa="sse9").returncode == 0, "--help with a wrong DESCENT_ISA")
        expect(train("over", "--isa", "c", isa="sse9").returncode == 0, "--isa over a wrong DESCENT_ISA")

        expect(train("widest").returncode == 0, "no --isa")
        models = {}
        for isa in isas:
            expect(train(isa, "--isa", isa).returncode == 0, f"--isa {isa}")
            expect(train(isa + "_again", isa=isa).returncode == 0, f"DESCENT_ISA={isa}")
            models[isa] = (folder / isa).read_bytes()
            expect(models[isa] == (folder / (isa + "_again")).read_bytes(), f"{isa}: another model")
            asked = run(program, "recommend", folder / isa, "--user", "u1", "--isa", isa)
            expect(asked.returncode == 0 and "u1" not in asked.stderr, f"recommend --isa {isa}")
        expect(models.get("c") == (folder / "over").read_bytes(), "--isa c over DESCENT_ISA: another model")
        fused = {model for isa, model in models.items() if isa != "c"}
        expect(len(fused) <= 1, "instruction sets with fused additions give different models")
        expect(not isas or models[isas[0]] == (folder / "widest").read_bytes(), "the widest is not the default")

    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
