/* Implicit alternating least squares: docs/math.md (110) to (114), (209).
 *
 * A half step turns both sides' vectors so that the Gram matrix of the fixed side is diagonal. What
 * all rows share, the Gram matrix and L2, is then a diagonal D of its own for each row, and the step
 * of conjugate gradients of a row of n interactions costs O(n k): (209).
 *
 * Rows do not depend on each other: threads share them out, each with scratch of its own. */
#include "recommender/als.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "math/symmetric.h"
#include "recommender/als_state.h"
#include "recommender/als_steps.h"
#include "recommender/by_column.h"

enum {
    TILE = 256,   /* rows of a table that one product takes at a time */
    N_VECTORS = 5 /* of the scratch of a row */
};

double dsc_als_pair_weight(const dsc_recommender *model) {
    return model->config.unobserved_weight * (double)model->ratings.n_entries /
           ((double)model->n_users * (double)model->n_items);
}

double dsc_als_strength(const dsc_recommender *model, double n_interactions, double n_others) {
    return model->config.ridge.vectors * (n_interactions + dsc_als_pair_weight(model) * n_others);
}

static dsc_status create_workspaces(dsc_als *als, dsc_error *err) {
    const size_t k = als->model->config.n_factors, n_threads = dsc_pool_n_threads(als->pool);
    const size_t n_each = (TILE + N_VECTORS) * k;
    als->workspaces = dsc_alloc(n_threads, sizeof *als->workspaces);
    als->buffer = dsc_alloc(n_threads, n_each * sizeof *als->buffer);
    if (als->workspaces == NULL || als->buffer == NULL) {
        return dsc_fail_memory(err, "alternating least squares");
    }
    for (size_t t = 0; t < n_threads; t++) {
        dsc_als_workspace *s = &als->workspaces[t];
        s->tile = als->buffer + t * n_each;
        s->row.scale = s->tile + TILE * k;
        s->row.scaled = s->row.scale + k;
        s->row.residual = s->row.scaled + k;
        s->row.direction = s->row.residual + k;
        s->row.image = s->row.direction + k;
    }
    return DSC_OK;
}

/* Room for a user's interactions, where some do not count. */
static dsc_status create_columns(dsc_als *als, dsc_error *err) {
    const size_t n_users = als->by_user.all.n_rows, n_threads = dsc_pool_n_threads(als->pool);
    size_t longest = 0;
    if (!dsc_kept_ratings_has_gaps(&als->by_user, (dsc_row_range){0, n_users})) {
        return DSC_OK;
    }
    for (size_t u = 0; u < n_users; u++) {
        const size_t n = (size_t)(als->by_user.start[u + 1] - als->by_user.start[u]);
        longest = n > longest ? n : longest;
    }
    als->columns = dsc_alloc(longest, n_threads * sizeof *als->columns);
    if (als->columns == NULL) {
        return dsc_fail_memory(err, "alternating least squares");
    }
    for (size_t t = 0; t < n_threads; t++) {
        als->workspaces[t].column = als->columns + t * longest;
    }
    return DSC_OK;
}

dsc_status dsc_als_create(dsc_als **out, dsc_recommender *model, dsc_kept_ratings by_user,
                          dsc_error *err) {
    const size_t k = model->config.n_factors;
    *out = NULL;
    dsc_als *als = dsc_alloc(1, sizeof *als);
    if (als == NULL) {
        return dsc_fail_memory(err, "alternating least squares");
    }
    als->model = model;
    als->by_user = by_user;
    dsc_status status = dsc_pool_create(&als->pool, model->config.n_threads, err);
    if (status == DSC_OK) {
        status = dsc_by_column(&als->by_item, &by_user, als->pool, err);
    }
    if (status == DSC_OK) {
        status = create_workspaces(als, err);
    }
    if (status == DSC_OK) {
        status = create_columns(als, err);
    }
    als->shape[0] = dsc_kept_ratings_shape(&by_user);
    als->shape[1] = dsc_sparse_view(&als->by_item);
    als->gram = dsc_alloc(2 * k * k, sizeof *als->gram);
    als->turn = dsc_alloc(k * k, sizeof *als->turn);
    als->squares = dsc_alloc(by_user.all.n_rows / DSC_ALS_PART + 1, sizeof *als->squares);
    if (status == DSC_OK && (als->gram == NULL || als->turn == NULL || als->squares == NULL)) {
        status = dsc_fail_memory(err, "alternating least squares");
    }
    if (status != DSC_OK) {
        dsc_als_destroy(als);
        return status;
    }
    als->vectors = als->gram + k * k;
    *out = als;
    return DSC_OK;
}

