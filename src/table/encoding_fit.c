/* Fitting an encoding: what the training rows say about each column, collected as flat parts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/category_order.h"
#include "table/encoding_internal.h"
#include "table/table_internal.h"

typedef struct fitting {
    const dsc_table *table;
    const uint32_t *rows;
    size_t n_rows;
    const dsc_encoding_config *config;
    size_t max_categories;
    size_t *feature; /* (n_features) columns */
    dsc_encoding_parts parts;
    /* The arrays of the parts, (n_features). */
    uint64_t *column;
    uint64_t *n_categories;
    double *shift;
    double *scale;
    double *fill;
    uint64_t *fill_category;
    uint8_t *has_fill;
    /* The strings, which grow. */
    char *strings;
    size_t strings_capacity;
    uint64_t *offset;
    size_t offset_capacity;
} fitting;

static size_t row_at(const fitting *f, size_t i) {
    return f->rows != NULL ? f->rows[i] : i;
}

static dsc_status add_string(fitting *f, dsc_id text, dsc_error *err) {
    size_t n = f->parts.n_strings;
    size_t begin = n > 0 ? f->offset[n] : 0;
    void *strings = f->strings;
    void *offset = f->offset;
    bool is_grown = dsc_grow(&strings, &f->strings_capacity, begin + text.length + 1, 1);
    f->strings = strings;
    is_grown = is_grown && dsc_grow(&offset, &f->offset_capacity, n + 2, sizeof *f->offset);
    f->offset = offset;
    if (!is_grown) {
        return dsc_fail_memory(err, "the names of an encoding");
    }
    memcpy(f->strings + begin, text.bytes, text.length);
    f->offset[0] = 0;
    f->offset[n + 1] = begin + text.length;
    f->parts.n_strings++;
    return DSC_OK;
}

static dsc_status add_name(fitting *f, size_t column, dsc_error *err) {
    const char *name = f->table->columns[column].name;
    return add_string(f, (dsc_id){name, strlen(name)}, err);
}

/* --- which columns ------------------------------------------------------------------------- */

static dsc_status choose_features(fitting *f, size_t target, dsc_error *err) {
    const dsc_table *table = f->table;
    const dsc_encoding_config *config = f->config;
    size_t n_columns = table->n_columns;
    size_t n_room = config->features != NULL ? config->n_features : n_columns;
    bool *is_chosen = calloc(n_columns, sizeof *is_chosen);
    f->feature = reallocarray(NULL, n_room + 1, sizeof *f->feature);
    dsc_status status = DSC_OK;
    if (is_chosen == NULL || f->feature == NULL) {
        status = dsc_fail_memory(err, "the features");
    }
    size_t n = 0;
    for (size_t i = 0; i < n_room && status == DSC_OK; i++) {
        size_t c = i;
        if (config->features != NULL) {
            status = dsc_table_find(table, config->features[i], &c, err);
        } else if (c == target || table->columns[c].kind == DSC_COLUMN_IGNORED) {
            continue;
        }
        if (status == DSC_OK &&
            (c == target || is_chosen[c] || table->columns[c].kind == DSC_COLUMN_IGNORED)) {
            status = dsc_fail(err, DSC_E_ARGUMENT, table->name,
                              "column \"%s\" %s; expected another one as a feature",
                              table->columns[c].name,
                              c == target    ? "is the target"
                              : is_chosen[c] ? "is chosen twice"
                                             : "is ignored");
        }
        if (status == DSC_OK) {
            is_chosen[c] = true;
            f->feature[n++] = c;
        }
    }
    f->parts.n_features = n;
    if (status == DSC_OK && n == 0) {
        status = dsc_fail(err, DSC_E_ARGUMENT, table->name,
                          "found no column besides the target \"%s\", expected at least one "
                          "feature",
                          table->columns[target].name);
    }
    free(is_chosen);
    return status;
}

