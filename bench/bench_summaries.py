#!/usr/bin/env python3
"""How far below the bias baseline what a training file says of users and items can lead.

    bench/bench_summaries.py PROGRAM TRAIN

For a file of ratings with times: three splits of the program's own inside TRAIN (seeds 7, 8, 9), and on each
gradient boosting (scikit-learn 1.5) that learns the residual of the biases from summaries of the pair's user
and item: numbers of ratings, means, deviations, popularity of what was rated and who rated it, times. It
learns from pairs whose own rating is in none of their summaries (five parts in turn). Printed is the error
on the held-out fifth divided by that of the biases, for all summaries and without some, and where the
squared error of the biases lies: with known and unknown users and items. `id` is the item's identifier as
a number: where identifiers tell an item's age, they are data beside the ratings. The comparison of
docs/accuracy.md, not a part of the program.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

SHRINKAGE = 5  # as in the baseline of the program
NAMES = ("base user:n item:n user:bias item:bias user:popularity user:items user:deviation user:mean user:time "
         "item:activity item:users item:deviation item:mean item:time time id").split()
CHOICES = [
    ("all", NAMES),
    ("without id", [name for name in NAMES if name != "id"]),
    ("without id and times", [name for name in NAMES if name not in ("id", "time", "user:time", "item:time")]),
    ("numbers and biases", NAMES[:5]),
    ("numbers, biases and id", NAMES[:5] + ["id"]),
]


def load(path):
    return np.genfromtxt(path, delimiter=",", skip_header=1)


def place(known, ids):
    """Where the ids stand among the sorted known ones, and which are there."""
    found = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return found, known[found] == ids


def summaries(ratings, pairs):
    """(pairs, NAMES) what the ratings tell of each pair; NaN for what is unknown."""
    users, u = np.unique(ratings[:, 0], return_inverse=True)
    items, i = np.unique(ratings[:, 1], return_inverse=True)
    value, time = ratings[:, 2], ratings[:, 3]
    n_u, n_i, mean = np.bincount(u), np.bincount(i), value.mean()
    b_u = np.zeros(len(users))
    for _ in range(10):
        b_i = np.bincount(i, value - mean - b_u[u]) / (n_i + SHRINKAGE)
        b_u = np.bincount(u, value - mean - b_i[i]) / (n_u + SHRINKAGE)

    def of_user(x):
        return np.bincount(u, x) / n_u

    def of_item(x):
        return np.bincount(i, x) / n_i

    def deviation(of):
        return np.sqrt(np.maximum(of(value * value) - of(value) ** 2, 0))

    at_u, knows_u = place(users, pairs[:, 0])
    at_i, knows_i = place(items, pairs[:, 1])
    bias_u, bias_i = np.where(knows_u, b_u[at_u], 0), np.where(knows_i, b_i[at_i], 0)
    base = np.clip(mean + bias_u + bias_i, value.min(), value.max())
    columns = [base, np.where(knows_u, n_u[at_u], 0), np.where(knows_i, n_i[at_i], 0), bias_u, bias_i]
    columns += [np.where(knows_u, x[at_u], np.nan)
                for x in (of_user(np.log(n_i[i])), of_user(b_i[i]), deviation(of_user), of_user(value), of_user(time))]
    columns += [np.where(knows_i, x[at_i], np.nan)
                for x in (of_item(np.log(n_u[u])), of_item(b_u[u]), deviation(of_item), of_item(value), of_item(time))]
    return np.stack([*columns, pairs[:, 3], pairs[:, 1]], 1), knows_u, knows_i


def summaries_of_others(ratings, n_parts=5):
    """The same of the ratings' own pairs, from the other parts."""
    part = np.random.default_rng(0).integers(0, n_parts, len(ratings))
    table = np.zeros((len(ratings), len(NAMES)))
    for p in range(n_parts):
        table[part == p] = summaries(ratings[part != p], ratings[part == p])[0]
    return table


def error(prediction, value):
    return np.sqrt(np.mean((prediction - value) ** 2))


def measure(train, held):
    """The ratio for each choice, and a row of (share of pairs, of squared error) for each kind of pair."""
    inputs = summaries_of_others(train)
    of_held, knows_u, knows_i = summaries(train, held)
    base, value = of_held[:, 0], held[:, 2]
    ratios = []
    for _, names in CHOICES:
        columns = [NAMES.index(name) for name in names]
        learner = HistGradientBoostingRegressor(max_iter=150, learning_rate=0.03, max_leaf_nodes=12,
                                                min_samples_leaf=40, l2_regularization=5, random_state=0)
        learner.fit(inputs[:, columns], train[:, 2] - inputs[:, 0])
        prediction = base + learner.predict(of_held[:, columns])
        prediction = np.clip(prediction, train[:, 2].min(), train[:, 2].max())
        ratios.append(error(prediction, value) / error(base, value))
    squared = (base - value) ** 2
    kinds = [(kind.mean(), squared[kind].sum() / squared.sum())
             for kind in (knows_u & knows_i, ~knows_u & knows_i, knows_u & ~knows_i, ~knows_u & ~knows_i)]
    return ratios, kinds


def main():
    if len(sys.argv) != 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    results = []
    for seed in ("7", "8", "9"):
        with tempfile.TemporaryDirectory() as folder:
            parts = pathlib.Path(folder) / "split"
            subprocess.run([sys.argv[1], "split", sys.argv[2], "-o", parts, "--seed", seed, "--quiet"], check=True)
            results.append(measure(load(parts / "train.csv"), load(parts / "test.csv")))
    ratios = np.array([ratio for ratio, _ in results])
    kinds = np.mean([kind for _, kind in results], axis=0)
    for name, (pairs, squared) in zip(("both known", "user unknown", "item unknown", "neither known"), kinds):
        print(f"{name:24} {100 * pairs:5.1f} % of the pairs, {100 * squared:5.1f} % of the squared error of the biases")
    for (name, _), row in zip(CHOICES, ratios.T):
        print(f"{name:24} {row.mean():.4f} of the error of the biases ({', '.join(f'{ratio:.4f}' for ratio in row)})")


if __name__ == "__main__":
    main()
