/* Implicit alternating least squares: docs/math.md (110) to (114).
 *
 * A half step turns the fixed side's vectors so that their Gram matrix is diagonal. What all rows
 * share, the Gram matrix and L2, is then a diagonal D of its own for each row, and a row of n
 * interactions costs a system of min(n, k) equations: (114).
 *
 * Rows do not depend on each other: threads share them out, each with scratch of its own. */
#include "recommender/als.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "math/symmetric.h"

/* Rows of a table that one product takes at a time, and that one part of a job solves for. */
enum { TILE = 256, PART = 64 };

/* What a thread needs to solve for a row. */
typedef struct workspace {
    float *scaled; /* (max(TILE, k), k) a row's others, divided by the root of D */
    float *across; /* (k, k) the same, transposed */
    float *system; /* (k, k) */
    float *scale;  /* (k) D^(-1/2) */
    float *right;  /* (k) */
    float *weight; /* (k) of the others in the vector */
    bool has_failed;
} workspace;

struct dsc_als {
    dsc_recommender *model;
    dsc_sparse rows[2]; /* by user, by item */
    dsc_sparse_matrix by_item;
    dsc_pool *pool;
    workspace *workspaces;  /* one a thread */
    float *buffer;          /* of all of them */
    double *gram, *vectors; /* (k, k) */
    float *turn;            /* (k, k) */
    uint32_t *order;        /* (max(TILE, k)) 0, 1, 2, ...: the rows of `scaled` */
};

double dsc_als_pair_weight(const dsc_recommender *model) {
    return model->config.unobserved_weight * (double)model->ratings.n_entries /
           ((double)model->n_users * (double)model->n_items);
}

double dsc_als_strength(const dsc_recommender *model, double n_interactions, double n_others) {
    return model->config.ridge.vectors * (n_interactions + dsc_als_pair_weight(model) * n_others);
}

static size_t tile_of(size_t k) {
    return k > TILE ? k : TILE;
}

static dsc_status create_workspaces(dsc_als *als, dsc_error *err) {
    const size_t k = als->model->config.n_factors, n_threads = dsc_pool_n_threads(als->pool);
    const size_t n_each = (2 * k + tile_of(k) + 3) * k;
    als->workspaces = dsc_alloc(n_threads, sizeof *als->workspaces);
    als->buffer = dsc_alloc(n_threads, n_each * sizeof *als->buffer);
    if (als->workspaces == NULL || als->buffer == NULL) {
        return dsc_fail_memory(err, "alternating least squares");
    }
    for (size_t t = 0; t < n_threads; t++) {
        workspace *s = &als->workspaces[t];
        s->scaled = als->buffer + t * n_each;
        s->across = s->scaled + tile_of(k) * k;
        s->system = s->across + k * k;
        s->scale = s->system + k * k;
        s->right = s->scale + k;
        s->weight = s->right + k;
    }
    return DSC_OK;
}

dsc_status dsc_als_create(dsc_als **out, dsc_recommender *model, dsc_sparse by_user,
                          dsc_error *err) {
    const size_t k = model->config.n_factors, tile = tile_of(k);
    *out = NULL;
    dsc_als *als = dsc_alloc(1, sizeof *als);
    if (als == NULL) {
        return dsc_fail_memory(err, "alternating least squares");
    }
    als->model = model;
    dsc_status status = dsc_sparse_transpose(&als->by_item, by_user, err);
    als->rows[0] = by_user;
    als->rows[1] = dsc_sparse_view(&als->by_item);
    if (status == DSC_OK) {
        status = dsc_pool_create(&als->pool, model->config.n_threads, err);
    }
    if (status == DSC_OK) {
        status = create_workspaces(als, err);
    }
    als->gram = dsc_alloc(2 * k * k, sizeof *als->gram);
    als->turn = dsc_alloc(k * k, sizeof *als->turn);
    als->order = dsc_alloc(tile, sizeof *als->order);
    if (status == DSC_OK && (als->gram == NULL || als->turn == NULL || als->order == NULL)) {
        status = dsc_fail_memory(err, "alternating least squares");
    }
    if (status != DSC_OK) {
        dsc_als_destroy(als);
        return status;
    }
    als->vectors = als->gram + k * k;
    for (size_t i = 0; i < tile; i++) {
        als->order[i] = (uint32_t)i;
    }
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
    dsc_free(als->gram);
    dsc_free(als->turn);
    dsc_free(als->order);
    dsc_free(als);
}

