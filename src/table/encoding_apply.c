/* Applying an encoding: rows of a table to the float matrices that a network takes. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/category_order.h"
#include "table/encoding_internal.h"
#include "table/table_internal.h"
#include "text/lines.h"

typedef struct applying {
    const dsc_encoding *encoding;
    const dsc_table *table;
    const uint32_t *rows;
    dsc_column_match match;
    /* For each feature NULL, or the encoding's index of each category of the table, DSC_NO_INDEX
     * where it has none; and likewise for a categorical target. */
    uint32_t **index_of;
    uint32_t *class_of;
} applying;

static size_t row_at(const applying *a, size_t i) {
    return a->rows != NULL ? a->rows[i] : i;
}

/* --- preparing ----------------------------------------------------------------------------- */

static dsc_status check_kind(const applying *a, size_t column, bool is_categorical,
                             dsc_error *err) {
    dsc_column_kind kind = a->table->columns[column].kind;
    if (kind == (is_categorical ? DSC_COLUMN_CATEGORICAL : DSC_COLUMN_NUMERIC)) {
        return DSC_OK;
    }
    static const char *const names[] = {"numeric", "categorical", "ignored"};
    return dsc_fail(err, DSC_E_DATA, a->table->name,
                    "column \"%s\" is %s, expected a %s one as in the training data",
                    a->table->columns[column].name, names[kind],
                    is_categorical ? "categorical" : "numeric");
}

/* The encoding's index of each category of a column of the table. */
static dsc_status translate(const applying *a, size_t column, const dsc_id_map *map, uint32_t **out,
                            dsc_error *err) {
    size_t n = dsc_table_n_categories(a->table, column);
    *out = reallocarray(NULL, n + 1, sizeof **out);
    if (*out == NULL) {
        return dsc_fail_memory(err, "the categories of a column");
    }
    for (uint32_t k = 0; k < n; k++) {
        (*out)[k] = dsc_id_map_find(map, dsc_table_category_text(a->table, column, k));
    }
    return DSC_OK;
}

static dsc_status prepare(applying *a, bool with_target, dsc_error *err) {
    const dsc_encoding *e = a->encoding;
    dsc_status status = dsc_encoding_match(e, a->table, with_target, &a->match, err);
    if (status != DSC_OK) {
        return status;
    }
    size_t n = e->parts.n_features;
    a->index_of = calloc(n, sizeof(uint32_t *));
    if (a->index_of == NULL) {
        return dsc_fail_memory(err, "the features");
    }
    for (size_t i = 0; i < n && status == DSC_OK; i++) {
        size_t column = a->match.feature[i];
        status = check_kind(a, column, e->n_categories[i] > 0, err);
        if (status == DSC_OK && e->n_categories[i] > 0) {
            status = translate(a, column, e->category_map[i], &a->index_of[i], err);
        }
    }
    bool is_text = e->parts.target_kind == DSC_COLUMN_CATEGORICAL;
    if (status == DSC_OK && with_target) {
        status = check_kind(a, a->match.target, is_text, err);
    }
    if (status == DSC_OK && with_target && is_text) {
        status = translate(a, a->match.target, e->class_map, &a->class_of, err);
    }
    return status;
}

static dsc_status make_samples(const applying *a, size_t n, bool with_target, dsc_samples *out,
                               dsc_error *err) {
    const dsc_encoding *e = a->encoding;
    bool is_regression = e->parts.task == DSC_TASK_REGRESSION;
    *out = (dsc_samples){.n_rows = n, .n_inputs = e->n_inputs, .n_outputs = e->n_outputs};
    size_t n_inputs;
    size_t n_targets;
    if (!__builtin_mul_overflow(n, e->n_inputs, &n_inputs)) {
        out->input = dsc_alloc(n_inputs, sizeof *out->input);
    }
    bool has_memory = out->input != NULL;
    if (with_target && has_memory) {
        has_memory = !__builtin_mul_overflow(n, e->n_outputs, &n_targets);
        out->target = has_memory ? dsc_alloc(n_targets, sizeof *out->target) : NULL;
        has_memory = out->target != NULL;
    }
    if (with_target && has_memory && is_regression) {
        out->value = dsc_alloc(n, sizeof *out->value);
        has_memory = out->value != NULL;
    }
    if (with_target && has_memory && !is_regression) {
        out->category = dsc_alloc(n, sizeof *out->category);
        has_memory = out->category != NULL;
    }
    return has_memory ? DSC_OK : dsc_fail_memory(err, "the encoded rows");
}

