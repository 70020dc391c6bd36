/* Creating a model from ratings, and its end. No training, no files. */
#include "recommender/model.h"

#include "base/error.h"
#include "base/memory.h"
#include "ratings/ratings_build.h"
#include "recommender/baseline.h"

static dsc_status create_network(dsc_recommender *model, dsc_error *err) {
    const dsc_recommender_config *config = &model->config;
    if (!config->use_network) {
        return DSC_OK;
    }
    dsc_layer_config layers[DSC_MAX_HIDDEN + 1];
    for (size_t l = 0; l < config->n_hidden; l++) {
        layers[l] = (dsc_layer_config){config->hidden[l], config->activation, true};
    }
    layers[config->n_hidden] = (dsc_layer_config){1, DSC_IDENTITY, true};
    return dsc_network_create(&model->network,
                              &(dsc_network_config){.precision = DSC_FLOAT32,
                                                    .n_in = 2 * config->n_factors,
                                                    .n_layers = config->n_hidden + 1,
                                                    .layers = layers,
                                                    .loss = DSC_MEAN_SQUARED_ERROR},
                              err);
}

bool dsc_uses_time(const dsc_recommender_config *config) {
    return config->n_time_bins > 0 || config->session_gap > 0;
}

static dsc_status create_clock(dsc_recommender *model, dsc_error *err) {
    dsc_recommender_config *config = &model->config;
    if (config->n_time_bins == 0) { /* strengths of nothing are not kept */
        config->ridge.time_bins = 0;
    }
    if (config->session_gap == 0) {
        config->ridge.sessions = 0;
    }
    if (!dsc_uses_time(config)) {
        return DSC_OK;
    }
    dsc_status status = dsc_clock_init(&model->clock, dsc_sparse_view(&model->ratings),
                                       config->n_time_bins, config->session_gap, err);
    if (status == DSC_OK) {
        model->offsets = dsc_alloc(model->ratings.n_entries, sizeof *model->offsets);
        if (model->offsets == NULL) {
            status = dsc_fail_memory(err, "the times of ratings");
        }
    }
    return status;
}

static dsc_status create_tables(dsc_recommender *model, dsc_error *err) {
    const size_t n_users = model->n_users, n_items = model->n_items;
    const size_t n_rows = n_users + n_items; /* at most 2^33: no overflow */
    const size_t k = model->config.n_factors;
    const size_t n_rated = model->config.use_user_history ? n_items : 0;
    const size_t n_raters = model->config.use_item_history ? n_users : 0;
    const size_t n_steps = dsc_ordinal_n_steps(&model->ordinal);
    const size_t n_histories = (n_rated + n_raters) * k;
    const size_t n_in_bins = n_items * model->clock.n_bins; /* at most 2^32 times 1000 */
    const size_t n_sessions = model->clock.n_sessions;
    model->n_user_vectors = model->user_parts.is_shared ? 1 : n_users;
    model->n_item_vectors = model->item_parts.is_shared ? 1 : n_items;
    model->n_table_values = (model->n_user_vectors + model->n_item_vectors) * k + n_rows +
                            n_histories + n_in_bins + n_sessions + n_steps;
    model->tables = dsc_alloc(model->n_table_values, sizeof *model->tables);
    if (model->tables == NULL) {
        return dsc_fail_memory(err, "the model's tables");
    }
    model->user_vectors = model->tables;
    model->item_vectors = model->user_vectors + model->n_user_vectors * k;
    model->user_biases = model->item_vectors + model->n_item_vectors * k;
    model->item_biases = model->user_biases + n_users;
    float *histories = model->item_biases + n_items;
    model->rated_vectors = n_rated > 0 ? histories : NULL;
    model->rater_vectors = n_raters > 0 ? histories + n_rated * k : NULL;
    float *of_time = histories + n_histories;
    model->item_time_biases = n_in_bins > 0 ? of_time : NULL;
    model->session_biases = n_sessions > 0 ? of_time + n_in_bins : NULL;
    model->threshold_steps = n_steps > 0 ? of_time + n_in_bins + n_sessions : NULL;
    if (model->config.use_als) {
        model->user_gram = dsc_alloc(3 * k * k, sizeof *model->user_gram);
        if (model->user_gram == NULL) {
            return dsc_fail_memory(err, "the model's tables");
        }
        model->item_gram = model->user_gram + k * k;
    }
    return dsc_model_create_sides(model, err);
}

static dsc_status create_baselines(dsc_recommender *model, dsc_error *err) {
    const size_t n_users = model->n_users, n_items = model->n_items;
    model->user_baseline =
        dsc_alloc(n_users + 2 * n_items + (n_items + 1) / 2, sizeof *model->user_baseline);
    if (model->user_baseline == NULL) {
        return dsc_fail_memory(err, "the model's tables");
    }
    model->item_baseline = model->user_baseline + n_users;
    model->item_appeal = model->item_baseline + n_items;
    model->item_count = (uint32_t *)(void *)(model->item_appeal + n_items);
    return dsc_baseline_fit(model, err);
}

/* What a configuration makes of a model that has its ids and ratings. */
static dsc_status create_parts(dsc_recommender *model, const dsc_recommender_config *config,
                               dsc_error *err) {
    model->config = *config;
    model->user_parts = dsc_side_parts_of(config, false);
    model->item_parts = dsc_side_parts_of(config, true);
    dsc_status status = dsc_recommender_config_check(config, err);
    if (status == DSC_OK) {
        status = dsc_kernels_choose(&model->kernels, DSC_FLOAT32, err);
    }
    if (status == DSC_OK) {
        status = create_network(model, err);
    }
    if (status == DSC_OK) {
        status = create_clock(model, err);
    }
    if (status == DSC_OK && config->loss == DSC_LOSS_ORDINAL) {
        status = dsc_ordinal_init(&model->ordinal, dsc_sparse_view(&model->ratings), err);
    }
    return status == DSC_OK ? create_tables(model, err) : status;
}

