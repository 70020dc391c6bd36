/* Implicit alternating least squares: docs/math.md (110) to (114).
 *
 * A half step turns the fixed side's vectors so that their Gram matrix is diagonal. What all rows
 * share, the Gram matrix and L2, is then a diagonal D of its own for each row, and a row of n
 * interactions costs a system of min(n, k) equations: (114). */
#include "recommender/als.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/symmetric.h"

/* Rows of a table that one product takes at a time. */
enum { TILE = 256 };

struct dsc_als {
    dsc_recommender *model;
    dsc_sparse rows[2]; /* by user, by item */
    dsc_sparse_matrix by_item;
    double *gram, *vectors; /* (k, k) */
    float *turn;            /* (k, k) */
    float *scaled;          /* (max(TILE, k), k) a row's others, divided by the root of D */
    float *across;          /* (k, k) the same, transposed */
    float *system;          /* (k, k) */
    float *scale;           /* (k) D^(-1/2) */
    float *right;           /* (k) */
    uint32_t *order;        /* (max(TILE, k)) 0, 1, 2, ...: the rows of `scaled` */
};

double dsc_als_pair_weight(const dsc_recommender *model) {
    return model->config.unobserved_weight * (double)model->ratings.n_entries /
           ((double)model->n_users * (double)model->n_items);
}

double dsc_als_strength(const dsc_recommender *model, double n_interactions, double n_others) {
    return model->config.ridge.vectors * (n_interactions + dsc_als_pair_weight(model) * n_others);
}

dsc_status dsc_als_create(dsc_als **out, dsc_recommender *model, dsc_sparse by_user,
                          dsc_error *err) {
    const size_t k = model->config.n_factors, tile = k > TILE ? k : TILE;
    *out = NULL;
    dsc_als *als = dsc_alloc(1, sizeof *als);
    if (als == NULL) {
        return dsc_fail_memory(err, "alternating least squares");
    }
    als->model = model;
    dsc_status status = dsc_sparse_transpose(&als->by_item, by_user, err);
    als->rows[0] = by_user;
    als->rows[1] = dsc_sparse_view(&als->by_item);
    als->gram = dsc_alloc(2 * k * k, sizeof *als->gram);
    als->turn = dsc_alloc((3 * k + tile + 2) * k, sizeof *als->turn);
    als->order = dsc_alloc(tile, sizeof *als->order);
    if (status == DSC_OK && (als->gram == NULL || als->turn == NULL || als->order == NULL)) {
        status = dsc_fail_memory(err, "alternating least squares");
    }
    if (status != DSC_OK) {
        dsc_als_destroy(als);
        return status;
    }
    als->vectors = als->gram + k * k;
    als->across = als->turn + k * k;
    als->system = als->across + k * k;
    als->scaled = als->system + k * k;
    als->scale = als->scaled + tile * k;
    als->right = als->scale + k;
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
    dsc_sparse_matrix_clear(&als->by_item);
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

/* Turns a table until its Gram matrix is diagonal, with the eigenvalues there. */
static void turn_table(dsc_als *als, float *table, size_t n) {
    const dsc_kernels *kernels = als->model->kernels;
    const size_t k = als->model->config.n_factors;
    dsc_als_gram(kernels, als->gram, als->turn, table, n, k);
    dsc_symmetric_diagonalise(als->gram, als->vectors, k);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            als->turn[j * k + i] = (float)als->vectors[i * k + j];
        }
    }
    for (size_t begin = 0; begin < n; begin += TILE) {
        const size_t n_tile = n - begin < TILE ? n - begin : TILE;
        memcpy(als->scaled, table + begin * k, n_tile * k * sizeof *table);
        multiply(kernels, table + begin * k, als->scaled, als->turn, n_tile, k, k);
    }
}

/* Copies n rows of the fixed table, divided by the root of D. */
static void gather(const dsc_als *als, const float *table, const uint32_t *row, size_t n) {
    const size_t k = als->model->config.n_factors;
    for (size_t e = 0; e < n; e++) {
        als->model->kernels->multiply_elements(als->scaled + e * k, table + row[e] * k, als->scale,
                                               k);
    }
}

