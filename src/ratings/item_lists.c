/* Item lists: no array of fields, since a line may have a million of them. */
#include "ratings/item_lists.h"

#include "base/error.h"
#include "text/id_map.h"

/* --- the form -------------------------------------------------------------------------------- */

/* How a delimiter divides the sample. */
typedef struct tally {
    size_t n_divided; /* lines of two fields or more */
    size_t longest;   /* fields of a line */
} tally;

static tally count(const dsc_sample *sample, dsc_delimiter delimiter) {
    tally found = {0, 0};
    for (size_t i = 0; i < sample->n; i++) {
        const size_t n = dsc_fields_count((dsc_splitter){delimiter, true}, sample->line[i].bytes,
                                          sample->line[i].length);
        found.n_divided += n >= 2;
        found.longest = n > found.longest ? n : found.longest;
    }
    return found;
}

/* The delimiter that divides most lines. Where it never gives more than one item and another one
 * does, ids may hold either of the two: "7<tab>1 2 3" is a list of three or one item "1 2 3". */
static dsc_status choose_delimiter(dsc_delimiter *out, const dsc_sample *sample,
                                   const dsc_lines *lines, dsc_error *err) {
    tally best = {0, 0};
    *out = DSC_DELIMITER_BLANK;
    for (size_t i = 0; i < DSC_N_DELIMITERS; i++) {
        const tally found = count(sample, dsc_delimiters[i]);
        if (found.n_divided > best.n_divided) {
            best = found;
            *out = dsc_delimiters[i];
        }
    }
    for (size_t i = 0; i < DSC_N_DELIMITERS && best.longest == 2; i++) {
        if (count(sample, dsc_delimiters[i]).longest > 2) {
            return dsc_fail(err, DSC_E_DATA, dsc_input_name(lines->input),
                            "%s divides each line into a user and one item, %s into more: say what "
                            "separates the items with --delimiter",
                            dsc_delimiter_name(*out), dsc_delimiter_name(dsc_delimiters[i]));
        }
    }
    return DSC_OK;
}

/* "user items": no list of ids looks so. */
static bool is_header(const dsc_sample *sample, dsc_splitter splitter) {
    dsc_field field[3];
    dsc_text_fault fault;
    return sample->n > 0 &&
           dsc_fields_split(splitter, sample->line[0].bytes, sample->line[0].length, field, 3,
                            &fault) == 2 &&
           dsc_role_of_name(&field[0]) == DSC_ROLE_USER &&
           dsc_role_of_name(&field[1]) == DSC_ROLE_ITEM;
}

dsc_status dsc_item_lists_detect(dsc_text_format *out, const dsc_sample *sample,
                                 const dsc_ratings_format *settings, const dsc_lines *lines,
                                 dsc_error *err) {
    dsc_delimiter delimiter = settings->delimiter;
    if (delimiter == DSC_DELIMITER_DETECT) {
        const dsc_status status = choose_delimiter(&delimiter, sample, lines, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    *out = (dsc_text_format){.splitter = {delimiter, true}, .is_implicit = true};
    out->has_header = settings->header == DSC_HEADER_YES ||
                      (settings->header == DSC_HEADER_DETECT && is_header(sample, out->splitter));
    return DSC_OK;
}

/* --- a line ---------------------------------------------------------------------------------- */

/* A walk along a line. */
typedef struct walk {
    dsc_splitter splitter;
    const dsc_lines *lines;
    const dsc_line *line;
    char *at; /* NULL: the line has no more */
    char *end;
} walk;

static walk begin(dsc_splitter splitter, const dsc_lines *lines, const dsc_line *line) {
    return (walk){splitter, lines, line, line->bytes,
                  dsc_fields_end(splitter, line->bytes, line->length)};
}

static dsc_status next_field(walk *self, const char *role, dsc_field *field, dsc_error *err) {
    dsc_text_fault fault;
    const size_t n_passed = (size_t)(self->at - self->line->bytes);
    if (!dsc_fields_next(self->splitter, &self->at, self->end, field, &fault)) {
        return dsc_lines_fail(self->lines, self->line->number, n_passed + fault.column, err, "%s",
                              fault.message);
    }
    const bool is_behind_last = self->at == NULL && n_passed > 0;
    if (field->length == 0 && !is_behind_last) {
        return dsc_lines_fail(self->lines, self->line->number,
                              (size_t)(field->bytes - self->line->bytes) + 1, err,
                              "the %s id is empty", role);
    }
    return DSC_OK;
}

dsc_status dsc_item_lists_check(dsc_splitter splitter, const dsc_lines *lines, const dsc_line *line,
                                dsc_error *err) {
    walk w = begin(splitter, lines, line);
    dsc_field field;
    if (line->fault.message != NULL) {
        return dsc_lines_fail(lines, line->number, line->fault.column, err, "%s",
                              line->fault.message);
    }
    dsc_status status = next_field(&w, "user", &field, err);
    while (status == DSC_OK && w.at != NULL) {
        status = next_field(&w, "item", &field, err);
    }
    return status;
}

static dsc_id id_of(dsc_field *field) {
    if (field->has_escapes) {
        dsc_field_unescape(field);
    }
    return (dsc_id){field->bytes, field->length};
}

/* The next items of the line, at most DSC_IDS_AT_ONCE. */
static dsc_status take_items(walk *self, dsc_id *item, size_t *n, dsc_error *err) {
    for (*n = 0; *n < DSC_IDS_AT_ONCE && self->at != NULL;) {
        dsc_field field;
        const dsc_status status = next_field(self, "item", &field, err);
        if (status != DSC_OK) {
            return status;
        }
        if (field.length > 0) {
            item[(*n)++] = id_of(&field);
        }
    }
    return DSC_OK;
}

static void count_list(dsc_ratings_report *report, size_t n_items, bool is_continued) {
    if (n_items == 0) {
        report->n_empty_lists++;
        return;
    }
    const bool is_first = report->n_lists++ == 0;
    report->n_continued_lists += is_continued;
    report->shortest_list =
        is_first || n_items < report->shortest_list ? n_items : report->shortest_list;
    report->longest_list = n_items > report->longest_list ? n_items : report->longest_list;
}

dsc_status dsc_item_lists_add(dsc_splitter splitter, const dsc_lines *lines, const dsc_line *line,
                              dsc_ratings_list *list, dsc_ratings_report *report, dsc_error *err) {
    walk w = begin(splitter, lines, line);
    const size_t n_users = dsc_id_map_count(list->users);
    size_t n_items = 0;
    uint32_t user = 0;
    dsc_field field;
    if (line->fault.message != NULL) {
        return dsc_item_lists_check(splitter, lines, line, err);
    }
    dsc_status status = next_field(&w, "user", &field, err);
    if (status != DSC_OK) {
        return status;
    }
    const dsc_id user_id = id_of(&field);
    while (w.at != NULL) {
        dsc_id item[DSC_IDS_AT_ONCE];
        size_t n = 0;
        status = take_items(&w, item, &n, err);
        if (status == DSC_OK && n > 0 && n_items == 0) {
            status = dsc_id_map_add(list->users, user_id, &user, err);
        }
        if (status == DSC_OK && n > 0) {
            status = dsc_ratings_list_add_items(list, user, item, n, line->number, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        n_items += n;
    }
    count_list(report, n_items, n_items > 0 && user < n_users);
    return DSC_OK;
}
