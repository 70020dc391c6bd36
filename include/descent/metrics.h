/* Metrics: how good predictions are. All in double, docs/math.md (70) to (78).
 *
 * Sums run over the samples in their order. A quotient 0/0 has the value that its comment states,
 * never NaN. Nothing here allocates. */
#ifndef DESCENT_METRICS_H
#define DESCENT_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/matrix.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- regression ---------------------------------------------------------------------------- */

/* How far predicted numbers are from true ones; equations of docs/math.md. */
typedef struct dsc_regression_metrics {
    size_t n;    /* samples */
    double rmse; /* root of the mean squared error, in the target's unit (70) */
    double mae;  /* mean absolute error, in the target's unit (71) */
    double r2;   /* share of the variance that is explained; below 0: worse than the mean (72) */
    bool has_r2; /* false, with r2 0: all true values are equal, so there is nothing to explain */
} dsc_regression_metrics;

/*   truth      [in]   (n), n >= 1
 *   predicted  [in]   (n)
 *   out        [out]  untouched after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT n is 0; DSC_E_NONFINITE a value that is not finite, naming its
 * row from 1, or a metric that is larger than the largest double. */
dsc_status dsc_metrics_regression(const double *truth, const double *predicted, size_t n,
                                  dsc_regression_metrics *out, dsc_error *err);

/* --- classification ------------------------------------------------------------------------ */

/* Probabilities below this count as this, so that a class given 0 costs 34.5 and not infinity. */
#define DSC_LOG_LOSS_CLIP 1e-15

/* Mean of -ln(probability of the true class) (73); probabilities are clipped from below at
 * DSC_LOG_LOSS_CLIP and not made to add up to 1.
 *   probability  [in]  (n, n_classes)
 *   truth        [in]  (n), each below n_classes
 *   out          [out] untouched after a failure
 * Returns DSC_OK; DSC_E_SHAPE a matrix without rows or columns; DSC_E_ARGUMENT a class out of
 * range, or a probability that is not from 0 to 1 (by more than 1e-6), naming its row from 1. */
dsc_status dsc_metrics_log_loss(dsc_matrix probability, const uint32_t *truth, double *out,
                                dsc_error *err);

/* The column of the largest element of each row, the first of several; 0 where there is none
 * but NaN.
 *   scores  [in]   (n, n_classes), at least one column
 *   out     [out]  (n) */
void dsc_metrics_largest(dsc_matrix scores, uint32_t *out);

/* Counts samples by class (75): out[t * n_classes + p] have the true class t and are taken for p.
 *
 *   truth, predicted  [in]   (n), each below n_classes
 *   out               [out]  (n_classes, n_classes), rows truth; overwritten
 *
 * Returns DSC_OK; DSC_E_ARGUMENT a class out of range, naming its row from 1; *out is undefined
 * then. */
dsc_status dsc_metrics_confusion(const uint32_t *truth, const uint32_t *predicted, size_t n,
                                 size_t n_classes, uint64_t *out, dsc_error *err);

/* The following read a confusion matrix (n_classes, n_classes). */

/* Share of the samples that are predicted right (74); 0 when there are none. */
double dsc_metrics_accuracy(const uint64_t *confusion, size_t n_classes);

/* How well one class is told from the others. */
typedef struct dsc_class_metrics {
    uint64_t n_true;      /* samples of the class */
    uint64_t n_predicted; /* samples predicted as it */
    uint64_t n_right;     /* both */
    double precision;     /* n_right / n_predicted; 0 when nothing is predicted as it (76) */
    double recall;        /* n_right / n_true; 0 when no sample is of it (76) */
    double f1; /* 2 n_right / (n_true + n_predicted); 0 when it neither is nor is predicted (77) */
} dsc_class_metrics;

/* Of one class, `index` below n_classes. */
dsc_class_metrics dsc_metrics_of_class(const uint64_t *confusion, size_t n_classes, size_t index);

/* Means of precision, recall and f1 over the classes that occur, in truth or in prediction, each
 * class counting the same (78); the counts are sums. All 0 when there are no samples. */
dsc_class_metrics dsc_metrics_macro(const uint64_t *confusion, size_t n_classes);

#ifdef __cplusplus
}
#endif
#endif
