/* Ratings from their parts, for those who make them from something else than text. */
#ifndef DSC_RATINGS_RATINGS_BUILD_H
#define DSC_RATINGS_RATINGS_BUILD_H

#include "descent/ratings.h"
#include "ratings/ground.h"

/* The object.
 *   users, items  [in]      taken over on success alone
 *   triplets      [in,out]  taken over, also on failure, and cleared
 *   duplicates    [out]     NULL allowed
 * Returns DSC_OK; DSC_E_MEMORY; *out is untouched after a failure. */
dsc_status dsc_ratings_build(dsc_ratings **out, dsc_id_map *users, dsc_id_map *items,
                             dsc_triplets *triplets, dsc_duplicates *duplicates, dsc_error *err);

/* What they share, still the ratings' own: who keeps it holds it. */
dsc_ground *dsc_ratings_ground(const dsc_ratings *ratings);

/* They are explicit without; before anybody else holds their ground. */
void dsc_ratings_set_feedback(dsc_ratings *ratings, dsc_feedback feedback);

#endif
