/* Writing a file whole or not at all: into a temporary one beside it, which then takes its name. */
#ifndef DESCENT_CLI_WHOLE_FILE_H
#define DESCENT_CLI_WHOLE_FILE_H

#include <stdio.h>

typedef struct cli_whole_file {
    FILE *out;        /* NULL: not open */
    const char *path; /* borrowed */
    char *temporary;
} cli_whole_file;

/* Returns CLI_GO_ON, or CLI_IO (CLI_FAILED: no memory) after a message. Do it before the work whose
 * result is written, so that a wrong path costs nothing. */
int cli_whole_file_open(cli_whole_file *file, const char *path);

/* Makes the file appear at its path. Returns CLI_DONE, or CLI_IO after a message, when the path is
 * as it was before. */
int cli_whole_file_commit(cli_whole_file *file);

/* Leaves the path as it was. A file that was not opened, or was committed, is allowed. */
void cli_whole_file_discard(cli_whole_file *file);

#endif
