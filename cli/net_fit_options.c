/* The options of `descent net fit`: one row for each setting of a predictor. */
#include "net_fit_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "computing.h"

enum { MAX_NAMES = 16, NO_MAXIMUM = 1000000 };

static const char *const tasks[] = {"detect", "regression", "classification", NULL};
static const char *const missings[] = {"refuse", "mean", "median", "most-frequent", "zero", NULL};
static const char *const unseens[] = {"refuse", "zeros", NULL};
static const char *const scalings[] = {"standard", "range", "none", NULL};
static const char *const optimizers[] = {"sgd",   "adam",  "adagrad", "rmsprop",
                                         "adamw", "lbfgs", NULL};
static const char *const schedules[] = {"auto", "constant", "step", "cosine", "plateau", NULL};
static const char *const weightings[] = {"none", "balanced", NULL};

enum { LBFGS = 5, AUTO = 0 };

/* What stands between the options and the request. */
typedef struct table {
    cli_net_fit_request *request;
    const char *activations[MAX_NAMES];
    const char *losses[MAX_NAMES]; /* "auto", then the library's */
    size_t task, missing, unseen, scaling, optimizer, schedule, weighting;
    size_t activation, loss;
    const char *categorical;
    const char *ignore;
    cli_list hidden;
    size_t batch, epochs; /* CLI_NOT_GIVEN: the library's */
    double rate, momentum, decay;
    bool is_nesterov;
} table;

static void list_names(table *self) {
    size_t n = 0;
    while (n + 1 < MAX_NAMES && dsc_activation_name((dsc_activation)n) != NULL) {
        self->activations[n] = dsc_activation_name((dsc_activation)n);
        n++;
    }
    self->activations[n] = NULL;
    self->losses[0] = "auto";
    n = 0;
    while (n + 2 < MAX_NAMES && dsc_loss_name((dsc_loss)n) != NULL) {
        self->losses[n + 1] = dsc_loss_name((dsc_loss)n);
        n++;
    }
    self->losses[n + 1] = NULL;
}

static void take_defaults(table *self) {
    const dsc_predictor_config *config = &self->request->config;
    list_names(self);
    self->activation = (size_t)config->activation;
    self->optimizer = (size_t)config->fit.optimizer.kind;
    self->unseen = DSC_UNSEEN_ZEROS;
    self->hidden.n = config->n_hidden;
    memcpy(self->hidden.values, config->hidden, sizeof self->hidden.values);
    self->batch = (size_t)CLI_NOT_GIVEN;
    self->epochs = (size_t)CLI_NOT_GIVEN;
    self->rate = self->momentum = self->decay = (double)NAN;
}

/* --- from choices to the request ----------------------------------------------------------- */

/* Adds the columns of a list with commas between them, and cuts it into texts. */
static int add_columns(cli_net_fit_request *request, char *list, dsc_column_kind kind) {
    for (char *rest = list; rest != NULL;) {
        char *name = strsep(&rest, ",");
        if (request->n_choices == CLI_MAX_CHOICES) {
            return cli_usage_error("net fit", "--categorical, --ignore",
                                   "name more than %d columns", CLI_MAX_CHOICES);
        }
        if (name[0] == '\0') {
            return cli_usage_error("net fit",
                                   kind == DSC_COLUMN_IGNORED ? "--ignore" : "--categorical",
                                   "an entry is empty; expected columns by name or number, "
                                   "separated by commas");
        }
        request->choices[request->n_choices++] = (dsc_column_choice){name, kind};
    }
    return CLI_GO_ON;
}

