/* Writing a model: its parts become named arrays and metadata of a safetensors file, those of a blend
 * with each member's prefix. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/blend.h"
#include "descent/version.h"
#include "recommender/bf16_vectors.h"
#include "recommender/model.h"
#include "recommender/model_file.h"
#include "store/safetensors.h"

enum {
    MAX_LAYERS = DSC_MAX_HIDDEN + 1,
    MAX_TENSORS = 22 + 2 * MAX_LAYERS,
    MAX_METADATA = 35,
    VALUE_LENGTH = 24 /* the longest whole number has 20 digits */
};

/* Everything that must live until the file is written, of a model, of what a blend has in common, or
 * of one of its members. */
typedef struct writing {
    const dsc_recommender *model;
    char prefix[DSC_MODEL_NAME_LENGTH]; /* of all its names but the file's own */
    char name[MAX_TENSORS + MAX_METADATA][DSC_MODEL_NAME_LENGTH]; /* (n_names) */
    size_t n_names;
    dsc_tensor tensor[MAX_TENSORS];
    size_t n_tensors;
    dsc_metadata metadata[MAX_METADATA];
    size_t n_metadata;
    char number[MAX_METADATA][VALUE_LENGTH];
    char hidden[DSC_MAX_HIDDEN * VALUE_LENGTH];
    double statistics[DSC_N_STATISTICS];
    double hyperparameters[DSC_N_HYPERPARAMETERS];
    double minibatch_histories[DSC_N_MINIBATCH_HISTORIES];
    double weights[DSC_MAX_MEMBERS]; /* of a blend */
    double time_ridge[DSC_N_TIME_RIDGES];
    double interactions[DSC_N_INTERACTIONS];
    dsc_bf16_vectors bf16; /* with use_bf16 alone */
} writing;

/* A name with the prefix. */
static const char *add_name(writing *w, const char *own) {
    char *name = w->name[w->n_names++];
    snprintf(name, sizeof w->name[0], "%s%s", w->prefix, own);
    return name;
}

static void add_text(writing *w, const char *key, const char *value) {
    w->metadata[w->n_metadata++] = (dsc_metadata){add_name(w, key), value};
}

static void add_number(writing *w, const char *key, uint64_t value) {
    char *text = w->number[w->n_metadata];
    snprintf(text, VALUE_LENGTH, "%" PRIu64, value);
    add_text(w, key, text);
}

static void add_flag(writing *w, const char *key, bool value) {
    add_text(w, key, value ? "true" : "false");
}

/* A model that needs nothing newer is written as version 2, which older programs read. */
static bool needs_version_3(const dsc_recommender *model) {
    return model->n_members > 0 || model->config.loss != DSC_LOSS_SQUARED ||
           dsc_uses_time(&model->config) || model->config.ridge.power > 0 ||
           dsc_model_has_minibatch_histories(&model->config) ||
           dsc_side_parts_are_recent(&model->config) || model->config.is_implicit ||
           model->config.use_twin_adagrad || model->config.use_bf16;
}

static void add_head(writing *w) {
    add_text(w, DSC_KEY_FORMAT, DSC_MODEL_FORMAT);
    add_text(w, DSC_KEY_FORMAT_VERSION,
             needs_version_3(w->model) ? DSC_MODEL_FORMAT_VERSION_3 : DSC_MODEL_FORMAT_VERSION);
    add_text(w, DSC_KEY_WRITER, "descent " DSC_VERSION);
}

/* What version 3 says of sides. */
static void add_sides(writing *w) {
    const dsc_recommender_config *config = &w->model->config;
    add_flag(w, DSC_KEY_WEIGH_USERS, config->weigh_user_history);
    add_flag(w, DSC_KEY_WEIGH_ITEMS, config->weigh_item_history);
    add_flag(w, DSC_KEY_SHARE_USERS, config->share_user_vector);
    add_flag(w, DSC_KEY_SHARE_ITEMS, config->share_item_vector);
    add_text(w, DSC_KEY_USER_SIDE, dsc_activation_name(config->user_activation));
    add_text(w, DSC_KEY_ITEM_SIDE, dsc_activation_name(config->item_activation));
}

