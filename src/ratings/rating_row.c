/* Rating row: one line's fields to one rating, or one error that says where and why. */
#include "ratings/rating_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "text/number.h"

dsc_status dsc_rating_row_init(dsc_rating_row *row, const dsc_text_format *format,
                               const dsc_lines *lines, dsc_error *err) {
    *row = (dsc_rating_row){.lines = lines, .format = format};
    row->max_fields = format->n_columns > format->n_needed ? format->n_columns : format->n_needed;
    row->fields = reallocarray(NULL, row->max_fields + 1, sizeof *row->fields);
    return row->fields != NULL ? DSC_OK : dsc_fail_memory(err, "the fields of a line");
}

void dsc_rating_row_clear(dsc_rating_row *row) {
    free(row->fields);
    free(row->unescaped);
    *row = (dsc_rating_row){0};
}

static const char *const role_names[] = {"user", "item", "rating", "time"};

static size_t column_of(const dsc_line *line, const dsc_field *field) {
    return (size_t)(field->bytes - line->bytes) + 1;
}

/* How a file that is taken for one of ratings might be meant else: with two fields in most of its
 * lines, or with more than that in some. */
static const char *advice_of(const dsc_rating_row *r, bool is_missing) {
    const dsc_text_format *f = r->format;
    if (f->is_column_set) {
        return "";
    }
    if (is_missing && !f->is_implicit && f->n_columns == 2) {
        return "; a file without ratings, of users and items alone, is read with --implicit";
    }
    return f->splitter.delimiter == DSC_DELIMITER_BLANK
               ? "; lists, of a user and then items, are read with --lists"
               : "";
}

static dsc_status fail_missing(const dsc_rating_row *r, const dsc_line *line, size_t n_found,
                               dsc_error *err) {
    const size_t *column = r->format->column;
    const char *delimiter = dsc_delimiter_name(r->format->splitter.delimiter);
    char found[64];
    char rating[40] = "";
    char time[32] = "";
    if (n_found == 1) {
        snprintf(found, sizeof found, "one field and no %s", delimiter);
    } else {
        snprintf(found, sizeof found, "%zu fields separated by %s", n_found, delimiter);
    }
    if (column[DSC_ROLE_RATING] != 0) {
        snprintf(rating, sizeof rating, ", rating in %zu", column[DSC_ROLE_RATING]);
    }
    if (column[DSC_ROLE_TIME] != 0) {
        snprintf(time, sizeof time, ", time in %zu", column[DSC_ROLE_TIME]);
    }
    return dsc_lines_fail(r->lines, line->number, line->length + 1, err,
                          "found %s, expected at least %zu fields: user in column %zu, item in "
                          "%zu%s%s%s",
                          found, r->format->n_needed, column[DSC_ROLE_USER], column[DSC_ROLE_ITEM],
                          rating, time, advice_of(r, true));
}

static dsc_status fail_number(const dsc_rating_row *r, const dsc_line *line, dsc_role role,
                              dsc_number_fault fault, dsc_error *err) {
    const dsc_field *field = &r->fields[r->format->column[role] - 1];
    if (fault == DSC_NUMBER_EMPTY) {
        return dsc_lines_fail(r->lines, line->number, column_of(line, field), err,
                              "the %s is empty; expected a number", role_names[role]);
    }
    return dsc_lines_fail(
        r->lines, line->number, column_of(line, field), err, "%s \"%s\" %s; expected %s",
        role_names[role], dsc_show(field->bytes, field->length).text, dsc_number_fault_text(fault),
        role == DSC_ROLE_TIME ? "seconds, such as 978300760" : "a number such as 4 or 3.5");
}

/* The id in the column of `role`. */
static inline dsc_status read_id(dsc_rating_row *r, const dsc_line *line, dsc_role role, dsc_id *id,
                                 dsc_error *err) {
    const dsc_field *field = &r->fields[r->format->column[role] - 1];
    *id = (dsc_id){field->bytes, field->length};
    if (field->length == 0) {
        return dsc_lines_fail(r->lines, line->number, column_of(line, field), err,
                              "the %s id is empty", role_names[role]);
    }
    return DSC_OK;
}

/* Takes the escapes out of a copy of the id, behind which DSC_ID_SLACK bytes can be read; the line may
 * lie in what another thread reads. There is room. */