/* --- values -------------------------------------------------------------------------------- */

static dsc_status scale_number(const applying *a, size_t row, size_t column, double value,
                               double shift, double scale, float *out, dsc_error *err) {
    double scaled = (value - shift) / scale;
    if (!(fabs(scaled) <= (double)FLT_MAX)) {
        return dsc_table_fail_row(
            a->table, row, err,
            "column \"%s\": the value %g is too far from those of the training "
            "rows, expected about %g give or take %g",
            a->table->columns[column].name, value, shift, scale);
    }
    *out = (float)scaled;
    return DSC_OK;
}

static dsc_status fail_missing(const applying *a, size_t row, size_t column, dsc_error *err) {
    return dsc_table_fail_row(a->table, row, err,
                              "column \"%s\": a missing value, expected one: the model was fitted "
                              "without a fill for such",
                              a->table->columns[column].name);
}

static dsc_status encode_number(const applying *a, size_t row, size_t i, float *out,
                                dsc_error *err) {
    const dsc_encoding *e = a->encoding;
    size_t column = a->match.feature[i];
    double value = dsc_table_number(a->table, row, column);
    if (isnan(value)) {
        if (e->has_fill[i] == 0) {
            return fail_missing(a, row, column, err);
        }
        value = e->fill[i];
    }
    return scale_number(a, row, column, value, e->shift[i], e->scale[i], out, err);
}

static dsc_status fail_unseen(const applying *a, size_t row, size_t column, const char *what,
                              dsc_error *err) {
    dsc_id text =
        dsc_table_category_text(a->table, column, dsc_table_category(a->table, row, column));
    return dsc_table_fail_row(
        a->table, row, err, "column \"%s\": found \"%s\", expected a %s of the training rows",
        a->table->columns[column].name, dsc_show(text.bytes, text.length).text, what);
}

/* `out` holds zeros. */
static dsc_status encode_category(const applying *a, size_t row, size_t i, float *out,
                                  dsc_error *err) {
    const dsc_encoding *e = a->encoding;
    size_t column = a->match.feature[i];
    uint32_t category = dsc_table_category(a->table, row, column);
    bool is_missing = category == DSC_NO_INDEX;
    uint32_t index = is_missing ? DSC_NO_INDEX : a->index_of[i][category];
    if (is_missing && e->has_fill[i] != 0) {
        index = (uint32_t)e->fill_category[i];
    }
    if (index != DSC_NO_INDEX) {
        out[index] = 1;
        return DSC_OK;
    }
    if (e->parts.unseen == DSC_UNSEEN_ZEROS) {
        return DSC_OK;
    }
    return is_missing ? fail_missing(a, row, column, err)
                      : fail_unseen(a, row, column, "category", err);
}

/* The class of a number, DSC_NO_INDEX when it is none. */
static uint32_t find_class(const dsc_encoding *e, double value) {
    size_t k = dsc_place_of(value, e->class_number, e->parts.n_classes);
    bool is_found = e->class_number[k] <= value && e->class_number[k] >= value;
    return is_found ? (uint32_t)k : DSC_NO_INDEX;
}

static dsc_status fail_no_target(const applying *a, size_t row, dsc_error *err) {
    return dsc_table_fail_row(a->table, row, err,
                              "column \"%s\": the target is missing, which nothing fills; take the "
                              "line out",
                              a->table->columns[a->match.target].name);
}

