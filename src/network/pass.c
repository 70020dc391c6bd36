/* Forward pass, loss and backpropagation: the order of the work; the arithmetic is in src/math.
 *
 * Implements docs/math.md (1) to (9). A failed call leaves the parameter gradients as they were. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "network/network_internal.h"

static slot *slot_of(const dsc_workspace *ws, size_t l, size_t kind) {
    return &ws->slots[l * N_INTERMEDIATES + kind];
}

/* The layer as the kernels see it. */
static dsc_dense dense_of(const dsc_network *net, size_t l) {
    const layer *of = &net->layers[l];
    return (dsc_dense){
        .n_in = of->n_in,
        .n_out = of->n_out,
        .activation = (dsc_kernel_activation)of->activation,
        .weights = at_const(net->parameters, of->weights_at, net->precision),
        .bias = of->has_bias ? at_const(net->parameters, of->bias_at, net->precision) : NULL,
    };
}

_Static_assert((int)DSC_IDENTITY == (int)DSC_KERNEL_IDENTITY &&
                   (int)DSC_RELU == (int)DSC_KERNEL_RELU &&
                   (int)DSC_SIGMOID == (int)DSC_KERNEL_SIGMOID &&
                   (int)DSC_TANH == (int)DSC_KERNEL_TANH,
               "dense_of converts one enum into the other");

/* What enters layer l: the batch, or the output of the layer before. */
static const void *input_of(const dsc_workspace *ws, size_t l) {
    return l == 0 ? ws->x : slot_of(ws, l - 1, INTERMEDIATE_A)->value;
}

static dsc_status check_pair(const dsc_network *net, const dsc_workspace *ws, dsc_error *err) {
    if (ws->net != net) {
        return dsc_fail(err, DSC_E_STATE, "workspace", "was created for another network");
    }
    return DSC_OK;
}

dsc_status dsc_network_forward(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                               dsc_error *err) {
    dsc_status status = check_pair(net, ws, err);
    if (status != DSC_OK) {
        return status;
    }
    if (x.n_rows == 0 || x.n_rows > ws->max_batch) {
        return dsc_fail(err, DSC_E_SHAPE, "input", "has %zu samples; expected 1 to %zu", x.n_rows,
                        ws->max_batch);
    }
    status = dsc_check_shape(x, x.n_rows, dsc_network_n_in(net), net->precision, "input", err);
    if (status != DSC_OK) {
        return status;
    }
    ws->batch = x.n_rows;
    ws->x = x.data;
    ws->has_gradients = false;
    for (size_t l = 0; l < net->n_layers; l++) {
        const dsc_dense dense = dense_of(net, l);
        net->kernels->dense_forward(&dense, &(dsc_dense_pass){
                                                .batch = ws->batch,
                                                .x = input_of(ws, l),
                                                .z = slot_of(ws, l, INTERMEDIATE_Z)->value,
                                                .a = slot_of(ws, l, INTERMEDIATE_A)->value,
                                            });
    }
    return DSC_OK;
}

static dsc_status check_after_forward(const dsc_network *net, const dsc_workspace *ws, dsc_matrix m,
                                      const char *what, dsc_error *err) {
    dsc_status status = check_pair(net, ws, err);
    if (status != DSC_OK) {
        return status;
    }
    if (ws->batch == 0) {
        return dsc_fail(err, DSC_E_STATE, "workspace", "holds no forward pass yet");
    }
    return dsc_check_shape(m, ws->batch, dsc_network_n_out(net), net->precision, what, err);
}

/* n_layers: the outputs of all layers are finite. */
static size_t first_nonfinite_layer(const dsc_network *net, const dsc_workspace *ws) {
    size_t l = 0;
    while (l < net->n_layers && net->kernels->all_finite(slot_of(ws, l, INTERMEDIATE_A)->value,
                                                         ws->batch * net->layers[l].n_out)) {
        l++;
    }
    return l;
}

