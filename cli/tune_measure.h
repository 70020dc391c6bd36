/* What descent tune judges trials by: a function of a mean over what is tested, with its standard
 * error. The lower the better. docs/math.md (153) */
#ifndef DESCENT_CLI_TUNE_MEASURE_H
#define DESCENT_CLI_TUNE_MEASURE_H

#include <stddef.h>

#include "descent/recommender.h"

/* Of the values whose mean is taken; those of several folds are added up. */
typedef struct cli_sums {
    size_t n;
    double sum;
    double squares; /* sum of the squared values */
} cli_sums;

typedef struct cli_score {
    double value; /* INFINITY: the trial does not work */
    double error; /* its standard error; NAN where there are fewer than two values */
} cli_score;

/* A measure: how a model's values on test ratings are added up, and what is made of their mean. */
typedef struct cli_measure {
    const char *name;  /* of --measure */
    const char *label; /* for people */
    dsc_status (*take)(const dsc_recommender *model, const dsc_ratings *test, cli_sums *sums,
                       dsc_error *err);
    cli_score (*finish)(double mean, double error_of_mean);
} cli_measure;

/* The names, ended by NULL, and the measure of each index. */
extern const char *const cli_measure_names[];
const cli_measure *cli_measure_of(size_t index);

/* The score of what has been added up. */
cli_score cli_measure_score(const cli_measure *measure, const cli_sums *sums);

#endif
