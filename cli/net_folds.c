/* Cross-validation: how well models of some rows predict the others, fold by fold. */
#include "net_folds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "net_progress.h"
#include "net_scores.h"

/* One fold: the metrics of its rows, predicted by a model of all others. */
typedef struct fold_scores {
    cli_metric metric[CLI_MAX_METRICS];
    size_t n_rows;
} fold_scores;

typedef struct folds {
    const cli_net_fit_request *request;
    const cli_net_table *table;
    size_t n_folds;
    size_t n_metrics;
    dsc_task task;
    fold_scores *fold; /* (n_folds) */
} folds;

static uint32_t row_at(const cli_net_table *table, size_t i) {
    return table->has_rows ? table->rows.row[i] : (uint32_t)i;
}

/* The strata of the rows when the target is a class: (n), freed with free(); NULL: none. */
static int list_strata(const folds *self, uint32_t **out) {
    const dsc_table *table = self->table->table;
    const char *selector = self->request->target != NULL ? self->request->target : "-1";
    const size_t n = cli_net_n_rows(self->table);
    dsc_error err;
    size_t column, n_strata;
    *out = NULL;
    if (dsc_table_find(table, selector, &column, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (self->request->encoding.task != DSC_TASK_CLASSIFICATION) {
        return CLI_GO_ON;
    }
    uint32_t *all = calloc(dsc_table_n_rows(table), sizeof *all);
    *out = calloc(n, sizeof **out);
    if (all == NULL || *out == NULL) {
        free(all);
        return cli_no_memory();
    }
    int status = CLI_GO_ON;
    if (dsc_table_strata(table, column, all, &n_strata, &err) != DSC_OK) {
        status = cli_fail(&err);
    }
    for (size_t i = 0; status == CLI_GO_ON && i < n; i++) {
        (*out)[i] = all[row_at(self->table, i)];
    }
    free(all);
    return status;
}

/* Numbers of rows of the selection become rows of the table. */
static void take_rows(const cli_net_table *table, dsc_rows *rows) {
    for (size_t i = 0; i < rows->n; i++) {
        rows->row[i] = row_at(table, rows->row[i]);
    }
}

static int run_fold(folds *self, size_t k, const dsc_rows *in, const dsc_rows *rest) {
    const dsc_predictor_source source = {.table = self->table->table,
                                         .rows = rest->row,
                                         .n_rows = rest->n,
                                         .encoding = self->request->encoding};
    dsc_error err;
    dsc_predictor *predictor = NULL;
    dsc_predictor_evaluation evaluation;
    cli_net_progress progress;
    if (!self->request->is_quiet) {
        fprintf(stderr, "Fold %zu of %zu: %zu rows to learn from, %zu to predict\n", k + 1,
                self->n_folds, rest->n, in->n);
    }
    cli_net_progress_begin(&progress, self->request->is_quiet);
    if (progress.progress.mode == CLI_PROGRESS_LINES) {
        progress.progress.mode = CLI_PROGRESS_NONE; /* a line a fold is enough */
    }
    dsc_status status = dsc_predictor_fit(&predictor, &source, &self->request->config,
                                          cli_net_progress_watch, &progress, &err);
    cli_net_progress_end(&progress);
    if (status == DSC_OK) {
        status = dsc_predictor_evaluate(predictor, self->table->table, in->row, in->n, &evaluation,
                                        &err);
    }
    dsc_predictor_destroy(predictor);
    if (status == DSC_E_CANCELLED) {
        return cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted in fold %zu of %zu", k + 1,
                           self->n_folds);
    }
    if (status != DSC_OK) {
        cli_note("fold %zu of %zu failed", k + 1, self->n_folds);
        return cli_fail(&err);
    }
    self->task = evaluation.task;
    self->n_metrics = cli_list_metrics(&evaluation, self->fold[k].metric);
    self->fold[k].n_rows = in->n;
    dsc_predictor_evaluation_clear(&evaluation);
    return CLI_GO_ON;
}

static int run_all(folds *self) {
    const size_t n = cli_net_n_rows(self->table);
    dsc_error err;
    uint32_t *stratum;
    uint32_t *fold = calloc(n, sizeof *fold);
    int status = fold != NULL ? list_strata(self, &stratum) : cli_no_memory();
    if (fold == NULL) {
        return status;
    }
    if (status == CLI_GO_ON &&
        dsc_split_folds(n, (uint32_t)self->n_folds, stratum, self->request->config.fit.seed, fold,
                        &err) != DSC_OK) {
        status = cli_fail(&err);
    }
    for (size_t k = 0; status == CLI_GO_ON && k < self->n_folds; k++) {
        dsc_rows in, rest;
        if (dsc_split_fold(fold, n, (uint32_t)k, &in, &rest, &err) != DSC_OK) {
            status = cli_fail(&err);
            break;
        }
        take_rows(self->table, &in);
        take_rows(self->table, &rest);
        status = run_fold(self, k, &in, &rest);
        dsc_rows_clear(&in);
        dsc_rows_clear(&rest);
    }
    free(stratum);
    free(fold);
    return status;
}

/* --- printing ------------------------------------------------------------------------------ */

/* Mean of a metric over the folds and its deviation, n - 1 below. */
static void summarize(const folds *self, size_t m, bool is_baseline, double *mean, double *spread) {
    double sum = 0, squares = 0;
    const double n = (double)self->n_folds;
    for (size_t k = 0; k < self->n_folds; k++) {
        sum += is_baseline ? self->fold[k].metric[m].baseline : self->fold[k].metric[m].model;
    }
    *mean = sum / n;
    for (size_t k = 0; k < self->n_folds; k++) {
        double value =
            is_baseline ? self->fold[k].metric[m].baseline : self->fold[k].metric[m].model;
        squares += (value - *mean) * (value - *mean);
    }
    *spread = sqrt(squares / (n - 1));
}

/* The rows of the table: the folds, their mean and deviation, the baseline's mean. */
static size_t n_lines(const folds *self) {
    return self->n_folds + 3;
}

static const char *line_name(const folds *self, size_t line, char *out, size_t length) {
    static const char *const last[] = {"mean", "deviation", "baseline, mean"};
    if (line >= self->n_folds) {
        return last[line - self->n_folds];
    }
    snprintf(out, length, "%zu", line + 1);
    return out;
}

static double line_value(const folds *self, size_t line, size_t m) {
    double mean, spread;
    if (line < self->n_folds) {
        return self->fold[line].metric[m].model;
    }
    summarize(self, m, line == self->n_folds + 2, &mean, &spread);
    return line == self->n_folds + 1 ? spread : mean;
}

static size_t line_rows(const folds *self, size_t line) {
    return line < self->n_folds ? self->fold[line].n_rows : cli_net_n_rows(self->table);
}

static int print_text(const folds *self) {
    const bool is_csv = self->request->form.is_csv;
    cli_column columns[CLI_MAX_METRICS + 2] = {{"fold", false, false}, {"rows", true, false}};
    dsc_id cells[CLI_MAX_METRICS + 2] = {cli_id("fold"), cli_id("rows")};
    for (size_t m = 0; m < self->n_metrics; m++) {
        columns[m + 2] = (cli_column){self->fold[0].metric[m].label, true, false};
        cells[m + 2] = cli_id(self->fold[0].metric[m].name);
    }
    cli_table *table = is_csv ? NULL : cli_table_create(columns, self->n_metrics + 2);
    if (is_csv) {
        cli_csv_row(cells, self->n_metrics + 2);
    }
    for (size_t line = 0; line < n_lines(self); line++) {
        char name[32], rows[32], text[CLI_MAX_METRICS][32];
        cells[0] = cli_id(line_name(self, line, name, sizeof name));
        snprintf(rows, sizeof rows, "%zu", line_rows(self, line));
        cells[1] = cli_id(rows);
        for (size_t m = 0; m < self->n_metrics; m++) {
            double value = line_value(self, line, m);
            if (is_csv) {
                text[m][0] = '\0'; /* not a number: an empty cell */
                if (!isnan(value)) {
                    snprintf(text[m], sizeof text[m], "%.9g", value);
                }
            } else {
                cli_metric_text(value, text[m], sizeof text[m]);
            }
            cells[m + 2] = cli_id(text[m]);
        }
        if (is_csv) {
            cli_csv_row(cells, self->n_metrics + 2);
        } else {
            cli_table_add(table, cells);
        }
    }
    if (is_csv) {
        return CLI_GO_ON;
    }
    int status = cli_table_print(table);
    printf("\nbaseline: %s\n", cli_baseline_meaning(self->task));
    return status == CLI_DONE ? CLI_GO_ON : status;
}

static json_t *line_to_json(const folds *self, size_t line) {
    json_t *object = json_object();
    for (size_t m = 0; m < self->n_metrics; m++) {
        json_object_set_new(object, self->fold[0].metric[m].name,
                            cli_json_real(line_value(self, line, m)));
    }
    return object;
}

static int print_json(const folds *self) {
    json_t *list = json_array();
    for (size_t k = 0; k < self->n_folds; k++) {
        json_t *entry = line_to_json(self, k);
        json_object_set_new(entry, "rows", json_integer((json_int_t)self->fold[k].n_rows));
        json_array_append_new(list, entry);
    }
    int status = cli_json_print(json_pack(
        "{s:s, s:I, s:o, s:o, s:o, s:o}", "task",
        self->task == DSC_TASK_REGRESSION ? "regression" : "classification", "rows",
        (json_int_t)cli_net_n_rows(self->table), "folds", list, "mean",
        line_to_json(self, self->n_folds), "deviation", line_to_json(self, self->n_folds + 1),
        "baseline", line_to_json(self, self->n_folds + 2)));
    return status == CLI_DONE ? CLI_GO_ON : status;
}

int cli_run_folds(const cli_net_fit_request *request, const cli_net_table *table) {
    folds self = {.request = request, .table = table, .n_folds = request->n_folds};
    self.fold = calloc(self.n_folds, sizeof *self.fold);
    if (self.fold == NULL) {
        return cli_no_memory();
    }
    int status = run_all(&self);
    if (status == CLI_GO_ON) {
        status = request->form.is_json ? print_json(&self) : print_text(&self);
    }
    free(self.fold);
    return status;
}
