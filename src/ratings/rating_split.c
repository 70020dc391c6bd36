/* Splits of ratings: which rating is tested when, and the parts as ratings of their own. */
#include "descent/rating_split.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "ratings/ratings_build.h"

/* Streams of dsc_random_stream. */
enum { PURPOSE_HOLDOUT = 24, PURPOSE_FOLDS = 25, PURPOSE_LEAVE_ONE_OUT = 26 };

const char *dsc_protocol_name(dsc_protocol protocol) {
    static const char *const names[] = {"holdout", "folds", "leave-one-out", "time"};
    const size_t value = (size_t)protocol;
    return value < sizeof names / sizeof *names ? names[value] : NULL;
}

uint32_t dsc_split_plan_count(const dsc_split_plan *plan) {
    return plan->protocol == DSC_PROTOCOL_FOLDS ? plan->n_folds : 1;
}

static dsc_status check(const dsc_split_plan *plan, size_t n, dsc_error *err) {
    if (n > UINT32_MAX) {
        return dsc_fail(err, DSC_E_ARGUMENT, "ratings", "are %zu; this version splits at most %u",
                        n, UINT32_MAX);
    }
    if (n < 2) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "found %zu; expected at least 2: one to learn from and one to test", n);
    }
    switch (plan->protocol) {
    case DSC_PROTOCOL_HOLDOUT:
    case DSC_PROTOCOL_TIME:
        if (!(plan->share > 0 && plan->share < 1)) {
            return dsc_fail(err, DSC_E_ARGUMENT, "share", "%g is not above 0 and below 1",
                            plan->share);
        }
        return DSC_OK;
    case DSC_PROTOCOL_FOLDS:
        if (plan->n_folds < 2 || plan->n_folds > n) {
            return dsc_fail(err, DSC_E_ARGUMENT, "folds",
                            "%u is out of range; expected 2 to %zu, the number of ratings",
                            plan->n_folds, n);
        }
        return DSC_OK;
    case DSC_PROTOCOL_LEAVE_ONE_OUT:
        return DSC_OK;
    }
    return dsc_fail(err, DSC_E_ARGUMENT, "protocol", "%d is none of its values",
                    (int)plan->protocol);
}

/* n * share ratings, rounded, at least 1 and at most n - 1. */
static size_t share_of(size_t n, double share) {
    const size_t n_test = (size_t)round((double)n * share);
    return n_test < 1 ? 1 : n_test > n - 1 ? n - 1 : n_test;
}

/* Shuffles the entries and deals them: the first `n_test` of them, one after the other, to the
 * splits. */
static dsc_status deal(size_t n, size_t n_test, uint32_t n_splits, dsc_random random,
                       uint32_t *split, dsc_error *err) {
    uint32_t *order = reallocarray(NULL, n, sizeof *order);
    if (order == NULL) {
        return dsc_fail_memory(err, "a split of the ratings");
    }
    for (size_t i = 0; i < n; i++) {
        const size_t j = dsc_random_below(&random, (uint32_t)i + 1);
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
    for (size_t i = 0; i < n; i++) {
        split[order[i]] = i < n_test ? (uint32_t)(i % n_splits) : DSC_NO_INDEX;
    }
    free(order);
    return DSC_OK;
}

static int compare_times(const void *x, const void *y) {
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static dsc_status cut_time(dsc_sparse all, double share, uint32_t *split, dsc_error *err) {
    if (all.time == NULL) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "have no times; a split by time needs a column of them");
    }
    int64_t *sorted = reallocarray(NULL, all.n_entries, sizeof *sorted);
    if (sorted == NULL) {
        return dsc_fail_memory(err, "a split of the ratings");
    }
    for (size_t e = 0; e < all.n_entries; e++) {
        sorted[e] = all.time[e];
    }
    qsort(sorted, all.n_entries, sizeof *sorted, compare_times);
    const int64_t last = sorted[all.n_entries - share_of(all.n_entries, share) - 1];
    const bool has_later = sorted[all.n_entries - 1] > last;
    free(sorted);
    if (!has_later) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "more than the share that is learned from end in the same, last second; "
                        "no rating is later than those to learn from");
    }
    for (size_t e = 0; e < all.n_entries; e++) {
        split[e] = all.time[e] > last ? 0 : DSC_NO_INDEX;
    }
    return DSC_OK;
}

/* Of each row with two entries or more the latest, ties by lot: a reservoir of one. */
static dsc_status leave_one_out(dsc_sparse all, uint64_t seed, uint32_t *split, dsc_error *err) {
    size_t n_test = 0;
    for (size_t user = 0; user < all.n_rows; user++) {
        const uint64_t begin = all.start[user], end = all.start[user + 1];
        dsc_random random = dsc_random_stream(seed, PURPOSE_LEAVE_ONE_OUT, user);
        uint64_t chosen = begin;
        uint32_t n_tied = 0;
        for (uint64_t e = begin; e < end; e++) {
            split[e] = DSC_NO_INDEX;
            if (all.time != NULL && all.time[e] != all.time[chosen]) {
                if (all.time[e] < all.time[chosen]) {
                    continue;
                }
                n_tied = 0;
            }
            chosen = dsc_random_below(&random, ++n_tied) == 0 ? e : chosen;
        }
        if (end - begin >= 2) {
            split[chosen] = 0;
            n_test++;
        }
    }
    if (n_test == 0) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "no user has two ratings, one to learn from and one to leave out");
    }
    return DSC_OK;
}

