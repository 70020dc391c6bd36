/* Tables: what is in them, once they are read. */
#include "descent/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/category_order.h"
#include "table/table_internal.h"
#include "text/lines.h"
#include "text/number.h"

static void clear_column(dsc_column *column) {
    free(column->name);
    free(column->number);
    free(column->category);
    dsc_id_map_destroy(column->category_map);
}

void dsc_table_destroy(dsc_table *table) {
    if (table == NULL) {
        return;
    }
    for (size_t c = 0; table->columns != NULL && c < table->n_columns; c++) {
        clear_column(&table->columns[c]);
    }
    free(table->columns);
    free(table->name);
    free(table->line);
    free(table->block);
    free(table->label_block);
    free(table);
}

size_t dsc_table_n_rows(const dsc_table *table) {
    return table->n_rows;
}

size_t dsc_table_n_columns(const dsc_table *table) {
    return table->n_columns;
}

const char *dsc_table_name(const dsc_table *table) {
    return table->name;
}

bool dsc_table_has_names(const dsc_table *table) {
    return table->has_names;
}

const char *dsc_table_column_name(const dsc_table *table, size_t column) {
    return table->columns[column].name;
}

dsc_column_kind dsc_table_column_kind(const dsc_table *table, size_t column) {
    return table->columns[column].kind;
}

size_t dsc_table_n_missing(const dsc_table *table, size_t column) {
    return table->columns[column].n_missing;
}

/* memcpy: elements of a file lie where the file has them, aligned or not. */
#define LOAD(type)                                                                                 \
    do {                                                                                           \
        type element;                                                                              \
        memcpy(&element, at, sizeof element);                                                      \
        return (double)element;                                                                    \
    } while (0)

double dsc_table_number(const dsc_table *table, size_t row, size_t column) {
    const dsc_column *c = &table->columns[column];
    const unsigned char *at = c->values + row * c->stride;
    switch (c->element) {
    case DSC_VALUE_U8:
        return (double)*at;
    case DSC_VALUE_I8:
        LOAD(int8_t);
    case DSC_VALUE_U16:
        LOAD(uint16_t);
    case DSC_VALUE_I16:
        LOAD(int16_t);
    case DSC_VALUE_U32:
        LOAD(uint32_t);
    case DSC_VALUE_I32:
        LOAD(int32_t);
    case DSC_VALUE_U64:
        LOAD(uint64_t);
    case DSC_VALUE_I64:
        LOAD(int64_t);
    case DSC_VALUE_F32:
        LOAD(float);
    case DSC_VALUE_F64:
        LOAD(double);
    }
    return 0;
}

uint32_t dsc_table_category(const dsc_table *table, size_t row, size_t column) {
    return table->columns[column].category[row];
}

size_t dsc_table_n_categories(const dsc_table *table, size_t column) {
    const dsc_id_map *map = table->columns[column].category_map;
    return map != NULL ? dsc_id_map_count(map) : 0;
}

dsc_id dsc_table_category_text(const dsc_table *table, size_t column, uint32_t category) {
    return dsc_id_map_id(table->columns[column].category_map, category);
}

uint64_t dsc_table_line(const dsc_table *table, size_t row) {
    return table->line != NULL ? table->line[row] : 0;
}

/* --- finding ------------------------------------------------------------------------------- */

/* "a, b, c" as far as there is room, then "...". */
static void list_names(const dsc_table *table, char *out, size_t capacity) {
    size_t n = 0;
    out[0] = '\0';
    for (size_t c = 0; c < table->n_columns; c++) {
        dsc_shown name = dsc_show(table->columns[c].name, strlen(table->columns[c].name));
        bool is_last = c + 1 == table->n_columns;
        size_t needed = strlen(name.text) + strlen(", ...") + 2;
        if (n + needed > capacity) {
            snprintf(out + n, capacity - n, "...");
            return;
        }
        n += (size_t)snprintf(out + n, capacity - n, "%s%s", name.text, is_last ? "" : ", ");
    }
}

