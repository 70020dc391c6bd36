/* Fitting an encoding: what the training rows say about each column, collected as flat parts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/encoding_internal.h"
#include "table/fitting.h"
#include "table/table_internal.h"

dsc_status dsc_fitting_add_string(dsc_fitting *f, dsc_id text, dsc_error *err) {
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

static dsc_status add_name(dsc_fitting *f, size_t column, dsc_error *err) {
    const char *name = f->table->columns[column].name;
    return dsc_fitting_add_string(f, (dsc_id){name, strlen(name)}, err);
}

/* --- which columns ------------------------------------------------------------------------- */

static dsc_status choose_features(dsc_fitting *f, size_t target, dsc_error *err) {
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

static dsc_status choose_target(dsc_fitting *f, size_t *target, dsc_error *err) {
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

static dsc_status make_arrays(dsc_fitting *f, dsc_error *err) {
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

static dsc_status fit_features(dsc_fitting *f, dsc_error *err) {
    dsc_status status = DSC_OK;
    for (size_t i = 0; i < f->parts.n_features && status == DSC_OK; i++) {
        size_t column = f->feature[i];
        f->column[i] = column;
        if (f->table->columns[column].kind == DSC_COLUMN_CATEGORICAL) {
            status = dsc_fit_categories(f, i, err);
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

/* --- together ------------------------------------------------------------------------------ */

static dsc_status check_arguments(const dsc_fitting *f, dsc_error *err) {
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

static dsc_status build(dsc_fitting *f, dsc_encoding **out, dsc_error *err) {
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

static void clear(dsc_fitting *f) {
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
    dsc_fitting f = {.table = table,
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
    status = status == DSC_OK ? dsc_fit_target(&f, target, err) : status;
    status = status == DSC_OK ? build(&f, out, err) : status;
    clear(&f);
    return status;
}
