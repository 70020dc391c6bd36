/* The figures of an assessment as one list, and as JSON and CSV. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assess.h"

const char *const cli_figure_columns[CLI_N_FIGURE_CELLS] = {"predictor", "metric", "k",
                                                            "value",     "low",    "high"};

static const char *const titles[DSC_N_RANKING_METRICS] = {
    [DSC_HIT_RATE] = "HR",
    [DSC_PRECISION] = "precision",
    [DSC_RECALL] = "recall",
    [DSC_NDCG] = "NDCG",
    [DSC_MAP] = "MAP",
    [DSC_MRR] = "MRR",
    [DSC_AUC_AT] = "AUC",
    [DSC_COVERAGE] = "coverage",
    [DSC_GINI] = "Gini",
    [DSC_NOVELTY] = "novelty",
    [DSC_DIVERSITY] = "diversity",
};

static void list_errors(cli_figures *out, const cli_assessment *assessment) {
    const dsc_evaluation *evaluation = &assessment->errors;
    static const struct {
        const char *metric, *title;
    } names[] = {{"rmse", "RMSE"},
                 {"mae", "MAE"},
                 {"user_rmse", "RMSE, mean of users"},
                 {"user_mae", "MAE, mean of users"}};
    const struct {
        const char *name;
        const dsc_errors *errors;
        bool is_left_out;
    } predictors[] = {{"model", &evaluation->model, false},
                      {"fallback", &evaluation->fallback, isnan(evaluation->fallback.rmse)},
                      {"dot", &assessment->dot, !assessment->has_dot},
                      {"biases", &evaluation->biases, false},
                      {"mean", &evaluation->mean, false}};
    out->n = CLI_COUNT(names);
    for (size_t i = 0; i < CLI_COUNT(predictors); i++) {
        const dsc_errors *e = predictors[i].errors;
        if (predictors[i].is_left_out) {
            continue;
        }
        const size_t p = out->n_predictors++;
        const dsc_measure measures[] = {{e->rmse, e->rmse_range},
                                        {e->mae, e->mae_range},
                                        {e->user_rmse, e->user_rmse_range},
                                        {e->user_mae, e->user_mae_range}};
        out->predictor[p] = predictors[i].name;
        for (size_t f = 0; f < out->n; f++) {
            out->figure[f].metric = names[f].metric;
            out->figure[f].title = names[f].title;
            out->figure[f].of[p] = measures[f];
        }
    }
}

/* Coverage and those behind it exist only where all items were ranked. */
static void list_ranking(cli_figures *out, const cli_assessment *assessment) {
    const dsc_ranking_scores *by = assessment->ranking.by;
    const bool has_lists = !isnan(by[DSC_BY_MODEL].at[0][DSC_COVERAGE].value);
    const size_t n_metrics = has_lists ? DSC_N_RANKING_METRICS : DSC_N_LIST_METRICS;
    static const dsc_contender order[] = {DSC_BY_MODEL, DSC_BY_DOT, DSC_BY_POPULARITY,
                                          DSC_BY_BIASES, DSC_BY_MEAN};
    const dsc_ranking_scores *of[CLI_MAX_PREDICTORS];
    for (size_t i = 0; i < CLI_COUNT(order); i++) {
        if (order[i] == DSC_BY_DOT && !assessment->has_dot) {
            continue;
        }
        of[out->n_predictors] = &by[order[i]];
        out->predictor[out->n_predictors++] = dsc_contender_name(order[i]);
    }
    for (size_t c = 0; c < assessment->n_k; c++) {
        for (size_t m = 0; m < n_metrics; m++) {
            cli_figure *figure = &out->figure[out->n++];
            figure->metric = dsc_ranking_metric_name((dsc_ranking_metric)m);
            figure->title = titles[m];
            figure->k = assessment->k[c];
            for (size_t p = 0; p < out->n_predictors; p++) {
                figure->of[p] = of[p]->at[c][m];
            }
        }
    }
    cli_figure *figure = &out->figure[out->n++];
    figure->metric = "auc";
    figure->title = "AUC";
    for (size_t p = 0; p < out->n_predictors; p++) {
        figure->of[p] = of[p]->auc;
    }
}

void cli_list_figures(cli_figures *out, const cli_assessment *assessment) {
    memset(out, 0, sizeof *out);
    if (assessment->request->is_ranking) {
        list_ranking(out, assessment);
    } else {
        list_errors(out, assessment);
    }
}

void cli_figure_name(const cli_figure *figure, bool is_for_people, char *out, size_t length) {
    const char *name = is_for_people ? figure->title : figure->metric;
    if (figure->k == 0) {
        snprintf(out, length, "%s", name);
    } else {
        snprintf(out, length, "%s@%zu", name, figure->k);
    }
}

