/* The learning rates of a scan, from what the command line says. */
#ifndef DESCENT_CLI_SCAN_RATES_H
#define DESCENT_CLI_SCAN_RATES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_rates_request {
    const char *list; /* "0.002,0.003"; NULL: none */
    double from, to;  /* NAN: not given */
    size_t n_points;  /* CLI_NOT_GIVEN: not given */
    bool is_log;
} cli_rates_request;

/* CLI_GO_ON, or CLI_USAGE after a message: a list that cannot be read, options that do not go
 * together. */
int cli_rates_check(const cli_rates_request *request);

/* The rates in ascending order, none of them twice.
 *   bound      [in]   2 / curvature, the middle of the automatic range; not finite: `file_rate` is
 *   file_rate  [in]   belongs to the automatic range
 *   out        [out]  (CLI_MAX_RATES + 1), *n filled
 * The request has passed cli_rates_check. */
void cli_rates_choose(const cli_rates_request *request, double bound, double file_rate, double *out,
                      size_t *n);

#endif
