"""Bugs in kernels: what is done to elements; what a row is stands in __init__.py."""

ACTIVATION = "src/math/kernels_c_activation.inc"
BYTES = "src/math/kernels_c_bytes.inc"
DENSE = "src/math/kernels_c_dense.inc"
EXP = "src/math/kernels_c_exp.inc"
FACTOR = "src/math/kernels_c_factor.inc"
FACTOR_RATE = "src/math/kernels_c_factor_rate.inc"
FACTOR_512 = "src/math/kernels_avx512_factor.inc"
LOSS = "src/math/kernels_c_loss.inc"
NORM = "src/math/kernels_c_norm.inc"
ROWS = "src/math/kernels_c_rows.inc"
STEP = "src/math/kernels_c_step.inc"
STEP_ROWS = "src/math/kernels_c_table.inc"
STEP_BF16_ROWS = "src/math/kernels_c_table_bf16.inc"
KERNELS_TILE = "src/math/kernels_c_tile.inc"
STEPS = "src/math/kernels_c_steps.inc"
RANDOM_BLOCKS = "src/math/kernels_c_random.inc"
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
        "relu makes 0 of not a number",
        ACTIVATION,
        "a[i] = z[i] < 0 ? 0 : z[i];",
        "a[i] = z[i] > 0 ? z[i] : 0;",
    ),
    (
        "sigmoid upside down",
        ACTIVATION,
        "return (z < 0 ? e : 1) / (1 + e);",
        "return (z < 0 ? 1 : e) / (1 + e);",
    ),
    (
        "sigmoid that overflows",
        ACTIVATION,
        "    const real e = real_exp(z < 0 ? z : -z);\n    return (z < 0 ? e : 1) / (1 + e);",
        "    const real e = real_exp(z);\n    return e / (1 + e);",
    ),
    (
        "leaky relu leaks a tenth",
        ACTIVATION,
        "#define LEAKY_SLOPE (real)0.01",
        "#define LEAKY_SLOPE (real)0.1",
    ),
    ("elu as exp(z) - 1, which cancels", EXP, "real_expm1(in[i]);", "real_exp(in[i]) - 1;"),
    (
        "softplus that overflows",
        ACTIVATION,
        "return (z < 0 ? 0 : z) + real_log1p(real_exp(z < 0 ? z : -z));",
        "return real_log1p(real_exp(z));",
    ),
    (
        "gelu by its tanh approximation",
        ACTIVATION,
        "return (real)0.5 * real_erfc(-z * sqrt_half);",
        "return (real)0.5 * (1 + real_tanh((real)0.7978845608 * (z + (real)0.044715 * z * z * z)));",
    ),
    ("swish without its z", EXP, "in[i] * sigmoid(in[i]);", "sigmoid(in[i]);"),
    (
        "softmax without taking off the largest",
        ACTIVATION,
        "to[k] = from[k] - largest;",
        "to[k] = from[k];",
    ),
    ("softmax that does not add up to 1", ACTIVATION, "to[k] /= sum;", "to[k] /= sum + 1;"),
    (
        "derivative of identity: 0",
        ACTIVATION,
        "memcpy(d_z, d_a, n * sizeof *d_z);",
        "memset(d_z, 0, n * sizeof *d_z);",
    ),
    ("derivative of relu: 1", ACTIVATION, "d_z[i] = a[i] > 0 ? d_a[i] : 0;", "d_z[i] = d_a[i];"),
    (
        "derivative of relu at 0: 1",
        ACTIVATION,
        "d_z[i] = a[i] > 0 ? d_a[i] : 0;",
        "d_z[i] = a[i] >= 0 && z[i] >= 0 ? d_a[i] : 0;",
    ),
    (
        "derivative of sigmoid: a (1 + a)",
        ACTIVATION,
        "d_a[i] * a[i] * (1 - a[i]);",
        "d_a[i] * a[i] * (1 + a[i]);",
    ),
    ("derivative of tanh: 1 - a", ACTIVATION, "d_a[i] * (1 - a[i] * a[i]);", "d_a[i] * (1 - a[i]);"),
    ("derivative of leaky relu: 0 below", ACTIVATION, "(a[i] > 0 ? 1 : LEAKY_SLOPE)", "(a[i] > 0 ? 1 : 0)"),
    ("derivative of elu: a below", ACTIVATION, "(a[i] > 0 ? 1 : 1 + a[i])", "(a[i] > 0 ? 1 : a[i])"),
    ("derivative of softplus: exp(-a)", ACTIVATION, "-real_expm1(-a[i]);", "real_exp(-a[i]);"),
    (
        "derivative of gelu without the density",
        ACTIVATION,
        "(normal_probability(z[i]) + z[i] * density)",
        "(normal_probability(z[i]) + 0 * density)",
    ),
    (
        "derivative of swish as if sigmoid were constant",
        ACTIVATION,
        "share * (1 + z[i] * (1 - share));",
        "share;",
    ),
    (
        "derivative of softmax without the other units",
        ACTIVATION,
        "a[at + k] * (d_a[at + k] - sum);",
        "a[at + k] * (1 - a[at + k]) * d_a[at + k] + 0 * sum;",
    ),
    ("no bias", DENSE, ".bias = layer->bias,", ".bias = NULL,"),
    ("bias left out at the edges", DENSE, "sum[c] = p->bias != NULL ? p->bias[col + c] : 0;", "sum[c] = 0;"),
    (
        "weights not transposed on the way back",
        DENSE,
        "out[c * n_rows + r] = in[r * n_cols + c];",
        "out[r * n_cols + c] = in[r * n_cols + c];",
    ),
    (
        "new weights in the gradient of the input",
        DENSE,
        "    transpose(pass->scratch, layer->weights, layer->n_in, layer->n_out);\n",
        """    real *stepped = pass->d_weights;
    for (size_t i = 0; i < layer->n_in * layer->n_out; i++) {
        stepped[i] = ((const real *)layer->weights)[i] - (real)0.002 * stepped[i];
    }
    transpose(pass->scratch, stepped, layer->n_in, layer->n_out);
    for (size_t i = 0; i < layer->n_in * layer->n_out; i++) {
        stepped[i] = (((const real *)layer->weights)[i] - stepped[i]) / (real)0.002;
    }
""",
    ),
    ("gradients of weights replaced, not added", DENSE, ".is_added = !pass->is_first", ".is_added = false"),
    (
        "gradient of the bias from the last sample alone",
        DENSE,
        "d_bias[c] += d_z[s * layer->n_out + c];",
        "d_bias[c] = d_z[s * layer->n_out + c];",
    ),
    (
        "half sum of squares: slope without the half",
        LOSS,
        "case DSC_KERNEL_HALF_SUM_OF_SQUARES:\n        return (loss_term){error * error / 2, error};",
        "case DSC_KERNEL_HALF_SUM_OF_SQUARES:\n        return (loss_term){error * error / 2, 2 * error};",
    ),
    (
        "mean squared error: slope without the 2",
        LOSS,
        "{error * error, 2 * error};",
        "{error * error, error};",
    ),
    (
        "mean absolute error: slope downhill",
        LOSS,
        "{fabs(error), sign_of(error)};",
        "{fabs(error), -sign_of(error)};",
    ),
    (
        "mean absolute error: slope 1 where there is no error",
        LOSS,
        "(double)((x > 0) - (x < 0));",
        "x < 0 ? -1 : 1;",
    ),
    ("Huber: slope beyond delta is 1", LOSS, "delta * sign_of(error)};", "sign_of(error)};"),
    ("Huber: a jump at delta", LOSS, "delta * (fabs(error) - delta / 2)", "delta * fabs(error)"),
    (
        "binary cross-entropy: slope without class weights",
        LOSS,
        "(1 - y) * sigmoid_f64(a) - weight * y * sigmoid_f64(-a)};",
        "sigmoid_f64(a) - y};",
    ),
    (
        "binary cross-entropy that overflows",
        LOSS,
        "return (a < 0 ? 0 : a) + log1p(exp(a < 0 ? a : -a));",
        "return log1p(exp(a));",
    ),
    (
        "cross-entropy without taking off the largest",
        LOSS,
        "largest = (double)a[k] > largest ? (double)a[k] : largest;",
        "largest = 0;",
    ),
    (
        "cross-entropy: slope without the weights' mass",
        LOSS,
        "(mass * e / sum - share)",
        "(e / sum - share)",
    ),
    (
        "cross-entropy: a mean over outputs",
        LOSS,
        "(double)(is_by_row ? 1 : pass->n_out);",
        "(double)pass->n_out;",
    ),
    ("cross-entropy takes a target that is not a number", LOSS, "(sum - sum) + (mass - mass);", "sum - sum;"),
    (
        "hinge: class weight on the negatives too",
        LOSS,
        "const double factor = y > 0 ? weight : 1;",
        "const double factor = weight;",
    ),
    (
        "hinge: slope without y",
        LOSS,
        "(loss_term){factor * gap, -factor * y}",
        "(loss_term){factor * gap, -factor}",
    ),
    (
        "the batch size left out of the slope",
        LOSS,
        "(real)(term.slope / divisor);",
        "(real)(term.slope * (double)pass->batch / divisor);",
    ),
    (
        "normalisation without its epsilon",
        NORM,
        "squares / (double)n_out + NORM_EPSILON",
        "squares / (double)n_out",
    ),
    (
        "variance over n - 1",
        NORM,
        "squares / (double)n_out + NORM_EPSILON",
        "squares / ((double)n_out - 1) + NORM_EPSILON",
    ),
    ("deviation, not 1 over it", NORM, "(real)(1 / sqrt(", "(real)(sqrt("),
    (
        "normalisation without the gain",
        NORM,
        "gain[k] * ((z[k] - scales[0]) * scales[1])",
        "((z[k] - scales[0]) * scales[1])",
    ),
    (
        "mean of a constant row rounded away from it",
        NORM,
        "sum += (double)z[k] - (double)z[0];\n"
        "        }\n"
        "        const double mean = (double)z[0] + sum / (double)n_out;",
        "sum += (double)z[k];\n        }\n        const double mean = (sum + (double)z[0]) / (double)n_out;",
    ),
    (
        "normalisation's gradient without the mean",
        NORM,
        "gain[k] * d_normed[k] - h_mean - score",
        "gain[k] * d_normed[k] - score",
    ),
    (
        "normalisation's gradient without the score",
        NORM,
        "- h_mean - score * h_along)",
        "- h_mean - 0 * score * h_along)",
    ),
    (
        "normalisation's gradient without the gain",
        NORM,
        "factor * (gain[k] * d_normed[k] - h_mean",
        "factor * (d_normed[k] - h_mean",
    ),
    (
        "gradient of the gain without the score",
        NORM,
        "d_gain[k] += d_normed[k] * ((z[k] - mean) * factor);",
        "d_gain[k] += d_normed[k];",
    ),
    (
        "gradient of the shift from the last sample alone",
        NORM,
        "d_shift[k] += d_normed[k];",
        "d_shift[k] = d_normed[k];",
    ),
    (
        "l1 penalty pushes away from 0",
        STEP,
        "w[i] > 0 ? slope : w[i] < 0 ? -slope : 0;",
        "w[i] > 0 ? -slope : w[i] < 0 ? slope : 0;",
    ),
    ("l2 penalty without its half", STEP, "l2 * sum_of_squares(w, n) / 2;", "l2 * sum_of_squares(w, n);"),
    ("gradient ascent", STEP, "p[i] -= rate * (g[i] + l2 * p[i]);", "p[i] += rate * (g[i] + l2 * p[i]);"),
    (
        "momentum with the wrong sign",
        STEP,
        "v[i] = momentum * v[i] + gradient;",
        "v[i] = gradient - momentum * v[i];",
    ),
    ("Nesterov looks ahead twice", STEP, "gradient + momentum * v[i] : v[i]", "gradient + v[i] : v[i]"),
    (
        "Adam's epsilon under the root",
        STEP,
        "(real_sqrt(v[i] * scale) + epsilon)",
        "real_sqrt(v[i] * scale + epsilon)",
    ),
    (
        "AdamW's decay without the rate",
        STEP,
        "(real)(1 - step->rate * step->decay);",
        "(real)(1 - step->decay);",
    ),
    ("AdamW's decay forgotten", STEP, "        p[i] *= kept;\n", ""),
    ("Adagrad that forgets", STEP, "v[i] += gradient * gradient;", "v[i] = gradient * gradient;"),
    (
        "RMSprop that never forgets",
        STEP,
        "v[i] = beta * v[i] + gain * gradient * gradient;",
        "v[i] = v[i] + gain * gradient * gradient;",
    ),
    (
        "full batch: a dot product without its tail",
        ROWS,
        "for (size_t i = full; i < n; i++) {\n        total += a[i] * b[i];",
        "for (size_t i = full; i < n; i++) {\n        total = a[i] * b[i];",
    ),
    (
        "full batch: a dot product without half its parts",
        ROWS,
        "total += sum[p] + sum[p + SIDE_BY_SIDE];",
        "total += sum[p];",
    ),
    (
        "L-BFGS takes the part before for its vectors",
        "src/math/kernels_c_vectors.inc",
        "vectors->vector[j] + vectors->begin;",
        "vectors->vector[j];",
    ),
    (
        "L-BFGS: products of numbers that are rounded once more",
        "src/math/kernels_c_vectors.inc",
        "*to = __builtin_convertvector(values, sum_part);",
        "*to = __builtin_convertvector(values * (real)1.0000001, sum_part);",
    ),
    (
        "L-BFGS: a combination begins anew at each vector",
        "src/math/kernels_c_vectors.inc",
        "total += weights[j]",
        "total = weights[j]",
    ),
    (
        "rows: the last vector of a sum goes beyond its columns",
        ROWS,
        "const size_t last = width - PARTS;",
        "const size_t last = (n_vectors - 1) * PARTS;",
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
        "plain C: inputs of a cut layer that lie as if there were no others",
        DENSE,
        ".inner_stride = pass->x_stride,",
        ".inner_stride = layer->n_in,",
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
        "tiles: one strength of L2 for rows of any number of samples",
        STEP_ROWS,
        "own.l2 = step->l2 * (double)r->weight[t] / r->n_samples;",
        "own.l2 = step->l2 / r->n_samples;",
    ),
    (
        "tiles: moments of another row",
        STEP_ROWS,
        "adam_step(parameters, (void *[2]){state, states[1] + at}, gradients, width, &own);",
        "adam_step(parameters, (void *[2]){state, states[1]}, gradients, width, &own);",
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
        "softmax: what is not a number is passed over for the largest",
        ACTIVATION,
        "        sum += to[k];",
        "        sum += to[k] > 0 ? to[k] : 0;",
    ),
    (
        "products of four rows: a part of the sum counts twice",
        ROWS,
        "total += __builtin_shufflevector(right01, right23, 2, 3, 6, 7);",
        "total += __builtin_shufflevector(right01, right23, 0, 1, 4, 5);",
    ),
    (
        "products of four rows: what is left of two rows changes places",
        ROWS,
        "(row_sums){row[0][i], row[1][i], row[2][i], row[3][i]}",
        "(row_sums){row[0][i], row[1][i], row[3][i], row[2][i]}",
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
        "blocks of numbers that all have the first counter",
        RANDOM_BLOCKS,
        "{counter[0] + (uint32_t)b,",
        "{counter[0],",
    ),
    (
        "lanes of numbers with the wrong counter",
        VECTOR_RANDOM,
        "c0[i] = first + (uint32_t)i;",
        "c0[i] = first;",
    ),
    (
        "bf16: of two equally near numbers the one further from 0",
        STEP_BF16_ROWS,
        "0x7fff + (bits >> BF16_BITS & 1)",
        "0x8000 + (bits & 0)",
    ),
    (
        "bf16: what is not a number becomes one",
        STEP_BF16_ROWS,
        "(bf16_words)((*bits & 0x7fffffff) <= infinity)",
        "(bf16_words)((*bits & infinity) <= infinity)",
    ),
    (
        "bf16: every second block of columns is rounded to 0",
        STEP_BF16_ROWS,
        "upper = words >> BF16_BITS, lower",
        "upper = words >> BF16_BITS & 0, lower",
    ),
    (
        "bf16: two columns have one lot",
        STEP_BF16_ROWS,
        "lower = words & 0xffff;",
        "lower = words >> BF16_BITS;",
    ),
    (
        "bf16: a row's lots follow from its place in the minibatch",
        STEP_BF16_ROWS,
        "mix_64(r->lot + some.row[t] * BF16_ROW)",
        "mix_64(r->lot + t * BF16_ROW)",
    ),
]