void cli_figure_cells(const cli_figures *figures, size_t predictor, const cli_figure *figure,
                      char text[CLI_N_FIGURE_CELLS][32], dsc_id cells[CLI_N_FIGURE_CELLS]) {
    const dsc_measure *measure = &figure->of[predictor];
    const double numbers[] = {measure->value, measure->range.low, measure->range.high};
    memset(text, 0, CLI_N_FIGURE_CELLS * sizeof *text);
    snprintf(text[0], sizeof text[0], "%s", figures->predictor[predictor]);
    snprintf(text[1], sizeof text[1], "%s", figure->metric);
    if (figure->k > 0) {
        snprintf(text[2], sizeof text[2], "%zu", figure->k);
    }
    for (size_t i = 0; i < 3; i++) { /* not a number: an empty cell */
        if (!isnan(numbers[i])) {
            snprintf(text[3 + i], sizeof text[3 + i], "%.9g", numbers[i]);
        }
    }
    for (size_t i = 0; i < CLI_N_FIGURE_CELLS; i++) {
        cells[i] = cli_id(text[i]);
    }
}

void cli_candidates_label(const cli_assessment *assessment, char *out, size_t length) {
    const cli_assess_request *request = assessment->request;
    if (!request->is_ranking) {
        snprintf(out, length, "%s", "");
    } else if (request->negatives_path != NULL) {
        snprintf(out, length, "given");
    } else if (assessment->ranking.n_negatives > 0) {
        snprintf(out, length, "%zu sampled", assessment->ranking.n_negatives);
    } else {
        snprintf(out, length, "all");
    }
}

static json_t *count(size_t n) {
    return json_integer((json_int_t)n);
}

static json_t *errors_to_json(const dsc_evaluation *e) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "pairs", count(e->n_pairs),
                     "users", count(e->n_users), "unknown_users", count(e->n_unknown_users),
                     "unknown_items", count(e->n_unknown_items), "folded_users",
                     count(e->n_folded_users), "folded_items", count(e->n_folded_items),
                     "fallback_pairs", count(e->n_fallback_pairs), "seen_pairs",
                     count(e->n_seen_pairs));
}

static json_t *ranking_to_json(const cli_assessment *assessment) {
    const dsc_ranking_evaluation *r = &assessment->ranking;
    char label[64];
    cli_candidates_label(assessment, label, sizeof label);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "candidates",
                     cli_json_text(cli_id(label)), "negatives",
                     r->n_negatives > 0 ? count(r->n_negatives) : json_null(), "relevant_from",
                     cli_json_real(assessment->min_relevant), "users", count(r->n_users),
                     "ranked_users", count(r->n_ranked_users), "unknown_users",
                     count(r->n_unknown_users), "folded_users", count(r->n_folded_users), "items",
                     count(r->n_items), "relevant_pairs", count(r->n_relevant), "unknown_pairs",
                     count(r->n_unknown_pairs), "seen_pairs", count(r->n_seen_pairs),
                     "dropped_negatives", count(r->n_dropped));
}

/* {"ndcg@10": 0.41, ...}, or with is_range {"ndcg@10": [0.39, 0.43], ...}. */
static json_t *predictor_to_json(const cli_figures *figures, size_t predictor, bool is_range) {
    json_t *object = json_object();
    for (size_t f = 0; f < figures->n; f++) {
        const dsc_measure *measure = &figures->figure[f].of[predictor];
        char name[64];
        cli_figure_name(&figures->figure[f], false, name, sizeof name);
        json_t *value = is_range ? json_pack("[o, o]", cli_json_real(measure->range.low),
                                             cli_json_real(measure->range.high))
                                 : cli_json_real(measure->value);
        if (json_object_set_new(object, name, value) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

json_t *cli_assessment_to_json(const cli_assessment *assessment) {
    cli_figures figures;
    cli_list_figures(&figures, assessment);
    const bool has_ranges = !isnan(assessment->request->level);
    json_t *document = assessment->request->is_ranking ? ranking_to_json(assessment)
                                                       : errors_to_json(&assessment->errors);
    bool is_good = document != NULL &&
                   (!has_ranges || json_object_set_new(document, "confidence",
                                                       json_real(assessment->request->level)) == 0);
    for (size_t p = 0; p < figures.n_predictors && is_good; p++) {
        json_t *values = predictor_to_json(&figures, p, false);
        is_good = json_object_set_new(document, figures.predictor[p], values) == 0 &&
                  (!has_ranges || json_object_set_new(values, "ranges",
                                                      predictor_to_json(&figures, p, true)) == 0);
    }
    if (!is_good) {
        json_decref(document);
        return NULL;
    }
    return document;
}
