/* A training run of a small network, every matrix of every step in order: what `descent net trace`
 * prints.
 *
 * The run is full-batch gradient descent in double precision on a copy of the network, through the
 * same forward, backward and step functions that training uses; the trace only looks. */
#ifndef DESCENT_TRACE_H
#define DESCENT_TRACE_H

#include <stddef.h>

#include "descent/matrix.h"
#include "descent/network.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In which part of a step a value is computed. */
typedef enum dsc_trace_phase {
    DSC_TRACE_GIVEN = 0,    /* input, target, first parameters; step 0 only */
    DSC_TRACE_FORWARD = 1,  /* Z and A of every layer, the last A being the prediction; only A for
                               the identity, where Z is the same */
    DSC_TRACE_ERROR = 2,    /* prediction - target, its norms, the loss */
    DSC_TRACE_BACKWARD = 3, /* gradients of intermediates and parameters */
    DSC_TRACE_UPDATE = 4    /* the parameters after the step */
} dsc_trace_phase;

/* One value of the run. Strings and memory are borrowed for the call of the sink. */
typedef struct dsc_trace_entry {
    size_t step; /* 0 for what is given, then 1 .. n_steps; the closing forward pass and its error
                    are step n_steps + 1 */
    dsc_trace_phase phase; /* of that step */
    const char *name;      /* "A1", "prediction", "error", "dW2", "W1", "spectral norm", ... */
    const char *formula; /* how it follows from values named before, such as "A1 W2 + b2": ' is the
                            transpose, .* the product element by element; "" for what is given */
    const char *shapes;  /* of the value and of a product's factors: "3 x 2 = (3 x 4) (4 x 2)";
                            "" for a number: a norm, the loss */
    const char *meaning; /* one plain phrase, such as "gradient of the loss at W2" */
    dsc_matrix value;    /* (1, 1) for norms and the loss; precision is always DSC_FLOAT64 */
} dsc_trace_entry;

/* Called once a value, in order; every gradient is taken at the weights before the step. A return
 * other than DSC_OK ends the run with that status. */
typedef dsc_status (*dsc_trace_sink)(const dsc_trace_entry *entry, void *user);

/* How long the run is, and how fast it goes. */
typedef struct dsc_trace_config {
    double rate;    /* learning rate, > 0 and finite */
    size_t n_steps; /* at least 1 */
} dsc_trace_config;

/* How the error moved over the run. */
typedef struct dsc_trace_result {
    double first_norm;    /* spectral norm of the error before the first step */
    double last_norm;     /* and after the last step that gave finite numbers */
    double first_loss;    /* when first_norm was */
    double last_loss;     /* when last_norm was */
    double largest_norm;  /* the largest of all norms, before, between and after the steps */
    size_t n_grown;       /* steps after which the norm was larger than before them, and than
                             rounding_norm */
    size_t overflow_step; /* the entries' step in which a value was not finite; 0: none */
    double rounding_norm; /* a norm up to here is an error of zero, but for rounding */
} dsc_trace_result;

/* Runs the trace.
 *   x, target  [in]   (n, n_in), (n, n_out), any precision, borrowed
 *   result     [out]  NULL allowed; filled as far as the run came, also with DSC_E_NONFINITE
 * Returns DSC_OK; DSC_E_ARGUMENT, DSC_E_SHAPE, DSC_E_MEMORY before any entry; DSC_E_NONFINITE when
 * a given value is not finite (before any entry) or when one overflows: err->where is then such as
 * "step 7, A2", or "after step 7, A2" in the closing forward pass, and no entry with a value that
 * is not finite ever reaches the sink; or what the sink returned.
 * Math: docs/math.md (1) to (10), norms (16), (17). */
dsc_status dsc_trace_run(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                         const dsc_trace_config *config, dsc_trace_sink sink, void *user,
                         dsc_trace_result *result, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
