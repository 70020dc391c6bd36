/* Assessing a model by test ratings: options, the run with its progress, what must be said of it. */
#include "assess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model.h"
#include "progress.h"

/* A ranking that is over before this shows nothing, and a longer one draws no more often. */
#define REDRAW_S 0.5

enum { USUAL_CUTOFF = 10, N_RESAMPLES = 1000 };

static const char *const baseline_names[] = {
    [CLI_ALL_BASELINES] = "all", [CLI_FAST_BASELINES] = "fast", NULL};

cli_assess_request cli_assess_default(void) {
    return (cli_assess_request){.relevant = (double)NAN,
                                .n_negatives = (size_t)CLI_NOT_GIVEN,
                                .level = (double)NAN,
                                .seed = 1,
                                .threads = CLI_NOT_GIVEN};
}

void cli_assess_options(cli_assess_request *request, char letter,
                        cli_option out[CLI_N_ASSESS_OPTIONS]) {
    const cli_option rows[CLI_N_ASSESS_OPTIONS] = {
        {.type = CLI_FLAG,
         .name = "ranking",
         .help = "measure the lists that the model recommends, not the errors of its ratings: hit "
                 "rate, precision, recall, NDCG, MAP, MRR, AUC, coverage, Gini, novelty, diversity",
         .target = &request->is_ranking},
        {.type = CLI_LIST,
         .name = "top",
         .letter = letter,
         .value = "K[,K]",
         .help = "lengths of the lists that --ranking measures; 10 if not given",
         .target = &request->top,
         .whole_min = 1,
         .whole_max = 1000000,
         .min_length = 1,
         .max_length = CLI_MAX_LIST},
        {.type = CLI_REAL,
         .name = "relevant",
         .help = "for --ranking: a test rating of at least X makes an item relevant to the user; "
                 "the mean training rating if not given",
         .target = &request->relevant},
        {.type = CLI_SIZE,
         .name = "negatives",
         .help = "for --ranking: rank the relevant items among N others drawn for each user, and "
                 "not among all; such figures are higher, and compare with their like alone",
         .target = &request->n_negatives,
         .whole_min = 1,
         .whole_max = 1000000000},
        {.type = CLI_STRING,
         .name = "negatives-file",
         .value = "FILE",
         .help = "the same with the others given: on each line a user, or (user,item), and then "
                 "the others",
         .target = &request->negatives_path},
        {.type = CLI_REAL,
         .name = "confidence",
         .help = "add confidence intervals of this level, such as 0.95, by bootstrap over users",
         .target = &request->level,
         .interval = {.low = 0, .high = 1, .is_low_open = true, .is_high_open = true}},
        {.type = CLI_CHOICE,
         .name = "baselines",
         .help = "what stands beside the model: fast leaves out the dot product, which has to be "
                 "trained, in about a second a million ratings",
         .target = &request->baselines,
         .choices = baseline_names},
    };
    memcpy(out, rows, sizeof rows);
}

int cli_assess_check(const char *command, const cli_assess_request *request,
                     const cli_reading *reading) {
    const bool has_number = request->n_negatives != (size_t)CLI_NOT_GIVEN;
    const struct {
        bool is_given;
        const char *option;
    } of_ranking[] = {
        {request->top.n > 0, "--top"},
        {!isnan(request->relevant), "--relevant"},
        {has_number, "--negatives"},
        {request->negatives_path != NULL, "--negatives-file"},
    };
    for (size_t i = 0; i < CLI_COUNT(of_ranking) && !request->is_ranking; i++) {
        if (of_ranking[i].is_given) {
            return cli_usage_error(command, of_ranking[i].option, "belongs to --ranking");
        }
    }
    if (cli_reading_is_implicit(reading) && !request->is_ranking) {
        return cli_usage_error(command, reading->lists ? "--lists" : "--implicit",
                               "such a file has no ratings to predict; --ranking measures lists by "
                               "it");
    }
    if (cli_reading_is_implicit(reading) && !isnan(request->relevant)) {
        return cli_usage_error(command, "--relevant",
                               "belongs to ratings; under %s every item is relevant to its user",
                               reading->lists ? "--lists" : "--implicit");
    }
    if (has_number && request->negatives_path != NULL) {
        return cli_usage_error(command, "--negatives, --negatives-file",
                               "only one of them can be used at a time");
    }
    return CLI_GO_ON;
}

/* --- running ------------------------------------------------------------------------------- */

typedef struct watch {
    cli_progress signals;
    bool is_shown;
    bool is_drawn;
    double drawn_at_s;
} watch;

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool watch_users(size_t n_done, size_t n_users, void *user) {
    watch *self = user;
    const double now = self->is_shown ? now_s() : 0;
    if (self->is_shown && now - self->drawn_at_s >= REDRAW_S) {
        self->drawn_at_s = now;
        self->is_drawn = true;
        fprintf(stderr, "\rranked for user %zu of %zu\033[K", n_done, n_users);
    }
    return !cli_progress_is_interrupted();
}

