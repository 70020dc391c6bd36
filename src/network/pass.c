/* Forward pass and loss of a whole batch: the order of the work and what is checked before it; the
 * arithmetic is in src/math, the gradients in gradients.c.
 *
 * Implements docs/math.md (1) to (5) and (31) to (33) by way of the kernels. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "descent/random.h"
#include "network/network_internal.h"
#include "network/pass_parts.h"

/* The stream of dropout; see dsc_random_stream. */
enum { PURPOSE_DROPOUT = 6 };

/* The layer as the kernels see it. */
dsc_dense dsc_dense_of(const dsc_network *net, size_t l) {
    const layer *of = &net->layers[l];
    return (dsc_dense){
        .n_in = of->n_in,
        .n_out = of->n_out,
        .activation = (dsc_kernel_activation)of->activation,
        .weights = at_const(net->parameters, of->weights_at, net->precision),
        .bias = of->has_bias ? at_const(net->parameters, of->bias_at, net->precision) : NULL,
        .gain = of->has_norm ? at_const(net->parameters, of->gain_at, net->precision) : NULL,
        .shift = of->has_norm ? at_const(net->parameters, of->shift_at, net->precision) : NULL,
    };
}

_Static_assert(
    (int)DSC_IDENTITY == (int)DSC_KERNEL_IDENTITY && (int)DSC_RELU == (int)DSC_KERNEL_RELU &&
        (int)DSC_SIGMOID == (int)DSC_KERNEL_SIGMOID && (int)DSC_TANH == (int)DSC_KERNEL_TANH &&
        (int)DSC_LEAKY_RELU == (int)DSC_KERNEL_LEAKY_RELU && (int)DSC_ELU == (int)DSC_KERNEL_ELU &&
        (int)DSC_SOFTPLUS == (int)DSC_KERNEL_SOFTPLUS && (int)DSC_GELU == (int)DSC_KERNEL_GELU &&
        (int)DSC_SWISH == (int)DSC_KERNEL_SWISH && (int)DSC_SOFTMAX == (int)DSC_KERNEL_SOFTMAX,
    "dense_of converts one enum into the other");
_Static_assert((int)DSC_HALF_SUM_OF_SQUARES == (int)DSC_KERNEL_HALF_SUM_OF_SQUARES &&
                   (int)DSC_MEAN_SQUARED_ERROR == (int)DSC_KERNEL_MEAN_SQUARED_ERROR &&
                   (int)DSC_MEAN_ABSOLUTE_ERROR == (int)DSC_KERNEL_MEAN_ABSOLUTE_ERROR &&
                   (int)DSC_HUBER == (int)DSC_KERNEL_HUBER &&
                   (int)DSC_BINARY_CROSS_ENTROPY == (int)DSC_KERNEL_BINARY_CROSS_ENTROPY &&
                   (int)DSC_CROSS_ENTROPY == (int)DSC_KERNEL_CROSS_ENTROPY &&
                   (int)DSC_HINGE == (int)DSC_KERNEL_HINGE,
               "compute_loss converts one enum into the other");

dsc_status dsc_check_pair(const dsc_network *net, const dsc_workspace *ws, dsc_error *err) {
    if (ws->net != net) {
        return dsc_fail(err, DSC_E_STATE, "workspace", "was created for another network");
    }
    return DSC_OK;
}

/* Fills the mask of every layer with dropout. Each sample has a stream of its own, so that the draw
 * does not depend on how a minibatch is cut. docs/math.md (33) */
static void draw_masks(const dsc_workspace *ws, const dsc_pass_part *part) {
    const dsc_network *net = ws->net;
    for (size_t s = part->first; s < part->first + part->n; s++) {
        const uint64_t index =
            (uint64_t)ws->draw.step << 32 | (uint32_t)(ws->draw.first_sample + s);
        dsc_random random = dsc_random_stream(ws->draw.seed, PURPOSE_DROPOUT, index);
        for (size_t l = 0; l < net->n_layers; l++) {
            const layer *of = &net->layers[l];
            const double kept = 1 / (1 - of->dropout);
            for (size_t k = 0; of->dropout > 0 && k < of->n_out; k++) {
                const double factor = dsc_random_uniform(&random) < of->dropout ? 0 : kept;
                set_at(ws->layer_scratch[l].mask, s * of->n_out + k, net->precision, factor);
            }
        }
    }
}

void dsc_pass_forward_layer(const dsc_workspace *ws, size_t l, const dsc_pass_part *part) {
    const dsc_network *net = ws->net;
    const layer *of = &net->layers[l];
    const dsc_dense dense = dsc_dense_of(net, l);
    net->kernels->dense_forward(
        &dense, &(dsc_dense_pass){
                    .batch = part->n,
                    .x = dsc_input_rows(ws, l, part->first),
                    .z = value_rows(ws, l, DSC_Z, part->first),
                    .normed = value_rows(ws, l, DSC_NORMED, part->first),
                    .a = value_rows(ws, l, DSC_A, part->first),
                    .scales = of->has_norm
                                  ? at(ws->layer_scratch[l].scales, 2 * part->first, net->precision)
                                  : NULL,
                });
    if (ws->is_training && of->dropout > 0) {
        net->kernels->multiply_elements(
            value_rows(ws, l, DSC_DROPPED, part->first), value_rows(ws, l, DSC_A, part->first),
            at(ws->layer_scratch[l].mask, part->first * of->n_out, net->precision),
            part->n * of->n_out);
    }
}

