/* Training of a blend: the members without held-out ratings, the weights, the members with all. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "descent/blend.h"
#include "descent/rating_split.h"
#include "recommender/blend_held.h"
#include "recommender/model.h"

/* One training of one member. */
typedef struct job {
    struct run *run;
    size_t member;
    double ended; /* 0 .. 1, of this training */
    dsc_status status;
    dsc_error err;
} job;

typedef struct run {
    const dsc_blend_config *config;
    dsc_recommender_config
        members[DSC_MAX_MEMBERS];             /* with the strengths that trials have chosen */
    dsc_recommender *models[DSC_MAX_MEMBERS]; /* of the last trainings */
    dsc_blend_held held;
    /* What the running jobs are about. */
    const dsc_ratings *ratings; /* to learn from */
    const dsc_ratings *test;    /* to predict; NULL: the last trainings */
    uint32_t fold;
    size_t first; /* place of the first test rating among those held out */
    job jobs[DSC_MAX_MEMBERS];
    size_t n_jobs;
    size_t first_job; /* of those that the pool runs */
    dsc_pool *pool;   /* runs them */
    /* What the threads share, under the mutex. */
    pthread_mutex_t mutex;
    bool is_stopped; /* nobody begins or goes on with one */
    dsc_blend_progress progress;
    dsc_blend_watcher watcher;
    void *user;
    struct timespec begin;
} run;

/* --- progress --------------------------------------------------------------------------------- */

static void tell(run *r, size_t member, const dsc_training_progress *now, bool is_end) {
    struct timespec time;
    dsc_blend_progress *progress = &r->progress;
    clock_gettime(CLOCK_MONOTONIC, &time);
    progress->ended = (double)progress->n_ended;
    for (size_t j = 0; j < r->n_jobs; j++) {
        progress->ended += r->jobs[j].ended;
    }
    progress->member = member;
    progress->fold = r->fold;
    progress->is_training_end = is_end;
    progress->training = now;
    progress->elapsed_s =
        (double)(time.tv_sec - r->begin.tv_sec) + 1e-9 * (double)(time.tv_nsec - r->begin.tv_nsec);
    if (r->watcher != NULL && !r->watcher(progress, r->user)) {
        r->is_stopped = true;
    }
}

