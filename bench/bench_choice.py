#!/usr/bin/env python3
"""Validation of settings inside one training file: the tables of choices of docs/accuracy.md.

    bench/bench_choice.py PROGRAM RATINGS N_FOLDS SETTING [SETTING ...]

RATINGS is cut into ten parts at random, always the same ones. N_FOLDS of them, 1 to 10, are held out
in turn while each SETTING, options of descent train as one word ("" for the defaults), is trained on
the other nine. No other file is read. For each setting: the RMSE on all held-out ratings, how far it
is from the first setting's with the standard error of that difference, pair by pair, and the
processor's seconds for a training.
"""
import csv
import math
import pathlib
import random
import resource
import shlex
import subprocess
import sys
import tempfile

N_PARTS = 10
SEED = 1


def cut(ratings):
    """The lines of each part, in the order of the file."""
    lines = pathlib.Path(ratings).read_text(encoding="utf-8").splitlines(keepends=True)
    order = list(range(len(lines)))
    random.Random(SEED).shuffle(order)
    return [[lines[i] for i in sorted(order[part::N_PARTS])] for part in range(N_PARTS)]


def seconds_so_far():
    """Processor's time of all programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def squared_errors(program, parts, fold, setting, folder):
    """Of each held-out rating, and the seconds of the training."""
    train, held, model = folder / "train", folder / "held", folder / "model.safetensors"
    train.write_text("".join(line for part, lines in enumerate(parts) if part != fold
                             for line in lines), encoding="utf-8")
    held.write_text("".join(parts[fold]), encoding="utf-8")
    before = seconds_so_far()
    subprocess.run([program, "train", train, "-o", model, "--quiet", *shlex.split(setting)],
                   check=True)
    seconds = seconds_so_far() - before
    done = subprocess.run([program, "predict", model, held, "--csv", "--quiet"], check=True,
                          text=True, stdout=subprocess.PIPE)
    predicted = [float(row["rating"]) for row in csv.DictReader(done.stdout.splitlines())]
    known = [float(line.split()[2]) for line in parts[fold]]
    return [(p - r) ** 2 for p, r in zip(predicted, known, strict=True)], seconds


def root_of_mean(squares):
    return math.sqrt(sum(squares) / len(squares))


def difference(squares, first):
    """Of two RMSEs, and its standard error by the delta method from the paired squares."""
    n = len(squares)
    each = [a - b for a, b in zip(squares, first)]
    mean = sum(each) / n
    variance = sum((d - mean) ** 2 for d in each) / (n - 1)
    slope = 1 / (root_of_mean(squares) + root_of_mean(first))
    return slope * mean, slope * math.sqrt(variance / n)


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    program, ratings, n_folds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    parts = cut(ratings)
    first = None
    print(f"{'validation':>10} {'difference':>10} {'+-':>7} {'seconds':>8}  setting")
    for setting in sys.argv[4:]:
        squares, seconds = [], 0.0
        for fold in range(n_folds):
            with tempfile.TemporaryDirectory() as folder:
                more, took = squared_errors(program, parts, fold, setting, pathlib.Path(folder))
            squares += more
            seconds += took
        first = first or squares
        shift, error = difference(squares, first)
        print(f"{root_of_mean(squares):10.4f} {shift:10.4f} {error:7.4f} {seconds / n_folds:8.1f}  "
              f"{setting or '(defaults)'}", flush=True)


if __name__ == "__main__":
    main()