void dsc_pass_forward(const dsc_workspace *ws, const dsc_pass_part *part) {
    if (ws->is_training) {
        draw_masks(ws, part);
    }
    for (size_t l = 0; l < ws->net->n_layers; l++) {
        dsc_pass_forward_layer(ws, l, part);
    }
}

dsc_status dsc_pass_begin(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                          const dsc_dropout_draw *draw, dsc_error *err) {
    dsc_status status = dsc_check_pair(net, ws, err);
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
    ws->is_training = draw != NULL && net->has_dropout;
    ws->draw = draw != NULL ? *draw : (dsc_dropout_draw){0};
    ws->has_gradients = false;
    return DSC_OK;
}

/* `draw` NULL: no dropout. */
static dsc_status forward(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                          const dsc_dropout_draw *draw, dsc_error *err) {
    dsc_status status = dsc_pass_begin(net, ws, x, draw, err);
    if (status == DSC_OK) {
        dsc_pass_forward(ws, &(dsc_pass_part){.n = ws->batch});
    }
    return status;
}

dsc_status dsc_network_forward(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                               dsc_error *err) {
    return forward(net, ws, x, NULL, err);
}

dsc_status dsc_network_forward_training(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                                        const dsc_dropout_draw *draw, dsc_error *err) {
    return forward(net, ws, x, draw, err);
}

dsc_status dsc_check_after_forward(const dsc_network *net, const dsc_workspace *ws, dsc_matrix m,
                                   const char *what, dsc_error *err) {
    dsc_status status = dsc_check_pair(net, ws, err);
    if (status != DSC_OK) {
        return status;
    }
    if (ws->batch == 0) {
        return dsc_fail(err, DSC_E_STATE, "workspace", "holds no forward pass yet");
    }
    return dsc_check_shape(m, ws->batch, dsc_network_n_out(net), net->precision, what, err);
}

/* n_layers: the outputs of all layers are finite. */
static size_t first_nonfinite_layer(const dsc_workspace *ws, const dsc_pass_part *part) {
    const dsc_network *net = ws->net;
    size_t l = 0;
    while (l < net->n_layers && net->kernels->all_finite(value_rows(ws, l, DSC_A, part->first),
                                                         part->n * net->layers[l].n_out)) {
        l++;
    }
    return l;
}

static dsc_status fail_nonfinite(const dsc_workspace *ws, const dsc_pass_part *part, double loss,
                                 dsc_error *err) {
    const size_t l = first_nonfinite_layer(ws, part);
    if (l == ws->net->n_layers) {
        return dsc_fail(err, DSC_E_NONFINITE, "loss", "is %g", loss);
    }
    char where[48];
    snprintf(where, sizeof where, "layer %zu", l + 1);
    return dsc_fail(err, DSC_E_NONFINITE, where, "has an output that is infinite or not a number");
}

dsc_status dsc_check_gradient(const dsc_network *net, const void *d_output, size_t n,
                              dsc_error *err) {
    if (!net->kernels->all_finite(d_output, n)) {
        return dsc_fail(err, DSC_E_NONFINITE, "gradient at the output",
                        "has a value that is infinite or not a number");
    }
    return DSC_OK;
}

dsc_status dsc_pass_loss(const dsc_workspace *ws, const dsc_pass_part *part,
                         const dsc_pass_target *target, double *loss, dsc_error *err) {
    const dsc_network *net = ws->net;
    const size_t last = net->n_layers - 1, n_out = dsc_network_n_out(net);
    void *d_output = target->wants_gradient ? gradient_rows(ws, last, DSC_A, part->first) : NULL;
    const double value = net->kernels->loss(&(dsc_loss_pass){
        .loss = (dsc_kernel_loss)net->loss,
        .batch = part->n,
        .n_samples = target->n_samples,
        .n_out = n_out,
        .a = value_rows(ws, last, DSC_A, part->first),
        .y = at_const(target->y, part->first * n_out, net->precision),
        .class_weights = net->class_weights,
        .huber_delta = net->huber_delta,
        .d_a = d_output,
    });
    if (!isfinite(value)) {
        return fail_nonfinite(ws, part, value, err);
    }
    *loss = value;
    /* the loss is in double: its slope in single precision may be infinite where it is not */
    return d_output == NULL ? DSC_OK : dsc_check_gradient(net, d_output, part->n * n_out, err);
}

dsc_status dsc_network_loss_value(const dsc_network *net, const dsc_workspace *ws,
                                  dsc_matrix target, double *loss, dsc_error *err) {
    dsc_status status = dsc_check_after_forward(net, ws, target, "target", err);
    if (status == DSC_OK) {
        status =
            dsc_pass_loss(ws, &(dsc_pass_part){.n = ws->batch},
                          &(dsc_pass_target){.y = target.data, .n_samples = ws->batch}, loss, err);
    }
    return status;
}