void dsc_als_destroy(dsc_als *als) {
    if (als == NULL) {
        return;
    }
    dsc_pool_destroy(als->pool);
    dsc_sparse_matrix_clear(&als->by_item);
    dsc_free(als->workspaces);
    dsc_free(als->buffer);
    dsc_free(als->columns);
    dsc_free(als->gram);
    dsc_free(als->turn);
    dsc_free(als->squares);
    dsc_free(als);
}

/* sum (k, k) += X' X of n rows (n, k). */
static void add_squares(const dsc_kernels *kernels, float *sum, const float *x, size_t n,
                        size_t k) {
    /* The gradient of a layer's weights is such a product, x' d_z: both are the rows, and d_z is only
     * read there. */
    float *d_z = (float *)(void *)(uintptr_t)x;
    kernels->dense_gradients(
        &(dsc_dense){.n_in = k, .n_out = k, .activation = DSC_KERNEL_IDENTITY},
        &(dsc_dense_pass){.batch = n, .x = x, .x_stride = k, .d_z = d_z, .d_weights = sum});
}

void dsc_als_gram(const dsc_kernels *kernels, double *gram, float *scratch, const float *table,
                  size_t n, size_t k) {
    memset(gram, 0, k * k * sizeof *gram);
    for (size_t begin = 0; begin < n; begin += TILE) {
        const size_t n_tile = n - begin < TILE ? n - begin : TILE;
        memset(scratch, 0, k * k * sizeof *scratch);
        add_squares(kernels, scratch, table + begin * k, n_tile, k);
        for (size_t i = 0; i < k * k; i++) {
            gram[i] += (double)scratch[i];
        }
    }
}

/* out (n, n_out) = x (n, n_in) w (n_in, n_out). */
static void multiply(const dsc_kernels *kernels, float *out, const float *x, const float *w,
                     size_t n, size_t n_in, size_t n_out) {
    kernels->dense_forward(
        &(dsc_dense){.n_in = n_in, .n_out = n_out, .activation = DSC_KERNEL_IDENTITY, .weights = w},
        &(dsc_dense_pass){.batch = n, .x = x, .z = out, .normed = out, .a = out});
}

/* A half step: the rows of `solved` are looked for, those of `fixed` (n_fixed, k) given. */
typedef struct half_step {
    dsc_als *als;
    bool is_items;
    dsc_sparse rows; /* how many each has */
    float *solved, *fixed;
} half_step;

static size_t tiles_of(size_t n) {
    return (n + TILE - 1) / TILE;
}

/* A part of the pool's job: a tile of the fixed table, and behind its last one those of the other. */
static void turn_tile(void *job, size_t part, size_t thread) {
    const half_step *h = job;
    const size_t k = h->als->model->config.n_factors, n_fixed_tiles = tiles_of(h->rows.n_cols);
    const bool is_fixed = part < n_fixed_tiles;
    const size_t begin = (is_fixed ? part : part - n_fixed_tiles) * TILE;
    const size_t n = is_fixed ? h->rows.n_cols : h->rows.n_rows;
    const size_t n_tile = n - begin < TILE ? n - begin : TILE;
    float *copy = h->als->workspaces[thread].tile;
    float *tile = (is_fixed ? h->fixed : h->solved) + begin * k;
    memcpy(copy, tile, n_tile * k * sizeof *tile);
    multiply(h->als->model->kernels, tile, copy, h->als->turn, n_tile, k, k);
}

