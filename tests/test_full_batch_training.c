/* Training by full batches as a whole: what the forms learn, and the trials that choose strengths and histories.
 * docs/math.md (161). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "planted_ratings.h"
#include "recommender/model.h"

static double test_rmse(const dsc_ratings *train, const dsc_ratings *test,
                        const dsc_recommender_config *config, dsc_recommender_info *info) {
    dsc_recommender *model = must_train(train, config);
    dsc_evaluation found;
    assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &found, NULL), DSC_OK);
    dsc_recommender_get_info(model, info);
    dsc_recommender_destroy(model);
    return found.model.rmse;
}

/* Tastes that no bias shows: every form finds them. */
static void every_form_learns(void **state) {
    (void)state;
    planted many = {.n_users = 60, .n_items = 50, .share = 0.4, .noise = 0.3, .seed = 2};
    dsc_ratings *train = planted_ratings(&many);
    many.part = 1;
    dsc_ratings *test = planted_ratings(&many);
    for (int form = 0; form <= DSC_FORM_ITEM_AUTOREC; form++) {
        dsc_recommender_config config = dsc_recommender_config_of((dsc_form)form, 1200);
        config.n_factors = 8;
        config.optimizer = dsc_adam(0.01);
        config.l2_vectors = 0.01;
        config.l2_network = 0.001;
        dsc_recommender_info info;
        const double rmse = test_rmse(train, test, &config, &info);
        if (!(rmse < 0.6)) { /* the mean has 1.53, the noise 0.3 */
            fail_msg("%s: %g", dsc_form_name((dsc_form)form), rmse);
        }
        assert_false(info.config.choose_ridge);
    }
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(test);
}

/* Little noise wants weak penalties, much noise strong ones. */
static void the_strength_follows_the_noise(void **state) {
    (void)state;
    double chosen[2];
    for (size_t i = 0; i < 2; i++) {
        const planted many = {
            .n_users = 60, .n_items = 50, .share = 0.4, .noise = i == 0 ? 0.1 : 3, .seed = 2};
        dsc_ratings *ratings = planted_ratings(&many);
        dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_DOT, 1200);
        config.n_factors = 8;
        dsc_recommender *model = must_train(ratings, &config);
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        chosen[i] = info.config.ridge.vectors / config.ridge.vectors;
        dsc_recommender_destroy(model);
        dsc_ratings_destroy(ratings);
    }
    assert_true(chosen[0] < 1);
    assert_true(chosen[1] > chosen[0]);
}

/* What each trial said in its last epoch. */
typedef struct trials {
    size_t n;
    double scale[32], rmse[32];
} trials;

static bool note_trial(const dsc_training_progress *progress, void *user) {
    trials *noted = user;
    if (progress->trial > 0) {
        assert_true(progress->trial <= 32);
        noted->n = progress->trial;
        noted->scale[progress->trial - 1] = progress->trial_scale;
        noted->rmse[progress->trial - 1] = progress->validation_rmse;
    }
    return true;
}

/* The error of the trial with this scale; every scale is tried once. */
static double rmse_at(const trials *noted, double scale) {
    double found = (double)NAN;
    for (size_t t = 0; t < noted->n; t++) {
        if (fabs(noted->scale[t] / scale - 1) < 1e-9) {
            assert_true(isnan(found));
            found = noted->rmse[t];
        }
    }
    assert_true(!isnan(found));
    return found;
}

/* (161), below 1 and above. */
static void the_strength_is_between_those_tried(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const planted many = {
            .n_users = 60, .n_items = 50, .share = 0.4, .noise = i == 0 ? 0.5 : 3, .seed = 2};
        dsc_ratings *ratings = planted_ratings(&many);
        dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_DOT, 1200);
        config.n_factors = 8;
        if (i == 1) { /* much noise and weak strengths: upwards */
            config.ridge.vectors /= 8;
        }
        trials noted = {0};
        dsc_recommender *model = NULL;
        assert_int_equal(dsc_recommender_train(&model, ratings, &config, note_trial, &noted, NULL),
                         DSC_OK);
        double scale = noted.scale[0];
        for (size_t t = 1; t < noted.n; t++) {
            scale = noted.rmse[t] < rmse_at(&noted, scale) ? noted.scale[t] : scale;
        }
        assert_true(i == 0 ? scale < 1 : scale > 1);
        const double left = rmse_at(&noted, scale / sqrt(2)), at = rmse_at(&noted, scale);
        const double right = rmse_at(&noted, scale * sqrt(2));
        const double steps = (left - right) / (2 * (left - 2 * at + right));
        assert_true(fabs(steps) <= 0.5 && steps != 0);
        const double expected = config.ridge.vectors * scale * pow(2, steps / 2);
        assert_true(fabs(model->config.ridge.vectors / expected - 1) < 1e-9);
        dsc_recommender_destroy(model);
        dsc_ratings_destroy(ratings);
    }
}

