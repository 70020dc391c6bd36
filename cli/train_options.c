/* The options of `descent train` and of others that train: one row for each field of the recommender's configuration. */
#include "train_options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "computing.h"
#include "names.h"

/* Minibatches by those of the enum that the recommender trains with, or full batches, or alternating
 * least squares. */
enum { BY_SGD = DSC_SGD, BY_ADAM = DSC_ADAM, BY_LBFGS, BY_ALS };
static const char *const optimizer_names[] = {"sgd", "adam", "lbfgs", "als", NULL};

enum { MAX_THREADS = 1024 };

/* Bit 0: of users; bit 1: of items. */
static const char *const history_names[] = {"none", "user", "item", "both", NULL};

/* What stands between the table and the configuration. */
typedef struct table {
    cli_train_request *request;
    const char *activations[CLI_MAX_NAMES];
    const char *forms[CLI_MAX_NAMES];
    const char *losses[CLI_MAX_NAMES];
    size_t form;
    size_t history;
    size_t loss;
    size_t weighed, shared;                  /* as history */
    size_t user_activation, item_activation; /* as activation */
    size_t activation;                       /* index of the chosen name, as in the enum */
    size_t optimizer;
    cli_list hidden;
    dsc_recommender_config preset;  /* what the configuration is before parsing */
    const cli_config_file *file;    /* NULL: none */
    const cli_option_group *groups; /* (N_TRAINING) of what a configuration file may hold */
    char factors_help[160];
} table;

enum { N_TRAINING = 3 };

/* The options of parts and optimizers. */
typedef struct option_use {
    const char *option, *belongs_to;
    bool is_used, is_given;
} option_use;

/* False ends the visit. */
typedef bool (*use_visitor)(const option_use *use, void *user);

/* Whether the histories are there of those of whom something is asked. */
static bool has_histories(const dsc_recommender_config *config, bool of_users, bool of_items) {
    return (!of_users || config->use_user_history) && (!of_items || config->use_item_history);
}

static void visit_uses(const table *self, use_visitor visit, void *user) {
    const dsc_recommender_config *c = &self->request->config, *d = &self->preset;
    const bool by_steps = !c->use_lbfgs && !c->use_als;
    const bool has_ridge = c->use_lbfgs || c->use_als;
    const bool has_other_widths =
        c->n_hidden != d->n_hidden || memcmp(c->hidden, d->hidden, sizeof c->hidden) != 0;
    const char *const full = "--optimizer lbfgs; sgd and adam have --l2";
    const char *const steps = "--optimizer sgd and adam; lbfgs and als have --ridge";
    const char *const sampled = "--implicit with --optimizer sgd or adam";
    const char *const lbfgs = "--optimizer lbfgs";
    const char *const histories = "those who have a --history";
    const char *const network = "forms with a perceptron";
    const char *const of_users = "--history user and both";
    const char *const of_items = "--history item and both";
    const bool has_history = c->use_user_history || c->use_item_history;
    const bool has_l2_of_users = c->l2_user_history != d->l2_user_history;
    const bool has_l2_of_items = c->l2_item_history != d->l2_item_history;
    const option_use rows[] = {
        {"--hidden", network, c->use_network, has_other_widths},
        {"--activation", network, c->use_network, c->activation != d->activation},
        {"--weigh-history", histories,
         has_histories(c, c->weigh_user_history, c->weigh_item_history),
         c->weigh_user_history != d->weigh_user_history ||
             c->weigh_item_history != d->weigh_item_history},
        {"--share-vector", histories, has_histories(c, c->share_user_vector, c->share_item_vector),
         c->share_user_vector != d->share_user_vector ||
             c->share_item_vector != d->share_item_vector},
        {"--user-activation", of_users, c->use_user_history,
         c->user_activation != d->user_activation},
        {"--item-activation", of_items, c->use_item_history,
         c->item_activation != d->item_activation},
        {"--weigh-history", lbfgs, c->use_lbfgs,
         c->weigh_user_history != d->weigh_user_history ||
             c->weigh_item_history != d->weigh_item_history},
        {"--share-vector", lbfgs, c->use_lbfgs,
         c->share_user_vector != d->share_user_vector ||
             c->share_item_vector != d->share_item_vector},
        {"--user-activation", lbfgs, c->use_lbfgs, c->user_activation != d->user_activation},
        {"--item-activation", lbfgs, c->use_lbfgs, c->item_activation != d->item_activation},
        {"--rate", "--optimizer sgd and adam", by_steps, c->optimizer.rate != d->optimizer.rate},
        {"--momentum", "--optimizer sgd", by_steps && c->optimizer.kind == DSC_SGD,
         c->optimizer.momentum != d->optimizer.momentum},
        {"--l2", steps, by_steps, c->l2_vectors != d->l2_vectors},
        {"--l2-user-history", steps, by_steps, has_l2_of_users},
        {"--l2-user-history", of_users, c->use_user_history, has_l2_of_users},
        {"--l2-item-history", steps, by_steps, has_l2_of_items},
        {"--l2-item-history", of_items, c->use_item_history, has_l2_of_items},
        {"--history-dropout",
         "--optimizer sgd and adam; lbfgs needs the same objective at every step", by_steps,
         c->history_dropout != d->history_dropout},
        {"--history-dropout", "--history user, item and both", has_history,
         c->history_dropout != d->history_dropout},
        {"--l2-biases", steps, by_steps, c->l2_biases != d->l2_biases},
        {"--l2-network", steps, by_steps, c->l2_network != d->l2_network},
        {"--l2-network", network, c->use_network, c->l2_network != d->l2_network},
        {"--batch", "--optimizer sgd and adam; lbfgs takes all ratings at once", by_steps,
         c->batch_size != d->batch_size},
        {"--ridge", "--optimizer lbfgs and als; sgd and adam have --l2", has_ridge,
         !isnan(c->ridge.vectors)},
        {"--ridge-user-history", full, c->use_lbfgs, !isnan(c->ridge.user_history)},
        {"--ridge-item-history", full, c->use_lbfgs, !isnan(c->ridge.item_history)},
        {"--ridge-user-history", of_users, c->use_user_history, !isnan(c->ridge.user_history)},
        {"--ridge-item-history", of_items, c->use_item_history, !isnan(c->ridge.item_history)},
        {"--ridge-biases", full, c->use_lbfgs, !isnan(c->ridge.biases)},
        {"--ridge-biases", "models with biases", c->use_biases, !isnan(c->ridge.biases)},
        {"--ridge-network", full, c->use_lbfgs, !isnan(c->ridge.network)},
        {"--ridge-network", network, c->use_network, !isnan(c->ridge.network)},
        {"--ridge-power", full, c->use_lbfgs, !isnan(c->ridge.power)},
        {"--no-mean", "--loss squared; the thresholds of others hold where ratings lie",
         c->loss == DSC_LOSS_SQUARED && !c->is_implicit, c->use_mean != d->use_mean},
        {"--no-biases", "models with biases", !c->use_als, c->use_biases != d->use_biases},
        {"--train-negatives", sampled, c->is_implicit && by_steps,
         c->n_negatives != d->n_negatives},
        {"--unobserved-weight", "--optimizer als", c->use_als,
         c->unobserved_weight != d->unobserved_weight},
        {"--average", "--optimizer sgd and adam", by_steps, c->average_epochs != d->average_epochs},
        {"--time-bins", "--optimizer lbfgs", c->use_lbfgs, c->n_time_bins != d->n_time_bins},
        {"--session-gap", "--optimizer lbfgs", c->use_lbfgs, c->session_gap != d->session_gap},
        {"--ridge-time-bins", "a number of --time-bins", c->n_time_bins > 0,
         !isnan(c->ridge.time_bins)},
        {"--ridge-sessions", "a --session-gap", c->session_gap > 0, !isnan(c->ridge.sessions)},
        {"--threads", "--optimizer lbfgs and als; the others have one", has_ridge,
         c->n_threads > 0},
        {"--patience", "a --holdout above 0", c->holdout > 0, c->patience != d->patience},
    };
    for (size_t i = 0; i < CLI_COUNT(rows) && visit(&rows[i], user); i++) {
    }
}

