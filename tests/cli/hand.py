"""Backpropagation by hand, written for tests alone: one step of a small network in fractions where the
network allows it and in floats elsewhere, and the pieces from which wrong answers are made."""
import math
from fractions import Fraction

RATIONAL = ("identity", "relu", "leaky-relu")


def product(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def turned(a):
    return [list(column) for column in zip(*a)]


def each(function, *matrices):
    return [[function(*cells) for cells in zip(*rows)] for rows in zip(*matrices)]


def scaled(a, factor):
    return each(lambda x: x * factor, a)


def plus(a, b):
    """Element by element; a matrix of one row is added to every row."""
    b = b * len(a) if len(b) == 1 else b
    return each(lambda x, y: x + y, a, b)


def minus(a, b):
    return plus(a, scaled(b, -1))


def column_sums(a):
    return [[sum(column) for column in zip(*a)]]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


ACTIVATIONS = {
    "identity": (lambda z: z, lambda z: 1),
    "relu": (lambda z: max(z, z * 0), lambda z: 1 if z > 0 else 0),
    "leaky-relu": (lambda z: z if z > 0 else z / 100,
                   lambda z: 1 if z > 0 else Fraction(1, 100)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (math.tanh, lambda z: 1 - math.tanh(z) ** 2),
}


def sign(x):
    return (x > 0) - (x < 0)


def softmax_rows(a):
    return [[math.exp(x) / sum(map(math.exp, row)) for x in row] for row in a]


def loss_and_slope(name, a, y):
    """The loss, and its gradient at the prediction a."""
    n, m = len(a), len(a[0])
    error, mean = minus(a, y), Fraction(1, n * m)
    terms, slopes, factor = {
        "half-sum-of-squares": (lambda e, *_: e * e / 2, lambda e, *_: e, Fraction(1)),
        "mean-squared-error": (lambda e, *_: e * e, lambda e, *_: 2 * e, mean),
        "mean-absolute-error": (lambda e, *_: abs(e), lambda e, *_: sign(e), mean),
        "huber": (lambda e, *_: e * e / 2 if abs(e) <= 1 else abs(e) - Fraction(1, 2),
                  lambda e, *_: e if abs(e) <= 1 else sign(e), mean),
        "hinge": (lambda e, p, t: max(0, 1 - t * p), lambda e, p, t: -t if t * p < 1 else 0, mean),
        "binary-cross-entropy": (lambda e, p, t: math.log1p(math.exp(p)) - t * p,
                                 lambda e, p, t: sigmoid(p) - t, mean),
        "cross-entropy": (None, None, Fraction(1, n)),
    }[name]
    if name == "cross-entropy":
        shares = softmax_rows(a)
        total = -sum(t * math.log(s) for ts, ss in zip(y, shares) for t, s in zip(ts, ss))
        return total * factor, scaled(minus(shares, y), factor)
    total = sum(sum(row) for row in each(terms, error, a, y))
    return total * factor, scaled(each(slopes, error, a, y), factor)


def forward(values, net, when):
    """Adds the values of a pass; `when` is "" or "new "."""
    last = len(net["layers"])
    x = values["X"]
    for i, layer in enumerate(net["layers"], 1):
        f = ACTIVATIONS[layer.get("activation", "identity")][0]
        z = product(x, values[f"{when}W{i}"])
        if "bias" in layer:
            z = plus(z, values[f"{when}b{i}"])
        name = when + ("prediction" if i == last else f"A{i}")
        if layer.get("activation", "identity") != "identity":
            values[f"{when}Z{i}"] = z
        x = values[name] = each(f, z)
    values[when + "error"] = minus(x, values["Y"])
    values[when + "loss"], slope = loss_and_slope(net["loss"], x, values["Y"])
    return slope


def step(net):
    """Every value of one step by its name, matrices as lists of rows; without the norms."""
    values = {"X": net["input"], "Y": net["target"]}
    for i, layer in enumerate(net["layers"], 1):
        values[f"W{i}"] = layer["weights"]
        if "bias" in layer:
            values[f"b{i}"] = [layer["bias"]]
    d = forward(values, net, "")
    last = len(net["layers"])
    for i in range(last, 0, -1):
        layer = net["layers"][i - 1]
        values["dprediction" if i == last else f"dA{i}"] = d
        if layer.get("activation", "identity") != "identity":
            slope = ACTIVATIONS[layer["activation"]][1]
            d = values[f"dZ{i}"] = each(lambda g, z: g * slope(z), d, values[f"Z{i}"])
        entering = values["X"] if i == 1 else values[f"A{i - 1}"]
        values[f"dW{i}"] = product(turned(entering), d)
        if "bias" in layer:
            values[f"db{i}"] = column_sums(d)
        d = product(d, turned(values[f"W{i}"]))
    for i, layer in enumerate(net["layers"], 1):
        for name in ("W", "b") if "bias" in layer else ("W",):
            values[f"new {name}{i}"] = minus(values[f"{name}{i}"],
                                             scaled(values[f"d{name}{i}"], net["rate"]))
    forward(values, net, "new ")
    return values


def written(value):
    """A matrix or number as a network file holds it under "check": fractions as strings."""
    if isinstance(value, list):
        return [written(element) for element in value]
    return value if isinstance(value, (float, str)) else str(value)


def fractions_of(net):
    """The network with a Fraction for every decimal number (written as a string) in it."""
    if isinstance(net, dict):
        return {key: value if key in ("loss", "activation", "description") else fractions_of(value)
                for key, value in net.items()}
    return [fractions_of(element) for element in net] if isinstance(net, list) else Fraction(net)


def json_text(net):
    """JSON in which each decimal number stands exactly as in its string."""
    if isinstance(net, dict):
        return "{" + ", ".join(
            f'"{key}": ' + (f'"{value}"' if isinstance(value, str) and key != "rate"
                            else json_text(value)) for key, value in net.items()) + "}"
    return "[" + ", ".join(map(json_text, net)) + "]" if isinstance(net, list) else str(net)
