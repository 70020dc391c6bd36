/* Training: holdout, epochs, early stopping, the best epoch's weights. One step is in trainer.c. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "recommender/baseline.h"
#include "recommender/trainer.h"

/* Streams of dsc_random_stream; see model.c for the others. */
enum { PURPOSE_HOLDOUT = 4, PURPOSE_SHUFFLE = 5 };

/* How often the watcher is called within an epoch. */
enum { REPORTS_PER_EPOCH = 100 };

/* The held-out pairs with their ratings, and room for predictions. */
typedef struct holdout {
    size_t n;
    uint32_t *user;   /* (n), the block that holds the next three */
    uint32_t *item;   /* (n) */
    float *rating;    /* (n) */
    float *predicted; /* (n) */
} holdout;

typedef struct training {
    dsc_recommender *model; /* being trained; at the end it holds the best epoch */
    dsc_trainer *trainer;
    dsc_scorer *scorer; /* looks at the same model */
    dsc_training_sample
        *samples; /* (n_samples) in the order of the running epoch, then the held-out ones */
    size_t n_samples;
    holdout held;
    float *best_tables;        /* (n_table_values) of the best epoch */
    dsc_network *best_network; /* the same */
    dsc_training_progress progress;
    dsc_training_watcher watcher;
    void *user;
    struct timespec begin;
} training;

static void shuffle(dsc_training_sample *samples, size_t n, dsc_random random) {
    for (size_t i = n; i > 1; i--) {
        const size_t j = dsc_random_below(&random, (uint32_t)i);
        const dsc_training_sample moved = samples[i - 1];
        samples[i - 1] = samples[j];
        samples[j] = moved;
    }
}

static dsc_status collect_samples(training *t, dsc_error *err) {
    const dsc_sparse ratings = dsc_sparse_view(&t->model->ratings);
    if (ratings.n_entries > UINT32_MAX) {
        return dsc_fail(err, DSC_E_ARGUMENT, "ratings",
                        "are %zu; this version trains on at most %u", ratings.n_entries,
                        UINT32_MAX);
    }
    t->samples = dsc_alloc(ratings.n_entries, sizeof *t->samples);
    if (t->samples == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    for (size_t user = 0; user < ratings.n_rows; user++) {
        for (uint64_t e = ratings.start[user]; e < ratings.start[user + 1]; e++) {
            t->samples[e] =
                (dsc_training_sample){.user = (uint32_t)user,
                                      .item = ratings.column[e],
                                      .target = dsc_trainer_target(t->model, ratings.value[e])};
        }
    }
    t->n_samples = ratings.n_entries;
    return DSC_OK;
}

/* Takes a random share of the samples away from training. The targets are turned back into ratings
 * from the matrix, so that validation compares with what the file said. */
static dsc_status hold_out(training *t, dsc_error *err) {
    const dsc_recommender_config *config = &t->model->config;
    const dsc_sparse ratings = dsc_sparse_view(&t->model->ratings);
    size_t n = (size_t)((double)t->n_samples * config->holdout + 0.5);
    if (config->holdout > 0 && n == 0) {
        n = 1;
    }
    if (t->n_samples < n + 2) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "found %zu; expected at least %zu: 2 to train on and %zu held out",
                        t->n_samples, n + 2, n);
    }
    if (n == 0) {
        return DSC_OK;
    }
    holdout *held = &t->held;
    held->user = dsc_alloc(n, sizeof *held->user + sizeof *held->item + sizeof *held->rating +
                                  sizeof *held->predicted);
    if (held->user == NULL) {
        return dsc_fail_memory(err, "the held-out ratings");
    }
    held->item = held->user + n;
    held->rating = (float *)(void *)(held->item + n);
    held->predicted = held->rating + n;
    held->n = n;
    shuffle(t->samples, t->n_samples, dsc_random_stream(config->seed, PURPOSE_HOLDOUT, 0));
    t->n_samples -= n;
    for (size_t i = 0; i < n; i++) {
        const dsc_training_sample *sample = &t->samples[t->n_samples + i];
        held->user[i] = sample->user;
        held->item[i] = sample->item;
        held->rating[i] = ratings.value[dsc_sparse_find(ratings, sample->user, sample->item)];
    }
    return DSC_OK;
}

static double elapsed_s(const training *t) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->begin.tv_sec) + 1e-9 * (double)(now.tv_nsec - t->begin.tv_nsec);
}

/* False: the watcher asked to stop. */
static bool report(training *t) {
    t->progress.elapsed_s = elapsed_s(t);
    return t->watcher == NULL || t->watcher(&t->progress, t->user);
}

static dsc_status fail_epoch(const training *t, dsc_error *err, const char *what) {
    char where[32];
    snprintf(where, sizeof where, "epoch %zu", t->progress.epoch);
    return dsc_fail(err, DSC_E_NONFINITE, where,
                    "%s became infinite or not a number; try a lower learning rate", what);
}

static dsc_status cancel(const training *t, dsc_error *err) {
    char where[32];
    snprintf(where, sizeof where, "epoch %zu", t->progress.epoch);
    return dsc_fail(err, DSC_E_CANCELLED, where, "training was stopped");
}

