/* Predictions and recommendations from a trained model. docs/math.md (18), (25), (155).
 *
 * Pairs go through the network by tiles; a pair's result does not depend on the tile it is in. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/probabilities.h"
#include "math/kernels.h"
#include "recommender/baseline.h"
#include "recommender/member.h"
#include "recommender/output.h"
#include "recommender/strength.h"
#include "recommender/top_n.h"

enum { TILE = 128 };

struct dsc_scorer {
    const dsc_recommender *model;
    int64_t time;
    dsc_scorer *
        *members; /* (n_members) of a blend, each with the same pairs in its tile; else NULL */
    dsc_workspace *workspace;
    float *x;             /* (TILE, 2 n_factors) the sides of each pair, for the network */
    float output[TILE];   /* what dot product and network make of them */
    float bias[TILE][2];  /* b_u and b_i of each pair, with what the time adds */
    size_t pending[TILE]; /* which pair or item each row of the tile is for */
    size_t n_pending;
    dsc_candidate *candidates; /* (n_items) */
};

const char *dsc_basis_name(dsc_basis basis) {
    static const char *const names[] = {"model", "user bias", "item bias", "mean", "fold-in"};
    const size_t value = (size_t)basis;
    return value < sizeof names / sizeof names[0] ? names[value] : NULL;
}

static dsc_status create_members(dsc_scorer *scorer, dsc_error *err) {
    const dsc_recommender *model = scorer->model;
    dsc_status status = DSC_OK;
    if (model->n_members == 0) {
        return DSC_OK;
    }
    scorer->members = dsc_alloc(model->n_members, sizeof(dsc_scorer *)); /* of a pointer */
    if (scorer->members == NULL) {
        return dsc_fail_memory(err, "a scorer");
    }
    for (size_t m = 0; status == DSC_OK && m < model->n_members; m++) {
        status = dsc_scorer_create(&scorer->members[m], model->members[m].model, err);
    }
    return status;
}

dsc_status dsc_scorer_create(dsc_scorer **out, const dsc_recommender *model, dsc_error *err) {
    *out = NULL;
    dsc_scorer *scorer = dsc_alloc(1, sizeof *scorer);
    if (scorer == NULL) {
        return dsc_fail_memory(err, "a scorer");
    }
    scorer->model = model;
    scorer->time = DSC_NOW;
    dsc_status status = create_members(scorer, err);
    if (status == DSC_OK && model->network != NULL && model->n_members == 0) {
        status = dsc_workspace_create(&scorer->workspace, model->network,
                                      &(dsc_workspace_config){.max_batch = TILE}, err);
    }
    if (status == DSC_OK) {
        scorer->x = dsc_alloc(TILE * 2 * model->config.n_factors, sizeof *scorer->x);
        scorer->candidates = dsc_alloc(model->n_items, sizeof *scorer->candidates);
        if (scorer->x == NULL || scorer->candidates == NULL) {
            status = dsc_fail_memory(err, "a scorer");
        }
    }
    if (status != DSC_OK) {
        dsc_scorer_destroy(scorer);
        return status;
    }
    *out = scorer;
    return DSC_OK;
}

void dsc_scorer_destroy(dsc_scorer *scorer) {
    if (scorer == NULL) {
        return;
    }
    for (size_t m = 0; scorer->members != NULL && m < scorer->model->n_members; m++) {
        dsc_scorer_destroy(scorer->members[m]);
    }
    dsc_free(scorer->members);
    dsc_workspace_destroy(scorer->workspace);
    dsc_free(scorer->x);
    dsc_free(scorer->candidates);
    dsc_free(scorer);
}

/* A vector that all share is no minimum for one of them. */
static double l2_of(const dsc_recommender *model, bool is_item, uint64_t n_ratings) {
    const bool is_shared = is_item ? model->item_parts.is_shared : model->user_parts.is_shared;
    return is_shared ? 0 : dsc_strength_of(model, is_item, (double)n_ratings);
}

static double length_of(const dsc_side_parts *parts, uint64_t n_ratings) {
    return !parts->has_history ? 0 : parts->is_weighed ? 1 : (double)n_ratings;
}

