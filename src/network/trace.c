/* Runs a small network step by step and shows every matrix on the way.
 *
 * All arithmetic is the engine's own (forward, backward, step); what is computed here is only what
 * training does not need: the error and its norms. Words and formulas are in trace_names.c.
 * Implements docs/math.md (1) to (10), (16), (17). */
#include "descent/trace.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/norms.h"
#include "descent/optimizer.h"
#include "network/trace_names.h"

/* How many units in the last place of the target's norm an error may have that is nothing but
 * rounding: some for each sum of a pass, and what updates smaller than half a unit leave behind;
 * the worked example comes to rest at 1 to 4. */
#define ROUNDING 64

typedef struct run {
    dsc_network *net; /* the copy that is trained */
    dsc_workspace *ws;
    dsc_optimizer *optimizer;
    double *memory;    /* holds the three matrices below */
    dsc_matrix input;  /* (n, n_in) */
    dsc_matrix target; /* (n, n_out) */
    double *error;     /* (n, n_out), prediction - target */
    dsc_trace_context context;
    const dsc_trace_config *config;
    dsc_trace_sink sink;
    void *user;
    size_t step; /* of the entries now shown; 0: what is given */
    dsc_trace_result result;
    dsc_error *err;
} run;

static bool is_finite(dsc_matrix m) {
    for (size_t i = 0; i < m.n_rows; i++) {
        for (size_t j = 0; j < m.n_cols; j++) {
            if (!isfinite(dsc_matrix_at(m, i, j))) {
                return false;
            }
        }
    }
    return true;
}

static dsc_status fail_overflow(run *r, const char *name) {
    const bool is_closing = r->step > r->config->n_steps;
    char where[96];
    snprintf(where, sizeof where, "%s %zu, %s", is_closing ? "after step" : "step",
             is_closing ? r->config->n_steps : r->step, name);
    r->result.overflow_step = r->step;
    return dsc_fail(r->err, DSC_E_NONFINITE, where,
                    "overflow: a value is too large for a floating-point number");
}

/* Hands one value to the sink, or fails when it is not finite. */
static dsc_status show(run *r, dsc_trace_kind kind, size_t layer, dsc_matrix value) {
    const dsc_trace_labels labels = dsc_trace_name(&r->context, kind, layer);
    if (!is_finite(value)) {
        return fail_overflow(r, labels.name);
    }
    const dsc_trace_entry entry = {
        .step = r->step,
        .phase = labels.phase,
        .name = labels.name,
        .formula = labels.formula,
        .shapes = labels.shapes,
        .meaning = labels.meaning,
        .value = value,
    };
    return r->sink(&entry, r->user);
}

static dsc_status show_number(run *r, dsc_trace_kind kind, double value) {
    return show(r, kind, 0, dsc_matrix_f64(&value, 1, 1));
}

/* A value that the layer may lack, `value.data` NULL. */
static dsc_status show_if_there(run *r, dsc_trace_kind kind, size_t layer, dsc_matrix value) {
    return value.data != NULL ? show(r, kind, layer, value) : DSC_OK;
}

/* What each layer has of weights, bias, gain and shift, whose kinds follow one another. */
static dsc_status show_parameters(run *r, dsc_trace_kind weights) {
    const dsc_trace_kind first = weights;
    dsc_status status = DSC_OK;
    for (size_t l = 0; status == DSC_OK && l < dsc_network_n_layers(r->net); l++) {
        const dsc_matrix rows[] = {dsc_network_weights(r->net, l), dsc_network_bias(r->net, l),
                                   dsc_network_gain(r->net, l), dsc_network_shift(r->net, l)};
        for (size_t i = 0; status == DSC_OK && i < sizeof rows / sizeof rows[0]; i++) {
            status = show_if_there(r, (dsc_trace_kind)(first + i), l, rows[i]);
        }
    }
    return status;
}

static dsc_status show_given(run *r) {
    dsc_status status = show(r, DSC_TRACE_INPUT, 0, r->input);
    if (status == DSC_OK) {
        status = show(r, DSC_TRACE_TARGET, 0, r->target);
    }
    return status == DSC_OK ? show_parameters(r, DSC_TRACE_WEIGHTS) : status;
}

/* The stages of a layer in the order of the pass. One whose values are those of the next is left
 * out: what enters an identity is what leaves it. */
static const struct {
    dsc_intermediate_kind kind;
    dsc_trace_kind value, gradient;
} stages[] = {
    {DSC_Z, DSC_TRACE_Z, DSC_TRACE_D_Z},
    {DSC_NORMED, DSC_TRACE_NORMED, DSC_TRACE_D_NORMED},
    {DSC_A, DSC_TRACE_A, DSC_TRACE_D_A},
};
enum { N_STAGES = sizeof stages / sizeof stages[0] };

