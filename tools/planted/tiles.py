"""Bugs in kernels of tiles and of many steps in one call, and in what vectors do otherwise."""

BYTES = "src/math/kernels_c_bytes.inc"
FACTOR = "src/math/kernels_c_factor.inc"
FACTOR_RATE = "src/math/kernels_c_factor_rate.inc"
FACTOR_512 = "src/math/kernels_avx512_factor.inc"
KERNELS_TILE = "src/math/kernels_c_tile.inc"
STEPS = "src/math/kernels_c_steps.inc"
VECTOR_BYTES = "src/math/kernels_vector_bytes.inc"
VECTOR_EXP = "src/math/kernels_vector_exp.inc"
VECTOR_RANDOM = "src/math/kernels_vector_random.inc"
VECTOR_STEPS = "src/math/kernels_vector_steps.inc"
VECTOR_DENSE = "src/math/kernels_vector_dense.inc"
VECTOR_PACK = "src/math/kernels_vector_pack.inc"
VECTOR_PRODUCT = "src/math/kernels_vector_product.inc"
VECTOR_TILE = "src/math/kernels_vector_tile.inc"

MUTANTS = [
    (
        "runs: layers of five units by lanes of four",
        VECTOR_STEPS,
        "if (most <= 4) {",
        "if (most <= 5) {",
    ),
    (
        "runs: the copy of the weights takes its first unit's change",
        VECTOR_STEPS,
        "spread_unit(most, change, l->change, o)",
        "spread_unit(most, change, l->change, 0)",
    ),
    ("every panel has the first one's bias", VECTOR_PRODUCT, "at.start = p->bias + col;", "at.start = p->bias;"),
    (
        "a deep product forgets its first panels",
        VECTOR_PRODUCT,
        "const bool goes_on = s->first > 0 && !p->is_apart;",
        "const bool goes_on = false;",
    ),
    (
        "all rows start from the first one's sums",
        VECTOR_PRODUCT,
        "at.start_stride = p->n_cols;",
        "at.start_stride = 0;",
    ),
    (
        "a panel's tail overruns its row",
        VECTOR_PRODUCT,
        ".n_last = n_cols - (n_vectors - 1) * LANES,",
        ".n_last = LANES,",
    ),
    (
        "the transpose leaves out what is no multiple of four",
        VECTOR_PACK,
        "for (size_t k = whole; k < n; k++) {",
        "for (size_t k = whole; k < whole; k++) {",
    ),
    (
        "the transpose swaps two columns",
        VECTOR_PACK,
        "__builtin_shufflevector(row0, row1, 0, 4, 1, 5)",
        "__builtin_shufflevector(row0, row1, 4, 0, 1, 5)",
    ),
    (
        "gradients at the weights replace what was there",
        VECTOR_DENSE,
        "                         .is_added = !pass->is_first};",
        "                         .is_added = false};",
    ),
    (
        "every part of a deep gradient is a step",
        VECTOR_PRODUCT,
        "p->stepped != NULL && s->first + s->n_inner == p->n_inner;",
        "p->stepped != NULL;",
    ),
    (
        "a step skips infinite slopes",
        "src/math/kernels_vector_row.inc",
        "const bool may_skip = all_finite(p->b, p->n_cols);",
        "const bool may_skip = true;",
    ),
    (
        "gradients at a single unit's weights from the weights",
        VECTOR_DENSE,
        "d_weights.b = pass->x;",
        "d_weights.b = layer->weights;",
    ),
    (
        "gradients at the bias begin at 0",
        VECTOR_DENSE,
        "sum[v] = vector_load_part(p->sums + col + v * LANES, v + 1 < n_vectors ? LANES : n_last);",
        "sum[v] = vector_spread(0);",
    ),
    (
        "inputs of a cut layer that lie as if there were no others",
        VECTOR_DENSE,
        ".a_stride = pass->x_stride,",
        ".a_stride = layer->n_in,",
    ),
    (
        "one output: inputs of a cut layer that lie as if there were no others",
        VECTOR_DENSE,
        "d_weights.b_stride = pass->x_stride;",
        "d_weights.b_stride = layer->n_in;",
    ),
    (
        "gradients at the bias without the last outputs",
        VECTOR_DENSE,
        "for (; col < p->n_cols; col += LANES) {",
        "for (; p->n_cols - col >= LANES; col += LANES) {",
    ),
    (
        "narrow weights: inputs of a cut layer that lie as if there were no others",
        VECTOR_DENSE,
        ".b = (const float *)pass->x + first * pass->x_stride,",
        ".b = (const float *)pass->x + first * n_in,",
    ),
    (
        "narrow weights: the gradient as it was summed, the other way round",
        VECTOR_DENSE,
        "+ sums[o * n_in + i];",
        "+ sums[i * n_out + o];",
    ),
    (
        "narrow weights: each slice of a deep batch begins anew",
        VECTOR_DENSE,
        "pass->is_first && first == 0;",
        "pass->is_first;",
    ),
    (
        "one output: the second slice of deep inputs by the first's weights",
        VECTOR_DENSE,
        "vector_spread(p->b[first + k]);",
        "vector_spread(p->b[k]);",
    ),
    (
        "factorisation: a penalty on the other's vector",
        FACTOR_RATE,
        "d_q = l2 * q - error * p;",
        "d_q = l2 * p - error * p;",
    ),
    (
        "factorisation: the item moves by the user's new vector",
        FACTOR_RATE,
        "    p -= rates[0] * d_p;\n    q -= rates[1] * d_q;",
        "    p -= rates[0] * d_p;\n    q -= rates[1] * (l2 * q - error * p);",
    ),
    (
        "factorisation: the rate of the other side",
        FACTOR_RATE,
        "    q -= rates[1] * d_q;",
        "    q -= rates[0] * d_q;",
    ),
    (
        "factorisation: sums of squares instead of means",
        FACTOR_RATE,
        "const real slow_share = 1 / (real)n_slow,",
        "const real slow_share = 1 + 0 * (real)n_slow,",
    ),
    (
        "factorisation: the fast numbers' mean counts the slow ones",
        FACTOR_RATE,
        "1 / (real)(n - n_slow)",
        "1 / (real)n",
    ),
    (
        "factorisation: the slow numbers' squares go to the fast ones",
        FACTOR_RATE,
        "+= others + last;",
        "+= others + last + parts[2 * side];",
    ),
    (
        "factorisation: fast numbers do not rest",
        FACTOR_RATE,
        "fast[i] = i >= DSC_FACTOR_SLOW && !pass->is_slow_only;",
        "fast[i] = i >= DSC_FACTOR_SLOW;",
    ),
    (
        "factorisation: a bias is no part of the error",
        FACTOR_RATE,
        "(real)target - states[0][3] - states[1][3] -",
        "(real)target - states[0][3] -",
    ),
    (
        "factorisation: a bias that stays without biases moves",
        FACTOR_RATE,
        ".bias_share = pass->has_biases",
        ".bias_share = 1",
    ),
    (
        "factorisation: the last rating of a block is left out",
        FACTOR,
        "for (size_t at = 0; at < pass->n; at++)",
        "for (size_t at = 0; at + 1 < pass->n; at++)",
    ),
    (
        "factorisation: AVX-512 folds the fast numbers into the slow ones' sum",
        FACTOR_512,
        "0xf0f0, rest",
        "0x0f0f, rest",
    ),
    (
        "factorisation: AVX-512 moves the item's fast numbers at the user's rate",
        FACTOR_512,
        "_mm512_shuffle_f32x4(rates[1], rates[1], _MM_SHUFFLE(3, 3, 3, 3))",
        "_mm512_shuffle_f32x4(rates[0], rates[0], _MM_SHUFFLE(3, 3, 3, 3))",
    ),
    (
        "factorisation: AVX-512 moves biases that stay",
        FACTOR_512,
        "-(float)pass->has_biases",
        "-1",
    ),
    (
        "catalogue: the halves are not rectified on the way into the next layer",
        KERNELS_TILE,
        "bits &= ~is_below;",
        "bits &= is_below | ~is_below;",
    ),
    (
        "bytes: what is joined is not cut at 0",
        BYTES,
        "(x > 0 ? x : 0);",
        "x;",
    ),
    (
        "bytes: every group is joined by the first",
        BYTES,
        "+ p->joined[i];",
        "+ p->joined[at];",
    ),
    (
        "bytes: the last group is left out",
        BYTES,
        "i < p->n_groups * DSC_BYTE_GROUP;",
        "i < (p->n_groups - 1) * DSC_BYTE_GROUP;",
    ),
    (
        "bytes: a sum below 0 stays",
        BYTES,
        "p->is_rectified && value < 0 ? 0 : value;",
        "p->is_rectified && value < 0 && sum == 0 ? 0 : value;",
    ),
    (
        "bytes with vectors: what is joined is left out",
        VECTOR_BYTES,
        "bytes_join(bytes_load(x), bytes_spread(joined));",
        "bytes_join(bytes_load(x), bytes_zero());",
    ),
    (
        "bytes with vectors: every group is joined by the first",
        VECTOR_BYTES,
        "        joined += DSC_BYTE_GROUP;\n",
        "",
    ),
    (
        "bytes with vectors: a group has the rows of a block alone",
        VECTOR_BYTES,
        "a_stride = p->n_rows * DSC_BYTE_GROUP;",
        "a_stride = n_rows * DSC_BYTE_GROUP;",
    ),
    (
        "bytes with vectors: the last row of a block is left out",
        VECTOR_BYTES,
        "multiply_bytes_rows(p, row, col, n_rows);",
        "multiply_bytes_rows(p, row, col, n_rows - 1);",
    ),
    (
        "bytes with vectors: the scales of the first rows",
        VECTOR_BYTES,
        "(const float *)p->scale + row,",
        "(const float *)p->scale,",
    ),
    (
        "bytes with vectors: a sum below 0 stays",
        VECTOR_BYTES,
        "p->is_rectified ? vector_cut_below_0(value) : value",
        "value",
    ),
    (
        "a tile of vectors: the last of what is left of four is not there",
        VECTOR_TILE,
        "const float *column = c < n_columns ? from[c] : NULL;",
        "const float *column = c + 1 < n_columns ? from[c] : NULL;",
    ),
    (
        "exponentials with vectors: what is not a number is very small",
        VECTOR_EXP,
        "vector_larger(vector_spread(-104.0F), x)",
        "vector_larger(x, vector_spread(-104.0F))",
    ),
    (
        "catalogue: a rectified sum that is not a number becomes 0",
        KERNELS_TILE,
        "to[c] = is_rectified && sum < 0 ? 0 : sum;",
        "to[c] = is_rectified && !(sum > 0) ? 0 : sum;",
    ),
    (
        "a run of steps that steps a layer by its neighbour's input",
        STEPS,
        ".x = l > 0 ? scratch[l - 1].a : x,\n                                 .x_stride",
        ".x = l > 1 ? scratch[l - 1].a : x,\n                                 .x_stride",
    ),
    (
        "a run of steps that forgets its bias",
        STEPS,
        "        sgd_step(layer->bias, NULL, own->d_bias, layer->n_out, &step);",
        "        sgd_step(own->d_bias, NULL, own->d_bias, layer->n_out, &step);",
    ),
    (
        "a run of steps that keeps the weights of an overflow",
        STEPS,
        "if (!isfinite(sum)) {",
        "if (sum < 0) {",
    ),
    (
        "sums ready for the next step without the step",
        VECTOR_STEPS,
        "overlap += x[0][i] * x[1][i];",
        "overlap += x[0][i] * x[0][i];",
    ),
    (
        "no bias in the sums ready for the next step",
        VECTOR_STEPS,
        "float overlap = l->has_bias ? 1 : 0;",
        "float overlap = 0;",
    ),
    (
        "a layer's second copy is not stepped",
        VECTOR_STEPS,
        "float *row = l->turned[o] + v * LANES;",
        "float *row = l->weights[o] + v * LANES;",
    ),
    (
        "exponentials without the second part of log 2",
        VECTOR_EXP,
        "const vector r = vector_fma(n, vector_spread(0x1.05c610p-29F), near);",
        "const vector r = near;",
    ),
    (
        "tanh by the quotient near 0",
        VECTOR_EXP,
        "vector_spread(-0.55F), size, near, far",
        "vector_spread(0.55F), size, near, far",
    ),
    (
        "lanes of numbers with the wrong counter",
        VECTOR_RANDOM,
        "c0[i] = first + (uint32_t)i;",
        "c0[i] = first;",
    ),
]
