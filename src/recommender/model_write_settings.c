/* Writing a model's settings: what is whole, a name or a switch as metadata, real numbers in arrays. What
 * came after version 2 is left out where the model does not use it. */
#include <math.h>
#include <stdio.h>

#include "recommender/model_writing.h"

/* What version 3 says of sides. */
static void add_sides(dsc_model_writing *w) {
    const dsc_recommender_config *config = &w->model->config;
    dsc_writing_flag(w, DSC_KEY_WEIGH_USERS, config->weigh_user_history);
    dsc_writing_flag(w, DSC_KEY_WEIGH_ITEMS, config->weigh_item_history);
    dsc_writing_flag(w, DSC_KEY_SHARE_USERS, config->share_user_vector);
    dsc_writing_flag(w, DSC_KEY_SHARE_ITEMS, config->share_item_vector);
    dsc_writing_text(w, DSC_KEY_USER_SIDE, dsc_activation_name(config->user_activation));
    dsc_writing_text(w, DSC_KEY_ITEM_SIDE, dsc_activation_name(config->item_activation));
}

void dsc_writing_settings(dsc_model_writing *w) {
    const dsc_recommender_config *config = &w->model->config;
    size_t length = 0;
    for (size_t l = 0; l < config->n_hidden; l++) {
        length += (size_t)snprintf(w->hidden + length, sizeof w->hidden - length, "%s%zu",
                                   l == 0 ? "" : ",", config->hidden[l]);
    }
    dsc_writing_flag(w, DSC_KEY_USE_DOT, config->use_dot);
    dsc_writing_flag(w, DSC_KEY_USE_NETWORK, config->use_network);
    dsc_writing_flag(w, DSC_KEY_USER_HISTORY, config->use_user_history);
    dsc_writing_flag(w, DSC_KEY_ITEM_HISTORY, config->use_item_history);
    dsc_writing_flag(w, DSC_KEY_USE_LBFGS, config->use_lbfgs);
    if (dsc_side_parts_are_recent(config)) {
        add_sides(w);
    }
    if (config->use_twin_adagrad) {
        dsc_writing_flag(w, DSC_KEY_USE_TWIN, true);
    }
    if (config->use_bf16) {
        dsc_writing_flag(w, DSC_KEY_USE_BF16, true);
    }
    dsc_writing_number(w, DSC_KEY_N_FACTORS, config->n_factors);
    dsc_writing_text(w, DSC_KEY_HIDDEN, w->hidden);
    dsc_writing_text(w, DSC_KEY_ACTIVATION, dsc_activation_name(config->activation));
    dsc_writing_flag(w, DSC_KEY_USE_BIASES, config->use_biases);
    dsc_writing_flag(w, DSC_KEY_USE_MEAN, config->use_mean);
    dsc_writing_text(w, DSC_KEY_OPTIMIZER, dsc_optimizer_name(config->optimizer.kind));
    dsc_writing_number(w, DSC_KEY_BATCH_SIZE, config->batch_size);
    dsc_writing_number(w, DSC_KEY_MAX_EPOCHS, config->max_epochs);
    if (config->average_epochs > 1) {
        dsc_writing_number(w, DSC_KEY_AVERAGE_EPOCHS, config->average_epochs);
    }
    dsc_writing_number(w, DSC_KEY_PATIENCE, config->patience);
    dsc_writing_number(w, DSC_KEY_SEED, config->seed);
    dsc_writing_number(w, DSC_KEY_BEST_EPOCH, w->model->statistics.best_epoch);
    dsc_writing_number(w, DSC_KEY_N_EPOCHS, w->model->statistics.n_epochs);
    if (config->loss != DSC_LOSS_SQUARED) {
        dsc_writing_text(w, DSC_KEY_LOSS, dsc_rating_loss_name(config->loss));
    }
    if (config->ridge.power > 0) {
        dsc_writing_flag(w, DSC_KEY_RIDGE_BY_COUNT, true);
    }
    if (dsc_uses_time(config)) {
        dsc_writing_number(w, DSC_KEY_N_TIME_BINS, config->n_time_bins);
        dsc_writing_number(w, DSC_KEY_SESSION_GAP, config->session_gap);
    }
    if (config->is_implicit) {
        dsc_writing_flag(w, DSC_KEY_IS_IMPLICIT, true);
        dsc_writing_flag(w, DSC_KEY_USE_ALS, config->use_als);
        dsc_writing_number(w, DSC_KEY_N_NEGATIVES, config->n_negatives);
    }
}

