/* Catalogues: tiles of a model's items, and lists for many users by threads. docs/math.md (190) to
 * (193), (212) */
#include "recommender/catalogue.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "recommender/scorer.h"

bool dsc_catalogue_is_of(const dsc_catalogue *catalogue, int64_t time) {
    return catalogue->time == time || !dsc_uses_time(&catalogue->model->config);
}

/* What is prepared for. */
typedef enum purpose { FOR_NOTHING, FOR_SCORES, FOR_LISTS } purpose;

static dsc_status create(dsc_catalogue **out, const dsc_recommender *model, int64_t time,
                         purpose what_for, dsc_error *err);

static dsc_status create_members(dsc_catalogue *catalogue, dsc_error *err) {
    const dsc_recommender *model = catalogue->model;
    dsc_status status = DSC_OK;
    catalogue->members = dsc_alloc(model->n_members, sizeof(dsc_catalogue *)); /* of a pointer */
    if (catalogue->members == NULL) {
        return dsc_fail_memory(err, "a catalogue");
    }
    for (size_t m = 0; status == DSC_OK && m < model->n_members; m++) {
        status = create(&catalogue->members[m], model->members[m].model, catalogue->time,
                        catalogue->has_lists ? FOR_LISTS : FOR_SCORES, err);
    }
    return status;
}

/* --- tiles and their order ------------------------------------------------------------------- */

/* How high an item can come for a user whose vector has the usual length. */
typedef struct height {
    double height;
    uint32_t item;
} height;

static int highest_first(const void *a, const void *b) {
    const height *x = a, *y = b;
    return x->height > y->height   ? -1
           : x->height < y->height ? 1
                                   : (x->item > y->item) - (x->item < y->item);
}

static double norm_of(const dsc_recommender *model, const float *vector) {
    return sqrt(model->kernels->sum_of_squares(vector, model->config.n_factors));
}

static float bias_of(const dsc_side *side) {
    return side->bias + side->offset;
}

/* Members of a blend are asked for the same items at once, and a perceptron has no bound for whole tiles: (212)
 * is one for pairs. */
static bool may_pass_over(const dsc_catalogue *catalogue) {
    const dsc_recommender *model = catalogue->model;
    return catalogue->has_lists && model->config.use_dot && model->network == NULL &&
           !model->is_member;
}

static bool may_estimate(const dsc_catalogue *catalogue) {
    return catalogue->has_lists && dsc_estimate_helps(catalogue->model);
}

static dsc_status order_items(dsc_catalogue *catalogue, dsc_error *err) {
    const dsc_recommender *model = catalogue->model;
    const size_t k = model->config.n_factors, n = model->n_items;
    const bool has_heights = may_pass_over(catalogue);
    double usual = 0;
    if (has_heights) {
        const double squares =
            model->kernels->sum_of_squares(model->user_sides, model->n_users * k);
        usual = sqrt(squares / (double)model->n_users);
    }
    catalogue->items = dsc_alloc(n, sizeof *catalogue->items);
    height *heights = dsc_alloc(n, sizeof *heights);
    if (catalogue->items == NULL || heights == NULL) {
        dsc_free(heights);
        return dsc_fail_memory(err, "a catalogue");
    }
    for (uint32_t item = 0; item < n; item++) {
        heights[item].item = item;
        if (has_heights) {
            const dsc_side side = dsc_recommender_item_side_at(model, item, catalogue->time);
            heights[item].height = usual * norm_of(model, side.vector) + (double)bias_of(&side);
        } else if (may_estimate(catalogue)) {
            heights[item].height = (double)model->item_appeal[item];
        }
    }
    if (has_heights || may_estimate(catalogue)) {
        qsort(heights, n, sizeof *heights, highest_first);
    }
    for (size_t i = 0; i < n; i++) {
        catalogue->items[i] = heights[i].item;
    }
    dsc_free(heights);
    return DSC_OK;
}

