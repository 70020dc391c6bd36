/* The sides of a model: their memory, and what the tables make of them. docs/math.md (50), (98), (130)
 * to (132). */
#include "base/error.h"
#include "base/memory.h"
#include "recommender/als.h"
#include "recommender/history.h"
#include "recommender/model.h"

/* Sums over histories stand in blocks of their own, each with the usual vector at its end. */
dsc_status dsc_model_create_sides(dsc_recommender *model, dsc_error *err) {
    const dsc_recommender_config *config = &model->config;
    const size_t k = config->n_factors;
    model->user_sides = model->user_vectors;
    model->item_sides = model->item_vectors;
    if (config->use_user_history) {
        model->user_sides = dsc_alloc((model->n_users + 1) * k, sizeof *model->user_sides);
    }
    if (config->use_item_history) {
        model->item_sides = dsc_alloc((model->n_items + 1) * k, sizeof *model->item_sides);
    }
    if (model->user_sides == NULL || model->item_sides == NULL) {
        return dsc_fail_memory(err, "the model's histories");
    }
    if (config->use_user_history && !config->weigh_user_history) {
        model->usual_rated = model->user_sides + model->n_users * k;
    }
    if (config->use_item_history && !config->weigh_item_history) {
        model->usual_rater = model->item_sides + model->n_items * k;
    }
    if (config->weigh_user_history || config->weigh_item_history) {
        model->weights = dsc_alloc(model->ratings.n_entries, sizeof *model->weights);
        if (model->weights == NULL) {
            return dsc_fail_memory(err, "the model's histories");
        }
    }
    return DSC_OK;
}

/* The mean over all ratings of the vectors that histories sum: each counts as often as it is
 * summed. (98) */
static void fill_usual(dsc_recommender *model) {
    const size_t k = model->config.n_factors;
    const dsc_sparse_matrix *ratings = &model->ratings;
    for (size_t f = 0; f < k && model->usual_rated != NULL; f++) {
        double sum = 0;
        for (size_t i = 0; i < model->n_items; i++) {
            sum += model->item_count[i] * (double)model->rated_vectors[i * k + f];
        }
        model->usual_rated[f] = (float)(sum / (double)ratings->n_entries);
    }
    for (size_t f = 0; f < k && model->usual_rater != NULL; f++) {
        double sum = 0;
        for (size_t u = 0; u < model->n_users; u++) {
            const double n = (double)(ratings->start[u + 1] - ratings->start[u]);
            sum += n * (double)model->rater_vectors[u * k + f];
        }
        model->usual_rater[f] = (float)(sum / (double)ratings->n_entries);
    }
}

float dsc_model_weight(const dsc_recommender *model, float rating) {
    const dsc_statistics *s = &model->statistics;
    return (float)(DSC_WEIGHT_OF_MEAN + ((double)rating - s->mean) / s->spread);
}

void dsc_model_set_weights(dsc_recommender *model) {
    for (size_t e = 0; model->weights != NULL && e < model->ratings.n_entries; e++) {
        model->weights[e] = dsc_model_weight(model, model->ratings.value[e]);
    }
}

/* A side is its sum after the activation. (132) */
static void activate(const dsc_recommender *model, float *sides, size_t n, dsc_activation by) {
    model->kernels->activate(sides, sides, (dsc_kernel_activation)by, n, model->config.n_factors);
}

void dsc_model_refresh(dsc_recommender *model) {
    fill_usual(model);
    dsc_model_set_offsets(model);
    dsc_model_set_thresholds(model);
    dsc_model_set_weights(model);
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    const dsc_side_parts *of_user = &model->user_parts, *of_item = &model->item_parts;
    const size_t k = model->config.n_factors;
    if (model->rated_vectors != NULL) {
        const dsc_history history = {model->user_vectors, of_user->is_shared, model->rated_vectors,
                                     of_user->is_weighed ? model->weights : NULL};
        dsc_history_sums(model->kernels, model->user_sides, &history, k, ratings);
        activate(model, model->user_sides, model->n_users, of_user->activation);
    }
    if (model->rater_vectors != NULL) {
        const dsc_history history = {model->item_vectors, of_item->is_shared, model->rater_vectors,
                                     of_item->is_weighed ? model->weights : NULL};
        dsc_history_sums_by_column(model->kernels, model->item_sides, &history, k, ratings,
                                   model->item_count);
        activate(model, model->item_sides, model->n_items, of_item->activation);
    }
    if (model->user_gram != NULL) {
        float *scratch = (float *)(void *)(model->item_gram + k * k);
        dsc_als_gram(model->kernels, model->user_gram, scratch, model->user_vectors, model->n_users,
                     k);
        dsc_als_gram(model->kernels, model->item_gram, scratch, model->item_vectors, model->n_items,
                     k);
    }
}
