/* Drawn negatives: items that a user did not choose, for an interaction to be compared with. */
#ifndef DSC_RECOMMENDER_NEGATIVE_SAMPLER_H
#define DSC_RECOMMENDER_NEGATIVE_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "descent/status.h"
#include "recommender/kept_ratings.h"

/* All zero is a valid one of nothing. */
typedef struct dsc_negative_sampler {
    dsc_kept_ratings chosen; /* (n_users, n_items), borrowed */
    uint64_t seed;
    uint32_t *drawn_in; /* (n_items) the draw that an item was last drawn or ruled out in */
    uint32_t draw;      /* the number of the last draw, from 1 */
} dsc_negative_sampler;

/* Freed with dsc_negative_sampler_clear. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_negative_sampler_init(dsc_negative_sampler *out, dsc_kept_ratings chosen,
                                     uint64_t seed, dsc_error *err);
void dsc_negative_sampler_clear(dsc_negative_sampler *sampler);

/* Draws n items that the user did not choose, distinct, each as likely; all of them where there are
 * not more than n. What is drawn depends on seed, epoch and place alone.
 *   place  [in]   of the interaction in the epoch, below 2^32
 *   item   [out]  (n)
 * Returns how many were drawn. Allocates nothing. Cost: O(n log of the row's length) at most, and O(n_items)
 * for a user who chose most of them. docs/math.md (119) */
size_t dsc_negative_sampler_draw(dsc_negative_sampler *sampler, uint32_t user, uint32_t epoch,
                                 size_t place, size_t n, uint32_t *item);

#endif
