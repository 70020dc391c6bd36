/* Runs a small network step by step and shows every matrix on the way.
 *
 * All arithmetic is the engine's own (forward, backward, step); what is computed here is only what
 * training does not need: the error and its norms. Words and formulas are in trace_names.c.
 * Implements docs/math.md (1) to (10), (16), (17). */
#include "descent/trace.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/norms.h"
#include "descent/optimizer.h"
#include "network/trace_names.h"

typedef struct run {
    dsc_network *net; /* the copy that is trained */
    dsc_workspace *ws;
    dsc_optimizer *optimizer;
    double *block;     /* what input, target and error point into */
    dsc_matrix input;  /* (n, n_in) */
    dsc_matrix target; /* (n, n_out) */
    double *error;     /* (n, n_out), prediction - target */
    const dsc_trace_config *config;
    dsc_trace_sink sink;
    void *user;
    size_t step; /* of the entries now shown */
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
    r->result.overflow_step = r->step;
    dsc_trace_text where = r->step > r->config->n_steps
                               ? dsc_trace_format("after step %zu, %s", r->step - 1, name)
                               : dsc_trace_format("step %zu, %s", r->step, name);
    return dsc_fail(r->err, DSC_E_NONFINITE, where.s,
                    "the value is too large for a floating-point number");
}

/* Shows one value, or fails when it is not finite. */
static dsc_status show(run *r, dsc_trace_phase phase, dsc_matrix value,
                       const dsc_trace_labels *labels) {
    if (!is_finite(value)) {
        return fail_overflow(r, labels->name.s);
    }
    const dsc_trace_entry entry = {
        .step = r->step,
        .phase = phase,
        .name = labels->name.s,
        .formula = labels->formula.s,
        .shapes = labels->shapes.s,
        .meaning = labels->meaning.s,
        .value = value,
    };
    return r->sink(&entry, r->user);
}

static dsc_status show_number(run *r, double value, const dsc_trace_labels *labels) {
    return show(r, DSC_TRACE_ERROR, dsc_matrix_f64(&value, 1, 1), labels);
}

/* Weights and biases of every layer, as given (step 0) or as a step left them. */
static dsc_status show_parameters(run *r, dsc_trace_phase phase) {
    dsc_status status = DSC_OK;
    for (size_t l = 0; status == DSC_OK && l < dsc_network_n_layers(r->net); l++) {
        dsc_matrix weights = dsc_network_weights(r->net, l), bias = dsc_network_bias(r->net, l);
        dsc_trace_labels labels = dsc_trace_name_parameter('W', l, weights, r->config->rate);
        if (phase == DSC_TRACE_GIVEN) {
            dsc_trace_name_as_given(&labels, 'W', l);
        }
        status = show(r, phase, weights, &labels);
        if (status == DSC_OK && bias.data != NULL) {
            labels = dsc_trace_name_parameter('b', l, bias, r->config->rate);
            if (phase == DSC_TRACE_GIVEN) {
                dsc_trace_name_as_given(&labels, 'b', l);
            }
            status = show(r, phase, bias, &labels);
        }
    }
    return status;
}
