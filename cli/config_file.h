/* A configuration in a file: a JSON object whose members are the long options of a command without
 * their dashes, read and written by the command's own table.
 *
 *     {
 *       "made by": "descent 0.1.0",
 *       "form": "histories",
 *       "factors": 40
 *     }
 *
 * Numbers, lists of numbers, true and false stand as what they are, all else as a string, and a
 * whole number may be a string where JSON's own are too small for it. */
#ifndef DESCENT_CLI_CONFIG_FILE_H
#define DESCENT_CLI_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "json_file.h"
#include "options.h"

/* The member that says who wrote the file; it sets nothing. */
#define CLI_CONFIG_MAKER "made by"

typedef struct cli_config_file {
    cli_json_file json; /* its document is an object */
} cli_config_file;

/* Reads a file and finds out that it is an object.
 *   out  [out]  to be given to cli_config_clear, also after a failure
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_config_read(cli_config_file *out, const char *path);

void cli_config_clear(cli_config_file *file); /* all zero is allowed */

/* Whether there is such a member; its string, or NULL where it is none. `file` NULL: there is none. */
bool cli_config_has(const cli_config_file *file, const char *member);
const char *cli_config_text(const cli_config_file *file, const char *member);

/* "FILE:LINE: MEMBER: MESSAGE" on stderr; returns CLI_BAD_DATA. */
int cli_config_bad(const cli_config_file *file, const char *member, const char *format, ...)
    CLI_PRINTF(3, 4);

/* Sets the targets of the options that the file names. A member that is no option of the groups is
 * an error. Returns CLI_GO_ON, or an exit status after a message. */
int cli_config_apply(const cli_config_file *file, const cli_option_group *groups, size_t n_groups);

/* --- writing --------------------------------------------------------------------------------- */

/* A configuration that is being written: begin, options in any number, end. */
typedef struct cli_config_writer {
    FILE *stream;
    char *text;
    size_t length;
    size_t n; /* members */
    bool has_failed;
} cli_config_writer;

/* `maker` becomes CLI_CONFIG_MAKER. */
void cli_config_begin(cli_config_writer *writer, const char *maker);

/* Adds an option's present value, unless it has none; never a CLI_STRING or a CLI_ISA. */
void cli_config_add(cli_config_writer *writer, const cli_option *option);

/* The text, ended by a line feed, freed with free(); NULL: no memory. */
char *cli_config_end(cli_config_writer *writer, size_t *length);

#endif
