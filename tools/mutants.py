#!/usr/bin/env python3
"""Plants bugs in the engine, one at a time, and shows which test catches each.

    mutants.py [--jobs N] [--applies] [WORD ...]

The bugs are in tools/planted/; WORD selects those with that word in their name. The tree is copied to
a scratch folder for each job; there each mutant is built and the engine's tests run until one fails. Printed is
a table: the mutant, its file and line, the test that caught it and the line of the check that failed.

Exit status: 0 every mutant was caught, 1 one survived, does not apply or does not compile, 2 usage.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import NamedTuple

sys.dont_write_bytecode = True
from planted import MUTANTS  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns("build", ".git")

# What sees the engine only, the quickest and the most exact first.
TESTS = (
    "test_activations",
    "test_losses",
    "test_layer_norm",
    "test_lbfgs_memory",
    "test_pool",
    "test_backpropagation",
    "test_pass_into",
    "test_optimizer",
    "test_regularisation",
    "test_network",
    "test_reference_networks",
    "test_reference_optimizers",
    "test_gradient_training",
    "test_gradient_check",
    "test_kernels",
    "test_kernels_cut",
    "test_kernel_cases",
    "test_kernels_in_place",
    "test_kernels_softmax",
    "test_kernels_rows",
    "test_kernels_steps",
    "test_kernels_tile",
    "test_kernels_bf16",
    "test_fit",
    "test_fit_steps",
    "test_fit_blocks",
    "test_fit_threads",
    "test_bf16_training",
    "test_minibatch_history",
    "test_catalogue",
    "test_estimate",
    "test_rank",
    "test_kept_ratings",
    "test_by_column",
    "test_full_batch",
    "test_full_batch_training",
    "test_full_batch_threads",
    "test_full_batch_blocks",
    "test_training_memory",
    "test_ridge_power",
    "test_ordinal",
    "test_minibatch_tiles",
    "test_ordinal_objective",
    "test_ordinal_training",
    "test_ordinal_file",
    "test_reference_histories",
    "test_clock",
    "test_time_of_rating",
    "test_autorec",
    "test_symmetric",
    "test_ranking_loss",
    "test_baseline",
    "test_factorisation",
    "test_rating_blocks",
    "test_negative_sampler",
    "test_sample_list",
    "test_sample_order",
    "test_holdout",
    "test_reference_interactions",
    "test_als",
    "test_interactions",
    "test_similar",
    "test_explain",
    "test_fold_in",
    "test_fold_in_given",
    "test_fold_in_many",
    "test_tune",
    "test_halving",
    "test_blend_weights",
    "test_blend",
    "test_blend_training",
    "test_blend_newcomers",
    "test_ranking",
    "test_newcomers",
    "test_ratings_implicit",
    "test_digits",
    "test_separators",
    "test_ranks",
    "test_id_map",
    "test_sparse",
    "test_ratings_parts",
    "test_ratings_shared",
    "test_ratings_sort",
)
# Bugs in the plain C kernels must not hide behind those of an instruction set; test_kernels tries all of them.
os.environ["DESCENT_ISA"] = "c"
# A mutant may loop for ever. Of the processor's time, so that a busy machine ends no test early; each of the
# tests needs about one second.
CPU_SECONDS = 30


class Mutant(NamedTuple):
    name: str
    file: str
    old: str
    new: str


class Result(NamedTuple):
    mutant: Mutant
    line: int  # of the planted bug
    verdict: str  # "caught", or why it counts as a failure
    caught_by: str  # test and function, and the line of its check


def run(command, folder):
    """Exit status and output."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def prepare(scratch):
    """A copy of the tree, built without a mutant; every test must pass there."""
    shutil.copytree(ROOT, scratch, ignore=NOT_COPIED)
    configure = ["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DBUILD_TESTING=ON"]
    configure += ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1"]
    for command in (configure, build_command()):
        status, output = run(command, scratch)
        if status != 0:
            sys.exit(f"mutants.py: the tree as it is does not build:\n{output}")
    caught = first_failure(scratch)
    if caught:
        sys.exit(f"mutants.py: the tree as it is fails {caught}")


