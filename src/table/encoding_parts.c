/* Encoding of parts: every number and string is checked before anything is built on it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/encoding_internal.h"
#include "text/number.h"

static dsc_status fail(const char *where, dsc_error *err, const char *what, const char *expected) {
    return dsc_fail(err, DSC_E_MODEL, where, "the encoding's %s are damaged; expected %s", what,
                    expected);
}

/* --- checks -------------------------------------------------------------------------------- */

static dsc_status check_counts(const dsc_encoding_parts *p, const char *where, dsc_error *err) {
    bool is_regression = p->task == DSC_TASK_REGRESSION;
    if ((!is_regression && p->task != DSC_TASK_CLASSIFICATION) || p->unseen > DSC_UNSEEN_ZEROS ||
        p->has_names > 1 || p->target_kind > DSC_COLUMN_CATEGORICAL ||
        (is_regression && p->target_kind != DSC_COLUMN_NUMERIC)) {
        return fail(where, err, "settings", "a task, kind and rule that there are");
    }
    if (p->n_columns > UINT32_MAX || p->n_features == 0 || p->n_features >= p->n_columns ||
        p->target_column >= p->n_columns) {
        return fail(where, err, "columns", "at least one feature, and a target besides");
    }
    if (p->n_classes > UINT32_MAX || (is_regression ? p->n_classes != 0 : p->n_classes < 2)) {
        return fail(where, err, "classes", "two or more, or none of a regression");
    }
    if (!isfinite(p->target_shift) || !isfinite(p->target_scale) || !(p->target_scale > 0) ||
        (!is_regression && (p->target_shift < 0 || p->target_shift > 0 || p->target_scale < 1 ||
                            p->target_scale > 1))) {
        return fail(where, err, "shift and scale of the target",
                    "finite numbers, the scale above 0");
    }
    return DSC_OK;
}

static dsc_status check_feature(const dsc_encoding_parts *p, size_t i, const char *where,
                                dsc_error *err) {
    bool is_numeric = p->n_categories[i] == 0;
    bool is_unscaled =
        !(p->shift[i] < 0) && !(p->shift[i] > 0) && p->scale[i] <= 1 && p->scale[i] >= 1;
    if (!isfinite(p->shift[i]) || !isfinite(p->scale[i]) || !(p->scale[i] > 0) ||
        (!is_numeric && !is_unscaled)) {
        return fail(where, err, "shifts and scales", "finite numbers, the scale above 0");
    }
    bool is_fill_0 = !(p->fill[i] < 0) && !(p->fill[i] > 0) && !isnan(p->fill[i]);
    bool has_fill = p->has_fill[i] == 1;
    if (p->has_fill[i] > 1 || !isfinite(p->fill[i]) || ((!has_fill || !is_numeric) && !is_fill_0) ||
        ((!has_fill || is_numeric) && p->fill_category[i] != 0) ||
        (!is_numeric && p->fill_category[i] >= p->n_categories[i])) {
        return fail(where, err, "fills", "a finite number, or a category that there is");
    }
    if (p->column[i] >= p->n_columns || p->column[i] == p->target_column) {
        return fail(where, err, "columns", "columns of the table, other than the target");
    }
    return DSC_OK;
}

