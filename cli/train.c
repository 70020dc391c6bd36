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

static int print_json(const dsc_recommender_info *info, const char *path, double elapsed_s) {
    return cli_json_print(json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "model",
        cli_json_text(cli_id(path)), "users", (json_int_t)info->n_users, "items",
        (json_int_t)info->n_items, "ratings", (json_int_t)info->n_ratings, "parameters",
        (json_int_t)info->n_parameters, "best_epoch", (json_int_t)info->best_epoch, "epochs",
        (json_int_t)info->n_epochs, "train_rmse", cli_json_real(info->train_rmse),
        "validation_rmse", cli_json_real(info->validation_rmse), "standard_deviation",
        cli_json_real(deviation_of(info)), "elapsed_s", cli_json_real(elapsed_s)));
}

static void print_result(const dsc_recommender_info *info, const char *path, double elapsed_s) {
    fprintf(stderr, "Trained %zu parameters in %.1f s: %zu epoch%s, kept epoch %zu\n",
            info->n_parameters, elapsed_s, info->n_epochs, info->n_epochs == 1 ? "" : "s",
            info->best_epoch);
    if (isfinite(info->validation_rmse)) {
        fprintf(stderr, "RMSE on the held out ratings %.4f", info->validation_rmse);
    } else {
        fprintf(stderr, "RMSE on the training ratings %.4f (none were held out)", info->train_rmse);
    }
    fprintf(stderr, "; standard deviation of all ratings: %.4f\n", deviation_of(info));
    fprintf(stderr, "Saved the model to %s\n", path);
}

/* The mean of all ratings has their standard deviation as its RMSE: a model must be below. */
static void warn_if_useless(const dsc_recommender_info *info, double rate) {
    bool is_held_out = isfinite(info->validation_rmse);
    double rmse = is_held_out ? info->validation_rmse : info->train_rmse;
    double deviation = deviation_of(info);
    if (deviation == 0 || rmse < deviation) {
        return;
    }
    cli_note(
        "warning: the model is no better than predicting the mean every time: its RMSE on the "
        "%s ratings is %.4f, the standard deviation of all ratings %.4f; try another --rate "
        "than %g (smaller where the errors of the epochs jump, larger where they hardly move), "
        "more --epochs, or more ratings",
        is_held_out ? "held out" : "training", rmse, deviation, rate);
}

/* Ctrl-C: keeps what was learned beside MODEL, never over it. */
static int save_partial(const dsc_recommender *model, const char *path) {
    if (model == NULL) {
        return cli_fail_at(CLI_INTERRUPTED, NULL,
                           "interrupted before the first epoch ended; nothing was saved");
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

typedef struct run {
    cli_progress progress; /* first: what the watcher is handed */
    double elapsed_s;
} run;

static bool watch(const dsc_training_progress *now, void *user) {
    run *self = user;
    self->elapsed_s = now->elapsed_s;
    return cli_progress_watch(now, &self->progress);
}

static int train(const cli_train_request *request, const dsc_ratings *ratings) {
    dsc_error err;
    dsc_recommender *model = NULL;
    run self = {0};
    cli_progress_begin(&self.progress, request->is_quiet);
    dsc_status trained =
        dsc_recommender_train(&model, ratings, &request->config, watch, &self, &err);
    cli_progress_clear(&self.progress);
    int status;
    if (trained == DSC_E_CANCELLED) {
        status = save_partial(model, request->model_path);
    } else if (trained != DSC_OK ||
               dsc_recommender_save(model, request->model_path, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        if (!request->is_quiet) {
            print_result(&info, request->model_path, self.elapsed_s);
        }
        warn_if_useless(&info, request->config.optimizer.rate);
        status = request->form.is_json ? print_json(&info, request->model_path, self.elapsed_s)
                                       : CLI_DONE;
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
    status = train(&request, ratings);
    dsc_ratings_destroy(ratings);
    return status;
}
