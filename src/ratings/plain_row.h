/* Plain rows: reads "user,item,rating[,time]", or of implicit feedback "user,item[,time]" with or
 * without a rating that is passed over, by the places of its separators, column by column.
 *
 * Whatever is unusual (a quote, a blank, an empty or missing field, an exponent, a long number, any
 * error) is left to the general reader, which gives the same ratings and knows what to say. */
#ifndef DSC_RATINGS_PLAIN_ROW_H
#define DSC_RATINGS_PLAIN_ROW_H

#include <stdbool.h>

#include "descent/delimited.h"
#include "math/digits.h"
#include "math/separators.h"
#include "ratings/ratings_list.h"
#include "ratings/text_format.h"
#include "ratings/user_runs.h"

typedef struct dsc_plain_format {
    bool is_usable; /* columns in this order and no others, divided by other than blanks */
    bool has_rating;
    bool has_time;
    char delimiter;
    size_t width;    /* bytes of the delimiter: 2 for "::" */
    size_t n_fields; /* of a row, with a third one that is passed over */
    dsc_separators_finder *find;
    dsc_digits_reader *read_digits;
    float tenth[256]; /* of two digits, the first one in the lower half of a byte */
} dsc_plain_format;

dsc_plain_format dsc_plain_format_of(const dsc_text_format *format);

/* A way through the lines of a text, and the marks of the piece of it that is read at the moment. */
typedef struct dsc_plain_cursor {
    const char *at;   /* where the next line begins */
    const char *end;  /* behind the last line */
    const char *base; /* what the marks count from */
    size_t n_looked_at;
    size_t n_marks;
    size_t next; /* the first mark behind `at` */
    bool has_rows_alone;
    size_t n_most; /* rows to look at together: fewer after one that is not plain */
    uint16_t edge[1 + DSC_SEPARATORS_MARKS]; /* 0, and the marks */
} dsc_plain_cursor;

void dsc_plain_cursor_init(dsc_plain_cursor *cursor, const char *text, const char *end);

/* Goes on at `at`, not before cursor->at, after the lines up to there were read otherwise. */
void dsc_plain_cursor_pass(dsc_plain_cursor *cursor, const char *at);

/* Rows that were read but for their ids, which are behind these marks until the cursor moves on. */
typedef struct dsc_plain_rows {
    size_t n; /* at most DSC_IDS_AT_ONCE */
    dsc_field_column user;
    dsc_field_column item;
} dsc_plain_rows;

/* Reads plain rows, each a whole line with its LF; DSC_LINE_SLACK bytes behind the text must be readable.
 *   value  [out]  (DSC_IDS_AT_ONCE)
 *   time   [out]  (DSC_IDS_AT_ONCE), not touched without times
 * Returns the rows, none at the end or before a line that is not plain. */
dsc_plain_rows dsc_plain_rows_read(const dsc_plain_format *format, dsc_plain_cursor *cursor,
                                   float *value, int64_t *time);

/* The indices of ids, the new ones being added to `map`: index[0 .. n), or users behind those in `runs`, who are
 * looked up once for neighbouring rows of one user, as files grouped by user have them.
 * Returns DSC_OK or a code of dsc_id_map_add. */
dsc_status dsc_plain_users_add(const dsc_plain_format *format, dsc_field_column ids, size_t n,
                               dsc_id_map *map, dsc_user_runs *runs, dsc_error *err);
dsc_status dsc_plain_items_add(const dsc_plain_format *format, dsc_field_column ids, size_t n,
                               dsc_id_map *map, uint32_t *index, dsc_error *err);

#endif
