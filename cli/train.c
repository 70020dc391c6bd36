/* descent train: from a ratings file to a model file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "descent/recommender.h"
#include "destination.h"
#include "output.h"
#include "progress.h"
#include "reading.h"
#include "train_options.h"

/* Of the training ratings; the model's spread is 1 where all of them are equal. */
static double deviation_of(const dsc_recommender_info *info) {
    return info->min < info->max ? info->spread : 0;
}

typedef struct run {
    cli_progress progress; /* first: what the watcher is handed */
    double elapsed_s;
    bool is_in_trials;
    double trial_rmse; /* on the held-out ratings of the trials, the lowest; NAN: no trial */
} run;

/* Of interactions, whose measures are others. */
static int print_ranking_json(const dsc_recommender_info *info, const char *path, const run *self) {
    return cli_json_print(json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "model", cli_json_text(cli_id(path)),
        "users", (json_int_t)info->n_users, "items", (json_int_t)info->n_items, "interactions",
        (json_int_t)info->n_ratings, "parameters", (json_int_t)info->n_parameters, "best_epoch",
        (json_int_t)info->best_epoch, "epochs", (json_int_t)info->n_epochs, "train_loss",
        cli_json_real(info->train_loss), "validation_ndcg", cli_json_real(info->validation_ndcg),
        "elapsed_s", cli_json_real(self->elapsed_s)));
}

static int print_json(const dsc_recommender_info *info, const char *path, const run *self) {
    if (info->config.is_implicit) {
        return print_ranking_json(info, path, self);
    }
    return cli_json_print(json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "model",
        cli_json_text(cli_id(path)), "users", (json_int_t)info->n_users, "items",
        (json_int_t)info->n_items, "ratings", (json_int_t)info->n_ratings, "parameters",
        (json_int_t)info->n_parameters, "best_epoch", (json_int_t)info->best_epoch, "epochs",
        (json_int_t)info->n_epochs, "train_rmse", cli_json_real(info->train_rmse),
        "validation_rmse", cli_json_real(info->validation_rmse), "standard_deviation",
        cli_json_real(deviation_of(info)), "trial_rmse", cli_json_real(self->trial_rmse),
        "elapsed_s", cli_json_real(self->elapsed_s)));
}

/* The error that tells most: on ratings that no training saw, if there are some. */
typedef struct judged {
    double rmse;
    const char *of;
} judged;

static judged judge(const dsc_recommender_info *info, const run *self) {
    return isfinite(info->validation_rmse) ? (judged){info->validation_rmse, "the held out ratings"}
           : isfinite(self->trial_rmse)
               ? (judged){self->trial_rmse, "the ratings held out in the trials"}
               : (judged){info->train_rmse, "the training ratings (none were held out)"};
}

/* Of interactions: a loss, and how held-out ones were ranked. */
static void print_ranking(const dsc_recommender_info *info) {
    if (isfinite(info->validation_ndcg)) {
        fprintf(stderr, "NDCG@10 on the held out interactions: %.4f; training loss: %.6g\n",
                info->validation_ndcg, info->train_loss);
    } else {
        fprintf(stderr, "Training loss: %.6g (no interactions were held out)\n", info->train_loss);
    }
}

static void print_result(const dsc_recommender_info *info, const char *path, const run *self) {
    const judged found = judge(info, self);
    fprintf(stderr, "Trained %zu parameters in %.1f s: %zu epoch%s, kept epoch %zu\n",
            info->n_parameters, self->elapsed_s, info->n_epochs, info->n_epochs == 1 ? "" : "s",
            info->best_epoch);
    if (info->config.is_implicit) {
        print_ranking(info);
    } else {
        fprintf(stderr, "RMSE on %s: %.4f; standard deviation of all ratings: %.4f\n", found.of,
                found.rmse, deviation_of(info));
    }
    fprintf(stderr, "Saved the model to %s\n", path);
}

