/* What the tests of the kernels share: arrays with fences, and a dense layer with all its matrices. */
#ifndef DESCENT_TESTS_KERNEL_CASES_H
#define DESCENT_TESTS_KERNEL_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "math/kernels.h"

/* n floats that start 4 bytes behind a multiple of 64, between fences that nobody may cross. */
typedef struct fenced {
    float *values;
    size_t n;
    void *block;
} fenced;

fenced fenced_create(size_t n);

/* Frees; fails the test where a fence is not as it was. */
void fenced_destroy(fenced *array);

/* What the elements are drawn as. */
typedef enum kernel_values {
    VALUES_USUAL,    /* standard normal */
    VALUES_SUBNORMAL /* the same in odd streams; even ones around the smallest normal number */
} kernel_values;

/* Fills with numbers that depend on `stream` and `kind` alone. */
void fenced_draw(fenced *array, unsigned stream, kernel_values kind);

/* A dense layer, a batch, and every matrix of both passes. */
typedef struct dense_case {
    size_t batch, n_in, n_out;
    bool has_bias;
    bool is_first;  /* the gradient at the weights replaces what is there */
    dsc_step *step; /* the weights take it; NULL: none */
    dsc_kernel_activation activation;
    kernel_values kind;
    fenced weights, bias, x, z, a, d_a, d_z, d_weights, d_bias, d_x, scratch;
} dense_case;

/* The inputs are drawn; the gradients of weights and bias, which are added to, as well. */
dense_case dense_case_create(size_t batch, size_t n_in, size_t n_out, kernel_values kind);
void dense_case_destroy(dense_case *c);

void dense_case_forward(dense_case *c, const dsc_kernels *kernels);

/* `wants_d_x`: otherwise d_x is NULL. */
void dense_case_backward(dense_case *c, const dsc_kernels *kernels, bool wants_d_x);

/* The float table of the instruction set with that name. */
const dsc_kernels *kernels_named(const char *name);

#endif
