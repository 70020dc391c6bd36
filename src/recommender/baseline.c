/* The baselines: docs/math.md (24), (25). */
#include "recommender/baseline.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"

/* Ratings at the mean that every user and item is taken to have had before the first real one. */
static const double shrinkage = 5;

/* Rounds of solving for items, then users: after ten the biases move in the fourth digit only. */
enum { N_SWEEPS = 10 };

/* Users are taken in parts of at least so many ratings: what is summed a part costs little beside them. */
enum { RATINGS_OF_PART = 1 << 20, MOST_PARTS = 16 };

typedef struct fit {
    dsc_recommender *model;
    dsc_pool *pool;
    size_t n_parts;
    uint32_t first[MOST_PARTS + 1]; /* user of each part */
    double sum[MOST_PARTS];         /* of what is summed over all ratings of a part */
    double min[MOST_PARTS], max[MOST_PARTS];
    double *item_sums; /* (n_parts, n_items) */
    int sweep;         /* the running one: 0 to N_SWEEPS */
} fit;

static dsc_status begin_fit(fit *f, dsc_recommender *model, dsc_error *err) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    const size_t n_full = ratings->n_entries / RATINGS_OF_PART;
    *f = (fit){.model = model,
               .n_parts = n_full < 1            ? 1
                          : n_full < MOST_PARTS ? n_full
                                                : MOST_PARTS};
    size_t part = 1;
    for (size_t u = 0; u < model->n_users; u++) {
        for (; part < f->n_parts && ratings->start[u] >= ratings->n_entries / f->n_parts * part;
             part++) {
            f->first[part] = (uint32_t)u;
        }
    }
    for (; part <= f->n_parts; part++) {
        f->first[part] = (uint32_t)model->n_users;
    }
    f->item_sums = dsc_alloc(f->n_parts, model->n_items * sizeof *f->item_sums);
    if (f->item_sums == NULL) {
        return dsc_fail_memory(err, "the baselines");
    }
    if (f->n_parts > 1) { /* where there are no threads to be had, the caller's finds the same */
        (void)dsc_pool_create(&f->pool, model->config.n_threads, NULL);
    }
    return DSC_OK;
}

static double total(const fit *f) {
    double sum = 0;
    for (size_t part = 0; part < f->n_parts; part++) {
        sum += f->sum[part];
    }
    return sum;
}

/* Runs `part` for all parts, whose sums of items begin at 0. Afterwards the first part's are those
 * of all. */
static void run_parts(fit *f, dsc_part_runner part) {
    const size_t n_items = f->model->n_items;
    memset(f->item_sums, 0, f->n_parts * n_items * sizeof *f->item_sums);
    dsc_pool_run(f->pool, f->n_parts, part, f);
    for (size_t p = 1; p < f->n_parts; p++) {
        for (size_t i = 0; i < n_items; i++) {
            f->item_sums[i] += f->item_sums[p * n_items + i];
        }
    }
}

/* A part of the pool's job: smallest, largest and sum, and the sums of items. */
static void measure_part(void *job, size_t part, size_t thread) {
    fit *f = job;
    const dsc_sparse_matrix *ratings = &f->model->ratings;
    double *item_sum = f->item_sums + part * f->model->n_items;
    double sum = 0, min = (double)INFINITY, max = -(double)INFINITY;
    (void)thread;
    for (uint64_t e = ratings->start[f->first[part]]; e < ratings->start[f->first[part + 1]]; e++) {
        const double rating = (double)ratings->value[e];
        sum += rating;
        min = rating < min ? rating : min;
        max = rating > max ? rating : max;
        item_sum[ratings->column[e]] += rating;
    }
    f->sum[part] = sum;
    f->min[part] = min;
    f->max[part] = max;
}

/* A part of the pool's job: squares of differences from the mean, and the numbers of items' ratings. */
static void spread_part(void *job, size_t part, size_t thread) {
    fit *f = job;
    const dsc_sparse_matrix *ratings = &f->model->ratings;
    double *item_count = f->item_sums + part * f->model->n_items;
    double sum = 0;
    (void)thread;
    for (uint64_t e = ratings->start[f->first[part]]; e < ratings->start[f->first[part + 1]]; e++) {
        const double difference = (double)ratings->value[e] - f->model->statistics.mean;
        sum += difference * difference;
        item_count[ratings->column[e]]++;
    }
    f->sum[part] = sum;
}