static int take_columns(table *self) {
    cli_net_fit_request *request = self->request;
    const size_t n_ignore = self->ignore != NULL ? strlen(self->ignore) + 1 : 0;
    const size_t n_categorical = self->categorical != NULL ? strlen(self->categorical) + 1 : 0;
    request->names = malloc(n_ignore + n_categorical + 1);
    if (request->names == NULL) {
        return cli_no_memory();
    }
    int status = CLI_GO_ON;
    if (n_ignore > 0) {
        memcpy(request->names, self->ignore, n_ignore);
        status = add_columns(request, request->names, DSC_COLUMN_IGNORED);
    }
    if (status == CLI_GO_ON && n_categorical > 0) {
        memcpy(request->names + n_ignore, self->categorical, n_categorical);
        status = add_columns(request, request->names + n_ignore, DSC_COLUMN_CATEGORICAL);
    }
    /* The target may be text, unless it is said to be a number or is in a list already. */
    const char *target = request->target != NULL ? request->target : "-1";
    bool is_listed = self->task == DSC_TASK_REGRESSION;
    for (size_t i = 0; i < request->n_choices; i++) {
        is_listed = is_listed || strcmp(request->choices[i].column, target) == 0;
    }
    if (status == CLI_GO_ON && !is_listed && request->n_choices < CLI_MAX_CHOICES) {
        request->choices[request->n_choices++] = (dsc_column_choice){target, DSC_COLUMN_DETECT};
    }
    return status;
}

static void take_encoding(const table *self) {
    cli_net_fit_request *request = self->request;
    static const dsc_fill fills[] = {DSC_FILL_REFUSE, DSC_FILL_MEAN, DSC_FILL_MEDIAN,
                                     DSC_FILL_MOST_FREQUENT, DSC_FILL_CONSTANT};
    request->keeps_missing = fills[self->missing] != DSC_FILL_REFUSE;
    request->encoding = (dsc_encoding_config){.task = (dsc_task)self->task,
                                              .target = request->target,
                                              .fill = fills[self->missing],
                                              .unseen = (dsc_unseen)self->unseen,
                                              .scaling = (dsc_scaling)self->scaling};
}

static int take_hidden(const table *self) {
    dsc_predictor_config *config = &self->request->config;
    config->n_hidden = self->hidden.n == 1 && self->hidden.values[0] == 0 ? 0 : self->hidden.n;
    for (size_t l = 0; l < config->n_hidden; l++) {
        if (self->hidden.values[l] == 0) {
            return cli_usage_error("net fit", "--hidden",
                                   "a width of 0 stands alone: no hidden layer");
        }
        config->hidden[l] = self->hidden.values[l];
    }
    return CLI_GO_ON;
}

/* The usual settings of each kind at a rate that suits standardised data. */
static dsc_optimizer_config optimizer_of(const table *self) {
    const double rate = self->rate;
    const double usual = self->request->config.fit.optimizer.rate;
    switch ((dsc_optimizer_kind)self->optimizer) {
    case DSC_SGD: {
        double momentum = isnan(self->momentum) ? 0.9 : self->momentum;
        dsc_optimizer_config config = dsc_momentum(isnan(rate) ? 0.03 : rate, momentum);
        config.is_nesterov = self->is_nesterov;
        return config;
    }
    case DSC_ADAGRAD:
        return dsc_adagrad(isnan(rate) ? 0.03 : rate);
    case DSC_RMSPROP:
        return dsc_rmsprop(isnan(rate) ? 0.001 : rate);
    case DSC_ADAMW: {
        dsc_optimizer_config config = dsc_adamw(isnan(rate) ? usual : rate);
        config.decay = isnan(self->decay) ? config.decay : self->decay;
        return config;
    }
    case DSC_ADAM:
        break;
    }
    return dsc_adam(isnan(rate) ? usual : rate);
}

static int check_optimizer(const table *self) {
    const bool is_lbfgs = self->optimizer == LBFGS, is_sgd = self->optimizer == DSC_SGD;
    const struct {
        bool is_wrong;
        const char *option, *reason;
    } rules[] = {
        {!isnan(self->momentum) && !is_sgd, "--momentum", "belongs to --optimizer sgd"},
        {self->is_nesterov && !is_sgd, "--nesterov", "belongs to --optimizer sgd"},
        {self->is_nesterov && self->momentum <= 0, "--nesterov", "needs a --momentum above 0"},
        {!isnan(self->decay) && self->optimizer != DSC_ADAMW, "--decay",
         "belongs to --optimizer adamw; --l2 is for all of them"},
        {is_lbfgs && !isnan(self->rate), "--rate", "is not for lbfgs, which finds its own steps"},
        {is_lbfgs && self->schedule != AUTO, "--schedule",
         "is not for lbfgs, which finds its own steps"},
        {is_lbfgs && self->batch != (size_t)CLI_NOT_GIVEN, "--batch",
         "is not for lbfgs, which takes all rows at once"},
        {is_lbfgs && self->request->config.fit.clip_norm > 0, "--clip",
         "is not for lbfgs, which finds its own steps"},
        {is_lbfgs && self->request->config.fit.l1 > 0, "--l1",
         "is not for lbfgs, which needs a smooth loss; --l2 is"},
        {is_lbfgs && self->request->config.dropout > 0, "--dropout",
         "is not for lbfgs, which needs a loss that stays the same"},
    };
    for (size_t i = 0; i < CLI_COUNT(rules); i++) {
        if (rules[i].is_wrong) {
            return cli_usage_error("net fit", rules[i].option, "%s", rules[i].reason);
        }
    }
    return CLI_GO_ON;
}

