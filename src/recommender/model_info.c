/* What a model says of itself: its facts, ids, ratings and tables, as they are. */
#include "descent/probabilities.h"
#include "recommender/model.h"

static size_t count_parameters(const dsc_recommender *model) {
    size_t n = 0;
    for (size_t m = 0; m < model->n_members; m++) {
        n += count_parameters(model->members[m].model);
    }
    if (model->n_members == 0) {
        n = model->n_table_values +
            (model->network != NULL ? dsc_network_n_parameters(model->network) : 0);
    }
    return n;
}

void dsc_recommender_get_info(const dsc_recommender *model, dsc_recommender_info *out) {
    const dsc_statistics *s = &model->statistics;
    *out = (dsc_recommender_info){
        .config = model->config,
        .n_users = model->n_users,
        .n_items = model->n_items,
        .n_ratings = model->ratings.n_entries,
        .n_parameters = count_parameters(model),
        .n_sessions = model->clock.n_sessions,
        .mean = s->mean,
        .spread = s->spread,
        .min = s->min,
        .max = s->max,
        .best_epoch = s->best_epoch,
        .n_epochs = s->n_epochs,
        .train_rmse = s->train_rmse,
        .validation_rmse = s->validation_rmse,
        .train_loss = s->train_loss,
        .validation_ndcg = s->validation_ndcg,
    };
}

size_t dsc_recommender_n_values(const dsc_recommender *model) {
    return model->ordinal.n_values;
}

double dsc_recommender_value(const dsc_recommender *model, size_t k) {
    return model->ordinal.values[k];
}

double dsc_recommender_threshold(const dsc_recommender *model, size_t k) {
    return model->ordinal.thresholds[k];
}

dsc_id dsc_recommender_user_id(const dsc_recommender *model, uint32_t user) {
    return dsc_id_map_id(model->users, user);
}

dsc_id dsc_recommender_item_id(const dsc_recommender *model, uint32_t item) {
    return dsc_id_map_id(model->items, item);
}

uint32_t dsc_recommender_find_user(const dsc_recommender *model, dsc_id id) {
    return dsc_id_map_find(model->users, id);
}

uint32_t dsc_recommender_find_item(const dsc_recommender *model, dsc_id id) {
    return dsc_id_map_find(model->items, id);
}

dsc_sparse dsc_recommender_ratings(const dsc_recommender *model) {
    return dsc_sparse_view(&model->ratings);
}

dsc_matrix dsc_recommender_user_vectors(const dsc_recommender *model) {
    return dsc_matrix_f32(model->user_vectors, model->n_user_vectors, model->config.n_factors);
}

dsc_matrix dsc_recommender_item_vectors(const dsc_recommender *model) {
    return dsc_matrix_f32(model->item_vectors, model->n_item_vectors, model->config.n_factors);
}

dsc_matrix dsc_recommender_user_biases(const dsc_recommender *model) {
    return dsc_matrix_f32(model->user_biases, model->n_users, 1);
}

dsc_matrix dsc_recommender_item_biases(const dsc_recommender *model) {
    return dsc_matrix_f32(model->item_biases, model->n_items, 1);
}

const dsc_network *dsc_recommender_network(const dsc_recommender *model) {
    return model->network;
}
