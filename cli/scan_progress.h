/* Progress of a scan on a terminal, and its end by Ctrl-C. */
#ifndef DESCENT_CLI_SCAN_PROGRESS_H
#define DESCENT_CLI_SCAN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "progress.h"

typedef struct cli_scan_progress {
    cli_progress signals;
    bool is_terminal; /* stderr is one */
    bool is_drawn;
    size_t rate, n_rates; /* which of how many; 0: not at the rates yet */
    double drawn_at_s;
} cli_scan_progress;

/* From here on the first Ctrl-C (SIGINT) or SIGTERM asks to stop, a second one ends the program. */
void cli_scan_progress_begin(cli_scan_progress *progress);

/* The scan is at this rate, counted from 1. */
void cli_scan_progress_rate(cli_scan_progress *progress, size_t rate, size_t n_rates);

/* To be asked at each step, with the progress as `user`: false when a signal asked to stop. Draws a
 * line on stderr when that is a terminal and the scan takes long. */
bool cli_scan_progress_step(void *user);

/* Takes the line away and gives the signals their old meaning back. */
void cli_scan_progress_end(cli_scan_progress *progress);

#endif
