/* All commands of the program: finds the one that the first words name and runs it. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "descent/version.h"
#include "report.h"
#include "suggest.h"

enum { MAX_COMMANDS = 24, LINE_WIDTH = 80 };

const cli_exit_status cli_exit_statuses[] = {
    {CLI_DONE, "done"},
    {CLI_FAILED, "failed"},
    {CLI_USAGE, "wrong command line"},
    {CLI_BAD_DATA, "bad data"},
    {CLI_BAD_MODEL, "bad model"},
    {CLI_IO, "input or output failed"},
    {CLI_INTERRUPTED, "interrupted"},
    {0, NULL},
};

static int run_net(int argc, char **argv);

static const cli_command top_commands[] = {
    {"train", "learn a model from a file of ratings", cli_train},
    {"tune", "search for settings that predict the ratings better", cli_tune},
    {"blend", "train several models and take their weighted mean", cli_blend},
    {"evaluate", "measure a model by known ratings, beside baselines", cli_evaluate},
    {"validate", "train on a part of the ratings, evaluate on the rest", cli_validate},
    {"split", "split ratings into files to learn from and to test with", cli_split},
    {"predict", "predict the ratings of pairs of user and item", cli_predict},
    {"recommend", "list the items a user is likely to rate highest", cli_recommend},
    {"similar", "list the items like an item, or the users like a user", cli_similar},
    {"explain", "show which ratings pushed a prediction up or down", cli_explain},
    {"inspect", "show what a model file holds", cli_inspect},
    {"demo", "make ratings with planted tastes, train, and show what was found", cli_demo},
    {"net", "fit a network to a table, ask it, look into small ones", run_net},
    {"completion", "print the script that completes commands in a shell", cli_completion},
};

static const cli_command net_commands[] = {
    {"fit", "fit a network to a table, to predict one column from the others", cli_net_fit},
    {"predict", "predict that column for other rows", cli_net_predict},
    {"evaluate", "compare such predictions with known values", cli_net_evaluate},
    {"trace", "show every matrix of every training step of a small network", cli_net_trace},
    {"scan", "find out which learning rates a small network stands", cli_net_scan},
    {"check", "find what is wrong in backpropagation done by hand", cli_net_check},
};

static const cli_command_set top = {
    "descent",
    "Trains recommenders on ratings and networks on tables, and asks them.",
    top_commands,
    sizeof top_commands / sizeof top_commands[0],
};

static const cli_command_set net = {
    "descent net",
    "Fits fully connected networks to tables, and looks into small ones.",
    net_commands,
    sizeof net_commands / sizeof net_commands[0],
};

/* "Exit status: 0 done, 1 failed, ...", wrapped between its parts. */
static void print_exit_statuses(FILE *out) {
    size_t column = (size_t)fprintf(out, "Exit status:");
    for (const cli_exit_status *one = cli_exit_statuses; one->meaning != NULL; one++) {
        char part[64];
        const char *end = one[1].meaning != NULL ? "," : ".";
        size_t width =
            (size_t)snprintf(part, sizeof part, "%d %s%s", one->status, one->meaning, end);
        bool fits = column + 1 + width <= LINE_WIDTH;
        fprintf(out, "%c%s", fits ? ' ' : '\n', part);
        column = fits ? column + 1 + width : width;
    }
    fputc('\n', out);
}

static void print_set(const cli_command_set *set, FILE *out) {
    fprintf(out, "Usage: %s COMMAND [arguments] [options]\n\n%s\n\nCommands:\n", set->prefix,
            set->summary);
    for (size_t i = 0; i < set->n_commands; i++) {
        fprintf(out, "  %-12s%s\n", set->commands[i].name, set->commands[i].summary);
    }
    fprintf(out, "\n\"%s COMMAND --help\" explains a command and its options.\n", set->prefix);
    if (set == &top) {
        fputs("\"descent --version\" prints the version.\n"
              "\n"
              "Data goes to standard output, messages and progress to standard error.\n",
              out);
        print_exit_statuses(out);
    }
}

static int report_unknown(const cli_command_set *set, const char *word) {
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
static int dispatch(const cli_command_set *set, int argc, char **argv) {
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

int cli_run(int argc, char **argv) {
    return dispatch(&top, argc, argv);
}

const char *cli_set_path(const cli_command_set *set) {
    const char *path = set->prefix + strlen(top.prefix);
    return path[0] == ' ' ? path + 1 : path;
}

/* The set that a command stands for; NULL: it is one command. */
static const cli_command_set *subset_of(const cli_command *command) {
    return command->run == run_net ? &net : NULL;
}

typedef struct visit {
    const cli_visitor *visitor;
    const cli_command *command;
} visit;

static void show_command(const cli_syntax *syntax, void *user) {
    const visit *self = user;
    self->visitor->command(self->command, syntax, self->visitor->user);
}

static void visit_set(const cli_command_set *set, const cli_visitor *visitor) {
    if (visitor->set != NULL) {
        visitor->set(set, visitor->user);
    }
    for (size_t i = 0; i < set->n_commands; i++) {
        const cli_command *command = &set->commands[i];
        const cli_command_set *subset = subset_of(command);
        if (subset != NULL) {
            visit_set(subset, visitor);
        } else if (visitor->command != NULL) {
            visit self = {visitor, command};
            cli_syntax_of(command->run, show_command, &self);
        }
    }
}

void cli_visit_commands(const cli_visitor *visitor) {
    visit_set(&top, visitor);
}
