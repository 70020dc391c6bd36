#!/usr/bin/env python3
"""How well new users are served without retraining, on ml-1m: the bar of docs/accuracy.md.

    bench/bench_fold_in.py PROGRAM [RATINGS [options of descent train]]

A tenth of the users, drawn with a fixed seed, is new: ten ratings of each, drawn likewise, are given, all
others are what is to be predicted. One model is trained without the new users, who are then folded in from
their ten ratings; another is trained with those ten beside the rest. Both predict the same pairs, once; nothing
is chosen on them. RATINGS is ml-1m/ratings.tsv of DESCENT_DATA, else of ../shared/datasets; lines of user,
item, rating with tabs, or "::", between them.
"""
import csv
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

SEED = 1
SHARE_NEW = 0.1
N_GIVEN = 10


def read(path):
    """{user: [(item, rating)]}, in the order of the file."""
    ratings = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        user, item, rating = line.replace("::", "\t").split("\t")[:3]
        if rating.replace(".", "", 1).isdigit():  # else a header
            ratings.setdefault(user, []).append((item, rating))
    return ratings


def split(ratings):
    """(ratings of the others, ten of each new user, the rest of theirs) as lists of rows."""
    chance = random.Random(SEED)
    new = set(chance.sample(sorted(ratings), round(SHARE_NEW * len(ratings))))
    others, given, hidden = [], [], []
    for user in sorted(ratings):
        rows = [(user, item, rating) for item, rating in ratings[user]]
        if user not in new:
            others += rows
            continue
        chosen = set(chance.sample(range(len(rows)), min(N_GIVEN, len(rows) - 1)))
        given += [row for i, row in enumerate(rows) if i in chosen]
        hidden += [row for i, row in enumerate(rows) if i not in chosen]
    return others, given, hidden


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines("\t".join(row) + "\n" for row in rows)
    return str(path)


def predict(program, model, hidden_file, options=()):
    """The predicted ratings and how many seconds they took, loading included."""
    started = time.monotonic()
    done = subprocess.run([program, "predict", model, hidden_file, "--csv", "--quiet", *options],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    seconds = time.monotonic() - started
    return [float(row["rating"]) for row in csv.DictReader(done.stdout.splitlines())], seconds


def rmse(predicted, hidden):
    return math.sqrt(sum((p - float(rating)) ** 2 for p, (_, _, rating) in zip(predicted, hidden, strict=True))
                     / len(hidden))


def train(program, rows, path, options):
    """Writes rows and a model of them beside each other; the model's path and the seconds it took."""
    started = time.monotonic()
    model = str(path.with_suffix(".safetensors"))
    subprocess.run([program, "train", write(path.with_suffix(".tsv"), rows), "-o", model, "--quiet", *options],
                   check=True, stdout=subprocess.DEVNULL)
    return model, time.monotonic() - started


def measure(program, source, options):
    """The errors of the three ways on the same pairs, and what was trained and predicted in which time."""
    others, given, hidden = split(read(source))
    found = {"new users": len({row[0] for row in given}), "given": len(given), "hidden": len(hidden),
             "of others": len(others)}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        given_file = write(folder / "given.tsv", given)
        hidden_file = write(folder / "hidden.tsv", hidden)
        without, found["seconds without"] = train(program, others, folder / "without", options)
        trained, found["seconds with"] = train(program, others + given, folder / "with", options)
        unknown, _ = predict(program, without, hidden_file)
        folded, found["seconds of folding in"] = predict(program, without, hidden_file, ["--ratings", given_file])
        known, _ = predict(program, trained, hidden_file)
    found |= {"unknown": rmse(unknown, hidden), "folded in": rmse(folded, hidden), "trained": rmse(known, hidden)}
    return found | {"ratio": found["folded in"] / found["trained"]}


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    data = pathlib.Path(os.environ.get("DESCENT_DATA", "../shared/datasets"))
    source = sys.argv[2] if len(sys.argv) > 2 else data / "ml-1m/ratings.tsv"
    found = measure(sys.argv[1], source, sys.argv[3:])
    print(f"{source}, seed {SEED}: {found['new users']} new users with {found['given']} ratings given and "
          f"{found['hidden']} to predict; {found['of others']} ratings of others")
    print(f"training: {found['seconds without']:.0f} s without the new users, {found['seconds with']:.0f} s with them")
    print(f"{'':34} RMSE")
    print(f"{'taken for unknown':34} {found['unknown']:.4f}")
    print(f"{'folded in':34} {found['folded in']:.4f}   ({found['seconds of folding in']:.1f} s for all, loading and "
          "printing included)")
    print(f"{'trained with the given ratings':34} {found['trained']:.4f}")
    print(f"{'ratio folded in : trained':34} {found['ratio']:.4f}   (bar: at most 1.03)")


if __name__ == "__main__":
    main()
