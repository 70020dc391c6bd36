/* Kernels whose result may take the place of an argument: the same bytes as beside it, on every instruction
 * set that this processor has, at every length up to some vectors. */
#include "kernel_cases.h"

#include <string.h>

#include "descent/isa.h"

enum { MOST = 70 };

/* Arrays of n: the argument that the result may replace, another one, and a result beside both. */
typedef struct arrays {
    fenced replaced, other, beside;
} arrays;

typedef void (*element_kernel)(const dsc_kernels *kernels, float *out, const arrays *a);

static void multiply(const dsc_kernels *kernels, float *out, const arrays *a) {
    kernels->multiply_elements(out, a->replaced.values, a->other.values, a->other.n);
}

static void add_scaled(const dsc_kernels *kernels, float *out, const arrays *a) {
    kernels->add_scaled(out, a->replaced.values, 1.7, a->other.values, a->other.n);
}

static void combine(const dsc_kernels *kernels, float *out, const arrays *a) {
    static const double weights[] = {0.3, -1.7, 2, 1e-3, 0};
    const void *vector[] = {a->other.values, a->replaced.values, a->other.values, a->other.values,
                            a->replaced.values};
    kernels->combine_vectors(out, weights, &(dsc_vectors){vector, 5, 0}, a->other.n);
}

static void check(const dsc_kernels *kernels, element_kernel kernel, size_t n, kernel_values kind) {
    arrays a = {fenced_create(n), fenced_create(n), fenced_create(n)};
    fenced_draw(&a.replaced, 20, kind);
    fenced_draw(&a.other, 22, kind);
    kernel(kernels, a.beside.values, &a);
    kernel(kernels, a.replaced.values, &a);
    assert_memory_equal(a.replaced.values, a.beside.values, n * sizeof(float));
    fenced_destroy(&a.replaced);
    fenced_destroy(&a.other);
    fenced_destroy(&a.beside);
}

static void elements_are_replaced(void **state) {
    (void)state;
    static const element_kernel kernels[] = {multiply, add_scaled, combine};
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
            for (size_t n = 1; n <= MOST; n++) {
                check(kernels_named(dsc_isa_available(isa)), kernels[i], n, VALUES_USUAL);
                check(kernels_named(dsc_isa_available(isa)), kernels[i], n, VALUES_SUBNORMAL);
            }
        }
    }
}

/* f(z) and then d_a f'(z), of two rows. */
static void check_activation(const dsc_kernels *kernels, dsc_kernel_activation f, size_t n_out) {
    const dsc_dense layer = {.n_out = n_out, .activation = f};
    fenced z = fenced_create(2 * n_out), a = fenced_create(2 * n_out);
    fenced d_a = fenced_create(2 * n_out), d_z = fenced_create(2 * n_out);
    fenced_draw(&z, 20, VALUES_USUAL);
    fenced_draw(&d_a, 22, VALUES_USUAL);
    kernels->activate(a.values, z.values, f, 2, n_out);
    dsc_dense_pass pass = {
        .batch = 2, .normed = z.values, .a = a.values, .d_a = d_a.values, .d_normed = d_z.values};
    kernels->differentiate(&layer, &pass);
    pass.d_normed = d_a.values;
    kernels->differentiate(&layer, &pass);
    assert_memory_equal(d_a.values, d_z.values, 2 * n_out * sizeof(float));
    kernels->activate(z.values, z.values, f, 2, n_out);
    assert_memory_equal(z.values, a.values, 2 * n_out * sizeof(float));
    fenced *const all[] = {&z, &a, &d_a, &d_z};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        fenced_destroy(all[i]);
    }
}

static void activations_replace_their_input(void **state) {
    (void)state;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        for (int f = DSC_KERNEL_IDENTITY; f <= DSC_KERNEL_SOFTMAX; f++) {
            for (size_t n_out = 1; n_out <= MOST; n_out++) {
                check_activation(kernels_named(dsc_isa_available(isa)), (dsc_kernel_activation)f,
                                 n_out);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_replaced),
        cmocka_unit_test(activations_replace_their_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
