/* Gradient descent at one rate, watched for how the error ends: the verdict on that rate.
 *
 * All arithmetic is the engine's own (forward, backward, step). Nothing is kept of the run but a
 * few extremes, so that any number of steps costs no memory. The rules are in descent/scan.h. */
#include "descent/scan.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/norms.h"
#include "descent/optimizer.h"
#include "network/network_internal.h"

/* At rest: the gradient has at most this share of its first length, and the loss fell by at most
 * this share of the first one. A small gradient alone does not show it, for in a direction of
 * little curvature much may be left to fall. */
#define REST_GRADIENT 1e-4
#define REST_FALL     1e-6

/* A smaller rise is taken for rounding. */
#define GROWTH_SHARE 1e-8

/* What is lower by at least a tenth from quarter to quarter is on its way down, though it swings or
 * was thrown above its start. */
#define FALLING_SHARE 0.9

typedef struct run {
    dsc_network *net; /* the copy that is trained */
    dsc_workspace *ws;
    dsc_optimizer *optimizer;
    const dsc_scan_config *config;
    size_t quarter; /* steps of the last quarter */
    double *memory; /* holds the three matrices below */
    dsc_matrix input;
    dsc_matrix target;
    double *prediction; /* (n, n_out), of the last finite loss */
    /* What is remembered of the losses. */
    double last;             /* of the pass before */
    double before;           /* the last one before the last quarter */
    double highest_before;   /* of all before the last quarter */
    double highest_previous; /* in the quarter before the last */
    bool has_grown_lately;   /* in the last quarter */
    double first_gradient;   /* length */
    dsc_scan_result result;
} run;

const char *dsc_scan_verdict_name(dsc_scan_verdict verdict) {
    static const char *const names[DSC_SCAN_N_VERDICTS] = {
        [DSC_SCAN_CONVERGES] = "converges",
        [DSC_SCAN_FALLING] = "still falling",
        [DSC_SCAN_OSCILLATES] = "oscillates without settling",
        [DSC_SCAN_DIVERGES] = "diverges",
        [DSC_SCAN_OVERFLOWS] = "overflows",
    };
    return (size_t)verdict < DSC_SCAN_N_VERDICTS ? names[verdict] : NULL;
}

/* Whether `now` is above `then` by more than rounding. */
static bool is_growth(const run *r, double then, double now) {
    return now > then + GROWTH_SHARE * fmax(r->result.first_loss, then);
}

/* Takes note of the loss after `step` steps. */
static void record(run *r, size_t step, double loss) {
    dsc_scan_result *result = &r->result;
    const bool is_late = step + r->quarter > r->config->n_steps;
    if (step == 0) {
        result->first_loss = loss;
    } else if (is_growth(r, r->last, loss)) {
        result->grows_at = result->grows_at > 0 ? result->grows_at : step;
        r->has_grown_lately = r->has_grown_lately || is_late;
    }
    result->highest_loss = fmax(result->highest_loss, loss);
    if (!is_late) {
        r->before = loss;
        r->highest_before = fmax(r->highest_before, loss);
        if (step + 2 * r->quarter > r->config->n_steps) {
            r->highest_previous = fmax(r->highest_previous, loss);
        }
    } else {
        result->quarter_high = fmax(result->quarter_high, loss);
        result->quarter_low = fmin(result->quarter_low, loss);
    }
    r->last = result->last_loss = loss;
    result->n_finite = step;
}

static dsc_scan_verdict judge(const run *r) {
    const dsc_scan_result *result = &r->result;
    const bool has_grown = r->has_grown_lately || is_growth(r, r->before, result->last_loss);
    const bool is_above = is_growth(r, result->first_loss, result->last_loss);
    const bool is_sinking = result->quarter_high <= FALLING_SHARE * r->highest_previous;
    if (is_growth(r, r->highest_before, result->quarter_low)) {
        return DSC_SCAN_DIVERGES;
    }
    if (has_grown && !is_sinking) {
        return DSC_SCAN_OSCILLATES;
    }
    if (is_above && !is_sinking) {
        return DSC_SCAN_DIVERGES;
    }
    const bool is_at_rest = result->gradient_share <= REST_GRADIENT &&
                            r->before - result->last_loss <= REST_FALL * result->first_loss;
    return is_at_rest && !has_grown && !is_above ? DSC_SCAN_CONVERGES : DSC_SCAN_FALLING;
}

/* Length of all parameters' gradient; infinite or not a number when it overflows. */
static double gradient_length(const run *r) {
    return dsc_norm_frobenius(
        dsc_matrix_f64(dsc_workspace_gradients(r->ws), 1, dsc_network_n_parameters(r->net)));
}

/* Spectral norm of the last finite error. */
static dsc_status measure_error(run *r, double *norm, dsc_error *err) {
    const size_t n = r->target.n_rows * r->target.n_cols;
    for (size_t i = 0; i < n; i++) {
        r->prediction[i] -= ((const double *)r->target.data)[i];
    }
    const dsc_matrix error = dsc_matrix_f64(r->prediction, r->target.n_rows, r->target.n_cols);
    return dsc_norm_spectral(error, norm, err);
}

