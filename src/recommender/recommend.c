/* Scores and lists of items for users, a tile of items at a time. docs/math.md (25), (190) to
 * (192) */
#include <math.h>

#include "recommender/baseline.h"
#include "recommender/member.h"
#include "recommender/output.h"
#include "recommender/scorer.h"

/* Items that are scored together. */
typedef struct item_run {
    const uint32_t
        *list; /* (n) NULL: neighbours by index from `first` on, at a multiple of DSC_TILE */
    size_t first;
    size_t n; /* 1 .. DSC_TILE */
} item_run;

static void set_users(dsc_scorer *scorer, const dsc_side *users, size_t n) {
    const dsc_recommender *model = scorer->model;
    for (size_t m = 0; m < model->n_members; m++) {
        dsc_side sides[DSC_TILE];
        for (size_t u = 0; u < n; u++) {
            sides[u] = dsc_member_side(model, m, &users[u], false);
        }
        set_users(scorer->members[m], sides, n);
    }
    if (model->n_members == 0) {
        dsc_tile_pass_init(&scorer->pass, model, scorer->scratch);
        dsc_side_tile_fill(model, &scorer->users, users, n, false);
    }
}

/* The tile of a run: that of the catalogue, or the scorer's own, which is filled. */
static dsc_side_tile tile_of(dsc_scorer *scorer, const item_run *run) {
    const dsc_catalogue *catalogue = scorer->catalogue;
    if (run->list == NULL && catalogue != NULL && dsc_catalogue_is_of(catalogue, scorer->time)) {
        return dsc_catalogue_tile(catalogue, run->first / DSC_TILE);
    }
    dsc_side sides[DSC_TILE];
    for (size_t c = 0; c < run->n; c++) {
        const size_t item = run->list != NULL ? run->list[c] : run->first + c;
        sides[c] = dsc_recommender_item_side_at(scorer->model, (uint32_t)item, scorer->time);
    }
    dsc_side_tile_fill(scorer->model, &scorer->items, sides, run->n, true);
    return scorer->items;
}

/* Computes the sums of the users that are set with a run of items.
 *   least   [in]   (n_users) for each the sum from which on its items are wanted
 *   wanted  [out]  (n_users) the columns of those, as bits; of a blend all */
