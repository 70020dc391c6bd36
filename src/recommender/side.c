/* Sides of a model's users and items: docs/math.md (50), (132), (148). */
#include "descent/side.h"

#include "recommender/model.h"
#include "recommender/strength.h"

/* A vector that all share is no minimum for one of them. */
static double l2_of(const dsc_recommender *model, bool is_item, uint64_t n_ratings) {
    const bool is_shared = is_item ? model->item_parts.is_shared : model->user_parts.is_shared;
    return is_shared ? 0 : dsc_strength_of(model, is_item, (double)n_ratings);
}

static double length_of(const dsc_side_parts *parts, uint64_t n_ratings) {
    return !parts->has_history ? 0 : parts->is_weighed ? 1 : (double)n_ratings;
}

dsc_side dsc_recommender_user_side(const dsc_recommender *model, uint32_t user) {
    return dsc_recommender_user_side_at(model, user, DSC_NOW);
}

dsc_side dsc_recommender_item_side(const dsc_recommender *model, uint32_t item) {
    return dsc_recommender_item_side_at(model, item, DSC_NOW);
}

dsc_side dsc_recommender_user_side_at(const dsc_recommender *model, uint32_t user, int64_t time) {
    if (user == DSC_NO_INDEX) {
        return (dsc_side){0};
    }
    const dsc_recommender_config *config = &model->config;
    const uint64_t begin = model->ratings.start[user];
    const dsc_side_parts *parts = &model->user_parts;
    const size_t own = parts->is_shared ? 0 : user;
    return (dsc_side){.vector = model->user_sides + user * config->n_factors,
                      .own = model->user_vectors + own * config->n_factors,
                      .bias = model->user_biases[user],
                      .offset = dsc_model_user_offset(model, user, time),
                      .baseline = model->user_baseline[user],
                      .l2_vector = l2_of(model, false, model->ratings.start[user + 1] - begin),
                      .n_history = length_of(parts, model->ratings.start[user + 1] - begin),
                      .n_ratings = model->ratings.start[user + 1] - begin,
                      .others = model->ratings.column + begin,
                      .ratings = model->ratings.value + begin,
                      .offsets = model->offsets != NULL ? model->offsets + begin : NULL,
                      .index = user,
                      .time = time};
}

dsc_side dsc_recommender_item_side_at(const dsc_recommender *model, uint32_t item, int64_t time) {
    if (item == DSC_NO_INDEX) {
        return (dsc_side){0};
    }
    const dsc_recommender_config *config = &model->config;
    const dsc_side_parts *parts = &model->item_parts;
    const size_t own = parts->is_shared ? 0 : item;
    return (dsc_side){.vector = model->item_sides + item * config->n_factors,
                      .own = model->item_vectors + own * config->n_factors,
                      .bias = model->item_biases[item],
                      .offset = dsc_model_item_offset(model, item, time),
                      .baseline = model->item_baseline[item],
                      .l2_vector = l2_of(model, true, model->item_count[item]),
                      .n_history = length_of(parts, model->item_count[item]),
                      .n_ratings = model->item_count[item],
                      .index = item,
                      .time = time};
}
