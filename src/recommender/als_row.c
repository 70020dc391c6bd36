/* One row's normal equations, written out. docs/math.md (113) */
#include "recommender/als_row.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/symmetric.h"
#include "recommender/als.h"

static const float *vector_of(const dsc_recommender *model, const dsc_als_row *row, size_t e) {
    const float *table = row->is_item ? model->user_vectors : model->item_vectors;
    return table + (size_t)row->other[e] * model->config.n_factors;
}

/* The upper triangle of A. */
static void fill_system(const dsc_recommender *model, const dsc_als_row *row, double *a) {
    const size_t k = model->config.n_factors;
    const double weight = dsc_als_pair_weight(model);
    const double n_others = (double)(row->is_item ? model->n_users : model->n_items);
    const double *gram = row->is_item ? model->user_gram : model->item_gram;
    const double strength = dsc_als_strength(model, (double)row->n, n_others);
    for (size_t i = 0; i < k * k; i++) {
        a[i] = weight * gram[i];
    }
    for (size_t f = 0; f < k; f++) {
        a[f * k + f] += strength;
    }
    for (size_t e = 0; e < row->n; e++) {
        const float *vector = vector_of(model, row, e);
        for (size_t f = 0; f < k; f++) {
            for (size_t g = f; g < k; g++) {
                a[f * k + g] += (double)vector[f] * (double)vector[g];
            }
        }
    }
}

dsc_status dsc_als_row_solve(const dsc_recommender *model, const dsc_als_row *row, double *x,
                             dsc_error *err) {
    const size_t k = model->config.n_factors;
    double *a = dsc_alloc(k * k, sizeof *a);
    if (a == NULL) {
        return dsc_fail_memory(err, "a row's equations");
    }
    fill_system(model, row, a);
    bool is_solved = dsc_symmetric_solve(a, x, k);
    for (size_t f = 0; f < k; f++) {
        is_solved = is_solved && isfinite((float)x[f]);
    }
    dsc_free(a);
    return is_solved ? DSC_OK
                     : dsc_fail(err, DSC_E_NONFINITE, "a row's equations", "have no solution");
}

dsc_status dsc_als_row_vector(const dsc_recommender *model, const dsc_als_row *row, float *out,
                              dsc_error *err) {
    const size_t k = model->config.n_factors;
    double *x = dsc_alloc(k, sizeof *x);
    if (x == NULL) {
        return dsc_fail_memory(err, "a row's vector");
    }
    for (size_t e = 0; e < row->n; e++) {
        const float *vector = vector_of(model, row, e);
        for (size_t f = 0; f < k; f++) {
            x[f] += (double)vector[f];
        }
    }
    dsc_status status = dsc_als_row_solve(model, row, x, err);
    for (size_t f = 0; status == DSC_OK && f < k; f++) {
        out[f] = (float)x[f];
    }
    dsc_free(x);
    return status;
}
