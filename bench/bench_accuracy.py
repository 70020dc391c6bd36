#!/usr/bin/env python3
"""Accuracy and training time on the public data sets: the table of docs/accuracy.md.

    bench/bench_accuracy.py PROGRAM [options of descent train]

For each data set: trains with the default settings, or those given, on the training file alone, then
evaluates once on the test file, with the baselines on the same pairs. Data sets are looked for in
DESCENT_DATA, else in ../shared/datasets; those that are not there are said to be missing.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

# name, pairs of (training file, test file); the folds of ml-100k are the published ones
SETS = [
    ("ml-100k u1..u5", [(f"ml-100k/u{fold}.base", f"ml-100k/u{fold}.test") for fold in range(1, 6)]),
    ("ml-1m random90", [("ml-1m/random90/train.tsv", "ml-1m/random90/test.tsv")]),
]
COLUMNS = "{:24} {:>8} {:>8} {:>8} {:>8} {:>7} {:>10}"


def run(command):
    """The JSON document that a command prints."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def measure(program, train, test, options):
    """One training and its evaluation: RMSE, MAE, the baselines, seconds, epochs."""
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "model.safetensors")
        started = time.monotonic()
        trained = run([program, "train", train, "-o", model, "--quiet", "--json", *options])
        seconds = time.monotonic() - started
        errors = run([program, "evaluate", model, test, "--quiet", "--json"])
    return {
        "RMSE": errors["model"]["rmse"],
        "MAE": errors["model"]["mae"],
        "biases": errors["biases"]["rmse"],
        "mean": errors["mean"]["rmse"],
        "seconds": seconds,
        "epochs": trained["best_epoch"],
    }


def show(name, row):
    print(COLUMNS.format(name, *(f"{row[key]:.4f}" for key in ("RMSE", "MAE", "biases", "mean")),
                         f"{row['seconds']:.1f}", f"{row['epochs']:g}"), flush=True)


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    program, options = sys.argv[1], sys.argv[2:]
    data = pathlib.Path(os.environ.get("DESCENT_DATA", "../shared/datasets"))
    print(COLUMNS.format("data", "RMSE", "MAE", "biases", "mean", "seconds", "best epoch"))
    for name, pairs in SETS:
        if not all((data / file).exists() for pair in pairs for file in pair):
            print(f"{name:24} missing: not in {data}")
            continue
        rows = []
        for train, test in pairs:
            rows.append(measure(program, data / train, data / test, options))
            show(pathlib.Path(train).name, rows[-1])
        if len(rows) > 1:
            show(f"{name}, mean", {key: sum(r[key] for r in rows) / len(rows) for key in rows[0]})


if __name__ == "__main__":
    main()
