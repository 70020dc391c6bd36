"""The bugs that tools/mutants.py plants in the engine, one at a time: name, file, old text, new text.

The old text must occur exactly once in the file; a mutant that no longer applies is to be written anew for the
code that took its place. What stands here is what people get wrong: signs, factors, transposes, what is
kept between the passes. A change that no test could see, such as another order of the same sum, does not
belong here.
"""

ACTIVATION = "src/math/kernels_c_activation.inc"
DENSE = "src/math/kernels_c_dense.inc"
LOSS = "src/math/kernels_c_loss.inc"
NORM = "src/math/kernels_c_norm.inc"
STEP = "src/math/kernels_c_step.inc"
VECTOR_DENSE = "src/math/kernels_vector_dense.inc"
VECTOR_PRODUCT = "src/math/kernels_vector_product.inc"
VECTOR_PACK = "src/math/kernels_vector_pack.inc"
PASS = "src/network/pass.c"
WORKSPACE = "src/network/workspace.c"
NETWORK = "src/network/network.c"
OPTIMIZER = "src/network/optimizer.c"
POOL = "src/base/pool.c"
LBFGS_MEMORY = "src/math/lbfgs_memory.c"
CHECK = "src/network/gradient_check.c"
ROWS = "src/math/kernels_c_rows.inc"
HISTORY = "src/recommender/history.c"
MINIBATCH = "src/recommender/minibatch_history.c"
FULL_BATCH = "src/recommender/full_batch_pass.inc"
FULL_BATCH_NETWORK = "src/recommender/full_batch_network.inc"
FULL_BATCH_SIDES = "src/recommender/full_batch_sides.inc"
FULL_BATCH_VALUES = "src/recommender/full_batch_values.inc"
MODEL_SIDES = "src/recommender/model_sides.c"
FOLD_IN = "src/recommender/fold_in.c"
PAIR_SLOPE = "src/recommender/pair_slope.c"
EXPLAIN = "src/recommender/explain.c"
SIMILAR = "src/recommender/similar.c"
RANKING = "src/recommender/ranking.c"
LISTS = "src/recommender/lists.c"
CATALOGUE = "src/recommender/catalogue.c"
RANK_USER = "src/recommender/rank_user.c"
RECOMMEND = "src/recommender/recommend.c"
SIDE_TILE = "src/recommender/side_tile.c"
KERNELS_TILE = "src/math/kernels_c_tile.inc"
CANDIDATES = "src/recommender/candidates.c"
EVALUATE = "src/recommender/evaluate.c"
ITEM_LISTS = "src/ratings/item_lists.c"
RATINGS_LIST = "src/ratings/ratings_list.c"
SEPARATORS = "src/math/separators.c"
SEPARATORS_MARKS = "src/math/separators_marks.h"
PLAIN_ROW = "src/ratings/plain_row.c"
ROW_PART = "src/ratings/row_part.c"
ROW_CREW = "src/ratings/row_crew.c"
SPARSE_SORT = "src/ratings/sparse_sort.c"
SPARSE_TRANSPOSE = "src/ratings/sparse_transpose.c"
ID_NUMBER = "src/text/id_number.h"
ORDINAL = "src/recommender/ordinal.c"
FULL_BATCH_RUN = "src/recommender/full_batch.c"
CLOCK = "src/recommender/clock.c"
OUTPUT = "src/recommender/output.c"
TILE = "src/recommender/tile.c"
EMBEDDING = "src/recommender/embedding.c"
STEP_ROWS = "src/math/kernels_c_table.inc"
TRAINER_STEP = "src/recommender/trainer_step.c"
TUNE = "src/math/tune.c"
HALVING = "src/math/halving.c"
BLEND = "src/recommender/blend.c"
BLEND_HELD = "src/recommender/blend_held.c"
BLEND_TRAIN = "src/recommender/blend_train.c"
BLEND_WEIGHTS = "src/recommender/blend_weights.c"
SCORER = "src/recommender/scorer.c"
STRENGTH = "src/recommender/strength.c"
TRIALS = "src/recommender/train.c"
SOLVE = "src/math/kernels_c_solve.inc"
SYMMETRIC = "src/math/symmetric.c"
ALS = "src/recommender/als.c"
ALS_ROW = "src/recommender/als_row.c"
RANKING_LOSS = "src/recommender/ranking_loss.c"
SAMPLER = "src/recommender/negative_sampler.c"
FACTOR = "src/math/kernels_c_factor.inc"
FACTORISATION = "src/recommender/factorisation.c"

