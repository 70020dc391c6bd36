/* The weights of a blend from its members' errors on held-out ratings: docs/math.md (156) to (158). */
#ifndef DSC_RECOMMENDER_BLEND_WEIGHTS_H
#define DSC_RECOMMENDER_BLEND_WEIGHTS_H

#include <stddef.h>

/* The weights of at least 0 with the sum 1 under which the weighted sum of the errors has the
 * smallest sum of squares, drawn a little towards equal weights.
 *   products  [in]   (n, n) E of (156): sums over the ratings of the products of two members' errors
 *   n         [in]   members, 1 .. DSC_MAX_MEMBERS
 *   n_ratings [in]   how many were summed, at least 1
 *   weight    [out]  (n)
 * Cannot fail. Math: docs/math.md (156) to (158). */
void dsc_blend_weights(const double *products, size_t n, size_t n_ratings, double *weight);

#endif
