/* Where a model is to be written: checked before the work, and not after it. */
#ifndef DESCENT_CLI_DESTINATION_H
#define DESCENT_CLI_DESTINATION_H

#include "descent/status.h"

/* Finds out whether a model can be written to `path`, and that it is not `input`, which is `kind`:
 * "the file of ratings". Returns CLI_GO_ON, or an exit status after a message. */
int cli_check_destination(const char *command, const char *path, const char *input,
                          const char *kind);

#endif