MUTANTS = [
    # --- activations -----------------------------------------------------------------------------
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
    ("elu as exp(z) - 1, which cancels", ACTIVATION, "real_expm1(z[i]);", "real_exp(z[i]) - 1;"),
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
    ("swish without its z", ACTIVATION, "a[i] = z[i] * sigmoid(z[i]);", "a[i] = sigmoid(z[i]);"),
    (
        "softmax without taking off the largest",
        ACTIVATION,
        "to[k] = real_exp(from[k] - largest);",
        "to[k] = real_exp(from[k]);",
    ),
    ("softmax that does not add up to 1", ACTIVATION, "to[k] /= sum;", "to[k] /= sum + 1;"),
    # --- their derivatives -----------------------------------------------------------------------
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
    # --- dense layers ----------------------------------------------------------------------------
    ("no bias", DENSE, ".bias = layer->bias,", ".bias = NULL,"),
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
    # --- losses ----------------------------------------------------------------------------------
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
        "(mass * exp((double)a[k] - largest) / sum - share)",
        "(exp((double)a[k] - largest) / sum - share)",
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
    # --- normalisation ---------------------------------------------------------------------------
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
        "d_gain[k] += d_normed[k] * score;",
        "d_gain[k] += d_normed[k];",
    ),
    (
        "gradient of the shift from the last sample alone",
        NORM,
        "d_shift[k] += d_normed[k];",
        "d_shift[k] = d_normed[k];",
    ),
    # --- dropout, penalty, clipping --------------------------------------------------------------
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
    (
        "l1 penalty pushes away from 0",
        STEP,
        "w[i] > 0 ? slope : w[i] < 0 ? -slope : 0;",
        "w[i] > 0 ? -slope : w[i] < 0 ? slope : 0;",
    ),
    ("l2 penalty without its half", STEP, "l2 * sum_of_squares(w, n) / 2;", "l2 * sum_of_squares(w, n);"),
    ("clipping that never clips", PASS, "if (norm > max_norm) {", "if (norm < 0) {"),
    ("clipping that always scales", PASS, "if (norm > max_norm) {", "if (norm > 0 && isfinite(max_norm)) {"),
    # --- steps -----------------------------------------------------------------------------------
    ("gradient ascent", STEP, "p[i] -= rate * (g[i] + l2 * p[i]);", "p[i] += rate * (g[i] + l2 * p[i]);"),
    (
        "momentum with the wrong sign",
        STEP,
        "v[i] = momentum * v[i] + gradient;",
        "v[i] = gradient - momentum * v[i];",
    ),
    ("Nesterov looks ahead twice", STEP, "gradient + momentum * v[i] : v[i]", "gradient + v[i] : v[i]"),
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
    (
        "Adam decays as AdamW does",
        OPTIMIZER,
        "config->kind == DSC_ADAMW ? config->decay : 0",
        "0.01 + config->decay",
    ),
    ("Adagrad that forgets", STEP, "v[i] += gradient * gradient;", "v[i] = gradient * gradient;"),
    (
        "RMSprop that never forgets",
        STEP,
        "v[i] = beta * v[i] + gain * gradient * gradient;",
        "v[i] = v[i] + gain * gradient * gradient;",
    ),
    (
        "a range's state taken from the beginning",
        OPTIMIZER,
        "range(optimizer, optimizer->state[1], first)",
        "optimizer->state[1]",
    ),
    # --- networks and workspaces -----------------------------------------------------------------
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
    # --- full batches ----------------------------------------------------------------------------
    (
        "full batch: a dot product without its tail",
        ROWS,
        "for (size_t i = full; i < n; i++) {\n        total += a[i] * b[i];",
        "for (size_t i = full; i < n; i++) {\n        total = a[i] * b[i];",
    ),
    (
        "full batch: a dot product without half its parts",
        ROWS,
        "total += sum[p] + sum[p + PARTS / 2];",
        "total += sum[p];",
    ),
    (
        "minibatch: what dropout keeps is not scaled up",
        MINIBATCH,
        "1 / ((1 - h->dropout) * sqrt((double)n))",
        "1 / sqrt((double)n)",
    ),
    (
        "minibatch: dropout keeps what it should leave out",
        MINIBATCH,
        ">= h->dropout * 0x1p32",
        "< h->dropout * 0x1p32",
    ),
    (
        "minibatch: the same entries left out in each step",
        MINIBATCH,
        "h->step * h->n_streams + h->first_stream + row",
        "h->first_stream + row",
    ),
    (
        "minibatch: users and items leave out alike",
        MINIBATCH,
        "h->step * h->n_streams + h->first_stream + row",
        "h->step * h->n_streams + row",
    ),
    (
        "minibatch: gradient of a history not scaled",
        MINIBATCH,
        "    h->kernels->scale(h->d_scaled, scale_of(h, row), k);\n",
        "",
    ),
    (
        "minibatch: own vector not in the side",
        MINIBATCH,
        "        h->kernels->sum_rows(side, &(dsc_picked_rows){h->own, k, &row, 1});\n",
        "",
    ),
    (
        "minibatch: penalty of a history whole for each rating",
        MINIBATCH,
        "n_uses / (float)(h->rows.start[row + 1] - h->rows.start[row])",
        "n_uses",
    ),
    ("full batch: history divided by its length", HISTORY, "1 / sqrt((double)n)", "1 / (double)n"),
    (
        "full batch: gradient of rated vectors not scaled",
        FULL_BATCH_SIDES,
        "dsc_pool_run(pool, s->rows->n, scale_rows, s);",
        "",
    ),
    (
        "full batch: raters' gradient along the wrong way",
        FULL_BATCH_SIDES,
        ".d_sides = p->d_item_sides,",
        ".d_sides = p->d_user_sides,",
    ),
    (
        "full batch: ridge without its half",
        FULL_BATCH_VALUES,
        "strength / 2 * squares",
        "strength * squares",
    ),
    (
        "full batch: network's part lost from the error",
        FULL_BATCH_NETWORK,
        "t->error[s] += output[s];",
        "t->error[s] += 0 * output[s];",
    ),
    # --- sides as hidden layers ------------------------------------------------------------------
    (
        "sides: a weighed history takes a root too",
        HISTORY,
        "    if (history->weights == NULL) {\n        kernels->scale",
        "    if (true) {\n        kernels->scale",
    ),
    (
        "sides: weights counted from the mean",
        MODEL_SIDES,
        "DSC_WEIGHT_OF_MEAN + (",
        "0 * DSC_WEIGHT_OF_MEAN + (",
    ),
    (
        "sides: the derivative at the side, not at its sum",
        FULL_BATCH_SIDES,
        ".normed = s->sums + at,",
        ".normed = s->sides + at,",
    ),
    (
        "sides: gradients skip the activation",
        FULL_BATCH_SIDES,
        "    if (s->sums != s->sides) {\n        const dsc_dense",
        "    if (false) {\n        const dsc_dense",
    ),
    (
        "sides: of a shared vector the last row's gradient alone",
        FULL_BATCH_SIDES,
        "total += (double)s->d_sides",
        "total = (double)s->d_sides",
    ),
    (
        "sides: weights of the transposed order",
        FULL_BATCH_SIDES,
        "const real *weights = s->weights_by_summed;",
        "const real *weights = s->weights;",
    ),
    (
        "sides: a shared vector held as if it were each one's",
        FULL_BATCH_VALUES,
        "share_items ? ridge->biases : ridge->vectors",
        "ridge->vectors",
    ),
    (
        "fold-in: the side before its activation",
        FOLD_IN,
        "(dsc_kernel_activation)p->from.parts->activation, 1, k",
        "DSC_KERNEL_IDENTITY, 1, k",
    ),
    (
        "fold-in: slopes skip the activation",
        PAIR_SLOPE,
        "        pass_back_activation(s, n, slope);\n",
        "",
    ),
    (
        "explanation: a weighed history as a count",
        EXPLAIN,
        "is_weighed ? (double)dsc_model_weight(w->model, rating) : 1",
        "is_weighed ? 1.0 : 1",
    ),
    (
        "threads: the ordinal sums of the first part alone",
        FULL_BATCH,
        "dsc_ordinal_sums_add(&p->ordinal, &all, &p->sums[i]);",
        "dsc_ordinal_sums_add(&p->ordinal, &all, &p->sums[0]);",
    ),
    (
        "threads: a ridge across two parts loses its row",
        FULL_BATCH_VALUES,
        "const size_t row = (i - first) / width,",
        "const size_t row = (i - values.begin) / width,",
    ),
    # --- L-BFGS ----------------------------------------------------------------------------------
    (
        "the second loop of L-BFGS forgets the first",
        LBFGS_MEMORY,
        "m->alphas[k] - beta",
        "-beta",
    ),
    (
        "L-BFGS scaled by the oldest pair",
        LBFGS_MEMORY,
        "change = capacity + m->newest;",
        "change = capacity + place_of(m, m->n_pairs - 1);",
    ),
    (
        "L-BFGS remembers the gradient for its change",
        LBFGS_MEMORY,
        "change[i] = j->d_new[begin + i] - j->d_old[begin + i];",
        "change[i] = j->d_new[begin + i];",
    ),
    (
        "L-BFGS trusts the pair that a flat step has overwritten",
        LBFGS_MEMORY,
        "m->n_pairs--; /* the place",
        "/* the place",
    ),
    (
        "the pool runs one part of two",
        POOL,
        "n_parts <= 1) {",
        "n_parts <= 2) {\n        n_parts = 1;",
    ),
    # --- fold-in and explanations ----------------------------------------------------------------
    (
        "fold-in: the bias's strength on the vector",
        FOLD_IN,
        "gradient[f] = p->l2_vector * x[f];",
        "gradient[f] = p->config->l2_bias * x[f];",
    ),
    (
        "fold-in: the side without its history",
        FOLD_IN,
        "p->sum[f] = x[f] + (double)p->history[f];",
        "p->sum[f] = x[f];",
    ),
    (
        "fold-in: the others' biases forgotten",
        FOLD_IN,
        "x[k] + (double)p->from.biases",
        "x[k] + 0 * (double)p->from.biases",
    ),
    (
        "fold-in: items against items",
        FOLD_IN,
        "(others){model->n_users,       model->user_sides,",
        "(others){model->n_users,       model->item_sides,",
    ),
    (
        "fold-in: the earlier of two ratings",
        FOLD_IN,
        "(x->place > y->place) - (x->place < y->place)",
        "(x->place < y->place) - (x->place > y->place)",
    ),
    (
        "fold-in: strength upside down",
        FOLD_IN,
        "error * error * (double)n / squares",
        "squares / (error * error * (double)n)",
    ),
    (
        "fold-in: an item at the user's place of the network",
        PAIR_SLOPE,
        "side_at = s->is_item ? k : 0, other_at = s->is_item ? 0 : k",
        "side_at = 0, other_at = k",
    ),
    (
        "explanation: the slope at the end of the way alone",
        EXPLAIN,
        "((double)(first + s) + 0.5) / (double)n",
        "1 + 0 * ((double)(first + s) + 0.5) / (double)n",
    ),
    (
        "explanation: presence without the root",
        EXPLAIN,
        " : 1) / sqrt(w->user->n_history);",
        " : 1) / w->user->n_history;",
    ),
    (
        "explanation: surprise without the user's bias",
        EXPLAIN,
        "value[r] + (double)w->user->bias +",
        "value[r] + 0 * (double)w->user->bias +",
    ),
    (
        "explanation: values not taken off the rest",
        EXPLAIN,
        "out->own_vector -= of_own;",
        "out->own_vector -= 0 * of_own;",
    ),
    ("similar: a dot product for a cosine", SIMILAR, "product(a, b, k) / lengths", "product(a, b, k)"),
    # --- an ordinal loss ---------------------------------------------------------------------------
    (
        "ordinal: a threshold's distance without the ones below",
        ORDINAL,
        "o->thresholds[j - 1] + distance;",
        "o->thresholds[0] + distance;",
    ),
    (
        "ordinal: a loss without the distance of its thresholds",
        ORDINAL,
        "log((1 + below) * (1 + above)) + o->narrowness[place]",
        "log((1 + below) * (1 + above)) + 0 * o->narrowness[place]",
    ),
    (
        "ordinal: the slope at a threshold without the distance's share",
        ORDINAL,
        "-= share_above + o->pressure[place];",
        "-= share_above;",
    ),
    (
        "ordinal: a step moves one threshold alone",
        ORDINAL,
        "d_all_above += sums->d_thresholds[j];",
        "d_all_above = sums->d_thresholds[j];",
    ),
    (
        "ordinal: a score without a limit",
        ORDINAL,
        "return exp(fmax(-most_score, fmin(most_score, score)));",
        "return exp(score);",
    ),
    (
        "ordinal: a loss that is flat beyond the limit",
        ORDINAL,
        "+ slope * beyond;",
        "+ 0 * slope * beyond;",
    ),
    (
        "ordinal: steps of the mean are all one",
        ORDINAL,
        "mean += (o->values[j] - o->values[j - 1]) *",
        "mean += 1 *",
    ),
    (
        "ordinal: a full batch takes the place for the score",
        FULL_BATCH,
        "is_ordinal ? 0 : (real)p->by_user.value[begin + j];",
        "(real)p->by_user.value[begin + j];",
    ),
    (
        "ordinal: a minibatch with the factor of squares",
        TILE,
        "(is_ordinal ? 1.0F : 2.0F)",
        "(is_ordinal ? 2.0F : 2.0F)",
    ),
    (
        "ordinal: thresholds that stay where they began",
        TRAINER_STEP,
        "gradient[j] = (float)(d_steps[j] / (double)n);",
        "gradient[j] = 0 * (float)(d_steps[j] / (double)n);",
    ),
    (
        "ordinal: thresholds in the unit of all others",
        FULL_BATCH_RUN,
        "return sqrt(2 / ((double)m->n_users",
        "return 1 + 0 * sqrt(2 / ((double)m->n_users",
    ),
    (
        "ordinal: an explanation by the slope at 0",
        OUTPUT,
        "(dsc_ordinal_mean(ordinal, f) - at_zero) / f};",
        "dsc_ordinal_slope(ordinal, 0)};",
    ),
    # --- the time of rating ------------------------------------------------------------------------
    (
        "time: a bin begins after its first second",
        CLOCK,
        "if (times[middle] <= time) {",
        "if (times[middle] < time) {",
    ),
    (
        "time: a session of the pause before it",
        CLOCK,
        "seconds(sorted[e - 1], sorted[e]) > out->gap",
        "seconds(sorted[e - 1], sorted[e]) >= out->gap",
    ),
    (
        "time: any session, however far",
        CLOCK,
        "return nearest <= clock->gap ?",
        "return found < n ?",
    ),
    (
        "time: a session's error is not passed back",
        FULL_BATCH,
        "gradient_of(p, m->session_biases)[p->session_of[e]] += error[e];",
        "gradient_of(p, m->session_biases)[p->session_of[e]] += 0 * error[e];",
    ),
    (
        "time: the ridge of sessions on the bins",
        FULL_BATCH_VALUES,
        "m->clock.n_bins, 1, ridge->time_bins, NULL},",
        "m->clock.n_bins, 1, ridge->sessions, NULL},",
    ),
    (
        "time: a fold-in at the time of now",
        FOLD_IN,
        "given->time != NULL ? given->time[known[e].place] : DSC_NOW;",
        "DSC_NOW;",
    ),
    # --- kernels of an instruction set -----------------------------------------------------------
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
        "for (size_t k = whole; k < n_inner; k++) {",
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
        "sum[i] = vector_load_part(sums + col + i * LANES, n[i]);",
        "sum[i] = vector_spread(0);",
    ),
    # --- the search for settings -----------------------------------------------------------------
    (
        "strengths drawn on a linear scale",
        TUNE,
        "return exp(log(low) + u * (log(high) - log(low)));",
        "return low + u * (high - low);",
    ),
    (
        "the ends of whole numbers half as often",
        TUNE,
        "by_factors(d->low - 0.5, d->high + 0.5, u)",
        "by_factors(d->low, d->high, u)",
    ),
    (
        "the last choice never drawn",
        TUNE,
        "floor(u * (d->high - d->low + 1))",
        "floor(u * (d->high - d->low))",
    ),
    (
        "all draws the same",
        TUNE,
        "dsc_random_stream(seed, PURPOSE_DRAW, index)",
        "dsc_random_stream(seed, PURPOSE_DRAW, 0)",
    ),
    (
        "the cheapest of all, however bad",
        TUNE,
        "!isfinite(score[i]) || score[i] > limit",
        "!isfinite(score[i])",
    ),
    (
        "a choice that may be worse than the defaults",
        TUNE,
        "fmin(lowest + margin, most)",
        "lowest + margin",
    ),
    (
        "no room for others beside the kept",
        HALVING,
        "? n_kept + 1 : n_kept;",
        "? n_kept : n_kept;",
    ),
    (
        "the last rung with less than the whole budget",
        HALVING,
        "(double)(ladder->n_rungs - 1)",
        "(double)ladder->n_rungs",
    ),
    (
        "the worst go on",
        HALVING,
        "return a->score < b->score ? -1 : 1;",
        "return a->score > b->score ? -1 : 1;",
    ),
    (
        "what does not work goes on",
        HALVING,
        "entries[fit].is_kept || isfinite(entries[fit].score)",
        "entries[fit].is_kept || !isnan(entries[fit].score)",
    ),
    (
        "equal scores the other way round",
        HALVING,
        "(a->candidate > b->candidate) - (a->candidate < b->candidate)",
        "(a->candidate < b->candidate) - (a->candidate > b->candidate)",
    ),
    (
        "time ends the kept ones too",
        HALVING,
        "task.place > 0 && !e->is_kept && ",
        "task.place > 0 && ",
    ),
    # --- blends ------------------------------------------------------------------------------------
    (
        "blend: the mean of the members without their weights",
        SCORER,
        "mean += member->weight * dsc_output_unclipped(member->model, score);",
        "mean += dsc_output_unclipped(member->model, score) / (double)model->n_members;",
    ),
    (
        "blend: members clipped before the mean",
        SCORER,
        "mean += member->weight * dsc_output_unclipped(member->model, score);",
        "mean += member->weight * dsc_output_rating(member->model, score);",
    ),
    (
        "blend: weights may fall below 0",
        BLEND_WEIGHTS,
        "if (p->is_free[m] && p->solution[m] <= 0) {",
        "if (p->is_free[m] && p->solution[m] <= -1e9) {",
    ),
    (
        "blend: weights without a pull to equal ones",
        BLEND_WEIGHTS,
        "p.product[m][m] += equal_ratings / (double)n_ratings;",
        "p.product[m][m] += 1e-9;",
    ),
    (
        "blend: weights judged by the half they were found on",
        BLEND_HELD,
        "weight[1 - half_of[p]]",
        "weight[half_of[p]]",
    ),
    (
        "blend: members learn from what is held out",
        BLEND_TRAIN,
        "dsc_ratings_part(&part, ratings, split, r->fold, false, err);",
        "dsc_ratings_part(&part, ratings, split, r->fold, true, err);",
    ),
    (
        "blend: a newcomer under the strengths of the heaviest member everywhere",
        FOLD_IN,
        "return usual_of_first > 0 ? usual * (strength / usual_of_first) : strength;",
        "return usual_of_first > 0 || usual > 0 ? strength : 0;",
    ),
    (
        "blend: an explanation without weights",
        EXPLAIN,
        "reason->push += weight * of_member->reasons[r].push;",
        "reason->push += of_member->reasons[r].push;",
    ),
    (
        "blend: the lightest member stands for the whole",
        BLEND,
        "c->weight[place - 1] < weight; place--) {",
        "c->weight[place - 1] > weight; place--) {",
    ),
    (
        "area: a tie is a whole pair",
        RANKING,
        "twice += n_below + n_until;",
        "twice += 2 * n_until;",
    ),
    (
        "area: a tie is no pair among many",
        RANKING,
        "(n_relevant - below) + (n_relevant - until)",
        "2 * (n_relevant - until)",
    ),
    (
        "area: relevant ones before each other",
        RANKING,
        "- (uint64_t)n_relevant * n_relevant",
        "- (uint64_t)n_relevant",
    ),
    (
        "newcomers: what was given can be recommended",
        CANDIDATES,
        "c->mark[c->side.others[j]] = RATED;",
        "c->mark[c->side.others[j]] = c->side.is_folded_in ? NOTHING : RATED;",
    ),
    (
        "newcomers: the fallback knows what was given",
        EVALUATE,
        "dsc_scorer_predict_at(e->scorer, e->n, e->user, e->item, e->time, e->fallback, NULL);",
        "dsc_scorer_predict_sides(e->scorer, e->n, e->user_side, e->item_side, e->fallback, NULL);",
    ),
    (
        "newcomers: biases without what was given",
        EVALUATE,
        "mean + e->user_side[p].baseline +",
        "mean +",
    ),
    (
        "newcomers: the dot product with the model's sides",
        RANK_USER,
        "is_dot ? w->task->plan->dot_sides : w->task->plan->sides",
        "w->task->plan->sides",
    ),
    (
        "lists: a user alone is somebody",
        ITEM_LISTS,
        "if (status == DSC_OK && n > 0 && n_items == 0) {",
        "if (status == DSC_OK && n_items == 0) {",
    ),
    (
        "lists: every user is a new one",
        ITEM_LISTS,
        "n_items > 0 && user < n_users",
        "n_items > 0 && user > n_users",
    ),
    (
        "lists: a line an entry",
        RATINGS_LIST,
        "list->has_lists ? line : line - entry",
        "line - entry",
    ),
    (
        "lists: nothing ends a list but its last item",
        ITEM_LISTS,
        "field->length == 0 && !is_behind_last",
        "field->length == 0",
    ),
    # --- strengths by number of ratings, and trials ----------------------------------------------
    (
        "strength by count: a row without ratings has none",
        STRENGTH,
        "pow(fmax(n, 1) / usual, power)",
        "pow(n / usual, power)",
    ),
    (
        "strength by count: empty rows count in the average",
        STRENGTH,
        "n_filled += ratings.start[r + 1] > ratings.start[r];",
        "n_filled += ratings.start[r + 1] >= ratings.start[r];",
    ),
    (
        "strength by count: items have the average of users",
        STRENGTH,
        "is_item ? model->n_items : model->n_users;",
        "is_item ? model->n_users : model->n_users;",
    ),
    (
        "strength by count: the factors of the first rows alone",
        FULL_BATCH_VALUES,
        "group->strength * group->factor[row]);",
        "group->strength * group->factor[0]);",
    ),
    (
        "strength by count: summed vectors have the counts of the others",
        FULL_BATCH_VALUES,
        "ridge->user_history, p->item_strength}",
        "ridge->user_history, p->user_strength}",
    ),
    (
        "strength by count: a fold-in forgets the filled-up history",
        FOLD_IN,
        "fmax((double)n, p->config->n_history)",
        "fmax((double)n, 0)",
    ),
    (
        "trials: the parabola leans the wrong way",
        TRIALS,
        "at + (left - right) / (2 * curvature)",
        "at - (left - right) / (2 * curvature)",
    ),
    (
        "trials: no way up",
        TRIALS,
        "status = walk(c, 2, err);",
        "status = walk(c, -2, err);",
    ),
    (
        "interactions: the rows below a pivot keep its part",
        SOLVE,
        "row[c] -= factor * pivot_row[c];",
        "row[c] += factor * pivot_row[c];",
    ),
    (
        "interactions: a rotation the wrong way round",
        SYMMETRIC,
        "out = cosine * change - within;",
        "out = cosine * change + within;",
    ),
    (
        "interactions: reflections in the wrong order",
        SYMMETRIC,
        "for (size_t c = n < 2 ? 0 : n - 2; c-- > 0;) {",
        "for (size_t c = 0; c + 2 < n; c++) {",
    ),
    (
        "interactions: all rows are held equally",
        ALS,
        "(n_interactions + dsc_als_pair_weight(model) * n_others);",
        "(1 + dsc_als_pair_weight(model) * n_others);",
    ),
    (
        "interactions: what was not chosen has no weight",
        ALS,
        "const double shared = weight * fmax(h->als->gram[f * k + f], 0);",
        "const double shared = 0 * weight * fmax(h->als->gram[f * k + f], 0);",
    ),
    (
        "interactions: threads leave out the last row of a part",
        ALS,
        "r < (part + 1) * PART && r < h->rows.n_rows",
        "r + 1 < (part + 1) * PART && r < h->rows.n_rows",
    ),
    (
        "interactions: a folded row without the others' Gram matrix",
        ALS_ROW,
        "a[i] = weight * gram[i];",
        "a[i] = 0 * weight * gram[i];",
    ),
    (
        "interactions: bpr of the sum instead of the mean",
        RANKING_LOSS,
        "n > 1 ? 1 / (double)(n - 1) : 0;",
        "n > 1 ? 1 : 0;",
    ),
    (
        "interactions: softmax without the chosen item's 1",
        RANKING_LOSS,
        "    d_score[0] -= 1;",
        "    d_score[0] -= 0;",
    ),
    (
        "interactions: negatives that were chosen",
        SAMPLER,
        "if (dsc_sparse_find(s->chosen, user, one) == s->chosen.n_entries) {",
        "if (one < n_items) {",
    ),
    (
        "interactions: the same negatives in every epoch",
        SAMPLER,
        "(uint64_t)epoch << 32 | place",
        "(uint64_t)0 * epoch << 32 | place",
    ),
    (
        "interactions: a walk that takes an item too seldom",
        SAMPLER,
        "dsc_random_below(&random, n_free--) < n - drawn",
        "dsc_random_below(&random, n_free) < n - drawn",
    ),
    # --- tiles of minibatches ---------------------------------------------------------------------
    (
        "tiles: a row that is touched again begins anew",
        EMBEDDING,
        "    e->kernels->accumulate_rows(&moves);",
        "    e->kernels->copy_rows(&moves);",
    ),
    (
        "tiles: a penalty that counts each row once",
        EMBEDDING,
        "            touched->weight[slot] += 1;",
        "            touched->weight[slot] = 1;",
    ),
    (
        "tiles: rounds after the first forget the network's gradient",
        TRAINER_STEP,
        "if (step->is_first && step->n_tiles > 0) {",
        "if (step->n_tiles > 0) {",
    ),
    (
        "tiles: an update after each round",
        TRAINER_STEP,
        "if (is_last && !waits) {",
        "if (!waits) {",
    ),
    (
        "tiles: a mean over the tile instead of the minibatch",
        TILE,
        "/ (float)tile->n_batch;",
        "/ (float)tile->n;",
    ),
    (
        "tiles: users' gradients for the items",
        TRAINER_STEP,
        ".gradient = tile->d_x + of * k,",
        ".gradient = tile->d_x,",
    ),
    (
        "tiles: a failure that leaves gradients behind",
        TRAINER_STEP,
        "        dsc_embedding_reset(&trainer->tables[t]);",
        "        (void)t;",
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
    # --- twin AdaGrad ----------------------------------------------------------------------------
    (
        "factorisation: a penalty on the other's vector",
        FACTOR,
        "d_q = l2 * q - error * p;",
        "d_q = l2 * p - error * p;",
    ),
    (
        "factorisation: the item moves by the user's new vector",
        FACTOR,
        "    p -= rates[0] * d_p;\n    q -= rates[1] * d_q;",
        "    p -= rates[0] * d_p;\n    q -= rates[1] * (l2 * q - error * p);",
    ),
    (
        "factorisation: the rate of the other side",
        FACTOR,
        "    q -= rates[1] * d_q;",
        "    q -= rates[0] * d_q;",
    ),
    (
        "factorisation: sums of squares instead of means",
        FACTOR,
        "const real slow_share = 1 / (real)n_slow,",
        "const real slow_share = 1 + 0 * (real)n_slow,",
    ),
    (
        "factorisation: the fast numbers' mean counts the slow ones",
        FACTOR,
        "1 / (real)(n - n_slow)",
        "1 / (real)n",
    ),
    (
        "factorisation: the slow numbers' squares go to the fast ones",
        FACTOR,
        "+= others + last;",
        "+= others + last + parts[2 * side];",
    ),
    (
        "factorisation: fast numbers do not rest",
        FACTOR,
        "fast[i] = i >= DSC_FACTOR_SLOW && !pass->is_slow_only;",
        "fast[i] = i >= DSC_FACTOR_SLOW;",
    ),
    (
        "factorisation: a bias is no part of the error",
        FACTOR,
        "(real)target - states[0][3] - states[1][3] -",
        "(real)target - states[0][3] -",
    ),
    (
        "factorisation: a bias that stays without biases moves",
        FACTOR,
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
        "factorisation: all rounds are the same",
        FACTORISATION,
        "self->shift = self->rounds[round];",
        "self->shift = 0 * self->rounds[round];",
    ),
    (
        "factorisation: the fast numbers rest in every epoch",
        FACTORISATION,
        "self->is_first_epoch = epoch == 1;",
        "self->is_first_epoch = epoch >= 1;",
    ),
    (
        "factorisation: vectors are handed over in the order of training",
        FACTORISATION,
        "of->table + owner * of->k",
        "of->table + row * of->k",
    ),
    (
        "factorisation: the last user of a bin is left out",
        FACTORISATION,
        "for (size_t row = self->bins[part]; row < self->bins[part + 1]; row++) {\n"
        "        const uint64_t *start = j->ratings.start + users->owner[row];\n"
        "        for (uint64_t e = start[0]; e < start[1]; e++) {\n"
        "            const uint32_t item",
        "for (size_t row = self->bins[part]; row < self->bins[part + 1] - 1; row++) {\n"
        "        const uint64_t *start = j->ratings.start + users->owner[row];\n"
        "        for (uint64_t e = start[0]; e < start[1]; e++) {\n"
        "            const uint32_t item",
    ),
    (
        "reading: a quote that separates nothing",
        SEPARATORS,
        "ones * (0x7F - '\"')",
        "ones * (0x7F - ' ')",
    ),
    (
        "reading: the last of many marks in a word is lost",
        SEPARATORS_MARKS,
        "for (size_t i = BLIND; i < n; i++) {",
        "for (size_t i = BLIND; i + 1 < n; i++) {",
    ),
    (
        "reading: any three characters are a rating with a point",
        PLAIN_ROW,
        "if (length == 3 && p[1] == '.' && first < 10 && last < 10) {",
        "if (length == 3 && first < 10 && last < 10) {",
    ),
    (
        "reading: one colon for two",
        PLAIN_ROW,
        "is_good = is_good && place->base + *place->mark == place->at && *place->at == ':';",
        "is_good = is_good && *place->mark > 0;",
    ),
    (
        "reading: the first digits of a time one place too low",
        PLAIN_ROW,
        "high * 100000000 + low",
        "high * 10000000 + low",
    ),
    (
        "reading: a bad line moves the numbers of none behind it",
        ROW_PART,
        "const uint64_t offset = part->n_lines + 1 - entry;",
        "const uint64_t offset = 1;",
    ),
    (
        "reading: items by the numbers of whoever read them",
        ROW_CREW,
        "to.item[i] = r->item[part->out.item[i]];",
        "to.item[i] = part->out.item[i];",
    ),
    (
        "reading: lines counted from the part's first",
        ROW_CREW,
        "const uint64_t line = n_lines_before + o->entry + o->offset;",
        "const uint64_t line = o->entry + o->offset;",
    ),
    (
        "reading: the last bad line of all for the first",
        ROW_CREW,
        "if (report->n_bad == 0) {",
        "if (part->n_bad > 0) {",
    ),
    (
        "ids: 07 is 7",
        ID_NUMBER,
        "((key & 0xFF) != '0' || length == 1)",
        "length > 0",
    ),
    (
        "sparse: gaps of duplicates closed in the entries alone",
        SPARSE_SORT,
        "m->start[row + 1] -= gap;",
        "m->start[row + 1] -= 0 * gap;",
    ),
    (
        "sparse: every part of a transpose places from the column's first entry",
        SPARSE_TRANSPOSE,
        "            *place = n;",
        "            *place = t->out->start[column];",
    ),
    (
        "catalogue: the items' half of the first layer with the users' weights",
        SIDE_TILE,
        "is_item ? weights + k * width : weights",
        "weights",
    ),
    (
        "catalogue: the first layer's bias in both halves",
        SIDE_TILE,
        ".start = is_item ? NULL : dsc_network_bias(model->network, 0).data,",
        ".start = dsc_network_bias(model->network, 0).data,",
    ),
    (
        "catalogue: the halves are not rectified on the way into the next layer",
        KERNELS_TILE,
        "bits &= is_positive;",
        "bits &= is_positive | ~is_positive;",
    ),
    (
        "catalogue: the least sum that can enter is not rounded down",
        OUTPUT,
        "return nextafterf((float)((score - center) / spread - slack), -INFINITY);",
        "return nextafterf((float)((score - center) / spread + 1e-3), INFINITY);",
    ),
    (
        "catalogue: items of the last tile that are none",
        RECOMMEND,
        "wanted[u] &= all;",
        "wanted[u] &= all | all << 1;",
    ),
    (
        "catalogue: rated items are recommended",
        RECOMMEND,
        "user->others[middle] < item",
        "user->others[middle] <= item",
    ),
    (
        "catalogue: a scorer uses a catalogue of another time",
        RECOMMEND,
        "catalogue != NULL && dsc_catalogue_is_of(catalogue, scorer->time) ? catalogue : NULL",
        "catalogue",
    ),
    (
        "catalogue: a user of a long vector is done too early",
        RECOMMEND,
        "list->norm * reach->norm * (1 + rounding)",
        "fmin(list->norm, 1) * reach->norm * (1 + rounding)",
    ),
    (
        "catalogue: a user who is done takes the next one along",
        RECOMMEND,
        "const growing moved = lists[from];",
        "const growing moved = *done;",
    ),
    (
        "catalogue: the reach of a tile alone",
        CATALOGUE,
        "fmax(reach->norm, reach[1].norm)",
        "reach->norm",
    ),
    (
        "ranking: the threads' lists are not put together",
        LISTS,
        "lists->count[i] += from->count[i];",
        "lists->count[i] = from->count[i];",
    ),
]
