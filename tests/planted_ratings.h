/* Ratings with planted tastes and small models of them, for tests of the recommender.
 *
 * Functions that cannot do their job fail the running test. */
#ifndef PLANTED_RATINGS_H
#define PLANTED_RATINGS_H

#include <stddef.h>
#include <stdint.h>

#include "descent/recommender.h"

/* Even users like even items (4.5) and dislike odd ones (1.5), odd users the reverse; plus normal
 * noise. Nothing of the tastes shows in biases. */
typedef struct planted {
    size_t n_users; /* ids "u0", "u1", ... */
    size_t n_items; /* ids "i0", "i1", ... */
    double share;   /* of all pairs that are rated, above 0 */
    double noise;   /* standard deviation */
    uint64_t seed;  /* of the noise and of which pairs are rated */
    uint32_t part;  /* which pairs are rated: different parts of the same seed share no pair, as
                       long as their shares add up to at most 1; part 1 begins where 0 ends */
} planted;

/* Freed with dsc_ratings_destroy. */
dsc_ratings *planted_ratings(const planted *what);
dsc_ratings *ratings_from_text(const char *text);

/* Vectors of 4, hidden layers of 8 and 4, batches of 32, Adam at 0.01, weak penalties, 4 epochs,
 * the last of which is kept without a mean, a tenth held out. */
dsc_recommender_config small_config(void);

/* A model of planted ratings as training starts with it. Freed with dsc_recommender_destroy. */
dsc_recommender *untrained_model(const planted *what, const dsc_recommender_config *config);

/* Freed with dsc_recommender_destroy. */
dsc_recommender *must_train(const dsc_ratings *ratings, const dsc_recommender_config *config);
dsc_scorer *must_create_scorer(const dsc_recommender *model);

#endif