static bool find_vain(const option_use *use, void *user) {
    const bool is_vain = use->is_given && !use->is_used;
    if (is_vain) {
        *(option_use *)user = *use;
    }
    return !is_vain;
}

/* Whether the value of "--option" is that of the configuration file. */
static bool is_of_file(const table *self, const char *option) {
    return cli_config_has(self->file, option + 2) &&
           !*cli_option_find(self->groups, N_TRAINING, option + 2)->is_given;
}

static int refuse(const table *self, const char *option, const char *format, ...) CLI_PRINTF(3, 4);
static int refuse(const table *self, const char *option, const char *format, ...) {
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return is_of_file(self, option)
               ? cli_config_bad(self->file, option + 2, "%s", message)
               : cli_usage_error(self->request->command, option, "%s", message);
}

/* Whether anything is said of users' sides, or of items', that needs a history. */
static bool says_of(const dsc_recommender_config *c, bool of_items) {
    return of_items
               ? c->weigh_item_history || c->share_item_vector || c->item_activation != DSC_IDENTITY
               : c->weigh_user_history || c->share_user_vector ||
                     c->user_activation != DSC_IDENTITY;
}

/* What a form weighs, shares or activates needs the history that the form came with, and L-BFGS. */
static int check_sides(const table *self) {
    const dsc_recommender_config *c = &self->request->config;
    const bool of_users = says_of(c, false), of_items = says_of(c, true);
    const char *const form = dsc_form_name(self->request->form_of_model);
    if (!has_histories(c, of_users, of_items)) {
        return refuse(self, "--history",
                      "is %s, but --form %s is made of another; expected %s or both",
                      history_names[self->history], form,
                      history_names[(size_t)of_users + 2 * (size_t)of_items]);
    }
    if ((of_users || of_items) && !c->use_lbfgs) {
        return refuse(self, "--optimizer", "%s does not train --form %s; expected lbfgs",
                      optimizer_names[self->optimizer], form);
    }
    return CLI_GO_ON;
}

/* An option must not be given in vain: refuses those of parts and optimizers that are not used. */
static int check_used(const table *self) {
    option_use vain = {0};
    visit_uses(self, find_vain, &vain);
    return vain.option == NULL ? check_sides(self)
                               : refuse(self, vain.option, "belongs to %s", vain.belongs_to);
}

