/* The candidates of one test user: all items not rated in training, or drawn or given negatives. */
#include "recommender/candidates.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "recommender/model.h"

/* Streams of dsc_random_stream. */
enum { PURPOSE_NEGATIVES = 28 };

/* What a user did with an item. */
enum { NOTHING = 0, RATED, TESTED, RELEVANT, DRAWN };

static size_t longest_row(const dsc_ratings *test) {
    const dsc_sparse rows = dsc_ratings_by_user(test);
    size_t longest = 0;
    for (size_t u = 0; u < rows.n_rows; u++) {
        const size_t n = (size_t)(rows.start[u + 1] - rows.start[u]);
        longest = n > longest ? n : longest;
    }
    return longest;
}

static void find_given(dsc_candidates *c) {
    for (uint32_t i = 0; i < dsc_negatives_n_items(c->plan->given); i++) {
        const dsc_id id = dsc_negatives_item(c->plan->given, i);
        c->given_of[i] = dsc_id_map_find(c->model->items, id);
        c->given_in_test[i] = dsc_ratings_find_item(c->test, id);
    }
}

dsc_status dsc_candidates_init(dsc_candidates *c, const dsc_recommender *model,
                               const dsc_ratings *test, const dsc_ranking_plan *plan,
                               dsc_error *err) {
    const size_t n_test_items = dsc_ratings_n_items(test);
    const size_t n_given = plan->given != NULL ? dsc_negatives_n_items(plan->given) : 0;
    const bool is_implicit = dsc_ratings_feedback(test) == DSC_FEEDBACK_IMPLICIT;
    *c = (dsc_candidates){.model = model,
                          .test = test,
                          .plan = plan,
                          .min_relevant = is_implicit ? -(double)INFINITY : plan->min_relevant};
    c->capacity = model->n_items + longest_row(test) + n_given;
    c->item_of = dsc_alloc(n_test_items, sizeof *c->item_of);
    c->given_of = dsc_alloc(n_given, sizeof *c->given_of);
    c->given_in_test = dsc_alloc(n_given, sizeof *c->given_in_test);
    c->mark = dsc_alloc(model->n_items, sizeof *c->mark);
    c->is_liked = dsc_alloc(n_test_items, sizeof *c->is_liked);
    c->item = dsc_alloc(c->capacity, sizeof *c->item);
    c->is_relevant = dsc_alloc(c->capacity, sizeof *c->is_relevant);
    if (c->item_of == NULL || c->given_of == NULL || c->given_in_test == NULL || c->mark == NULL ||
        c->is_liked == NULL || c->item == NULL || c->is_relevant == NULL) {
        return dsc_fail_memory(err, "the candidates");
    }
    for (uint32_t i = 0; i < n_test_items; i++) {
        c->item_of[i] = dsc_id_map_find(model->items, dsc_ratings_item_id(test, i));
    }
    if (plan->given != NULL) {
        find_given(c);
    }
    return DSC_OK;
}

void dsc_candidates_clear(dsc_candidates *c) {
    dsc_free(c->item_of);
    dsc_free(c->given_of);
    dsc_free(c->given_in_test);
    dsc_free(c->mark);
    dsc_free(c->is_liked);
    dsc_free(c->item);
    dsc_free(c->is_relevant);
    *c = (dsc_candidates){0};
}

static void push(dsc_candidates *c, uint32_t item, bool is_relevant) {
    c->item[c->n] = item;
    c->is_relevant[c->n++] = is_relevant;
    c->n_known += item != DSC_NO_INDEX;
}

/* Marks what the user rated in training and in the test. */
static void mark_items(dsc_candidates *c, uint32_t test_user) {
    const dsc_sparse rows = dsc_ratings_by_user(c->test);
    memset(c->mark, NOTHING, c->model->n_items);
    c->n_free = c->model->n_items;
    for (size_t j = 0; j < c->side.n_ratings; j++) {
        c->mark[c->side.others[j]] = RATED;
    }
    c->n_free -= c->side.n_ratings;
    for (uint64_t e = rows.start[test_user]; e < rows.start[test_user + 1]; e++) {
        const uint32_t item = c->item_of[rows.column[e]];
        const bool is_relevant = (double)rows.value[e] >= c->min_relevant;
        c->is_liked[rows.column[e]] = is_relevant;
        if (item == DSC_NO_INDEX) {
            c->n_relevant += is_relevant;
        } else if (c->mark[item] == RATED) {
            c->n_seen++;
        } else {
            c->mark[item] = is_relevant ? RELEVANT : TESTED;
            c->n_free--;
            c->n_relevant += is_relevant;
        }
    }
}

