/* What the members of a blend predict for ratings that were held out from them, and the weights that
 * follow: docs/math.md (156) to (159). */
#ifndef DSC_RECOMMENDER_BLEND_HELD_H
#define DSC_RECOMMENDER_BLEND_HELD_H

#include <stddef.h>
#include <stdint.h>

#include "descent/blend.h"

/* Every rating that is held out, with each member's prediction of it. */
typedef struct dsc_blend_held {
    size_t n;
    size_t n_members;
    double min, max;    /* the scale */
    float *rating;      /* (n) */
    double *prediction; /* (n_members, n) before clipping */
} dsc_blend_held;

/* Room for n ratings. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_blend_held_init(dsc_blend_held *held, size_t n, size_t n_members, dsc_error *err);
void dsc_blend_held_clear(dsc_blend_held *held); /* all zero is allowed */

/* Has `model` predict all ratings of `test`, which go to the places from `first` on, in their order by
 * user. Calls for different members or places may run at the same time.
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_blend_held_predict(dsc_blend_held *held, size_t member, size_t first,
                                  const dsc_recommender *model, const dsc_ratings *test,
                                  dsc_error *err);

/* The weights, and how good they are, when all is predicted.
 *   seed  [in]  of the halves of (159)
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_blend_held_weigh(const dsc_blend_held *held, uint64_t seed, dsc_blend_report *report,
                                dsc_error *err);

#endif