/* The defaults of a form for so many ratings or interactions. */
static dsc_recommender_config preset_of(dsc_form form, bool is_implicit, size_t n) {
    return is_implicit ? dsc_recommender_config_implicit(form, n)
                       : dsc_recommender_config_of(form, n);
}

/* Their default number may depend on that of the ratings. */
static void describe_factors(table *self) {
    static const char what[] = "length of the vector of each user and each item";
    const dsc_form form = self->request->form_of_model;
    const bool is_implicit = self->request->config.is_implicit;
    const size_t few = preset_of(form, is_implicit, 0).n_factors;
    const size_t many = preset_of(form, is_implicit, DSC_MANY_RATINGS).n_factors;
    snprintf(self->factors_help, sizeof self->factors_help, "%s", what);
    if (few != many) {
        self->request->config.n_factors = (size_t)CLI_NOT_GIVEN;
        snprintf(self->factors_help, sizeof self->factors_help,
                 "%s; if not given, %zu, or %zu from %d ratings on", what, few, many,
                 DSC_MANY_RATINGS);
    }
}

static void take_defaults(table *self) {
    const dsc_recommender_config *config = &self->request->config;
    cli_list_names(cli_activation_name, self->activations, 0);
    cli_list_names(cli_form_name, self->forms, 0);
    cli_list_names(cli_rating_loss_name, self->losses, 0);
    self->history = (size_t)config->use_user_history + 2 * (size_t)config->use_item_history;
    self->loss = (size_t)config->loss;
    self->weighed = (size_t)config->weigh_user_history + 2 * (size_t)config->weigh_item_history;
    self->shared = (size_t)config->share_user_vector + 2 * (size_t)config->share_item_vector;
    self->user_activation = (size_t)config->user_activation;
    self->item_activation = (size_t)config->item_activation;
    self->activation = (size_t)config->activation;
    self->optimizer = config->use_lbfgs ? BY_LBFGS
                      : config->use_als ? BY_ALS
                                        : (size_t)config->optimizer.kind;
    self->preset = *config;
    describe_factors(self);
    self->hidden.n = config->n_hidden;
    for (size_t i = 0; i < config->n_hidden; i++) {
        self->hidden.values[i] = config->hidden[i];
    }
}

/* On the command line or in the configuration file. */
static bool is_given(const table *self, const char *name) {
    const cli_option *option = cli_option_find(self->groups, N_TRAINING, name);
    return *option->is_given || cli_config_has(self->file, name);
}

static bool is_form_of_interactions(dsc_form form) {
    return form == DSC_FORM_IALS || form == DSC_FORM_DOT || form == DSC_FORM_PERCEPTRON ||
           form == DSC_FORM_MIXED;
}

/* What is trained on interactions and what on ratings. */
static int check_feedback(const table *self) {
    const cli_train_request *request = self->request;
    const dsc_recommender_config *config = &request->config;
    const bool is_implicit = config->is_implicit, is_of_steps = is_implicit && !config->use_als;
    const bool compares = config->loss >= DSC_LOSS_CROSS_ENTROPY;
    if (is_implicit && is_given(self, "no-mean")) {
        return refuse(self, "--no-mean", "belongs to ratings; interactions have no mean");
    }
    if (config->use_als && is_given(self, "no-biases")) {
        return refuse(self, "--no-biases", "belongs to models with biases; als has none");
    }
    if (is_implicit && !is_form_of_interactions(request->form_of_model)) {
        return refuse(self, "--form",
                      "%s is of ratings; with --implicit expected ials, dot, perceptron or "
                      "mixed",
                      dsc_form_name(request->form_of_model));
    }
    if (is_implicit && config->use_lbfgs) {
        return refuse(self, "--optimizer",
                      "lbfgs trains ratings; with --implicit expected als, adam or sgd");
    }
    if (config->use_als && config->use_network) {
        return refuse(self, "--optimizer",
                      "als trains vectors alone; expected adam or sgd, or --form ials");
    }
    if (is_of_steps && !compares) {
        return refuse(self, "--loss",
                      "%s is of ratings; expected cross-entropy, bpr or softmax, or --form ials",
                      dsc_rating_loss_name(config->loss));
    }
    if (config->use_als && config->loss != DSC_LOSS_SQUARED) {
        return refuse(self, "--loss",
                      "als has squared errors alone; others need --form dot, "
                      "perceptron or mixed");
    }
    if (!is_implicit && compares) {
        return refuse(self, "--loss",
                      "%s compares what was chosen with what was not: it belongs to --implicit",
                      dsc_rating_loss_name(config->loss));
    }
    return CLI_GO_ON;
}

/* Interactions are named on the command line alone, where also their file is. */
static int check_implicit(const table *self) {
    const cli_train_request *request = self->request;
    const bool is_als = self->optimizer == BY_ALS,
               is_form = request->form_of_model == DSC_FORM_IALS;
    if ((is_als || is_form) && !cli_reading_is_implicit(&request->reading)) {
        return refuse(self, is_form ? "--form" : "--optimizer",
                      "alternating least squares trains interactions: it needs --implicit");
    }
    return CLI_GO_ON;
}

