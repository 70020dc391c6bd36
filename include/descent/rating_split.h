/* Splits of ratings into a part to learn from and a part to test with, by the usual protocols.
 *
 * Both parts are ratings of their own, with id maps that hold nothing but their own users and
 * items: whoever is handed the first cannot see the second. Everything is fixed by the ratings, the
 * plan and its seed; the values of ratings play no part. */
#ifndef DESCENT_RATING_SPLIT_H
#define DESCENT_RATING_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/ratings.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which ratings are tested. */
typedef enum dsc_protocol {
    DSC_PROTOCOL_HOLDOUT = 0,       /* a random share of all ratings */
    DSC_PROTOCOL_FOLDS = 1,         /* all, each in one of several splits of equal size */
    DSC_PROTOCOL_LEAVE_ONE_OUT = 2, /* of every user with two or more the last in time, without
                                       times one at random */
    DSC_PROTOCOL_TIME = 3           /* all that came after a moment: about the last share */
} dsc_protocol;

/* "holdout", "folds", "leave-one-out", "time"; NULL for a value outside the enum. Static. */
const char *dsc_protocol_name(dsc_protocol protocol);

/* A protocol with its settings. */
typedef struct dsc_split_plan {
    dsc_protocol protocol; /* which of the fields below count */
    double share;          /* HOLDOUT, TIME: above 0 and below 1 */
    uint32_t n_folds;      /* FOLDS: 2 .. number of ratings */
    uint64_t seed; /* HOLDOUT, FOLDS; LEAVE_ONE_OUT for ties in time and where there is none */
} dsc_split_plan;

/* Into how many pairs of parts the plan splits: n_folds, or 1. */
uint32_t dsc_split_plan_count(const dsc_split_plan *plan);

/* Assigns each rating the split in which it is tested.
 *   split  [out]  (n_entries) in the order of dsc_ratings_by_user: below the plan's count, or
 *                 DSC_NO_INDEX for a rating that is only learned from
 * Under TIME ratings of one second stay together, on the learning side where the share would cut
 * them, so that nothing is learned from after what is tested.
 * Returns DSC_OK; DSC_E_ARGUMENT (err->where names the setting); DSC_E_DATA no times where they are
 * needed, nothing left to test or to learn from; DSC_E_MEMORY; *split is undefined then. */
dsc_status dsc_ratings_assign(const dsc_ratings *ratings, const dsc_split_plan *plan,
                              uint32_t *split, dsc_error *err);

/* One part.
 *   split, k, is_in  [in]   the ratings with split[entry] == k, or without is_in all others
 *   out              [out]  freed with dsc_ratings_destroy; indices by first appearance in the order
 *                           of users, which is that of a file written by user; NULL after a failure
 * Returns DSC_OK; DSC_E_DATA no rating; DSC_E_MEMORY. */
dsc_status dsc_ratings_part(dsc_ratings **out, const dsc_ratings *ratings, const uint32_t *split,
                            uint32_t k, bool is_in, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
