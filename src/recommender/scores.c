/* Scores of items for users, a tile of items at a time. docs/math.md (25), (190) to (192) */
#include <math.h>

#include "recommender/item_run.h"

/* Scores a run for the user that is set. */
static void score_run(dsc_scorer *scorer, const dsc_item_run *run, double *score) {
    static const float everything = -INFINITY;
    uint32_t wanted;
    dsc_item_run_rows(scorer, 1, run, &everything, &wanted);
    for (size_t c = 0; c < run->n; c++) {
        score[c] = dsc_scorer_score_of(scorer, 0, c);
    }
}

void dsc_scorer_score_all(dsc_scorer *scorer, const dsc_side *users, size_t n, double *score) {
    const size_t n_items = scorer->model->n_items, n_tiles = (n_items + DSC_TILE - 1) / DSC_TILE;
    float everything[DSC_TILE];
    uint32_t wanted[DSC_TILE], room[DSC_TILE];
    for (size_t u = 0; u < n; u++) {
        everything[u] = -INFINITY;
    }
    dsc_scorer_set_users(scorer, users, n);
    for (size_t t = 0; t < n_tiles; t++) {
        const dsc_item_run run = dsc_item_run_of(scorer, t, room);
        dsc_item_run_rows(scorer, n, &run, everything, wanted);
        for (size_t u = 0; u < n; u++) {
            for (size_t c = 0; c < run.n; c++) {
                score[u * n_items + run.items[c]] = dsc_scorer_score_of(scorer, u, c);
            }
        }
    }
}

void dsc_scorer_score_side(dsc_scorer *scorer, const dsc_side *user, size_t n, const uint32_t *item,
                           double *score) {
    if (user->vector == NULL) { /* items are known: the user */
        for (size_t p = 0; p < n; p++) {
            score[p] = scorer->model->item_appeal[item[p]];
        }
        return;
    }
    if (scorer->catalogue != NULL && n >= scorer->model->n_items / 2) {
        _Static_assert(sizeof *scorer->candidates >= sizeof *score, "scores in a list's room");
        double *all = (double *)(void *)scorer->candidates; /* (n_items) no list is made now */
        dsc_scorer_score_all(scorer, user, 1, all);
        for (size_t p = 0; p < n; p++) {
            score[p] = all[item[p]];
        }
        return;
    }
    dsc_scorer_set_users(scorer, user, 1);
    for (size_t p = 0; p < n; p += DSC_TILE) {
        const size_t left = n - p;
        const dsc_item_run run = {
            .items = item + p, .n = left < DSC_TILE ? left : DSC_TILE, .tile = DSC_NO_TILE};
        score_run(scorer, &run, score + p);
    }
}

void dsc_scorer_score(dsc_scorer *scorer, uint32_t user, size_t n, const uint32_t *item,
                      double *score) {
    const dsc_side side = dsc_recommender_user_side_at(scorer->model, user, scorer->time);
    dsc_scorer_score_side(scorer, &side, n, item, score);
}