/* A whole number other than 0, within +-n; 0: it is none. */
static int64_t column_number(const char *selector, size_t n) {
    double value;
    if (dsc_number_double(selector, strlen(selector), &value) != DSC_NUMBER_OK ||
        fabs(value) > (double)n || floor(value) < value) {
        return 0;
    }
    return (int64_t)value;
}

dsc_status dsc_table_find(const dsc_table *table, const char *selector, size_t *out,
                          dsc_error *err) {
    for (size_t c = 0; c < table->n_columns; c++) {
        if (strcmp(table->columns[c].name, selector) == 0) {
            *out = c;
            return DSC_OK;
        }
    }
    int64_t number = column_number(selector, table->n_columns);
    if (number != 0) {
        *out = number > 0 ? (size_t)number - 1 : table->n_columns - (size_t)-number;
        return DSC_OK;
    }
    char names[200];
    list_names(table, names, sizeof names);
    return dsc_fail(err, DSC_E_ARGUMENT, table->name,
                    "there is no column \"%s\"; expected %s%s%sa number from 1 to %zu, or from -1 "
                    "at the end",
                    dsc_show(selector, strlen(selector)).text, table->has_names ? "one of: " : "",
                    table->has_names ? names : "", table->has_names ? "; or " : "",
                    table->n_columns);
}

dsc_status dsc_table_fail_row(const dsc_table *table, size_t row, dsc_error *err,
                              const char *format, ...) {
    if (err == NULL) {
        return DSC_E_DATA;
    }
    char message[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (table->line == NULL) {
        return dsc_fail(err, DSC_E_DATA, table->name, "row %zu: %s", row + 1, message);
    }
    /* A long name keeps its end, so that the line always fits. */
    enum { NAME_BYTES = 200 };
    char where[sizeof err->where];
    size_t length = strlen(table->name);
    bool is_long = length > NAME_BYTES;
    snprintf(where, sizeof where, "%s%s:%llu", is_long ? "..." : "",
             is_long ? table->name + length - NAME_BYTES : table->name,
             (unsigned long long)table->line[row]);
    return dsc_fail(err, DSC_E_DATA, where, "%s", message);
}

/* --- strata -------------------------------------------------------------------------------- */

static dsc_status number_strata(const dsc_table *table, size_t column, uint32_t *out, size_t *n,
                                dsc_error *err) {
    double *values = reallocarray(NULL, table->n_rows, sizeof *values);
    if (values == NULL) {
        return dsc_fail_memory(err, "the strata");
    }
    size_t n_values = 0;
    for (size_t r = 0; r < table->n_rows; r++) {
        double value = dsc_table_number(table, r, column);
        if (!isnan(value)) {
            values[n_values++] = value;
        }
    }
    qsort(values, n_values, sizeof *values, dsc_compare_doubles);
    size_t n_distinct = 0;
    for (size_t i = 0; i < n_values; i++) {
        if (n_distinct == 0 || values[i] > values[n_distinct - 1]) {
            values[n_distinct++] = values[i];
        }
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        double value = dsc_table_number(table, r, column);
        out[r] =
            isnan(value) ? (uint32_t)n_distinct : (uint32_t)dsc_place_of(value, values, n_distinct);
    }
    *n = n_distinct + (n_values < table->n_rows);
    free(values);
    return DSC_OK;
}

dsc_status dsc_table_strata(const dsc_table *table, size_t column, uint32_t *out, size_t *n,
                            dsc_error *err) {
    const dsc_column *c = &table->columns[column];
    if (c->kind == DSC_COLUMN_NUMERIC) {
        return number_strata(table, column, out, n, err);
    }
    if (c->kind != DSC_COLUMN_CATEGORICAL) {
        return dsc_fail(err, DSC_E_ARGUMENT, table->name,
                        "column \"%s\" is ignored; expected one that is read", c->name);
    }
    size_t n_categories = dsc_id_map_count(c->category_map);
    for (size_t r = 0; r < table->n_rows; r++) {
        out[r] = c->category[r] == DSC_NO_INDEX ? (uint32_t)n_categories : c->category[r];
    }
    *n = n_categories + (c->n_missing > 0);
    return DSC_OK;
}
