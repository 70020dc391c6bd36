/* Rating row: one line's fields to one rating, or one error that says where and why. */
#ifndef DSC_RATINGS_RATING_ROW_H
#define DSC_RATINGS_RATING_ROW_H

#include "descent/ratings.h"
#include "ratings/ratings_list.h"
#include "ratings/text_format.h"
#include "text/lines.h"

/* What all lines of a file share; all zero is valid and empty. */
typedef struct dsc_rating_row {
    const dsc_lines *lines;        /* for messages */
    const dsc_text_format *format; /* no lists */
    size_t max_fields;             /* more of them make a line a wide one */
    dsc_field *fields;             /* (max_fields + 1), owned */
    uint64_t n_wide;               /* wide lines read, and the number of the first of them */
    uint64_t first_wide_line;
    char *
        unescaped; /* (n_unescaped of capacity) owned: ids of the last line without their escapes */
    size_t n_unescaped;
    size_t unescaped_capacity;
} dsc_rating_row;

/* Borrows all that it is given until cleared. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_rating_row_init(dsc_rating_row *row, const dsc_text_format *format,
                               const dsc_lines *lines, dsc_error *err);
void dsc_rating_row_clear(dsc_rating_row *row);

/* What a line holds, borrowed from it; of implicit feedback with the value 1. Ids with escapes are
 * borrowed from the row until it reads the next line: row->n_unescaped is then above 0. Lines are not
 * changed. Returns DSC_OK; DSC_E_DATA a bad line; DSC_E_MEMORY. */
dsc_status dsc_rating_row_read(dsc_rating_row *row, const dsc_line *line, dsc_rating *rating,
                               dsc_error *err);

#endif