static void run_rows(dsc_scorer *scorer, size_t n_users, const item_run *run, const float *least,
                     uint32_t *wanted) {
    const dsc_recommender *model = scorer->model;
    const uint32_t all = UINT32_MAX >> (DSC_TILE - run->n);
    for (size_t m = 0; m < model->n_members; m++) {
        run_rows(scorer->members[m], n_users, run, least, wanted);
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

/* --- scores ----------------------------------------------------------------------------------- */

/* How many items of a list from p on are in one tile of a catalogue, ascending. */
static size_t length_in_tile(const uint32_t *item, size_t n) {
    size_t length = 1;
    while (length < n && item[length] > item[length - 1] &&
           item[length] / DSC_TILE == item[0] / DSC_TILE) {
        length++;
    }
    return length;
}

/* Scores the next items of a list, at most DSC_TILE; returns how many. Where the list has many
 * of a tile, the whole of it is the cheapest. */
static size_t score_some(dsc_scorer *scorer, size_t n, const uint32_t *item, double *score) {
    static const float everything = -INFINITY;
    enum { MANY = DSC_TILE / 4 };
    uint32_t wanted;
    const size_t length = length_in_tile(item, n);
    if (scorer->catalogue != NULL && length >= MANY) {
        const size_t first = item[0] - item[0] % DSC_TILE;
        const size_t left = scorer->model->n_items - first;
        const item_run run = {.first = first, .n = left < DSC_TILE ? left : DSC_TILE};
        run_rows(scorer, 1, &run, &everything, &wanted);
        for (size_t p = 0; p < length; p++) {
            score[p] = dsc_scorer_score_of(scorer, 0, item[p] % DSC_TILE);
        }
        return length;
    }
    const item_run run = {.list = item, .n = n < DSC_TILE ? n : DSC_TILE};
    run_rows(scorer, 1, &run, &everything, &wanted);
    for (size_t c = 0; c < run.n; c++) {
        score[c] = dsc_scorer_score_of(scorer, 0, c);
    }
    return run.n;
}

void dsc_scorer_score_side(dsc_scorer *scorer, const dsc_side *user, size_t n, const uint32_t *item,
                           double *score) {
    if (user->vector == NULL) { /* items are known: the user */
        for (size_t p = 0; p < n; p++) {
            score[p] = scorer->model->item_appeal[item[p]];
        }
        return;
    }
    set_users(scorer, user, 1);
    for (size_t p = 0; p < n;) {
        p += score_some(scorer, n - p, item + p, score + p);
    }
}

void dsc_scorer_score(dsc_scorer *scorer, uint32_t user, size_t n, const uint32_t *item,
                      double *score) {
    const dsc_side side = dsc_recommender_user_side_at(scorer->model, user, scorer->time);
    dsc_scorer_score_side(scorer, &side, n, item, score);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* The list of one user while items are offered to it. */
typedef struct growing {
    dsc_top_n top;
    const dsc_side *user;
    size_t n_passed; /* of the user's items, ascending: those before the item that is looked at */
} growing;

/* Whether the user rated an item; asked for ascending ones. */
static bool is_rated(growing *list, uint32_t item) {
    const dsc_side *user = list->user;
    while (list->n_passed < user->n_ratings && user->others[list->n_passed] < item) {
        list->n_passed++;
    }
    return list->n_passed < user->n_ratings && user->others[list->n_passed] == item;
}

/* Offers row u of a tile that begins with item `first`; returns the least sum that can still enter
 * the list. Equal scores of later items cannot, but rounding may hide which are equal. */
static float offer_row(const dsc_scorer *scorer, size_t u, size_t first, uint32_t wanted,
                       growing *list) {
    const dsc_recommender *model = scorer->model;
    for (; wanted != 0; wanted &= wanted - 1) {
        const size_t c = (size_t)__builtin_ctz(wanted);
        const uint32_t item = (uint32_t)(first + c);
        if (!is_rated(list, item)) {
            dsc_top_n_offer(&list->top, dsc_scorer_score_of(scorer, u, c), item);
        }
    }
    return list->top.count < list->top.capacity || list->top.capacity == 0 || model->n_members > 0
               ? -INFINITY
               : dsc_output_least_sum(model, list->top.heap[0].score);
}

static void offer_all(dsc_scorer *scorer, size_t n_users, growing *lists) {
    const size_t n_items = scorer->model->n_items;
    float least[DSC_TILE];
    uint32_t wanted[DSC_TILE];
    for (size_t u = 0; u < n_users; u++) {
        least[u] = -INFINITY;
    }
    for (size_t first = 0; first < n_items && n_users > 0; first += DSC_TILE) {
        const size_t left = n_items - first;
        const item_run run = {.first = first, .n = left < DSC_TILE ? left : DSC_TILE};
        run_rows(scorer, n_users, &run, least, wanted);
        for (size_t u = 0; u < n_users; u++) {
            if (wanted[u] != 0) {
                least[u] = offer_row(scorer, u, first, wanted[u], &lists[u]);
            }
        }
    }
}

/* Somebody unknown gets what appeals to all. */
static void offer_appealing(const dsc_recommender *model, dsc_top_n *top) {
    for (uint32_t item = 0; item < model->n_items; item++) {
        dsc_top_n_offer(top, model->item_appeal[item], item);
    }
}

/* Writes a list, best first; returns its length. */
static size_t write_list(const dsc_recommender *model, bool is_known, dsc_top_n *top,
                         dsc_recommendation *out) {
    dsc_top_n_sort(top);
    for (size_t r = 0; r < top->count; r++) {
        const uint32_t item = top->heap[r].item;
        const double score = top->heap[r].score;
        const double rating = is_known ? dsc_output_rating(model, score) : dsc_clip(model, score);
        out[r] = (dsc_recommendation){
            .item = item, .rating = (float)rating, .n_ratings = model->item_count[item]};
    }
    return top->count;
}

void dsc_scorer_recommend_block(dsc_scorer *scorer, const dsc_user_block *block,
                                dsc_recommendation *out, size_t *n_out) {
    const dsc_recommender *model = scorer->model;
    const size_t capacity = block->n < model->n_items ? block->n : model->n_items;
    growing lists[DSC_TILE];
    dsc_side known[DSC_TILE];
    size_t place[DSC_TILE], n_known = 0;
    for (size_t u = 0; u < block->n_users; u++) {
        dsc_top_n top = {.heap = block->heaps + u * capacity, .capacity = capacity};
        if (block->users[u].vector == NULL) {
            offer_appealing(model, &top);
            n_out[u] = write_list(model, false, &top, out + u * block->n);
            continue;
        }
        place[n_known] = u;
        known[n_known] = block->users[u];
        lists[n_known++] = (growing){.top = top, .user = &block->users[u]};
    }
    if (n_known > 0) {
        set_users(scorer, known, n_known);
    }
    offer_all(scorer, n_known, lists);
    for (size_t l = 0; l < n_known; l++) {
        n_out[place[l]] = write_list(model, true, &lists[l].top, out + place[l] * block->n);
    }
}

void dsc_scorer_recommend_side(dsc_scorer *scorer, const dsc_side *user, size_t n,
                               dsc_recommendation *out, size_t *n_out) {
    dsc_scorer_recommend_block(
        scorer, &(dsc_user_block){.users = user, .n_users = 1, .n = n, .heaps = scorer->candidates},
        out, n_out);
}

void dsc_scorer_recommend(dsc_scorer *scorer, uint32_t user, size_t n, dsc_recommendation *out,
                          size_t *n_out) {
    const dsc_side side = dsc_recommender_user_side_at(scorer->model, user, scorer->time);
    dsc_scorer_recommend_side(scorer, &side, n, out, n_out);
}
