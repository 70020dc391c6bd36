#!/usr/bin/env python3
"""A usual dense network, 784-256-128-10 with rectifiers and cross-entropy, by plain SGD.

    bench/peers/dense_networks.py [--quick] [--rounds N] [--only TEXT]
"""
import sys

from main import run_alone
from network_peers import Shape, case, check

NAME = "dense networks"
SHAPE = Shape((784, 256, 128, 10), "relu", "cross-entropy", 4096)
SMALL = Shape((784, 256, 128, 10), "relu", "cross-entropy", 256)
PEERS = ("PyTorch", "scikit-learn", "FANN")
# batch; bars against PyTorch and FANN; least share of peak
CASES = [(1, 15, 15, 0), (32, 3.5, 50, 0.75), (128, 2, 50, 0.75), (1024, 1.5, 50, 0.75)]


def cases(bench):
    for batch, pytorch, fann, peak in CASES[1:2] if bench.is_quick else CASES:
        yield case(bench, SHAPE, batch, 1, PEERS, (("PyTorch", pytorch), ("FANN", fann)), peak_bar=peak,
                   knee=("batch", batch))
    for batch, *_ in [] if bench.is_quick else CASES:
        yield case(bench, SHAPE, batch, 2, ("PyTorch",), (), least_gain=1, knee=("batch", batch))


def checks(bench):
    check(bench, NAME, SMALL, ("PyTorch",))


if __name__ == "__main__":
    run_alone(sys.modules["__main__"])
