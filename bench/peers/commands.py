#!/usr/bin/env python3
"""Whole commands of the program: seconds and the largest memory, by the system's own account.

    bench/peers/commands.py [--quick] [--only TEXT]

Made-up ratings of the shape of MovieLens 1M, and of 20M's for lists; what the commands compute is not looked
at here.
"""
import os
import subprocess
import sys
import time

from main import run_alone
from ranking import QUICK_SIZES, SIZES, model_of

NAME = "whole commands"
SHAPE, QUICK_SHAPE = (6040, 3706, 200), (600, 400, 60)
TOWER = ("--form", "perceptron", "-k", "32", "--hidden", "32,16,8", "--no-biases", "--optimizer", "sgd", "--batch",
         "1024")
HISTORIES = ("--history", "both", "-k", "60", "--ridge", "25.5", "--ridge-user-history", "76.5",
             "--ridge-item-history", "63", "--epochs")


def measure(command):
    """Seconds, and megabytes of memory at most; those of this program are the least that is seen."""
    begin_s = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(str(word) for word in command)}: exit status {process.returncode}")
    return time.monotonic() - begin_s, usage.ru_maxrss * 1024 / 1e6


def tell(bench, name, command, most_s=0, most_mb=0):
    seconds, megabytes = measure(command)
    bench.figure(NAME, name, "seconds", seconds, most_s)
    bench.figure(NAME, name, "MB of memory", megabytes, most_mb)


def cases(bench):
    """Keeps what it measures itself: nothing takes turns."""
    path = bench.ratings(*(QUICK_SHAPE if bench.is_quick else SHAPE))
    train = (bench.build / "bin/descent", "train", path, "--quiet", "-o", bench.data / "command.safetensors")
    passes = 3 if bench.is_quick else 300
    for name, command, most_s, most_mb in (
            ("train, 3 epochs of minibatches", (*train, *TOWER, "--epochs", "3"), 0, 150),
            (f"train, histories of both sides, {passes} passes of L-BFGS", (*train, *HISTORIES, passes),
             0 if bench.is_quick else 40, 150)):
        tell(bench, name, command, most_s, most_mb)
    for size, shape in (QUICK_SIZES if bench.is_quick else SIZES).items():
        model = model_of(bench, size, shape, 32)
        tell(bench, f"recommend --all, {shape[0]:,} users, {size}, k = 32",
             (bench.build / "bin/descent", "recommend", model, "--all", "--csv"))
    return ()


def checks(bench):
    """Nothing is compared."""


if __name__ == "__main__":
    run_alone(sys.modules["__main__"])
