/* Models with an ordinal loss: what the forms learn, and what follows a training: probabilities, lists, fold-ins,
 * explanations. docs/math.md (140) to (149). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assert_near.h"
#include "descent/explain.h"
#include "descent/fold_in.h"
#include "descent/probabilities.h"
#include "full_batch_floats.h"
#include "ordinal_models.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/output.h"

/* --- what is learned -------------------------------------------------------------------------- */

static void every_form_learns(void **state) {
    (void)state;
    dsc_ratings *train = planted_marks(60, 50, 0.4, 0), *test = planted_marks(60, 50, 0.4, 1);
    for (int form = 0; form <= DSC_FORM_ITEM_AUTOREC; form++) {
        const dsc_recommender_config config = ordinal_config((dsc_form)form);
        dsc_recommender *model = must_train(train, &config);
        dsc_evaluation found;
        dsc_recommender_info info;
        assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &found, NULL), DSC_OK);
        dsc_recommender_get_info(model, &info);
        if (!(found.model.rmse < 0.8)) { /* the mean has 1.5, the noise 0.5 */
            fail_msg("%s: %g", dsc_form_name((dsc_form)form), found.model.rmse);
        }
        assert_true(info.train_rmse < 0.6); /* in units of the ratings */
        assert_int_equal(info.config.loss, DSC_LOSS_ORDINAL);
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(test);
}

static void the_same_seed_gives_the_same_bytes(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_marks(30, 20, 0.4, 0);
    for (int form = 0; form <= DSC_FORM_ITEM_AUTOREC; form++) {
        dsc_recommender_config config = ordinal_config((dsc_form)form);
        config.max_epochs = 5;
        dsc_recommender *first = must_train(ratings, &config);
        dsc_recommender *second = must_train(ratings, &config);
        assert_same_ordinal(first, second);
        dsc_recommender_destroy(first);
        dsc_recommender_destroy(second);
    }
    dsc_ratings_destroy(ratings);
}

static bool go_on(size_t iteration, double sum_of_squared_errors, void *user) {
    (void)iteration;
    (void)sum_of_squared_errors;
    (void)user;
    return true;
}

/* The objective after so many iterations. */
static double loss_after(const dsc_ratings *ratings, size_t n_iterations) {
    dsc_recommender_config config = ordinal_config(DSC_FORM_HISTORIES);
    config.max_epochs = n_iterations;
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    dsc_full_batch *batch = NULL;
    const dsc_sparse known = dsc_sparse_view(&model->ratings);
    assert_int_equal(
        dsc_full_batch_create(&batch, model, DSC_FLOAT32, dsc_kept_ratings_all(known), NULL),
        DSC_OK);
    assert_int_equal(dsc_full_batch_run(batch, go_on, NULL, NULL), DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double *x = calloc(2 * n, sizeof *x), loss;
    assert_non_null(x);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)model->tables[i];
    }
    assert_int_equal(evaluate_in_floats(x, &loss, x + n, batch), DSC_OK);
    free(x);
    dsc_full_batch_destroy(batch);
    dsc_recommender_destroy(model);
    return loss;
}

/* Along a threshold the loss is curved by all ratings at once, which must not hold up the rest. */
static void thresholds_do_not_slow_a_training_down(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_marks(300, 200, 0.3, 0);
    const double start = loss_after(ratings, 1), soon = loss_after(ratings, 15);
    const double least = loss_after(ratings, 500);
    assert_true(least < start);
    if (!(soon - least < 0.5 * (start - least))) {
        fail_msg("%g at first, %g soon, %g in the end", start, soon, least);
    }
    dsc_ratings_destroy(ratings);
}

static void ratings_on_a_slider_are_refused(void **state) {
    (void)state;
    const planted many = {.n_users = 60, .n_items = 50, .share = 0.4, .noise = 0.3, .seed = 2};
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = ordinal_config(DSC_FORM_DOT);
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err), DSC_E_DATA);
    assert_null(model);
    assert_non_null(strstr(err.message, "round the ratings"));
    config.loss = (dsc_rating_loss)7;
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "loss");
    dsc_ratings_destroy(ratings);
}

static void losses_have_names(void **state) {
    (void)state;
    for (int loss = 0; loss <= DSC_LOSS_ORDINAL; loss++) {
        dsc_rating_loss found = DSC_LOSS_SQUARED;
        assert_true(dsc_rating_loss_from_name(dsc_rating_loss_name((dsc_rating_loss)loss), &found));
        assert_int_equal(found, loss);
    }
    dsc_rating_loss found = DSC_LOSS_ORDINAL;
    assert_null(dsc_rating_loss_name((dsc_rating_loss)99));
    assert_false(dsc_rating_loss_from_name("hinge", &found));
    assert_int_equal(found, DSC_LOSS_ORDINAL);
}

/* --- what follows a training -------------------------------------------------------------------- */

