/* Elements: read in growing pieces, so that a header that lies about its size costs nothing, and
 * kept as the file has them, so that images of bytes take one byte a pixel. */
#include "table/elements.h"

#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The first piece; each further one doubles what is there. */
#define FIRST_BYTES ((size_t)1024 * 1024)

typedef struct extent {
    size_t n_rows;
    size_t n_columns;
    size_t n_bytes;
} extent;

size_t dsc_value_bytes(dsc_value_type type) {
    switch (type) {
    case DSC_VALUE_U8:
    case DSC_VALUE_I8:
        return 1;
    case DSC_VALUE_U16:
    case DSC_VALUE_I16:
        return 2;
    case DSC_VALUE_U32:
    case DSC_VALUE_I32:
    case DSC_VALUE_F32:
        return 4;
    case DSC_VALUE_U64:
    case DSC_VALUE_I64:
    case DSC_VALUE_F64:
        break;
    }
    return 8;
}

/* "60000 x 28 x 28" */
static void write_shape(const dsc_elements *elements, char *out, size_t capacity) {
    size_t n = 0;
    out[0] = '\0';
    for (size_t d = 0; d < elements->n_dimensions && n < capacity; d++) {
        n += (size_t)snprintf(out + n, capacity - n, "%s%llu", d > 0 ? " x " : "",
                              (unsigned long long)elements->dimension[d]);
    }
}

static dsc_status measure(const dsc_elements *elements, const char *name, extent *out,
                          dsc_error *err) {
    char text[128];
    write_shape(elements, text, sizeof text);
    size_t n_elements = 1;
    bool is_too_large = false;
    out->n_columns = 1;
    for (size_t d = 0; d < elements->n_dimensions; d++) {
        size_t n = elements->dimension[d];
        if (n == 0) {
            return dsc_fail(err, DSC_E_DATA, name,
                            "the header declares %s values; expected at least one row and one "
                            "column",
                            text);
        }
        is_too_large |= __builtin_mul_overflow(n_elements, n, &n_elements);
        if (d > 0) {
            is_too_large |= __builtin_mul_overflow(out->n_columns, n, &out->n_columns);
        }
    }
    out->n_rows = elements->dimension[0];
    is_too_large |=
        __builtin_mul_overflow(n_elements, dsc_value_bytes(elements->type), &out->n_bytes);
    if (is_too_large || out->n_bytes > SIZE_MAX / 2 || out->n_rows > DSC_MAX_TABLE_ROWS) {
        return dsc_fail(err, DSC_E_DATA, name,
                        "the header declares %s values, more than any file holds; expected at "
                        "most %zu rows",
                        text, DSC_MAX_TABLE_ROWS);
    }
    return DSC_OK;
}

static dsc_status fail_size(const dsc_elements *elements, const char *name, const extent *shape,
                            size_t n_found, bool is_longer, dsc_error *err) {
    char text[128];
    write_shape(elements, text, sizeof text);
    return dsc_fail(err, DSC_E_DATA, name,
                    "found %s%zu byte%s behind the header, expected %zu: the header declares %s "
                    "values of %zu byte%s",
                    is_longer ? "at least " : "", n_found, n_found == 1 ? "" : "s", shape->n_bytes,
                    text, dsc_value_bytes(elements->type),
                    dsc_value_bytes(elements->type) == 1 ? "" : "s");
}

static dsc_status read_block(const dsc_elements *elements, dsc_table *table, dsc_input *input,
                             const extent *shape, dsc_error *err) {
    size_t n_read = 0;
    size_t n_room = 0;
    dsc_status status;
    while (n_read < shape->n_bytes) {
        size_t n_wanted = n_room == 0 ? FIRST_BYTES : n_room * 2;
        n_room = n_wanted < shape->n_bytes ? n_wanted : shape->n_bytes;
        void *grown = realloc(table->block, n_room);
        if (grown == NULL) {
            return dsc_fail_memory(err, "the values of a table");
        }
        table->block = grown;
        size_t n;
        status = dsc_input_read(input, (char *)grown + n_read, n_room - n_read, &n, err);
        if (status != DSC_OK) {
            return status;
        }
        n_read += n;
        if (n_read < n_room) {
            return fail_size(elements, table->name, shape, n_read, false, err);
        }
    }
    char behind[64];
    size_t n_behind;
    status = dsc_input_read(input, behind, sizeof behind, &n_behind, err);
    if (status == DSC_OK && n_behind > 0) {
        bool is_cut = n_behind == sizeof behind;
        status = fail_size(elements, table->name, shape, n_read + n_behind, is_cut, err);
    }
    return status;
}

