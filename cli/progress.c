/* Progress of a training run on stderr, and its end by Ctrl-C. */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

enum { BAR_CELLS = 24, TRIAL_LENGTH = 64 };

/* Drawn no more often than this, so that a fast run does not spend its time on the terminal. */
#define REDRAW_S 0.1

static volatile sig_atomic_t is_interrupted;

static void on_signal(int number) {
    (void)number;
    is_interrupted = 1;
}

/* SA_RESETHAND makes the second signal end the program. What the parent chose to ignore (nohup,
 * a job in the background) stays ignored. */
static void catch_signal(int number, struct sigaction *old) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, NULL, old);
    if (old->sa_handler != SIG_IGN) {
        sigaction(number, &action, NULL);
    }
}

static cli_progress_mode choose_mode(bool is_quiet) {
    if (is_quiet) {
        return CLI_PROGRESS_NONE;
    }
    const char *terminal = getenv("TERM");
    bool is_dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    return isatty(STDERR_FILENO) && !is_dumb ? CLI_PROGRESS_BAR : CLI_PROGRESS_LINES;
}

void cli_progress_begin(cli_progress *progress, bool is_quiet) {
    memset(progress, 0, sizeof *progress);
    progress->mode = choose_mode(is_quiet);
    progress->drawn_at_s = -REDRAW_S;
    is_interrupted = 0;
    catch_signal(SIGINT, &progress->old_interrupt);
    catch_signal(SIGTERM, &progress->old_terminate);
}

/* Of many short epochs every tenth gets a line, and the first and the last. */
static bool is_worth_a_line(const dsc_training_progress *now) {
    return !now->is_full_batch || now->epoch == 1 || now->epoch % 10 == 0 ||
           now->epoch == now->max_epochs;
}

/* What a trial is called; NULL: `now` is of the training itself. */
static const char *name_trial(const dsc_training_progress *now, char *out, size_t size) {
    if (now->trial == 0) {
        return NULL;
    }
    snprintf(out, size, "trial %zu, L2 x %g%s", now->trial, now->trial_scale,
             now->without_history ? ", no histories" : "");
    return out;
}

static void print_epoch(const dsc_training_progress *now) {
    char trial[TRIAL_LENGTH];
    if (name_trial(now, trial, sizeof trial) != NULL) {
        fprintf(stderr, "%s: ", trial);
    }
    fprintf(stderr, "epoch %zu of at most %zu: training ", now->epoch, now->max_epochs);
    if (now->is_implicit) {
        fprintf(stderr, "loss %.6g", now->train_loss);
    } else {
        fprintf(stderr, "RMSE %.4f", now->train_rmse);
    }
    if (isfinite(now->validation_ndcg)) {
        fprintf(stderr, ", validation NDCG@10 %.4f%s", now->validation_ndcg,
                now->best_epoch == now->epoch ? " (best so far)" : "");
    }
    if (isfinite(now->validation_rmse)) {
        fprintf(stderr, ", validation RMSE %.4f%s", now->validation_rmse,
                now->trial == 0 && now->best_epoch == now->epoch ? " (best so far)" : "");
    }
    fprintf(stderr, ", %.1f s\n", now->elapsed_s);
}

/* Seconds to the last epoch at the pace so far; early stopping may end before. */
static double time_left(const cli_progress_state *now) {
    return now->epochs_done > 0
               ? now->elapsed_s / now->epochs_done * ((double)now->max_epochs - now->epochs_done)
               : 0;
}

void cli_progress_draw(cli_progress *progress, const cli_progress_state *now) {
    const double share = now->is_bar_of_run ? now->epochs_done / (double)now->max_epochs
                                            : now->epochs_done - (double)now->epoch + 1;
    char bar[BAR_CELLS + 1];
    for (int i = 0; i < BAR_CELLS; i++) {
        bar[i] = i < (int)(share * BAR_CELLS + 0.5) ? '#' : '.';
    }
    bar[BAR_CELLS] = '\0';
    char best[96] = "";
    if (now->best_epoch > 0 && isfinite(now->best)) {
        snprintf(best, sizeof best, "  best %s %.4f (epoch %zu)", now->measure, now->best,
                 now->best_epoch);
    }
    char line[256];
    long left = (long)(time_left(now) + 0.5);
    if (now->trial != NULL) {
        snprintf(line, sizeof line, "%s: epoch %zu/%zu [%s]%s", now->trial, now->epoch,
                 now->max_epochs, bar, best);
    } else {
        snprintf(line, sizeof line, "%s %zu/%zu [%s]%s  at most %ld:%02ld left",
                 now->unit != NULL ? now->unit : "epoch", now->epoch, now->max_epochs, bar, best,
                 left / 60, left % 60);
    }
    size_t width = cli_terminal_width(STDERR_FILENO);
    if (width > 1 && strlen(line) >= width) {
        line[width - 1] = '\0';
    }
    fprintf(stderr, "\r%s\033[K", line);
    progress->drawn_at_s = now->elapsed_s;
}

bool cli_progress_is_due(const cli_progress *progress, double elapsed_s) {
    return progress->mode == CLI_PROGRESS_BAR && elapsed_s - progress->drawn_at_s >= REDRAW_S;
}

static void draw_training(cli_progress *progress, const dsc_training_progress *now) {
    double share = now->n_total > 0 ? (double)now->n_done / (double)now->n_total : 1;
    char trial[TRIAL_LENGTH];
    cli_progress_draw(progress,
                      &(cli_progress_state){.trial = name_trial(now, trial, sizeof trial),
                                            .is_bar_of_run = now->is_full_batch,
                                            .epoch = now->epoch,
                                            .max_epochs = now->max_epochs,
                                            .epochs_done = (double)now->epoch - 1 + share,
                                            .elapsed_s = now->elapsed_s,
                                            .measure = now->is_implicit ? "NDCG@10" : "RMSE",
                                            .best = now->is_implicit ? now->best_validation_ndcg
                                                                     : now->best_validation_rmse,
                                            .best_epoch = now->trial > 0 ? 0 : now->best_epoch});
}

bool cli_progress_watch(const dsc_training_progress *now, void *user) {
    cli_progress *progress = user;
    if (progress->mode == CLI_PROGRESS_LINES && now->is_epoch_end && is_worth_a_line(now)) {
        print_epoch(now);
    }
    if (cli_progress_is_due(progress, now->elapsed_s) ||
        (progress->mode == CLI_PROGRESS_BAR && now->is_epoch_end)) {
        draw_training(progress, now);
    }
    return is_interrupted == 0;
}

void cli_progress_clear(cli_progress *progress) {
    if (progress->mode == CLI_PROGRESS_BAR) {
        fputs("\r\033[K", stderr);
    }
    progress->mode = CLI_PROGRESS_NONE;
}

void cli_progress_end(cli_progress *progress) {
    cli_progress_clear(progress);
    sigaction(SIGINT, &progress->old_interrupt, NULL);
    sigaction(SIGTERM, &progress->old_terminate, NULL);
}

bool cli_progress_is_interrupted(void) {
    return is_interrupted != 0;
}
