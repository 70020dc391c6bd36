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
#include <stdint.h>

#include "descent/matrix.h"
#include "descent/status.h"

/* The same values as the public dsc_activation, which stands in a layer above. */
typedef enum dsc_kernel_activation {
    DSC_KERNEL_IDENTITY = 0,
    DSC_KERNEL_RELU = 1,
    DSC_KERNEL_SIGMOID = 2,
    DSC_KERNEL_TANH = 3,
    DSC_KERNEL_LEAKY_RELU = 4,
    DSC_KERNEL_ELU = 5,
    DSC_KERNEL_SOFTPLUS = 6,
    DSC_KERNEL_GELU = 7,
    DSC_KERNEL_SWISH = 8,
    DSC_KERNEL_SOFTMAX = 9
} dsc_kernel_activation;

/* The same values as the public dsc_loss. */
typedef enum dsc_kernel_loss {
    DSC_KERNEL_HALF_SUM_OF_SQUARES = 0,
    DSC_KERNEL_MEAN_SQUARED_ERROR = 1,
    DSC_KERNEL_MEAN_ABSOLUTE_ERROR = 2,
    DSC_KERNEL_HUBER = 3,
    DSC_KERNEL_BINARY_CROSS_ENTROPY = 4,
    DSC_KERNEL_CROSS_ENTROPY = 5,
    DSC_KERNEL_HINGE = 6
} dsc_kernel_loss;

/* Whether the derivative of an activation is taken from what entered it, and not from its result:
 * its input must then be kept until the backward pass. */
static inline bool dsc_kernel_needs_input(dsc_kernel_activation activation) {
    return activation == DSC_KERNEL_GELU || activation == DSC_KERNEL_SWISH;
}

/* Settings of one optimizer step over a range of parameters. */
typedef struct dsc_step {
    double rate;
    double l2;          /* l2 * parameter is added to each gradient */
    double decay;       /* AdamW: rate * decay * parameter is taken off before the step */
    double momentum;    /* SGD */
    bool is_nesterov;   /* SGD */
    double beta1;       /* Adam */
    double beta2;       /* Adam, RMSprop */
    double epsilon;     /* Adam, Adagrad, RMSprop */
    double correction1; /* Adam: 1 / (1 - beta1^t) */
    double correction2; /* Adam: 1 / (1 - beta2^t) */
} dsc_step;

/* One dense layer and one batch that passes through it; the elements have the table's precision. */
typedef struct dsc_dense {
    size_t n_in;
    size_t n_out;
    dsc_kernel_activation activation;
    const void *weights; /* (n_in, n_out) */
    const void *bias;    /* (n_out), NULL: none */
    const void *gain;    /* (n_out), NULL: no normalisation */
    const void *shift;   /* (n_out), the same */
} dsc_dense;

typedef struct dsc_dense_pass {
    size_t batch;
    const void *x; /* (batch, n_in) */
    size_t
        x_stride; /* elements between two rows of x, dense_gradients alone: of a layer cut to some
                        of its inputs, what they all are */
    void *z;      /* (batch, n_out) the weighted sums */
    void *normed; /* (batch, n_out) normalised; the memory of z where the layer does not */
    void *a;      /* (batch, n_out) after the activation; may be the memory of `normed` unless the
                      activation needs its input. z is kept where the layer normalises. */
    void *scales; /* (batch, 2) mean and 1 / deviation of each row of z; normalisation alone */
    /* Backward only. */
    const void *d_a; /* (batch, n_out) */
    void *d_normed;  /* (batch, n_out); may be the memory of d_a */
    void *d_z; /* (batch, n_out); the memory of d_normed without normalisation, and not with it */
    void *d_x; /* (batch, n_in), overwritten; NULL: not wanted */
    /* Gradients only. */
    void *d_weights;       /* (n_in, n_out), added to */
    bool is_first;         /* d_weights holds nothing yet: overwritten */
    void *stepped_weights; /* the layer's weights, which take one step of plain SGD (rate alone);
                               d_weights is then left with any content. NULL: d_weights is what is
                               wanted */
    const dsc_step *step;  /* that step */
    void *d_bias;          /* (n_out), added to; NULL: not wanted */
    void *d_gain;          /* (n_out), added to; NULL: neither it nor d_shift is wanted */
    void *d_shift;         /* (n_out), the same */
    void *scratch;         /* (n_in * n_out) elements of any content */
} dsc_dense_pass;

