/* Which settings of a recommender are permitted: ranges, and what goes together. The first that is not is
 * named. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "recommender/model.h"

enum {
    MAX_FACTORS = 1024,
    MAX_WIDTH = 4096,
    MAX_BATCH = 1 << 20,
    MAX_AVERAGE = 1000,
    MAX_TIME_BINS = 1000,
    MAX_NEGATIVES = 1000
};

static dsc_status check_size(const char *name, size_t value, size_t low, size_t high,
                             dsc_error *err) {
    if (value < low || value > high) {
        return dsc_fail(err, DSC_E_ARGUMENT, name, "is %zu; expected %zu to %zu", value, low, high);
    }
    return DSC_OK;
}

static dsc_status check_parts(const dsc_recommender_config *config, dsc_error *err) {
    if (!config->use_dot && !config->use_network) {
        return dsc_fail(err, DSC_E_ARGUMENT, "use_dot",
                        "and use_network are both off; expected at least one of them");
    }
    return DSC_OK;
}

static dsc_status check_dropout(const dsc_recommender_config *config, dsc_error *err) {
    const double p = config->history_dropout;
    if (!(p >= 0 && p < 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "history_dropout",
                        "is %g; expected at least 0 and less than 1", p);
    }
    if (p > 0 && config->use_lbfgs) {
        return dsc_fail(err, DSC_E_ARGUMENT, "history_dropout",
                        "is %g; L-BFGS needs the same objective at every step, so that it must be "
                        "0 with use_lbfgs",
                        p);
    }
    if (dsc_uses_time(config) && !config->use_lbfgs) {
        return dsc_fail(err, DSC_E_ARGUMENT, "use_lbfgs",
                        "is off; biases of time are trained by full batches alone");
    }
    if (dsc_rating_loss_name(config->loss) == NULL) {
        return dsc_fail(err, DSC_E_ARGUMENT, "loss", "%d is not a loss", (int)config->loss);
    }
    return DSC_OK;
}

static dsc_status check_twin_adagrad(const dsc_recommender_config *config, dsc_error *err) {
    if (config->use_twin_adagrad &&
        (!config->use_dot || config->use_network || config->use_user_history ||
         config->use_item_history || config->use_lbfgs || config->is_implicit || config->use_als ||
         config->loss != DSC_LOSS_SQUARED || config->average_epochs != 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "use_twin_adagrad",
                        "is on; it trains the dot product of vectors without histories on ratings, "
                        "with squared errors and without a mean of weights");
    }
    return DSC_OK;
}

static dsc_status check_bf16(const dsc_recommender_config *config, dsc_error *err) {
    const bool by_minibatches = !config->use_lbfgs && !config->use_als && !config->use_twin_adagrad;
    if (config->use_bf16 &&
        (!by_minibatches || config->use_user_history || config->use_item_history)) {
        return dsc_fail(
            err, DSC_E_ARGUMENT, "use_bf16",
            "is on; it is for vectors without histories that are trained by minibatches");
    }
    return DSC_OK;
}

/* What is trained on interactions, and what on ratings. */
static dsc_status check_implicit(const dsc_recommender_config *config, dsc_error *err) {
    if (config->use_als && (!config->is_implicit || config->use_network || config->use_lbfgs ||
                            config->use_biases || config->use_mean)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "use_als",
                        "is on; alternating least squares trains interactions, and vectors alone");
    }
    if (config->is_implicit && (config->use_lbfgs || config->use_mean)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "is_implicit",
                        "is on; L-BFGS and a mean are of ratings");
    }
    if (config->is_implicit && (config->use_user_history || config->use_item_history)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "is_implicit",
                        "is on; a history has the interaction that is to be found");
    }
    const bool compares = config->loss >= DSC_LOSS_CROSS_ENTROPY;
    if (compares != (config->is_implicit && !config->use_als)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "loss", "is %s; expected %s",
                        dsc_rating_loss_name(config->loss),
                        compares ? "squared or ordinal: it is of interactions in minibatches"
                                 : "cross-entropy, bpr or softmax for interactions");
    }
    if (config->use_als && config->loss != DSC_LOSS_SQUARED) {
        return dsc_fail(err, DSC_E_ARGUMENT, "loss",
                        "is %s; alternating least squares has squared errors alone",
                        dsc_rating_loss_name(config->loss));
    }
    if (!(config->unobserved_weight > 0) || !isfinite(config->unobserved_weight)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "unobserved_weight",
                        "is %g; expected a number above 0", config->unobserved_weight);
    }
    return check_size("n_negatives", config->n_negatives, 1, MAX_NEGATIVES, err);
}

