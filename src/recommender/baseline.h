/* What can be said without a network: the mean, biases without vectors, the appeal of an item. */
#ifndef DSC_RECOMMENDER_BASELINE_H
#define DSC_RECOMMENDER_BASELINE_H

#include "descent/fold_in.h"
#include "recommender/model.h"

/* Fills the model's statistics of the ratings, its baseline biases, item_appeal and item_count from
 * its ratings. In double. Math: docs/math.md (18), (24), (25); of
 * interactions (120). Many ratings are shared out among the threads of the configuration; what they
 * find does not depend on how many there are.
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_baseline_fit(dsc_recommender *model, dsc_error *err);

/* (24) for one user or item, with the biases of those that rated or were rated held fixed; every
 * index of `given` is one of theirs. */
double dsc_baseline_bias(double mean, const double *other_baseline, const dsc_given *given);

/* Clips a prediction to the scale seen in training; scores of interactions have none. */
static inline double dsc_clip(const dsc_recommender *model, double rating) {
    if (model->config.is_implicit) {
        return rating;
    }
    const double min = model->statistics.min, max = model->statistics.max;
    return rating < min ? min : rating > max ? max : rating;
}

/* The baseline's prediction inside the scale; DSC_NO_INDEX leaves that bias out. (24) */
double dsc_baseline_predict(const dsc_recommender *model, uint32_t user, uint32_t item);

#endif