/* Turns both tables until the Gram matrix of the fixed one is diagonal, with the eigenvalues there. */
static void turn(half_step *h) {
    dsc_als *als = h->als;
    const size_t k = als->model->config.n_factors, n = h->rows.n_cols;
    dsc_als_gram(als->model->kernels, als->gram, als->turn, h->fixed, n, k);
    dsc_symmetric_diagonalise(als->gram, als->vectors, k);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            als->turn[j * k + i] = (float)als->vectors[i * k + j];
        }
    }
    dsc_pool_run(als->pool, tiles_of(n) + tiles_of(h->rows.n_rows), turn_tile, h);
}

const uint32_t *dsc_als_others(const dsc_als *als, bool is_item, size_t r, size_t thread) {
    return is_item ? als->by_item.column + als->by_item.start[r]
                   : dsc_kept_ratings_rows(&als->by_user, (dsc_row_range){r, r + 1},
                                           als->workspaces[thread].column)
                         .column;
}

/* The vector of one row, from that of the last sweep. */
static bool solve_row(const half_step *h, size_t r, size_t thread) {
    const dsc_als_workspace *s = &h->als->workspaces[thread];
    const dsc_recommender *model = h->als->model;
    const size_t k = model->config.n_factors, n = (size_t)(h->rows.start[r + 1] - h->rows.start[r]);
    const double weight = dsc_als_pair_weight(model);
    const double strength = dsc_als_strength(model, (double)n, (double)h->rows.n_cols);
    float *x = h->solved + r * k;
    for (size_t f = 0; f < k; f++) {
        const double shared = weight * fmax(h->als->gram[f * k + f], 0);
        const double root = sqrt(shared + strength);
        s->row.scale[f] = (float)(1 / root);
        x[f] *= (float)root;
    }
    const dsc_als_equations equations = {.kernels = model->kernels,
                                         .k = k,
                                         .scratch = &s->row,
                                         .fixed = h->fixed,
                                         .n = n,
                                         .other = dsc_als_others(h->als, h->is_items, r, thread)};
    const bool is_finite = dsc_als_approach(&equations, x);
    model->kernels->multiply_elements(x, x, s->row.scale, k);
    return is_finite;
}

/* A part of the pool's job: DSC_ALS_PART rows. */
static void solve_rows(void *job, size_t part, size_t thread) {
    const half_step *h = job;
    dsc_als_workspace *s = &h->als->workspaces[thread];
    for (size_t r = part * DSC_ALS_PART; r < (part + 1) * DSC_ALS_PART && r < h->rows.n_rows; r++) {
        s->has_failed = !solve_row(h, r, thread) || s->has_failed;
    }
}

dsc_status dsc_als_half_step(dsc_als *als, bool is_items, dsc_error *err) {
    dsc_recommender *model = als->model;
    half_step h = {.als = als,
                   .is_items = is_items,
                   .rows = als->shape[is_items],
                   .solved = is_items ? model->item_vectors : model->user_vectors,
                   .fixed = is_items ? model->user_vectors : model->item_vectors};
    turn(&h);
    dsc_pool_run(als->pool, (h.rows.n_rows + DSC_ALS_PART - 1) / DSC_ALS_PART, solve_rows, &h);
    for (size_t t = 0; t < dsc_pool_n_threads(als->pool); t++) {
        if (als->workspaces[t].has_failed) {
            return dsc_fail(err, DSC_E_NONFINITE, "training",
                            "the vector of a row is not finite; try a higher ridge");
        }
    }
    return DSC_OK;
}

dsc_pool *dsc_als_pool(const dsc_als *als) {
    return als->pool;
}
