#!/usr/bin/env python3
"""Computes metrics and an encoding independently of the C code, for tests/test_metrics.c and
tests/test_encoding.c.

From the formulas (70) to (79) of docs/math.md alone, in double precision, with matrix operations
where the C code loops over samples. The cases have classes that never occur or are never predicted,
probabilities of 0, and missing values.

Needs NumPy (Debian: python3-numpy). Regenerate from the project's root with

    python3 tools/reference_metrics.py > tests/data/reference_metrics.json
"""
import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit("reference_metrics.py: NumPy is missing; on Debian it is the package python3-numpy")

N_SAMPLES, N_CLASSES = 40, 5
NEVER_TRUE, NEVER_PREDICTED = 3, 1  # classes
CLIP = 1e-15


class Draws:
    """Uniform numbers from a linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def numbers(self, n):
        """Multiples of 1/64 within +-16, which every format of numbers holds exactly."""
        return np.array([(self.below(2049) - 1024) / 64 for _ in range(n)])


def ratio(a, b):
    """a / b, and 0 where that is 0/0."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def regression(draws):
    truth = draws.numbers(N_SAMPLES)
    predicted = truth + draws.numbers(N_SAMPLES) / 4
    error = predicted - truth
    return {
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "rmse": float(np.linalg.norm(error) / np.sqrt(N_SAMPLES)),
        "mae": float(np.mean(np.abs(error))),
        "r2": float(1 - (error @ error) / (N_SAMPLES * np.var(truth))),
    }


def classification(draws):
    allowed = [k for k in range(N_CLASSES) if k != NEVER_TRUE]
    truth = np.array([allowed[draws.below(len(allowed))] for _ in range(N_SAMPLES)])
    scores = np.array([[1 + draws.below(64) for _ in range(N_CLASSES)] for _ in range(N_SAMPLES)])
    scores[:, NEVER_PREDICTED] = 0
    probability = scores / scores.sum(axis=1, keepdims=True)
    predicted = probability.argmax(axis=1)
    truth_matrix, predicted_matrix = np.eye(N_CLASSES)[truth], np.eye(N_CLASSES)[predicted]
    confusion = truth_matrix.T @ predicted_matrix
    right, n_true, n_predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = ratio(right, n_predicted), ratio(right, n_true)
    f1 = ratio(2 * precision * recall, precision + recall)  # (77) in its other form
    occurs = (n_true + n_predicted) > 0
    clipped = np.clip(probability, CLIP, 1)
    assert n_true[NEVER_TRUE] == 0 and n_predicted[NEVER_PREDICTED] == 0
    return {
        "truth": truth.tolist(),
        "probability": probability.tolist(),
        "predicted": predicted.tolist(),
        "confusion": confusion.astype(int).tolist(),
        "log_loss": float(-np.mean(np.sum(truth_matrix * np.log(clipped), axis=1))),
        "accuracy": float(np.trace(confusion) / confusion.sum()),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "macro": [float(np.mean(m[occurs])) for m in (precision, recall, f1)],
    }


FILLS = {
    "mean": np.nanmean,
    "median": np.nanmedian,
    "most_frequent": lambda column: min(
        set(column[~np.isnan(column)]),
        key=lambda value: (-np.count_nonzero(column == value), value),
    ),
    "constant": lambda column: -2.5,
}


def encoding(draws):
    """Three numeric columns with missing values; the last rows are not trained on."""
    n_rows, n_train = 24, 17
    columns = np.floor(draws.numbers(3 * n_rows).reshape(n_rows, 3) / 4)
    for row, column in ((1, 0), (5, 0), (6, 1), (20, 0), (22, 2)):
        columns[row, column] = np.nan
    target = draws.numbers(n_rows)
    result = {
        "n_train": n_train,
        "columns": [[None if np.isnan(v) else v for v in row] for row in columns.tolist()],
        "target": target.tolist(),
        "target_scaled": ((target - target[:n_train].mean()) / target[:n_train].std()).tolist(),
    }
    for name, fill in FILLS.items():
        fills = np.array([fill(column) for column in columns[:n_train].T])
        filled = np.where(np.isnan(columns), fills, columns)
        train = filled[:n_train]
        result[name] = {
            "fill": fills.tolist(),
            "standard": ((filled - train.mean(axis=0)) / train.std(axis=0)).tolist(),
            "range": ((filled - train.min(axis=0)) / np.ptp(train, axis=0)).tolist(),
        }
    return result


def main():
    draws = Draws(11)
    parts = {
        "regression": regression(draws),
        "classification": classification(draws),
        "encoding": encoding(draws),
    }
    json.dump(parts, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
