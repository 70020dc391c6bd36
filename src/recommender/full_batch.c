/* Full-batch training: the memory of the objective, and L-BFGS over it. docs/math.md (55), (146). */
#include "recommender/full_batch.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/lbfgs_run.h"
#include "recommender/full_batch_pass.h"
#include "recommender/strength.h"
#include "recommender/trainer.h"

/* Steps that L-BFGS remembers: more cost memory, and gained nothing on the data measured. */
enum { MEMORY = 8 };

struct dsc_full_batch {
    dsc_recommender *model;
    dsc_full_batch_pass pass; /* its arrays are freed here, but for those of the model */
    dsc_sparse_matrix by_item;
    void *user_weights; /* of the pass, where they are not the model's */
    void *item_weights;
    uint32_t *bin_of;
    uint32_t *session_of;
    dsc_full_batch_watcher watcher;
    void *user;
};

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

/* numbers[at] = number, in the batch's precision. */
static void set_number(const dsc_full_batch *b, void *numbers, size_t at, float number) {
    if (b->pass.kernels->precision == DSC_FLOAT32) {
        ((float *)numbers)[at] = number;
    } else {
        ((double *)numbers)[at] = (double)number;
    }
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
        set_number(b, x, i, value);
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

/* How the ratings are cut: each part of users for itself, blocks of them to be shared out. */
static dsc_status cut_users(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    dsc_status status = dsc_row_parts_init(&p->user_rows, ratings, err);
    const dsc_row_parts *parts = &p->user_rows;
    p->by_user = ratings;
    p->by_user.time = NULL;
    p->n_blocks = parts->n < DSC_FULL_BATCH_BLOCKS ? parts->n : DSC_FULL_BATCH_BLOCKS;
    for (size_t i = 0; i < parts->n; i++) {
        const uint64_t n = ratings.start[parts->start[i + 1]] - ratings.start[parts->start[i]];
        p->longest_part = n > p->longest_part ? (size_t)n : p->longest_part;
    }
    return status;
}

/* A job's part: the ratings of each item by the users of a block, into the counters of the next one. */
static void count_block(void *job, size_t block, size_t thread) {
    const dsc_full_batch_pass *p = job;
    const dsc_row_range parts = dsc_full_batch_block(p, block);
    const uint64_t *start = p->by_user.start;
    const uint64_t end = start[p->user_rows.start[parts.end]];
    uint32_t *count = p->first + (block + 1) * p->by_item.n_rows;
    (void)thread;
    for (uint64_t e = start[p->user_rows.start[parts.begin]]; e < end; e++) {
        count[p->by_user.column[e]]++;
    }
}

/* Where blocks of users find the places of their ratings. (211) */
static void place_blocks(dsc_full_batch_pass *p) {
    const size_t n_items = p->by_item.n_rows;
    dsc_pool_run(p->pool, p->n_blocks - 1, count_block, p);
    dsc_full_batch_begin_items(p, (dsc_row_range){0, n_items});
    for (size_t i = n_items; i < p->n_blocks * n_items; i++) {
        p->first[i] += p->first[i - n_items];
    }
}

/* The order of the ratings by item, and what brings slopes into it. */
static dsc_status sort_by_item(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    dsc_status status = dsc_sparse_transpose(&b->by_item, dsc_sparse_places(ratings), p->pool, err);
    if (status != DSC_OK) {
        return status;
    }
    p->by_item = dsc_sparse_view(&b->by_item);
    p->first = dsc_alloc(ratings.n_cols, p->n_blocks * sizeof *p->first);
    if (p->first == NULL) {
        return dsc_fail_memory(err, "the ratings by item");
    }
    place_blocks(p);
    return dsc_row_parts_init(&p->item_rows, p->by_item, err);
}

/* Where the biases of each rating's time stand. */
static dsc_status place_times(dsc_full_batch *b, dsc_error *err) {
    const dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    const dsc_sparse all = dsc_sparse_view(&m->ratings), used = p->by_user;
    if (!dsc_uses_time(&m->config)) {
        return DSC_OK;
    }
    if (m->item_time_biases != NULL) {
        p->bin_of = b->bin_of = dsc_alloc(used.n_entries, sizeof *b->bin_of);
    }
    if (m->session_biases != NULL) {
        p->session_of = b->session_of = dsc_alloc(used.n_entries, sizeof *b->session_of);
    }
    if ((m->item_time_biases != NULL && b->bin_of == NULL) ||
        (m->session_biases != NULL && b->session_of == NULL)) {
        return dsc_fail_memory(err, "the times of ratings");
    }
    for (uint32_t u = 0; u < used.n_rows; u++) {
        for (uint64_t e = used.start[u]; e < used.start[u + 1]; e++) {
            const uint32_t item = used.column[e];
            const int64_t time = all.time[dsc_sparse_find(all, u, item)];
            if (b->bin_of != NULL) {
                b->bin_of[e] = (uint32_t)(item * m->clock.n_bins + dsc_clock_bin(&m->clock, time));
            }
            if (b->session_of != NULL) {
                b->session_of[e] = dsc_clock_session(&m->clock, u, time);
            }
        }
    }
    return DSC_OK;
}

/* The values that are trained: the model's own, or others of the same shape. */
static dsc_status allocate_values(dsc_full_batch *b, dsc_error *err) {
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    dsc_full_batch_pass *p = &b->pass;
    if (p->kernels->precision == DSC_FLOAT32) {
        p->tables = m->tables;
        p->user_sides = m->user_sides;
        p->item_sides = m->item_sides;
        p->network = m->network;
        return DSC_OK;
    }
    p->tables = dsc_alloc(m->n_table_values, sizeof(double));
    if (p->tables == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    p->user_sides = (double *)p->tables + (m->user_vectors - m->tables);
    p->item_sides = (double *)p->tables + (m->item_vectors - m->tables);
    if (m->rated_vectors != NULL) {
        p->user_sides = dsc_alloc(m->n_users * k, sizeof(double));
    }
    if (m->rater_vectors != NULL) {
        p->item_sides = dsc_alloc(m->n_items * k, sizeof(double));
    }
    if (p->user_sides == NULL || p->item_sides == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    return m->network != NULL ? dsc_network_copy(&p->network, m->network, DSC_FLOAT64, err)
                              : DSC_OK;
}

static void free_values(dsc_full_batch *b) {
    const dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    if (p->tables == NULL || p->kernels->precision == DSC_FLOAT32) {
        return;
    }
    if (m->rated_vectors != NULL) {
        dsc_free(p->user_sides);
    }
    if (m->rater_vectors != NULL) {
        dsc_free(p->item_sides);
    }
    dsc_free(p->tables);
    dsc_network_destroy(p->network);
}

/* What ratings weigh in histories, in both orders. (130) Those by user are the model's where it trains on
 * all its ratings. */
static dsc_status fill_weights(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    const size_t n = ratings.n_entries, bytes = (size_t)p->kernels->precision;
    const bool are_all = ratings.value == m->ratings.value && bytes == sizeof *m->weights;
    if (m->weights == NULL) {
        return DSC_OK;
    }
    b->user_weights = are_all ? NULL : dsc_alloc(n, bytes);
    b->item_weights = dsc_alloc(n, bytes);
    if ((!are_all && b->user_weights == NULL) || b->item_weights == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    void *by_user = are_all ? m->weights : b->user_weights;
    for (size_t e = 0; e < n; e++) {
        const float weight = dsc_model_weight(m, ratings.value[e]);
        set_number(b, by_user, e, weight);
        set_number(b, b->item_weights, p->first[ratings.column[e]]++, weight);
    }
    dsc_full_batch_begin_items(p, (dsc_row_range){0, ratings.n_cols});
    p->user_weights = by_user;
    p->item_weights = b->item_weights;
    return DSC_OK;
}

/* Sums apart from sides where an activation lies between them. */
static dsc_status allocate_sums(dsc_full_batch *b, dsc_error *err) {
    const dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    const size_t row_bytes = m->config.n_factors * (size_t)p->kernels->precision;
    p->user_sums =
        m->user_parts.activation == DSC_IDENTITY ? p->user_sides : dsc_alloc(m->n_users, row_bytes);
    p->item_sums =
        m->item_parts.activation == DSC_IDENTITY ? p->item_sides : dsc_alloc(m->n_items, row_bytes);
    return p->user_sums != NULL && p->item_sums != NULL
               ? DSC_OK
               : dsc_fail_memory(err, "full-batch training");
}

static void free_sums(dsc_full_batch *b) {
    dsc_full_batch_pass *p = &b->pass;
    if (p->user_sums != p->user_sides) {
        dsc_free(p->user_sums);
    }
    if (p->item_sums != p->item_sides) {
        dsc_free(p->item_sums);
    }
}

/* What threads need, and what their parts leave behind. */
static dsc_status allocate_parts(dsc_full_batch *b, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    const size_t n_threads = dsc_pool_n_threads(p->pool);
    const bool is_ordinal = b->model->threshold_steps != NULL;
    p->n_running = n_threads < p->n_blocks ? n_threads : p->n_blocks;
    p->error = dsc_alloc(p->longest_part, p->n_running * (size_t)p->kernels->precision);
    p->target = dsc_alloc(p->longest_part, p->n_running * sizeof *p->target);
    p->sums = dsc_alloc(is_ordinal ? p->user_rows.n : 0, sizeof *p->sums);
    p->squares = dsc_alloc(is_ordinal ? 0 : p->user_rows.n, sizeof *p->squares);
    p->penalties = dsc_alloc(dsc_full_batch_value_parts(b->model), sizeof *p->penalties);
    return p->error != NULL && p->target != NULL && p->sums != NULL && p->squares != NULL &&
                   p->penalties != NULL
               ? DSC_OK
               : dsc_fail_memory(err, "full-batch training");
}

static dsc_status allocate(dsc_full_batch *b, dsc_error *err) {
    const dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    const size_t k = m->config.n_factors, bytes = (size_t)p->kernels->precision;
    dsc_status status = allocate_sums(b, err);
    if (status == DSC_OK) {
        status = allocate_parts(b, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    p->slopes = dsc_alloc(p->by_user.n_entries, bytes);
    p->d_user_sides = dsc_alloc(m->n_users * k, bytes);
    p->d_item_sides = dsc_alloc(m->n_items * k, bytes);
    p->x = dsc_alloc(DSC_FULL_BATCH_TILE * 2 * k, bytes);
    p->user_strength = dsc_alloc(m->n_users + m->n_items, sizeof *p->user_strength);
    p->steps = dsc_alloc(dsc_ordinal_n_steps(&p->ordinal), sizeof *p->steps);
    p->unit_of_steps = 1;
    if (p->slopes == NULL || p->steps == NULL || p->d_user_sides == NULL ||
        p->d_item_sides == NULL || p->x == NULL || p->user_strength == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    p->item_strength = p->user_strength + m->n_users;
    dsc_strength_factors(p->user_strength, m->config.ridge.power, p->by_user);
    dsc_strength_factors(p->item_strength, m->config.ridge.power, p->by_item);
    return p->network == NULL
               ? DSC_OK
               : dsc_workspace_create(&p->ws, p->network,
                                      &(dsc_workspace_config){.max_batch = DSC_FULL_BATCH_TILE},
                                      err);
}

dsc_status dsc_full_batch_create(dsc_full_batch **out, dsc_recommender *model,
                                 dsc_precision precision, dsc_sparse ratings, dsc_error *err) {
    *out = NULL;
    dsc_full_batch *b = dsc_alloc(1, sizeof *b);
    if (b == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    b->model = model;
    b->pass.model = model;
    dsc_status status = dsc_kernels_choose(&b->pass.kernels, precision, err);
    if (status == DSC_OK) {
        status = dsc_pool_create(&b->pass.pool, model->config.n_threads, err);
    }
    if (status == DSC_OK) {
        status = cut_users(b, ratings, err);
    }
    if (status == DSC_OK) {
        status = sort_by_item(b, ratings, err);
    }
    if (status == DSC_OK) {
        status = place_times(b, err);
    }
    if (status == DSC_OK) {
        status = fill_weights(b, ratings, err);
    }
    if (status == DSC_OK) {
        status = allocate_values(b, err);
    }
    if (status == DSC_OK) {
        status = dsc_ordinal_copy(&b->pass.ordinal, &model->ordinal, err);
    }
    if (status == DSC_OK) {
        status = allocate(b, err);
    }
    if (status != DSC_OK) {
        dsc_full_batch_destroy(b);
        return status;
    }
    *out = b;
    return DSC_OK;
}

void dsc_full_batch_destroy(dsc_full_batch *b) {
    if (b == NULL) {
        return;
    }
    free_sums(b);
    free_values(b);
    dsc_ordinal_clear(&b->pass.ordinal);
    dsc_free(b->user_weights);
    dsc_free(b->item_weights);
    dsc_workspace_destroy(b->pass.ws);
    dsc_free(b->pass.error);
    dsc_free(b->pass.slopes);
    dsc_free(b->pass.target);
    dsc_free(b->pass.first);
    dsc_free(b->pass.sums);
    dsc_free(b->pass.squares);
    dsc_free(b->pass.penalties);
    dsc_row_parts_clear(&b->pass.user_rows);
    dsc_row_parts_clear(&b->pass.item_rows);
    dsc_pool_destroy(b->pass.pool);
    dsc_free(b->pass.d_user_sides);
    dsc_free(b->pass.d_item_sides);
    dsc_free(b->pass.x);
    dsc_free(b->pass.user_strength);
    dsc_free(b->pass.steps);
    dsc_sparse_matrix_clear(&b->by_item);
    dsc_free(b->bin_of);
    dsc_free(b->session_of);
    dsc_free(b);
}

dsc_pool *dsc_full_batch_pool(const dsc_full_batch *batch) {
    return batch->pass.pool;
}
