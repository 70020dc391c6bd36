/* Evaluation against errors and counts worked out pair by pair, and against
 * those of tools/reference_ranking.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "descent/evaluation.h"
#include "planted_ratings.h"
#include "recommender/baseline.h"

static const char training[] = "ann,tea,5\nann,jam,1\nbob,tea,4\nbob,ham,2\ncid,jam,3\ncid,ham,3\n";

static dsc_evaluation evaluate(const dsc_recommender *model, const dsc_ratings *test) {
    dsc_evaluation out;
    memset(&out, 0xAA, sizeof out);
    assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &out, NULL), DSC_OK);
    return out;
}

/* Errors of the three predictors, from one prediction at a time. */
static void check_errors(const dsc_recommender *model, const dsc_ratings *test,
                         const dsc_evaluation *e) {
    const dsc_sparse pairs = dsc_ratings_by_user(test);
    double squared[3] = {0}, absolute[3] = {0};
    dsc_scorer *scorer = must_create_scorer(model);
    for (uint32_t u = 0; u < pairs.n_rows; u++) {
        const uint32_t user = dsc_recommender_find_user(model, dsc_ratings_user_id(test, u));
        for (uint64_t p = pairs.start[u]; p < pairs.start[u + 1]; p++) {
            const uint32_t item =
                dsc_recommender_find_item(model, dsc_ratings_item_id(test, pairs.column[p]));
            float rating = 0;
            dsc_scorer_predict(scorer, 1, &user, &item, &rating, NULL);
            const double by[3] = {(double)rating, model->statistics.mean,
                                  dsc_baseline_predict(model, user, item)};
            for (size_t k = 0; k < 3; k++) {
                squared[k] += pow(by[k] - (double)pairs.value[p], 2);
                absolute[k] += fabs(by[k] - (double)pairs.value[p]);
            }
        }
    }
    dsc_scorer_destroy(scorer);
    const dsc_errors found[3] = {e->model, e->mean, e->biases};
    const double n = (double)pairs.n_entries;
    for (size_t k = 0; k < 3; k++) {
        assert_true(fabs(found[k].rmse - sqrt(squared[k] / n)) < 1e-12);
        assert_true(fabs(found[k].mae - absolute[k] / n) < 1e-12);
    }
}

static void figures_worked_out_by_hand(void **state) {
    (void)state;
    dsc_ratings *ratings = ratings_from_text(training);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config);
    dsc_ratings_destroy(ratings);
    const struct {
        const char *test;
        size_t n_pairs, unknown_users, unknown_items, fallback, seen;
        double rmse_of_mean, mae_of_mean; /* the mean is 3 */
    } cases[] = {
        {"ann,tea,5\nbob,ham,1\n", 2, 0, 0, 0, 2, sqrt(4), 2},
        {"ann,ham,3\n", 1, 0, 0, 0, 0, 0, 0},
        {"dan,tea,4\ndan,ham,2\ndan,pie,3\n", 3, 1, 1, 3, 0, sqrt(2.0 / 3), 2.0 / 3},
        {"ann,pie,9\neve,tea,1\nann,ham,3\ndan,fig,3\nann,jam,1\n", 5, 2, 2, 3, 1, sqrt(44.0 / 5),
         2},
        {"Ann,tea,5\nann,Tea,1\n", 2, 1, 1, 2, 0, 2, 2}, /* ids are told apart to the letter */
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        dsc_ratings *test = ratings_from_text(cases[c].test);
        const dsc_evaluation e = evaluate(model, test);
        assert_int_equal(e.n_pairs, cases[c].n_pairs);
        assert_int_equal(e.n_unknown_users, cases[c].unknown_users);
        assert_int_equal(e.n_unknown_items, cases[c].unknown_items);
        assert_int_equal(e.n_fallback_pairs, cases[c].fallback);
        assert_int_equal(e.n_seen_pairs, cases[c].seen);
        assert_true(fabs(e.mean.rmse - cases[c].rmse_of_mean) < 1e-12);
        assert_true(fabs(e.mean.mae - cases[c].mae_of_mean) < 1e-12);
        check_errors(model, test, &e);
        dsc_ratings_destroy(test);
    }
    dsc_recommender_destroy(model);
}

