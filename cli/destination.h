/* Where something is to be written: checked before the work, and not after it. */
#ifndef DESCENT_CLI_DESTINATION_H
#define DESCENT_CLI_DESTINATION_H

#include "descent/status.h"

typedef struct cli_destination {
    const char *command; /* "train" */
    const char *option;  /* that names the file: "--output" */
    const char *what;    /* comes into it: "model" */
    const char *path;
} cli_destination;

/* Finds out whether the file can be written, and that it is not `input`, which is `kind`: "the file
 * of ratings". Returns CLI_GO_ON, or an exit status after a message.
 *   input  [in]  NULL: none */
int cli_check_destination(const cli_destination *to, const char *input, const char *kind);

#endif
