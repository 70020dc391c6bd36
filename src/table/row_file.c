/* Row files: the row numbers of a published split, one a line. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "descent/split.h"
#include "descent/table.h"
#include "text/fields.h"
#include "text/lines.h"
#include "text/number.h"

typedef struct row_reader {
    dsc_lines lines;
    size_t n_rows;
    uint64_t *line_of; /* (n_rows) the line on which each row was found; 0: not yet */
    dsc_rows rows;
    size_t capacity;
} row_reader;

static dsc_status add_row(row_reader *r, uint32_t row, const dsc_line *line, size_t column,
                          dsc_error *err) {
    if (r->line_of[row] != 0) {
        return dsc_lines_fail(&r->lines, line->number, column, err,
                              "row %lu stands on line %llu already; expected each row once",
                              (unsigned long)row, (unsigned long long)r->line_of[row]);
    }
    r->line_of[row] = line->number;
    void *grown = r->rows.row;
    bool has_memory = dsc_grow(&grown, &r->capacity, r->rows.n + 1, sizeof *r->rows.row);
    r->rows.row = grown;
    if (!has_memory) {
        return dsc_fail_memory(err, "row numbers");
    }
    r->rows.row[r->rows.n++] = row;
    return DSC_OK;
}

static dsc_status read_line(row_reader *r, const dsc_line *line, dsc_error *err) {
    const dsc_splitter splitter = {DSC_DELIMITER_BLANK, false};
    dsc_field field[2];
    dsc_text_fault fault = line->fault;
    if (fault.message != NULL) {
        return dsc_lines_fail(&r->lines, line->number, fault.column, err, "%s", fault.message);
    }
    size_t n = dsc_fields_split(splitter, line->bytes, line->length, field, 2, &fault);
    size_t column = (size_t)(field[n - 1].bytes - line->bytes) + 1;
    dsc_shown shown = dsc_show(field[n - 1].bytes, field[n - 1].length);
    if (n > 1) {
        return dsc_lines_fail(&r->lines, line->number, column, err,
                              "found \"%s\" behind a row number, expected one number a line",
                              shown.text);
    }
    double value;
    dsc_number_fault number_fault = dsc_number_double(field[0].bytes, field[0].length, &value);
    if (number_fault != DSC_NUMBER_OK) {
        return dsc_lines_fail(&r->lines, line->number, column, err,
                              "\"%s\" %s; expected a row number, counted from 0", shown.text,
                              dsc_number_fault_text(number_fault));
    }
    if (floor(value) < value || value < 0 || value >= (double)r->n_rows) {
        return dsc_lines_fail(&r->lines, line->number, column, err,
                              "found %s, expected a row number, counted from 0: a whole number "
                              "from 0 to %zu",
                              shown.text, r->n_rows - 1);
    }
    return add_row(r, (uint32_t)value, line, column, err);
}

static dsc_status read_all(row_reader *r, dsc_error *err) {
    for (;;) {
        dsc_line line;
        dsc_status status = dsc_lines_next(&r->lines, &line, err);
        if (status != DSC_OK || line.bytes == NULL) {
            return status;
        }
        if (line.fault.message == NULL && dsc_is_blank_line(line.bytes, line.length)) {
            continue;
        }
        status = read_line(r, &line, err);
        if (status != DSC_OK) {
            return status;
        }
    }
}

dsc_status dsc_rows_read(dsc_rows *out, const char *path, size_t n_rows, dsc_error *err) {
    *out = (dsc_rows){0};
    row_reader r = {.n_rows = n_rows};
    if (n_rows == 0 || n_rows > DSC_MAX_TABLE_ROWS) {
        return dsc_fail(err, DSC_E_ARGUMENT, path, "found a table of %zu rows, expected 1 to %zu",
                        n_rows, DSC_MAX_TABLE_ROWS);
    }
    dsc_input *input;
    dsc_status status = dsc_input_open(&input, path, err);
    if (status != DSC_OK) {
        return status;
    }
    status = dsc_lines_init(&r.lines, input, err);
    if (status == DSC_OK) {
        r.line_of = calloc(n_rows, sizeof *r.line_of);
        status = r.line_of != NULL ? DSC_OK : dsc_fail_memory(err, "row numbers");
    }
    status = status == DSC_OK ? read_all(&r, err) : status;
    if (status == DSC_OK && r.rows.n == 0) {
        status = dsc_fail(err, DSC_E_DATA, dsc_input_name(input),
                          "the file is empty; expected row numbers, one a line");
    }
    dsc_lines_clear(&r.lines);
    free(r.line_of);
    if (status != DSC_OK) {
        dsc_rows_clear(&r.rows);
        return status;
    }
    *out = r.rows;
    return DSC_OK;
}
