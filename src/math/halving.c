/* Successive halving: many candidates at a small budget, few at the whole. docs/math.md (151).
 * Source: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter
 * optimization", AISTATS 2016. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/tune.h"

size_t dsc_halving_size(const dsc_halving *ladder, size_t rung) {
    size_t size = ladder->n_candidates;
    for (size_t r = 0; r < rung; r++) {
        size /= ladder->eta;
    }
    const size_t n_kept = ladder->n_kept;
    const size_t least = n_kept < ladder->n_candidates ? n_kept + 1 : n_kept;
    return size > least ? size : least;
}

double dsc_halving_share(const dsc_halving *ladder, size_t rung) {
    return pow((double)ladder->eta, (double)rung - (double)(ladder->n_rungs - 1));
}

size_t dsc_halving_rungs(size_t n_candidates, size_t eta, double least_share) {
    size_t n_rungs = 1;
    double share = 1 / (double)eta;
    for (size_t n = n_candidates / eta; n >= 1 && share >= least_share && n_rungs < DSC_MAX_RUNGS;
         n /= eta) {
        share /= (double)eta;
        n_rungs++;
    }
    return n_rungs;
}

/* A candidate on its way up. */
typedef struct entry {
    size_t candidate;
    double score; /* of the last rung; INFINITY: it does not work */
    bool is_kept;
} entry;

/* The kept ones by number, then the others by score and number. */
static int compare(const void *x, const void *y) {
    const entry *a = x, *b = y;
    if (a->is_kept != b->is_kept) {
        return a->is_kept ? -1 : 1;
    }
    if (!a->is_kept && a->score != b->score) {
        return a->score < b->score ? -1 : 1;
    }
    return (a->candidate > b->candidate) - (a->candidate < b->candidate);
}

static dsc_status check(const dsc_halving *ladder, dsc_error *err) {
    const struct {
        const char *name;
        size_t value, low, high;
    } rows[] = {{"n_candidates", ladder->n_candidates, 1, SIZE_MAX},
                {"n_kept", ladder->n_kept, 0, ladder->n_candidates},
                {"eta", ladder->eta, 2, SIZE_MAX},
                {"n_rungs", ladder->n_rungs, 1, DSC_MAX_RUNGS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].value < rows[i].low || rows[i].value > rows[i].high) {
            return dsc_fail(err, DSC_E_ARGUMENT, rows[i].name, "is %zu; expected %zu to %zu",
                            rows[i].value, rows[i].low, rows[i].high);
        }
    }
    return DSC_OK;
}

/* Scores the first n entries, fewer when time runs out; *n becomes how many were. */
static dsc_status climb(const dsc_halving *ladder, const dsc_objective *objective, size_t rung,
                        entry *entries, size_t *n, dsc_error *err) {
    dsc_halving_task task = {.rung = rung, .n = *n, .share = dsc_halving_share(ladder, rung)};
    for (task.place = 0; task.place < task.n; task.place++) {
        entry *e = &entries[task.place];
        task.candidate = e->candidate;
        if (task.place > 0 && !e->is_kept && objective->goes_on != NULL &&
            !objective->goes_on(objective->user, &task)) {
            break;
        }
        double score = (double)NAN;
        const dsc_status status = objective->score(objective->user, &task, &score, err);
        if (status != DSC_OK) {
            return status;
        }
        e->score = isfinite(score) ? score : (double)INFINITY;
    }
    *n = task.place;
    return DSC_OK;
}

/* How many of the n scored and sorted entries may go on to a rung with room for `size`. */
static size_t count_fit(const entry *entries, size_t n, size_t size) {
    size_t fit = 0;
    while (fit < n && fit < size && (entries[fit].is_kept || isfinite(entries[fit].score))) {
        fit++;
    }
    return fit;
}

dsc_status dsc_halving_run(const dsc_halving *ladder, const dsc_objective *objective,
                           dsc_halving_result *out, dsc_error *err) {
    dsc_status status = check(ladder, err);
    if (status != DSC_OK) {
        return status;
    }
    size_t n = ladder->n_candidates;
    entry *entries = dsc_alloc(n, sizeof *entries);
    if (entries == NULL) {
        return dsc_fail_memory(err, "the candidates of a search");
    }
    for (size_t i = 0; i < n; i++) {
        entries[i] = (entry){.candidate = i, .is_kept = i < ladder->n_kept};
        out[i] = (dsc_halving_result){.score = INFINITY};
    }
    for (size_t rung = 0; rung < ladder->n_rungs && n > 0 && status == DSC_OK; rung++) {
        n = rung == 0 ? n : count_fit(entries, n, dsc_halving_size(ladder, rung));
        status = climb(ladder, objective, rung, entries, &n, err);
        for (size_t i = 0; i < n && status == DSC_OK; i++) {
            out[entries[i].candidate] =
                (dsc_halving_result){.n_rungs = rung + 1, .score = entries[i].score};
        }
        qsort(entries, n, sizeof *entries, compare);
    }
    dsc_free(entries);
    return status;
}
