#!/usr/bin/env python3
"""Tiny networks, one sample a step: 3-2-2 linear and 2-8-1 sigmoid.

    bench/peers/tiny.py [--quick] [--rounds N] [--only TEXT]
"""
import sys

from main import run_alone
from network_peers import Shape, case, check

NAME = "tiny networks"
CASES = [(Shape((3, 2, 2), "identity", "mean-squared-error", 1000), 4),
         (Shape((2, 8, 1), "sigmoid", "mean-squared-error", 1000), 3.3)]


def cases(bench):
    for shape, fann in CASES:
        yield case(bench, shape, 1, 1, ("FANN", "PyTorch"), (("FANN", fann),))


def checks(bench):
    for shape, _ in CASES:
        check(bench, NAME, shape, ("FANN", "PyTorch"))


if __name__ == "__main__":
    run_alone(sys.modules["__main__"])
