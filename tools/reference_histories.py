#!/usr/bin/env python3
"""Computes training by minibatches with histories independently of the C code, for
tests/test_reference_histories.c.

A small recommender of several forms, in double precision, from the formulas of docs/math.md (18), (20) to
(23) and (170) to (173) alone: three minibatches by gradient descent, momentum and Adam, each row moved only
by the steps that touch it. The gradient is held against central differences of the objective. Which entries
a step leaves out is drawn by a generator of its own here, Philox4x32-10 as its authors describe it.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_histories.py > tests/data/reference_histories.json
"""
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_histories.py: NumPy is missing; on Debian it is the package python3-numpy")

N_USERS, N_ITEMS, K = 6, 5, 2
WIDTHS = [2 * K, 4, 3, 1]
SEED, PURPOSE = 11, 37
L2 = {"vectors": 0.6, "user_history": 0.5, "item_history": 0.7, "biases": 0.3, "network": 0.4}
RATE, MOMENTUM, BETA1, BETA2, EPSILON = 0.05, 0.8, 0.9, 0.999, 1e-8
FORMS = {
    "dot, histories of users": (True, False, True, False),
    "dot, histories of items": (True, False, False, True),
    "dot, both histories": (True, False, True, True),
    "perceptron, both histories": (False, True, True, True),
    "mixed, both histories": (True, True, True, True),
}
OPTIMIZERS = ["sgd", "momentum", "adam"]
DROPOUTS = [0.0, 0.4]


def philox(counter, key):
    """Ten rounds of Philox4x32."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def numbers(index):
    """The 32-bit numbers of the stream (SEED, PURPOSE, index)."""
    block = 0
    while True:
        yield from philox([block, PURPOSE, index & 0xFFFFFFFF, index >> 32], [SEED, 0])
        block += 1


def kept(known, is_item, step, dropout):
    """The entries of each row that a step keeps, in the same shape; rows by user or by item."""
    rows = (known.T if is_item else known).astype(bool)
    out = rows.copy()
    if dropout == 0:
        return out.astype(float)
    for r, row in enumerate(rows):
        stream = numbers(step * (N_USERS + N_ITEMS) + (N_USERS if is_item else 0) + r)
        for j in np.nonzero(row)[0]:
            out[r, j] = next(stream) >= dropout * 2 ** 32
    return out.astype(float)


def shapes_of(form):
    """Name, shape and strength of each part of the variables, in the order of the program's."""
    _, network, user_history, item_history = form
    parts = [("p", (N_USERS, K), "vectors"), ("q", (N_ITEMS, K), "vectors"),
             ("b_user", (N_USERS,), "biases"), ("b_item", (N_ITEMS,), "biases")]
    if user_history:
        parts.append(("y", (N_ITEMS, K), "user_history"))
    if item_history:
        parts.append(("z", (N_USERS, K), "item_history"))
    if network:
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


class Batch:
    """One minibatch: its pairs, and which entries its step keeps."""

    def __init__(self, data, pairs, step, dropout):
        self.data, self.pairs, self.dropout = data, pairs, dropout
        self.users, self.items = np.array(pairs).T
        known = data["known"]
        self.kept = {"y": kept(known, False, step, dropout), "z": kept(known, True, step, dropout)}
        self.n = {"y": known.sum(1), "z": known.sum(0)}

    def sums(self, name):
        """The matrix that makes sums of the summed vectors, (170)."""
        return self.kept[name] / np.sqrt(self.n[name])[:, None] / (1 - self.dropout)

    def weights(self, name):
        """How many ratings of the batch touch each summed vector, parts of them counted, (171)."""
        rows = self.users if name == "y" else self.items
        return (self.kept[name] / self.n[name][:, None])[rows].sum(0)


