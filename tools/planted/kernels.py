"""Bugs in kernels: what is done to layers, rows and elements; what a row is stands in __init__.py."""

ACTIVATION = "src/math/kernels_c_activation.inc"
DENSE = "src/math/kernels_c_dense.inc"
EXP = "src/math/kernels_c_exp.inc"
LOSS = "src/math/kernels_c_loss.inc"
NORM = "src/math/kernels_c_norm.inc"
ROWS = "src/math/kernels_c_rows.inc"
STEP = "src/math/kernels_c_step.inc"
STEP_ROWS = "src/math/kernels_c_table.inc"
STEP_BF16_ROWS = "src/math/kernels_c_table_bf16.inc"
RANDOM_BLOCKS = "src/math/kernels_c_random.inc"

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
    (
        "plain C: inputs of a cut layer that lie as if there were no others",
        DENSE,
        ".inner_stride = pass->x_stride,",
        ".inner_stride = layer->n_in,",
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
        "blocks of numbers that all have the first counter",
        RANDOM_BLOCKS,
        "{counter[0] + (uint32_t)b,",
        "{counter[0],",
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
