#!/usr/bin/env python3
"""Runs the commands of case files and compares what they print with what stands there.

    run.py [--update] PROGRAM FILE...          from the project's root

A case file begins with what it is about and then holds commands, each with its whole output:

    $ descent net trace --rate 0.05 --steps 50
    (standard output, line by line)
    ! a part of standard error, in order; no such line: it must be empty
    ? 1, the exit status, which ends the case

A document of "--format json" is compared number by number with a tolerance of 1e-12, since
the last digits differ between processors; all else is compared byte by byte. --update writes the
files anew from what the program does now: read the difference before you keep it.
"""

import json
import math
import pathlib
import shlex
import subprocess
import sys


class Case:
    def __init__(self, command):
        self.command = command
        self.output, self.errors, self.status = [], [], 0

    def text(self):
        lines = ["$ " + self.command, *self.output]
        lines += ["! " + part for part in self.errors]
        return "".join(line + "\n" for line in [*lines, f"? {self.status}"])


def read(path):
    """The comment lines before the first command, and the cases."""
    head, cases = [], []
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        if line.startswith("$ "):
            cases.append(Case(line[2:]))
        elif not cases:
            head.append(line)
        elif line.startswith("! "):
            cases[-1].errors.append(line[2:])
        elif line.startswith("? "):
            cases[-1].status = int(line[2:])
        else:
            cases[-1].output.append(line)
    return head, cases


def run(program, case):
    words = shlex.split(case.command)
    assert words[0] == "descent", case.command
    done = subprocess.run([program, *words[1:]], capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=120, check=False)
    return done.stdout.decode(), done.stderr.decode(), done.returncode


def parsed(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        return f"not JSON: {problem}"


def is_same_json(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-14)
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(is_same_json(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(is_same_json, a, b))
    return a == b


def differences(case, out, err, status):
    expected = "".join(line + "\n" for line in case.output)
    is_json = "--format json" in case.command and expected != ""
    if is_json and not is_same_json(parsed(expected), parsed(out)):
        yield f"other JSON than expected:\n{out}"
    if not is_json and out != expected:
        have, want = out.split("\n"), expected.split("\n")
        n = next((i for i, pair in enumerate(zip(have, want)) if pair[0] != pair[1]),
                 min(len(have), len(want)))
        yield f"output line {n + 1}:\n  found    {have[n:n + 1]}\n  expected {want[n:n + 1]}"
    if not case.errors and err != "":
        yield f"unexpected on standard error: {err}"
    rest = err
    for part in case.errors:
        at = rest.find(part)
        rest = rest[at + len(part):]
        if at < 0:
            yield f"standard error is {err!r},\n  expected in it {part!r}"
            break
    if status != case.status:
        yield f"exit status {status}, expected {case.status}"


def update(case, out, err, status):
    case.output, case.errors, case.status = out.split("\n")[:-1], err.split("\n")[:-1], status


def main(arguments):
    is_update = arguments[:1] == ["--update"]
    program, *paths = arguments[1:] if is_update else arguments
    program = str(pathlib.Path(program).resolve())
    n_cases = n_failed = 0
    for path in map(pathlib.Path, paths):
        head, cases = read(path)
        for case in cases:
            n_cases += 1
            done = run(program, case)
            if is_update:
                update(case, *done)
                continue
            for difference in differences(case, *done):
                n_failed += 1
                print(f"{path.name}: $ {case.command}\n  {difference}")
        if is_update:
            text = "".join(line + "\n" for line in head) + "".join(c.text() for c in cases)
            path.write_text(text, encoding="utf-8")
    print(f"{n_cases} commands, {n_failed} differences")
    return 1 if n_failed or n_cases == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
