/* Plain row: reads "user,item,rating[,time]", or of implicit feedback "user,item[,time]" with or
 * without a rating that is passed over, in one go when nothing in the line needs care.
 *
 * Whatever is unusual (a quote, a blank, an empty or missing field, an exponent, a long number, any
 * error) is left to the general reader, which gives the same ratings and knows what to say. */
#ifndef DSC_RATINGS_PLAIN_ROW_H
#define DSC_RATINGS_PLAIN_ROW_H

#include <stdbool.h>

#include "ratings/ratings_list.h"
#include "ratings/text_format.h"

typedef struct dsc_plain_format {
    bool is_usable; /* columns in this order and no others, divided by other than blanks */
    bool has_rating;
    bool has_unread; /* a third column is passed over */
    bool has_time;
    bool is_double; /* the delimiter is "::" */
    char delimiter;
} dsc_plain_format;

dsc_plain_format dsc_plain_format_of(const dsc_text_format *format);

/* Reads the line that begins at `line` and holds no zero byte before its LF; DSC_LINE_SLACK bytes
 * behind the LF must be readable. All of *out but its line number is filled; its ids lie in `line`.
 * Returns where the next line begins; NULL when the line is not plain, *out is then undefined. */
const char *dsc_plain_row_read(const dsc_plain_format *format, const char *line, dsc_rating *out);

#endif
