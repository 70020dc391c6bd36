/* Progress of a scan on a terminal, and its end by Ctrl-C. */
#include "scan_progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A scan that is over before this shows nothing, and a longer one draws no more often. */
#define REDRAW_S 0.5

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void cli_scan_progress_begin(cli_scan_progress *progress) {
    memset(progress, 0, sizeof *progress);
    cli_progress_begin(&progress->signals, true);
    progress->is_terminal = isatty(STDERR_FILENO) == 1;
    progress->drawn_at_s = now_s();
}

void cli_scan_progress_rate(cli_scan_progress *progress, size_t rate, size_t n_rates) {
    progress->rate = rate;
    progress->n_rates = n_rates;
}

static void draw(cli_scan_progress *progress) {
    const double now = now_s();
    if (now - progress->drawn_at_s < REDRAW_S) {
        return;
    }
    progress->drawn_at_s = now;
    progress->is_drawn = true;
    if (progress->rate == 0) {
        fputs("\rmeasuring the curvature\033[K", stderr);
    } else {
        fprintf(stderr, "\rrate %zu of %zu\033[K", progress->rate, progress->n_rates);
    }
}

static void clear(cli_scan_progress *progress) {
    if (progress->is_drawn) {
        fputs("\r\033[K", stderr);
    }
    progress->is_drawn = false;
}

bool cli_scan_progress_step(void *user) {
    cli_scan_progress *progress = user;
    if (cli_progress_is_interrupted()) {
        clear(progress); /* a message follows */
        return false;
    }
    if (progress->is_terminal) {
        draw(progress);
    }
    return true;
}

void cli_scan_progress_end(cli_scan_progress *progress) {
    clear(progress);
    cli_progress_end(&progress->signals);
}
