/* How good predictions are, on stdout: metrics, classes and the confusion matrix. */
#ifndef DESCENT_CLI_NET_SCORES_H
#define DESCENT_CLI_NET_SCORES_H

#include "descent/predictor.h"
#include "output.h"

/* Prints an evaluation in the form asked for. Returns an exit status. */
int cli_print_scores(const dsc_predictor *predictor, const dsc_predictor_evaluation *evaluation,
                     const cli_form *form);

/* A metric by its place: what is printed of an evaluation, and of the baseline beside it. */
typedef struct cli_metric {
    const char *name;  /* in JSON and CSV: "rmse" */
    const char *label; /* for people: "RMSE" */
    double model;
    double baseline; /* NAN, as above: there is no such number */
} cli_metric;

enum { CLI_MAX_METRICS = 5 };

/* The evaluation's metrics; returns how many. */
size_t cli_list_metrics(const dsc_predictor_evaluation *evaluation,
                        cli_metric out[CLI_MAX_METRICS]);

/* "the mean of the training rows every time", or that of classes. */
const char *cli_baseline_meaning(dsc_task task);

/* A metric for people, "-" where there is none. */
void cli_metric_text(double value, char *out, size_t length);

#endif
