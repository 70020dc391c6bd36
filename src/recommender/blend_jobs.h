/* Trainings of a blend's members, side by side on threads: what they share, and their progress. */
#ifndef DSC_RECOMMENDER_BLEND_JOBS_H
#define DSC_RECOMMENDER_BLEND_JOBS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/pool.h"
#include "descent/blend.h"
#include "recommender/blend_held.h"

/* One training of one member. */
typedef struct dsc_blend_job {
    struct dsc_blend_run *run;
    size_t member;
    double ended; /* 0 .. 1, of this training */
    dsc_status status;
    dsc_error err;
} dsc_blend_job;

/* Freed with dsc_blend_run_destroy. */
typedef struct dsc_blend_run {
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
    dsc_blend_job jobs[DSC_MAX_MEMBERS];
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
} dsc_blend_run;

/* A run of the configuration's members, which is borrowed as `user` is. `watcher` NULL: nobody is told.
 * Returns DSC_OK; DSC_E_ARGUMENT too many threads; DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_blend_run_create(dsc_blend_run **out, const dsc_blend_config *config,
                                dsc_blend_watcher watcher, void *user, dsc_error *err);
void dsc_blend_run_destroy(dsc_blend_run *r); /* NULL is allowed */

/* Trains the members that have a weight, or all where `weight` is NULL, on r->ratings: models to be kept
 * where r->test is NULL, else what they predict for it.
 * Returns DSC_OK; DSC_E_CANCELLED by the watcher; what a training returned, err->where naming the member. */
dsc_status dsc_blend_run_jobs(dsc_blend_run *r, const double *weight, dsc_error *err);

#endif
