/* Kernels that go element by element: the same bytes as plain C on every instruction set that this
 * processor has, at every length up to some vectors and at unaligned addresses. */
#include "kernel_cases.h"

#include <math.h>
#include <string.h>

#include "descent/isa.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { N_ARRAYS = 4, MOST = 70 };

/* Four arrays of n, the last without a negative number, as sums of squares are. */
typedef struct arrays {
    fenced of[N_ARRAYS];
} arrays;

static arrays arrays_create(size_t n, kernel_values kind) {
    arrays all;
    for (unsigned i = 0; i < N_ARRAYS; i++) {
        all.of[i] = fenced_create(n);
        fenced_draw(&all.of[i], 20 + 2 * i, kind);
    }
    for (size_t i = 0; i < n; i++) {
        all.of[3].values[i] = fabsf(all.of[3].values[i]);
    }
    return all;
}

static void arrays_destroy(arrays *all) {
    for (size_t i = 0; i < N_ARRAYS; i++) {
        fenced_destroy(&all->of[i]);
    }
}

static const dsc_step settings = {.rate = 0.01,
                                  .l2 = 0.003,
                                  .decay = 0.1,
                                  .momentum = 0.9,
                                  .is_nesterov = true,
                                  .beta1 = 0.9,
                                  .beta2 = 0.999,
                                  .epsilon = 1e-8,
                                  .correction1 = 5.26,
                                  .correction2 = 500.25};

/* Each works on the arrays in place and returns what the entry returns, or 0. */
static double plain_sgd(const dsc_kernels *k, float *a[], size_t n) {
    k->sgd_step(a[0], NULL, a[1], n, &settings);
    return 0;
}

static double momentum_sgd(const dsc_kernels *k, float *a[], size_t n) {
    k->sgd_step(a[0], a[2], a[1], n, &settings);
    return 0;
}

static double adam(const dsc_kernels *k, float *a[], size_t n) {
    void *const moments[2] = {a[2], a[3]};
    k->adam_step(a[0], moments, a[1], n, &settings);
    return 0;
}

static double adagrad(const dsc_kernels *k, float *a[], size_t n) {
    k->adagrad_step(a[0], a[3], a[1], n, &settings);
    return 0;
}

static double rmsprop(const dsc_kernels *k, float *a[], size_t n) {
    k->rmsprop_step(a[0], a[3], a[1], n, &settings);
    return 0;
}

static double multiply(const dsc_kernels *k, float *a[], size_t n) {
    k->multiply_elements(a[0], a[1], a[2], n);
    return 0;
}

static double multiply_in_place(const dsc_kernels *k, float *a[], size_t n) {
    k->multiply_elements(a[0], a[0], a[2], n);
    return 0;
}

static double squares(const dsc_kernels *k, float *a[], size_t n) {
    return k->sum_of_squares(a[0], n);
}

static double scale(const dsc_kernels *k, float *a[], size_t n) {
    k->scale(a[0], 1.7, n);
    return 0;
}

static double penalty(const dsc_kernels *k, float *a[], size_t n) {
    a[1][n / 2] = 0; /* where |w| has no slope */
    return k->add_penalty(a[0], a[1], 0.02, 0.03, n);
}

static double all_finite(const dsc_kernels *k, float *a[], size_t n) {
    const bool is_finite = k->all_finite(a[0], n);
    a[0][n - 1] = NAN;
    const bool is_still = k->all_finite(a[0], n);
    a[0][n - 1] = -INFINITY;
    return is_finite + 2 * is_still + 4 * k->all_finite(a[0], n);
}

static double add_scaled(const dsc_kernels *k, float *a[], size_t n) {
    k->add_scaled(a[0], a[1], 1.7, a[2], n);
    k->add_scaled(a[2], a[2], -0.3, a[3], n);
    return 0;
}

/* Six vectors, more than are multiplied side by side: the arrays, two of them twice. */
static void list_vectors(float *a[], const void *vector[6]) {
    for (size_t j = 0; j < 6; j++) {
        vector[j] = a[j % N_ARRAYS];
    }
}

static double inner_products(const dsc_kernels *k, float *a[], size_t n) {
    const void *vector[6];
    double sums[6], total = 0;
    list_vectors(a, vector);
    k->inner_products(sums, a[1], &(dsc_vectors){vector, 6, 0}, n);
    for (size_t j = 0; j < 6; j++) {
        total += (double)(j + 1) * sums[j];
    }
    return total;
}

static double combine(const dsc_kernels *k, float *a[], size_t n) {
    static const double weights[] = {0.3, -1.7, 2, 1e-3, 0, 5};
    const void *vector[6];
    float out[MOST];
    list_vectors(a, vector);
    k->combine_vectors(out, weights, &(dsc_vectors){vector, 6, 0}, n);
    memcpy(a[0], out, n * sizeof *out);
    return 0;
}

static const struct entry {
    const char *name;
    double (*run)(const dsc_kernels *k, float *a[], size_t n);
} entries[] = {
    {"sgd_step", plain_sgd},
    {"sgd_step with momentum", momentum_sgd},
    {"adam_step", adam},
    {"adagrad_step", adagrad},
    {"rmsprop_step", rmsprop},
    {"multiply_elements", multiply},
    {"the same in place", multiply_in_place},
    {"sum_of_squares", squares},
    {"scale", scale},
    {"add_penalty", penalty},
    {"all_finite", all_finite},
    {"add_scaled", add_scaled},
    {"inner_products", inner_products},
    {"combine_vectors", combine},
};