static int take_choices(const table *self) {
    dsc_recommender_config *config = &self->request->config;
    self->request->has_history = *cli_option_find(self->groups, N_TRAINING, "history")->is_given ||
                                 cli_config_has(self->file, "history");
    config->activation = (dsc_activation)self->activation;
    config->loss = (dsc_rating_loss)self->loss;
    config->use_user_history = (self->history & 1) != 0;
    config->use_item_history = (self->history & 2) != 0;
    config->weigh_user_history = (self->weighed & 1) != 0;
    config->weigh_item_history = (self->weighed & 2) != 0;
    config->share_user_vector = (self->shared & 1) != 0;
    config->share_item_vector = (self->shared & 2) != 0;
    config->user_activation = (dsc_activation)self->user_activation;
    config->item_activation = (dsc_activation)self->item_activation;
    config->use_lbfgs = self->optimizer == BY_LBFGS;
    config->use_als = self->optimizer == BY_ALS;
    int status = check_feedback(self);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (!config->use_lbfgs && !config->use_als) {
        config->optimizer.kind = (dsc_optimizer_kind)self->optimizer;
    }
    if (self->history != 0 && config->is_implicit) {
        return refuse(self, "--history", "is of ratings; with --implicit expected none");
    }
    config->n_hidden = self->hidden.n;
    for (size_t i = 0; i < self->hidden.n; i++) {
        config->hidden[i] = self->hidden.values[i];
    }
    return check_used(self);
}

enum { N_MODEL = 15, N_INTERACTIONS = 2, N_STEPS = 9, N_RIDGE = 8, N_EPOCHS = 6 };

static void fill_model(table *self, cli_option out[N_MODEL]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[N_MODEL] = {
        {.type = CLI_STRING,
         .name = "output",
         .letter = 'o',
         .value = "MODEL",
         .help = "the file to write the model to, such as model.safetensors",
         .target = &self->request->model_path,
         .is_required = true},
        {.type = CLI_CHOICE,
         .name = "form",
         .help =
             "what the model is made of and, with it, the defaults of all other options: dot "
             "product of vectors with the histories of users and items, dot product alone, "
             "vectors into a perceptron, dot product and perceptron, or an autoencoder of what "
             "each user rated or of how each item was rated; of interactions ials, dot product by "
             "alternating least squares, if not given",
         .target = &self->form,
         .choices = self->forms},
        {.type = CLI_CHOICE,
         .name = "history",
         .help = "whose vector also sums up a history: what a user rated, who rated an item",
         .target = &self->history,
         .choices = history_names},
        {.type = CLI_CHOICE,
         .name = "weigh-history",
         .help = "whose history weighs what it sums by the ratings, instead of all alike",
         .target = &self->weighed,
         .choices = history_names},
        {.type = CLI_CHOICE,
         .name = "share-vector",
         .help = "who has no vectors of their own beside the history but one in common",
         .target = &self->shared,
         .choices = history_names},
        {.type = CLI_CHOICE,
         .name = "user-activation",
         .value = "NAME",
         .help = "applied to what is summed up for a user, as a whole; identity is none",
         .target = &self->user_activation,
         .choices = self->activations},
        {.type = CLI_CHOICE,
         .name = "item-activation",
         .value = "NAME",
         .help = "the same of what is summed up for an item",
         .target = &self->item_activation,
         .choices = self->activations},
        {.type = CLI_SIZE,
         .name = "factors",
         .letter = 'k',
         .help = self->factors_help,
         .target = &config->n_factors,
         .whole_min = 1,
         .whole_max = 1024},
        {.type = CLI_LIST,
         .name = "hidden",
         .help = "widths of the network's hidden layers, first to last",
         .target = &self->hidden,
         .whole_min = 1,
         .whole_max = 4096,
         .min_length = DSC_MIN_HIDDEN,
         .max_length = DSC_MAX_HIDDEN},
        {.type = CLI_CHOICE,
         .name = "activation",
         .value = "NAME",
         .help = "of the hidden layers: identity, relu, leaky-relu, elu, sigmoid, tanh, softplus, "
                 "gelu, swish or softmax",
         .target = &self->activation,
         .choices = self->activations},
        {.type = CLI_FLAG_OFF,
         .name = "no-biases",
         .help = "leave out the biases of users and items",
         .target = &config->use_biases},
        {.type = CLI_FLAG_OFF,
         .name = "no-mean",
         .help = "do not start from the mean rating",
         .target = &config->use_mean},
        {.type = CLI_CHOICE,
         .name = "loss",
         .help =
             "what training makes small: squared errors, or ordinal, minus the log likelihood "
             "of the ratings as marks of an ordered scale, each with a probability; of "
             "interactions cross-entropy of each item, bpr of pairs of items, or softmax of the "
             "chosen item among those drawn with it",
         .target = &self->loss,
         .choices = self->losses},
        {.type = CLI_SIZE,
         .name = "time-bins",
         .help = "give each item a bias in each of so many bins of the ratings' times, which hold "
                 "equally many ratings; 0: none",
         .target = &config->n_time_bins,
         .whole_max = 1000},
        {.type = CLI_WHOLE,
         .name = "session-gap",
         .value = "SECONDS",
         .help = "give each session of each user a bias: a run of ratings without a longer pause "
                 "between two of them, such as 60; 0: none",
         .target = &config->session_gap},
    };
    memcpy(out, rows, sizeof rows);
}

