/* Softmax of numbers that are infinite, very large, or no numbers, at every place of rows of every length up
 * to some vectors, on every instruction set that this processor has. */
#include "kernel_cases.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "descent/isa.h"

enum { MOST = 37, N_ROWS = 3 };

/* Three rows of n, the second with `value` at one place; the first and the third are to be as without it. */
static fenced softmax_of_rows(const dsc_kernels *kernels, size_t n, size_t at, float value) {
    fenced z = fenced_create(N_ROWS * n), a = fenced_create(N_ROWS * n);
    fenced plain = fenced_create(n);
    fenced_draw(&z, 90, VALUES_USUAL);
    z.values[n + at] = value;
    kernels->activate(a.values, z.values, DSC_KERNEL_SOFTMAX, N_ROWS, n);
    for (size_t row = 0; row < N_ROWS; row += 2) {
        kernels->activate(plain.values, z.values + row * n, DSC_KERNEL_SOFTMAX, 1, n);
        assert_memory_equal(a.values + row * n, plain.values, n * sizeof(float));
    }
    fenced_destroy(&plain);
    fenced_destroy(&z);
    return a;
}

/* There is no largest number then: nothing in the row is a probability. */
static void check_spoilt(const dsc_kernels *kernels, size_t n, size_t at, float value) {
    fenced a = softmax_of_rows(kernels, n, at, value);
    for (size_t k = 0; k < n; k++) {
        assert_true(isnan(a.values[n + k]));
    }
    fenced_destroy(&a);
}

static void check_certain(const dsc_kernels *kernels, size_t n, size_t at) {
    fenced a = softmax_of_rows(kernels, n, at, FLT_MAX);
    for (size_t k = 0; k < n; k++) {
        assert_true(a.values[n + k] == (k == at ? 1 : 0));
    }
    fenced_destroy(&a);
}

/* What is impossible: the others are as if it were not there. */
static void check_impossible(const dsc_kernels *kernels, size_t n, size_t at, float value) {
    fenced a = softmax_of_rows(kernels, n, at, value);
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        assert_true(k == at ? a.values[n + k] == 0 : a.values[n + k] > 0);
        sum += (double)a.values[n + k];
    }
    assert_true(fabs(sum - 1) < 1e-6);
    fenced_destroy(&a);
}

static void what_is_not_finite_has_its_softmax(void **state) {
    (void)state;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t n = 2; n <= MOST; n++) {
            for (size_t at = 0; at < n; at++) {
                check_spoilt(kernels, n, at, NAN);
                check_spoilt(kernels, n, at, INFINITY);
                check_certain(kernels, n, at);
                check_impossible(kernels, n, at, -INFINITY);
                check_impossible(kernels, n, at, -FLT_MAX);
            }
        }
    }
}

/* Numbers that are as far apart as they can be, and a row of nothing but minus infinity. */
static void rows_at_the_ends(void **state) {
    (void)state;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        float both[] = {-FLT_MAX, FLT_MAX, FLT_MAX, -FLT_MAX}, none[] = {-INFINITY, -INFINITY};
        static const float expected[] = {0, 0.5F, 0.5F, 0};
        kernels->activate(both, both, DSC_KERNEL_SOFTMAX, 1, 4);
        assert_memory_equal(both, expected, sizeof expected);
        kernels->activate(none, none, DSC_KERNEL_SOFTMAX, 1, 2);
        assert_true(isnan(none[0]) && isnan(none[1]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_finite_has_its_softmax),
        cmocka_unit_test(rows_at_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
