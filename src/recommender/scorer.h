/* The scratch of predictions, for the files that predict pairs and that list items. */
#ifndef DSC_RECOMMENDER_SCORER_H
#define DSC_RECOMMENDER_SCORER_H

#include "recommender/catalogue.h"
#include "recommender/top_n.h"

struct dsc_scorer {
    const dsc_recommender *model;
    const dsc_catalogue *catalogue; /* NULL: tiles of items are filled when they are needed */
    int64_t time;
    dsc_scorer *
        *members;  /* (n_members) of a blend, each with the same pairs in its tile; else NULL */
    float *memory; /* the block that holds the tiles, scratch and sums; not of a blend */
    dsc_side_tile users;
    dsc_side_tile items;
    dsc_estimate_users *estimated; /* NULL: the catalogue has no estimate */
    float *scratch;                /* of the pass */
    dsc_tile_pass pass; /* of the model's parameters when pairs or users were last taken up */
    float
        *sum; /* (DSC_TILE, DSC_TILE) f of (18) without mean and spread: of pairs row 0, in lists a
                       row for each user */
    size_t n_pending;         /* pairs that wait in the tile */
    size_t pending[DSC_TILE]; /* which one each column is for */
    dsc_side pending_user[DSC_TILE];
    dsc_side pending_item[DSC_TILE];
    dsc_candidate *candidates; /* (n_items) */
};

/* What item or pair c of row u is ordered by, once its sums are there: of a blend the mean of
 * its members' ratings, docs/math.md (155). */
double dsc_scorer_score_of(const dsc_scorer *scorer, size_t u, size_t c);

/* Scores all of the model's items for known users, as dsc_scorer_score_side does for one.
 *   users  [in]   (n), 1 .. DSC_TILE
 *   score  [out]  (n, n_items) */
void dsc_scorer_score_all(dsc_scorer *scorer, const dsc_side *users, size_t n, double *score);

/* Users who get lists at once. */
typedef struct dsc_user_block {
    const dsc_side *users; /* (n_users) */
    size_t n_users;        /* 0 .. DSC_TILE */
    size_t n;              /* items for each */
    dsc_candidate *heaps;  /* (n_users, the less of n and the model's items) scratch */
} dsc_user_block;

/* dsc_scorer_recommend_side for each of them.
 *   out    [out]  (n_users, n)
 *   n_out  [out]  (n_users) */
void dsc_scorer_recommend_block(dsc_scorer *scorer, const dsc_user_block *block,
                                dsc_recommendation *out, size_t *n_out);

#endif
