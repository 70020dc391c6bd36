/* From sums of errors by user to means and their ranges; docs/metrics.md (80), (81). */
#include "recommender/error_sums.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

/* Errors of one predictor: of a dsc_errors the means in their order. */
enum { RMSE, MAE, USER_RMSE, USER_MAE, N_ERRORS };

enum { N_COLUMNS = DSC_N_PREDICTORS * N_ERRORS };

typedef struct all_sums {
    const dsc_error_sums *of_user;
    dsc_sparse pairs;
} all_sums;

/* What a user adds to the sums of each predictor's errors, a, and to what they are divided by, b:
 * (N_COLUMNS) each. The squares of RMSE are added, not their roots. */
static void list_columns(const all_sums *of, size_t u, double *a, double *b) {
    const double n = (double)(of->pairs.start[u + 1] - of->pairs.start[u]);
    for (size_t k = 0; k < DSC_N_PREDICTORS; k++) {
        const dsc_error_sums *s = &of->of_user[u * DSC_N_PREDICTORS + k];
        const double own_a[N_ERRORS] = {s->squared, s->absolute, sqrt(s->squared / n),
                                        s->absolute / n};
        const double own_b[N_ERRORS] = {n, n, 1, 1};
        for (size_t m = 0; m < N_ERRORS; m++) {
            a[k * N_ERRORS + m] = own_a[m];
            b[k * N_ERRORS + m] = own_b[m];
        }
    }
}

static dsc_errors errors_of(const double *ratio, const dsc_range *range) {
    return (dsc_errors){
        .rmse = sqrt(ratio[RMSE]),
        .mae = ratio[MAE],
        .user_rmse = ratio[USER_RMSE],
        .user_mae = ratio[USER_MAE],
        .rmse_range = {sqrt(range[RMSE].low), sqrt(range[RMSE].high)},
        .mae_range = range[MAE],
        .user_rmse_range = range[USER_RMSE],
        .user_mae_range = range[USER_MAE],
    };
}

static dsc_status find_ranges(const all_sums *of, const dsc_bootstrap *bootstrap, dsc_range *range,
                              dsc_error *err) {
    const size_t n = of->pairs.n_rows;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        range[c] = (dsc_range){(double)NAN, (double)NAN};
    }
    if (bootstrap == NULL) {
        return DSC_OK;
    }
    double *columns = dsc_alloc(n, 2 * N_COLUMNS * sizeof *columns); /* a, then b */
    if (columns == NULL) {
        return dsc_fail_memory(err, "confidence intervals");
    }
    double *b = columns + n * N_COLUMNS;
    for (size_t u = 0; u < n; u++) {
        list_columns(of, u, columns + u * N_COLUMNS, b + u * N_COLUMNS);
    }
    dsc_status status = dsc_bootstrap_ratios(n, N_COLUMNS, columns, b, bootstrap, range, err);
    dsc_free(columns);
    return status;
}

dsc_status dsc_error_sums_finish(const dsc_error_sums *of_user, dsc_sparse pairs,
                                 const dsc_bootstrap *bootstrap, dsc_evaluation *out,
                                 dsc_error *err) {
    const all_sums all = {of_user, pairs};
    double sum_a[N_COLUMNS] = {0}, sum_b[N_COLUMNS] = {0};
    for (size_t u = 0; u < pairs.n_rows; u++) {
        double a[N_COLUMNS], b[N_COLUMNS];
        list_columns(&all, u, a, b);
        for (size_t c = 0; c < N_COLUMNS; c++) {
            sum_a[c] += a[c];
            sum_b[c] += b[c];
        }
    }
    for (size_t c = 0; c < N_COLUMNS; c++) {
        sum_a[c] /= sum_b[c];
    }
    dsc_range range[N_COLUMNS];
    dsc_status status = find_ranges(&all, bootstrap, range, err);
    if (status == DSC_OK) {
        dsc_errors *const errors[DSC_N_PREDICTORS] = {&out->model, &out->mean, &out->biases,
                                                      &out->fallback};
        for (size_t k = 0; k < DSC_N_PREDICTORS; k++) {
            *errors[k] = errors_of(sum_a + k * N_ERRORS, range + k * N_ERRORS);
        }
    }
    return status;
}

void dsc_errors_clear(dsc_errors *errors) {
    const dsc_range none = {(double)NAN, (double)NAN};
    *errors = (dsc_errors){.rmse = (double)NAN,
                           .mae = (double)NAN,
                           .user_rmse = (double)NAN,
                           .user_mae = (double)NAN,
                           .rmse_range = none,
                           .mae_range = none,
                           .user_rmse_range = none,
                           .user_mae_range = none};
}
