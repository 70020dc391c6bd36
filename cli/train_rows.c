/* The rows of the options of `descent train`: one for each field of the recommender's configuration. */
#include "train_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const cli_train_optimizers[] = {"sgd", "adam", "lbfgs", "als", "twin-adagrad", NULL};

const char *const cli_train_precisions[] = {"fp32", "bf16", NULL};

const char *const cli_train_histories[] = {"none", "user", "item", "both", NULL};

/* Their default number may depend on that of the ratings. */
static void describe_factors(cli_train_table *self) {
    static const char what[] = "length of the vector of each user and each item";
    const dsc_form form = self->request->form_of_model;
    const bool is_implicit = self->request->config.is_implicit;
    const size_t few = cli_train_preset_of(form, is_implicit, 0).n_factors;
    const size_t many = cli_train_preset_of(form, is_implicit, DSC_MANY_RATINGS).n_factors;
    snprintf(self->factors_help, sizeof self->factors_help, "%s", what);
    if (few != many) {
        self->request->config.n_factors = (size_t)CLI_NOT_GIVEN;
        snprintf(self->factors_help, sizeof self->factors_help,
                 "%s; if not given, %zu, or %zu from %d ratings on", what, few, many,
                 DSC_MANY_RATINGS);
    }
}

static void take_defaults(cli_train_table *self) {
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
    self->optimizer = config->use_lbfgs          ? CLI_BY_LBFGS
                      : config->use_als          ? CLI_BY_ALS
                      : config->use_twin_adagrad ? CLI_BY_TWIN
                                                 : (size_t)config->optimizer.kind;
    self->precision = config->use_bf16;
    self->preset = *config;
    describe_factors(self);
    self->hidden.n = config->n_hidden;
    for (size_t i = 0; i < config->n_hidden; i++) {
        self->hidden.values[i] = config->hidden[i];
    }
}

int cli_train_take_choices(const cli_train_table *self) {
    dsc_recommender_config *config = &self->request->config;
    self->request->has_history =
        *cli_option_find(self->groups, CLI_N_TRAINING, "history")->is_given ||
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
    config->use_lbfgs = self->optimizer == CLI_BY_LBFGS;
    config->use_als = self->optimizer == CLI_BY_ALS;
    config->use_twin_adagrad = self->optimizer == CLI_BY_TWIN;
    config->use_bf16 = self->precision == 1;
    int status = cli_train_check_twin_adagrad(self);
    if (status == CLI_GO_ON) {
        status = cli_train_check_feedback(self);
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    if (!config->use_lbfgs && !config->use_als && !config->use_twin_adagrad) {
        config->optimizer.kind = (dsc_optimizer_kind)self->optimizer;
    }
    if (self->history != 0 && config->is_implicit) {
        return cli_train_refuse(self, "--history", "is of ratings; with --implicit expected none");
    }
    config->n_hidden = self->hidden.n;
    for (size_t i = 0; i < self->hidden.n; i++) {
        config->hidden[i] = self->hidden.values[i];
    }
    return cli_train_check_used(self);
}

static void fill_model(cli_train_table *self, cli_option out[CLI_N_MODEL]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[CLI_N_MODEL] = {
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
         .choices = cli_train_histories},
        {.type = CLI_CHOICE,
         .name = "weigh-history",
         .help = "whose history weighs what it sums by the ratings, instead of all alike",
         .target = &self->weighed,
         .choices = cli_train_histories},
        {.type = CLI_CHOICE,
         .name = "share-vector",
         .help = "who has no vectors of their own beside the history but one in common",
         .target = &self->shared,
         .choices = cli_train_histories},
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

static void fill_interactions(cli_train_table *self, cli_option out[CLI_N_INTERACTIONS]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[CLI_N_INTERACTIONS] = {
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

static void fill_steps(cli_train_table *self, cli_option out[CLI_N_STEPS]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[CLI_N_STEPS] = {
        {.type = CLI_CHOICE,
         .name = "optimizer",
         .help = "how the parameters are found: minibatches by sgd or adam, all ratings at once by "
                 "lbfgs, alternating least squares of interactions by als, or rating by rating by "
                 "twin-adagrad: the dot product alone, in a fraction of the time",
         .target = &self->optimizer,
         .choices = cli_train_optimizers},
        {.type = CLI_REAL,
         .name = "rate",
         .letter = 'r',
         .help = "learning rate of sgd, adam and twin-adagrad",
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
        {.type = CLI_CHOICE,
         .name = "precision",
         .help = "of the vectors of users and items under sgd and adam, in training and in the "
                 "model file: bf16 keeps 8 bits, and half the room in the file",
         .target = &self->precision,
         .choices = cli_train_precisions},
    };
    memcpy(out, rows, sizeof rows);
}

/* Strengths that are not given are chosen when the number of ratings is known. */
static void fill_ridge(cli_train_table *self, cli_option out[CLI_N_RIDGE]) {
    dsc_ridge *ridge = &self->request->config.ridge;
    const struct {
        const char *name, *help;
        double *target;
    } rows[CLI_N_RIDGE] = {
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
    for (size_t i = 0; i < CLI_N_RIDGE; i++) {
        *rows[i].target = NAN;
        out[i] = (cli_option){.type = CLI_REAL,
                              .name = rows[i].name,
                              .help = rows[i].help,
                              .target = rows[i].target,
                              .interval = {.low = 0, .high = INFINITY}};
    }
}

static void fill_epochs(cli_train_table *self, cli_option out[CLI_N_EPOCHS]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[CLI_N_EPOCHS] = {
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

/* Of request->config as it is, but for what is not given yet: see fill_ridge and describe_factors. */
void cli_train_fill_rows(cli_train_rows *out, cli_train_request *request, bool has_model) {
    *out = (cli_train_rows){.self = {.request = request, .form = (size_t)request->form_of_model}};
    take_defaults(&out->self);
    fill_model(&out->self, out->model);
    fill_interactions(&out->self, out->interactions);
    fill_steps(&out->self, out->training);
    fill_ridge(&out->self, out->training + CLI_N_STEPS);
    fill_epochs(&out->self, out->training + CLI_N_STEPS + CLI_N_RIDGE);
    for (size_t i = 0; i < CLI_COUNT(out->is_given); i++) {
        cli_option *option = i < CLI_N_MODEL ? &out->model[i]
                             : i < CLI_N_MODEL + CLI_N_INTERACTIONS
                                 ? &out->interactions[i - CLI_N_MODEL]
                                 : &out->training[i - CLI_N_MODEL - CLI_N_INTERACTIONS];
        option->is_given = &out->is_given[i];
    }
    const size_t skipped = has_model ? 0 : 1; /* --output comes first */
    out->groups[0] = (cli_option_group){"Model", out->model + skipped, CLI_N_MODEL - skipped};
    out->groups[1] = (cli_option_group){"Interactions", out->interactions, CLI_N_INTERACTIONS};
    out->groups[2] = (cli_option_group){"Training", out->training, CLI_COUNT(out->training)};
    out->self.groups = out->groups;
}
