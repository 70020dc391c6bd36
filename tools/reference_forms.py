#!/usr/bin/env python3
"""Computes full-batch training independently of the C code, for tests/test_reference_forms.c.

A small recommender of several forms, in double precision, from the formulas of docs/math.md (18), (50)
to (55) and (130) to (135) alone: the objective and its gradient at a start, and the minimum that is reached from there. The
gradient is that of dense matrices, checked against central differences; the minimum is found by steepest
descent with backtracking and nothing like L-BFGS, until no slope is left.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_forms.py > tests/data/reference_forms.json
"""
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_forms.py: NumPy is missing; on Debian it is the package python3-numpy")

N_USERS, N_ITEMS, K = 6, 5, 2
WIDTHS = [2 * K, 4, 3, 1]
RIDGE = {"vectors": 0.8, "user_history": 1.2, "item_history": 1.5, "biases": 0.6, "network": 0.9}
FORMS = {
    "dot": {"dot": True, "network": False, "user_history": False, "item_history": False},
    "user history": {"dot": True, "network": False, "user_history": True, "item_history": False},
    "histories": {"dot": True, "network": False, "user_history": True, "item_history": True},
    "perceptron": {"dot": False, "network": True, "user_history": False, "item_history": False},
    "all parts": {"dot": True, "network": True, "user_history": True, "item_history": True},
}
# Of a side with a history: whether ratings weigh it, whether all share one vector, its activation.
PLAIN_SIDE = {"weigh": False, "share": False, "activation": "identity"}
HIDDEN_LAYER = {"weigh": True, "share": True, "activation": "sigmoid"}
SIDES = {
    "item autorec": (PLAIN_SIDE, HIDDEN_LAYER),
    "user autorec": (HIDDEN_LAYER, PLAIN_SIDE),
    "own vectors, weighed, tanh": ({"weigh": True, "share": False, "activation": "tanh"},
                                   {"weigh": False, "share": True, "activation": "swish"}),
}
FORMS["item autorec"] = {"dot": True, "network": False, "user_history": False, "item_history": True}
FORMS["user autorec"] = {"dot": True, "network": False, "user_history": True, "item_history": False}
FORMS["own vectors, weighed, tanh"] = FORMS["all parts"]
WEIGHT_OF_MEAN = 3
SLOPE = 1e-10  # the largest element of the gradient at what is called a minimum


def activate(name, z):
    """(132): an activation and its derivative."""
    s = 1 / (1 + np.exp(-z))
    if name == "sigmoid":
        return s, s * (1 - s)
    if name == "tanh":
        return np.tanh(z), 1 - np.tanh(z) ** 2
    if name == "swish":
        return z * s, s + z * s * (1 - s)
    assert name == "identity"
    return z, np.ones_like(z)


def shapes_of(form):
    """Name, shape and strength of each part of the variables, in the order of the program's."""
    of_user, of_item = form["sides"]
    parts = [("p", (1 if of_user["share"] else N_USERS, K), "biases" if of_user["share"] else "vectors"),
             ("q", (1 if of_item["share"] else N_ITEMS, K), "biases" if of_item["share"] else "vectors"),
             ("b_user", (N_USERS,), "biases"), ("b_item", (N_ITEMS,), "biases")]
    if form["user_history"]:
        parts.append(("y", (N_ITEMS, K), "user_history"))
    if form["item_history"]:
        parts.append(("z", (N_USERS, K), "item_history"))
    if form["network"]:
        for l, (rows, columns) in enumerate(zip(WIDTHS, WIDTHS[1:])):
            parts += [(f"W{l}", (rows, columns), "network"), (f"c{l}", (columns,), "network")]
    return parts


def split(form, x):
    """The variables by name."""
    values, begin = {}, 0
    for name, shape, _ in shapes_of(form):
        size = int(np.prod(shape))
        values[name] = x[begin:begin + size].reshape(shape)
        begin += size
    assert begin == len(x)
    return values


