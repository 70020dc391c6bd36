/* Lists that several threads have seen. */
#ifndef DSC_RECOMMENDER_LISTS_H
#define DSC_RECOMMENDER_LISTS_H

#include "descent/ranking.h"

/* Adds the lists of `from`, which has the same items and cutoffs. In whatever order: counts are
 * whole numbers. */
void dsc_lists_merge(dsc_lists *lists, const dsc_lists *from);

#endif