static void fill_tile(const dsc_catalogue *catalogue, size_t t, const dsc_side_tile *tile) {
    const dsc_recommender *model = catalogue->model;
    const size_t n = dsc_n_in_tile(model->n_items, t);
    dsc_side sides[DSC_TILE];
    dsc_tile_reach reach = {.bias = -INFINITY};
    for (size_t c = 0; c < n; c++) {
        sides[c] = dsc_recommender_item_side_at(model, catalogue->items[t * DSC_TILE + c],
                                                catalogue->time);
        if (catalogue->reach != NULL) {
            reach.norm = fmax(reach.norm, norm_of(model, sides[c].vector));
            reach.bias = fmaxf(reach.bias, bias_of(&sides[c]));
        }
    }
    dsc_side_tile_fill(model, tile, sides, n, true);
    if (catalogue->reach != NULL) {
        catalogue->reach[t] = reach;
    }
}

static dsc_status fill(dsc_catalogue *catalogue, dsc_error *err) {
    const dsc_recommender *model = catalogue->model;
    const bool has_vectors = model->config.use_dot;
    dsc_status status = order_items(catalogue, err);
    if (status != DSC_OK) {
        return status;
    }
    float *vectors = dsc_alloc(model->config.n_factors, DSC_TILE * sizeof *vectors);
    catalogue->n_tiles = (model->n_items + DSC_TILE - 1) / DSC_TILE;
    catalogue->tile_size = dsc_side_tile_size(model, has_vectors);
    catalogue->tiles =
        dsc_alloc(catalogue->n_tiles, catalogue->tile_size * sizeof *catalogue->tiles);
    bool has_memory = vectors != NULL && catalogue->tiles != NULL;
    if (may_pass_over(catalogue)) {
        catalogue->reach = dsc_alloc(catalogue->n_tiles, sizeof *catalogue->reach);
        has_memory = has_memory && catalogue->reach != NULL;
    }
    for (size_t t = 0; has_memory && t < catalogue->n_tiles; t++) {
        dsc_side_tile tile = dsc_catalogue_tile(catalogue, t);
        if (!has_vectors) {
            tile.vectors = vectors;
        }
        fill_tile(catalogue, t, &tile);
    }
    for (size_t t = catalogue->n_tiles; catalogue->reach != NULL && has_memory && t-- > 1;) {
        dsc_tile_reach *reach = &catalogue->reach[t - 1];
        reach->norm = fmax(reach->norm, reach[1].norm);
        reach->bias = fmaxf(reach->bias, reach[1].bias);
    }
    dsc_free(vectors);
    if (!has_memory) {
        return dsc_fail_memory(err, "a catalogue");
    }
    return may_estimate(catalogue) ? dsc_estimate_create(&catalogue->estimate, catalogue, err)
                                   : DSC_OK;
}

static dsc_status create(dsc_catalogue **out, const dsc_recommender *model, int64_t time,
                         purpose what_for, dsc_error *err) {
    *out = NULL;
    dsc_catalogue *catalogue = dsc_alloc(1, sizeof *catalogue);
    if (catalogue == NULL) {
        return dsc_fail_memory(err, "a catalogue");
    }
    catalogue->model = model;
    catalogue->time = time;
    catalogue->has_lists = what_for == FOR_LISTS;
    catalogue->is_empty = what_for == FOR_NOTHING;
    dsc_status status = DSC_OK;
    if (!catalogue->is_empty) {
        status = model->n_members > 0 ? create_members(catalogue, err) : fill(catalogue, err);
    }
    if (status != DSC_OK) {
        dsc_catalogue_destroy(catalogue);
        return status;
    }
    *out = catalogue;
    return DSC_OK;
}

dsc_status dsc_catalogue_create(dsc_catalogue **out, const dsc_recommender *model, int64_t time,
                                dsc_error *err) {
    return create(out, model, time, FOR_LISTS, err);
}

/* Whether so many lists repay what is prepared for them. (213) */
static bool is_repaid(const dsc_recommender *model, size_t n_lists) {
    enum { LISTS = 128, LISTS_OF_ONE_UNIT = 400 };
    const size_t n_least =
        dsc_estimate_helps(model) ? LISTS_OF_ONE_UNIT / model->config.hidden[1] : LISTS;
    return n_lists > 1 && n_lists > n_least;
}