/* Predictions against targets. */
typedef struct dsc_loss_pass {
    dsc_kernel_loss loss;
    size_t batch;
    size_t n_samples; /* over which means are taken: the batch, or the whole that it is a part of */
    size_t n_out;
    const void *a;               /* (batch, n_out) */
    const void *y;               /* (batch, n_out) */
    const double *class_weights; /* (n_out), NULL: all 1 */
    double huber_delta;
    void *d_a; /* (batch, n_out) gradient, NULL: not wanted */
} dsc_loss_pass;

/* Chosen rows of a table. */
typedef struct dsc_picked_rows {
    const void *table; /* (.., width) */
    size_t width;
    const uint32_t *index; /* (n) */
    size_t n;
} dsc_picked_rows;

/* Rows of one table that go to rows of another. */
typedef struct dsc_row_move {
    uint32_t from, to;
} dsc_row_move;

typedef struct dsc_row_moves {
    void *to;
    const void *from;
    size_t to_stride, from_stride; /* elements between two rows */
    size_t width;                  /* elements of a row that go */
    const dsc_row_move *moves;     /* (n) */
    size_t n;
} dsc_row_moves;

/* The rule of an optimizer's step, by the entry that makes it. */
typedef enum dsc_kernel_rule {
    DSC_KERNEL_SGD,
    DSC_KERNEL_ADAM,
    DSC_KERNEL_ADAGRAD,
    DSC_KERNEL_RMSPROP
} dsc_kernel_rule;

/* Rows of a table that take a step, each with a strength of L2 of its own: that of the step times
 * weight / n_samples. */
typedef struct dsc_row_steps {
    dsc_kernel_rule rule;
    void *parameters; /* (.., width) */
    void *states[2];  /* of the same shape, what the rule keeps; NULL: nothing */
    size_t width;
    const uint32_t *row;   /* (n) distinct */
    const float *weight;   /* (n) */
    const void *gradients; /* (.., width) a row every gradient_stride elements */
    size_t gradient_stride;
    const uint32_t *gradient_row; /* (n) */
    size_t n;
    double n_samples;
    bool is_bf16;     /* the parameters are */
    uint64_t lot;     /* what bfloat16 is rounded by, one for a step of a table */
    bool is_gathered; /* the parameters are (n, width), those of the rows in their order */
} dsc_row_steps;

/* The most numbers of a row that is kept as bfloat16. */
enum { DSC_MAX_BF16_WIDTH = 1024 };

/* Samples of a tile, in which they lie side by side: its matrices are (rows, DSC_TILE), one sample
 * a column. Every column's result depends on that column alone. */
enum { DSC_TILE = 32 };

/* out = f(start + a' x). docs/math.md (190), (191) */
typedef struct dsc_tile_product {
    size_t n_rows;
    size_t n_inner;
    const void *a; /* (n_inner, n_rows), a row every a_stride elements */
    size_t a_stride;
    const void *x; /* (n_inner, DSC_TILE) */
    const void
        *joined; /* NULL; or a column of such a matrix, and max(x + joined, 0), which is added to
                           every column, stands for x */
    const void *start; /* (n_rows) of each sum, as a bias; NULL: 0 */
    dsc_kernel_activation activation;
    void *out; /* (n_rows, DSC_TILE) */
} dsc_tile_product;

/* The same in whole numbers, whose sums are exact, made floats again: out = f(start + scale (a' max(x +
 * joined, 0))). Numbers of the inner dimension lie by fours, as processors take bytes.
 *                                                              docs/math.md (212) */
enum { DSC_BYTE_GROUP = 4 };
typedef struct dsc_byte_product {
    size_t n_rows;
    size_t n_groups;      /* of numbers of the inner dimension, at most 4096 */
    const int8_t *a;      /* (n_groups, n_rows, DSC_BYTE_GROUP) above -128 */
    const int8_t *x;      /* (n_groups, DSC_TILE, DSC_BYTE_GROUP) */
    const int8_t *joined; /* (n_groups, DSC_BYTE_GROUP); x + joined fits a byte */
    const void *scale;    /* (n_rows) */
    const void *start;    /* (n_rows) */
    bool is_rectified;    /* f is max(., 0), else the identity */
    void *out;            /* (n_rows, DSC_TILE) */
} dsc_byte_product;

/* f(one + other), where the other has a column for each sample or one for all. docs/math.md (191) */
typedef struct dsc_tile_join {
    size_t n_rows;
    const void *one;   /* (n_rows, DSC_TILE) */
    const void *other; /* the same, or one column of such a matrix */
    bool is_spread;    /* it is one column */
    dsc_kernel_activation activation;
} dsc_tile_join;

