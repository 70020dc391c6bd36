/* The members of a blend, for those that take a mean over them. */
#ifndef DSC_RECOMMENDER_MEMBER_H
#define DSC_RECOMMENDER_MEMBER_H

#include "descent/side.h"
#include "recommender/model.h"

/* What stands for the blend's side of a user or of an item in its member m. */
dsc_side dsc_member_side(const dsc_recommender *blend, size_t m, const dsc_side *side,
                         bool is_item);

/* The side of a fold-in in member m of the blend that it was folded into. */
dsc_side dsc_folded_member_side(const dsc_folded *folded, size_t m);

/* A blend of n models that share what there is to share with models[0], as dsc_model_create_beside
 * makes them, which are taken over, also after a failure.
 *   weights  [in]  (n) above 0, downwards, with the sum 1
 * Its statistics are those of the ratings; those of training are 0. */
dsc_status dsc_blend_assemble(dsc_recommender **out, dsc_recommender *const *models,
                              const double *weights, size_t n, dsc_error *err);

#endif
