/* Metrics: docs/math.md (70) to (78), in double, summed in the order of the samples. */
#include "descent/metrics.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* A probability that rounding left a little outside 0 .. 1 is still one. */
#define PROBABILITY_SLACK 1e-6

/* --- regression ---------------------------------------------------------------------------- */

dsc_status dsc_metrics_regression(const double *truth, const double *predicted, size_t n,
                                  dsc_regression_metrics *out, dsc_error *err) {
    if (n == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "metrics", "found no samples, expected some");
    }
    double sum = 0;
    double squared_errors = 0;
    double absolute_errors = 0;
    double low = truth[0];
    double high = truth[0];
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(truth[i]) || !isfinite(predicted[i])) {
            return dsc_fail(err, DSC_E_NONFINITE, "metrics",
                            "row %zu: found the %s value %g, expected a finite number", i + 1,
                            isfinite(truth[i]) ? "predicted" : "true",
                            isfinite(truth[i]) ? predicted[i] : truth[i]);
        }
        double error = predicted[i] - truth[i];
        sum += truth[i];
        squared_errors += error * error;
        absolute_errors += fabs(error);
        low = truth[i] < low ? truth[i] : low;
        high = truth[i] > high ? truth[i] : high;
    }
    double mean = sum / (double)n;
    double spread = 0;
    for (size_t i = 0; i < n; i++) {
        spread += (truth[i] - mean) * (truth[i] - mean);
    }
    if (!isfinite(squared_errors) || !isfinite(absolute_errors) || !isfinite(spread)) {
        return dsc_fail(err, DSC_E_NONFINITE, "metrics",
                        "the values are so large that the sum of their squares is not finite");
    }
    /* Equal values are told by comparing them: their mean is rounded, and differs from them. */
    bool has_r2 = low < high && spread > 0;
    *out = (dsc_regression_metrics){
        .n = n,
        .rmse = sqrt(squared_errors / (double)n),
        .mae = absolute_errors / (double)n,
        .r2 = has_r2 ? 1 - squared_errors / spread : 0,
        .has_r2 = has_r2,
    };
    return DSC_OK;
}

/* --- classification ------------------------------------------------------------------------ */

static dsc_status fail_class(size_t row, uint32_t found, size_t n_classes, dsc_error *err) {
    return dsc_fail(err, DSC_E_ARGUMENT, "metrics", "row %zu: class %lu is none of %zu", row + 1,
                    (unsigned long)found, n_classes);
}

dsc_status dsc_metrics_log_loss(dsc_matrix probability, const uint32_t *truth, double *out,
                                dsc_error *err) {
    if (probability.n_rows == 0 || probability.n_cols == 0) {
        return dsc_fail(err, DSC_E_SHAPE, "metrics",
                        "found probabilities of shape (%zu, %zu), expected a sample and a class",
                        probability.n_rows, probability.n_cols);
    }
    double sum = 0;
    for (size_t i = 0; i < probability.n_rows; i++) {
        if (truth[i] >= probability.n_cols) {
            return fail_class(i, truth[i], probability.n_cols, err);
        }
        for (size_t k = 0; k < probability.n_cols; k++) {
            double p = dsc_matrix_at(probability, i, k);
            if (!(p >= -PROBABILITY_SLACK && p <= 1 + PROBABILITY_SLACK)) {
                return dsc_fail(err, DSC_E_ARGUMENT, "metrics",
                                "row %zu: found the probability %g of class %zu, expected 0 to 1",
                                i + 1, p, k);
            }
        }
        double p = dsc_matrix_at(probability, i, truth[i]);
        p = p < DSC_LOG_LOSS_CLIP ? DSC_LOG_LOSS_CLIP : p > 1 ? 1 : p;
        sum -= log(p);
    }
    *out = sum / (double)probability.n_rows;
    return DSC_OK;
}

void dsc_metrics_largest(dsc_matrix scores, uint32_t *out) {
    for (size_t i = 0; i < scores.n_rows; i++) {
        uint32_t best = 0;
        double largest = -INFINITY;
        for (uint32_t k = 0; k < scores.n_cols; k++) {
            double score = dsc_matrix_at(scores, i, k);
            best = score > largest ? k : best;
            largest = score > largest ? score : largest;
        }
        out[i] = best;
    }
}

dsc_status dsc_metrics_confusion(const uint32_t *truth, const uint32_t *predicted, size_t n,
                                 size_t n_classes, uint64_t *out, dsc_error *err) {
    memset(out, 0, n_classes * n_classes * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        if (truth[i] >= n_classes || predicted[i] >= n_classes) {
            return fail_class(i, truth[i] >= n_classes ? truth[i] : predicted[i], n_classes, err);
        }
        out[truth[i] * n_classes + predicted[i]]++;
    }
    return DSC_OK;
}

/* 0/0 is 0. */
static double quotient(double a, double b) {
    return b > 0 ? a / b : 0;
}

double dsc_metrics_accuracy(const uint64_t *confusion, size_t n_classes) {
    uint64_t n = 0;
    uint64_t n_right = 0;
    for (size_t t = 0; t < n_classes; t++) {
        n_right += confusion[t * n_classes + t];
        for (size_t p = 0; p < n_classes; p++) {
            n += confusion[t * n_classes + p];
        }
    }
    return quotient((double)n_right, (double)n);
}

dsc_class_metrics dsc_metrics_of_class(const uint64_t *confusion, size_t n_classes, size_t index) {
    dsc_class_metrics m = {0};
    for (size_t k = 0; k < n_classes; k++) {
        m.n_true += confusion[index * n_classes + k];
        m.n_predicted += confusion[k * n_classes + index];
    }
    m.n_right = confusion[index * n_classes + index];
    m.precision = quotient((double)m.n_right, (double)m.n_predicted);
    m.recall = quotient((double)m.n_right, (double)m.n_true);
    m.f1 = quotient(2 * (double)m.n_right, (double)m.n_true + (double)m.n_predicted);
    return m;
}

dsc_class_metrics dsc_metrics_macro(const uint64_t *confusion, size_t n_classes) {
    dsc_class_metrics mean = {0};
    size_t n_occurring = 0;
    for (size_t k = 0; k < n_classes; k++) {
        dsc_class_metrics m = dsc_metrics_of_class(confusion, n_classes, k);
        n_occurring += m.n_true + m.n_predicted > 0;
        mean.n_true += m.n_true;
        mean.n_predicted += m.n_predicted;
        mean.n_right += m.n_right;
        mean.precision += m.precision;
        mean.recall += m.recall;
        mean.f1 += m.f1;
    }
    mean.precision = quotient(mean.precision, (double)n_occurring);
    mean.recall = quotient(mean.recall, (double)n_occurring);
    mean.f1 = quotient(mean.f1, (double)n_occurring);
    return mean;
}