void dsc_scorer_set_time(dsc_scorer *scorer, int64_t time) {
    scorer->time = time;
}

dsc_side dsc_recommender_user_side(const dsc_recommender *model, uint32_t user) {
    return dsc_recommender_user_side_at(model, user, DSC_NOW);
}

dsc_side dsc_recommender_item_side(const dsc_recommender *model, uint32_t item) {
    return dsc_recommender_item_side_at(model, item, DSC_NOW);
}

dsc_side dsc_recommender_user_side_at(const dsc_recommender *model, uint32_t user, int64_t time) {
    if (user == DSC_NO_INDEX) {
        return (dsc_side){0};
    }
    const dsc_recommender_config *config = &model->config;
    const uint64_t begin = model->ratings.start[user];
    const dsc_side_parts *parts = &model->user_parts;
    const size_t own = parts->is_shared ? 0 : user;
    return (dsc_side){.vector = model->user_sides + user * config->n_factors,
                      .own = model->user_vectors + own * config->n_factors,
                      .bias = model->user_biases[user],
                      .offset = dsc_model_user_offset(model, user, time),
                      .baseline = model->user_baseline[user],
                      .l2_vector = l2_of(model, false, model->ratings.start[user + 1] - begin),
                      .n_history = length_of(parts, model->ratings.start[user + 1] - begin),
                      .n_ratings = model->ratings.start[user + 1] - begin,
                      .others = model->ratings.column + begin,
                      .ratings = model->ratings.value + begin,
                      .offsets = model->offsets != NULL ? model->offsets + begin : NULL,
                      .index = user,
                      .time = time};
}

dsc_side dsc_recommender_item_side_at(const dsc_recommender *model, uint32_t item, int64_t time) {
    if (item == DSC_NO_INDEX) {
        return (dsc_side){0};
    }
    const dsc_recommender_config *config = &model->config;
    const dsc_side_parts *parts = &model->item_parts;
    const size_t own = parts->is_shared ? 0 : item;
    return (dsc_side){.vector = model->item_sides + item * config->n_factors,
                      .own = model->item_vectors + own * config->n_factors,
                      .bias = model->item_biases[item],
                      .offset = dsc_model_item_offset(model, item, time),
                      .baseline = model->item_baseline[item],
                      .l2_vector = l2_of(model, true, model->item_count[item]),
                      .n_history = length_of(parts, model->item_count[item]),
                      .n_ratings = model->item_count[item],
                      .index = item,
                      .time = time};
}

static void enqueue(dsc_scorer *scorer, const dsc_side *user, const dsc_side *item, size_t tag);

/* Puts a pair of a blend into row t of the tile: into that of each member. */
static void enqueue_members(dsc_scorer *scorer, const dsc_side *user, const dsc_side *item,
                            size_t t) {
    const dsc_recommender *blend = scorer->model;
    for (size_t m = 0; m < blend->n_members; m++) {
        const dsc_side of_user = dsc_member_side(blend, m, user, false);
        const dsc_side of_item = dsc_member_side(blend, m, item, true);
        enqueue(scorer->members[m], &of_user, &of_item, t);
    }
}

/* Puts a pair into the next row of the tile, with its dot product. */
static void enqueue(dsc_scorer *scorer, const dsc_side *user, const dsc_side *item, size_t tag) {
    const dsc_recommender *model = scorer->model;
    const size_t k = model->config.n_factors, t = scorer->n_pending++;
    const uint32_t first = 0;
    scorer->pending[t] = tag;
    if (model->n_members > 0) {
        enqueue_members(scorer, user, item, t);
        return;
    }
    scorer->output[t] = 0;
    if (model->config.use_dot) {
        model->kernels->dot_rows(&scorer->output[t], user->vector,
                                 &(dsc_picked_rows){item->vector, k, &first, 1});
    }
    if (model->network != NULL) {
        float *row = scorer->x + t * 2 * k;
        memcpy(row, user->vector, k * sizeof *row);
        memcpy(row + k, item->vector, k * sizeof *row);
    }
    scorer->bias[t][0] = user->bias + user->offset;
    scorer->bias[t][1] = item->bias + item->offset;
}

