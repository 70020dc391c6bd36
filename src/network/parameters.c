/* The values of a network's parameters: views of them by layer, setting a layer's, drawing all.
 *
 * Where each lies in the flat array is in the layers, as network.c laid them out. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "descent/random.h"
#include "network/network_internal.h"

/* The stream of initial parameters; see dsc_random_stream. */
enum { PURPOSE_INIT = 1 };

static void set_element(const dsc_network *net, size_t index, double value) {
    set_at(net->parameters, index, net->precision, value);
}

void dsc_fill_gains(dsc_network *net) {
    for (size_t l = 0; l < net->n_layers; l++) {
        const layer *of = &net->layers[l];
        for (size_t k = 0; of->has_norm && k < of->n_out; k++) {
            set_element(net, of->gain_at + k, 1);
        }
    }
}

void *dsc_network_parameters(dsc_network *net) {
    return net->parameters;
}

const void *dsc_network_parameters_const(const dsc_network *net) {
    return net->parameters;
}

dsc_matrix dsc_network_weights(const dsc_network *net, size_t l) {
    const layer *of = &net->layers[l];
    return (dsc_matrix){at_const(net->parameters, of->weights_at, net->precision), of->n_in,
                        of->n_out, net->precision};
}

/* (1, n_out) elements of the parameters from `begin` on; without data where the layer lacks them.
 */
static dsc_matrix row_of(const dsc_network *net, const layer *of, bool is_there, size_t begin) {
    const void *data = is_there ? at_const(net->parameters, begin, net->precision) : NULL;
    return (dsc_matrix){data, 1, of->n_out, net->precision};
}

dsc_matrix dsc_network_bias(const dsc_network *net, size_t l) {
    const layer *of = &net->layers[l];
    return row_of(net, of, of->has_bias, of->bias_at);
}

dsc_matrix dsc_network_gain(const dsc_network *net, size_t l) {
    const layer *of = &net->layers[l];
    return row_of(net, of, of->has_norm, of->gain_at);
}

dsc_matrix dsc_network_shift(const dsc_network *net, size_t l) {
    const layer *of = &net->layers[l];
    return row_of(net, of, of->has_norm, of->shift_at);
}

/* Whether every element is finite, also once rounded to the network's precision. */
static dsc_status check_finite(const dsc_network *net, dsc_matrix m, const char *what,
                               dsc_error *err) {
    for (size_t row = 0; row < m.n_rows; row++) {
        for (size_t col = 0; col < m.n_cols; col++) {
            double value = dsc_matrix_at(m, row, col);
            if (!isfinite(net->precision == DSC_FLOAT32 ? (double)(float)value : value)) {
                return dsc_fail(err, DSC_E_NONFINITE, what, "element (%zu, %zu) is %g", row + 1,
                                col + 1, value);
            }
        }
    }
    return DSC_OK;
}

/* A row of parameters that the layer must have, finite. */
static dsc_status check_row(const dsc_network *net, const layer *to, dsc_matrix row,
                            const char *what, dsc_error *err) {
    dsc_status status = dsc_check_shape(row, 1, to->n_out, row.precision, what, err);
    return status == DSC_OK ? check_finite(net, row, what, err) : status;
}

dsc_status dsc_network_set_layer(dsc_network *net, size_t l, dsc_matrix weights, dsc_matrix bias,
                                 dsc_error *err) {
    if (l >= net->n_layers) {
        return dsc_fail(err, DSC_E_SHAPE, "layer", "%zu does not exist; the network has %zu", l + 1,
                        net->n_layers);
    }
    const layer *to = &net->layers[l];
    char what[64];
    snprintf(what, sizeof what, "weights of layer %zu", l + 1);
    dsc_status status = dsc_check_shape(weights, to->n_in, to->n_out, weights.precision, what, err);
    if (status == DSC_OK) {
        status = check_finite(net, weights, what, err);
    }
    if (status == DSC_OK && bias.data != NULL) {
        snprintf(what, sizeof what, "bias of layer %zu", l + 1);
        if (!to->has_bias) {
            return dsc_fail(err, DSC_E_SHAPE, what, "was given, but the layer has none");
        }
        status = check_row(net, to, bias, what, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    for (size_t i = 0; i < to->n_in * to->n_out; i++) {
        set_element(net, to->weights_at + i, dsc_matrix_at(weights, 0, i));
    }
    for (size_t i = 0; bias.data != NULL && i < to->n_out; i++) {
        set_element(net, to->bias_at + i, dsc_matrix_at(bias, 0, i));
    }
    return DSC_OK;
}

dsc_status dsc_network_set_norm(dsc_network *net, size_t l, dsc_matrix gain, dsc_matrix shift,
                                dsc_error *err) {
    char what[64];
    snprintf(what, sizeof what, "normalisation of layer %zu", l + 1);
    if (l >= net->n_layers || !net->layers[l].has_norm) {
        return dsc_fail(err, DSC_E_SHAPE, what, "was given, but the network has none there");
    }
    const layer *to = &net->layers[l];
    dsc_status status = check_row(net, to, gain, what, err);
    if (status == DSC_OK) {
        status = check_row(net, to, shift, what, err);
    }
    for (size_t k = 0; status == DSC_OK && k < to->n_out; k++) {
        set_element(net, to->gain_at + k, dsc_matrix_at(gain, 0, k));
        set_element(net, to->shift_at + k, dsc_matrix_at(shift, 0, k));
    }
    return status;
}

void dsc_network_init(dsc_network *net, dsc_init init, uint64_t seed) {
    memset(net->parameters, 0, net->n_parameters * (size_t)net->precision);
    dsc_fill_gains(net);
    for (size_t l = 0; l < net->n_layers && init != DSC_INIT_ZERO; l++) {
        const layer *of = &net->layers[l];
        dsc_random random = dsc_random_stream(seed, PURPOSE_INIT, l);
        const double limit = sqrt(6.0 / ((double)of->n_in + (double)of->n_out));
        const double deviation = sqrt(2.0 / (double)of->n_in);
        for (size_t i = 0; i < of->n_in * of->n_out; i++) {
            double value = init == DSC_INIT_GLOROT ? limit * (2 * dsc_random_uniform(&random) - 1)
                                                   : deviation * dsc_random_normal(&random);
            set_element(net, of->weights_at + i, value);
        }
    }
}
