/* The rankings of test users: docs/metrics.md (82) to (94). */
#include "recommender/rank_user.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "ratings/sparse.h"
#include "recommender/scorer.h"

/* Streams of dsc_random_stream. */
enum { PURPOSE_LOTS = 29 };

/* What scores for a contender, and for whom of a group it has scored all items. */
typedef struct group_scores {
    dsc_scorer *scorer; /* NULL: the contender is another, or there is none */
    const dsc_test_sides *sides;
    double *scores; /* (DSC_RANK_GROUP, n_items); NULL: where few items are scored */
    const double *of[DSC_RANK_GROUP]; /* (n_items) in `scores`; NULL: not scored for */
} group_scores;

struct dsc_rank_worker {
    const dsc_rank_task *task;
    dsc_candidates candidates;
    group_scores of_model;
    group_scores of_dot;
    dsc_ranker *ranker;
    dsc_lists *lists[DSC_N_CONTENDERS];
    double *score;   /* (capacity of the candidates) */
    uint32_t *place; /* (capacity) of a list */
};

dsc_status dsc_rank_task_init(dsc_rank_task *task, dsc_error *err) {
    const dsc_ranking_plan *plan = task->plan;
    dsc_status status = DSC_OK;
    task->has_all_items = plan->n_negatives == 0 && plan->given == NULL;
    task->n_contenders = plan->dot != NULL ? DSC_N_CONTENDERS : DSC_BY_DOT;
    task->n_figures = plan->n_k * DSC_RANK_A_CUTOFF + 1;
    if (!task->has_all_items) {
        return DSC_OK;
    }
    status = dsc_catalogue_create_for_scores(&task->model_catalogue, task->model, DSC_NOW, err);
    if (status == DSC_OK && plan->dot != NULL) {
        status = dsc_catalogue_create_for_scores(&task->dot_catalogue, plan->dot, DSC_NOW, err);
    }
    if (status == DSC_OK) {
        status = dsc_sparse_transpose(
            &task->by_item, dsc_sparse_places(dsc_sparse_view(&task->model->ratings)), NULL, err);
    }
    return status;
}

void dsc_rank_task_clear(dsc_rank_task *task) {
    dsc_catalogue_destroy(task->model_catalogue);
    dsc_catalogue_destroy(task->dot_catalogue);
    dsc_sparse_matrix_clear(&task->by_item);
}

static dsc_status create_scores(group_scores *out, const dsc_recommender *model,
                                const dsc_catalogue *catalogue, dsc_error *err) {
    if (catalogue == NULL) {
        return dsc_scorer_create(&out->scorer, model, err);
    }
    out->scores = dsc_alloc(model->n_items, DSC_RANK_GROUP * sizeof *out->scores);
    return out->scores != NULL ? dsc_scorer_create_on(&out->scorer, catalogue, err)
                               : dsc_fail_memory(err, "a ranking");
}

static dsc_status create_parts(dsc_rank_worker *w, dsc_error *err) {
    const dsc_rank_task *task = w->task;
    const dsc_ranking_plan *plan = task->plan;
    dsc_status status = dsc_candidates_init(&w->candidates, task->model, task->test, plan, err);
    if (status == DSC_OK) {
        w->of_model.sides = plan->sides;
        status = create_scores(&w->of_model, task->model, task->model_catalogue, err);
    }
    if (status == DSC_OK && plan->dot != NULL) {
        w->of_dot.sides = plan->dot_sides;
        status = create_scores(&w->of_dot, plan->dot, task->dot_catalogue, err);
    }
    if (status == DSC_OK) {
        status = dsc_ranker_create(&w->ranker, w->candidates.capacity, plan->k, plan->n_k, err);
    }
    for (size_t k = 0; task->has_all_items && k < task->n_contenders && status == DSC_OK; k++) {
        status = dsc_lists_create(&w->lists[k], dsc_sparse_view(&task->by_item), plan->k, plan->n_k,
                                  err);
    }
    if (status != DSC_OK) {
        return status;
    }
    w->score = dsc_alloc(w->candidates.capacity, sizeof *w->score);
    w->place = dsc_alloc(w->candidates.capacity, sizeof *w->place);
    return w->score != NULL && w->place != NULL ? DSC_OK : dsc_fail_memory(err, "a ranking");
}

