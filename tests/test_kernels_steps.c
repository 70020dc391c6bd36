/* Runs of steps of small networks, exponentials and random numbers: every instruction set that this
 * processor has against plain C, against each other, and against what they are to be. */
#include "kernel_cases.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { N_SAMPLES = 23, N_STEPS = 60 };

typedef struct shape {
    size_t n_layers;
    size_t widths[DSC_STEP_LAYERS + 1];
    bool has_bias;
    dsc_kernel_loss loss;
    dsc_kernel_activation activation; /* of all layers */
} shape;

static const shape shapes[] = {
    {2, {3, 2, 2}, true, DSC_KERNEL_MEAN_SQUARED_ERROR, DSC_KERNEL_IDENTITY},
    {2, {2, 8, 1}, true, DSC_KERNEL_MEAN_SQUARED_ERROR, DSC_KERNEL_SIGMOID},
    {1, {1, 1}, true, DSC_KERNEL_HALF_SUM_OF_SQUARES, DSC_KERNEL_IDENTITY},
    {1, {64, 16}, false, DSC_KERNEL_MEAN_SQUARED_ERROR, DSC_KERNEL_TANH},
    {3, {6, 4, 3, 4}, false, DSC_KERNEL_HALF_SUM_OF_SQUARES, DSC_KERNEL_SIGMOID},
    {3, {3, 4, 5, 1}, true, DSC_KERNEL_MEAN_SQUARED_ERROR, DSC_KERNEL_TANH},
    {2, {5, 9, 3}, false, DSC_KERNEL_HALF_SUM_OF_SQUARES, DSC_KERNEL_RELU},
    {3, {7, 16, 1, 5}, true, DSC_KERNEL_MEAN_SQUARED_ERROR, DSC_KERNEL_LEAKY_RELU},
    {4, {13, 4, 8, 15, 2}, true, DSC_KERNEL_HALF_SUM_OF_SQUARES, DSC_KERNEL_TANH},
    {4, {33, 16, 16, 16, 16}, true, DSC_KERNEL_MEAN_SQUARED_ERROR, DSC_KERNEL_SIGMOID},
};

/* A network, samples, and an order in which some come twice in a row. */
typedef struct step_case {
    const shape *of;
    fenced weights[DSC_STEP_LAYERS], bias[DSC_STEP_LAYERS];
    fenced x, y;
    uint32_t order[N_STEPS];
    double loss;
} step_case;

static step_case step_case_create(const shape *of) {
    step_case c = {.of = of};
    for (size_t l = 0; l < of->n_layers; l++) {
        c.weights[l] = fenced_create(of->widths[l] * of->widths[l + 1]);
        c.bias[l] = fenced_create(of->widths[l + 1]);
        fenced_draw(&c.weights[l], (unsigned)(40 + 2 * l), VALUES_USUAL);
        fenced_draw(&c.bias[l], (unsigned)(60 + 2 * l), VALUES_USUAL);
        for (size_t i = 0; i < c.weights[l].n; i++) {
            c.weights[l].values[i] /= sqrtf((float)of->widths[l]);
        }
    }
    c.x = fenced_create(N_SAMPLES * of->widths[0]);
    c.y = fenced_create(N_SAMPLES * of->widths[of->n_layers]);
    fenced_draw(&c.x, 80, VALUES_USUAL);
    fenced_draw(&c.y, 82, VALUES_USUAL);
    dsc_random random = dsc_random_stream(3, 301, 0);
    for (size_t i = 0; i < N_STEPS; i++) {
        c.order[i] = dsc_random_below(&random, N_SAMPLES);
    }
    return c;
}

static void step_case_destroy(step_case *c) {
    for (size_t l = 0; l < c->of->n_layers; l++) {
        fenced_destroy(&c->weights[l]);
        fenced_destroy(&c->bias[l]);
    }
    fenced_destroy(&c->x);
    fenced_destroy(&c->y);
}

static void step_case_run(step_case *c, const dsc_kernels *kernels, size_t n_steps, double rate) {
    dsc_step_layer layers[DSC_STEP_LAYERS];
    for (size_t l = 0; l < c->of->n_layers; l++) {
        layers[l] =
            (dsc_step_layer){c->of->widths[l], c->of->widths[l + 1], c->of->activation,
                             c->weights[l].values, c->of->has_bias ? c->bias[l].values : NULL};
    }
    c->loss = kernels->run_steps(&(dsc_step_run){.layers = layers,
                                                 .n_layers = c->of->n_layers,
                                                 .loss = c->of->loss,
                                                 .x = c->x.values,
                                                 .y = c->y.values,
                                                 .order = c->order,
                                                 .n_steps = n_steps,
                                                 .rate = rate});
}