def objective(form, batch, x):
    """(171), its gradient, and the sum of squared errors."""
    dot, network, user_history, item_history = form
    v, n = split(form, x), len(batch.pairs)
    d = {name: np.zeros(shape) for name, shape, _ in shapes_of(form)}
    users, items = batch.users, batch.items
    u_side = v["p"] + (batch.sums("y") @ v["y"] if user_history else 0)
    i_side = v["q"] + (batch.sums("z") @ v["z"] if item_history else 0)
    f = v["b_user"][users] + v["b_item"][items]
    if dot:
        f = f + (u_side[users] * i_side[items]).sum(1)
    if network:
        layers = [np.concatenate([u_side[users], i_side[items]], 1)]
        for l in range(len(WIDTHS) - 1):
            z = layers[-1] @ v[f"W{l}"] + v[f"c{l}"]
            layers.append(z if l == len(WIDTHS) - 2 else np.tanh(z))
        f = f + layers[-1][:, 0]
    error = f - batch.data["targets"][users, items]
    loss, df = (error ** 2).sum() / n, 2 / n * error
    d_u, d_i = np.zeros((n, K)), np.zeros((n, K))
    if dot:
        d_u, d_i = df[:, None] * i_side[items], df[:, None] * u_side[users]
    if network:
        d_z = df[:, None]
        for l in reversed(range(len(WIDTHS) - 1)):
            if l < len(WIDTHS) - 2:
                d_z = d_z * (1 - layers[l + 1] ** 2)
            d[f"W{l}"], d[f"c{l}"] = layers[l].T @ d_z, d_z.sum(0)
            d_z = d_z @ v[f"W{l}"].T
        d_u, d_i = d_u + d_z[:, :K], d_i + d_z[:, K:]
    np.add.at(d["p"], users, d_u)
    np.add.at(d["q"], items, d_i)
    np.add.at(d["b_user"], users, df)
    np.add.at(d["b_item"], items, df)
    counts = {"p": np.bincount(users, minlength=N_USERS), "q": np.bincount(items, minlength=N_ITEMS)}
    counts["b_user"], counts["b_item"] = counts["p"], counts["q"]
    if user_history:
        d["y"], counts["y"] = batch.sums("y").T @ d["p"], batch.weights("y")
    if item_history:
        d["z"], counts["z"] = batch.sums("z").T @ d["q"], batch.weights("z")
    for name, shape, strength in shapes_of(form):
        weight = counts[name] * L2[strength] / n if name in counts else \
            L2[strength] / np.sqrt(batch.data["known"].sum())
        weight = np.reshape(weight, (-1,) + (1,) * (len(shape) - 1)) if np.ndim(weight) else weight
        loss += (weight / 2 * v[name] ** 2).sum()
        d[name] = d[name] + weight * v[name]
    touched = {name: counts[name] > 0 for name in counts}
    flat = np.concatenate([d[name].ravel() for name, _, _ in shapes_of(form)])
    mask = np.concatenate([np.repeat(touched[name], int(np.prod(shape)) // len(touched[name]))
                           if name in touched else np.ones(int(np.prod(shape)), bool)
                           for name, shape, _ in shapes_of(form)])
    return loss, flat, mask, (error ** 2).sum()


def check_gradient(form, batch, x, gradient):
    """Against central differences."""
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = 1e-5
        slope = (objective(form, batch, x + step)[0] - objective(form, batch, x - step)[0]) / 2e-5
        assert abs(slope - gradient[i]) < 1e-7 * max(1, abs(slope)), (i, slope, gradient[i])


def train(form, batches, x, optimizer):
    """The variables after all batches, by (10) to (14) in lazy form, and each step's errors."""
    first, second, errors = np.zeros(len(x)), np.zeros(len(x)), []
    for t, batch in enumerate(batches, 1):
        _, g, touched, squares = objective(form, batch, x)
        errors.append(squares)
        if optimizer == "adam":
            first = np.where(touched, BETA1 * first + (1 - BETA1) * g, first)
            second = np.where(touched, BETA2 * second + (1 - BETA2) * g ** 2, second)
            step = first / (1 - BETA1 ** t) / (np.sqrt(second / (1 - BETA2 ** t)) + EPSILON)
        else:
            first = np.where(touched, (MOMENTUM if optimizer == "momentum" else 0) * first + g, first)
            step = first
        x = np.where(touched, x - RATE * step, x)
    return x, errors


def make_ratings(rng):
    """About two thirds of all pairs, every user and item among them, in steps of one from 1 to 5."""
    known = rng.random((N_USERS, N_ITEMS)) < 0.6
    known[np.arange(N_USERS), np.arange(N_USERS) % N_ITEMS] = True
    taste = rng.normal(size=(N_USERS, 2)) @ rng.normal(size=(2, N_ITEMS))
    return known, np.clip(np.rint(3 + 1.2 * taste), 1, 5)


def in_order(known):
    """Pairs such that users and items appear first in ascending order, as the program counts them."""
    diagonal = [(u, u % N_ITEMS) for u in range(N_USERS)]
    return diagonal + [(int(u), int(i)) for u, i in zip(*np.nonzero(known))
                       if (u, i) not in diagonal]


def main():
    rng = np.random.default_rng(5)
    known, ratings = make_ratings(rng)
    data = {"known": known.astype(float),
            "targets": (ratings - ratings[known].mean()) / ratings[known].std()}
    pairs = in_order(known)
    order = [pairs[i] for i in rng.permutation(len(pairs))]
    thirds = [order[:4], order[4:9], order[9:13]]  # small: each leaves some rows untouched
    out = {"ratings": [[u, i, float(ratings[u, i])] for u, i in pairs], "hidden": WIDTHS[1:-1],
           "seed": SEED, "l2": L2, "rate": RATE, "momentum": MOMENTUM,
           "batches": [[list(pair) for pair in batch] for batch in thirds], "runs": []}
    n_left_out = 0
    for name, form in FORMS.items():
        n = sum(int(np.prod(shape)) for _, shape, _ in shapes_of(form))
        # of few binary digits, so that single precision holds them exactly
        start = np.rint(rng.normal(size=n) * 0.5 * 256) / 256
        for dropout in DROPOUTS:
            batches = [Batch(data, batch, step, dropout) for step, batch in enumerate(thirds)]
            check_gradient(form, batches[0], start, objective(form, batches[0], start)[1])
            n_left_out += sum((known.sum() - b.kept[part].sum()) for b in batches for part in "yz")
            for optimizer in OPTIMIZERS:
                end, errors = train(form, batches, start, optimizer)
                out["runs"].append({
                    "name": f"{name}, {optimizer}, dropout {dropout}",
                    **dict(zip(("dot", "network", "user_history", "item_history"), form)),
                    "optimizer": optimizer, "dropout": dropout, "start": start.tolist(),
                    "end": end.tolist(), "errors": errors})
    assert n_left_out > 0
    print(f"{len(out['runs'])} runs", file=sys.stderr)
    json.dump(out, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
