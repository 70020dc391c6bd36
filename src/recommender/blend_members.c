/* Members that blend well: docs/accuracy.md has how they were chosen. */
#include "descent/blend.h"
#include "recommender/ordinal.h"

/* Histories by full batches, with another length of vectors and other strengths than the usual ones
 * of the loss. */
typedef struct variation {
    size_t n_factors; /* 0: the usual */
    dsc_rating_loss loss;
    double user_history, item_history; /* times the usual strength */
    size_t n_time_bins;
    uint64_t session_gap;
} variation;

static const variation without_times[] = {{0, DSC_LOSS_ORDINAL, 2, 0.5, 0, 0},
                                          {40, DSC_LOSS_SQUARED, 1, 0.25, 0, 0},
                                          {10, DSC_LOSS_ORDINAL, 1, 0.5, 0, 0}};
/* Of many ratings: minibatches with histories would take longer than all others together. Where ratings are
 * no marks the second would be the first again. */
static const variation of_many[] = {{0, DSC_LOSS_SQUARED, 1, 1, 0, 0},
                                    {0, DSC_LOSS_ORDINAL, 1, 1, 0, 0}};
static const variation with_times[] = {{0, DSC_LOSS_ORDINAL, 1, 1, 10, 60},
                                       {0, DSC_LOSS_SQUARED, 2, 0.5, 10, 3600},
                                       {10, DSC_LOSS_SQUARED, 1, 0.5, 10, 60}};
enum {
    N_WITHOUT = sizeof without_times / sizeof without_times[0],
    N_OF_MANY = sizeof of_many / sizeof of_many[0],
    N_WITH = sizeof with_times / sizeof with_times[0]
};

static dsc_recommender_config vary(size_t n_ratings, bool can_be_ordinal, const variation *by) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, n_ratings);
    if (can_be_ordinal && by->loss == DSC_LOSS_ORDINAL) {
        dsc_recommender_config_set_loss(&config, by->loss, n_ratings);
    }
    config.n_factors = by->n_factors > 0 ? by->n_factors : config.n_factors;
    config.ridge.user_history *= by->user_history;
    config.ridge.item_history *= by->item_history;
    config.n_time_bins = by->n_time_bins;
    config.session_gap = by->session_gap;
    return config;
}

/* Histories into a perceptron, by minibatches that leave a fifth of each history out. */
static dsc_recommender_config by_minibatches(size_t n_ratings) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_PERCEPTRON, n_ratings);
    config.use_user_history = true;
    config.use_item_history = true;
    config.history_dropout = 0.2;
    config.average_epochs = 5;
    return config;
}

size_t dsc_blend_usual_members(const dsc_ratings *ratings,
                               dsc_recommender_config members[DSC_MAX_MEMBERS]) {
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    const bool can_be_ordinal = dsc_ordinal_suits(all), has_times = all.time != NULL;
    const bool are_many = all.n_entries >= DSC_MANY_RATINGS;
    const variation *variations = has_times ? with_times : are_many ? of_many : without_times;
    const size_t n_of_many = can_be_ordinal ? N_OF_MANY : N_OF_MANY - 1;
    const size_t n_variations = has_times ? N_WITH : are_many ? n_of_many : N_WITHOUT;
    size_t n = 0;
    for (; n < n_variations; n++) {
        members[n] = vary(all.n_entries, can_be_ordinal, &variations[n]);
    }
    if (!has_times && !are_many) {
        members[n++] = by_minibatches(all.n_entries);
    }
    if (!has_times) { /* beside time they help no more */
        members[n++] = dsc_recommender_config_of(DSC_FORM_ITEM_AUTOREC, all.n_entries);
    }
    for (size_t m = 0; m < n; m++) {
        members[m].seed = m + 1;
    }
    return n;
}
