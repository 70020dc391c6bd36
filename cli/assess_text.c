/* An assessment on stdout: a table with what it was made of, or CSV; JSON is in assess_figures.c. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assess.h"

/* --- errors: a predictor a row --------------------------------------------------------------- */

static void write_value(double value, char *out, size_t length) {
    snprintf(out, length, isnan(value) ? "-" : "%.4f", value);
}

static void write_range(dsc_range range, char *out, size_t length) {
    if (isnan(range.low)) {
        snprintf(out, length, "-");
    } else {
        snprintf(out, length, "%.4f-%.4f", range.low, range.high);
    }
}

static int print_errors(const cli_figures *figures) {
    static const cli_column columns[] = {{"predictor", false, false}, {"RMSE", true, false},
                                         {"MAE", true, false},        {"user RMSE", true, false},
                                         {"user MAE", true, false},   {"what it is", false, true}};
    static const struct {
        const char *predictor, *meaning;
    } meanings[] = {{"model", "the trained model"},
                    {"fallback", "the same without what came after training"},
                    {"dot", "biases and a plain dot product of vectors"},
                    {"biases", "mean, how mild the user is, how liked the item is"},
                    {"mean", "the mean training rating every time"}};
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t p = 0; p < figures->n_predictors; p++) {
        char text[4][32];
        dsc_id cells[6] = {cli_id(figures->predictor[p])};
        for (size_t f = 0; f < 4; f++) {
            write_value(figures->figure[f].of[p].value, text[f], sizeof text[f]);
            cells[1 + f] = cli_id(text[f]);
        }
        for (size_t i = 0; i < CLI_COUNT(meanings); i++) {
            if (strcmp(figures->predictor[p], meanings[i].predictor) == 0) {
                cells[5] = cli_id(meanings[i].meaning);
            }
        }
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

static int print_error_ranges(const cli_figures *figures, double level) {
    static const cli_column columns[] = {{"predictor", false, false},
                                         {"RMSE", true, false},
                                         {"MAE", true, false},
                                         {"user RMSE", true, false},
                                         {"user MAE", true, false}};
    printf("\n%g %% confidence intervals, by bootstrap over users\n", 100 * level);
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t p = 0; p < figures->n_predictors; p++) {
        char text[4][32];
        dsc_id cells[5] = {cli_id(figures->predictor[p])};
        for (size_t f = 0; f < 4; f++) {
            write_range(figures->figure[f].of[p].range, text[f], sizeof text[f]);
            cells[1 + f] = cli_id(text[f]);
        }
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

/* The columns of the counts behind those of the errors: one row a predictor. */
static int print_errors_csv(const cli_assessment *assessment, const cli_figures *figures) {
    static const char *const names[] = {
        "predictor",     "rmse",           "mae",          "pairs",        "unknown_users",
        "unknown_items", "fallback_pairs", "seen_pairs",   "user_rmse",    "user_mae",
        "users",         "rmse_low",       "rmse_high",    "mae_low",      "mae_high",
        "user_rmse_low", "user_rmse_high", "user_mae_low", "user_mae_high"};
    enum { N_PLAIN = 11, N = CLI_COUNT(names) };
    const dsc_evaluation *e = &assessment->errors;
    const size_t n = isnan(assessment->request->level) ? N_PLAIN : N;
    const size_t counts[] = {e->n_pairs, e->n_unknown_users, e->n_unknown_items,
                             e->n_fallback_pairs, e->n_seen_pairs};
    dsc_id cells[N];
    for (size_t i = 0; i < n; i++) {
        cells[i] = cli_id(names[i]);
    }
    cli_csv_row(cells, n);
    for (size_t p = 0; p < figures->n_predictors; p++) {
        char text[N][32];
        snprintf(text[0], sizeof text[0], "%s", figures->predictor[p]);
        snprintf(text[10], sizeof text[10], "%zu", e->n_users);
        for (size_t i = 0; i < CLI_COUNT(counts); i++) {
            snprintf(text[3 + i], sizeof text[0], "%zu", counts[i]);
        }
        for (size_t f = 0; f < 4; f++) {
            const dsc_measure *measure = &figures->figure[f].of[p];
            snprintf(text[f < 2 ? 1 + f : 6 + f], sizeof text[0], "%.9g", measure->value);
            snprintf(text[N_PLAIN + 2 * f], sizeof text[0], "%.9g", measure->range.low);
            snprintf(text[N_PLAIN + 2 * f + 1], sizeof text[0], "%.9g", measure->range.high);
        }
        for (size_t i = 0; i < n; i++) {
            cells[i] = cli_id(text[i]);
        }
        cli_csv_row(cells, n);
    }
    return CLI_DONE;
}

/* --- rankings: a figure a row ---------------------------------------------------------------- */

static int print_ranking(const cli_assessment *assessment, const cli_figures *figures) {
    const bool has_range = !isnan(assessment->request->level);
    const size_t first = has_range ? 3 : 2; /* column of the first baseline */
    char heading[32];
    snprintf(heading, sizeof heading, "%g %% interval", 100 * assessment->request->level);
    cli_column columns[CLI_MAX_PREDICTORS + 2] = {
        {"metric", false, false}, {"model", true, false}, {heading, true, false}};
    for (size_t p = 1; p < figures->n_predictors; p++) {
        columns[first + p - 1] = (cli_column){figures->predictor[p], true, false};
    }
    cli_table *table = cli_table_create(columns, first + figures->n_predictors - 1);
    for (size_t f = 0; f < figures->n; f++) {
        const cli_figure *figure = &figures->figure[f];
        char name[64], range[32], text[CLI_MAX_PREDICTORS][32];
        dsc_id cells[CLI_MAX_PREDICTORS + 2];
        cli_figure_name(figure, true, name, sizeof name);
        write_range(figure->of[0].range, range, sizeof range);
        for (size_t p = 0; p < figures->n_predictors; p++) {
            write_value(figure->of[p].value, text[p], sizeof text[p]);
            cells[p == 0 ? 1 : first + p - 1] = cli_id(text[p]);
        }
        cells[0] = cli_id(name);
        if (has_range) {
            cells[2] = cli_id(range);
        }
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

static int print_ranking_csv(const cli_assessment *assessment, const cli_figures *figures) {
    enum { N = CLI_N_FIGURE_CELLS + 2 };
    char label[64], users[32];
    dsc_id cells[N];
    for (size_t i = 0; i < CLI_N_FIGURE_CELLS; i++) {
        cells[i] = cli_id(cli_figure_columns[i]);
    }
    cells[CLI_N_FIGURE_CELLS] = cli_id("candidates");
    cells[CLI_N_FIGURE_CELLS + 1] = cli_id("ranked_users");
    cli_csv_row(cells, N);
    cli_candidates_label(assessment, label, sizeof label);
    snprintf(users, sizeof users, "%zu", assessment->ranking.n_ranked_users);
    for (size_t p = 0; p < figures->n_predictors; p++) {
        for (size_t f = 0; f < figures->n; f++) {
            char text[CLI_N_FIGURE_CELLS][32];
            cli_figure_cells(figures, p, &figures->figure[f], text, cells);
            cells[CLI_N_FIGURE_CELLS] = cli_id(label);
            cells[CLI_N_FIGURE_CELLS + 1] = cli_id(users);
            cli_csv_row(cells, N);
        }
    }
    return CLI_DONE;
}

static void print_ranking_counts(const cli_assessment *assessment) {
    const dsc_ranking_evaluation *r = &assessment->ranking;
    if (assessment->request->negatives_path != NULL) {
        printf("ranked among the given negatives alone: not to be compared with rankings of all "
               "items\n");
    } else if (r->n_negatives > 0) {
        printf("ranked among %zu sampled negatives a user: not to be compared with rankings of all "
               "%zu items\n",
               r->n_negatives, r->n_items);
    } else {
        printf("ranked among all %zu items but those that the user %s in training\n", r->n_items,
               assessment->is_implicit ? "had" : "rated");
    }
    if (assessment->is_implicit) {
        printf("relevant: all %zu test interactions\n", r->n_relevant);
    } else {
        printf("relevant: %zu test ratings of at least %.4g%s\n", r->n_relevant,
               assessment->min_relevant,
               assessment->is_min_mean ? " (the mean training rating)" : "");
    }
    if (r->n_unknown_pairs > 0) {
        printf("of these %zu are of items that the model does not know, which stand last\n",
               r->n_unknown_pairs);
    }
    if (r->n_folded_users > 0) {
        printf("folded in from what came after training: users %zu\n", r->n_folded_users);
    }
    printf("users %zu, of which %zu are unknown; left out: %zu without a relevant item\n",
           r->n_ranked_users, r->n_unknown_users, r->n_users - r->n_ranked_users);
    printf("the mean rates all items alike: its figures are those of chance\n");
}

/* --- either ---------------------------------------------------------------------------------- */

void cli_print_counts(const cli_assessment *assessment) {
    const dsc_evaluation *e = &assessment->errors;
    if (assessment->request->is_ranking) {
        print_ranking_counts(assessment);
        return;
    }
    printf("pairs %zu, of which %zu have an unknown user or item (users unknown: %zu, items "
           "unknown: %zu)\n",
           e->n_pairs, e->n_fallback_pairs, e->n_unknown_users, e->n_unknown_items);
    if (e->n_folded_users + e->n_folded_items > 0) {
        printf("folded in from what came after training: users %zu, items %zu\n", e->n_folded_users,
               e->n_folded_items);
    }
    printf("user RMSE, user MAE: means over %zu users of each one's own\n", e->n_users);
}

static int print_text(const cli_assessment *assessment, const cli_figures *figures) {
    int status = CLI_DONE;
    if (assessment->request->is_ranking) {
        status = print_ranking(assessment, figures);
    } else {
        status = print_errors(figures);
        if (status == CLI_DONE && !isnan(assessment->request->level)) {
            status = print_error_ranges(figures, assessment->request->level);
        }
    }
    putchar('\n');
    cli_print_counts(assessment);
    return status;
}

int cli_print_assessment(const cli_assessment *assessment, const cli_form *form) {
    cli_figures figures;
    if (form->is_json) {
        return cli_json_print(cli_assessment_to_json(assessment));
    }
    cli_list_figures(&figures, assessment);
    if (!form->is_csv) {
        return print_text(assessment, &figures);
    }
    return assessment->request->is_ranking ? print_ranking_csv(assessment, &figures)
                                           : print_errors_csv(assessment, &figures);
}
