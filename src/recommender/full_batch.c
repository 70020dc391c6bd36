/* The objective of full-batch training and its gradient, row by row. docs/math.md (50) to (55).
 *
 * Every sum runs over users, items or the entries of one row in ascending order. Values are float,
 * as in the model; the loss is summed in double, and L-BFGS works in double. */
#include "recommender/full_batch.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/kernels.h"
#include "recommender/history.h"
#include "recommender/trainer.h"

/* Pairs that pass through the network at a time. */
enum { TILE = 128 };

/* Steps that L-BFGS remembers: more cost memory, and gained nothing on the data measured. */
enum { MEMORY = 8 };

struct dsc_full_batch {
    dsc_recommender *model;
    const dsc_kernels *kernels;
    dsc_sparse_matrix by_user; /* the training ratings; values are targets */
    dsc_sparse_matrix by_item;
    uint32_t *entry_of;  /* (n) the place in by_user of each entry of by_item */
    float *error;        /* (n) prediction - target in the order of by_user */
    float *item_error;   /* (longest column) the same for one item */
    float *d_tables;     /* (n_table_values) gradient of the tables, in their order */
    float *d_user_sides; /* (n_users, k) */
    float *d_item_sides; /* (n_items, k) */
    dsc_workspace *ws;   /* of the network, NULL: none */
    float *x;            /* (TILE, 2 k) */
    double sum_of_squared_errors;
    dsc_full_batch_watcher watcher;
    void *user;
};

/* --- forward ---------------------------------------------------------------------------------- */

/* error = b_u + b_i + U_u . V_i - target; the network's part is added later. (18), (51) */
static void predict(dsc_full_batch *b) {
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    for (size_t u = 0; u < m->n_users; u++) {
        const uint64_t begin = b->by_user.start[u], n = b->by_user.start[u + 1] - begin;
        const uint32_t *item = b->by_user.column + begin;
        float *error = b->error + begin;
        if (m->config.use_dot) {
            b->kernels->dot_rows(error, m->user_sides + u * k,
                                 &(dsc_picked_rows){m->item_sides, k, item, n});
        } else {
            memset(error, 0, n * sizeof *error);
        }
        for (uint64_t j = 0; j < n; j++) {
            error[j] += m->user_biases[u] + m->item_biases[item[j]] - b->by_user.value[begin + j];
        }
    }
}

/* --- the network's part ----------------------------------------------------------------------- */

typedef struct tile {
    size_t n;
    uint32_t user[TILE];
    uint32_t item[TILE];
    float *error; /* (n) in by_user's order */
} tile;

/* Completes the errors of a tile and takes their gradient back through the network. (6) to (9) */
static dsc_status pass_tile(dsc_full_batch *b, const tile *t, dsc_error *err) {
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    for (size_t s = 0; s < t->n; s++) {
        memcpy(b->x + s * 2 * k, m->user_sides + t->user[s] * k, k * sizeof *b->x);
        memcpy(b->x + s * 2 * k + k, m->item_sides + t->item[s] * k, k * sizeof *b->x);
    }
    dsc_status status =
        dsc_network_forward(m->network, b->ws, dsc_matrix_f32(b->x, t->n, 2 * k), err);
    if (status != DSC_OK) {
        return status;
    }
    const float *output = dsc_workspace_output(b->ws).data;
    for (size_t s = 0; s < t->n; s++) {
        t->error[s] += output[s];
    }
    status = dsc_network_backward_from(m->network, b->ws, dsc_matrix_f32(t->error, t->n, 1), err);
    if (status != DSC_OK) {
        return status;
    }
    const float *d_x = dsc_workspace_d_input(b->ws).data;
    for (size_t s = 0; s < t->n; s++) {
        float *d_user = b->d_user_sides + t->user[s] * k,
              *d_item = b->d_item_sides + t->item[s] * k;
        for (size_t f = 0; f < k; f++) {
            d_user[f] += d_x[s * 2 * k + f];
            d_item[f] += d_x[s * 2 * k + k + f];
        }
    }
    return DSC_OK;
}

