/* The key "check" of a network file: a person's own values, as they wrote them.
 *
 * The format is in docs/network-check.md. */
#ifndef DESCENT_CLI_CHECK_FILE_H
#define DESCENT_CLI_CHECK_FILE_H

#include <jansson.h>

#include "check_values.h"
#include "exact_number.h"

/* One value that someone computed. */
typedef struct cli_answer {
    size_t value;       /* index in cli_values */
    cli_written *cells; /* (n_rows, n_cols) of the value */
    char **texts;       /* the same cells as written */
    double *found;      /* the same cells as doubles */
    long
        decimals; /* the most places of a cell, at least 0; a whole number counts as written with them */
    bool is_whole; /* all cells are whole numbers or fractions: exactly meant */
} cli_answer;

typedef struct cli_answers {
    const cli_values *values;
    size_t n;
    cli_answer *items; /* (n), in the order of the list of values */
} cli_answers;

/* Reads and checks the key "check".
 *   document  [in]   of cli_exact_document
 *   out       [out]  n is 0 when there is no such key; to be cleared in any case
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_answers_read(cli_answers *out, const cli_values *values, json_t *document);
void cli_answers_clear(cli_answers *answers);

#endif
