#!/usr/bin/env python3
"""Ranking the whole catalogue by a tower 2k-k-k/2-k/4-1: each user's 10 best among the items not rated.

    bench/peers/ranking.py [--quick] [--rounds N] [--only TEXT]

All sides read the same model file. The peers come as one writes it (the pairs' vectors side by side through
the tower) and, as "split", with the first layer's halves of users and items computed apart, by hand. How
many users go at once is a setting of theirs. That all find the same items is checked on the first users.
"""
import sys

from harness import Case, Choice, blas_kernels, lines_of, missing, serve, timed
from main import run_alone
from model_file import read_arrays
import torch_settings

NAME = "ranking the catalogue"
SIZES = {"3,706 items": (6040, 3706, 200), "27,000 items": (138000, 27000, 24)}
QUICK_SIZES = {"400 items": (600, 400, 60)}
N_BEST, N_CHECKED = 10, 64
# k; bars against PyTorch split, PyTorch as one writes it, onnxruntime split
BARS = {32: (5.5, 11, 5), 64: (3.4, 9, 2.7)}
PEAK_BAR = 0.72
N_TOGETHER = 32  # users for whom our side reads the items' half of the first layer once
CHUNKS = {"3,706 items": (1, 8, 32), "27,000 items": (1, 4), "400 items": (8,)}
ONE_USER_BAR = {"3,706 items": 60e-6, "27,000 items": 400e-6}


