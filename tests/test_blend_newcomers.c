/* Blends and single predictions: who is new is folded into every member, and an explanation is the weighted mean
 * of theirs. docs/math.md (155). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "assert_near.h"
#include "blended.h"
#include "descent/explain.h"
#include "descent/fold_in.h"
#include "planted_ratings.h"

enum { N_ITEMS = N_BLENDED_ITEMS };

static dsc_folded *fold(const dsc_recommender *model, bool is_item,
                        const dsc_fold_in_config *config) {
    const uint32_t others[] = {1, 4, 6, 11};
    const float ratings[] = {5, 4.5F, 1, 2};
    const dsc_given given = {4, others, ratings};
    dsc_folded *folded = NULL;
    assert_int_equal(
        (is_item ? dsc_fold_in_item : dsc_fold_in_user)(&folded, model, &given, config, NULL),
        DSC_OK);
    return folded;
}

/* Of somebody new with items of the model, and the reverse, without clipping in between. */
static double predict_new(const dsc_recommender *model, const dsc_folded *folded, bool is_item,
                          uint32_t other) {
    dsc_scorer *scorer = must_create_scorer(model);
    const dsc_side one = dsc_folded_side(folded);
    const dsc_side two =
        is_item ? dsc_recommender_user_side(model, other) : dsc_recommender_item_side(model, other);
    float rating;
    dsc_basis basis;
    dsc_scorer_predict_sides(scorer, 1, is_item ? &two : &one, is_item ? &one : &two, &rating,
                             &basis);
    assert_int_equal(basis, DSC_BASIS_FOLD_IN);
    dsc_scorer_destroy(scorer);
    return (double)rating;
}

static void newcomers_are_folded_into_every_member(void **state) {
    const blended *f = *state;
    dsc_recommender_info info;
    dsc_recommender_get_info(f->blend, &info);
    for (int is_item = 0; is_item < 2; is_item++) {
        dsc_folded *of_blend = fold(f->blend, is_item, NULL), *of_member[N_BLENDED];
        size_t n_inside = 0;
        for (size_t m = 0; m < N_BLENDED; m++) {
            of_member[m] = fold(dsc_blend_member(f->blend, m), is_item, NULL);
        }
        assert_int_equal(dsc_folded_get_info(of_blend).n_used, 4);
        for (uint32_t other = 0; other < N_ITEMS; other++) {
            double mean = 0;
            bool is_inside = true;
            for (size_t m = 0; m < N_BLENDED; m++) {
                const double own =
                    predict_new(dsc_blend_member(f->blend, m), of_member[m], is_item, other);
                mean += dsc_blend_weight(f->blend, m) * own;
                is_inside = is_inside && own > info.min && own < info.max;
            }
            if (is_inside) { /* nothing was clipped */
                assert_within(predict_new(f->blend, of_blend, is_item, other), mean, 1e-5);
                n_inside++;
            }
        }
        assert_true(n_inside > 10);
        for (size_t m = 0; m < N_BLENDED; m++) {
            dsc_folded_destroy(of_member[m]);
        }
        dsc_folded_destroy(of_blend);
    }
}

/* Strengths are those of the heaviest member; in the others they are as many times their own. */
static void a_stronger_fold_in_is_stronger_everywhere(void **state) {
    const blended *f = *state;
    dsc_fold_in_config usual = dsc_fold_in_config_of(f->blend, false);
    const dsc_fold_in_config of_first = dsc_fold_in_config_of(dsc_blend_member(f->blend, 0), false);
    assert_true(usual.l2_vector == of_first.l2_vector && usual.l2_bias == of_first.l2_bias);
    assert_true(usual.n_history == of_first.n_history && usual.learn_vector);
    usual.l2_vector *= 3;
    dsc_folded *of_blend = fold(f->blend, false, &usual);
    double mean = 0;
    for (size_t m = 0; m < N_BLENDED; m++) {
        const dsc_recommender *member = dsc_blend_member(f->blend, m);
        dsc_fold_in_config own = dsc_fold_in_config_of(member, false);
        own.l2_vector *= 3;
        dsc_folded *of_member = fold(member, false, &own);
        mean += dsc_blend_weight(f->blend, m) * predict_new(member, of_member, false, 9);
        dsc_folded_destroy(of_member);
    }
    assert_within(predict_new(f->blend, of_blend, false, 9), mean, 1e-5);
    dsc_folded_destroy(of_blend);
}

