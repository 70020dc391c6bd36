/* Text format: which delimiter, header and columns a ratings file has. */
#ifndef DSC_RATINGS_TEXT_FORMAT_H
#define DSC_RATINGS_TEXT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/ratings.h"
#include "ratings/role.h"
#include "text/fields.h"
#include "text/lines.h"
#include "text/sample.h"

/* User, item, rating and time: the roles of a ratings file. */
#define DSC_N_RATING_ROLES 4

/* Column numbers from 1, the highest one that can be asked for. */
#define DSC_MAX_COLUMN 1000

typedef struct dsc_text_format {
    dsc_splitter splitter;
    bool has_header;
    bool is_column_set;                /* the columns are the caller's, not guessed */
    bool is_implicit;                  /* no rating is read: its column is 0 */
    size_t column[DSC_N_RATING_ROLES]; /* by dsc_role, from 1; time 0: none; all 0: lists */
    size_t n_needed;                   /* the highest of them */
    size_t n_columns;                  /* of most of the first data lines; 0: there is none */
} dsc_text_format;

/* Checks settings (NULL: the default) for contradictions: DSC_OK or DSC_E_ARGUMENT. */
dsc_status dsc_text_format_check(const dsc_ratings_format *settings, dsc_error *err);

/* Tells the format from the lines to come; none of them is taken.
 * Returns DSC_OK; DSC_E_DATA a header that names some columns in unusual places and not all, or
 * fewer columns than lines have. */
dsc_status dsc_text_format_detect(dsc_text_format *out, const dsc_ratings_format *settings,
                                  const dsc_lines *lines, dsc_error *err);

#endif
