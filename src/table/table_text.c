/* Rows of text: delimited fields to columns of numbers and categories. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/table_form.h"
#include "table/table_internal.h"
#include "table/text_reader.h"
#include "text/fields.h"
#include "text/lines.h"
#include "text/number.h"
#include "text/sample.h"

/* Rows there is room for at first; then as many again, each time. */
#define FIRST_ROWS ((size_t)64)

/* --- values -------------------------------------------------------------------------------- */

static size_t column_of(const dsc_line *line, const dsc_field *field) {
    return (size_t)(field->bytes - line->bytes) + 1;
}

static dsc_status fail_missing(const dsc_text_reader *r, const dsc_line *line, size_t c,
                               dsc_error *err) {
    const dsc_field *field = &r->fields[c];
    const dsc_column *column = &r->table->columns[c];
    return dsc_lines_fail(
        &r->lines, line->number, column_of(line, field), err,
        "column \"%s\": found %s%s%s, a missing value, expected %s" DSC_MISSING_ADVICE,
        dsc_show(column->name, strlen(column->name)).text, field->length > 0 ? "\"" : "nothing",
        dsc_show(field->bytes, field->length).text, field->length > 0 ? "\"" : "",
        column->kind == DSC_COLUMN_NUMERIC ? "a number" : "a category");
}

static dsc_status fail_number(const dsc_text_reader *r, const dsc_line *line, size_t c,
                              dsc_number_fault fault, dsc_error *err) {
    const dsc_field *field = &r->fields[c];
    const char *name = r->table->columns[c].name;
    bool is_text = fault == DSC_NUMBER_NOT_A_NUMBER || fault == DSC_NUMBER_TOO_LONG;
    bool may_be_header =
        is_text && line->number == r->first_line && r->job->format->header == DSC_HEADER_DETECT;
    return dsc_lines_fail(
        &r->lines, line->number, column_of(line, field), err,
        "column \"%s\": \"%s\" %s; expected a number%s%s", dsc_show(name, strlen(name)).text,
        dsc_show(field->bytes, field->length).text, dsc_number_fault_text(fault),
        is_text ? ", unless the column is said to be categorical or ignored" : "",
        may_be_header ? "; if this line names the columns, say that there is a header" : "");
}

static dsc_status read_number(dsc_text_reader *r, const dsc_line *line, size_t c, dsc_error *err) {
    dsc_column *column = &r->table->columns[c];
    dsc_field *field = &r->fields[c];
    double *out = &column->number[r->table->n_rows];
    dsc_number_fault fault = dsc_number_double(field->bytes, field->length, out);
    if (fault == DSC_NUMBER_OK) {
        return DSC_OK;
    }
    if (!dsc_is_missing(r->job->format, field)) {
        return fail_number(r, line, c, fault, err);
    }
    if (r->job->format->missing == DSC_MISSING_REFUSE) {
        return fail_missing(r, line, c, err);
    }
    *out = NAN;
    column->n_missing++;
    return DSC_OK;
}

static dsc_status read_category(dsc_text_reader *r, const dsc_line *line, size_t c,
                                dsc_error *err) {
    dsc_column *column = &r->table->columns[c];
    dsc_field *field = &r->fields[c];
    uint32_t *out = &column->category[r->table->n_rows];
    if (!dsc_is_missing(r->job->format, field)) {
        if (field->has_escapes) {
            dsc_field_unescape(field);
        }
        return dsc_id_map_add(column->category_map, (dsc_id){field->bytes, field->length}, out,
                              err);
    }
    if (r->job->format->missing == DSC_MISSING_REFUSE) {
        return fail_missing(r, line, c, err);
    }
    *out = DSC_NO_INDEX;
    column->n_missing++;
    return DSC_OK;
}

/* --- rows ---------------------------------------------------------------------------------- */

/* Room for `capacity` elements of `size` bytes in *array; false: no memory. */
static bool resize(void *array, size_t capacity, size_t size) {
    void *block;
    memcpy(&block, array, sizeof block); /* *array is a pointer of any type */
    block = reallocarray(block, capacity, size);
    if (block != NULL) {
        memcpy(array, &block, sizeof block);
    }
    return block != NULL;
}

/* Room for one row more, in every column. */
static dsc_status grow(dsc_text_reader *r, dsc_error *err) {
    dsc_table *table = r->table;
    if (table->n_rows < r->capacity) {
        return DSC_OK;
    }
    if (table->n_rows >= DSC_MAX_TABLE_ROWS) {
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "found more than %zu rows, the most there can be", DSC_MAX_TABLE_ROWS);
    }
    size_t capacity = r->capacity > 0 ? r->capacity * 2 : FIRST_ROWS;
    bool is_grown = resize(&table->line, capacity, sizeof *table->line);
    for (size_t c = 0; c < r->form.n_columns && is_grown; c++) {
        dsc_column *column = &table->columns[c];
        if (column->kind == DSC_COLUMN_NUMERIC) {
            is_grown = resize(&column->number, capacity, sizeof *column->number);
        } else if (column->kind == DSC_COLUMN_CATEGORICAL) {
            is_grown = resize(&column->category, capacity, sizeof *column->category);
        }
    }
    if (!is_grown) {
        return dsc_fail_memory(err, "the rows of a table");
    }
    r->capacity = capacity;
    return DSC_OK;
}

