/* Fully connected networks: parameters, forward pass, backpropagation.
 *
 * A dsc_network holds parameters only, in one flat array; everything that changes during a pass
 * lies in a dsc_workspace. A network that nobody writes to may be shared by any number of threads,
 * each with a workspace of its own. Nothing here allocates after the two create functions.
 *
 * Orientation: a batch is a matrix (batch, features), a layer's weights are (n_in, n_out), so that
 *     Z = X W + b,  A = f(Z)                                           docs/math.md (1), (2)
 * Precision: float or double, fixed when the network is created. */
#ifndef DESCENT_NETWORK_H
#define DESCENT_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/matrix.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* docs/math.md (2); the values are part of the interface and are never renumbered. */
typedef enum dsc_activation {
    DSC_IDENTITY = 0,   /* f(z) = z */
    DSC_RELU = 1,       /* f(z) = max(z, 0), f'(0) = 0 */
    DSC_SIGMOID = 2,    /* f(z) = 1 / (1 + exp(-z)) */
    DSC_TANH = 3,       /* f(z) = tanh(z) */
    DSC_LEAKY_RELU = 4, /* f(z) = z above 0, else z / 100; f'(0) = 1 / 100 */
    DSC_ELU = 5,        /* f(z) = z above 0, else exp(z) - 1 */
    DSC_SOFTPLUS = 6,   /* f(z) = log(1 + exp(z)) */
    DSC_GELU = 7,   /* f(z) = z Phi(z), Phi the normal distribution function, not approximated */
    DSC_SWISH = 8,  /* f(z) = z / (1 + exp(-z)) */
    DSC_SOFTMAX = 9 /* f(z)_k = exp(z_k) / sum over the layer's units of exp(z_j) */
} dsc_activation;

/* Of one prediction a and its target y; n samples, m outputs. docs/math.md (3), (4), (26) to (30).
 * The classification losses take logits: sigmoid and softmax are part of them, not of the last
 * layer. */
typedef enum dsc_loss {
    DSC_HALF_SUM_OF_SQUARES = 0,  /* 1/2 sum over samples and outputs of (a - y)^2 */
    DSC_MEAN_SQUARED_ERROR = 1,   /* mean over samples and outputs of (a - y)^2 */
    DSC_MEAN_ABSOLUTE_ERROR = 2,  /* mean over both of |a - y|; slope 0 where they are equal */
    DSC_HUBER = 3,                /* mean over both of (a - y)^2 / 2 within delta of y, and of
                                     delta (|a - y| - delta / 2) beyond */
    DSC_BINARY_CROSS_ENTROPY = 4, /* mean over both of log(1 + exp(a)) - y a; 0 <= y <= 1 */
    DSC_CROSS_ENTROPY = 5,        /* mean over samples of - sum_k y_k log softmax(a)_k; y one-hot or
                                     shares that add up to 1 */
    DSC_HINGE = 6                 /* mean over both of max(0, 1 - y a); y is -1 or 1 */
} dsc_loss;

/* How dsc_network_init draws parameters. */
typedef enum dsc_init {
    DSC_INIT_ZERO = 0,
    DSC_INIT_GLOROT =
        1, /* weights uniform on +-sqrt(6 / (n_in + n_out)), biases 0 (Glorot, Bengio 2010) */
    DSC_INIT_HE = 2 /* weights normal, variance 2 / n_in, biases 0 (He et al. 2015) */
} dsc_init;

/* The names used in files and options: "identity", "relu", "sigmoid", "tanh", "leaky-relu", "elu",
 * "softplus", "gelu", "swish", "softmax"; "half-sum-of-squares", "mean-squared-error",
 * "mean-absolute-error", "huber", "binary-cross-entropy", "cross-entropy", "hinge". NULL for a
 * value outside the enum. Static storage. */
const char *dsc_activation_name(dsc_activation activation);
const char *dsc_loss_name(dsc_loss loss);

/* The reverse: true and *out set when `name` is one of the names above, else false, *out untouched.
 */
bool dsc_activation_from_name(const char *name, dsc_activation *out);
bool dsc_loss_from_name(const char *name, dsc_loss *out);

