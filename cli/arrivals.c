/* Users or items who are folded in together. */
#include "arrivals.h"

#include <stdlib.h>

#include "options.h"
#include "output.h"

/* What is given of them, in one piece. */
typedef struct gifts {
    uint32_t *other; /* as many as all have ratings; like the next two */
    float *rating;
    int64_t *time;
    dsc_given *given;           /* (n) views of those */
    dsc_fold_in_config *config; /* (n) */
    dsc_folded **folded;        /* (n) */
} gifts;

static bool make_room(gifts *g, size_t n, size_t n_ratings) {
    g->other = calloc(n_ratings, sizeof *g->other);
    g->rating = calloc(n_ratings, sizeof *g->rating);
    g->time = calloc(n_ratings, sizeof *g->time);
    g->given = calloc(n, sizeof *g->given);
    g->config = calloc(n, sizeof *g->config);
    g->folded = calloc(n, sizeof(dsc_folded *)); /* the size of a pointer is meant */
    return g->other != NULL && g->rating != NULL && g->time != NULL && g->given != NULL &&
           g->config != NULL && g->folded != NULL;
}

static void free_room(gifts *g) {
    free(g->other);
    free(g->rating);
    free(g->time);
    free(g->given);
    free(g->config);
    free(g->folded);
}

/* The index in the model of whoever has row r; the items are new to it. */
static uint32_t known_of(const cli_arrivals *a, uint32_t r) {
    return a->are_items ? DSC_NO_INDEX : a->users[r];
}

static dsc_sparse rows_of(const cli_arrivals *a) {
    return a->are_items ? dsc_ratings_by_item(a->ratings) : dsc_ratings_by_user(a->ratings);
}

static size_t count_ratings(const cli_arrivals *a) {
    const dsc_sparse trained = dsc_recommender_ratings(a->model), rows = rows_of(a);
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        const uint32_t r = a->row[i], known = known_of(a, r);
        n += rows.start[r + 1] - rows.start[r];
        n += known != DSC_NO_INDEX ? trained.start[known + 1] - trained.start[known] : 0;
    }
    return n;
}

/* The ratings of arrival i, from place `begin` on: first those of training, where the model knows the
 * row, then those of the file, which count where both rate the same. Returns where they end. */
static size_t give(gifts *g, const cli_arrivals *a, size_t i, size_t begin) {
    const dsc_sparse trained = dsc_recommender_ratings(a->model), rows = rows_of(a);
    const uint32_t r = a->row[i], known = known_of(a, r);
    const uint32_t *index_of = a->are_items ? a->users : a->items;
    size_t to = begin;
    g->config[i] = *a->config;
    if (known != DSC_NO_INDEX) {
        g->config[i].n_history = 0; /* as long as in training, not one that has only begun */
        for (uint64_t e = trained.start[known]; e < trained.start[known + 1]; e++, to++) {
            g->other[to] = trained.column[e];
            g->rating[to] = trained.value[e];
            g->time[to] = trained.time != NULL ? trained.time[e] : DSC_NOW;
        }
    }
    for (uint64_t e = rows.start[r]; e < rows.start[r + 1]; e++, to++) {
        g->other[to] = index_of[rows.column[e]];
        g->rating[to] = rows.value[e];
        g->time[to] = rows.time != NULL ? rows.time[e] : DSC_NOW;
    }
    g->given[i] = (dsc_given){to - begin, g->other + begin, g->rating + begin, g->time + begin};
    return to;
}

int cli_arrivals_fold_in(const cli_arrivals *arrivals, size_t threads, dsc_folded **folded) {
    gifts g;
    dsc_error err;
    if (arrivals->n == 0) {
        return CLI_GO_ON;
    }
    if (!make_room(&g, arrivals->n, count_ratings(arrivals))) {
        free_room(&g);
        return cli_no_memory();
    }
    for (size_t i = 0, to = 0; i < arrivals->n; i++) {
        to = give(&g, arrivals, i, to);
    }
    const dsc_newcomers all = {arrivals->n, arrivals->are_items, g.given, g.config, threads};
    const dsc_status status = dsc_fold_in_many(g.folded, arrivals->model, &all, &err);
    for (size_t i = 0; i < arrivals->n; i++) {
        folded[arrivals->row[i]] = g.folded[i];
    }
    free_room(&g);
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}
