/* Dense layers of max(z, 0), whose kernels take sums and cuts together: as a linear layer and a cut. */
#include "kernel_cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A layer of max(z, 0), its results in the place of its sums and its slopes in that of their own, with
 * everything at addresses where a panel may be used as it lies: as a linear layer does it, step by step. */
static void check_rectified(const dsc_kernels *kernels, size_t batch, size_t n_inputs,
                            size_t n_outputs) {
    dense_case c = dense_case_create(batch, n_inputs, n_outputs, VALUES_USUAL);
    c.x.values[2 * n_inputs] = NAN;
    c.bias.values[0] = -0.0F;
    dense_case_forward(&c, kernels);
    const size_t n_out = c.z.n, n_in = c.x.n, n_weights = c.weights.n;
    float *memory = aligned_alloc(64, 64 * (2 * n_out + 2 * n_in + 2 * n_weights + n_outputs + 7));
    assert_non_null(memory);
    const size_t sizes[] = {n_out, n_out, n_in, n_weights, n_weights, n_outputs};
    float *at[COUNT(sizes)], *next = memory;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        at[i] = next;
        next += (sizes[i] + 15) / 16 * 16;
    }
    float *a = at[0], *d_z = at[1], *d_x = at[2], *d_weights = at[3], *scratch = at[4];
    float *d_bias = at[5];
    memcpy(d_z, c.d_a.values, n_out * sizeof(float));
    memcpy(d_weights, c.d_weights.values, n_weights * sizeof(float));
    memcpy(d_bias, c.d_bias.values, n_outputs * sizeof(float));
    const dsc_dense layer = {.n_in = n_inputs,
                             .n_out = n_outputs,
                             .activation = DSC_KERNEL_RELU,
                             .weights = c.weights.values,
                             .bias = c.bias.values};
    const dsc_dense_pass pass = {.batch = batch,
                                 .x = c.x.values,
                                 .x_stride = n_inputs,
                                 .z = a,
                                 .normed = a,
                                 .a = a,
                                 .d_a = d_z,
                                 .d_normed = d_z,
                                 .d_z = d_z,
                                 .d_weights = d_weights,
                                 .d_bias = d_bias,
                                 .d_x = d_x,
                                 .scratch = scratch};
    kernels->dense_forward(&layer, &pass);
    for (size_t i = 0; i < n_out; i++) {
        c.a.values[i] = c.z.values[i] < 0 ? 0 : c.z.values[i];
        c.d_a.values[i] = c.a.values[i] > 0 ? c.d_a.values[i] : 0;
    }
    assert_memory_equal(a, c.a.values, n_out * sizeof(float));
    assert_true(isnan(a[2 * n_outputs]));
    kernels->dense_backward(&layer, &pass);
    kernels->dense_gradients(&layer, &pass);
    dense_case_backward(&c, kernels, true);
    assert_memory_equal(d_z, c.d_a.values, n_out * sizeof(float));
    assert_memory_equal(d_bias, c.d_bias.values, n_outputs * sizeof(float));
    assert_memory_equal(d_x, c.d_x.values, n_in * sizeof(float));
    for (size_t k = 0; k < n_weights; k++) { /* two of not a number may differ in their bits */
        const float got = d_weights[k], expected = c.d_weights.values[k];
        assert_true(got == expected || (isnan(got) && isnan(expected)));
    }
    free(memory);
    dense_case_destroy(&c);
}

static void a_rectified_layer_is_a_linear_one_and_a_cut(void **state) {
    (void)state;
    static const size_t n_outs[] = {1, 2, 7, 8, 15, 16, 31, 32, 33, 64, 65, 130};
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        for (size_t o = 0; o < COUNT(n_outs); o++) {
            check_rectified(kernels_named(dsc_isa_available(i)), 41, 24, n_outs[o]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rectified_layer_is_a_linear_one_and_a_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
