/* Spectral and Frobenius norms against known singular values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>

#include "descent/norms.h"
#include "descent/random.h"
#include "fail_alloc.h"

static double spectral(const double *data, size_t n_rows, size_t n_cols) {
    double norm = -1.0;
    assert_int_equal(dsc_norm_spectral(dsc_matrix_f64(data, n_rows, n_cols), &norm, NULL), DSC_OK);
    return norm;
}

static double frobenius(const double *data, size_t n_rows, size_t n_cols) {
    return dsc_norm_frobenius(dsc_matrix_f64(data, n_rows, n_cols));
}

static void assert_near(double found, double expected) {
    if (!(fabs(found - expected) <= 8 * DBL_EPSILON * fabs(expected))) {
        fail_msg("found %.17g, expected %.17g", found, expected);
    }
}

static void known_norms(void **state) {
    (void)state;
    const struct {
        size_t n_rows, n_cols;
        double data[9];
        double spectral, frobenius;
    } cases[] = {
        {1, 1, {0}, 0, 0},
        {1, 1, {-7}, 7, 7},
        {2, 2, {0}, 0, 0},
        {2, 2, {1, 0, 0, 1}, 1, sqrt(2)},
        {2, 2, {0, 1, -1, 0}, 1, sqrt(2)},
        {2, 2, {3, 0, 4, 5}, sqrt(45), sqrt(50)},
        {2, 2, {1, 1, 1, 1}, 2, 2},
        {1, 3, {1, 2, 2}, 3, 3},
        {3, 1, {1, 2, 2}, 3, 3},
        {2, 3, {3, 2, 2, 2, 3, -2}, 5, sqrt(34)},
        {3, 2, {3, 2, 2, 3, 2, -2}, 5, sqrt(34)},
        {3, 3, {2, 0, 0, 0, -9, 0, 0, 0, 4}, 9, sqrt(101)},
        /* Rank 1: (1, 2, 3)' (4, -5, 6). */
        {3, 3, {4, -5, 6, 8, -10, 12, 12, -15, 18}, sqrt(14 * 77), sqrt(14 * 77)},
        /* Hilbert matrix of order 3. */
        {3,
         3,
         {1, 1. / 2, 1. / 3, 1. / 2, 1. / 3, 1. / 4, 1. / 3, 1. / 4, 1. / 5},
         1.4083189271236543,
         1.4136241839093351},
        /* The errors of the worked example: s^2 = (18 +- sqrt(18^2 - 4 * 16)) / 2. */
        {2, 2, {2, 3, 2, 1}, sqrt(9 + sqrt(65)), sqrt(18)},
        /* A column of zeros, and columns of very different length. */
        {2, 3, {0, 3, 0, 0, 4, 0}, 5, 5},
        {2, 2, {1, 1e-200, 0, 1e-200}, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_near(spectral(cases[i].data, cases[i].n_rows, cases[i].n_cols), cases[i].spectral);
        assert_near(frobenius(cases[i].data, cases[i].n_rows, cases[i].n_cols), cases[i].frobenius);
    }
}

static void the_worked_example_shows_4_1306(void **state) {
    (void)state;
    const double error[] = {2, 3, 2, 1};
    assert_true(fabs(spectral(error, 2, 2) - 4.1306) < 0.00005);
    assert_true(fabs(frobenius(error, 2, 2) - 4.2426) < 0.00005);
}

/* Scaling by any power of two scales both norms exactly, down to the smallest double. */
static void no_overflow_and_no_underflow(void **state) {
    (void)state;
    const int exponents[] = {-1074, -1073, -1030, -600, -500, 0, 500, 600, 1018};
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        double data[6] = {3, 2, 2, 2, 3, -2};
        for (size_t j = 0; j < 6; j++) {
            data[j] = ldexp(data[j], exponents[i]);
        }
        assert_near(spectral(data, 2, 3), ldexp(5, exponents[i]));
        assert_near(frobenius(data, 2, 3), ldexp(sqrt(34), exponents[i]));
    }
    const double huge[] = {DBL_MAX / 2, DBL_MAX / 2};
    assert_near(spectral(huge, 1, 2), DBL_MAX / 2 * sqrt(2));
    assert_near(frobenius(huge, 2, 1), DBL_MAX / 2 * sqrt(2));
    const double mixed[] = {DBL_MAX, 0, 0, DBL_TRUE_MIN};
    assert_true(spectral(mixed, 2, 2) == DBL_MAX);
    assert_true(frobenius(mixed, 2, 2) == DBL_MAX);
}