static void probabilities_make_the_prediction(void **state) {
    const ordinal_model *f = *state;
    dsc_scorer *scorer = must_create_scorer(f->model);
    const size_t n = dsc_recommender_n_values(f->model);
    assert_int_equal(n, 5);
    for (size_t j = 1; j + 1 < n; j++) {
        assert_true(dsc_recommender_threshold(f->model, j) >
                    dsc_recommender_threshold(f->model, j - 1));
    }
    double p[5];
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        for (uint32_t i = 0; i < f->model->n_items; i++) {
            const dsc_side user = dsc_recommender_user_side(f->model, u);
            const dsc_side item = dsc_recommender_item_side(f->model, i);
            float rating;
            dsc_scorer_probabilities(scorer, &user, &item, p);
            dsc_scorer_predict(scorer, 1, &u, &i, &rating, NULL);
            double sum = 0, mean = 0;
            for (size_t k = 0; k < n; k++) {
                sum += p[k];
                mean += p[k] * dsc_recommender_value(f->model, k);
            }
            assert_near("the sum", sum, 1, 1e-12);
            assert_near("the mean", mean, (double)rating, 1e-6);
            assert_true(rating > 1 && rating < 5);
        }
    }
    const dsc_side nobody = {0}, item = dsc_recommender_item_side(f->model, 0);
    dsc_scorer_probabilities(scorer, &nobody, &item, p);
    assert_true(isnan(p[0]) && isnan(p[4]));
    dsc_scorer_destroy(scorer);
}

/* The order of the scores is that of the ratings. */
static void recommendations_are_in_order(void **state) {
    const ordinal_model *f = *state;
    dsc_scorer *scorer = must_create_scorer(f->model);
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        dsc_recommendation out[20];
        size_t n = 0;
        dsc_scorer_recommend(scorer, u, 20, out, &n);
        assert_true(n > 0);
        for (size_t r = 0; r < n; r++) {
            float rating;
            double score;
            dsc_scorer_predict(scorer, 1, &u, &out[r].item, &rating, NULL);
            dsc_scorer_score(scorer, u, 1, &out[r].item, &score);
            assert_true(rating == out[r].rating);
            assert_true(r == 0 || rating <= out[r - 1].rating);
            assert_true((float)dsc_output_rating(f->model, score) == rating);
        }
    }
    dsc_scorer_destroy(scorer);
}

/* A trained user minimises the same objective as one who is folded in with the same ratings. */
static void a_fold_in_finds_a_trained_user(void **state) {
    const ordinal_model *f = *state;
    dsc_fold_in_config config = dsc_fold_in_config_of(f->model, false);
    config.n_history = 0;
    assert_true(config.l2_vector == 1 && config.l2_bias == 1);
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        const dsc_side trained = dsc_recommender_user_side(f->model, u);
        dsc_folded *folded = NULL;
        const dsc_given given = {trained.n_ratings, trained.others, trained.ratings};
        assert_int_equal(dsc_fold_in_user(&folded, f->model, &given, &config, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_near("the bias", (double)side.bias, (double)trained.bias, 5e-3);
        for (size_t c = 0; c < 4; c++) {
            assert_near("the vector", (double)side.vector[c], (double)trained.vector[c], 5e-3);
        }
        dsc_folded_destroy(folded);
    }
}

static void explanations_add_up(void **state) {
    const ordinal_model *f = *state;
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        const dsc_side user = dsc_recommender_user_side(f->model, u);
        const dsc_side item = dsc_recommender_item_side(f->model, u % 7);
        dsc_explanation e;
        assert_int_equal(dsc_explain(&e, f->model, &user, &item, NULL), DSC_OK);
        double sum = e.mean + e.user_bias + e.item_bias + e.network + e.own_vector;
        for (size_t r = 0; r < e.n_reasons; r++) {
            sum += e.reasons[r].push;
        }
        assert_near("the sum", sum, e.prediction, 1e-6);
        assert_true(e.prediction == e.rating); /* nothing to clip */
        assert_near("the start", e.mean, dsc_ordinal_mean(&f->model->ordinal, 0), 1e-15);
        /* At the minimum the values of the ratings are the user's own vector. */
        assert_near("what is left", e.own_vector, 0, 2e-2);
        dsc_explanation_clear(&e);
    }
}

static void the_line_leads_to_the_rating(void **state) {
    const ordinal_model *f = *state;
    static const double scores[] = {-30, -1, -2e-4, -5e-5, 0, 1e-9, 9e-5, 1.1e-4, 0.5, 30};
    for (size_t s = 0; s < sizeof scores / sizeof scores[0]; s++) {
        const dsc_output_line line = dsc_output_line_to(f->model, scores[s]);
        assert_near("the rating", line.at_zero + line.unit * scores[s],
                    dsc_ordinal_mean(&f->model->ordinal, scores[s]), 1e-12);
        assert_true(line.unit > 0);
    }
    const double near_zero = dsc_output_line_to(f->model, 0).unit;
    assert_near("the slope", dsc_output_line_to(f->model, 1.5e-4).unit, near_zero, 1e-4);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, ordinal_begin, ordinal_end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_learns),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(thresholds_do_not_slow_a_training_down),
        cmocka_unit_test(ratings_on_a_slider_are_refused),
        cmocka_unit_test(losses_have_names),
        WITH_MODEL(probabilities_make_the_prediction),
        WITH_MODEL(recommendations_are_in_order),
        WITH_MODEL(a_fold_in_finds_a_trained_user),
        WITH_MODEL(explanations_add_up),
        WITH_MODEL(the_line_leads_to_the_rating),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
