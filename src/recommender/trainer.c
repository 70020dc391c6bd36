/* One minibatch: gathered tile by tile, forward, backward, scattered, then one step for all.
 *
 * Implements docs/math.md (18) to (23), (170) to (173). Sums run over samples in ascending order; the tile is a
 * constant, so that the result does not depend on how work might be shared among threads. */
#include "recommender/trainer.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/kernels.h"
#include "recommender/embedding.h"
#include "recommender/minibatch_sides.h"
#include "recommender/ranking_loss.h"

/* Samples of a tile: with it the widest layers of a usual tower stay in the second-level cache. A
 * group of more needs a tile of its own size. */
enum { TILE = 128 };

enum { USER_VECTORS, ITEM_VECTORS, USER_BIASES, ITEM_BIASES, THRESHOLDS, N_TABLES };

struct dsc_trainer {
    dsc_recommender *model;
    dsc_workspace *workspace;
    dsc_optimizer *optimizer; /* of the network's parameters */
    dsc_embedding tables[N_TABLES];
    dsc_minibatch_sides sides;
    size_t tile;     /* most samples of a tile */
    float *x;        /* (tile, 2 n_factors) the tile's sides, user before item; the block that
                           holds the next two */
    float *d_x;      /* (tile, 2 n_factors) their gradients */
    float *d_output; /* (tile) gradient at the predictions, (20) */
    double *score;   /* (tile) of a group; the block that holds the next */
    double *d_score; /* (tile) */
    dsc_training_sample *pairs; /* (tile) of groups */
    dsc_ordinal_sums sums;      /* of the running step; ordinal loss alone */
};

/* Whether the model has the table and learns it. */
static bool is_trained(const dsc_recommender *model, size_t table) {
    const bool is_bias = table == USER_BIASES || table == ITEM_BIASES;
    return is_bias ? model->config.use_biases
                   : table != THRESHOLDS || model->threshold_steps != NULL;
}

static dsc_status create_tables(dsc_trainer *trainer, dsc_error *err) {
    dsc_recommender *model = trainer->model;
    const dsc_recommender_config *config = &model->config;
    const size_t n_pairs = config->is_implicit ? 1 + config->n_negatives : 1;
    const struct {
        float *values;
        size_t n_rows, width;
        double l2;
    } shapes[N_TABLES] = {
        [USER_VECTORS] = {model->user_vectors, model->n_users, config->n_factors,
                          config->l2_vectors},
        [ITEM_VECTORS] = {model->item_vectors, model->n_items, config->n_factors,
                          config->l2_vectors},
        [USER_BIASES] = {model->user_biases, model->n_users, 1, config->l2_biases},
        [ITEM_BIASES] = {model->item_biases, model->n_items, 1, config->l2_biases},
        [THRESHOLDS] = {model->threshold_steps, 1, dsc_ordinal_n_steps(&model->ordinal), 0},
    };
    dsc_status status = DSC_OK;
    for (size_t t = 0; status == DSC_OK && t < N_TABLES; t++) {
        if (!is_trained(model, t)) {
            continue;
        }
        status =
            dsc_embedding_init(&trainer->tables[t], shapes[t].values,
                               &(dsc_embedding_config){.n_rows = shapes[t].n_rows,
                                                       .width = shapes[t].width,
                                                       .max_batch = config->batch_size * n_pairs,
                                                       .l2 = shapes[t].l2,
                                                       .optimizer = &config->optimizer},
                               err);
    }
    return status;
}

static dsc_status create_tile(dsc_trainer *trainer, dsc_error *err) {
    const size_t k = trainer->model->config.n_factors, tile = trainer->tile;
    trainer->x = dsc_alloc((4 * k + 1) * tile, sizeof *trainer->x);
    trainer->score = dsc_alloc(2 * tile, sizeof *trainer->score);
    trainer->pairs = dsc_alloc(tile, sizeof *trainer->pairs);
    if (trainer->x == NULL || trainer->score == NULL || trainer->pairs == NULL) {
        return dsc_fail_memory(err, "a trainer");
    }
    trainer->d_x = trainer->x + 2 * k * tile;
    trainer->d_output = trainer->d_x + 2 * k * tile;
    trainer->d_score = trainer->score + tile;
    return DSC_OK;
}

