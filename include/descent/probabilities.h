/* Probabilities: what an ordinal model says of each rating, not of their mean alone.
 *
 * A model trained with DSC_LOSS_ORDINAL gives each of the distinct ratings of its training file a
 * probability, from its score and thresholds. docs/math.md (140), (141) */
#ifndef DESCENT_PROBABILITIES_H
#define DESCENT_PROBABILITIES_H

#include <stddef.h>

#include "descent/side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many different ratings the model knows, at most 100; 0: it has no probabilities, its loss is
 * another one. */
size_t dsc_recommender_n_values(const dsc_recommender *model);

/* The k-th of them, ascending from k = 0, below dsc_recommender_n_values. */
double dsc_recommender_value(const dsc_recommender *model, size_t k);

/* The threshold between values k and k + 1, for a score; k + 1 below dsc_recommender_n_values. */
double dsc_recommender_threshold(const dsc_recommender *model, size_t k);

/* The probability of each value for a pair of sides of the scorer's model.
 *   probability  [out]  (n_values) sums to 1; the mean by it is what dsc_scorer_predict_sides
 *                       predicts. All NAN where one of the two is unknown
 * Cannot fail. Allocates nothing. */
void dsc_scorer_probabilities(dsc_scorer *scorer, const dsc_side *user, const dsc_side *item,
                              double *probability);

#ifdef __cplusplus
}
#endif
#endif
