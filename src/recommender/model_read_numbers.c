/* Reading the real numbers of a model, which are arrays: strengths and rates, after which all its settings
 * are checked, and what training said of the ratings. */
#include <math.h>

#include "base/error.h"
#include "recommender/model_reading.h"

/* Others keep 0, which nothing looks at. */
static dsc_status get_minibatch_histories(dsc_model_reading *r, dsc_error *err) {
    dsc_tensor array;
    if (!dsc_model_has_minibatch_histories(&r->config)) {
        return DSC_OK;
    }
    dsc_status status = dsc_reading_vector(r, DSC_ARRAY_MINIBATCH_HISTORIES, DSC_F64,
                                           DSC_N_MINIBATCH_HISTORIES, &array, err);
    if (status == DSC_OK) {
        const double *value = array.data;
        r->config.l2_user_history = value[DSC_MINIBATCH_L2_USER_HISTORY];
        r->config.l2_item_history = value[DSC_MINIBATCH_L2_ITEM_HISTORY];
        r->config.history_dropout = value[DSC_MINIBATCH_DROPOUT];
    }
    return status;
}

static dsc_status get_time_ridge(dsc_model_reading *r, dsc_error *err) {
    dsc_tensor array;
    if (!dsc_uses_time(&r->config)) {
        return DSC_OK;
    }
    dsc_status status =
        dsc_reading_vector(r, DSC_ARRAY_TIME_RIDGE, DSC_F64, DSC_N_TIME_RIDGES, &array, err);
    if (status == DSC_OK) {
        const double *value = array.data;
        r->config.ridge.time_bins = value[DSC_TIME_RIDGE_BINS];
        r->config.ridge.sessions = value[DSC_TIME_RIDGE_SESSIONS];
    }
    return status;
}

/* Behind the ridges. Without it all vectors are held alike. */
static dsc_status get_ridge_power(dsc_model_reading *r, dsc_error *err) {
    dsc_tensor array;
    if (!r->has_ridge_power) {
        return DSC_OK;
    }
    dsc_status status = dsc_reading_vector(r, DSC_ARRAY_RIDGE_POWER, DSC_F64, 1, &array, err);
    if (status == DSC_OK) {
        r->config.ridge.power = *(const double *)array.data;
    }
    return status;
}

static dsc_status get_interaction_numbers(dsc_model_reading *r, dsc_error *err) {
    dsc_tensor array;
    dsc_status status =
        dsc_reading_vector(r, DSC_ARRAY_INTERACTIONS, DSC_F64, DSC_N_INTERACTIONS, &array, err);
    if (status != DSC_OK) {
        return status;
    }
    const double *value = array.data;
    r->config.unobserved_weight = value[DSC_INTERACTIONS_UNOBSERVED_WEIGHT];
    r->statistics.train_loss = value[DSC_INTERACTIONS_TRAIN_LOSS];
    r->statistics.validation_ndcg =
        r->config.holdout > 0 ? value[DSC_INTERACTIONS_VALIDATION_NDCG] : (double)NAN;
    return DSC_OK;
}

dsc_status dsc_reading_hyperparameters(dsc_model_reading *r, dsc_error *err) {
    dsc_tensor array;
    const size_t n = r->is_version_1 ? DSC_N_HYPERPARAMETERS_1 : DSC_N_HYPERPARAMETERS;
    dsc_status status = dsc_reading_vector(r, DSC_ARRAY_HYPERPARAMETERS, DSC_F64, n, &array, err);
    if (status != DSC_OK) {
        return status;
    }
    const double *value = array.data;
    r->config.optimizer.rate = value[DSC_HYPER_RATE];
    r->config.optimizer.momentum = value[DSC_HYPER_MOMENTUM];
    r->config.optimizer.beta1 = value[DSC_HYPER_BETA1];
    r->config.optimizer.beta2 = value[DSC_HYPER_BETA2];
    r->config.optimizer.epsilon = value[DSC_HYPER_EPSILON];
    r->config.l2_vectors = value[DSC_HYPER_L2_VECTORS];
    r->config.l2_biases = value[DSC_HYPER_L2_BIASES];
    r->config.l2_network = value[DSC_HYPER_L2_NETWORK];
    r->config.holdout = value[DSC_HYPER_HOLDOUT];
    if (!r->is_version_1) {
        r->config.ridge = (dsc_ridge){.vectors = value[DSC_HYPER_RIDGE_VECTORS],
                                      .user_history = value[DSC_HYPER_RIDGE_USER_HISTORY],
                                      .item_history = value[DSC_HYPER_RIDGE_ITEM_HISTORY],
                                      .biases = value[DSC_HYPER_RIDGE_BIASES],
                                      .network = value[DSC_HYPER_RIDGE_NETWORK]};
    }
    status = get_minibatch_histories(r, err);
    if (status == DSC_OK) {
        status = get_time_ridge(r, err);
    }
    if (status == DSC_OK) {
        status = get_ridge_power(r, err);
    }
    if (status == DSC_OK && r->config.is_implicit) {
        status = get_interaction_numbers(r, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_error reason = {0};
    status = dsc_recommender_config_check(&r->config, &reason);
    if (status == DSC_E_MEMORY) {
        return dsc_fail(err, status, "", "%s", reason.message);
    }
    return status == DSC_OK ? DSC_OK
                            : dsc_fail(err, DSC_E_MODEL, r->path, "setting %s%s %s", r->prefix,
                                       reason.where, reason.message);
}

/* `has_holdout`: a validation error is there. */
dsc_status dsc_reading_statistics(dsc_model_reading *r, bool has_holdout, dsc_error *err) {
    dsc_tensor array;
    dsc_status status =
        dsc_reading_vector(r, DSC_ARRAY_STATISTICS, DSC_F64, DSC_N_STATISTICS, &array, err);
    if (status != DSC_OK) {
        return status;
    }
    const double *value = array.data;
    bool is_good = true;
    for (size_t i = 0; i < DSC_N_STATISTICS; i++) {
        is_good = is_good && isfinite(value[i]);
    }
    dsc_statistics *s = &r->statistics;
    s->mean = value[DSC_STATISTIC_MEAN];
    s->spread = value[DSC_STATISTIC_SPREAD];
    s->min = value[DSC_STATISTIC_MIN];
    s->max = value[DSC_STATISTIC_MAX];
    s->train_rmse = value[DSC_STATISTIC_TRAIN_RMSE];
    s->validation_rmse = has_holdout ? value[DSC_STATISTIC_VALIDATION_RMSE] : (double)NAN;
    if (r->config.is_implicit) {
        is_good = is_good && s->mean == 0 && s->spread == 1 && s->min == 1 && s->max == 1;
        s->train_rmse = s->validation_rmse = (double)NAN;
        if (!is_good || !(isfinite(s->train_loss) && s->train_loss >= 0) ||
            s->validation_ndcg < 0 || s->validation_ndcg > 1) {
            return dsc_fail(err, DSC_E_MODEL, r->path,
                            "its statistics are not those of interactions: mean %g, spread %g, "
                            "scale %g to %g, loss %g, NDCG@10 %g",
                            s->mean, s->spread, s->min, s->max, s->train_loss, s->validation_ndcg);
        }
        return DSC_OK;
    }
    if (!is_good || s->spread <= 0 || s->min > s->mean || s->mean > s->max || s->train_rmse < 0 ||
        s->validation_rmse < 0) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its statistics are not those of ratings: mean %g, spread %g, scale %g to "
                        "%g, errors %g and %g",
                        s->mean, s->spread, s->min, s->max, s->train_rmse, s->validation_rmse);
    }
    return DSC_OK;
}
