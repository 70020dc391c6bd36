/* descent blend: from a ratings file to a model that is the weighted mean of several. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "blend_members.h"
#include "blend_report.h"
#include "command.h"
#include "computing.h"
#include "destination.h"
#include "output.h"
#include "progress.h"
#include "reading.h"

typedef struct options {
    const char *ratings_path;
    const char *model_path;
    cli_texts members;
    bool is_equal;
    double holdout;   /* NAN: not given */
    uint64_t folds;   /* CLI_NOT_GIVEN */
    uint64_t threads; /* likewise: as many as there are processors */
    uint64_t seed;
    cli_reading reading;
    cli_form form; /* is_json alone */
    bool is_quiet;
} options;

static const double usual_holdout = 0.1;

enum { MAX_FOLDS = 1000, MAX_THREADS = 1024 };

typedef struct run {
    cli_progress progress;
    double elapsed_s;
    size_t n_ended;
} run;

static void print_end(const dsc_blend_progress *now) {
    fprintf(stderr, "training %zu of %zu: member %zu has ended, %.1f s\n", now->n_ended,
            now->n_trainings, now->member + 1, now->elapsed_s);
}

static bool watch(const dsc_blend_progress *now, void *user) {
    run *self = user;
    self->elapsed_s = now->elapsed_s;
    self->n_ended = now->n_ended;
    if (self->progress.mode == CLI_PROGRESS_LINES && now->is_training_end) {
        print_end(now);
    }
    if (cli_progress_is_due(&self->progress, now->elapsed_s)) {
        const size_t current = now->n_ended + (now->n_ended < now->n_trainings);
        cli_progress_draw(&self->progress, &(cli_progress_state){.unit = "training",
                                                                 .is_bar_of_run = true,
                                                                 .epoch = current,
                                                                 .max_epochs = now->n_trainings,
                                                                 .epochs_done = now->ended,
                                                                 .elapsed_s = now->elapsed_s,
                                                                 .best = NAN});
    }
    return !cli_progress_is_interrupted();
}

