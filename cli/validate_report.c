/* Results of `descent validate`: the folds, their mean and deviation, the baselines beside them. */
#include "validate_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What is printed of several folds: their figures, then the mean and the deviation over them. */
typedef struct report {
    const cli_folds *folds;
    cli_figures *fold;        /* (n) */
    cli_figures mean, spread; /* spread: n - 1 below */
} report;

static void summarize(report *self) {
    const double n = (double)self->folds->n;
    self->mean = self->fold[0];
    self->spread = self->fold[0];
    for (size_t f = 0; f < self->mean.n; f++) {
        for (size_t p = 0; p < self->mean.n_predictors; p++) {
            double sum = 0, squares = 0;
            for (size_t k = 0; k < self->folds->n; k++) {
                sum += self->fold[k].figure[f].of[p].value;
            }
            for (size_t k = 0; k < self->folds->n; k++) {
                const double difference = self->fold[k].figure[f].of[p].value - sum / n;
                squares += difference * difference;
            }
            self->mean.figure[f].of[p].value = sum / n;
            self->spread.figure[f].of[p].value = sqrt(squares / (n - 1));
        }
    }
}

static void write_value(double value, char *out, size_t length) {
    snprintf(out, length, isnan(value) ? "-" : "%.4f", value);
}

/* --- errors: a fold a row -------------------------------------------------------------------- */

enum { N_ERROR_COLUMNS = 6 };

static void add_row(cli_table *table, const char *name, size_t n_test, const cli_figures *figures,
                    size_t predictor) {
    char count[32], text[4][32];
    dsc_id cells[N_ERROR_COLUMNS];
    snprintf(count, sizeof count, "%zu", n_test);
    cells[0] = cli_id(name);
    cells[1] = cli_id(count);
    for (size_t f = 0; f < 4; f++) {
        write_value(figures->figure[f].of[predictor].value, text[f], sizeof text[f]);
        cells[2 + f] = cli_id(text[f]);
    }
    cli_table_add(table, cells);
}

static int print_errors(const report *self) {
    static const cli_column columns[N_ERROR_COLUMNS] = {
        {"fold", false, false}, {"ratings", true, false},   {"RMSE", true, false},
        {"MAE", true, false},   {"user RMSE", true, false}, {"user MAE", true, false}};
    cli_table *table = cli_table_create(columns, N_ERROR_COLUMNS);
    char name[32];
    size_t n_all = 0;
    for (size_t k = 0; k < self->folds->n; k++) {
        snprintf(name, sizeof name, "%zu", k + 1);
        add_row(table, name, self->folds->fold[k].n_test, &self->fold[k], 0);
        n_all += self->folds->fold[k].n_test;
    }
    add_row(table, "mean", n_all, &self->mean, 0);
    add_row(table, "deviation", n_all, &self->spread, 0);
    for (size_t p = 1; p < self->mean.n_predictors; p++) {
        snprintf(name, sizeof name, "baseline %s", self->mean.predictor[p]);
        add_row(table, name, n_all, &self->mean, p);
    }
    const int status = cli_table_print(table);
    printf(
        "\nmean and deviation of the model over the folds; baselines: means over the same folds\n");
    return status;
}

/* --- rankings: a figure a row ---------------------------------------------------------------- */

static int print_ranking(const report *self) {
    cli_column columns[CLI_MAX_PREDICTORS + 2] = {
        {"mean of folds", false, false}, {"model", true, false}, {"deviation", true, false}};
    const size_t n_columns = self->mean.n_predictors + 2;
    for (size_t p = 1; p < self->mean.n_predictors; p++) {
        columns[p + 2] = (cli_column){self->mean.predictor[p], true, false};
    }
    cli_table *table = cli_table_create(columns, n_columns);
    for (size_t f = 0; f < self->mean.n; f++) {
        char name[64], text[CLI_MAX_PREDICTORS + 1][32];
        dsc_id cells[CLI_MAX_PREDICTORS + 2];
        cli_figure_name(&self->mean.figure[f], true, name, sizeof name);
        cells[0] = cli_id(name);
        for (size_t c = 0; c + 1 < n_columns; c++) {
            const cli_figures *from = c == 1 ? &self->spread : &self->mean;
            write_value(from->figure[f].of[c < 2 ? 0 : c - 1].value, text[c], sizeof text[c]);
            cells[c + 1] = cli_id(text[c]);
        }
        cli_table_add(table, cells);
    }
    const int status = cli_table_print(table);
    printf("\nof the first fold:\n");
    cli_print_counts(&self->folds->fold[0].assessment);
    return status;
}

/* --- CSV and JSON ---------------------------------------------------------------------------- */