static int take_training(const table *self) {
    dsc_predictor_config *config = &self->request->config;
    int status = check_optimizer(self);
    config->activation = (dsc_activation)self->activation;
    config->has_loss = self->loss != AUTO;
    config->loss = config->has_loss ? (dsc_loss)(self->loss - 1) : config->loss;
    config->balances_classes = self->weighting == 1;
    config->fit.use_lbfgs = self->optimizer == LBFGS;
    if (!config->fit.use_lbfgs) {
        config->fit.optimizer = optimizer_of(self);
    }
    config->fit.schedule.kind = config->fit.use_lbfgs    ? DSC_CONSTANT_RATE
                                : self->schedule == AUTO ? DSC_COSINE
                                                         : (dsc_schedule_kind)(self->schedule - 1);
    if (self->batch != (size_t)CLI_NOT_GIVEN) {
        config->fit.batch_size = self->batch;
    }
    if (self->epochs != (size_t)CLI_NOT_GIVEN) {
        config->fit.max_epochs = self->epochs;
    }
    return status;
}

static int check_whole(const table *self) {
    const cli_net_fit_request *request = self->request;
    if (request->model_path == NULL && request->n_folds == 0) {
        return cli_usage_error("net fit", "net fit",
                               "--output MODEL is missing: the file to write the model to, such "
                               "as model.safetensors; only --folds does without");
    }
    if (request->n_folds == 1) {
        return cli_usage_error("net fit", "--folds", "1 is out of range; expected at least 2");
    }
    if (request->form.is_csv && request->n_folds == 0) {
        return cli_usage_error("net fit", "--csv", "is for the table of --folds");
    }
    return cli_form_check("net fit", &request->form);
}

static int take_choices(table *self) {
    int status = check_whole(self);
    if (status == CLI_GO_ON) {
        status = take_hidden(self);
    }
    if (status == CLI_GO_ON) {
        status = take_training(self);
    }
    if (status == CLI_GO_ON) {
        take_encoding(self);
        status = take_columns(self);
    }
    return status;
}

void cli_net_fit_clear(cli_net_fit_request *request) {
    free(request->names);
    request->names = NULL;
}

/* --- the options --------------------------------------------------------------------------- */

enum { N_COLUMNS = 7, N_NETWORK = 6, N_STEPS = 9, N_PENALTY = 5 };

static void fill_columns(table *self, cli_option out[N_COLUMNS]) {
    const cli_option rows[N_COLUMNS] = {
        {.type = CLI_STRING,
         .name = "target",
         .letter = 't',
         .value = "COLUMN",
         .help = "the column to learn, by name or number; without it the last one",
         .target = &self->request->target},
        {.type = CLI_STRING,
         .name = "categorical",
         .value = "COLUMN,...",
         .help = "columns of categories, by name or number: each category becomes an input",
         .target = &self->categorical},
        {.type = CLI_STRING,
         .name = "ignore",
         .value = "COLUMN,...",
         .help = "columns to leave out",
         .target = &self->ignore},
        {.type = CLI_CHOICE,
         .name = "missing",
         .value = "RULE",
         .help = "what stands for a missing value: refuse, or the mean, median, most-frequent "
                 "value of the column in the training rows, or zero",
         .target = &self->missing,
         .choices = missings},
        {.type = CLI_CHOICE,
         .name = "unseen",
         .help = "a category that no training row has: an error, or none of the known ones",
         .target = &self->unseen,
         .choices = unseens},
        {.type = CLI_CHOICE,
         .name = "scaling",
         .help = "of numbers: to mean 0 and deviation 1, to 0 .. 1, or as they are",
         .target = &self->scaling,
         .choices = scalings},
        {.type = CLI_CHOICE,
         .name = "task",
         .value = "TASK",
         .help = "regression or classification; detect takes text, and whole numbers without a "
                 "gap from 0 or 1 up to at most 20, for classes",
         .target = &self->task,
         .choices = tasks},
    };
    memcpy(out, rows, sizeof rows);
}

