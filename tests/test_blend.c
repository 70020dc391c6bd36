/* Blends: they predict and recommend like the weighted mean of their members, whose ids and ratings they share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "assert_near.h"
#include "blended.h"
#include "descent/similar.h"
#include "planted_ratings.h"

enum { N_USERS = N_BLENDED_USERS, N_ITEMS = N_BLENDED_ITEMS };

static double mean_score(const dsc_recommender *blend, uint32_t user, uint32_t item) {
    double mean = 0;
    for (size_t m = 0; m < dsc_blend_n_members(blend); m++) {
        mean += dsc_blend_weight(blend, m) * blended_score(dsc_blend_member(blend, m), user, item);
    }
    return mean;
}

/* The same bytes in all predictions, scores and lists. */
static void assert_predicts_as(const dsc_recommender *a, const dsc_recommender *b) {
    dsc_scorer *of_a = must_create_scorer(a), *of_b = must_create_scorer(b);
    for (uint32_t u = 0; u <= N_USERS; u++) {
        const uint32_t user = u < N_USERS ? u : DSC_NO_INDEX;
        uint32_t users[N_ITEMS + 1], items[N_ITEMS + 1];
        for (uint32_t i = 0; i <= N_ITEMS; i++) {
            users[i] = user;
            items[i] = i < N_ITEMS ? i : DSC_NO_INDEX;
        }
        float x[N_ITEMS + 1], y[N_ITEMS + 1];
        double score_x[N_ITEMS], score_y[N_ITEMS];
        dsc_recommendation list_x[5], list_y[5];
        size_t n_x, n_y;
        dsc_scorer_predict(of_a, N_ITEMS + 1, users, items, x, NULL);
        dsc_scorer_predict(of_b, N_ITEMS + 1, users, items, y, NULL);
        dsc_scorer_score(of_a, user, N_ITEMS, items, score_x);
        dsc_scorer_score(of_b, user, N_ITEMS, items, score_y);
        dsc_scorer_recommend(of_a, user, 5, list_x, &n_x);
        dsc_scorer_recommend(of_b, user, 5, list_y, &n_y);
        assert_memory_equal(x, y, sizeof x);
        assert_memory_equal(score_x, score_y, sizeof score_x);
        assert_int_equal(n_x, n_y);
        assert_memory_equal(list_x, list_y, n_x * sizeof *list_x);
    }
    dsc_scorer_destroy(of_a);
    dsc_scorer_destroy(of_b);
}

static void one_member_predicts_the_same_bytes(void **state) {
    const blended *f = *state;
    for (size_t m = 0; m < N_BLENDED; m++) {
        dsc_recommender *alone = must_train(f->ratings, &f->members[m]);
        dsc_blend_config config = blended_config(&f->members[m]);
        config.n_members = 1;
        config.weights = (double[]){0.7}; /* whatever it is: it is all there is */
        dsc_recommender *blend = must_blend(f->ratings, &config, NULL);
        assert_int_equal(dsc_blend_n_members(blend), 1);
        assert_true(dsc_blend_weight(blend, 0) == 1);
        assert_predicts_as(alone, blend);
        assert_predicts_as(alone, dsc_blend_member(blend, 0));
        dsc_recommender_destroy(blend);
        dsc_recommender_destroy(alone);
    }
}

static void two_equal_members_predict_like_one(void **state) {
    const blended *f = *state;
    const dsc_recommender_config twice[] = {f->members[0], f->members[0]};
    dsc_recommender *alone = must_train(f->ratings, &twice[0]);
    dsc_blend_config config = blended_config(twice);
    dsc_blend_report report;
    config.n_members = 2;
    dsc_recommender *blend = must_blend(f->ratings, &config, &report);
    assert_within(report.weight[0], 0.5, 1e-12);
    assert_within(report.weight[1], 0.5, 1e-12);
    assert_within(report.blend_rmse, report.rmse[0], 1e-12);
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            assert_within(blended_score(blend, u, i), blended_score(alone, u, i), 1e-12);
        }
    }
    dsc_recommender_destroy(blend);
    dsc_recommender_destroy(alone);
}

