/* A model and baselines ranked against test ratings: docs/metrics.md (82) to (94). */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/evaluation.h"
#include "ratings/sparse.h"
#include "recommender/candidates.h"
#include "recommender/cutoffs.h"
#include "recommender/model.h"

/* Streams of dsc_random_stream. */
enum { PURPOSE_LOTS = 29 };

/* Users between two calls of the watcher. */
enum { USERS_A_CALL = 16 };

/* Figures of one user and one contender: for each cutoff those of the list, novelty and diversity,
 * and then the area of the whole list. */
enum { A_CUTOFF = DSC_N_LIST_METRICS + 2, MAX_FIGURES = DSC_MAX_CUTOFFS * A_CUTOFF + 1 };

typedef struct ranking {
    const dsc_recommender *model;
    const dsc_ranking_plan *plan;
    bool has_all_items; /* what is recommended is a list of the catalogue */
    dsc_candidates candidates;
    size_t n_contenders; /* without a dot product, which is the last, one less */
    dsc_scorer *scorer;
    dsc_scorer *dot_scorer; /* NULL: none */
    dsc_ranker *ranker;
    dsc_sparse_matrix by_item;
    dsc_lists *lists[DSC_N_CONTENDERS];
    double *score;      /* (capacity of the candidates) */
    uint32_t *place;    /* (capacity) of a list */
    size_t n_figures;   /* of a contender */
    size_t n_columns;   /* of all contenders */
    double *sum, *n_of; /* (n_columns) over the users for whom the figure exists, and how many */
    double *a, *b;      /* (ranked users, n_columns) for the bootstrap; NULL without one */
    size_t n_ranked;
} ranking;

const char *dsc_contender_name(dsc_contender contender) {
    static const char *const names[DSC_N_CONTENDERS] = {"model", "popularity", "biases", "mean",
                                                        "dot"};
    const size_t value = (size_t)contender;
    return value < DSC_N_CONTENDERS ? names[value] : NULL;
}

static dsc_status check(const dsc_recommender *model, const dsc_ranking_plan *plan,
                        dsc_error *err) {
    if (plan->dot != NULL &&
        (plan->dot->n_users != model->n_users || plan->dot->n_items != model->n_items)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "dot",
                        "has %zu users and %zu items; expected those of the model, %zu and %zu",
                        plan->dot->n_users, plan->dot->n_items, model->n_users, model->n_items);
    }
    if (plan->given != NULL && plan->n_negatives > 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_negatives",
                        "negatives are either drawn or given, not both");
    }
    return dsc_cutoffs_check(plan->k, plan->n_k, err);
}

static dsc_status begin_lists(ranking *r, dsc_error *err) {
    dsc_status status = dsc_sparse_transpose(&r->by_item, dsc_sparse_view(&r->model->ratings), err);
    for (size_t k = 0; k < r->n_contenders && status == DSC_OK; k++) {
        status = dsc_lists_create(&r->lists[k], dsc_sparse_view(&r->by_item), r->plan->k,
                                  r->plan->n_k, err);
    }
    return status;
}

