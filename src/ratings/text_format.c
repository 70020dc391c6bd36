/* Text format: tries every delimiter on the first lines and keeps the one that explains most.
 *
 * A delimiter explains a line when the line has as many fields as most others, and explains it
 * better when the rating column holds a number. */
#include "ratings/text_format.h"

#include <string.h>

#include "base/error.h"
#include "base/pool.h"
#include "ratings/item_lists.h"
#include "text/number.h"

/* User, item, rating: fewer fields cannot be a rating; and without ratings. */
#define MIN_FIELDS          3
#define MIN_IMPLICIT_FIELDS 2

typedef struct fields {
    dsc_field field[DSC_SAMPLE_FIELDS];
    size_t n;
} fields;

static void split_line(fields *out, const dsc_sample *sample, size_t line, dsc_splitter splitter) {
    dsc_text_fault fault;
    out->n = dsc_fields_split(splitter, sample->line[line].bytes, sample->line[line].length,
                              out->field, DSC_SAMPLE_FIELDS, &fault);
}

static bool is_number(const fields *line, size_t column) {
    double ignored;
    return column >= 1 && column <= line->n &&
           dsc_number_double(line->field[column - 1].bytes, line->field[column - 1].length,
                             &ignored) == DSC_NUMBER_OK;
}

/* A field that nobody writes for a number: "rating", but not "4,5", "-", "nan" or "". */
static bool is_word(const dsc_field *field) {
    double ignored;
    dsc_number_fault fault = dsc_number_double(field->bytes, field->length, &ignored);
    return (fault == DSC_NUMBER_NOT_A_NUMBER || fault == DSC_NUMBER_TOO_LONG) &&
           memchr("0123456789+-.,", field->bytes[0], 14) == NULL;
}

/* Lines from `first` on whose `column` holds a number. */
static size_t count_numbers(const dsc_sample *sample, dsc_splitter splitter, size_t first,
                            size_t column) {
    size_t n = 0;
    for (size_t i = first; i < sample->n; i++) {
        fields line;
        split_line(&line, sample, i, splitter);
        n += is_number(&line, column);
    }
    return n;
}

/* By names: the first column of each role, 0 where there is none, and always of a rating that is
 * not to be read. Returns how many of user, item and rating are named. */
static size_t read_names(const fields *line, bool is_implicit, size_t column[DSC_N_RATING_ROLES]) {
    memset(column, 0, DSC_N_RATING_ROLES * sizeof *column);
    size_t n_named = 0;
    for (size_t i = 0; i < line->n; i++) {
        dsc_role role = dsc_role_of_name(&line->field[i]);
        if (role <= DSC_ROLE_TIME && column[role] == 0 &&
            (role != DSC_ROLE_RATING || !is_implicit)) {
            column[role] = i + 1;
            n_named += role != DSC_ROLE_TIME;
        }
    }
    return n_named;
}

static bool is_all_words(const fields *line) {
    for (size_t i = 0; i < line->n; i++) {
        if (line->field[i].length > 0 && !is_word(&line->field[i])) {
            return false;
        }
    }
    return true;
}

/* All words above a column that is all numbers, such as ids. */
static bool is_above_numbers(const dsc_sample *sample, dsc_splitter splitter, const fields *first) {
    bool is_above = false;
    for (size_t column = 1; column <= first->n && !is_above && sample->n >= 2; column++) {
        is_above = first->field[column - 1].length > 0 &&
                   count_numbers(sample, splitter, 1, column) == sample->n - 1;
    }
    return is_above && is_all_words(first);
}

/* A header has a word where ratings have a number, and either names that are known, or numbers only
 * below it; or ids that are numbers, should all ratings be bad. A first line with a number anywhere is
 * a rating, perhaps a bad one. */
static bool detect_header(const dsc_sample *sample, dsc_splitter splitter, const fields *first,
                          size_t rating_column, size_t n_named) {
    if (rating_column > first->n || !is_word(&first->field[rating_column - 1])) {
        return false;
    }
    return n_named >= 2 ||
           (is_all_words(first) && count_numbers(sample, splitter, 1, rating_column) > 0) ||
           is_above_numbers(sample, splitter, first);
}

/* Where no column must hold numbers: a header names user and item, or is all words above a column
 * that is all numbers. */
static bool detect_implicit_header(const dsc_sample *sample, dsc_splitter splitter,
                                   const fields *first, size_t n_named) {
    return n_named == 2 || is_above_numbers(sample, splitter, first);
}

