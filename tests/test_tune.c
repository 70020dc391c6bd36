/* Draws of settings: ranges, shapes, the seed; the choice among the best. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descent/tune.h"

enum { N_DRAWS = 20000 };

static void draw_one(dsc_dimension dimension, double *out) {
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        assert_int_equal(dsc_tune_draw(&dimension, 1, 5, i, &out[i], NULL), DSC_OK);
        assert_true(out[i] >= dimension.low && out[i] <= dimension.high);
    }
}

static double share_below(const double *values, double limit) {
    size_t n = 0;
    for (size_t i = 0; i < N_DRAWS; i++) {
        n += values[i] < limit;
    }
    return (double)n / N_DRAWS;
}

static double drawn[N_DRAWS];

/* A share of N_DRAWS errs by 0.0035 at most, one standard deviation. */
static const double tolerance = 0.015;

static void real_numbers_are_spread_as_their_kind_says(void **state) {
    (void)state;
    draw_one((dsc_dimension){DSC_DIMENSION_LINEAR, -1, 3}, drawn);
    assert_true(fabs(share_below(drawn, 0) - 0.25) < tolerance);
    assert_true(fabs(share_below(drawn, 2) - 0.75) < tolerance);
    draw_one((dsc_dimension){DSC_DIMENSION_LOG, 0.001, 10}, drawn);
    assert_true(fabs(share_below(drawn, 0.01) - 0.25) < tolerance);
    assert_true(fabs(share_below(drawn, 0.1) - 0.5) < tolerance);
    assert_true(fabs(share_below(drawn, 1) - 0.75) < tolerance);
}

static void whole_numbers_are_whole_and_spread_by_factors(void **state) {
    (void)state;
    draw_one((dsc_dimension){DSC_DIMENSION_WHOLE, 4, 256}, drawn);
    for (size_t i = 0; i < N_DRAWS; i++) {
        assert_true(drawn[i] == floor(drawn[i]));
    }
    const double all = log(256.5 / 3.5);
    assert_true(fabs(share_below(drawn, 32) - log(31.5 / 3.5) / all) < tolerance);
    assert_true(fabs(share_below(drawn, 5) - log(4.5 / 3.5) / all) < tolerance);
    assert_true(fabs(share_below(drawn, 256) - (1 - log(256.5 / 255.5) / all)) < tolerance);
}

static void every_choice_comes_as_often(void **state) {
    (void)state;
    draw_one((dsc_dimension){DSC_DIMENSION_CHOICE, 0, 4}, drawn);
    for (int choice = 0; choice < 5; choice++) {
        const double share = share_below(drawn, choice + 0.5) - share_below(drawn, choice - 0.5);
        assert_true(fabs(share - 0.2) < tolerance);
    }
}

static void a_range_of_one_value_gives_it(void **state) {
    (void)state;
    for (int kind = DSC_DIMENSION_LINEAR; kind <= DSC_DIMENSION_CHOICE; kind++) {
        double value = 0;
        const dsc_dimension only = {(dsc_dimension_kind)kind, 7, 7};
        assert_int_equal(dsc_tune_draw(&only, 1, 1, 3, &value, NULL), DSC_OK);
        assert_true(value == 7);
    }
}

