/* One training: epochs or iterations, early stopping, the best epoch's weights. A step of minibatches
 * is in trainer.c and what it calls, full batches are in full_batch.c. */
#include "recommender/training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "recommender/als.h"
#include "recommender/bf16_vectors.h"
#include "recommender/factorisation.h"
#include "recommender/full_batch.h"
#include "recommender/group_batch.h"
#include "recommender/held_ranking.h"
#include "recommender/holdout.h"
#include "recommender/kept_ratings.h"
#include "recommender/sample_order.h"
#include "recommender/tile.h"
#include "recommender/trainer.h"
#include "recommender/weight_average.h"

/* Streams of dsc_random_stream; see model_values.c for the others. */
enum { PURPOSE_TRIAL = 10 };

/* How often the watcher is called within an epoch. */
enum { REPORTS_PER_EPOCH = 100 };

typedef struct training {
    const dsc_training_frame *frame;
    dsc_recommender *model; /* being trained; at the end it holds the best epoch */
    dsc_trainer *trainer;
    dsc_weight_average average; /* what is validated and kept of minibatch training */
    dsc_pool *pool;             /* of whatever trains, as long as that is there */
    dsc_scorer **scorers;       /* (n_scorers) of the pool's threads; look at the same model */
    size_t n_scorers;
    size_t n_samples;         /* ratings to train on */
    dsc_sample_list samples;  /* them; minibatches alone */
    dsc_sample_order order;   /* of them, epoch by epoch */
    dsc_holdout held;         /* behind the samples */
    dsc_held_ranking ranking; /* of them; interactions alone */
    uint32_t *left_out;       /* (held) positions, sorted, of a trial of full batches; else NULL */
    dsc_kept_ratings kept; /* to train on; minibatches of ratings have them for histories alone */
    dsc_sparse_matrix copied;  /* them, where some of the model's are left out */
    dsc_sparse rest;           /* them, or all of the model's; for histories of minibatches */
    dsc_group_batch groups;    /* interactions in minibatches alone */
    float *best_tables;        /* (n_table_values) of the best epoch; NULL: the model has them */
    dsc_network *best_network; /* the same */
    dsc_training_progress progress;
} training;

static bool is_used(const training *t, size_t user) {
    if (t->frame->user_share >= 1) {
        return true;
    }
    dsc_random random = dsc_random_stream(t->model->config.seed, PURPOSE_TRIAL, user);
    return dsc_random_uniform(&random) < t->frame->user_share;
}

static bool has_minibatches(const dsc_recommender_config *config) {
    return !config->use_lbfgs && !config->use_als && !config->use_twin_adagrad;
}

/* Minibatches are made of them, and what is held out is drawn from them; else the model's ratings do. */
static bool needs_samples(const training *t) {
    return has_minibatches(&t->model->config) || t->model->config.holdout > 0;
}

/* Counts the ratings to learn from, and lists them where that is needed. */
static dsc_status collect_samples(training *t, dsc_error *err) {
    const dsc_sparse ratings = dsc_sparse_view(&t->model->ratings);
    const dsc_recommender_config *config = &t->model->config;
    if (ratings.n_entries > UINT32_MAX && (needs_samples(t) || !config->use_als)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "ratings",
                        "are %zu; this version trains on at most %u", ratings.n_entries,
                        UINT32_MAX);
    }
    for (size_t user = 0; user < ratings.n_rows; user++) {
        t->n_samples += is_used(t, user) ? ratings.start[user + 1] - ratings.start[user] : 0;
    }
    if (!needs_samples(t)) {
        return DSC_OK;
    }
    dsc_status status = dsc_sample_list_init(&t->samples, t->model, ratings, t->n_samples, err);
    for (size_t user = 0, n = 0; status == DSC_OK && user < ratings.n_rows; user++) {
        const uint64_t end = is_used(t, user) ? ratings.start[user + 1] : ratings.start[user];
        for (uint64_t e = ratings.start[user]; e < end; e++) {
            t->samples.position[n++] = (uint32_t)e;
        }
    }
    return status;
}

