/* Writing what a model is made of: its ids and ratings, its vectors, biases and network. */
#include <stdio.h>

#include "recommender/model_writing.h"

static void add_matrix(dsc_model_writing *w, const char *name, dsc_matrix m) {
    dsc_writing_matrix(w, name, DSC_F32, m);
}

static void add_network(dsc_model_writing *w) {
    const dsc_network *network = w->model->network;
    const size_t n_layers = network != NULL ? dsc_network_n_layers(network) : 0;
    for (size_t l = 0; l < n_layers; l++) {
        char name[DSC_MODEL_NAME_LENGTH / 2];
        snprintf(name, sizeof name, DSC_ARRAY_WEIGHTS, l);
        add_matrix(w, name, dsc_network_weights(network, l));
        snprintf(name, sizeof name, DSC_ARRAY_BIAS, l);
        dsc_writing_vector(w, name, DSC_F32, dsc_network_layer(network, l).n_out,
                           dsc_network_bias(network, l).data);
    }
}

void dsc_writing_ground(dsc_model_writing *w) {
    const dsc_recommender *model = w->model;
    const dsc_sparse_matrix *ratings = &model->ratings;
    const uint64_t *user_offsets = dsc_id_map_offsets(model->users);
    const uint64_t *item_offsets = dsc_id_map_offsets(model->items);
    dsc_writing_vector(w, DSC_ARRAY_USER_ID_OFFSETS, DSC_I64, model->n_users + 1, user_offsets);
    dsc_writing_vector(w, DSC_ARRAY_ITEM_ID_OFFSETS, DSC_I64, model->n_items + 1, item_offsets);
    dsc_writing_vector(w, DSC_ARRAY_RATINGS_START, DSC_I64, model->n_users + 1, ratings->start);
    if (ratings->time != NULL) {
        dsc_writing_vector(w, DSC_ARRAY_RATINGS_TIME, DSC_I64, ratings->n_entries, ratings->time);
    }
    dsc_writing_vector(w, DSC_ARRAY_RATINGS_ITEM, DSC_I32, ratings->n_entries, ratings->column);
    dsc_writing_vector(w, DSC_ARRAY_RATINGS_VALUE, DSC_F32, ratings->n_entries, ratings->value);
    dsc_writing_vector(w, DSC_ARRAY_USER_IDS, DSC_U8, user_offsets[model->n_users],
                       dsc_id_map_bytes(model->users));
    dsc_writing_vector(w, DSC_ARRAY_ITEM_IDS, DSC_U8, item_offsets[model->n_items],
                       dsc_id_map_bytes(model->items));
}

static void add_vectors(dsc_model_writing *w) {
    const dsc_recommender *model = w->model;
    dsc_matrix users = dsc_recommender_user_vectors(model);
    dsc_matrix items = dsc_recommender_item_vectors(model);
    dsc_element element = DSC_F32;
    if (model->config.use_bf16) {
        element = DSC_BF16;
        users.data = w->bf16.of_users;
        items.data = w->bf16.of_items;
    }
    dsc_writing_matrix(w, DSC_ARRAY_USER_VECTORS, element, users);
    dsc_writing_matrix(w, DSC_ARRAY_ITEM_VECTORS, element, items);
}

void dsc_writing_tables(dsc_model_writing *w) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors;
    add_vectors(w);
    dsc_writing_vector(w, DSC_ARRAY_USER_BIASES, DSC_F32, model->n_users, model->user_biases);
    dsc_writing_vector(w, DSC_ARRAY_ITEM_BIASES, DSC_F32, model->n_items, model->item_biases);
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
        dsc_writing_vector(w, DSC_ARRAY_SESSION_BIASES, DSC_F32, model->clock.n_sessions,
                           model->session_biases);
    }
    if (model->threshold_steps != NULL) {
        dsc_writing_vector(w, DSC_ARRAY_THRESHOLD_STEPS, DSC_F32,
                           dsc_ordinal_n_steps(&model->ordinal), model->threshold_steps);
    }
    add_network(w);
}