/* sum (k, k) += X' X of n rows (n, k). */
static void add_squares(const dsc_kernels *kernels, float *sum, const float *x, size_t n,
                        size_t k) {
    /* The gradient of a layer's weights is such a product, x' d_z: both are the rows. A layer of
     * the identity leaves d_z as it is, and so never writes to it. */
    float *d_z = (float *)(void *)(uintptr_t)x;
    kernels->dense_backward(
        &(dsc_dense){.n_in = k, .n_out = k, .activation = DSC_KERNEL_IDENTITY},
        &(dsc_dense_pass){
            .batch = n, .x = x, .d_a = x, .d_normed = d_z, .d_z = d_z, .d_weights = sum});
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
    dsc_sparse rows;
    float *solved, *fixed;
} half_step;

/* A part of the pool's job: a tile of the fixed table. */
static void turn_tile(void *job, size_t part, size_t thread) {
    const half_step *h = job;
    const size_t k = h->als->model->config.n_factors, begin = part * TILE, n = h->rows.n_cols;
    const size_t n_tile = n - begin < TILE ? n - begin : TILE;
    float *copy = h->als->workspaces[thread].scaled, *tile = h->fixed + begin * k;
    memcpy(copy, tile, n_tile * k * sizeof *tile);
    multiply(h->als->model->kernels, tile, copy, h->als->turn, n_tile, k, k);
}

/* Turns the fixed table until its Gram matrix is diagonal, with the eigenvalues there. */
static void turn_fixed(half_step *h) {
    dsc_als *als = h->als;
    const size_t k = als->model->config.n_factors, n = h->rows.n_cols;
    dsc_als_gram(als->model->kernels, als->gram, als->turn, h->fixed, n, k);
    dsc_symmetric_diagonalise(als->gram, als->vectors, k);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            als->turn[j * k + i] = (float)als->vectors[i * k + j];
        }
    }
    dsc_pool_run(als->pool, (n + TILE - 1) / TILE, turn_tile, h);
}

/* Copies n rows of the fixed table, divided by the root of D. */
static void gather(const half_step *h, const workspace *s, const uint32_t *row, size_t n) {
    const size_t k = h->als->model->config.n_factors;
    for (size_t e = 0; e < n; e++) {
        h->als->model->kernels->multiply_elements(s->scaled + e * k, h->fixed + row[e] * k,
                                                  s->scale, k);
    }
}

static void add_identity(float *a, size_t n) {
    for (size_t i = 0; i < n; i++) {
        a[i * n + i] += 1;
    }
}

/* Few interactions, n <= k: a system of n equations, (I + Y Y') w = 1, and then right = Y' w. */
static bool solve_few(const dsc_als *als, const workspace *s, size_t n) {
    const dsc_kernels *kernels = als->model->kernels;
    const size_t k = als->model->config.n_factors;
    for (size_t e = 0; e < n; e++) {
        for (size_t f = 0; f < k; f++) {
            s->across[f * n + e] = s->scaled[e * k + f];
        }
        s->weight[e] = 1;
    }
    multiply(kernels, s->system, s->scaled, s->across, n, k, n);
    add_identity(s->system, n);
    const bool is_solved = kernels->solve_positive(s->system, s->weight, n);
    memset(s->right, 0, k * sizeof *s->right);
    kernels->sum_scaled_rows(s->right, s->weight, &(dsc_picked_rows){s->scaled, k, als->order, n});
    return is_solved;
}

/* Many: k equations, (I + Y' Y) right = Y' 1. */
static bool solve_many(const half_step *h, const workspace *s, const uint32_t *row, size_t n) {
    const dsc_kernels *kernels = h->als->model->kernels;
    const size_t k = h->als->model->config.n_factors;
    memset(s->system, 0, k * k * sizeof *s->system);
    memset(s->right, 0, k * sizeof *s->right);
    for (size_t begin = 0; begin < n; begin += TILE) {
        const size_t n_tile = n - begin < TILE ? n - begin : TILE;
        gather(h, s, row + begin, n_tile);
        add_squares(kernels, s->system, s->scaled, n_tile, k);
        kernels->sum_rows(s->right, &(dsc_picked_rows){s->scaled, k, h->als->order, n_tile});
    }
    add_identity(s->system, k);
    return kernels->solve_positive(s->system, s->right, k);
}

