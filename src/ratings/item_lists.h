/* Item lists: lines of a user and any number of items. */
#ifndef DSC_RATINGS_ITEM_LISTS_H
#define DSC_RATINGS_ITEM_LISTS_H

#include "descent/ratings.h"
#include "ratings/ratings_list.h"
#include "ratings/text_format.h"
#include "text/lines.h"

/* Tells delimiter and header from the first lines; the format has no columns.
 * Returns DSC_OK; DSC_E_DATA several delimiters would do. */
dsc_status dsc_item_lists_detect(dsc_text_format *out, const dsc_sample *sample,
                                 const dsc_ratings_format *settings, const dsc_lines *lines,
                                 dsc_error *err);

/* Looks at a line that is neither blank nor a header, and changes nothing.
 * Returns DSC_OK; DSC_E_DATA a bad line. */
dsc_status dsc_item_lists_check(dsc_splitter splitter, const dsc_lines *lines, const dsc_line *line,
                                dsc_error *err);

/* Adds its pairs to `list` and counts it in the report. Quotes inside its fields are unescaped in
 * place, so that a line can be added once.
 * Returns DSC_OK; DSC_E_DATA a bad line or too many ids; DSC_E_MEMORY; the list must then be
 * cleared. */
dsc_status dsc_item_lists_add(dsc_splitter splitter, const dsc_lines *lines, const dsc_line *line,
                              dsc_ratings_list *list, dsc_ratings_report *report, dsc_error *err);

#endif