static dsc_status split_row(dsc_text_reader *r, const dsc_line *line, dsc_error *err) {
    size_t n_columns = r->form.n_columns;
    dsc_text_fault fault = line->fault;
    size_t n = 0;
    if (fault.message == NULL) {
        n = dsc_fields_split(r->form.splitter, line->bytes, line->length, r->fields, n_columns + 1,
                             &fault);
    }
    if (fault.message != NULL) {
        return dsc_lines_fail(&r->lines, line->number, fault.column, err, "%s", fault.message);
    }
    if (n < n_columns) {
        return dsc_lines_fail(&r->lines, line->number, line->length + 1, err,
                              "found %zu field%s separated by %s, expected %zu as %s", n,
                              n == 1 ? "" : "s", dsc_delimiter_name(r->form.splitter.delimiter),
                              n_columns,
                              r->form.has_header ? "the header names" : "on other lines");
    }
    return n == n_columns ? DSC_OK
                          : dsc_fail_surplus(&r->lines, line, r->form.splitter, n_columns,
                                             &r->fields[n_columns], "", err);
}

static dsc_status read_row(dsc_text_reader *r, const dsc_line *line, dsc_error *err) {
    dsc_table *table = r->table;
    dsc_status status = split_row(r, line, err);
    if (status == DSC_OK) {
        status = grow(r, err);
    }
    for (size_t c = 0; c < r->form.n_columns && status == DSC_OK; c++) {
        dsc_column_kind kind = table->columns[c].kind;
        if (kind != DSC_COLUMN_IGNORED) {
            status = kind == DSC_COLUMN_NUMERIC ? read_number(r, line, c, err)
                                                : read_category(r, line, c, err);
        }
    }
    if (status == DSC_OK) {
        table->line[table->n_rows++] = line->number;
    }
    return status;
}

static dsc_status read_rows(dsc_text_reader *r, dsc_error *err) {
    for (;;) {
        dsc_line line;
        dsc_status status = dsc_lines_next(&r->lines, &line, err);
        if (status != DSC_OK || line.bytes == NULL) {
            return status;
        }
        if (line.fault.message == NULL && dsc_is_blank_line(line.bytes, line.length)) {
            r->job->report->n_empty++;
            continue;
        }
        bool is_first = r->first_line == 0;
        r->first_line = is_first ? line.number : r->first_line;
        if (is_first && r->form.has_header && line.fault.message == NULL) {
            continue;
        }
        status = read_row(r, &line, err);
        if (status != DSC_OK) {
            return status;
        }
    }
}

/* The form, the columns and what each is read as. */
static dsc_status prepare(dsc_text_reader *r, dsc_error *err) {
    dsc_status status = dsc_lines_fill(&r->lines, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_sample sample;
    dsc_sample_take(&sample, &r->lines);
    status = dsc_table_form_detect(&r->form, r->job->format, &sample, &r->lines, err);
    if (status != DSC_OK) {
        return status;
    }
    if (sample.n == 0) {
        return dsc_fail(err, DSC_E_DATA, r->table->name, "the file is empty; expected rows");
    }
    /* No line without a fault: reading the first one says which fault it is. */
    r->form.n_columns = r->form.n_columns > 0 ? r->form.n_columns : 1;
    r->fields = reallocarray(NULL, r->form.n_columns + 1, sizeof *r->fields);
    if (r->fields == NULL) {
        return dsc_fail_memory(err, "the fields of a line");
    }
    status = dsc_text_name_columns(r, &sample, err);
    if (status == DSC_OK) {
        status = r->job->rule.apply(r->job->rule.context, r->table, err);
    }
    if (status == DSC_OK) {
        dsc_text_detect_kinds(r, &sample);
    }
    for (size_t c = 0; c < r->form.n_columns && status == DSC_OK; c++) {
        dsc_column *column = &r->table->columns[c];
        if (column->kind == DSC_COLUMN_CATEGORICAL) {
            status = dsc_id_map_create(&column->category_map, DSC_MAX_IDS, err);
        }
    }
    return status;
}

dsc_status dsc_table_read_text(dsc_table *table, dsc_input *input, dsc_table_job *job,
                               dsc_error *err) {
    dsc_text_reader r = {.table = table, .job = job};
    dsc_status status = dsc_lines_init(&r.lines, input, err);
    if (status == DSC_OK) {
        status = prepare(&r, err);
    }
    if (status == DSC_OK) {
        status = read_rows(&r, err);
    }
    if (status == DSC_OK && table->n_rows == 0) {
        status = dsc_fail(err, DSC_E_DATA, table->name,
                          "the file holds a header and no rows; expected rows below it");
    }
    for (size_t c = 0; c < r.form.n_columns && status == DSC_OK; c++) {
        dsc_column *column = &table->columns[c];
        column->values = (const unsigned char *)column->number;
        column->stride = sizeof *column->number;
        column->element = DSC_VALUE_F64;
    }
    job->report->delimiter = dsc_delimiter_name(r.form.splitter.delimiter);
    job->report->has_header = r.form.has_header;
    job->report->n_lines = r.lines.n_lines;
    job->report->n_bytes = r.lines.n_bytes;
    dsc_lines_clear(&r.lines);
    free(r.fields);
    return status;
}
