"""Bugs in networks: passes and training; what a row is stands in __init__.py."""

CHECK = "src/network/gradient_check.c"
GRADIENTS = "src/network/gradients.c"
NETWORK = "src/network/network.c"
OPTIMIZER = "src/network/optimizer.c"
PARAMETERS = "src/network/parameters.c"
PASS = "src/network/pass.c"
WORKSPACE = "src/network/workspace.c"
BACKWARD = "src/network/backward.c"
PARTS = "src/network/pass_parts.h"
PASSES = "src/network/fit_passes.c"
BLOCKS = "src/network/fit_blocks.c"
ROWS = "src/math/kernels_c_rows.inc"

MUTANTS = [
    (
        "a pass into places: of the wanted inputs always the first",
        BACKWARD,
        "at_const(dense.weights, ws->first_wanted * of->n_out, net->precision)",
        "at_const(dense.weights, 0 * of->n_out, net->precision)",
    ),
    (
        "a pass into places: the next one into the workspace gives the same inputs",
        GRADIENTS,
        "    ws->first_wanted = 0;\n    ws->n_wanted = dsc_network_n_in(ws->net);\n",
        "",
    ),
    (
        "a pass into places: of all inputs from the first wanted one on one is given",
        GRADIENTS,
        "into->n_wanted : dsc_network_n_in(ws->net) - into->first_wanted;",
        "into->n_wanted : 1;",
    ),
    (
        "gradients of the minibatch before are kept",
        PASSES,
        ".is_first = g->first + first == 0,",
        ".is_first = false,",
    ),
    (
        "a step by the last tile's gradient alone",
        PASSES,
        ".is_first = g->first + first == 0,",
        ".is_first = true,",
    ),
    (
        "runs of steps take what they cannot do",
        "src/network/fit_minibatches.c",
        "config.batch_size == 1 && can_step_in_pass(&fitter->config)",
        "config.batch_size == 1",
    ),
    (
        "blocks: steps that wait forget the bias",
        BLOCKS,
        ".has_bias = of->has_bias}",
        ".has_bias = false}",
    ),
    ("blocks: the second sample does not know of the first", BLOCKS, "if (t == 0) {", "if (t <= 1) {"),
    (
        "blocks: steps that wait are not on the way back",
        BLOCKS,
        "t, rate, d_x);",
        "0, rate, d_x);",
    ),
    (
        "blocks: gradients behind a rectifier go to the first inputs",
        ROWS,
        "to[places[j]] = from[j];",
        "to[j] = from[j];",
    ),
    (
        "blocks: sums behind a rectifier begin at 0",
        BLOCKS,
        "if (dense.bias != NULL) {",
        "if (false) {",
    ),
    (
        "blocks: a softmax of each unit by itself",
        BLOCKS,
        "(dsc_kernel_activation)of->activation, 1, of->n_out);",
        "(dsc_kernel_activation)of->activation, of->n_out, 1);",
    ),
    (
        "blocks: one of a single sample is left out",
        BLOCKS,
        "first < batch->n; first += BLOCK",
        "first + 1 < batch->n; first += BLOCK",
    ),
    ("blocks: each is the first", BLOCKS, "block.order += first;", "block.order += 0;"),
    ("blocks: the step of a normalised layer waits", BLOCKS, "return !of->has_norm && ", "return "),
    ("blocks: without dropout", BLOCKS, "return is_any && !net->has_dropout;", "return is_any;"),
    ("no step of the biases in a pass", BACKWARD, "    if (end->stepped != NULL) {", "    if (false) {"),
    (
        "threads: every one adds up the gradients of parameters besides weights",
        PASSES,
        ".has_tail = end_in == n_in,",
        ".has_tail = true,",
    ),
    (
        "threads: the inputs behind the last whole line have no gradient",
        PASSES,
        "return share == n_shares || begin > n_in ? n_in : begin;",
        "return begin > n_in ? n_in : begin;",
    ),
    (
        "threads: a share of inputs begins one too late",
        PASSES,
        "first_in = share_begin(n_in, share, g->n_shares);",
        "first_in = share_begin(n_in, share, g->n_shares) + (share > 0);",
    ),
    (
        "threads: a lot's loss by its place in the share",
        PASSES,
        "&p->losses[i], &outcome->err);",
        "&p->losses[i - lot], &outcome->err);",
    ),
    (
        "threads: every lot of a share has the loss of its first",
        PASSES,
        "one = {begin, left < DSC_FIT_LOT",
        "one = {first, left < DSC_FIT_LOT",
    ),
    (
        "threads: a failure of the first share alone is told",
        PASSES,
        "if (p->outcomes[share].status != DSC_OK) {",
        "if (share == 0 && p->outcomes[share].status != DSC_OK) {",
    ),
    (
        "threads: room for a tile of each, however few samples there are",
        PASSES,
        "return (n_tiles < n_threads ? n_tiles : n_threads) * DSC_FIT_TILE;",
        "return (n_threads + 0 * n_tiles) * DSC_FIT_TILE;",
    ),
    (
        "every group draws the dropout of the first",
        PASSES,
        "draw.first_sample += (uint32_t)g->first;",
        "draw.first_sample += 0;",
    ),
    (
        "gradients at the bias from the last tile alone",
        BACKWARD,
        "    if (end->is_first) {",
        "    if (true) {",
    ),
    (
        "a step at the end of every group",
        PASSES,
        "const bool is_last = g->first + first + n == batch->n;",
        "const bool is_last = first + n == g->n;",
    ),
    (
        "a part draws the dropout of the first samples",
        PASS,
        "(uint32_t)(ws->draw.first_sample + s);",
        "(uint32_t)(ws->draw.first_sample + s - part->first);",
    ),
    (
        "a part's targets are those of the first samples",
        PASS,
        ".y = at_const(target->y, part->first * n_out, net->precision),",
        ".y = target->y,",
    ),
    (
        "a part of a layer writes the gradients of its first inputs",
        BACKWARD,
        "const size_t first_weight = part->first_in * of->n_out;",
        "const size_t first_weight = part->first_in;",
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
    ("dropout by the place in the pass", PASS, "(uint32_t)(ws->draw.first_sample + s);", "(uint32_t)s;"),
    ("the same dropout in every step", PASS, "(uint64_t)ws->draw.step << 32 | ", ""),
    (
        "the next layer takes what was not dropped",
        PARTS,
        "const void *x = l == 0 ? ws->x : output_of(ws, l - 1)->value;",
        "const void *x = l == 0 ? ws->x : slot_of(ws, l - 1, DSC_A)->value;",
    ),
    (
        "gradients of dropped units",
        BACKWARD,
        "gradient_rows(ws, l, DSC_A, first), gradient_rows(ws, l, DSC_DROPPED, first),",
        "memcpy(gradient_rows(ws, l, DSC_A, first), gradient_rows(ws, l, DSC_DROPPED, first),\n"
        "                   part->n * of->n_out * (size_t)net->precision),\n"
        "            gradient_rows(ws, l, DSC_DROPPED, first),",
    ),
    (
        "an infinite slope at the output passed on",
        PASS,
        "if (!net->kernels->all_finite(d_output, n)) {",
        "if (n == 0) {",
    ),
    (
        "no gradient of the bias",
        BACKWARD,
        "pass.d_bias = of->has_bias ? at(tail, of->bias_at - behind, precision) : NULL;",
        "pass.d_bias = NULL;",
    ),
    (
        "penalty on biases",
        GRADIENTS,
        "l1, l2, of->n_in * of->n_out);",
        "l1, l2, of->n_in * of->n_out + of->has_bias);",
    ),
    ("clipping that never clips", GRADIENTS, "if (norm > max_norm) {", "if (norm < 0) {"),
    ("clipping that always scales", GRADIENTS, "if (norm > max_norm) {", "if (norm > 0 && isfinite(max_norm)) {"),
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
        PARAMETERS,
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
