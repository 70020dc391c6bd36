#!/usr/bin/env python3
"""Every accuracy that the project promises, measured: a line a bar, with settings, seconds and verdict.

    bench/bench_bars.py PROGRAM [WORD ...]

Each line trains by the default settings, or by those it names, on a training file alone, and reads the
test file once. WORDs choose the lines whose data have one of them in their name; without, all are run, in
about half an hour on two cores. Seeds are 1 throughout. Data sets are looked for in DESCENT_DATA, else in
../shared/datasets; those that are not there are said to be missing. The single tables are printed by
bench_accuracy.py, bench_blend.py, bench_random_split.py, bench_ranking.py and bench_fold_in.py. Exit status:
0 every bar that was measured is reached, 1 one is not.
"""
import os
import pathlib
import sys
import time

import bench_accuracy
import bench_blend
import bench_fold_in
import bench_random_split
import bench_ranking

FOLDS = [(f"ml-100k/u{fold}.base", f"ml-100k/u{fold}.test") for fold in range(1, 6)]
LARGE = ("ml-1m/random90/train.tsv", "ml-1m/random90/test.tsv")
COLUMNS = "{:36} {:26} {:>8} {:>9} {:>8}  {:4} {}"


class Missing(Exception):
    """A file that is not there."""


def need(data, *files):
    for file in files:
        if not (data / file).exists():
            raise Missing(file)


def single(program, data, pairs, options):
    """The RMSE of each pair of training and test file."""
    need(data, *(file for pair in pairs for file in pair))
    return [bench_accuracy.measure(program, data / train, data / test, options)["RMSE"] for train, test in pairs]


def folds(program, data):
    found = single(program, data, FOLDS, [])
    yield "RMSE, u1", 0.886, True, found[0]
    yield "RMSE, mean of u1..u5", 0.878, True, sum(found) / len(found)


def plain(program, data):
    found = single(program, data, FOLDS, ["--form", "perceptron"])
    yield "RMSE, mean of u1..u5", 0.922, True, sum(found) / len(found)


def large(program, data):
    yield "RMSE", 0.823, True, single(program, data, [LARGE], [])[0]


def blend_of(program, data, pair, options):
    need(data, *pair)
    return bench_blend.measure(program, data / pair[0], data / pair[1], options)[1]["rmse"]


def small_blend(program, data):
    yield "RMSE, u1", 0.882, True, blend_of(program, data, FOLDS[0], ["--columns", "1,2,3"])


def timed_blend(program, data):
    yield "RMSE, u1", 0.882, True, blend_of(program, data, FOLDS[0], [])


def large_blend(program, data):
    yield "RMSE", 0.818, True, blend_of(program, data, LARGE, [])


def split_of(name):
    def measure(program, data):
        need(data, bench_random_split.SETS[name])
        errors, _ = bench_random_split.measure(program, data / bench_random_split.SETS[name], [])
        yield "RMSE : RMSE of the biases", 0.97, True, errors["model"]["rmse"] / errors["biases"]["rmse"]
    return measure


def ranking_of(task):
    def measure(program, data):
        need(data, *(file.relative_to(data) for file in bench_ranking.files_of(data, task)))
        found = bench_ranking.measure(program, data, task, [])[0]["model"]
        for metric, bound in task[-1]:
            yield metric, bound, False, found[metric]
    return measure


def new_users(program, data):
    need(data, "ml-1m/ratings.tsv")
    yield "RMSE : RMSE when trained", 1.03, True, bench_fold_in.measure(program, data / "ml-1m/ratings.tsv", [])["ratio"]


LINES = [
    ("ml-100k", "defaults", folds),
    ("ml-100k", "--form perceptron", plain),
    ("ml-100k, blend without times", "defaults, --columns 1,2,3", small_blend),
    ("ml-100k, blend", "defaults", timed_blend),
    ("ml-1m random90", "defaults", large),
    ("ml-1m random90, blend", "defaults", large_blend),
    *((name, "defaults, split --seed 1", split_of(name)) for name in bench_random_split.SETS),
    *((task[0], " ".join(task[3]) or "defaults, --implicit", ranking_of(task)) for task in bench_ranking.SETS),
    ("ml-1m, new users", "defaults, 10 ratings given", new_users),
]


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    program, words = sys.argv[1], sys.argv[2:]
    data = pathlib.Path(os.environ.get("DESCENT_DATA", "../shared/datasets"))
    print(COLUMNS.format("data", "settings", "found", "bar", "seconds", "", "measure"))
    is_missed = False
    for name, settings, measure in LINES:
        if words and not any(word in name for word in words):
            continue
        started = time.monotonic()
        try:
            found = list(measure(program, data))
        except Missing as missing:
            print(f"{name:36} missing: {missing} is not in {data}", flush=True)
            continue
        seconds = time.monotonic() - started
        for what, bound, is_at_most, value in found:
            is_reached = value <= bound if is_at_most else value >= bound
            is_missed |= not is_reached
            print(COLUMNS.format(name, settings, f"{value:.4f}", f"{'<=' if is_at_most else '>='} {bound:g}",
                                 f"{seconds:.1f}", "" if is_reached else "MISS", what), flush=True)
    return 1 if is_missed else 0


if __name__ == "__main__":
    sys.exit(main())