/* What makes rows of sums whole: sum[r][c] = ((sum[r][c] + more[r][c]) + own[r]) + biases[c].
 * docs/math.md (192) */
typedef struct dsc_tile_rows {
    size_t n_rows;
    const void *more;   /* (n_rows, DSC_TILE), NULL: none */
    const void *own;    /* (n_rows) */
    const void *biases; /* (DSC_TILE) */
    const void *least;  /* (n_rows) which sums are wanted: at least so high ones */
    uint32_t *wanted;   /* (n_rows) out: the columns of those, as bits */
} dsc_tile_rows;

/* One rating as training sees it: 12 bytes. */
typedef struct dsc_training_sample {
    uint32_t user; /* dense index, or number of a row */
    uint32_t item;
    float target;
} dsc_training_sample;

/* The first numbers of a vector learn at a rate of their own. A row holds a multiple of a block,
 * filled up with zeros, which stay. */
enum { DSC_FACTOR_SLOW = 8, DSC_FACTOR_BLOCK = 16, DSC_FACTOR_STATE = 4 };

/* Ratings one after the other, each moving the vectors and biases of its user and its item. */
typedef struct dsc_factor_pass {
    const dsc_training_sample *ratings; /* (n) */
    size_t n;
    size_t n_factors; /* >= 1 */
    size_t width;     /* of a row: n_factors up to a multiple of DSC_FACTOR_BLOCK */
    void *vectors[2]; /* (.., width) of users, of items */
    void
        *states[2]; /* (.., DSC_FACTOR_STATE) of users, of items: the sums of squares, each above 0,
                         of the first numbers, of the others and of the bias, and the bias */
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

typedef struct dsc_kernels {
    const char *name; /* of the instruction set: "c", "avx2" */
    dsc_precision precision;

    /* z = x W + b, normed = norm(z), a = f(normed).            docs/math.md (1), (2), (31) */
    void (*dense_forward)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* d_normed = d_a f'(normed), d_z from it, d_x = d_z W'.    docs/math.md (6), (9), (32) */
    void (*dense_backward)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* From x and what dense_backward left: d_weights += x' d_z, d_bias += sum of d_z, d_gain and
     * d_shift. Each weight's sum is the same in a layer that is cut to some of its inputs.
     *                                                          docs/math.md (7), (8), (32) */
    void (*dense_gradients)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* out = f(in) for (batch, n_out); out may be in.           docs/math.md (2) */
    void (*activate)(void *out, const void *in, dsc_kernel_activation activation, size_t batch,
                     size_t n_out);

    /* d_normed = d_a f'(normed), the first part of dense_backward. Of the layer it takes n_out and
     * activation, of the pass batch, normed, a, d_a and d_normed. */
    void (*differentiate)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* The loss, in double, and its gradient.                   docs/math.md (3) to (5), (26) to
     * (30)
     */
    double (*loss)(const dsc_loss_pass *pass);

    /* out[j] = query . row j; out += sum of the rows; out += sum of factors[j] row j. Rows in their
     * order.                                                   docs/math.md (50) to (54) */
    void (*dot_rows)(void *out, const void *query, const dsc_picked_rows *rows);
    void (*sum_rows)(void *out, const dsc_picked_rows *rows);
    void (*sum_scaled_rows)(void *out, const void *factors, const dsc_picked_rows *rows);

    /* Products with a tile, the inner dimension ascending; out[c] = column c of one . column c of
     * other, both (n, DSC_TILE), in the same order and rounding as the product.
     *                                                          docs/math.md (190) to (192) */
    void (*multiply_tile)(const dsc_tile_product *product);
    void (*dot_tiles)(void *out, const void *one, const void *other, size_t n);

    /* Whether the processor multiplies bytes faster than floats. If not, the product in bytes is not to be
     * asked for: of an instruction set it may take more than its other kernels do. */
    bool (*has_fast_bytes)(void);
    void (*multiply_bytes)(const dsc_byte_product *product);

    /* out (n_rows, DSC_TILE), which may be neither of the two. */
    void (*join_tiles)(void *out, const dsc_tile_join *join);

    void (*finish_rows)(void *sum, const dsc_tile_rows *rows);

    /* out (n, DSC_TILE): column c is the vector of n elements at from[c], 0 from n_columns on. */
    void (*pack_tile)(void *out, const void *const *from, size_t n_columns, size_t n);

    /* out[i] = a[i] b[i]; out may be a.                        docs/math.md (33) */
    void (*multiply_elements)(void *out, const void *a, const void *b, size_t n);

    /* Sum of squares of n elements, in double; and values[i] *= factor.   docs/math.md (35) */
    double (*sum_of_squares)(const void *values, size_t n);
    void (*scale)(void *values, double factor, size_t n);

    /* gradients += l1 sign(w) + l2 w; returns l1 |w| + l2 w^2 / 2 summed.  docs/math.md (34) */
    double (*add_penalty)(void *gradients, const void *weights, double l1, double l2, size_t n);

    /* One pass over ratings; returns the sum of squared errors, each before its step.
     *                                                          docs/math.md (180) to (186) */
    double (*factor_step)(const dsc_factor_pass *pass);

    /* Whether all n elements are finite. */
    bool (*all_finite)(const void *values, size_t n);

    /* One step over n parameters; velocity NULL: no momentum.  docs/math.md (10), (11), (36) */
    void (*sgd_step)(void *parameters, void *velocity, const void *gradients, size_t n,
                     const dsc_step *step);

    /* moments: (n) each. Moments and parameters whose square is no normal number become 0.
     *                                                          docs/math.md (12) to (14), (39) */
    void (*adam_step)(void *parameters, void *const moments[2], const void *gradients, size_t n,
                      const dsc_step *step);

    /* squares (n): the sum, or the decaying mean, of squares.  docs/math.md (37), (38) */
    void (*adagrad_step)(void *parameters, void *squares, const void *gradients, size_t n,
                         const dsc_step *step);
    void (*rmsprop_step)(void *parameters, void *squares, const void *gradients, size_t n,
                         const dsc_step *step);

    /* Row `to` of one table becomes, or is increased by, row `from` of another, move by move. */
    void (*copy_rows)(const dsc_row_moves *moves);
    void (*accumulate_rows)(const dsc_row_moves *moves);

    /* One of the four steps above for each of the rows.        docs/math.md (23) */
    void (*step_rows)(const dsc_row_steps *rows, const dsc_step *step);

    /* Of whole vectors, in double: sums[j] = a . vector j; out = sum of weights[j] vector j, in their
     * order, where out may be one of them; out = a + factor b, where out may be a.
     *                                                          docs/math.md (200) to (202) */
    void (*inner_products)(double *sums, const void *a, const dsc_vectors *vectors, size_t n);
    void (*combine_vectors)(void *out, const double *weights, const dsc_vectors *vectors, size_t n);
    void (*add_scaled)(void *out, const void *a, double factor, const void *b, size_t n);

    /* The steps of a run; returns the sum of the losses, each before its step. Where that is not
     * finite the weights are as they were.                     docs/math.md (196), (197) */
    double (*run_steps)(const dsc_step_run *run);

    /* out (n, 4) = dsc_philox4x32 of the counter and of those behind it, counter[0] + 1 and so on. */
    void (*random_blocks)(uint32_t *out, const uint32_t counter[4], const uint32_t key[2],
                          size_t n);

    /* n numbers from bfloat16, which is exact, and to the nearest; subnormal numbers, infinity and what
     * is not a number stay what they are.                      docs/math.md (204), (205) */
    void (*widen_bf16)(void *out, const uint16_t *kept, size_t n);
    void (*narrow_bf16)(uint16_t *out, const void *values, size_t n);

    /* copy_rows and step_rows where the table to copy from, the parameters, is bfloat16. The step is
     * one of full precision, whose result is rounded by lot; width <= DSC_MAX_BF16_WIDTH.
     *                                                          docs/math.md (206), (207) */
    void (*widen_bf16_rows)(const dsc_row_moves *moves);
    void (*step_bf16_rows)(const dsc_row_steps *rows, const dsc_step *step);
} dsc_kernels;

/* The table for a precision, of the instruction set in use (descent/isa.h); static and const, shared
 * by all threads. Returns DSC_OK; DSC_E_ARGUMENT: DESCENT_ISA names none that is available. */
dsc_status dsc_kernels_choose(const dsc_kernels **out, dsc_precision precision, dsc_error *err);

/* The plain C tables, which every other is tested against. */
extern const dsc_kernels dsc_kernels_c_f32;
extern const dsc_kernels dsc_kernels_c_f64;

/* Those of one instruction set; each is defined where the compiler's target can have it. */
extern const dsc_kernels dsc_kernels_avx2_f32;
extern const dsc_kernels dsc_kernels_avx512_f32;
extern const dsc_kernels dsc_kernels_neon_f32;

#endif
