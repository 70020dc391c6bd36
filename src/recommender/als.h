/* Implicit alternating least squares: the vectors of all users with those of the items fixed, then
 * the other way round, each by steps of conjugate gradients towards the minimum of (110).
 *
 * Every interaction is a 1, every other pair of user and item a 0 of little weight. No matrix of all
 * pairs is ever formed: their squares are in the Gram matrix of the vectors.
 * docs/math.md (110) to (114), (209) */
#ifndef DSC_RECOMMENDER_ALS_H
#define DSC_RECOMMENDER_ALS_H

#include "base/pool.h"
#include "recommender/kept_ratings.h"
#include "recommender/model.h"

typedef struct dsc_als dsc_als;

/* Borrows both until it is destroyed.
 *   model    [in]  whose vectors half steps change; its configuration has unobserved_weight and
 *                  ridge.vectors
 *   by_user  [in]  the interactions that count, of the model
 * Returns DSC_OK; DSC_E_MEMORY, also where the system gives no more threads; *out is NULL after a
 * failure. Holds 4 bytes an interaction, 261 k floats a thread, and 20 k^2 bytes; where some do not
 * count, also 4 bytes a thread for each interaction of the user who has most. */
dsc_status dsc_als_create(dsc_als **out, dsc_recommender *model, dsc_kept_ratings by_user,
                          dsc_error *err);
void dsc_als_destroy(dsc_als *als); /* NULL is allowed */

/* The threads that the configuration asks for, for what is done between steps; its own. */
dsc_pool *dsc_als_pool(const dsc_als *als);

/* Brings the vectors of all users, or of all items, near their minimum, and nearer in the next sweep.
 * Both tables are turned in their space on the way, which changes no prediction.
 * Returns DSC_OK; DSC_E_NONFINITE. Allocates nothing.
 * Threads: config.n_threads share the rows; any number of them gives the same bytes.
 * Cost: O(interactions k + rows of both sides k^2 + k^3). */
dsc_status dsc_als_half_step(dsc_als *als, bool is_items, dsc_error *err);

/* (110) at the model's vectors. Allocates nothing. Cost: O(interactions k + rows k^2). */
double dsc_als_objective(dsc_als *als);

/* The weight of a pair of user and item, an interaction or not: (111). */
double dsc_als_pair_weight(const dsc_recommender *model);

/* The strength of L2 of a row with so many interactions of n_others that are possible: (111). */
double dsc_als_strength(const dsc_recommender *model, double n_interactions, double n_others);

/* The Gram matrix of a table, X' X: sums of tiles in single precision, of all tiles in double.
 *   gram     [out]  (k, k)
 *   scratch  [out]  (k, k)
 *   table    [in]   (n, k) */
void dsc_als_gram(const dsc_kernels *kernels, double *gram, float *scratch, const float *table,
                  size_t n, size_t k);

#endif
