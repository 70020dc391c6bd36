/* Training of a product of vectors with biases rating by rating, by twin AdaGrad: docs/math.md (180)
 * to (189).
 *
 * The ratings lie in a square grid of blocks. Blocks of a round share neither users nor items, so
 * that threads take them at once; grid, order and rounds follow from the ratings and the seed
 * alone, and with them the result. */
#ifndef DSC_RECOMMENDER_FACTORISATION_H
#define DSC_RECOMMENDER_FACTORISATION_H

#include <stddef.h>

#include "base/pool.h"
#include "recommender/kept_ratings.h"
#include "recommender/model.h"

typedef struct dsc_factorisation dsc_factorisation;

/* Borrows the model and the matrix of the ratings, of which it trains on at least one, until it is
 * destroyed; holds 4 bytes for each of these. The vectors' start is drawn from the seed; what
 * the model has is not looked at. Threads: those of the configuration.
 * Returns DSC_OK; DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_factorisation_create(dsc_factorisation **out, dsc_recommender *model,
                                    dsc_kept_ratings ratings, dsc_error *err);
void dsc_factorisation_destroy(dsc_factorisation *factorisation); /* NULL is allowed */

/* The threads that the configuration asks for, for what is done between steps; its own. */
dsc_pool *dsc_factorisation_pool(const dsc_factorisation *factorisation);

/* The rounds of an epoch; each has about as many ratings. */
size_t dsc_factorisation_n_rounds(const dsc_factorisation *factorisation);

/* Runs one round, 0 to n_rounds - 1 one after the other, of an epoch, from 1. Returns the sum of
 * squared errors, each before its step. Allocates nothing. */
double dsc_factorisation_run(dsc_factorisation *factorisation, size_t epoch, size_t round);

/* Gives the model what was learned so far. */
void dsc_factorisation_hand_over(dsc_factorisation *factorisation);

#endif