/* Adds the network's outputs for the rows of the tile, (n_pending). Shapes are right by
 * construction, so that the pass cannot fail. */
static void run_tile(dsc_scorer *scorer) {
    const dsc_recommender *model = scorer->model;
    const size_t n = scorer->n_pending, k = model->config.n_factors;
    scorer->n_pending = 0;
    for (size_t m = 0; m < model->n_members; m++) {
        run_tile(scorer->members[m]);
    }
    if (scorer->workspace != NULL && n > 0) {
        dsc_network_forward(model->network, scorer->workspace, dsc_matrix_f32(scorer->x, n, 2 * k),
                            NULL);
        const float *output = dsc_workspace_output(scorer->workspace).data;
        for (size_t s = 0; s < n; s++) {
            scorer->output[s] += output[s];
        }
    }
}

/* What row t is ordered by, after run_tile: of a blend the mean of its members' ratings, (155). */
static double score_of(const dsc_scorer *scorer, size_t t) {
    const dsc_recommender *model = scorer->model;
    if (model->n_members > 0) {
        double mean = 0;
        for (size_t m = 0; m < model->n_members; m++) {
            const dsc_member *member = &model->members[m];
            const double score = score_of(scorer->members[m], t);
            mean += member->weight * dsc_output_unclipped(member->model, score);
        }
        return mean;
    }
    const float sum = scorer->output[t] + scorer->bias[t][0] + scorer->bias[t][1];
    return dsc_output_score(scorer->model, (double)sum);
}

static void finish_pairs(dsc_scorer *scorer, float *rating) {
    const size_t n = scorer->n_pending;
    run_tile(scorer);
    for (size_t t = 0; t < n; t++) {
        rating[scorer->pending[t]] = (float)dsc_output_rating(scorer->model, score_of(scorer, t));
    }
}

static dsc_basis basis_of(const dsc_side *user, const dsc_side *item) {
    if (user->vector != NULL && item->vector != NULL) {
        return user->is_folded_in || item->is_folded_in ? DSC_BASIS_FOLD_IN : DSC_BASIS_MODEL;
    }
    return user->vector != NULL   ? DSC_BASIS_USER_BIAS
           : item->vector != NULL ? DSC_BASIS_ITEM_BIAS
                                  : DSC_BASIS_MEAN;
}

/* Predicts pair p, or puts it into the tile. */
static void take_pair(dsc_scorer *scorer, const dsc_side *user, const dsc_side *item, size_t p,
                      float *rating, dsc_basis *basis) {
    if (basis != NULL) {
        basis[p] = basis_of(user, item);
    }
    if (user->vector == NULL || item->vector == NULL) {
        const double mean = scorer->model->statistics.mean;
        rating[p] = (float)dsc_clip(scorer->model, mean + user->baseline + item->baseline);
        return;
    }
    enqueue(scorer, user, item, p);
    if (scorer->n_pending == TILE) {
        finish_pairs(scorer, rating);
    }
}

void dsc_scorer_predict_sides(dsc_scorer *scorer, size_t n, const dsc_side *user,
                              const dsc_side *item, float *rating, dsc_basis *basis) {
    for (size_t p = 0; p < n; p++) {
        take_pair(scorer, &user[p], &item[p], p, rating, basis);
    }
    finish_pairs(scorer, rating);
}

void dsc_scorer_predict(dsc_scorer *scorer, size_t n, const uint32_t *user, const uint32_t *item,
                        float *rating, dsc_basis *basis) {
    dsc_scorer_predict_at(scorer, n, user, item, NULL, rating, basis);
}

void dsc_scorer_predict_at(dsc_scorer *scorer, size_t n, const uint32_t *user, const uint32_t *item,
                           const int64_t *time, float *rating, dsc_basis *basis) {
    for (size_t p = 0; p < n; p++) {
        const int64_t at = time != NULL ? time[p] : scorer->time;
        const dsc_side of_user = dsc_recommender_user_side_at(scorer->model, user[p], at);
        const dsc_side of_item = dsc_recommender_item_side_at(scorer->model, item[p], at);
        take_pair(scorer, &of_user, &of_item, p, rating, basis);
    }
    finish_pairs(scorer, rating);
}

