/* Ratings reader: lines into a list, by rows or as lists; and what a file must be as a whole. */
#include "ratings/ratings_reader.h"

#include <math.h>

#include "base/error.h"
#include "ratings/item_lists.h"
#include "ratings/row_crew.h"
#include "ratings/text_format.h"
#include "text/fields.h"
#include "text/lines.h"

/* A scale has few whole numbers, ids and times have many. */
#define MAX_WHOLE_RATINGS 1000

/* From 2^24 on a float merges neighbouring whole numbers, so that they cannot be counted; times in
 * seconds since 1970 are above it from July 1970 on. Ids and times have 64 bits at most. */
static bool is_as_large_as_times(float whole) {
    return whole >= 0x1p24F && whole < 0x1p64F;
}

typedef struct reader {
    dsc_lines lines;
    dsc_text_format format;
    dsc_rating_row row; /* empty where lines are lists */
    dsc_row_crew crew;  /* likewise */
    dsc_reading *reading;
    dsc_ratings_list *list;
    dsc_ratings_report *report;
    bool is_skipping; /* DSC_ON_ERROR_SKIP */
    bool is_header_next;
    bool has_lists; /* DSC_LAYOUT_LISTS */
} reader;

/* True for a line that holds nothing to read. */
static bool is_passed_over(reader *r, const dsc_line *line) {
    if (line->fault.message == NULL && dsc_is_blank_line(line->bytes, line->length)) {
        r->report->n_empty++;
        return true;
    }
    const bool is_header = r->is_header_next;
    r->is_header_next = false;
    return is_header;
}

/* Where the error of a bad line goes. */
static dsc_error *error_of_line(const reader *r, dsc_error *err) {
    return !r->is_skipping ? err : r->report->n_bad == 0 ? &r->report->first_bad : NULL;
}

/* One line into the list; bad lines are counted when they are to be skipped. */
static dsc_status take_line(reader *r, const dsc_line *line, dsc_error *err) {
    if (is_passed_over(r, line)) {
        return DSC_OK;
    }
    dsc_rating rating;
    dsc_status status = dsc_rating_row_read(&r->row, line, &rating, error_of_line(r, err));
    if (status == DSC_OK) {
        return dsc_ratings_list_add(r->list, &rating, err);
    }
    if (!r->is_skipping || status == DSC_E_MEMORY) {
        return status;
    }
    r->report->n_bad++;
    return DSC_OK;
}

/* The same of a list, all of it or nothing. */
static dsc_status take_list(reader *r, const dsc_line *line, dsc_error *err) {
    const dsc_splitter splitter = r->format.splitter;
    if (is_passed_over(r, line)) {
        return DSC_OK;
    }
    if (r->is_skipping &&
        dsc_item_lists_check(splitter, &r->lines, line, error_of_line(r, err)) != DSC_OK) {
        r->report->n_bad++;
        return DSC_OK;
    }
    return dsc_item_lists_add(splitter, &r->lines, line, r->list, r->report, err);
}

static dsc_status read_lists(reader *r, dsc_error *err) {
    for (;;) {
        dsc_line line;
        dsc_status status = dsc_lines_next(&r->lines, &line, err);
        if (status != DSC_OK || line.bytes == NULL) {
            return status;
        }
        status = take_list(r, &line, err);
        if (status != DSC_OK) {
            return status;
        }
    }
}

/* The header, and lines that the buffer does not hold as a whole, come by themselves: the last one
 * if it lacks its end, and those that are too long. */
static dsc_status read_line(reader *r, bool *is_at_end, dsc_error *err) {
    dsc_line line;
    dsc_status status = dsc_lines_next(&r->lines, &line, err);
    *is_at_end = line.bytes == NULL;
    return status == DSC_OK && !*is_at_end ? take_line(r, &line, err) : status;
}

