/* Lists of items for users, a tile of items at a time. docs/math.md (190) to (193), (212) */
#include <float.h>
#include <math.h>

#include "recommender/baseline.h"
#include "recommender/item_run.h"
#include "recommender/output.h"

/* Bits of a filter of what a user has rated: some two thousand, of which a few hundred ratings leave most 0. */
enum { FILTER_WORDS = 64 };

/* The list of one user while items are offered to it. */
typedef struct growing {
    dsc_top_n top;
    const dsc_side *user;
    uint32_t filter[FILTER_WORDS]; /* bits of the items that the user has rated, and of others */
    size_t place;                  /* in the block of users who asked */
    double norm;                   /* of the user's vector */
    float least;                   /* sum that can enter it */
    size_t n_waiting;
    uint32_t waiting[DSC_TILE]; /* places in the catalogue's order of items that may enter it */
    float most[DSC_TILE];       /* what their sums are at most */
} growing;

static uint32_t *filter_word(growing *list, uint32_t item) {
    return &list->filter[item / 32 % FILTER_WORDS];
}

static void fill_filter(growing *list) {
    for (size_t j = 0; j < list->user->n_ratings; j++) {
        const uint32_t item = list->user->others[j];
        *filter_word(list, item) |= UINT32_C(1) << item % 32;
    }
}

static bool is_rated(growing *list, uint32_t item) {
    const dsc_side *user = list->user;
    size_t low = 0, high = (*filter_word(list, item) >> item % 32 & 1) == 1 ? user->n_ratings : 0;
    const size_t n = high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (user->others[middle] < item) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && user->others[low] == item;
}

/* The columns of those items that the user has not rated. */
static uint32_t without_rated(growing *list, const uint32_t *items, uint32_t wanted) {
    uint32_t kept = 0;
    for (; wanted != 0; wanted &= wanted - 1) {
        const size_t c = (size_t)__builtin_ctz(wanted);
        kept |= (uint32_t)!is_rated(list, items[c]) << c;
    }
    return kept;
}

/* Offers row u of the sums with a tile of items. The list itself says which of equal scores goes first, so that
 * the order of the offers is of no account. */
static void offer_row(const dsc_scorer *scorer, size_t u, const uint32_t *items, uint32_t wanted,
                      growing *list) {
    const dsc_recommender *model = scorer->model;
    for (; wanted != 0; wanted &= wanted - 1) {
        const size_t c = (size_t)__builtin_ctz(wanted);
        dsc_top_n_offer(&list->top, dsc_scorer_score_of(scorer, u, c), items[c]);
    }
    if (list->top.count == list->top.capacity && list->top.capacity > 0 && model->n_members == 0) {
        list->least = dsc_output_least_sum(model, list->top.heap[0].score);
    }
}

/* --- by estimates --------------------------------------------------------------------------- */

/* The catalogue's estimate, if the lists are so short that most items are not looked at. */
static const dsc_estimate *estimate_for(const dsc_scorer *scorer, size_t capacity) {
    enum { ITEMS_A_PLACE = 8 }; /* where all items are looked at the estimate is lost */
    const dsc_catalogue *catalogue =
        scorer->estimated != NULL ? dsc_scorer_catalogue(scorer) : NULL;
    return catalogue != NULL && scorer->model->n_items / ITEMS_A_PLACE >= capacity
               ? catalogue->estimate
               : NULL;
}

