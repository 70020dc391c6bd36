#!/usr/bin/env python3
"""Computes steps of twin AdaGrad independently of the C code, for tests/test_factorisation.c.

From the formulas of docs/math.md (180) to (186) alone, in double precision, rating by rating with whole
vectors: errors, the sums of squares of both groups, vectors and biases after each pass.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_factorisation.py > tests/data/reference_factorisation.json
"""
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_factorisation.py: NumPy is missing; on Debian it is the package python3-numpy")

N_SLOW = 8
RATE, L2, L2_BIASES = 0.1, 0.05, 0.02
N_USERS, N_ITEMS, N_RATINGS = 4, 3, 14


class Side:
    def __init__(self, random, n, k):
        self.vectors = random.normal(0, 0.4, (n, k)).round(6)
        self.biases = random.normal(0, 0.3, n).round(6)
        self.squares = (1 + random.random((n, 3))).round(6)  # of slow numbers, fast ones, bias

    def state(self):
        return np.concatenate([self.squares, self.biases[:, None]], 1)


def groups_of(k, is_slow_only):
    """The numbers that learn together, and where their sum of squares stands."""
    slow = np.arange(min(k, N_SLOW))
    fast = np.arange(len(slow), k)
    return [(0, slow)] + ([(1, fast)] if len(fast) > 0 and not is_slow_only else [])


def step(users, items, u, i, target, is_slow_only, has_biases):
    """(180) to (186): one rating; returns its error."""
    p, q = users.vectors[u].copy(), items.vectors[i].copy()
    error = target - users.biases[u] - items.biases[i] - p @ q
    for side, row, own, other in ((users, u, p, q), (items, i, q, p)):
        slope = L2 * own - error * other
        for s, numbers in groups_of(len(p), is_slow_only):
            rate = RATE / np.sqrt(side.squares[row, s])
            side.vectors[row, numbers] -= rate * slope[numbers]
            side.squares[row, s] += np.mean(slope[numbers] ** 2)
        bias_slope = L2_BIASES * side.biases[row] - error
        if has_biases:
            side.biases[row] -= RATE / np.sqrt(side.squares[row, 2]) * bias_slope
        side.squares[row, 2] += bias_slope ** 2
    return error


def case_of(k, is_slow_only, has_biases):
    random = np.random.default_rng(k)
    users, items = Side(random, N_USERS, k), Side(random, N_ITEMS, k)
    ratings = [[int(random.integers(N_USERS)), int(random.integers(N_ITEMS)),
                round(64 * random.normal()) / 64] for _ in range(N_RATINGS)]
    case = {"n_factors": k, "is_slow_only": is_slow_only, "has_biases": has_biases,
            "ratings": ratings,
            "before": [[s.vectors.tolist(), s.state().tolist()] for s in (users, items)]}
    errors = [step(users, items, u, i, y, is_slow_only, has_biases) for u, i, y in ratings]
    case["sum"] = float(np.sum(np.square(errors)))
    case["after"] = [[s.vectors.tolist(), s.state().tolist()] for s in (users, items)]
    return case


def main():
    cases = [case_of(k, False, True) for k in (1, 5, 8, 9, 16, 17, 40)]
    cases += [case_of(5, True, True), case_of(16, True, True), case_of(40, True, True),
              case_of(20, False, False)]
    json.dump({"rate": RATE, "l2": L2, "l2_biases": L2_BIASES, "n_users": N_USERS,
               "n_items": N_ITEMS, "cases": cases}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