/* What models of the same ratings have in common. */
static void free_ground(dsc_recommender *model) {
    if (!model->is_member) {
        dsc_ground_release(model->ground);
        dsc_free(model->ones);
        dsc_free(model->user_baseline);
    }
}

/* The ratings as the model sees them: interactions are 1, whatever the file said. */
static dsc_status view_ratings(dsc_recommender *model, bool are_interactions, dsc_error *err) {
    const dsc_ground *ground = model->ground;
    const size_t n = ground->by_user.n_entries;
    model->ratings = ground->by_user;
    if (!are_interactions || ground->feedback == DSC_FEEDBACK_IMPLICIT) {
        return DSC_OK;
    }
    model->ones = dsc_alloc(n, sizeof *model->ones);
    if (model->ones == NULL) {
        return dsc_fail_memory(err, "the interactions");
    }
    for (size_t e = 0; e < n; e++) {
        model->ones[e] = 1;
    }
    model->ratings.value = model->ones;
    return DSC_OK;
}

static dsc_status create(dsc_recommender **out, const dsc_recommender_config *config,
                         dsc_ground *ground, bool are_interactions, dsc_error *err) {
    *out = NULL;
    dsc_recommender *model = dsc_alloc(1, sizeof *model);
    if (model == NULL) {
        dsc_ground_release(ground);
        return dsc_fail_memory(err, "a model");
    }
    model->ground = ground;
    model->users = ground->users;
    model->items = ground->items;
    model->n_users = dsc_id_map_count(ground->users);
    model->n_items = dsc_id_map_count(ground->items);
    dsc_status status = view_ratings(model, are_interactions, err);
    if (status == DSC_OK) {
        status = create_parts(model, config, err);
    }
    if (status == DSC_OK) {
        status = create_baselines(model, err);
    }
    if (status != DSC_OK) {
        dsc_recommender_destroy(model);
        return status;
    }
    *out = model;
    return DSC_OK;
}

dsc_status dsc_model_create(dsc_recommender **out, const dsc_recommender_config *config,
                            dsc_ground *ground, dsc_error *err) {
    return create(out, config, ground, config->is_implicit, err);
}

dsc_status dsc_model_create_beside(dsc_recommender **out, const dsc_recommender_config *config,
                                   const dsc_recommender *first, dsc_error *err) {
    *out = NULL;
    dsc_recommender *model = dsc_alloc(1, sizeof *model);
    if (model == NULL) {
        return dsc_fail_memory(err, "a model");
    }
    model->statistics = first->statistics;
    dsc_model_share(model, first);
    dsc_status status = create_parts(model, config, err);
    if (status != DSC_OK) {
        dsc_recommender_destroy(model);
        return status;
    }
    *out = model;
    return DSC_OK;
}

void dsc_model_share(dsc_recommender *model, const dsc_recommender *first) {
    free_ground(model);
    model->is_member = true;
    model->ground = first->ground;
    model->ones = first->ones;
    model->users = first->users;
    model->items = first->items;
    model->n_users = first->n_users;
    model->n_items = first->n_items;
    model->ratings = first->ratings;
    model->user_baseline = first->user_baseline;
    model->item_baseline = first->item_baseline;
    model->item_appeal = first->item_appeal;
    model->item_count = first->item_count;
}

/* Of the times it sees those that it looks at alone. */
static dsc_status create_to_train(dsc_recommender **out, const dsc_recommender_config *config,
                                  dsc_ground *ground, bool are_interactions, dsc_error *err) {
    dsc_status status = create(out, config, dsc_ground_hold(ground), are_interactions, err);
    if (status == DSC_OK && !dsc_uses_time(config)) {
        (*out)->ratings.time = NULL;
    }
    return status;
}

dsc_status dsc_model_from_ratings(dsc_recommender **out, const dsc_recommender_config *config,
                                  const dsc_ratings *ratings, dsc_error *err) {
    return create_to_train(out, config, dsc_ratings_ground(ratings), config->is_implicit, err);
}

dsc_status dsc_model_from_model(dsc_recommender **out, const dsc_recommender_config *config,
                                const dsc_recommender *model, dsc_error *err) {
    const bool are_interactions = config->is_implicit || model->ones != NULL;
    return create_to_train(out, config, model->ground, are_interactions, err);
}

static void free_parts(dsc_recommender *model) {
    dsc_network_destroy(model->network);
    dsc_ordinal_clear(&model->ordinal);
    dsc_clock_clear(&model->clock);
    dsc_free(model->offsets);
    if (model->user_sides != model->user_vectors) {
        dsc_free(model->user_sides);
    }
    if (model->item_sides != model->item_vectors) {
        dsc_free(model->item_sides);
    }
    dsc_free(model->weights);
    dsc_free(model->tables);
    dsc_free(model->user_gram);
}

/* A blend's members are no blends: this is as deep as it goes. */
void dsc_recommender_destroy(dsc_recommender *model) {
    if (model == NULL) {
        return;
    }
    free_ground(model);
    if (model->n_members == 0) {
        free_parts(model);
    }
    for (size_t m = 0; m < model->n_members; m++) {
        dsc_recommender_destroy(model->members[m].model);
    }
    dsc_free(model->members);
    dsc_free(model);
}
