#!/usr/bin/env python3
"""Training the tower by minibatches: vectors of k each, 2k-k-k/2-k/4-1, mean squared error.

    bench/peers/training_seed_model.py [--quick] [--rounds N] [--only TEXT]

Both sides go over the same made-up ratings epoch by epoch, each in a random order of its own, shuffling
included. That both compute the same is checked before: from the weights that descent starts with, on
batches that hold all ratings, the curves of the error must agree.
"""
import json
import sys

from harness import Case, Choice, blas_kernels, lines_of, missing, serve, timed
from main import run_alone
from model_file import read_arrays
import torch_settings

NAME = "training the seed's model"
SIZES = {"ml-1m": (6040, 3706, 200), "138k x 27k": (138000, 27000, 24)}
RATE = {"sgd": 0.01, "adam": 0.001}
CURVE_STEPS = 20

# size, k, batch, optimizer, threads; bar against PyTorch; bar of the share of peak
CASES = [
    ("ml-1m", 32, 256, "sgd", 1, 16, 0), ("ml-1m", 32, 1024, "sgd", 1, 6, 0.70),
    ("ml-1m", 32, 8192, "sgd", 1, 4.2, 0), ("ml-1m", 32, 65536, "sgd", 1, 5, 0),
    ("ml-1m", 64, 256, "sgd", 1, 5.7, 0), ("ml-1m", 64, 1024, "sgd", 1, 3.7, 0.80),
    ("ml-1m", 64, 8192, "sgd", 1, 2.6, 0), ("ml-1m", 64, 65536, "sgd", 1, 4.2, 0),
    ("ml-1m", 32, 256, "adam", 1, 20, 0), ("ml-1m", 32, 1024, "adam", 1, 10, 0),
    ("ml-1m", 32, 8192, "adam", 1, 5, 0),
    ("138k x 27k", 32, 1024, "sgd", 1, 7, 0), ("138k x 27k", 32, 8192, "sgd", 1, 3.8, 0),
    ("ml-1m", 32, 256, "sgd", 2, 0, 0), ("ml-1m", 32, 1024, "sgd", 2, 8, 0),
    ("ml-1m", 32, 8192, "sgd", 2, 0, 0),
]
QUICK = [("ml-1m", 32, 1024, "sgd", 1, 6, 0.70)]
TWO_THREADS = {256: 1.0, 1024: 1.4, 8192: 1.8}  # least gain over one thread


