/* A small chart of a training run for a terminal: errors over epochs, in plain characters. */
#ifndef DESCENT_CLI_CHART_H
#define DESCENT_CLI_CHART_H

#include <stddef.h>

enum { CLI_CHART_EPOCHS = 512 };

typedef struct cli_curve {
    size_t n; /* epochs recorded, at most CLI_CHART_EPOCHS */
    double training[CLI_CHART_EPOCHS];
    double validation[CLI_CHART_EPOCHS];
} cli_curve;

/* A level to compare the curve with. */
typedef struct cli_level {
    const char *label;
    double value;
} cli_level;

/* Prints the curve on stdout, at most 72 columns wide, with a dashed line at each level. */
void cli_chart_print(const cli_curve *curve, const cli_level *levels, size_t n_levels);

#endif
