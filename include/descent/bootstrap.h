/* How sure a mean over users is: confidence intervals by resampling the users.
 *
 * Users are what is drawn, since ratings of one user are no independent observations. */
#ifndef DESCENT_BOOTSTRAP_H
#define DESCENT_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is drawn. */
typedef struct dsc_bootstrap {
    double level;       /* share of the resamples inside an interval, above 0 and below 1 */
    size_t n_resamples; /* 2 .. 1,000,000; 1000 settles about two digits of an interval's width */
    uint64_t seed;      /* the same seed and numbers give the same intervals */
} dsc_bootstrap;

/* Between them lies the share `level` of the resamples; both NAN: no interval. */
typedef struct dsc_range {
    double low;  /* its lower end */
    double high; /* its upper end */
} dsc_range;

/* Intervals of ratios of sums over users, sum of a / sum of b, one a column, by the percentiles of
 * the ratio over the resamples. A mean over users has b = 1; a user who is left out of a column has
 * a = b = 0 there; a mean over all pairs has their number as b. Every column sees the same
 * resamples.
 *   n_users  [in]   1 .. 2^32 - 1
 *   a, b     [in]   (n_users, n_columns) row-major, finite, b not negative
 *   out      [out]  (n_columns); NAN where every resample had the sum of b 0
 * Returns DSC_OK; DSC_E_ARGUMENT (err->where names the setting); DSC_E_MEMORY.
 * Cost: O(n_resamples * n_users * n_columns). Math: docs/metrics.md (94). */
dsc_status dsc_bootstrap_ratios(size_t n_users, size_t n_columns, const double *a, const double *b,
                                const dsc_bootstrap *bootstrap, dsc_range *out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
