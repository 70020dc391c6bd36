/* The recommender's settings: names and defaults of its forms and losses; config_check.c says what is
 * permitted. */
#include <math.h>
#include <string.h>

#include "recommender/model.h"

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
