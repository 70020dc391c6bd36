/* The rows of the options of `descent net fit`: one for each setting of a predictor. */
#include "net_fit_table.h"

#include <math.h>
#include <string.h>

enum { NO_MAXIMUM = 1000000 };

static const char *const tasks[] = {"detect", "regression", "classification", NULL};
static const char *const missings[] = {"refuse", "mean", "median", "most-frequent", "zero", NULL};
static const char *const unseens[] = {"refuse", "zeros", NULL};
static const char *const scalings[] = {"standard", "range", "none", NULL};
static const char *const weightings[] = {"none", "balanced", NULL};

void cli_net_fit_columns(cli_net_fit_table *self, cli_option out[CLI_N_COLUMNS]) {
    const cli_option rows[CLI_N_COLUMNS] = {
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

void cli_net_fit_network(cli_net_fit_table *self, cli_option out[CLI_N_NETWORK]) {
    dsc_predictor_config *config = &self->request->config;
    const cli_option rows[CLI_N_NETWORK] = {
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

void cli_net_fit_steps(cli_net_fit_table *self, cli_option out[CLI_N_STEPS]) {
    const cli_option rows[CLI_N_STEPS] = {
        {.type = CLI_CHOICE,
         .name = "optimizer",
         .value = "NAME",
         .help = "sgd, adam, adagrad, rmsprop, adamw or, for small data, lbfgs",
         .target = &self->optimizer,
         .choices = self->optimizers},
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
         .choices = self->schedules},
        {.type = CLI_REAL,
         .name = "warmup",
         .help = "epochs over which the rate rises from 0 to that of the schedule",
         .target = &self->warmup,
         .interval = {.low = 0, .high = INFINITY}},
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

void cli_net_fit_penalty(cli_net_fit_table *self, cli_option out[CLI_N_PENALTY]) {
    dsc_predictor_config *config = &self->request->config;
    const cli_option rows[CLI_N_PENALTY] = {
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
