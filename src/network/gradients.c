/* Gradients of a whole batch: backpropagation from a loss or from a gradient at the output, what a penalty
 * adds, and how long they may be. The way back itself is in backward.c.
 *
 * Implements docs/math.md (6) to (9), (34) and (35) by way of the kernels. A failed call leaves the
 * parameter gradients as they were. */
#include <math.h>
#include <string.h>

#include "network/network_internal.h"
#include "network/pass_into.h"
#include "network/pass_parts.h"

/* From the gradient at the last layer's A, which the caller filled in, back to the input, and to the parameters
 * where they are wanted. */
static void propagate_back(dsc_workspace *ws) {
    dsc_pass_back(ws, &(dsc_pass_part){.n = ws->batch, .scratch = ws->scratch});
    for (size_t l = 0; l < ws->net->n_layers && ws->gradients != NULL; l++) {
        dsc_pass_gradients(ws, l,
                           &(dsc_gradient_part){.n = ws->batch,
                                                .n_in = ws->net->layers[l].n_in,
                                                .has_tail = true,
                                                .scratch = ws->scratch});
    }
    ws->has_gradients = true;
}

dsc_status dsc_network_backward(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                double *loss, dsc_error *err) {
    return dsc_network_backward_part(net, ws, target, ws->batch, loss, err);
}

dsc_status dsc_network_backward_part(const dsc_network *net, dsc_workspace *ws, dsc_matrix target,
                                     size_t n_samples, double *loss, dsc_error *err) {
    double value;
    dsc_status status = dsc_check_after_forward(net, ws, target, "target", err);
    if (status == DSC_OK) {
        status = dsc_pass_loss(
            ws, &(dsc_pass_part){.n = ws->batch},
            &(dsc_pass_target){.y = target.data, .n_samples = n_samples, .wants_gradient = true},
            &value, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (loss != NULL) {
        *loss = value;
    }
    propagate_back(ws);
    return DSC_OK;
}

dsc_status dsc_network_backward_from(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     dsc_error *err) {
    dsc_status status = dsc_check_after_forward(net, ws, d_output, "gradient at the output", err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = ws->batch * dsc_network_n_out(net);
    status = dsc_check_gradient(net, d_output.data, n, err);
    if (status != DSC_OK) {
        return status;
    }
    /* memmove: a caller may have written its gradient into the workspace's own. */
    memmove(slot_of(ws, net->n_layers - 1, DSC_A)->gradient, d_output.data,
            n * (size_t)net->precision);
    propagate_back(ws);
    return DSC_OK;
}

dsc_status dsc_network_backward_into(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     const dsc_gradient_places *into, dsc_error *err) {
    void *const gradients = ws->gradients, *const d_input = ws->d_input;
    ws->gradients = into->parameters;
    ws->d_input = into->input;
    ws->first_wanted = into->first_wanted;
    ws->n_wanted =
        into->n_wanted > 0 ? into->n_wanted : dsc_network_n_in(ws->net) - into->first_wanted;
    dsc_status status = dsc_network_backward_from(net, ws, d_output, err);
    ws->gradients = gradients;
    ws->d_input = d_input;
    ws->first_wanted = 0;
    ws->n_wanted = dsc_network_n_in(ws->net);
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
