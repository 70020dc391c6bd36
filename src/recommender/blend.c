/* A blend made of its members: what they share, how they are looked at. docs/math.md (155) */
#include "descent/blend.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/member.h"

/* Pairs predicted at a time. */
enum { CHUNK = 256 };

dsc_side dsc_member_side(const dsc_recommender *blend, size_t m, const dsc_side *side,
                         bool is_item) {
    if (side->folded != NULL) {
        return dsc_folded_member_side(side->folded, m);
    }
    const dsc_recommender *model = blend->members[m].model;
    return is_item ? dsc_recommender_item_side_at(model, side->index, side->time)
                   : dsc_recommender_user_side_at(model, side->index, side->time);
}

size_t dsc_blend_n_members(const dsc_recommender *model) {
    return model->n_members;
}

const dsc_recommender *dsc_blend_member(const dsc_recommender *blend, size_t member) {
    return blend->members[member].model;
}

double dsc_blend_weight(const dsc_recommender *blend, size_t member) {
    return blend->members[member].weight;
}

/* --- putting together ------------------------------------------------------------------------- */

static void destroy_all(dsc_recommender *const *models, size_t n) {
    for (size_t m = n; m-- > 0;) { /* the first last: the others may view what it owns */
        dsc_recommender_destroy(models[m]);
    }
}

dsc_status dsc_blend_assemble(dsc_recommender **out, dsc_recommender *const *models,
                              const double *weights, size_t n, dsc_error *err) {
    *out = NULL;
    dsc_recommender *blend = dsc_alloc(1, sizeof *blend);
    dsc_member *members = dsc_alloc(n, sizeof *members);
    if (blend == NULL || members == NULL) {
        dsc_free(blend);
        dsc_free(members);
        destroy_all(models, n);
        return dsc_fail_memory(err, "a blend");
    }
    *blend = *models[0]; /* views of its tables, and what it has shared so far */
    models[0]->is_member = true;
    blend->ordinal = (dsc_ordinal){0}; /* a mean is no longer a score among thresholds */
    blend->threshold_steps = NULL;
    blend->members = members;
    blend->n_members = n;
    blend->statistics.validation_rmse = (double)NAN;
    for (size_t m = 0; m < n; m++) {
        members[m] = (dsc_member){.model = models[m],
                                  .weight = weights[m],
                                  .fold_in = {dsc_fold_in_config_of(models[m], false),
                                              dsc_fold_in_config_of(models[m], true)}};
    }
    *out = blend;
    return DSC_OK;
}

/* --- models that were trained apart ----------------------------------------------------------- */

static bool are_ids_equal(const dsc_id_map *a, const dsc_id_map *b) {
    const size_t n = dsc_id_map_count(a);
    if (n != dsc_id_map_count(b)) {
        return false;
    }
    const uint64_t *of_a = dsc_id_map_offsets(a), *of_b = dsc_id_map_offsets(b);
    return memcmp(of_a, of_b, (n + 1) * sizeof *of_a) == 0 &&
           memcmp(dsc_id_map_bytes(a), dsc_id_map_bytes(b), of_a[n]) == 0;
}

/* Times count where both have some. */
static bool are_ratings_equal(const dsc_recommender *a, const dsc_recommender *b) {
    const dsc_sparse_matrix *x = &a->ratings, *y = &b->ratings;
    const bool have_times = x->time != NULL && y->time != NULL;
    return are_ids_equal(a->users, b->users) && are_ids_equal(a->items, b->items) &&
           x->n_entries == y->n_entries &&
           memcmp(x->start, y->start, (x->n_rows + 1) * sizeof *x->start) == 0 &&
           memcmp(x->column, y->column, x->n_entries * sizeof *x->column) == 0 &&
           memcmp(x->value, y->value, x->n_entries * sizeof *x->value) == 0 &&
           (!have_times || memcmp(x->time, y->time, x->n_entries * sizeof *x->time) == 0);
}

/* The ground with times, if a member has them, becomes that of the first, from whom all get it. */
static void move_times_first(dsc_recommender *const *models, size_t n) {
    dsc_recommender *first = models[0];
    for (size_t m = 1; m < n && first->ratings.time == NULL; m++) {
        if (models[m]->ratings.time != NULL) {
            dsc_ground_release(first->ground);
            first->ground = dsc_ground_hold(models[m]->ground);
            first->users = models[m]->users;
            first->items = models[m]->items;
            first->ratings = models[m]->ratings;
        }
    }
}

/* The members that have a weight, by weight downwards; equal ones stay in order. */
typedef struct chosen {
    size_t n;
    dsc_recommender *model[DSC_MAX_MEMBERS];
    double weight[DSC_MAX_MEMBERS];
} chosen;

