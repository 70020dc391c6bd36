#!/usr/bin/env python3
"""Accuracy of vectors kept as bfloat16 beside those of floats, on folds inside training files.

    bench_precision.py PROGRAM [--seeds N]

Each line of u1.base (MovieLens 100K) falls by lot into one of five folds, which are tested in turn; of the
training file of ml-1m random90 a tenth is tested. No test file is read. The data are in the folder that
DESCENT_DATA names. Prints the table of docs/accuracy.md: a row is the mean of the folds' RMSE for one seed.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import tempfile

DATA = pathlib.Path(os.environ.get("DESCENT_DATA", "datasets"))
SPLIT_SEED = 17
WAYS = ("--form perceptron", "--form perceptron --optimizer sgd --rate 0.1", "--form mixed")


def split(path, n_folds, tested, folder):
    """Files (train, test) for each of the tested folds."""
    lines = path.read_text().splitlines(keepends=True)
    header = [] if lines[0][0].isdigit() else [lines.pop(0)]
    lots = random.Random(SPLIT_SEED)
    fold_of = [lots.randrange(n_folds) for _ in lines]
    for fold in tested:
        parts = []
        for name, is_test in (("train", False), ("test", True)):
            parts.append(folder / f"{path.name}.{fold}.{name}")
            chosen = [line for line, f in zip(lines, fold_of) if (f == fold) == is_test]
            parts[-1].write_text("".join(header + chosen))
        yield parts


def rmse_of(program, train, test, options, model):
    subprocess.run([program, "train", train, "-o", model, "-q", *options], check=True,
                   stderr=subprocess.DEVNULL)
    result = subprocess.run([program, "evaluate", model, test, "--json"], check=True,
                            capture_output=True, text=True)
    return json.loads(result.stdout)["model"]["rmse"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = {"u1.base, 5 folds": list(split(DATA / "ml-100k/u1.base", 5, range(5), folder)),
                "ml-1m, a tenth": list(split(DATA / "ml-1m/random90/train.tsv", 10, [0], folder))}
        print("| data, `train` | seed | fp32 | bf16 | difference |\n| --- | --- | --- | --- | --- |")
        for what, folds in data.items():
            for options in WAYS:
                for seed in range(1, arguments.seeds + 1):
                    fp32, bf16 = (statistics.mean(
                        rmse_of(arguments.program, *parts,
                                [*options.split(), "--precision", precision, "--seed", str(seed)],
                                folder / "model") for parts in folds) for precision in ("fp32", "bf16"))
                    print(f"| {what}, `{options}` | {seed} | {fp32:.5f} | {bf16:.5f} | {bf16 - fp32:.5f} |", flush=True)


if __name__ == "__main__":
    main()