static dsc_status choose_target(fitting *f, size_t *target, dsc_error *err) {
    const dsc_table *table = f->table;
    *target = table->n_columns - 1;
    if (f->config->target != NULL) {
        dsc_status status = dsc_table_find(table, f->config->target, target, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    if (table->columns[*target].kind == DSC_COLUMN_IGNORED) {
        return dsc_fail(err, DSC_E_ARGUMENT, table->name,
                        "column \"%s\" is ignored; expected another one as the target",
                        table->columns[*target].name);
    }
    f->parts.has_names = table->has_names;
    f->parts.n_columns = table->n_columns;
    f->parts.target_column = *target;
    f->parts.target_kind = table->columns[*target].kind;
    f->parts.unseen = f->config->unseen;
    return DSC_OK;
}

static dsc_status make_arrays(fitting *f, dsc_error *err) {
    size_t n = f->parts.n_features;
    f->column = calloc(n, sizeof *f->column);
    f->n_categories = calloc(n, sizeof *f->n_categories);
    f->shift = calloc(n, sizeof *f->shift);
    f->scale = calloc(n, sizeof *f->scale);
    f->fill = calloc(n, sizeof *f->fill);
    f->fill_category = calloc(n, sizeof *f->fill_category);
    f->has_fill = calloc(n, sizeof *f->has_fill);
    bool is_made = f->column != NULL && f->n_categories != NULL && f->shift != NULL &&
                   f->scale != NULL && f->fill != NULL && f->fill_category != NULL &&
                   f->has_fill != NULL;
    return is_made ? DSC_OK : dsc_fail_memory(err, "an encoding");
}

/* --- categories ---------------------------------------------------------------------------- */

static dsc_status fail_too_many(const fitting *f, size_t column, size_t n, dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, f->table->name,
                    "column \"%s\" has %zu different values in the training rows, expected at most "
                    "%zu; a column of ids is better left out",
                    f->table->columns[column].name, n, f->max_categories);
}

/* The categories that the rows have, counted and in order; freed with free().
 *   n_missing      [out]  rows without a value
 *   first_missing  [out]  the first of them; undefined when there is none */
static dsc_status count_categories(const fitting *f, size_t column, dsc_counted_category **out,
                                   size_t *n, size_t *n_missing, size_t *first_missing,
                                   dsc_error *err) {
    size_t n_known = dsc_table_n_categories(f->table, column);
    dsc_counted_category *counted = calloc(n_known + 1, sizeof *counted);
    *out = counted;
    if (counted == NULL) {
        return dsc_fail_memory(err, "the categories of a column");
    }
    *n_missing = 0;
    for (size_t i = 0; i < f->n_rows; i++) {
        uint32_t category = dsc_table_category(f->table, row_at(f, i), column);
        if (category != DSC_NO_INDEX) {
            counted[category].n++;
        } else if ((*n_missing)++ == 0) {
            *first_missing = row_at(f, i);
        }
    }
    *n = 0;
    for (uint32_t k = 0; k < n_known; k++) {
        if (counted[k].n > 0) {
            dsc_id text = dsc_table_category_text(f->table, column, k);
            counted[(*n)++] = (dsc_counted_category){text, k, counted[k].n, 0};
        }
    }
    return DSC_OK;
}

/* The category that fills, added at the end where no row has it. */
static void add_fill_category(const fitting *f, dsc_counted_category *counted, size_t *n) {
    dsc_id text = {f->config->fill_category, strlen(f->config->fill_category)};
    for (size_t i = 0; i < *n; i++) {
        if (counted[i].text.length == text.length &&
            memcmp(counted[i].text.bytes, text.bytes, text.length) == 0) {
            return;
        }
    }
    counted[(*n)++] = (dsc_counted_category){text, DSC_NO_INDEX, 0, 0};
}

/* The index of the category that fills, in ordered categories. */
static size_t find_fill_category(const fitting *f, const dsc_counted_category *counted, size_t n,
                                 bool is_told) {
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_told) {
            const char *told = f->config->fill_category;
            if (counted[i].text.length == strlen(told) &&
                memcmp(counted[i].text.bytes, told, counted[i].text.length) == 0) {
                return i;
            }
        } else if (counted[i].n > counted[best].n) {
            best = i;
        }
    }
    return best;
}