static void a_norm_that_is_no_number_is_refused(void **state) {
    (void)state;
    const double cases[][2] = {{NAN, 1},       {1, NAN},        {INFINITY, 1},
                               {1, -INFINITY}, {NAN, INFINITY}, {DBL_MAX, DBL_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double norm = -1;
        dsc_error err;
        assert_int_equal(dsc_norm_spectral(dsc_matrix_f64(cases[i], 1, 2), &norm, &err),
                         DSC_E_NONFINITE);
        assert_int_equal(err.code, DSC_E_NONFINITE);
        assert_string_equal(err.where, "spectral norm");
        assert_true(norm == -1);
        assert_true(!isfinite(frobenius(cases[i], 1, 2)));
    }
    assert_true(isnan(frobenius(cases[4], 1, 2)));
    assert_true(isinf(frobenius(cases[2], 1, 2)));
}

static void an_empty_matrix_has_norm_0(void **state) {
    (void)state;
    const double nothing = 1;
    assert_true(spectral(&nothing, 0, 3) == 0);
    assert_true(spectral(&nothing, 3, 0) == 0);
    assert_true(frobenius(&nothing, 0, 3) == 0);
}

static void single_precision_is_read_as_such(void **state) {
    (void)state;
    const float data[] = {3, 2, 2, 2, 3, -2};
    double norm;
    assert_int_equal(dsc_norm_spectral(dsc_matrix_f32(data, 2, 3), &norm, NULL), DSC_OK);
    assert_near(norm, 5);
    assert_near(dsc_norm_frobenius(dsc_matrix_f32(data, 2, 3)), sqrt(34));
}

/* Applies H = I - 2 v v' / (v' v), v random, to the rows (is_left) or columns of m: orthogonal. */
static void reflect(double *m, size_t n_rows, size_t n_cols, int is_left, dsc_random *random) {
    double v[64], length2 = 0;
    size_t n = is_left ? n_rows : n_cols;
    size_t n_others = is_left ? n_cols : n_rows;
    for (size_t i = 0; i < n; i++) {
        v[i] = dsc_random_normal(random);
        length2 += v[i] * v[i];
    }
    for (size_t j = 0; j < n_others; j++) {
        double along = 0;
        for (size_t i = 0; i < n; i++) {
            along += v[i] * m[is_left ? i * n_cols + j : j * n_cols + i];
        }
        for (size_t i = 0; i < n; i++) {
            m[is_left ? i * n_cols + j : j * n_cols + i] -= 2 * along / length2 * v[i];
        }
    }
}

/* Q D R' with random orthogonal Q and R has the singular values of D. */
static void planted_singular_values_are_found(void **state) {
    (void)state;
    const struct {
        size_t n_rows, n_cols;
        double ratio; /* of each singular value to the one before */
    } cases[] = {{5, 5, 0.5},    {40, 7, 0.9},  {7, 40, 0.9},     {64, 64, 0.999},
                 {32, 32, 1e-3}, {30, 20, 1.0}, {2, 64, 0.999999}};
    dsc_random random = dsc_random_stream(11, 0, 0);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        size_t n_rows = cases[c].n_rows, n_cols = cases[c].n_cols;
        double m[64 * 64] = {0}, sum2 = 0, value = 3;
        for (size_t i = 0; i < n_rows && i < n_cols; i++) {
            m[i * n_cols + i] = value;
            sum2 += value * value;
            value *= cases[c].ratio;
        }
        for (int i = 0; i < 8; i++) {
            reflect(m, n_rows, n_cols, i % 2, &random);
        }
        double found = spectral(m, n_rows, n_cols);
        assert_true(fabs(found - 3) < 1e-13);
        assert_true(fabs(frobenius(m, n_rows, n_cols) - sqrt(sum2)) < 1e-12);
    }
}

static void an_absent_matrix_has_norm_0(void **state) {
    (void)state;
    double norm = -1;
    const dsc_matrix absent = {NULL, 1, 2, DSC_FLOAT64};
    assert_int_equal(dsc_norm_spectral(absent, &norm, NULL), DSC_OK);
    assert_true(norm == 0);
    assert_true(dsc_norm_frobenius(absent) == 0);
}

static void no_memory_is_reported(void **state) {
    (void)state;
    const double data[] = {1, 2};
    double norm = -1;
    dsc_error err;
    fail_alloc_begin(1, false);
    dsc_status status = dsc_norm_spectral(dsc_matrix_f64(data, 1, 2), &norm, &err);
    assert_true(fail_alloc_end());
    assert_int_equal(status, DSC_E_MEMORY);
    assert_int_equal(err.code, DSC_E_MEMORY);
    assert_true(norm == -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_norms),
        cmocka_unit_test(the_worked_example_shows_4_1306),
        cmocka_unit_test(no_overflow_and_no_underflow),
        cmocka_unit_test(a_norm_that_is_no_number_is_refused),
        cmocka_unit_test(an_empty_matrix_has_norm_0),
        cmocka_unit_test(single_precision_is_read_as_such),
        cmocka_unit_test(planted_singular_values_are_found),
        cmocka_unit_test(an_absent_matrix_has_norm_0),
        cmocka_unit_test(no_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
