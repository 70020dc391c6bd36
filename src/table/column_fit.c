/* Column fit: shift, scale and fill of a numeric column, from the training rows alone.
 *
 * Missing values are filled first, so that the standardised training inputs have mean 0 and
 * deviation 1 as the network sees them. Math: docs/math.md (79). */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/category_order.h"
#include "table/encoding_internal.h"
#include "table/table_internal.h"

static double median_of(const double *sorted, size_t n) {
    /* Halves first: the sum of two large numbers may overflow. */
    return n % 2 == 1 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
}

static double most_frequent_of(const double *sorted, size_t n) {
    double best = sorted[0];
    size_t n_best = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && sorted[end] <= sorted[i]) {
            end++;
        }
        if (end - i > n_best) {
            n_best = end - i;
            best = sorted[i];
        }
        i = end;
    }
    return best;
}

static double mean_of(const double *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum / (double)n;
}

/* Shift and scale of n values that are all there. */
static void fit_scale(const double *values, size_t n, dsc_scaling scaling, dsc_column_fit *out) {
    double low = values[0];
    double high = values[0];
    for (size_t i = 1; i < n; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    out->shift = 0;
    out->scale = 1;
    if (scaling == DSC_SCALING_NONE) {
        return;
    }
    out->shift = low;
    if (low >= high) {
        return; /* constant: told by the values, for their rounded deviation need not be 0 */
    }
    if (scaling == DSC_SCALING_RANGE) {
        out->scale = high - low;
        return;
    }
    out->shift = mean_of(values, n);
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = values[i] - out->shift;
        squares += difference * difference;
    }
    out->scale = sqrt(squares / (double)n);
}

static dsc_status fit_fill(double *values, size_t n_found, const dsc_encoding_config *config,
                           const char *name, const dsc_table *table, dsc_column_fit *out,
                           dsc_error *err) {
    out->has_fill = config->fill != DSC_FILL_REFUSE;
    out->fill = config->fill == DSC_FILL_CONSTANT ? config->fill_value : 0;
    if (!out->has_fill || config->fill == DSC_FILL_CONSTANT) {
        return DSC_OK;
    }
    if (n_found == 0) {
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "column \"%s\" has no value in any training row, expected at least one to "
                        "fill the missing ones from; leave the column out",
                        name);
    }
    if (config->fill == DSC_FILL_MEAN) {
        out->fill = mean_of(values, n_found);
        return DSC_OK;
    }
    double *sorted = reallocarray(NULL, n_found, sizeof *sorted);
    if (sorted == NULL) {
        return dsc_fail_memory(err, "a column's values");
    }
    for (size_t i = 0; i < n_found; i++) {
        sorted[i] = values[i];
    }
    qsort(sorted, n_found, sizeof *sorted, dsc_compare_doubles);
    out->fill = config->fill == DSC_FILL_MEDIAN ? median_of(sorted, n_found)
                                                : most_frequent_of(sorted, n_found);
    free(sorted);
    return DSC_OK;
}

dsc_status dsc_column_fit_numbers(const dsc_table *table, size_t column, const uint32_t *rows,
                                  size_t n_rows, const dsc_encoding_config *config,
                                  dsc_column_fit *out, dsc_error *err) {
    const char *name = table->columns[column].name;
    dsc_status status = DSC_OK;
    double *values = reallocarray(NULL, n_rows, sizeof *values);
    if (values == NULL) {
        return dsc_fail_memory(err, "a column's values");
    }
    size_t n_found = 0;
    for (size_t i = 0; i < n_rows; i++) {
        size_t row = rows != NULL ? rows[i] : i;
        double value = dsc_table_number(table, row, column);
        if (!isnan(value)) {
            values[n_found++] = value;
        } else if (config->fill == DSC_FILL_REFUSE) {
            status = dsc_table_fail_row(
                table, row, err,
                "column \"%s\": a missing value, expected a number" DSC_MISSING_ADVICE, name);
            goto done;
        }
    }
    status = fit_fill(values, n_found, config, name, table, out, err);
    if (status != DSC_OK) {
        goto done;
    }
    for (size_t i = n_found; i < n_rows; i++) {
        values[i] = out->fill;
    }
    fit_scale(values, n_rows, config->scaling, out);
    if (!isfinite(out->shift) || !isfinite(out->scale) || !isfinite(out->fill)) {
        status = dsc_fail(err, DSC_E_DATA, table->name,
                          "column \"%s\" holds values so large that their mean or spread is not "
                          "finite; expected smaller ones",
                          name);
    } else if (!(out->scale > 0)) {
        out->scale = 1; /* differences so small that their squares are 0 */
    }
done:
    free(values);
    return status;
}