static void fill_interactions(table *self, cli_option out[N_INTERACTIONS]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[N_INTERACTIONS] = {
        {.type = CLI_SIZE,
         .name = "train-negatives",
         .help = "under sgd and adam: items that the user did not choose, drawn anew for each "
                 "interaction in each epoch",
         .target = &config->n_negatives,
         .whole_min = 1,
         .whole_max = 1000},
        {.type = CLI_REAL,
         .name = "unobserved-weight",
         .help =
             "under als: weight of all pairs of user and item together, taken for not chosen, as a "
             "multiple of the weight of the interactions",
         .target = &config->unobserved_weight,
         .interval = {.low = 0, .high = INFINITY, .is_low_open = true}},
    };
    memcpy(out, rows, sizeof rows);
}

static void fill_steps(table *self, cli_option out[N_STEPS]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[N_STEPS] = {
        {.type = CLI_CHOICE,
         .name = "optimizer",
         .help = "how the parameters are found: minibatches by sgd or adam, all ratings at once by "
                 "lbfgs, alternating least squares of interactions by als",
         .target = &self->optimizer,
         .choices = optimizer_names},
        {.type = CLI_REAL,
         .name = "rate",
         .letter = 'r',
         .help = "learning rate of sgd and adam",
         .target = &config->optimizer.rate,
         .interval = {.low = 0, .high = INFINITY, .is_low_open = true}},
        {.type = CLI_REAL,
         .name = "momentum",
         .help = "momentum, for sgd alone",
         .target = &config->optimizer.momentum,
         .interval = {.low = 0, .high = 1, .is_high_open = true}},
        {.type = CLI_REAL,
         .name = "l2",
         .help = "weight decay of the vectors under sgd and adam",
         .target = &config->l2_vectors,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "l2-user-history",
         .help = "the same of the vectors that are summed for users",
         .target = &config->l2_user_history,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "l2-item-history",
         .help = "the same of the vectors that are summed for items",
         .target = &config->l2_item_history,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "history-dropout",
         .help = "share of each history that a step leaves out, by lot, under sgd and adam",
         .target = &config->history_dropout,
         .interval = {.low = 0, .high = 1, .is_high_open = true}},
        {.type = CLI_REAL,
         .name = "l2-biases",
         .help = "weight decay of the biases under sgd and adam",
         .target = &config->l2_biases,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "l2-network",
         .help = "weight decay of the network's parameters under sgd and adam, divided by the root "
                 "of the number of ratings",
         .target = &config->l2_network,
         .interval = {.low = 0, .high = INFINITY}},
    };
    memcpy(out, rows, sizeof rows);
}

/* Strengths that are not given are chosen when the number of ratings is known. */
static void fill_ridge(table *self, cli_option out[N_RIDGE]) {
    dsc_ridge *ridge = &self->request->config.ridge;
    const struct {
        const char *name, *help;
        double *target;
    } rows[N_RIDGE] = {
        {"ridge",
         "L2 of the vectors under lbfgs and als; under lbfgs, where neither this nor the next two "
         "nor "
         "that of the network is given, trials on held-out ratings choose them",
         &ridge->vectors},
        {"ridge-user-history", "the same of the vectors that are summed for users",
         &ridge->user_history},
        {"ridge-item-history", "the same of the vectors that are summed for items",
         &ridge->item_history},
        {"ridge-biases", "the same of the biases", &ridge->biases},
        {"ridge-network", "the same of the network's parameters", &ridge->network},
        {"ridge-time-bins", "the same of the items' biases in bins of time", &ridge->time_bins},
        {"ridge-sessions", "the same of the biases of users' sessions", &ridge->sessions},
        {"ridge-power",
         "how the strengths of vectors grow with the number of ratings of a user or an item: by "
         "this "
         "power of its ratio to the average; 0 is one strength for all",
         &ridge->power},
    };
    for (size_t i = 0; i < N_RIDGE; i++) {
        *rows[i].target = NAN;
        out[i] = (cli_option){.type = CLI_REAL,
                              .name = rows[i].name,
                              .help = rows[i].help,
                              .target = rows[i].target,
                              .interval = {.low = 0, .high = INFINITY}};
    }
}

void cli_train_settle(cli_train_request *request, size_t n_ratings) {
    dsc_recommender_config of_form =
        preset_of(request->form_of_model, request->config.is_implicit, n_ratings);
    if (!of_form.is_implicit) {
        dsc_recommender_config_set_loss(&of_form, request->config.loss, n_ratings);
    }
    const dsc_ridge usual = of_form.ridge;
    if (request->config.n_factors == (size_t)CLI_NOT_GIVEN) {
        request->config.n_factors = of_form.n_factors;
    }
    dsc_ridge *ridge = &request->config.ridge;
    request->config.choose_ridge = request->config.use_lbfgs && isnan(ridge->vectors) &&
                                   isnan(ridge->user_history) && isnan(ridge->item_history) &&
                                   isnan(ridge->network);
    request->config.choose_history =
        of_form.choose_history && !request->has_history && request->config.choose_ridge;
    ridge->vectors = isnan(ridge->vectors) ? usual.vectors : ridge->vectors;
    ridge->user_history = isnan(ridge->user_history) ? usual.user_history : ridge->user_history;
    ridge->item_history = isnan(ridge->item_history) ? usual.item_history : ridge->item_history;
    ridge->biases = isnan(ridge->biases) ? usual.biases : ridge->biases;
    ridge->network = isnan(ridge->network) ? usual.network : ridge->network;
    ridge->time_bins = isnan(ridge->time_bins) ? usual.time_bins : ridge->time_bins;
    ridge->sessions = isnan(ridge->sessions) ? usual.sessions : ridge->sessions;
    ridge->power = isnan(ridge->power) ? usual.power : ridge->power;
}

