#!/usr/bin/env python3
"""Computes a small recommender's training independently of the C code, for tests/test_reference_*.c.

A tower 64-32-16-8-1 over two vectors of 32, with biases and L2 terms, in double precision, from the
formulas of docs/math.md alone: forward pass, backward pass, five steps of gradient descent, of momentum
and of Adam. Every gradient is checked against central differences before anything is written.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_tower.py > tests/data/reference_tower.json

Matrix products are added up in a fixed order, so that every machine writes the same bytes.
"""
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_tower.py: NumPy is missing; on Debian it is the package python3-numpy")

SEED = 4  # any that main() accepts: see check_batches and check_distance_from_kink
N_USERS, N_ITEMS, N_FACTORS = 7, 9, 32
WIDTHS = [2 * N_FACTORS, 32, 16, 8, 1]
N_LAYERS = len(WIDTHS) - 1
L2 = {"vectors": 0.03, "biases": 0.02, "network": 0.001}
# Sizes of the minibatches; the third is the short end of an epoch, the others begin new ones.
BATCHES = [range(0, 12), range(12, 24), range(24, 31), range(5, 17), range(18, 30)]
OPTIMIZERS = {
    "sgd": {"kind": "sgd", "rate": 0.05, "momentum": 0.0},
    "momentum": {"kind": "sgd", "rate": 0.02, "momentum": 0.9},
    "adam": {"kind": "adam", "rate": 0.005, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
}
ROW_TABLES = ("user_vectors", "item_vectors", "user_biases", "item_biases")
# Single precision must not land on the other side of a relu's kink than double precision does.
LEAST_DISTANCE_FROM_KINK = 1e-4


def product(a, b):
    """The matrix product a b, summed over the inner index from first to last."""
    total = np.zeros((a.shape[0], b.shape[1]))
    for k in range(a.shape[1]):
        total = total + a[:, k : k + 1] * b[k : k + 1, :]
    return total


def total(values):
    """Sum over the first axis, from first to last."""
    result = np.zeros_like(values[0])
    for value in values:
        result = result + value
    return result


# --- data and initial values ------------------------------------------------------------------


class Draws:
    """Uniform numbers from a linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def matrix(self, rows, columns, limit):
        """Multiples of 1/1024 within +-limit, which float and double both hold exactly."""
        steps = int(limit * 1024)
        values = [(self.below(2 * steps + 1) - steps) / 1024 for _ in range(rows * columns)]
        return np.array(values).reshape(rows, columns)


def draw_ratings(draws):
    """31 ratings of different pairs, in order of drawing."""
    ratings = {}
    while len(ratings) < 31:
        pair = (draws.below(N_USERS), draws.below(N_ITEMS))
        ratings.setdefault(pair, 1 + draws.below(5))
    user, item = (np.array(column) for column in zip(*ratings))
    return user, item, np.array(list(ratings.values()), dtype=float)


def draw_parameters(draws):
    parameters = {
        "user_vectors": draws.matrix(N_USERS, N_FACTORS, 0.8),
        "item_vectors": draws.matrix(N_ITEMS, N_FACTORS, 0.8),
        "user_biases": draws.matrix(N_USERS, 1, 0.3),
        "item_biases": draws.matrix(N_ITEMS, 1, 0.3),
    }
    for layer, (n_in, n_out) in enumerate(zip(WIDTHS, WIDTHS[1:]), start=1):
        parameters[f"W{layer}"] = draws.matrix(n_in, n_out, (6 / n_in) ** 0.5)
        parameters[f"b{layer}"] = draws.matrix(1, n_out, 0.2)
    return parameters


# --- docs/math.md ---------------------------------------------------------------------------------


def forward(p, user, item):
    """(1), (2) and (18) before mean and spread: every intermediate of a batch of pairs."""
    values = {"X": np.hstack([p["user_vectors"][user], p["item_vectors"][item]])}
    a = values["X"]
    for layer in range(1, N_LAYERS + 1):
        z = product(a, p[f"W{layer}"]) + p[f"b{layer}"]
        a = z if layer == N_LAYERS else np.maximum(z, 0)
        values[f"Z{layer}"], values[f"A{layer}"] = z, a
    values["f"] = p["user_biases"][user] + p["item_biases"][item] + a
    return values


def objective(p, user, item, t):
    """(19)."""
    f = forward(p, user, item)["f"]
    vectors = np.hstack([p["user_vectors"][user], p["item_vectors"][item]])
    biases = np.hstack([p["user_biases"][user], p["item_biases"][item]])
    per_sample = (
        (f[:, 0] - t) ** 2
        + L2["vectors"] / 2 * total((vectors**2).T)
        + L2["biases"] / 2 * total((biases**2).T)
    )
    network = sum(total((p[name] ** 2).reshape(-1)) for name in p if name not in ROW_TABLES)
    return float(total(per_sample) / len(t) + L2["network"] / 2 * network)


def backward(p, user, item, t, values):
    """(5) to (9) and (20) to (23): gradients of the intermediates, and of every parameter."""
    size = len(t)
    df = 2 / size * (values["f"] - t[:, None])
    inner, g = {"df": df}, {}
    da = df
    for layer in range(N_LAYERS, 0, -1):
        dz = da if layer == N_LAYERS else da * (values[f"A{layer}"] > 0)
        x = values["X"] if layer == 1 else values[f"A{layer - 1}"]
        w, b = p[f"W{layer}"], p[f"b{layer}"]
        g[f"W{layer}"] = product(x.T, dz) + L2["network"] * w
        g[f"b{layer}"] = total(dz)[None, :] + L2["network"] * b
        inner[f"dA{layer}"], inner[f"dZ{layer}"] = da, dz
        da = product(dz, w.T)
    inner["dX"] = da
    # (S_u)[s, u] = 1 where sample s is of user u, so that S' M sums M's rows user by user.
    s_u, s_i = np.eye(N_USERS)[user], np.eye(N_ITEMS)[item]
    lv, lb = L2["vectors"] / size, L2["biases"] / size
    g["user_vectors"] = product(s_u.T, da[:, :N_FACTORS] + lv * p["user_vectors"][user])
    g["item_vectors"] = product(s_i.T, da[:, N_FACTORS:] + lv * p["item_vectors"][item])
    g["user_biases"] = product(s_u.T, df + lb * p["user_biases"][user])
    g["item_biases"] = product(s_i.T, df + lb * p["item_biases"][item])
    return inner, {name: g[name] for name in p}


def step(optimizer, t, theta, g, state):
    """(10) to (14) at step t: the new parameters, and the new state in place of the old."""
    if optimizer["kind"] == "sgd":
        state["v"] = optimizer["momentum"] * state["v"] + g
        return theta - optimizer["rate"] * state["v"]
    beta1, beta2 = optimizer["beta1"], optimizer["beta2"]
    state["m"] = beta1 * state["m"] + (1 - beta1) * g
    state["v"] = beta2 * state["v"] + (1 - beta2) * g**2
    m_hat, v_hat = state["m"] / (1 - beta1**t), state["v"] / (1 - beta2**t)
    return theta - optimizer["rate"] * m_hat / (np.sqrt(v_hat) + optimizer["epsilon"])


def train(p, optimizer, user, item, t):
    """One step for each batch, rows in lazy form. Returns the new parameters, and what each batch's
    objective and sum of squared errors were before its step."""
    p = {name: theta.copy() for name, theta in p.items()}
    state = {name: {key: np.zeros_like(p[name]) for key in "mv"} for name in p}
    objectives, squared_errors = [], []
    for count, batch in enumerate(BATCHES, start=1):
        u, i, target = user[batch], item[batch], t[batch]
        values = forward(p, u, i)
        check_distance_from_kink(values)
        objectives.append(objective(p, u, i, target))
        squared_errors.append(float(total((values["f"][:, 0] - target) ** 2)))
        _, g = backward(p, u, i, target, values)
        for name in p:
            rows = np.arange(len(p[name]))
            if name in ROW_TABLES:
                rows = np.unique(u if name.startswith("user") else i)
            part = {key: value[rows] for key, value in state[name].items()}
            p[name][rows] = step(optimizer, count, p[name][rows], g[name][rows], part)
            for key in part:
                state[name][key][rows] = part[key]
    return p, objectives, squared_errors


# --- checks -----------------------------------------------------------------------------------


def check_distance_from_kink(values):
    for layer in range(1, N_LAYERS):
        distance = np.abs(values[f"Z{layer}"]).min()
        if distance < LEAST_DISTANCE_FROM_KINK:
            sys.exit(f"reference_tower.py: Z{layer} comes within {distance:g} of 0; change SEED")


def check_gradients(p, user, item, t, g):
    """(15) for every parameter; returns the largest relative error."""
    largest = max(np.abs(gradient).max() for gradient in g.values())
    worst = 0.0
    for name, theta in p.items():
        for index in np.ndindex(theta.shape):
            kept = theta[index]
            h = np.finfo(float).eps ** (1 / 3) * max(1.0, abs(kept))
            theta[index] = kept + h
            above = objective(p, user, item, t)
            theta[index] = kept - h
            below = objective(p, user, item, t)
            theta[index] = kept
            numeric = (above - below) / (2 * h)
            scale = max(abs(numeric), abs(g[name][index]), 1e-4 * largest)
            worst = max(worst, abs(numeric - g[name][index]) / scale)
    return worst


def check_batches(user, item):
    """The batches must repeat and leave out users and items, or they would prove too little."""
    for ids, count in ((user, N_USERS), (item, N_ITEMS)):
        distinct = [len(np.unique(ids[batch])) for batch in BATCHES]
        assert any(n < len(batch) for n, batch in zip(distinct, BATCHES)), "no row repeats"
        assert sum(n < count for n in distinct) >= 2, "no row is left out"
        assert len(np.unique(ids)) == count, "a row is never used"


# --- output -----------------------------------------------------------------------------------


def plain(value):
    """Nested lists of Python numbers, which json writes with as many digits as a double needs."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value


def predictions(p, mean, spread, low, high):
    """(18) for every pair: (N_USERS, N_ITEMS)."""
    user, item = (a.reshape(-1) for a in np.indices((N_USERS, N_ITEMS)))
    f = forward(p, user, item)["f"].reshape(N_USERS, N_ITEMS)
    return np.clip(mean + spread * f, low, high)


def main():
    draws = Draws(SEED)
    user, item, rating = draw_ratings(draws)
    parameters = draw_parameters(draws)
    check_batches(user, item)
    mean = float(total(rating) / len(rating))
    spread = float(np.sqrt(total((rating - mean) ** 2) / len(rating)))
    t = (rating - mean) / spread

    first = BATCHES[0]
    u, i = user[first], item[first]
    values = forward(parameters, u, i)
    check_distance_from_kink(values)
    inner, gradients = backward(parameters, u, i, t[first], values)
    worst = check_gradients(parameters, u, i, t[first], gradients)
    print(f"largest relative error against central differences: {worst:.2e}", file=sys.stderr)
    if not worst < 1e-6:
        sys.exit("reference_tower.py: the gradients do not agree with central differences")

    after = {}
    for name, optimizer in OPTIMIZERS.items():
        trained, objectives, squared_errors = train(parameters, optimizer, user, item, t)
        print(f"{name}: objectives {objectives}", file=sys.stderr)
        guess = predictions(trained, mean, spread, rating.min(), rating.max())
        after[name] = {
            "optimizer": optimizer,
            "objectives": objectives,
            "squared_errors": squared_errors,
            "parameters": trained,
            "predictions": guess,
        }
    output = {
        "about": "written by tools/reference_tower.py; docs/math.md explains every name",
        "widths": WIDTHS,
        "n_factors": N_FACTORS,
        "user": user,
        "item": item,
        "rating": rating,
        "mean": mean,
        "spread": spread,
        "l2": L2,
        "batches": [list(batch) for batch in BATCHES],
        "parameters": parameters,
        "first_batch": {
            "t": t[first][:, None],
            "objective": objective(parameters, u, i, t[first]),
            "values": values,
            "gradients_of_values": inner,
            "gradients": gradients,
        },
        "after": after,
    }
    json.dump(plain(output), sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