static void print_csv_rows(const char *name, const char *candidates, const cli_figures *figures) {
    enum { N = CLI_N_FIGURE_CELLS + 2 };
    for (size_t p = 0; p < figures->n_predictors; p++) {
        for (size_t f = 0; f < figures->n; f++) {
            char text[CLI_N_FIGURE_CELLS][32];
            dsc_id cells[N] = {cli_id(name)};
            cli_figure_cells(figures, p, &figures->figure[f], text, cells + 1);
            cells[N - 1] = cli_id(candidates);
            cli_csv_row(cells, N);
        }
    }
}

static int print_csv(const report *self) {
    dsc_id cells[CLI_N_FIGURE_CELLS + 2] = {cli_id("fold")};
    char name[32], candidates[64];
    for (size_t i = 0; i < CLI_N_FIGURE_CELLS; i++) {
        cells[i + 1] = cli_id(cli_figure_columns[i]);
    }
    cells[CLI_N_FIGURE_CELLS + 1] = cli_id("candidates");
    cli_csv_row(cells, CLI_COUNT(cells));
    cli_candidates_label(&self->folds->fold[0].assessment, candidates, sizeof candidates);
    for (size_t k = 0; k < self->folds->n; k++) {
        snprintf(name, sizeof name, "%zu", k + 1);
        print_csv_rows(name, candidates, &self->fold[k]);
    }
    print_csv_rows("mean", candidates, &self->mean);
    print_csv_rows("deviation", candidates, &self->spread);
    return CLI_DONE;
}

/* {"model": {"rmse": 0.9, ...}, "biases": {...}, ...} */
static json_t *figures_to_json(const cli_figures *figures) {
    json_t *document = json_object();
    bool is_good = document != NULL;
    for (size_t p = 0; p < figures->n_predictors && is_good; p++) {
        json_t *values = json_object();
        is_good = json_object_set_new(document, figures->predictor[p], values) == 0;
        for (size_t f = 0; f < figures->n && is_good; f++) {
            char name[64];
            cli_figure_name(&figures->figure[f], false, name, sizeof name);
            is_good = json_object_set_new(values, name,
                                          cli_json_real(figures->figure[f].of[p].value)) == 0;
        }
    }
    if (!is_good) {
        json_decref(document);
        return NULL;
    }
    return document;
}

/* An assessment with what it was made from. */
static json_t *fold_to_json(const cli_fold *fold) {
    json_t *document = cli_assessment_to_json(&fold->assessment);
    if (document != NULL && (json_object_set_new(document, "train_ratings",
                                                 json_integer((json_int_t)fold->n_train)) != 0 ||
                             json_object_set_new(document, "test_ratings",
                                                 json_integer((json_int_t)fold->n_test)) != 0)) {
        json_decref(document);
        return NULL;
    }
    return document;
}

static int print_json(const report *self) {
    json_t *list = json_array();
    for (size_t k = 0; k < self->folds->n; k++) {
        if (json_array_append_new(list, fold_to_json(&self->folds->fold[k])) != 0) {
            json_decref(list);
            return cli_no_memory();
        }
    }
    return cli_json_print(json_pack(
        "{s:s, s:o, s:o, s:o}", "protocol", dsc_protocol_name(self->folds->plan.protocol), "folds",
        list, "mean", figures_to_json(&self->mean), "deviation", figures_to_json(&self->spread)));
}

/* --- one split -------------------------------------------------------------------------------- */

static int print_one(const cli_folds *folds, const cli_form *form) {
    const cli_fold *fold = &folds->fold[0];
    if (form->is_json) {
        json_t *document = fold_to_json(fold);
        if (document != NULL &&
            json_object_set_new(document, "protocol",
                                json_string(dsc_protocol_name(folds->plan.protocol))) != 0) {
            json_decref(document);
            document = NULL;
        }
        return cli_json_print(document);
    }
    return cli_print_assessment(&fold->assessment, form);
}

int cli_print_folds(const cli_folds *folds, const cli_form *form) {
    if (folds->n == 1) {
        return print_one(folds, form);
    }
    report self = {.folds = folds, .fold = calloc(folds->n, sizeof *self.fold)};
    if (self.fold == NULL) {
        return cli_no_memory();
    }
    for (size_t k = 0; k < folds->n; k++) {
        cli_list_figures(&self.fold[k], &folds->fold[k].assessment);
    }
    summarize(&self);
    const bool is_ranking = folds->fold[0].assessment.request->is_ranking;
    const int status = form->is_json  ? print_json(&self)
                       : form->is_csv ? print_csv(&self)
                       : is_ranking   ? print_ranking(&self)
                                      : print_errors(&self);
    free(self.fold);
    return status;
}
