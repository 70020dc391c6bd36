/* L-BFGS on functions whose minima are known, and every way in which it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descent/lbfgs.h"
#include "fail_alloc.h"

/* sum of c_i (x_i - i)^2 / 2 with curvatures from 1 to 10^4. */
static dsc_status stretched_bowl(const double *x, double *loss, double *gradient, void *user,
                                 dsc_error *err) {
    (void)err;
    const size_t n = *(const size_t *)user;
    *loss = 0;
    for (size_t i = 0; i < n; i++) {
        const double curvature = pow(10, 4.0 * (double)i / (double)n);
        const double distance = x[i] - (double)i;
        *loss += curvature * distance * distance / 2;
        gradient[i] = curvature * distance;
    }
    return DSC_OK;
}

/* Rosenbrock's valley: minimum 0 at (1, 1). */
static dsc_status valley(const double *x, double *loss, double *gradient, void *user,
                         dsc_error *err) {
    (void)user, (void)err;
    const double a = 1 - x[0], b = x[1] - x[0] * x[0];
    *loss = a * a + 100 * b * b;
    gradient[0] = -2 * a - 400 * x[0] * b;
    gradient[1] = 200 * b;
    return DSC_OK;
}

static void finds_known_minima(void **state) {
    (void)state;
    size_t n = 50;
    double x[50] = {0};
    dsc_lbfgs_result result;
    const dsc_lbfgs_config patient = {.max_iterations = 1000};
    assert_int_equal(dsc_lbfgs_minimize(x, n, &patient, stretched_bowl, NULL, &n, &result, NULL),
                     DSC_OK);
    for (size_t i = 0; i < n; i++) {
        assert_true(fabs(x[i] - (double)i) < 1e-5);
    }
    assert_int_not_equal(result.end, DSC_LBFGS_ITERATIONS);
    assert_true(result.n_evaluations < 2 * result.n_iterations);

    double point[] = {-1.2, 1};
    assert_int_equal(dsc_lbfgs_minimize(point, 2, NULL, valley, NULL, NULL, &result, NULL), DSC_OK);
    assert_true(fabs(point[0] - 1) < 1e-6 && fabs(point[1] - 1) < 1e-6);
    assert_true(result.loss < 1e-12);
    assert_true(result.n_evaluations < 80);
}

static dsc_status line(const double *x, double *loss, double *gradient, void *user,
                       dsc_error *err) {
    (void)user, (void)err;
    *loss = cosh(x[0] - 3);
    gradient[0] = sinh(x[0] - 3);
    return DSC_OK;
}

static void one_variable_and_one_remembered_step(void **state) {
    (void)state;
    double x = -20;
    const dsc_lbfgs_config config = {.memory = 1};
    dsc_lbfgs_result result;
    assert_int_equal(dsc_lbfgs_minimize(&x, 1, &config, line, NULL, NULL, &result, NULL), DSC_OK);
    assert_true(fabs(x - 3) < 1e-5);
    assert_int_not_equal(result.end, DSC_LBFGS_ITERATIONS);
}

/* -log(x) + x, which is not finite from 0 down: the first steps fall there. */
static dsc_status with_an_edge(const double *x, double *loss, double *gradient, void *user,
                               dsc_error *err) {
    (void)user;
    if (x[0] <= 0) {
        if (err != NULL) {
            *err = (dsc_error){DSC_E_NONFINITE, "edge", "x is not above 0"};
        }
        return DSC_E_NONFINITE;
    }
    *loss = -log(x[0]) + x[0];
    gradient[0] = 1 - 1 / x[0];
    return DSC_OK;
}

