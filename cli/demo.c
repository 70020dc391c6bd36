/* descent demo: plants tastes, lets a recommender find them, and shows how well it did. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chart.h"
#include "command.h"
#include "computing.h"
#include "demo_data.h"
#include "demo_files.h"
#include "demo_report.h"
#include "descent/recommender.h"
#include "options.h"
#include "output.h"
#include "progress.h"

typedef struct options {
    const char *directory;
    uint64_t seed;
} options;

/* A trial of a strength of L2: what its epochs did to the errors. */
typedef struct trial {
    double scale;
    double rmse; /* of its last epoch so far, on the held-out ratings */
    cli_curve curve;
} trial;

/* Everything the demonstration makes, freed at its end. */
typedef struct demo {
    const options *options;
    cli_demo_files files;
    cli_demo_data *data;
    dsc_ratings *ratings;
    dsc_ratings *test;
    dsc_recommender *model;
    dsc_scorer *scorer;
    cli_progress progress;
    size_t n_trials;
    trial running;
    trial best;
    double elapsed_s;
} demo;

static int write_text(demo *self, cli_demo_file file) {
    dsc_error err;
    const char *path = self->files.path[file];
    dsc_status status = file == CLI_DEMO_TITLES_FILE
                            ? cli_demo_write_titles(self->data, path, &err)
                            : cli_demo_write_ratings(self->data, file == CLI_DEMO_TEST, path, &err);
    return status == DSC_OK ? cli_demo_files_note(&self->files, file) : cli_fail(&err);
}

static int make_files(demo *self) {
    static const cli_demo_file texts[] = {CLI_DEMO_RATINGS, CLI_DEMO_TEST, CLI_DEMO_TITLES_FILE};
    self->data = cli_demo_data_create(self->options->seed);
    if (self->data == NULL) {
        return cli_no_memory();
    }
    int status = CLI_DONE;
    for (size_t i = 0; i < CLI_COUNT(texts) && status == CLI_DONE; i++) {
        status = write_text(self, texts[i]);
    }
    if (status != CLI_DONE) {
        return status;
    }
    printf("1. Planting tastes\n"
           "%d users rate %d titles of %d genres. Most users are fans of one genre, like a\n"
           "second and dislike a third; some users are milder than others, some titles better.\n"
           "Noise with a standard deviation of %.1f stars lies over all of it, and ratings are\n"
           "whole or half stars from 0.5 to 5.\n"
           "  %-26s %zu ratings to learn from\n"
           "  %-26s %zu ratings that the model never sees\n"
           "  %-26s titles and genres, which the model never sees either\n\n",
           CLI_DEMO_USERS, CLI_DEMO_ITEMS, CLI_DEMO_GENRES, CLI_DEMO_NOISE,
           self->files.path[CLI_DEMO_RATINGS], self->data->n_ratings - self->data->n_test,
           self->files.path[CLI_DEMO_TEST], self->data->n_test,
           self->files.path[CLI_DEMO_TITLES_FILE]);
    return CLI_DONE;
}

/* What the trials are for is chosen as here. */
static void keep_better_trial(demo *self) {
    if (self->n_trials > 0 && (self->best.curve.n == 0 || self->running.rmse < self->best.rmse)) {
        self->best = self->running;
    }
}

static void record_epoch(demo *self, const dsc_training_progress *now) {
    cli_curve *curve = &self->running.curve;
    if (now->trial != self->n_trials) {
        keep_better_trial(self);
        curve->n = 0;
        self->n_trials = now->trial;
        self->running.scale = now->trial_scale;
    }
    self->running.rmse = now->validation_rmse;
    if (curve->n < CLI_CHART_EPOCHS) {
        curve->training[curve->n] = now->train_rmse;
        curve->validation[curve->n] = now->validation_rmse;
        curve->n++;
    }
}

static bool watch(const dsc_training_progress *now, void *user) {
    demo *self = user;
    if (now->is_epoch_end && now->trial > 0) {
        record_epoch(self, now);
    }
    self->elapsed_s = now->elapsed_s;
    return cli_progress_watch(now, &self->progress);
}

static int train(demo *self) {
    dsc_error err;
    if (dsc_ratings_read(&self->ratings, self->files.path[CLI_DEMO_RATINGS], NULL, NULL, &err) !=
        DSC_OK) {
        return cli_fail(&err);
    }
    dsc_recommender_config config =
        dsc_recommender_config_of(DSC_FORM_HISTORIES, dsc_ratings_by_user(self->ratings).n_entries);
    config.seed = self->options->seed;
    printf("2. Training, as this command does it:\n"
           "  %s train %s -o %s --seed %" PRIu64 "\n",
           program_invocation_name, self->files.path[CLI_DEMO_RATINGS],
           self->files.path[CLI_DEMO_MODEL], config.seed);
    int written = cli_flush_stdout(); /* training for nobody to see would be a waste */
    if (written != CLI_DONE) {
        return written;
    }
    cli_progress_begin(&self->progress, false);
    if (self->progress.mode == CLI_PROGRESS_LINES) {
        cli_progress_clear(&self->progress); /* the chart will say it better */
    }
    dsc_status trained =
        dsc_recommender_train(&self->model, self->ratings, &config, watch, self, &err);
    cli_progress_clear(&self->progress);
    keep_better_trial(self);
    bool is_good =
        trained == DSC_OK &&
        dsc_recommender_save(self->model, self->files.path[CLI_DEMO_MODEL], &err) == DSC_OK;
    cli_progress_end(&self->progress);
    if (trained == DSC_E_CANCELLED) {
        return cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted");
    }
    return is_good ? cli_demo_files_note(&self->files, CLI_DEMO_MODEL) : cli_fail(&err);
}