dsc_status dsc_trainer_create(dsc_trainer **out, dsc_recommender *model, dsc_sparse ratings,
                              dsc_error *err) {
    *out = NULL;
    dsc_trainer *trainer = dsc_alloc(1, sizeof *trainer);
    if (trainer == NULL) {
        return dsc_fail_memory(err, "a trainer");
    }
    const size_t group = 1 + model->config.n_negatives;
    trainer->model = model;
    trainer->tile = model->config.is_implicit && group > TILE ? group : TILE;
    dsc_status status = create_tables(trainer, err);
    if (status == DSC_OK) {
        status = dsc_minibatch_sides_init(&trainer->sides, model, ratings, err);
    }
    if (status == DSC_OK && model->network != NULL) {
        status = dsc_workspace_create(&trainer->workspace, model->network,
                                      &(dsc_workspace_config){.max_batch = trainer->tile}, err);
    }
    if (status == DSC_OK && model->network != NULL) {
        status = dsc_optimizer_create(&trainer->optimizer, &model->config.optimizer, DSC_FLOAT32,
                                      dsc_network_n_parameters(model->network), err);
    }
    if (status == DSC_OK) {
        status = create_tile(trainer, err);
    }
    if (status != DSC_OK) {
        dsc_trainer_destroy(trainer);
        return status;
    }
    *out = trainer;
    return DSC_OK;
}

void dsc_trainer_destroy(dsc_trainer *trainer) {
    if (trainer == NULL) {
        return;
    }
    for (size_t t = 0; t < N_TABLES; t++) {
        dsc_embedding_clear(&trainer->tables[t]);
    }
    dsc_minibatch_sides_clear(&trainer->sides);
    dsc_workspace_destroy(trainer->workspace);
    dsc_optimizer_destroy(trainer->optimizer);
    dsc_free(trainer->x);
    dsc_free(trainer->score);
    dsc_free(trainer->pairs);
    dsc_free(trainer);
}

float dsc_trainer_target(const dsc_recommender *model, float rating) {
    if (model->config.loss == DSC_LOSS_ORDINAL) {
        return (float)dsc_ordinal_place(&model->ordinal, (double)rating);
    }
    const double center = model->config.use_mean ? model->statistics.mean : 0;
    return (float)(((double)rating - center) / model->statistics.spread);
}

double dsc_trainer_unit(const dsc_recommender *model) {
    return model->config.loss == DSC_LOSS_ORDINAL ? 1 : model->statistics.spread;
}

static void gather(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n) {
    const size_t k = trainer->model->config.n_factors;
    for (size_t s = 0; s < n; s++) {
        float *row = trainer->x + s * 2 * k;
        const float *user = dsc_minibatch_sides_get(&trainer->sides, DSC_OF_USERS, samples[s].user);
        const float *item = dsc_minibatch_sides_get(&trainer->sides, DSC_OF_ITEMS, samples[s].item);
        memcpy(row, user, k * sizeof *row);
        memcpy(row + k, item, k * sizeof *row);
    }
}

/* The dot product of the tile's vectors s, 0 where the model has none. (51) */
static float dot_of(const dsc_trainer *trainer, size_t s) {
    const size_t k = trainer->model->config.n_factors;
    const float *row = trainer->x + s * 2 * k;
    const uint32_t first = 0;
    float dot = 0;
    if (trainer->model->config.use_dot) {
        trainer->model->kernels->dot_rows(&dot, row, &(dsc_picked_rows){row + k, k, &first, 1});
    }
    return dot;
}

/* Fills d_output with (20) or (147) for a minibatch of n_batch; returns the tile's sum of squared
 * errors. */
