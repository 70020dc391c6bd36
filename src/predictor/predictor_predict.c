/* Predictions: from encoded rows through the network back to the target's unit or its classes. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "predictor/predictor_internal.h"

void dsc_predictions_clear(dsc_predictions *predictions) {
    dsc_free(predictions->value);
    dsc_free(predictions->category);
    dsc_free(predictions->probability);
    *predictions = (dsc_predictions){0};
}

/* Softmax, docs/math.md (29), in double from the largest logit down, so that nothing overflows. */
static void softmax(const float *logit, double *out, size_t n) {
    double largest = (double)logit[0], sum = 0;
    for (size_t k = 1; k < n; k++) {
        largest = fmax(largest, (double)logit[k]);
    }
    for (size_t k = 0; k < n; k++) {
        out[k] = exp((double)logit[k] - largest);
        sum += out[k];
    }
    for (size_t k = 0; k < n; k++) {
        out[k] /= sum;
    }
}

/* Each class against the others: their sigmoids, divided by their sum. Where all of them vanish,
 * their ratios are those of the exponentials. */
static void shares_of_sigmoids(const float *logit, double *out, size_t n) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        out[k] = 1 / (1 + exp(-(double)logit[k]));
        sum += out[k];
    }
    if (!(sum > 0)) {
        softmax(logit, out, n);
        return;
    }
    for (size_t k = 0; k < n; k++) {
        out[k] /= sum;
    }
}

static void fill_probabilities(const dsc_predictor *predictor, const float *output,
                               dsc_predictions *out) {
    const bool is_softmax = predictor->info.config.loss == DSC_CROSS_ENTROPY;
    for (size_t row = 0; row < out->n_rows; row++) {
        const size_t at = row * out->n_classes;
        if (is_softmax) {
            softmax(output + at, out->probability + at, out->n_classes);
        } else {
            shares_of_sigmoids(output + at, out->probability + at, out->n_classes);
        }
    }
}

static dsc_status fail_memory(dsc_error *err) {
    return dsc_fail_memory(err, "the predictions");
}

static dsc_status fill_classes(const dsc_predictor *predictor, const float *output,
                               dsc_predictions *out, dsc_error *err) {
    const size_t n = out->n_rows, k = out->n_classes;
    out->category = dsc_alloc(n, sizeof *out->category);
    if (out->category == NULL) {
        return fail_memory(err);
    }
    dsc_metrics_largest(dsc_matrix_f32(output, n, k), out->category);
    if (dsc_predictor_has_probabilities(predictor)) {
        out->probability = dsc_alloc(n * k, sizeof *out->probability);
        if (out->probability == NULL) {
            return fail_memory(err);
        }
        fill_probabilities(predictor, output, out);
    }
    return DSC_OK;
}

static dsc_status fill_values(const dsc_predictor *predictor, const float *output,
                              dsc_predictions *out, dsc_error *err) {
    out->value = dsc_alloc(out->n_rows, sizeof *out->value);
    if (out->value == NULL) {
        return fail_memory(err);
    }
    dsc_encoding_values(predictor->encoding, output, out->n_rows, out->value);
    for (size_t row = 0; row < out->n_rows; row++) {
        if (!isfinite(out->value[row])) {
            return dsc_fail(err, DSC_E_NONFINITE, "predictions",
                            "row %zu is larger than the largest number", row + 1);
        }
    }
    return DSC_OK;
}

dsc_status dsc_predictor_predict_samples(const dsc_predictor *predictor, const dsc_samples *samples,
                                         dsc_predictions *out, dsc_error *err) {
    const bool is_regression = predictor->info.task == DSC_TASK_REGRESSION;
    *out = (dsc_predictions){.n_rows = samples->n_rows,
                             .n_classes = is_regression ? 0 : samples->n_outputs};
    float *output = dsc_alloc(samples->n_rows * samples->n_outputs, sizeof *output);
    dsc_status status = output != NULL ? DSC_OK : fail_memory(err);
    if (status == DSC_OK) {
        status = dsc_network_predict(
            predictor->network, dsc_matrix_f32(samples->input, samples->n_rows, samples->n_inputs),
            output, err);
    }
    if (status == DSC_OK) {
        status = is_regression ? fill_values(predictor, output, out, err)
                               : fill_classes(predictor, output, out, err);
    }
    dsc_free(output);
    if (status != DSC_OK) {
        dsc_predictions_clear(out);
    }
    return status;
}

dsc_status dsc_predictor_predict(const dsc_predictor *predictor, const dsc_table *table,
                                 const uint32_t *rows, size_t n_rows, dsc_predictions *out,
                                 dsc_error *err) {
    dsc_samples samples;
    *out = (dsc_predictions){0};
    dsc_status status =
        dsc_encoding_apply(predictor->encoding, table, rows, n_rows, false, &samples, err);
    if (status == DSC_OK) {
        status = dsc_predictor_predict_samples(predictor, &samples, out, err);
        dsc_samples_clear(&samples);
    }
    return status;
}
