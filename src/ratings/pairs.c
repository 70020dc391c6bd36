/* Pairs of user and item, read one by one with the line and field machinery of the ratings. */
#include "descent/pairs.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "ratings/role.h"
#include "text/fields.h"
#include "text/input.h"
#include "text/lines.h"
#include "text/number.h"
#include "text/sample.h"

enum { MIN_FIELDS = 2 };

struct dsc_pair_reader {
    dsc_lines lines;
    dsc_splitter splitter;
    const char *compression;
    bool has_header;
    bool is_header_next;
    size_t user_column; /* from 1, at most DSC_SAMPLE_FIELDS */
    size_t item_column;
    size_t time_column; /* 0: none */
    size_t max_fields;  /* more of them make a line a bad one */
    dsc_field *fields;  /* (max_fields + 1) */
};

static dsc_delimiter detect_delimiter(const dsc_sample *sample) {
    dsc_delimiter best = DSC_DELIMITER_COMMA;
    size_t best_agreement = 0;
    for (size_t i = 0; i < DSC_N_DELIMITERS; i++) {
        size_t agreement =
            dsc_sample_agreement(sample, (dsc_splitter){dsc_delimiters[i], true}, MIN_FIELDS);
        if (agreement > best_agreement) {
            best = dsc_delimiters[i];
            best_agreement = agreement;
        }
    }
    return best;
}

/* Columns by their names, when the first line names both. */
static void read_names(dsc_pair_reader *reader, const dsc_sample *sample, dsc_header header) {
    reader->user_column = 1;
    reader->item_column = 2;
    reader->time_column = 4; /* as in a file of ratings, where it has one */
    reader->is_header_next = header == DSC_HEADER_YES;
    if (sample->n == 0 || header == DSC_HEADER_NO) {
        return;
    }
    dsc_field field[DSC_SAMPLE_FIELDS];
    dsc_text_fault fault;
    size_t n = dsc_fields_split(reader->splitter, sample->line[0].bytes, sample->line[0].length,
                                field, DSC_SAMPLE_FIELDS, &fault);
    size_t user = 0;
    size_t item = 0;
    size_t time = 0;
    for (size_t i = n; i-- > 0;) {
        dsc_role role = dsc_role_of_name(&field[i]);
        user = role == DSC_ROLE_USER ? i + 1 : user;
        item = role == DSC_ROLE_ITEM ? i + 1 : item;
        time = role == DSC_ROLE_TIME ? i + 1 : time;
    }
    if (user != 0 && item != 0) {
        reader->user_column = user;
        reader->item_column = item;
        reader->time_column = time;
        reader->is_header_next = true;
    }
}

static size_t largest(size_t a, size_t b) {
    return a > b ? a : b;
}

static dsc_status make_fields(dsc_pair_reader *reader, const dsc_sample *sample, dsc_error *err) {
    size_t n_needed = largest(reader->user_column, reader->item_column);
    size_t n = dsc_sample_n_columns(sample, reader->splitter, reader->is_header_next);
    reader->max_fields = largest(n_needed, n);
    if (reader->time_column > n) {
        reader->time_column = 0;
    }
    reader->fields = reallocarray(NULL, reader->max_fields + 1, sizeof *reader->fields);
    return reader->fields != NULL ? DSC_OK : dsc_fail_memory(err, "the fields of a line");
}

static dsc_status detect_form(dsc_pair_reader *reader, dsc_delimiter delimiter, dsc_header header,
                              dsc_error *err) {
    dsc_sample sample;
    dsc_sample_take(&sample, &reader->lines);
    bool is_known = delimiter != DSC_DELIMITER_DETECT;
    reader->splitter = (dsc_splitter){is_known ? delimiter : detect_delimiter(&sample), true};
    read_names(reader, &sample, header);
    reader->has_header = reader->is_header_next;
    return make_fields(reader, &sample, err);
}