def operations_of(k):
    """Of a pair, behind the first layer."""
    return 2 * (k * (k // 2) + (k // 2) * (k // 4) + k // 4)


def model_of(bench, size, shape, k):
    path = bench.data / f"ranking-{shape[0]}-{shape[1]}-{k}.safetensors"
    lines_of((bench.program("ours_ranking"), "--model", path, "--file", bench.ratings(*shape), "-k", k))
    return str(path)


def choices(bench, path, chunks, threads):
    found = []
    for is_split in (False, True):
        name = " split" if is_split else ""
        settings = [(f"{n} users at once", {"model": path, "split": is_split, "users": n}) for n in chunks]
        found += [choice._replace(peer="PyTorch" + name)
                  for choice in torch_settings.choices(bench, __file__, threads, settings)]
        found += [Choice("onnxruntime" + name, bench.serve(__file__, "onnxruntime"), (),
                         {**values, "threads": threads}, label) for label, values in settings]
    return tuple(found)


def cases(bench):
    for size, shape in (QUICK_SIZES if bench.is_quick else SIZES).items():
        for k, threads in [(32, 1)] if bench.is_quick else [(32, 1), (64, 1), (32, 2)]:
            path = model_of(bench, size, shape, k)
            ours = (bench.program("ours_ranking"), "--model", path)
            split, plain, onnx = BARS[k]
            bars = (("PyTorch split", split), ("PyTorch", plain), ("onnxruntime split", onnx))
            yield Case(f"{size}, k = {k}", "users", (*ours, "--threads", threads),
                       choices(bench, path, CHUNKS[size], threads), threads,
                       operations=operations_of(k) * shape[1], bytes=4 * k * shape[1] / N_TOGETHER,
                       bars=bars if threads == 1 else (), peak_bar=PEAK_BAR if threads == 1 else 0,
                       one_thread=((*ours, "--threads", 1), 1) if threads > 1 else (), knee=("items", shape[1]))
        if not bench.is_quick:
            path = model_of(bench, size, shape, 32)
            yield Case(f"one user, {size}, k = 32", "answers",
                       (bench.program("ours_ranking"), "--one", "--model", path), choices(bench, path, (1,), 1),
                       operations=operations_of(32) * shape[1], time_bar=ONE_USER_BAR[size])


def checks(bench):
    size, shape = next(iter((QUICK_SIZES if bench.is_quick else SIZES).items()))
    path = model_of(bench, size, shape, 32)
    lines = lines_of((bench.program("ours_ranking"), "--model", path, "--print", N_CHECKED))
    items = [int(word) for line in lines for word in line["items"].split()]
    ratings = [float(word) for line in lines for word in line["ratings"].split()]
    for peer, module in (("PyTorch", "torch"), ("onnxruntime", "onnxruntime")):
        for is_split in (False, True):
            answer = bench.ask_once(Choice(peer, bench.serve(__file__, module), (("OMP_NUM_THREADS", "1"),), {
                "model": path, "split": is_split, "users": 8, "threads": 1, "lists": N_CHECKED}))
            if answer is None:
                break
            name = "first layer split" if is_split else "as one writes it"
            bench.check(NAME, f"predictions of {N_CHECKED} lists, {name}", peer, ratings, answer["ratings"])
            share = sum(a == b for a, b in zip(items, answer["items"])) / max(len(items), 1)
            # neighbours closer than rounding may change places
            bench.check(NAME, f"share of the places with the same item, {name}", peer, share, 1.0, 0.01)


# --- the peers ------------------------------------------------------------------------------------


class Lists:
    """What a peer ranks: the arrays of a model, and a chunk of users after the other."""

    def __init__(self, settings):
        self.arrays, self.size, self.at = read_arrays(settings["model"]), settings["users"], 0
        self.n_users = len(self.arrays["ratings_start"]) - 1

    def rated(self, first, end):
        """(rows, columns) of what the chunk's users rated."""
        import numpy

        start = self.arrays["ratings_start"]
        counts = numpy.diff(start[first : end + 1])
        rows = numpy.repeat(numpy.arange(end - first), counts)
        return rows, self.arrays["ratings_item"][start[first] : start[end]].astype("int64")

    def next_chunk(self):
        if self.at + self.size > self.n_users:
            self.at = 0
        first, self.at = self.at, self.at + self.size
        return first, self.at

    def answer(self, rank, n_lists):
        """The lists of the first users, as ratings inside the scale."""
        mean, spread, low, high = self.arrays["statistics"][:4]
        items, ratings = [], []
        for first in range(0, n_lists, self.size):
            scores, places = rank(first, first + self.size)
            items += [int(i) for row in places for i in row]
            ratings += [float(min(max(mean + spread * s, low), high)) for row in scores for s in row]
        return {"items": items, "ratings": ratings}


def torch_ranker(torch, settings, lists):
    """rank(first, end): scores and items of the chunk's users."""
    arrays = {name: torch.from_numpy(value.copy()) for name, value in lists.arrays.items()
              if name.startswith("network") or name.endswith("vectors")}
    users, items = arrays["user_vectors"], arrays["item_vectors"]
    w = [arrays[f"network.{layer}.weights"].T.contiguous() for layer in range(4)]
    b = [arrays[f"network.{layer}.bias"] for layer in range(4)]
    k, n_items, linear = users.shape[1], len(items), torch.nn.functional.linear
    items_half = linear(items, w[0][:, k:].contiguous())

    def first_layer(chunk):
        if settings["split"]:
            return linear(chunk, w[0][:, :k], b[0]).unsqueeze(1) + items_half
        n = len(chunk)
        pairs = torch.cat([chunk.unsqueeze(1).expand(n, n_items, k), items.expand(n, n_items, k)], 2)
        return linear(pairs, w[0], b[0])

    def rank(first, end):
        with torch.inference_mode():
            x = first_layer(users[first:end]).relu_().view(-1, k)
            x = linear(linear(x, w[1], b[1]).relu_(), w[2], b[2]).relu_()
            scores = linear(x, w[3], b[3]).view(end - first, n_items)
            rows, columns = (torch.from_numpy(a) for a in lists.rated(first, end))
            scores[rows, columns] = float("-inf")
            best = scores.topk(N_BEST)
            return best.values, best.indices

    return rank


def onnx_model(onnx, arrays, is_split):
    """The graph: (users, k) vectors and what they rated in; 10 scores and items out."""
    from onnx import helper, numpy_helper

    k = arrays["user_vectors"].shape[1]
    n_items = len(arrays["item_vectors"])
    constants, nodes = {}, []

    def constant(name, value):
        constants[name] = numpy_helper.from_array(value, name)
        return name

    def node(kind, inputs, *outputs, **attributes):
        nodes.append(helper.make_node(kind, inputs, list(outputs), **attributes))
        return outputs[0]

    import numpy

    w0, b0 = arrays["network.0.weights"], arrays["network.0.bias"]
    items = arrays["item_vectors"]
    if is_split:
        half = node("Gemm", ["users", constant("wu", w0[:k].copy()), constant("b0", b0)], "half")
        tall = node("Unsqueeze", [half, constant("axis", numpy.array([1]))], "tall")
        z = node("Add", [tall, constant("items", items @ w0[k:])], "z0")
    else:
        tall = node("Unsqueeze", ["users", constant("axis", numpy.array([1]))], "tall")
        n = node("Slice", [node("Shape", ["users"], "shape"), constant("zero", numpy.array([0])),
                           constant("one", numpy.array([1]))], "n")
        size = node("Concat", [n, constant("sizes", numpy.array([n_items, k]))], "size", axis=0)
        pairs = node("Concat", [node("Expand", [tall, size], "u"),
                                node("Expand", [constant("items", items), size], "v")], "pairs", axis=2)
        z = node("Add", [node("MatMul", [pairs, constant("w0", w0)], "product0"), constant("b0", b0)], "z0")
    flat = node("Reshape", [node("Relu", [z], "a0"), constant("flat", numpy.array([-1, k]))], "x1")
    for layer in (1, 2, 3):
        z = node("Gemm", [flat, constant(f"w{layer}", arrays[f"network.{layer}.weights"]),
                          constant(f"b{layer}", arrays[f"network.{layer}.bias"])], f"z{layer}")
        flat = node("Relu", [z], f"a{layer}") if layer < 3 else z
    scores = node("Reshape", [flat, constant("lists", numpy.array([-1, n_items]))], "scores")
    masked = node("ScatterND", [scores, "rated", "lowest"], "masked")
    node("TopK", [masked, constant("best", numpy.array([N_BEST]))], "values", "places")
    value = helper.make_tensor_value_info
    numbers, whole = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    graph = helper.make_graph(
        nodes, "ranking", [value("users", numbers, ["n", k]), value("rated", whole, ["m", 2]),
                           value("lowest", numbers, ["m"])],
        [value("values", numbers, ["n", N_BEST]), value("places", whole, ["n", N_BEST])], list(constants.values()))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def onnx_ranker(onnx, onnxruntime, settings, lists):
    import numpy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings["threads"]
    options.inter_op_num_threads = 1
    model = onnx_model(onnx, lists.arrays, settings["split"])
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    users = lists.arrays["user_vectors"]

    def rank(first, end):
        rated = numpy.stack(lists.rated(first, end), 1)
        lowest = numpy.full(len(rated), -numpy.inf, "float32")
        return session.run(None, {"users": users[first:end], "rated": rated, "lowest": lowest})

    return rank


def serve_ranker(make, **facts):
    """make(settings, lists): rank(first, end)."""
    rankers = {}

    def burst(settings):
        key = str(sorted(settings.items()))
        if key not in rankers:
            rankers.clear()
            lists = Lists(settings)
            rankers[key] = lists, make(settings, lists)
        lists, rank = rankers[key]
        if "lists" in settings:
            return lists.answer(rank, settings["lists"])

        def step():
            rank(*lists.next_chunk())
            return lists.size

        step()
        return {**timed(step), "kernels": blas_kernels()}

    serve(burst, **facts)


def serve_torch():
    try:
        import torch
    except ImportError as why:
        missing(why)

    def make(settings, lists):
        torch.set_num_threads(settings["threads"])
        return torch_ranker(torch, settings, lists)

    serve_ranker(make, version=torch.__version__)


def serve_onnxruntime():
    try:
        import onnx
        import onnxruntime
    except ImportError as why:
        missing(why)
    serve_ranker(lambda settings, lists: onnx_ranker(onnx, onnxruntime, settings, lists),
                 version=onnxruntime.__version__)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        {"torch": serve_torch, "onnxruntime": serve_onnxruntime}[sys.argv[2]]()
    else:
        run_alone(sys.modules["__main__"])
