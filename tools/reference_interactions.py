#!/usr/bin/env python3
"""Computes training on interactions independently of the C code, for tests/test_reference_interactions.c.

From the formulas of docs/math.md (110) to (118) alone, in double precision: sweeps of alternating least
squares with the dense matrix of weights that the program never forms, their objective and their scores;
and one step of gradient descent on groups of a chosen item and others, with the gradient by central
differences.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_interactions.py > tests/data/reference_interactions.json
"""
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_interactions.py: NumPy is missing; on Debian it is the package python3-numpy")

N_USERS, N_ITEMS, K = 9, 7, 3
WEIGHT, RIDGE, SWEEPS = 2.5, 0.07, 3
RATE = 0.5
LOSSES = ("cross-entropy", "bpr", "softmax")


def als(chosen, users):
    """Sweeps, items first, from the users' vectors; for each the objective after both halves."""
    pair = WEIGHT * chosen.sum() / chosen.size  # (111)
    weights = chosen + pair
    ridge_user = RIDGE * (chosen.sum(axis=1) + pair * chosen.shape[1])
    ridge_item = RIDGE * (chosen.sum(axis=0) + pair * chosen.shape[0])

    def objective():
        scores = users @ items.T  # (110)
        return (np.sum(chosen * (scores - 1) ** 2) + pair * np.sum(scores ** 2)
                + ridge_user @ np.sum(users ** 2, axis=1) + ridge_item @ np.sum(items ** 2, axis=1))

    def solve(fixed, of_rows, w, ridge):
        """Weighted least squares against targets 1 / (1 + pair) of weight 1 + pair, and 0: the same minimum."""
        out = np.zeros((len(w), K))
        for r, row in enumerate(w):
            target = of_rows[r] / row
            left = fixed.T @ (row[:, None] * fixed) + ridge[r] * np.eye(K)
            out[r] = np.linalg.solve(left, fixed.T @ (row * target))
        return out

    objectives = []
    for _ in range(SWEEPS):
        items = solve(users, chosen.T, weights.T, ridge_item)
        objectives.append(objective())
        users = solve(items, chosen, weights, ridge_user)
        objectives.append(objective())
    return objectives, users @ items.T


def group_loss(name, scores):
    """(116) to (118), the chosen item's score first."""
    chosen, others = scores[0], scores[1:]
    if name == "cross-entropy":
        return np.log1p(np.exp(-chosen)) + np.sum(np.log1p(np.exp(others)))
    if name == "bpr":
        return np.mean(np.log1p(np.exp(others - chosen)))
    return np.log(np.sum(np.exp(scores))) - chosen


def step(name, tables, groups):
    """The mean loss over the groups, and the tables after one step against its gradient."""
    def loss(x):
        p, q, a, b = split(x)
        return np.mean([group_loss(name, q[items] @ p[user] + a[user] + b[items])
                        for user, items in groups])

    x = np.concatenate([t.ravel() for t in tables])
    slope = np.zeros_like(x)
    h = 1e-5
    for i in range(len(x)):
        high, low = x.copy(), x.copy()
        high[i] += h
        low[i] -= h
        slope[i] = (loss(high) - loss(low)) / (2 * h)
    return loss(x), x - RATE * slope


def split(x):
    ends = np.cumsum([N_USERS * K, N_ITEMS * K, N_USERS])
    p, q, a, b = np.split(x, ends)
    return p.reshape(N_USERS, K), q.reshape(N_ITEMS, K), a, b


def main():
    rng = np.random.default_rng(7)
    chosen = (rng.random((N_USERS, N_ITEMS)) < 0.4).astype(float)
    chosen[np.arange(N_USERS), np.arange(N_USERS) % N_ITEMS] = 1  # nobody and nothing is without
    chosen[0] = 1  # a user who chose everything
    chosen[1] = 0
    chosen[1, 4] = 1  # and one with a single item
    users = np.float32(rng.normal(size=(N_USERS, K))).astype(float)
    objectives, scores = als(chosen, users)
    tables = [np.float32(rng.normal(size=s)).astype(float)
              for s in ((N_USERS, K), (N_ITEMS, K), (N_USERS,), (N_ITEMS,))]
    groups = [(0, [3, 1]), (2, [5, 0, 6]), (0, [2, 6, 5, 4]), (7, [6, 3, 1])]
    steps = []
    for name in LOSSES:
        loss, after = step(name, tables, groups)
        steps.append({"loss": name, "mean": loss, "after": after.tolist()})
    json.dump({"made by": "tools/reference_interactions.py", "factors": K,
               "chosen": [[int(u), int(i)] for u, i in zip(*np.nonzero(chosen))],
               "unobserved_weight": WEIGHT, "ridge": RIDGE, "users": users.ravel().tolist(),
               "objectives": objectives, "scores": scores.ravel().tolist(), "rate": RATE,
               "groups": [[u, items] for u, items in groups],
               "tables": np.concatenate([t.ravel() for t in tables]).tolist(), "steps": steps},
              sys.stdout, indent=1)
    print()


main()
