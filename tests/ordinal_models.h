/* Ratings that are marks, and small models of them with an ordinal loss.
 *
 * Functions that cannot do their job fail the running test. */
#ifndef ORDINAL_MODELS_H
#define ORDINAL_MODELS_H

#include "recommender/model.h"

/* Tastes as in planted_ratings, as marks from 1 to 5; parts as there. Freed with dsc_ratings_destroy. */
dsc_ratings *planted_marks(size_t n_users, size_t n_items, double share, uint32_t part);

/* Of few vectors, with an ordinal loss. */
dsc_recommender_config ordinal_config(dsc_form form);

/* In values and thresholds. */
void assert_same_ordinal(const dsc_recommender *a, const dsc_recommender *b);

/* One of them, trained, in a folder of its own. */
typedef struct ordinal_model {
    void *dir;
    char *path; /* for its file */
    dsc_ratings *ratings;
    dsc_recommender *model; /* all parts but the network, near its minimum */
} ordinal_model;

/* Before and after a test, whose state it is. */
int ordinal_begin(void **state);
int ordinal_end(void **state);

#endif