/* All minibatches of an epoch. */
static dsc_status run_epoch(training *t, dsc_error *err) {
    const dsc_recommender_config *config = &t->model->config;
    dsc_training_progress *progress = &t->progress;
    const size_t interval = t->n_samples / REPORTS_PER_EPOCH + 1;
    double sum = 0;
    progress->is_epoch_end = false;
    progress->n_done = 0;
    shuffle(t->samples, t->n_samples,
            dsc_random_stream(config->seed, PURPOSE_SHUFFLE, progress->epoch));
    for (size_t begin = 0, next_report = 0; begin < t->n_samples; begin += config->batch_size) {
        const size_t rest = t->n_samples - begin;
        const size_t n = rest < config->batch_size ? rest : config->batch_size;
        double batch_sum;
        dsc_status status = dsc_trainer_step(t->trainer, t->samples + begin, n, &batch_sum, err);
        if (status != DSC_OK) {
            return status == DSC_E_NONFINITE ? fail_epoch(t, err, "the error") : status;
        }
        sum += batch_sum;
        progress->n_done = begin + n;
        if (progress->n_done >= next_report) {
            next_report = progress->n_done + interval;
            if (!report(t)) {
                return cancel(t, err);
            }
        }
    }
    progress->train_rmse = t->model->statistics.spread * sqrt(sum / (double)t->n_samples);
    return DSC_OK;
}

static double validate(training *t) {
    holdout *held = &t->held;
    double sum = 0;
    dsc_scorer_predict(t->scorer, held->n, held->user, held->item, held->predicted, NULL);
    for (size_t i = 0; i < held->n; i++) {
        const double error = (double)held->predicted[i] - (double)held->rating[i];
        sum += error * error;
    }
    return held->n > 0 ? sqrt(sum / (double)held->n) : (double)NAN;
}

static void copy_weights(float *tables, dsc_network *network, const float *from_tables,
                         const dsc_network *from_network, size_t n_table_values) {
    memcpy(tables, from_tables, n_table_values * sizeof *tables);
    memcpy(dsc_network_parameters(network), dsc_network_parameters_const(from_network),
           dsc_network_n_parameters(network) * sizeof(float));
}

/* After an epoch: validates, keeps the weights if they are the best, reports. */
static dsc_status end_epoch(training *t, dsc_error *err) {
    dsc_recommender *model = t->model;
    dsc_training_progress *progress = &t->progress;
    if (!dsc_model_is_bounded(model)) {
        return fail_epoch(t, err, "a weight or a prediction");
    }
    progress->is_epoch_end = true;
    progress->validation_rmse = validate(t);
    model->statistics.n_epochs = progress->epoch;
    /* Without a holdout every epoch replaces the one before. */
    if (t->held.n == 0 || progress->best_epoch == 0 ||
        progress->validation_rmse < progress->best_validation_rmse) {
        progress->best_epoch = progress->epoch;
        progress->best_validation_rmse = progress->validation_rmse;
        model->statistics.best_epoch = progress->epoch;
        model->statistics.train_rmse = progress->train_rmse;
        model->statistics.validation_rmse = progress->validation_rmse;
        copy_weights(t->best_tables, t->best_network, model->tables, model->network,
                     model->n_table_values);
    }
    return report(t) ? DSC_OK : cancel(t, err);
}

static dsc_status run_epochs(training *t, dsc_error *err) {
    const dsc_recommender_config *config = &t->model->config;
    dsc_training_progress *progress = &t->progress;
    for (progress->epoch = 1; progress->epoch <= config->max_epochs; progress->epoch++) {
        dsc_status status = run_epoch(t, err);
        if (status == DSC_OK) {
            status = end_epoch(t, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        if (t->held.n > 0 && progress->epoch - progress->best_epoch >= config->patience) {
            break;
        }
    }
    return DSC_OK;
}

static dsc_status prepare(training *t, dsc_error *err) {
    dsc_status status = collect_samples(t, err);
    if (status == DSC_OK) {
        status = hold_out(t, err);
    }
    if (status == DSC_OK) {
        status = dsc_trainer_create(&t->trainer, t->model, err);
    }
    if (status == DSC_OK) {
        status = dsc_scorer_create(&t->scorer, t->model, err);
    }
    if (status == DSC_OK) {
        status = dsc_network_copy(&t->best_network, t->model->network, DSC_FLOAT32, err);
    }
    if (status == DSC_OK) {
        t->best_tables = dsc_alloc(t->model->n_table_values, sizeof *t->best_tables);
        if (t->best_tables == NULL) {
            status = dsc_fail_memory(err, "the best epoch's weights");
        }
    }
    return status;
}

static void clear(training *t) {
    dsc_trainer_destroy(t->trainer);
    dsc_scorer_destroy(t->scorer);
    dsc_network_destroy(t->best_network);
    dsc_free(t->best_tables);
    dsc_free(t->samples);
    dsc_free(t->held.user);
}

dsc_status dsc_recommender_train(dsc_recommender **out, const dsc_ratings *ratings,
                                 const dsc_recommender_config *config, dsc_training_watcher watcher,
                                 void *user, dsc_error *err) {
    const dsc_recommender_config defaults = dsc_recommender_config_default();
    training t = {.watcher = watcher, .user = user};
    *out = NULL;
    dsc_status status =
        dsc_model_from_ratings(&t.model, config != NULL ? config : &defaults, ratings, err);
    if (status != DSC_OK) {
        return status;
    }
    clock_gettime(CLOCK_MONOTONIC, &t.begin);
    dsc_model_init(t.model);
    status = prepare(&t, err);
    if (status == DSC_OK) {
        t.progress.max_epochs = t.model->config.max_epochs;
        t.progress.n_total = t.n_samples;
        t.progress.validation_rmse = (double)NAN;
        t.progress.best_validation_rmse = (double)NAN;
        status = run_epochs(&t, err);
    }
    if (status == DSC_OK || (status == DSC_E_CANCELLED && t.progress.best_epoch > 0)) {
        copy_weights(t.model->tables, t.model->network, t.best_tables, t.best_network,
                     t.model->n_table_values);
        *out = t.model;
        t.model = NULL;
    }
    clear(&t);
    dsc_recommender_destroy(t.model);
    return status;
}