def build_command():
    return ["cmake", "--build", "build", "--parallel", "1", "--target", *TESTS]


def first_failure(scratch):
    """The first test that fails with its function and line, or ''."""
    for test in TESTS:
        status, output = run(["prlimit", f"--cpu={CPU_SECONDS}", f"build/tests/{test}"], scratch)
        if status == 0:
            continue
        if status in (-signal.SIGXCPU, -signal.SIGKILL):
            return f"{test} (does not end)"
        # the function that ran last, if the program crashed before it could say
        function = re.findall(r"\[  FAILED  \] (\w+)$|\[ RUN      \] (\w+)$", output, re.MULTILINE)
        failed = [name for name, _ in function if name] or [function[-1][1] if function else "main"]
        place = re.search(r"([\w.]+\.[ch]:\d+): error", output)
        return f"{test}: {failed[0]} ({place[1] if place else f'status {status}'})"
    return ""


def misplaced(mutant, root):
    """Why the bug cannot be planted, or ''."""
    n_found = (root / mutant.file).read_text().count(mutant.old)
    return "" if n_found == 1 else f"does not apply: found {n_found} times, expected 1"


def has_place(mutant):
    problem = misplaced(mutant, ROOT)
    if problem:
        print(f"{mutant.file}: {mutant.name}: {problem}", file=sys.stderr)
    return not problem


def try_mutant(mutant, scratch):
    path = scratch / mutant.file
    text = path.read_text()
    problem = misplaced(mutant, scratch)
    if problem:
        return Result(mutant, 0, problem, "")
    line = text[: text.index(mutant.old)].count("\n") + 1
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        status, output = run(build_command(), scratch)
        if status != 0:
            first = next((part for part in output.splitlines() if "error" in part), output)
            return Result(mutant, line, f"does not compile: {first}", "")
        caught = first_failure(scratch)
        return Result(mutant, line, "caught" if caught else "SURVIVED", caught)
    finally:
        path.write_text(text)


def print_result(result):
    place = f"{Path(result.mutant.file).name}:{result.line}"
    found = result.caught_by if result.verdict == "caught" else result.verdict
    print(f"{result.mutant.name:<56} {place:<32} {found}", flush=True)


def try_all(mutants, n_jobs):
    with tempfile.TemporaryDirectory(prefix="descent-mutants-") as folder:
        scratches = [Path(folder) / str(job) for job in range(n_jobs)]
        free = Queue()
        with ThreadPoolExecutor(n_jobs) as pool:
            list(pool.map(prepare, scratches))
            for scratch in scratches:
                free.put(scratch)

            def work(mutant):
                scratch = free.get()
                try:
                    return try_mutant(mutant, scratch)
                finally:
                    free.put(scratch)

            print(f"{'mutant':<56} {'planted in':<32} caught by", flush=True)
            results = []
            for result in pool.map(work, mutants):
                print_result(result)
                results.append(result)
            return results


def main():
    parser = argparse.ArgumentParser(description="Plants bugs in the engine; each must be caught.")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants at a time")
    parser.add_argument("--applies", action="store_true", help="only look whether each has its place")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only mutants with WORD in the name")
    arguments = parser.parse_args()
    mutants = [Mutant(*row) for row in MUTANTS]
    if arguments.words:
        mutants = [m for m in mutants if any(word in m.name for word in arguments.words)]
    if not mutants or arguments.jobs < 1:
        parser.error("no mutant has such a name" if not mutants else "--jobs: expected 1 or more")
    if arguments.applies:
        return 0 if all([has_place(m) for m in mutants]) else 1
    started = time.monotonic()
    results = try_all(mutants, min(arguments.jobs, len(mutants)))
    n_caught = sum(result.verdict == "caught" for result in results)
    seconds = time.monotonic() - started
    print(f"{n_caught} of {len(results)} mutants caught in {seconds:.0f} s")
    return 0 if n_caught == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
