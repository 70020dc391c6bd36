#!/usr/bin/env python3
"""The dot product with biases by twin AdaGrad against LIBMF: seconds of training until LIBMF's own RMSE
on held-out ratings.

    bench/bench_factorisation.py [--data FILE] [--synthetic] [--factors 32,64] [--threads 1,2]
                                 [--rounds 3] [--l2 0.1,0.06] [--json FILE]

FILE has users, items and ratings in columns (ml-1m's ratings.tsv, say: of a set with a test part only the
training part); a tenth, drawn with a fixed seed, is held out. --synthetic makes 20 million ratings of
138,000 users and 27,000 items from a planted model of rank 20 with noise.

LIBMF runs its default number of iterations with its default rate, at each L2 of --l2, the first being its
default. Ours has the defaults, and as many epochs as it needs to be at least as good. The two alternate;
medians. Both predict clipped to the scale; neither reads or evaluates on the clock. Columns: wall seconds
(processor seconds), and by what LIBMF's are divided.

LIBMF is compiled from the source in the PyPI package libmf, pinned below, with its AVX code and OpenMP,
which the package's own build leaves off. Where pip, a C++ compiler or the package is missing, this says
so and measures ours alone. Needs NumPy.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = ROOT / "build/release/bench/bench_factorisation"
PACKAGE = "libmf==0.9.2"
MOST_EPOCHS = 20
DRIVER = r"""
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>
#include "mf.h"

static std::vector<mf::mf_node> read(const char *path) {
    std::vector<mf::mf_node> nodes;
    FILE *file = fopen(path, "r");
    mf::mf_node n;
    while (file != nullptr && fscanf(file, "%d %d %f", &n.u, &n.v, &n.r) == 3) nodes.push_back(n);
    return nodes;
}

int main(int, char **argv) {
    auto train = read(argv[1]), held = read(argv[2]);
    mf::mf_problem problem = {};
    problem.nnz = static_cast<mf::mf_long>(train.size());
    problem.R = train.data();
    float low = train[0].r, high = low;
    for (const auto &n : train) {
        problem.m = std::max(problem.m, n.u + 1);
        problem.n = std::max(problem.n, n.v + 1);
        low = std::min(low, n.r);
        high = std::max(high, n.r);
    }
    auto parameters = mf::mf_get_default_param();
    parameters.k = atoi(argv[3]);
    parameters.nr_threads = atoi(argv[4]);
    parameters.lambda_p2 = parameters.lambda_q2 = static_cast<float>(atof(argv[5]));
    parameters.quiet = true;
    const clock_t processor = clock();
    const auto begin = std::chrono::steady_clock::now();
    auto *model = mf::mf_train(&problem, parameters);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    const double processor_s = static_cast<double>(clock() - processor) / CLOCKS_PER_SEC;
    double sum = 0;
    for (const auto &n : held) {
        const float p = std::min(high, std::max(low, mf::mf_predict(model, n.u, n.v)));
        sum += (p - n.r) * (p - n.r);
    }
    printf("%.4f %.4f %.6f\n", wall.count(), processor_s, std::sqrt(sum / held.size()));
}
"""


def build_libmf(folder):
    """The driver's path, or None with a word about what is missing."""
    got = subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "-q",
                          "-d", folder, PACKAGE], capture_output=True, text=True)
    archives = list(folder.glob("libmf-*.tar.gz"))
    if not archives:
        print(f"LIBMF is missing: pip found no {PACKAGE}: {got.stderr.strip()[-200:]}")
        return None
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    source = next(folder.glob("libmf-*/src_cpp"))
    (folder / "driver.cpp").write_text(DRIVER)
    built = subprocess.run(["c++", "-std=c++11", "-O3", "-march=native", "-DUSEAVX", "-DUSEOMP", "-fopenmp",
                            "-include", "string", f"-I{source}", str(folder / "driver.cpp"),
                            str(source / "mf.cpp"), "-o", str(folder / "driver"), "-lpthread"],
                           capture_output=True, text=True)
    if built.returncode != 0:
        print(f"LIBMF is missing: it did not compile: {built.stderr[-400:]}")
        return None
    return folder / "driver"


def synthetic():
    """Users, items, ratings in half stars."""
    import numpy as np
    random = np.random.default_rng(1)
    n_users, n_items, rank = 138000, 27000, 20
    user_weights, item_weights = random.lognormal(0, 1, n_users), random.lognormal(0, 1.8, n_items)
    users = random.choice(n_users, 22200000, p=user_weights / user_weights.sum())
    items = random.choice(n_items, len(users), p=item_weights / item_weights.sum())
    pairs = np.unique(users.astype("i8") * n_items + items)
    pairs = np.sort(random.permutation(pairs)[:20000000])
    users, items = pairs // n_items, pairs % n_items
    p = random.normal(0, 0.32, (n_users, rank)).astype("f4")
    q = random.normal(0, 0.32, (n_items, rank)).astype("f4")
    user_biases, item_biases = random.normal(0, 0.4, n_users), random.normal(0, 0.5, n_items)
    ratings = 3.5 + user_biases[users] + item_biases[items] + random.normal(0, 0.75, len(pairs))
    for begin in range(0, len(pairs), 1 << 20):
        part = slice(begin, begin + (1 << 20))
        ratings[part] += (p[users[part]] * q[items[part]]).sum(1)
    return users, items, np.clip(np.round(2 * ratings) / 2, 0.5, 5)


