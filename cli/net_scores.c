/* How good predictions are, on stdout: metrics, classes and the confusion matrix. */
#include "net_scores.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"

/* Larger confusion matrices are left to --json. */
enum { MAX_PRINTED_CLASSES = 20 };

const char *cli_baseline_meaning(dsc_task task) {
    return task == DSC_TASK_REGRESSION ? "the mean of the training rows every time"
                                       : "the most frequent class of the training rows every time";
}

static double r2_of(const dsc_regression_metrics *m) {
    return m->has_r2 ? m->r2 : (double)NAN;
}

size_t cli_list_metrics(const dsc_predictor_evaluation *evaluation,
                        cli_metric out[CLI_MAX_METRICS]) {
    if (evaluation->task == DSC_TASK_REGRESSION) {
        const dsc_regression_metrics *m = &evaluation->regression;
        const dsc_regression_metrics *b = &evaluation->regression_baseline;
        out[0] = (cli_metric){"rmse", "RMSE", m->rmse, b->rmse};
        out[1] = (cli_metric){"mae", "MAE", m->mae, b->mae};
        out[2] = (cli_metric){"r2", "R2", r2_of(m), r2_of(b)};
        return 3;
    }
    const dsc_classification_metrics *m = &evaluation->classification;
    const dsc_classification_metrics *b = &evaluation->classification_baseline;
    dsc_class_metrics macro = dsc_metrics_macro(evaluation->confusion, evaluation->n_classes);
    out[0] = (cli_metric){"accuracy", "accuracy", m->accuracy, b->accuracy};
    out[1] = (cli_metric){"log_loss", "log loss", m->log_loss, b->log_loss};
    out[2] = (cli_metric){"macro_precision", "precision", macro.precision, (double)NAN};
    out[3] = (cli_metric){"macro_recall", "recall", macro.recall, (double)NAN};
    out[4] = (cli_metric){"macro_f1", "F1", macro.f1, (double)NAN};
    return 5;
}

/* Four decimals where they matter, fewer of large numbers. */
void cli_metric_text(double value, char *out, size_t length) {
    const double size = fabs(value);
    if (isnan(value)) {
        snprintf(out, length, "-");
    } else if (size >= 1e9) {
        snprintf(out, length, "%.6g", value);
    } else {
        snprintf(out, length, "%.*f",
                 size < 100   ? 4
                 : size < 1e4 ? 2
                              : 0,
                 size < 0.00005 ? 0 : value); /* not -0.0000 */
    }
}

/* --- tables -------------------------------------------------------------------------------- */

