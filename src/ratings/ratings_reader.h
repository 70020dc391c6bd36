/* Ratings reader: lines to ratings in file order, with the report of what was found. */
#ifndef DSC_RATINGS_RATINGS_READER_H
#define DSC_RATINGS_RATINGS_READER_H

#include "descent/ratings.h"
#include "ratings/ratings_list.h"
#include "text/input.h"

/* Reads all of `input`, which is closed in any case.
 *   list    [out]  freed with dsc_ratings_list_clear; empty after a failure
 *   report  [out]  all but the duplicates
 * Returns DSC_OK or a code of dsc_ratings_read. */
dsc_status dsc_ratings_list_read(dsc_ratings_list *list, dsc_input *input,
                                 const dsc_ratings_format *settings, dsc_ratings_report *report,
                                 dsc_error *err);

#endif