static int compare_columns(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static dsc_status check_columns_distinct(const dsc_encoding_parts *p, const char *where,
                                         dsc_error *err) {
    uint64_t *sorted = reallocarray(NULL, p->n_features, sizeof *sorted);
    if (sorted == NULL) {
        return dsc_fail_memory(err, "an encoding");
    }
    memcpy(sorted, p->column, p->n_features * sizeof *sorted);
    qsort(sorted, p->n_features, sizeof *sorted, compare_columns);
    dsc_status status = DSC_OK;
    for (size_t i = 1; i < p->n_features && status == DSC_OK; i++) {
        if (sorted[i] == sorted[i - 1]) {
            status = fail(where, err, "columns", "no column twice");
        }
    }
    free(sorted);
    return status;
}

static dsc_status check_strings(const dsc_encoding_parts *p, size_t n_string_bytes,
                                const char *where, dsc_error *err) {
    uint64_t n = p->n_features + 1 + p->n_classes; /* each below 2^32 */
    bool is_too_many = false;
    for (size_t i = 0; i < p->n_features; i++) {
        is_too_many |= p->n_categories[i] > UINT32_MAX;
        is_too_many |= __builtin_add_overflow(n, p->n_categories[i], &n);
    }
    if (is_too_many || n != p->n_strings || p->offset[0] != 0 ||
        p->offset[p->n_strings] != n_string_bytes) {
        return fail(where, err, "strings", "a name for each column, category and class");
    }
    for (size_t i = 0; i < p->n_strings; i++) {
        if (p->offset[i + 1] <= p->offset[i] || p->offset[i + 1] > n_string_bytes) {
            return fail(where, err, "strings", "offsets that ascend, no string empty");
        }
        if (memchr(p->strings + p->offset[i], 0, p->offset[i + 1] - p->offset[i]) != NULL) {
            return fail(where, err, "strings", "no zero byte");
        }
    }
    return DSC_OK;
}

static dsc_status check(const dsc_encoding_parts *p, size_t n_string_bytes, const char *where,
                        dsc_error *err) {
    dsc_status status = check_counts(p, where, err);
    for (size_t i = 0; i < p->n_features && status == DSC_OK; i++) {
        status = check_feature(p, i, where, err);
    }
    status = status == DSC_OK ? check_columns_distinct(p, where, err) : status;
    return status == DSC_OK ? check_strings(p, n_string_bytes, where, err) : status;
}

/* --- building ------------------------------------------------------------------------------ */

/* A copy of `n` elements of `size` bytes; NULL: no memory. */
static void *copy(const void *from, size_t n, size_t size) {
    void *to = reallocarray(NULL, n, size);
    if (to != NULL) {
        memcpy(to, from, n * size);
    }
    return to;
}

static dsc_status copy_parts(dsc_encoding *e, const dsc_encoding_parts *p, dsc_error *err) {
    size_t n = p->n_features;
    e->column = copy(p->column, n, sizeof *e->column);
    e->n_categories = copy(p->n_categories, n, sizeof *e->n_categories);
    e->shift = copy(p->shift, n, sizeof *e->shift);
    e->scale = copy(p->scale, n, sizeof *e->scale);
    e->fill = copy(p->fill, n, sizeof *e->fill);
    e->fill_category = copy(p->fill_category, n, sizeof *e->fill_category);
    e->has_fill = copy(p->has_fill, n, sizeof *e->has_fill);
    e->strings = copy(p->strings, p->offset[p->n_strings], 1);
    e->offset = copy(p->offset, p->n_strings + 1, sizeof *e->offset);
    e->first_input = calloc(n, sizeof *e->first_input);
    e->first_string = calloc(n + 1, sizeof *e->first_string);
    e->category_map = calloc(n, sizeof(dsc_id_map *));
    e->parts = *p;
    if (e->column == NULL || e->n_categories == NULL || e->shift == NULL || e->scale == NULL ||
        e->fill == NULL || e->fill_category == NULL || e->has_fill == NULL || e->strings == NULL ||
        e->offset == NULL || e->first_input == NULL || e->first_string == NULL ||
        e->category_map == NULL) {
        return dsc_fail_memory(err, "an encoding");
    }
    e->parts.column = e->column;
    e->parts.n_categories = e->n_categories;
    e->parts.shift = e->shift;
    e->parts.scale = e->scale;
    e->parts.fill = e->fill;
    e->parts.fill_category = e->fill_category;
    e->parts.has_fill = e->has_fill;
    e->parts.strings = e->strings;
    e->parts.offset = e->offset;
    return DSC_OK;
}

/* A map of the strings first .. first + n - 1, in their order; two equal ones are damage. */
static dsc_status make_map(const dsc_encoding *e, dsc_id_map **out, size_t first, size_t n,
                           const char *where, dsc_error *err) {
    dsc_status status = dsc_id_map_create(out, n, err);
    for (size_t i = 0; i < n && status == DSC_OK; i++) {
        uint32_t index;
        status = dsc_id_map_add(*out, dsc_encoding_string(e, first + i), &index, err);
        if (status == DSC_OK && index != i) {
            status = fail(where, err, "strings", "no name twice in one place");
        }
    }
    return status;
}

/* Names from a header are what columns are found by: none may stand for two. */
static dsc_status check_names(const dsc_encoding *e, const char *where, dsc_error *err) {
    dsc_id_map *names = NULL;
    dsc_status status = make_map(e, &names, 0, e->parts.n_features + 1, where, err);
    dsc_id_map_destroy(names);
    return status;
}

static dsc_status make_classes(dsc_encoding *e, const char *where, dsc_error *err) {
    size_t n = e->parts.n_classes;
    size_t first = e->first_string[e->parts.n_features];
    if (n == 0) {
        return DSC_OK;
    }
    if (e->parts.target_kind == DSC_COLUMN_CATEGORICAL) {
        return make_map(e, &e->class_map, first, n, where, err);
    }
    e->class_number = calloc(n, sizeof *e->class_number);
    if (e->class_number == NULL) {
        return dsc_fail_memory(err, "the classes");
    }
    for (size_t k = 0; k < n; k++) {
        dsc_id text = dsc_encoding_string(e, first + k);
        bool is_number =
            dsc_number_double(text.bytes, text.length, &e->class_number[k]) == DSC_NUMBER_OK;
        if (!is_number || (k > 0 && !(e->class_number[k] > e->class_number[k - 1]))) {
            return fail(where, err, "classes", "numbers that ascend");
        }
    }
    return DSC_OK;
}

static dsc_status make_features(dsc_encoding *e, const char *where, dsc_error *err) {
    size_t string = e->parts.n_features + 1;
    dsc_status status = DSC_OK;
    for (size_t i = 0; i < e->parts.n_features && status == DSC_OK; i++) {
        size_t n = e->n_categories[i];
        e->first_input[i] = e->n_inputs;
        e->first_string[i] = string;
        e->n_inputs += n > 0 ? n : 1;
        string += n;
        if (n > 0) {
            status = make_map(e, &e->category_map[i], e->first_string[i], n, where, err);
        }
    }
    e->first_string[e->parts.n_features] = string;
    e->n_outputs = e->parts.n_classes > 0 ? e->parts.n_classes : 1;
    return status;
}

dsc_status dsc_encoding_from_parts(dsc_encoding **out, const dsc_encoding_parts *parts,
                                   size_t n_string_bytes, const char *where, dsc_error *err) {
    *out = NULL;
    dsc_status status = check(parts, n_string_bytes, where, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_encoding *e = calloc(1, sizeof *e);
    if (e == NULL) {
        return dsc_fail_memory(err, "an encoding");
    }
    status = copy_parts(e, parts, err);
    status = status == DSC_OK ? make_features(e, where, err) : status;
    status = status == DSC_OK ? make_classes(e, where, err) : status;
    status = status == DSC_OK && e->parts.has_names != 0 ? check_names(e, where, err) : status;
    if (status != DSC_OK) {
        dsc_encoding_destroy(e);
        return status;
    }
    *out = e;
    return DSC_OK;
}