def objective(form, data, x):
    """(55), its gradient, and the predictions of all pairs in units of the spread."""
    v, known, targets = split(form, x), data["known"], data["targets"]
    d = {name: np.zeros(shape) for name, shape, _ in shapes_of(form)}
    side_of_user, side_of_item = form["sides"]
    weighed = known * (WEIGHT_OF_MEAN + targets)                 # (130)
    of_users = known / np.sqrt(known.sum(1, keepdims=True))      # row u sums what u rated, (50)
    of_items = (known / np.sqrt(known.sum(0, keepdims=True))).T
    of_users = weighed if side_of_user["weigh"] else of_users
    of_items = weighed.T if side_of_item["weigh"] else of_items
    users = v["p"] + (of_users @ v["y"] if form["user_history"] else np.zeros((N_USERS, K)))
    items = v["q"] + (of_items @ v["z"] if form["item_history"] else np.zeros((N_ITEMS, K)))
    users, slope_of_users = activate(side_of_user["activation"], users)
    items, slope_of_items = activate(side_of_item["activation"], items)
    f = v["b_user"][:, None] + v["b_item"][None, :]
    if form["dot"]:
        f = f + users @ items.T
    if form["network"]:
        inputs = np.concatenate([np.repeat(users, N_ITEMS, 0), np.tile(items, (N_USERS, 1))], 1)
        layers = [inputs]
        for l in range(len(WIDTHS) - 1):
            z = layers[-1] @ v[f"W{l}"] + v[f"c{l}"]
            layers.append(z if l == len(WIDTHS) - 2 else np.tanh(z))
        f = f + layers[-1].reshape(N_USERS, N_ITEMS)
    errors = known * (f - targets)
    d["b_user"], d["b_item"] = errors.sum(1), errors.sum(0)
    d_users, d_items = np.zeros_like(users), np.zeros_like(items)
    if form["dot"]:
        d_users, d_items = errors @ items, errors.T @ users
    if form["network"]:
        d_z = errors.reshape(-1, 1)
        for l in reversed(range(len(WIDTHS) - 1)):
            if l < len(WIDTHS) - 2:
                d_z = d_z * (1 - layers[l + 1] ** 2)
            d[f"W{l}"], d[f"c{l}"] = layers[l].T @ d_z, d_z.sum(0)
            d_z = d_z @ v[f"W{l}"].T
        d_users = d_users + d_z[:, :K].reshape(N_USERS, N_ITEMS, K).sum(1)
        d_items = d_items + d_z[:, K:].reshape(N_USERS, N_ITEMS, K).sum(0)
    d_users, d_items = d_users * slope_of_users, d_items * slope_of_items            # (133)
    d["p"] = d_users.sum(0, keepdims=True) if side_of_user["share"] else d_users     # (134)
    d["q"] = d_items.sum(0, keepdims=True) if side_of_item["share"] else d_items
    if form["user_history"]:
        d["y"] = of_users.T @ d_users
    if form["item_history"]:
        d["z"] = of_items.T @ d_items
    loss = (errors ** 2).sum() / 2
    for name, _, strength in shapes_of(form):
        loss += RIDGE[strength] / 2 * (v[name] ** 2).sum()
        d[name] = d[name] + RIDGE[strength] * v[name]
    return loss, np.concatenate([d[name].ravel() for name, _, _ in shapes_of(form)]), f


def check_gradient(form, data, x, gradient):
    """Against central differences."""
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = 1e-5
        slope = (objective(form, data, x + step)[0] - objective(form, data, x - step)[0]) / 2e-5
        assert abs(slope - gradient[i]) < 1e-7 * max(1, abs(slope)), (i, slope, gradient[i])


def descend(form, data, x):
    """Steepest descent; the step grows until it fails, and is halved until it does not."""
    rate = 0.1
    loss, gradient, f = objective(form, data, x)
    for _ in range(200000):
        if np.abs(gradient).max() < SLOPE:
            return x, loss, f
        new = objective(form, data, x - rate * gradient)
        while not new[0] <= loss - rate / 4 * (gradient ** 2).sum() and rate > 1e-3:
            rate /= 2
            new = objective(form, data, x - rate * gradient)
        x = x - rate * gradient
        loss, gradient, f = new
        rate *= 1.1
    sys.exit("reference_forms.py: no minimum was reached")


def make_ratings(rng):
    """About two thirds of all pairs, every user and item among them, in steps of one from 1 to 5."""
    known = rng.random((N_USERS, N_ITEMS)) < 0.6
    known[np.arange(N_USERS), np.arange(N_USERS) % N_ITEMS] = True
    taste = rng.normal(size=(N_USERS, 2)) @ rng.normal(size=(2, N_ITEMS))
    ratings = np.clip(np.rint(3 + 1.2 * taste), 1, 5)
    return known, ratings


def in_order(known):
    """Pairs such that users and items appear first in ascending order, as the program counts them."""
    diagonal = [(u, u % N_ITEMS) for u in range(N_USERS)]
    return diagonal + [(int(u), int(i)) for u, i in zip(*np.nonzero(known))
                       if (u, i) not in diagonal]


def main():
    rng = np.random.default_rng(3)
    known, ratings = make_ratings(rng)
    mean, spread = ratings[known].mean(), ratings[known].std()
    data = {"known": known.astype(float), "targets": (ratings - mean) / spread}
    out = {
        "ratings": [[u, i, float(ratings[u, i])] for u, i in in_order(known)],
        "ridge": RIDGE,
        "hidden": WIDTHS[1:-1],
        "forms": [],
    }
    for name, parts in FORMS.items():
        form = {**parts, "sides": SIDES.get(name, (PLAIN_SIDE, PLAIN_SIDE))}
        n = sum(int(np.prod(shape)) for _, shape, _ in shapes_of(form))
        # of few binary digits, so that single precision holds them exactly
        start = np.rint(rng.normal(size=n) * 0.5 * 256) / 256
        loss, gradient, _ = objective(form, data, start)
        check_gradient(form, data, start, gradient)
        _, least, f = descend(form, data, start)
        out["forms"].append({
            "name": name, **form,
            "start": start.tolist(), "loss": loss, "gradient": gradient.tolist(),
            "least_loss": least, "predictions": (mean + spread * f).tolist(),
        })
        print(f"{name}: loss {loss:.6f}, least {least:.6f}", file=sys.stderr)
    json.dump(out, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
