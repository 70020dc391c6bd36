/* Progress of dsc_fit on stderr, and its end by Ctrl-C. */
#include "net_progress.h"

#include <math.h>
#include <stdio.h>

void cli_net_progress_begin(cli_net_progress *self, bool is_quiet) {
    *self = (cli_net_progress){.best = (double)NAN};
    cli_progress_begin(&self->progress, is_quiet);
    clock_gettime(CLOCK_MONOTONIC, &self->begin);
}

void cli_net_progress_end(cli_net_progress *self) {
    cli_progress_end(&self->progress);
}

static double elapsed_s(const cli_net_progress *self) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - self->begin.tv_sec) +
           1e-9 * (double)(now.tv_nsec - self->begin.tv_nsec);
}

static void print_epoch(const cli_net_progress *self, const dsc_fit_progress *now) {
    fprintf(stderr, "epoch %zu of at most %zu: training loss %.5g", now->epoch, now->max_epochs,
            now->train_loss);
    if (!isnan(now->validation_loss)) {
        fprintf(stderr, ", validation loss %.5g%s", now->validation_loss,
                now->is_best ? " (best so far)" : "");
    }
    fprintf(stderr, ", %.1f s\n", self->elapsed_s);
}

bool cli_net_progress_watch(const dsc_fit_progress *now, void *user) {
    cli_net_progress *self = user;
    self->elapsed_s = elapsed_s(self);
    if (now->is_best) {
        self->best = now->validation_loss;
        self->best_epoch = now->epoch;
    }
    if (self->progress.mode == CLI_PROGRESS_LINES) {
        print_epoch(self, now);
    }
    if (cli_progress_is_due(&self->progress, self->elapsed_s)) {
        cli_progress_draw(&self->progress, &(cli_progress_state){.epoch = now->epoch,
                                                                 .max_epochs = now->max_epochs,
                                                                 .epochs_done = (double)now->epoch,
                                                                 .elapsed_s = self->elapsed_s,
                                                                 .measure = "loss",
                                                                 .best = self->best,
                                                                 .best_epoch = self->best_epoch});
    }
    return !cli_progress_is_interrupted();
}
