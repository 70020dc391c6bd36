/* Evaluation: predictions against the truth, beside those of a baseline that knows no features. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "predictor/predictor_internal.h"

void dsc_predictor_evaluation_clear(dsc_predictor_evaluation *evaluation) {
    dsc_free(evaluation->confusion);
    *evaluation = (dsc_predictor_evaluation){0};
}

/* The encoding's shift is the mean of the training rows. */
static dsc_status evaluate_regression(const dsc_predictor *predictor, const dsc_samples *samples,
                                      const dsc_predictions *predicted,
                                      dsc_predictor_evaluation *out, dsc_error *err) {
    const size_t n = samples->n_rows;
    const double mean = dsc_encoding_target(predictor->encoding).shift;
    dsc_status status =
        dsc_metrics_regression(samples->value, predicted->value, n, &out->regression, err);
    if (status != DSC_OK) {
        return status;
    }
    double *means = dsc_alloc(n, sizeof *means);
    if (means == NULL) {
        return dsc_fail_memory(err, "the baseline");
    }
    for (size_t i = 0; i < n; i++) {
        means[i] = mean;
    }
    status = dsc_metrics_regression(samples->value, means, n, &out->regression_baseline, err);
    dsc_free(means);
    return status;
}

/* The most frequent class of the training rows and, as probabilities, the shares of all. */
static void evaluate_class_baseline(const dsc_predictor *predictor, dsc_predictor_evaluation *out) {
    const size_t k = out->n_classes;
    size_t most = 0;
    uint64_t n_training = 0;
    double log_loss = 0;
    uint64_t n_right = 0;
    for (size_t c = 0; c < k; c++) {
        n_training += predictor->class_count[c];
        most = predictor->class_count[c] > predictor->class_count[most] ? c : most;
    }
    for (size_t c = 0; c < k; c++) {
        const double share = (double)predictor->class_count[c] / (double)n_training;
        const uint64_t n = dsc_metrics_of_class(out->confusion, k, c).n_true;
        n_right += c == most ? n : 0;
        log_loss -= (double)n * log(fmax(share, DSC_LOG_LOSS_CLIP));
    }
    out->classification_baseline.accuracy = (double)n_right / (double)out->n_rows;
    out->classification_baseline.log_loss = log_loss / (double)out->n_rows;
}

static dsc_status evaluate_classes(const dsc_predictor *predictor, const dsc_samples *samples,
                                   const dsc_predictions *predicted, dsc_predictor_evaluation *out,
                                   dsc_error *err) {
    const size_t n = samples->n_rows, k = predicted->n_classes;
    out->n_classes = k;
    out->confusion = dsc_alloc(k * k, sizeof *out->confusion);
    if (out->confusion == NULL) {
        return dsc_fail_memory(err, "the confusion matrix");
    }
    dsc_status status =
        dsc_metrics_confusion(samples->category, predicted->category, n, k, out->confusion, err);
    out->classification.accuracy = dsc_metrics_accuracy(out->confusion, k);
    out->classification.log_loss = (double)NAN;
    if (status == DSC_OK && predicted->probability != NULL) {
        status = dsc_metrics_log_loss(dsc_matrix_f64(predicted->probability, n, k),
                                      samples->category, &out->classification.log_loss, err);
    }
    if (status == DSC_OK) {
        evaluate_class_baseline(predictor, out);
    }
    return status;
}

dsc_status dsc_predictor_evaluate_samples(const dsc_predictor *predictor,
                                          const dsc_samples *samples, dsc_predictor_evaluation *out,
                                          dsc_error *err) {
    dsc_predictions predicted;
    *out = (dsc_predictor_evaluation){.task = predictor->info.task, .n_rows = samples->n_rows};
    dsc_status status = dsc_predictor_predict_samples(predictor, samples, &predicted, err);
    if (status == DSC_OK) {
        status = out->task == DSC_TASK_REGRESSION
                     ? evaluate_regression(predictor, samples, &predicted, out, err)
                     : evaluate_classes(predictor, samples, &predicted, out, err);
    }
    dsc_predictions_clear(&predicted);
    if (status != DSC_OK) {
        dsc_predictor_evaluation_clear(out);
    }
    return status;
}

dsc_status dsc_predictor_evaluate(const dsc_predictor *predictor, const dsc_table *table,
                                  const uint32_t *rows, size_t n_rows,
                                  dsc_predictor_evaluation *out, dsc_error *err) {
    dsc_samples samples;
    *out = (dsc_predictor_evaluation){0};
    dsc_status status =
        dsc_encoding_apply(predictor->encoding, table, rows, n_rows, true, &samples, err);
    if (status == DSC_OK) {
        status = dsc_predictor_evaluate_samples(predictor, &samples, out, err);
        dsc_samples_clear(&samples);
    }
    return status;
}
