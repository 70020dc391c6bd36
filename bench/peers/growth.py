#!/usr/bin/env python3
"""How the cost of training grows with users, items, the vectors' length, layers and the batch: ours alone.

    bench/peers/growth.py [--quick] [--rounds N] [--only TEXT]

A million ratings, k = 32, two hidden layers of 32, batches of 1024, plain SGD, one thread; one of these
changes at a time. Where a line of build/bench/growth.svg bends, something no longer fits: docs/performance.md.
"""
import sys

from harness import Case
from main import run_alone

NAME = "growth of training"
BASE = (10000, 4000, 110)
# the same number of ratings with other numbers of users and items
USERS = {1000: (1000, 20000, 1000), 10000: (10000, 20000, 101), 100000: (100000, 20000, 10),
         1000000: (1000000, 20000, 1)}
ITEMS = {1000: (10000, 1000, 130), 10000: (10000, 10000, 103), 100000: (10000, 100000, 100),
         1000000: (10000, 1000000, 100)}
FACTORS = (8, 16, 32, 64, 128, 256)
LAYERS = (2, 3, 4, 5)
BATCHES = (16, 64, 256, 1024, 4096, 16384, 65536)


def operations_of(k, hidden):
    widths = (2 * k, *hidden, 1)
    return 6 * sum(a * b for a, b in zip(widths, widths[1:]))


def case(bench, axis, value, shape, k=32, hidden=(32, 32), batch=1024):
    command = (bench.program("ours_training"), "--file", bench.ratings(*shape), "-k", k, "--batch", batch, "--hidden",
               ",".join(str(width) for width in hidden))
    return Case(f"{axis} {value}", "samples", command, operations=operations_of(k, hidden), rounds=3,
                knee=(axis, value))


def cases(bench):
    if bench.is_quick:
        yield case(bench, "k", 16, (600, 400, 60), k=16)
        return
    for users, shape in USERS.items():
        yield case(bench, "users", users, shape)
    for items, shape in ITEMS.items():
        yield case(bench, "items", items, shape)
    for k in FACTORS:
        yield case(bench, "k", k, BASE, k=k)
    for layers in LAYERS:
        yield case(bench, "layers", layers, BASE, hidden=(32,) * layers)
    for batch in BATCHES:
        yield case(bench, "batch", batch, BASE, batch=batch)


def checks(bench):
    """Nothing is compared."""


if __name__ == "__main__":
    run_alone(sys.modules["__main__"])
