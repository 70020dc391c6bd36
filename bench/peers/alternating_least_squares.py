#!/usr/bin/env python3
"""Vectors of interactions by alternating least squares: what every iteration costs.

    bench/peers/alternating_least_squares.py [--quick] [--rounds N] [--only TEXT]

An interaction is a 1 of much weight, every other pair of user and item a 0 of little, and both sides weigh
them alike, with next to no L2. Ours and implicit take three steps of conjugate gradients for each row, or
implicit solves each row's equations ("implicit exact"). A burst is a whole training of ITERATIONS. That both minimise
the same is checked by the sum of squares after many.
"""
import sys

from harness import Case, Choice, lines_of, missing, serve, timed
from main import run_alone
from model_file import read_arrays

NAME = "alternating least squares"
ITERATIONS = 5
CHECK_ITERATIONS = 40  # from two starts to one minimum
CHECK_TOLERANCE = 2e-3  # of the sum of squares: the way to the minimum is long and flat
SHAPE, QUICK_SHAPE = (6040, 3706, 200), (600, 400, 60)
CASES = [(64, 1), (64, 2), (256, 1)]


def model_of(bench, shape, k, iterations):
    """(the model's path, the weight of a pair)."""
    path = bench.data / f"als-{shape[0]}-{shape[1]}-{k}-{iterations}.safetensors"
    (found,) = lines_of((bench.program("ours_als"), "--file", bench.ratings(*shape), "-k", k, "--threads", 0,
                         "--iterations", iterations, "--model", path))
    return str(path), found["pair_weight"]


def choice_of(bench, path, weight, k, threads, is_exact):
    settings = {"model": path, "pair_weight": weight, "k": k, "threads": threads, "exact": is_exact,
                "iterations": ITERATIONS}
    peer, label = ("implicit exact", "Cholesky") if is_exact else ("implicit", "conjugate gradients")
    # one thread of BLAS in each of its own, as it asks for
    return Choice(peer, bench.serve(__file__, "implicit"), (("OPENBLAS_NUM_THREADS", "1"),), settings, label)


def cases(bench):
    shape = QUICK_SHAPE if bench.is_quick else SHAPE
    for k, threads in [(16, 1)] if bench.is_quick else CASES:
        path, weight = model_of(bench, shape, k, 1)
        ours = (bench.program("ours_als"), "--file", bench.ratings(*shape), "-k", k, "--iterations", ITERATIONS,
                "--threads", threads)
        yield Case(f"{'small' if bench.is_quick else 'ml-1m'}, k = {k}", "iterations", ours,
                   tuple(choice_of(bench, path, weight, k, threads, is_exact) for is_exact in (True, False)), threads)


def checks(bench):
    k = 8
    path, weight = model_of(bench, QUICK_SHAPE, k, CHECK_ITERATIONS)
    choice = choice_of(bench, path, weight, k, 1, True)
    answer = bench.ask_once(choice._replace(
        settings={**choice.settings, "compare": True, "iterations": CHECK_ITERATIONS}))
    if answer is not None:
        bench.check(NAME, f"sum of squares after {CHECK_ITERATIONS} iterations", choice.peer, answer["ours"],
                    answer["theirs"], CHECK_TOLERANCE)


# --- the peer -------------------------------------------------------------------------------------


def sum_of_squares(users, items, start, columns, confidence):
    """Of all pairs, those of interactions with that weight."""
    import numpy

    users, items = users.astype("float64"), items.astype("float64")
    rows = numpy.repeat(numpy.arange(len(users)), numpy.diff(start))
    scores = numpy.einsum("rk,rk->r", users[rows], items[columns])
    everywhere = numpy.sum((users.T @ users) * (items.T @ items))
    return float(everywhere + numpy.sum(confidence * (1 - scores) ** 2 - scores**2))


def serve_implicit():
    try:
        import numpy
        import implicit
        from implicit.cpu.als import AlternatingLeastSquares
        from scipy.sparse import csr_matrix
    except ImportError as why:
        missing(why)
    files = {}

    def burst(settings):
        path, weight = settings["model"], settings["pair_weight"]
        if path not in files:
            files[path] = read_arrays(path)
        arrays = files[path]
        users, items = arrays["user_vectors"], arrays["item_vectors"]
        start, columns = arrays["ratings_start"].astype("int32"), arrays["ratings_item"].astype("int32")
        # ours has 1 + a for an interaction and a for the rest; divided by a, (1 + a) / a and 1
        confidence = (1 + weight) / weight
        matrix = csr_matrix((numpy.full(len(columns), confidence, "float32"), columns, start),
                            shape=(len(users), len(items)))

        def train():
            model = AlternatingLeastSquares(
                factors=settings["k"], regularization=1e-6, alpha=1.0, use_cg=not settings["exact"],
                iterations=settings["iterations"], num_threads=settings["threads"], random_state=1)
            model.fit(matrix, show_progress=False)
            return model

        if settings.get("compare"):
            # ours pulls an interaction's score to 1 / (1 + a): its scores are that much smaller
            scaled = users.astype("float64") * (1 + weight)
            model = train()
            return {"ours": sum_of_squares(scaled, items, start, columns, confidence),
                    "theirs": sum_of_squares(model.user_factors, model.item_factors, start, columns, confidence)}

        def step():
            train()
            return settings["iterations"]

        return timed(step)

    serve(burst, version=implicit.__version__)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        {"implicit": serve_implicit}[sys.argv[2]]()
    else:
        run_alone(sys.modules["__main__"])
