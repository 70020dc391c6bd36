/* Evaluation of users and items who came after training: from sides, against predictions and lists
 * asked for one at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/evaluation.h"
#include "descent/fold_in.h"
#include "descent/rating_split.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/model.h"

enum { N_USERS = 50, N_ITEMS = 40, N_NEW_USERS = 10, N_NEW_ITEMS = 5, K = 12 };

/* A model, what ten new users and all others rated later of old and new items, in two halves, and
 * the sides of the second half: new users are folded in by the first one. */
typedef struct fixture {
    dsc_recommender *model;
    dsc_ratings *given, *test;
    size_t n_users, n_items; /* of the test */
    dsc_folded **folded;     /* (n_users) NULL: of the model */
    dsc_side *user, *item;   /* (n_users), (n_items) */
    dsc_side *known;         /* (n_users) of the model alone */
} fixture;

/* Folds in a user of `given` whom the model does not know. */
static dsc_folded *fold(const fixture *f, uint32_t row) {
    const dsc_sparse rows = dsc_ratings_by_user(f->given);
    const uint64_t begin = rows.start[row];
    const size_t n = (size_t)(rows.start[row + 1] - begin);
    uint32_t item[N_ITEMS + N_NEW_ITEMS];
    for (size_t e = 0; e < n; e++) {
        item[e] = dsc_recommender_find_item(f->model,
                                            dsc_ratings_item_id(f->given, rows.column[begin + e]));
    }
    dsc_folded *folded = NULL;
    assert_int_equal(
        dsc_fold_in_user(&folded, f->model, &(dsc_given){n, item, rows.value + begin}, NULL, NULL),
        DSC_OK);
    return folded;
}

static int begin(void **state) {
    static fixture f;
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.3, .noise = 0.5, .seed = 1};
    planted later = what;
    later.part = 1;
    later.n_users += N_NEW_USERS;
    later.n_items += N_NEW_ITEMS;
    dsc_ratings *training = planted_ratings(&what), *all = planted_ratings(&later);
    dsc_recommender_config config = small_config(); /* but enough to learn the tastes */
    config.use_network = false;
    config.use_dot = config.use_lbfgs = true;
    config.ridge = (dsc_ridge){1, 1, 1, 3, 0};
    config.max_epochs = 100;
    config.holdout = 0;
    const dsc_split_plan plan = {.protocol = DSC_PROTOCOL_HOLDOUT, .share = 0.5, .seed = 1};
    uint32_t *split = calloc(dsc_ratings_by_user(all).n_entries, sizeof *split);
    assert_non_null(split);
    f.model = must_train(training, &config);
    assert_int_equal(dsc_ratings_assign(all, &plan, split, NULL), DSC_OK);
    assert_int_equal(dsc_ratings_part(&f.given, all, split, 0, false, NULL), DSC_OK);
    assert_int_equal(dsc_ratings_part(&f.test, all, split, 0, true, NULL), DSC_OK);
    f.n_users = dsc_ratings_n_users(f.test);
    f.n_items = dsc_ratings_n_items(f.test);
    f.folded = calloc(f.n_users, sizeof(dsc_folded *));
    f.user = calloc(f.n_users, sizeof *f.user);
    f.known = calloc(f.n_users, sizeof *f.known);
    f.item = calloc(f.n_items, sizeof *f.item);
    assert_true(f.folded != NULL && f.user != NULL && f.known != NULL && f.item != NULL);
    for (uint32_t u = 0; u < f.n_users; u++) {
        const dsc_id id = dsc_ratings_user_id(f.test, u);
        const uint32_t index = dsc_recommender_find_user(f.model, id);
        const uint32_t row = dsc_ratings_find_user(f.given, id);
        f.user[u] = f.known[u] = dsc_recommender_user_side(f.model, index);
        if (index == DSC_NO_INDEX && row != DSC_NO_INDEX) {
            f.folded[u] = fold(&f, row);
            f.user[u] = dsc_folded_side(f.folded[u]);
        }
    }
    for (uint32_t i = 0; i < f.n_items; i++) {
        f.item[i] = dsc_recommender_item_side(
            f.model, dsc_recommender_find_item(f.model, dsc_ratings_item_id(f.test, i)));
    }
    dsc_ratings_destroy(training);
    dsc_ratings_destroy(all);
    free(split);
    *state = &f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    for (size_t u = 0; u < f->n_users; u++) {
        dsc_folded_destroy(f->folded[u]);
    }
    free(f->folded);
    free(f->user);
    free(f->known);
    free(f->item);
    dsc_recommender_destroy(f->model);
    dsc_ratings_destroy(f->given);
    dsc_ratings_destroy(f->test);
    return 0;
}