static double run(const struct entry *entry, const dsc_kernels *kernels, arrays *on, size_t n) {
    float *a[N_ARRAYS];
    for (size_t i = 0; i < N_ARRAYS; i++) {
        a[i] = on->of[i].values;
    }
    return entry->run(kernels, a, n);
}

static void check_entry(const char *isa, const struct entry *entry, size_t n, kernel_values kind) {
    arrays got = arrays_create(n, kind), plain = arrays_create(n, kind);
    const double value = run(entry, kernels_named(isa), &got, n);
    const double expected = run(entry, &dsc_kernels_c_f32, &plain, n);
    bool is_same = memcmp(&value, &expected, sizeof value) == 0;
    for (size_t i = 0; i < N_ARRAYS; i++) {
        is_same = is_same && memcmp(got.of[i].values, plain.of[i].values, n * sizeof(float)) == 0;
    }
    if (!is_same) {
        fail_msg("%s: %s of %zu elements differs from plain C", isa, entry->name, n);
    }
    arrays_destroy(&plain);
    arrays_destroy(&got);
}

static void elements_are_those_of_plain_c(void **state) {
    (void)state;
    for (size_t i = 0; strcmp(dsc_isa_available(i), "c") != 0; i++) {
        for (size_t e = 0; e < COUNT(entries); e++) {
            for (size_t n = 1; n <= MOST; n++) {
                check_entry(dsc_isa_available(i), &entries[e], n, VALUES_USUAL);
                check_entry(dsc_isa_available(i), &entries[e], n, VALUES_SUBNORMAL);
            }
        }
    }
}

/* Vectors have exponentials of their own (test_kernels_steps.c): a few units off in the last place. */
static bool has_exponentials(dsc_kernel_activation activation) {
    return activation == DSC_KERNEL_SIGMOID || activation == DSC_KERNEL_TANH ||
           activation == DSC_KERNEL_ELU || activation == DSC_KERNEL_SOFTMAX;
}

static void assert_activated(dsc_kernel_activation activation, fenced got, fenced plain) {
    for (size_t i = 0; i < got.n && has_exponentials(activation); i++) {
        const double expected = (double)plain.values[i];
        assert_true(fabs((double)got.values[i] - expected) <= 1e-6 * fmax(1, fabs(expected)));
    }
    if (!has_exponentials(activation)) {
        assert_memory_equal(got.values, plain.values, got.n * sizeof(float));
    }
}

/* A layer of one input with weight 1 hands its input to the activation unchanged. */
static void activations_are_those_of_plain_c(void **state) {
    (void)state;
    const size_t n_out = 21;
    for (size_t i = 0; strcmp(dsc_isa_available(i), "c") != 0; i++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(i));
        for (int f = DSC_KERNEL_IDENTITY; f <= DSC_KERNEL_SOFTMAX; f++) {
            dense_case got = dense_case_create(11, n_out, n_out, VALUES_USUAL);
            dense_case plain = dense_case_create(11, n_out, n_out, VALUES_USUAL);
            got.activation = plain.activation = (dsc_kernel_activation)f;
            for (size_t w = 0; w < got.weights.n; w++) {
                got.weights.values[w] = plain.weights.values[w] = w / n_out == w % n_out;
            }
            got.has_bias = plain.has_bias = false;
            if (!dsc_kernel_needs_input(got.activation)) {
                dense_case_forward(&got, kernels);
                dense_case_forward(&plain, &dsc_kernels_c_f32);
                assert_activated(got.activation, got.a, plain.a);
            }
            dense_case_backward(&got, kernels, true);
            dense_case_backward(&plain, &dsc_kernels_c_f32, true);
            assert_activated(got.activation, got.d_z, plain.d_z);
            dense_case_destroy(&plain);
            dense_case_destroy(&got);
        }
    }
}

static void losses_are_those_of_plain_c(void **state) {
    (void)state;
    const double class_weights[] = {1, 2, 0.5, 1, 3};
    for (size_t i = 0; strcmp(dsc_isa_available(i), "c") != 0; i++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(i));
        for (int loss = DSC_KERNEL_HALF_SUM_OF_SQUARES; loss <= DSC_KERNEL_HINGE; loss++) {
            dense_case c = dense_case_create(23, 2, 5, VALUES_USUAL);
            dsc_loss_pass pass = {.loss = (dsc_kernel_loss)loss,
                                  .batch = c.batch,
                                  .n_samples = c.batch,
                                  .n_out = c.n_out,
                                  .a = c.z.values,
                                  .y = c.d_a.values,
                                  .class_weights = class_weights,
                                  .huber_delta = 0.7,
                                  .d_a = c.d_z.values};
            const double got = kernels->loss(&pass);
            pass.d_a = c.a.values;
            const double plain = dsc_kernels_c_f32.loss(&pass);
            assert_memory_equal(&got, &plain, sizeof got);
            assert_memory_equal(c.d_z.values, c.a.values, c.a.n * sizeof(float));
            dense_case_destroy(&c);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_those_of_plain_c),
        cmocka_unit_test(activations_are_those_of_plain_c),
        cmocka_unit_test(losses_are_those_of_plain_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