static void add_identity(float *a, size_t n) {
    for (size_t i = 0; i < n; i++) {
        a[i * n + i] += 1;
    }
}

/* Few interactions, n <= k: a system of n equations, (I + Y Y') w = 1, and then right = Y' w. */
static bool solve_few(const dsc_als *als, size_t n) {
    const dsc_kernels *kernels = als->model->kernels;
    const size_t k = als->model->config.n_factors;
    float *weight = als->turn; /* (n): its turn is over */
    for (size_t e = 0; e < n; e++) {
        for (size_t f = 0; f < k; f++) {
            als->across[f * n + e] = als->scaled[e * k + f];
        }
        weight[e] = 1;
    }
    multiply(kernels, als->system, als->scaled, als->across, n, k, n);
    add_identity(als->system, n);
    const bool is_solved = kernels->solve_positive(als->system, weight, n);
    memset(als->right, 0, k * sizeof *als->right);
    kernels->sum_scaled_rows(als->right, weight, &(dsc_picked_rows){als->scaled, k, als->order, n});
    return is_solved;
}

/* Many: k equations, (I + Y' Y) right = Y' 1. */
static bool solve_many(const dsc_als *als, const float *table, const uint32_t *row, size_t n) {
    const dsc_kernels *kernels = als->model->kernels;
    const size_t k = als->model->config.n_factors;
    memset(als->system, 0, k * k * sizeof *als->system);
    memset(als->right, 0, k * sizeof *als->right);
    for (size_t begin = 0; begin < n; begin += TILE) {
        const size_t n_tile = n - begin < TILE ? n - begin : TILE;
        gather(als, table, row + begin, n_tile);
        add_squares(kernels, als->system, als->scaled, n_tile, k);
        kernels->sum_rows(als->right, &(dsc_picked_rows){als->scaled, k, als->order, n_tile});
    }
    add_identity(als->system, k);
    return kernels->solve_positive(als->system, als->right, k);
}

/* The vector of one row, (114). */
static bool solve_row(const dsc_als *als, float *out, const float *table, const uint32_t *row,
                      size_t n, size_t n_others) {
    const size_t k = als->model->config.n_factors;
    const double weight = dsc_als_pair_weight(als->model);
    const double strength = dsc_als_strength(als->model, (double)n, (double)n_others);
    for (size_t f = 0; f < k; f++) {
        const double shared = weight * fmax(als->gram[f * k + f], 0);
        als->scale[f] = (float)(1 / sqrt(shared + strength));
    }
    bool is_solved;
    if (n < k) {
        gather(als, table, row, n);
        is_solved = solve_few(als, n);
    } else {
        is_solved = solve_many(als, table, row, n);
    }
    als->model->kernels->multiply_elements(out, als->right, als->scale, k);
    return is_solved;
}

dsc_status dsc_als_half_step(dsc_als *als, bool is_items, dsc_error *err) {
    dsc_recommender *model = als->model;
    const dsc_sparse rows = als->rows[is_items];
    const size_t k = model->config.n_factors;
    float *solved = is_items ? model->item_vectors : model->user_vectors;
    float *fixed = is_items ? model->user_vectors : model->item_vectors;
    turn_table(als, fixed, rows.n_cols);
    for (size_t r = 0; r < rows.n_rows; r++) {
        const uint64_t begin = rows.start[r];
        if (!solve_row(als, solved + r * k, fixed, rows.column + begin,
                       (size_t)(rows.start[r + 1] - begin), rows.n_cols)) {
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
    dsc_als_gram(model->kernels, als->gram, als->system, model->user_vectors, model->n_users, k);
    dsc_als_gram(model->kernels, als->vectors, als->system, model->item_vectors, model->n_items, k);
    for (size_t i = 0; i < k * k; i++) {
        all += als->gram[i] * als->vectors[i];
    }
    return observed + dsc_als_pair_weight(model) * all + penalty(als, false) + penalty(als, true);
}