static void fill_network(table *self, cli_option out[N_NETWORK]) {
    dsc_predictor_config *config = &self->request->config;
    const cli_option rows[N_NETWORK] = {
        {.type = CLI_LIST,
         .name = "hidden",
         .help = "widths of the hidden layers, first to last; 0 alone: none, a linear model",
         .target = &self->hidden,
         .whole_max = 65536,
         .min_length = 1,
         .max_length = DSC_MAX_PREDICTOR_HIDDEN},
        {.type = CLI_CHOICE,
         .name = "activation",
         .letter = 'a',
         .value = "NAME",
         .help = "of the hidden layers: identity, relu, leaky-relu, elu, sigmoid, tanh, softplus, "
                 "gelu, swish or softmax",
         .target = &self->activation,
         .choices = self->activations},
        {.type = CLI_FLAG,
         .name = "normalize",
         .help = "layer normalisation before each activation",
         .target = &config->has_norm},
        {.type = CLI_REAL,
         .name = "dropout",
         .help = "share of the units of each hidden layer that a step leaves out",
         .target = &config->dropout,
         .interval = {.low = 0, .high = 1, .is_high_open = true}},
        {.type = CLI_CHOICE,
         .name = "loss",
         .value = "NAME",
         .help = "auto: mean-squared-error or cross-entropy; also mean-absolute-error and huber, "
                 "binary-cross-entropy and hinge",
         .target = &self->loss,
         .choices = self->losses},
        {.type = CLI_CHOICE,
         .name = "class-weights",
         .help = "balanced: rare classes count as much as frequent ones",
         .target = &self->weighting,
         .choices = weightings},
    };
    memcpy(out, rows, sizeof rows);
}

static void fill_steps(table *self, cli_option out[N_STEPS]) {
    const cli_option rows[N_STEPS] = {
        {.type = CLI_CHOICE,
         .name = "optimizer",
         .value = "NAME",
         .help = "sgd, adam, adagrad, rmsprop, adamw or, for small data, lbfgs",
         .target = &self->optimizer,
         .choices = optimizers},
        {.type = CLI_REAL,
         .name = "rate",
         .letter = 'r',
         .help = "learning rate; 0.003 for adam and adamw, 0.001 for rmsprop, 0.03 for sgd and "
                 "adagrad unless given",
         .target = &self->rate,
         .interval = {.low = 0, .high = INFINITY, .is_low_open = true}},
        {.type = CLI_CHOICE,
         .name = "schedule",
         .value = "NAME",
         .help = "how the rate falls: constant, step (halved every 10 epochs), cosine (to 0 over "
                 "all epochs), plateau (halved after 5 epochs without gain); auto is cosine",
         .target = &self->schedule,
         .choices = schedules},
        {.type = CLI_REAL,
         .name = "momentum",
         .help = "momentum, for sgd alone: 0.9 unless given",
         .target = &self->momentum,
         .interval = {.low = 0, .high = 1, .is_high_open = true}},
        {.type = CLI_FLAG,
         .name = "nesterov",
         .help = "look the momentum ahead, for sgd alone",
         .target = &self->is_nesterov},
        {.type = CLI_REAL,
         .name = "decay",
         .help = "weight decay of adamw alone: 0.01 unless given",
         .target = &self->decay,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_SIZE,
         .name = "batch",
         .letter = 'b',
         .help = "rows a step; 32 unless given",
         .target = &self->batch,
         .whole_min = 1,
         .whole_max = (uint64_t)1 << 20},
        {.type = CLI_SIZE,
         .name = "epochs",
         .letter = 'e',
         .help = "most passes over the rows; unless given as many as make 20000 steps, but 20 to "
                 "1000",
         .target = &self->epochs,
         .whole_min = 1,
         .whole_max = NO_MAXIMUM},
        {.type = CLI_SIZE,
         .name = "patience",
         .help = "epochs without a lower validation loss after which training ends; 0: never",
         .target = &self->request->config.fit.patience,
         .whole_max = NO_MAXIMUM},
    };
    memcpy(out, rows, sizeof rows);
}

