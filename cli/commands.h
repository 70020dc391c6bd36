/* The table of all commands: what runs them, and what walks them to write manual and completion.
 *
 * A new command is one row of a table in commands.c; help, man page and completion follow. */
#ifndef DESCENT_CLI_COMMANDS_H
#define DESCENT_CLI_COMMANDS_H

#include <stddef.h>

#include "options.h"

typedef struct cli_command {
    const char *name;    /* its own word: "train", "trace" */
    const char *summary; /* a phrase: "learn a model from a file of ratings" */
    int (*run)(int argc, char **argv);
} cli_command;

typedef struct cli_command_set {
    const char *prefix; /* "descent", "descent net" */
    const char *summary;
    const cli_command *commands;
    size_t n_commands;
} cli_command_set;

/* The exit statuses of cli_status and what they mean; ends with a NULL. */
typedef struct cli_exit_status {
    int status;
    const char *meaning;
} cli_exit_status;
extern const cli_exit_status cli_exit_statuses[];

/* Runs the command that argv[1 ..] names. Returns its exit status. */
int cli_run(int argc, char **argv);

typedef struct cli_visitor {
    void (*set)(const cli_command_set *set, void *user);
    void (*command)(const cli_command *command, const cli_syntax *syntax, void *user);
    void *user; /* handed to both, of which either may be NULL */
} cli_visitor;

/* The words behind "descent" that name a set: "net"; "" for the whole program. */
const char *cli_set_path(const cli_command_set *set);

/* Shows the visitor every set and every command, a set before what is in it. Runs none of them:
 * each is called up to its cli_parse. */
void cli_visit_commands(const cli_visitor *visitor);

#endif
