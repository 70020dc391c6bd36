/* The network file of `descent net trace`: a small network with its data, as JSON.
 *
 * The format and each key's rule are in docs/network-file.md. */
#ifndef DESCENT_CLI_NETWORK_FILE_H
#define DESCENT_CLI_NETWORK_FILE_H

#include "descent/matrix.h"
#include "descent/network.h"

typedef struct cli_network_file {
    const char *name;  /* for messages and headings: the path, borrowed, or "built-in example" */
    char *description; /* UTF-8; NULL: none */
    dsc_network *net;  /* in double */
    dsc_matrix input;  /* (n, n_in) in double, owned */
    dsc_matrix target; /* (n, n_out) in double, owned */
    double rate;       /* learning rate, > 0 */
    char *text;        /* the document as it was read, without a byte order mark: its numbers are
                          exact there, and the key "check" is read from it */
    size_t length;     /* bytes of text */
} cli_network_file;

/* Reads and checks the whole file; "-" is standard input, NULL the example that is compiled in.
 *   out  [out]  to be given to cli_network_file_clear, also after a failure
 * Returns CLI_GO_ON, or an exit status after a message on stderr: CLI_IO; CLI_BAD_DATA at
 * FILE:LINE:COLUMN for what is not JSON, and at a place such as "FILE: layers[1].weights[0]" for
 * JSON that is not a network. */
int cli_network_file_read(cli_network_file *out, const char *path);

void cli_network_file_clear(cli_network_file *file);

/* The file's description, or its name where that is blank, as one line of valid UTF-8 without control characters.
 * NULL: no memory; freed with free(). */
char *cli_network_title(const cli_network_file *file);

#endif
