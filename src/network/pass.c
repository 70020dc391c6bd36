/* Forward pass, loss and backpropagation: the order of the work; the arithmetic is in src/math.
 *
 * Implements docs/math.md (1) to (9) and (31) to (35) by way of the kernels. A failed call leaves
 * the parameter gradients as they were. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "descent/random.h"
#include "network/network_internal.h"
#include "network/pass_into.h"

/* The stream of dropout; see dsc_random_stream. */
enum { PURPOSE_DROPOUT = 6 };

/* The layer as the kernels see it. */
static dsc_dense dense_of(const dsc_network *net, size_t l) {
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

/* What enters layer l: the batch, or the output of the layer before. */
static const void *input_of(const dsc_workspace *ws, size_t l) {
    return l == 0 ? ws->x : output_of(ws, l - 1)->value;
}

static dsc_status check_pair(const dsc_network *net, const dsc_workspace *ws, dsc_error *err) {
    if (ws->net != net) {
        return dsc_fail(err, DSC_E_STATE, "workspace", "was created for another network");
    }
    return DSC_OK;
}

/* Fills the mask of every layer with dropout. Each sample has a stream of its own, so that the draw
 * does not depend on how a minibatch is cut. docs/math.md (33) */
static void draw_masks(const dsc_network *net, dsc_workspace *ws, const dsc_dropout_draw *draw) {
    for (size_t s = 0; s < ws->batch; s++) {
        const uint64_t index = (uint64_t)draw->step << 32 | (uint32_t)(draw->first_sample + s);
        dsc_random random = dsc_random_stream(draw->seed, PURPOSE_DROPOUT, index);
        for (size_t l = 0; l < net->n_layers; l++) {
            const layer *of = &net->layers[l];
            const double kept = 1 / (1 - of->dropout);
            for (size_t k = 0; of->dropout > 0 && k < of->n_out; k++) {
                const double factor = dsc_random_uniform(&random) < of->dropout ? 0 : kept;
                void *element = at(ws->layer_scratch[l].mask, s * of->n_out + k, net->precision);
                if (net->precision == DSC_FLOAT32) {
                    *(float *)element = (float)factor;
                } else {
                    *(double *)element = factor;
                }
            }
        }
    }
}

static void forward_layer(const dsc_network *net, dsc_workspace *ws, size_t l) {
    const layer *of = &net->layers[l];
    const dsc_dense dense = dense_of(net, l);
    net->kernels->dense_forward(&dense, &(dsc_dense_pass){
                                            .batch = ws->batch,
                                            .x = input_of(ws, l),
                                            .z = slot_of(ws, l, DSC_Z)->value,
                                            .normed = slot_of(ws, l, DSC_NORMED)->value,
                                            .a = slot_of(ws, l, DSC_A)->value,
                                            .scales = ws->layer_scratch[l].scales,
                                        });
    if (ws->is_training && of->dropout > 0) {
        net->kernels->multiply_elements(slot_of(ws, l, DSC_DROPPED)->value,
                                        slot_of(ws, l, DSC_A)->value, ws->layer_scratch[l].mask,
                                        ws->batch * of->n_out);
    }
}

/* `draw` NULL: no dropout. */
static dsc_status forward(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                          const dsc_dropout_draw *draw, dsc_error *err) {
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
    ws->is_training = draw != NULL && net->has_dropout;
    ws->has_gradients = false;
    if (ws->is_training) {
        draw_masks(net, ws, draw);
    }
    for (size_t l = 0; l < net->n_layers; l++) {
        forward_layer(net, ws, l);
    }
    return DSC_OK;
}

dsc_status dsc_network_forward(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                               dsc_error *err) {
    return forward(net, ws, x, NULL, err);
}

dsc_status dsc_network_forward_training(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                                        const dsc_dropout_draw *draw, dsc_error *err) {
    return forward(net, ws, x, draw, err);
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
    while (l < net->n_layers && net->kernels->all_finite(slot_of(ws, l, DSC_A)->value,
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

/* What the last forward pass adds to the loss over n_samples; its gradient goes to d_output unless
 * that is NULL. */
static dsc_status compute_loss(const dsc_network *net, const dsc_workspace *ws, dsc_matrix target,
                               size_t n_samples, void *d_output, double *loss, dsc_error *err) {
    dsc_status status = check_after_forward(net, ws, target, "target", err);
    if (status != DSC_OK) {
        return status;
    }
    const double value = net->kernels->loss(&(dsc_loss_pass){
        .loss = (dsc_kernel_loss)net->loss,
        .batch = ws->batch,
        .n_samples = n_samples,
        .n_out = dsc_network_n_out(net),
        .a = dsc_workspace_output(ws).data,
        .y = target.data,
        .class_weights = net->class_weights,
        .huber_delta = net->huber_delta,
        .d_a = d_output,
    });
    if (!isfinite(value)) {
        return fail_nonfinite(net, ws, value, err);
    }
    *loss = value;
    return DSC_OK;
}

dsc_status dsc_network_loss_value(const dsc_network *net, const dsc_workspace *ws,
                                  dsc_matrix target, double *loss, dsc_error *err) {
    return compute_loss(net, ws, target, ws->batch, NULL, loss, err);
}

/* The parameters of a layer behind its weights: from element *begin on. */
static size_t count_behind_weights(const dsc_network *net, size_t l, size_t *begin) {
    const layer *of = &net->layers[l];
    *begin = of->weights_at + of->n_in * of->n_out;
    return (l + 1 < net->n_layers ? net->layers[l + 1].weights_at : net->n_parameters) - *begin;
}

/* The gradients behind the weights of layer l, which a pass left in the tail: added up, and taken as
 * a step where that is the end. */
static void end_tail(const dsc_network *net, dsc_workspace *ws, size_t l,
                     const dsc_backward_end *end) {
    size_t begin;
    const size_t n = count_behind_weights(net, l, &begin);
    void *sums = at(ws->gradients, begin, net->precision);
    if (end->is_first) {
        memcpy(sums, ws->tail, n * (size_t)net->precision);
    } else {
        static const uint32_t only = 0;
        net->kernels->sum_rows(sums, &(dsc_picked_rows){ws->tail, n, &only, 1});
    }
    if (end->stepped != NULL) {
        net->kernels->sgd_step(at(end->stepped->parameters, begin, net->precision), NULL, sums, n,
                               end->step);
    }
}

/* The gradient at what leaves layer l is in its slot: goes through the dropout, then the layer. */
static void backward_layer(const dsc_network *net, dsc_workspace *ws, size_t l,
                           const dsc_backward_end *end) {
    const layer *of = &net->layers[l];
    const dsc_dense dense = dense_of(net, l);
    const dsc_precision precision = net->precision;
    size_t behind;
    const size_t n_behind = count_behind_weights(net, l, &behind);
    char *tail = end != NULL ? ws->tail : at(ws->gradients, behind, precision);
    if (end != NULL) {
        memset(tail, 0, n_behind * (size_t)precision);
    }
    if (ws->is_training && of->dropout > 0) {
        net->kernels->multiply_elements(slot_of(ws, l, DSC_A)->gradient,
                                        slot_of(ws, l, DSC_DROPPED)->gradient,
                                        ws->layer_scratch[l].mask, ws->batch * of->n_out);
    }
    net->kernels->dense_backward(
        &dense, &(dsc_dense_pass){
                    .batch = ws->batch,
                    .x = input_of(ws, l),
                    .z = slot_of(ws, l, DSC_Z)->value,
                    .normed = slot_of(ws, l, DSC_NORMED)->value,
                    .a = slot_of(ws, l, DSC_A)->value,
                    .scales = ws->layer_scratch[l].scales,
                    .d_a = slot_of(ws, l, DSC_A)->gradient,
                    .d_normed = slot_of(ws, l, of->has_norm ? DSC_NORMED : DSC_Z)->gradient,
                    .d_z = slot_of(ws, l, DSC_Z)->gradient,
                    .d_weights = at(ws->gradients, of->weights_at, precision),
                    .is_first = end != NULL && end->is_first,
                    .stepped_weights = end != NULL && end->stepped != NULL
                                           ? at(end->stepped->parameters, of->weights_at, precision)
                                           : NULL,
                    .step = end != NULL ? end->step : NULL,
                    .d_bias = of->has_bias ? at(tail, of->bias_at - behind, precision) : NULL,
                    .d_gain = at(tail, of->gain_at - behind, precision),
                    .d_shift = at(tail, of->shift_at - behind, precision),
                    .d_x = l == 0 ? ws->d_input : output_of(ws, l - 1)->gradient,
                    .scratch = ws->scratch,
                });
    if (end != NULL) {
        end_tail(net, ws, l, end);
    }
}

/* Of the gradient at the output, n elements. */
static dsc_status check_finite(const dsc_network *net, const void *d_output, size_t n,
                               dsc_error *err) {
    if (!net->kernels->all_finite(d_output, n)) {
        return dsc_fail(err, DSC_E_NONFINITE, "gradient at the output",
                        "has a value that is infinite or not a number");
    }
    return DSC_OK;
}

/* From the gradient at the last layer's A, which the caller filled in, back to the input. */
static void propagate_back(const dsc_network *net, dsc_workspace *ws, const dsc_backward_end *end) {
    for (size_t l = net->n_layers; l-- > 0;) {
        backward_layer(net, ws, l, end);
    }
    ws->has_gradients = true;
}

dsc_status dsc_network_backward(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                double *loss, dsc_error *err) {
    return dsc_network_backward_part(net, ws, target, ws->batch, loss, err);
}

dsc_status dsc_network_backward_part(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                     size_t n_samples, double *loss, dsc_error *err) {
    return dsc_network_backward_to(net, ws, target, n_samples, NULL, loss, err);
}

dsc_status dsc_network_backward_to(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                   size_t n_samples, const dsc_backward_end *end, double *loss,
                                   dsc_error *err) {
    double value;
    void *d_output = slot_of(ws, net->n_layers - 1, DSC_A)->gradient;
    dsc_status status = compute_loss(net, ws, target, n_samples, d_output, &value, err);
    if (status == DSC_OK) {
        /* the loss is in double: its slope in single precision may be infinite where it is not */
        status = check_finite(net, d_output, ws->batch * dsc_network_n_out(net), err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (loss != NULL) {
        *loss = value;
    }
    propagate_back(net, ws, end);
    return DSC_OK;
}

dsc_status dsc_network_backward_from(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     dsc_error *err) {
    dsc_status status = check_after_forward(net, ws, d_output, "gradient at the output", err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = ws->batch * dsc_network_n_out(net);
    status = check_finite(net, d_output.data, n, err);
    if (status != DSC_OK) {
        return status;
    }
    /* memmove: a caller may have written its gradient into the workspace's own. */
    memmove(slot_of(ws, net->n_layers - 1, DSC_A)->gradient, d_output.data,
            n * (size_t)net->precision);
    propagate_back(net, ws, NULL);
    return DSC_OK;
}

dsc_status dsc_network_backward_into(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     const dsc_gradient_places *into, dsc_error *err) {
    void *const gradients = ws->gradients, *const d_input = ws->d_input;
    ws->gradients = into->parameters;
    ws->d_input = into->input;
    dsc_status status = dsc_network_backward_from(net, ws, d_output, err);
    ws->gradients = gradients;
    ws->d_input = d_input;
    return status;
}

double dsc_network_add_penalty(const dsc_network *net, dsc_workspace *ws, double l1, double l2) {
    double sum = 0;
    for (size_t l = 0; l < net->n_layers; l++) {
        const layer *of = &net->layers[l];
        sum += net->kernels->add_penalty(at(ws->gradients, of->weights_at, net->precision),
                                         at_const(net->parameters, of->weights_at, net->precision),
                                         l1, l2, of->n_in * of->n_out);
    }
    return sum;
}

double dsc_workspace_clip_gradients(dsc_workspace *ws, double max_norm) {
    const dsc_network *net = ws->net;
    const double norm = sqrt(net->kernels->sum_of_squares(ws->gradients, net->n_parameters));
    if (norm > max_norm) {
        net->kernels->scale(ws->gradients, max_norm / norm, net->n_parameters);
    }
    return norm;
}