static dsc_evaluation evaluate(const fixture *f, const dsc_test_sides *sides) {
    dsc_evaluation out;
    memset(&out, 0xAA, sizeof out);
    assert_int_equal(dsc_recommender_evaluate_by(f->model, f->test,
                                                 &(dsc_error_plan){.sides = sides, .n_threads = 1},
                                                 &out, NULL),
                     DSC_OK);
    return out;
}

/* Sides of the model are what it does without any. */
static void sides_of_the_model_change_nothing(void **state) {
    const fixture *f = *state;
    const dsc_test_sides sides = {f->known, f->item};
    const dsc_evaluation from = evaluate(f, &sides), plain = evaluate(f, NULL);
    assert_memory_equal(&from.model, &plain.model, sizeof plain.model);
    assert_memory_equal(&from.biases, &plain.biases, sizeof plain.biases);
    assert_memory_equal(&from.fallback, &plain.model, sizeof plain.model);
    assert_true(isnan(plain.fallback.rmse) && isnan(plain.fallback.user_mae_range.high));
    assert_int_equal(from.n_unknown_users, plain.n_unknown_users);
    assert_int_equal(from.n_unknown_items, plain.n_unknown_items);
    assert_int_equal(from.n_fallback_pairs, plain.n_fallback_pairs);
    assert_int_equal(from.n_seen_pairs, plain.n_seen_pairs);
    assert_int_equal(from.n_folded_users + from.n_folded_items, 0);
    assert_true(plain.n_unknown_users > 0 && plain.n_unknown_items > 0);
}

static void who_came_later_is_predicted_from_what_is_given(void **state) {
    const fixture *f = *state;
    const dsc_test_sides sides = {f->user, f->item};
    const dsc_evaluation found = evaluate(f, &sides), plain = evaluate(f, NULL);
    const dsc_sparse rows = dsc_ratings_by_user(f->test);
    dsc_scorer *scorer = must_create_scorer(f->model);
    double squared[2] = {0, 0};
    size_t n_folded = 0;
    for (uint32_t u = 0; u < f->n_users; u++) {
        n_folded += f->folded[u] != NULL;
        for (uint64_t e = rows.start[u]; e < rows.start[u + 1]; e++) {
            const dsc_side *item = &f->item[rows.column[e]];
            float rating;
            dsc_scorer_predict_sides(scorer, 1, &f->user[u], item, &rating, NULL);
            const double biases = f->model->statistics.mean + f->user[u].baseline + item->baseline;
            squared[0] += pow((double)rating - (double)rows.value[e], 2);
            squared[1] += pow(fmin(fmax(biases, 1), 5) - (double)rows.value[e], 2);
        }
    }
    dsc_scorer_destroy(scorer);
    assert_true(n_folded > 5);
    assert_int_equal(found.n_folded_users, n_folded);
    assert_int_equal(found.n_unknown_users, plain.n_unknown_users - n_folded);
    assert_true(fabs(found.model.rmse - sqrt(squared[0] / (double)rows.n_entries)) < 1e-12);
    assert_true(fabs(found.biases.rmse - sqrt(squared[1] / (double)rows.n_entries)) < 1e-12);
    assert_memory_equal(&found.fallback, &plain.model, sizeof plain.model);
    assert_true(found.model.rmse < found.fallback.rmse);
    assert_true(found.n_fallback_pairs < plain.n_fallback_pairs);
}