static dsc_status encode_class(const applying *a, size_t row, uint32_t *out, dsc_error *err) {
    const dsc_encoding *e = a->encoding;
    size_t column = a->match.target;
    if (e->parts.target_kind == DSC_COLUMN_CATEGORICAL) {
        uint32_t category = dsc_table_category(a->table, row, column);
        if (category == DSC_NO_INDEX) {
            return fail_no_target(a, row, err);
        }
        *out = a->class_of[category];
        return *out != DSC_NO_INDEX ? DSC_OK : fail_unseen(a, row, column, "class", err);
    }
    double value = dsc_table_number(a->table, row, column);
    if (isnan(value)) {
        return fail_no_target(a, row, err);
    }
    *out = find_class(e, value);
    if (*out != DSC_NO_INDEX) {
        return DSC_OK;
    }
    char text[DSC_NUMBER_TEXT_BYTES];
    dsc_number_text(value, text);
    return dsc_table_fail_row(a->table, row, err,
                              "column \"%s\": found %s, expected a class of the training rows",
                              a->table->columns[column].name, text);
}

static dsc_status encode_target(const applying *a, size_t i, dsc_samples *out, dsc_error *err) {
    const dsc_encoding *e = a->encoding;
    size_t row = row_at(a, i);
    if (e->parts.task == DSC_TASK_CLASSIFICATION) {
        dsc_status status = encode_class(a, row, &out->category[i], err);
        if (status == DSC_OK) {
            out->target[i * out->n_outputs + out->category[i]] = 1;
        }
        return status;
    }
    out->value[i] = dsc_table_number(a->table, row, a->match.target);
    if (isnan(out->value[i])) {
        return fail_no_target(a, row, err);
    }
    return scale_number(a, row, a->match.target, out->value[i], e->parts.target_shift,
                        e->parts.target_scale, &out->target[i], err);
}

static dsc_status encode_row(const applying *a, size_t i, dsc_samples *out, dsc_error *err) {
    const dsc_encoding *e = a->encoding;
    size_t row = row_at(a, i);
    float *input = out->input + i * out->n_inputs;
    dsc_status status = DSC_OK;
    for (size_t k = 0; k < e->parts.n_features && status == DSC_OK; k++) {
        float *at = input + e->first_input[k];
        status = a->index_of[k] != NULL ? encode_category(a, row, k, at, err)
                                        : encode_number(a, row, k, at, err);
    }
    return status == DSC_OK && out->target != NULL ? encode_target(a, i, out, err) : status;
}

/* --- together ------------------------------------------------------------------------------ */

void dsc_samples_clear(dsc_samples *samples) {
    dsc_free(samples->input);
    dsc_free(samples->target);
    dsc_free(samples->value);
    dsc_free(samples->category);
    *samples = (dsc_samples){0};
}

static void clear(applying *a) {
    for (size_t i = 0; a->index_of != NULL && i < a->encoding->parts.n_features; i++) {
        free(a->index_of[i]);
    }
    free(a->index_of);
    free(a->class_of);
    free(a->match.feature);
}

static dsc_status check_rows(const applying *a, size_t n, dsc_error *err) {
    for (size_t i = 0; a->rows != NULL && i < n; i++) {
        if (a->rows[i] >= a->table->n_rows) {
            return dsc_fail(err, DSC_E_ARGUMENT, a->table->name,
                            "row %lu is none of the table's %zu rows, counted from 0",
                            (unsigned long)a->rows[i], a->table->n_rows);
        }
    }
    return DSC_OK;
}

dsc_status dsc_encoding_apply(const dsc_encoding *encoding, const dsc_table *table,
                              const uint32_t *rows, size_t n_rows, bool with_target,
                              dsc_samples *out, dsc_error *err) {
    applying a = {.encoding = encoding, .table = table, .rows = rows};
    size_t n = rows != NULL ? n_rows : table->n_rows;
    *out = (dsc_samples){0};
    dsc_status status = check_rows(&a, n, err);
    status = status == DSC_OK ? prepare(&a, with_target, err) : status;
    status = status == DSC_OK ? make_samples(&a, n, with_target, out, err) : status;
    for (size_t i = 0; i < n && status == DSC_OK; i++) {
        status = encode_row(&a, i, out, err);
    }
    clear(&a);
    if (status != DSC_OK) {
        dsc_samples_clear(out);
    }
    return status;
}