/* The last value of "--NAME" on the command line, NULL: it has none. For what must be known before
 * the table itself can judge: NAME may be cut short, as there. */
static const char *find_value(int argc, char **argv, const char *name) {
    enum { SHORTEST = 3 }; /* letters: fewer are not unmistakable */
    const char *found = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const size_t length = strncmp(argv[i], "--", 2) == 0 ? strcspn(argv[i] + 2, "=") : 0;
        if (length < SHORTEST || strncmp(argv[i] + 2, name, length) != 0) {
            continue;
        }
        found = argv[i][2 + length] == '=' ? argv[i] + 3 + length : argv[i + 1];
    }
    return found;
}

/* Whether the command line has the flag "--NAME", which may be cut short as well. */
static bool has_flag(int argc, char **argv, const char *name) {
    enum { SHORTEST = 3 };
    bool is_found = false;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        is_found |= strlen(argv[i]) >= 2 + SHORTEST && strncmp(argv[i], "--", 2) == 0 &&
                    strncmp(argv[i] + 2, name, strlen(argv[i] + 2)) == 0;
    }
    return is_found;
}

/* The form that the command line names, or the file, whose defaults are those of all other options;
 * the table itself judges the name later. */
static dsc_form form_of(int argc, char **argv, const cli_config_file *file, bool is_implicit) {
    dsc_form form = is_implicit ? DSC_FORM_IALS : DSC_FORM_HISTORIES;
    const char *name = find_value(argc, argv, "form");
    name = name != NULL ? name : cli_config_text(file, "form");
    if (name != NULL) {
        dsc_form_from_name(name, &form);
    }
    return form;
}

/* The defaults of a form; where its way of training is exchanged for minibatches, those that end in
 * time are a perceptron's: minibatches overfit where L-BFGS with its ridge does not.
 *   optimizer  [in]  its name; NULL: the form's own */
static dsc_recommender_config defaults_of(dsc_form form, const char *optimizer) {
    const dsc_recommender_config by_steps = dsc_recommender_config_of(DSC_FORM_MIXED, 0);
    dsc_recommender_config config = dsc_recommender_config_of(form, 0);
    if (config.use_lbfgs && optimizer != NULL &&
        strcmp(optimizer, optimizer_names[BY_LBFGS]) != 0) {
        config.max_epochs = by_steps.max_epochs;
        config.patience = by_steps.patience;
        config.holdout = by_steps.holdout;
        config.average_epochs = by_steps.average_epochs;
    }
    if (optimizer != NULL && strcmp(optimizer, optimizer_names[BY_LBFGS]) == 0) {
        config.average_epochs = 1; /* full batches keep what they reach */
    }
    return config;
}

static void fill_epochs(table *self, cli_option out[N_EPOCHS]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[N_EPOCHS] = {
        {.type = CLI_SIZE,
         .name = "batch",
         .letter = 'b',
         .help = "ratings a step",
         .target = &config->batch_size,
         .whole_min = 1,
         .whole_max = (uint64_t)1 << 20},
        {.type = CLI_SIZE,
         .name = "epochs",
         .letter = 'e',
         .help = "most passes over the ratings",
         .target = &config->max_epochs,
         .whole_min = 1,
         .whole_max = 1000000},
        {.type = CLI_SIZE,
         .name = "average",
         .help = "what is validated and kept of sgd and adam is a running mean of the weights over "
                 "about the last N epochs; 1 keeps those of the epoch alone",
         .target = &config->average_epochs,
         .whole_min = 1,
         .whole_max = 1000},
        {.type = CLI_SIZE,
         .name = "patience",
         .help = "epochs without a better error on the held-out ratings after which training ends",
         .target = &config->patience,
         .whole_min = 1,
         .whole_max = 1000000},
        {.type = CLI_REAL,
         .name = "holdout",
         .help = "share of the ratings held out to tell when to end; 0 trains on all of them for "
                 "all epochs",
         .target = &config->holdout,
         .interval = {.low = 0, .high = 0.5}},
        {.type = CLI_WHOLE,
         .name = "seed",
         .letter = 's',
         .help = "start of all randomness: the same seed gives the same model, byte for byte",
         .target = &config->seed},
    };
    memcpy(out, rows, sizeof rows);
}

static const cli_train_use train_itself = {
    .command = "train",
    .summary = "Learns a model from a file of ratings and writes it to MODEL. No option "
               "beyond -o is needed for a good model. Ctrl-C stops after the current step "
               "and keeps the best epoch so far, if one of the training itself has ended, in "
               "MODEL.partial.",
    .ratings_help = "the ratings, one a line: user, item, rating and, if there is one, time; "
                    "plain, gzip or zstd; - is standard input",
    .has_model = true,
    .notes = "Examples:\n"
             "  descent train ratings.csv -o model.safetensors\n"
             "  descent train u.data -o model.safetensors --form perceptron --hidden 64,32,16\n"
             "  descent train clicks.csv -o model.safetensors --implicit\n",
};

