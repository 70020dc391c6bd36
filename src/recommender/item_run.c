/* Runs of items against the users that a scorer is set to. docs/math.md (190) to (192) */
#include "recommender/item_run.h"

#include "recommender/member.h"

const dsc_catalogue *dsc_scorer_catalogue(const dsc_scorer *scorer) {
    const dsc_catalogue *catalogue = scorer->catalogue;
    return catalogue != NULL && dsc_catalogue_is_of(catalogue, scorer->time) ? catalogue : NULL;
}

dsc_item_run dsc_item_run_of(const dsc_scorer *scorer, size_t t, uint32_t *room) {
    const dsc_recommender *model = scorer->model;
    const dsc_catalogue *catalogue = model->n_members == 0 ? dsc_scorer_catalogue(scorer) : NULL;
    const size_t first = t * DSC_TILE, n = dsc_n_in_tile(model->n_items, t);
    if (catalogue != NULL) {
        return (dsc_item_run){.items = catalogue->items + first, .n = n, .tile = t};
    }
    for (size_t c = 0; c < n; c++) {
        room[c] = (uint32_t)(first + c);
    }
    return (dsc_item_run){.items = room, .n = n, .tile = t};
}

void dsc_scorer_set_users(dsc_scorer *scorer, const dsc_side *users, size_t n) {
    const dsc_recommender *model = scorer->model;
    for (size_t m = 0; m < model->n_members; m++) {
        dsc_side sides[DSC_TILE];
        for (size_t u = 0; u < n; u++) {
            sides[u] = dsc_member_side(model, m, &users[u], false);
        }
        dsc_scorer_set_users(scorer->members[m], sides, n);
    }
    if (model->n_members == 0) {
        dsc_tile_pass_init(&scorer->pass, model, scorer->scratch);
        dsc_side_tile_fill(model, &scorer->users, users, n, false);
    }
}

/* The tile of a run: that of the catalogue, or the scorer's own, which is filled. */
static dsc_side_tile tile_of(dsc_scorer *scorer, const dsc_item_run *run) {
    const dsc_catalogue *catalogue = dsc_scorer_catalogue(scorer);
    if (run->tile != DSC_NO_TILE && catalogue != NULL) {
        return dsc_catalogue_tile(catalogue, run->tile);
    }
    dsc_side sides[DSC_TILE];
    for (size_t c = 0; c < run->n; c++) {
        sides[c] = dsc_recommender_item_side_at(scorer->model, run->items[c], scorer->time);
    }
    dsc_side_tile_fill(scorer->model, &scorer->items, sides, run->n, true);
    return scorer->items;
}

void dsc_item_run_rows(dsc_scorer *scorer, size_t n_users, const dsc_item_run *run,
                       const float *least, uint32_t *wanted) {
    const dsc_recommender *model = scorer->model;
    const uint32_t all = UINT32_MAX >> (DSC_TILE - run->n);
    for (size_t m = 0; m < model->n_members; m++) {
        dsc_item_run_rows(scorer->members[m], n_users, run, least, wanted);
    }
    if (model->n_members > 0) {
        for (size_t u = 0; u < n_users; u++) {
            wanted[u] = all;
        }
        return;
    }
    const dsc_side_tile items = tile_of(scorer, run);
    dsc_tile_rows_of(&scorer->pass,
                     &(dsc_tile_lists){.n = n_users,
                                       .users = &scorer->users,
                                       .least = least,
                                       .sum = scorer->sum,
                                       .wanted = wanted},
                     &items);
    for (size_t u = 0; u < n_users; u++) {
        wanted[u] &= all;
    }
}
