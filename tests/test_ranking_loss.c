/* The losses of interactions: values by hand, gradients against differences, and scores far out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "assert_near.h"
#include "recommender/ranking_loss.h"

enum { N_SCORES = 5 };

static const dsc_rating_loss losses[] = {DSC_LOSS_CROSS_ENTROPY, DSC_LOSS_BPR, DSC_LOSS_SOFTMAX};
enum { N_LOSSES = sizeof losses / sizeof losses[0] };

static void equal_scores_are_chance(void **state) {
    (void)state;
    const double score[N_SCORES] = {3, 3, 3, 3, 3};
    double d[N_SCORES];
    assert_within(dsc_ranking_loss(DSC_LOSS_BPR, score, N_SCORES, d), log(2), 1e-15);
    assert_within(d[0], -0.5, 1e-15);
    assert_within(d[4], 0.125, 1e-15);
    assert_within(dsc_ranking_loss(DSC_LOSS_SOFTMAX, score, N_SCORES, d), log(5), 1e-15);
    assert_within(d[0], -0.8, 1e-15);
    assert_within(d[1], 0.2, 1e-15);
    const double zero[3] = {0, 0, 0};
    assert_within(dsc_ranking_loss(DSC_LOSS_CROSS_ENTROPY, zero, 3, d), 3 * log(2), 1e-15);
    assert_within(d[0], -0.5, 1e-15);
    assert_within(d[2], 0.5, 1e-15);
}

static void gradients_are_those_of_differences(void **state) {
    (void)state;
    const double h = 1e-5;
    for (size_t l = 0; l < N_LOSSES; l++) {
        for (size_t n = 1; n <= N_SCORES; n++) {
            double score[N_SCORES] = {0.3, -1.2, 2.5, 0.9, -0.4}, d[N_SCORES], unused[N_SCORES];
            dsc_ranking_loss(losses[l], score, n, d);
            for (size_t j = 0; j < n; j++) {
                const double at = score[j];
                score[j] = at + h;
                const double high = dsc_ranking_loss(losses[l], score, n, unused);
                score[j] = at - h;
                const double low = dsc_ranking_loss(losses[l], score, n, unused);
                score[j] = at;
                assert_within(d[j], (high - low) / (2 * h), 1e-9);
            }
        }
    }
}

/* Alone it says nothing, but under cross-entropy, which looks at each item alone. */
static void a_chosen_item_alone(void **state) {
    (void)state;
    const double score = 1.5;
    double d;
    assert_within(dsc_ranking_loss(DSC_LOSS_BPR, &score, 1, &d), 0, 0);
    assert_within(d, 0, 0);
    assert_within(dsc_ranking_loss(DSC_LOSS_SOFTMAX, &score, 1, &d), 0, 1e-15);
    assert_within(d, 0, 0);
    assert_within(dsc_ranking_loss(DSC_LOSS_CROSS_ENTROPY, &score, 1, &d), log1p(exp(-1.5)), 1e-15);
}

static void scores_far_out_do_not_overflow(void **state) {
    (void)state;
    const double wrong[2] = {-1000, 1000}, right[2] = {1000, -1000};
    for (size_t l = 0; l < N_LOSSES; l++) {
        double d[2];
        assert_within(dsc_ranking_loss(losses[l], wrong, 2, d), 2000, 1e-9);
        assert_within(d[0], -1, 1e-15);
        assert_within(d[1], 1, 1e-15);
        assert_within(dsc_ranking_loss(losses[l], right, 2, d), 0, 1e-15);
        assert_within(d[0], 0, 1e-15);
        assert_within(d[1], 0, 1e-15);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_scores_are_chance),
        cmocka_unit_test(gradients_are_those_of_differences),
        cmocka_unit_test(a_chosen_item_alone),
        cmocka_unit_test(scores_far_out_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
