/* Settings of a fold-in: docs/math.md (99). */
#include <math.h>

#include "base/error.h"
#include "recommender/folded.h"
#include "recommender/strength.h"

/* L-BFGS on a few dozen well conditioned variables is done before; perceptrons may take longer. */
enum { USUAL_ITERATIONS = 100 };

/* How strongly vectors are held near 0, (99), judged by how long trained ones are; 1 where they say
 * nothing. An ordinal loss is itself in units of noise. */
static double strength_of(const dsc_recommender *model, bool is_item) {
    const float *own = is_item ? model->item_vectors : model->user_vectors;
    const size_t n = (is_item ? model->n_items : model->n_users) * model->config.n_factors;
    const double squares = model->kernels->sum_of_squares(own, n);
    const double error = model->config.loss == DSC_LOSS_ORDINAL
                             ? 1
                             : model->statistics.train_rmse / model->statistics.spread;
    const double strength = error * error * (double)n / squares;
    return isfinite(strength) ? strength : 1;
}

dsc_fold_in_config dsc_fold_in_config_of(const dsc_recommender *model, bool is_item) {
    const dsc_recommender_config *config = &model->config;
    if (model->n_members > 0) {
        return model->members[0].fold_in[is_item];
    }
    const dsc_side_parts *parts = is_item ? &model->item_parts : &model->user_parts;
    dsc_fold_in_config out = {.learn_vector = !parts->is_shared,
                              .max_iterations = USUAL_ITERATIONS};
    /* an item that few have rated need not become a usual one: docs/accuracy.md */
    if (!is_item && !parts->is_weighed) {
        out.n_history = (double)model->ratings.n_entries / (double)model->n_users;
    }
    if (config->use_als) {
        out.n_history = 0;
    } else if (config->use_lbfgs) {
        out.l2_vector = config->ridge.vectors;
        out.l2_power = config->ridge.power;
        out.l2_bias = config->ridge.biases;
    } else {
        out.l2_vector = strength_of(model, is_item);
        out.l2_bias = dsc_usual_ridge(config->loss, model->ratings.n_entries).biases;
    }
    return out;
}

dsc_status dsc_fold_in_config_check(const dsc_fold_in_config *config, dsc_error *err) {
    if (!(config->l2_vector >= 0) || !isfinite(config->l2_vector) || !(config->l2_bias >= 0) ||
        !isfinite(config->l2_bias)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "l2_vector, l2_bias",
                        "are %g and %g; expected numbers of at least 0", config->l2_vector,
                        config->l2_bias);
    }
    if (!(config->l2_power >= 0) || !isfinite(config->l2_power)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "l2_power", "is %g; expected a number of at least 0",
                        config->l2_power);
    }
    if (!(config->n_history >= 0) || !isfinite(config->n_history)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_history", "is %g; expected a number of at least 0",
                        config->n_history);
    }
    if (config->max_iterations == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "max_iterations", "is 0; expected at least 1");
    }
    return DSC_OK;
}