/* What lies behind the first member may be left out of an initialiser: zero is the usual. */
typedef struct dsc_layer_config {
    size_t n_out;              /* units of this layer, at least 1 */
    dsc_activation activation; /* f of docs/math.md (2) */
    bool has_bias;             /* false: b of docs/math.md (1) is 0 and no parameter */
    bool has_norm;  /* layer normalisation of Z before the activation, docs/math.md (31), (32): the
                       parameters gain, 1 at the start, and shift, 0 */
    double dropout; /* share of the layer's outputs that a training pass sets to 0, 0 <= p < 1; the
                       others are divided by 1 - p, docs/math.md (33) */
} dsc_layer_config;

/* What a network is: the shape, the activations and the loss. */
typedef struct dsc_network_config {
    dsc_precision precision;        /* of parameters and passes */
    size_t n_in;                    /* features of a sample, at least 1 */
    size_t n_layers;                /* at least 1; the last layer is the output */
    const dsc_layer_config *layers; /* (n_layers), borrowed for the call */
    dsc_loss loss;                  /* what dsc_network_backward descends */
    double huber_delta;             /* Huber alone: > 0; 0 stands for 1 */
    const double *class_weights;    /* (n_out of the last layer), borrowed; each > 0: in a loss of
                                       logits or the hinge the factor of what the samples of a class
                                       (y above 0) add at its output; NULL: all 1 */
} dsc_network_config;

/* The parameters of a network. */
typedef struct dsc_network dsc_network;

/* What passes through a network compute, with the gradients; one a thread. */
typedef struct dsc_workspace dsc_workspace;

/* --- network ------------------------------------------------------------------------------ */

/* A network of the given shape with all parameters zero but the gains, which are 1.
 *   out  [out]  the network, to be freed with dsc_network_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT no layer, a width of 0, an unknown activation, loss or precision,
 * a dropout outside its range or in the last layer, a loss of logits behind a sigmoid or softmax,
 * class weights for a loss without classes; DSC_E_MEMORY. */
dsc_status dsc_network_create(dsc_network **out, const dsc_network_config *config, dsc_error *err);

/* NULL is allowed. Workspaces of the network must be destroyed before it or never be used again. */
void dsc_network_destroy(dsc_network *net);

/* A network of the same shape and parameters in the given precision (float from double rounds).
 * Ownership and failures as for dsc_network_create. */
dsc_status dsc_network_copy(dsc_network **out, const dsc_network *net, dsc_precision precision,
                            dsc_error *err);

/* What the network was created with, and how many parameters it has. */
size_t dsc_network_n_in(const dsc_network *net);
size_t dsc_network_n_out(const dsc_network *net);
size_t dsc_network_n_layers(const dsc_network *net);
size_t dsc_network_n_parameters(const dsc_network *net);
dsc_precision dsc_network_precision(const dsc_network *net);
dsc_loss dsc_network_loss(const dsc_network *net);
double dsc_network_huber_delta(const dsc_network *net);
/* (1, n_out); data is NULL where all are 1. */
dsc_matrix dsc_network_class_weights(const dsc_network *net);
/* layer < n_layers. */
dsc_layer_config dsc_network_layer(const dsc_network *net, size_t layer);

/* All parameters as one array of n_parameters elements of the network's precision, 64-byte aligned,
 * layer by layer: weights (n_in, n_out) row-major, bias (n_out), gain (n_out), shift (n_out), of
 * which a layer has those of its config. Owned by the network. Writing needs that no other thread
 * reads the network. */
void *dsc_network_parameters(dsc_network *net);
const void *dsc_network_parameters_const(const dsc_network *net);

/* Views into that array: (n_in, n_out) and (1, n_out); data is NULL for what a layer does not have.
 */
dsc_matrix dsc_network_weights(const dsc_network *net, size_t layer);
dsc_matrix dsc_network_bias(const dsc_network *net, size_t layer);
dsc_matrix dsc_network_gain(const dsc_network *net, size_t layer);
dsc_matrix dsc_network_shift(const dsc_network *net, size_t layer);

/* Sets one layer's weights (n_in, n_out) and bias (1, n_out) from views of any precision;
 * `bias.data` NULL leaves the bias as it is.
 * Returns DSC_OK; DSC_E_SHAPE with the network unchanged; DSC_E_NONFINITE a value that is not
 * finite, with the network unchanged. */
dsc_status dsc_network_set_layer(dsc_network *net, size_t layer, dsc_matrix weights,
                                 dsc_matrix bias, dsc_error *err);

/* The same for a normalised layer's gain and shift, both (1, n_out). */
dsc_status dsc_network_set_norm(dsc_network *net, size_t layer, dsc_matrix gain, dsc_matrix shift,
                                dsc_error *err);

