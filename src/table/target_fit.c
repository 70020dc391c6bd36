/* Target fit: the task, the scale of a regression, the classes of a classification. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/category_order.h"
#include "table/encoding_internal.h"
#include "table/fitting.h"
#include "table/table_internal.h"

static dsc_status fail_target(const dsc_fitting *f, size_t row, size_t target, dsc_error *err) {
    return dsc_table_fail_row(f->table, row, err,
                              "column \"%s\": the target is missing, which nothing fills; take the "
                              "line out",
                              f->table->columns[target].name);
}

/* Classes of a numeric target: its distinct values, ascending. */
static dsc_status fit_number_classes(dsc_fitting *f, size_t target, dsc_error *err) {
    dsc_status status = DSC_OK;
    double *values = reallocarray(NULL, f->n_rows, sizeof *values);
    if (values == NULL) {
        return dsc_fail_memory(err, "the classes");
    }
    for (size_t i = 0; i < f->n_rows && status == DSC_OK; i++) {
        values[i] = dsc_table_number(f->table, dsc_fitting_row(f, i), target);
        if (isnan(values[i])) {
            status = fail_target(f, dsc_fitting_row(f, i), target, err);
        }
    }
    if (status == DSC_OK) {
        qsort(values, f->n_rows, sizeof *values, dsc_compare_doubles);
    }
    size_t n = 0;
    for (size_t i = 0; i < f->n_rows && status == DSC_OK; i++) {
        if (n == 0 || values[i] > values[n - 1]) {
            values[n++] = values[i];
        }
    }
    if (status == DSC_OK && n > f->max_categories) {
        status = dsc_fail_too_many(f, target, n, err);
    }
    for (size_t k = 0; k < n && status == DSC_OK; k++) {
        char text[DSC_NUMBER_TEXT_BYTES];
        size_t length = dsc_number_text(values[k], text);
        status = dsc_fitting_add_string(f, (dsc_id){text, length}, err);
    }
    f->parts.n_classes = n;
    free(values);
    return status;
}

static dsc_status fit_text_classes(dsc_fitting *f, size_t target, dsc_error *err) {
    dsc_counted_category *counted = NULL;
    size_t n = 0;
    size_t n_missing = 0;
    size_t first_missing = 0;
    dsc_status status =
        dsc_count_categories(f, target, &counted, &n, &n_missing, &first_missing, err);
    if (status == DSC_OK && n_missing > 0) {
        status = fail_target(f, first_missing, target, err);
    }
    if (status == DSC_OK && n > f->max_categories) {
        status = dsc_fail_too_many(f, target, n, err);
    }
    if (status == DSC_OK) {
        dsc_order_categories(counted, n);
    }
    for (size_t k = 0; k < n && status == DSC_OK; k++) {
        status = dsc_fitting_add_string(f, counted[k].text, err);
    }
    f->parts.n_classes = n;
    free(counted);
    return status;
}

dsc_status dsc_fit_target(dsc_fitting *f, size_t target, dsc_error *err) {
    const dsc_column *column = &f->table->columns[target];
    bool is_text = column->kind == DSC_COLUMN_CATEGORICAL;
    dsc_task task = f->config->task != DSC_TASK_DETECT ? f->config->task
                    : is_text                          ? DSC_TASK_CLASSIFICATION
                                                       : DSC_TASK_REGRESSION;
    f->parts.task = (uint32_t)task;
    f->parts.target_scale = 1;
    if (task == DSC_TASK_CLASSIFICATION) {
        dsc_status status =
            is_text ? fit_text_classes(f, target, err) : fit_number_classes(f, target, err);
        if (status == DSC_OK && f->parts.n_classes < 2) {
            status = dsc_fail(err, DSC_E_DATA, f->table->name,
                              "the target \"%s\" has the same value in every training row, "
                              "expected at least two classes",
                              column->name);
        }
        return status;
    }
    if (is_text) {
        return dsc_fail(err, DSC_E_DATA, f->table->name,
                        "the target \"%s\" is categorical, expected numbers for a regression; a "
                        "classification takes categories",
                        column->name);
    }
    for (size_t i = 0; column->n_missing > 0 && i < f->n_rows; i++) {
        if (isnan(dsc_table_number(f->table, dsc_fitting_row(f, i), target))) {
            return fail_target(f, dsc_fitting_row(f, i), target, err);
        }
    }
    const dsc_encoding_config standard = {.scaling = DSC_SCALING_STANDARD};
    dsc_column_fit fit = {0, 1, false, 0};
    dsc_status status =
        dsc_column_fit_numbers(f->table, target, f->rows, f->n_rows, &standard, &fit, err);
    f->parts.target_shift = fit.shift;
    f->parts.target_scale = fit.scale;
    return status;
}
