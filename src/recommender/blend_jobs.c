/* Trainings of a blend's members, side by side: who runs when, on how many threads, and who is told.
 *
 * A member's bytes do not depend on the number of its threads, so that it does not matter which are left for
 * it. */
#include "recommender/blend_jobs.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/model.h"

/* --- progress --------------------------------------------------------------------------------- */

static void tell(dsc_blend_run *r, size_t member, const dsc_training_progress *now, bool is_end) {
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
    dsc_blend_job *self = user;
    dsc_blend_run *r = self->run;
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
static void train(dsc_blend_run *r, dsc_blend_job *self) {
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
    dsc_blend_run *r = user;
    dsc_blend_job *self = &r->jobs[r->first_job + part];
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
static dsc_status judge(const dsc_blend_run *r, dsc_error *err) {
    for (size_t j = 0; j < r->n_jobs; j++) {
        const dsc_blend_job *failed = &r->jobs[j];
        if (failed->status != DSC_OK && failed->status != DSC_E_CANCELLED) {
            char where[sizeof failed->err.where + 32];
            snprintf(where, sizeof where, "member %zu%s%s", failed->member + 1,
                     failed->err.where[0] != '\0' ? ", " : "", failed->err.where);
            return dsc_fail(err, failed->status, where, "%s", failed->err.message);
        }
    }
    return r->is_stopped ? dsc_fail(err, DSC_E_CANCELLED, "blend", "training was stopped") : DSC_OK;
}

dsc_status dsc_blend_run_jobs(dsc_blend_run *r, const double *weight, dsc_error *err) {
    r->n_jobs = 0;
    for (size_t m = 0; m < r->config->n_members; m++) {
        if (weight == NULL || weight[m] > 0) {
            r->jobs[r->n_jobs++] = (dsc_blend_job){.run = r, .member = m};
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

dsc_status dsc_blend_run_create(dsc_blend_run **out, const dsc_blend_config *config,
                                dsc_blend_watcher watcher, void *user, dsc_error *err) {
    *out = NULL;
    dsc_blend_run *r = dsc_alloc(1, sizeof *r);
    if (r == NULL) {
        return dsc_fail_memory(err, "a blend");
    }
    *r = (dsc_blend_run){.config = config, .watcher = watcher, .user = user};
    pthread_mutex_init(&r->mutex, NULL);
    clock_gettime(CLOCK_MONOTONIC, &r->begin);
    const size_t n_each = config->weights != NULL ? 1 : (size_t)config->n_folds + 1;
    r->progress.n_trainings = n_each * config->n_members;
    memcpy(r->members, config->members, config->n_members * sizeof *r->members);
    const dsc_status status = dsc_pool_create(&r->pool, config->n_threads, err);
    if (status != DSC_OK) {
        dsc_blend_run_destroy(r);
        return status;
    }
    *out = r;
    return DSC_OK;
}

void dsc_blend_run_destroy(dsc_blend_run *r) {
    if (r == NULL) {
        return;
    }
    for (size_t m = 0; m < r->config->n_members; m++) {
        dsc_recommender_destroy(r->models[m]);
    }
    dsc_blend_held_clear(&r->held);
    dsc_pool_destroy(r->pool);
    pthread_mutex_destroy(&r->mutex);
    dsc_free(r);
}
