#!/usr/bin/env python3
"""Computes small networks with PyTorch, for tests/test_reference_networks.c: every activation and loss.

Each case is a network 3-5-4 (or one layer) in double precision with a batch of 4: its output, loss, and the
gradients of all parameters and of the input, the parameters flat in the library's order.

Where PyTorch has the function, PyTorch's is used: leaky_relu (slope 0.01), elu, softplus, gelu (exact), silu
(here swish), softmax, layer_norm (epsilon 1e-5); mse_loss, l1_loss, huber_loss,
binary_cross_entropy_with_logits (pos_weight), cross_entropy with shares as target (weight). Two losses it does
not have, and they are written with its operations: half the sum of squares, and the mean hinge of signs.
Its softplus is linear above 20, its cross_entropy with class NUMBERS as target divides by the sum of the weights
and not by the samples; neither occurs here.

Needs PyTorch (Debian: python3-torch; or, in a virtual environment, pip install torch), only to make
the numbers anew. Regenerate from the project's root with

    python3 tools/reference_networks.py > tests/data/reference_networks.json
"""
import json
import sys

try:
    import torch
    from torch.nn import functional
except ImportError:
    sys.exit("reference_networks.py: PyTorch is missing; on Debian it is the package python3-torch")

N_IN, N_HIDDEN, N_OUT, BATCH = 3, 5, 4, 4
LEAST_DISTANCE_FROM_KINK = 1e-3

ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": functional.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "leaky-relu": lambda z: functional.leaky_relu(z, negative_slope=0.01),
    "elu": functional.elu,
    "softplus": functional.softplus,
    "gelu": functional.gelu,
    "swish": functional.silu,
    "softmax": lambda z: functional.softmax(z, dim=1),
}

# The loss of outputs a and targets y, with the class weights w (or None) and Huber's delta.
LOSSES = {
    "half-sum-of-squares": lambda a, y, w, delta: ((a - y) ** 2).sum() / 2,
    "mean-squared-error": lambda a, y, w, delta: functional.mse_loss(a, y),
    "mean-absolute-error": lambda a, y, w, delta: functional.l1_loss(a, y),
    "huber": lambda a, y, w, delta: functional.huber_loss(a, y, delta=delta),
    "binary-cross-entropy": lambda a, y, w, delta: (
        functional.binary_cross_entropy_with_logits(a, y, pos_weight=w)
    ),
    "cross-entropy": lambda a, y, w, delta: functional.cross_entropy(a, y, weight=w),
    "hinge": lambda a, y, w, delta: hinge(a, y, w),
}


def hinge(a, y, w):
    gap = torch.clamp(1 - y * a, min=0)
    return (gap if w is None else torch.where(y > 0, w * gap, gap)).mean()


class Draws:
    """Uniform numbers from a linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed):
        self.state = seed

    def matrix(self, rows, columns, limit):
        """Multiples of 1/1024 within +-limit."""
        steps, values = int(limit * 1024), []
        for _ in range(rows * columns):
            self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
            values.append(((self.state >> 33) % (2 * steps + 1) - steps) / 1024)
        return torch.tensor(values, dtype=torch.float64).reshape(rows, columns)


def layer(n_out, activation, normalize=False, bias=True):
    return {"n_out": n_out, "activation": activation, "bias": bias, "normalize": normalize}


def cases():
    """Name, layers, loss, whether classes are weighted, Huber's delta."""
    for name in ACTIVATIONS:
        hidden = layer(N_HIDDEN, name)
        yield f"{name}, hidden", [hidden, layer(N_OUT, "identity")], "mean-squared-error", False, 1
        yield f"{name}, output", [layer(N_OUT, name, bias=False)], "half-sum-of-squares", False, 1
        normed = [layer(N_HIDDEN, name, normalize=True), layer(N_OUT, "tanh", normalize=True)]
        yield f"{name}, normalised", normed, "mean-squared-error", False, 1
    for name in LOSSES:
        layers = [layer(N_HIDDEN, "gelu"), layer(N_OUT, "identity")]
        yield f"{name}", layers, name, False, 1
        if name == "huber":
            yield "huber, delta 0.4", layers, name, False, 0.4
        if name in ("binary-cross-entropy", "cross-entropy", "hinge"):
            yield f"{name}, weighted", layers, name, True, 1


def draw_target(draws, loss):
    y = draws.matrix(BATCH, N_OUT, 1)
    if loss == "hinge":
        return torch.where(y < 0, -1.0, 1.0).to(torch.float64)
    if loss == "binary-cross-entropy":
        return (y + 1) / 2
    if loss == "cross-entropy":
        return (y + 1.5) / (y + 1.5).sum(dim=1, keepdim=True)
    return y


def draw_parameters(draws, layers):
    """The library's order: weights, bias, gain, shift of each layer."""
    parameters, n_in = [], N_IN
    for of in layers:
        n_out = of["n_out"]
        parameters.append(draws.matrix(n_in, n_out, 1))
        if of["bias"]:
            parameters.append(draws.matrix(1, n_out, 0.5))
        if of["normalize"]:
            parameters += [draws.matrix(1, n_out, 0.5) + 1, draws.matrix(1, n_out, 0.5)]
        n_in = n_out
    return [p.requires_grad_() for p in parameters]


def forward(x, layers, parameters):
    """The output, and the least distance of any activation's input from 0."""
    rest, a, distance = iter(parameters), x, float("inf")
    for of in layers:
        z = a @ next(rest)
        if of["bias"]:
            z = z + next(rest)
        if of["normalize"]:
            gain, shift = next(rest)[0], next(rest)[0]
            z = functional.layer_norm(z, (of["n_out"],), gain, shift, eps=1e-5)
        distance = min(distance, z.abs().min().item())
        a = ACTIVATIONS[of["activation"]](z)
    return a, distance


def flat(tensors):
    return [value for tensor in tensors for value in tensor.detach().reshape(-1).tolist()]


def compute(draws, name, layers, loss, is_weighted, delta):
    parameters = draw_parameters(draws, layers)
    x = draws.matrix(BATCH, N_IN, 2).requires_grad_()
    y = draw_target(draws, loss)
    w = draws.matrix(1, N_OUT, 0.75)[0] + 1 if is_weighted else None
    output, distance = forward(x, layers, parameters)
    if distance < LEAST_DISTANCE_FROM_KINK:
        return None
    value = LOSSES[loss](output, y, w, delta)
    value.backward()
    return {
        "name": name,
        "layers": layers,
        "loss": loss,
        "huber_delta": delta,
        "class_weights": w.tolist() if is_weighted else None,
        "x": flat([x]),
        "y": flat([y]),
        "parameters": flat(parameters),
        "output": flat([output]),
        "loss_value": value.item(),
        "gradients": flat([p.grad for p in parameters]),
        "d_x": flat([x.grad]),
    }


def main():
    draws, found = Draws(3), []
    for case in cases():
        result = None
        while result is None:
            result = compute(draws, *case)
        found.append(result)
    about = f"written by tools/reference_networks.py with PyTorch {torch.__version__.split('+')[0]}"
    # One case a line, so that a difference can be read.
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in found)
    print(f'{{"about":"{about}","n_in":{N_IN},"batch":{BATCH},"cases":[\n{lines}\n]}}')


if __name__ == "__main__":
    main()