/* The vector of one row, (114). */
static bool solve_row(const half_step *h, const workspace *s, size_t r) {
    const dsc_recommender *model = h->als->model;
    const size_t k = model->config.n_factors, n = (size_t)(h->rows.start[r + 1] - h->rows.start[r]);
    const uint32_t *row = h->rows.column + h->rows.start[r];
    const double weight = dsc_als_pair_weight(model);
    const double strength = dsc_als_strength(model, (double)n, (double)h->rows.n_cols);
    for (size_t f = 0; f < k; f++) {
        const double shared = weight * fmax(h->als->gram[f * k + f], 0);
        s->scale[f] = (float)(1 / sqrt(shared + strength));
    }
    bool is_solved;
    if (n < k) {
        gather(h, s, row, n);
        is_solved = solve_few(h->als, s, n);
    } else {
        is_solved = solve_many(h, s, row, n);
    }
    model->kernels->multiply_elements(h->solved + r * k, s->right, s->scale, k);
    return is_solved;
}

/* A part of the pool's job: PART rows. */
static void solve_rows(void *job, size_t part, size_t thread) {
    const half_step *h = job;
    workspace *s = &h->als->workspaces[thread];
    for (size_t r = part * PART; r < (part + 1) * PART && r < h->rows.n_rows; r++) {
        s->has_failed = !solve_row(h, s, r) || s->has_failed;
    }
}

dsc_status dsc_als_half_step(dsc_als *als, bool is_items, dsc_error *err) {
    dsc_recommender *model = als->model;
    half_step h = {.als = als,
                   .rows = als->rows[is_items],
                   .solved = is_items ? model->item_vectors : model->user_vectors,
                   .fixed = is_items ? model->user_vectors : model->item_vectors};
    turn_fixed(&h);
    dsc_pool_run(als->pool, (h.rows.n_rows + PART - 1) / PART, solve_rows, &h);
    for (size_t t = 0; t < dsc_pool_n_threads(als->pool); t++) {
        if (als->workspaces[t].has_failed) {
            return dsc_fail(err, DSC_E_NONFINITE, "training",
                            "the equations of a row have no solution; try a higher ridge");
        }
    }
    return DSC_OK;
}

static double penalty(const dsc_als *als, bool is_items) {
    const dsc_recommender *model = als->model;
    const dsc_sparse rows = als->rows[is_items];
    const size_t k = model->config.n_factors;
    const float *table = is_items ? model->item_vectors : model->user_vectors;
    double sum = 0;
    for (size_t r = 0; r < rows.n_rows; r++) {
        const double n = (double)(rows.start[r + 1] - rows.start[r]);
        sum += dsc_als_strength(model, n, (double)rows.n_cols) *
               model->kernels->sum_of_squares(table + r * k, k);
    }
    return sum;
}

double dsc_als_objective(dsc_als *als) {
    const dsc_recommender *model = als->model;
    const dsc_sparse rows = als->rows[0];
    const size_t k = model->config.n_factors;
    double observed = 0, all = 0;
    for (size_t u = 0; u < rows.n_rows; u++) {
        for (uint64_t e = rows.start[u]; e < rows.start[u + 1]; e++) {
            float score;
            model->kernels->dot_rows(
                &score, model->user_vectors + u * k,
                &(dsc_picked_rows){model->item_vectors, k, &rows.column[e], 1});
            observed += ((double)score - 1) * ((double)score - 1);
        }
    }
    dsc_als_gram(model->kernels, als->gram, als->turn, model->user_vectors, model->n_users, k);
    dsc_als_gram(model->kernels, als->vectors, als->turn, model->item_vectors, model->n_items, k);
    for (size_t i = 0; i < k * k; i++) {
        all += als->gram[i] * als->vectors[i];
    }
    return observed + dsc_als_pair_weight(model) * all + penalty(als, false) + penalty(als, true);
}
