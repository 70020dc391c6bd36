/* Predictions as a table, JSON or CSV, one by one. */
#ifndef DESCENT_CLI_PREDICT_OUTPUT_H
#define DESCENT_CLI_PREDICT_OUTPUT_H

#include "descent/pairs.h"
#include "descent/probabilities.h"
#include "output.h"

/* User, item, rating, basis, and the probability of each value. */
enum { CLI_N_PREDICTED = 4, CLI_MAX_PREDICTED = CLI_N_PREDICTED + 100 };

typedef struct cli_predictions {
    const cli_form *form;
    const dsc_recommender *model;
    size_t n_values; /* whose probabilities are shown too; 0: none */
    char names[CLI_MAX_PREDICTED][32];
    cli_column columns[CLI_MAX_PREDICTED];
    cli_table *table;
    cli_json_array array;
    size_t n_pairs;
    size_t n_fallbacks;
} cli_predictions;

/* One of them. */
typedef struct cli_prediction {
    const dsc_pair *pair;
    float rating;
    dsc_basis basis;
    const double *probability; /* (n_values) NAN: not known */
} cli_prediction;

/* Begins an output, which must not move until its end.
 *   n_values  [in]  dsc_recommender_n_values, or 0 for no probabilities
 * `form` and `model` are borrowed. */
void cli_predictions_begin(cli_predictions *out, const cli_form *form, const dsc_recommender *model,
                           size_t n_values);
void cli_predictions_add(cli_predictions *out, const cli_prediction *one);

/* Also ends a JSON document whose input failed half way, so that it stays one document. Says how many
 * pairs were not of the model. Returns an exit status. */
int cli_predictions_end(cli_predictions *out);

#endif