static dsc_status check_network(const dsc_recommender_config *config, dsc_error *err) {
    dsc_status status = check_size("n_factors", config->n_factors, 1, MAX_FACTORS, err);
    if (status == DSC_OK) {
        status = check_size("n_hidden", config->n_hidden, DSC_MIN_HIDDEN, DSC_MAX_HIDDEN, err);
    }
    for (size_t l = 0; status == DSC_OK && l < config->n_hidden; l++) {
        char name[48];
        snprintf(name, sizeof name, "hidden layer %zu", l + 1);
        status = check_size(name, config->hidden[l], 1, MAX_WIDTH, err);
    }
    const dsc_optimizer_kind optimizer = config->optimizer.kind;
    if (status == DSC_OK && optimizer != DSC_SGD && optimizer != DSC_ADAM) {
        status = dsc_fail(err, DSC_E_ARGUMENT, "optimizer", "is not sgd or adam");
    }
    if (status == DSC_OK && dsc_activation_name(config->activation) == NULL) {
        status = dsc_fail(err, DSC_E_ARGUMENT, "activation", "%d is not an activation",
                          (int)config->activation);
    }
    return status;
}

static dsc_status check_strengths(const dsc_recommender_config *config, dsc_error *err) {
    const struct {
        const char *name;
        double value;
    } strengths[] = {{"l2_vectors", config->l2_vectors},
                     {"l2_user_history", config->l2_user_history},
                     {"l2_item_history", config->l2_item_history},
                     {"l2_biases", config->l2_biases},
                     {"l2_network", config->l2_network},
                     {"ridge.vectors", config->ridge.vectors},
                     {"ridge.user_history", config->ridge.user_history},
                     {"ridge.item_history", config->ridge.item_history},
                     {"ridge.biases", config->ridge.biases},
                     {"ridge.network", config->ridge.network},
                     {"ridge.power", config->ridge.power},
                     {"ridge.time_bins", config->ridge.time_bins},
                     {"ridge.sessions", config->ridge.sessions}};
    for (size_t i = 0; i < sizeof strengths / sizeof strengths[0]; i++) {
        const double value = strengths[i].value;
        if (!(value >= 0) || !isfinite(value)) {
            return dsc_fail(err, DSC_E_ARGUMENT, strengths[i].name,
                            "is %g; expected a number of at least 0", value);
        }
    }
    return DSC_OK;
}

/* Counts, and the share that is held out. */
static dsc_status check_sizes(const dsc_recommender_config *config, dsc_error *err) {
    const struct {
        const char *name;
        size_t value, low, high;
    } sizes[] = {{"batch_size", config->batch_size, 1, MAX_BATCH},
                 {"n_time_bins", config->n_time_bins, 0, MAX_TIME_BINS},
                 {"max_epochs", config->max_epochs, 1, SIZE_MAX},
                 {"average_epochs", config->average_epochs, 1, MAX_AVERAGE},
                 {"patience", config->patience, 1, SIZE_MAX}};
    dsc_status status = DSC_OK;
    for (size_t i = 0; status == DSC_OK && i < sizeof sizes / sizeof sizes[0]; i++) {
        status = check_size(sizes[i].name, sizes[i].value, sizes[i].low, sizes[i].high, err);
    }
    if (status == DSC_OK && !(config->holdout >= 0 && config->holdout <= 0.5)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "holdout", "is %g; expected 0 to 0.5",
                        config->holdout);
    }
    return status;
}

dsc_status dsc_recommender_config_check(const dsc_recommender_config *config, dsc_error *err) {
    static dsc_status (*const checks[])(const dsc_recommender_config *, dsc_error *) = {
        check_parts,   dsc_side_parts_check, check_implicit,  check_twin_adagrad, check_bf16,
        check_network, check_dropout,        check_strengths, check_sizes};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const dsc_status status = checks[i](config, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    /* The optimizer's own settings are checked by the one that would use them. */
    dsc_optimizer *optimizer;
    const dsc_status status =
        dsc_optimizer_create(&optimizer, &config->optimizer, DSC_FLOAT32, 1, err);
    dsc_optimizer_destroy(optimizer);
    return status;
}