dsc_status dsc_rank_worker_create(dsc_rank_worker **out, const dsc_rank_task *task,
                                  dsc_error *err) {
    *out = NULL;
    dsc_rank_worker *w = dsc_alloc(1, sizeof *w);
    if (w == NULL) {
        return dsc_fail_memory(err, "a ranking");
    }
    w->task = task;
    const dsc_status status = create_parts(w, err);
    if (status != DSC_OK) {
        dsc_rank_worker_destroy(w);
        return status;
    }
    *out = w;
    return DSC_OK;
}

void dsc_rank_worker_destroy(dsc_rank_worker *w) {
    if (w == NULL) {
        return;
    }
    for (size_t k = 0; k < DSC_N_CONTENDERS; k++) {
        dsc_lists_destroy(w->lists[k]);
    }
    dsc_candidates_clear(&w->candidates);
    dsc_scorer_destroy(w->of_model.scorer);
    dsc_scorer_destroy(w->of_dot.scorer);
    dsc_free(w->of_model.scores);
    dsc_free(w->of_dot.scores);
    dsc_ranker_destroy(w->ranker);
    dsc_free(w->score);
    dsc_free(w->place);
    dsc_free(w);
}

dsc_lists *dsc_rank_worker_lists(dsc_rank_worker *worker, size_t contender) {
    return worker->lists[contender];
}

/* The side of the candidates' user. */
static dsc_side side_of(const dsc_rank_worker *w, const group_scores *g, uint32_t test_user) {
    return g->sides != NULL ? g->sides->user[test_user]
                            : dsc_recommender_user_side_at(g->scorer->model, w->candidates.user,
                                                           g->scorer->time);
}

/* Scores all items for those of a group who are known and have something to rank. */
static void score_group(dsc_rank_worker *w, group_scores *g, uint32_t first, size_t n) {
    dsc_side sides[DSC_RANK_GROUP];
    size_t n_known = 0;
    for (size_t u = 0; u < n; u++) {
        const uint32_t test_user = first + (uint32_t)u;
        const dsc_status status = dsc_candidates_of(&w->candidates, test_user, NULL);
        const bool is_ranked = status == DSC_OK && w->candidates.n_relevant > 0;
        const dsc_side side = is_ranked ? side_of(w, g, test_user) : (dsc_side){0};
        g->of[u] = side.vector != NULL ? g->scores + n_known * g->scorer->model->n_items : NULL;
        if (side.vector != NULL) {
            sides[n_known++] = side;
        }
    }
    if (n_known > 0) {
        dsc_scorer_score_all(g->scorer, sides, n_known, g->scores);
    }
}

/* Scores of all candidates of user u of a group; items that the model does not know stand last. */
static void score_candidates(dsc_rank_worker *w, dsc_contender contender, uint32_t first,
                             size_t u) {
    static const group_scores nobody;
    const dsc_candidates *c = &w->candidates;
    const group_scores *g = contender == DSC_BY_MODEL ? &w->of_model
                            : contender == DSC_BY_DOT ? &w->of_dot
                                                      : &nobody;
    if (g->of[u] != NULL) {
        for (size_t j = 0; j < c->n_known; j++) {
            w->score[j] = g->of[u][c->item[j]];
        }
    } else if (g->scorer != NULL) {
        const dsc_side side = side_of(w, g, first + (uint32_t)u);
        dsc_scorer_score_side(g->scorer, &side, c->n_known, c->item, w->score);
    }
    for (size_t j = 0; j < c->n_known && g->scorer == NULL; j++) {
        const uint32_t item = c->item[j];
        w->score[j] = contender == DSC_BY_POPULARITY ? w->task->model->item_count[item]
                      : contender == DSC_BY_BIASES   ? w->task->model->item_baseline[item]
                                                     : 0;
    }
    for (size_t j = c->n_known; j < c->n; j++) {
        w->score[j] = -(double)INFINITY;
    }
}

