/* Items that a scorer takes together, and their sums with the users that it is set to. docs/math.md (190) to
 * (192) */
#ifndef DSC_RECOMMENDER_ITEM_RUN_H
#define DSC_RECOMMENDER_ITEM_RUN_H

#include "recommender/scorer.h"

/* Items that are scored together, a column each: whatever ones, or those of a tile. */
typedef struct dsc_item_run {
    const uint32_t *items; /* (n) */
    size_t n;              /* 1 .. DSC_TILE */
    size_t tile;           /* DSC_NO_TILE: whatever ones */
} dsc_item_run;

#define DSC_NO_TILE SIZE_MAX

/* The catalogue, if there is one and it is of the scorer's time. */
const dsc_catalogue *dsc_scorer_catalogue(const dsc_scorer *scorer);

/* Takes n known users, 1 .. DSC_TILE. */
void dsc_scorer_set_users(dsc_scorer *scorer, const dsc_side *users, size_t n);

/* The items of tile t: as the catalogue has them, else by index, into `room`, (DSC_TILE). */
dsc_item_run dsc_item_run_of(const dsc_scorer *scorer, size_t t, uint32_t *room);

/* Computes the sums of the users that are set with a run of items.
 *   least   [in]   (n_users) for each the sum from which on its items are wanted
 *   wanted  [out]  (n_users) the columns of those, as bits; of a blend all */
void dsc_item_run_rows(dsc_scorer *scorer, size_t n_users, const dsc_item_run *run,
                       const float *least, uint32_t *wanted);

#endif
