/* What kernels are told that go over many ratings, samples or vectors in one call. */
#ifndef DSC_MATH_KERNELS_RUNS_H
#define DSC_MATH_KERNELS_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/kernels_dense.h"

/* One rating as training sees it: 12 bytes. */
typedef struct dsc_training_sample {
    uint32_t user; /* dense index, or number of a row */
    uint32_t item;
    float target;
} dsc_training_sample;

/* The first numbers of a vector learn at a rate of their own. A row holds a multiple of a block,
 * filled up with zeros, which stay. */
enum { DSC_FACTOR_SLOW = 8, DSC_FACTOR_BLOCK = 16, DSC_FACTOR_STATE = 4 };

/* How many ratings ahead their rows are fetched. */
enum { DSC_FACTOR_AHEAD = 8 };

/* Ratings one after the other, each moving the vectors and biases of its user and its item. */
typedef struct dsc_factor_pass {
    const dsc_training_sample *ratings; /* (n + n_after) */
    size_t n;
    size_t n_after;   /* of later ones, whose rows are fetched */
    double sum;       /* of squared errors before them, to which theirs are added */
    size_t n_factors; /* >= 1 */
    size_t width;     /* of a row: n_factors up to a multiple of DSC_FACTOR_BLOCK */
    void *vectors[2]; /* (.., width) of users, of items */
    /* (.., DSC_FACTOR_STATE) of users, of items: the sums of squares, each above 0, of the first
     * numbers, of the others and of the bias, and the bias. */
    void *states[2];
    double rate, l2, l2_biases;
    bool has_biases;   /* false: they stay */
    bool is_slow_only; /* the others stay */
} dsc_factor_pass;

/* Elements begin .. begin + n - 1 of some vectors, n being what an entry is told. */
typedef struct dsc_vectors {
    const void *const *vector; /* (n_vectors) */
    size_t n_vectors;
    size_t begin;
} dsc_vectors;

/* Networks whose steps run_steps takes: layers, inputs, units of every layer. */
enum { DSC_STEP_LAYERS = 4, DSC_STEP_INPUTS = 64, DSC_STEP_UNITS = 16 };

/* One of the layers, with the weights that move. */
typedef struct dsc_step_layer {
    size_t n_in;
    size_t n_out;
    dsc_kernel_activation activation; /* identity, relu, leaky-relu, sigmoid, tanh */
    void *weights;                    /* (n_in, n_out) */
    void *bias;                       /* (n_out), NULL: none */
} dsc_step_layer;

/* Steps of plain SGD one after the other, a sample each. */
typedef struct dsc_step_run {
    const dsc_step_layer *layers; /* (n_layers) */
    size_t n_layers;
    dsc_kernel_loss loss;  /* half the sum, or the mean, of squares */
    const void *x;         /* (.., n_in of the first layer) */
    const void *y;         /* (.., n_out of the last) */
    const uint32_t *order; /* (n_steps) rows of both */
    size_t n_steps;        /* at least 1 */
    double rate;
} dsc_step_run;

#endif