/* Novelty and diversity of the list that is shown, and its place in the counts. */
static void list_items(dsc_rank_worker *w, dsc_contender contender, uint32_t test_user,
                       double *novelty, double *diversity) {
    const dsc_candidates *c = &w->candidates;
    dsc_random random =
        dsc_random_stream(w->task->plan->seed, PURPOSE_LOTS,
                          (uint64_t)test_user * DSC_N_CONTENDERS + (uint64_t)contender);
    const size_t n = dsc_ranker_list(w->ranker, c->n, w->score, &random, w->place);
    for (size_t p = 0; p < n; p++) {
        w->place[p] = c->item[w->place[p]];
    }
    dsc_lists_add(w->lists[contender], w->place, n, novelty, diversity);
}

/* The figures of one contender for user u of a group, who is that of the candidates. */
static void measure(dsc_rank_worker *w, dsc_contender contender, uint32_t first, size_t u,
                    double *figure) {
    const size_t n_k = w->task->plan->n_k;
    double at[DSC_MAX_CUTOFFS * DSC_N_LIST_METRICS];
    double novelty[DSC_MAX_CUTOFFS], diversity[DSC_MAX_CUTOFFS];
    score_candidates(w, contender, first, u);
    dsc_ranker_measure(w->ranker, w->candidates.n, w->score, w->candidates.is_relevant, at,
                       &figure[w->task->n_figures - 1]);
    for (size_t c = 0; c < n_k; c++) {
        novelty[c] = diversity[c] = (double)NAN;
    }
    if (w->task->has_all_items) {
        list_items(w, contender, first + (uint32_t)u, novelty, diversity);
    }
    for (size_t c = 0; c < n_k; c++) {
        double *out = figure + c * DSC_RANK_A_CUTOFF;
        memcpy(out, at + c * DSC_N_LIST_METRICS, DSC_N_LIST_METRICS * sizeof *out);
        out[DSC_N_LIST_METRICS] = novelty[c];
        out[DSC_N_LIST_METRICS + 1] = diversity[c];
    }
}

static void rank_user(dsc_rank_worker *w, uint32_t first, size_t u, dsc_ranked_user *out) {
    const dsc_rank_task *task = w->task;
    const dsc_candidates *c = &w->candidates;
    double *const figure = out->figure;
    *out = (dsc_ranked_user){.figure = figure};
    out->status = dsc_candidates_of(&w->candidates, first + (uint32_t)u, &out->err);
    out->n_seen = c->n_seen;
    out->n_dropped = c->n_dropped;
    if (out->status != DSC_OK) {
        return;
    }
    out->n_relevant = c->n_relevant;
    for (size_t k = 0; c->n_relevant > 0 && k < task->n_contenders; k++) {
        measure(w, (dsc_contender)k, first, u, figure + k * task->n_figures);
    }
    out->is_folded_in = c->side.vector != NULL && c->side.is_folded_in;
    out->is_unknown = task->plan->sides != NULL ? c->side.vector == NULL : c->user == DSC_NO_INDEX;
    for (size_t j = c->n_known; j < c->n; j++) {
        out->n_unknown_pairs += c->is_relevant[j];
    }
}

void dsc_rank_users(dsc_rank_worker *w, uint32_t first, size_t n, dsc_ranked_user *out) {
    if (w->of_model.scores != NULL) {
        score_group(w, &w->of_model, first, n);
    }
    if (w->of_dot.scores != NULL) {
        score_group(w, &w->of_dot, first, n);
    }
    for (size_t u = 0; u < n; u++) {
        rank_user(w, first, u, &out[u]);
    }
}
