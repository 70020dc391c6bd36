/* What somebody is folded in by, and what becomes of them: counts, refusals, and sides against indices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "folding.h"
#include "planted_ratings.h"

static void what_does_not_fit_is_counted(void **state) {
    (void)state;
    dsc_recommender *model = create_model("histories");
    const uint32_t odd_items[] = {8, DSC_NO_INDEX, 3, 40, 1, 12, 33, 7, 8, DSC_NO_INDEX};
    const float odd_ratings[] = {1, 3, 2, 4, 1.5F, 1e30F, 1, 2.5F, 4.5F, 3};
    dsc_folded *odd = NULL;
    const dsc_given of_odd = {10, odd_items, odd_ratings};
    assert_int_equal(dsc_fold_in_user(&odd, model, &of_odd, NULL, NULL), DSC_OK);
    const dsc_folded_info info = dsc_folded_get_info(odd);
    assert_int_equal(info.n_used, 7);
    assert_int_equal(info.n_unknown, 2);
    assert_int_equal(info.n_repeated, 1);
    assert_int_equal(info.n_outside, 1);
    assert_in_range(info.n_iterations, 1, 100);
    const dsc_side side = dsc_folded_side(odd);
    assert_int_equal(side.n_ratings, 7);
    for (size_t e = 0; e + 1 < 7; e++) {
        assert_true(side.others[e] < side.others[e + 1]);
    }
    /* the same as without what was dropped, and with the end of the scale in place of 1e30 */
    float clean_ratings[N_GIVEN];
    memcpy(clean_ratings, ratings, sizeof clean_ratings);
    clean_ratings[4] = (float)model->statistics.max;
    const dsc_given of_clean = {N_GIVEN, items, clean_ratings};
    dsc_folded *clean = NULL;
    assert_int_equal(dsc_fold_in_user(&clean, model, &of_clean, NULL, NULL), DSC_OK);
    assert_memory_equal(dsc_folded_side(clean).vector, side.vector, K * sizeof(float));
    dsc_folded_destroy(clean);
    dsc_folded_destroy(odd);
    dsc_recommender_destroy(model);
}