/* `bound`: of the largest difference; 0: the same bytes. */
static void assert_near(const char *isa, size_t number, fenced got, fenced expected, double bound) {
    for (size_t i = 0; i < got.n; i++) {
        const double difference = fabs((double)got.values[i] - (double)expected.values[i]);
        const bool is_same = memcmp(&got.values[i], &expected.values[i], sizeof(float)) == 0;
        if (!is_same && !(difference <= bound * fmax(1, fabs((double)expected.values[i])))) {
            fail_msg("%s, shape %zu: element %zu is %.9g, expected %.9g", isa, number, i,
                     (double)got.values[i], (double)expected.values[i]);
        }
    }
}

static void assert_cases_near(const char *isa, size_t number, const step_case *got,
                              const step_case *expected, double bound) {
    for (size_t l = 0; l < got->of->n_layers; l++) {
        assert_near(isa, number, got->weights[l], expected->weights[l], bound);
        assert_near(isa, number, got->bias[l], expected->bias[l], bound);
    }
    assert_true(fabs(got->loss - expected->loss) <= bound * expected->loss);
}

static void runs_agree_with_plain_c(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 2, 3, N_STEPS};
    for (size_t i = 0; i < COUNT(shapes) * COUNT(lengths); i++) {
        const shape *of = &shapes[i / COUNT(lengths)];
        const size_t n_steps = lengths[i % COUNT(lengths)];
        step_case plain = step_case_create(of);
        step_case start = step_case_create(of);
        step_case_run(&plain, &dsc_kernels_c_f32, n_steps, 0.02);
        assert_true(plain.loss > 0);
        for (size_t isa = 0; strcmp(dsc_isa_available(isa), "c") != 0; isa++) {
            const char *name = dsc_isa_available(isa);
            step_case got = step_case_create(of);
            step_case_run(&got, kernels_named(name), n_steps, 0.02);
            assert_cases_near(name, i, &got, &plain, 2e-5);
            assert_true(memcmp(got.weights[0].values, start.weights[0].values,
                               got.weights[0].n * sizeof(float)) != 0);
            step_case_destroy(&got);
        }
        step_case_destroy(&start);
        step_case_destroy(&plain);
    }
}

/* The same bytes on every instruction set with vectors, also of the loss. */
static void runs_do_not_depend_on_the_width_of_vectors(void **state) {
    (void)state;
    const char *first = dsc_isa_available(0);
    for (size_t i = 0; i < COUNT(shapes) && strcmp(first, "c") != 0; i++) {
        step_case expected = step_case_create(&shapes[i]);
        step_case_run(&expected, kernels_named(first), N_STEPS, 0.05);
        for (size_t isa = 1; strcmp(dsc_isa_available(isa), "c") != 0; isa++) {
            step_case got = step_case_create(&shapes[i]);
            step_case_run(&got, kernels_named(dsc_isa_available(isa)), N_STEPS, 0.05);
            assert_cases_near(dsc_isa_available(isa), i, &got, &expected, 0);
            step_case_destroy(&got);
        }
        step_case_destroy(&expected);
    }
}

/* A rate that blows the network up: the loss says so, and the weights are those of the start. */
static void a_run_that_overflows_changes_nothing(void **state) {
    (void)state;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        step_case got = step_case_create(&shapes[0]);
        step_case start = step_case_create(&shapes[0]);
        step_case_run(&got, kernels_named(dsc_isa_available(isa)), N_STEPS, 1e6);
        assert_true(!isfinite(got.loss));
        got.loss = start.loss = 0;
        assert_cases_near(dsc_isa_available(isa), 0, &got, &start, 0);
        step_case_destroy(&start);
        step_case_destroy(&got);
    }
}

/* --- exponentials ------------------------------------------------------------------------------ */

static double sigmoid_f64(double z) {
    return 1 / (1 + exp(-z));
}

static double elu_f64(double z) {
    return z > 0 ? z : expm1(z);
}

static double swish_f64(double z) {
    return z * sigmoid_f64(z);
}

/* Distance between neighbours at |x|: 2^-149 below the normal numbers. */
static double ulp_of(double x) {
    int exponent;
    frexp(x, &exponent);
    return ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

static const struct exponential {
    dsc_kernel_activation activation;
    double (*exact)(double);
    double ulps; /* largest error, docs/math.md (195) */
} exponentials[] = {
    {DSC_KERNEL_SIGMOID, sigmoid_f64, 3},
    {DSC_KERNEL_TANH, tanh, 3},
    {DSC_KERNEL_ELU, elu_f64, 2},
    {DSC_KERNEL_SWISH, swish_f64, 4},
};

static void check_exponential(const char *isa, const struct exponential *e, const float *z,
                              const float *found, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const double exact = e->exact((double)z[i]);
        /* a factor below the normal numbers has lost digits */
        const double lost = e->activation == DSC_KERNEL_SWISH ? ldexp(fabs((double)z[i]), -149) : 0;
        const double error = (fabs((double)found[i] - exact) - lost) / ulp_of(exact);
        if (!(error <= e->ulps)) {
            fail_msg("%s: activation %d of %.9g is %.9g, expected %.17g: %.2f units off", isa,
                     (int)e->activation, (double)z[i], (double)found[i], exact, error);
        }
    }
}