static void add_settings(writing *w) {
    const dsc_recommender_config *config = &w->model->config;
    size_t length = 0;
    for (size_t l = 0; l < config->n_hidden; l++) {
        length += (size_t)snprintf(w->hidden + length, sizeof w->hidden - length, "%s%zu",
                                   l == 0 ? "" : ",", config->hidden[l]);
    }
    add_flag(w, DSC_KEY_USE_DOT, config->use_dot);
    add_flag(w, DSC_KEY_USE_NETWORK, config->use_network);
    add_flag(w, DSC_KEY_USER_HISTORY, config->use_user_history);
    add_flag(w, DSC_KEY_ITEM_HISTORY, config->use_item_history);
    add_flag(w, DSC_KEY_USE_LBFGS, config->use_lbfgs);
    if (dsc_side_parts_are_recent(config)) {
        add_sides(w);
    }
    if (config->use_twin_adagrad) {
        add_flag(w, DSC_KEY_USE_TWIN, true);
    }
    if (config->use_bf16) {
        add_flag(w, DSC_KEY_USE_BF16, true);
    }
    add_number(w, DSC_KEY_N_FACTORS, config->n_factors);
    add_text(w, DSC_KEY_HIDDEN, w->hidden);
    add_text(w, DSC_KEY_ACTIVATION, dsc_activation_name(config->activation));
    add_flag(w, DSC_KEY_USE_BIASES, config->use_biases);
    add_flag(w, DSC_KEY_USE_MEAN, config->use_mean);
    add_text(w, DSC_KEY_OPTIMIZER, dsc_optimizer_name(config->optimizer.kind));
    add_number(w, DSC_KEY_BATCH_SIZE, config->batch_size);
    add_number(w, DSC_KEY_MAX_EPOCHS, config->max_epochs);
    if (config->average_epochs > 1) {
        add_number(w, DSC_KEY_AVERAGE_EPOCHS, config->average_epochs);
    }
    add_number(w, DSC_KEY_PATIENCE, config->patience);
    add_number(w, DSC_KEY_SEED, config->seed);
    add_number(w, DSC_KEY_BEST_EPOCH, w->model->statistics.best_epoch);
    add_number(w, DSC_KEY_N_EPOCHS, w->model->statistics.n_epochs);
    if (config->loss != DSC_LOSS_SQUARED) {
        add_text(w, DSC_KEY_LOSS, dsc_rating_loss_name(config->loss));
    }
    if (config->ridge.power > 0) {
        add_flag(w, DSC_KEY_RIDGE_BY_COUNT, true);
    }
    if (dsc_uses_time(config)) {
        add_number(w, DSC_KEY_N_TIME_BINS, config->n_time_bins);
        add_number(w, DSC_KEY_SESSION_GAP, config->session_gap);
    }
    if (config->is_implicit) {
        add_flag(w, DSC_KEY_IS_IMPLICIT, true);
        add_flag(w, DSC_KEY_USE_ALS, config->use_als);
        add_number(w, DSC_KEY_N_NEGATIVES, config->n_negatives);
    }
}

static void add_vector(writing *w, const char *name, dsc_element element, size_t n,
                       const void *data) {
    w->tensor[w->n_tensors++] = (dsc_tensor){add_name(w, name), element, 1, {n, 1}, data};
}

/* The elements of m, whatever its own say. */
static void add_matrix_of(writing *w, const char *name, dsc_element element, dsc_matrix m) {
    w->tensor[w->n_tensors++] =
        (dsc_tensor){add_name(w, name), element, 2, {m.n_rows, m.n_cols}, m.data};
}

static void add_matrix(writing *w, const char *name, dsc_matrix m) {
    add_matrix_of(w, name, DSC_F32, m);
}

static void add_statistics(writing *w) {
    const dsc_statistics *s = &w->model->statistics;
    w->statistics[DSC_STATISTIC_MEAN] = s->mean;
    w->statistics[DSC_STATISTIC_SPREAD] = s->spread;
    w->statistics[DSC_STATISTIC_MIN] = s->min;
    w->statistics[DSC_STATISTIC_MAX] = s->max;
    w->statistics[DSC_STATISTIC_TRAIN_RMSE] = isnan(s->train_rmse) ? 0 : s->train_rmse;
    w->statistics[DSC_STATISTIC_VALIDATION_RMSE] =
        isnan(s->validation_rmse) ? 0 : s->validation_rmse;
    add_vector(w, DSC_ARRAY_STATISTICS, DSC_F64, DSC_N_STATISTICS, w->statistics);
}

