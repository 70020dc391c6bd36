#!/usr/bin/env python3
"""Computes the metrics of rankings independently of the C code, for tests/test_ranking.c.

From the definitions in docs/metrics.md alone. Where scores are tied, every order of the tied items
is written out, its metrics taken as of a list without ties, and the mean taken over all orders: no
formula for ties is used. The metrics of the lists of all users are computed from dense matrices.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_ranking.py > tests/data/reference_ranking.json
"""
import itertools
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_ranking.py: NumPy is missing; on Debian it is the package python3-numpy")

CUTOFFS = [1, 2, 3, 5, 20]  # 20 is beyond every list


class Draws:
    """Whole numbers from a linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def some_of(self, n, count):
        left = list(range(n))
        return [left.pop(self.below(len(left))) for _ in range(count)]


def orders(score):
    """Every order of the items, best first, in which equal scores stand in any order."""
    levels = sorted(set(score), reverse=True)
    groups = [[i for i, s in enumerate(score) if s == level] for level in levels]
    for parts in itertools.product(*(itertools.permutations(g) for g in groups)):
        yield [i for part in parts for i in part]


def roc_area(place, relevant):
    """Share of the pairs of a relevant and an irrelevant item that stand in the right order."""
    good, bad = place[relevant], place[~relevant]
    if len(bad) == 0:
        return np.nan
    difference = bad[None, :] - good[:, None]
    return np.mean((difference > 0) + 0.5 * (difference == 0))


def measure_order(order, relevant, k):
    """The seven metrics of a list without ties."""
    seen = relevant[order]
    gains = seen / np.log2(np.arange(len(seen)) + 2)
    best = np.sort(seen)[::-1] / np.log2(np.arange(len(seen)) + 2)
    hits = np.cumsum(seen)
    precisions = hits / np.arange(1, len(seen) + 1)
    first = int(np.argmax(seen)) + 1
    n_relevant = seen.sum()
    place = np.empty(len(order))
    place[order] = np.minimum(np.arange(len(order)), k)  # behind k all stand at one place
    return [
        float(first <= k),
        seen[:k].sum() / k,
        seen[:k].sum() / n_relevant,
        gains[:k].sum() / best[:k].sum(),
        (precisions * seen)[:k].sum() / min(k, n_relevant),
        1 / first if first <= k else 0.0,
        roc_area(place, relevant),
    ]


def ranking_case(score, relevant):
    relevant = np.array(relevant, dtype=bool)
    everything = [[measure_order(o, relevant, k) for k in CUTOFFS] for o in orders(score)]
    return {
        "score": [None if s == -np.inf else s for s in score],
        "relevant": [int(r) for r in relevant],
        "at": nulls(np.mean(everything, axis=0)),
        "auc": nulls(roc_area(-np.array(score, dtype=float).clip(min=-1e9), relevant)),
    }


def nulls(values):
    """NaN becomes null, arrays become lists."""
    array = np.asarray(values, dtype=float)
    if array.ndim == 0:
        return None if np.isnan(array) else float(array)
    return [nulls(v) for v in array]


def ranking_cases(draws):
    yield ranking_case([1.0], [1])  # one item, which is relevant: no ROC curve
    yield ranking_case([0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0])  # constant scorer
    yield ranking_case([0] * 7, [1, 0, 0, 0, 0, 0, 0])
    yield ranking_case([3, 2, 2, 2, 1], [0, 1, 0, 1, 0])  # a tie across k = 2 and k = 3
    yield ranking_case([5, 4, 3, 2, 1], [1, 1, 1, 1, 1])  # all relevant
    yield ranking_case([5, 4, 3, 2, 1], [0, 0, 0, 0, 1])
    yield ranking_case([2, -np.inf, 1, -np.inf, -np.inf], [0, 1, 0, 0, 1])  # items nobody knows
    for n in range(2, 9):
        for levels in (2, 3, 50):
            score = [draws.below(levels) / 2 - 1 for _ in range(n)]
            relevant = np.zeros(n, dtype=int)
            relevant[draws.some_of(n, 1 + draws.below(n))] = 1
            yield ranking_case(score, relevant)


def lists_case(draws):
    """Lists of 6 users from 9 items that 8 users rated, one list empty and one of one item."""
    n_items, n_raters, cutoffs = 9, 8, [1, 3, 10]
    rated = np.array([[draws.below(3) == 0 for _ in range(n_raters)] for _ in range(n_items)])
    rated[:, 0] |= ~rated.any(axis=1)
    lists = [draws.some_of(n_items, n) for n in (4, 4, 0, 1, 3, 5)]
    unit = rated / np.sqrt(rated.sum(axis=1, keepdims=True))
    cosine = unit @ unit.T
    surprise = -np.log2(rated.mean(axis=1))
    result = {"rated": rated.astype(int).tolist(), "lists": lists, "k": cutoffs}
    novelty = [[np.mean(surprise[l[:k]]) if l else np.nan for k in cutoffs] for l in lists]
    diversity = [[spread(1 - cosine, l[:k]) for k in cutoffs] for l in lists]
    counts = [np.bincount(sum((l[:k] for l in lists), []), minlength=n_items) for k in cutoffs]
    result["novelty"], result["diversity"] = nulls(novelty), nulls(diversity)
    result["coverage"] = [float(np.mean(c > 0)) for c in counts]
    # Gini from its definition: the mean difference of two items, of twice the mean.
    result["gini"] = [
        float(np.abs(c[:, None] - c[None, :]).mean() / (2 * c.mean())) for c in counts
    ]
    return result


def spread(distance, items):
    pairs = [distance[a, b] for a, b in itertools.combinations(items, 2)]
    return np.mean(pairs) if pairs else np.nan


def errors_case(draws):
    """Errors of users with 1 to 6 ratings, over pairs and over users."""
    users = [[draws.below(257) / 64 - 2 for _ in range(1 + draws.below(6))] for _ in range(9)]
    pairs = np.concatenate(users)
    return {
        "errors": users,
        "rmse": float(np.sqrt(np.mean(pairs**2))),
        "mae": float(np.mean(np.abs(pairs))),
        "user_rmse": float(np.mean([np.linalg.norm(u) / np.sqrt(len(u)) for u in users])),
        "user_mae": float(np.mean([np.mean(np.abs(u)) for u in users])),
    }


def main():
    draws = Draws(17)
    parts = {
        "k": CUTOFFS,
        "rankings": list(ranking_cases(draws)),
        "lists": lists_case(draws),
        "errors": errors_case(draws),
    }
    json.dump(parts, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
