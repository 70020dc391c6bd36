/* How strongly the vector of a user or an item is held near 0, by its number of ratings.
 *
 *     lambda_r = lambda (max(n_r, 1) / average n)^power
 *
 * docs/math.md (160). */
#ifndef DSC_RECOMMENDER_STRENGTH_H
#define DSC_RECOMMENDER_STRENGTH_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/recommender.h"
#include "ratings/sparse.h"

/* The factor behind lambda, for n ratings where they are `usual` on average. */
double dsc_strength_factor(double power, double n, double usual);

/* That of each row of `ratings` (n_rows); rows without entries do not count in the average. */
void dsc_strength_factors(double *out, double power, dsc_sparse ratings);

/* lambda of a user or an item with n ratings beside those of the model; 0 where vectors were not
 * trained by full batches. */
double dsc_strength_of(const dsc_recommender *model, bool is_item, double n);

#endif
