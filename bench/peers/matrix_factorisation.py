#!/usr/bin/env python3
"""Dot product of vectors with biases, from ratings in memory to a model of one test error.

    bench/peers/matrix_factorisation.py [--quick] [--rounds N] [--only TEXT]

LIBMF trains ITERATIONS passes; its error on a tenth of the ratings, held out, is what ours has to reach,
with as few epochs as that takes. What is compared is the time of a whole training; the error is found off
the clock. Of 10, 20 and 30 passes with an L2 of 0.02, 0.05, 0.1 and 0.15 LIBMF was best on these ratings with
those below, in the fewest passes. scikit-surprise trains the same model, to an error of its own.
"""
import random
import sys
import time

from harness import Case, Choice, lines_of, missing, serve
from main import run_alone

NAME = "matrix factorisation"
ITERATIONS, L2 = 10, 0.05
SIZES = {"ml-1m": (6040, 3706, 200), "20 million": (138493, 26744, 170)}
CASES = [("ml-1m", 32, 1), ("ml-1m", 32, 2), ("ml-1m", 64, 1), ("ml-1m", 64, 2), ("20 million", 32, 1),
         ("20 million", 32, 2), ("20 million", 64, 1), ("20 million", 64, 2)]
QUICK_SHAPE = (600, 400, 60)
BAR = 2


def parts(bench, shape):
    """(train, test): a tenth of the lines, drawn with a fixed seed, is the test."""
    path = bench.ratings(*shape)
    train, test = path.with_suffix(".train"), path.with_suffix(".test")
    if not test.exists():
        draw = random.Random(1)
        unfinished = test.with_suffix(".part")
        with open(path) as lines, open(train, "w") as to_train, open(unfinished, "w") as to_test:
            next(lines)
            for line in lines:
                (to_test if draw.random() < 0.1 else to_train).write(line)
        unfinished.rename(test)
    return str(train), str(test)


def cases(bench):
    for size, k, threads in [("small", 8, 1)] if bench.is_quick else CASES:
        train, test = parts(bench, QUICK_SHAPE if bench.is_quick else SIZES[size])
        ours = (bench.program("ours_factorisation"), "--file", train, "--test", test, "-k", k, "--threads", threads)
        settings = {"train": train, "test": test, "k": k, "threads": threads}
        libmf = Choice("LIBMF", bench.serve(__file__, "libmf"), (), settings, f"{ITERATIONS} iterations")
        choices = [libmf]
        if threads == 1 and size == "ml-1m" and k == 32:
            choices.append(Choice("scikit-surprise", bench.serve(__file__, "surprise"), (), settings, "SVD, 20 epochs"))
        epochs, answer = ITERATIONS, bench.ask_once(libmf)
        if answer is not None:
            rmse = answer["check"]
            (found,) = lines_of((*ours[:-1], 2, "--rmse", rmse))
            epochs = found["epochs"] or 0
            print(f"  {size}, k = {k}: LIBMF's test error {rmse:.4f}; ours after "
                  f"{epochs or 'no number of'} epochs", flush=True)
        if epochs:  # else there is nothing to compare
            yield Case(f"{size}, k = {k}, to LIBMF's test error", "trainings", (*ours, "--epochs", int(epochs)),
                       tuple(choices), threads, bars=(("LIBMF", BAR),), rounds=2 if size == "20 million" else 0)


def checks(bench):
    """The same error is the check: the cases take as many epochs as it needs."""


# --- the peers ------------------------------------------------------------------------------------


def read_columns(path):
    import numpy

    with open(path) as file:
        text = file.read().replace("\n", ",").rstrip(",")
    return numpy.fromstring(text, sep=",", dtype="float64").reshape(-1, 4)[:, :3].astype("float32")


def timed_training(train, error):
    """The record of one call of train(), and the error off the clock."""
    begin_s, worked_begin_s = time.perf_counter(), time.process_time()
    model = train()
    seconds, worked_s = time.perf_counter() - begin_s, time.process_time() - worked_begin_s
    return {"amount": 1, "seconds": seconds, "worked_s": worked_s, "check": error(model)}


def serve_libmf():
    import contextlib
    import io

    try:
        import numpy
        with contextlib.redirect_stdout(io.StringIO()):  # it says where it lies
            from libmf import mf
    except (ImportError, OSError) as why:
        missing(why)
    files = {}

    def read(path):
        if path not in files:
            files[path] = read_columns(path)
        return files[path]

    def burst(settings):
        ratings, test = read(settings["train"]), read(settings["test"])

        def train():
            model = mf.MF(k=settings["k"], nr_threads=settings["threads"], nr_iters=ITERATIONS, nr_bins=26,
                          lambda_p1=0.0, lambda_q1=0.0, lambda_p2=L2, lambda_q2=L2, eta=0.1, quiet=True)
            model.fit(ratings)
            return model

        def error(model):
            found = model.predict(numpy.asfortranarray(test[:, :2]))  # it reads column after column
            return float(numpy.sqrt(numpy.mean((found.astype("float64") - test[:, 2]) ** 2)))

        return timed_training(train, error)

    serve(burst, version="0.9.2")


def serve_surprise():
    try:
        import surprise
    except ImportError as why:
        missing(why)
    sets = {}

    def burst(settings):
        key = settings["train"]
        if key not in sets:
            reader = surprise.Reader(line_format="user item rating timestamp", sep=",", rating_scale=(0.5, 5))
            sets[key] = (surprise.Dataset.load_from_file(key, reader).build_full_trainset(),
                         surprise.Dataset.load_from_file(settings["test"], reader).build_full_trainset().build_testset())
        train_set, test_set = sets[key]
        return timed_training(lambda: surprise.SVD(n_factors=settings["k"], n_epochs=20, random_state=1).fit(train_set),
                              lambda model: surprise.accuracy.rmse(model.test(test_set), verbose=False))

    serve(burst, version=surprise.__version__)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        {"libmf": serve_libmf, "surprise": serve_surprise}[sys.argv[2]]()
    else:
        run_alone(sys.modules["__main__"])