static dsc_status read_rows(reader *r, dsc_error *err) {
    bool is_at_end = false;
    dsc_status status = DSC_OK;
    while (status == DSC_OK && !is_at_end) {
        status = dsc_lines_fill(&r->lines, err);
        if (status != DSC_OK) {
            break;
        }
        if (!r->is_header_next && dsc_lines_is_buffered(&r->lines)) {
            status = dsc_row_crew_read(&r->crew, err);
        } else {
            status = read_line(r, &is_at_end, err);
        }
    }
    /* Whole lines of a text lie before the one that may not be whole. */
    if (r->report->n_wide == 0) {
        r->report->first_wide_line = r->row.first_wide_line;
    }
    r->report->n_wide += r->row.n_wide;
    return status;
}

static dsc_status check_not_empty(const reader *r, dsc_error *err) {
    const char *name = dsc_input_name(r->lines.input);
    const dsc_ratings_report *report = r->report;
    const char *expected = r->has_lists            ? "a user and then items"
                           : r->format.is_implicit ? "user, item"
                                                   : "user, item, rating";
    if (r->list->n > 0) {
        return DSC_OK;
    }
    if (report->n_bad > 0) {
        return dsc_fail(err, DSC_E_DATA, report->first_bad.where,
                        "no %s is left: all %llu lines are bad; the first: %s",
                        r->format.is_implicit ? "interaction" : "rating",
                        (unsigned long long)report->n_bad, report->first_bad.message);
    }
    if (report->n_empty_lists > 0) {
        return dsc_fail(err, DSC_E_DATA, name,
                        "the file holds users and no items; expected lines of %s", expected);
    }
    if (report->has_header) {
        return dsc_fail(err, DSC_E_DATA, name,
                        "the file holds a header and no %s; expected lines of %s",
                        r->format.is_implicit ? "interactions" : "ratings", expected);
    }
    return dsc_fail(err, DSC_E_DATA, name, "the file %s; expected lines of %s",
                    report->n_empty > 0 ? "holds nothing but blank lines" : "is empty", expected);
}

/* Columns that the caller set are what the caller says they are. */
static dsc_status check_scale(const reader *r, dsc_error *err) {
    if (r->format.is_column_set || r->format.is_implicit) {
        return DSC_OK;
    }
    const dsc_value_range range = r->list->range;
    const float largest = fmaxf(-range.low, range.high);
    const bool is_large = is_as_large_as_times(largest);
    if ((!is_large && (double)range.high - (double)range.low < MAX_WHOLE_RATINGS) ||
        !dsc_ratings_list_is_whole(r->list)) {
        return DSC_OK;
    }
    if (is_large) {
        return dsc_fail(err, DSC_E_DATA, dsc_input_name(r->lines.input),
                        "column %zu, taken for the rating, holds whole numbers as large as %.0f, "
                        "as ids or times do: say which columns are user, item, rating and time, "
                        "for example with --columns 1,2,3; that also confirms such ratings",
                        r->format.column[DSC_ROLE_RATING], (double)largest);
    }
    size_t n_distinct = 0;
    dsc_status status = dsc_ratings_list_count_distinct(r->list, &n_distinct, err);
    if (status != DSC_OK || n_distinct <= MAX_WHOLE_RATINGS) {
        return status;
    }
    return dsc_fail(err, DSC_E_DATA, dsc_input_name(r->lines.input),
                    "column %zu, taken for the rating, holds %zu distinct whole numbers, as ids or "
                    "times do: say which columns are user, item, rating and time, for example with "
                    "--columns 1,2,3; that also confirms such ratings",
                    r->format.column[DSC_ROLE_RATING], n_distinct);
}

static void report_format(reader *r) {
    dsc_ratings_report *report = r->report;
    const dsc_text_format *f = &r->format;
    report->delimiter = dsc_delimiter_name(f->splitter.delimiter);
    report->has_header = f->has_header;
    report->user_column = f->column[DSC_ROLE_USER];
    report->item_column = f->column[DSC_ROLE_ITEM];
    report->rating_column = f->column[DSC_ROLE_RATING];
    report->time_column = f->column[DSC_ROLE_TIME];
    report->n_columns = f->n_columns;
}

static bool is_long(const reader *r) {
    return r->lines.end >= r->reading->part_bytes;
}

