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

#include "descent/isa.h"
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

/* The same as floats. */
static float float_points[N_STEPS + 1][N];
static float float_gradients[N_STEPS + 1][N];

/* A walk through a bowl: the gradient's change is the step times a curvature of each variable, with
 * its sign turned where the step is bent. All numbers are those of floats. */
static void walk(void) {
    dsc_random random = dsc_random_stream(5, 100, 0);
    for (size_t i = 0; i < N; i++) {
        points[0][i] = 0;
        gradients[0][i] = (double)(float)dsc_random_normal(&random);
    }
    for (size_t t = 0; t < N_STEPS; t++) {
        for (size_t i = 0; i < N; i++) {
            const double step = dsc_random_normal(&random);
            const double curvature = 0.1 + (double)(i % 10);
            points[t + 1][i] = (double)(float)(points[t][i] + step);
            gradients[t + 1][i] =
                (double)(float)(gradients[t][i] + (is_bent(t) ? -curvature : curvature) * step);
        }
    }
    for (size_t t = 0; t <= N_STEPS; t++) {
        for (size_t i = 0; i < N; i++) {
            float_points[t][i] = (float)points[t][i];
            float_gradients[t][i] = (float)gradients[t][i];
        }
    }
}

static const void *point(dsc_precision precision, size_t t) {
    return precision == DSC_FLOAT32 ? (const void *)float_points[t] : (const void *)points[t];
}

static const void *gradient(dsc_precision precision, size_t t) {
    return precision == DSC_FLOAT32 ? (const void *)float_gradients[t] : (const void *)gradients[t];
}

static dsc_lbfgs_space space_of(dsc_precision precision, dsc_pool *pool) {
    dsc_lbfgs_space space = {.pool = pool, .n = N};
    assert_int_equal(dsc_kernels_choose(&space.kernels, precision, NULL), DSC_OK);
    return space;
}

static double inner(const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

static double kept_as(dsc_precision precision, double value) {
    return precision == DSC_FLOAT32 ? (double)(float)value : value;
}

/* (40) after `n_steps` steps, from the points and gradients themselves, steps and changes rounded as
 * the memory keeps them. */
static void two_loops(size_t n_steps, dsc_precision precision, double *q) {
    static double s[N_STEPS][N], y[N_STEPS][N];
    double alpha[N_STEPS];
    size_t kept[N_STEPS], n_kept = 0;
    for (size_t t = 0; t < n_steps; t++) {
        for (size_t i = 0; i < N; i++) {
            s[t][i] = kept_as(precision, points[t + 1][i] - points[t][i]);
            y[t][i] = kept_as(precision, gradients[t + 1][i] - gradients[t][i]);
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

/* A memory at the first point; x (N) is that point. */
static dsc_lbfgs_memory *memory_at_start(const dsc_lbfgs_space *space, void *x) {
    const dsc_precision precision = space->kernels->precision;
    dsc_lbfgs_memory *memory;
    assert_int_equal(dsc_lbfgs_memory_create(&memory, space, CAPACITY, NULL), DSC_OK);
    memcpy(x, point(precision, 0), N * (size_t)precision);
    memcpy(dsc_lbfgs_memory_gradient(memory), gradient(precision, 0), N * (size_t)precision);
    dsc_lbfgs_memory_start(memory);
    return memory;
}

/* From point t to the next one, after a direction. */
static void take_step(dsc_lbfgs_memory *memory, dsc_precision precision, size_t t, void *x) {
    const size_t bytes = N * (size_t)precision;
    memcpy(dsc_lbfgs_memory_next_gradient(memory), gradient(precision, t + 1), bytes);
    dsc_lbfgs_memory_step(memory, x, point(precision, t + 1));
    assert_memory_equal(x, point(precision, t + 1), bytes);
    assert_memory_equal(dsc_lbfgs_memory_gradient(memory), gradient(precision, t + 1), bytes);
}

static void check_directions(dsc_precision precision) {
    static double x[N], expected[N];
    dsc_matrix direction = {NULL, 1, N, precision};
    const dsc_lbfgs_space space = space_of(precision, NULL);
    /* of doubles; and what rounding the direction to floats costs at most */
    const double tolerance = precision == DSC_FLOAT32 ? 1e-7 : 1e-12;
    dsc_lbfgs_memory *memory = memory_at_start(&space, x);
    for (size_t t = 0; t <= N_STEPS; t++) {
        const double slope = dsc_lbfgs_memory_direction(memory, &direction.data);
        two_loops(t, precision, expected);
        const double length = sqrt(inner(expected, expected));
        for (size_t i = 0; i < N; i++) {
            assert_true(fabs(dsc_matrix_at(direction, 0, i) - expected[i]) <= tolerance * length);
        }
        assert_true(fabs(slope - inner(expected, gradients[t])) <= 100 * tolerance * fabs(slope));
        assert_true(fabs(dsc_lbfgs_memory_gradient_norm(memory) -
                         sqrt(inner(gradients[t], gradients[t]))) < 1e-9);
        if (t < N_STEPS) {
            take_step(memory, precision, t, x);
        }
    }
    assert_int_equal(dsc_lbfgs_memory_n_pairs(memory), CAPACITY);
    dsc_lbfgs_memory_forget(memory);
    dsc_lbfgs_memory_direction(memory, &direction.data);
    for (size_t i = 0; i < N; i++) {
        assert_true(dsc_matrix_at(direction, 0, i) == -gradients[N_STEPS][i]);
    }
    dsc_lbfgs_memory_destroy(memory);
}

static void directions_are_those_of_the_two_loops(void **state) {
    (void)state;
    check_directions(DSC_FLOAT64);
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        assert_int_equal(dsc_isa_set(dsc_isa_available(i), NULL), DSC_OK);
        check_directions(DSC_FLOAT32);
    }
    assert_int_equal(dsc_isa_set(NULL, NULL), DSC_OK);
}

static void check_threads(dsc_precision precision) {
    static double first[N], x[N], partial[3];
    const size_t bytes = N * (size_t)precision;
    double first_product = 0;
    for (size_t n_threads = 1; n_threads <= 8; n_threads++) {
        dsc_pool *pool;
        const void *direction;
        assert_int_equal(dsc_pool_create(&pool, n_threads, NULL), DSC_OK);
        const dsc_lbfgs_space space = space_of(precision, pool);
        assert_int_equal(dsc_lbfgs_n_parts(&space), 3);
        dsc_lbfgs_memory *memory = memory_at_start(&space, x);
        for (size_t t = 0; t < N_STEPS; t++) {
            dsc_lbfgs_memory_direction(memory, &direction);
            take_step(memory, precision, t, x);
        }
        dsc_lbfgs_memory_direction(memory, &direction);
        dsc_lbfgs_add_scaled(&space, x, direction, 0.5, gradient(precision, 1));
        const double product = dsc_lbfgs_inner_product(&space, x, gradient(precision, 2), partial);
        if (n_threads == 1) {
            memcpy(first, x, bytes);
            first_product = product;
        }
        assert_memory_equal(x, first, bytes);
        assert_memory_equal(&product, &first_product, sizeof product);
        dsc_lbfgs_memory_destroy(memory);
        dsc_pool_destroy(pool);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    check_threads(DSC_FLOAT64);
    check_threads(DSC_FLOAT32);
}

int main(void) {
    walk();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_are_those_of_the_two_loops),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
    };
    return cmocka_run_group_tests_name("L-BFGS memory", tests, NULL, NULL);
}
