/* Plain rows: reads "user,item,rating[,time]", or of implicit feedback "user,item[,time]" with or
 * without a rating that is passed over, by the places of its separators.
 *
 * Whatever is unusual (a quote, a blank, an empty or missing field, an exponent, a long number, any
 * error) is left to the general reader, which gives the same ratings and knows what to say. */
#ifndef DSC_RATINGS_PLAIN_ROW_H
#define DSC_RATINGS_PLAIN_ROW_H

#include <stdbool.h>

#include "descent/delimited.h"
#include "math/separators.h"
#include "ratings/text_format.h"

typedef struct dsc_plain_format {
    bool is_usable; /* columns in this order and no others, divided by other than blanks */
    bool has_rating;
    bool has_unread; /* a third column is passed over */
    bool has_time;
    bool is_double; /* the delimiter is "::" */
    char delimiter;
    size_t n_marks; /* separators of a line, without the LF behind a CR */
    dsc_separators_finder *find;
} dsc_plain_format;

dsc_plain_format dsc_plain_format_of(const dsc_text_format *format);

/* A way through the lines of a text, and the marks of the piece of it that is read at the moment. */
typedef struct dsc_plain_cursor {
    const char *at;   /* where the next line begins */
    const char *end;  /* behind the last line */
    const char *base; /* what the marks count from */
    size_t n_looked_at;
    size_t n_marks;
    size_t next; /* the first mark at or behind `at` */
    uint16_t mark[DSC_SEPARATORS_MARKS];
} dsc_plain_cursor;

void dsc_plain_cursor_init(dsc_plain_cursor *cursor, const char *text, const char *end);

/* Goes on at `at`, not before cursor->at, after the lines up to there were read otherwise. */
void dsc_plain_cursor_pass(dsc_plain_cursor *cursor, const char *at);

/* Where rows go. */
typedef struct dsc_plain_rows {
    dsc_id *user;  /* (max_rows) in the text */
    dsc_id *item;  /* (max_rows) in the text */
    float *value;  /* (max_rows) */
    int64_t *time; /* (max_rows), not touched without times */
} dsc_plain_rows;

/* Reads at most max_rows plain rows, each a whole line with its LF; DSC_LINE_SLACK bytes behind the
 * text must be readable. Returns the number of rows, fewer at the end or before a line that is not
 * plain. */
size_t dsc_plain_rows_read(const dsc_plain_format *format, dsc_plain_cursor *cursor,
                           size_t max_rows, dsc_plain_rows out);

#endif