static void add_hyperparameters(writing *w) {
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
    add_vector(w, DSC_ARRAY_HYPERPARAMETERS, DSC_F64, DSC_N_HYPERPARAMETERS, w->hyperparameters);
    if (c->ridge.power > 0) {
        add_vector(w, DSC_ARRAY_RIDGE_POWER, DSC_F64, 1, &c->ridge.power);
    }
    if (dsc_model_has_minibatch_histories(c)) {
        w->minibatch_histories[DSC_MINIBATCH_L2_USER_HISTORY] = c->l2_user_history;
        w->minibatch_histories[DSC_MINIBATCH_L2_ITEM_HISTORY] = c->l2_item_history;
        w->minibatch_histories[DSC_MINIBATCH_DROPOUT] = c->history_dropout;
        add_vector(w, DSC_ARRAY_MINIBATCH_HISTORIES, DSC_F64, DSC_N_MINIBATCH_HISTORIES,
                   w->minibatch_histories);
    }
    if (dsc_uses_time(c)) {
        w->time_ridge[DSC_TIME_RIDGE_BINS] = c->ridge.time_bins;
        w->time_ridge[DSC_TIME_RIDGE_SESSIONS] = c->ridge.sessions;
        add_vector(w, DSC_ARRAY_TIME_RIDGE, DSC_F64, DSC_N_TIME_RIDGES, w->time_ridge);
    }
    if (c->is_implicit) {
        const dsc_statistics *s = &w->model->statistics;
        w->interactions[DSC_INTERACTIONS_UNOBSERVED_WEIGHT] = c->unobserved_weight;
        w->interactions[DSC_INTERACTIONS_TRAIN_LOSS] = s->train_loss;
        w->interactions[DSC_INTERACTIONS_VALIDATION_NDCG] =
            isnan(s->validation_ndcg) ? 0 : s->validation_ndcg;
        add_vector(w, DSC_ARRAY_INTERACTIONS, DSC_F64, DSC_N_INTERACTIONS, w->interactions);
    }
}

static void add_network(writing *w) {
    const dsc_network *network = w->model->network;
    const size_t n_layers = network != NULL ? dsc_network_n_layers(network) : 0;
    for (size_t l = 0; l < n_layers; l++) {
        char name[DSC_MODEL_NAME_LENGTH / 2];
        snprintf(name, sizeof name, DSC_ARRAY_WEIGHTS, l);
        add_matrix(w, name, dsc_network_weights(network, l));
        snprintf(name, sizeof name, DSC_ARRAY_BIAS, l);
        add_vector(w, name, DSC_F32, dsc_network_layer(network, l).n_out,
                   dsc_network_bias(network, l).data);
    }
}

/* What models of the same ratings have in common. */
static void add_ground(writing *w) {
    const dsc_recommender *model = w->model;
    const dsc_sparse_matrix *ratings = &model->ratings;
    const uint64_t *user_offsets = dsc_id_map_offsets(model->users);
    const uint64_t *item_offsets = dsc_id_map_offsets(model->items);
    add_vector(w, DSC_ARRAY_USER_ID_OFFSETS, DSC_I64, model->n_users + 1, user_offsets);
    add_vector(w, DSC_ARRAY_ITEM_ID_OFFSETS, DSC_I64, model->n_items + 1, item_offsets);
    add_vector(w, DSC_ARRAY_RATINGS_START, DSC_I64, model->n_users + 1, ratings->start);
    if (ratings->time != NULL) {
        add_vector(w, DSC_ARRAY_RATINGS_TIME, DSC_I64, ratings->n_entries, ratings->time);
    }
    add_vector(w, DSC_ARRAY_RATINGS_ITEM, DSC_I32, ratings->n_entries, ratings->column);
    add_vector(w, DSC_ARRAY_RATINGS_VALUE, DSC_F32, ratings->n_entries, ratings->value);
    add_vector(w, DSC_ARRAY_USER_IDS, DSC_U8, user_offsets[model->n_users],
               dsc_id_map_bytes(model->users));
    add_vector(w, DSC_ARRAY_ITEM_IDS, DSC_U8, item_offsets[model->n_items],
               dsc_id_map_bytes(model->items));
}

static void add_vectors(writing *w) {
    const dsc_recommender *model = w->model;
    dsc_matrix users = dsc_recommender_user_vectors(model);
    dsc_matrix items = dsc_recommender_item_vectors(model);
    dsc_element element = DSC_F32;
    if (model->config.use_bf16) {
        element = DSC_BF16;
        users.data = w->bf16.of_users;
        items.data = w->bf16.of_items;
    }
    add_matrix_of(w, DSC_ARRAY_USER_VECTORS, element, users);
    add_matrix_of(w, DSC_ARRAY_ITEM_VECTORS, element, items);
}