static bool watch(const dsc_training_progress *now, void *user) {
    job *self = user;
    run *r = self->run;
    pthread_mutex_lock(&r->mutex);
    if (now->trial == 0) { /* how many trials there will be is not known */
        const double in_epoch = (double)now->n_done / (double)now->n_total;
        self->ended = ((double)now->epoch - 1 + in_epoch) / (double)now->max_epochs;
    }
    if (!r->is_stopped) {
        tell(r, self->member, now, false);
    }
    const bool goes_on = !r->is_stopped;
    pthread_mutex_unlock(&r->mutex);
    return goes_on;
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* A cancelled training's best epoch is not wanted. */
static void train(run *r, job *self) {
    dsc_recommender *model = NULL;
    self->status = dsc_recommender_train(&model, r->ratings, &r->members[self->member], watch, self,
                                         &self->err);
    if (self->status == DSC_OK && r->test == NULL) {
        r->models[self->member] = model;
        return;
    }
    if (self->status == DSC_OK) {
        self->status =
            dsc_blend_held_predict(&r->held, self->member, r->first, model, r->test, &self->err);
    }
    if (self->status == DSC_OK && r->fold + 1 == r->config->n_folds) {
        r->members[self->member].ridge = model->config.ridge;
        r->members[self->member].choose_ridge = false;
        r->members[self->member].use_user_history = model->config.use_user_history;
        r->members[self->member].use_item_history = model->config.use_item_history;
    }
    dsc_recommender_destroy(model);
}

/* A part of the pool's job. */
static void run_job(void *user, size_t part, size_t thread) {
    run *r = user;
    job *self = &r->jobs[r->first_job + part];
    (void)thread;
    pthread_mutex_lock(&r->mutex);
    const bool is_wanted = !r->is_stopped;
    pthread_mutex_unlock(&r->mutex);
    if (!is_wanted) {
        return;
    }
    train(r, self);
    pthread_mutex_lock(&r->mutex);
    self->ended = 0;
    if (self->status != DSC_OK) {
        r->is_stopped = true;
    } else {
        r->progress.n_ended++;
        if (!r->is_stopped) {
            tell(r, self->member, NULL, true);
        }
    }
    pthread_mutex_unlock(&r->mutex);
}

/* The first failure that is not only the end that another brought about. */
static dsc_status judge(const run *r, dsc_error *err) {
    for (size_t j = 0; j < r->n_jobs; j++) {
        const job *failed = &r->jobs[j];
        if (failed->status != DSC_OK && failed->status != DSC_E_CANCELLED) {
            char where[sizeof failed->err.where + 32];
            snprintf(where, sizeof where, "member %zu%s%s", failed->member + 1,
                     failed->err.where[0] != '\0' ? ", " : "", failed->err.where);
            return dsc_fail(err, failed->status, where, "%s", failed->err.message);
        }
    }
    return r->is_stopped ? dsc_fail(err, DSC_E_CANCELLED, "blend", "training was stopped") : DSC_OK;
}

/* Trains the members that have a weight, or all where `weight` is NULL. */
static dsc_status run_jobs(run *r, const double *weight, dsc_error *err) {
    r->n_jobs = 0;
    for (size_t m = 0; m < r->config->n_members; m++) {
        if (weight == NULL || weight[m] > 0) {
            r->jobs[r->n_jobs++] = (job){.run = r, .member = m};
        }
    }
    /* Side by side, a thread each; those left over, fewer than threads, have several each. */
    const size_t n_threads = dsc_pool_n_threads(r->pool), n_left = r->n_jobs % n_threads;
    for (size_t j = 0; j < r->n_jobs; j++) {
        const bool is_left = j + n_left >= r->n_jobs;
        r->members[r->jobs[j].member].n_threads = is_left ? n_threads / n_left : 1;
    }
    r->first_job = 0;
    dsc_pool_run(r->pool, r->n_jobs - n_left, run_job, r);
    r->first_job = r->n_jobs - n_left;
    dsc_pool_run(r->pool, n_left, run_job, r);
    return judge(r, err);
}

/* --- the two stages --------------------------------------------------------------------------- */

static dsc_status run_fold(run *r, const dsc_ratings *ratings, const uint32_t *split,
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
        status = run_jobs(r, NULL, err);
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

static dsc_status find_weights(run *r, const dsc_ratings *ratings, dsc_blend_report *report,
                               dsc_error *err) {
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

static dsc_status train_all(run *r, dsc_recommender **out, const dsc_ratings *ratings,
                            const dsc_blend_report *report, dsc_error *err) {
    r->fold = r->config->n_folds;
    r->ratings = ratings;
    r->test = NULL;
    for (size_t m = 0; m < r->config->n_members; m++) {
        r->progress.n_ended += report->weight[m] == 0; /* left away */
    }
    dsc_status status = run_jobs(r, report->weight, err);
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
    run *r = dsc_alloc(1, sizeof *r);
    if (r == NULL) {
        return dsc_fail_memory(err, "a blend");
    }
    report = report != NULL ? report : &own;
    *report = (dsc_blend_report){.blend_rmse = (double)NAN, .equal_rmse = (double)NAN};
    *r = (run){.config = config, .watcher = watcher, .user = user};
    pthread_mutex_init(&r->mutex, NULL);
    clock_gettime(CLOCK_MONOTONIC, &r->begin);
    const size_t n_each = config->weights != NULL ? 1 : (size_t)config->n_folds + 1;
    r->progress.n_trainings = n_each * config->n_members;
    for (size_t m = 0; m < config->n_members; m++) {
        r->members[m] = config->members[m];
        report->weight[m] = config->weights != NULL ? config->weights[m] : 0;
        report->rmse[m] = (double)NAN;
    }
    status = dsc_pool_create(&r->pool, config->n_threads, err);
    if (status == DSC_OK && config->weights == NULL) {
        status = find_weights(r, ratings, report, err);
    }
    if (status == DSC_OK) {
        status = train_all(r, out, ratings, report, err);
    }
    for (size_t m = 0; m < config->n_members; m++) {
        dsc_recommender_destroy(r->models[m]);
    }
    dsc_blend_held_clear(&r->held);
    dsc_pool_destroy(r->pool);
    pthread_mutex_destroy(&r->mutex);
    dsc_free(r);
    return status;
}
