/* The program `descent`: finds the command that the first words name and runs it. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "descent/version.h"
#include "options.h"
#include "report.h"
#include "suggest.h"

typedef struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} command;

typedef struct command_set {
    const char *prefix; /* "descent", "descent net" */
    const char *summary;
    const command *commands;
    size_t n_commands;
} command_set;

enum { MAX_COMMANDS = 16 };

static int run_net(int argc, char **argv);

static const command top_commands[] = {
    {"train", "learn a model from a file of ratings", cli_train},
    {"evaluate", "compare a model's predictions with known ratings", cli_evaluate},
    {"predict", "predict the ratings of pairs of user and item", cli_predict},
    {"recommend", "list the items a user is likely to rate highest", cli_recommend},
    {"inspect", "show what a model file holds", cli_inspect},
    {"demo", "make ratings with planted tastes, train, and show what was found", cli_demo},
    {"net", "fit a network to a table, ask it, look into small ones", run_net},
};

static const command net_commands[] = {
    {"fit", "fit a network to a table, to predict one column from the others", cli_net_fit},
    {"predict", "predict that column for other rows", cli_net_predict},
    {"evaluate", "compare such predictions with known values", cli_net_evaluate},
    {"trace", "show every matrix of every training step of a small network", cli_net_trace},
};

static const command_set top = {
    "descent",
    "Learns tastes from ratings: trains a recommender and asks it.",
    top_commands,
    sizeof top_commands / sizeof top_commands[0],
};

static const command_set net = {
    "descent net",
    "Fits fully connected networks to tables, and looks into small ones.",
    net_commands,
    sizeof net_commands / sizeof net_commands[0],
};

static void print_set(const command_set *set, FILE *out) {
    fprintf(out, "Usage: %s COMMAND [arguments] [options]\n\n%s\n\nCommands:\n", set->prefix,
            set->summary);
    for (size_t i = 0; i < set->n_commands; i++) {
        fprintf(out, "  %-12s%s\n", set->commands[i].name, set->commands[i].summary);
    }
    fprintf(out, "\n\"%s COMMAND --help\" explains a command and its options.\n", set->prefix);
    if (set == &top) {
        fputs("\"descent --version\" prints the version.\n"
              "\n"
              "Data goes to standard output, messages and progress to standard error.\n"
              "Exit status: 0 done, 1 failed, 2 wrong command line, 3 bad data, 4 bad model,\n"
              "5 input or output failed, 130 interrupted.\n",
              out);
    }
}

static int report_unknown(const command_set *set, const char *word) {
    const char *names[MAX_COMMANDS] = {"--help", "--version"};
    size_t n_names = 2;
    for (size_t i = 0; i < set->n_commands && n_names < MAX_COMMANDS; i++) {
        names[n_names++] = set->commands[i].name;
    }
    const char *subset = set == &top ? NULL : "net";
    const char *kind = word[0] == '-' ? "option" : "command";
    const char *nearest = cli_suggest(word, names, n_names);
    if (nearest != NULL) {
        return cli_usage_error(subset, word, "no such %s; did you mean %s?", kind, nearest);
    }
    return cli_usage_error(subset, word, "no such %s", kind);
}

static bool is_word(const char *word, const char *a, const char *b) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* Runs the command that argv[1] names with argv + 1. */
static int dispatch(const command_set *set, int argc, char **argv) {
    if (argc < 2) {
        print_set(set, stderr);
        return CLI_USAGE;
    }
    if (is_word(argv[1], "-h", "--help") || (strcmp(argv[1], "help") == 0 && argc == 2)) {
        print_set(set, stdout);
        return CLI_DONE;
    }
    if (is_word(argv[1], "-V", "--version")) {
        printf("descent %s\n", dsc_version());
        return CLI_DONE;
    }
    for (size_t i = 0; i < set->n_commands; i++) {
        if (strcmp(argv[1], set->commands[i].name) == 0) {
            return set->commands[i].run(argc - 1, argv + 1);
        }
    }
    return report_unknown(set, argv[1]);
}

static int run_net(int argc, char **argv) {
    return dispatch(&net, argc, argv);
}

int main(int argc, char **argv) {
    cli_guard_streams();
    return cli_close_stdout(dispatch(&top, argc, argv));
}