/* What a side was made from is seen, whether the model or the user brought it. */
static void given_pairs_are_seen(void **state) {
    fixture f = *(const fixture *)*state;
    const dsc_test_sides none = {f.known, f.item};
    const size_t n_before = evaluate(&f, &none).n_seen_pairs;
    const dsc_sparse rows = dsc_ratings_by_user(f.test);
    uint32_t u = 0;
    while (f.folded[u] == NULL) {
        u++;
    }
    /* a side that holds the first test item of this user */
    uint32_t other = DSC_NO_INDEX;
    for (uint64_t e = rows.start[u]; other == DSC_NO_INDEX; e++) {
        assert_true(e < rows.start[u + 1]);
        other = dsc_recommender_find_item(f.model, dsc_ratings_item_id(f.test, rows.column[e]));
    }
    const float rating = 4;
    dsc_folded *folded = NULL;
    assert_int_equal(
        dsc_fold_in_user(&folded, f.model, &(dsc_given){1, &other, &rating}, NULL, NULL), DSC_OK);
    dsc_side *user = calloc(f.n_users, sizeof *user);
    assert_non_null(user);
    memcpy(user, f.known, f.n_users * sizeof *user);
    user[u] = dsc_folded_side(folded);
    const dsc_test_sides sides = {user, f.item};
    assert_int_equal(evaluate(&f, &sides).n_seen_pairs, n_before + 1);
    dsc_folded_destroy(folded);
    free(user);
}

/* Recall from the lists of dsc_scorer_recommend_side, which leaves out what was given. */
static void lists_leave_out_what_is_given(void **state) {
    const fixture *f = *state;
    const size_t k = K;
    const dsc_test_sides sides = {f->user, f->item};
    const dsc_ranking_plan plan = {
        .k = &k, .n_k = 1, .min_relevant = -(double)INFINITY, .sides = &sides};
    dsc_ranking_evaluation found;
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &found, NULL), DSC_OK);
    const dsc_sparse rows = dsc_ratings_by_user(f->test);
    dsc_scorer *scorer = must_create_scorer(f->model);
    double recall = 0;
    size_t n_ranked = 0, n_folded = 0;
    for (uint32_t u = 0; u < f->n_users; u++) {
        dsc_recommendation list[K];
        size_t n, n_hits = 0, n_relevant = 0;
        dsc_scorer_recommend_side(scorer, &f->user[u], k, list, &n);
        for (uint64_t e = rows.start[u]; e < rows.start[u + 1]; e++) {
            const uint32_t item =
                dsc_recommender_find_item(f->model, dsc_ratings_item_id(f->test, rows.column[e]));
            bool is_seen = false;
            for (size_t j = 0; j < f->user[u].n_ratings; j++) {
                is_seen = is_seen || f->user[u].others[j] == item;
            }
            n_relevant += !is_seen;
            for (size_t j = 0; j < n; j++) {
                n_hits += list[j].item == item;
            }
        }
        if (n_relevant > 0) {
            recall += (double)n_hits / (double)n_relevant;
            n_ranked++;
            n_folded += f->folded[u] != NULL;
        }
    }
    dsc_scorer_destroy(scorer);
    assert_int_equal(found.n_ranked_users, n_ranked);
    assert_int_equal(found.n_folded_users, n_folded);
    assert_int_equal(found.n_unknown_users, 0);
    assert_true(fabs(found.by[DSC_BY_MODEL].at[0][DSC_RECALL].value - recall / (double)n_ranked) <
                1e-12);
}

