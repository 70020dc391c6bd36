/* Full-batch training: L-BFGS over the objective (55) or (146) of docs/math.md, from the model's values and
 * back into them. full_batch_memory.c and full_batch_ratings.c have what a pass needs. */
#include "recommender/full_batch.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/lbfgs_run.h"
#include "recommender/full_batch_pass.h"
#include "recommender/full_batch_state.h"

/* Steps that L-BFGS remembers: more cost memory, and gained nothing on the data measured. */
enum { MEMORY = 8 };

dsc_status dsc_full_batch_evaluate(const void *x, double *loss, void *gradient, void *batch,
                                   dsc_error *err) {
    dsc_full_batch *b = batch;
    return b->pass.kernels->precision == DSC_FLOAT32
               ? dsc_full_batch_pass_f32(&b->pass, x, loss, gradient, err)
               : dsc_full_batch_pass_f64(&b->pass, x, loss, gradient, err);
}

size_t dsc_full_batch_n_values(const dsc_full_batch *b) {
    const dsc_recommender *m = b->model;
    return m->n_table_values + (m->network != NULL ? dsc_network_n_parameters(m->network) : 0);
}

/* The network's parameters, NULL without one. */
static float *network_values(const dsc_recommender *m) {
    return m->network != NULL ? dsc_network_parameters(m->network) : NULL;
}

/* Whether L-BFGS may try its points in the model's own tables: there is nothing behind them. */
static bool is_in_place(const dsc_full_batch *b) {
    return b->model->network == NULL && b->pass.kernels->precision == DSC_FLOAT32;
}

/* --- units ------------------------------------------------------------------------------------ */

/* Every rating curves the loss along a threshold, along a bias those of one row alone. L-BFGS, which
 * begins with one curvature for all, would take hundreds of iterations to tell them apart; so it
 * works on steps in this unit, in which the curvature is about that of a row's bias: docs/math.md, after
 * (146). A power of two: to scale and to scale back changes no bit. */
static double unit_of_steps(const dsc_recommender *m) {
    return exp2(round(log2(2 / ((double)m->n_users + (double)m->n_items)) / 2));
}

/* Multiplies the model's steps by a factor. */
static void scale_steps(dsc_recommender *m, double factor) {
    for (size_t j = 0; m->threshold_steps != NULL && j < dsc_ordinal_n_steps(&m->ordinal); j++) {
        m->threshold_steps[j] = (float)((double)m->threshold_steps[j] * factor);
    }
}

static bool watch(const dsc_lbfgs_progress *progress, const void *x, void *user) {
    dsc_full_batch *b = user;
    (void)x; /* the values that were evaluated last */
    if (b->pass.kernels->precision != DSC_FLOAT32) {
        return b->watcher(progress->iteration, b->pass.sum_of_squared_errors, b->user);
    }
    scale_steps(b->model, b->pass.unit_of_steps);
    dsc_model_set_thresholds(b->model);
    const bool goes_on = b->watcher(progress->iteration, b->pass.sum_of_squared_errors, b->user);
    scale_steps(b->model, 1 / b->pass.unit_of_steps);
    return goes_on;
}

/* --- running ---------------------------------------------------------------------------------- */

/* The model's values as numbers of the batch's precision, and back. */
static void get_values(const dsc_full_batch *b, void *x) {
    const dsc_recommender *m = b->model;
    const float *parameters = network_values(m);
    for (size_t i = 0; i < dsc_full_batch_n_values(b); i++) {
        const float value =
            i < m->n_table_values ? m->tables[i] : parameters[i - m->n_table_values];
        dsc_full_batch_set(b, x, i, value);
    }
}

static void set_values(dsc_full_batch *b, const void *x) {
    dsc_recommender *m = b->model;
    float *parameters = network_values(m);
    const dsc_matrix values = {x, 1, dsc_full_batch_n_values(b), b->pass.kernels->precision};
    for (size_t i = 0; i < values.n_cols; i++) {
        *(i < m->n_table_values ? &m->tables[i] : &parameters[i - m->n_table_values]) =
            (float)dsc_matrix_at(values, 0, i);
    }
}

dsc_status dsc_full_batch_run(dsc_full_batch *b, dsc_full_batch_watcher watcher, void *user,
                              dsc_error *err) {
    const dsc_lbfgs_space space = {b->pass.kernels, b->pass.pool, dsc_full_batch_n_values(b)};
    void *x = dsc_alloc(space.n, (size_t)space.kernels->precision);
    if (x == NULL) {
        return dsc_fail_memory(err, "the variables of L-BFGS");
    }
    b->pass.unit_of_steps = unit_of_steps(b->model);
    scale_steps(b->model, 1 / b->pass.unit_of_steps);
    get_values(b, x);
    b->watcher = watcher;
    b->user = user;
    const dsc_lbfgs_config config = {.memory = MEMORY,
                                     .max_iterations = b->model->config.max_epochs};
    const dsc_lbfgs_run run = {.config = &config,
                               .objective = dsc_full_batch_evaluate,
                               .observer = watch,
                               .user = b,
                               .trial = is_in_place(b) ? b->pass.tables : NULL};
    dsc_status status = dsc_lbfgs_minimize_in(&space, x, &run, NULL, err);
    set_values(b, x);
    scale_steps(b->model, b->pass.unit_of_steps);
    b->pass.unit_of_steps = 1;
    dsc_model_refresh(b->model);
    dsc_free(x);
    return status;
}
