/* The values of a model: drawing the first ones, what follows from them, and whether all stay finite. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "descent/norms.h"
#include "descent/random.h"
#include "recommender/model.h"

/* Streams of dsc_random_stream; the network draws from purpose 1 of the same seed. */
enum {
    PURPOSE_USER_VECTORS = 2,
    PURPOSE_ITEM_VECTORS = 3,
    PURPOSE_RATED_VECTORS = 8,
    PURPOSE_RATER_VECTORS = 9
};

/* Standard deviation of a vector's first elements: small against the He-scaled network's inputs,
 * so that the first predictions are near the mean, and large enough to break the symmetry. */
static const double vector_deviation = 0.1;

static void draw(float *values, size_t n, double deviation, uint64_t seed, uint32_t purpose) {
    dsc_random random = dsc_random_stream(seed, purpose, 0);
    for (size_t i = 0; i < n; i++) {
        values[i] = (float)(deviation * dsc_random_normal(&random));
    }
}

/* Of vectors that are summed, such that the sums of the n rows are as long as single vectors: by the
 * root of their number, or, where ratings weigh, by that of an average row and the usual weight. An
 * activation would otherwise begin where it is flat. */
static double summed_deviation(const dsc_recommender *model, const dsc_side_parts *parts,
                               size_t n) {
    const double average = (double)model->ratings.n_entries / (double)n;
    return parts->is_weighed ? vector_deviation / (DSC_WEIGHT_OF_MEAN * sqrt(average))
                             : vector_deviation;
}

void dsc_model_init(dsc_recommender *model) {
    const size_t k = model->config.n_factors;
    const uint64_t seed = model->config.seed;
    memset(model->tables, 0, model->n_table_values * sizeof *model->tables);
    draw(model->user_vectors, model->n_user_vectors * k, vector_deviation, seed,
         PURPOSE_USER_VECTORS);
    draw(model->item_vectors, model->n_item_vectors * k, vector_deviation, seed,
         PURPOSE_ITEM_VECTORS);
    if (model->rated_vectors != NULL) {
        draw(model->rated_vectors, model->n_items * k,
             summed_deviation(model, &model->user_parts, model->n_users), seed,
             PURPOSE_RATED_VECTORS);
    }
    if (model->rater_vectors != NULL) {
        draw(model->rater_vectors, model->n_users * k,
             summed_deviation(model, &model->item_parts, model->n_items), seed,
             PURPOSE_RATER_VECTORS);
    }
    if (model->network != NULL) {
        dsc_network_init(model->network,
                         model->config.activation == DSC_RELU ? DSC_INIT_HE : DSC_INIT_GLOROT,
                         seed);
    }
    if (model->threshold_steps != NULL) {
        dsc_ordinal_start(&model->ordinal, dsc_sparse_view(&model->ratings),
                          model->threshold_steps);
    }
    dsc_model_refresh(model);
}

void dsc_model_set_thresholds(dsc_recommender *model) {
    double steps[DSC_MAX_VALUES];
    for (size_t j = 0; j < dsc_ordinal_n_steps(&model->ordinal); j++) {
        steps[j] = (double)model->threshold_steps[j];
    }
    if (model->threshold_steps != NULL) {
        dsc_ordinal_set(&model->ordinal, steps);
    }
}

float dsc_model_item_offset(const dsc_recommender *model, uint32_t item, int64_t time) {
    return model->item_time_biases == NULL
               ? 0
               : model->item_time_biases[item * model->clock.n_bins +
                                         dsc_clock_bin(&model->clock, time)];
}

float dsc_model_user_offset(const dsc_recommender *model, uint32_t user, int64_t time) {
    const uint32_t session = dsc_clock_session(&model->clock, user, time);
    return session == DSC_NO_INDEX ? 0 : model->session_biases[session];
}

void dsc_model_set_offsets(dsc_recommender *model) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    for (uint32_t u = 0; model->offsets != NULL && u < model->n_users; u++) {
        for (uint64_t e = ratings->start[u]; e < ratings->start[u + 1]; e++) {
            model->offsets[e] = dsc_model_user_offset(model, u, ratings->time[e]) +
                                dsc_model_item_offset(model, ratings->column[e], ratings->time[e]);
        }
    }
}

static double norm_of(const dsc_recommender *model, const float *values, size_t n) {
    return sqrt(model->kernels->sum_of_squares(values, n));
}

/* |x W + b| <= |x| |W| + |b| in Euclidean and Frobenius norms, and no activation makes a value
 * larger, except that softplus adds log 2, and that sigmoid, tanh and softmax end at 1. A NaN
 * anywhere makes the bound NaN. */
bool dsc_model_is_bounded(const dsc_recommender *model) {
    const double largest = (double)FLT_MAX / 2; /* half: room for the rounding of the sums */
    const size_t k = model->config.n_factors;
    const double user_side = norm_of(model, model->user_sides, model->n_users * k);
    const double item_side = norm_of(model, model->item_sides, model->n_items * k);
    const double dot = model->config.use_dot ? user_side * item_side : 0;
    const size_t n_layers = model->network != NULL ? dsc_network_n_layers(model->network) : 0;
    double bound = user_side + item_side;
    for (size_t l = 0; l < n_layers; l++) {
        const dsc_layer_config layer = dsc_network_layer(model->network, l);
        bound = bound * dsc_norm_frobenius(dsc_network_weights(model->network, l)) +
                dsc_norm_frobenius(dsc_network_bias(model->network, l));
        if (!(bound <= largest)) {
            return false;
        }
        const double most = sqrt((double)layer.n_out);
        if (layer.activation == DSC_SIGMOID || layer.activation == DSC_TANH ||
            layer.activation == DSC_SOFTMAX) {
            bound = most;
        } else if (layer.activation == DSC_SOFTPLUS) {
            bound += most;
        }
    }
    const size_t n_summed = model->n_table_values - dsc_ordinal_n_steps(&model->ordinal);
    bound += dot + norm_of(model, model->tables, n_summed);
    return bound <= largest && dsc_ordinal_is_bounded(&model->ordinal);
}
