/* What went wrong in a single cell. */
#ifndef DESCENT_CLI_CHECK_SLIP_H
#define DESCENT_CLI_CHECK_SLIP_H

#include "check_diagnose.h"

typedef struct cli_slip {
    const cli_compute *compute;
    const cli_judge *judge;
    const cli_answer *answer;
    cli_view view;       /* from which the value was computed */
    const double *right; /* the value (its shape) that follows from the view */
    size_t cell;         /* the only one that is wrong */
} cli_slip;

/* "row 1, column 2: the term 3 * 1 is left out"; only the place when nothing more is known of it.
 * Returns whether more is known. */
bool cli_slip_explain(const cli_slip *slip, char out[CLI_CAUSE_TEXT]);

#endif
