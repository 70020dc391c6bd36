/* Small members of different forms and a blend of them, for tests of blends.
 *
 * Functions that cannot do their job fail the running test. */
#ifndef BLENDED_H
#define BLENDED_H

#include "descent/blend.h"

enum { N_BLENDED = 3 };

/* Histories, a dot product and a perceptron, of a few vectors and epochs. */
void blended_members(dsc_recommender_config members[N_BLENDED]);

/* Of those, with one share of the ratings held out, on one thread; borrows `members`. */
dsc_blend_config blended_config(const dsc_recommender_config *members);

/* Freed with dsc_recommender_destroy; report NULL allowed. */
dsc_recommender *must_blend(const dsc_ratings *ratings, const dsc_blend_config *config,
                            dsc_blend_report *report);

#endif