static dsc_status fit_categories(fitting *f, size_t i, dsc_error *err) {
    size_t column = f->feature[i];
    const char *name = f->table->columns[column].name;
    dsc_counted_category *counted = NULL;
    size_t n = 0;
    size_t n_missing;
    size_t first_missing = 0;
    dsc_status status = count_categories(f, column, &counted, &n, &n_missing, &first_missing, err);
    if (status != DSC_OK) {
        goto done;
    }
    if (n_missing > 0 && f->config->fill == DSC_FILL_REFUSE) {
        status = dsc_table_fail_row(
            f->table, first_missing, err,
            "column \"%s\": a missing value, expected a category" DSC_MISSING_ADVICE, name);
        goto done;
    }
    bool is_told = f->config->fill == DSC_FILL_CONSTANT && f->config->fill_category != NULL;
    if (is_told && n_missing > 0) {
        add_fill_category(f, counted, &n);
    }
    if (n == 0) {
        status = dsc_fail(err, DSC_E_DATA, f->table->name,
                          "column \"%s\" has no value in any training row, expected at least one; "
                          "leave the column out",
                          name);
        goto done;
    }
    if (n > f->max_categories) {
        status = fail_too_many(f, column, n, err);
        goto done;
    }
    dsc_order_categories(counted, n);
    f->n_categories[i] = n;
    f->shift[i] = 0;
    f->scale[i] = 1;
    /* A category that is told and that no training row needed is unknown to what is trained. */
    f->has_fill[i] = f->config->fill != DSC_FILL_REFUSE;
    if (is_told) {
        size_t k = find_fill_category(f, counted, n, true);
        f->has_fill[i] =
            counted[k].text.length == strlen(f->config->fill_category) &&
            memcmp(counted[k].text.bytes, f->config->fill_category, counted[k].text.length) == 0;
    }
    f->fill_category[i] = f->has_fill[i] ? find_fill_category(f, counted, n, is_told) : 0;
    for (size_t k = 0; k < n && status == DSC_OK; k++) {
        status = add_string(f, counted[k].text, err);
    }
done:
    free(counted);
    return status;
}

static dsc_status fit_features(fitting *f, dsc_error *err) {
    dsc_status status = DSC_OK;
    for (size_t i = 0; i < f->parts.n_features && status == DSC_OK; i++) {
        size_t column = f->feature[i];
        f->column[i] = column;
        if (f->table->columns[column].kind == DSC_COLUMN_CATEGORICAL) {
            status = fit_categories(f, i, err);
            continue;
        }
        dsc_column_fit fit = {0, 1, false, 0};
        status = dsc_column_fit_numbers(f->table, column, f->rows, f->n_rows, f->config, &fit, err);
        f->shift[i] = fit.shift;
        f->scale[i] = fit.scale;
        f->has_fill[i] = fit.has_fill;
        f->fill[i] = fit.fill;
    }
    return status;
}

/* --- the target ---------------------------------------------------------------------------- */

static dsc_status fail_target(const fitting *f, size_t row, size_t target, dsc_error *err) {
    return dsc_table_fail_row(f->table, row, err,
                              "column \"%s\": the target is missing, which nothing fills; take the "
                              "line out",
                              f->table->columns[target].name);
}

