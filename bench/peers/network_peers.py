#!/usr/bin/env python3
"""What dense_networks.py, wide.py and tiny.py share: cases of networks on made-up samples, and their peers.

    bench/peers/network_peers.py --serve torch|sklearn

Ours trains by dsc_fit, plain SGD, with a new order of the samples in each epoch; PyTorch is spared that and
takes slices. scikit-learn trains by partial_fit on one batch after the other. From the same weights, on
batches that hold all samples, the curves of the loss must agree.
"""
import sys
from typing import NamedTuple

from harness import Case, Choice, blas_kernels, lines_of, missing, serve, timed
import torch_settings

CURVE_STEPS = 20
RATE = 0.01


class Shape(NamedTuple):
    layers: tuple
    activation: str  # of hidden layers, and of the last unless that is of logits
    loss: str  # cross-entropy or mean-squared-error
    n_samples: int

    @property
    def name(self):
        return "-".join(str(width) for width in self.layers)

    def words(self):
        """The options of ours_network and fann_network."""
        return ("--layers", ",".join(str(width) for width in self.layers), "--activation", self.activation,
                "--loss", self.loss, "--samples", str(self.n_samples), "--rate", str(RATE))

    def settings(self):
        return {"layers": list(self.layers), "activation": self.activation, "loss": self.loss,
                "n_samples": self.n_samples}

    def operations(self):
        """Of a step on one sample; nobody needs the gradient at the input."""
        products = [a * b for a, b in zip(self.layers, self.layers[1:])]
        return 6 * sum(products) - 2 * products[0]


def start_of(bench, shape):
    """The file of weights and samples, made anew: it is quick, and what made an old one may have changed."""
    path = bench.data / f"network-{shape.name}-{shape.n_samples}.raw"
    lines_of((bench.program("ours_network"), "--make", "--start", path, *shape.words()))
    return path


def case(bench, shape, batch, threads, peers, bars, least_gain=0, **more):
    """A contest of steps on batches of a shape, with the named peers; least_gain: of several threads over
    one."""
    start = str(start_of(bench, shape))
    common = ("--start", start, *shape.words())
    settings = {**shape.settings(), "start": start, "batch": batch}
    ours = (bench.program("ours_network"), *common, "--batch", batch)
    alone = ((*ours, "--threads", 1), least_gain) if least_gain else ()
    choices = []
    if "PyTorch" in peers:
        choices += torch_settings.choices(bench, __file__, threads, [("", settings)])
    if "scikit-learn" in peers:
        for label, env in torch_settings.environments(threads)[:1]:
            choices.append(Choice("scikit-learn", bench.serve(__file__, "sklearn"), env, settings, label))
    if "FANN" in peers:
        choices.append(Choice("FANN", (bench.program("fann_network"), *common), (), {}, "incremental"))
    return Case(f"{shape.name} {shape.activation}, batch {batch}", "samples",
                (*ours, "--threads", threads), tuple(choices), threads, operations=shape.operations(),
                bytes=4 * (shape.layers[0] + shape.layers[-1]), bars=bars,
                one_thread=alone, **more)


def check(bench, work, shape, peers):
    """Curves of the loss from the same start, a step an epoch."""
    start = str(start_of(bench, shape))
    common = ("--start", start, *shape.words(), "--curve", str(CURVE_STEPS))
    ours = [line["loss"] for line in lines_of((bench.program("ours_network"), *common))]
    name = f"{CURVE_STEPS} steps of {shape.name} {shape.activation}"
    if "PyTorch" in peers:
        answer = bench.ask_once(Choice("PyTorch", bench.serve(__file__, "torch"), (("OMP_NUM_THREADS", "1"),),
                                       {**shape.settings(), "start": start, "curve": CURVE_STEPS}))
        if answer is not None:
            bench.check(work, name, "PyTorch", ours, answer["curve"])
    if "FANN" in peers and bench.program("fann_network"):
        theirs = [line["loss"] for line in lines_of((bench.program("fann_network"), *common))]
        bench.check(work, name, "FANN", ours, theirs)