/* More pairs than are predicted at a time, their order by user being another than the model's. */
static void many_pairs(void **state) {
    (void)state;
    const planted known = {.n_users = 60, .n_items = 50, .share = 0.3, .noise = 0.5, .seed = 1};
    planted wider = known;
    wider.n_users = 100; /* 40 users and 30 items are unknown */
    wider.n_items = 80;
    wider.share = 1;
    dsc_ratings *ratings = planted_ratings(&known), *test = planted_ratings(&wider);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config);
    const dsc_evaluation e = evaluate(model, test);
    assert_int_equal(e.n_pairs, 8000);
    assert_int_equal(e.n_unknown_users, 40);
    assert_int_equal(e.n_unknown_items, 30);
    assert_int_equal(e.n_fallback_pairs, 8000 - 60 * 50);
    assert_int_equal(e.n_seen_pairs, dsc_ratings_by_user(ratings).n_entries);
    check_errors(model, test, &e);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
    dsc_ratings_destroy(test);
}

/* The dot product that stands beside a model is what dsc_recommender_train makes of the same ratings
 * by the same configuration, whatever the model is, and learns what biases cannot. */
static void the_dot_baseline_is_a_usual_training(void **state) {
    (void)state;
    planted what = {.n_users = 60, .n_items = 50, .share = 0.4, .noise = 0.5, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what), *test;
    what.part = 1;
    test = planted_ratings(&what);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config), *dot, *again;
    assert_int_equal(dsc_recommender_train_dot(&dot, model, 0, NULL, NULL, NULL), DSC_OK);
    dsc_recommender_info info;
    dsc_recommender_get_info(dot, &info);
    assert_true(info.config.use_dot && info.config.use_biases && info.config.use_mean);
    assert_false(info.config.use_network || info.config.use_user_history ||
                 info.config.use_item_history);
    assert_true(info.config.holdout == 0); /* it learns from all that the model holds */
    again = must_train(ratings, &info.config);
    assert_int_equal(again->n_table_values, dot->n_table_values);
    assert_memory_equal(again->tables, dot->tables, dot->n_table_values * sizeof *dot->tables);
    for (uint32_t u = 0; u < info.n_users; u++) {
        assert_int_equal(dsc_recommender_find_user(dot, dsc_recommender_user_id(model, u)), u);
    }
    for (uint32_t i = 0; i < info.n_items; i++) {
        assert_int_equal(dsc_recommender_find_item(dot, dsc_recommender_item_id(model, i)), i);
    }
    const dsc_evaluation e = evaluate(dot, test);
    assert_true(e.model.rmse < 0.7 * e.biases.rmse);
    dsc_recommender_destroy(again);
    dsc_recommender_destroy(dot);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
    dsc_ratings_destroy(test);
}

static bool stop(const dsc_training_progress *progress, void *user) {
    (void)user;
    return progress->epoch < 3;
}

static void the_dot_baseline_can_be_stopped(void **state) {
    (void)state;
    const planted what = {.n_users = 30, .n_items = 20, .share = 0.5, .noise = 0.5, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config), *dot;
    assert_int_equal(dsc_recommender_train_dot(&dot, model, 0, stop, NULL, NULL), DSC_E_CANCELLED);
    dsc_recommender_info info;
    dsc_recommender_get_info(dot, &info);
    assert_int_equal(info.n_epochs, 3);
    dsc_recommender_destroy(dot);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* ann errs by 2 and 0, bob by 1: over pairs 5 / 3, over users (sqrt(2) + 1) / 2. */
static void users_count_the_same_over_users(void **state) {
    (void)state;
    dsc_ratings *ratings = ratings_from_text(training), *test;
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config);
    test = ratings_from_text("ann,ham,5\nann,fig,3\nbob,jam,4\n");
    const dsc_evaluation e = evaluate(model, test);
    assert_int_equal(e.n_users, 2);
    assert_true(fabs(e.mean.rmse - sqrt(5.0 / 3)) < 1e-12);
    assert_true(fabs(e.mean.mae - 1) < 1e-12);
    assert_true(fabs(e.mean.user_rmse - (sqrt(2) + 1) / 2) < 1e-12);
    assert_true(fabs(e.mean.user_mae - 1) < 1e-12);
    assert_true(isnan(e.mean.rmse_range.low) && isnan(e.model.user_mae_range.high));
    dsc_ratings_destroy(test);
    dsc_ratings_destroy(ratings);
    dsc_recommender_destroy(model);
}

