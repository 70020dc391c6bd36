#!/usr/bin/env python3
"""Trains a small network with PyTorch's optimizers, for tests/test_reference_optimizers.c.

A network 3-4-2 with tanh and biases under the mean squared error, the whole batch of 5 samples in every
step, 20 steps, in double precision: the parameters after some of the steps, by each rule of
descent/optimizer.h. PyTorch's weight_decay is the library's l2, but for AdamW, where it is its decay.

Needs PyTorch (Debian: python3-torch; or, in a virtual environment, pip install torch), only to make
the numbers anew. Regenerate from the project's root with

    python3 tools/reference_optimizers.py > tests/reference_optimizers.h
"""
import sys

try:
    import torch
except ImportError:
    sys.exit("reference_optimizers.py: PyTorch is missing; on Debian it is the package python3-torch")

N_IN, N_HIDDEN, N_OUT, BATCH = 3, 4, 2, 5
SHOWN_AFTER = (1, 2, 7, 20)  # steps; the last is the number of them
SEED = 5

# Name in the test, PyTorch's class and settings, the library's config and l2.
RULES = [
    ("sgd", torch.optim.SGD, {"lr": 0.2}, "{.kind = DSC_SGD, .rate = 0.2}", 0),
    (
        "sgd with l2",
        torch.optim.SGD,
        {"lr": 0.2, "weight_decay": 0.05},
        "{.kind = DSC_SGD, .rate = 0.2}",
        0.05,
    ),
    (
        "momentum",
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9},
        "{.kind = DSC_SGD, .rate = 0.1, .momentum = 0.9}",
        0,
    ),
    (
        "Nesterov with l2",
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.02},
        "{.kind = DSC_SGD, .rate = 0.1, .momentum = 0.8, .is_nesterov = true}",
        0.02,
    ),
    (
        "Nesterov",
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        "{.kind = DSC_SGD, .rate = 0.1, .momentum = 0.9, .is_nesterov = true}",
        0,
    ),
    (
        "Adagrad",
        torch.optim.Adagrad,
        {"lr": 0.1, "eps": 1e-10},
        "{.kind = DSC_ADAGRAD, .rate = 0.1, .epsilon = 1e-10}",
        0,
    ),
    (
        "RMSprop",
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.99, "eps": 1e-8},
        "{.kind = DSC_RMSPROP, .rate = 0.01, .beta2 = 0.99, .epsilon = 1e-8}",
        0,
    ),
    (
        "Adam",
        torch.optim.Adam,
        {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8},
        "{.kind = DSC_ADAM, .rate = 0.05, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8}",
        0,
    ),
    (
        "Adam with l2 and a large epsilon",
        torch.optim.Adam,
        {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "weight_decay": 0.02},
        "{.kind = DSC_ADAM, .rate = 0.05, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 0.01}",
        0.02,
    ),
    (
        "AdamW",
        torch.optim.AdamW,
        {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1},
        "{.kind = DSC_ADAMW, .rate = 0.05, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8,\n"
        "     .decay = 0.1}",
        0,
    ),
]


class Draws:
    """Uniform numbers from a linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed):
        self.state = seed

    def matrix(self, rows, columns):
        """Multiples of 1/1024 within +-1."""
        values = []
        for _ in range(rows * columns):
            self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
            values.append(((self.state >> 33) % 2049 - 1024) / 1024)
        return torch.tensor(values, dtype=torch.float64).reshape(rows, columns)


def train(optimizer_class, settings, x, y, start):
    """The parameters, flat in the library's order, after the steps of SHOWN_AFTER."""
    w1, b1, w2, b2 = parameters = [p.clone().requires_grad_() for p in start]
    optimizer = optimizer_class(parameters, **settings)
    shown = []
    for step in range(1, SHOWN_AFTER[-1] + 1):
        optimizer.zero_grad()
        prediction = torch.tanh(x @ w1 + b1) @ w2 + b2
        torch.nn.functional.mse_loss(prediction, y).backward()
        optimizer.step()
        if step in SHOWN_AFTER:
            shown.append(flat(parameters))
    return shown


def flat(tensors):
    return [value for tensor in tensors for value in tensor.detach().reshape(-1).tolist()]


def lines_of(values, indent):
    """The numbers with all their digits, four to a line."""
    texts = [repr(value) for value in values]
    rows = [", ".join(texts[i : i + 4]) for i in range(0, len(texts), 4)]
    return (",\n" + " " * indent).join(rows)


def main():
    draws = Draws(SEED)
    x, y = draws.matrix(BATCH, N_IN), draws.matrix(BATCH, N_OUT)
    shapes = ((N_IN, N_HIDDEN), (1, N_HIDDEN), (N_HIDDEN, N_OUT), (1, N_OUT))
    start = [draws.matrix(*shape) for shape in shapes]
    n = len(flat(start))
    print(
        f"""/* Parameters of a small network after steps by PyTorch's optimizers; written by
 * tools/reference_optimizers.py with PyTorch {torch.__version__.split("+")[0]}, which says what the network is. */
#ifndef DSC_TESTS_REFERENCE_OPTIMIZERS_H
#define DSC_TESTS_REFERENCE_OPTIMIZERS_H

#include "descent/optimizer.h"

/* clang-format off */
enum {{ N_IN = {N_IN}, N_HIDDEN = {N_HIDDEN}, N_OUT = {N_OUT}, BATCH = {BATCH}, N_PARAMETERS = {n}, N_SHOWN = {len(SHOWN_AFTER)} }};
static const unsigned shown_after[N_SHOWN] = {{{", ".join(map(str, SHOWN_AFTER))}}};

static const double reference_x[BATCH * N_IN] = {{
    {lines_of(flat([x]), 4)}}};
static const double reference_y[BATCH * N_OUT] = {{
    {lines_of(flat([y]), 4)}}};
/* Weights and biases, layer by layer. */
static const double reference_start[N_PARAMETERS] = {{
    {lines_of(flat(start), 4)}}};

static const struct {{
    const char *name;
    dsc_optimizer_config config;
    double l2;
    double parameters[N_SHOWN][N_PARAMETERS]; /* after the steps of shown_after */
}} reference_rules[] = {{"""
    )
    for name, optimizer_class, settings, config, l2 in RULES:
        print(f'    {{"{name}",\n     {config}, {l2},\n     {{')
        for values in train(optimizer_class, settings, x, y, start):
            print(f"      {{{lines_of(values, 7)}}},")
        print("     }},")
    print("};\n/* clang-format on */\n\n#endif")


if __name__ == "__main__":
    main()