/* Every 997th float there is, of both signs: from the subnormal ones to the largest. */
static void exponentials_are_right_everywhere(void **state) {
    (void)state;
    enum { N = 256 };
    const uint32_t infinity = 0x7F800000;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (uint32_t bits = 0; bits < infinity;) {
            float z[N], found[N];
            for (size_t i = 0; i < N;
                 i += 2, bits = bits + 997 < infinity ? bits + 997 : infinity) {
                const uint32_t one = bits < infinity ? bits : 0;
                memcpy(&z[i], &one, sizeof one);
                z[i + 1] = -z[i];
            }
            for (size_t e = 0; e < COUNT(exponentials); e++) {
                kernels->activate(found, z, exponentials[e].activation, 1, N);
                check_exponential(dsc_isa_available(isa), &exponentials[e], z, found, N);
            }
        }
    }
}

/* At every length and at unaligned addresses, with what is not finite among them. */
static void exponentials_have_no_edge(void **state) {
    (void)state;
    static const float special[] = {NAN, INFINITY, -INFINITY, 0.0F, -0.0F, 1e-45F, -104, -87.4F};
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t i = 0; i < COUNT(exponentials) * 40; i++) {
            const struct exponential *e = &exponentials[i / 40];
            fenced z = fenced_create(i % 40 + 1), one = fenced_create(1);
            fenced_draw(&z, 90, VALUES_USUAL);
            for (size_t k = 0; k < z.n; k++) {
                z.values[k] = k % 3 == 1 ? special[k / 3 % COUNT(special)] : z.values[k];
            }
            fenced found = fenced_create(z.n);
            kernels->activate(found.values, z.values, e->activation, 1, z.n);
            for (size_t k = 0; k < z.n; k++) { /* each by itself, in place */
                one.values[0] = z.values[k];
                kernels->activate(one.values, one.values, e->activation, 1, 1);
                const bool is_nan = isnan(one.values[0]) != 0;
                assert_true(is_nan == (isnan(e->exact((double)z.values[k])) != 0));
                assert_true(is_nan ? isnan(found.values[k])
                                   : memcmp(&one.values[0], &found.values[k], sizeof(float)) == 0);
                assert_true(is_nan ||
                            fabs((double)one.values[0] - e->exact((double)z.values[k])) <=
                                1e-6 * fmax(1, fabs((double)z.values[k])) ||
                            isinf(one.values[0]));
            }
            fenced_destroy(&found);
            fenced_destroy(&one);
            fenced_destroy(&z);
        }
    }
}

static void exponentials_do_not_depend_on_the_width_of_vectors(void **state) {
    (void)state;
    enum { N = 1000 };
    const char *first = dsc_isa_available(0);
    for (size_t e = 0; e < COUNT(exponentials) && strcmp(first, "c") != 0; e++) {
        fenced z = fenced_create(N), expected = fenced_create(N), found = fenced_create(N);
        fenced_draw(&z, 92, VALUES_USUAL);
        for (size_t i = 0; i < N; i++) {
            z.values[i] *= i % 2 == 0 ? 1 : 40;
        }
        kernels_named(first)->activate(expected.values, z.values, exponentials[e].activation, 1, N);
        for (size_t isa = 1; strcmp(dsc_isa_available(isa), "c") != 0; isa++) {
            kernels_named(dsc_isa_available(isa))
                ->activate(found.values, z.values, exponentials[e].activation, 1, N);
            assert_memory_equal(found.values, expected.values, N * sizeof(float));
        }
        fenced_destroy(&found);
        fenced_destroy(&expected);
        fenced_destroy(&z);
    }
}

/* --- random numbers ---------------------------------------------------------------------------- */

static void numbers_are_those_of_the_stream(void **state) {
    (void)state;
    enum { MOST = 70 };
    const uint32_t counter[4] = {UINT32_MAX - 20, 7, 8, 9}, key[2] = {10, 11};
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        for (size_t n = 1; n <= MOST; n++) {
            uint32_t found[4 * MOST + 1] = {0}, expected[4];
            kernels_named(dsc_isa_available(isa))->random_blocks(found, counter, key, n);
            for (size_t b = 0; b < n; b++) {
                const uint32_t at[4] = {counter[0] + (uint32_t)b, 7, 8, 9};
                dsc_philox4x32(expected, at, key);
                assert_memory_equal(found + 4 * b, expected, sizeof expected);
            }
            assert_int_equal(found[4 * n], 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_agree_with_plain_c),
        cmocka_unit_test(runs_do_not_depend_on_the_width_of_vectors),
        cmocka_unit_test(a_run_that_overflows_changes_nothing),
        cmocka_unit_test(exponentials_are_right_everywhere),
        cmocka_unit_test(exponentials_have_no_edge),
        cmocka_unit_test(exponentials_do_not_depend_on_the_width_of_vectors),
        cmocka_unit_test(numbers_are_those_of_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