/* Elements of the other byte order to that of this machine, in place. */
static void swap_bytes(unsigned char *block, size_t n_bytes, size_t element_bytes) {
    for (size_t i = 0; i < n_bytes; i += element_bytes) {
        for (size_t low = i, high = i + element_bytes - 1; low < high; low++, high--) {
            unsigned char kept = block[low];
            block[low] = block[high];
            block[high] = kept;
        }
    }
}

static void place_columns(const dsc_elements *elements, dsc_table *table, const extent *shape) {
    size_t n_bytes = dsc_value_bytes(elements->type);
    size_t row_bytes = elements->is_column_major ? n_bytes : n_bytes * shape->n_columns;
    size_t column_bytes = elements->is_column_major ? n_bytes * shape->n_rows : n_bytes;
    for (size_t c = 0; c < shape->n_columns; c++) {
        dsc_column *column = &table->columns[c];
        column->values = (const unsigned char *)table->block + c * column_bytes;
        column->stride = row_bytes;
        column->element = elements->type;
    }
}

/* Counts missing values and finds infinite ones; only floating point has them. */
static dsc_status check_values(dsc_table *table, const extent *shape, dsc_missing missing,
                               dsc_error *err) {
    for (size_t r = 0; r < shape->n_rows; r++) {
        for (size_t c = 0; c < shape->n_columns; c++) {
            double value = dsc_table_number(table, r, c);
            if (isfinite(value) || table->columns[c].kind == DSC_COLUMN_IGNORED) {
                continue;
            }
            if (isinf(value)) {
                return dsc_table_fail_row(table, r, err,
                                          "column \"%s\": found an infinite value, expected a "
                                          "finite number",
                                          table->columns[c].name);
            }
            if (missing == DSC_MISSING_REFUSE) {
                return dsc_table_fail_row(table, r, err,
                                          "column \"%s\": found NaN, a missing value, expected a "
                                          "number" DSC_MISSING_ADVICE,
                                          table->columns[c].name);
            }
            table->columns[c].n_missing++;
        }
    }
    return DSC_OK;
}

dsc_status dsc_elements_read(const dsc_elements *elements, dsc_table *table, dsc_input *input,
                             size_t n_header, dsc_table_job *job, dsc_error *err) {
    extent shape = {0};
    dsc_status status = measure(elements, table->name, &shape, err);
    if (status == DSC_OK) {
        status = read_block(elements, table, input, &shape, err);
    }
    if (status == DSC_OK) {
        status = dsc_table_make_columns(table, shape.n_columns, NULL, job, err);
    }
    if (status == DSC_OK) {
        status = job->rule.apply(job->rule.context, table, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (elements->is_big_endian != (BYTE_ORDER == BIG_ENDIAN)) {
        swap_bytes(table->block, shape.n_bytes, dsc_value_bytes(elements->type));
    }
    table->n_rows = shape.n_rows;
    place_columns(elements, table, &shape);
    bool is_floating = elements->type == DSC_VALUE_F32 || elements->type == DSC_VALUE_F64;
    if (is_floating) {
        status = check_values(table, &shape, job->format->missing, err);
    }
    for (size_t c = 0; c < shape.n_columns && status == DSC_OK; c++) {
        status = dsc_table_convert(table, c, table->columns[c].kind, err);
    }
    job->report->n_bytes = n_header + shape.n_bytes;
    return status;
}
