/* Completion scripts, one maker a shell, all from the tables of the commands. */
#ifndef DESCENT_CLI_COMPLETION_H
#define DESCENT_CLI_COMPLETION_H

#include "commands.h"

/* Print the script on stdout. */
void cli_completion_bash(void);
void cli_completion_zsh(void);
void cli_completion_fish(void);

/* Prints `text` with a backslash before each character that is in `special`. */
void cli_put_escaped(const char *text, const char *special);

/* The choices of an argument whose name is "a|b|c", separated by blanks; "" for a file. */
void cli_argument_choices(const cli_argument *argument, char *out, size_t length);

/* Whether one of the arguments is a file. */
bool cli_takes_files(const cli_syntax *syntax);

/* Calls `visit` for every option of the table; --help is none of them. */
void cli_each_option(const cli_syntax *syntax,
                     void (*visit)(const cli_syntax *syntax, const cli_option *option));

#endif
