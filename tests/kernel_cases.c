/* What the tests of the kernels share: see kernel_cases.h. */
#include "kernel_cases.h"

#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"

/* Bytes of a fence, and what they hold. */
enum { FENCE = 128, FENCE_BYTE = 0xa5 };

/* Of the arrays of a case, those that a pass reads. */
enum { N_DRAWN = 6 };

fenced fenced_create(size_t n) {
    const size_t bytes = (2 * FENCE + 4 + n * sizeof(float) + 63) / 64 * 64;
    unsigned char *block = aligned_alloc(64, bytes);
    assert_non_null(block);
    memset(block, FENCE_BYTE, bytes);
    fenced array = {(float *)(void *)(block + FENCE + 4), n, block};
    memset(array.values, 0, n * sizeof(float));
    return array;
}

static void assert_fence(const unsigned char *from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(from[i], FENCE_BYTE);
    }
}

void fenced_destroy(fenced *array) {
    assert_fence(array->block, FENCE + 4);
    assert_fence((const unsigned char *)(array->values + array->n), FENCE);
    free(array->block);
}

void fenced_draw(fenced *array, unsigned stream, kernel_values kind) {
    dsc_random random = dsc_random_stream(7, stream, 0);
    for (size_t i = 0; i < array->n; i++) {
        const double z = dsc_random_normal(&random);
        array->values[i] = (float)(kind == VALUES_SUBNORMAL && stream % 2 == 0 ? z * 1e-38 : z);
    }
}

dense_case dense_case_create(size_t batch, size_t n_in, size_t n_out, kernel_values kind) {
    dense_case c = {.batch = batch,
                    .n_in = n_in,
                    .n_out = n_out,
                    .has_bias = true,
                    .activation = DSC_KERNEL_IDENTITY,
                    .kind = kind};
    fenced *const arrays[] = {&c.weights, &c.bias, &c.x,   &c.d_a, &c.d_weights, &c.d_bias,
                              &c.z,       &c.a,    &c.d_z, &c.d_x, &c.scratch};
    const size_t sizes[] = {n_in * n_out,  n_out,        batch * n_in,  batch * n_out,
                            n_in * n_out,  n_out,        batch * n_out, batch * n_out,
                            batch * n_out, batch * n_in, n_in * n_out};
    /* odd streams are usual numbers, even ones small where small ones are asked for */
    const unsigned streams[] = {1, 2, 4, 6, 8, 10};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        *arrays[i] = fenced_create(sizes[i]);
        if (i < N_DRAWN) {
            fenced_draw(arrays[i], streams[i], kind);
        }
    }
    return c;
}

void dense_case_destroy(dense_case *c) {
    fenced *const arrays[] = {&c->weights, &c->bias, &c->x,   &c->d_a, &c->d_weights, &c->d_bias,
                              &c->z,       &c->a,    &c->d_z, &c->d_x, &c->scratch};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        fenced_destroy(arrays[i]);
    }
}

static dsc_dense layer_of(const dense_case *c) {
    return (dsc_dense){.n_in = c->n_in,
                       .n_out = c->n_out,
                       .activation = c->activation,
                       .weights = c->weights.values,
                       .bias = c->has_bias ? c->bias.values : NULL};
}

void dense_case_forward(dense_case *c, const dsc_kernels *kernels) {
    const dsc_dense layer = layer_of(c);
    kernels->dense_forward(&layer, &(dsc_dense_pass){.batch = c->batch,
                                                     .x = c->x.values,
                                                     .z = c->z.values,
                                                     .normed = c->z.values,
                                                     .a = c->a.values});
}

void dense_case_backward(dense_case *c, const dsc_kernels *kernels, bool wants_d_x) {
    const dsc_dense layer = layer_of(c);
    const dsc_dense_pass pass = {
        .batch = c->batch,
        .x = c->x.values,
        .x_stride = c->n_in,
        .z = c->z.values,
        .normed = c->z.values,
        .a = c->a.values,
        .d_a = c->d_a.values,
        .d_normed = c->d_z.values,
        .d_z = c->d_z.values,
        .d_weights = c->d_weights.values,
        .d_bias = c->has_bias ? c->d_bias.values : NULL,
        .d_x = wants_d_x ? c->d_x.values : NULL,
        .is_first = c->is_first,
        .stepped_weights = c->step != NULL ? c->weights.values : NULL,
        .step = c->step,
        .scratch = c->scratch.values,
    };
    kernels->dense_backward(&layer, &pass);
    kernels->dense_gradients(&layer, &pass);
}

const dsc_kernels *kernels_named(const char *name) {
    const dsc_kernels *kernels = NULL;
    assert_int_equal(dsc_isa_set(name, NULL), DSC_OK);
    assert_int_equal(dsc_kernels_choose(&kernels, DSC_FLOAT32, NULL), DSC_OK);
    assert_int_equal(dsc_isa_set(NULL, NULL), DSC_OK);
    assert_string_equal(kernels->name, name);
    return kernels;
}
