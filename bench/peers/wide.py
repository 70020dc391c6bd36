#!/usr/bin/env python3
"""A wide network, 1024-1024-1024-10, whose weights no first-level cache holds, by plain SGD.

    bench/peers/wide.py [--quick] [--rounds N] [--only TEXT]
"""
import sys

from main import run_alone
from network_peers import Shape, case, check

NAME = "wide networks"
SHAPE = Shape((1024, 1024, 1024, 10), "relu", "cross-entropy", 2048)
SMALL = Shape((1024, 1024, 1024, 10), "relu", "cross-entropy", 128)


def cases(bench):
    for threads in (1,) if bench.is_quick else (1, 2):
        yield case(bench, SHAPE, 256, threads, ("PyTorch",), (("PyTorch", 1),))


def checks(bench):
    check(bench, NAME, SMALL, ("PyTorch",))


if __name__ == "__main__":
    run_alone(sys.modules["__main__"])
