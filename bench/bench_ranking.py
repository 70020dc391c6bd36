#!/usr/bin/env python3
"""Rankings and training time on public data sets of interactions: the table of docs/ranking.md.

    bench/bench_ranking.py PROGRAM [options of descent train --implicit]

For each data set: trains with the settings chosen for it, the defaults where none are, or those given,
on the training file alone, then evaluates once on the test file, with popularity on the same users. Data
sets are looked for in DESCENT_DATA, else in ../shared/datasets; those that are not there are said to be
missing. The bars are those of the project: a value below its bar is marked.
"""
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

# name; training files, which are put together, and how they are read; settings chosen inside the
# training files (docs/ranking.md); test file; options of its evaluation; metric and bar
SETS = [
    ("ml-1m/ncf, among 99 negatives", ["ml-1m/ncf/ml-1m.train.tsv"], ["--implicit", "--columns", "1,2"],
     [], "ml-1m/ncf/ml-1m.test.rating", ["--implicit", "--columns", "1,2"],
     ["--top", "10", "--negatives-file", "ml-1m/ncf/ml-1m.test.negative"],
     [("hr@10", 0.73), ("ndcg@10", 0.45)]),
    ("gowalla, among all items", ["gowalla/train.txt.gz", "gowalla/valid.txt.gz"], ["--lists"],
     ["--factors", "512", "--unobserved-weight", "25", "--ridge", "0.004"],
     "gowalla/test.txt.gz", ["--lists"], ["--top", "20"], [("recall@20", 0.17), ("ndcg@20", 0.145)]),
]
COLUMNS = "{:32} {:10} {:>8} {:>8} {:>11} {:>9} {:>8}"


def run(command):
    """The JSON document that a command prints."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def put_together(files, path):
    """The lines of all files, one after the other, as they stand."""
    with open(path, "wb") as out:
        for file in files:
            opened = gzip.open(file) if file.suffix == ".gz" else open(file, "rb")
            with opened as content:
                out.write(content.read())


def files_of(data, task):
    """The files that a task of SETS needs, in the folder of the data."""
    return [data / file for file in [*task[1], task[4]]]


def measure(program, data, task, options):
    """What `evaluate` finds, the settings, and the seconds of training and of ranking."""
    _, train, reading, chosen, test, test_reading, ranking, _ = task
    ranking = [str(data / word) if (data / word).is_file() else word for word in ranking]
    with tempfile.TemporaryDirectory() as folder:
        model, joined = os.path.join(folder, "model.safetensors"), os.path.join(folder, "train.txt")
        put_together([data / file for file in train], joined)
        started = time.monotonic()
        run([program, "train", joined, "-o", model, "--quiet", "--json", *reading,
             *(options or chosen)])
        trained = time.monotonic()
        found = run([program, "evaluate", model, str(data / test), "--quiet", "--json", "--ranking",
                     "--baselines", "fast", *test_reading, *ranking])
        ranked = time.monotonic()
        settings = run([program, "inspect", model, "--json"])["config"]
    return found, settings, trained - started, ranked - trained


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    program, options = sys.argv[1], sys.argv[2:]
    data = pathlib.Path(os.environ.get("DESCENT_DATA", "../shared/datasets"))
    print(COLUMNS.format("data", "metric", "model", "bar", "popularity", "train s", "rank s"))
    for task in SETS:
        if not all(file.exists() for file in files_of(data, task)):
            print(f"{task[0]:32} missing: not in {data}")
            continue
        found, settings, training, ranking = measure(program, data, task, options)
        for metric, bar in task[-1]:
            value = found["model"][metric]
            print(COLUMNS.format(task[0], metric, f"{value:.4f}", f"{bar:.3f}{' ' if value >= bar else '<'}",
                                 f"{found['popularity'][metric]:.4f}", f"{training:.1f}", f"{ranking:.1f}"),
                  flush=True)
        print("   " + ", ".join(f"{key} {value}" for key, value in settings.items()), flush=True)


if __name__ == "__main__":
    main()
