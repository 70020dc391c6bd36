/* Errors of predictions, added up by user, and the means that they make, with their ranges: docs/metrics.md
 * (80), (81). */
#ifndef DSC_RECOMMENDER_ERROR_SUMS_H
#define DSC_RECOMMENDER_ERROR_SUMS_H

#include <math.h>

#include "descent/evaluation.h"
#include "ratings/sparse.h"

/* Whose errors, in the order of a user's sums. */
enum {
    DSC_ERRORS_OF_MODEL,
    DSC_ERRORS_OF_MEAN,
    DSC_ERRORS_OF_BIASES,
    DSC_ERRORS_OF_FALLBACK,
    DSC_N_PREDICTORS
};

/* Of one predictor, for one user. Zero before the first pair. */
typedef struct dsc_error_sums {
    double squared;
    double absolute;
} dsc_error_sums;

static inline void dsc_error_sums_add(dsc_error_sums *s, double error) {
    s->squared += error * error;
    s->absolute += fabs(error);
}

/* What all predictors' errors come to.
 *   of_user    [in]   (n_users, DSC_N_PREDICTORS)
 *   pairs      [in]   (n_users, n_items) what was predicted; every user has one at least
 *   bootstrap  [in]   of the ranges; NULL: they are NAN
 *   out        [out]  the errors of each predictor, DSC_ERRORS_OF_FALLBACK's among them; the rest stays
 * Returns DSC_OK; DSC_E_ARGUMENT of the bootstrap; DSC_E_MEMORY. */
dsc_status dsc_error_sums_finish(const dsc_error_sums *of_user, dsc_sparse pairs,
                                 const dsc_bootstrap *bootstrap, dsc_evaluation *out,
                                 dsc_error *err);

/* All of them, ranges too, NAN: nobody predicted. */
void dsc_errors_clear(dsc_errors *errors);

#endif
