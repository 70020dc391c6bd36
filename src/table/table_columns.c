/* Columns: made, named, and given another kind after they were read. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/table_internal.h"
#include "text/number.h"

#define LABEL_NAME "label"

size_t dsc_number_text(double value, char out[DSC_NUMBER_TEXT_BYTES]) {
    /* glibc and musl hand out the C locale without an allocation, so that this cannot fail. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(c_locale);
    int n = 0;
    double read_back = NAN;
    value += 0.0; /* -0 is 0 */
    for (int digits = 1; digits <= 17 && !(read_back >= value && read_back <= value); digits++) {
        n = snprintf(out, DSC_NUMBER_TEXT_BYTES, "%.*g", digits, value);
        read_back = NAN;
        dsc_number_double(out, (size_t)n, &read_back);
    }
    /* %g writes 10 as 1e+01: whole numbers that are exact are written as people do. */
    if (floor(value) >= value && fabs(value) < 1e15) {
        n = snprintf(out, DSC_NUMBER_TEXT_BYTES, "%.0f", value);
    }
    uselocale(before);
    freelocale(c_locale);
    return (size_t)n;
}

char *dsc_copy_text(const char *text) {
    size_t n_bytes = strlen(text) + 1;
    char *copy = malloc(n_bytes);
    if (copy != NULL) {
        memcpy(copy, text, n_bytes);
    }
    return copy;
}

static char *make_name(const char *given, size_t column) {
    char number[24];
    snprintf(number, sizeof number, "%zu", column + 1);
    return dsc_copy_text(given != NULL ? given : number);
}

/* Moves the only column of the labels into the last of the table. */
static dsc_status take_label(dsc_table *table, dsc_table *label, dsc_error *err) {
    dsc_column *to = &table->columns[table->n_columns - 1];
    char *name = dsc_copy_text(LABEL_NAME);
    if (name == NULL) {
        return dsc_fail_memory(err, "the labels");
    }
    free(label->columns[0].name);
    *to = label->columns[0];
    to->name = name;
    label->columns[0] = (dsc_column){0};
    table->label_block = label->block;
    label->block = NULL;
    table->has_label = true;
    for (size_t c = 0; c + 1 < table->n_columns; c++) {
        if (strcmp(table->columns[c].name, LABEL_NAME) == 0) {
            return dsc_fail(err, DSC_E_DATA, table->name,
                            "column %zu is named \"" LABEL_NAME "\" like the column that the "
                            "labels file adds; leave one of them out",
                            c + 1);
        }
    }
    return DSC_OK;
}

dsc_status dsc_table_make_columns(dsc_table *table, size_t n, const char *const *names,
                                  dsc_table_job *job, dsc_error *err) {
    size_t n_columns = n + (job->label != NULL);
    table->columns = calloc(n_columns, sizeof *table->columns);
    if (table->columns == NULL) {
        return dsc_fail_memory(err, "the columns of a table");
    }
    table->n_columns = n_columns;
    for (size_t c = 0; c < n; c++) {
        table->columns[c].name = make_name(names != NULL ? names[c] : NULL, c);
        if (table->columns[c].name == NULL) {
            return dsc_fail_memory(err, "the names of columns");
        }
    }
    return job->label != NULL ? take_label(table, job->label, err) : DSC_OK;
}

/* Numbers to categories that are named by their text. */
static dsc_status to_categories(const dsc_table *table, dsc_column *column, size_t index,
                                dsc_error *err) {
    column->category = reallocarray(NULL, table->n_rows, sizeof *column->category);
    if (column->category == NULL) {
        return dsc_fail_memory(err, "a categorical column");
    }
    dsc_status status = dsc_id_map_create(&column->category_map, DSC_MAX_IDS, err);
    for (size_t r = 0; r < table->n_rows && status == DSC_OK; r++) {
        double value = dsc_table_number(table, r, index);
        if (isnan(value)) {
            column->category[r] = DSC_NO_INDEX;
            continue;
        }
        char text[DSC_NUMBER_TEXT_BYTES];
        dsc_id id = {text, dsc_number_text(value, text)};
        status = dsc_id_map_add(column->category_map, id, &column->category[r], err);
    }
    if (status == DSC_OK) {
        column->kind = DSC_COLUMN_CATEGORICAL;
        column->values = NULL;
        free(column->number);
        column->number = NULL;
    }
    return status;
}

dsc_status dsc_table_convert(dsc_table *table, size_t index, dsc_column_kind kind, dsc_error *err) {
    dsc_column *column = &table->columns[index];
    bool is_text = column->category != NULL;
    if (kind == DSC_COLUMN_CATEGORICAL && !is_text) {
        return to_categories(table, column, index, err);
    }
    if (kind == DSC_COLUMN_NUMERIC && is_text) {
        dsc_id text = dsc_id_map_id(column->category_map, 0);
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "column \"%s\" holds text, such as \"%.*s\"; expected numbers, unless it "
                        "is said to be categorical",
                        column->name, (int)(text.length < 40 ? text.length : 40), text.bytes);
    }
    column->kind = kind != DSC_COLUMN_DETECT ? kind
                   : is_text                 ? DSC_COLUMN_CATEGORICAL
                                             : DSC_COLUMN_NUMERIC;
    return DSC_OK;
}

dsc_status dsc_table_finish(dsc_table *table, dsc_table_job *job, dsc_error *err) {
    if (table->has_label) {
        size_t n_labels = job->label->n_rows;
        if (n_labels != table->n_rows) {
            return dsc_fail(err, DSC_E_DATA, job->label->name,
                            "found %zu label%s, expected %zu: one for each row of %s", n_labels,
                            n_labels == 1 ? "" : "s", table->n_rows, table->name);
        }
        size_t last = table->n_columns - 1;
        dsc_status status = dsc_table_convert(table, last, table->columns[last].kind, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    job->report->n_columns = table->n_columns;
    for (size_t c = 0; c < table->n_columns; c++) {
        bool is_ignored = table->columns[c].kind == DSC_COLUMN_IGNORED;
        job->report->n_ignored += is_ignored;
        job->report->n_missing += is_ignored ? 0 : table->columns[c].n_missing;
    }
    return DSC_OK;
}