/* The mean of all ratings has their standard deviation as its RMSE: a model must be below. */
static void warn_if_useless(const dsc_recommender_info *info, const run *self) {
    const judged found = judge(info, self);
    const double deviation = deviation_of(info);
    if (info->config.is_implicit || deviation == 0 || found.rmse < deviation) {
        return;
    }
    char advice[200];
    if (!info->config.use_lbfgs) {
        snprintf(advice, sizeof advice,
                 "try another --rate than %g (smaller where the errors of the epochs jump, larger "
                 "where they hardly move), more --epochs, or more ratings",
                 info->config.optimizer.rate);
    } else {
        snprintf(advice, sizeof advice, "%s",
                 isfinite(self->trial_rmse) ? "these ratings show no tastes that it can find"
                                            : "try another --ridge, or more ratings");
    }
    cli_note("warning: the model is no better than predicting the mean every time: its RMSE on %s "
             "is %.4f, the standard deviation of all ratings %.4f; %s",
             found.of, found.rmse, deviation, advice);
}

/* Ctrl-C: keeps what was learned beside MODEL, never over it. */
static int save_partial(const dsc_recommender *model, const char *path, const run *self) {
    if (model == NULL) {
        return cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted %s; nothing was saved",
                           self->is_in_trials ? "in the trials, before the training itself"
                                              : "before the first epoch ended");
    }
    char *partial = NULL;
    if (asprintf(&partial, "%s.partial", path) < 0) {
        return cli_no_memory();
    }
    dsc_error err;
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    int status;
    if (dsc_recommender_save(model, partial, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        status = cli_fail_at(CLI_INTERRUPTED, NULL,
                             "interrupted; the model of epoch %zu, the best so far, is in %s",
                             info.best_epoch, partial);
    }
    free(partial);
    return status;
}

static bool watch(const dsc_training_progress *now, void *user) {
    run *self = user;
    self->elapsed_s = now->elapsed_s;
    self->is_in_trials = now->trial > 0;
    self->trial_rmse = now->trial_rmse;
    return cli_progress_watch(now, &self->progress);
}

static int train(const cli_train_request *request, const dsc_ratings *ratings) {
    dsc_error err;
    dsc_recommender *model = NULL;
    run self = {.trial_rmse = NAN};
    cli_progress_begin(&self.progress, request->is_quiet);
    dsc_status trained =
        dsc_recommender_train(&model, ratings, &request->config, watch, &self, &err);
    cli_progress_clear(&self.progress);
    int status;
    if (trained == DSC_E_CANCELLED) {
        status = save_partial(model, request->model_path, &self);
    } else if (trained != DSC_OK ||
               dsc_recommender_save(model, request->model_path, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        if (!request->is_quiet) {
            print_result(&info, request->model_path, &self);
        }
        warn_if_useless(&info, &self);
        status = request->form.is_json ? print_json(&info, request->model_path, &self) : CLI_DONE;
    }
    cli_progress_end(&self.progress);
    dsc_recommender_destroy(model);
    return status;
}

int cli_train(int argc, char **argv) {
    cli_train_request request;
    int status = cli_train_parse(&request, NULL, argc, argv);
    if (status == CLI_GO_ON) {
        const cli_destination to = {"train", "--output", "model", request.model_path};
        status = cli_check_destination(&to, request.ratings_path, "the file of ratings");
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    dsc_ratings *ratings = NULL;
    status = cli_read_ratings(&ratings, request.ratings_path, &request.reading, request.is_quiet);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (!request.is_quiet) {
        cli_print_summary(ratings);
    }
    cli_train_settle(&request, dsc_ratings_by_user(ratings).n_entries);
    if (request.config.n_time_bins == 0 && request.config.session_gap == 0) {
        dsc_ratings_drop_times(ratings);
    }
    status = train(&request, ratings);
    dsc_ratings_destroy(ratings);
    return status;
}
