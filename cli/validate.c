/* descent validate: trains on a part of the ratings and assesses the model by the rest.
 *
 * The trainer is handed the first part alone, as ratings of their own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "progress.h"
#include "split_options.h"
#include "train_options.h"
#include "validate_report.h"

typedef struct request {
    cli_train_request train;
    cli_split_request split;
    cli_assess_request assess;
} request;

static int train(const request *self, const dsc_ratings *ratings, size_t k, size_t n_folds,
                 dsc_recommender **out) {
    dsc_error err;
    cli_progress progress;
    cli_progress_begin(&progress, self->train.is_quiet);
    if (n_folds > 1 && progress.mode == CLI_PROGRESS_LINES) {
        progress.mode = CLI_PROGRESS_NONE; /* a line a fold is enough */
    }
    cli_train_request settled = self->train;
    cli_train_settle(&settled, dsc_ratings_by_user(ratings).n_entries);
    const dsc_status status =
        dsc_recommender_train(out, ratings, &settled.config, cli_progress_watch, &progress, &err);
    cli_progress_end(&progress);
    if (status == DSC_E_CANCELLED) {
        return n_folds > 1 ? cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted in fold %zu of %zu",
                                         k + 1, n_folds)
                           : cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted");
    }
    if (status != DSC_OK && n_folds > 1) {
        cli_note("fold %zu of %zu failed", k + 1, n_folds);
    }
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

static int run_fold(const request *self, const dsc_ratings *part, const dsc_ratings *test, size_t k,
                    cli_folds *folds) {
    cli_fold *fold = &folds->fold[k];
    dsc_recommender *model = NULL;
    fold->n_train = dsc_ratings_by_user(part).n_entries;
    fold->n_test = dsc_ratings_by_user(test).n_entries;
    if (!self->train.is_quiet) {
        if (folds->n > 1) {
            fprintf(stderr, "Fold %zu of %zu: ", k + 1, folds->n);
        }
        fprintf(stderr, "%zu ratings to learn from, %zu to test\n", fold->n_train, fold->n_test);
    }
    int status = train(self, part, k, folds->n, &model);
    if (status == CLI_GO_ON) {
        const cli_assessed what = {
            .model = model, .test = test, .name = cli_input_name(self->train.ratings_path)};
        status = cli_assess(&self->assess, &what, self->train.is_quiet, &fold->assessment);
    }
    dsc_recommender_destroy(model);
    return status;
}

static int run_all(const request *self, const dsc_ratings *ratings, const uint32_t *split,
                   cli_folds *folds) {
    int status = CLI_GO_ON;
    for (size_t k = 0; k < folds->n && status == CLI_GO_ON; k++) {
        dsc_error err;
        dsc_ratings *part = NULL, *test = NULL;
        if (dsc_ratings_part(&part, ratings, split, (uint32_t)k, false, &err) != DSC_OK ||
            dsc_ratings_part(&test, ratings, split, (uint32_t)k, true, &err) != DSC_OK) {
            status = cli_fail(&err);
        } else {
            status = run_fold(self, part, test, k, folds);
        }
        dsc_ratings_destroy(part);
        dsc_ratings_destroy(test);
    }
    return status;
}

static int validate(const request *self, const dsc_ratings *ratings) {
    cli_folds folds = {.plan = cli_split_plan(&self->split, self->train.config.seed)};
    dsc_error err;
    folds.n = dsc_split_plan_count(&folds.plan);
    folds.fold = calloc(folds.n, sizeof *folds.fold);
    uint32_t *split = calloc(dsc_ratings_by_user(ratings).n_entries, sizeof *split);
    if (folds.fold == NULL || split == NULL) {
        free(folds.fold);
        free(split);
        return cli_no_memory();
    }
    int status = CLI_GO_ON;
    if (dsc_ratings_assign(ratings, &folds.plan, split, &err) != DSC_OK) {
        status = cli_fail(&err);
    }
    if (status == CLI_GO_ON) {
        status = run_all(self, ratings, split, &folds);
    }
    if (status == CLI_GO_ON) {
        status = cli_print_folds(&folds, &self->train.form);
    }
    free(folds.fold);
    free(split);
    return status;
}

static int check(request *self) {
    int status = cli_split_check("validate", &self->split);
    if (status == CLI_GO_ON) {
        status = cli_assess_check("validate", &self->assess, &self->train.reading);
    }
    if (status == CLI_GO_ON && !isnan(self->assess.level) &&
        self->split.protocol == DSC_PROTOCOL_FOLDS) {
        status = cli_usage_error("validate", "--confidence",
                                 "belongs to a single split; folds have a deviation");
    }
    return status == CLI_GO_ON ? cli_form_check("validate", &self->train.form) : status;
}

static int parse(request *self, int argc, char **argv) {
    cli_option split_options[CLI_N_SPLIT_OPTIONS];
    cli_option assess_options[CLI_N_ASSESS_OPTIONS];
    cli_split_options(&self->split, split_options);
    cli_assess_options(&self->assess, 0, assess_options);
    const cli_option_group more[] = {
        {"Splitting", split_options, CLI_COUNT(split_options)},
        {"Measures", assess_options, CLI_COUNT(assess_options)},
    };
    const cli_train_use use = {
        .command = "validate",
        .summary = "Tells how good models of these ratings are: trains on a part of them, which is "
                   "all that the trainer sees, and measures the model by the rest, as descent "
                   "evaluate does, beside simple baselines. Nothing is saved.",
        .ratings_help = "all ratings, one a line: user, item, rating and, if there is one, time; "
                        "plain, gzip or zstd; - is standard input",
        .has_csv = true,
        .more = more,
        .n_more = CLI_COUNT(more),
        .notes = "Examples:\n"
                 "  descent validate ratings.csv\n"
                 "  descent validate ratings.csv --protocol folds --folds 10\n"
                 "  descent validate ratings.csv --protocol leave-one-out --ranking --top 10\n",
    };
    int status = cli_train_parse(&self->train, &use, argc, argv);
    return status == CLI_GO_ON ? check(self) : status;
}

int cli_validate(int argc, char **argv) {
    request self = {.split = cli_split_default(), .assess = cli_assess_default()};
    dsc_ratings *ratings = NULL;
    int status = parse(&self, argc, argv);
    if (status == CLI_GO_ON) {
        self.assess.seed = self.train.config.seed;
        self.assess.threads = self.train.threads;
        status = cli_read_ratings(&ratings, self.train.ratings_path, &self.train.reading,
                                  self.train.is_quiet);
    }
    if (status == CLI_GO_ON) {
        status = validate(&self, ratings);
    }
    dsc_ratings_destroy(ratings);
    return status;
}