/* Classes of a numeric target: its distinct values, ascending. */
static dsc_status fit_number_classes(fitting *f, size_t target, dsc_error *err) {
    dsc_status status = DSC_OK;
    double *values = reallocarray(NULL, f->n_rows, sizeof *values);
    if (values == NULL) {
        return dsc_fail_memory(err, "the classes");
    }
    for (size_t i = 0; i < f->n_rows && status == DSC_OK; i++) {
        values[i] = dsc_table_number(f->table, row_at(f, i), target);
        if (isnan(values[i])) {
            status = fail_target(f, row_at(f, i), target, err);
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
        status = fail_too_many(f, target, n, err);
    }
    for (size_t k = 0; k < n && status == DSC_OK; k++) {
        char text[DSC_NUMBER_TEXT_BYTES];
        size_t length = dsc_number_text(values[k], text);
        status = add_string(f, (dsc_id){text, length}, err);
    }
    f->parts.n_classes = n;
    free(values);
    return status;
}

static dsc_status fit_text_classes(fitting *f, size_t target, dsc_error *err) {
    dsc_counted_category *counted = NULL;
    size_t n = 0;
    size_t n_missing = 0;
    size_t first_missing = 0;
    dsc_status status = count_categories(f, target, &counted, &n, &n_missing, &first_missing, err);
    if (status == DSC_OK && n_missing > 0) {
        status = fail_target(f, first_missing, target, err);
    }
    if (status == DSC_OK && n > f->max_categories) {
        status = fail_too_many(f, target, n, err);
    }
    if (status == DSC_OK) {
        dsc_order_categories(counted, n);
    }
    for (size_t k = 0; k < n && status == DSC_OK; k++) {
        status = add_string(f, counted[k].text, err);
    }
    f->parts.n_classes = n;
    free(counted);
    return status;
}

static dsc_status fit_target(fitting *f, size_t target, dsc_error *err) {
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
        if (isnan(dsc_table_number(f->table, row_at(f, i), target))) {
            return fail_target(f, row_at(f, i), target, err);
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

/* --- together ------------------------------------------------------------------------------ */

static dsc_status check_arguments(const fitting *f, dsc_error *err) {
    const dsc_encoding_config *config = f->config;
    if ((unsigned)config->task > DSC_TASK_CLASSIFICATION ||
        (unsigned)config->scaling > DSC_SCALING_NONE ||
        (unsigned)config->fill > DSC_FILL_MOST_FREQUENT ||
        (unsigned)config->unseen > DSC_UNSEEN_ZEROS || !isfinite(config->fill_value) ||
        (config->fill_category != NULL && config->fill_category[0] == '\0')) {
        return dsc_fail(err, DSC_E_ARGUMENT, "encoding",
                        "the task, scaling, fill, fill_value, fill_category or unseen setting is "
                        "none of its values");
    }
    if (f->n_rows == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "encoding", "found no training rows, expected some");
    }
    for (size_t i = 0; f->rows != NULL && i < f->n_rows; i++) {
        if (f->rows[i] >= f->table->n_rows) {
            return dsc_fail(err, DSC_E_ARGUMENT, "encoding",
                            "row %lu is none of the table's %zu rows, counted from 0",
                            (unsigned long)f->rows[i], f->table->n_rows);
        }
    }
    return DSC_OK;
}

static dsc_status build(fitting *f, dsc_encoding **out, dsc_error *err) {
    f->parts.column = f->column;
    f->parts.n_categories = f->n_categories;
    f->parts.shift = f->shift;
    f->parts.scale = f->scale;
    f->parts.fill = f->fill;
    f->parts.fill_category = f->fill_category;
    f->parts.has_fill = f->has_fill;
    f->parts.strings = f->strings;
    f->parts.offset = f->offset;
    return dsc_encoding_from_parts(out, &f->parts, f->offset[f->parts.n_strings], f->table->name,
                                   err);
}

static void clear(fitting *f) {
    free(f->feature);
    free(f->column);
    free(f->n_categories);
    free(f->shift);
    free(f->scale);
    free(f->fill);
    free(f->fill_category);
    free(f->has_fill);
    free(f->strings);
    free(f->offset);
}

dsc_status dsc_encoding_fit(dsc_encoding **out, const dsc_table *table, const uint32_t *rows,
                            size_t n_rows, const dsc_encoding_config *config, dsc_error *err) {
    static const dsc_encoding_config usual = {0};
    *out = NULL;
    fitting f = {.table = table,
                 .rows = rows,
                 .n_rows = rows != NULL ? n_rows : table->n_rows,
                 .config = config != NULL ? config : &usual};
    f.max_categories =
        f.config->max_categories > 0 ? f.config->max_categories : DSC_DEFAULT_MAX_CATEGORIES;
    size_t target = 0;
    dsc_status status = check_arguments(&f, err);
    status = status == DSC_OK ? choose_target(&f, &target, err) : status;
    status = status == DSC_OK ? choose_features(&f, target, err) : status;
    status = status == DSC_OK ? make_arrays(&f, err) : status;
    for (size_t i = 0; i < f.parts.n_features && status == DSC_OK; i++) {
        status = add_name(&f, f.feature[i], err);
    }
    status = status == DSC_OK ? add_name(&f, target, err) : status;
    status = status == DSC_OK ? fit_features(&f, err) : status;
    status = status == DSC_OK ? fit_target(&f, target, err) : status;
    status = status == DSC_OK ? build(&f, out, err) : status;
    clear(&f);
    return status;
}
