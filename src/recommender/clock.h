/* When ratings were given: bins of the training span, and the sessions of each user.
 *
 * Bins are for all users and hold about equally many ratings. A session is a run of one user's ratings
 * with no pause longer than a gap between two of them. docs/math.md (148) */
#ifndef DSC_RECOMMENDER_CLOCK_H
#define DSC_RECOMMENDER_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "ratings/sparse.h"

/* All zero is a valid one that tells nothing. */
typedef struct dsc_clock {
    size_t n_bins;           /* 0: none */
    int64_t *bin_start;      /* (n_bins) the first second of each, ascending */
    uint64_t gap;            /* seconds; 0: no sessions */
    size_t n_sessions;       /* of all users together, user by user, each one's in their order */
    uint64_t *first_session; /* (n_users + 1) */
    int64_t *begin;          /* (n_sessions) the time of its first rating */
    int64_t *end;            /* (n_sessions) and of its last */
} dsc_clock;

/* Reads the times of `ratings` (users, items).
 *   n_bins  [in]  0: none
 *   gap     [in]  0: no sessions
 * Returns DSC_OK; DSC_E_DATA the ratings have no times; DSC_E_MEMORY. */
dsc_status dsc_clock_init(dsc_clock *out, dsc_sparse ratings, size_t n_bins, uint64_t gap,
                          dsc_error *err);
void dsc_clock_clear(dsc_clock *clock); /* all zero is allowed */

/* The bin of a time, with bins: the first for all times before, the last for all after. */
size_t dsc_clock_bin(const dsc_clock *clock, int64_t time);

/* The session of the user in which the time lies, or that it is no further than the gap away from,
 * the nearer one of two; DSC_NO_INDEX: none. */
uint32_t dsc_clock_session(const dsc_clock *clock, uint32_t user, int64_t time);

#endif