static dsc_status pass_network(dsc_full_batch *b, dsc_error *err) {
    tile t = {.error = b->error};
    dsc_status status = DSC_OK;
    dsc_workspace_zero_gradients(b->ws);
    for (size_t u = 0; u < b->model->n_users; u++) {
        for (uint64_t e = b->by_user.start[u]; e < b->by_user.start[u + 1]; e++) {
            t.user[t.n] = (uint32_t)u;
            t.item[t.n++] = b->by_user.column[e];
            if (t.n == TILE && status == DSC_OK) {
                status = pass_tile(b, &t, err);
                t.error += t.n;
                t.n = 0;
            }
        }
    }
    return status == DSC_OK && t.n > 0 ? pass_tile(b, &t, err) : status;
}

/* --- backward --------------------------------------------------------------------------------- */

/* Where a table's gradient stands: at the place of the table. */
static float *gradient_of(const dsc_full_batch *b, const float *table) {
    return b->d_tables + (table - b->model->tables);
}

static float sum(const float *values, size_t n) {
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        total += (double)values[i];
    }
    return (float)total;
}

/* Errors to the users' sides and biases. (52) */
static void pass_back_to_users(dsc_full_batch *b) {
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    float *d_bias = gradient_of(b, m->user_biases);
    for (size_t u = 0; u < m->n_users; u++) {
        const uint64_t begin = b->by_user.start[u], n = b->by_user.start[u + 1] - begin;
        d_bias[u] = sum(b->error + begin, n);
        if (m->config.use_dot) {
            b->kernels->sum_scaled_rows(
                b->d_user_sides + u * k, b->error + begin,
                &(dsc_picked_rows){m->item_sides, k, b->by_user.column + begin, n});
        }
    }
}

static void pass_back_to_items(dsc_full_batch *b) {
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    float *d_bias = gradient_of(b, m->item_biases);
    for (size_t i = 0; i < m->n_items; i++) {
        const uint64_t begin = b->by_item.start[i], n = b->by_item.start[i + 1] - begin;
        for (uint64_t j = 0; j < n; j++) {
            b->item_error[j] = b->error[b->entry_of[begin + j]];
        }
        d_bias[i] = sum(b->item_error, n);
        if (m->config.use_dot) {
            b->kernels->sum_scaled_rows(
                b->d_item_sides + i * k, b->item_error,
                &(dsc_picked_rows){m->user_sides, k, b->by_item.column + begin, n});
        }
    }
}

/* A side's gradient is that of its own vector, and scaled that of every vector summed. (53) */
static void pass_back_to_vectors(dsc_full_batch *b) {
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    const dsc_sparse by_user = dsc_sparse_view(&b->by_user), by_item = dsc_sparse_view(&b->by_item);
    memcpy(gradient_of(b, m->user_vectors), b->d_user_sides, m->n_users * k * sizeof(float));
    memcpy(gradient_of(b, m->item_vectors), b->d_item_sides, m->n_items * k * sizeof(float));
    if (m->rated_vectors != NULL) {
        dsc_history_scale(b->d_user_sides, k, by_user);
        float *d = gradient_of(b, m->rated_vectors);
        for (size_t i = 0; i < m->n_items; i++) {
            const uint64_t begin = by_item.start[i], n = by_item.start[i + 1] - begin;
            b->kernels->sum_rows(d + i * k,
                                 &(dsc_picked_rows){b->d_user_sides, k, by_item.column + begin, n});
        }
    }
    if (m->rater_vectors != NULL) {
        dsc_history_scale(b->d_item_sides, k, by_item);
        float *d = gradient_of(b, m->rater_vectors);
        for (size_t u = 0; u < m->n_users; u++) {
            const uint64_t begin = by_user.start[u], n = by_user.start[u + 1] - begin;
            b->kernels->sum_rows(d + u * k,
                                 &(dsc_picked_rows){b->d_item_sides, k, by_user.column + begin, n});
        }
    }
}

/* --- the objective ---------------------------------------------------------------------------- */

typedef struct group {
    const float *values;
    size_t n;
    double strength;
} group;

/* (54): adds strength * value to each gradient; returns strength / 2 |.|^2. A group that is
 * switched off has no gradient at all. */
static double add_ridge(double *gradient, const group *g) {
    double squares = 0;
    for (size_t i = 0; i < g->n; i++) {
        const double value = (double)g->values[i];
        gradient[i] += g->strength * value;
        squares += value * value;
    }
    return g->strength / 2 * squares;
}

