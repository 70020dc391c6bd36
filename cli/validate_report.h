/* Results of `descent validate` on stdout: one assessment, or those of all folds with their mean. */
#ifndef DESCENT_CLI_VALIDATE_REPORT_H
#define DESCENT_CLI_VALIDATE_REPORT_H

#include "assess.h"
#include "descent/rating_split.h"

/* One split: what was learned from, and what came out. */
typedef struct cli_fold {
    size_t n_train; /* ratings */
    size_t n_test;
    cli_assessment assessment;
} cli_fold;

/* All splits of a run. */
typedef struct cli_folds {
    dsc_split_plan plan;
    size_t n;       /* at least 1 */
    cli_fold *fold; /* (n) */
} cli_folds;

/* Prints in the form asked for. Returns an exit status. */
int cli_print_folds(const cli_folds *folds, const cli_form *form);

#endif
