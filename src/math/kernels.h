/* The table of functions between mathematics and network: all arithmetic of the engine.
 *
 * The network code holds shapes, order and memory; whatever touches elements is an entry here, once
 * a precision. The plain C entries are the oracle; faster ones replace them entry by entry and
 * must agree to rounding. Contract of every entry: matrices row-major and contiguous, no overlap of
 * arguments unless said, nothing allocated, no failure, and a result that for one sample does not
 * depend on the other samples of the batch, nor sums over samples in any order but ascending. */
#ifndef DSC_MATH_KERNELS_H
#define DSC_MATH_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/matrix.h"

/* The same values as the public dsc_activation, which stands in a layer above. */
typedef enum dsc_kernel_activation {
    DSC_KERNEL_IDENTITY = 0,
    DSC_KERNEL_RELU = 1,
    DSC_KERNEL_SIGMOID = 2,
    DSC_KERNEL_TANH = 3
} dsc_kernel_activation;

/* One dense layer and one batch that passes through it; the elements have the table's precision. */
typedef struct dsc_dense {
    size_t n_in;
    size_t n_out;
    dsc_kernel_activation activation;
    const void *weights; /* (n_in, n_out) */
    const void *bias;    /* (n_out), NULL: none */
} dsc_dense;

typedef struct dsc_dense_pass {
    size_t batch;
    const void *x; /* (batch, n_in) */
    void *z;       /* (batch, n_out) before the activation; may be the same memory as a */
    void *a;       /* (batch, n_out) after it */
    /* Backward only. */
    const void *d_a; /* (batch, n_out) */
    void *d_z;       /* (batch, n_out); may be the same memory as d_a */
    void *d_weights; /* (n_in, n_out), added to */
    void *d_bias;    /* (n_out), added to; NULL where the layer has no bias */
    void *d_x;       /* (batch, n_in), overwritten */
    void *scratch;   /* (n_in * n_out) elements of any content */
} dsc_dense_pass;

/* Settings of one optimizer step over a range of parameters. */
typedef struct dsc_step {
    double rate;
    double l2;          /* l2 * parameter is added to each gradient */
    double momentum;    /* SGD */
    double beta1;       /* Adam */
    double beta2;       /* Adam */
    double epsilon;     /* Adam */
    double correction1; /* Adam: 1 - beta1^t */
    double correction2; /* Adam: 1 - beta2^t */
} dsc_step;

typedef struct dsc_kernels {
    const char *name; /* "c" */
    dsc_precision precision;

    /* z = x W + b, a = f(z).                                   docs/math.md (1), (2) */
    void (*dense_forward)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* d_z = d_a f'(z), d_weights += x' d_z, d_bias += sum of d_z, d_x = d_z W'.
     *                                                          docs/math.md (6) to (9) */
    void (*dense_backward)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* Sum over n elements of (a - y)^2, in double.             docs/math.md (3), (4) */
    double (*sum_of_squared_errors)(const void *a, const void *y, size_t n);

    /* d[i] = scale * (a[i] - y[i]).                            docs/math.md (5) */
    void (*scaled_difference)(void *d, const void *a, const void *y, double scale, size_t n);

    /* Whether all n elements are finite. */
    bool (*all_finite)(const void *values, size_t n);

    /* One step over n parameters; velocity NULL: no momentum.  docs/math.md (10), (11) */
    void (*sgd_step)(void *parameters, void *velocity, const void *gradients, size_t n,
                     const dsc_step *step);

    /* moment1 and moment2 are (n) each.                        docs/math.md (12) to (14) */
    void (*adam_step)(void *parameters, void *const moments[2], const void *gradients, size_t n,
                      const dsc_step *step);
} dsc_kernels;

/* The table for a precision; static and const, shared by all threads. */
const dsc_kernels *dsc_kernels_get(dsc_precision precision);

/* The plain C tables, which every other is tested against. */
extern const dsc_kernels dsc_kernels_c_f32;
extern const dsc_kernels dsc_kernels_c_f64;

#endif
