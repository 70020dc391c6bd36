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

typedef enum dsc_activation {
    DSC_IDENTITY = 0, /* f(z) = z                 */
    DSC_RELU = 1,     /* f(z) = max(z, 0), f'(0) = 0 */
    DSC_SIGMOID = 2,  /* f(z) = 1 / (1 + exp(-z)) */
    DSC_TANH = 3      /* f(z) = tanh(z)           */
} dsc_activation;

typedef enum dsc_loss {
    DSC_HALF_SUM_OF_SQUARES = 0, /* 1/2 sum over samples and outputs of (a - y)^2 */
    DSC_MEAN_SQUARED_ERROR = 1   /* mean over samples and outputs of (a - y)^2    */
} dsc_loss;

typedef enum dsc_init {
    DSC_INIT_ZERO = 0,
    DSC_INIT_GLOROT =
        1, /* weights uniform on +-sqrt(6 / (n_in + n_out)), biases 0 (Glorot, Bengio 2010) */
    DSC_INIT_HE = 2 /* weights normal, variance 2 / n_in, biases 0 (He et al. 2015) */
} dsc_init;

/* The names used in files and options: "identity", "relu", "sigmoid", "tanh";
 * "half-sum-of-squares", "mean-squared-error". NULL for a value outside the enum. Static storage.
 */
const char *dsc_activation_name(dsc_activation activation);
const char *dsc_loss_name(dsc_loss loss);

/* The reverse: true and *out set when `name` is one of the names above, else false, *out untouched.
 */
bool dsc_activation_from_name(const char *name, dsc_activation *out);
bool dsc_loss_from_name(const char *name, dsc_loss *out);

typedef struct dsc_layer_config {
    size_t n_out; /* units of this layer, at least 1 */
    dsc_activation activation;
    bool has_bias;
} dsc_layer_config;

typedef struct dsc_network_config {
    dsc_precision precision;
    size_t n_in;                    /* features of a sample, at least 1 */
    size_t n_layers;                /* at least 1; the last layer is the output */
    const dsc_layer_config *layers; /* (n_layers), borrowed for the call */
    dsc_loss loss;
} dsc_network_config;

typedef struct dsc_network dsc_network;
typedef struct dsc_workspace dsc_workspace;

/* --- network ------------------------------------------------------------------------------ */

/* A network of the given shape with all parameters zero.
 *   out  [out]  the network, to be freed with dsc_network_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT no layer, a width of 0, an unknown activation, loss or precision;
 * DSC_E_MEMORY. */
dsc_status dsc_network_create(dsc_network **out, const dsc_network_config *config, dsc_error *err);

/* NULL is allowed. Workspaces of the network must be destroyed before it or never be used again. */
void dsc_network_destroy(dsc_network *net);

/* A network of the same shape and parameters in the given precision (float from double rounds).
 * Ownership and failures as for dsc_network_create. */
dsc_status dsc_network_copy(dsc_network **out, const dsc_network *net, dsc_precision precision,
                            dsc_error *err);

size_t dsc_network_n_in(const dsc_network *net);
size_t dsc_network_n_out(const dsc_network *net);
size_t dsc_network_n_layers(const dsc_network *net);
size_t dsc_network_n_parameters(const dsc_network *net);
dsc_precision dsc_network_precision(const dsc_network *net);
dsc_loss dsc_network_loss(const dsc_network *net);
/* layer < n_layers. */
dsc_layer_config dsc_network_layer(const dsc_network *net, size_t layer);

/* All parameters as one array of n_parameters elements of the network's precision, 64-byte aligned,
 * layer by layer, weights (n_in, n_out) row-major and then the bias (n_out). Owned by the network.
 * Writing needs that no other thread reads the network. */
void *dsc_network_parameters(dsc_network *net);
const void *dsc_network_parameters_const(const dsc_network *net);

/* Views into that array: (n_in, n_out) and (1, n_out); data is NULL for a layer without bias. */
dsc_matrix dsc_network_weights(const dsc_network *net, size_t layer);
dsc_matrix dsc_network_bias(const dsc_network *net, size_t layer);

/* Sets one layer's weights (n_in, n_out) and bias (1, n_out) from views of any precision;
 * `bias.data` NULL leaves the bias as it is.
 * Returns DSC_OK; DSC_E_SHAPE with the network unchanged; DSC_E_NONFINITE a value that is not
 * finite, with the network unchanged. */
dsc_status dsc_network_set_layer(dsc_network *net, size_t layer, dsc_matrix weights,
                                 dsc_matrix bias, dsc_error *err);

/* Draws every parameter anew; the same (init, seed) gives the same parameters. */
void dsc_network_init(dsc_network *net, dsc_init init, uint64_t seed);

/* --- workspace ----------------------------------------------------------------------------- */

typedef struct dsc_workspace_config {
    size_t max_batch; /* most samples of one pass, at least 1 */
    bool
        keep_intermediates; /* false: Z shares memory with A and dZ with dA, so that only the last
                               written of each pair can be seen; true: each has memory of its own */
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
 * Cost: O(batch * weights). Allocates nothing. Math: docs/math.md (1), (2). */
dsc_status dsc_network_forward(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                               dsc_error *err);

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

/* The same from a gradient at the output that the caller computed, for a loss of the caller's own.
 *   d_output  [in]  (batch, n_out), borrowed for this call
 *
 * Returns DSC_OK; DSC_E_STATE; DSC_E_SHAPE; DSC_E_NONFINITE a gradient that is not finite.
 * Failure: parameter gradients as before. Cost and mathematics as dsc_network_backward. */
dsc_status dsc_network_backward_from(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     dsc_error *err);

/* Sets the parameter gradients to zero; call it once a minibatch, before the first backward pass.
 */
void dsc_workspace_zero_gradients(dsc_workspace *ws);

/* Parameter gradients: the same layout, length and precision as dsc_network_parameters. */
const void *dsc_workspace_gradients(const dsc_workspace *ws);
dsc_matrix dsc_workspace_d_weights(const dsc_workspace *ws, size_t layer);
dsc_matrix dsc_workspace_d_bias(const dsc_workspace *ws, size_t layer); /* data NULL: no bias */

/* Gradient at the input (batch, n_in), valid after a backward pass. */
dsc_matrix dsc_workspace_d_input(const dsc_workspace *ws);

/* --- intermediates: everything a pass computes, from one table ------------------------------ */

typedef struct dsc_intermediate {
    const char *name;    /* "Z1", "A1", "Z2", ...: layers counted from 1; owned by the workspace */
    size_t layer;        /* from 0 */
    dsc_matrix value;    /* (batch, n_out of the layer) */
    dsc_matrix gradient; /* the same shape; data NULL before a backward pass */
} dsc_intermediate;

size_t dsc_workspace_n_intermediates(const dsc_workspace *ws); /* 2 a layer: Z and A */
/* i < n_intermediates, in the order of the forward pass. */
dsc_intermediate dsc_workspace_intermediate(const dsc_workspace *ws, size_t i);

/* --- gradient check ------------------------------------------------------------------------- */

typedef struct dsc_gradient_check {
    double max_relative_error; /* max over checked values of |analytic - numeric| / scale, where
                                  scale is the larger of the two magnitudes, but at least 1e-4 of
                                  the largest gradient */
    double max_gradient;       /* largest magnitude of an analytic gradient, never 0 */
    size_t n_checked;          /* every parameter and every input element */
} dsc_gradient_check;

/* Compares backpropagation with central differences, for every parameter and every input element.
 * Always in double, on a copy of `net`.
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
