/* Progress of a training run on stderr, and its end by Ctrl-C. */
#ifndef DESCENT_CLI_PROGRESS_H
#define DESCENT_CLI_PROGRESS_H

#include <signal.h>
#include <stdbool.h>

#include "descent/recommender.h"

typedef enum cli_progress_mode {
    CLI_PROGRESS_NONE = 0,
    CLI_PROGRESS_LINES = 1, /* one line an epoch: files and logs */
    CLI_PROGRESS_BAR = 2    /* one line redrawn: a terminal */
} cli_progress_mode;

typedef struct cli_progress {
    cli_progress_mode mode;
    double drawn_at_s; /* when the bar was drawn last */
    struct sigaction old_interrupt, old_terminate;
} cli_progress;

/* From here on the first Ctrl-C (SIGINT) or SIGTERM asks training to stop, a second one ends the
 * program at once. */
void cli_progress_begin(cli_progress *progress, bool is_quiet);

/* A dsc_training_watcher; `user` is the cli_progress. */
bool cli_progress_watch(const dsc_training_progress *now, void *user);

/* Where a run of any kind stands. */
typedef struct cli_progress_state {
    const char *trial;  /* the name of the trial that this is; NULL: the run itself, whose end is
                           foretold */
    const char *unit;   /* what `epoch` counts; NULL: "epoch" */
    bool is_bar_of_run; /* the bar fills with max_epochs; false: with each epoch anew */
    size_t epoch;       /* the running or just ended epoch, from 1 */
    size_t max_epochs;
    double epochs_done; /* epoch - 1 .. epoch */
    double elapsed_s;
    const char *measure; /* "RMSE", "loss": of what is best */
    double best;         /* NAN: none */
    size_t best_epoch;   /* 0: none yet */
} cli_progress_state;

/* Draws the bar; whether it is time to draw it again. */
void cli_progress_draw(cli_progress *progress, const cli_progress_state *now);
bool cli_progress_is_due(const cli_progress *progress, double elapsed_s);

/* Takes the bar away, so that other lines can follow; it does not come back. */
void cli_progress_clear(cli_progress *progress);

/* The same, and gives the signals their old meaning back. */
void cli_progress_end(cli_progress *progress);

/* Whether a signal has asked to stop since cli_progress_begin. */
bool cli_progress_is_interrupted(void);

#endif