static int show_errors(const demo *self) {
    dsc_error err;
    dsc_evaluation evaluation;
    if (dsc_recommender_evaluate(self->model, self->test, NULL, &evaluation, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    dsc_recommender_info info;
    dsc_recommender_get_info(self->model, &info);
    const cli_level levels[] = {
        {"biases", evaluation.biases.rmse},
        {"best possible", cli_demo_best_rmse(self->data)},
    };
    printf("%zu trials held a tenth of the ratings out and chose %g times the usual L2; then came\n"
           "%zu epochs on all ratings, all of it in %.1f s. The best trial, epoch by epoch:\n\n",
           self->n_trials, self->best.scale, info.n_epochs, self->elapsed_s);
    cli_chart_print(&self->best.curve, levels, CLI_COUNT(levels));
    printf("\n3. Errors on the %zu ratings it has never seen\n", evaluation.n_pairs);
    int status = cli_demo_print_errors(&evaluation, self->data);
    double possible = evaluation.biases.rmse - levels[1].value;
    printf("Of what tastes can explain beyond the biases, the model found %.0f %%.\n\n",
           100 * (evaluation.biases.rmse - evaluation.model.rmse) / possible);
    return status;
}

static void print_next_steps(const demo *self) {
    const char *model = self->files.path[CLI_DEMO_MODEL];
    const char *program = program_invocation_name; /* as it was called, so that it can be again */
    printf("Go on with\n"
           "  %s recommend %s --user %s --items %s\n"
           "  %s predict %s --user %s --item %s\n"
           "  %s evaluate %s %s\n"
           "  %s inspect %s\n",
           program, model, self->data->user_name[CLI_DEMO_USERS - 1],
           self->files.path[CLI_DEMO_TITLES_FILE], program, model, self->data->user_name[0],
           self->data->item_name[CLI_DEMO_ITEMS - 1], program, model,
           self->files.path[CLI_DEMO_TEST], program, model);
}

static int run(demo *self) {
    dsc_error err;
    /* Two fans whose tastes could hardly differ more: of science fiction and of romance. */
    static const size_t shown_users[] = {6, CLI_DEMO_FANS + 11};
    int status = cli_demo_files_begin(&self->files, self->options->directory);
    if (status == CLI_DONE) {
        status = make_files(self);
    }
    if (status == CLI_DONE) {
        status = train(self);
    }
    if (status != CLI_DONE) {
        return status;
    }
    if (dsc_ratings_read(&self->test, self->files.path[CLI_DEMO_TEST], NULL, NULL, &err) !=
            DSC_OK ||
        dsc_scorer_create(&self->scorer, self->model, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    status = show_errors(self);
    if (status != CLI_DONE) {
        return status;
    }
    printf("4. Two users\n");
    for (size_t i = 0; i < CLI_COUNT(shown_users) && status == CLI_DONE; i++) {
        status = cli_demo_print_user(self->data, self->model, self->scorer, shown_users[i]);
    }
    if (status == CLI_DONE) {
        print_next_steps(self);
    }
    return status;
}

static int parse(options *self, int argc, char **argv) {
    const cli_option demo_options[] = {
        {.type = CLI_STRING,
         .name = "directory",
         .letter = 'd',
         .value = "DIR",
         .help = "where to write the files; made when it is missing, and files in it that "
                 "are not the demonstration's own are kept",
         .target = &self->directory},
        {.type = CLI_WHOLE,
         .name = "seed",
         .letter = 's',
         .help = "start of all randomness: another seed plants other tastes",
         .target = &self->seed},
    };
    const cli_option_group groups[] = {{"Options", demo_options, CLI_COUNT(demo_options)},
                                       CLI_COMPUTING_GROUP};
    const cli_syntax syntax = {
        .command = "demo",
        .summary = "Makes ratings with planted tastes, trains a recommender on a part of them and "
                   "shows how much of the tastes it found: the learning curve, the error beside "
                   "baselines and the best possible one, and the top tens of two users. Takes "
                   "seconds.",
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
    };
    return cli_parse(&syntax, argc, argv);
}

int cli_demo(int argc, char **argv) {
    options given = {.directory = "demo", .seed = 1};
    int status = parse(&given, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    demo self = {.options = &given};
    status = run(&self);
    dsc_scorer_destroy(self.scorer);
    dsc_recommender_destroy(self.model);
    dsc_ratings_destroy(self.test);
    dsc_ratings_destroy(self.ratings);
    free(self.data);
    return status;
}
