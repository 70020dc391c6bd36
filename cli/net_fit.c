/* descent net fit: from a table to a model file, or to a table of cross-validation. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "descent/predictor.h"
#include "destination.h"
#include "net_fit_options.h"
#include "net_folds.h"
#include "net_progress.h"
#include "net_scores.h"

/* Most classes that are taken for such without being told. */
enum { MAX_DETECTED_CLASSES = 20 };

/* Whole numbers without a gap from 0 or 1 up: what codes of classes look like. */
static bool is_code(const cli_net_table *data, size_t column, size_t *n_classes) {
    double low = INFINITY, high = -INFINITY;
    bool is_there[MAX_DETECTED_CLASSES + 1] = {false};
    for (size_t i = 0; i < cli_net_n_rows(data); i++) {
        const uint32_t row = data->has_rows ? data->rows.row[i] : (uint32_t)i;
        const double value = dsc_table_number(data->table, row, column);
        if (!(value >= 0 && value <= MAX_DETECTED_CLASSES) || value > floor(value)) {
            return false;
        }
        is_there[(size_t)value] = true;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    for (size_t v = (size_t)low; v <= (size_t)high; v++) {
        if (!is_there[v]) {
            return false;
        }
    }
    const size_t n = (size_t)(high - low) + 1;
    const bool is_found = low <= 1 && n >= 2 && n <= MAX_DETECTED_CLASSES;
    *n_classes = is_found ? n : 0;
    return is_found;
}

/* Settles what the target is, and says so. */
static int settle_task(cli_net_fit_request *request, const cli_net_table *data) {
    dsc_error err;
    size_t column, n_classes = 0;
    const char *selector = request->target != NULL ? request->target : "-1";
    if (dsc_table_find(data->table, selector, &column, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    const bool was_told = request->encoding.task != DSC_TASK_DETECT;
    bool is_text = dsc_table_column_kind(data->table, column) == DSC_COLUMN_CATEGORICAL;
    if (!was_told) {
        bool has_classes =
            is_text || (dsc_table_column_kind(data->table, column) == DSC_COLUMN_NUMERIC &&
                        is_code(data, column, &n_classes));
        request->encoding.task = has_classes ? DSC_TASK_CLASSIFICATION : DSC_TASK_REGRESSION;
    }
    bool is_classes = request->encoding.task == DSC_TASK_CLASSIFICATION;
    if (!is_classes && request->config.balances_classes) {
        return cli_usage_error("net fit", "--class-weights",
                               "needs classes; the target %s is a number, unless --task "
                               "classification says otherwise",
                               dsc_table_column_name(data->table, column));
    }
    if (request->is_quiet) {
        return CLI_GO_ON;
    }
    fprintf(stderr, "Target %s: %s", dsc_table_column_name(data->table, column),
            is_classes ? "classification" : "regression");
    if (!was_told && n_classes > 0) {
        fprintf(stderr, ", for it holds %zu codes; --task regression takes them for quantities",
                n_classes);
    } else if (!was_told && !is_classes) {
        fputs("; --task classification takes its numbers for classes", stderr);
    }
    fputc('\n', stderr);
    return CLI_GO_ON;
}

/* --- results ------------------------------------------------------------------------------- */

static const char *score_name(const dsc_predictor_info *info) {
    return info->task == DSC_TASK_REGRESSION ? "RMSE" : "accuracy";
}

static int print_json(const dsc_predictor *predictor, const char *path, double elapsed_s) {
    dsc_predictor_info info;
    dsc_predictor_get_info(predictor, &info);
    bool is_regression = info.task == DSC_TASK_REGRESSION;
    return cli_json_print(json_pack(
        "{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:s, s:o, s:o, s:o}", "model",
        cli_json_text(cli_id(path)), "task", is_regression ? "regression" : "classification",
        "rows", (json_int_t)info.n_rows, "held_out", (json_int_t)info.n_held_out, "inputs",
        (json_int_t)dsc_encoding_n_inputs(dsc_predictor_encoding(predictor)), "outputs",
        (json_int_t)dsc_encoding_n_outputs(dsc_predictor_encoding(predictor)), "parameters",
        (json_int_t)info.n_parameters, "epochs", (json_int_t)info.result.n_epochs, "best_epoch",
        (json_int_t)info.result.best_epoch, "train_loss", cli_json_real(info.result.train_loss),
        "validation_loss", cli_json_real(info.result.validation_loss), "metric",
        is_regression ? "rmse" : "accuracy", "score", cli_json_real(info.score), "baseline",
        cli_json_real(info.baseline), "elapsed_s", cli_json_real(elapsed_s)));
}

static void print_result(const dsc_predictor_info *info, const char *path, double elapsed_s) {
    char score[32], baseline[32];
    cli_metric_text(info->score, score, sizeof score);
    cli_metric_text(info->baseline, baseline, sizeof baseline);
    fprintf(stderr, "Fitted %zu parameters in %.1f s: %zu epoch%s, kept epoch %zu\n",
            info->n_parameters, elapsed_s, info->result.n_epochs,
            info->result.n_epochs == 1 ? "" : "s", info->result.best_epoch);
    fprintf(stderr, "%s on the %zu %s rows %s%s; %s: %s\n", score_name(info),
            info->n_held_out > 0 ? info->n_held_out : info->n_rows,
            info->n_held_out > 0 ? "held out" : "training", score,
            info->n_held_out > 0 ? "" : " (none were held out)", cli_baseline_meaning(info->task),
            baseline);
    fprintf(stderr, "Saved the model to %s\n", path);
}

static void warn_if_useless(const dsc_predictor *predictor) {
    dsc_predictor_info info;
    dsc_predictor_get_info(predictor, &info);
    if (!dsc_predictor_is_useless(predictor)) {
        return;
    }
    char score[32], baseline[32];
    cli_metric_text(info.score, score, sizeof score);
    cli_metric_text(info.baseline, baseline, sizeof baseline);
    cli_note("warning: the model is no better than %s: its %s on the %s rows is %s, that of the "
             "baseline %s; try another --rate, or see whether the columns say anything about the "
             "target",
             cli_baseline_meaning(info.task), score_name(&info),
             info.n_held_out > 0 ? "held out" : "training", score, baseline);
}

/* What was learned before the end by Ctrl-C or by a loss that overflows: beside MODEL, never over
 * it. `reason` is the status to end with, and `what` says why. */
static int save_partial(const dsc_predictor *predictor, const char *path, cli_status reason,
                        const char *what) {
    if (predictor == NULL) {
        return cli_fail_at(reason, NULL, "%s before the first epoch ended; nothing was saved",
                           what);
    }
    char *partial = NULL;
    if (asprintf(&partial, "%s.partial", path) < 0) {
        return cli_no_memory();
    }
    dsc_error err;
    dsc_predictor_info info;
    dsc_predictor_get_info(predictor, &info);
    int status;
    if (dsc_predictor_save(predictor, partial, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        status = cli_fail_at(reason, NULL, "%s; the model of epoch %zu, the best so far, is in %s",
                             what, info.result.best_epoch, partial);
    }
    free(partial);
    return status;
}

static int fit(const cli_net_fit_request *request, const cli_net_table *data) {
    const dsc_predictor_source source = {.table = data->table,
                                         .rows = cli_net_rows(data),
                                         .n_rows = cli_net_n_rows(data),
                                         .encoding = request->encoding};
    dsc_error err;
    dsc_predictor *predictor = NULL;
    cli_net_progress progress;
    cli_net_progress_begin(&progress, request->is_quiet);
    dsc_status fitted = dsc_predictor_fit(&predictor, &source, &request->config,
                                          cli_net_progress_watch, &progress, &err);
    cli_progress_clear(&progress.progress);
    int status;
    if (fitted == DSC_E_CANCELLED) {
        status = save_partial(predictor, request->model_path, CLI_INTERRUPTED, "interrupted");
    } else if (fitted == DSC_E_NONFINITE) {
        cli_fail(&err);
        status = save_partial(predictor, request->model_path, CLI_FAILED, "training failed");
        cli_note("a smaller --rate, or --clip 1, is the usual remedy");
    } else if (fitted != DSC_OK ||
               dsc_predictor_save(predictor, request->model_path, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        dsc_predictor_info info;
        dsc_predictor_get_info(predictor, &info);
        if (!request->is_quiet) {
            print_result(&info, request->model_path, progress.elapsed_s);
        }
        warn_if_useless(predictor);
        status = request->form.is_json && request->n_folds == 0
                     ? print_json(predictor, request->model_path, progress.elapsed_s)
                     : CLI_DONE;
    }
    cli_net_progress_end(&progress);
    dsc_predictor_destroy(predictor);
    return status;
}

/* Everything that is read must not be what is written. */
static int check_destination(const cli_net_fit_request *request) {
    const struct {
        const char *path, *kind;
    } inputs[] = {{request->data.path, "the file of data"},
                  {request->data.labels_path, "the file of labels"},
                  {request->data.rows_path, "the file of rows"}};
    const cli_destination to = {"net fit", "--output", "model", request->model_path};
    int status = CLI_GO_ON;
    for (size_t i = 0; request->model_path != NULL && status == CLI_GO_ON && i < CLI_COUNT(inputs);
         i++) {
        if (inputs[i].path != NULL) {
            status = cli_check_destination(&to, inputs[i].path, inputs[i].kind);
        }
    }
    return status;
}

int cli_net_fit(int argc, char **argv) {
    cli_net_fit_request request;
    cli_net_table data = {0};
    int status = cli_net_fit_parse(&request, argc, argv);
    if (status == CLI_GO_ON) {
        status = check_destination(&request);
    }
    if (status == CLI_GO_ON) {
        const cli_net_choices choices = {request.choices, request.n_choices, request.keeps_missing};
        status = cli_net_read(&data, &request.data, &choices, request.is_quiet);
    }
    if (status == CLI_GO_ON) {
        status = settle_task(&request, &data);
    }
    if (status == CLI_GO_ON && request.n_folds > 0) {
        status = cli_run_folds(&request, &data);
        status = status == CLI_GO_ON && request.model_path == NULL ? CLI_DONE : status;
    }
    if (status == CLI_GO_ON) {
        status = fit(&request, &data);
    }
    cli_net_table_clear(&data);
    cli_net_fit_clear(&request);
    return status;
}
