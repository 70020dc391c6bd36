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

/* Samples of a tile: with it the widest layers of a usual tower stay in the second-level cache. */
enum { TILE = 128 };

enum { USER_VECTORS, ITEM_VECTORS, USER_BIASES, ITEM_BIASES, THRESHOLDS, N_TABLES };

struct dsc_trainer {
    dsc_recommender *model;
    dsc_workspace *workspace;
    dsc_optimizer *optimizer; /* of the network's parameters */
    dsc_embedding tables[N_TABLES];
    dsc_minibatch_sides sides;
    float *x;              /* (TILE, 2 n_factors) the tile's sides, user before item */
    float *d_x;            /* (TILE, 2 n_factors) their gradients */
    float d_output[TILE];  /* gradient at the predictions, (20) */
    dsc_ordinal_sums sums; /* of the running step; ordinal loss alone */
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
        status = dsc_embedding_init(&trainer->tables[t], shapes[t].values,
                                    &(dsc_embedding_config){.n_rows = shapes[t].n_rows,
                                                            .width = shapes[t].width,
                                                            .max_batch = config->batch_size,
                                                            .l2 = shapes[t].l2,
                                                            .optimizer = &config->optimizer},
                                    err);
    }
    return status;
}

dsc_status dsc_trainer_create(dsc_trainer **out, dsc_recommender *model, dsc_sparse ratings,
                              dsc_error *err) {
    *out = NULL;
    dsc_trainer *trainer = dsc_alloc(1, sizeof *trainer);
    if (trainer == NULL) {
        return dsc_fail_memory(err, "a trainer");
    }
    trainer->model = model;
    dsc_status status = create_tables(trainer, err);
    if (status == DSC_OK) {
        status = dsc_minibatch_sides_init(&trainer->sides, model, ratings, err);
    }
    if (status == DSC_OK && model->network != NULL) {
        status = dsc_workspace_create(&trainer->workspace, model->network,
                                      &(dsc_workspace_config){.max_batch = TILE}, err);
    }
    if (status == DSC_OK && model->network != NULL) {
        status = dsc_optimizer_create(&trainer->optimizer, &model->config.optimizer, DSC_FLOAT32,
                                      dsc_network_n_parameters(model->network), err);
    }
    if (status == DSC_OK) {
        const size_t n = TILE * 2 * model->config.n_factors;
        trainer->x = dsc_alloc(n, sizeof *trainer->x);
        trainer->d_x = dsc_alloc(n, sizeof *trainer->d_x);
        if (trainer->x == NULL || trainer->d_x == NULL) {
            status = dsc_fail_memory(err, "a trainer");
        }
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
    dsc_free(trainer->d_x);
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

static dsc_status pass_tile(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                            size_t n_batch, double *sum, dsc_error *err) {
    const dsc_network *network = trainer->model->network;
    dsc_status status = DSC_OK;
    gather(trainer, samples, n);
    if (network != NULL) {
        status = dsc_network_forward(network, trainer->workspace,
                                     dsc_matrix_f32(trainer->x, n, dsc_network_n_in(network)), err);
    }
    if (status != DSC_OK) {
        return status;
    }
    *sum += differentiate_loss(trainer, samples, n, n_batch);
    if (!isfinite(*sum) || !isfinite(trainer->sums.loss)) {
        return dsc_fail(err, DSC_E_NONFINITE, "training",
                        "the error became infinite or not a number; try a lower learning rate");
    }
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

static void reset(dsc_trainer *trainer) {
    for (size_t t = 0; t < N_TABLES; t++) {
        dsc_embedding_reset(&trainer->tables[t]);
    }
    dsc_minibatch_sides_reset(&trainer->sides);
}

dsc_status dsc_trainer_step(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                            double *sum_of_squared_errors, dsc_error *err) {
    dsc_recommender *model = trainer->model;
    double sum = 0;
    trainer->sums = (dsc_ordinal_sums){0};
    if (model->network != NULL) {
        dsc_workspace_zero_gradients(trainer->workspace);
    }
    for (size_t begin = 0; begin < n; begin += TILE) {
        const size_t n_tile = n - begin < TILE ? n - begin : TILE;
        dsc_status status = pass_tile(trainer, samples + begin, n_tile, n, &sum, err);
        if (status != DSC_OK) {
            reset(trainer);
            return status;
        }
    }
    dsc_minibatch_sides_scatter(&trainer->sides, DSC_OF_USERS, &trainer->tables[USER_VECTORS]);
    dsc_minibatch_sides_scatter(&trainer->sides, DSC_OF_ITEMS, &trainer->tables[ITEM_VECTORS]);
    step_tables(trainer, n);
    *sum_of_squared_errors = sum;
    if (model->network == NULL) {
        return DSC_OK;
    }
    const double l2_network = model->config.l2_network / sqrt((double)model->ratings.n_entries);
    dsc_optimizer_begin_step(trainer->optimizer);
    dsc_optimizer_update(trainer->optimizer, dsc_network_parameters(model->network), 0,
                         dsc_network_n_parameters(model->network),
                         dsc_workspace_gradients(trainer->workspace), l2_network);
    return DSC_OK;
}

void dsc_trainer_refresh(dsc_trainer *trainer) {
    dsc_minibatch_sides_refresh(&trainer->sides);
}