static void a_prediction_is_the_weighted_mean(void **state) {
    const blended *f = *state;
    const double by_weight[] = {0.5, 0.3, 0.2};
    dsc_scorer *scorer = must_create_scorer(f->blend);
    dsc_recommender_info info;
    dsc_recommender_get_info(f->blend, &info);
    assert_int_equal(dsc_blend_n_members(f->blend), N_BLENDED);
    size_t n_parameters = 0;
    for (size_t m = 0; m < N_BLENDED; m++) {
        dsc_recommender_info of_member;
        dsc_recommender_get_info(dsc_blend_member(f->blend, m), &of_member);
        n_parameters += of_member.n_parameters;
        assert_within(dsc_blend_weight(f->blend, m), by_weight[m], 1e-15);
    }
    assert_int_equal(info.n_parameters, n_parameters);
    assert_int_equal(info.config.n_factors, f->members[1].n_factors); /* of the heaviest */
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const double mean = mean_score(f->blend, u, i);
            float predicted;
            dsc_scorer_predict(scorer, 1, &u, &i, &predicted, NULL);
            assert_within(blended_score(f->blend, u, i), mean, 1e-12);
            assert_within((double)predicted, fmin(fmax(mean, info.min), info.max), 1e-6);
        }
    }
    dsc_scorer_destroy(scorer);
}

/* Ratings at the two ends of their scale alone, so that members go beyond. */
static void the_mean_is_clipped_and_not_the_members(void **state) {
    const blended *f = *state;
    const planted what = {.n_users = N_USERS, .n_items = N_ITEMS, .share = 0.4, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_blend_config config = blended_config(f->members);
    config.weights = blended_weights;
    dsc_recommender *blend = must_blend(ratings, &config, NULL);
    dsc_scorer *scorer = must_create_scorer(blend);
    size_t n_different = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            double of_clipped = 0;
            for (size_t m = 0; m < N_BLENDED; m++) {
                const double own = blended_score(dsc_blend_member(blend, m), u, i);
                of_clipped += dsc_blend_weight(blend, m) * fmin(fmax(own, 1.5), 4.5);
            }
            const double mean = fmin(fmax(mean_score(blend, u, i), 1.5), 4.5);
            float predicted;
            dsc_scorer_predict(scorer, 1, &u, &i, &predicted, NULL);
            assert_within((double)predicted, mean, 1e-6);
            n_different += fabs(of_clipped - mean) > 0.01;
        }
    }
    assert_true(n_different > 0);
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(blend);
    dsc_ratings_destroy(ratings);
}

static void ids_and_ratings_are_there_once(void **state) {
    const blended *f = *state;
    const dsc_sparse of_blend = dsc_recommender_ratings(f->blend);
    for (size_t m = 0; m < N_BLENDED; m++) {
        const dsc_recommender *member = dsc_blend_member(f->blend, m);
        assert_ptr_equal(dsc_recommender_ratings(member).value, of_blend.value);
        assert_ptr_equal(dsc_recommender_user_id(member, 3).bytes,
                         dsc_recommender_user_id(f->blend, 3).bytes);
    }
}

static void the_training_error_is_that_of_the_mean(void **state) {
    const blended *f = *state;
    dsc_evaluation of_training;
    dsc_recommender_info info;
    dsc_recommender_get_info(f->blend, &info);
    assert_int_equal(dsc_recommender_evaluate(f->blend, f->ratings, NULL, &of_training, NULL),
                     DSC_OK);
    assert_within(info.train_rmse, of_training.model.rmse, 1e-12);
    assert_true(isnan(info.validation_rmse)); /* weights were given */
}

static void neighbours_are_those_of_the_heaviest_member(void **state) {
    const blended *f = *state;
    const dsc_recommender *first = dsc_blend_member(f->blend, 0);
    dsc_neighbour x[4], y[4];
    size_t n_x, n_y;
    const dsc_similar_query of_blend = {.side = dsc_recommender_item_side(f->blend, 2),
                                        .except = 2};
    const dsc_similar_query of_first = {.side = dsc_recommender_item_side(first, 2), .except = 2};
    assert_int_equal(dsc_similar_items(f->blend, &of_blend, 4, x, &n_x, NULL), DSC_OK);
    assert_int_equal(dsc_similar_items(first, &of_first, 4, y, &n_y, NULL), DSC_OK);
    assert_int_equal(n_x, 4);
    for (size_t r = 0; r < n_x; r++) {
        assert_int_equal(x[r].index, y[r].index);
        assert_true(x[r].similarity == y[r].similarity);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_member_predicts_the_same_bytes),
        cmocka_unit_test(two_equal_members_predict_like_one),
        cmocka_unit_test(a_prediction_is_the_weighted_mean),
        cmocka_unit_test(the_mean_is_clipped_and_not_the_members),
        cmocka_unit_test(ids_and_ratings_are_there_once),
        cmocka_unit_test(the_training_error_is_that_of_the_mean),
        cmocka_unit_test(neighbours_are_those_of_the_heaviest_member),
    };
    return cmocka_run_group_tests(tests, blended_begin, blended_end);
}