static void unescape_id(dsc_rating_row *r, dsc_role role, dsc_id *id) {
    dsc_field field = r->fields[r->format->column[role] - 1];
    if (!field.has_escapes) {
        return;
    }
    char *copy = r->unescaped + r->n_unescaped;
    memcpy(copy, field.bytes, field.length);
    field.bytes = copy;
    dsc_field_unescape(&field);
    *id = (dsc_id){field.bytes, field.length};
    r->n_unescaped += field.length + DSC_ID_SLACK;
}

static dsc_status unescape_ids(dsc_rating_row *r, size_t line_length, dsc_rating *rating,
                               dsc_error *err) {
    const size_t *column = r->format->column;
    if (!r->fields[column[DSC_ROLE_USER] - 1].has_escapes &&
        !r->fields[column[DSC_ROLE_ITEM] - 1].has_escapes) {
        return DSC_OK;
    }
    void *unescaped = r->unescaped;
    const size_t n_bytes = line_length + 2 * (size_t)DSC_ID_SLACK;
    const bool has_memory = dsc_grow(&unescaped, &r->unescaped_capacity, n_bytes, 1);
    r->unescaped = unescaped;
    if (!has_memory) {
        return dsc_fail_memory(err, "the fields of a line");
    }
    memset(r->unescaped, 0, n_bytes);
    unescape_id(r, DSC_ROLE_USER, &rating->user);
    unescape_id(r, DSC_ROLE_ITEM, &rating->item);
    return DSC_OK;
}

static inline dsc_status read_number(dsc_rating_row *r, const dsc_line *line, dsc_role role,
                                     dsc_rating *rating, dsc_error *err) {
    const dsc_field *field = &r->fields[r->format->column[role] - 1];
    dsc_number_fault fault = role == DSC_ROLE_TIME
                                 ? dsc_number_seconds(field->bytes, field->length, &rating->time)
                                 : dsc_number_float(field->bytes, field->length, &rating->value);
    return fault == DSC_NUMBER_OK ? DSC_OK : fail_number(r, line, role, fault, err);
}

static dsc_status fail_surplus(const dsc_rating_row *r, const dsc_line *line, dsc_error *err) {
    const dsc_text_format *f = r->format;
    char advice[200];
    snprintf(advice, sizeof advice, "; --columns %s reads such lines by these columns alone%s",
             f->is_implicit ? "1,2" : "1,2,3", advice_of(r, false));
    return dsc_fail_surplus(r->lines, line, f->splitter, r->max_fields, &r->fields[r->max_fields],
                            advice, err);
}

dsc_status dsc_rating_row_read(dsc_rating_row *r, const dsc_line *line, dsc_rating *rating,
                               dsc_error *err) {
    const dsc_text_format *f = r->format;
    dsc_text_fault fault = line->fault;
    size_t n_found = 0;
    if (fault.message == NULL) {
        n_found = dsc_fields_split(f->splitter, line->bytes, line->length, r->fields,
                                   r->max_fields + 1, &fault);
    }
    bool is_wide = n_found > r->max_fields;
    r->n_unescaped = 0;
    if (fault.message != NULL && (n_found == 0 || n_found < f->n_needed)) {
        return dsc_lines_fail(r->lines, line->number, fault.column, err, "%s", fault.message);
    }
    if (n_found < f->n_needed) {
        return fail_missing(r, line, n_found, err);
    }
    if (is_wide && !f->is_column_set) {
        return fail_surplus(r, line, err);
    }
    rating->line = line->number;
    rating->time = 0;
    rating->value = 1;
    dsc_status status = read_id(r, line, DSC_ROLE_USER, &rating->user, err);
    if (status == DSC_OK) {
        status = read_id(r, line, DSC_ROLE_ITEM, &rating->item, err);
    }
    if (status == DSC_OK && !f->is_implicit) {
        status = read_number(r, line, DSC_ROLE_RATING, rating, err);
    }
    if (status == DSC_OK && f->column[DSC_ROLE_TIME] != 0) {
        status = read_number(r, line, DSC_ROLE_TIME, rating, err);
    }
    if (status == DSC_OK) {
        status = unescape_ids(r, line->length, rating, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (is_wide && r->n_wide++ == 0) {
        r->first_wide_line = line->number;
    }
    return DSC_OK;
}