void dsc_scorer_probabilities(dsc_scorer *scorer, const dsc_side *user, const dsc_side *item,
                              double *probability) {
    const dsc_ordinal *ordinal = &scorer->model->ordinal;
    if (user->vector == NULL || item->vector == NULL) {
        for (size_t k = 0; k < ordinal->n_values; k++) {
            probability[k] = (double)NAN;
        }
        return;
    }
    enqueue(scorer, user, item, 0);
    run_tile(scorer);
    dsc_ordinal_probabilities(ordinal, score_of(scorer, 0), probability);
}

static void finish_scores(dsc_scorer *scorer, double *score) {
    const size_t n = scorer->n_pending;
    run_tile(scorer);
    for (size_t t = 0; t < n; t++) {
        score[scorer->pending[t]] = score_of(scorer, t);
    }
}

void dsc_scorer_score_side(dsc_scorer *scorer, const dsc_side *user, size_t n, const uint32_t *item,
                           double *score) {
    for (size_t p = 0; p < n; p++) {
        const dsc_side of_item = dsc_recommender_item_side_at(scorer->model, item[p], scorer->time);
        if (user->vector == NULL || of_item.vector == NULL) { /* items are known: the user */
            score[p] = scorer->model->item_appeal[item[p]];
            continue;
        }
        enqueue(scorer, user, &of_item, p);
        if (scorer->n_pending == TILE) {
            finish_scores(scorer, score);
        }
    }
    finish_scores(scorer, score);
}

void dsc_scorer_score(dsc_scorer *scorer, uint32_t user, size_t n, const uint32_t *item,
                      double *score) {
    const dsc_side side = dsc_recommender_user_side_at(scorer->model, user, scorer->time);
    dsc_scorer_score_side(scorer, &side, n, item, score);
}

static void finish_items(dsc_scorer *scorer, dsc_top_n *top) {
    const size_t n = scorer->n_pending;
    run_tile(scorer);
    for (size_t t = 0; t < n; t++) {
        dsc_top_n_offer(top, score_of(scorer, t), (uint32_t)scorer->pending[t]);
    }
}

static void offer_unrated(dsc_scorer *scorer, const dsc_side *user, dsc_top_n *top) {
    const dsc_recommender *model = scorer->model;
    size_t rated = 0; /* the next of the user's items, ascending */
    for (uint32_t item = 0; item < model->n_items; item++) {
        if (rated < user->n_ratings && user->others[rated] == item) {
            rated++;
            continue;
        }
        const dsc_side of_item = dsc_recommender_item_side_at(model, item, scorer->time);
        enqueue(scorer, user, &of_item, item);
        if (scorer->n_pending == TILE) {
            finish_items(scorer, top);
        }
    }
    finish_items(scorer, top);
}

void dsc_scorer_recommend_side(dsc_scorer *scorer, const dsc_side *user, size_t n,
                               dsc_recommendation *out, size_t *n_out) {
    const dsc_recommender *model = scorer->model;
    dsc_top_n top = {.heap = scorer->candidates,
                     .capacity = n < model->n_items ? n : model->n_items};
    if (user->vector != NULL) {
        offer_unrated(scorer, user, &top);
    } else {
        for (uint32_t item = 0; item < model->n_items; item++) {
            dsc_top_n_offer(&top, model->item_appeal[item], item);
        }
    }
    dsc_top_n_sort(&top);
    for (size_t r = 0; r < top.count; r++) {
        const uint32_t item = top.heap[r].item;
        const double score = top.heap[r].score;
        const double rating =
            user->vector != NULL ? dsc_output_rating(model, score) : dsc_clip(model, score);
        out[r] = (dsc_recommendation){
            .item = item, .rating = (float)rating, .n_ratings = model->item_count[item]};
    }
    *n_out = top.count;
}

void dsc_scorer_recommend(dsc_scorer *scorer, uint32_t user, size_t n, dsc_recommendation *out,
                          size_t *n_out) {
    const dsc_side side = dsc_recommender_user_side_at(scorer->model, user, scorer->time);
    dsc_scorer_recommend_side(scorer, &side, n, out, n_out);
}