static void nobody_known_is_folded_in_as_nobody(void **state) {
    const blended *f = *state;
    const uint32_t unknown = DSC_NO_INDEX;
    const float rating = 4;
    dsc_folded *folded = NULL;
    assert_int_equal(
        dsc_fold_in_user(&folded, f->blend, &(dsc_given){1, &unknown, &rating}, NULL, NULL),
        DSC_OK);
    assert_null(dsc_folded_side(folded).vector);
    dsc_folded_destroy(folded);
}

static void an_explanation_is_the_mean_of_the_members(void **state) {
    const blended *f = *state;
    const dsc_side user = dsc_recommender_user_side(f->blend, 7);
    const dsc_side item = dsc_recommender_item_side(f->blend, 8);
    dsc_explanation whole, part;
    assert_int_equal(dsc_explain(&whole, f->blend, &user, &item, NULL), DSC_OK);
    double sum = whole.mean + whole.user_bias + whole.item_bias + whole.network + whole.own_vector;
    for (size_t r = 0; r < whole.n_reasons; r++) {
        sum += whole.reasons[r].presence + whole.reasons[r].value;
        assert_true(r == 0 || fabs(whole.reasons[r - 1].push) >= fabs(whole.reasons[r].push));
    }
    assert_within(sum + whole.gap, whole.prediction, 1e-12);
    assert_within(sum, blended_score(f->blend, 7, 8), 2e-4);
    double push = 0, user_bias = 0, network = 0;
    for (size_t m = 0; m < N_BLENDED; m++) {
        const dsc_recommender *member = dsc_blend_member(f->blend, m);
        const dsc_side of_user = dsc_recommender_user_side(member, 7);
        const dsc_side of_item = dsc_recommender_item_side(member, 8);
        assert_int_equal(dsc_explain(&part, member, &of_user, &of_item, NULL), DSC_OK);
        assert_int_equal(part.n_reasons, whole.n_reasons);
        for (size_t r = 0; r < part.n_reasons; r++) {
            if (part.reasons[r].item == whole.reasons[0].item) {
                push += dsc_blend_weight(f->blend, m) * part.reasons[r].push;
            }
        }
        user_bias += dsc_blend_weight(f->blend, m) * part.user_bias;
        network += dsc_blend_weight(f->blend, m) * part.network;
        dsc_explanation_clear(&part);
    }
    assert_within(whole.reasons[0].push, push, 1e-12);
    assert_within(whole.user_bias, user_bias, 1e-12);
    assert_within(whole.network, network, 1e-12);
    assert_true(whole.n_steps > 0 && fabs(network) > 0);
    dsc_explanation_clear(&whole);
}

static void a_folded_one_is_explained(void **state) {
    const blended *f = *state;
    dsc_folded *folded = fold(f->blend, false, NULL);
    const dsc_side user = dsc_folded_side(folded), item = dsc_recommender_item_side(f->blend, 8);
    dsc_explanation explanation;
    assert_int_equal(dsc_explain(&explanation, f->blend, &user, &item, NULL), DSC_OK);
    assert_within(explanation.rating, predict_new(f->blend, folded, false, 8), 1e-4);
    assert_int_equal(explanation.n_reasons, 4);
    dsc_explanation_clear(&explanation);
    dsc_folded_destroy(folded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newcomers_are_folded_into_every_member),
        cmocka_unit_test(a_stronger_fold_in_is_stronger_everywhere),
        cmocka_unit_test(nobody_known_is_folded_in_as_nobody),
        cmocka_unit_test(an_explanation_is_the_mean_of_the_members),
        cmocka_unit_test(a_folded_one_is_explained),
    };
    return cmocka_run_group_tests(tests, blended_begin, blended_end);
}