static int print_metrics(const dsc_predictor_evaluation *evaluation) {
    cli_metric metrics[CLI_MAX_METRICS];
    size_t n = evaluation->task == DSC_TASK_REGRESSION ? 3 : 2;
    cli_list_metrics(evaluation, metrics);
    cli_column columns[CLI_MAX_METRICS + 2] = {{"predictor", false, false}};
    for (size_t i = 0; i < n; i++) {
        columns[i + 1] = (cli_column){metrics[i].label, true, false};
    }
    columns[n + 1] = (cli_column){"what it is", false, true};
    cli_table *table = cli_table_create(columns, n + 2);
    for (int is_baseline = 0; is_baseline < 2; is_baseline++) {
        char text[CLI_MAX_METRICS][32];
        dsc_id cells[CLI_MAX_METRICS + 2] = {cli_id(is_baseline ? "baseline" : "model")};
        for (size_t i = 0; i < n; i++) {
            cli_metric_text(is_baseline ? metrics[i].baseline : metrics[i].model, text[i],
                            sizeof text[i]);
            cells[i + 1] = cli_id(text[i]);
        }
        cells[n + 1] = cli_id(is_baseline ? cli_baseline_meaning(evaluation->task) : "this model");
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

static void add_class_row(cli_table *table, dsc_id name, const dsc_class_metrics *m) {
    char text[4][32];
    snprintf(text[0], sizeof text[0], "%.4f", m->precision);
    snprintf(text[1], sizeof text[1], "%.4f", m->recall);
    snprintf(text[2], sizeof text[2], "%.4f", m->f1);
    snprintf(text[3], sizeof text[3], "%" PRIu64, m->n_true);
    const dsc_id cells[] = {name, cli_id(text[0]), cli_id(text[1]), cli_id(text[2]),
                            cli_id(text[3])};
    cli_table_add(table, cells);
}

static int print_classes(const dsc_predictor *predictor,
                         const dsc_predictor_evaluation *evaluation) {
    static const cli_column columns[] = {{"class", false, true},
                                         {"precision", true, false},
                                         {"recall", true, false},
                                         {"F1", true, false},
                                         {"rows", true, false}};
    const size_t k = evaluation->n_classes;
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t c = 0; c < k; c++) {
        dsc_class_metrics m = dsc_metrics_of_class(evaluation->confusion, k, c);
        add_class_row(table, dsc_encoding_class(dsc_predictor_encoding(predictor), c), &m);
    }
    dsc_class_metrics macro = dsc_metrics_macro(evaluation->confusion, k);
    add_class_row(table, cli_id("mean of all"), &macro);
    return cli_table_print(table);
}

static int print_confusion(const dsc_predictor *predictor,
                           const dsc_predictor_evaluation *evaluation) {
    const size_t k = evaluation->n_classes;
    const dsc_encoding *encoding = dsc_predictor_encoding(predictor);
    if (k > MAX_PRINTED_CLASSES) {
        printf("The confusion matrix of %zu classes is left out; --json has it.\n", k);
        return CLI_DONE;
    }
    cli_column columns[MAX_PRINTED_CLASSES + 1] = {{"true \\ predicted", false, true}};
    char names[MAX_PRINTED_CLASSES][64];
    for (size_t c = 0; c < k; c++) {
        dsc_id name = dsc_encoding_class(encoding, c);
        snprintf(names[c], sizeof names[c], "%.*s", (int)(name.length < 60 ? name.length : 60),
                 name.bytes);
        columns[c + 1] = (cli_column){names[c], true, true};
    }
    cli_table *table = cli_table_create(columns, k + 1);
    for (size_t t = 0; t < k; t++) {
        char text[MAX_PRINTED_CLASSES][32];
        dsc_id cells[MAX_PRINTED_CLASSES + 1] = {dsc_encoding_class(encoding, t)};
        for (size_t p = 0; p < k; p++) {
            snprintf(text[p], sizeof text[p], "%" PRIu64, evaluation->confusion[t * k + p]);
            cells[p + 1] = cli_id(text[p]);
        }
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

static int print_tables(const dsc_predictor *predictor,
                        const dsc_predictor_evaluation *evaluation) {
    int status = print_metrics(evaluation);
    if (status == CLI_DONE && evaluation->task == DSC_TASK_CLASSIFICATION) {
        putchar('\n');
        status = print_classes(predictor, evaluation);
        putchar('\n');
        if (status == CLI_DONE) {
            status = print_confusion(predictor, evaluation);
        }
    }
    printf("\nrows %zu\n", evaluation->n_rows);
    return status;
}

/* --- for programs -------------------------------------------------------------------------- */

static int print_csv(const dsc_predictor_evaluation *evaluation) {
    cli_metric metrics[CLI_MAX_METRICS];
    const size_t n = cli_list_metrics(evaluation, metrics);
    dsc_id cells[CLI_MAX_METRICS + 2] = {cli_id("predictor")};
    for (size_t i = 0; i < n; i++) {
        cells[i + 1] = cli_id(metrics[i].name);
    }
    cells[n + 1] = cli_id("rows");
    cli_csv_row(cells, n + 2);
    for (int is_baseline = 0; is_baseline < 2; is_baseline++) {
        char text[CLI_MAX_METRICS + 1][32];
        cells[0] = cli_id(is_baseline ? "baseline" : "model");
        for (size_t i = 0; i < n; i++) {
            double value = is_baseline ? metrics[i].baseline : metrics[i].model;
            text[i][0] = '\0'; /* not a number: an empty cell */
            if (!isnan(value)) {
                snprintf(text[i], sizeof text[i], "%.9g", value);
            }
            cells[i + 1] = cli_id(text[i]);
        }
        snprintf(text[n], sizeof text[n], "%zu", evaluation->n_rows);
        cells[n + 1] = cli_id(text[n]);
        cli_csv_row(cells, n + 2);
    }
    return CLI_DONE;
}

static json_t *metrics_to_json(const cli_metric *metrics, size_t n, bool is_baseline) {
    json_t *object = json_object();
    for (size_t i = 0; i < n; i++) {
        double value = is_baseline ? metrics[i].baseline : metrics[i].model;
        if (json_object_set_new(object, metrics[i].name, cli_json_real(value)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *classes_to_json(const dsc_predictor *predictor,
                               const dsc_predictor_evaluation *evaluation) {
    const size_t k = evaluation->n_classes;
    json_t *list = json_array();
    for (size_t c = 0; c < k; c++) {
        dsc_class_metrics m = dsc_metrics_of_class(evaluation->confusion, k, c);
        json_t *row = json_array();
        for (size_t p = 0; p < k; p++) {
            json_array_append_new(row, json_integer((json_int_t)evaluation->confusion[c * k + p]));
        }
        json_t *entry = json_pack(
            "{s:o, s:f, s:f, s:f, s:I, s:I, s:o}", "class",
            cli_json_text(dsc_encoding_class(dsc_predictor_encoding(predictor), c)), "precision",
            m.precision, "recall", m.recall, "f1", m.f1, "rows", (json_int_t)m.n_true, "predicted",
            (json_int_t)m.n_predicted, "confusion", row);
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static int print_json(const dsc_predictor *predictor, const dsc_predictor_evaluation *evaluation) {
    cli_metric metrics[CLI_MAX_METRICS];
    const size_t n = cli_list_metrics(evaluation, metrics);
    const bool is_regression = evaluation->task == DSC_TASK_REGRESSION;
    json_t *document = json_pack(
        "{s:s, s:I, s:o, s:o}", "task", is_regression ? "regression" : "classification", "rows",
        (json_int_t)evaluation->n_rows, "model", metrics_to_json(metrics, n, false), "baseline",
        metrics_to_json(metrics, is_regression ? n : 2, true));
    if (document != NULL && !is_regression &&
        json_object_set_new(document, "classes", classes_to_json(predictor, evaluation)) != 0) {
        json_decref(document);
        document = NULL;
    }
    return cli_json_print(document);
}

int cli_print_scores(const dsc_predictor *predictor, const dsc_predictor_evaluation *evaluation,
                     const cli_form *form) {
    if (form->is_json) {
        return print_json(predictor, evaluation);
    }
    return form->is_csv ? print_csv(evaluation) : print_tables(predictor, evaluation);
}