/* One pass forward and back: the loss and the gradients. */
static dsc_status pass(run *r, double *loss, dsc_error *err) {
    dsc_status status = dsc_network_forward(r->net, r->ws, r->input, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_workspace_zero_gradients(r->ws);
    return dsc_network_backward(r->net, r->ws, r->target, loss, err);
}

static void keep_prediction(run *r) {
    memcpy(r->prediction, dsc_workspace_output(r->ws).data,
           r->target.n_rows * r->target.n_cols * sizeof *r->prediction);
}

static dsc_status run_steps(run *r, dsc_error *err) {
    double loss;
    dsc_status status = pass(r, &loss, err);
    if (status == DSC_OK) {
        keep_prediction(r);
        status = measure_error(r, &r->result.first_norm, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    r->first_gradient = gradient_length(r);
    keep_prediction(r);
    record(r, 0, loss);
    for (size_t step = 1; step <= r->config->n_steps; step++) {
        if (r->config->keep_going != NULL && !r->config->keep_going(r->config->user)) {
            return dsc_fail(err, DSC_E_CANCELLED, "scan", "the caller asked to stop");
        }
        dsc_optimizer_step(r->optimizer, dsc_network_parameters(r->net),
                           dsc_workspace_gradients(r->ws));
        status = pass(r, &loss, err);
        if (status == DSC_E_NONFINITE) {
            r->result.overflow_step = step;
            r->result.grows_at = r->result.grows_at > 0 ? r->result.grows_at : step;
            break;
        }
        if (status != DSC_OK) {
            return status;
        }
        keep_prediction(r);
        record(r, step, loss);
    }
    return measure_error(r, &r->result.last_norm, err);
}

static void conclude(run *r) {
    dsc_scan_result *result = &r->result;
    if (result->overflow_step > 0) {
        result->verdict = DSC_SCAN_OVERFLOWS;
        result->quarter_low = result->quarter_high = 0;
        return;
    }
    const double length = gradient_length(r);
    result->gradient_share = length == 0 ? 0 : length / r->first_gradient;
    result->verdict = judge(r);
}

static double *copy(double *to, dsc_matrix from) {
    for (size_t i = 0; i < from.n_rows * from.n_cols; i++) {
        to[i] = dsc_matrix_at(from, 0, i);
    }
    return to;
}

static dsc_status prepare(run *r, const dsc_network *net, dsc_matrix x, dsc_matrix target,
                          dsc_error *err) {
    const size_t n_input = x.n_rows * x.n_cols, n_target = target.n_rows * target.n_cols;
    size_t n;
    const bool fits =
        !__builtin_mul_overflow(n_target, (size_t)2, &n) && !__builtin_add_overflow(n, n_input, &n);
    r->memory = fits ? dsc_alloc(n, sizeof *r->memory) : NULL;
    if (r->memory == NULL) {
        return dsc_fail_memory(err, "the matrices of a scan");
    }
    r->input = dsc_matrix_f64(copy(r->memory, x), x.n_rows, x.n_cols);
    r->target = dsc_matrix_f64(copy(r->memory + n_input, target), target.n_rows, target.n_cols);
    r->prediction = r->memory + n_input + n_target;
    r->quarter = r->config->n_steps < 4 ? 1 : r->config->n_steps / 4;
    r->result.quarter_low = INFINITY;
    const dsc_workspace_config workspace = {.max_batch = x.n_rows, .no_input_gradient = true};
    const dsc_optimizer_config sgd = dsc_sgd(r->config->rate);
    dsc_status status = dsc_network_copy(&r->net, net, DSC_FLOAT64, err);
    if (status == DSC_OK) {
        status = dsc_workspace_create(&r->ws, r->net, &workspace, err);
    }
    if (status == DSC_OK) {
        status = dsc_optimizer_create(&r->optimizer, &sgd, DSC_FLOAT64,
                                      dsc_network_n_parameters(net), err);
    }
    return status;
}

static dsc_status check(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                        const dsc_scan_config *config, dsc_error *err) {
    if (!(config->rate > 0.0) || !isfinite(config->rate)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "rate",
                        "the learning rate is %g, expected a finite number above 0", config->rate);
    }
    if (config->n_steps == 0 || config->n_steps > SIZE_MAX / 4) {
        return dsc_fail(err, DSC_E_ARGUMENT, "steps", "the number of steps is %zu, expected %s",
                        config->n_steps, config->n_steps == 0 ? "at least 1" : "a smaller one");
    }
    const size_t n = x.n_rows > 0 ? x.n_rows : 1;
    const dsc_status status =
        dsc_check_shape(x, n, dsc_network_n_in(net), x.precision, "input", err);
    return status == DSC_OK
               ? dsc_check_shape(target, n, dsc_network_n_out(net), target.precision, "target", err)
               : status;
}

dsc_status dsc_scan_rate(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                         const dsc_scan_config *config, dsc_scan_result *out, dsc_error *err) {
    run r = {.config = config};
    dsc_status status = check(net, x, target, config, err);
    if (status == DSC_OK) {
        status = prepare(&r, net, x, target, err);
    }
    if (status == DSC_OK) {
        status = run_steps(&r, err);
    }
    if (status == DSC_OK) {
        conclude(&r);
        *out = r.result;
    }
    dsc_optimizer_destroy(r.optimizer);
    dsc_workspace_destroy(r.ws);
    dsc_network_destroy(r.net);
    dsc_free(r.memory);
    return status;
}
