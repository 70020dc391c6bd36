/* The predictor's settings: defaults and their permitted ranges. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "predictor/predictor_internal.h"

enum { MAX_WIDTH = 65536, MAX_BATCH = 1 << 20 };

dsc_predictor_config dsc_predictor_config_default(void) {
    dsc_predictor_config config = {
        .n_hidden = 2,
        .hidden = {64, 32},
        .activation = DSC_RELU,
        .holdout = 0.1,
        .fit = dsc_fit_config_default(),
    };
    config.fit.max_epochs = 0;
    config.fit.batch_size = 32;
    config.fit.optimizer = dsc_adam(0.003);
    config.fit.schedule.kind = DSC_COSINE;
    config.fit.l2 = 1e-3;
    config.fit.seed = 1;
    return config;
}

static dsc_status check_shape(const dsc_predictor_config *config, dsc_error *err) {
    if (config->n_hidden > DSC_MAX_PREDICTOR_HIDDEN) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_hidden", "is %zu; expected 0 to %d",
                        config->n_hidden, DSC_MAX_PREDICTOR_HIDDEN);
    }
    for (size_t l = 0; l < config->n_hidden; l++) {
        if (config->hidden[l] == 0 || config->hidden[l] > MAX_WIDTH) {
            char where[48];
            snprintf(where, sizeof where, "hidden layer %zu", l + 1);
            return dsc_fail(err, DSC_E_ARGUMENT, where, "is %zu; expected 1 to %d",
                            config->hidden[l], MAX_WIDTH);
        }
    }
    if (dsc_activation_name(config->activation) == NULL) {
        return dsc_fail(err, DSC_E_ARGUMENT, "activation", "%d is not an activation",
                        (int)config->activation);
    }
    if (!(config->dropout >= 0 && config->dropout < 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "dropout", "is %g; expected 0 <= p < 1",
                        config->dropout);
    }
    return DSC_OK;
}

static dsc_status check_strength(const char *name, double value, dsc_error *err) {
    if (!(value >= 0) || !isfinite(value)) {
        return dsc_fail(err, DSC_E_ARGUMENT, name, "is %g; expected a finite number from 0 up",
                        value);
    }
    return DSC_OK;
}

static dsc_status check_fit(const dsc_fit_config *fit, dsc_error *err) {
    dsc_status status = check_strength("l1", fit->l1, err);
    if (status == DSC_OK) {
        status = check_strength("l2", fit->l2, err);
    }
    if (status == DSC_OK) {
        status = check_strength("clip_norm", fit->clip_norm, err);
    }
    if (status == DSC_OK && (fit->batch_size == 0 || fit->batch_size > MAX_BATCH)) {
        status = dsc_fail(err, DSC_E_ARGUMENT, "batch_size", "is %zu; expected 1 to %d",
                          fit->batch_size, MAX_BATCH);
    }
    if (status == DSC_OK) {
        /* The optimizer's own settings are checked by the one that would use them; so is the
         * schedule, whose length may still be open. */
        dsc_optimizer *optimizer;
        status = dsc_optimizer_create(&optimizer, &fit->optimizer, DSC_FLOAT32, 1, err);
        dsc_optimizer_destroy(optimizer);
    }
    if (status == DSC_OK) {
        dsc_schedule schedule;
        dsc_schedule_config config = fit->schedule;
        config.n_epochs += config.n_epochs == 0;
        status = dsc_schedule_init(&schedule, &config, err);
    }
    return status;
}

dsc_status dsc_predictor_config_check(const dsc_predictor_config *config, dsc_error *err) {
    dsc_status status = check_shape(config, err);
    if (status == DSC_OK && config->has_loss && dsc_loss_name(config->loss) == NULL) {
        status = dsc_fail(err, DSC_E_ARGUMENT, "loss", "%d is not a loss", (int)config->loss);
    }
    if (status == DSC_OK && !(config->holdout >= 0 && config->holdout <= 0.5)) {
        status =
            dsc_fail(err, DSC_E_ARGUMENT, "holdout", "is %g; expected 0 to 0.5", config->holdout);
    }
    if (status == DSC_OK) {
        status = check_fit(&config->fit, err);
    }
    if (status == DSC_OK && config->fit.use_lbfgs &&
        (config->fit.l1 > 0 || (config->dropout > 0 && config->n_hidden > 0))) {
        status = dsc_fail(err, DSC_E_ARGUMENT, "use_lbfgs",
                          "needs a smooth loss that stays the same; expected no l1 and no dropout");
    }
    return status;
}

dsc_status dsc_predictor_settle_loss(dsc_predictor_config *config, dsc_task task, dsc_error *err) {
    const bool is_regression = task == DSC_TASK_REGRESSION;
    if (!config->has_loss) {
        config->loss = is_regression ? DSC_MEAN_SQUARED_ERROR : DSC_CROSS_ENTROPY;
        config->has_loss = true;
    }
    const dsc_loss loss = config->loss;
    if (is_regression && loss != DSC_MEAN_SQUARED_ERROR && loss != DSC_MEAN_ABSOLUTE_ERROR &&
        loss != DSC_HUBER) {
        return dsc_fail(err, DSC_E_ARGUMENT, "loss",
                        "%s does not fit a regression; expected mean-squared-error, "
                        "mean-absolute-error or huber",
                        dsc_loss_name(loss));
    }
    if (!is_regression && loss != DSC_CROSS_ENTROPY && loss != DSC_BINARY_CROSS_ENTROPY &&
        loss != DSC_HINGE) {
        return dsc_fail(err, DSC_E_ARGUMENT, "loss",
                        "%s does not fit a classification; expected cross-entropy, "
                        "binary-cross-entropy or hinge",
                        dsc_loss_name(loss));
    }
    if (is_regression && config->balances_classes) {
        return dsc_fail(err, DSC_E_ARGUMENT, "balances_classes",
                        "needs classes; the target is a number");
    }
    return DSC_OK;
}