/* Header and columns under one delimiter; returns how well it explains the sample. */
static size_t try_delimiter(dsc_text_format *out, const dsc_sample *sample,
                            const dsc_ratings_format *settings, dsc_delimiter delimiter) {
    *out = (dsc_text_format){.splitter = {delimiter, true}};
    if (sample->n == 0) {
        return 0;
    }
    fields first;
    split_line(&first, sample, 0, out->splitter);
    size_t named[DSC_N_RATING_ROLES];
    const bool is_implicit = settings->feedback == DSC_FEEDBACK_IMPLICIT;
    size_t n_named = read_names(&first, is_implicit, named);
    const size_t set[] = {settings->user_column, settings->item_column,
                          is_implicit ? 0 : settings->rating_column, settings->time_column};
    const size_t usual[] = {1, 2, is_implicit ? 0 : 3, 4};
    out->is_column_set = settings->user_column != 0;
    out->is_implicit = is_implicit;
    bool is_named = n_named == (is_implicit ? 2 : 3) && settings->header != DSC_HEADER_NO;
    const size_t *column = out->is_column_set ? set : is_named ? named : usual;
    memcpy(out->column, column, sizeof out->column);
    size_t rating = out->column[DSC_ROLE_RATING];
    out->has_header =
        settings->header == DSC_HEADER_YES ||
        (settings->header == DSC_HEADER_DETECT &&
         (is_implicit ? detect_implicit_header(sample, out->splitter, &first, n_named)
                      : detect_header(sample, out->splitter, &first, rating, n_named)));
    if (!out->has_header && is_named && !out->is_column_set) {
        memcpy(out->column, usual, sizeof out->column);
        rating = out->column[DSC_ROLE_RATING];
    }
    return dsc_sample_agreement(sample, out->splitter,
                                is_implicit ? MIN_IMPLICIT_FIELDS : MIN_FIELDS) +
           count_numbers(sample, out->splitter, out->has_header, rating);
}

/* A guessed time column is one only where most lines have a number there. */
static void check_time_column(dsc_text_format *format, const dsc_sample *sample) {
    size_t n_data = sample->n - format->has_header;
    size_t n_times =
        count_numbers(sample, format->splitter, format->has_header, format->column[DSC_ROLE_TIME]);
    if (!format->is_column_set && 2 * n_times <= n_data) {
        format->column[DSC_ROLE_TIME] = 0;
    }
}

/* A header with fewer names than lines have fields, as some programs write it for lines that begin
 * with their number, names none of the columns for sure. */
static dsc_status check_n_names(const dsc_text_format *format, const dsc_sample *sample,
                                const dsc_lines *lines, dsc_error *err) {
    if (!format->has_header || format->is_column_set) {
        return DSC_OK;
    }
    const dsc_sample_line *header = &sample->line[0];
    size_t n_names = dsc_fields_count(format->splitter, header->bytes, header->length);
    if (n_names == 0 || n_names >= format->n_columns) {
        return DSC_OK;
    }
    return dsc_lines_fail(lines, header->number, header->length + 1, err,
                          "the header names %zu column%s and the lines below have %zu fields: say "
                          "which columns are %s, for example with --columns %s",
                          n_names, n_names == 1 ? "" : "s", format->n_columns,
                          format->is_implicit ? "user and item" : "user, item and rating",
                          format->is_implicit ? "1,2" : "1,2,3");
}

/* Names that are known in part must agree with the columns that are taken for the rest. */
static dsc_status check_names(const dsc_text_format *format, const dsc_sample *sample,
                              const dsc_lines *lines, dsc_error *err) {
    static const char *const role_names[] = {"user", "item", "rating", "time"};
    if (!format->has_header || format->is_column_set) {
        return DSC_OK;
    }
    fields first;
    size_t named[DSC_N_RATING_ROLES];
    split_line(&first, sample, 0, format->splitter);
    read_names(&first, format->is_implicit, named);
    for (size_t role = 0; role <= DSC_ROLE_RATING; role++) {
        size_t column = format->column[role];
        if (named[role] != 0 && named[role] != column) {
            dsc_field field = first.field[named[role] - 1];
            return dsc_lines_fail(
                lines, sample->line[0].number, (size_t)(field.bytes - sample->line[0].bytes) + 1,
                err,
                "the header has the %s in column %zu (\"%s\"), but not all of user, item%s "
                "have a known name: say which columns they are, for example with --columns %s",
                role_names[role], named[role], dsc_show(field.bytes, field.length).text,
                format->is_implicit ? "" : " and rating", format->is_implicit ? "1,2" : "1,2,3");
        }
    }
    return DSC_OK;
}

static void choose_delimiter(dsc_text_format *out, const dsc_sample *sample,
                             const dsc_ratings_format *settings) {
    size_t best = 0;
    for (size_t i = 0; i < DSC_N_DELIMITERS; i++) {
        dsc_text_format tried;
        size_t score = try_delimiter(&tried, sample, settings, dsc_delimiters[i]);
        if (score > best || i == 0) {
            best = score;
            *out = tried;
        }
    }
    /* No delimiter makes a rating of any line: one that splits at all makes the clearer message. */
    for (size_t i = 0; i < DSC_N_DELIMITERS && best == 0; i++) {
        best = dsc_sample_agreement(sample, (dsc_splitter){dsc_delimiters[i], true}, 2);
        if (best > 0 || i == DSC_N_DELIMITERS - 1) {
            try_delimiter(out, sample, settings,
                          best > 0 ? dsc_delimiters[i] : DSC_DELIMITER_COMMA);
        }
    }
}

