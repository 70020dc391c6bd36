#!/usr/bin/env python3
"""Accuracy beside the bias baseline on splits of the program's own: a table of docs/accuracy.md.

    bench/bench_random_split.py PROGRAM [options of descent train]

For each data set: `descent split --seed 1` writes four fifths of the ratings and one fifth to a
temporary folder; then it trains with the default settings, or those given, on the first alone and
evaluates once on the second. Ratio is the RMSE divided by that of the biases, on the same pairs. Data
sets are looked for in DESCENT_DATA, else in ../shared/datasets; those that are not there are said to
be missing. Names of data sets among the options, such as filmtrust, choose them; else all are run.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SETS = {
    "movietweetings": "movietweetings/ratings.dat",
    "filmtrust": "filmtrust/ratings.txt",
    "jester": "jester/jester1.tsv.gz",
}
SEED = "1"
COLUMNS = "{:16} {:>8} {:>8} {:>8} {:>8} {:>8}"


def run(command):
    """What a command prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def measure(program, ratings, options):
    """One split, one training, one evaluation: the errors, and the seconds of the training."""
    with tempfile.TemporaryDirectory() as folder:
        model, parts = os.path.join(folder, "model.safetensors"), os.path.join(folder, "split")
        run([program, "split", ratings, "-o", parts, "--seed", SEED, "--quiet"])
        started = time.monotonic()
        run([program, "train", os.path.join(parts, "train.csv"), "-o", model, "--quiet", *options])
        seconds = time.monotonic() - started
        errors = json.loads(run([program, "evaluate", model, os.path.join(parts, "test.csv"),
                                 "--quiet", "--json"]))
    return errors, seconds


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    program = sys.argv[1]
    options = [word for word in sys.argv[2:] if word not in SETS]
    chosen = [word for word in sys.argv[2:] if word in SETS] or SETS
    data = pathlib.Path(os.environ.get("DESCENT_DATA", "../shared/datasets"))
    print(COLUMNS.format("data", "RMSE", "MAE", "biases", "ratio", "seconds"))
    for name in chosen:
        ratings = data / SETS[name]
        if not ratings.exists():
            print(f"{name:16} missing: not in {data}")
            continue
        errors, seconds = measure(program, ratings, options)
        rmse, biases = errors["model"]["rmse"], errors["biases"]["rmse"]
        print(COLUMNS.format(name, f"{rmse:.4f}", f"{errors['model']['mae']:.4f}", f"{biases:.4f}",
                             f"{rmse / biases:.4f}", f"{seconds:.1f}"), flush=True)


if __name__ == "__main__":
    main()
