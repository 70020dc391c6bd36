#!/usr/bin/env python3
"""Computes the ordinal loss independently of the C code, for tests/test_ordinal.c and
tests/test_ordinal_objective.c.

From the formulas of docs/math.md (140) to (146) alone, in double precision: thresholds from steps, the
probability of each value as a difference of two sigmoids, means, losses; and the objective of a small
recommender with its gradient, of dense matrices. Every gradient is the program's by its definition, a
central difference of the loss, taken twice and extrapolated: no derivative is written down here.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_ordinal.py > tests/data/reference_ordinal.json
"""
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_ordinal.py: NumPy is missing; on Debian it is the package python3-numpy")

VALUES = [0.5, 1.0, 2.0, 4.0, 4.5]
STEPS = [-2.0, 0.25, -0.5, 1.0]
SCORES = [-9.5, -2.0, -0.75, 0.0, 0.5, 3.0, 12.0]
LEAST_DISTANCE = 1e-6
N_USERS, N_ITEMS, K = 6, 5, 2
RIDGE = {"vectors": 0.8, "user_history": 1.2, "item_history": 1.5, "biases": 0.6}
FORMS = {
    "dot": {"user_history": False, "item_history": False},
    "histories": {"user_history": True, "item_history": True},
}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def thresholds_of(steps):
    """(141)"""
    distances = LEAST_DISTANCE + np.exp(steps[1:])
    return steps[0] + np.concatenate([[0], np.cumsum(distances)])


def probabilities(steps, score):
    """(140): of each value, shape (.., K)."""
    below = sigmoid(thresholds_of(steps) - np.asarray(score)[..., None])
    ends = below.shape[:-1] + (1,)
    return np.diff(np.concatenate([np.zeros(ends), below, np.ones(ends)], -1), axis=-1)


def slope_of(function, x, i):
    """The derivative by element i: two central differences, whose errors of second order cancel."""
    def difference(h):
        step = np.zeros(len(x))
        step[i] = h
        return (function(x + step) - function(x - step)) / (2 * h)
    return (4 * difference(5e-4) - difference(1e-3)) / 3


def gradient_of(function, x):
    return np.array([slope_of(function, x, i) for i in range(len(x))])


def single_ratings():
    """One rating at one score: (142) with its slopes, for each value and each score."""
    rows = []
    steps = np.array(STEPS)
    for place in range(len(VALUES)):
        for score in SCORES:
            def loss(x, place=place):
                return -np.log(probabilities(x[1:], x[0])[place])
            at = np.concatenate([[score], steps])
            slopes = gradient_of(loss, at)
            rows.append({"place": place, "score": score, "loss": float(loss(at)),
                         "slope": slopes[0], "d_steps": slopes[1:].tolist()})
    return rows


# --- a whole objective ----------------------------------------------------------------------------


def shapes_of(form, n_values):
    """Name, shape and strength of each part of the variables, in the order of the program's."""
    parts = [("p", (N_USERS, K), "vectors"), ("q", (N_ITEMS, K), "vectors"),
             ("b_user", (N_USERS,), "biases"), ("b_item", (N_ITEMS,), "biases")]
    if form["user_history"]:
        parts.append(("y", (N_ITEMS, K), "user_history"))
    if form["item_history"]:
        parts.append(("z", (N_USERS, K), "item_history"))
    return parts + [("steps", (n_values - 1,), None)]


def split(form, n_values, x):
    values, begin = {}, 0
    for name, shape, _ in shapes_of(form, n_values):
        size = int(np.prod(shape))
        values[name] = x[begin:begin + size].reshape(shape)
        begin += size
    assert begin == len(x)
    return values


def objective(form, known, places, n_values, x):
    """(146), and the probabilities of all pairs."""
    v = split(form, n_values, x)
    of_users = known / np.sqrt(known.sum(1, keepdims=True))
    of_items = (known / np.sqrt(known.sum(0, keepdims=True))).T
    users = v["p"] + (of_users @ v["y"] if form["user_history"] else 0)
    items = v["q"] + (of_items @ v["z"] if form["item_history"] else 0)
    score = v["b_user"][:, None] + v["b_item"][None, :] + users @ items.T
    p = probabilities(v["steps"], score)
    own = np.take_along_axis(p, places[..., None], 2)[..., 0]
    loss = -(known * np.log(own)).sum()
    for name, _, strength in shapes_of(form, n_values):
        if strength is not None:
            loss += RIDGE[strength] / 2 * (v[name] ** 2).sum()
    return loss, p


def make_ratings(rng):
    """About two thirds of all pairs, every user and item among them, as places among three values."""
    known = rng.random((N_USERS, N_ITEMS)) < 0.6
    known[np.arange(N_USERS), np.arange(N_USERS) % N_ITEMS] = True
    taste = rng.normal(size=(N_USERS, 2)) @ rng.normal(size=(2, N_ITEMS))
    places = np.clip(np.rint(1 + taste), 0, 2).astype(int)
    assert set(places[known]) == {0, 1, 2}
    return known.astype(float), places


def in_order(known):
    """Pairs such that users and items appear first in ascending order, as the program counts them."""
    diagonal = [(u, u % N_ITEMS) for u in range(N_USERS)]
    return diagonal + [(int(u), int(i)) for u, i in zip(*np.nonzero(known))
                       if (u, i) not in diagonal]


def main():
    rng = np.random.default_rng(5)
    known, places = make_ratings(rng)
    marks = [1.0, 2.5, 5.0]
    steps = np.array(STEPS)
    out = {
        "values": VALUES, "steps": STEPS, "scores": SCORES,
        "thresholds": thresholds_of(steps).tolist(),
        "probabilities": [probabilities(steps, s).tolist() for s in SCORES],
        "means": [float(probabilities(steps, s) @ np.array(VALUES)) for s in SCORES],
        "single": single_ratings(),
        "ratings": [[u, i, marks[places[u, i]]] for u, i in in_order(known)],
        "ridge": RIDGE,
        "forms": [],
    }
    for name, form in FORMS.items():
        n = sum(int(np.prod(shape)) for _, shape, _ in shapes_of(form, len(marks)))
        # of few binary digits, so that single precision holds them exactly
        start = np.rint(rng.normal(size=n) * 0.5 * 256) / 256
        loss, p = objective(form, known, places, len(marks), start)
        gradient = gradient_of(
            lambda x, f=form: objective(f, known, places, len(marks), x)[0], start)
        out["forms"].append({
            "name": name, **form, "start": start.tolist(), "loss": float(loss),
            "gradient": gradient.tolist(), "means": (p @ np.array(marks)).tolist(),
        })
        print(f"{name}: loss {loss:.6f}", file=sys.stderr)
    json.dump(out, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