static double differentiate_loss(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                                 size_t n_batch) {
    const dsc_recommender *model = trainer->model;
    const float *output =
        model->network != NULL ? dsc_workspace_output(trainer->workspace).data : NULL;
    const bool is_ordinal = model->config.loss == DSC_LOSS_ORDINAL;
    const float scale = (is_ordinal ? 1.0f : 2.0f) / (float)n_batch;
    const double before = trainer->sums.squared_errors;
    double sum = 0;
    for (size_t s = 0; s < n; s++) {
        /* Without biases in the model both are 0. */
        const float prediction = (output != NULL ? output[s] : 0) + dot_of(trainer, s) +
                                 model->user_biases[samples[s].user] +
                                 model->item_biases[samples[s].item];
        if (is_ordinal) {
            trainer->d_output[s] =
                scale * (float)dsc_ordinal_add(&model->ordinal, (size_t)samples[s].target,
                                               (double)prediction, &trainer->sums);
            continue;
        }
        const float error = prediction - samples[s].target;
        sum += (double)error * (double)error;
        trainer->d_output[s] = scale * error;
    }
    return is_ordinal ? trainer->sums.squared_errors - before : sum;
}

/* The gradient at the tile's vectors, from network and dot product: (9), (52). */
static void fill_d_x(dsc_trainer *trainer, size_t n) {
    const dsc_recommender *model = trainer->model;
    const size_t k = model->config.n_factors;
    const float *of_network =
        model->network != NULL ? dsc_workspace_d_input(trainer->workspace).data : NULL;
    for (size_t s = 0; s < n; s++) {
        const float *x = trainer->x + s * 2 * k;
        float *d_x = trainer->d_x + s * 2 * k;
        const float slope = model->config.use_dot ? trainer->d_output[s] : 0;
        for (size_t f = 0; f < k; f++) {
            d_x[f] = slope * x[k + f];
            d_x[k + f] = slope * x[f];
        }
        for (size_t f = 0; of_network != NULL && f < 2 * k; f++) {
            d_x[f] += of_network[s * 2 * k + f];
        }
    }
}

/* Adds the tile's gradients to the rows that its samples touch: (21), (22). */
static void scatter(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n) {
    const size_t k = trainer->model->config.n_factors;
    const float *d_x = trainer->d_x;
    for (size_t s = 0; s < n; s++) {
        dsc_embedding_add(&trainer->tables[USER_VECTORS], samples[s].user, d_x + s * 2 * k);
        dsc_embedding_add(&trainer->tables[ITEM_VECTORS], samples[s].item, d_x + s * 2 * k + k);
    }
    for (size_t s = 0; trainer->model->config.use_biases && s < n; s++) {
        dsc_embedding_add(&trainer->tables[USER_BIASES], samples[s].user, &trainer->d_output[s]);
        dsc_embedding_add(&trainer->tables[ITEM_BIASES], samples[s].item, &trainer->d_output[s]);
    }
}

static dsc_status check_finite(double sum, dsc_error *err) {
    return isfinite(sum)
               ? DSC_OK
               : dsc_fail(err, DSC_E_NONFINITE, "training",
                          "the error became infinite or not a number; try a lower learning rate");
}

static dsc_status forward_tile(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                               dsc_error *err) {
    const dsc_network *network = trainer->model->network;
    gather(trainer, samples, n);
    return network != NULL
               ? dsc_network_forward(network, trainer->workspace,
                                     dsc_matrix_f32(trainer->x, n, dsc_network_n_in(network)), err)
               : DSC_OK;
}

/* From d_output to the gradients of everything. */
static dsc_status backward_tile(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                                dsc_error *err) {
    const dsc_network *network = trainer->model->network;
    dsc_status status = DSC_OK;
    if (network != NULL) {
        status = dsc_network_backward_from(network, trainer->workspace,
                                           dsc_matrix_f32(trainer->d_output, n, 1), err);
    }
    if (status == DSC_OK) {
        fill_d_x(trainer, n);
        scatter(trainer, samples, n);
    }
    return status;
}

/* The thresholds' gradient, of the mean over the n samples. (144) */
static void add_thresholds(dsc_trainer *trainer, size_t n) {
    const dsc_ordinal *ordinal = &trainer->model->ordinal;
    double d_steps[DSC_MAX_VALUES];
    float gradient[DSC_MAX_VALUES];
    dsc_ordinal_d_steps(ordinal, &trainer->sums, d_steps);
    for (size_t j = 0; j < dsc_ordinal_n_steps(ordinal); j++) {
        gradient[j] = (float)(d_steps[j] / (double)n);
    }
    dsc_embedding_add(&trainer->tables[THRESHOLDS], 0, gradient);
}

