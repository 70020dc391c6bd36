/* The files of the demonstration, which must not cost anybody a file of their own.
 *
 * A file that is there already is replaced only when an earlier demonstration made it and nobody
 * changed it since: `.descent-demo`, beside them, keeps a fingerprint of each file as it was
 * written. */
#ifndef DESCENT_CLI_DEMO_FILES_H
#define DESCENT_CLI_DEMO_FILES_H

#include <stdint.h>

enum { CLI_DEMO_PATH = 1024 };

typedef enum cli_demo_file {
    CLI_DEMO_RATINGS,
    CLI_DEMO_TEST,
    CLI_DEMO_TITLES_FILE,
    CLI_DEMO_MODEL,
    CLI_DEMO_N_FILES
} cli_demo_file;

typedef struct cli_demo_files {
    char path[CLI_DEMO_N_FILES][CLI_DEMO_PATH];
    uint64_t fingerprint[CLI_DEMO_N_FILES]; /* 0: never written here */
    char record[CLI_DEMO_PATH];
} cli_demo_files;

/* Makes the directory, unless it is there, and checks that each file is missing or may be replaced.
 * Returns CLI_DONE, or an exit status after a message. */
int cli_demo_files_begin(cli_demo_files *files, const char *directory);

/* Takes note of a file that has just been written. Returns as cli_demo_files_begin. */
int cli_demo_files_note(cli_demo_files *files, cli_demo_file file);

#endif
