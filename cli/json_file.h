/* A JSON document from a file, with its text, and with messages at FILE:LINE:COLUMN. */
#ifndef DESCENT_CLI_JSON_FILE_H
#define DESCENT_CLI_JSON_FILE_H

#include <jansson.h>
#include <stddef.h>

typedef struct cli_json_file {
    const char *name; /* for messages: the path, borrowed, or "standard input" */
    char *text;       /* as it was read, without a byte order mark */
    size_t length;    /* bytes of text */
    json_t *document;
} cli_json_file;

/* What a file is meant to be: a longer one is a mistake, such as a device without an end. */
typedef struct cli_json_kind {
    const char *what; /* "a small network" */
    size_t max_mib;
    size_t flags; /* of jansson; JSON_REJECT_DUPLICATES always */
} cli_json_kind;

/* Reads a file; "-" is standard input.
 *   out  [out]  to be given to cli_json_file_clear, also after a failure
 * Returns CLI_GO_ON, or an exit status after a message: CLI_IO, CLI_BAD_DATA. */
int cli_json_file_read(cli_json_file *out, const char *path, const cli_json_kind *kind);

/* The same from a text, copied; `name` stands in messages. */
int cli_json_file_parse(cli_json_file *out, const char *text, const char *name,
                        const cli_json_kind *kind);

void cli_json_file_clear(cli_json_file *file);

#endif