/* Relevant items that the model knows; then, behind all others, those that it does not. */
static void push_relevant(dsc_candidates *c, uint32_t test_user, bool is_known) {
    const dsc_sparse rows = dsc_ratings_by_user(c->test);
    for (uint64_t e = rows.start[test_user]; e < rows.start[test_user + 1]; e++) {
        const uint32_t item = c->item_of[rows.column[e]];
        if ((item != DSC_NO_INDEX) != is_known) {
            continue;
        }
        if (is_known ? c->mark[item] == RELEVANT : (double)rows.value[e] >= c->min_relevant) {
            push(c, item, true);
        }
    }
}

static void push_all(dsc_candidates *c) {
    for (uint32_t item = 0; item < c->model->n_items; item++) {
        if (c->mark[item] != RATED) {
            push(c, item, c->mark[item] == RELEVANT);
        }
    }
}

/* Distinct items that the user rated neither in training nor in the test, each as likely. */
static void push_drawn(dsc_candidates *c, dsc_random random) {
    const uint32_t n_items = (uint32_t)c->model->n_items;
    uint32_t n_free = (uint32_t)c->n_free;
    size_t n_left = c->plan->n_negatives < n_free ? c->plan->n_negatives : n_free;
    if (n_left < n_free / 2) { /* few: draw again what was drawn or is taken */
        while (n_left > 0) {
            const uint32_t item = dsc_random_below(&random, n_items);
            if (c->mark[item] == NOTHING) {
                c->mark[item] = DRAWN;
                push(c, item, false);
                n_left--;
            }
        }
        return;
    }
    for (uint32_t item = 0; item < n_items && n_left > 0; item++) {
        if (c->mark[item] == NOTHING && dsc_random_below(&random, n_free--) < n_left) {
            push(c, item, false);
            n_left--;
        }
    }
}

/* The given negatives that the model knows, or those that it does not, which go last. */
static void push_given(dsc_candidates *c, const uint32_t *given, size_t n, bool is_known) {
    for (size_t j = 0; j < n; j++) {
        const uint32_t item = c->given_of[given[j]], in_test = c->given_in_test[given[j]];
        if ((item != DSC_NO_INDEX) != is_known) {
            continue;
        }
        const bool is_none = is_known ? c->mark[item] == RATED || c->mark[item] == RELEVANT
                                      : in_test != DSC_NO_INDEX && c->is_liked[in_test];
        if (is_none) {
            c->n_dropped++;
        } else {
            push(c, item, false);
        }
    }
}

static dsc_status find_negatives(const dsc_candidates *c, dsc_id user, const uint32_t **given,
                                 size_t *n, dsc_error *err) {
    *given = dsc_negatives_find(c->plan->given, user, n);
    if (*n == 0) {
        return dsc_fail(err, DSC_E_DATA, "negatives",
                        "there are none for the user \"%.*s\" of the test ratings",
                        (int)(user.length < 64 ? user.length : 64), user.bytes);
    }
    return DSC_OK;
}

dsc_status dsc_candidates_of(dsc_candidates *c, uint32_t test_user, dsc_error *err) {
    const dsc_sparse rows = dsc_ratings_by_user(c->test);
    const dsc_id id = dsc_ratings_user_id(c->test, test_user);
    const uint32_t *given = NULL;
    size_t n_given = 0;
    dsc_status status = DSC_OK;
    c->user = dsc_id_map_find(c->model->users, id);
    c->side = c->plan->sides != NULL ? c->plan->sides->user[test_user]
                                     : dsc_recommender_user_side(c->model, c->user);
    c->n = c->n_known = c->n_relevant = c->n_seen = c->n_dropped = 0;
    mark_items(c, test_user);
    if (c->n_relevant > 0 && c->plan->given != NULL) {
        status = find_negatives(c, id, &given, &n_given, err);
    }
    if (c->n_relevant > 0 && status == DSC_OK) {
        if (c->plan->given != NULL) {
            push_relevant(c, test_user, true);
            push_given(c, given, n_given, true);
        } else if (c->plan->n_negatives > 0) {
            push_relevant(c, test_user, true);
            push_drawn(c, dsc_random_stream(c->plan->seed, PURPOSE_NEGATIVES, test_user));
        } else {
            push_all(c);
        }
        push_relevant(c, test_user, false);
        push_given(c, given, n_given, false);
    }
    for (uint64_t e = rows.start[test_user]; e < rows.start[test_user + 1]; e++) {
        c->is_liked[rows.column[e]] = false;
    }
    return status;
}