/* The groups in the order of --help: what is trained, the command's own, reading, output. */
static int parse_groups(cli_train_request *request, const cli_train_use *use,
                        const cli_option_group training[N_TRAINING], int argc, char **argv) {
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&request->reading, reading_options);
    cli_option output_options[3] = {CLI_JSON_OPTION(request->form)};
    size_t n_output = 1, n_groups = 0;
    if (use->has_csv) {
        output_options[n_output++] = (cli_option)CLI_CSV_OPTION(request->form);
    }
    output_options[n_output++] = (cli_option)CLI_QUIET_OPTION(request->is_quiet);
    const cli_option config_option = {
        .type = CLI_STRING,
        .name = "config",
        .value = "FILE.json",
        .help = "a file of settings of the model and its training, as descent tune and descent "
                "inspect --config write it; options of the command line count more",
        .target = &request->config_path};
    const cli_option computing_options[] = {
        {.type = CLI_WHOLE,
         .name = "threads",
         .help =
             "threads of lbfgs and als, which change no result; 0: as many as there are processors",
         .target = &request->threads,
         .whole_max = MAX_THREADS},
        cli_isa_option,
    };
    cli_option_group groups[CLI_MAX_TRAIN_GROUPS + N_TRAINING + 4];
    for (size_t g = 0; g < use->n_more; g++) {
        groups[n_groups++] = use->more[g];
    }
    groups[n_groups++] = (cli_option_group){"Configuration", &config_option, 1};
    for (size_t g = 0; g < N_TRAINING; g++) {
        groups[n_groups++] = training[g];
    }
    groups[n_groups++] = (cli_option_group){"Reading", reading_options, CLI_COUNT(reading_options)};
    groups[n_groups++] =
        (cli_option_group){"Computing", computing_options, CLI_COUNT(computing_options)};
    groups[n_groups++] = (cli_option_group){"Output", output_options, n_output};
    const cli_argument arguments[] = {
        {"RATINGS", use->ratings_help, &request->ratings_path, false},
    };
    const cli_syntax syntax = {
        .command = use->command,
        .summary = use->summary,
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = n_groups,
        .notes = use->notes,
    };
    const int status = cli_parse(&syntax, argc, argv);
    request->config.n_threads = (size_t)request->threads;
    return status;
}

/* The table with all that its rows point to, for one configuration; not to be moved. */
typedef struct rows {
    table self;
    cli_option model[N_MODEL];
    cli_option interactions[N_INTERACTIONS];
    cli_option training[N_STEPS + N_RIDGE + N_EPOCHS];
    bool is_given[N_MODEL + N_INTERACTIONS + N_STEPS + N_RIDGE + N_EPOCHS];
    cli_option_group groups[N_TRAINING];
} rows;

/* Of request->config as it is, but for what is not given yet: see fill_ridge and describe_factors. */
static void fill_rows(rows *out, cli_train_request *request, bool has_model) {
    *out = (rows){.self = {.request = request, .form = (size_t)request->form_of_model}};
    take_defaults(&out->self);
    fill_model(&out->self, out->model);
    fill_interactions(&out->self, out->interactions);
    fill_steps(&out->self, out->training);
    fill_ridge(&out->self, out->training + N_STEPS);
    fill_epochs(&out->self, out->training + N_STEPS + N_RIDGE);
    for (size_t i = 0; i < CLI_COUNT(out->is_given); i++) {
        cli_option *option = i < N_MODEL ? &out->model[i]
                             : i < N_MODEL + N_INTERACTIONS
                                 ? &out->interactions[i - N_MODEL]
                                 : &out->training[i - N_MODEL - N_INTERACTIONS];
        option->is_given = &out->is_given[i];
    }
    const size_t skipped = has_model ? 0 : 1; /* --output comes first */
    out->groups[0] = (cli_option_group){"Model", out->model + skipped, N_MODEL - skipped};
    out->groups[1] = (cli_option_group){"Interactions", out->interactions, N_INTERACTIONS};
    out->groups[2] = (cli_option_group){"Training", out->training, CLI_COUNT(out->training)};
    out->self.groups = out->groups;
}

static void begin_request(cli_train_request *request, const char *command, dsc_form form,
                          const char *optimizer, bool is_implicit) {
    *request = (cli_train_request){.command = command,
                                   .form_of_model = form,
                                   .config = is_implicit ? dsc_recommender_config_implicit(form, 0)
                                                         : defaults_of(form, optimizer)};
}