/* Draws every parameter anew; the same (init, seed) gives the same parameters. */
void dsc_network_init(dsc_network *net, dsc_init init, uint64_t seed);

/* --- workspace ----------------------------------------------------------------------------- */

/* How large a workspace is to be. */
typedef struct dsc_workspace_config {
    size_t max_batch;        /* most samples of one pass, at least 1 */
    bool keep_intermediates; /* false: intermediates that the backward pass does not need share
                                memory with the next one, so that only the last written of them can
                                be seen; true: each has memory of its own */
    bool no_input_gradient; /* true: the gradient at the input is not computed, which spares up to a
                                third of a backward pass; dsc_workspace_d_input then has no data */
} dsc_workspace_config;

/* Scratch for passes through `net`, all of it allocated here. Freed with dsc_workspace_destroy.
 * Returns DSC_OK; DSC_E_ARGUMENT max_batch of 0; DSC_E_MEMORY; *out is NULL after a failure.
 * Threads: one workspace a thread. The network is borrowed until the workspace is destroyed. */
dsc_status dsc_workspace_create(dsc_workspace **out, const dsc_network *net,
                                const dsc_workspace_config *config, dsc_error *err);
void dsc_workspace_destroy(dsc_workspace *ws); /* NULL is allowed */

/* Forward pass: every layer's Z and A for one batch.
 *   x  [in]  (batch, n_in), 1 <= batch <= max_batch, borrowed until the backward pass is done
 * Returns DSC_OK; DSC_E_SHAPE with ws unchanged.
 * Cost: O(batch * weights). Allocates nothing; layers of 512 units and more take 320 KB of the stack, in
 * backward passes too. Math: docs/math.md (1), (2). */
dsc_status dsc_network_forward(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                               dsc_error *err);

/* Which numbers a training pass draws: a batch that is passed in parts gets the same dropout as in
 * one when first_sample says where each part begins. */
typedef struct dsc_dropout_draw {
    uint64_t seed;         /* start of all randomness of a training */
    uint32_t step;         /* a minibatch of its own number has a dropout of its own */
    uint32_t first_sample; /* of the minibatch, the first in this pass */
} dsc_dropout_draw;

/* The same with dropout, for training; equal to dsc_network_forward for a network without.
 * Failures, cost and allocation too. Math: docs/math.md (33). */
dsc_status dsc_network_forward_training(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                                        const dsc_dropout_draw *draw, dsc_error *err);

/* The last pass' output (batch, n_out); data is NULL before the first pass. Owned by ws. */
dsc_matrix dsc_workspace_output(const dsc_workspace *ws);

/* Loss of the last forward pass against `target`, without gradients; in double.
 * Returns DSC_OK; DSC_E_STATE no forward pass; DSC_E_SHAPE; DSC_E_NONFINITE (err->where names the
 * first layer whose output is not finite). */
dsc_status dsc_network_loss_value(const dsc_network *net, const dsc_workspace *ws,
                                  dsc_matrix target, double *loss, dsc_error *err);

/* Backpropagation: the gradient of the loss with respect to every parameter and intermediate.
 *   ws      [in,out]  filled by the last forward pass; parameter gradients are ADDED to what ws
 *                     holds, gradients of intermediates and of the input are overwritten
 *   target  [in]      (batch, n_out), borrowed for this call
 *   loss    [out]     as dsc_network_loss_value; NULL allowed
 * Returns DSC_OK; DSC_E_STATE; DSC_E_SHAPE; DSC_E_NONFINITE. Failure: parameter gradients as
 * before. Cost: O(batch * weights). Allocates nothing. Math: docs/math.md (3) to (9). */
dsc_status dsc_network_backward(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                double *loss, dsc_error *err);

/* The same for one of several parts in which a minibatch is passed: means are taken over the
 * n_samples (>= batch) of the whole, so that losses and gradients of the parts add up to those of
 * one pass. */
dsc_status dsc_network_backward_part(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                     size_t n_samples, double *loss, dsc_error *err);

/* dsc_network_backward from a gradient at the output that the caller computed, for a loss of the
 * caller's own. d_output  [in]  (batch, n_out), borrowed for this call
 *
 * Returns DSC_OK; DSC_E_STATE; DSC_E_SHAPE; DSC_E_NONFINITE a gradient that is not finite.
 * Failure: parameter gradients as before. Cost and mathematics as dsc_network_backward. */
