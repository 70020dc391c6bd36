/* Losses of a chosen item beside others that were not chosen: docs/math.md (115) to (118). */
#ifndef DSC_RECOMMENDER_RANKING_LOSS_H
#define DSC_RECOMMENDER_RANKING_LOSS_H

#include <stddef.h>

#include "descent/recommender.h"

/* The loss of one group, in double.
 *   loss     [in]   one of interactions
 *   score    [in]   (n) finite, the chosen item's first; n >= 1
 *   d_score  [out]  (n) its gradient
 * A chosen item alone says nothing under bpr and softmax: 0. Cannot fail. */
double dsc_ranking_loss(dsc_rating_loss loss, const double *score, size_t n, double *d_score);

#endif
