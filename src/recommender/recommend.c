/* Scores and lists of items for users, a tile of items at a time. docs/math.md (25), (190) to
 * (192) */
#include <float.h>
#include <math.h>

#include "recommender/baseline.h"
#include "recommender/member.h"
#include "recommender/output.h"
#include "recommender/scorer.h"

/* Items that are scored together, a column each: whatever ones, or those of a tile. */
typedef struct item_run {
    const uint32_t *items; /* (n) */
    size_t n;              /* 1 .. DSC_TILE */
    size_t tile;           /* NO_TILE: whatever ones */
} item_run;

#define NO_TILE SIZE_MAX

/* The catalogue, if there is one and it is of the scorer's time. */
static const dsc_catalogue *catalogue_of(const dsc_scorer *scorer) {
    const dsc_catalogue *catalogue = scorer->catalogue;
    return catalogue != NULL && dsc_catalogue_is_of(catalogue, scorer->time) ? catalogue : NULL;
}

/* The items of tile t: as the catalogue has them, else by index, into `room`, (DSC_TILE). */
static item_run run_of(const dsc_scorer *scorer, size_t t, uint32_t *room) {
    const dsc_recommender *model = scorer->model;
    const dsc_catalogue *catalogue = model->n_members == 0 ? catalogue_of(scorer) : NULL;
    const size_t first = t * DSC_TILE, left = model->n_items - first;
    const size_t n = left < DSC_TILE ? left : DSC_TILE;
    if (catalogue != NULL) {
        return (item_run){.items = catalogue->items + first, .n = n, .tile = t};
    }
    for (size_t c = 0; c < n; c++) {
        room[c] = (uint32_t)(first + c);
    }
    return (item_run){.items = room, .n = n, .tile = t};
}

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
    const dsc_catalogue *catalogue = catalogue_of(scorer);
    if (run->tile != NO_TILE && catalogue != NULL) {
        return dsc_catalogue_tile(catalogue, run->tile);
    }
    dsc_side sides[DSC_TILE];
    for (size_t c = 0; c < run->n; c++) {
        sides[c] = dsc_recommender_item_side_at(scorer->model, run->items[c], scorer->time);
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

/* Scores a run for the user that is set. */
static void score_run(dsc_scorer *scorer, const item_run *run, double *score) {
    static const float everything = -INFINITY;
    uint32_t wanted;
    run_rows(scorer, 1, run, &everything, &wanted);
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
    set_users(scorer, users, n);
    for (size_t t = 0; t < n_tiles; t++) {
        const item_run run = run_of(scorer, t, room);
        run_rows(scorer, n, &run, everything, wanted);
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
    set_users(scorer, user, 1);
    for (size_t p = 0; p < n; p += DSC_TILE) {
        const size_t left = n - p;
        const item_run run = {
            .items = item + p, .n = left < DSC_TILE ? left : DSC_TILE, .tile = NO_TILE};
        score_run(scorer, &run, score + p);
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
    size_t place; /* in the block of users who asked */
    double norm;  /* of the user's vector */
    float least;  /* sum that can enter it */
} growing;

static bool is_rated(const dsc_side *user, uint32_t item) {
    size_t low = 0, high = user->n_ratings;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (user->others[middle] < item) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < user->n_ratings && user->others[low] == item;
}

/* Offers row u of a run. The list itself says
 * which of equal scores goes first, so that the order of the offers is of no account. */
static void offer_row(const dsc_scorer *scorer, size_t u, const item_run *run, uint32_t wanted,
                      growing *list) {
    const dsc_recommender *model = scorer->model;
    for (; wanted != 0; wanted &= wanted - 1) {
        const size_t c = (size_t)__builtin_ctz(wanted);
        if (!is_rated(list->user, run->items[c])) {
            dsc_top_n_offer(&list->top, dsc_scorer_score_of(scorer, u, c), run->items[c]);
        }
    }
    if (list->top.count == list->top.capacity && list->top.capacity > 0 && model->n_members == 0) {
        list->least = dsc_output_least_sum(model, list->top.heap[0].score);
    }
}

/* Whether any item in reach has a sum that the user in column u wants: no dot product is longer than
 * the two norms' product, but for rounding, and additions round alike. docs/math.md (193) */
static bool can_enter(const dsc_scorer *scorer, size_t u, const growing *list,
                      const dsc_tile_reach *reach) {
    const double rounding = (double)scorer->model->config.n_factors * 4 * (double)FLT_EPSILON;
    const double dot = list->norm * reach->norm * (1 + rounding) + (double)FLT_MIN;
    const float most = nextafterf((float)dot, INFINITY);
    return most + scorer->users.bias[u] + reach->bias >= list->least;
}

/* Puts the user in column `from` into column `to`; of a model without network. */
static void move_user(dsc_scorer *scorer, size_t from, size_t to, growing *lists) {
    float *vectors = scorer->users.vectors;
    for (size_t f = 0; f < scorer->model->config.n_factors; f++) {
        vectors[f * DSC_TILE + to] = vectors[f * DSC_TILE + from];
    }
    scorer->users.bias[to] = scorer->users.bias[from];
    growing *const done = &lists[to];
    const growing moved = lists[from];
    lists[from] = *done;
    *done = moved;
}

/* Moves those users behind the others whose lists nothing from tile t on can enter; returns how many
 * are left. */
static size_t keep_unfinished(dsc_scorer *scorer, size_t n_users, size_t t, growing *lists) {
    const dsc_catalogue *catalogue = scorer->model->n_members == 0 ? catalogue_of(scorer) : NULL;
    if (catalogue == NULL || catalogue->reach == NULL) {
        return n_users;
    }
    for (size_t u = n_users; u-- > 0;) {
        if (!can_enter(scorer, u, &lists[u], &catalogue->reach[t])) {
            move_user(scorer, --n_users, u, lists);
        }
    }
    return n_users;
}

static void offer_all(dsc_scorer *scorer, size_t n_users, growing *lists) {
    const dsc_recommender *model = scorer->model;
    const size_t n_tiles = (model->n_items + DSC_TILE - 1) / DSC_TILE;
    float least[DSC_TILE];
    uint32_t wanted[DSC_TILE], room[DSC_TILE];
    for (size_t t = 0; t < n_tiles; t++) {
        n_users = keep_unfinished(scorer, n_users, t, lists);
        if (n_users == 0) {
            return;
        }
        for (size_t u = 0; u < n_users; u++) {
            least[u] = lists[u].least;
        }
        const item_run run = run_of(scorer, t, room);
        run_rows(scorer, n_users, &run, least, wanted);
        for (size_t u = 0; u < n_users; u++) {
            if (wanted[u] != 0) {
                offer_row(scorer, u, &run, wanted[u], &lists[u]);
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
    size_t n_known = 0;
    for (size_t u = 0; u < block->n_users; u++) {
        const dsc_side *user = &block->users[u];
        dsc_top_n top = {.heap = block->heaps + u * capacity, .capacity = capacity};
        if (user->vector == NULL) {
            offer_appealing(model, &top);
            n_out[u] = write_list(model, false, &top, out + u * block->n);
            continue;
        }
        known[n_known] = *user;
        lists[n_known++] = (growing){
            .top = top,
            .user = user,
            .place = u,
            .norm = sqrt(model->kernels->sum_of_squares(user->vector, model->config.n_factors)),
            .least = -INFINITY};
    }
    if (n_known > 0) {
        set_users(scorer, known, n_known);
    }
    offer_all(scorer, n_known, lists);
    for (size_t l = 0; l < n_known; l++) {
        const size_t u = lists[l].place;
        n_out[u] = write_list(model, true, &lists[l].top, out + u * block->n);
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