static void insert(chosen *c, dsc_recommender *model, double weight) {
    size_t place = c->n++;
    for (; place > 0 && c->weight[place - 1] < weight; place--) {
        c->weight[place] = c->weight[place - 1];
        c->model[place] = c->model[place - 1];
    }
    c->weight[place] = weight;
    c->model[place] = model;
}

static dsc_status check(dsc_recommender *const *members, const double *weights, size_t n,
                        dsc_error *err) {
    double sum = 0;
    const dsc_recommender *first = NULL;
    for (size_t m = 0; m < n; m++) {
        if (!(weights[m] >= 0) || !isfinite(weights[m])) {
            return dsc_fail(err, DSC_E_ARGUMENT, "weights",
                            "number %zu is %g; expected a number of at least 0", m + 1, weights[m]);
        }
        sum += weights[m];
        if (weights[m] == 0) {
            continue;
        }
        if (members[m] == NULL || members[m]->n_members > 0) {
            return dsc_fail(err, DSC_E_ARGUMENT, "members",
                            "number %zu is %s; expected a single model", m + 1,
                            members[m] == NULL ? "missing" : "a blend itself");
        }
        if (members[m]->config.is_implicit) {
            return dsc_fail(err, DSC_E_ARGUMENT, "members",
                            "number %zu has scores of interactions, which are of no common scale",
                            m + 1);
        }
        first = first == NULL ? members[m] : first;
        if (!are_ratings_equal(first, members[m])) {
            return dsc_fail(err, DSC_E_ARGUMENT, "members",
                            "number %zu was trained on other ratings than the first", m + 1);
        }
    }
    if (!isfinite(sum)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "weights", "add up to %g; expected a finite number",
                        sum);
    }
    return DSC_OK;
}

/* Of the training ratings, each at its time. */
static dsc_status measure(dsc_recommender *blend, dsc_error *err) {
    const dsc_sparse_matrix *ratings = &blend->ratings;
    dsc_scorer *scorer;
    dsc_status status = dsc_scorer_create(&scorer, blend, err);
    if (status != DSC_OK) {
        return status;
    }
    double sum = 0;
    for (uint32_t user = 0; user < ratings->n_rows; user++) {
        uint32_t users[CHUNK];
        for (size_t p = 0; p < CHUNK; p++) {
            users[p] = user;
        }
        const uint64_t end = ratings->start[user + 1];
        for (uint64_t e = ratings->start[user]; e < end; e += CHUNK) {
            const size_t n = end - e < CHUNK ? (size_t)(end - e) : CHUNK;
            float predicted[CHUNK];
            dsc_scorer_predict_at(scorer, n, users, ratings->column + e,
                                  ratings->time != NULL ? ratings->time + e : NULL, predicted,
                                  NULL);
            for (size_t p = 0; p < n; p++) {
                const double error = (double)predicted[p] - (double)ratings->value[e + p];
                sum += error * error;
            }
        }
    }
    dsc_scorer_destroy(scorer);
    blend->statistics.train_rmse = sqrt(sum / (double)ratings->n_entries);
    return DSC_OK;
}

dsc_status dsc_blend_create(dsc_recommender **out, dsc_recommender *const *members,
                            const double *weights, size_t n, dsc_error *err) {
    chosen all = {0};
    double sum = 0;
    *out = NULL;
    dsc_status status = n >= 1 && n <= DSC_MAX_MEMBERS
                            ? check(members, weights, n, err)
                            : dsc_fail(err, DSC_E_ARGUMENT, "members", "are %zu; expected 1 to %d",
                                       n, DSC_MAX_MEMBERS);
    if (status != DSC_OK) {
        destroy_all(members, n);
        return status;
    }
    for (size_t m = 0; m < n; m++) {
        if (weights[m] > 0) {
            insert(&all, members[m], weights[m]);
            sum += weights[m];
        } else {
            dsc_recommender_destroy(members[m]);
        }
    }
    if (all.n == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "weights", "are all 0; expected one above 0");
    }
    move_times_first(all.model, all.n);
    for (size_t m = 0; m < all.n; m++) {
        all.weight[m] /= sum;
        if (m > 0) {
            dsc_model_share(all.model[m], all.model[0]);
        }
    }
    status = dsc_blend_assemble(out, all.model, all.weight, all.n, err);
    if (status == DSC_OK) {
        status = measure(*out, err);
    }
    if (status != DSC_OK) {
        dsc_recommender_destroy(*out);
        *out = NULL;
    }
    return status;
}