/* What a model has for itself. */
static void add_tables(writing *w) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors;
    add_vectors(w);
    add_vector(w, DSC_ARRAY_USER_BIASES, DSC_F32, model->n_users, model->user_biases);
    add_vector(w, DSC_ARRAY_ITEM_BIASES, DSC_F32, model->n_items, model->item_biases);
    if (model->rated_vectors != NULL) {
        add_matrix(w, DSC_ARRAY_RATED_VECTORS,
                   dsc_matrix_f32(model->rated_vectors, model->n_items, k));
    }
    if (model->rater_vectors != NULL) {
        add_matrix(w, DSC_ARRAY_RATER_VECTORS,
                   dsc_matrix_f32(model->rater_vectors, model->n_users, k));
    }
    if (model->item_time_biases != NULL) {
        add_matrix(w, DSC_ARRAY_TIME_BIASES,
                   dsc_matrix_f32(model->item_time_biases, model->n_items, model->clock.n_bins));
    }
    if (model->session_biases != NULL) {
        add_vector(w, DSC_ARRAY_SESSION_BIASES, DSC_F32, model->clock.n_sessions,
                   model->session_biases);
    }
    if (model->threshold_steps != NULL) {
        add_vector(w, DSC_ARRAY_THRESHOLD_STEPS, DSC_F32, dsc_ordinal_n_steps(&model->ordinal),
                   model->threshold_steps);
    }
    add_network(w);
}

static void add_weights(writing *w) {
    const dsc_recommender *blend = w->model;
    for (size_t m = 0; m < blend->n_members; m++) {
        w->weights[m] = blend->members[m].weight;
    }
    add_vector(w, DSC_ARRAY_MEMBER_WEIGHTS, DSC_F64, blend->n_members, w->weights);
}

/* Everything of all parts; elements of 8 bytes first, then of 4, of 2, of 1, so that each array is
 * aligned. */
static dsc_status write_parts(const writing *parts, size_t n, const char *path, dsc_error *err) {
    static const size_t sizes[] = {8, 4, 2, 1};
    dsc_tensor *tensors = dsc_alloc(n, sizeof parts->tensor);
    dsc_metadata *metadata = dsc_alloc(n, sizeof parts->metadata);
    size_t n_tensors = 0, n_metadata = 0;
    dsc_status status = DSC_OK;
    if (tensors == NULL || metadata == NULL) {
        status = dsc_fail_memory(err, "a model file");
        goto done;
    }
    for (size_t p = 0; p < n; p++) {
        for (size_t i = 0; i < parts[p].n_metadata; i++) {
            metadata[n_metadata++] = parts[p].metadata[i];
        }
    }
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t p = 0; p < n; p++) {
            for (size_t i = 0; i < parts[p].n_tensors; i++) {
                if (dsc_element_bytes(parts[p].tensor[i].element) == sizes[s]) {
                    tensors[n_tensors++] = parts[p].tensor[i];
                }
            }
        }
    }
    status = dsc_safetensors_write(path, metadata, n_metadata, tensors, n_tensors, err);
done:
    dsc_free(tensors);
    dsc_free(metadata);
    return status;
}

/* What has to be made for the file, where the model needs it. */
static dsc_status prepare(writing *w, const dsc_recommender *model, dsc_error *err) {
    w->model = model;
    return model->config.use_bf16 && model->n_members == 0
               ? dsc_bf16_vectors_init(&w->bf16, model, err)
               : DSC_OK;
}

/* The names without a prefix. */
static void fill_file(writing *w) {
    add_head(w);
    if (w->model->n_members > 0) {
        add_number(w, DSC_KEY_N_MEMBERS, w->model->n_members);
        add_statistics(w);
        add_weights(w);
        add_ground(w);
    } else {
        add_settings(w);
        add_statistics(w);
        add_hyperparameters(w);
        add_ground(w);
        add_tables(w);
    }
}

dsc_status dsc_recommender_save(const dsc_recommender *model, const char *path, dsc_error *err) {
    const size_t n = 1 + model->n_members;
    writing *parts = dsc_alloc(n, sizeof *parts);
    if (parts == NULL) {
        return dsc_fail_memory(err, "a model file");
    }
    dsc_status status = prepare(&parts[0], model, err);
    if (status == DSC_OK) {
        fill_file(&parts[0]);
    }
    for (size_t m = 0; status == DSC_OK && m < model->n_members; m++) {
        writing *w = &parts[1 + m];
        status = prepare(w, model->members[m].model, err);
        snprintf(w->prefix, sizeof w->prefix, DSC_MEMBER_PREFIX, m);
        if (status == DSC_OK) {
            add_settings(w);
            add_statistics(w);
            add_hyperparameters(w);
            add_tables(w);
        }
    }
    if (status == DSC_OK) {
        status = write_parts(parts, n, path, err);
    }
    for (size_t p = 0; p < n; p++) {
        dsc_bf16_vectors_clear(&parts[p].bf16);
    }
    dsc_free(parts);
    return status;
}