static double add_penalties(const dsc_full_batch *b, double *gradient) {
    const dsc_recommender *m = b->model;
    const dsc_ridge *ridge = &m->config.ridge;
    const size_t k = m->config.n_factors;
    const size_t n_network = m->network != NULL ? dsc_network_n_parameters(m->network) : 0;
    const group groups[] = {
        {m->user_vectors, (m->n_users + m->n_items) * k, ridge->vectors},
        {m->user_biases, m->n_users + m->n_items, ridge->biases},
        {m->rated_vectors, m->rated_vectors != NULL ? m->n_items * k : 0, ridge->user_history},
        {m->rater_vectors, m->rater_vectors != NULL ? m->n_users * k : 0, ridge->item_history},
        {m->network != NULL ? dsc_network_parameters_const(m->network) : NULL, n_network,
         ridge->network},
    };
    double total = 0;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        total += add_ridge(gradient, &groups[i]);
        gradient += groups[i].n;
    }
    return total;
}

/* The variables into the model, and the sides that follow from the training ratings. */
static void set_values(dsc_full_batch *b, const double *x) {
    dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    for (size_t i = 0; i < m->n_table_values; i++) {
        m->tables[i] = (float)x[i];
    }
    if (m->network != NULL) {
        float *parameters = dsc_network_parameters(m->network);
        for (size_t i = 0; i < dsc_network_n_parameters(m->network); i++) {
            parameters[i] = (float)x[m->n_table_values + i];
        }
    }
    if (m->rated_vectors != NULL) {
        dsc_history_sides(m->user_sides, m->user_vectors, m->rated_vectors, k,
                          dsc_sparse_view(&b->by_user));
    }
    if (m->rater_vectors != NULL) {
        dsc_history_sides(m->item_sides, m->item_vectors, m->rater_vectors, k,
                          dsc_sparse_view(&b->by_item));
    }
}

static void collect_gradient(const dsc_full_batch *b, double *gradient) {
    const dsc_recommender *m = b->model;
    for (size_t i = 0; i < m->n_table_values; i++) {
        gradient[i] = (double)b->d_tables[i];
    }
    if (m->network != NULL) {
        const float *d = dsc_workspace_gradients(b->ws);
        for (size_t i = 0; i < dsc_network_n_parameters(m->network); i++) {
            gradient[m->n_table_values + i] = (double)d[i];
        }
    }
}