/* Offers the items that wait for user u, by their exact sums. */
static void offer_waiting(dsc_scorer *scorer, size_t u, growing *list) {
    const dsc_catalogue *catalogue = scorer->catalogue;
    const dsc_side_tile *to = &scorer->items, *users = &scorer->users;
    const size_t n = list->n_waiting, width = scorer->model->config.hidden[0];
    uint32_t items[DSC_TILE], wanted;
    list->n_waiting = 0;
    if (n == 0) {
        return;
    }
    for (size_t c = 0; c < n; c++) {
        const size_t place = list->waiting[c];
        const dsc_side_tile from = dsc_catalogue_tile(catalogue, place / DSC_TILE);
        items[c] = catalogue->items[place];
        to->bias[c] = from.bias[place % DSC_TILE];
        for (size_t k = 0; k < width; k++) {
            to->half[k * DSC_TILE + c] = from.half[k * DSC_TILE + place % DSC_TILE];
        }
    }
    const dsc_side_tile user = {users->half + u, users->bias + u, users->vectors + u};
    dsc_tile_rows_of(
        &scorer->pass,
        &(dsc_tile_lists){
            .n = 1, .users = &user, .least = &list->least, .sum = scorer->sum, .wanted = &wanted},
        to);
    offer_row(scorer, 0, items, wanted & UINT32_MAX >> (DSC_TILE - n), list);
}

/* Of the items that wait those that may still enter the list. */
static void drop_outrun(growing *list) {
    size_t n = 0;
    for (size_t c = 0; c < list->n_waiting; c++) {
        list->waiting[n] = list->waiting[c];
        list->most[n] = list->most[c];
        n += list->most[c] >= list->least;
    }
    list->n_waiting = n;
}

/* Lets the wanted items of tile t wait, the tile's estimates being `most`. */
static void let_wait(dsc_scorer *scorer, size_t u, size_t t, uint32_t wanted, growing *list) {
    const float *most = scorer->estimated->sum + u * DSC_TILE;
    for (; wanted != 0; wanted &= wanted - 1) {
        const uint32_t c = (uint32_t)__builtin_ctz(wanted);
        list->waiting[list->n_waiting] = (uint32_t)(t * DSC_TILE) + c;
        list->most[list->n_waiting++] = most[c];
        if (list->n_waiting == DSC_TILE) {
            drop_outrun(list);
            if (list->n_waiting > DSC_TILE * 3 / 4) { /* else it soon is full again */
                offer_waiting(scorer, u, list);
            }
        }
    }
}

static void offer_by_estimate(dsc_scorer *scorer, const dsc_estimate *estimate, size_t n_users,
                              growing *lists) {
    const size_t n_tiles = scorer->catalogue->n_tiles;
    float least[DSC_TILE];
    uint32_t wanted[DSC_TILE];
    dsc_estimate_set_users(estimate, &scorer->users, n_users, scorer->estimated);
    for (size_t t = 0; t < n_tiles; t++) {
        const dsc_item_run run = dsc_item_run_of(scorer, t, NULL);
        for (size_t u = 0; u < n_users; u++) {
            least[u] = lists[u].least;
        }
        dsc_estimate_rows(estimate, &scorer->pass, scorer->estimated,
                          &(dsc_estimate_lists){n_users, t, least, wanted});
        for (size_t u = 0; u < n_users; u++) {
            const uint32_t there = wanted[u] & UINT32_MAX >> (DSC_TILE - run.n);
            let_wait(scorer, u, t, without_rated(&lists[u], run.items, there), &lists[u]);
        }
    }
    for (size_t u = 0; u < n_users; u++) {
        drop_outrun(&lists[u]);
        offer_waiting(scorer, u, &lists[u]);
    }
}

/* --- by exact sums -------------------------------------------------------------------------- */

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
    const dsc_catalogue *catalogue =
        scorer->model->n_members == 0 ? dsc_scorer_catalogue(scorer) : NULL;
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
        const dsc_item_run run = dsc_item_run_of(scorer, t, room);
        dsc_item_run_rows(scorer, n_users, &run, least, wanted);
        for (size_t u = 0; u < n_users; u++) {
            if (wanted[u] != 0) {
                offer_row(scorer, u, run.items, without_rated(&lists[u], run.items, wanted[u]),
                          &lists[u]);
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
        fill_filter(&lists[n_known - 1]);
    }
    if (n_known > 0) {
        dsc_scorer_set_users(scorer, known, n_known);
    }
    const dsc_estimate *estimate = estimate_for(scorer, capacity);
    if (estimate != NULL) {
        offer_by_estimate(scorer, estimate, n_known, lists);
    } else {
        offer_all(scorer, n_known, lists);
    }
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
