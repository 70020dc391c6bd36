/* The memory of L-BFGS against the two-loop recursion as it stands in docs/math.md (40), and the same
 * bytes from any number of threads. */
#include "math/lbfgs_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descent/random.h"

/* Three parts of vectors, the last one short and no multiple of the lanes. */
enum { N = 2 * 2048 + 1003, CAPACITY = 4, N_STEPS = 11 };

/* The steps that turn back on themselves, and so have no upward curvature: one before and two after the
 * memory is full. */
static bool is_bent(size_t step) {
    return step == 2 || step == 7 || step == 8;
}

static double points[N_STEPS + 1][N];
static double gradients[N_STEPS + 1][N];

/* A walk through a bowl: the gradient's change is the step times a curvature of each variable, with
 * its sign turned where the step is bent. */
static void walk(void) {
    dsc_random random = dsc_random_stream(5, 100, 0);
    for (size_t i = 0; i < N; i++) {
        points[0][i] = 0;
        gradients[0][i] = dsc_random_normal(&random);
    }
    for (size_t t = 0; t < N_STEPS; t++) {
        for (size_t i = 0; i < N; i++) {
            const double step = dsc_random_normal(&random);
            const double curvature = 0.1 + (double)(i % 10);
            points[t + 1][i] = points[t][i] + step;
            gradients[t + 1][i] = gradients[t][i] + (is_bent(t) ? -curvature : curvature) * step;
        }
    }
}

static double inner(const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

/* (40) after `n_steps` steps, from the points and gradients themselves. */
static void two_loops(size_t n_steps, double *q) {
    static double s[N_STEPS][N], y[N_STEPS][N];
    double alpha[N_STEPS];
    size_t kept[N_STEPS], n_kept = 0;
    for (size_t t = 0; t < n_steps; t++) {
        for (size_t i = 0; i < N; i++) {
            s[t][i] = points[t + 1][i] - points[t][i];
            y[t][i] = gradients[t + 1][i] - gradients[t][i];
        }
        /* A bent step costs the oldest pair where the memory is full: its place was taken. */
        if (!is_bent(t)) {
            kept[n_kept++] = t;
        }
        if (n_kept > CAPACITY || (is_bent(t) && n_kept == CAPACITY)) {
            memmove(kept, kept + 1, --n_kept * sizeof *kept);
        }
    }
    for (size_t i = 0; i < N; i++) {
        q[i] = -gradients[n_steps][i];
    }
    for (size_t k = n_kept; k-- > 0;) {
        const size_t t = kept[k];
        alpha[t] = inner(s[t], q) / inner(s[t], y[t]);
        for (size_t i = 0; i < N; i++) {
            q[i] -= alpha[t] * y[t][i];
        }
    }
    const double *newest_s = n_kept > 0 ? s[kept[n_kept - 1]] : NULL;
    const double *newest_y = n_kept > 0 ? y[kept[n_kept - 1]] : NULL;
    const double scale = n_kept > 0 ? inner(newest_s, newest_y) / inner(newest_y, newest_y) : 1;
    for (size_t i = 0; i < N; i++) {
        q[i] *= scale;
    }
    for (size_t k = 0; k < n_kept; k++) {
        const size_t t = kept[k];
        const double beta = inner(y[t], q) / inner(s[t], y[t]);
        for (size_t i = 0; i < N; i++) {
            q[i] += (alpha[t] - beta) * s[t][i];
        }
    }
}

static void directions_are_those_of_the_two_loops(void **state) {
    (void)state;
    static double direction[N], expected[N];
    dsc_lbfgs_memory *memory;
    assert_int_equal(dsc_lbfgs_memory_create(&memory, N, CAPACITY, NULL, NULL), DSC_OK);
    dsc_lbfgs_memory_start(memory, gradients[0]);
    for (size_t t = 0; t <= N_STEPS; t++) {
        const double slope = dsc_lbfgs_memory_direction(memory, direction);
        two_loops(t, expected);
        const double length = sqrt(inner(expected, expected));
        for (size_t i = 0; i < N; i++) {
            assert_true(fabs(direction[i] - expected[i]) <= 1e-12 * length);
        }
        assert_true(fabs(slope - inner(expected, gradients[t])) <= 1e-10 * fabs(slope));
        assert_true(fabs(dsc_lbfgs_memory_gradient_norm(memory) -
                         sqrt(inner(gradients[t], gradients[t]))) < 1e-9);
        if (t < N_STEPS) {
            dsc_lbfgs_memory_step(memory, points[t], points[t + 1], gradients[t + 1]);
        }
    }
    assert_int_equal(dsc_lbfgs_memory_n_pairs(memory), CAPACITY);
    dsc_lbfgs_memory_forget(memory);
    dsc_lbfgs_memory_direction(memory, direction);
    for (size_t i = 0; i < N; i++) {
        assert_true(direction[i] == -gradients[N_STEPS][i]);
    }
    dsc_lbfgs_memory_destroy(memory);
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    static double first[N], direction[N], partial[3];
    double first_product = 0;
    assert_int_equal(dsc_lbfgs_n_parts(N), 3);
    for (size_t n_threads = 1; n_threads <= 8; n_threads++) {
        dsc_pool *pool;
        dsc_lbfgs_memory *memory;
        assert_int_equal(dsc_pool_create(&pool, n_threads, NULL), DSC_OK);
        assert_int_equal(dsc_lbfgs_memory_create(&memory, N, CAPACITY, pool, NULL), DSC_OK);
        dsc_lbfgs_memory_start(memory, gradients[0]);
        for (size_t t = 0; t < N_STEPS; t++) {
            dsc_lbfgs_memory_step(memory, points[t], points[t + 1], gradients[t + 1]);
        }
        dsc_lbfgs_memory_direction(memory, direction);
        dsc_add_scaled(pool, direction, direction, 0.5, gradients[1], N);
        const double product = dsc_inner_product(pool, direction, gradients[2], N, partial);
        if (n_threads == 1) {
            memcpy(first, direction, sizeof first);
            first_product = product;
        }
        assert_memory_equal(direction, first, sizeof first);
        assert_memory_equal(&product, &first_product, sizeof product);
        dsc_lbfgs_memory_destroy(memory);
        dsc_pool_destroy(pool);
    }
}

int main(void) {
    walk();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_are_those_of_the_two_loops),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
    };
    return cmocka_run_group_tests_name("L-BFGS memory", tests, NULL, NULL);
}