static bool watch_dot(const dsc_training_progress *progress, void *user) {
    watch *self = user;
    if (self->is_shown && progress->elapsed_s - self->drawn_at_s >= REDRAW_S) {
        self->drawn_at_s = progress->elapsed_s;
        self->is_drawn = true;
        fprintf(stderr, "\rtrained a dot product to compare with: epoch %zu of %zu\033[K",
                progress->epoch, progress->max_epochs);
    }
    return !cli_progress_is_interrupted();
}

static void end_watch(watch *self) {
    if (self->is_drawn) {
        fputs("\r\033[K", stderr);
    }
    cli_progress_end(&self->signals);
}

/* *out stays NULL where all ratings are equal: there is nothing that a dot product could learn. */
static int train_dot(const dsc_recommender *model, size_t n_threads, bool is_quiet,
                     dsc_recommender **out) {
    dsc_error err;
    dsc_recommender_info info;
    watch self = {.is_shown = !is_quiet && isatty(STDERR_FILENO) == 1};
    dsc_recommender_get_info(model, &info);
    if (!(info.min < info.max)) {
        return CLI_GO_ON;
    }
    cli_progress_begin(&self.signals, true);
    const dsc_status status =
        dsc_recommender_train_dot(out, model, n_threads, watch_dot, &self, &err);
    end_watch(&self);
    if (status == DSC_E_CANCELLED) {
        return cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted");
    }
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

static size_t threads_of(const cli_assess_request *request) {
    return request->threads != CLI_NOT_GIVEN ? (size_t)request->threads : 0;
}

/* What is assessed, by what and beside what. */
typedef struct assessed {
    const dsc_recommender *model;
    const dsc_recommender *dot; /* NULL: none */
    const dsc_ratings *test;
    const dsc_test_sides *sides;     /* of the model; NULL: nobody came after training */
    const dsc_test_sides *dot_sides; /* of the dot product; NULL: likewise, or there is none */
    const dsc_bootstrap *bootstrap;  /* NULL: none */
} assessed;

static int rank(const assessed *what, dsc_ranking_plan *plan, bool is_quiet,
                dsc_ranking_evaluation *out) {
    dsc_error err;
    watch self = {.is_shown = !is_quiet && isatty(STDERR_FILENO) == 1, .drawn_at_s = now_s()};
    plan->watcher = watch_users;
    plan->user = &self;
    cli_progress_begin(&self.signals, true);
    const dsc_status status = dsc_recommender_rank(what->model, what->test, plan, out, &err);
    end_watch(&self);
    if (status == DSC_E_CANCELLED) {
        return cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted");
    }
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

/* Where all ratings are equal every one is relevant, however the mean was rounded; and so is every
 * interaction. */
static double usual_relevance(const dsc_recommender *model) {
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    if (info.config.is_implicit) {
        return -INFINITY;
    }
    return info.min < info.max ? info.mean : info.min;
}

static int assess_errors(const assessed *what, cli_assessment *out) {
    dsc_error err;
    dsc_evaluation of_dot;
    dsc_error_plan plan = {
        .sides = what->sides, .bootstrap = what->bootstrap, .n_threads = threads_of(out->request)};
    if (dsc_recommender_evaluate_by(what->model, what->test, &plan, &out->errors, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (what->dot != NULL) {
        plan.sides = what->dot_sides;
        if (dsc_recommender_evaluate_by(what->dot, what->test, &plan, &of_dot, &err) != DSC_OK) {
            return cli_fail(&err);
        }
        out->dot = of_dot.model;
    }
    return CLI_GO_ON;
}

static int assess_ranking(const assessed *what, bool is_quiet, cli_assessment *out) {
    const cli_assess_request *request = out->request;
    dsc_error err;
    dsc_negatives *given = NULL;
    out->n_k = request->top.n > 0 ? request->top.n : 1;
    out->k[0] = USUAL_CUTOFF;
    memcpy(out->k, request->top.values, request->top.n * sizeof *out->k);
    const bool is_of_scores = isnan(request->relevant) && cli_has_scores(what->model);
    out->is_implicit = is_of_scores || dsc_ratings_feedback(what->test) == DSC_FEEDBACK_IMPLICIT;
    out->is_min_mean = !out->is_implicit && isnan(request->relevant);
    out->min_relevant =
        out->is_min_mean || is_of_scores ? usual_relevance(what->model) : request->relevant;
    if (request->negatives_path != NULL &&
        dsc_negatives_read(&given, request->negatives_path, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    const bool has_number = request->n_negatives != (size_t)CLI_NOT_GIVEN;
    dsc_ranking_plan plan = {.k = out->k,
                             .n_k = out->n_k,
                             .min_relevant = out->min_relevant,
                             .n_negatives = has_number ? request->n_negatives : 0,
                             .given = given,
                             .seed = request->seed,
                             .n_threads = threads_of(request),
                             .bootstrap = what->bootstrap,
                             .dot = what->dot,
                             .sides = what->sides,
                             .dot_sides = what->dot_sides};
    const int status = rank(what, &plan, is_quiet, &out->ranking);
    dsc_negatives_destroy(given);
    return status;
}

static void say_oddities(const cli_assessment *found, const cli_assessed *what) {
    const char *trained = what->guests != NULL ? "trained on or given" : "trained on";
    if (found->request->baselines == CLI_ALL_BASELINES && !found->has_dot && !found->has_scores) {
        cli_note(
            "all training ratings are equal: a dot product has nothing to learn from them, and "
            "is not among the baselines");
    }
    const dsc_ranking_evaluation *ranking = &found->ranking;
    if (!found->request->is_ranking && found->errors.n_seen_pairs > 0) {
        cli_note("%s: the model was %s %zu of these %zu pairs, so that its errors look smaller "
                 "than they are",
                 what->name, trained, found->errors.n_seen_pairs, found->errors.n_pairs);
    }
    if (found->request->is_ranking && ranking->n_seen_pairs > 0) {
        cli_note("%s: the model was %s %zu of these pairs; they are not ranked", what->name,
                 trained, ranking->n_seen_pairs);
    }
    if (found->request->is_ranking && ranking->n_dropped > 0) {
        cli_note("%s: %zu negatives are items that their user is tested with or rated in "
                 "training; they are left out",
                 cli_input_name(found->request->negatives_path), ranking->n_dropped);
    }
}

/* Sides for the model and for the dot product, which folds in the same ratings for itself. */
typedef struct newcomers {
    cli_guests *of_dot;
    dsc_side *users[2], *items[2]; /* of the model, of the dot product */
    dsc_test_sides sides[2];       /* views of them */
} newcomers;

static int make_sides(newcomers *self, const cli_assessed *what, const dsc_recommender *dot,
                      size_t threads) {
    int status =
        cli_guests_sides(what->guests, what->test, threads, &self->users[0], &self->items[0]);
    if (status == CLI_GO_ON && dot != NULL) {
        status = cli_guests_of_other(&self->of_dot, what->guests, dot);
    }
    if (status == CLI_GO_ON && dot != NULL) {
        status =
            cli_guests_sides(self->of_dot, what->test, threads, &self->users[1], &self->items[1]);
    }
    for (size_t i = 0; i < 2; i++) {
        self->sides[i] = (dsc_test_sides){self->users[i], self->items[i]};
    }
    return status;
}

static void clear_sides(newcomers *self) {
    for (size_t i = 0; i < 2; i++) {
        free(self->users[i]);
        free(self->items[i]);
    }
    cli_guests_close(self->of_dot);
}

int cli_assess(const cli_assess_request *request, const cli_assessed *what, bool is_quiet,
               cli_assessment *out) {
    const dsc_bootstrap asked = {
        .level = request->level, .n_resamples = N_RESAMPLES, .seed = request->seed};
    dsc_recommender *dot = NULL;
    newcomers later = {0};
    int status = CLI_GO_ON;
    *out = (cli_assessment){.request = request};
    if (!request->is_ranking && cli_has_scores(what->model)) {
        return cli_fail_at(CLI_FAILED, NULL,
                           "the model was trained on interactions: it has scores to rank by, not "
                           "ratings; use --ranking");
    }
    out->has_scores = cli_has_scores(what->model);
    if (request->baselines == CLI_ALL_BASELINES && !out->has_scores) {
        status = train_dot(what->model, threads_of(request), is_quiet, &dot);
    }
    out->has_dot = status == CLI_GO_ON && dot != NULL;
    if (status == CLI_GO_ON && what->guests != NULL) {
        status = make_sides(&later, what, dot, threads_of(request));
    }
    if (status == CLI_GO_ON) {
        const bool has_guests = what->guests != NULL;
        const assessed all = {.model = what->model,
                              .dot = dot,
                              .test = what->test,
                              .sides = has_guests ? &later.sides[0] : NULL,
                              .dot_sides = has_guests && dot != NULL ? &later.sides[1] : NULL,
                              .bootstrap = isnan(request->level) ? NULL : &asked};
        status =
            request->is_ranking ? assess_ranking(&all, is_quiet, out) : assess_errors(&all, out);
    }
    clear_sides(&later);
    dsc_recommender_destroy(dot);
    if (status == CLI_GO_ON) {
        say_oddities(out, what);
    }
    return status;
}
