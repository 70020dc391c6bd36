"""Bugs in networks: passes and training; what a row is stands in __init__.py."""

CHECK = "src/network/gradient_check.c"
NETWORK = "src/network/network.c"
OPTIMIZER = "src/network/optimizer.c"
PASS = "src/network/pass.c"
WORKSPACE = "src/network/workspace.c"

MUTANTS = [
    (
        "gradients of the minibatch before are kept",
        "src/network/fit_passes.c",
        ".is_first = first == 0,",
        ".is_first = false,",
    ),
    (
        "a step by the last tile's gradient alone",
        "src/network/fit_passes.c",
        ".is_first = first == 0,",
        ".is_first = true,",
    ),
    (
        "runs of steps take what they cannot do",
        "src/network/fit.c",
        "dsc_fitter_has_runs(fitter) && can_step_in_pass(&fitter->config)",
        "dsc_fitter_has_runs(fitter)",
    ),
    ("no step of the biases in a pass", PASS, "    if (end->stepped != NULL) {", "    if (false) {"),
    (
        "threads: a wave forgets those before",
        "src/network/fit_shared.c",
        "if (w->first == 0 && tile == 0) {",
        "if (tile == 0) {",
    ),
    (
        "threads: a tile's loss is not weighed by its size",
        "src/network/fit_shared.c",
        "sum += weigh_by_size ?",
        "sum += false ?",
    ),
    (
        "dropout without the 1 / (1 - p)",
        PASS,
        "const double kept = 1 / (1 - of->dropout);",
        "const double kept = 1;",
    ),
    (
        "dropout keeps the share that it should drop",
        PASS,
        "< of->dropout ? 0 : kept;",
        "< of->dropout ? kept : 0;",
    ),
    (
        "dropout in plain passes too",
        PASS,
        "forward(net, ws, x, NULL, err);",
        "forward(net, ws, x, &(dsc_dropout_draw){0}, err);",
    ),
    ("dropout by the place in the pass", PASS, "(uint32_t)(draw->first_sample + s);", "(uint32_t)s;"),
    ("the same dropout in every step", PASS, "(uint64_t)draw->step << 32 | ", ""),
    (
        "the next layer takes what was not dropped",
        PASS,
        "return l == 0 ? ws->x : output_of(ws, l - 1)->value;",
        "return l == 0 ? ws->x : slot_of(ws, l - 1, DSC_A)->value;",
    ),
    (
        "gradients of dropped units",
        PASS,
        "net->kernels->multiply_elements(slot_of(ws, l, DSC_A)->gradient,\n",
        "memcpy(slot_of(ws, l, DSC_A)->gradient, slot_of(ws, l, DSC_DROPPED)->gradient,\n"
        "               ws->batch * of->n_out * (size_t)net->precision);\n"
        "        net->kernels->multiply_elements(slot_of(ws, l, DSC_DROPPED)->gradient,\n",
    ),
    (
        "an infinite slope at the output passed on",
        PASS,
        "if (!net->kernels->all_finite(d_output, n)) {",
        "if (n == 0) {",
    ),
    (
        "no gradient of the bias",
        PASS,
        ".d_bias = of->has_bias ? at(tail, of->bias_at - behind, precision) : NULL,",
        ".d_bias = NULL,",
    ),
    (
        "penalty on biases",
        PASS,
        "l1, l2, of->n_in * of->n_out);",
        "l1, l2, of->n_in * of->n_out + of->has_bias);",
    ),
    ("clipping that never clips", PASS, "if (norm > max_norm) {", "if (norm < 0) {"),
    ("clipping that always scales", PASS, "if (norm > max_norm) {", "if (norm > 0 && isfinite(max_norm)) {"),
    (
        "Adam without correction of the mean",
        OPTIMIZER,
        "1 - pow(config->beta1, (double)optimizer->n_steps)",
        "1",
    ),
    (
        "Adam without correction of the square",
        OPTIMIZER,
        "1 - pow(config->beta2, (double)optimizer->n_steps)",
        "1",
    ),
    (
        "Adam decays as AdamW does",
        OPTIMIZER,
        "config->kind == DSC_ADAMW ? config->decay : 0",
        "0.01 + config->decay",
    ),
    (
        "a range's state taken from the beginning",
        OPTIMIZER,
        "range(optimizer, optimizer->state[1], first)",
        "optimizer->state[1]",
    ),
    (
        "gain 0 at the start",
        NETWORK,
        "set_element(net, of->gain_at + k, 1);",
        "set_element(net, of->gain_at + k, 0);",
    ),
    ("Huber's delta is forgotten", NETWORK, "config->huber_delta > 0 ? config->huber_delta : 1;", "1;"),
    (
        "a copy forgets the class weights",
        NETWORK,
        ".class_weights = net->class_weights};",
        ".class_weights = NULL};",
    ),
    (
        "gelu's input overwritten by its result",
        WORKSPACE,
        "return of->has_norm || needs_input(of);",
        "return of->has_norm;",
    ),
    (
        "normalised sums overwritten",
        WORKSPACE,
        "return of->has_norm || needs_input(of);",
        "return needs_input(of);",
    ),
    (
        "the gradient check finds no error",
        CHECK,
        "out->max_relative_error = fmax(out->max_relative_error, error);",
        "out->max_relative_error = fmin(out->max_relative_error, error);",
    ),
]