dsc_status dsc_ratings_assign(const dsc_ratings *ratings, const dsc_split_plan *plan,
                              uint32_t *split, dsc_error *err) {
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    const size_t n = all.n_entries;
    dsc_status status = check(plan, n, err);
    if (status != DSC_OK) {
        return status;
    }
    switch (plan->protocol) {
    case DSC_PROTOCOL_FOLDS:
        return deal(n, n, plan->n_folds, dsc_random_stream(plan->seed, PURPOSE_FOLDS, 0), split,
                    err);
    case DSC_PROTOCOL_LEAVE_ONE_OUT:
        return leave_one_out(all, plan->seed, split, err);
    case DSC_PROTOCOL_TIME:
        return cut_time(all, plan->share, split, err);
    case DSC_PROTOCOL_HOLDOUT:
        break;
    }
    return deal(n, share_of(n, plan->share), 1, dsc_random_stream(plan->seed, PURPOSE_HOLDOUT, 0),
                split, err);
}

/* A part while it is being made. */
typedef struct part {
    dsc_id_map *users;
    dsc_id_map *items;
    uint32_t *item_of; /* (n_items) the part's index of an item, or DSC_NO_INDEX */
    dsc_triplets triplets;
} part;

static dsc_status begin(part *p, dsc_sparse all, size_t n, dsc_error *err) {
    dsc_status status = dsc_id_map_create(&p->users, DSC_MAX_IDS, err);
    if (status == DSC_OK) {
        status = dsc_id_map_create(&p->items, DSC_MAX_IDS, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    p->item_of = reallocarray(NULL, all.n_cols, sizeof *p->item_of);
    p->triplets.start = reallocarray(NULL, all.n_rows, sizeof *p->triplets.start);
    p->triplets.column = reallocarray(NULL, n, sizeof *p->triplets.column);
    p->triplets.value = reallocarray(NULL, n, sizeof *p->triplets.value);
    p->triplets.time = all.time != NULL ? reallocarray(NULL, n, sizeof *p->triplets.time) : NULL;
    if (p->item_of == NULL || p->triplets.start == NULL || p->triplets.column == NULL ||
        p->triplets.value == NULL || (all.time != NULL && p->triplets.time == NULL)) {
        return dsc_fail_memory(err, "a part of the ratings");
    }
    for (size_t i = 0; i < all.n_cols; i++) {
        p->item_of[i] = DSC_NO_INDEX;
    }
    return DSC_OK;
}

/* Adds entry e of `user`, of whom the part knows *row, or DSC_NO_INDEX. */
static dsc_status add(part *p, const dsc_ratings *ratings, dsc_sparse all, uint32_t user,
                      uint64_t e, uint32_t *row, dsc_error *err) {
    uint32_t *item = &p->item_of[all.column[e]];
    dsc_status status = DSC_OK;
    if (*row == DSC_NO_INDEX) {
        status = dsc_id_map_add(p->users, dsc_ratings_user_id(ratings, user), row, err);
        p->triplets.start[p->triplets.n_starts++] = p->triplets.n;
    }
    if (status == DSC_OK && *item == DSC_NO_INDEX) {
        status = dsc_id_map_add(p->items, dsc_ratings_item_id(ratings, all.column[e]), item, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    const size_t to = p->triplets.n++;
    p->triplets.column[to] = *item;
    p->triplets.value[to] = all.value[e];
    if (all.time != NULL) {
        p->triplets.time[to] = all.time[e];
    }
    return DSC_OK;
}

dsc_status dsc_ratings_part(dsc_ratings **out, const dsc_ratings *ratings, const uint32_t *split,
                            uint32_t k, bool is_in, dsc_error *err) {
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    part p = {0};
    size_t n = 0;
    *out = NULL;
    for (size_t e = 0; e < all.n_entries; e++) {
        n += (split[e] == k) == is_in;
    }
    if (n == 0) {
        return dsc_fail(err, DSC_E_DATA, "ratings", "none is left to %s",
                        is_in ? "test" : "learn from");
    }
    dsc_status status = begin(&p, all, n, err);
    for (uint32_t user = 0; user < all.n_rows && status == DSC_OK; user++) {
        uint32_t row = DSC_NO_INDEX;
        for (uint64_t e = all.start[user]; e < all.start[user + 1] && status == DSC_OK; e++) {
            if ((split[e] == k) == is_in) {
                status = add(&p, ratings, all, user, e, &row, err);
            }
        }
    }
    if (status == DSC_OK) {
        status = dsc_ratings_build(out, p.users, p.items, &p.triplets, NULL, err);
    }
    if (status == DSC_OK) {
        dsc_ratings_set_feedback(*out, dsc_ratings_feedback(ratings));
    }
    if (status != DSC_OK) {
        dsc_id_map_destroy(p.users);
        dsc_id_map_destroy(p.items);
    }
    dsc_triplets_clear(&p.triplets);
    free(p.item_of);
    return status;
}