static void step_tables(dsc_trainer *trainer, size_t n) {
    dsc_recommender *model = trainer->model;
    if (model->threshold_steps != NULL) {
        add_thresholds(trainer, n);
    }
    for (size_t t = 0; t < N_TABLES; t++) {
        if (is_trained(model, t)) {
            dsc_embedding_step(&trainer->tables[t], n);
        }
    }
    dsc_minibatch_sides_step(&trainer->sides, n);
    if (model->threshold_steps != NULL) {
        dsc_model_set_thresholds(model);
    }
}

static dsc_status pass_tile(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                            size_t n_batch, double *sum, dsc_error *err) {
    dsc_status status = forward_tile(trainer, samples, n, err);
    if (status != DSC_OK) {
        return status;
    }
    *sum += differentiate_loss(trainer, samples, n, n_batch);
    status = check_finite(*sum + trainer->sums.loss, err);
    return status == DSC_OK ? backward_tile(trainer, samples, n, err) : status;
}

static void begin_step(dsc_trainer *trainer) {
    trainer->sums = (dsc_ordinal_sums){0};
    if (trainer->model->network != NULL) {
        dsc_workspace_zero_gradients(trainer->workspace);
    }
}

/* After a failure: the model is as it was. */
static void abandon_step(dsc_trainer *trainer) {
    for (size_t t = 0; t < N_TABLES; t++) {
        dsc_embedding_reset(&trainer->tables[t]);
    }
    dsc_minibatch_sides_reset(&trainer->sides);
}

/* All updates, for n samples. */
static void finish_step(dsc_trainer *trainer, size_t n) {
    dsc_recommender *model = trainer->model;
    dsc_minibatch_sides_scatter(&trainer->sides, DSC_OF_USERS, &trainer->tables[USER_VECTORS]);
    dsc_minibatch_sides_scatter(&trainer->sides, DSC_OF_ITEMS, &trainer->tables[ITEM_VECTORS]);
    step_tables(trainer, n);
    if (model->network == NULL) {
        return;
    }
    const double l2_network = model->config.l2_network / sqrt((double)model->ratings.n_entries);
    dsc_optimizer_begin_step(trainer->optimizer);
    dsc_optimizer_update(trainer->optimizer, dsc_network_parameters(model->network), 0,
                         dsc_network_n_parameters(model->network),
                         dsc_workspace_gradients(trainer->workspace), l2_network);
}

dsc_status dsc_trainer_step(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                            double *sum_of_squared_errors, dsc_error *err) {
    double sum = 0;
    begin_step(trainer);
    for (size_t begin = 0; begin < n; begin += TILE) {
        const size_t n_tile = n - begin < TILE ? n - begin : TILE;
        dsc_status status = pass_tile(trainer, samples + begin, n_tile, n, &sum, err);
        if (status != DSC_OK) {
            abandon_step(trainer);
            return status;
        }
    }
    finish_step(trainer, n);
    *sum_of_squared_errors = sum;
    return DSC_OK;
}

/* --- interactions ------------------------------------------------------------------------------- */

/* The loss of a group; what dot product and network make of its pairs becomes the gradient there of
 * the mean over all groups. */
static double differentiate_group(dsc_trainer *trainer, uint32_t user, const uint32_t *item,
                                  size_t n, float *output, size_t n_groups) {
    const dsc_recommender *model = trainer->model;
    for (size_t p = 0; p < n; p++) {
        /* Without biases in the model both are 0. */
        trainer->score[p] = (double)output[p] + (double)model->user_biases[user] +
                            (double)model->item_biases[item[p]];
    }
    const double loss = dsc_ranking_loss(model->config.loss, trainer->score, n, trainer->d_score);
    for (size_t p = 0; p < n; p++) {
        output[p] = (float)(trainer->d_score[p] / (double)n_groups);
    }
    return loss;
}

