/* The recommender's settings: defaults and their permitted ranges. */
#include <math.h>
#include <stdio.h>
#include <string.h>

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

static const char *const form_names[] = {"histories",    "dot",          "perceptron", "mixed",
                                         "user-autorec", "item-autorec", "ials"};
enum { N_FORMS = sizeof form_names / sizeof form_names[0] };

static const char *const loss_names[] = {"squared", "ordinal", "cross-entropy", "bpr", "softmax"};
enum { N_LOSSES = sizeof loss_names / sizeof loss_names[0] };

const char *dsc_form_name(dsc_form form) {
    return (unsigned)form < N_FORMS ? form_names[form] : NULL;
}

bool dsc_form_from_name(const char *name, dsc_form *out) {
    for (size_t i = 0; i < N_FORMS; i++) {
        if (strcmp(name, form_names[i]) == 0) {
            *out = (dsc_form)i;
            return true;
        }
    }
    return false;
}

const char *dsc_rating_loss_name(dsc_rating_loss loss) {
    return (unsigned)loss < N_LOSSES ? loss_names[loss] : NULL;
}

bool dsc_rating_loss_from_name(const char *name, dsc_rating_loss *out) {
    for (size_t i = 0; i < N_LOSSES; i++) {
        if (strcmp(name, loss_names[i]) == 0) {
            *out = (dsc_rating_loss)i;
            return true;
        }
    }
    return false;
}

/* Strengths that served 80,000 ratings best, and how they grow with the number of ratings; found by
 * validation, see docs/accuracy.md. */
dsc_ridge dsc_usual_ridge(dsc_rating_loss loss, size_t n_ratings) {
    const double ratio = (double)(n_ratings > 0 ? n_ratings : 1) / 80000;
    const bool is_ordinal = loss == DSC_LOSS_ORDINAL;
    const double growth = pow(ratio, is_ordinal ? 0.16 : 0.22);
    const double growth_of_raters = pow(ratio, is_ordinal ? 0.24 : 0.30);
    return (dsc_ridge){.vectors = (is_ordinal ? 13 : 15.3) * growth,
                       .user_history = (is_ordinal ? 39 : 45.9) * growth,
                       .item_history = (is_ordinal ? 26 : 30.6) * growth_of_raters,
                       .biases = is_ordinal ? 2 : 4,
                       .time_bins = is_ordinal ? 30 : 100,
                       .sessions = is_ordinal ? 4 : 8,
                       .network = 1 * growth,
                       .power = is_ordinal ? 0 : 0.35};
}

/* What an autoencoder's strengths are to the usual ones: 50 and 200 for 80,000 ratings. */
static void suit_autoencoder(dsc_ridge *ridge) {
    ridge->power = 0; /* as they were found */
    ridge->vectors *= 50 / 15.3;
    ridge->user_history *= 200 / 45.9;
    ridge->item_history *= 200 / 30.6;
}

/* One side is the hidden layer of an autoencoder, the other its output weights. (135) Widths and
 * epochs were found by validation, as the strengths were. */
static void become_autoencoder(dsc_recommender_config *config, bool of_items, bool is_many) {
    config->n_factors = is_many ? 200 : 100;
    config->max_epochs = 150;
    suit_autoencoder(&config->ridge);
    config->use_user_history = config->weigh_user_history = config->share_user_vector = !of_items;
    config->use_item_history = config->weigh_item_history = config->share_item_vector = of_items;
    *(of_items ? &config->item_activation : &config->user_activation) = DSC_SIGMOID;
}

dsc_recommender_config dsc_recommender_config_implicit(dsc_form form, size_t n_interactions) {
    dsc_recommender_config config = {
        .use_dot = form != DSC_FORM_PERCEPTRON,
        .use_network = form == DSC_FORM_PERCEPTRON || form == DSC_FORM_MIXED,
        .ridge = dsc_usual_ridge(DSC_LOSS_SQUARED, n_interactions),
        .n_factors = 64,
        .n_hidden = 2,
        .hidden = {64, 32},
        .activation = DSC_RELU,
        .is_implicit = true,
        .use_biases = true,
        .optimizer = dsc_adam(0.001),
        .l2_network = 0.6,
        .loss = DSC_LOSS_SOFTMAX,
        .n_negatives = 64,
        .unobserved_weight = 1,
        .batch_size = 256,
        .max_epochs = 100,
        .average_epochs = 1,
        .patience = 5,
        .holdout = 0.05,
        .seed = 1,
    };
    config.ridge.power = 0; /* of full batches alone */
    if (form == DSC_FORM_IALS) {
        config.use_als = true;
        config.use_biases = false;
        config.loss = DSC_LOSS_SQUARED;
        config.unobserved_weight = 6;
        config.ridge.vectors = 0.008;
        config.n_factors = n_interactions < DSC_MANY_RATINGS ? 64 : 512;
        config.max_epochs = 10;
        config.holdout = 0;
    }
    return config;
}