static void fill_penalty(table *self, cli_option out[N_PENALTY]) {
    dsc_predictor_config *config = &self->request->config;
    const cli_option rows[N_PENALTY] = {
        {.type = CLI_REAL,
         .name = "l1",
         .help = "penalty on the size of weights",
         .target = &config->fit.l1,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "l2",
         .help = "penalty on half the squares of weights",
         .target = &config->fit.l2,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "clip",
         .help = "largest norm of a step's gradient; 0: no limit",
         .target = &config->fit.clip_norm,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "holdout",
         .help = "share of the rows held out to choose the best epoch; 0 trains on all of them and "
                 "keeps the last epoch",
         .target = &config->holdout,
         .interval = {.low = 0, .high = 0.5}},
        {.type = CLI_WHOLE,
         .name = "seed",
         .letter = 's',
         .help = "start of all randomness: the same seed gives the same model, byte for byte",
         .target = &config->fit.seed},
    };
    memcpy(out, rows, sizeof rows);
}

static const char notes[] =
    "Examples:\n"
    "  descent net fit houses.csv -o model.safetensors --target price\n"
    "  descent net fit iris.csv --folds 10\n"
    "  descent net fit images.idx.gz --labels labels.idx.gz -o digits.safetensors\n";

int cli_net_fit_parse(cli_net_fit_request *request, int argc, char **argv) {
    *request = (cli_net_fit_request){.config = dsc_predictor_config_default()};
    table self = {.request = request};
    take_defaults(&self);
    cli_option columns[N_COLUMNS], network[N_NETWORK], training[N_STEPS + N_PENALTY];
    cli_option reading[CLI_N_DATA_OPTIONS];
    fill_columns(&self, columns);
    fill_network(&self, network);
    fill_steps(&self, training);
    fill_penalty(&self, training + N_STEPS);
    cli_net_data_options(&request->data, reading);
    const cli_option output[] = {
        {.type = CLI_STRING,
         .name = "output",
         .letter = 'o',
         .value = "MODEL",
         .help = "the file to write the model to, such as model.safetensors; needed unless --folds "
                 "is given",
         .target = &request->model_path},
        {.type = CLI_SIZE,
         .name = "folds",
         .letter = 'k',
         .help = "cross-validation: deal the rows into so many folds, predict each by a model of "
                 "the others, and print how well (at least 2)",
         .target = &request->n_folds,
         .whole_max = 1000},
        CLI_JSON_OPTION(request->form),
        CLI_CSV_OPTION(request->form),
        CLI_QUIET_OPTION(request->is_quiet),
    };
    const cli_option_group groups[] = {
        {"Columns", columns, N_COLUMNS},
        {"Network", network, N_NETWORK},
        {"Training", training, CLI_COUNT(training)},
        {"Reading", reading, CLI_N_DATA_OPTIONS},
        CLI_COMPUTING_GROUP,
        {"Output", output, CLI_COUNT(output)},
    };
    const cli_argument arguments[] = {
        {"DATA",
         "the rows to learn from: delimited text, IDX or NPY, plain, gzip or zstd; - is standard "
         "input",
         &request->data.path, false},
    };
    const cli_syntax syntax = {
        .command = "net fit",
        .summary = "Fits a network that predicts one column of a table from the others, and writes "
                   "it to MODEL. No option beyond -o is needed: a share of the rows is held out to "
                   "choose the best epoch. Ctrl-C stops after the current epoch and keeps the best "
                   "so far in MODEL.partial.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = notes,
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? take_choices(&self) : status;
}