/* One group of vectors alone: no copies of them. L2 counts pairs (23), as with a network. */
static double pass_vectors(dsc_trainer *trainer, uint32_t user, const uint32_t *item, size_t n,
                           size_t n_groups) {
    const dsc_recommender *model = trainer->model;
    const size_t k = model->config.n_factors;
    const float *vector = model->user_vectors + user * k;
    const dsc_picked_rows items = {model->item_vectors, k, item, n};
    float *d_output = trainer->d_output, *d_user = trainer->d_x, *d_item = trainer->d_x + k;
    float d_bias = 0;
    model->kernels->dot_rows(d_output, vector, &items);
    const double loss = differentiate_group(trainer, user, item, n, d_output, n_groups);
    memset(d_user, 0, k * sizeof *d_user);
    model->kernels->sum_scaled_rows(d_user, d_output, &items);
    dsc_embedding_add_weighted(&trainer->tables[USER_VECTORS], user, d_user, (float)n);
    for (size_t p = 0; p < n; p++) {
        for (size_t f = 0; f < k; f++) {
            d_item[f] = d_output[p] * vector[f];
        }
        dsc_embedding_add(&trainer->tables[ITEM_VECTORS], item[p], d_item);
        d_bias += d_output[p];
    }
    for (size_t p = 0; model->config.use_biases && p < n; p++) {
        dsc_embedding_add(&trainer->tables[ITEM_BIASES], item[p], &d_output[p]);
    }
    if (model->config.use_biases) {
        dsc_embedding_add_weighted(&trainer->tables[USER_BIASES], user, &d_bias, (float)n);
    }
    return loss;
}

/* Groups from the first on, as many as fill a tile, through the network: the number of groups. */
static dsc_status pass_groups(dsc_trainer *trainer, const dsc_training_groups *groups, size_t first,
                              const uint32_t *item, size_t *n_done, double *sum, dsc_error *err) {
    size_t n = 0, end = first;
    for (; end < groups->n_groups && n + groups->length[end] <= trainer->tile; end++) {
        for (uint32_t p = 0; p < groups->length[end]; p++, n++) {
            trainer->pairs[n] = (dsc_training_sample){.user = groups->user[end], .item = item[n]};
        }
    }
    dsc_status status = forward_tile(trainer, trainer->pairs, n, err);
    if (status != DSC_OK) {
        return status;
    }
    const float *output = dsc_workspace_output(trainer->workspace).data;
    for (size_t p = 0; p < n; p++) {
        trainer->d_output[p] = output[p] + dot_of(trainer, p);
    }
    n = 0;
    for (size_t g = first; g < end; g++) {
        *sum += differentiate_group(trainer, groups->user[g], item + n, groups->length[g],
                                    trainer->d_output + n, groups->n_groups);
        n += groups->length[g];
    }
    *n_done = end - first;
    status = check_finite(*sum, err);
    return status == DSC_OK ? backward_tile(trainer, trainer->pairs, n, err) : status;
}

dsc_status dsc_trainer_step_groups(dsc_trainer *trainer, const dsc_training_groups *groups,
                                   double *sum_loss, dsc_error *err) {
    const uint32_t *item = groups->item;
    dsc_status status = DSC_OK;
    double sum = 0;
    begin_step(trainer);
    for (size_t g = 0; status == DSC_OK && g < groups->n_groups;) {
        size_t n_done = 1;
        if (trainer->model->network != NULL) {
            status = pass_groups(trainer, groups, g, item, &n_done, &sum, err);
        } else {
            sum +=
                pass_vectors(trainer, groups->user[g], item, groups->length[g], groups->n_groups);
            status = check_finite(sum, err);
        }
        for (size_t end = g + n_done; status == DSC_OK && g < end; g++) {
            item += groups->length[g];
        }
    }
    if (status != DSC_OK) {
        abandon_step(trainer);
        return status;
    }
    finish_step(trainer, groups->n_pairs);
    *sum_loss = sum;
    return DSC_OK;
}

void dsc_trainer_refresh(dsc_trainer *trainer) {
    dsc_minibatch_sides_refresh(&trainer->sides);
}
