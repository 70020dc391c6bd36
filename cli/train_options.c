/* The options of `descent train` and of others that train: one row for each field of the recommender's configuration. */
#include "train_options.h"

#include <math.h>
#include <string.h>

#include "computing.h"
#include "names.h"

/* Those that the recommender trains with, in the order of the enum. */
static void list_optimizers(const char *names[CLI_MAX_NAMES]) {
    names[0] = dsc_optimizer_name(DSC_SGD);
    names[1] = dsc_optimizer_name(DSC_ADAM);
    names[2] = NULL;
}

/* What stands between the table and the configuration. */
typedef struct table {
    cli_train_request *request;
    const char *activations[CLI_MAX_NAMES];
    const char *optimizers[CLI_MAX_NAMES];
    size_t activation; /* index of the chosen name, as in the enum */
    size_t optimizer;
    cli_list hidden;
    double preset_momentum;
} table;

/* Momentum belongs to SGD; with Adam it must not be asked for. */
static int settle_momentum(const char *command, dsc_recommender_config *config, double preset) {
    if (config->optimizer.kind == DSC_ADAM) {
        if (config->optimizer.momentum != preset) {
            return cli_usage_error(command, "--momentum",
                                   "belongs to --optimizer sgd; adam has "
                                   "its own, which is not set here");
        }
        config->optimizer.momentum = 0;
    }
    return CLI_GO_ON;
}

static void take_defaults(table *self) {
    const dsc_recommender_config *config = &self->request->config;
    cli_list_names(cli_activation_name, self->activations, 0);
    list_optimizers(self->optimizers);
    self->activation = (size_t)config->activation;
    self->optimizer = (size_t)config->optimizer.kind;
    self->preset_momentum = config->optimizer.momentum;
    self->hidden.n = config->n_hidden;
    for (size_t i = 0; i < config->n_hidden; i++) {
        self->hidden.values[i] = config->hidden[i];
    }
}

static int take_choices(const table *self) {
    dsc_recommender_config *config = &self->request->config;
    config->activation = (dsc_activation)self->activation;
    config->optimizer.kind = (dsc_optimizer_kind)self->optimizer;
    config->n_hidden = self->hidden.n;
    for (size_t i = 0; i < self->hidden.n; i++) {
        config->hidden[i] = self->hidden.values[i];
    }
    return settle_momentum(self->request->command, config, self->preset_momentum);
}

enum { N_MODEL = 6, N_STEPS = 6, N_EPOCHS = 5 };

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
        {.type = CLI_SIZE,
         .name = "factors",
         .letter = 'k',
         .help = "length of the vector of each user and each item",
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
    };
    memcpy(out, rows, sizeof rows);
}

static void fill_steps(table *self, cli_option out[N_STEPS]) {
    dsc_recommender_config *config = &self->request->config;
    const cli_option rows[N_STEPS] = {
        {.type = CLI_CHOICE,
         .name = "optimizer",
         .help = "how gradients move the parameters",
         .target = &self->optimizer,
         .choices = self->optimizers},
        {.type = CLI_REAL,
         .name = "rate",
         .letter = 'r',
         .help = "learning rate",
         .target = &config->optimizer.rate,
         .interval = {.low = 0, .high = INFINITY, .is_low_open = true}},
        {.type = CLI_REAL,
         .name = "momentum",
         .help = "momentum, for sgd alone",
         .target = &config->optimizer.momentum,
         .interval = {.low = 0, .high = 1, .is_high_open = true}},
        {.type = CLI_REAL,
         .name = "l2",
         .help = "weight decay of the vectors",
         .target = &config->l2_vectors,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "l2-biases",
         .help = "weight decay of the biases",
         .target = &config->l2_biases,
         .interval = {.low = 0, .high = INFINITY}},
        {.type = CLI_REAL,
         .name = "l2-network",
         .help = "weight decay of the network's parameters, divided by the root of the number of "
                 "ratings",
         .target = &config->l2_network,
         .interval = {.low = 0, .high = INFINITY}},
    };
    memcpy(out, rows, sizeof rows);
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
         .name = "patience",
         .help = "epochs without a better validation error after which training ends",
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
               "and keeps the best epoch so far in MODEL.partial.",
    .ratings_help = "the ratings, one a line: user, item, rating and, if there is one, time; "
                    "plain, gzip or zstd; - is standard input",
    .has_model = true,
    .notes = "Examples:\n"
             "  descent train ratings.csv -o model.safetensors\n"
             "  descent train u.data -o model.safetensors --factors 32 --hidden 64,32,16\n",
};

/* The groups in the order of --help: what is trained, the command's own, reading, output. */
static int parse_groups(cli_train_request *request, const cli_train_use *use,
                        const cli_option_group training[2], int argc, char **argv) {
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&request->reading, reading_options);
    cli_option output_options[3] = {CLI_JSON_OPTION(request->form)};
    size_t n_output = 1, n_groups = 0;
    if (use->has_csv) {
        output_options[n_output++] = (cli_option)CLI_CSV_OPTION(request->form);
    }
    output_options[n_output++] = (cli_option)CLI_QUIET_OPTION(request->is_quiet);
    cli_option_group groups[CLI_MAX_TRAIN_GROUPS + 5];
    for (size_t g = 0; g < use->n_more; g++) {
        groups[n_groups++] = use->more[g];
    }
    groups[n_groups++] = training[0];
    groups[n_groups++] = training[1];
    groups[n_groups++] = (cli_option_group){"Reading", reading_options, CLI_COUNT(reading_options)};
    groups[n_groups++] = (cli_option_group)CLI_COMPUTING_GROUP;
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
    return cli_parse(&syntax, argc, argv);
}

int cli_train_parse(cli_train_request *request, const cli_train_use *use, int argc, char **argv) {
    use = use != NULL ? use : &train_itself;
    *request =
        (cli_train_request){.command = use->command, .config = dsc_recommender_config_default()};
    table self = {.request = request};
    take_defaults(&self);
    cli_option model_options[N_MODEL];
    cli_option training_options[N_STEPS + N_EPOCHS];
    fill_model(&self, model_options);
    fill_steps(&self, training_options);
    fill_epochs(&self, training_options + N_STEPS);
    const size_t skipped = use->has_model ? 0 : 1; /* --output comes first */
    const cli_option_group training[2] = {
        {"Model", model_options + skipped, N_MODEL - skipped},
        {"Training", training_options, CLI_COUNT(training_options)},
    };
    int status = parse_groups(request, use, training, argc, argv);
    return status == CLI_GO_ON ? take_choices(&self) : status;
}