dsc_status dsc_full_batch_evaluate(const double *x, double *loss, double *gradient, void *batch,
                                   dsc_error *err) {
    dsc_full_batch *b = batch;
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    set_values(b, x);
    memset(b->d_tables, 0, m->n_table_values * sizeof *b->d_tables);
    memset(b->d_user_sides, 0, m->n_users * k * sizeof *b->d_user_sides);
    memset(b->d_item_sides, 0, m->n_items * k * sizeof *b->d_item_sides);
    predict(b);
    if (m->network != NULL) {
        dsc_status status = pass_network(b, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    pass_back_to_users(b);
    pass_back_to_items(b);
    pass_back_to_vectors(b);
    if (!m->config.use_biases) {
        memset(gradient_of(b, m->user_biases), 0, (m->n_users + m->n_items) * sizeof(float));
    }
    collect_gradient(b, gradient);
    b->sum_of_squared_errors = b->kernels->sum_of_squares(b->error, b->by_user.n_entries);
    *loss = b->sum_of_squared_errors / 2 + add_penalties(b, gradient);
    return isfinite(*loss) ? DSC_OK
                           : dsc_fail(err, DSC_E_NONFINITE, "training",
                                      "the error became infinite or not a number");
}

/* --- running ---------------------------------------------------------------------------------- */

static bool watch(const dsc_lbfgs_progress *progress, const double *x, void *user) {
    dsc_full_batch *b = user;
    (void)x; /* the values that were evaluated last */
    return b->watcher(progress->iteration, b->sum_of_squared_errors, b->user);
}

size_t dsc_full_batch_n_values(const dsc_full_batch *b) {
    const dsc_recommender *m = b->model;
    return m->n_table_values + (m->network != NULL ? dsc_network_n_parameters(m->network) : 0);
}

dsc_status dsc_full_batch_run(dsc_full_batch *b, dsc_full_batch_watcher watcher, void *user,
                              dsc_error *err) {
    const dsc_recommender *m = b->model;
    const size_t n = dsc_full_batch_n_values(b);
    double *x = dsc_alloc(n, sizeof *x);
    if (x == NULL) {
        return dsc_fail_memory(err, "the variables of L-BFGS");
    }
    for (size_t i = 0; i < m->n_table_values; i++) {
        x[i] = (double)m->tables[i];
    }
    for (size_t i = m->n_table_values; i < n; i++) {
        x[i] = (double)((const float *)dsc_network_parameters_const(
            m->network))[i - m->n_table_values];
    }
    b->watcher = watcher;
    b->user = user;
    const dsc_lbfgs_config config = {.memory = MEMORY, .max_iterations = m->config.max_epochs};
    dsc_status status =
        dsc_lbfgs_minimize(x, n, &config, dsc_full_batch_evaluate, watch, b, NULL, err);
    set_values(b, x);
    dsc_free(x);
    return status;
}

/* Targets instead of ratings, the transpose, and for each of its entries the place in by_user. */
static dsc_status copy_ratings(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    const size_t n = ratings.n_entries;
    dsc_status status =
        dsc_sparse_matrix_init(&b->by_user, ratings.n_rows, ratings.n_cols, n, false, err);
    if (status != DSC_OK) {
        return status;
    }
    memcpy(b->by_user.start, ratings.start, (ratings.n_rows + 1) * sizeof *ratings.start);
    memcpy(b->by_user.column, ratings.column, n * sizeof *ratings.column);
    for (size_t e = 0; e < n; e++) {
        b->by_user.value[e] = dsc_trainer_target(b->model, ratings.value[e]);
    }
    status = dsc_sparse_transpose(&b->by_item, dsc_sparse_view(&b->by_user), err);
    b->entry_of = dsc_alloc(n, sizeof *b->entry_of);
    uint64_t *next = dsc_alloc(ratings.n_cols, sizeof *next);
    if (status == DSC_OK && (b->entry_of == NULL || next == NULL)) {
        status = dsc_fail_memory(err, "the ratings by item");
    }
    if (status == DSC_OK) {
        memcpy(next, b->by_item.start, ratings.n_cols * sizeof *next);
    }
    for (size_t e = 0; status == DSC_OK && e < n; e++) {
        b->entry_of[next[ratings.column[e]]++] = (uint32_t)e;
    }
    dsc_free(next);
    return status;
}

static size_t longest_row(const dsc_sparse_matrix *m) {
    uint64_t longest = 0;
    for (size_t r = 0; r < m->n_rows; r++) {
        const uint64_t n = m->start[r + 1] - m->start[r];
        longest = n > longest ? n : longest;
    }
    return (size_t)longest;
}

static dsc_status allocate(dsc_full_batch *b, dsc_error *err) {
    const dsc_recommender *m = b->model;
    const size_t k = m->config.n_factors;
    b->error = dsc_alloc(b->by_user.n_entries, sizeof *b->error);
    b->item_error = dsc_alloc(longest_row(&b->by_item), sizeof *b->item_error);
    b->d_tables = dsc_alloc(m->n_table_values, sizeof *b->d_tables);
    b->d_user_sides = dsc_alloc(m->n_users * k, sizeof *b->d_user_sides);
    b->d_item_sides = dsc_alloc(m->n_items * k, sizeof *b->d_item_sides);
    b->x = dsc_alloc(TILE * 2 * k, sizeof *b->x);
    if (b->error == NULL || b->item_error == NULL || b->d_tables == NULL ||
        b->d_user_sides == NULL || b->d_item_sides == NULL || b->x == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    return m->network == NULL
               ? DSC_OK
               : dsc_workspace_create(&b->ws, m->network,
                                      &(dsc_workspace_config){.max_batch = TILE}, err);
}

dsc_status dsc_full_batch_create(dsc_full_batch **out, dsc_recommender *model, dsc_sparse ratings,
                                 dsc_error *err) {
    *out = NULL;
    dsc_full_batch *b = dsc_alloc(1, sizeof *b);
    if (b == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    b->model = model;
    b->kernels = dsc_kernels_get(DSC_FLOAT32);
    dsc_status status = copy_ratings(b, ratings, err);
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
    dsc_sparse_matrix_clear(&b->by_user);
    dsc_sparse_matrix_clear(&b->by_item);
    dsc_workspace_destroy(b->ws);
    dsc_free(b->entry_of);
    dsc_free(b->error);
    dsc_free(b->item_error);
    dsc_free(b->d_tables);
    dsc_free(b->d_user_sides);
    dsc_free(b->d_item_sides);
    dsc_free(b->x);
    dsc_free(b);
}
