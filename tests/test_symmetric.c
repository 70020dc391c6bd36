/* Eigenvectors of symmetric matrices, and equations of positive definite ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "descent/random.h"
#include "math/symmetric.h"

enum { MOST = 70, PURPOSE = 102 };

/* B B' of a drawn B (n, rank), and added to the diagonal `ridge`. */
static void draw(double *a, size_t n, size_t rank, double ridge) {
    double b[MOST * MOST];
    dsc_random random = dsc_random_stream(n, PURPOSE, rank);
    for (size_t i = 0; i < n * rank; i++) {
        b[i] = dsc_random_normal(&random);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = i == j ? ridge : 0;
            for (size_t r = 0; r < rank; r++) {
                sum += b[i * rank + r] * b[j * rank + r];
            }
            a[i * n + j] = sum;
        }
    }
}

/* Q is orthonormal, and Q' diag(values) Q gives A again. */
static void check_diagonalised(const double *a, size_t n) {
    static double turned[MOST * MOST], q[MOST * MOST];
    double largest = 0;
    memcpy(turned, a, n * n * sizeof *a);
    dsc_symmetric_diagonalise(turned, q, n);
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(turned[i * n + i]));
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double product = 0, again = 0;
            for (size_t f = 0; f < n; f++) {
                product += q[i * n + f] * q[j * n + f];
                again += q[f * n + i] * turned[f * n + f] * q[f * n + j];
            }
            assert_true(fabs(product - (i == j)) < 1e-12);
            assert_true(fabs(again - a[i * n + j]) <= 1e-13 * (double)n * largest);
        }
    }
}

static void any_symmetric_matrix_becomes_diagonal(void **state) {
    (void)state;
    static double a[MOST * MOST];
    for (size_t n = 1; n <= MOST; n += n < 8 ? 1 : 31) {
        draw(a, n, n, 0);
        check_diagonalised(a, n);
        draw(a, n, 1, 0); /* all eigenvalues but one are 0 */
        check_diagonalised(a, n);
        draw(a, n, (n + 1) / 2, -3); /* some are negative */
        check_diagonalised(a, n);
    }
    memset(a, 0, sizeof a);
    check_diagonalised(a, 5);
    a[1] = a[5] = 1e-200; /* between rows 0 and 1 of 5 */
    check_diagonalised(a, 5);
}

static void known_eigenvalues(void **state) {
    (void)state;
    double a[4] = {2, 1, 1, 2}, q[4];
    dsc_symmetric_diagonalise(a, q, 2);
    assert_true(fabs(fmin(a[0], a[3]) - 1) < 1e-15);
    assert_true(fabs(fmax(a[0], a[3]) - 3) < 1e-15);
}

static void equations_are_solved(void **state) {
    (void)state;
    static double a[MOST * MOST], spoilt[MOST * MOST];
    for (size_t n = 1; n <= MOST; n += n < 8 ? 1 : 31) {
        double expected[MOST], x[MOST];
        draw(a, n, n, 1);
        for (size_t i = 0; i < n; i++) {
            expected[i] = (double)i - 2.5;
        }
        for (size_t i = 0; i < n; i++) {
            x[i] = 0;
            for (size_t j = 0; j < n; j++) {
                x[i] += a[i * n + j] * expected[j];
            }
        }
        memcpy(spoilt, a, n * n * sizeof *a);
        for (size_t i = 1; i < n; i++) {
            spoilt[i * n] = (double)NAN; /* below the diagonal nothing is read */
        }
        assert_true(dsc_symmetric_solve(spoilt, x, n));
        for (size_t i = 0; i < n; i++) {
            assert_true(fabs(x[i] - expected[i]) < 1e-9);
        }
    }
}

static void what_is_not_positive_is_refused(void **state) {
    (void)state;
    double zero[1] = {0}, negative[4] = {1, 2, 2, 1}, nan[1] = {(double)NAN}, b[2] = {1, 1};
    assert_false(dsc_symmetric_solve(zero, b, 1));
    assert_false(dsc_symmetric_solve(negative, b, 2));
    assert_false(dsc_symmetric_solve(nan, b, 1));
    assert_true(dsc_symmetric_solve(zero, b, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_symmetric_matrix_becomes_diagonal),
        cmocka_unit_test(known_eigenvalues),
        cmocka_unit_test(equations_are_solved),
        cmocka_unit_test(what_is_not_positive_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