/* The statistics of the ratings, and how popular and well rated each item is: (25). */
static void measure(fit *f) {
    dsc_recommender *model = f->model;
    dsc_statistics *s = &model->statistics;
    const double n = (double)model->ratings.n_entries;
    const double typical_count = n / (double)model->n_items;
    run_parts(f, measure_part);
    s->min = (double)INFINITY;
    s->max = -(double)INFINITY;
    for (size_t part = 0; part < f->n_parts; part++) {
        s->min = fmin(s->min, f->min[part]);
        s->max = fmax(s->max, f->max[part]);
    }
    s->mean = total(f) / n;
    memcpy(model->item_appeal, f->item_sums, model->n_items * sizeof *model->item_appeal);
    run_parts(f, spread_part);
    s->spread = sqrt(total(f) / n);
    if (s->spread == 0) {
        s->spread = 1;
    }
    for (size_t i = 0; i < model->n_items; i++) {
        model->item_count[i] = (uint32_t)f->item_sums[i];
        model->item_appeal[i] =
            (model->item_appeal[i] + typical_count * s->mean) / (f->item_sums[i] + typical_count);
    }
}

double dsc_baseline_bias(double mean, const double *other_baseline, const dsc_given *given) {
    double sum = 0;
    for (size_t e = 0; e < given->n; e++) {
        sum += (double)given->rating[e] - mean - other_baseline[given->other[e]];
    }
    return sum / ((double)given->n + shrinkage);
}

/* A part of the pool's job: the biases of its users with those of items held fixed, but in the first
 * sweep, and then, but in the last, the sums that make those of items with these held fixed. */
static void sweep_part(void *job, size_t part, size_t thread) {
    fit *f = job;
    dsc_recommender *model = f->model;
    const dsc_sparse_matrix *ratings = &model->ratings;
    double *item_sum = f->item_sums + part * model->n_items;
    (void)thread;
    for (size_t u = f->first[part]; u < f->first[part + 1]; u++) {
        const uint64_t begin = ratings->start[u], end = ratings->start[u + 1];
        if (f->sweep > 0) {
            model->user_baseline[u] =
                dsc_baseline_bias(model->statistics.mean, model->item_baseline,
                                  &(dsc_given){.n = end - begin,
                                               .other = ratings->column + begin,
                                               .rating = ratings->value + begin});
        }
        const double expected = model->statistics.mean + model->user_baseline[u];
        for (uint64_t e = begin; f->sweep < N_SWEEPS && e < end; e++) {
            item_sum[ratings->column[e]] += (double)ratings->value[e] - expected;
        }
    }
}

/* Items first, then users and items in turn, users last. */
static void sweep(fit *f) {
    dsc_recommender *model = f->model;
    memset(model->user_baseline, 0, model->n_users * sizeof *model->user_baseline);
    for (f->sweep = 0; f->sweep <= N_SWEEPS; f->sweep++) {
        run_parts(f, sweep_part);
        for (size_t i = 0; f->sweep < N_SWEEPS && i < model->n_items; i++) {
            model->item_baseline[i] = f->item_sums[i] / (model->item_count[i] + shrinkage);
        }
    }
}

/* Of interactions: how large a share of the users has the item. (120) */
static void fit_shares(dsc_recommender *model) {
    model->statistics.mean = 0;
    model->statistics.spread = 1;
    memset(model->user_baseline, 0, model->n_users * sizeof *model->user_baseline);
    for (size_t i = 0; i < model->n_items; i++) {
        model->item_appeal[i] = model->item_count[i] / (double)model->n_users;
        model->item_baseline[i] = model->item_appeal[i];
    }
}

dsc_status dsc_baseline_fit(dsc_recommender *model, dsc_error *err) {
    fit f;
    dsc_status status = begin_fit(&f, model, err);
    if (status == DSC_OK) {
        measure(&f);
        if (model->config.is_implicit) {
            fit_shares(model);
        } else {
            sweep(&f);
        }
    }
    dsc_pool_destroy(f.pool);
    dsc_free(f.item_sums);
    return status;
}

double dsc_baseline_predict(const dsc_recommender *model, uint32_t user, uint32_t item) {
    double rating = model->statistics.mean;
    if (user != DSC_NO_INDEX) {
        rating += model->user_baseline[user];
    }
    if (item != DSC_NO_INDEX) {
        rating += model->item_baseline[item];
    }
    return dsc_clip(model, rating);
}