static dsc_status begin(ranking *r, const dsc_ratings *test, dsc_error *err) {
    const size_t n_users = dsc_ratings_n_users(test);
    r->has_all_items = r->plan->given == NULL && r->plan->n_negatives == 0;
    r->n_figures = r->plan->n_k * A_CUTOFF + 1;
    r->n_contenders = r->plan->dot != NULL ? DSC_N_CONTENDERS : DSC_BY_DOT;
    r->n_columns = r->n_figures * r->n_contenders;
    dsc_status status = dsc_candidates_init(&r->candidates, r->model, test, r->plan, err);
    if (status == DSC_OK) {
        status = dsc_scorer_create(&r->scorer, r->model, err);
    }
    if (status == DSC_OK && r->plan->dot != NULL) {
        status = dsc_scorer_create(&r->dot_scorer, r->plan->dot, err);
    }
    if (status == DSC_OK) {
        status =
            dsc_ranker_create(&r->ranker, r->candidates.capacity, r->plan->k, r->plan->n_k, err);
    }
    if (status == DSC_OK && r->has_all_items) {
        status = begin_lists(r, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    r->score = dsc_alloc(r->candidates.capacity, sizeof *r->score);
    r->place = dsc_alloc(r->candidates.capacity, sizeof *r->place);
    r->sum = dsc_alloc(r->n_columns, sizeof *r->sum);
    r->n_of = dsc_alloc(r->n_columns, sizeof *r->n_of);
    bool has_memory = r->score != NULL && r->place != NULL && r->sum != NULL && r->n_of != NULL;
    if (r->plan->bootstrap != NULL) {
        r->a = dsc_alloc(n_users, r->n_columns * sizeof *r->a);
        r->b = dsc_alloc(n_users, r->n_columns * sizeof *r->b);
        has_memory = has_memory && r->a != NULL && r->b != NULL;
    }
    return has_memory ? DSC_OK : dsc_fail_memory(err, "a ranking");
}

static void end(ranking *r) {
    for (size_t k = 0; k < DSC_N_CONTENDERS; k++) {
        dsc_lists_destroy(r->lists[k]);
    }
    dsc_sparse_matrix_clear(&r->by_item);
    dsc_candidates_clear(&r->candidates);
    dsc_scorer_destroy(r->scorer);
    dsc_scorer_destroy(r->dot_scorer);
    dsc_ranker_destroy(r->ranker);
    dsc_free(r->score);
    dsc_free(r->place);
    dsc_free(r->sum);
    dsc_free(r->n_of);
    dsc_free(r->a);
    dsc_free(r->b);
    dsc_free(r);
}

/* Scores of all candidates; items that the model does not know stand last. */
static void score_candidates(ranking *r, dsc_contender contender, uint32_t test_user) {
    const dsc_candidates *c = &r->candidates;
    const bool is_dot = contender == DSC_BY_DOT;
    dsc_scorer *scorer = contender == DSC_BY_MODEL ? r->scorer : is_dot ? r->dot_scorer : NULL;
    const dsc_test_sides *sides = is_dot ? r->plan->dot_sides : r->plan->sides;
    if (scorer != NULL && sides != NULL) {
        dsc_scorer_score_side(scorer, &sides->user[test_user], c->n_known, c->item, r->score);
    } else if (scorer != NULL) {
        dsc_scorer_score(scorer, c->user, c->n_known, c->item, r->score);
    }
    for (size_t j = 0; j < c->n_known && scorer == NULL; j++) {
        const uint32_t item = c->item[j];
        r->score[j] = contender == DSC_BY_POPULARITY ? r->model->item_count[item]
                      : contender == DSC_BY_BIASES   ? r->model->item_baseline[item]
                                                     : 0;
    }
    for (size_t j = c->n_known; j < c->n; j++) {
        r->score[j] = -(double)INFINITY;
    }
}

/* Novelty and diversity of the list that is shown, and its place in the counts. */
static void list_items(ranking *r, dsc_contender contender, uint32_t test_user, double *novelty,
                       double *diversity) {
    const dsc_candidates *c = &r->candidates;
    dsc_random random = dsc_random_stream(
        r->plan->seed, PURPOSE_LOTS, (uint64_t)test_user * DSC_N_CONTENDERS + (uint64_t)contender);
    const size_t n = dsc_ranker_list(r->ranker, c->n, r->score, &random, r->place);
    for (size_t p = 0; p < n; p++) {
        r->place[p] = c->item[r->place[p]];
    }
    dsc_lists_add(r->lists[contender], r->place, n, novelty, diversity);
}

/* The figures of one contender for the user of the candidates. */
static void measure(ranking *r, dsc_contender contender, uint32_t test_user, double *figure) {
    const size_t n_k = r->plan->n_k;
    double at[DSC_MAX_CUTOFFS * DSC_N_LIST_METRICS];
    double novelty[DSC_MAX_CUTOFFS], diversity[DSC_MAX_CUTOFFS];
    score_candidates(r, contender, test_user);
    dsc_ranker_measure(r->ranker, r->candidates.n, r->score, r->candidates.is_relevant, at,
                       &figure[r->n_figures - 1]);
    for (size_t c = 0; c < n_k; c++) {
        novelty[c] = diversity[c] = (double)NAN;
    }
    if (r->has_all_items) {
        list_items(r, contender, test_user, novelty, diversity);
    }
    for (size_t c = 0; c < n_k; c++) {
        double *out = figure + c * A_CUTOFF;
        memcpy(out, at + c * DSC_N_LIST_METRICS, DSC_N_LIST_METRICS * sizeof *out);
        out[DSC_N_LIST_METRICS] = novelty[c];
        out[DSC_N_LIST_METRICS + 1] = diversity[c];
    }
}

/* A figure that does not exist for the user, NAN, is left out of its mean. */
static void add_figures(ranking *r, dsc_contender contender, const double *figure) {
    for (size_t f = 0; f < r->n_figures; f++) {
        const size_t column = (size_t)contender * r->n_figures + f;
        const bool has_figure = !isnan(figure[f]);
        const double a = has_figure ? figure[f] : 0, b = has_figure ? 1 : 0;
        r->sum[column] += a;
        r->n_of[column] += b;
        if (r->a != NULL) {
            r->a[r->n_ranked * r->n_columns + column] = a;
            r->b[r->n_ranked * r->n_columns + column] = b;
        }
    }
}

static dsc_status rank_user(ranking *r, uint32_t test_user, dsc_ranking_evaluation *out,
                            dsc_error *err) {
    const dsc_candidates *c = &r->candidates;
    dsc_status status = dsc_candidates_of(&r->candidates, test_user, err);
    out->n_seen_pairs += c->n_seen;
    out->n_dropped += c->n_dropped;
    if (status != DSC_OK || c->n_relevant == 0) {
        return status;
    }
    for (size_t k = 0; k < r->n_contenders; k++) {
        double figure[MAX_FIGURES];
        measure(r, (dsc_contender)k, test_user, figure);
        add_figures(r, (dsc_contender)k, figure);
    }
    out->n_folded_users += c->side.vector != NULL && c->side.is_folded_in;
    out->n_unknown_users +=
        r->plan->sides != NULL ? c->side.vector == NULL : c->user == DSC_NO_INDEX;
    out->n_relevant += c->n_relevant;
    for (size_t j = c->n_known; j < c->n; j++) {
        out->n_unknown_pairs += c->is_relevant[j];
    }
    r->n_ranked++;
    return DSC_OK;
}

static dsc_status rank_all(ranking *r, dsc_ranking_evaluation *out, dsc_error *err) {
    for (uint32_t u = 0; u < out->n_users; u++) {
        if (u % USERS_A_CALL == 0 && r->plan->watcher != NULL &&
            !r->plan->watcher(u, out->n_users, r->plan->user)) {
            return dsc_fail(err, DSC_E_CANCELLED, "", "the evaluation was stopped");
        }
        dsc_status status = rank_user(r, u, out, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    out->n_ranked_users = r->n_ranked;
    if (r->n_ranked == 0) {
        return dsc_fail(err, DSC_E_DATA, "test ratings",
                        "no user has a relevant item that was not in training");
    }
    return DSC_OK;
}

/* Where the mean of a contender's figure goes. */
static dsc_measure *measure_at(const ranking *r, dsc_ranking_evaluation *out, size_t column) {
    dsc_ranking_scores *scores = &out->by[column / r->n_figures];
    const size_t figure = column % r->n_figures;
    const size_t metric = figure % A_CUTOFF;
    if (figure + 1 == r->n_figures) {
        return &scores->auc;
    }
    return &scores->at[figure / A_CUTOFF][metric < DSC_N_LIST_METRICS    ? metric
                                          : metric == DSC_N_LIST_METRICS ? DSC_NOVELTY
                                                                         : DSC_DIVERSITY];
}

static dsc_status find_ranges(const ranking *r, dsc_ranking_evaluation *out, dsc_error *err) {
    dsc_range *range = dsc_alloc(r->n_columns, sizeof *range);
    if (range == NULL) {
        return dsc_fail_memory(err, "a ranking");
    }
    dsc_status status =
        dsc_bootstrap_ratios(r->n_ranked, r->n_columns, r->a, r->b, r->plan->bootstrap, range, err);
    for (size_t column = 0; column < r->n_columns && status == DSC_OK; column++) {
        measure_at(r, out, column)->range = range[column];
    }
    dsc_free(range);
    return status;
}

static dsc_status finish(const ranking *r, dsc_ranking_evaluation *out, dsc_error *err) {
    static const dsc_measure none = {(double)NAN, {(double)NAN, (double)NAN}};
    double coverage[DSC_MAX_CUTOFFS], gini[DSC_MAX_CUTOFFS];
    for (size_t k = 0; k < DSC_N_CONTENDERS; k++) {
        for (size_t c = 0; c < DSC_MAX_CUTOFFS; c++) {
            for (size_t m = 0; m < DSC_N_RANKING_METRICS; m++) {
                out->by[k].at[c][m] = none;
            }
        }
        out->by[k].auc = none;
        if (!r->has_all_items || k >= r->n_contenders) {
            continue;
        }
        dsc_status status = dsc_lists_finish(r->lists[k], coverage, gini, err);
        if (status != DSC_OK) {
            return status;
        }
        for (size_t c = 0; c < r->plan->n_k; c++) {
            out->by[k].at[c][DSC_COVERAGE].value = coverage[c];
            out->by[k].at[c][DSC_GINI].value = gini[c];
        }
    }
    for (size_t column = 0; column < r->n_columns; column++) {
        if (r->n_of[column] > 0) {
            measure_at(r, out, column)->value = r->sum[column] / r->n_of[column];
        }
    }
    return r->plan->bootstrap != NULL ? find_ranges(r, out, err) : DSC_OK;
}

dsc_status dsc_recommender_rank(const dsc_recommender *model, const dsc_ratings *test,
                                const dsc_ranking_plan *plan, dsc_ranking_evaluation *out,
                                dsc_error *err) {
    *out = (dsc_ranking_evaluation){.n_users = dsc_ratings_n_users(test),
                                    .n_items = model->n_items,
                                    .n_negatives = plan->n_negatives};
    dsc_status status = check(model, plan, err);
    if (status != DSC_OK) {
        return status;
    }
    ranking *r = dsc_alloc(1, sizeof *r);
    if (r == NULL) {
        return dsc_fail_memory(err, "a ranking");
    }
    r->model = model;
    r->plan = plan;
    status = begin(r, test, err);
    if (status == DSC_OK) {
        status = rank_all(r, out, err);
    }
    if (status == DSC_OK) {
        status = finish(r, out, err);
    }
    end(r);
    return status;
}
