/* Scoring trials: training on all folds but one, testing on that one, as often as the rung says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "descent/rating_split.h"
#include "output.h"
#include "tune_search.h"

/* Two scores that are closer are as good as each other: on 100,000 ratings this share is less than a
 * tenth of a score's standard error. */
static const double margin_share = 0.0002;

size_t cli_search_folds(const cli_search *self, double share) {
    const double folds = round(share * (double)self->request->n_folds);
    return folds < 1 ? 1 : (size_t)folds;
}

double cli_search_epoch_share(const cli_search *self, double share) {
    return fmin(1, share * (double)self->request->n_folds);
}

static bool watch(const dsc_training_progress *now, void *user) {
    (void)now;
    (void)user;
    return !cli_progress_is_interrupted();
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Trains on `part` and takes the measure of `test`. */
static dsc_status train_and_test(const cli_search *self, const dsc_ratings *part,
                                 const dsc_ratings *test, cli_evaluation *out, dsc_error *err) {
    dsc_recommender *model = NULL;
    cli_train_request request = self->trials[out->trial].request;
    cli_train_settle(&request, dsc_ratings_by_user(part).n_entries);
    request.config.max_epochs = out->epochs;
    dsc_status status = dsc_recommender_train(&model, part, &request.config, watch, NULL, err);
    out->has_failed = status == DSC_E_NONFINITE || status == DSC_E_DATA;
    if (status == DSC_OK) {
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        out->n_parameters = info.n_parameters;
        status = self->measure->take(model, test, &out->sums, err);
    }
    dsc_recommender_destroy(model);
    return out->has_failed ? DSC_OK : status;
}

static dsc_status evaluate(const cli_search *self, cli_evaluation *out, dsc_error *err) {
    const double begin = now_s();
    dsc_ratings *part = NULL, *test = NULL;
    const uint32_t fold = (uint32_t)out->fold;
    dsc_status status = dsc_ratings_part(&part, self->ratings, self->split, fold, false, err);
    if (status == DSC_OK) {
        status = dsc_ratings_part(&test, self->ratings, self->split, fold, true, err);
    }
    if (status == DSC_OK) {
        status = train_and_test(self, part, test, out, err);
    }
    dsc_ratings_destroy(part);
    dsc_ratings_destroy(test);
    out->seconds = now_s() - begin;
    return status;
}

/* From the journal, or by training. Not DSC_OK: self->exit_status is set where it was reported. */
static dsc_status look_up(cli_search *self, cli_evaluation *out, dsc_error *err) {
    const cli_evaluation *known =
        cli_journal_find(&self->journal, out->trial, out->fold, out->epochs);
    if (known != NULL) {
        *out = *known;
        return DSC_OK;
    }
    const dsc_status status =
        cli_progress_is_interrupted() ? DSC_E_CANCELLED : evaluate(self, out, err);
    if (status != DSC_OK) {
        return status;
    }
    if (out->has_failed) {
        self->last_failure = *err;
    }
    self->exit_status = cli_journal_add(&self->journal, out);
    return self->exit_status == CLI_GO_ON ? DSC_OK : DSC_E_IO;
}

/* Whether an earlier rung has already paid for it. */
static bool is_paid(const cli_search *self, const dsc_halving_task *task, size_t fold) {
    if (task->rung == 0 || cli_search_epoch_share(self, task->share) < 1) {
        return false;
    }
    const double before = dsc_halving_share(&self->ladder, task->rung - 1);
    return cli_search_epoch_share(self, before) == 1 && fold < cli_search_folds(self, before);
}

static dsc_status score(void *user, const dsc_halving_task *task, double *out, dsc_error *err) {
    cli_search *self = user;
    cli_trial *trial = &self->trials[task->candidate];
    const double epoch_share = cli_search_epoch_share(self, task->share);
    const size_t epochs = (size_t)ceil(epoch_share * (double)trial->request.config.max_epochs);
    const size_t n_folds = cli_search_folds(self, task->share);
    cli_sums sums = {0};
    bool has_failed = false;
    self->best = task->place == 0 ? (double)INFINITY : self->best;
    for (size_t fold = 0; fold < n_folds && !has_failed; fold++) {
        cli_evaluation one = {.trial = task->candidate, .fold = fold, .epochs = epochs};
        const dsc_status status = look_up(self, &one, err);
        if (status != DSC_OK) {
            return status;
        }
        has_failed = one.has_failed;
        sums.n += one.sums.n;
        sums.sum += one.sums.sum;
        sums.squares += one.sums.squares;
        if (!is_paid(self, task, fold)) {
            trial->seconds += one.seconds;
            self->seconds += one.seconds;
            self->work_done += epoch_share;
        }
        if (one.n_parameters > trial->n_parameters) {
            trial->n_parameters = one.n_parameters;
        }
    }
    trial->score =
        has_failed ? (cli_score){INFINITY, NAN} : cli_measure_score(self->measure, &sums);
    trial->n_folds = n_folds;
    trial->epochs = epochs;
    self->best = fmin(self->best, trial->score.value);
    *out = trial->score.value;
    cli_search_show(self, task);
    return DSC_OK;
}

/* Every rung has an equal part of the minutes. What the journal says of the past decides, so that an
 * interrupted search that goes on decides the same. */
static bool goes_on(void *user, const dsc_halving_task *task) {
    const cli_search *self = user;
    const double part = (double)(task->rung + 1) / (double)self->ladder.n_rungs;
    return isnan(self->request->minutes) || self->seconds < 60 * self->request->minutes * part;
}

/* Trainings that the whole ladder takes; what a rung shares with the one before counts once. */
static double work_of(const cli_search *self) {
    double work = 0;
    for (size_t rung = 0; rung < self->ladder.n_rungs; rung++) {
        const dsc_halving_task task = {.rung = rung,
                                       .share = dsc_halving_share(&self->ladder, rung)};
        for (size_t fold = 0; fold < cli_search_folds(self, task.share); fold++) {
            work += is_paid(self, &task, fold) ? 0
                                               : (double)dsc_halving_size(&self->ladder, rung) *
                                                     cli_search_epoch_share(self, task.share);
        }
    }
    return work;
}

/* The smallest of those as good as the best on the last rung, and never worse than the first trial,
 * which is the defaults. docs/math.md (152) */
static int choose(cli_search *self) {
    const size_t n = self->request->n_trials;
    double *score_and_cost = calloc(n, 2 * sizeof *score_and_cost);
    if (score_and_cost == NULL) {
        return cli_no_memory();
    }
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        const bool is_last = self->results[i].n_rungs == self->ladder.n_rungs;
        score_and_cost[i] = is_last ? self->results[i].score : (double)INFINITY;
        score_and_cost[n + i] = (double)self->trials[i].n_parameters;
        best = score_and_cost[i] < score_and_cost[best] ? i : best;
    }
    const cli_score *of_best = &self->trials[best].score;
    self->chosen = dsc_tune_choose(score_and_cost, score_and_cost + n, n,
                                   self->request->is_one_error ? of_best->error
                                                               : margin_share * of_best->value,
                                   score_and_cost[0]);
    free(score_and_cost);
    if (self->chosen == n) {
        const dsc_error *last = &self->last_failure;
        return cli_fail_at(CLI_FAILED, NULL,
                           "none of the trials can be trained on these ratings%s%s%s%s",
                           last->code != DSC_OK ? "; the last: " : "", last->where,
                           last->where[0] != '\0' ? ": " : "", last->message);
    }
    return CLI_GO_ON;
}

int cli_search_run(cli_search *self) {
    dsc_error err = {0};
    const dsc_objective objective = {score, goes_on, self};
    self->work_in_all = work_of(self);
    self->exit_status = CLI_GO_ON;
    cli_progress_begin(&self->progress, self->request->is_quiet);
    const dsc_status status = dsc_halving_run(&self->ladder, &objective, self->results, &err);
    cli_progress_end(&self->progress);
    if (status == DSC_E_CANCELLED) {
        return cli_fail_at(CLI_INTERRUPTED, NULL,
                           "interrupted; %zu measurements are in %s, and the same command goes on "
                           "from there",
                           self->journal.n, self->journal.path);
    }
    if (self->exit_status != CLI_GO_ON) {
        return self->exit_status;
    }
    return status != DSC_OK ? cli_fail(&err) : choose(self);
}
