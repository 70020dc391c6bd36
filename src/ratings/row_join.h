/* Row join: parts that were read to where their ratings stay in a list. */
#ifndef DSC_RATINGS_ROW_JOIN_H
#define DSC_RATINGS_ROW_JOIN_H

#include "base/pool.h"
#include "ratings/row_part.h"

/* Adds the parts' ratings to the list, without gaps and with their users.
 *   parts  [in,out]  read to places of the list from its n-th entry on, ids by their numbers in the list;
 *                    `from` then says where a part's ratings are
 * Returns DSC_OK; DSC_E_MEMORY: the list must be cleared. */
dsc_status dsc_row_parts_join(dsc_row_part *parts, size_t n_parts, dsc_ratings_list *list,
                              dsc_pool *pool, dsc_error *err);

#endif