static double elapsed_s(const training *t) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->frame->begin.tv_sec) +
           1e-9 * (double)(now.tv_nsec - t->frame->begin.tv_nsec);
}

/* False: the watcher asked to stop. */
static bool report(training *t) {
    t->progress.elapsed_s = elapsed_s(t);
    return t->frame->watcher == NULL || t->frame->watcher(&t->progress, t->frame->user);
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

/* One minibatch, from `begin` on. */
static dsc_status run_batch(training *t, size_t begin, size_t n, double *sum, dsc_error *err) {
    size_t n_after;
    const dsc_training_sample *samples = dsc_sample_order_take(&t->order, begin, n, &n_after);
    if (!t->model->config.is_implicit) {
        return dsc_trainer_step(t->trainer, samples, n, n_after, sum, err);
    }
    const dsc_training_groups groups =
        dsc_group_batch_fill(&t->groups, samples, n, t->progress.epoch, begin, t->pool);
    return dsc_trainer_step_groups(t->trainer, &groups, sum, err);
}

/* All minibatches of an epoch. */
static dsc_status run_epoch(training *t, dsc_error *err) {
    const dsc_recommender_config *config = &t->model->config;
    dsc_training_progress *progress = &t->progress;
    const size_t interval = t->n_samples / REPORTS_PER_EPOCH + 1;
    double sum = 0;
    progress->is_epoch_end = false;
    progress->n_done = 0;
    dsc_sample_order_begin(&t->order, progress->epoch);
    for (size_t begin = 0, next_report = 0; begin < t->n_samples; begin += config->batch_size) {
        const size_t rest = t->n_samples - begin;
        const size_t n = rest < config->batch_size ? rest : config->batch_size;
        double batch_sum;
        dsc_status status = run_batch(t, begin, n, &batch_sum, err);
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
    const double mean = sum / (double)t->n_samples;
    if (progress->is_implicit) {
        progress->train_loss = mean;
    } else {
        progress->train_rmse = dsc_trainer_unit(t->model) * sqrt(mean);
    }
    return DSC_OK;
}

static void copy_weights(float *tables, dsc_network *network, const float *from_tables,
                         const dsc_network *from_network, size_t n_table_values) {
    memcpy(tables, from_tables, n_table_values * sizeof *tables);
    if (network == NULL) {
        return;
    }
    memcpy(dsc_network_parameters(network), dsc_network_parameters_const(from_network),
           dsc_network_n_parameters(network) * sizeof(float));
}

/* Whether what is held out decides which epoch is kept: not in a trial, where the last one is. */
static bool chooses_epoch(const training *t) {
    return t->held.samples.n > 0 && t->frame->trial == 0;
}

/* Than the best epoch so far, on what was held out. */
static bool is_better(const dsc_training_progress *progress) {
    return progress->is_implicit ? progress->validation_ndcg > progress->best_validation_ndcg
                                 : progress->validation_rmse < progress->best_validation_rmse;
}

/* --- validation -------------------------------------------------------------------------------- */

/* What is held out is predicted by the threads of whatever trains, a scorer each. */
static dsc_status share_validation(training *t, dsc_pool *pool, dsc_error *err) {
    const size_t n = dsc_pool_n_threads(pool);
    dsc_status status = DSC_OK;
    t->pool = pool;
    t->scorers = dsc_alloc(n, sizeof(dsc_scorer *)); /* of a pointer */
    if (t->scorers == NULL) {
        return dsc_fail_memory(err, "the scorers");
    }
    t->n_scorers = n;
    for (size_t i = 0; status == DSC_OK && i < n; i++) {
        status = dsc_scorer_create(&t->scorers[i], t->model, err);
    }
    if (status == DSC_OK && t->model->config.is_implicit) {
        status = dsc_held_ranking_equip(&t->ranking, &t->kept, n, err);
    }
    return status;
}

/* The errors of what is held out, NAN where there is none. */
static void measure_held(training *t, double *rmse, double *ndcg) {
    if (t->model->config.is_implicit) {
        *ndcg = dsc_held_ranking_ndcg(&t->ranking, t->scorers, t->pool);
    } else {
        *rmse = dsc_holdout_rmse(&t->held, t->scorers, t->pool);
    }
}

/* After an epoch: validates, keeps the weights if they are the best, reports. */
static dsc_status end_epoch(training *t, dsc_error *err) {
    dsc_recommender *model = t->model;
    dsc_training_progress *progress = &t->progress;
    if (!dsc_model_is_bounded(model)) {
        return fail_epoch(t, err, "a weight or a prediction");
    }
    progress->is_epoch_end = true;
    measure_held(t, &progress->validation_rmse, &progress->validation_ndcg);
    model->statistics.n_epochs = progress->epoch;
    if (!chooses_epoch(t) || progress->best_epoch == 0 || is_better(progress)) {
        progress->best_epoch = progress->epoch;
        progress->best_validation_rmse = progress->validation_rmse;
        progress->best_validation_ndcg = progress->validation_ndcg;
        model->statistics.best_epoch = progress->epoch;
        model->statistics.train_rmse = progress->train_rmse;
        model->statistics.validation_rmse = progress->validation_rmse;
        model->statistics.train_loss = progress->train_loss;
        model->statistics.validation_ndcg = progress->validation_ndcg;
        if (t->best_tables != NULL) {
            copy_weights(t->best_tables, t->best_network, model->tables, model->network,
                         model->n_table_values);
        }
    }
    return report(t) ? DSC_OK : cancel(t, err);
}

static bool has_lost_patience(const training *t) {
    return t->held.samples.n > 0 &&
           t->progress.epoch - t->progress.best_epoch >= t->model->config.patience;
}

static dsc_status run_epochs(training *t, dsc_error *err) {
    const dsc_recommender_config *config = &t->model->config;
    dsc_training_progress *progress = &t->progress;
    for (progress->epoch = 1; progress->epoch <= config->max_epochs; progress->epoch++) {
        dsc_status status = run_epoch(t, err);
        if (status == DSC_OK) {
            dsc_trainer_hand_over(t->trainer);
            dsc_weight_average_add(&t->average);
            dsc_weight_average_swap(&t->average);
            dsc_trainer_refresh(t->trainer);
            status = end_epoch(t, err);
            dsc_weight_average_swap(&t->average);
        }
        if (status != DSC_OK) {
            return status;
        }
        if (has_lost_patience(t)) {
            break;
        }
    }
    return DSC_OK;
}

/* A mean of weights has more bits than bfloat16: what is kept is rounded, and its errors are those told. */
static void round_vectors(training *t) {
    dsc_recommender *model = t->model;
    dsc_bf16_vectors_round(model);
    dsc_trainer_refresh(t->trainer);
    measure_held(t, &model->statistics.validation_rmse, &model->statistics.validation_ndcg);
}

/* --- full-batch training ---------------------------------------------------------------------- */

/* Sorts what is held out, whose RMSE is then a sum in the order of the ratings. A trial, which has few ratings, sorts
 * them apart: strengths follow from its error, a sum in the order in which they were drawn. */
static dsc_status sort_held(training *t, dsc_sample_list *sorted, dsc_error *err) {
    *sorted = t->held.samples;
    if (t->frame->trial > 0) {
        t->left_out = dsc_alloc(sorted->n, sizeof *t->left_out);
        if (t->left_out == NULL) {
            return dsc_fail_memory(err, "the held-out ratings");
        }
        memcpy(t->left_out, sorted->position, sorted->n * sizeof *t->left_out);
        sorted->position = t->left_out;
    }
    dsc_sample_list_sort(sorted);
    return DSC_OK;
}

/* Every rating but the held-out ones. */
static dsc_status keep_ratings(training *t, dsc_error *err) {
    const dsc_sparse all = dsc_sparse_view(&t->model->ratings);
    const bool uses_all = t->frame->user_share >= 1;
    bool *uses_user = uses_all ? NULL : dsc_alloc(all.n_rows, sizeof *uses_user);
    if (!uses_all && uses_user == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    for (size_t user = 0; !uses_all && user < all.n_rows; user++) {
        uses_user[user] = is_used(t, user);
    }
    dsc_sample_list held;
    dsc_status status = sort_held(t, &held, err);
    if (status == DSC_OK) {
        status = dsc_kept_ratings_init(&t->kept, all, held.position, held.n, uses_user, err);
    }
    dsc_free(uses_user);
    return status;
}

/* Their columns side by side, which histories of minibatches go over many times in a step. */
static dsc_status copy_kept(training *t, dsc_error *err) {
    const dsc_sparse all = t->kept.all, shape = dsc_kept_ratings_shape(&t->kept);
    const dsc_row_range rows = {0, all.n_rows};
    if (!dsc_kept_ratings_has_gaps(&t->kept, rows)) {
        t->rest = dsc_sparse_places(all);
        return DSC_OK;
    }
    dsc_status status = dsc_sparse_matrix_init(&t->copied, all.n_rows, all.n_cols, shape.n_entries,
                                               DSC_SPARSE_PLACES, err);
    if (status == DSC_OK) {
        memcpy(t->copied.start, shape.start, (all.n_rows + 1) * sizeof *shape.start);
        dsc_kept_ratings_rows(&t->kept, rows, t->copied.column);
        t->rest = dsc_sparse_view(&t->copied);
    }
    return status;
}

typedef struct full_batch_run {
    training *t;
    dsc_status status; /* of what is done between epochs */
    dsc_error *err;
} full_batch_run;

static bool end_iteration(size_t iteration, double sum_of_squared_errors, void *user) {
    full_batch_run *run = user;
    training *t = run->t;
    dsc_training_progress *progress = &t->progress;
    progress->epoch = iteration;
    progress->n_done = progress->n_total;
    progress->train_rmse =
        dsc_trainer_unit(t->model) * sqrt(sum_of_squared_errors / (double)t->n_samples);
    run->status = end_epoch(t, run->err);
    return run->status == DSC_OK && !has_lost_patience(t);
}

static dsc_status run_full_batch(training *t, dsc_error *err) {
    dsc_full_batch *batch;
    dsc_status status = dsc_full_batch_create(&batch, t->model, DSC_FLOAT32, t->kept, err);
    if (status != DSC_OK) {
        return status;
    }
    full_batch_run run = {.t = t, .err = err};
    dsc_error ended = {DSC_OK, "", ""};
    t->progress.epoch = 1;
    run.status = share_validation(t, dsc_full_batch_pool(batch), err);
    if (run.status == DSC_OK) {
        status = dsc_full_batch_run(batch, end_iteration, &run, &ended);
    }
    dsc_full_batch_destroy(batch);
    if (run.status != DSC_OK) {
        return run.status;
    }
    if (status == DSC_E_NONFINITE) {
        return fail_epoch(t, err, "the error");
    }
    if (status != DSC_OK && status != DSC_E_CANCELLED) { /* cancelled: patience was over */
        return dsc_fail(err, status, ended.where, "%s", ended.message);
    }
    return DSC_OK;
}

/* --- alternating least squares ------------------------------------------------------------------ */

static dsc_status run_als(training *t, dsc_error *err) {
    dsc_training_progress *progress = &t->progress;
    dsc_als *als = NULL;
    dsc_status status = dsc_als_create(&als, t->model, t->kept, err);
    if (status == DSC_OK) {
        status = share_validation(t, dsc_als_pool(als), err);
    }
    for (size_t epoch = 1; status == DSC_OK && epoch <= progress->max_epochs; epoch++) {
        progress->epoch = epoch;
        progress->is_epoch_end = false;
        /* Users last: their vectors are then near their minima for the items' as they stay, where those of
         * users are who are folded in. */
        for (int half = 0; status == DSC_OK && half < 2; half++) {
            status = dsc_als_half_step(als, half == 0, err);
            progress->n_done = half == 1 ? progress->n_total : progress->n_total / 2;
            if (status == DSC_OK && !report(t)) {
                status = cancel(t, err);
            }
        }
        if (status == DSC_OK) {
            progress->train_loss = dsc_als_objective(als);
            status = end_epoch(t, err);
        }
        if (has_lost_patience(t)) {
            break;
        }
    }
    dsc_als_destroy(als);
    return status;
}

/* --- twin AdaGrad -------------------------------------------------------------------------------- */

static dsc_status run_rounds(training *t, dsc_factorisation *factorisation, dsc_error *err) {
    dsc_training_progress *progress = &t->progress;
    const size_t n_rounds = dsc_factorisation_n_rounds(factorisation);
    double sum = 0;
    progress->is_epoch_end = false;
    for (size_t round = 0; round < n_rounds; round++) {
        sum += dsc_factorisation_run(factorisation, progress->epoch, round);
        progress->n_done = t->n_samples * (round + 1) / n_rounds;
        if (!report(t)) {
            return cancel(t, err);
        }
    }
    progress->train_rmse = dsc_trainer_unit(t->model) * sqrt(sum / (double)t->n_samples);
    dsc_factorisation_hand_over(factorisation);
    return end_epoch(t, err);
}

static dsc_status run_factorisation(training *t, dsc_error *err) {
    dsc_training_progress *progress = &t->progress;
    dsc_factorisation *factorisation;
    dsc_status status = dsc_factorisation_create(&factorisation, t->model, t->kept, err);
    if (status == DSC_OK) {
        status = share_validation(t, dsc_factorisation_pool(factorisation), err);
    }
    for (size_t epoch = 1; status == DSC_OK && epoch <= progress->max_epochs; epoch++) {
        progress->epoch = epoch;
        status = run_rounds(t, factorisation, err);
        if (has_lost_patience(t)) {
            break;
        }
    }
    dsc_factorisation_destroy(factorisation);
    return status;
}

static dsc_status prepare_minibatches(training *t, dsc_error *err) {
    const dsc_recommender_config *config = &t->model->config;
    dsc_status status = dsc_trainer_create(&t->trainer, t->model, t->rest, err);
    if (status == DSC_OK) {
        status = share_validation(t, dsc_trainer_pool(t->trainer), err);
    }
    if (status == DSC_OK) {
        status = dsc_weight_average_init(&t->average, t->model, config->average_epochs, err);
    }
    if (status == DSC_OK) {
        status = dsc_sample_order_init(&t->order, &t->samples, config->batch_size, t->pool, err);
    }
    if (status == DSC_OK && config->is_implicit) {
        status =
            dsc_group_batch_init(&t->groups, config, t->kept, dsc_pool_n_threads(t->pool), err);
    }
    return status;
}

/* Room for the weights of the best epoch. Full batches of which none is held out end with them, and twin
 * AdaGrad, whose model has those of the last epoch that came to its end. */
static dsc_status create_best(training *t, dsc_error *err) {
    const dsc_recommender *model = t->model;
    if ((model->config.use_lbfgs || model->config.use_twin_adagrad) && !chooses_epoch(t)) {
        return DSC_OK;
    }
    t->best_tables = dsc_alloc(model->n_table_values, sizeof *t->best_tables);
    if (t->best_tables == NULL) {
        return dsc_fail_memory(err, "the best epoch's weights");
    }
    return model->network != NULL
               ? dsc_network_copy(&t->best_network, model->network, DSC_FLOAT32, err)
               : DSC_OK;
}

static dsc_status prepare(training *t, dsc_error *err) {
    dsc_status status = collect_samples(t, err);
    if (status == DSC_OK) {
        status = dsc_holdout_take(&t->held, t->model, &t->samples, &t->n_samples, err);
    }
    const dsc_recommender_config *config = &t->model->config;
    if (status == DSC_OK && !has_minibatches(config)) {
        status = dsc_holdout_keep_alone(&t->held, &t->samples, err);
    }
    if (status == DSC_OK && config->is_implicit) { /* while they are in random order */
        status = dsc_held_ranking_init(&t->ranking, t->model, &t->held, err);
    }
    const bool has_history = config->use_user_history || config->use_item_history;
    if (status == DSC_OK && (!has_minibatches(config) || config->is_implicit || has_history)) {
        status = keep_ratings(t, err);
    }
    if (status == DSC_OK && has_minibatches(config) && has_history) {
        status = copy_kept(t, err);
    }
    if (status == DSC_OK && has_minibatches(config)) {
        status = prepare_minibatches(t, err);
    }
    return status == DSC_OK ? create_best(t, err) : status;
}

static void clear(training *t) {
    for (size_t i = 0; i < t->n_scorers; i++) {
        dsc_scorer_destroy(t->scorers[i]);
    }
    dsc_free(t->scorers);
    dsc_trainer_destroy(t->trainer);
    dsc_weight_average_clear(&t->average);
    dsc_network_destroy(t->best_network);
    dsc_sparse_matrix_clear(&t->copied);
    dsc_kept_ratings_clear(&t->kept);
    dsc_free(t->left_out);
    dsc_free(t->best_tables);
    dsc_sample_order_clear(&t->order);
    dsc_group_batch_clear(&t->groups);
    dsc_held_ranking_clear(&t->ranking);
    dsc_holdout_clear(&t->held);
    dsc_sample_list_clear(&t->samples);
}

dsc_status dsc_training_run(dsc_recommender **out, const dsc_ratings *ratings,
                            const dsc_recommender_config *config, const dsc_training_frame *frame,
                            dsc_error *err) {
    dsc_recommender *model;
    *out = NULL;
    dsc_status status = dsc_model_from_ratings(&model, config, ratings, err);
    return status == DSC_OK ? dsc_training_of_model(out, model, frame, err) : status;
}

dsc_status dsc_training_of_model(dsc_recommender **out, dsc_recommender *model,
                                 const dsc_training_frame *frame, dsc_error *err) {
    training t = {.frame = frame, .model = model};
    const dsc_recommender_config *config = &model->config;
    *out = NULL;
    if (!config->use_twin_adagrad) { /* which draws a start of its own */
        dsc_model_init(model);
    }
    dsc_status status = prepare(&t, err);
    if (status == DSC_OK) {
        t.progress = (dsc_training_progress){.trial = frame->trial,
                                             .trial_scale = frame->trial_scale,
                                             .without_history = frame->without_history,
                                             .trial_rmse = frame->trial_rmse,
                                             .max_epochs = config->max_epochs,
                                             .n_total = t.n_samples,
                                             .is_full_batch = config->use_lbfgs,
                                             .validation_rmse = (double)NAN,
                                             .best_validation_rmse = (double)NAN,
                                             .is_implicit = config->is_implicit,
                                             .train_loss = (double)NAN,
                                             .validation_ndcg = (double)NAN,
                                             .best_validation_ndcg = (double)NAN};
        if (config->is_implicit) {
            t.progress.train_rmse = (double)NAN;
        }
        status = config->use_lbfgs          ? run_full_batch(&t, err)
                 : config->use_als          ? run_als(&t, err)
                 : config->use_twin_adagrad ? run_factorisation(&t, err)
                                            : run_epochs(&t, err);
    }
    if (status == DSC_OK || (status == DSC_E_CANCELLED && t.progress.best_epoch > 0)) {
        if (t.best_tables != NULL) {
            copy_weights(t.model->tables, t.model->network, t.best_tables, t.best_network,
                         t.model->n_table_values);
        }
        if (config->use_bf16) {
            round_vectors(&t);
        }
        dsc_model_refresh(t.model);
        *out = t.model;
        t.model = NULL;
    }
    clear(&t);
    dsc_recommender_destroy(t.model);
    return status;
}
