#!/usr/bin/env python3
"""Blends on the public data sets: a table of docs/accuracy.md.

    bench/bench_blend.py PROGRAM SETS [options of descent blend]

SETS is one of ml-100k, ml-1m and all. For each training file: blends with the usual members, or those
given, on that file alone, then evaluates once on the test file. Printed are the error there, the one
that was expected from held-out ratings, those of the best member and of equal weights on the same,
seconds of the whole and of the processors, and members with their weights. Data sets are looked for in
DESCENT_DATA, else in ../shared/datasets.
"""
import os
import pathlib
import resource
import sys
import tempfile
import time

from bench_accuracy import SETS, run

COLUMNS = "{:22} {:>7} {:>7} {:>9} {:>12} {:>7} {:>8} {:>9}"
HEAD = ("training file", "RMSE", "MAE", "held out", "best member", "equal", "seconds", "processor")


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(program, train, test, options):
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "model.safetensors")
        started, before = time.monotonic(), processor_seconds()
        blend = run([program, "blend", train, "-o", model, "--quiet", "--json", *options])
        seconds, used = time.monotonic() - started, processor_seconds() - before
        errors = run([program, "evaluate", model, test, "--quiet", "--json"])["model"]
    return blend, errors, seconds, used


def figure(value):
    return "-" if value is None else f"{value:.4f}"


def show(name, blend, errors, seconds, used):
    best = [m["rmse"] for m in blend["members"] if m["rmse"] is not None]
    print(COLUMNS.format(name, figure(errors["rmse"]), figure(errors["mae"]),
                         figure(blend["validation_rmse"]), figure(min(best, default=None)),
                         figure(blend["equal_weights_rmse"]), f"{seconds:.1f}", f"{used:.1f}"))
    for member in blend["members"]:
        print(f"    {member['weight']:.4f}  {figure(member['rmse'])}  {member['model']}", flush=True)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, wanted, options = sys.argv[1], sys.argv[2], sys.argv[3:]
    data = pathlib.Path(os.environ.get("DESCENT_DATA", "../shared/datasets"))
    print(COLUMNS.format(*HEAD))
    for name, pairs in SETS:
        if wanted not in ("all", name.split()[0]):
            continue
        of_set = []
        for train, test in pairs:
            if not (data / train).is_file():
                print(f"{train}: not there")
                continue
            blend, errors, seconds, used = measure(program, data / train, data / test, options)
            show(train, blend, errors, seconds, used)
            of_set.append(errors["rmse"])
        if len(of_set) > 1:
            print(f"mean RMSE of {len(of_set)}: {sum(of_set) / len(of_set):.4f}", flush=True)


if __name__ == "__main__":
    main()
