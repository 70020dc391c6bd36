/* Items like an item, users like a user: by the angle between their sides. */
#ifndef DESCENT_SIMILAR_H
#define DESCENT_SIMILAR_H

#include <stddef.h>
#include <stdint.h>

#include "descent/side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One of those that are alike. */
typedef struct dsc_neighbour {
    uint32_t index;     /* dense index of the item or user */
    double similarity;  /* cosine of the two sides, -1 .. 1, docs/math.md (100) */
    uint32_t n_ratings; /* of the item, or given by the user, in training */
} dsc_neighbour;

/* What is looked for. */
typedef struct dsc_similar_query {
    dsc_side side;        /* of an item or a user of the model, or folded in; not unknown */
    uint32_t except;      /* an index that is left out, its own; DSC_NO_INDEX: none */
    uint32_t min_ratings; /* those with fewer ratings are left out */
} dsc_similar_query;

/* The n items of the model whose sides point most in the direction of the query's, best first; ties
 * by index.
 *   out    [out]  room for n
 *   n_out  [out]  how many were found, less than n where there are no more
 * Returns DSC_OK; DSC_E_ARGUMENT an unknown side; DSC_E_MEMORY. Cost: O(items * n_factors). */
dsc_status dsc_similar_items(const dsc_recommender *model, const dsc_similar_query *query, size_t n,
                             dsc_neighbour *out, size_t *n_out, dsc_error *err);

/* The same for users. */
dsc_status dsc_similar_users(const dsc_recommender *model, const dsc_similar_query *query, size_t n,
                             dsc_neighbour *out, size_t *n_out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