# --- the peers ------------------------------------------------------------------------------------


def read_start(settings):
    """Weights and biases of each layer, inputs, targets."""
    import numpy

    layers, n = settings["layers"], settings["n_samples"]
    values = numpy.fromfile(settings["start"], "<f4")
    parts, at = [], 0
    for shape in [s for a, b in zip(layers, layers[1:]) for s in ((a, b), (b,))] + [(n, layers[0]), (n, layers[-1])]:
        size = int(numpy.prod(shape))
        parts.append(values[at : at + size].reshape(shape).copy())
        at += size
    return list(zip(parts[0:-2:2], parts[1:-2:2])), parts[-2], parts[-1]


class Network:
    """A network of PyTorch with its samples, ready for steps."""

    def __init__(self, torch, settings):
        weights, x, y = read_start(settings)
        nn = torch.nn
        self.x, self.y, self.at, self.batch = torch.from_numpy(x), torch.from_numpy(y), 0, settings.get("batch", len(x))
        activation = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "identity": None}[settings["activation"]]
        modules = []
        for w, b in weights:
            layer = nn.Linear(*w.shape)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(w.T.copy()))
                layer.bias.copy_(torch.from_numpy(b))
            modules += [layer] + ([activation()] if activation else [])
        is_classes = settings["loss"] == "cross-entropy"
        if is_classes or settings["activation"] == "relu":
            modules.pop()
        self.network = nn.Sequential(*modules)
        self.loss = nn.CrossEntropyLoss() if is_classes else nn.MSELoss()
        if is_classes:
            self.y = self.y.argmax(1)
        self.optimizer = torch.optim.SGD(self.network.parameters(), RATE)

    def step(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.network(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def next_batch(self):
        if self.at >= len(self.x):
            self.at = 0
        x, y = (column[self.at : self.at + self.batch] for column in (self.x, self.y))
        self.at += self.batch
        self.step(x, y)
        return len(x)


def serve_torch():
    try:
        import torch
    except ImportError as why:
        missing(why)
    networks = {}

    def burst(settings):
        if "curve" in settings:
            network = Network(torch, settings)
            return {"curve": [network.step(network.x, network.y).item() for _ in range(settings["curve"])]}
        torch.set_num_threads(settings["threads"])
        key = str(sorted(settings.items()))
        if key not in networks:
            networks.clear()
            networks[key] = Network(torch, settings)
            timed(networks[key].next_batch, 0.1)
        return {**timed(networks[key].next_batch), "kernels": blas_kernels()}

    serve(burst, version=torch.__version__)


def serve_sklearn():
    try:
        import numpy
        import sklearn
        from sklearn.neural_network import MLPClassifier
    except ImportError as why:
        missing(why)
    models = {}

    def burst(settings):
        key = str(sorted(settings.items()))
        if key not in models:
            _, x, y = read_start(settings)
            model = MLPClassifier(settings["layers"][1:-1], solver="sgd", alpha=0, momentum=0,
                                  learning_rate_init=RATE, batch_size=settings["batch"])
            classes = numpy.arange(settings["layers"][-1])
            labels = y.argmax(1)
            state = {"at": 0}

            def step():
                if state["at"] >= len(x):
                    state["at"] = 0
                part = slice(state["at"], state["at"] + settings["batch"])
                model.partial_fit(x[part], labels[part], classes=classes)
                state["at"] += settings["batch"]
                return len(labels[part])

            models.clear()
            models[key] = step
            timed(step, 0.1)
        return {**timed(models[key]), "kernels": blas_kernels()}

    serve(burst, version=sklearn.__version__)


if __name__ == "__main__":
    {"torch": serve_torch, "sklearn": serve_sklearn}[sys.argv[2]]()