static int save(const options *self, const cli_blended *done) {
    dsc_error err;
    if (dsc_recommender_save(done->blend, self->model_path, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (!self->is_quiet) {
        cli_blended_print(done);
    }
    return self->form.is_json ? cli_blended_print_json(done) : CLI_DONE;
}

static int blend(const options *self, const cli_members *members, const dsc_ratings *ratings) {
    static const double equal[DSC_MAX_MEMBERS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const double *given = !isnan(members->weight[0]) ? members->weight : NULL;
    const dsc_blend_config config = {
        .n_members = members->n,
        .members = members->config,
        .weights = self->is_equal ? equal : given,
        .holdout = isnan(self->holdout) ? usual_holdout : self->holdout,
        .n_folds = self->folds == CLI_NOT_GIVEN ? 1 : (uint32_t)self->folds,
        .seed = self->seed,
        .n_threads = self->threads == CLI_NOT_GIVEN ? 0 : (size_t)self->threads};
    dsc_error err;
    dsc_blend_report report;
    dsc_recommender *model = NULL;
    run r = {.elapsed_s = 0};
    cli_progress_begin(&r.progress, self->is_quiet);
    const dsc_status trained = dsc_blend_train(&model, ratings, &config, watch, &r, &report, &err);
    cli_progress_clear(&r.progress);
    int status;
    if (trained == DSC_E_CANCELLED) {
        status = cli_fail_at(CLI_INTERRUPTED, NULL,
                             "interrupted after %zu trainings; nothing was saved", r.n_ended);
    } else if (trained != DSC_OK) {
        status = cli_fail(&err);
    } else {
        status = save(self, &(cli_blended){.blend = model,
                                           .report = &report,
                                           .n_members = members->n,
                                           .config = members->config,
                                           .path = self->model_path,
                                           .elapsed_s = r.elapsed_s});
    }
    cli_progress_end(&r.progress);
    dsc_recommender_destroy(model);
    return status;
}

/* --- the command line ------------------------------------------------------------------------- */

/* An option must not be given in vain. */
static int check(const options *self, const cli_members *members) {
    const bool has_weights = members->n > 0 && !isnan(members->weight[0]);
    const char *const fixed = has_weights ? "members without weights" : "weights that are found";
    if (cli_reading_is_implicit(&self->reading)) {
        return cli_usage_error(
            "blend", self->reading.lists ? "--lists" : "--implicit",
            "blends are of models of ratings; train, validate, split and evaluate take such files");
    }
    if (self->is_equal && has_weights) {
        return cli_usage_error("blend", "--equal", "the members have weights already");
    }
    if (!isnan(self->holdout) && self->folds != CLI_NOT_GIVEN) {
        return cli_usage_error("blend", "--holdout",
                               "belongs to a single split; with --folds all ratings are held out "
                               "in turn");
    }
    if ((self->is_equal || has_weights) && !isnan(self->holdout)) {
        return cli_usage_error("blend", "--holdout", "belongs to %s", fixed);
    }
    if ((self->is_equal || has_weights) && self->folds != CLI_NOT_GIVEN) {
        return cli_usage_error("blend", "--folds", "belongs to %s", fixed);
    }
    return CLI_GO_ON;
}

enum { N_BLEND = 7 };

static void fill_options(options *self, cli_option out[N_BLEND]) {
    const cli_option rows[N_BLEND] = {
        {.type = CLI_STRING,
         .name = "output",
         .letter = 'o',
         .value = "MODEL",
         .help = "the file to write the model to, such as model.safetensors",
         .target = &self->model_path,
         .is_required = true},
        {.type = CLI_TEXTS,
         .name = "member",
         .letter = 'm',
         .value = "SETTINGS",
         .help = "a member: options of descent train without their dashes, as in \"form=dot "
                 "factors=20 no-biases\", and a weight if it is not to be found; to be given once "
                 "for each, up to 16; without it a set that is good in general",
         .target = &self->members},
        {.type = CLI_FLAG,
         .name = "equal",
         .help = "give all members the same weight and hold nothing out",
         .target = &self->is_equal},
        {.type = CLI_REAL,
         .name = "holdout",
         .help = "the share of the ratings that is held out to find the weights; 0.1 if not given",
         .target = &self->holdout,
         .interval = {.low = 0, .high = 1, .is_low_open = true, .is_high_open = true}},
        {.type = CLI_WHOLE,
         .name = "folds",
         .help = "hold all ratings out in turn, in so many parts: surer weights, and as many "
                 "trainings of each member",
         .target = &self->folds,
         .whole_min = 2,
         .whole_max = MAX_FOLDS},
        {.type = CLI_WHOLE,
         .name = "threads",
         .help = "trainings at the same time, which changes no result; 0, or not given: as many as "
                 "there are processors",
         .target = &self->threads,
         .whole_max = MAX_THREADS},
        {.type = CLI_WHOLE,
         .name = "seed",
         .letter = 's',
         .help = "start of all randomness, and the first member's seed: the next one has the next, "
                 "unless it names its own",
         .target = &self->seed},
    };
    for (size_t i = 0; i < N_BLEND; i++) {
        out[i] = rows[i];
    }
}

static int parse(options *self, int argc, char **argv) {
    cli_option blend_options[N_BLEND];
    cli_option reading_options[CLI_N_READING_OPTIONS];
    fill_options(self, blend_options);
    cli_reading_options(&self->reading, reading_options);
    const cli_option output_options[] = {CLI_JSON_OPTION(self->form),
                                         CLI_QUIET_OPTION(self->is_quiet)};
    const cli_option_group groups[] = {
        {"Blend", blend_options, N_BLEND},
        {"Reading", reading_options, CLI_N_READING_OPTIONS},
        CLI_COMPUTING_GROUP,
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {
        {"RATINGS",
         "the ratings, one a line: user, item, rating and, if there is one, time; plain, gzip or "
         "zstd; - is standard input",
         &self->ratings_path, false},
    };
    const cli_syntax syntax = {
        .command = "blend",
        .summary =
            "Trains several models of these ratings and writes their weighted mean to MODEL, which "
            "is more accurate than each of them as a rule, and used like any other model. The "
            "weights are "
            "those that predict held-out ratings best; then the members are trained on all "
            "ratings. Members that do not help are left away. Ctrl-C ends it without a model.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent blend ratings.csv -o model.safetensors\n"
                 "  descent blend u.data -o model.safetensors --folds 5 \\\n"
                 "    --member \"form=histories factors=20\" --member form=perceptron\n",
    };
    return cli_parse(&syntax, argc, argv);
}

int cli_blend(int argc, char **argv) {
    options self = {.holdout = NAN, .folds = CLI_NOT_GIVEN, .threads = CLI_NOT_GIVEN, .seed = 1};
    cli_members members;
    dsc_ratings *ratings = NULL;
    int status = parse(&self, argc, argv);
    if (status == CLI_GO_ON) {
        status = cli_members_parse(&members, &self.members);
    }
    if (status == CLI_GO_ON) {
        status = check(&self, &members);
    }
    if (status == CLI_GO_ON) {
        const cli_destination to = {"blend", "--output", "model", self.model_path};
        status = cli_check_destination(&to, self.ratings_path, "the file of ratings");
    }
    if (status == CLI_GO_ON) {
        self.reading.threads = self.threads == CLI_NOT_GIVEN ? 0 : (size_t)self.threads;
        status = cli_read_ratings(&ratings, self.ratings_path, &self.reading, self.is_quiet);
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    if (!self.is_quiet) {
        cli_print_summary(ratings);
    }
    cli_members_settle(&members, ratings, self.seed);
    status = blend(&self, &members, ratings);
    dsc_ratings_destroy(ratings);
    return status;
}