static bool is_shown(const run *r, size_t layer, dsc_intermediate_kind kind) {
    const dsc_layer_config config = dsc_network_layer(r->net, layer);
    const bool is_identity = config.activation == DSC_IDENTITY;
    if (kind == DSC_Z) {
        return config.has_norm || !is_identity;
    }
    return kind == DSC_A || (config.has_norm && !is_identity);
}

static dsc_status run_forward(run *r) {
    dsc_status status = dsc_network_forward(r->net, r->ws, r->input, r->err);
    for (size_t l = 0; l < dsc_network_n_layers(r->net); l++) {
        for (size_t i = 0; status == DSC_OK && i < N_STAGES; i++) {
            if (is_shown(r, l, stages[i].kind)) {
                status =
                    show(r, stages[i].value, l, dsc_workspace_find(r->ws, l, stages[i].kind).value);
            }
        }
    }
    return status;
}

/* Takes note of how the error moved. */
static void record(run *r, double norm, double loss) {
    dsc_trace_result *result = &r->result;
    if (r->step == 1) {
        result->first_norm = norm;
        result->first_loss = loss;
    } else if (norm > result->last_norm && norm > result->rounding_norm) {
        result->n_grown++;
    }
    result->last_norm = norm;
    result->last_loss = loss;
    result->largest_norm = fmax(result->largest_norm, norm);
}

/* A norm or loss beyond the largest double counts as infinite, so that `show` names it. */
static dsc_status show_spectral_norm(run *r, dsc_matrix error, double *norm) {
    *norm = INFINITY;
    const dsc_status status = dsc_norm_spectral(error, norm, r->err);
    return status != DSC_OK && status != DSC_E_NONFINITE
               ? status
               : show_number(r, DSC_TRACE_SPECTRAL_NORM, *norm);
}

static dsc_status show_loss(run *r, double *loss) {
    *loss = INFINITY;
    const dsc_status status = dsc_network_loss_value(r->net, r->ws, r->target, loss, r->err);
    return status != DSC_OK && status != DSC_E_NONFINITE ? status
                                                         : show_number(r, DSC_TRACE_LOSS, *loss);
}

/* prediction - target, its norms and the loss. */
static dsc_status measure_error(run *r) {
    const dsc_matrix prediction = dsc_workspace_output(r->ws);
    const size_t n = prediction.n_rows * prediction.n_cols;
    for (size_t i = 0; i < n; i++) {
        r->error[i] = ((const double *)prediction.data)[i] - ((const double *)r->target.data)[i];
    }
    const dsc_matrix error = dsc_matrix_f64(r->error, prediction.n_rows, prediction.n_cols);
    double norm, loss;
    dsc_status status = show(r, DSC_TRACE_ERROR_MATRIX, 0, error);
    if (status == DSC_OK) {
        status = show_spectral_norm(r, error, &norm);
    }
    if (status == DSC_OK) {
        status = show_number(r, DSC_TRACE_FROBENIUS_NORM, dsc_norm_frobenius(error));
    }
    if (status == DSC_OK) {
        status = show_loss(r, &loss);
    }
    if (status == DSC_OK) {
        record(r, norm, loss);
    }
    return status;
}

/* Gradients from the output back to the first layer, all of them at the old parameters. */
static dsc_status run_backward(run *r) {
    dsc_workspace_zero_gradients(r->ws);
    dsc_status status = dsc_network_backward(r->net, r->ws, r->target, NULL, r->err);
    for (size_t l = dsc_network_n_layers(r->net); status == DSC_OK && l-- > 0;) {
        for (size_t i = N_STAGES; status == DSC_OK && i-- > 0;) {
            if (is_shown(r, l, stages[i].kind)) {
                status = show(r, stages[i].gradient, l,
                              dsc_workspace_find(r->ws, l, stages[i].kind).gradient);
            }
        }
        const dsc_matrix rows[] = {dsc_workspace_d_weights(r->ws, l),
                                   dsc_workspace_d_bias(r->ws, l), dsc_workspace_d_gain(r->ws, l),
                                   dsc_workspace_d_shift(r->ws, l)};
        for (size_t i = 0; status == DSC_OK && i < sizeof rows / sizeof rows[0]; i++) {
            status = show_if_there(r, (dsc_trace_kind)(DSC_TRACE_D_WEIGHTS + i), l, rows[i]);
        }
    }
    return status;
}

static dsc_status run_steps(run *r) {
    dsc_status status = show_given(r);
    for (r->step = 1; status == DSC_OK && r->step <= r->config->n_steps; r->step++) {
        status = run_forward(r);
        if (status == DSC_OK) {
            status = measure_error(r);
        }
        if (status == DSC_OK) {
            status = run_backward(r);
        }
        if (status == DSC_OK) {
            dsc_optimizer_step(r->optimizer, dsc_network_parameters(r->net),
                               dsc_workspace_gradients(r->ws));
            status = show_parameters(r, DSC_TRACE_NEW_WEIGHTS);
        }
    }
    if (status == DSC_OK) {
        status = run_forward(r);
    }
    return status == DSC_OK ? measure_error(r) : status;
}