void dsc_writing_statistics(dsc_model_writing *w) {
    const dsc_statistics *s = &w->model->statistics;
    w->statistics[DSC_STATISTIC_MEAN] = s->mean;
    w->statistics[DSC_STATISTIC_SPREAD] = s->spread;
    w->statistics[DSC_STATISTIC_MIN] = s->min;
    w->statistics[DSC_STATISTIC_MAX] = s->max;
    w->statistics[DSC_STATISTIC_TRAIN_RMSE] = isnan(s->train_rmse) ? 0 : s->train_rmse;
    w->statistics[DSC_STATISTIC_VALIDATION_RMSE] =
        isnan(s->validation_rmse) ? 0 : s->validation_rmse;
    dsc_writing_vector(w, DSC_ARRAY_STATISTICS, DSC_F64, DSC_N_STATISTICS, w->statistics);
}

void dsc_writing_hyperparameters(dsc_model_writing *w) {
    const dsc_recommender_config *c = &w->model->config;
    w->hyperparameters[DSC_HYPER_RATE] = c->optimizer.rate;
    w->hyperparameters[DSC_HYPER_MOMENTUM] = c->optimizer.momentum;
    w->hyperparameters[DSC_HYPER_BETA1] = c->optimizer.beta1;
    w->hyperparameters[DSC_HYPER_BETA2] = c->optimizer.beta2;
    w->hyperparameters[DSC_HYPER_EPSILON] = c->optimizer.epsilon;
    w->hyperparameters[DSC_HYPER_L2_VECTORS] = c->l2_vectors;
    w->hyperparameters[DSC_HYPER_L2_BIASES] = c->l2_biases;
    w->hyperparameters[DSC_HYPER_L2_NETWORK] = c->l2_network;
    w->hyperparameters[DSC_HYPER_HOLDOUT] = c->holdout;
    w->hyperparameters[DSC_HYPER_RIDGE_VECTORS] = c->ridge.vectors;
    w->hyperparameters[DSC_HYPER_RIDGE_USER_HISTORY] = c->ridge.user_history;
    w->hyperparameters[DSC_HYPER_RIDGE_ITEM_HISTORY] = c->ridge.item_history;
    w->hyperparameters[DSC_HYPER_RIDGE_BIASES] = c->ridge.biases;
    w->hyperparameters[DSC_HYPER_RIDGE_NETWORK] = c->ridge.network;
    dsc_writing_vector(w, DSC_ARRAY_HYPERPARAMETERS, DSC_F64, DSC_N_HYPERPARAMETERS,
                       w->hyperparameters);
    if (c->ridge.power > 0) {
        dsc_writing_vector(w, DSC_ARRAY_RIDGE_POWER, DSC_F64, 1, &c->ridge.power);
    }
    if (dsc_model_has_minibatch_histories(c)) {
        w->minibatch_histories[DSC_MINIBATCH_L2_USER_HISTORY] = c->l2_user_history;
        w->minibatch_histories[DSC_MINIBATCH_L2_ITEM_HISTORY] = c->l2_item_history;
        w->minibatch_histories[DSC_MINIBATCH_DROPOUT] = c->history_dropout;
        dsc_writing_vector(w, DSC_ARRAY_MINIBATCH_HISTORIES, DSC_F64, DSC_N_MINIBATCH_HISTORIES,
                           w->minibatch_histories);
    }
    if (dsc_uses_time(c)) {
        w->time_ridge[DSC_TIME_RIDGE_BINS] = c->ridge.time_bins;
        w->time_ridge[DSC_TIME_RIDGE_SESSIONS] = c->ridge.sessions;
        dsc_writing_vector(w, DSC_ARRAY_TIME_RIDGE, DSC_F64, DSC_N_TIME_RIDGES, w->time_ridge);
    }
    if (c->is_implicit) {
        const dsc_statistics *s = &w->model->statistics;
        w->interactions[DSC_INTERACTIONS_UNOBSERVED_WEIGHT] = c->unobserved_weight;
        w->interactions[DSC_INTERACTIONS_TRAIN_LOSS] = s->train_loss;
        w->interactions[DSC_INTERACTIONS_VALIDATION_NDCG] =
            isnan(s->validation_ndcg) ? 0 : s->validation_ndcg;
        dsc_writing_vector(w, DSC_ARRAY_INTERACTIONS, DSC_F64, DSC_N_INTERACTIONS, w->interactions);
    }
}