static void seed_and_index_decide(void **state) {
    (void)state;
    static const dsc_dimension space[] = {{DSC_DIMENSION_LOG, 0.1, 10},
                                          {DSC_DIMENSION_CHOICE, 0, 1000000},
                                          {DSC_DIMENSION_LINEAR, 0, 1}};
    double a[3], b[3], other_seed[3], other_index[3], fewer[2];
    assert_int_equal(dsc_tune_draw(space, 3, 7, 2, a, NULL), DSC_OK);
    assert_int_equal(dsc_tune_draw(space, 3, 7, 2, b, NULL), DSC_OK);
    assert_int_equal(dsc_tune_draw(space, 3, 8, 2, other_seed, NULL), DSC_OK);
    assert_int_equal(dsc_tune_draw(space, 3, 7, 3, other_index, NULL), DSC_OK);
    assert_int_equal(dsc_tune_draw(space, 2, 7, 2, fewer, NULL), DSC_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_equal(a, fewer, sizeof fewer);
    for (size_t i = 0; i < 3; i++) {
        assert_true(a[i] != other_seed[i] && a[i] != other_index[i]);
    }
}

static void impossible_dimensions_are_refused(void **state) {
    (void)state;
    static const struct {
        dsc_dimension dimension;
        const char *message;
    } cases[] = {
        {{DSC_DIMENSION_LINEAR, 2, 1}, "found 2 to 1; expected finite bounds, the lower one first"},
        {{DSC_DIMENSION_LINEAR, 0, INFINITY}, "expected finite bounds"},
        {{DSC_DIMENSION_LINEAR, NAN, 1}, "expected finite bounds"},
        {{DSC_DIMENSION_LOG, 0, 1}, "found 0 to 1; expected bounds above 0"},
        {{DSC_DIMENSION_WHOLE, 0, 4}, "expected whole bounds of at least 1"},
        {{DSC_DIMENSION_WHOLE, 1, 4.5}, "expected whole bounds of at least 1"},
        {{DSC_DIMENSION_CHOICE, -1, 4}, "expected whole bounds of at least 0"},
        {{DSC_DIMENSION_CHOICE, 0, 1e10}, "expected whole bounds of at least 0"},
        {{(dsc_dimension_kind)9, 0, 1}, "9 is not a kind of dimension"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const dsc_dimension space[] = {{DSC_DIMENSION_LINEAR, 0, 1}, cases[i].dimension};
        double value[2] = {-5, -5};
        dsc_error err;
        assert_int_equal(dsc_tune_draw(space, 2, 1, 0, value, &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, "dimension 2");
        assert_non_null(strstr(err.message, cases[i].message));
        assert_true(value[0] == -5 && value[1] == -5);
    }
}

static void the_cheapest_of_those_as_good_as_the_best(void **state) {
    (void)state;
    static const struct {
        double score[4], cost[4], margin, most;
        size_t chosen;
    } cases[] = {
        {{3, 1, 2, 4}, {1, 9, 1, 1}, 0, INFINITY, 1},        /* the lowest score */
        {{3, 1, 1.25, 4}, {1, 9, 2, 1}, 0.25, INFINITY, 2},  /* as good, and cheaper */
        {{3, 1, 1.26, 4}, {1, 9, 2, 1}, 0.25, INFINITY, 1},  /* not as good */
        {{1.2, 1, 1.1, 4}, {2, 9, 2, 1}, 0.5, INFINITY, 2},  /* as cheap: the lower score */
        {{5, 1, 1, 4}, {2, 9, 9, 1}, 0.5, INFINITY, 1},      /* the same: the lower number */
        {{1.2, 1, 1.1, 4}, {1, 9, 2, 1}, 0.5, 1.1, 2},       /* not above `most` */
        {{1.2, 1, 1.1, 4}, {1, 9, 2, 1}, 0.5, 0.5, 1},       /* which is below all */
        {{NAN, 1, INFINITY, 4}, {0, 9, 0, 1}, 9, 1.5, 1},    /* what does not work */
        {{NAN, NAN, INFINITY, NAN}, {0, 0, 0, 0}, 9, 99, 4}, /* nothing works */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(
            dsc_tune_choose(cases[i].score, cases[i].cost, 4, cases[i].margin, cases[i].most),
            cases[i].chosen);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_numbers_are_spread_as_their_kind_says),
        cmocka_unit_test(whole_numbers_are_whole_and_spread_by_factors),
        cmocka_unit_test(every_choice_comes_as_often),
        cmocka_unit_test(a_range_of_one_value_gives_it),
        cmocka_unit_test(seed_and_index_decide),
        cmocka_unit_test(impossible_dimensions_are_refused),
        cmocka_unit_test(the_cheapest_of_those_as_good_as_the_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
