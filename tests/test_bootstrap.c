/* Bootstrap intervals: what must hold of every sample, the normal approximation, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "descent/bootstrap.h"
#include "descent/random.h"
#include "fail_alloc.h"

enum { N_USERS = 400 };

static const dsc_bootstrap usual = {.level = 0.95, .n_resamples = 2000, .seed = 1};

/* Three columns: a normal one, a constant one, one that only every fourth user has. */
static void fill(double *a, double *b) {
    dsc_random random = dsc_random_stream(3, 100, 0);
    for (size_t u = 0; u < N_USERS; u++) {
        a[3 * u] = 5 + 2 * dsc_random_normal(&random);
        a[3 * u + 1] = 7;
        a[3 * u + 2] = u % 4 == 0 ? a[3 * u] : 0;
        b[3 * u] = b[3 * u + 1] = 1;
        b[3 * u + 2] = u % 4 == 0;
    }
}

static double a[3 * N_USERS], b[3 * N_USERS];

static void intervals_are_those_of_a_mean(void **state) {
    (void)state;
    dsc_range range[3];
    fill(a, b);
    assert_int_equal(dsc_bootstrap_ratios(N_USERS, 3, a, b, &usual, range, NULL), DSC_OK);
    double sum = 0, squares = 0;
    for (size_t u = 0; u < N_USERS; u++) {
        sum += a[3 * u];
    }
    const double mean = sum / N_USERS;
    for (size_t u = 0; u < N_USERS; u++) {
        squares += (a[3 * u] - mean) * (a[3 * u] - mean);
    }
    /* a percentile of 2000 resamples errs by about 3 % of the half width */
    const double half = 1.96 * sqrt(squares) / N_USERS;
    assert_true(fabs(range[0].low - (mean - half)) < 0.12 * half);
    assert_true(fabs(range[0].high - (mean + half)) < 0.12 * half);
    assert_true(fabs(range[1].low - 7) < 1e-12 && fabs(range[1].high - 7) < 1e-12);
    /* a quarter of the users: twice the width, give or take their own deviation */
    const double ratio = (range[2].high - range[2].low) / (2 * half);
    assert_true(ratio > 1.6 && ratio < 2.5);
}

static void the_seed_and_the_level_count(void **state) {
    (void)state;
    dsc_range first[3], again[3], other[3], narrow[3];
    dsc_bootstrap changed = usual;
    fill(a, b);
    assert_int_equal(dsc_bootstrap_ratios(N_USERS, 3, a, b, &usual, first, NULL), DSC_OK);
    assert_int_equal(dsc_bootstrap_ratios(N_USERS, 3, a, b, &usual, again, NULL), DSC_OK);
    assert_memory_equal(first, again, sizeof first);
    changed.seed = 2;
    assert_int_equal(dsc_bootstrap_ratios(N_USERS, 3, a, b, &changed, other, NULL), DSC_OK);
    assert_true(first[0].low != other[0].low);
    changed = usual;
    changed.level = 0.5;
    assert_int_equal(dsc_bootstrap_ratios(N_USERS, 3, a, b, &changed, narrow, NULL), DSC_OK);
    assert_true(narrow[0].low > first[0].low && narrow[0].high < first[0].high);
}

/* One user: every resample is the sample. A column that no user has: no interval. */
static void the_smallest_samples(void **state) {
    (void)state;
    static const double one_a[] = {3, 0}, one_b[] = {2, 0};
    dsc_range range[2];
    assert_int_equal(dsc_bootstrap_ratios(1, 2, one_a, one_b, &usual, range, NULL), DSC_OK);
    assert_true(range[0].low == 1.5 && range[0].high == 1.5);
    assert_true(isnan(range[1].low) && isnan(range[1].high));
}

static void settings_are_checked(void **state) {
    (void)state;
    const struct {
        dsc_bootstrap bootstrap;
        size_t n_users;
        const char *where;
    } cases[] = {
        {{0, 100, 0}, 1, "level"},
        {{1, 100, 0}, 1, "level"},
        {{(double)NAN, 100, 0}, 1, "level"},
        {{0.9, 1, 0}, 1, "n_resamples"},
        {{0.9, 1000001, 0}, 1, "n_resamples"},
        {{0.9, 100, 0}, 0, "n_users"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dsc_error err;
        dsc_range range;
        assert_int_equal(
            dsc_bootstrap_ratios(cases[i].n_users, 1, a, b, &cases[i].bootstrap, &range, &err),
            DSC_E_ARGUMENT);
        assert_string_equal(err.where, cases[i].where);
    }
}

static void memory_may_end_anywhere(void **state) {
    (void)state;
    for (size_t nth = 1; nth <= 4; nth++) {
        dsc_range range[3];
        fail_alloc_begin(nth, false);
        const dsc_status status = dsc_bootstrap_ratios(N_USERS, 3, a, b, &usual, range, NULL);
        assert_true(fail_alloc_end());
        assert_int_equal(status, DSC_E_MEMORY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_a_mean),
        cmocka_unit_test(the_seed_and_the_level_count),
        cmocka_unit_test(the_smallest_samples),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