dsc_recommender_config dsc_recommender_config_of(dsc_form form, size_t n_ratings) {
    if (form == DSC_FORM_IALS) {
        return dsc_recommender_config_implicit(form, n_ratings);
    }
    const bool is_autoencoder = form == DSC_FORM_USER_AUTOREC || form == DSC_FORM_ITEM_AUTOREC;
    const bool has_network = form == DSC_FORM_PERCEPTRON || form == DSC_FORM_MIXED;
    dsc_recommender_config config = {
        .use_dot = form != DSC_FORM_PERCEPTRON,
        .use_network = has_network,
        .use_user_history = form == DSC_FORM_HISTORIES,
        .use_item_history = form == DSC_FORM_HISTORIES,
        .use_lbfgs = !has_network,
        .ridge = dsc_usual_ridge(DSC_LOSS_SQUARED, n_ratings),
        .choose_ridge = !has_network,
        .choose_history = form == DSC_FORM_HISTORIES,
        .n_factors = 32,
        .n_hidden = 2,
        .hidden = {64, 32},
        .activation = DSC_RELU,
        .use_biases = true,
        .use_mean = true,
        .optimizer = dsc_adam(0.001),
        .l2_vectors = 1,
        .l2_user_history = 0.3,
        .l2_item_history = 0.3,
        .l2_biases = 0.01,
        .l2_network = 0.6,
        .unobserved_weight = 1,
        .n_negatives = 1,
        .batch_size = 256,
        .max_epochs = 100,
        .average_epochs = 10,
        .patience = 10,
        .holdout = 0.05,
        .seed = 1,
    };
    config.ridge.power = config.use_lbfgs ? config.ridge.power : 0; /* version 2 of model files */
    if (config.use_lbfgs) {
        config.n_factors = n_ratings < DSC_MANY_RATINGS ? 40 : 80;
        config.max_epochs = 300;
        config.average_epochs = 1;
        config.patience = 20;
        config.holdout = 0;
    }
    if (is_autoencoder) {
        become_autoencoder(&config, form == DSC_FORM_ITEM_AUTOREC, n_ratings >= DSC_MANY_RATINGS);
    }
    return config;
}

void dsc_recommender_config_set_loss(dsc_recommender_config *config, dsc_rating_loss loss,
                                     size_t n_ratings) {
    config->loss = loss;
    config->ridge = dsc_usual_ridge(loss, n_ratings);
    if (config->share_user_vector || config->share_item_vector) {
        suit_autoencoder(&config->ridge);
    }
}

void dsc_recommender_config_set_twin_adagrad(dsc_recommender_config *config) {
    config->use_lbfgs = config->choose_ridge = config->choose_history = false;
    config->use_twin_adagrad = true;
    config->optimizer = dsc_sgd(0.1);
    config->l2_vectors = 0.04;
    config->l2_biases = 0.02;
    config->ridge.power = 0; /* of full batches alone */
    config->max_epochs = 30;
    config->average_epochs = 1;
    config->patience = 2;
    config->holdout = 0.05;
}

static dsc_status check_size(const char *name, size_t value, size_t low, size_t high,
                             dsc_error *err) {
    if (value < low || value > high) {
        return dsc_fail(err, DSC_E_ARGUMENT, name, "is %zu; expected %zu to %zu", value, low, high);
    }
    return DSC_OK;
}

static dsc_status check_strength(const char *name, double value, dsc_error *err) {
    if (!(value >= 0) || !isfinite(value)) {
        return dsc_fail(err, DSC_E_ARGUMENT, name, "is %g; expected a number of at least 0", value);
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

dsc_status dsc_recommender_config_check(const dsc_recommender_config *config, dsc_error *err) {
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
    dsc_status status = check_parts(config, err);
    if (status == DSC_OK) {
        status = dsc_side_parts_check(config, err);
    }
    if (status == DSC_OK) {
        status = check_implicit(config, err);
    }
    if (status == DSC_OK) {
        status = check_twin_adagrad(config, err);
    }
    if (status == DSC_OK) {
        status = check_bf16(config, err);
    }
    if (status == DSC_OK) {
        status = check_network(config, err);
    }
    if (status == DSC_OK) {
        status = check_dropout(config, err);
    }
    for (size_t i = 0; status == DSC_OK && i < sizeof strengths / sizeof strengths[0]; i++) {
        status = check_strength(strengths[i].name, strengths[i].value, err);
    }
    if (status == DSC_OK) {
        status = check_size("batch_size", config->batch_size, 1, MAX_BATCH, err);
    }
    if (status == DSC_OK) {
        status = check_size("n_time_bins", config->n_time_bins, 0, MAX_TIME_BINS, err);
    }
    if (status == DSC_OK) {
        status = check_size("max_epochs", config->max_epochs, 1, SIZE_MAX, err);
    }
    if (status == DSC_OK) {
        status = check_size("average_epochs", config->average_epochs, 1, MAX_AVERAGE, err);
    }
    if (status == DSC_OK) {
        status = check_size("patience", config->patience, 1, SIZE_MAX, err);
    }
    if (status == DSC_OK && !(config->holdout >= 0 && config->holdout <= 0.5)) {
        status =
            dsc_fail(err, DSC_E_ARGUMENT, "holdout", "is %g; expected 0 to 0.5", config->holdout);
    }
    if (status == DSC_OK) {
        /* The optimizer's own settings are checked by the one that would use them. */
        dsc_optimizer *optimizer;
        status = dsc_optimizer_create(&optimizer, &config->optimizer, DSC_FLOAT32, 1, err);
        dsc_optimizer_destroy(optimizer);
    }
    return status;
}
