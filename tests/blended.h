/* Small members of different forms and blends of them, for tests of blends.
 *
 * Functions that cannot do their job fail the running test. */
#ifndef BLENDED_H
#define BLENDED_H

#include "descent/blend.h"

enum { N_BLENDED = 3, N_BLENDED_USERS = 40, N_BLENDED_ITEMS = 30 };

/* Histories, a dot product and a perceptron, of a few vectors and epochs. */
void blended_members(dsc_recommender_config members[N_BLENDED]);

/* Of those, with one share of the ratings held out, on one thread; borrows `members`. */
dsc_blend_config blended_config(const dsc_recommender_config *members);

/* Freed with dsc_recommender_destroy; report NULL allowed. */
dsc_recommender *must_blend(const dsc_ratings *ratings, const dsc_blend_config *config,
                            dsc_blend_report *report);

/* A blend of all, trained on small planted ratings. */
typedef struct blended {
    dsc_ratings *ratings; /* of N_BLENDED_USERS and N_BLENDED_ITEMS */
    dsc_recommender_config members[N_BLENDED];
    dsc_recommender *blend; /* with weights 0.2, 0.5, 0.3 in their order */
} blended;

/* Before and after a group of tests, whose state it is. */
int blended_begin(void **state);
int blended_end(void **state);

/* The weights that it was given, ten times as large. */
extern const double blended_weights[N_BLENDED];

/* Of one pair, before clipping. */
double blended_score(const dsc_recommender *model, uint32_t user, uint32_t item);

#endif
