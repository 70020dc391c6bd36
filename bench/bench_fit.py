#!/usr/bin/env python3
"""Accuracy and time of `descent net fit` on public data: the tables of docs/accuracy-networks.md.

    bench/bench_fit.py PROGRAM [--only NAME] [--choose]

Without --choose: fits with the settings below on training rows alone, evaluates once on the test
rows, and prints the bar, what was measured, the baseline, the seconds and the command.
With --choose: tries the candidates of the uci sets by cross-validation on the training rows of the
first split, never on a test row. Data sets are looked for in DESCENT_DATA, else in
../shared/datasets; those that are not there are said to be missing. Exit status 1: a bar is missed.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SEED = "1"

# One hidden layer of 50, everything else alike but activation and l2, which --choose chooses.
UCI = {
    "concrete": (5.3, "relu", "1e-5"),
    "energy": (0.7, "relu", "1e-4"),
    "kin8nm": (0.085, "tanh", "1e-5"),
    "power-plant": (4.1, "relu", "1e-5"),
    "wine-quality-red": (0.64, "tanh", "3e-2"),
    "yacht": (1.1, "tanh", "1e-4"),
}
UCI_COMMON = ["--task", "regression", "--holdout", "0", "--hidden", "50", "--rate", "0.01",
              "--batch", "32"]
# 400 epochs, but as many as make 20000 steps, the program's own rule, of the two large ones.
UCI_EPOCHS = {"kin8nm": [], "power-plant": []}
ACTIVATIONS, PENALTIES = ("relu", "tanh"), ("1e-5", "1e-4", "1e-3", "1e-2", "3e-2")
N_SPLITS = 20
N_FOLDS = {"kin8nm": "5", "power-plant": "5"}  # the large ones; 10 of the others

# name, bar, data, labels, test data, test labels, options
CLASSES = [
    ("mnist", 0.982, "mnist/train-images-idx3-ubyte.gz", "mnist/train-labels-idx1-ubyte.gz",
     "mnist/t10k-images-idx3-ubyte.gz", "mnist/t10k-labels-idx1-ubyte.gz",
     ["--hidden", "256,128", "--epochs", "20", "--batch", "64", "--rate", "0.001", "--dropout",
      "0.2", "--scaling", "range", "--l2", "0", "--holdout", "0"]),
    ("optdigits", 0.97, "optdigits/optdigits.tra", None, "optdigits/optdigits.tes", None,
     ["--hidden", "64,32", "--epochs", "371", "--batch", "64", "--rate", "0.003", "--l2", "3e-4"]),
]


def run(*command):
    """The JSON document that a command prints."""
    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE,
                          text=True)
    return json.loads(done.stdout)


def show(name, bar, measured, baseline, seconds, note):
    is_met = measured >= bar if bar > 0 and note.startswith("accuracy") else measured <= bar
    print(f"{name:18} {bar:8g} {measured:9.4f} {baseline:9.4f} {'yes' if is_met else 'NO':>4} "
          f"{seconds:8.1f}  {note}", flush=True)
    return is_met


def bench_classes(program, data, case):
    name, bar, train, labels, test, test_labels, options = case
    fit_labels = ["--labels", data / labels] if labels else []
    more = ["--labels", data / test_labels] if test_labels else []
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "model.safetensors"
        begin = time.monotonic()
        run(program, "net", "fit", data / train, *fit_labels, "-o", model, "--quiet", "--json",
            "--task", "classification", "--seed", SEED, *options)
        seconds = time.monotonic() - begin
        scores = run(program, "net", "evaluate", model, data / test, *more, "--quiet", "--json")
    return show(name, bar, scores["model"]["accuracy"], scores["baseline"]["accuracy"], seconds,
                f"accuracy, log loss {scores['model']['log_loss']:.4f}; "
                f"{' '.join(options)} --seed {SEED}")


def bench_uci(program, data, name):
    bar, activation, l2 = UCI[name]
    folder = data / "uci-regression" / name
    options = [*UCI_COMMON, *UCI_EPOCHS.get(name, ["--epochs", "400"]), "--activation", activation,
               "--l2", l2, "--seed", SEED]
    errors, baselines = [], []
    begin = time.monotonic()
    for split in range(N_SPLITS):
        with tempfile.TemporaryDirectory() as scratch:
            model = pathlib.Path(scratch) / "model.safetensors"
            run(program, "net", "fit", folder / "data.txt", "--rows",
                folder / f"index_train_{split}.txt", "-o", model, "--quiet", "--json", *options)
            scores = run(program, "net", "evaluate", model, folder / "data.txt", "--rows",
                         folder / f"index_test_{split}.txt", "--quiet", "--json")
        errors.append(scores["model"]["rmse"])
        baselines.append(scores["baseline"]["rmse"])
    spread = statistics.stdev(errors) / N_SPLITS ** 0.5
    return show(name, bar, statistics.mean(errors), statistics.mean(baselines),
                time.monotonic() - begin,
                f"RMSE, mean of {N_SPLITS} splits, standard error {spread:.4f}; "
                f"{' '.join(options)}")


def choose(program, data, name):
    """Every candidate on the training rows of the first split, and the one with the lowest RMSE."""
    folder = data / "uci-regression" / name
    tries = []
    for activation in ACTIVATIONS:
        for l2 in PENALTIES:
            scores = run(program, "net", "fit", folder / "data.txt", "--rows",
                         folder / "index_train_0.txt", "--folds", N_FOLDS.get(name, "10"), "--quiet", "--json",
                         *UCI_COMMON, *UCI_EPOCHS.get(name, ["--epochs", "400"]), "--activation",
                         activation, "--l2", l2, "--seed", SEED)
            tries.append((scores["mean"]["rmse"], activation, l2))
            print(f"{name:18} {activation} {l2:5} validation RMSE {tries[-1][0]:.4f}", flush=True)
    print(f"{name:18} chosen: {' '.join(min(tries)[1:])}; set: {' '.join(UCI[name][1:])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("--only", metavar="NAME", help="one data set")
    parser.add_argument("--choose", action="store_true", help="choose settings by validation")
    arguments = parser.parse_args()
    data = pathlib.Path(os.environ.get("DESCENT_DATA", "../shared/datasets"))
    jobs = [(case[0], case[2], lambda case=case: bench_classes(arguments.program, data, case))
            for case in CLASSES]
    jobs += [(name, f"uci-regression/{name}",
              lambda name=name: bench_uci(arguments.program, data, name)) for name in UCI]
    if arguments.choose:
        jobs = [(name, f"uci-regression/{name}",
                 lambda name=name: choose(arguments.program, data, name)) for name in UCI]
    else:
        print(f"{'data':18} {'bar':>8} {'measured':>9} {'baseline':>9} {'met':>4} {'seconds':>8}  "
              "what; settings")
    are_met = True
    for name, needed, job in jobs:
        if arguments.only not in (None, name):
            continue
        if not (data / needed).exists():
            print(f"{name:18} missing: not in {data}")
            continue
        are_met = job() is not False and are_met
    return 0 if are_met else 1


if __name__ == "__main__":
    sys.exit(main())
