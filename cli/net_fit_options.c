/* The options of `descent net fit`: from the command line to a request that holds together. */
#include "net_fit_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "computing.h"
#include "net_fit_table.h"

enum { AUTO = 0 };

static void list_names(cli_net_fit_table *self) {
    cli_list_names(cli_activation_name, self->activations, 0);
    self->losses[0] = self->schedules[0] = "auto";
    cli_list_names(cli_loss_name, self->losses, 1);
    cli_list_names(cli_schedule_name, self->schedules, 1);
    self->lbfgs = cli_list_names(cli_optimizer_name, self->optimizers, 0);
    self->optimizers[self->lbfgs] = "lbfgs";
    self->optimizers[self->lbfgs + 1] = NULL;
}

static void take_defaults(cli_net_fit_table *self) {
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

static int take_columns(cli_net_fit_table *self) {
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

static void take_encoding(const cli_net_fit_table *self) {
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

static int take_hidden(const cli_net_fit_table *self) {
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
static dsc_optimizer_config optimizer_of(const cli_net_fit_table *self) {
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

static int check_optimizer(const cli_net_fit_table *self) {
    const bool is_lbfgs = self->optimizer == self->lbfgs, is_sgd = self->optimizer == DSC_SGD;
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
        {is_lbfgs && self->warmup > 0, "--warmup", "is not for lbfgs, which finds its own steps"},
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

static int take_training(const cli_net_fit_table *self) {
    dsc_predictor_config *config = &self->request->config;
    int status = check_optimizer(self);
    config->activation = (dsc_activation)self->activation;
    config->has_loss = self->loss != AUTO;
    config->loss = config->has_loss ? (dsc_loss)(self->loss - 1) : config->loss;
    config->balances_classes = self->weighting == 1;
    config->fit.use_lbfgs = self->optimizer == self->lbfgs;
    if (!config->fit.use_lbfgs) {
        config->fit.optimizer = optimizer_of(self);
    }
    config->fit.schedule.kind = config->fit.use_lbfgs    ? DSC_CONSTANT_RATE
                                : self->schedule == AUTO ? DSC_COSINE
                                                         : (dsc_schedule_kind)(self->schedule - 1);
    config->fit.schedule.warmup = self->warmup;
    if (self->batch != (size_t)CLI_NOT_GIVEN) {
        config->fit.batch_size = self->batch;
    }
    if (self->epochs != (size_t)CLI_NOT_GIVEN) {
        config->fit.max_epochs = self->epochs;
    }
    return status;
}

static int check_whole(const cli_net_fit_table *self) {
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

static int take_choices(cli_net_fit_table *self) {
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

static const char notes[] =
    "Examples:\n"
    "  descent net fit houses.csv -o model.safetensors --target price\n"
    "  descent net fit iris.csv --folds 10\n"
    "  descent net fit images.idx.gz --labels labels.idx.gz -o digits.safetensors\n";

int cli_net_fit_parse(cli_net_fit_request *request, int argc, char **argv) {
    *request = (cli_net_fit_request){.config = dsc_predictor_config_default()};
    cli_net_fit_table self = {.request = request};
    take_defaults(&self);
    cli_option columns[CLI_N_COLUMNS], network[CLI_N_NETWORK],
        training[CLI_N_STEPS + CLI_N_PENALTY];
    cli_option reading[CLI_N_DATA_OPTIONS];
    cli_net_fit_columns(&self, columns);
    cli_net_fit_network(&self, network);
    cli_net_fit_steps(&self, training);
    cli_net_fit_penalty(&self, training + CLI_N_STEPS);
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
    const cli_option computing[] = {
        {.type = CLI_SIZE,
         .name = "threads",
         .help = "threads for batches of more than 128 rows and much work, which change no result; "
                 "0: as many as there are processors",
         .target = &request->config.fit.n_threads,
         .whole_max = 1024},
        cli_isa_option,
    };
    const cli_option_group groups[] = {
        {"Columns", columns, CLI_N_COLUMNS},
        {"Network", network, CLI_N_NETWORK},
        {"Training", training, CLI_COUNT(training)},
        {"Reading", reading, CLI_N_DATA_OPTIONS},
        {"Computing", computing, CLI_COUNT(computing)},
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