static dsc_status check_matrix(dsc_matrix m, const char *name, size_t n_rows, size_t n_cols,
                               dsc_error *err) {
    if (m.data == NULL || m.n_rows != n_rows || m.n_cols != n_cols) {
        return dsc_fail(err, DSC_E_SHAPE, name, "the matrix is %zu x %zu, expected %zu x %zu",
                        m.data == NULL ? 0 : m.n_rows, m.data == NULL ? 0 : m.n_cols, n_rows,
                        n_cols);
    }
    if (m.precision != DSC_FLOAT32 && m.precision != DSC_FLOAT64) {
        return dsc_fail(err, DSC_E_SHAPE, name, "has elements of %d bytes; expected 4 or 8",
                        (int)m.precision);
    }
    if (!is_finite(m)) {
        return dsc_fail(err, DSC_E_NONFINITE, name,
                        "the matrix holds a value that is not a finite number");
    }
    return DSC_OK;
}

static dsc_status check(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                        const dsc_trace_config *config, dsc_error *err) {
    if (!(config->rate > 0.0) || !isfinite(config->rate)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "rate",
                        "the learning rate is %g, expected a finite number above 0", config->rate);
    }
    if (config->n_steps == 0 || config->n_steps == SIZE_MAX) {
        return dsc_fail(err, DSC_E_ARGUMENT, "steps", "the number of steps is %zu, expected %s",
                        config->n_steps, config->n_steps == 0 ? "at least 1" : "a smaller one");
    }
    const size_t n = x.n_rows > 0 ? x.n_rows : 1;
    dsc_status status = check_matrix(x, "input", n, dsc_network_n_in(net), err);
    if (status == DSC_OK) {
        status = check_matrix(target, "target", n, dsc_network_n_out(net), err);
    }
    const dsc_matrix parameters = {dsc_network_parameters_const(net), 1,
                                   dsc_network_n_parameters(net), dsc_network_precision(net)};
    return status == DSC_OK ? check_matrix(parameters, "parameters", 1, parameters.n_cols, err)
                            : status;
}

static double *copy(double *to, dsc_matrix from) {
    for (size_t i = 0; i < from.n_rows * from.n_cols; i++) {
        to[i] = dsc_matrix_at(from, 0, i);
    }
    return to;
}

static dsc_status prepare(run *r, const dsc_network *net, dsc_matrix x, dsc_matrix target) {
    const size_t n_input = x.n_rows * x.n_cols, n_target = target.n_rows * target.n_cols;
    size_t n;
    if (__builtin_mul_overflow(n_target, (size_t)2, &n) || __builtin_add_overflow(n, n_input, &n)) {
        return dsc_fail_memory(r->err, "the matrices of a trace");
    }
    r->memory = dsc_alloc(n, sizeof *r->memory);
    if (r->memory == NULL) {
        return dsc_fail_memory(r->err, "the matrices of a trace");
    }
    r->input = dsc_matrix_f64(copy(r->memory, x), x.n_rows, x.n_cols);
    r->target = dsc_matrix_f64(copy(r->memory + n_input, target), target.n_rows, target.n_cols);
    r->error = r->memory + n_input + n_target;
    r->result.rounding_norm = ROUNDING * DBL_EPSILON * fmin(dsc_norm_frobenius(r->target), DBL_MAX);
    const dsc_workspace_config workspace = {.max_batch = x.n_rows, .keep_intermediates = true};
    const dsc_optimizer_config sgd = dsc_sgd(r->config->rate);
    dsc_status status = dsc_network_copy(&r->net, net, DSC_FLOAT64, r->err);
    if (status == DSC_OK) {
        status = dsc_workspace_create(&r->ws, r->net, &workspace, r->err);
    }
    if (status == DSC_OK) {
        status = dsc_optimizer_create(&r->optimizer, &sgd, DSC_FLOAT64,
                                      dsc_network_n_parameters(net), r->err);
    }
    r->context = (dsc_trace_context){r->net, x.n_rows, r->config->rate};
    return status;
}

dsc_status dsc_trace_run(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                         const dsc_trace_config *config, dsc_trace_sink sink, void *user,
                         dsc_trace_result *result, dsc_error *err) {
    run r = {.config = config, .sink = sink, .user = user, .err = err};
    dsc_status status = check(net, x, target, config, err);
    if (status == DSC_OK) {
        status = prepare(&r, net, x, target);
    }
    if (status == DSC_OK) {
        status = run_steps(&r);
    }
    if (result != NULL) {
        *result = r.result;
    }
    dsc_optimizer_destroy(r.optimizer);
    dsc_workspace_destroy(r.ws);
    dsc_network_destroy(r.net);
    dsc_free(r.memory);
    return status;
}