static void steps_beyond_what_is_finite_are_shortened(void **state) {
    (void)state;
    double x = 1000;
    assert_int_equal(dsc_lbfgs_minimize(&x, 1, NULL, with_an_edge, NULL, NULL, NULL, NULL), DSC_OK);
    assert_true(fabs(x - 1) < 1e-5);
    dsc_error err = {0};
    dsc_lbfgs_result result;
    x = -1;
    assert_int_equal(dsc_lbfgs_minimize(&x, 1, NULL, with_an_edge, NULL, NULL, &result, &err),
                     DSC_E_NONFINITE);
    assert_true(isnan(result.gradient_norm)); /* nobody knows: it is not 0, "at a minimum" */
    assert_int_equal(result.n_evaluations, 1);
    assert_string_equal(err.where, "edge");
    assert_true(x == -1);
}

/* The gradient's sign is wrong: no step can lower the loss. */
static dsc_status liar(const double *x, double *loss, double *gradient, void *user,
                       dsc_error *err) {
    (void)user, (void)err;
    *loss = x[0] * x[0];
    gradient[0] = -2 * x[0];
    return DSC_OK;
}

static bool stop_at_3(const dsc_lbfgs_progress *progress, const double *x, void *user) {
    (void)user;
    assert_true(isfinite(progress->loss) && isfinite(x[0]) && progress->step > 0);
    return progress->iteration < 3;
}

static void every_end(void **state) {
    (void)state;
    dsc_lbfgs_result result;
    double x = 5;
    assert_int_equal(dsc_lbfgs_minimize(&x, 1, NULL, liar, NULL, NULL, &result, NULL), DSC_OK);
    assert_int_equal(result.end, DSC_LBFGS_NO_STEP);
    assert_true(x == 5);

    double start[] = {-1.2, 1};
    const dsc_lbfgs_config few = {.max_iterations = 5};
    assert_int_equal(dsc_lbfgs_minimize(start, 2, &few, valley, NULL, NULL, &result, NULL), DSC_OK);
    assert_int_equal(result.end, DSC_LBFGS_ITERATIONS);
    assert_int_equal(result.n_iterations, 5);

    double at_minimum[] = {1, 1};
    assert_int_equal(dsc_lbfgs_minimize(at_minimum, 2, NULL, valley, NULL, NULL, &result, NULL),
                     DSC_OK);
    assert_int_equal(result.end, DSC_LBFGS_GRADIENT);
    assert_int_equal(result.n_iterations, 0);

    double watched[] = {-1.2, 1};
    dsc_error err = {0};
    assert_int_equal(dsc_lbfgs_minimize(watched, 2, NULL, valley, stop_at_3, NULL, &result, &err),
                     DSC_E_CANCELLED);
    assert_int_equal(err.code, DSC_E_CANCELLED);
    assert_int_equal(result.n_iterations, 3);
    double loss, gradient[2];
    valley(watched, &loss, gradient, NULL, NULL);
    assert_true(loss == result.loss); /* x is the best point found */
}

static void bad_settings_and_little_memory(void **state) {
    (void)state;
    dsc_error err = {0};
    double x[] = {-1.2, 1};
    assert_int_equal(dsc_lbfgs_minimize(x, 0, NULL, valley, NULL, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    const dsc_lbfgs_config bad[] = {
        {.gradient_tolerance = -1}, {.loss_tolerance = NAN}, {.memory = SIZE_MAX}};
    assert_int_equal(dsc_lbfgs_minimize(x, 2, &bad[0], valley, NULL, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_int_equal(dsc_lbfgs_minimize(x, 2, &bad[1], valley, NULL, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_int_equal(dsc_lbfgs_minimize(x, 2, &bad[2], valley, NULL, NULL, NULL, &err),
                     DSC_E_MEMORY);
    fail_alloc_begin(1, false);
    const dsc_status status = dsc_lbfgs_minimize(x, 2, NULL, valley, NULL, NULL, NULL, &err);
    assert_true(fail_alloc_end());
    assert_int_equal(status, DSC_E_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_known_minima),
        cmocka_unit_test(one_variable_and_one_remembered_step),
        cmocka_unit_test(steps_beyond_what_is_finite_are_shortened),
        cmocka_unit_test(every_end),
        cmocka_unit_test(bad_settings_and_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
