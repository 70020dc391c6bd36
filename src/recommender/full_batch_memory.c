/* The memory of full-batch training: the values that are trained, sums, gradients, and what threads need for
 * their parts.
 *
 * In single precision the values are the model's own, in double others of the same shape. */
#include "base/error.h"
#include "base/memory.h"
#include "recommender/full_batch_state.h"
#include "recommender/strength.h"

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

/* Where ratings are left out: room for those that are kept of one part of the users. Weights of the model are
 * in single precision. */
static dsc_status allocate_rooms(dsc_full_batch *b, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    const size_t n = dsc_pool_n_threads(p->pool), bytes = (size_t)p->kernels->precision;
    const bool has_gaps =
        dsc_kept_ratings_has_gaps(&p->by_user, (dsc_row_range){0, p->by_user.all.n_rows});
    const bool has_weights = b->model->weights != NULL && (has_gaps || bytes != sizeof(float));
    if (has_gaps) {
        p->column_room = dsc_alloc(p->longest_part, n * sizeof *p->column_room);
    }
    if (has_weights) {
        p->weight_room = dsc_alloc(p->longest_part, n * bytes);
    }
    return (!has_gaps || p->column_room != NULL) && (!has_weights || p->weight_room != NULL)
               ? DSC_OK
               : dsc_fail_memory(err, "full-batch training");
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
    const bool has_memory = p->error != NULL && p->target != NULL && p->sums != NULL &&
                            p->squares != NULL && p->penalties != NULL;
    return has_memory ? allocate_rooms(b, err) : dsc_fail_memory(err, "full-batch training");
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
    p->slopes = dsc_alloc(p->by_user.n, bytes);
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
    dsc_strength_factors(p->user_strength, m->config.ridge.power,
                         dsc_kept_ratings_shape(&p->by_user));
    dsc_strength_factors(p->item_strength, m->config.ridge.power, p->by_item);
    return p->network == NULL
               ? DSC_OK
               : dsc_workspace_create(&p->ws, p->network,
                                      &(dsc_workspace_config){.max_batch = DSC_FULL_BATCH_TILE},
                                      err);
}

dsc_status dsc_full_batch_create(dsc_full_batch **out, dsc_recommender *model,
                                 dsc_precision precision, dsc_kept_ratings ratings,
                                 dsc_error *err) {
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
        status = dsc_full_batch_arrange(b, ratings, err);
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
    dsc_free(b->item_weights);
    dsc_free(b->pass.column_room);
    dsc_free(b->pass.weight_room);
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
