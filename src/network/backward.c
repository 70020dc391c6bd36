/* The way back through a network: slopes for some samples, gradients for some inputs of a layer.
 *
 * Implements docs/math.md (6) to (9) and (32) to (33) by way of the kernels. */
#include <string.h>

#include "network/network_internal.h"
#include "network/pass_parts.h"

static void *d_normed_rows(const dsc_workspace *ws, size_t l, size_t first) {
    return gradient_rows(ws, l, ws->net->layers[l].has_norm ? DSC_NORMED : DSC_Z, first);
}

static void *scales_rows(const dsc_workspace *ws, size_t l, size_t first) {
    void *scales = ws->layer_scratch[l].scales;
    return scales != NULL ? at(scales, 2 * first, ws->net->precision) : NULL;
}

/* Goes through the dropout, then the layer. */
void dsc_pass_back_layer(const dsc_workspace *ws, size_t l, const dsc_pass_part *part) {
    const dsc_network *net = ws->net;
    const layer *of = &net->layers[l];
    dsc_dense dense = dsc_dense_of(net, l);
    const size_t first = part->first;
    void *d_x = l > 0 ? at(output_of(ws, l - 1)->gradient, first * of->n_in, net->precision) : NULL;
    if (l == 0 && ws->d_input != NULL) {
        d_x = at(ws->d_input, first * ws->n_wanted, net->precision);
        dense.weights = at_const(dense.weights, ws->first_wanted * of->n_out, net->precision);
        dense.n_in = ws->n_wanted;
    }
    if (ws->is_training && of->dropout > 0) {
        net->kernels->multiply_elements(
            gradient_rows(ws, l, DSC_A, first), gradient_rows(ws, l, DSC_DROPPED, first),
            at(ws->layer_scratch[l].mask, first * of->n_out, net->precision), part->n * of->n_out);
    }
    net->kernels->dense_backward(&dense, &(dsc_dense_pass){
                                             .batch = part->n,
                                             .z = value_rows(ws, l, DSC_Z, first),
                                             .normed = value_rows(ws, l, DSC_NORMED, first),
                                             .a = value_rows(ws, l, DSC_A, first),
                                             .scales = scales_rows(ws, l, first),
                                             .d_a = gradient_rows(ws, l, DSC_A, first),
                                             .d_normed = d_normed_rows(ws, l, first),
                                             .d_z = gradient_rows(ws, l, DSC_Z, first),
                                             .d_x = d_x,
                                             .scratch = part->scratch,
                                         });
}

void dsc_pass_back(const dsc_workspace *ws, const dsc_pass_part *part) {
    for (size_t l = ws->net->n_layers; l-- > 0;) {
        dsc_pass_back_layer(ws, l, part);
    }
}

/* The parameters of a layer behind its weights: from element *begin on. */
static size_t count_behind_weights(const dsc_network *net, size_t l, size_t *begin) {
    const layer *of = &net->layers[l];
    *begin = of->weights_at + of->n_in * of->n_out;
    return (l + 1 < net->n_layers ? net->layers[l + 1].weights_at : net->n_parameters) - *begin;
}

/* The gradients behind the weights of layer l, which a pass left in the tail: added up, and taken as
 * a step where that is the end. */
static void end_tail(dsc_workspace *ws, size_t l, const dsc_backward_end *end) {
    const dsc_network *net = ws->net;
    size_t begin;
    const size_t n = count_behind_weights(net, l, &begin);
    const void *tail = ws->layer_scratch[l].tail;
    void *sums = at(ws->gradients, begin, net->precision);
    if (end->is_first) {
        memcpy(sums, tail, n * (size_t)net->precision);
    } else {
        static const uint32_t only = 0;
        net->kernels->sum_rows(sums, &(dsc_picked_rows){tail, n, &only, 1});
    }
    if (end->stepped != NULL) {
        net->kernels->sgd_step(at(end->stepped->parameters, begin, net->precision), NULL, sums, n,
                               end->step);
    }
}

void dsc_pass_gradients(dsc_workspace *ws, size_t l, const dsc_gradient_part *part) {
    const dsc_network *net = ws->net;
    const layer *of = &net->layers[l];
    const dsc_precision precision = net->precision;
    const dsc_backward_end *end = part->end;
    const size_t first_weight = part->first_in * of->n_out;
    dsc_dense dense = dsc_dense_of(net, l);
    dense.n_in = part->n_in;
    dsc_dense_pass pass = {
        .batch = part->n,
        .x = at_const(dsc_input_rows(ws, l, part->first), part->first_in, precision),
        .x_stride = of->n_in,
        .z = value_rows(ws, l, DSC_Z, part->first),
        .scales = scales_rows(ws, l, part->first),
        .d_normed = d_normed_rows(ws, l, part->first),
        .d_z = gradient_rows(ws, l, DSC_Z, part->first),
        .d_weights = at(ws->gradients, of->weights_at + first_weight, precision),
        .is_first = end != NULL && end->is_first,
        .scratch = part->scratch,
    };
    if (end != NULL && end->stepped != NULL) {
        pass.stepped_weights =
            at(end->stepped->parameters, of->weights_at + first_weight, precision);
        pass.step = end->step;
    }
    size_t behind;
    const size_t n_behind = count_behind_weights(net, l, &behind);
    if (part->has_tail) {
        char *tail = at(ws->gradients, behind, precision);
        if (end != NULL) {
            tail = ws->layer_scratch[l].tail;
            memset(tail, 0, n_behind * (size_t)precision);
        }
        pass.d_bias = of->has_bias ? at(tail, of->bias_at - behind, precision) : NULL;
        pass.d_gain = of->has_norm ? at(tail, of->gain_at - behind, precision) : NULL;
        pass.d_shift = of->has_norm ? at(tail, of->shift_at - behind, precision) : NULL;
    }
    net->kernels->dense_gradients(&dense, &pass);
    if (part->has_tail && end != NULL) {
        end_tail(ws, l, end);
    }
}