static dsc_status fail_nonfinite(const dsc_network *net, const dsc_workspace *ws, double loss,
                                 dsc_error *err) {
    const size_t l = first_nonfinite_layer(net, ws);
    if (l == net->n_layers) {
        return dsc_fail(err, DSC_E_NONFINITE, "loss", "is %g", loss);
    }
    char where[48];
    snprintf(where, sizeof where, "layer %zu", l + 1);
    return dsc_fail(err, DSC_E_NONFINITE, where, "has an output that is infinite or not a number");
}

/* docs/math.md (3), (4) */
dsc_status dsc_network_loss_value(const dsc_network *net, const dsc_workspace *ws,
                                  dsc_matrix target, double *loss, dsc_error *err) {
    dsc_status status = check_after_forward(net, ws, target, "target", err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = ws->batch * dsc_network_n_out(net);
    const double sum =
        net->kernels->sum_of_squared_errors(dsc_workspace_output(ws).data, target.data, n);
    const double value = net->loss == DSC_HALF_SUM_OF_SQUARES ? sum / 2 : sum / (double)n;
    if (!isfinite(value)) {
        return fail_nonfinite(net, ws, value, err);
    }
    *loss = value;
    return DSC_OK;
}

/* From the gradient at the last layer's A, which the caller filled in, back to the input:
 * docs/math.md (6) to (9). */
static void propagate_back(const dsc_network *net, dsc_workspace *ws) {
    for (size_t l = net->n_layers; l-- > 0;) {
        const layer *of = &net->layers[l];
        const dsc_dense dense = dense_of(net, l);
        net->kernels->dense_backward(
            &dense,
            &(dsc_dense_pass){
                .batch = ws->batch,
                .x = input_of(ws, l),
                .z = slot_of(ws, l, INTERMEDIATE_Z)->value,
                .a = slot_of(ws, l, INTERMEDIATE_A)->value,
                .d_a = slot_of(ws, l, INTERMEDIATE_A)->gradient,
                .d_z = slot_of(ws, l, INTERMEDIATE_Z)->gradient,
                .d_weights = at(ws->gradients, of->weights_at, net->precision),
                .d_bias = of->has_bias ? at(ws->gradients, of->bias_at, net->precision) : NULL,
                .d_x = l == 0 ? ws->d_input : slot_of(ws, l - 1, INTERMEDIATE_A)->gradient,
                .scratch = ws->scratch,
            });
    }
    ws->has_gradients = true;
}

dsc_status dsc_network_backward(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                double *loss, dsc_error *err) {
    double value;
    dsc_status status = dsc_network_loss_value(net, ws, target, &value, err);
    if (status != DSC_OK) {
        return status;
    }
    if (loss != NULL) {
        *loss = value;
    }
    const size_t n = ws->batch * dsc_network_n_out(net);
    const double scale = net->loss == DSC_HALF_SUM_OF_SQUARES ? 1.0 : 2.0 / (double)n;
    void *d_output = slot_of(ws, net->n_layers - 1, INTERMEDIATE_A)->gradient;
    net->kernels->scaled_difference(d_output, dsc_workspace_output(ws).data, target.data, scale, n);
    propagate_back(net, ws);
    return DSC_OK;
}

dsc_status dsc_network_backward_from(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     dsc_error *err) {
    dsc_status status = check_after_forward(net, ws, d_output, "gradient at the output", err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = ws->batch * dsc_network_n_out(net);
    if (!net->kernels->all_finite(d_output.data, n)) {
        return dsc_fail(err, DSC_E_NONFINITE, "gradient at the output",
                        "has a value that is infinite or not a number");
    }
    /* memmove: a caller may have written its gradient into the workspace's own. */
    memmove(slot_of(ws, net->n_layers - 1, INTERMEDIATE_A)->gradient, d_output.data,
            n * (size_t)net->precision);
    propagate_back(net, ws);
    return DSC_OK;
}
