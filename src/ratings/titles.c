/* Titles: item ids to names, read with the line and field machinery of the ratings. */
#include "descent/titles.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "ratings/latin1.h"
#include "ratings/role.h"
#include "text/fields.h"
#include "text/id_map.h"
#include "text/input.h"
#include "text/lines.h"
#include "text/sample.h"

/* Id and title. */
#define N_FIELDS 2

typedef struct title {
    size_t begin; /* in the arena */
    size_t length;
} title;

struct dsc_titles {
    dsc_id_map *items;
    title *title; /* by the index of the item */
    size_t title_capacity;
    char *arena; /* (arena_used) all titles in UTF-8 */
    size_t arena_used;
    size_t arena_capacity;
};

typedef struct title_reader {
    dsc_titles *titles;
    dsc_lines lines;
    dsc_splitter splitter;
    bool is_header_next;
    size_t max_fields; /* more of them make a line a bad one; SIZE_MAX: titles have any number */
    dsc_field *fields; /* (n_fields) */
    size_t n_fields;   /* looked at */
} title_reader;

/* Quotes mean something in CSV and its kin; between "::" and "|" they are part of a title. */
static dsc_splitter splitter_of(dsc_delimiter delimiter) {
    bool has_quotes = delimiter != DSC_DELIMITER_DOUBLE_COLON && delimiter != DSC_DELIMITER_PIPE;
    return (dsc_splitter){delimiter, has_quotes};
}

static dsc_splitter detect_delimiter(const dsc_sample *sample) {
    dsc_splitter best = splitter_of(DSC_DELIMITER_COMMA);
    size_t best_agreement = 0;
    for (size_t i = 0; i < DSC_N_DELIMITERS; i++) {
        dsc_splitter tried = splitter_of(dsc_delimiters[i]);
        size_t agreement = dsc_sample_agreement(sample, tried, N_FIELDS);
        if (agreement > best_agreement) {
            best = tried;
            best_agreement = agreement;
        }
    }
    return best;
}

static bool is_header(const dsc_sample *sample, dsc_splitter splitter) {
    dsc_field field[N_FIELDS];
    dsc_text_fault fault;
    if (sample->n == 0 || dsc_fields_split(splitter, sample->line[0].bytes, sample->line[0].length,
                                           field, N_FIELDS, &fault) < N_FIELDS) {
        return false;
    }
    bool is_id = dsc_role_of_name(&field[0]) == DSC_ROLE_ITEM ||
                 (field[0].length == 2 && strncasecmp(field[0].bytes, "id", 2) == 0);
    return is_id && dsc_role_of_name(&field[1]) == DSC_ROLE_TITLE;
}

/* Appends a title in UTF-8. */
static bool append(dsc_titles *titles, const dsc_field *field, title *out) {
    bool is_utf8 = dsc_is_utf8(field->bytes, field->length);
    out->begin = titles->arena_used;
    out->length = is_utf8 ? field->length : dsc_latin1_utf8_length(field->bytes, field->length);
    void *arena = titles->arena;
    bool has_memory =
        dsc_grow(&arena, &titles->arena_capacity, titles->arena_used + out->length, 1);
    titles->arena = arena;
    if (!has_memory) {
        return false;
    }
    if (is_utf8) {
        memcpy(titles->arena + out->begin, field->bytes, field->length);
    } else {
        dsc_latin1_to_utf8(titles->arena + out->begin, field->bytes, field->length);
    }
    titles->arena_used += out->length;
    return true;
}

static dsc_status add(dsc_titles *titles, dsc_id item, const dsc_field *field, dsc_error *err) {
    uint32_t index;
    dsc_status status = dsc_id_map_add(titles->items, item, &index, err);
    if (status != DSC_OK) {
        return status;
    }
    void *title_array = titles->title;
    bool has_memory =
        dsc_grow(&title_array, &titles->title_capacity, (size_t)index + 1, sizeof *titles->title);
    titles->title = title_array;
    if (!has_memory || !append(titles, field, &titles->title[index])) {
        return dsc_fail_memory(err, "the titles");
    }
    return DSC_OK;
}

/* Blanks divide words too, so that a title between blanks is all the rest of its line. */
static void extend_title(dsc_field *field, const dsc_line *line) {
    const char *end = line->bytes + line->length;
    while (end[-1] == ' ' || end[-1] == '\t') {
        end--;
    }
    if (field->bytes[-1] != '"') {
        field->length = (size_t)(end - field->bytes);
    }
}

