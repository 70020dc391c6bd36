/* What `descent net scan` found out, and the forms in which it is shown. */
#ifndef DESCENT_CLI_SCAN_H
#define DESCENT_CLI_SCAN_H

#include <stdbool.h>
#include <stdio.h>

#include "descent/curvature.h"
#include "descent/scan.h"
#include "descent/step_polynomial.h"
#include "network_file.h"

enum { CLI_MAX_RATES = 1000 };

typedef struct cli_scan_row {
    double rate;
    dsc_scan_result result;
} cli_scan_row;

typedef struct cli_scan {
    const cli_network_file *file;
    size_t n_steps;
    bool has_curvature;
    dsc_curvature curvature;
    char curvature_reason[800]; /* why there is none */
    bool has_polynomial;
    dsc_step_polynomial polynomial;
    char polynomial_reason[800]; /* why a linear network has none */
    cli_scan_row *rows;          /* (n_rows), by rate in ascending order, no rate twice */
    size_t n_rows;
    size_t precision; /* significant digits in text */
} cli_scan;

/* Whether the error is shown by the spectral norm of prediction - target, or else by the loss: for
 * losses of classes, where that difference is no measure of it. */
bool cli_scan_has_norm(const cli_scan *scan);

/* The measure of a row: norm or loss. */
double cli_scan_error(const cli_scan *scan, const cli_scan_row *row);
double cli_scan_first_error(const cli_scan *scan);
const char *cli_scan_error_name(const cli_scan *scan); /* "error norm" or "loss" */

/* The fewest significant digits that give back the very same double. */
enum { CLI_EXACT_LENGTH = 32 };
const char *cli_exact(double value, char out[CLI_EXACT_LENGTH]);

typedef enum cli_plot_style { CLI_PLOT_NONE, CLI_PLOT_ASCII, CLI_PLOT_UNICODE } cli_plot_style;

/* Text for people on stdout, the plot among it. Returns an exit status. */
int cli_scan_text(const cli_scan *scan, cli_plot_style style);

/* A bar a rate, `width` columns wide at most. */
void cli_scan_plot(const cli_scan *scan, cli_plot_style style, size_t width);

/* One JSON document, or a table of comma-separated values. Return an exit status. */
int cli_scan_json(const cli_scan *scan);
int cli_scan_csv(const cli_scan *scan);

/* A picture for a web page or a paper. What `out` refuses is seen by ferror. */
void cli_scan_svg(const cli_scan *scan, FILE *out);

#endif
