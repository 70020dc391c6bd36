/* The options of `descent net scan`. */
#ifndef DESCENT_CLI_SCAN_OPTIONS_H
#define DESCENT_CLI_SCAN_OPTIONS_H

#include <stddef.h>

#include "scan_rates.h"

/* The values of --format and of --plot. */
enum { CLI_SCAN_TEXT, CLI_SCAN_JSON, CLI_SCAN_CSV };
enum { CLI_SCAN_PLOT_AUTO, CLI_SCAN_PLOT_UNICODE, CLI_SCAN_PLOT_ASCII, CLI_SCAN_PLOT_NONE };

typedef struct cli_scan_request {
    const char *path; /* NULL: the built-in example */
    cli_rates_request rates;
    size_t n_steps;   /* CLI_NOT_GIVEN: by the size of the network */
    size_t precision; /* significant digits */
    size_t format;
    size_t plot;
    const char *svg; /* NULL: none */
} cli_scan_request;

/* Parses the command line into *request. Returns CLI_GO_ON or an exit status. */
int cli_scan_parse(cli_scan_request *request, int argc, char **argv);

#endif
