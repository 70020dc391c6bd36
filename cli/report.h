/* Messages on stderr, and the exit status that belongs to each kind of failure. */
#ifndef DESCENT_CLI_REPORT_H
#define DESCENT_CLI_REPORT_H

#include <stdio.h>

#include "command.h"
#include "descent/status.h"

#define CLI_PRINTF(format_index, first_argument)                                                   \
    __attribute__((format(printf, format_index, first_argument)))

/* The exit status of a library status. */
cli_status cli_status_of(dsc_status status);

/* Prints "descent: WHERE: MESSAGE" on stderr and returns the exit status of err->code. */
int cli_fail(const dsc_error *err);

/* The same with a message of the program's own; `where` NULL: "descent: MESSAGE". */
int cli_fail_at(cli_status status, const char *where, const char *format, ...) CLI_PRINTF(3, 4);

/* A line on stderr for people: "descent: MESSAGE". */
void cli_note(const char *format, ...) CLI_PRINTF(1, 2);

/* What a message calls an input: - is standard input. */
const char *cli_input_name(const char *path);

/* Keeps files that are opened later off the numbers of closed standard streams, and makes a file that
 * grows beyond the limit of the process an error of writing, not its end. First thing in main. */
void cli_guard_streams(void);

/* Writes out what stdout holds. Returns CLI_DONE, or CLI_IO with a message. */
int cli_flush_stdout(void);

/* Writes out stdout and closes it. Returns `status`, or CLI_IO with a message when `status` is
 * CLI_DONE but the output did not arrive whole. */
int cli_close_stdout(int status);

#endif