static int parse_with(cli_train_request *request, const cli_train_use *use,
                      const cli_config_file *file, int argc, char **argv) {
    rows all;
    const bool is_implicit = has_flag(argc, argv, "implicit") || has_flag(argc, argv, "lists");
    const char *optimizer = find_value(argc, argv, "optimizer");
    optimizer = optimizer != NULL ? optimizer : cli_config_text(file, "optimizer");
    begin_request(request, use->command, form_of(argc, argv, file, is_implicit), optimizer,
                  is_implicit);
    fill_rows(&all, request, use->has_model);
    all.self.file = file;
    int status = CLI_GO_ON;
    if (file != NULL) {
        status = cli_config_apply(file, all.groups, N_TRAINING);
    }
    if (status == CLI_GO_ON) {
        status = parse_groups(request, use, all.groups, argc, argv);
    }
    if (status == CLI_GO_ON && cli_reading_is_implicit(&request->reading) != is_implicit) {
        return cli_usage_error(use->command, request->reading.lists ? "--lists" : "--implicit",
                               "is cut too short; the defaults of other options depend on it");
    }
    status = status == CLI_GO_ON ? check_implicit(&all.self) : status;
    return status == CLI_GO_ON ? take_choices(&all.self) : status;
}

int cli_train_parse(cli_train_request *request, const cli_train_use *use, int argc, char **argv) {
    cli_config_file file;
    const char *path = find_value(argc, argv, "config");
    use = use != NULL ? use : &train_itself;
    if (path == NULL || path[0] == '\0') {
        return parse_with(request, use, NULL, argc, argv);
    }
    int status = cli_config_read(&file, path);
    if (status == CLI_GO_ON) {
        status = parse_with(request, use, &file, argc, argv);
    }
    cli_config_clear(&file);
    return status;
}

/* Sets n options of a table that has been filled. */
static int set_all(rows *all, const cli_setting *settings, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char problem[512] = "no such option";
        const cli_option *option = cli_option_find(all->groups, N_TRAINING, settings[i].option);
        if (option == NULL || !cli_option_set(option, settings[i].value, problem, sizeof problem)) {
            return cli_usage_error(all->self.request->command, settings[i].option, "%s", problem);
        }
        *option->is_given = true;
    }
    return take_choices(&all->self);
}

/* NULL: that of the form. */
static const char *optimizer_of(const cli_setting *settings, size_t n) {
    const char *optimizer = NULL;
    for (size_t i = 0; i < n; i++) {
        optimizer = strcmp(settings[i].option, "optimizer") == 0 ? settings[i].value : optimizer;
    }
    return optimizer;
}

int cli_train_set(cli_train_request *request, const char *command, dsc_form form,
                  const cli_setting *settings, size_t n) {
    rows all;
    begin_request(request, command, form, optimizer_of(settings, n), form == DSC_FORM_IALS);
    fill_rows(&all, request, false);
    return set_all(&all, settings, n);
}

typedef struct unused {
    const char *name; /* without its dashes */
    bool is_unused;
} unused;

static bool look_up(const option_use *use, void *user) {
    unused *self = user;
    self->is_unused |= !use->is_used && strcmp(use->option + 2, self->name) == 0;
    return true;
}

static bool is_used(const rows *all, const char *name) {
    unused found = {name, false};
    visit_uses(&all->self, look_up, &found);
    return !found.is_unused;
}

bool cli_train_default(dsc_form form, const cli_setting *settings, size_t n, size_t n_ratings,
                       const char *option, double *out) {
    rows all;
    cli_train_request request;
    char text[64];
    begin_request(&request, "", form, optimizer_of(settings, n), form == DSC_FORM_IALS);
    fill_rows(&all, &request, false);
    if (set_all(&all, settings, n) != CLI_GO_ON || !is_used(&all, option)) {
        return false;
    }
    cli_train_settle(&request, n_ratings);
    cli_option_default(cli_option_find(all.groups, N_TRAINING, option), text, sizeof text);
    *out = strtod(text, NULL);
    return true;
}

char *cli_train_write(const cli_train_request *request, const char *maker, size_t *length) {
    rows all;
    cli_config_writer writer;
    cli_train_request copy = *request;
    fill_rows(&all, &copy, false);
    copy.config = request->config;
    cli_config_begin(&writer, maker);
    for (size_t g = 0; g < N_TRAINING; g++) {
        for (size_t i = 0; i < all.groups[g].n_options; i++) {
            const cli_option *option = &all.groups[g].options[i];
            const bool is_open = request->config.choose_history && !request->has_history &&
                                 strcmp(option->name, "history") == 0;
            if (is_used(&all, option->name) && !is_open) {
                cli_config_add(&writer, option);
            }
        }
    }
    return cli_config_end(&writer, length);
}

/* The preset that has the same parts; of several the one with the same histories and optimizer. */
dsc_form cli_train_form_of(const dsc_recommender_config *config) {
    dsc_form best = DSC_FORM_HISTORIES;
    int most = -1;
    for (dsc_form form = DSC_FORM_HISTORIES; dsc_form_name(form) != NULL; form++) {
        const dsc_recommender_config preset = preset_of(form, config->is_implicit, 0);
        if (preset.use_dot != config->use_dot || preset.use_network != config->use_network ||
            preset.is_implicit != config->is_implicit ||
            (config->is_implicit && !is_form_of_interactions(form))) {
            continue; /* no option sets these, or the form is of ratings */
        }
        const int n_same = (preset.use_user_history == config->use_user_history) +
                           (preset.use_item_history == config->use_item_history) +
                           (preset.use_lbfgs == config->use_lbfgs) +
                           (preset.use_als == config->use_als);
        if (n_same > most) {
            most = n_same;
            best = form;
        }
    }
    return best;
}