def write_parts(folder, users, items, ratings):
    """Numbered from 0; a tenth is held out."""
    import numpy as np
    held = np.random.default_rng(1).random(len(users)) < 0.1
    paths = []
    for name, chosen in (("train", ~held), ("held", held)):
        paths.append(folder / f"{name}.tsv")
        with open(paths[-1], "w", encoding="ascii") as file:
            rows = zip(users[chosen].tolist(), items[chosen].tolist(), ratings[chosen].tolist())
            file.writelines(f"{u}\t{i}\t{r:g}\n" for u, i, r in rows)
    return [str(path) for path in paths]


def run(*command):
    """Wall seconds, processor seconds, RMSE."""
    answer = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
    return tuple(float(word) for word in answer.stdout.split())


def epochs_to(target, parts, factors, threads):
    """The fewest that are at least as good; None: none is. The result is the same on any threads."""
    for epochs in range(1, MOST_EPOCHS + 1):
        if run(OURS, *parts, factors, threads, epochs)[2] <= target:
            return epochs
    return None


def compare(libmf, parts, factors, threads, l2, rounds):
    target = run(libmf, *parts, factors, threads, l2)[2]
    epochs = epochs_to(target, parts, factors, threads)
    row = {"factors": factors, "threads": threads, "libmf_l2": l2, "libmf_rmse": target, "epochs": epochs}
    if epochs is None:
        print(f"k {factors}, L2 {l2}: ours is not as good as {target:.4f} in {MOST_EPOCHS} epochs")
        return row
    peer, ours = [], []
    for _ in range(rounds):
        peer.append(run(libmf, *parts, factors, threads, l2))
        ours.append(run(OURS, *parts, factors, threads, epochs))
    for name, runs in (("libmf", peer), ("ours", ours)):
        row[f"{name}_s"] = statistics.median(r[0] for r in runs)
        row[f"{name}_processor_s"] = statistics.median(r[1] for r in runs)
        row[f"{name}_rmse"] = statistics.median(r[2] for r in runs)
    row["ratio"] = row["libmf_s"] / row["ours_s"]
    row["processor_ratio"] = row["libmf_processor_s"] / row["ours_processor_s"]
    print(f"| {factors} | {threads} | {l2:g} | {row['libmf_rmse']:.4f} | {row['ours_rmse']:.4f} ({epochs}) "
          f"| {row['libmf_s']:.2f} ({row['libmf_processor_s']:.2f}) "
          f"| {row['ours_s']:.2f} ({row['ours_processor_s']:.2f}) "
          f"| {row['ratio']:.1f} ({row['processor_ratio']:.1f}) |", flush=True)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", default=[])
    parser.add_argument("--synthetic", action="store_true")
    parser.add_argument("--factors", default="32,64")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--l2", default="0.1,0.06")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    try:
        import numpy as np
    except ImportError:
        sys.exit("bench_factorisation.py: NumPy is missing; on Debian it is the package python3-numpy")
    if not OURS.exists():
        sys.exit(f"bench_factorisation.py: {OURS} is missing; run make first")
    if not arguments.data and not arguments.synthetic:
        parser.error("expected --data FILE, --synthetic, or both")
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        libmf = build_libmf(folder)
        for source in arguments.data + ["synthetic"] * arguments.synthetic:
            if source == "synthetic":
                columns = synthetic()
            else:
                table = np.loadtxt(source, usecols=(0, 1, 2))
                columns = (np.unique(table[:, 0], return_inverse=True)[1],
                           np.unique(table[:, 1], return_inverse=True)[1], table[:, 2])
            parts = write_parts(folder, *columns)
            print(f"{source}: {len(columns[2])} ratings, a tenth of them held out\n")
            if libmf is None:
                for factors in arguments.factors.split(","):
                    print(factors, run(OURS, *parts, factors, 1, 10))
                continue
            print("| k | threads | LIBMF's L2 | LIBMF's RMSE | ours (epochs) | LIBMF s (processor) "
                  "| ours s (processor) | ratio |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
            for factors in map(int, arguments.factors.split(",")):
                for l2 in map(float, arguments.l2.split(",")):
                    for threads in map(int, arguments.threads.split(",")):
                        row = compare(libmf, parts, factors, threads, l2, arguments.rounds)
                        results.append({"data": source, **row})
            print()
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