dsc_status dsc_network_backward_from(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     dsc_error *err);

/* The penalty on large weights, l1 |w| + l2 w^2 / 2 summed over all weights, but not over biases,
 * gains and shifts: adds its gradient to that of the parameters and returns its value.
 *   l1, l2  [in]  >= 0
 * Math: docs/math.md (34). */
double dsc_network_add_penalty(const dsc_network *net, dsc_workspace *ws, double l1, double l2);

/* Scales all parameter gradients so that their Euclidean norm is at most `max_norm` (> 0; INFINITY
 * scales nothing); returns the norm before. Math: docs/math.md (35). */
double dsc_workspace_clip_gradients(dsc_workspace *ws, double max_norm);

/* Sets the parameter gradients to zero; call it once a minibatch, before the first backward pass.
 */
void dsc_workspace_zero_gradients(dsc_workspace *ws);

/* Parameter gradients: the same layout, length and precision as dsc_network_parameters. */
const void *dsc_workspace_gradients(const dsc_workspace *ws);
dsc_matrix dsc_workspace_d_weights(const dsc_workspace *ws, size_t layer);
dsc_matrix dsc_workspace_d_bias(const dsc_workspace *ws, size_t layer); /* data NULL: no bias */
dsc_matrix dsc_workspace_d_gain(const dsc_workspace *ws, size_t layer); /* data NULL: no norm */
dsc_matrix dsc_workspace_d_shift(const dsc_workspace *ws, size_t layer);

/* Gradient at the input (batch, n_in), valid after a backward pass; data NULL: not computed. */
dsc_matrix dsc_workspace_d_input(const dsc_workspace *ws);

/* --- intermediates: everything a pass computes, from one table ------------------------------ */

/* Of what a layer computes, in the order of the forward pass. */
typedef enum dsc_intermediate_kind {
    DSC_Z = 0,      /* "Z": the weighted sums */
    DSC_NORMED = 1, /* "N": normalised; layers with has_norm */
    DSC_A = 2,      /* "A": after the activation */
    DSC_DROPPED = 3 /* "D": after dropout; layers with dropout, valid after a training pass */
} dsc_intermediate_kind;

/* One matrix of a pass: views into the workspace, valid until its next pass. */
typedef struct dsc_intermediate {
    const char *name; /* "Z1", "A1", "Z2", ...: layers counted from 1; owned by the workspace */
    size_t layer;     /* from 0 */
    dsc_intermediate_kind kind; /* what the first letter of the name says */
    dsc_matrix value;           /* (batch, n_out of the layer) */
    dsc_matrix gradient;        /* the same shape; data NULL before a backward pass */
} dsc_intermediate;

/* 2 to 4 a layer: Z and A, and what its config adds. */
size_t dsc_workspace_n_intermediates(const dsc_workspace *ws);
/* i < n_intermediates, in the order of the forward pass. */
dsc_intermediate dsc_workspace_intermediate(const dsc_workspace *ws, size_t i);

/* That of a layer and kind; name NULL where the layer has no such. */
dsc_intermediate dsc_workspace_find(const dsc_workspace *ws, size_t layer,
                                    dsc_intermediate_kind kind);

/* --- gradient check ------------------------------------------------------------------------- */

/* How far backpropagation and central differences are apart. */
typedef struct dsc_gradient_check {
    double max_relative_error; /* max over checked values of |analytic - numeric| / scale, where
                                  scale is the larger of the two magnitudes, but at least 1e-4 of
                                  the largest gradient */
    double max_gradient;       /* largest magnitude of an analytic gradient, never 0 */
    size_t n_checked;          /* every parameter and every input element */
} dsc_gradient_check;

/* Compares backpropagation with central differences, for every parameter and every input element.
 * Always in double, on a copy of `net`, by plain passes: without dropout and penalty.
 *   x, target  [in]  (batch, n_in), (batch, n_out), any precision, borrowed for the call
 * Returns DSC_OK whatever the error found is; DSC_E_SHAPE; DSC_E_MEMORY; DSC_E_NONFINITE;
 * DSC_E_STATE when every gradient is zero, since such a check proves nothing.
 * Cost: O(batch * weights * (weights + inputs)). Math: docs/math.md (15). */
dsc_status dsc_network_check_gradients(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                                       dsc_gradient_check *out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
