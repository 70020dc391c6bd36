#!/usr/bin/env python3
"""Computes weights of blends independently of the C code, for tests/test_blend_weights.c.

docs/math.md (157) says what is minimised; here the minimum is found by trying every set of members that
may have a weight: on each set it is a linear system, and of the sets whose weights are all above 0 the
best one counts. Members' errors are drawn so that some are copies, some are dominated, some help.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_blend.py > tests/data/reference_blend.json
"""
import itertools
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_blend.py: NumPy is missing; on Debian it is the package python3-numpy")

EQUAL_RATINGS = 10
SEED = 1


def weights_of(errors):
    """Of errors (ratings, members), by exhaustion."""
    n_ratings, n = errors.shape
    products = errors.T @ errors
    own = np.trace(products) / n
    a = products / own + np.eye(n) * EQUAL_RATINGS / n_ratings
    best, found = np.inf, None
    for size in range(1, n + 1):
        for chosen in itertools.combinations(range(n), size):
            part = np.linalg.solve(a[np.ix_(chosen, chosen)], np.ones(size))
            if (part <= 0).any():
                continue
            w = np.zeros(n)
            w[list(chosen)] = part / part.sum()
            if w @ a @ w < best:
                best, found = w @ a @ w, w
    return products, found


def errors_of(random, kind, n_ratings, n):
    """Noise that all share, and what each has beside it."""
    shared = random.normal(size=(n_ratings, 1))
    own = random.normal(size=(n_ratings, n))
    if kind == "alike":
        return shared + 0.2 * own
    if kind == "uneven":
        return shared + own * np.linspace(0.1, 1, n)
    if kind == "dominated":  # all but the first say the same louder
        return shared * np.linspace(1, 1.8, n) + 0.3 * own
    if kind == "copies":
        return np.repeat(shared + 0.3 * own[:, : (n + 1) // 2], 2, axis=1)[:, :n]
    return own  # "unlike": nothing in common


def main():
    random = np.random.Generator(np.random.PCG64(SEED))
    cases = []
    for kind in ("alike", "uneven", "dominated", "copies", "unlike"):
        for n, n_ratings in ((1, 20), (2, 40), (3, 500), (5, 60), (8, 2000), (10, 12)):
            products, weights = weights_of(errors_of(random, kind, n_ratings, n))
            cases.append({"kind": kind, "n_ratings": n_ratings, "products": products.tolist(),
                          "weights": weights.tolist()})
    json.dump(cases, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
