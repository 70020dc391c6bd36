/* The candidates of one test user: which items are ranked, and which of them are relevant. */
#ifndef DSC_RECOMMENDER_CANDIDATES_H
#define DSC_RECOMMENDER_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/evaluation.h"

/* What is known of all users, and the candidates of the last one. */
typedef struct dsc_candidates {
    const dsc_recommender *model;
    const dsc_ratings *test;
    const dsc_ranking_plan *plan;
    double min_relevant;     /* as planned; of implicit feedback -INFINITY */
    uint32_t *item_of;       /* (test items) the model's index, or DSC_NO_INDEX */
    uint32_t *given_of;      /* (given items) the same */
    uint32_t *given_in_test; /* (given items) the test ratings' index, or DSC_NO_INDEX */
    unsigned char *mark;     /* (n_items) what the user did with the item */
    bool *is_liked;          /* (test items) relevant to this user; all false between users */

    uint32_t user;     /* the model's index, or DSC_NO_INDEX */
    dsc_side side;     /* as planned, or the model's of that index */
    size_t capacity;   /* most candidates of any user */
    size_t n;          /* candidates */
    size_t n_known;    /* of them, whose items the model knows: the first ones */
    size_t n_relevant; /* of them all */
    size_t n_free;     /* items that the user rated neither in training nor in the test */
    size_t n_seen;     /* test ratings of the user that the model was trained on */
    size_t n_dropped;  /* given negatives that are none */
    uint32_t *item;    /* (capacity) the model's index; DSC_NO_INDEX from n_known on */
    bool *is_relevant; /* (capacity) */
} dsc_candidates;

/* Freed with dsc_candidates_clear after success and failure. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_candidates_init(dsc_candidates *c, const dsc_recommender *model,
                               const dsc_ratings *test, const dsc_ranking_plan *plan,
                               dsc_error *err);
void dsc_candidates_clear(dsc_candidates *c);

/* Finds the candidates of a user of the test ratings; *n_relevant 0: there is nothing to rank.
 * Returns DSC_OK; DSC_E_DATA no given negatives. Cost: O(items + ratings of the user). */
dsc_status dsc_candidates_of(dsc_candidates *c, uint32_t test_user, dsc_error *err);

#endif