/* The errors of tools/reference_ranking.py, as those of the mean, 3: all are multiples of 1/64. */
static void errors_agree_with_the_independent_script(void **state) {
    (void)state;
    json_t *root = json_load_file("tests/data/reference_ranking.json", 0, NULL);
    const json_t *part = json_object_get(root, "errors"), *user, *error;
    char text[4096];
    size_t length = 0, u, i;
    json_array_foreach(json_object_get(part, "errors"), u, user) {
        json_array_foreach(user, i, error) {
            length += (size_t)snprintf(text + length, sizeof text - length, "u%zu,i%zu,%.9g\n", u,
                                       i, 3 - json_number_value(error));
        }
    }
    dsc_ratings *ratings = ratings_from_text(training), *test = ratings_from_text(text);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config);
    const dsc_evaluation e = evaluate(model, test);
    const double found[] = {e.mean.rmse, e.mean.mae, e.mean.user_rmse, e.mean.user_mae};
    static const char *const names[] = {"rmse", "mae", "user_rmse", "user_mae"};
    for (size_t m = 0; m < 4; m++) {
        const double expected = json_number_value(json_object_get(part, names[m]));
        assert_true(expected > 0.5 && fabs(found[m] - expected) < 1e-12);
    }
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(test);
    dsc_ratings_destroy(ratings);
    json_decref(root);
}

static void intervals_hold_the_errors(void **state) {
    (void)state;
    const planted known = {.n_users = 60, .n_items = 50, .share = 0.3, .noise = 0.5, .seed = 1};
    planted other = known;
    other.part = 1;
    dsc_ratings *ratings = planted_ratings(&known), *test = planted_ratings(&other);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config);
    const dsc_bootstrap bootstrap = {.level = 0.95, .n_resamples = 500, .seed = 3};
    dsc_evaluation e;
    assert_int_equal(dsc_recommender_evaluate(model, test, &bootstrap, &e, NULL), DSC_OK);
    const dsc_errors errors[] = {e.model, e.mean, e.biases};
    for (size_t k = 0; k < 3; k++) {
        const double value[] = {errors[k].rmse, errors[k].mae, errors[k].user_rmse,
                                errors[k].user_mae};
        const dsc_range range[] = {errors[k].rmse_range, errors[k].mae_range,
                                   errors[k].user_rmse_range, errors[k].user_mae_range};
        for (size_t m = 0; m < 4; m++) {
            assert_true(range[m].low < value[m] && value[m] < range[m].high);
            assert_true(range[m].high - range[m].low < 0.2);
        }
    }
    const dsc_bootstrap bad = {.level = 1, .n_resamples = 500};
    assert_int_equal(dsc_recommender_evaluate(model, test, &bad, &e, NULL), DSC_E_ARGUMENT);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(test);
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_worked_out_by_hand),
        cmocka_unit_test(many_pairs),
        cmocka_unit_test(the_dot_baseline_is_a_usual_training),
        cmocka_unit_test(the_dot_baseline_can_be_stopped),
        cmocka_unit_test(users_count_the_same_over_users),
        cmocka_unit_test(errors_agree_with_the_independent_script),
        cmocka_unit_test(intervals_hold_the_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