/* Files whose lines end with a carriage return alone are one line to everything below. */
static dsc_status check_line_ends(const dsc_sample *sample, const dsc_lines *lines,
                                  dsc_error *err) {
    const dsc_sample_line *only = &sample->line[0];
    const char *found = sample->n == 1 ? memchr(only->bytes, '\r', only->length) : NULL;
    if (found == NULL) {
        return DSC_OK;
    }
    return dsc_lines_fail(lines, only->number, (size_t)(found - only->bytes) + 1, err,
                          "a carriage return stands within the only line; lines end with a line "
                          "feed: tr '\\r' '\\n' changes them");
}

dsc_status dsc_text_format_detect(dsc_text_format *out, const dsc_ratings_format *settings,
                                  const dsc_lines *lines, dsc_error *err) {
    static const dsc_ratings_format all_detected = {0};
    settings = settings != NULL ? settings : &all_detected;
    dsc_sample sample;
    dsc_sample_take(&sample, lines);
    dsc_status status = check_line_ends(&sample, lines, err);
    if (status != DSC_OK) {
        return status;
    }
    if (settings->layout == DSC_LAYOUT_LISTS) {
        return dsc_item_lists_detect(out, &sample, settings, lines, err);
    }
    if (settings->delimiter != DSC_DELIMITER_DETECT) {
        try_delimiter(out, &sample, settings, settings->delimiter);
    } else {
        choose_delimiter(out, &sample, settings);
    }
    check_time_column(out, &sample);
    for (size_t role = 0; role < DSC_N_RATING_ROLES; role++) {
        out->n_needed = out->column[role] > out->n_needed ? out->column[role] : out->n_needed;
    }
    out->n_columns = dsc_sample_n_columns(&sample, out->splitter, out->has_header);
    status = check_names(out, &sample, lines, err);
    return status == DSC_OK ? check_n_names(out, &sample, lines, err) : status;
}

/* Which columns must be set, if any is. */
static dsc_status check_set(const dsc_ratings_format *settings, dsc_error *err) {
    const bool is_implicit = settings->feedback == DSC_FEEDBACK_IMPLICIT;
    const size_t n_set = (settings->user_column != 0) + (size_t)(settings->item_column != 0);
    const bool has_rating = settings->rating_column != 0;
    const bool is_any = n_set > 0 || has_rating || settings->time_column != 0;
    if (settings->layout == DSC_LAYOUT_LISTS && is_any) {
        return dsc_fail(err, DSC_E_ARGUMENT, "columns",
                        "lists have none: a line is a user and then items");
    }
    if (is_any && (n_set < 2 || (!has_rating && !is_implicit))) {
        return dsc_fail(err, DSC_E_ARGUMENT, "columns",
                        is_implicit
                            ? "user and item columns must be set together, and others only with "
                              "them"
                            : "user, item and rating columns must be set together, and the time "
                              "column only with them; without ratings: --implicit");
    }
    return DSC_OK;
}

dsc_status dsc_text_format_check(const dsc_ratings_format *settings, dsc_error *err) {
    if (settings == NULL) {
        return DSC_OK;
    }
    if ((unsigned)settings->delimiter > DSC_DELIMITER_PIPE ||
        (unsigned)settings->header > DSC_HEADER_NO ||
        (unsigned)settings->on_error > DSC_ON_ERROR_SKIP ||
        (unsigned)settings->feedback > DSC_FEEDBACK_IMPLICIT ||
        (unsigned)settings->layout > DSC_LAYOUT_LISTS) {
        return dsc_fail(
            err, DSC_E_ARGUMENT, "format",
            "the delimiter, header, on_error, feedback or layout setting is none of its values");
    }
    if (settings->layout == DSC_LAYOUT_LISTS && settings->feedback != DSC_FEEDBACK_IMPLICIT) {
        return dsc_fail(err, DSC_E_ARGUMENT, "layout",
                        "lists hold no ratings: they are implicit feedback");
    }
    if (settings->n_threads > DSC_MAX_THREADS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_threads", "is %zu; expected 0 to %d",
                        settings->n_threads, (int)DSC_MAX_THREADS);
    }
    const size_t column[] = {settings->user_column, settings->item_column, settings->rating_column,
                             settings->time_column};
    for (size_t i = 0; i < DSC_N_RATING_ROLES; i++) {
        if (column[i] > DSC_MAX_COLUMN) {
            return dsc_fail(err, DSC_E_ARGUMENT, "columns", "column %zu is above %d", column[i],
                            DSC_MAX_COLUMN);
        }
        for (size_t j = 0; j < i; j++) {
            if (column[i] != 0 && column[i] == column[j]) {
                return dsc_fail(err, DSC_E_ARGUMENT, "columns",
                                "column %zu stands for two things; user, item, rating and time "
                                "are four different columns",
                                column[i]);
            }
        }
    }
    return check_set(settings, err);
}
