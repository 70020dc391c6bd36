/* Training of a blend: the members without held-out ratings, the weights, the members with all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/blend.h"
#include "descent/rating_split.h"
#include "recommender/blend_held.h"
#include "recommender/blend_jobs.h"
#include "recommender/model.h"

/* --- the two stages --------------------------------------------------------------------------- */

static dsc_status run_fold(dsc_blend_run *r, const dsc_ratings *ratings, const uint32_t *split,
                           dsc_error *err) {
    dsc_ratings *part = NULL, *test = NULL;
    dsc_status status = dsc_ratings_part(&part, ratings, split, r->fold, false, err);
    if (status == DSC_OK) {
        status = dsc_ratings_part(&test, ratings, split, r->fold, true, err);
    }
    if (status == DSC_OK) {
        const dsc_sparse pairs = dsc_ratings_by_user(test);
        memcpy(r->held.rating + r->first, pairs.value, pairs.n_entries * sizeof *pairs.value);
        r->ratings = part;
        r->test = test;
        status = dsc_blend_run_jobs(r, NULL, err);
        r->first += pairs.n_entries;
    }
    dsc_ratings_destroy(part);
    dsc_ratings_destroy(test);
    return status;
}

static void find_scale(dsc_blend_held *held, dsc_sparse ratings) {
    held->min = (double)INFINITY;
    held->max = -(double)INFINITY;
    for (size_t e = 0; e < ratings.n_entries; e++) {
        held->min = fmin(held->min, (double)ratings.value[e]);
        held->max = fmax(held->max, (double)ratings.value[e]);
    }
}

static dsc_status find_weights(dsc_blend_run *r, const dsc_ratings *ratings,
                               dsc_blend_report *report, dsc_error *err) {
    const dsc_blend_config *config = r->config;
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    const dsc_split_plan plan = {.protocol = config->n_folds > 1 ? DSC_PROTOCOL_FOLDS
                                                                 : DSC_PROTOCOL_HOLDOUT,
                                 .share = config->holdout,
                                 .n_folds = config->n_folds,
                                 .seed = config->seed};
    size_t n_held = 0;
    uint32_t *split = dsc_alloc(all.n_entries, sizeof *split);
    dsc_status status = split != NULL ? dsc_ratings_assign(ratings, &plan, split, err)
                                      : dsc_fail_memory(err, "a split");
    for (size_t e = 0; status == DSC_OK && e < all.n_entries; e++) {
        n_held += split[e] != DSC_NO_INDEX;
    }
    if (status == DSC_OK) {
        status = dsc_blend_held_init(&r->held, n_held, config->n_members, err);
    }
    if (status == DSC_OK) {
        find_scale(&r->held, all);
    }
    for (r->fold = 0; status == DSC_OK && r->fold < config->n_folds; r->fold++) {
        status = run_fold(r, ratings, split, err);
    }
    if (status == DSC_OK) {
        status = dsc_blend_held_weigh(&r->held, config->seed, report, err);
    }
    dsc_free(split);
    return status;
}

static dsc_status train_all(dsc_blend_run *r, dsc_recommender **out, const dsc_ratings *ratings,
                            const dsc_blend_report *report, dsc_error *err) {
    r->fold = r->config->n_folds;
    r->ratings = ratings;
    r->test = NULL;
    for (size_t m = 0; m < r->config->n_members; m++) {
        r->progress.n_ended += report->weight[m] == 0; /* left away */
    }
    dsc_status status = dsc_blend_run_jobs(r, report->weight, err);
    if (status == DSC_OK) {
        status = dsc_blend_create(out, r->models, report->weight, r->config->n_members, err);
        memset(r->models, 0, sizeof r->models);
    }
    if (status == DSC_OK) {
        (*out)->statistics.validation_rmse = report->blend_rmse;
    }
    return status;
}

/* --- checking --------------------------------------------------------------------------------- */

static dsc_status check_weights(const dsc_blend_config *config, dsc_error *err) {
    double sum = 0;
    for (size_t m = 0; m < config->n_members; m++) {
        if (!(config->weights[m] >= 0) || !isfinite(config->weights[m])) {
            return dsc_fail(err, DSC_E_ARGUMENT, "weights",
                            "number %zu is %g; expected a number of at least 0", m + 1,
                            config->weights[m]);
        }
        sum += config->weights[m];
    }
    if (!(sum > 0) || !isfinite(sum)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "weights", "add up to %g; expected a number above 0",
                        sum);
    }
    return DSC_OK;
}

static dsc_status check(const dsc_blend_config *config, dsc_error *err) {
    if (config->n_members < 1 || config->n_members > DSC_MAX_MEMBERS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_members", "is %zu; expected 1 to %d",
                        config->n_members, DSC_MAX_MEMBERS);
    }
    for (size_t m = 0; m < config->n_members; m++) {
        dsc_error reason = {DSC_OK, "", ""};
        const dsc_status status = dsc_recommender_config_check(&config->members[m], &reason);
        if (status != DSC_OK) {
            char where[sizeof reason.where + 32];
            snprintf(where, sizeof where, "member %zu, %s", m + 1, reason.where);
            return dsc_fail(err, status, where, "%s", reason.message);
        }
    }
    if (config->weights != NULL) {
        return check_weights(config, err);
    }
    if (config->n_folds == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_folds", "is 0; expected at least 1");
    }
    return DSC_OK; /* dsc_ratings_assign checks what it splits by */
}

dsc_status dsc_blend_train(dsc_recommender **out, const dsc_ratings *ratings,
                           const dsc_blend_config *config, dsc_blend_watcher watcher, void *user,
                           dsc_blend_report *report, dsc_error *err) {
    dsc_blend_report own;
    *out = NULL;
    dsc_status status = check(config, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_blend_run *r;
    status = dsc_blend_run_create(&r, config, watcher, user, err);
    if (status != DSC_OK) {
        return status;
    }
    report = report != NULL ? report : &own;
    *report = (dsc_blend_report){.blend_rmse = (double)NAN, .equal_rmse = (double)NAN};
    for (size_t m = 0; m < config->n_members; m++) {
        report->weight[m] = config->weights != NULL ? config->weights[m] : 0;
        report->rmse[m] = (double)NAN;
    }
    if (config->weights == NULL) {
        status = find_weights(r, ratings, report, err);
    }
    if (status == DSC_OK) {
        status = train_all(r, out, ratings, report, err);
    }
    dsc_blend_run_destroy(r);
    return status;
}