/* A dot product with sides of its own: here the model again, so that both must come out alike. */
static void the_dot_product_has_sides_too(void **state) {
    const fixture *f = *state;
    const size_t k = K;
    const dsc_test_sides sides = {f->user, f->item};
    dsc_ranking_plan plan = {.k = &k,
                             .n_k = 1,
                             .min_relevant = -(double)INFINITY,
                             .dot = f->model,
                             .sides = &sides,
                             .dot_sides = &sides};
    dsc_ranking_evaluation both, one;
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &both, NULL), DSC_OK);
    for (size_t m = 0; m < DSC_N_LIST_METRICS; m++) {
        assert_true(both.by[DSC_BY_DOT].at[0][m].value == both.by[DSC_BY_MODEL].at[0][m].value);
    }
    plan.dot_sides = NULL;
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &one, NULL), DSC_OK);
    assert_true(one.by[DSC_BY_DOT].auc.value < both.by[DSC_BY_DOT].auc.value);
    assert_true(one.by[DSC_BY_MODEL].auc.value == both.by[DSC_BY_MODEL].auc.value);
}

static dsc_status evaluate_once(void *context, dsc_error *err) {
    const fixture *f = context;
    const dsc_test_sides sides = {f->user, f->item};
    const dsc_bootstrap bootstrap = {.level = 0.9, .n_resamples = 10, .seed = 1};
    dsc_evaluation out;
    const dsc_error_plan plan = {.sides = &sides, .bootstrap = &bootstrap, .n_threads = 2};
    return dsc_recommender_evaluate_by(f->model, f->test, &plan, &out, err);
}

/* Of more pairs than one thread takes at once. */
static void any_number_of_threads_measures_the_same(void **state) {
    const fixture *f = *state;
    static const size_t n_threads[] = {2, 3, 8, 0};
    const dsc_test_sides sides = {f->user, f->item};
    assert_true(dsc_ratings_by_user(f->test).n_entries > 256);
    for (int has_sides = 0; has_sides <= 1; has_sides++) {
        const dsc_evaluation one = evaluate(f, has_sides == 1 ? &sides : NULL);
        for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
            const dsc_error_plan plan = {.sides = has_sides == 1 ? &sides : NULL,
                                         .n_threads = n_threads[t]};
            dsc_evaluation many;
            assert_int_equal(dsc_recommender_evaluate_by(f->model, f->test, &plan, &many, NULL),
                             DSC_OK);
            assert_memory_equal(&many, &one, sizeof one);
        }
    }
    dsc_evaluation none;
    dsc_error err;
    assert_int_equal(dsc_recommender_evaluate_by(f->model, f->test,
                                                 &(dsc_error_plan){.n_threads = 1025}, &none, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_threads");
}

static dsc_status fold_in_three(void *context, dsc_error *err) {
    const fixture *f = context;
    static const uint32_t items[] = {0, 3, 7};
    static const float ratings[] = {1, 5, 3};
    const dsc_given given[] = {
        {1, items, ratings, NULL}, {2, items, ratings, NULL}, {3, items, ratings, NULL}};
    const dsc_fold_in_config usual = dsc_fold_in_config_of(f->model, false);
    const dsc_fold_in_config configs[] = {usual, usual, usual};
    /* one thread: allocations are counted in their order */
    const dsc_newcomers three = {.n = 3, .given = given, .config = configs, .n_threads = 1};
    dsc_folded *folded[3];
    const dsc_status status = dsc_fold_in_many(folded, f->model, &three, err);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(folded[i] != NULL, status == DSC_OK);
        dsc_folded_destroy(folded[i]);
    }
    return status;
}

static void memory_may_end_anywhere(void **state) {
    fail_alloc_each(fold_in_three, *state, 10);
    fail_alloc_each(evaluate_once, *state, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_of_the_model_change_nothing),
        cmocka_unit_test(who_came_later_is_predicted_from_what_is_given),
        cmocka_unit_test(given_pairs_are_seen),
        cmocka_unit_test(lists_leave_out_what_is_given),
        cmocka_unit_test(the_dot_product_has_sides_too),
        cmocka_unit_test(any_number_of_threads_measures_the_same),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