def widths_of(k):
    return [2 * k, k, k // 2, k // 4, 1]


def operations_of(k):
    """Of a sample: 2 a weight forward, 4 backward."""
    widths = widths_of(k)
    return 6 * sum(a * b for a, b in zip(widths, widths[1:]))


def bytes_of(k):
    """Of a sample: two vectors read and written, and the sample itself."""
    return 4 * k * 4 + 12


def ours(bench, path, k, batch, optimizer, threads):
    return (bench.program("ours_training"), "--file", path, "-k", k, "--batch", batch, "--optimizer", optimizer,
            "--rate", RATE[optimizer], "--threads", threads)


def cases(bench):
    for size, k, batch, optimizer, threads, bar, peak_bar in QUICK if bench.is_quick else CASES:
        path = bench.ratings(*SIZES[size]) if not bench.is_quick else bench.ratings(600, 400, 60)
        common = {"file": str(path), "k": k, "batch": batch, "optimizer": optimizer}
        settings = [("sparse gradients", {**common, "sparse": True})]
        if optimizer == "sgd":  # the dense form of Adam is another rule, and slower
            settings.append(("dense gradients", {**common, "sparse": False}))
        yield Case(f"{size}, k = {k}, batch {batch}, {optimizer}", "samples",
                   ours(bench, path, k, batch, optimizer, threads),
                   torch_settings.choices(bench, __file__, threads, settings), threads,
                   operations=operations_of(k),
                   bytes=bytes_of(k), bars=(("PyTorch", bar),) if bar else (),
                   peak_bar=peak_bar, knee=("batch", batch),
                   one_thread=(ours(bench, path, k, batch, optimizer, 1), TWO_THREADS[batch]) if threads > 1 else ())


def checks(bench):
    """Curves of the error from the same start, a step an epoch."""
    path = bench.ratings(60, 40, 24)
    for optimizer in ("sgd", "adam"):
        command = ours(bench, path, 32, 1 << 20, optimizer, 1)
        start = bench.data / f"start-{optimizer}.safetensors"
        lines_of((*command, "--start", start))
        curve = [line["train_rmse"] for line in lines_of((*command, "--curve", CURVE_STEPS))]
        choice = Choice("PyTorch", bench.serve(__file__, "torch"), (("OMP_NUM_THREADS", "1"),),
                        {"start": str(start), "steps": CURVE_STEPS, "optimizer": optimizer, "rate": RATE[optimizer]})
        answer = bench.ask_once(choice)
        if answer is not None:
            bench.check(NAME, f"{CURVE_STEPS} steps of {optimizer}", "PyTorch", curve, answer["curve"])


# --- PyTorch ------------------------------------------------------------------------------------


class Training:
    """One model with its data, ready for steps."""

    def __init__(self, torch, users, items, targets, settings):
        self.torch, self.data = torch, [torch.from_numpy(a) for a in (users, items, targets)]
        widths, k, is_sparse = widths_of(settings["k"]), settings["k"], settings["sparse"]
        nn = torch.nn
        self.tables = [nn.Embedding(int(ids.max()) + 1, k, sparse=is_sparse) for ids in self.data[:2]]
        layers = [module for a, b in zip(widths, widths[1:]) for module in (nn.Linear(a, b), nn.ReLU())]
        self.tower = nn.Sequential(*layers[:-1])
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.1)
        vectors = [table.weight for table in self.tables]
        rate, network = RATE[settings["optimizer"]], list(self.tower.parameters())
        if settings["optimizer"] == "sgd":
            self.optimizers = [torch.optim.SGD(vectors + network, rate)]
        else:
            self.optimizers = [torch.optim.SparseAdam(vectors, rate), torch.optim.Adam(network, rate)]
        self.batch, self.at = settings["batch"], len(targets)

    def step(self, users, items, targets):
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        x = self.torch.cat([self.tables[0](users), self.tables[1](items)], 1)
        loss = self.torch.nn.functional.mse_loss(self.tower(x).squeeze(1), targets)
        loss.backward()
        for optimizer in self.optimizers:
            optimizer.step()
        return loss

    def next_batch(self):
        """A step on the next samples of the epoch, and a new order where it ends; their number."""
        if self.at >= len(self.data[0]):
            order = self.torch.randperm(len(self.data[0]))
            self.order = [column[order] for column in self.data]
            self.at = 0
        batch = [column[self.at : self.at + self.batch] for column in self.order]
        self.at += self.batch
        self.step(*batch)
        return len(batch[0])


def serve_torch():
    try:
        import numpy
        import torch
    except ImportError as why:
        missing(why)
    trainings, files = {}, {}

    def curve(settings):
        a = read_arrays(settings["start"])
        mean, spread = a["statistics"][:2]
        users = numpy.repeat(numpy.arange(len(a["ratings_start"]) - 1), numpy.diff(a["ratings_start"]))
        targets = ((a["ratings_value"] - mean) / spread).astype("float32")
        training = Training(torch, users, a["ratings_item"].astype("int64"), targets,
                            {**settings, "k": a["user_vectors"].shape[1], "sparse": True, "batch": len(targets)})
        with torch.no_grad():
            for table, name in zip(training.tables, ("user_vectors", "item_vectors")):
                table.weight.copy_(torch.from_numpy(a[name].copy()))
            for layer in range(4):
                module = training.tower[2 * layer]
                module.weight.copy_(torch.from_numpy(a[f"network.{layer}.weights"].T.copy()))
                module.bias.copy_(torch.from_numpy(a[f"network.{layer}.bias"].copy()))
        losses = [training.step(*training.data).item() for _ in range(settings["steps"])]
        return {"curve": [float(spread) * loss**0.5 for loss in losses]}

    def read(path):
        if path not in files:
            table = numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1, 2))
            values = (table[:, 2] - table[:, 2].mean()) / table[:, 2].std()
            files[path] = [(table[:, 0] - 1).astype("int64"), (table[:, 1] - 1).astype("int64"),
                           values.astype("float32")]
        return files[path]

    def burst(settings):
        if "start" in settings:
            return curve(settings)
        torch.set_num_threads(settings["threads"])
        key = json.dumps(settings, sort_keys=True)
        if key not in trainings:
            trainings.clear()
            trainings[key] = Training(torch, *read(settings["file"]), settings)
            timed(trainings[key].next_batch, 0.1)
        return {**timed(trainings[key].next_batch), "kernels": blas_kernels()}

    serve(burst, version=torch.__version__, configuration=torch.__config__.show())


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve", "torch"]:
        serve_torch()
    else:
        run_alone(sys.modules["__main__"])