static dsc_status read_line(title_reader *r, const dsc_line *line, dsc_error *err) {
    const dsc_lines *lines = &r->lines;
    dsc_splitter splitter = r->splitter;
    dsc_field *field = r->fields;
    dsc_text_fault fault = line->fault;
    size_t n = 0;
    if (fault.message == NULL) {
        n = dsc_fields_split(splitter, line->bytes, line->length, field, r->n_fields, &fault);
    }
    if (fault.message != NULL && n < N_FIELDS) {
        return dsc_lines_fail(lines, line->number, fault.column, err, "%s", fault.message);
    }
    if (n >= 1 && field[0].length == 0) {
        return dsc_lines_fail(lines, line->number, 1, err, "the item id is empty");
    }
    if (n < N_FIELDS || field[1].length == 0) {
        return dsc_lines_fail(lines, line->number, line->length + 1, err,
                              "no title for item \"%s\"; expected an id and a title separated by "
                              "%s",
                              dsc_show(field[0].bytes, field[0].length).text,
                              dsc_delimiter_name(splitter.delimiter));
    }
    if (n > r->max_fields) {
        return dsc_fail_surplus(lines, line, splitter, r->max_fields, &field[r->max_fields], "",
                                err);
    }
    if (splitter.delimiter == DSC_DELIMITER_BLANK) {
        extend_title(&field[1], line);
    }
    for (size_t i = 0; i < N_FIELDS; i++) {
        if (field[i].has_escapes) {
            dsc_field_unescape(&field[i]);
        }
    }
    return add(r->titles, (dsc_id){field[0].bytes, field[0].length}, &field[1], err);
}

static dsc_status detect_form(title_reader *r, dsc_error *err) {
    dsc_sample sample;
    dsc_sample_take(&sample, &r->lines);
    r->splitter = detect_delimiter(&sample);
    r->is_header_next = is_header(&sample, r->splitter);
    size_t n_columns = dsc_sample_n_columns(&sample, r->splitter, r->is_header_next);
    bool is_blank = r->splitter.delimiter == DSC_DELIMITER_BLANK;
    r->max_fields = is_blank ? SIZE_MAX : n_columns > N_FIELDS ? n_columns : N_FIELDS;
    r->n_fields = is_blank ? N_FIELDS : r->max_fields + 1;
    r->fields = reallocarray(NULL, r->n_fields, sizeof *r->fields);
    return r->fields != NULL ? DSC_OK : dsc_fail_memory(err, "the fields of a line");
}

static dsc_status read_lines(title_reader *r, dsc_error *err) {
    for (;;) {
        dsc_line line;
        dsc_status status = dsc_lines_next(&r->lines, &line, err);
        if (status != DSC_OK || line.bytes == NULL) {
            return status;
        }
        if (line.fault.message == NULL && dsc_is_blank_line(line.bytes, line.length)) {
            continue;
        }
        if (!r->is_header_next) {
            status = read_line(r, &line, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        r->is_header_next = false;
    }
}

/* Takes `input` over. */
static dsc_status read_input(dsc_titles *titles, dsc_input *input, dsc_error *err) {
    title_reader r = {.titles = titles};
    dsc_status status = dsc_lines_init(&r.lines, input, err);
    if (status == DSC_OK) {
        status = dsc_id_map_create(&titles->items, DSC_MAX_IDS, err);
    }
    if (status == DSC_OK) {
        status = detect_form(&r, err);
    }
    if (status == DSC_OK) {
        status = read_lines(&r, err);
    }
    if (status == DSC_OK && dsc_titles_count(titles) == 0) {
        status = dsc_fail(err, DSC_E_DATA, dsc_input_name(input),
                          "the file holds no titles; expected lines of item id and title");
    }
    free(r.fields);
    dsc_lines_clear(&r.lines);
    return status;
}

dsc_status dsc_titles_read(dsc_titles **out, const char *path, dsc_error *err) {
    *out = NULL;
    dsc_input *input;
    dsc_status status = dsc_input_open(&input, path, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_titles *titles = calloc(1, sizeof *titles);
    if (titles == NULL) {
        dsc_input_close(input);
        return dsc_fail_memory(err, "the titles");
    }
    status = read_input(titles, input, err);
    if (status != DSC_OK) {
        dsc_titles_destroy(titles);
        return status;
    }
    *out = titles;
    return DSC_OK;
}

void dsc_titles_destroy(dsc_titles *titles) {
    if (titles == NULL) {
        return;
    }
    dsc_id_map_destroy(titles->items);
    free(titles->title);
    free(titles->arena);
    free(titles);
}

size_t dsc_titles_count(const dsc_titles *titles) {
    return dsc_id_map_count(titles->items);
}

dsc_id dsc_titles_find(const dsc_titles *titles, dsc_id item) {
    uint32_t index = titles != NULL ? dsc_id_map_find(titles->items, item) : DSC_NO_INDEX;
    if (index == DSC_NO_INDEX) {
        return (dsc_id){NULL, 0};
    }
    return (dsc_id){titles->arena + titles->title[index].begin, titles->title[index].length};
}
