/* A search for settings: its trials, and what has been found of each. */
#ifndef DESCENT_CLI_TUNE_SEARCH_H
#define DESCENT_CLI_TUNE_SEARCH_H

#include "descent/tune.h"
#include "progress.h"
#include "tune_journal.h"
#include "tune_options.h"
#include "tune_space.h"

/* One candidate; not to be moved. */
typedef struct cli_trial {
    cli_settings settings;     /* the first of each form has none: its defaults */
    cli_train_request request; /* not settled */
    /* On the last rung that it was scored on: */
    cli_score score;
    size_t n_folds;
    size_t epochs;       /* at most */
    size_t n_parameters; /* of the largest of its models */
    double seconds;      /* of all its trainings, on all rungs */
} cli_trial;

typedef struct cli_search {
    const cli_tune_request *request;
    const cli_measure *measure;
    const dsc_ratings *ratings;
    const uint32_t *split; /* (ratings) the fold of each */
    dsc_halving ladder;
    cli_trial *trials;           /* (n_trials) */
    dsc_halving_result *results; /* (n_trials) */
    cli_journal journal;
    cli_progress progress;
    double work_done, work_in_all; /* in whole trainings, for the time that is left */
    double seconds;                /* of trainings, those of the journal included */
    double best;                   /* on the present rung; INFINITY: none yet */
    size_t chosen;                 /* a trial */
    dsc_error
        last_failure; /* of a trial that cannot be trained; code DSC_OK: none by this process */
    int exit_status;  /* of what ended the search and has been reported; CLI_GO_ON: nothing */
} cli_search;

/* Folds and share of the epochs that a share of the budget is spent on. docs/math.md (154) */
size_t cli_search_folds(const cli_search *self, double share);
double cli_search_epoch_share(const cli_search *self, double share);

/* Goes up the ladder and chooses. Returns CLI_GO_ON, or an exit status after a message. */
int cli_search_run(cli_search *self);

/* One trial of a rung has been scored: says so on stderr. */
void cli_search_show(cli_search *self, const dsc_halving_task *task);

/* The table or the document of what was tried, on stdout. Returns an exit status. */
int cli_search_report(const cli_search *self);

#endif
