#!/usr/bin/env python3
"""Trains the network of reference_optimizers.py with PyTorch's L-BFGS, for tests/test_reference_optimizers.c.

20 iterations with the strong Wolfe line search, the constants of which are the library's, in double
precision. The two differ in the length of the first step, 1 / |g| by another norm, and in how a step that
breaks the conditions is mended; from SEED the gradient is short and every first trial of a step is taken,
which is checked here, so that direction, memory and conditions alone decide.

Needs PyTorch (Debian: python3-torch), only to make the numbers anew. Regenerate from the project's root with

    python3 tools/reference_lbfgs.py > tests/reference_lbfgs.h
"""
import reference_optimizers as reference
from reference_optimizers import BATCH, N_HIDDEN, N_IN, N_OUT, SHOWN_AFTER, flat, lines_of, torch

SEED = 271
START_SCALE = 0.25
MEMORIES = (3, 10)


def train(memory, x, y, start):
    """The parameters, flat in the library's order, after the iterations of SHOWN_AFTER."""
    w1, b1, w2, b2 = parameters = [p.clone().requires_grad_() for p in start]
    optimizer = torch.optim.LBFGS(
        parameters,
        lr=1,
        max_iter=1,
        history_size=memory,
        tolerance_grad=0,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )
    n_evaluations = 0

    def evaluate():
        nonlocal n_evaluations
        n_evaluations += 1
        optimizer.zero_grad()
        prediction = torch.tanh(x @ w1 + b1) @ w2 + b2
        loss = torch.nn.functional.mse_loss(prediction, y)
        loss.backward()
        return loss

    shown = []
    for iteration in range(1, SHOWN_AFTER[-1] + 1):
        optimizer.step(evaluate)
        assert optimizer.state[parameters[0]]["t"] == 1 and n_evaluations == 2 * iteration
        if iteration in SHOWN_AFTER:
            shown.append(flat(parameters))
    return shown


def main():
    draws = reference.Draws(SEED)
    x, y = draws.matrix(BATCH, N_IN), draws.matrix(BATCH, N_OUT)
    shapes = ((N_IN, N_HIDDEN), (1, N_HIDDEN), (N_HIDDEN, N_OUT), (1, N_OUT))
    start = [START_SCALE * draws.matrix(*shape) for shape in shapes]
    print(
        f"""/* Parameters of the network of reference_optimizers.h after iterations of PyTorch's L-BFGS; written
 * by tools/reference_lbfgs.py with PyTorch {torch.__version__.split("a")[0].split("+")[0]}. */
#ifndef DSC_TESTS_REFERENCE_LBFGS_H
#define DSC_TESTS_REFERENCE_LBFGS_H

#include "reference_optimizers.h"

/* clang-format off */
static const double lbfgs_x[BATCH * N_IN] = {{
    {lines_of(flat([x]), 4)}}};
static const double lbfgs_y[BATCH * N_OUT] = {{
    {lines_of(flat([y]), 4)}}};
static const double lbfgs_start[N_PARAMETERS] = {{
    {lines_of(flat(start), 4)}}};

static const struct {{
    size_t memory; /* steps remembered */
    double parameters[N_SHOWN][N_PARAMETERS]; /* after the iterations of shown_after */
}} lbfgs_runs[] = {{"""
    )
    for memory in MEMORIES:
        print(f"    {{{memory},\n     {{")
        for values in train(memory, x, y, start):
            print(f"      {{{lines_of(values, 7)}}},")
        print("     }},")
    print("};\n/* clang-format on */\n\n#endif")


if __name__ == "__main__":
    main()