static size_t block_bytes(const dsc_reading *reading) {
    const size_t n_parts = DSC_PARTS_A_THREAD * dsc_pool_n_threads(reading->pool);
    return reading->block_bytes > 0      ? reading->block_bytes
           : n_parts < DSC_PARTS_A_BLOCK ? n_parts * reading->part_bytes
                                         : DSC_PARTS_A_BLOCK * reading->part_bytes;
}

/* A text that is longer than a part gets threads, if there shall be more than one; lists are read by one, and
 * built by all. */
static dsc_status start_threads(reader *r, dsc_error *err) {
    dsc_reading *reading = r->reading;
    dsc_status status = dsc_pool_create(&reading->pool, reading->n_threads, err);
    if (status == DSC_OK && dsc_pool_n_threads(reading->pool) > 1 && !r->has_lists) {
        status = dsc_lines_widen(&r->lines, block_bytes(reading), err);
    }
    return status;
}

static dsc_status start_rows(reader *r, dsc_error *err) {
    dsc_status status = dsc_rating_row_init(&r->row, &r->format, &r->lines, err);
    if (status != DSC_OK) {
        return status;
    }
    r->crew = (dsc_row_crew){.plan = {.lines = &r->lines,
                                      .format = &r->format,
                                      .plain = dsc_plain_format_of(&r->format),
                                      .is_skipping = r->is_skipping},
                             .lines = &r->lines,
                             .list = r->list,
                             .report = r->report,
                             .pool = r->reading->pool,
                             .part_bytes = r->reading->part_bytes};
    return dsc_row_crew_init(&r->crew, err);
}

static dsc_status start(reader *r, dsc_input *input, const dsc_ratings_format *settings,
                        dsc_error *err) {
    r->report->compression = dsc_input_compression(input);
    dsc_status status = r->has_lists ? dsc_lines_init_lists(&r->lines, input, err)
                                     : dsc_lines_init(&r->lines, input, err);
    if (status == DSC_OK) {
        status = dsc_text_format_detect(&r->format, settings, &r->lines, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    report_format(r);
    r->is_header_next = r->format.has_header;
    status = dsc_ratings_list_init(r->list, r->format.column[DSC_ROLE_TIME] != 0, err);
    r->list->has_lists = r->has_lists;
    if (status == DSC_OK && is_long(r)) {
        status = start_threads(r, err);
    }
    return status == DSC_OK && !r->has_lists ? start_rows(r, err) : status;
}

dsc_reading dsc_reading_of(const dsc_ratings_format *settings) {
    return (dsc_reading){.n_threads = settings != NULL ? settings->n_threads : 0,
                         .part_bytes = DSC_PART_BYTES};
}

dsc_status dsc_ratings_list_read(dsc_ratings_list *list, dsc_input *input,
                                 const dsc_ratings_format *settings, dsc_reading *reading,
                                 dsc_ratings_report *report, dsc_error *err) {
    *list = (dsc_ratings_list){0};
    *report = (dsc_ratings_report){.delimiter = dsc_delimiter_name(DSC_DELIMITER_DETECT)};
    reader r = {.list = list, .report = report, .reading = reading};
    r.is_skipping = settings != NULL && settings->on_error == DSC_ON_ERROR_SKIP;
    r.has_lists = settings != NULL && settings->layout == DSC_LAYOUT_LISTS;
    dsc_status status = start(&r, input, settings, err);
    if (status == DSC_OK) {
        status = r.has_lists ? read_lists(&r, err) : read_rows(&r, err);
    }
    report->n_lines = r.lines.n_lines;
    report->n_bytes = r.lines.n_bytes;
    if (status == DSC_OK) {
        status = check_not_empty(&r, err);
    }
    if (status == DSC_OK) {
        status = check_scale(&r, err);
    }
    dsc_row_crew_clear(&r.crew);
    dsc_rating_row_clear(&r.row);
    dsc_lines_clear(&r.lines);
    if (status != DSC_OK) {
        dsc_ratings_list_clear(list);
    }
    return status;
}