dsc_status dsc_pair_reader_open(dsc_pair_reader **out, const char *path, dsc_delimiter delimiter,
                                dsc_header header, dsc_error *err) {
    *out = NULL;
    if ((unsigned)delimiter > DSC_DELIMITER_PIPE || (unsigned)header > DSC_HEADER_NO) {
        return dsc_fail(err, DSC_E_ARGUMENT, "format",
                        "the delimiter or header setting is none of its values");
    }
    dsc_input *input;
    dsc_status status = dsc_input_open(&input, path, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_pair_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        dsc_input_close(input);
        return dsc_fail_memory(err, "a reader of pairs");
    }
    reader->compression = dsc_input_compression(input);
    status = dsc_lines_init(&reader->lines, input, err);
    if (status == DSC_OK) {
        status = detect_form(reader, delimiter, header, err);
    }
    if (status != DSC_OK) {
        dsc_pair_reader_close(reader);
        return status;
    }
    *out = reader;
    return DSC_OK;
}

void dsc_pair_reader_close(dsc_pair_reader *reader) {
    if (reader != NULL) {
        dsc_lines_clear(&reader->lines);
        free(reader->fields);
        free(reader);
    }
}

dsc_pair_form dsc_pair_reader_form(const dsc_pair_reader *reader) {
    return (dsc_pair_form){
        .delimiter = dsc_delimiter_name(reader->splitter.delimiter),
        .compression = reader->compression,
        .has_header = reader->has_header,
        .user_column = reader->user_column,
        .item_column = reader->item_column,
        .time_column = reader->time_column,
    };
}

/* The id in `field`, or DSC_E_DATA. */
static dsc_status read_id(const dsc_pair_reader *reader, const dsc_line *line, dsc_field *field,
                          const char *role, dsc_id *out, dsc_error *err) {
    if (field->has_escapes) {
        dsc_field_unescape(field);
    }
    if (field->length == 0) {
        return dsc_lines_fail(&reader->lines, line->number,
                              (size_t)(field->bytes - line->bytes) + 1, err, "the %s id is empty",
                              role);
    }
    *out = (dsc_id){field->bytes, field->length};
    return DSC_OK;
}

static dsc_status parse_line(const dsc_pair_reader *reader, const dsc_line *line, dsc_pair *out,
                             dsc_error *err) {
    dsc_field *field = reader->fields;
    dsc_text_fault fault = line->fault;
    size_t n_needed = largest(reader->user_column, reader->item_column);
    size_t n = 0;
    if (fault.message == NULL) {
        n = dsc_fields_split(reader->splitter, line->bytes, line->length, field,
                             reader->max_fields + 1, &fault);
    }
    if (fault.message != NULL && (n == 0 || n < n_needed)) {
        return dsc_lines_fail(&reader->lines, line->number, fault.column, err, "%s", fault.message);
    }
    if (n < n_needed) {
        return dsc_lines_fail(&reader->lines, line->number, line->length + 1, err,
                              "found %zu field%s separated by %s, expected at least %zu: user in "
                              "column %zu, item in %zu",
                              n, n == 1 ? "" : "s", dsc_delimiter_name(reader->splitter.delimiter),
                              n_needed, reader->user_column, reader->item_column);
    }
    if (n > reader->max_fields) {
        return dsc_fail_surplus(&reader->lines, line, reader->splitter, reader->max_fields,
                                &field[reader->max_fields], "", err);
    }
    out->line = line->number;
    out->has_time =
        reader->time_column > 0 && reader->time_column <= n &&
        dsc_number_seconds(field[reader->time_column - 1].bytes,
                           field[reader->time_column - 1].length, &out->time) == DSC_NUMBER_OK;
    dsc_status status =
        read_id(reader, line, &field[reader->user_column - 1], "user", &out->user, err);
    if (status != DSC_OK) {
        return status;
    }
    return read_id(reader, line, &field[reader->item_column - 1], "item", &out->item, err);
}

dsc_status dsc_pair_reader_next(dsc_pair_reader *reader, dsc_pair *out, bool *has_pair,
                                dsc_error *err) {
    for (;;) {
        dsc_line line;
        dsc_status status = dsc_lines_next(&reader->lines, &line, err);
        if (status != DSC_OK) {
            return status;
        }
        if (line.bytes == NULL) {
            *has_pair = false;
            return DSC_OK;
        }
        if (line.fault.message == NULL && dsc_is_blank_line(line.bytes, line.length)) {
            continue;
        }
        if (reader->is_header_next) {
            reader->is_header_next = false;
            continue;
        }
        *has_pair = true;
        return parse_line(reader, &line, out, err);
    }
}
