/* Predictions and recommendations from a trained model. docs/math.md (18), (25).
 *
 * Pairs go through the network by tiles; a pair's result does not depend on the tile it is in. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/kernels.h"
#include "recommender/baseline.h"
#include "recommender/top_n.h"

enum { TILE = 128 };

struct dsc_scorer {
    const dsc_recommender *model;
    dsc_workspace *workspace;
    float *x;             /* (TILE, 2 n_factors) the sides of each pair */
    float output[TILE];   /* what dot product and network make of them */
    size_t pending[TILE]; /* which pair or item each row of the tile is for */
    size_t n_pending;
    dsc_candidate *candidates; /* (n_items) */
};

const char *dsc_basis_name(dsc_basis basis) {
    static const char *const names[] = {"model", "user bias", "item bias", "mean"};
    const size_t value = (size_t)basis;
    return value < sizeof names / sizeof names[0] ? names[value] : NULL;
}

dsc_status dsc_scorer_create(dsc_scorer **out, const dsc_recommender *model, dsc_error *err) {
    *out = NULL;
    dsc_scorer *scorer = dsc_alloc(1, sizeof *scorer);
    if (scorer == NULL) {
        return dsc_fail_memory(err, "a scorer");
    }
    scorer->model = model;
    dsc_status status = DSC_OK;
    if (model->network != NULL) {
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
    dsc_workspace_destroy(scorer->workspace);
    dsc_free(scorer->x);
    dsc_free(scorer->candidates);
    dsc_free(scorer);
}

/* Puts a pair into the next row of the tile. */
static void enqueue(dsc_scorer *scorer, uint32_t user, uint32_t item, size_t tag) {
    const dsc_recommender *model = scorer->model;
    const size_t k = model->config.n_factors;
    float *row = scorer->x + scorer->n_pending * 2 * k;
    memcpy(row, model->user_sides + user * k, k * sizeof *row);
    memcpy(row + k, model->item_sides + item * k, k * sizeof *row);
    scorer->pending[scorer->n_pending++] = tag;
}

/* Dot product and network for the rows of the tile, (n_pending). Shapes are right by construction,
 * so that the pass cannot fail. */
static const float *run_tile(dsc_scorer *scorer) {
    const dsc_recommender *model = scorer->model;
    const size_t n = scorer->n_pending, k = model->config.n_factors;
    const uint32_t first = 0;
    scorer->n_pending = 0;
    for (size_t s = 0; s < n; s++) {
        const float *row = scorer->x + s * 2 * k;
        scorer->output[s] = 0;
        if (model->config.use_dot) {
            model->kernels->dot_rows(&scorer->output[s], row,
                                     &(dsc_picked_rows){row + k, k, &first, 1});
        }
    }
    if (model->network != NULL) {
        dsc_network_forward(model->network, scorer->workspace, dsc_matrix_f32(scorer->x, n, 2 * k),
                            NULL);
        const float *output = dsc_workspace_output(scorer->workspace).data;
        for (size_t s = 0; s < n; s++) {
            scorer->output[s] += output[s];
        }
    }
    return scorer->output;
}

/* (18) before clipping. */
static double rating_of(const dsc_recommender *model, uint32_t user, uint32_t item, float output) {
    const double center = model->config.use_mean ? model->statistics.mean : 0;
    const float sum = output + model->user_biases[user] + model->item_biases[item];
    return center + model->statistics.spread * (double)sum;
}

static void finish_pairs(dsc_scorer *scorer, const uint32_t *user, const uint32_t *item,
                         float *rating) {
    const size_t n = scorer->n_pending;
    const float *output = run_tile(scorer);
    for (size_t t = 0; t < n; t++) {
        const size_t p = scorer->pending[t];
        rating[p] =
            (float)dsc_clip(scorer->model, rating_of(scorer->model, user[p], item[p], output[t]));
    }
}

static dsc_basis basis_of(uint32_t user, uint32_t item) {
    if (user != DSC_NO_INDEX && item != DSC_NO_INDEX) {
        return DSC_BASIS_MODEL;
    }
    return user != DSC_NO_INDEX   ? DSC_BASIS_USER_BIAS
           : item != DSC_NO_INDEX ? DSC_BASIS_ITEM_BIAS
                                  : DSC_BASIS_MEAN;
}

void dsc_scorer_predict(dsc_scorer *scorer, size_t n, const uint32_t *user, const uint32_t *item,
                        float *rating, dsc_basis *basis) {
    for (size_t p = 0; p < n; p++) {
        const dsc_basis made_from = basis_of(user[p], item[p]);
        if (basis != NULL) {
            basis[p] = made_from;
        }
        if (made_from != DSC_BASIS_MODEL) {
            rating[p] = (float)dsc_baseline_predict(scorer->model, user[p], item[p]);
            continue;
        }
        enqueue(scorer, user[p], item[p], p);
        if (scorer->n_pending == TILE) {
            finish_pairs(scorer, user, item, rating);
        }
    }
    if (scorer->n_pending > 0) {
        finish_pairs(scorer, user, item, rating);
    }
}

static void finish_scores(dsc_scorer *scorer, uint32_t user, const uint32_t *item, double *score) {
    const size_t n = scorer->n_pending;
    const float *output = run_tile(scorer);
    for (size_t t = 0; t < n; t++) {
        const size_t p = scorer->pending[t];
        score[p] = rating_of(scorer->model, user, item[p], output[t]);
    }
}

void dsc_scorer_score(dsc_scorer *scorer, uint32_t user, size_t n, const uint32_t *item,
                      double *score) {
    for (size_t p = 0; p < n; p++) {
        if (user == DSC_NO_INDEX) {
            score[p] = scorer->model->item_appeal[item[p]];
            continue;
        }
        enqueue(scorer, user, item[p], p);
        if (scorer->n_pending == TILE) {
            finish_scores(scorer, user, item, score);
        }
    }
    if (scorer->n_pending > 0) {
        finish_scores(scorer, user, item, score);
    }
}

static void finish_items(dsc_scorer *scorer, uint32_t user, dsc_top_n *top) {
    const size_t n = scorer->n_pending;
    const float *output = run_tile(scorer);
    for (size_t t = 0; t < n; t++) {
        const uint32_t item = (uint32_t)scorer->pending[t];
        dsc_top_n_offer(top, rating_of(scorer->model, user, item, output[t]), item);
    }
}

static void offer_unrated(dsc_scorer *scorer, uint32_t user, dsc_top_n *top) {
    const dsc_recommender *model = scorer->model;
    const dsc_sparse_matrix *ratings = &model->ratings;
    uint64_t rated = ratings->start[user]; /* the next item of the user's row, ascending */
    for (uint32_t item = 0; item < model->n_items; item++) {
        if (rated < ratings->start[user + 1] && ratings->column[rated] == item) {
            rated++;
            continue;
        }
        enqueue(scorer, user, item, item);
        if (scorer->n_pending == TILE) {
            finish_items(scorer, user, top);
        }
    }
    if (scorer->n_pending > 0) {
        finish_items(scorer, user, top);
    }
}

void dsc_scorer_recommend(dsc_scorer *scorer, uint32_t user, size_t n, dsc_recommendation *out,
                          size_t *n_out) {
    const dsc_recommender *model = scorer->model;
    dsc_top_n top = {.heap = scorer->candidates,
                     .capacity = n < model->n_items ? n : model->n_items};
    if (user != DSC_NO_INDEX) {
        offer_unrated(scorer, user, &top);
    } else {
        for (uint32_t item = 0; item < model->n_items; item++) {
            dsc_top_n_offer(&top, model->item_appeal[item], item);
        }
    }
    dsc_top_n_sort(&top);
    for (size_t r = 0; r < top.count; r++) {
        const uint32_t item = top.heap[r].item;
        out[r] = (dsc_recommendation){.item = item,
                                      .rating = (float)dsc_clip(model, top.heap[r].score),
                                      .n_ratings = model->item_count[item]};
    }
    *n_out = top.count;
}