static void forms_have_names(void **state) {
    (void)state;
    for (int form = 0; form <= DSC_FORM_IALS; form++) {
        dsc_form found = DSC_FORM_HISTORIES;
        assert_true(dsc_form_from_name(dsc_form_name((dsc_form)form), &found));
        assert_int_equal(found, form);
        const dsc_recommender_config config = dsc_recommender_config_of((dsc_form)form, 1000);
        assert_int_equal(dsc_recommender_config_check(&config, NULL), DSC_OK);
    }
    dsc_form found = DSC_FORM_DOT;
    assert_null(dsc_form_name((dsc_form)(DSC_FORM_IALS + 1)));
    assert_false(dsc_form_from_name("svd", &found));
    assert_int_equal(found, DSC_FORM_DOT);
}

static void mixtures_that_cannot_be(void **state) {
    (void)state;
    dsc_recommender_config nothing = small_config(), shifting = small_config();
    nothing.use_dot = nothing.use_network = false;
    shifting.use_user_history = shifting.use_lbfgs = true;
    shifting.history_dropout = 0.1;
    dsc_error err = {0};
    assert_int_equal(dsc_recommender_config_check(&nothing, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "use_dot");
    assert_int_equal(dsc_recommender_config_check(&shifting, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "history_dropout");
    shifting.use_lbfgs = false;
    assert_int_equal(dsc_recommender_config_check(&shifting, &err), DSC_OK);
}

static bool stop_in_the_second_trial(const dsc_training_progress *progress, void *user) {
    size_t *n_calls = user;
    ++*n_calls;
    assert_true(progress->trial > 0);
    assert_true(progress->trial_scale == 1 && progress->without_history == (progress->trial == 2));
    return progress->trial < 2;
}

static void a_trial_can_be_stopped(void **state) {
    (void)state;
    const planted few = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_error err = {0};
    size_t n_calls = 0;
    assert_int_equal(
        dsc_recommender_train(&model, ratings, NULL, stop_in_the_second_trial, &n_calls, &err),
        DSC_E_CANCELLED);
    assert_null(model);
    assert_int_equal(err.code, DSC_E_CANCELLED);
    assert_true(n_calls > 1);
    dsc_ratings_destroy(ratings);
}

/* The second trial is without histories; the better of the two decides. */
static void histories_are_left_out_where_that_helps(void **state) {
    (void)state;
    const planted sets[] = {
        {.n_users = 60, .n_items = 40, .share = 0.5, .noise = 0.4, .seed = 1},
        {.n_users = 200, .n_items = 4, .share = 1, .noise = 2, .seed = 1},
        {.n_users = 40, .n_items = 60, .share = 0.1, .noise = 0.1, .seed = 4},
    };
    bool was_with = false, was_without = false;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        dsc_ratings *ratings = planted_ratings(&sets[i]);
        dsc_recommender_config config =
            dsc_recommender_config_of(DSC_FORM_HISTORIES, dsc_ratings_by_user(ratings).n_entries);
        config.n_factors = 5;
        config.max_epochs = 20;
        trials noted = {0};
        dsc_recommender *model = NULL;
        assert_int_equal(dsc_recommender_train(&model, ratings, &config, note_trial, &noted, NULL),
                         DSC_OK);
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        assert_true(noted.scale[0] == 1 && noted.scale[1] == 1 && noted.scale[2] != 1);
        assert_int_equal(info.config.use_user_history, !(noted.rmse[1] < noted.rmse[0]));
        assert_int_equal(info.config.use_item_history, info.config.use_user_history);
        assert_false(info.config.choose_history);
        was_with |= info.config.use_user_history;
        was_without |= !info.config.use_user_history;
        dsc_recommender_destroy(model);
        dsc_ratings_destroy(ratings);
    }
    assert_true(was_with && was_without);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_learns),
        cmocka_unit_test(the_strength_follows_the_noise),
        cmocka_unit_test(the_strength_is_between_those_tried),
        cmocka_unit_test(forms_have_names),
        cmocka_unit_test(mixtures_that_cannot_be),
        cmocka_unit_test(a_trial_can_be_stopped),
        cmocka_unit_test(histories_are_left_out_where_that_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