static void nothing_known_is_somebody_unknown(void **state) {
    (void)state;
    dsc_recommender *model = create_model("histories");
    const uint32_t none = DSC_NO_INDEX;
    const float rating = 5;
    dsc_scorer *scorer = must_create_scorer(model);
    for (size_t n = 0; n <= 1; n++) {
        dsc_folded *folded = NULL;
        const dsc_given nothing = {n, &none, &rating};
        assert_int_equal(dsc_fold_in_user(&folded, model, &nothing, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_null(side.vector);
        dsc_recommendation of_side[5], of_index[5];
        size_t n_side = 0, n_index = 0;
        dsc_scorer_recommend_side(scorer, &side, 5, of_side, &n_side);
        dsc_scorer_recommend(scorer, DSC_NO_INDEX, 5, of_index, &n_index);
        assert_int_equal(n_side, 5);
        for (size_t r = 0; r < 5; r++) {
            assert_int_equal(of_side[r].item, of_index[r].item);
        }
        dsc_folded_destroy(folded);
    }
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
}

static void mistakes_are_refused(void **state) {
    (void)state;
    dsc_recommender *model = create_model("dot");
    const dsc_fold_in_config usual = dsc_fold_in_config_of(model, false);
    dsc_fold_in_config configs[7] = {usual, usual, usual, usual, usual, usual, usual};
    configs[0].l2_vector = -1;
    configs[1].l2_vector = (double)INFINITY;
    configs[2].l2_bias = (double)NAN;
    configs[3].max_iterations = 0;
    configs[4].n_history = -1;
    configs[5].n_history = (double)NAN;
    configs[6].l2_power = -1;
    dsc_folded *folded = (dsc_folded *)(uintptr_t)1;
    for (size_t c = 0; c < 7; c++) {
        dsc_error err;
        assert_int_equal(dsc_fold_in_user(&folded, model, &given, &configs[c], &err),
                         DSC_E_ARGUMENT);
        assert_null(folded);
        assert_non_null(strstr(err.message, "expected"));
    }
    const struct {
        uint32_t item;
        float rating;
    } bad[] = {{N_ITEMS, 3}, {0, (float)NAN}, {0, -(float)INFINITY}};
    for (size_t b = 0; b < 3; b++) {
        const dsc_given one = {1, &bad[b].item, &bad[b].rating};
        assert_int_equal(dsc_fold_in_user(&folded, model, &one, NULL, NULL), DSC_E_ARGUMENT);
        assert_null(folded);
    }
    const uint32_t last_user = N_USERS - 1; /* beyond the items, but an item's raters are users */
    const dsc_given one = {1, &last_user, ratings};
    assert_int_equal(dsc_fold_in_item(&folded, model, &one, NULL, NULL), DSC_OK);
    dsc_folded_destroy(folded);
    dsc_folded_destroy(NULL);
    dsc_recommender_destroy(model);
}

static void the_same_input_gives_the_same_bytes(void **state) {
    (void)state;
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        dsc_folded *first = must_fold(model, false, NULL), *again = must_fold(model, false, NULL);
        assert_memory_equal(dsc_folded_side(first).vector, dsc_folded_side(again).vector,
                            K * sizeof(float));
        dsc_folded_destroy(first);
        dsc_folded_destroy(again);
        dsc_recommender_destroy(model);
    }
}

/* --- using a side ----------------------------------------------------------------------------- */

/* By the last digit of the external id, which the dense index need not share. */
static bool is_even(const dsc_recommender *model, uint32_t item) {
    const dsc_id id = dsc_recommender_item_id(model, item);
    return (id.bytes[id.length - 1] - '0') % 2 == 0;
}

/* Ratings of someone who likes even items; in every form the model finds more of them. */
static void a_new_user_is_served(void **state) {
    (void)state;
    float liking[N_GIVEN];
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        dsc_folded *folded = NULL;
        for (size_t e = 0; e < N_GIVEN; e++) {
            liking[e] = is_even(model, items[e]) ? 4.5F : 1.5F;
        }
        const dsc_given of_even = {N_GIVEN, items, liking};
        assert_int_equal(dsc_fold_in_user(&folded, model, &of_even, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        dsc_scorer *scorer = must_create_scorer(model);
        dsc_recommendation out[N_ITEMS];
        size_t n_out = 0, n_even = 0;
        dsc_scorer_recommend_side(scorer, &side, N_ITEMS, out, &n_out);
        assert_int_equal(n_out, N_ITEMS - N_GIVEN);
        for (size_t r = 0; r < n_out; r++) {
            const dsc_side item = dsc_recommender_item_side(model, out[r].item);
            float predicted;
            dsc_basis basis;
            dsc_scorer_predict_sides(scorer, 1, &side, &item, &predicted, &basis);
            assert_true(predicted == out[r].rating);
            assert_int_equal(basis, DSC_BASIS_FOLD_IN);
            for (size_t e = 0; e < N_GIVEN; e++) {
                assert_true(out[r].item != items[e]);
            }
            n_even += r < 10 && is_even(model, out[r].item);
        }
        if (n_even < 9) {
            fail_msg("%s: %zu of the best 10 are of the kind that was liked", forms[m], n_even);
        }
        dsc_scorer_destroy(scorer);
        dsc_folded_destroy(folded);
        dsc_recommender_destroy(model);
    }
}

/* Pairs by sides are pairs by indices, byte for byte, and unknown ones fall back alike. */
static void sides_are_as_good_as_indices(void **state) {
    (void)state;
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        dsc_scorer *scorer = must_create_scorer(model);
        enum { N = 200 };
        uint32_t user[N], item[N];
        dsc_side of_user[N], of_item[N];
        float by_index[N], by_side[N];
        dsc_basis basis_by_index[N], basis_by_side[N];
        for (uint32_t p = 0; p < N; p++) {
            user[p] = p % 7 == 0 ? DSC_NO_INDEX : p * 13 % N_USERS;
            item[p] = p % 5 == 0 ? DSC_NO_INDEX : p * 11 % N_ITEMS;
            of_user[p] = dsc_recommender_user_side(model, user[p]);
            of_item[p] = dsc_recommender_item_side(model, item[p]);
        }
        dsc_scorer_predict(scorer, N, user, item, by_index, basis_by_index);
        dsc_scorer_predict_sides(scorer, N, of_user, of_item, by_side, basis_by_side);
        assert_memory_equal(by_index, by_side, sizeof by_side);
        assert_memory_equal(basis_by_index, basis_by_side, sizeof basis_by_side);
        dsc_scorer_destroy(scorer);
        dsc_recommender_destroy(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(nothing_known_is_somebody_unknown),
        cmocka_unit_test(mistakes_are_refused),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(a_new_user_is_served),
        cmocka_unit_test(sides_are_as_good_as_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
