/* Predictions of pairs from a trained model. docs/math.md (18), (155), (190) to (192).
 *
 * Pairs go through the network by tiles, a pair a column; what is in the others changes nothing. */
#include "recommender/scorer.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/probabilities.h"
#include "recommender/baseline.h"
#include "recommender/member.h"
#include "recommender/output.h"

const char *dsc_basis_name(dsc_basis basis) {
    static const char *const names[] = {"model", "user bias", "item bias", "mean", "fold-in"};
    const size_t value = (size_t)basis;
    return value < sizeof names / sizeof names[0] ? names[value] : NULL;
}

static dsc_status create(dsc_scorer **out, const dsc_recommender *model,
                         const dsc_catalogue *catalogue, dsc_error *err);

static dsc_status create_members(dsc_scorer *scorer, dsc_error *err) {
    const dsc_recommender *model = scorer->model;
    const dsc_catalogue *catalogue = scorer->catalogue;
    dsc_status status = DSC_OK;
    scorer->members = dsc_alloc(model->n_members, sizeof(dsc_scorer *)); /* of a pointer */
    if (scorer->members == NULL) {
        return dsc_fail_memory(err, "a scorer");
    }
    for (size_t m = 0; status == DSC_OK && m < model->n_members; m++) {
        status = create(&scorer->members[m], model->members[m].model,
                        catalogue != NULL ? catalogue->members[m] : NULL, err);
    }
    return status;
}

static dsc_status create_tiles(dsc_scorer *scorer, dsc_error *err) {
    const dsc_recommender *model = scorer->model;
    const size_t size = dsc_side_tile_size(model, true);
    const size_t n_scratch = dsc_tile_pass_size(model);
    scorer->memory =
        dsc_alloc(2 * size + n_scratch + (size_t)DSC_TILE * DSC_TILE, sizeof *scorer->memory);
    if (scorer->memory == NULL) {
        return dsc_fail_memory(err, "a scorer");
    }
    scorer->users = dsc_side_tile_in(model, scorer->memory);
    scorer->items = dsc_side_tile_in(model, scorer->memory + size);
    scorer->scratch = scorer->memory + 2 * size;
    scorer->sum = scorer->scratch + n_scratch;
    const dsc_estimate *estimate = scorer->catalogue != NULL ? scorer->catalogue->estimate : NULL;
    return estimate != NULL ? dsc_estimate_users_create(&scorer->estimated, estimate, err) : DSC_OK;
}

static dsc_status create(dsc_scorer **out, const dsc_recommender *model,
                         const dsc_catalogue *catalogue, dsc_error *err) {
    *out = NULL;
    dsc_scorer *scorer = dsc_alloc(1, sizeof *scorer);
    if (scorer == NULL) {
        return dsc_fail_memory(err, "a scorer");
    }
    scorer->model = model;
    scorer->catalogue = catalogue;
    scorer->time = catalogue != NULL ? catalogue->time : DSC_NOW;
    dsc_status status =
        model->n_members > 0 ? create_members(scorer, err) : create_tiles(scorer, err);
    if (status == DSC_OK) {
        scorer->candidates = dsc_alloc(model->n_items, sizeof *scorer->candidates);
        if (scorer->candidates == NULL) {
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

dsc_status dsc_scorer_create(dsc_scorer **out, const dsc_recommender *model, dsc_error *err) {
    return create(out, model, NULL, err);
}

dsc_status dsc_scorer_create_on(dsc_scorer **out, const dsc_catalogue *catalogue, dsc_error *err) {
    if (!catalogue->is_empty) {
        return create(out, catalogue->model, catalogue, err);
    }
    const dsc_status status = create(out, catalogue->model, NULL, err);
    if (status == DSC_OK) {
        dsc_scorer_set_time(*out, catalogue->time);
    }
    return status;
}

void dsc_scorer_destroy(dsc_scorer *scorer) {
    if (scorer == NULL) {
        return;
    }
    for (size_t m = 0; scorer->members != NULL && m < scorer->model->n_members; m++) {
        dsc_scorer_destroy(scorer->members[m]);
    }
    dsc_free(scorer->members);
    dsc_free(scorer->memory);
    dsc_free(scorer->estimated);
    dsc_free(scorer->candidates);
    dsc_free(scorer);
}

void dsc_scorer_set_time(dsc_scorer *scorer, int64_t time) {
    scorer->time = time;
    for (size_t m = 0; m < scorer->model->n_members; m++) {
        dsc_scorer_set_time(scorer->members[m], time);
    }
}

/* Puts a pair into the next column of the tile: of a blend into that of each member. */
static void enqueue(dsc_scorer *scorer, const dsc_side *user, const dsc_side *item, size_t tag) {
    const dsc_recommender *model = scorer->model;
    const size_t c = scorer->n_pending++;
    scorer->pending[c] = tag;
    if (model->n_members == 0) {
        scorer->pending_user[c] = *user;
        scorer->pending_item[c] = *item;
    }
    for (size_t m = 0; m < model->n_members; m++) {
        const dsc_side of_user = dsc_member_side(model, m, user, false);
        const dsc_side of_item = dsc_member_side(model, m, item, true);
        enqueue(scorer->members[m], &of_user, &of_item, c);
    }
}

/* Computes the sums of the pairs that wait. */
static void run_tile(dsc_scorer *scorer) {
    const dsc_recommender *model = scorer->model;
    const size_t n = scorer->n_pending;
    scorer->n_pending = 0;
    for (size_t m = 0; m < model->n_members; m++) {
        run_tile(scorer->members[m]);
    }
    if (model->n_members == 0 && n > 0) {
        dsc_tile_pass_init(&scorer->pass, model, scorer->scratch);
        dsc_side_tile_fill(model, &scorer->users, scorer->pending_user, n, false);
        dsc_side_tile_fill(model, &scorer->items, scorer->pending_item, n, true);
        dsc_tile_pairs(&scorer->pass, &scorer->users, &scorer->items, scorer->sum);
    }
}

double dsc_scorer_score_of(const dsc_scorer *scorer, size_t u, size_t c) {
    const dsc_recommender *model = scorer->model;
    if (model->n_members == 0) {
        return dsc_output_score(model, (double)scorer->sum[u * DSC_TILE + c]);
    }
    double mean = 0;
    for (size_t m = 0; m < model->n_members; m++) {
        const dsc_member *member = &model->members[m];
        const double score = dsc_scorer_score_of(scorer->members[m], u, c);
        mean += member->weight * dsc_output_unclipped(member->model, score);
    }
    return mean;
}

static void finish_pairs(dsc_scorer *scorer, float *rating) {
    const size_t n = scorer->n_pending;
    run_tile(scorer);
    for (size_t c = 0; c < n; c++) {
        const double score = dsc_scorer_score_of(scorer, 0, c);
        rating[scorer->pending[c]] = (float)dsc_output_rating(scorer->model, score);
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
    if (scorer->n_pending == DSC_TILE) {
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
    dsc_ordinal_probabilities(ordinal, dsc_scorer_score_of(scorer, 0, 0), probability);
}