dsc_status dsc_catalogue_create_for(dsc_catalogue **out, const dsc_recommender *model, int64_t time,
                                    size_t n_lists, dsc_error *err) {
    return create(out, model, time, is_repaid(model, n_lists) ? FOR_LISTS : FOR_NOTHING, err);
}

dsc_status dsc_catalogue_create_for_scores(dsc_catalogue **out, const dsc_recommender *model,
                                           int64_t time, dsc_error *err) {
    return create(out, model, time, FOR_SCORES, err);
}

void dsc_catalogue_destroy(dsc_catalogue *catalogue) {
    if (catalogue == NULL) {
        return;
    }
    for (size_t m = 0; catalogue->members != NULL && m < catalogue->model->n_members; m++) {
        dsc_catalogue_destroy(catalogue->members[m]);
    }
    dsc_free(catalogue->members);
    dsc_free(catalogue->tiles);
    dsc_free(catalogue->items);
    dsc_free(catalogue->reach);
    dsc_estimate_destroy(catalogue->estimate);
    dsc_free(catalogue);
}

/* --- lists for many users ------------------------------------------------------------------- */

typedef struct listing {
    const dsc_catalogue_query *query;
    size_t capacity;      /* of a list: n, or all items where that is more */
    dsc_scorer **scorers; /* (threads) */
    dsc_candidate *heaps; /* (threads, DSC_TILE, capacity) */
    dsc_recommendation *out;
    size_t *n_out;
} listing;

/* Users DSC_TILE part and following. */
static void list_part(void *job, size_t part, size_t thread) {
    const listing *l = job;
    const dsc_catalogue_query *query = l->query;
    const size_t first = part * DSC_TILE, left = query->n_users - first;
    dsc_scorer_recommend_block(
        l->scorers[thread],
        &(dsc_user_block){.users = query->users + first,
                          .n_users = left < DSC_TILE ? left : DSC_TILE,
                          .n = query->n,
                          .heaps = l->heaps + thread * DSC_TILE * l->capacity},
        l->out + first * query->n, l->n_out + first);
}

static dsc_status prepare(listing *l, const dsc_catalogue *catalogue, size_t n_threads,
                          dsc_error *err) {
    const size_t n = l->query->n, n_items = catalogue->model->n_items;
    dsc_status status = DSC_OK;
    l->capacity = n < n_items ? n : n_items;
    l->scorers = dsc_alloc(n_threads, sizeof(dsc_scorer *)); /* of a pointer */
    l->heaps = dsc_alloc(l->capacity, n_threads * DSC_TILE * sizeof *l->heaps);
    if (l->scorers == NULL || l->heaps == NULL) {
        return dsc_fail_memory(err, "lists");
    }
    for (size_t t = 0; t < n_threads && status == DSC_OK; t++) {
        status = dsc_scorer_create_on(&l->scorers[t], catalogue, err);
    }
    return status;
}

dsc_status dsc_catalogue_recommend(const dsc_catalogue *catalogue, const dsc_catalogue_query *query,
                                   dsc_recommendation *out, size_t *n_out, dsc_error *err) {
    listing l = {.query = query, .out = out, .n_out = n_out};
    const size_t n_parts = (query->n_users + DSC_TILE - 1) / DSC_TILE;
    dsc_pool *pool;
    dsc_status status = dsc_pool_create_for(&pool, query->n_threads, n_parts, err);
    const size_t n_threads = dsc_pool_n_threads(pool);
    if (status == DSC_OK) {
        status = prepare(&l, catalogue, n_threads, err);
    }
    if (status == DSC_OK) {
        dsc_pool_run(pool, n_parts, list_part, &l);
    }
    for (size_t t = 0; l.scorers != NULL && t < n_threads; t++) {
        dsc_scorer_destroy(l.scorers[t]);
    }
    dsc_free(l.scorers);
    dsc_free(l.heaps);
    dsc_pool_destroy(pool);
    return status;
}
