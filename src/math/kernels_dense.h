/* What kernels of dense layers are told: a layer, a batch on its way through it, a loss, a step. */
#ifndef DSC_MATH_KERNELS_DENSE_H
#define DSC_MATH_KERNELS_DENSE_H

#include <stdbool.h>
#include <stddef.h>

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
    /* Elements between two rows of x, for dense_gradients alone: of a layer cut to some of its inputs,
     * what they all are. */
    size_t x_stride;
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

#endif
