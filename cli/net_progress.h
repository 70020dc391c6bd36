/* Progress of dsc_fit on stderr, and its end by Ctrl-C. */
#ifndef DESCENT_CLI_NET_PROGRESS_H
#define DESCENT_CLI_NET_PROGRESS_H

#include <time.h>

#include "descent/fit.h"
#include "progress.h"

typedef struct cli_net_progress {
    cli_progress progress;
    struct timespec begin;
    double best; /* validation loss */
    size_t best_epoch;
    double elapsed_s; /* when the last epoch ended */
} cli_net_progress;

/* See progress.h. */
void cli_net_progress_begin(cli_net_progress *self, bool is_quiet);
void cli_net_progress_end(cli_net_progress *self);

/* A dsc_fit_watcher; `user` is the cli_net_progress. */
bool cli_net_progress_watch(const dsc_fit_progress *now, void *user);

#endif
