/* The command line of `descent train` and of others that train. */
#include "train_options.h"

#include <math.h>
#include <string.h>

#include "computing.h"
#include "train_table.h"

enum { MAX_THREADS = 1024 };

/* The defaults of a form for so many ratings or interactions. */
dsc_recommender_config cli_train_preset_of(dsc_form form, bool is_implicit, size_t n) {
    return is_implicit ? dsc_recommender_config_implicit(form, n)
                       : dsc_recommender_config_of(form, n);
}

void cli_train_settle(cli_train_request *request, size_t n_ratings) {
    dsc_recommender_config of_form =
        cli_train_preset_of(request->form_of_model, request->config.is_implicit, n_ratings);
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
    if (optimizer != NULL && strcmp(optimizer, cli_train_optimizers[CLI_BY_TWIN]) == 0) {
        dsc_recommender_config_set_twin_adagrad(&config);
        return config;
    }
    if (config.use_lbfgs && optimizer != NULL &&
        strcmp(optimizer, cli_train_optimizers[CLI_BY_LBFGS]) != 0) {
        config.max_epochs = by_steps.max_epochs;
        config.patience = by_steps.patience;
        config.holdout = by_steps.holdout;
        config.average_epochs = by_steps.average_epochs;
    }
    if (optimizer != NULL && strcmp(optimizer, cli_train_optimizers[CLI_BY_LBFGS]) == 0) {
        config.average_epochs = 1; /* full batches keep what they reach */
    }
    return config;
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
                        const cli_option_group training[CLI_N_TRAINING], int argc, char **argv) {
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
         .help = "threads, which change no result; 0: as many as there are processors",
         .target = &request->threads,
         .whole_max = MAX_THREADS},
        cli_isa_option,
    };
    cli_option_group groups[CLI_MAX_TRAIN_GROUPS + CLI_N_TRAINING + 4];
    for (size_t g = 0; g < use->n_more; g++) {
        groups[n_groups++] = use->more[g];
    }
    groups[n_groups++] = (cli_option_group){"Configuration", &config_option, 1};
    for (size_t g = 0; g < CLI_N_TRAINING; g++) {
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
    request->reading.threads = (size_t)request->threads;
    return status;
}

void cli_train_begin(cli_train_request *request, const char *command, dsc_form form,
                     const char *optimizer, bool is_implicit) {
    *request = (cli_train_request){.command = command,
                                   .form_of_model = form,
                                   .config = is_implicit ? dsc_recommender_config_implicit(form, 0)
                                                         : defaults_of(form, optimizer)};
}

static int parse_with(cli_train_request *request, const cli_train_use *use,
                      const cli_config_file *file, int argc, char **argv) {
    cli_train_rows all;
    const bool is_implicit = has_flag(argc, argv, "implicit") || has_flag(argc, argv, "lists");
    const char *optimizer = find_value(argc, argv, "optimizer");
    optimizer = optimizer != NULL ? optimizer : cli_config_text(file, "optimizer");
    cli_train_begin(request, use->command, form_of(argc, argv, file, is_implicit), optimizer,
                    is_implicit);
    cli_train_fill_rows(&all, request, use->has_model);
    all.self.file = file;
    int status = CLI_GO_ON;
    if (file != NULL) {
        status = cli_config_apply(file, all.groups, CLI_N_TRAINING);
    }
    if (status == CLI_GO_ON) {
        status = parse_groups(request, use, all.groups, argc, argv);
    }
    if (status == CLI_GO_ON && cli_reading_is_implicit(&request->reading) != is_implicit) {
        return cli_usage_error(use->command, request->reading.lists ? "--lists" : "--implicit",
                               "is cut too short; the defaults of other options depend on it");
    }
    status = status == CLI_GO_ON ? cli_train_check_implicit(&all.self) : status;
    return status == CLI_GO_ON ? cli_train_take_choices(&all.self) : status;
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
