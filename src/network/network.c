/* A network's shape: creating, copying, telling what it was created with. Its parameters' values are the
 * concern of parameters.c.
 *
 * One block holds the struct, the layers and the flat parameter array. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/network_internal.h"

dsc_status dsc_check_shape(dsc_matrix m, size_t n_rows, size_t n_cols, dsc_precision precision,
                           const char *what, dsc_error *err) {
    if (m.data == NULL) {
        return dsc_fail(err, DSC_E_SHAPE, what, "there is no matrix; expected %zu x %zu", n_rows,
                        n_cols);
    }
    if (m.n_rows != n_rows || m.n_cols != n_cols) {
        return dsc_fail(err, DSC_E_SHAPE, what, "is %zu x %zu; expected %zu x %zu", m.n_rows,
                        m.n_cols, n_rows, n_cols);
    }
    const bool is_known = m.precision == DSC_FLOAT32 || m.precision == DSC_FLOAT64;
    if (m.precision != precision || !is_known) {
        return dsc_fail(err, DSC_E_SHAPE, what, "has elements of %d bytes; expected %d",
                        (int)m.precision, (int)precision);
    }
    return DSC_OK;
}

/* Elements of all parameters; false when they do not fit size_t. */
static bool count_parameters(const dsc_network_config *config, size_t *out) {
    size_t total = 0;
    size_t n_in = config->n_in;
    for (size_t l = 0; l < config->n_layers; l++) {
        size_t n_out = config->layers[l].n_out;
        size_t n_rows =
            (config->layers[l].has_bias ? 1U : 0U) + (config->layers[l].has_norm ? 2U : 0U);
        size_t n_weights;
        if (__builtin_add_overflow(n_in, n_rows, &n_rows) ||
            __builtin_mul_overflow(n_rows, n_out, &n_weights) ||
            __builtin_add_overflow(total, n_weights, &total)) {
            return false;
        }
        n_in = n_out;
    }
    *out = total;
    return true;
}

static size_t align(size_t n_bytes) {
    return (n_bytes + DSC_ALIGNMENT - 1) / DSC_ALIGNMENT * DSC_ALIGNMENT;
}

/* One block: struct, parameters, layers, class weights. NULL: no memory. */
static dsc_network *allocate(const dsc_network_config *config) {
    const bool has_weights = config->class_weights != NULL;
    const size_t n_classes = has_weights ? config->layers[config->n_layers - 1].n_out : 0;
    size_t n_parameters, parameter_bytes, layer_bytes, class_bytes, total;
    if (!count_parameters(config, &n_parameters) ||
        __builtin_mul_overflow(n_parameters, (size_t)config->precision, &parameter_bytes) ||
        parameter_bytes > SIZE_MAX / 4 ||
        __builtin_mul_overflow(config->n_layers, sizeof(layer), &layer_bytes) ||
        __builtin_mul_overflow(n_classes, sizeof(double), &class_bytes) ||
        layer_bytes > SIZE_MAX / 4 || class_bytes > SIZE_MAX / 4 ||
        __builtin_add_overflow(align(layer_bytes) + class_bytes,
                               align(sizeof(dsc_network)) + align(parameter_bytes), &total)) {
        return NULL;
    }
    dsc_network *net = dsc_alloc(1, total);
    if (net == NULL) {
        return NULL;
    }
    net->n_parameters = n_parameters;
    net->parameters = (char *)net + align(sizeof(dsc_network));
    net->layers = (layer *)(void *)((char *)net->parameters + align(parameter_bytes));
    if (has_weights) {
        net->class_weights = (double *)(void *)((char *)net->layers + align(layer_bytes));
        memcpy(net->class_weights, config->class_weights, class_bytes);
    }
    return net;
}

dsc_status dsc_network_create(dsc_network **out, const dsc_network_config *config, dsc_error *err) {
    *out = NULL;
    dsc_status status = dsc_network_config_check(config, err);
    const dsc_kernels *kernels = NULL;
    if (status == DSC_OK) {
        status = dsc_kernels_choose(&kernels, config->precision, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_network *net = allocate(config);
    if (net == NULL) {
        return dsc_fail_memory(err, "a network");
    }
    net->kernels = kernels;
    net->precision = config->precision;
    net->loss = config->loss;
    net->huber_delta = config->huber_delta > 0 ? config->huber_delta : 1;
    net->n_layers = config->n_layers;
    size_t offset = 0;
    size_t n_in = config->n_in;
    for (size_t l = 0; l < config->n_layers; l++) {
        const dsc_layer_config *from = &config->layers[l];
        layer *to = &net->layers[l];
        to->n_in = n_in;
        to->n_out = from->n_out;
        to->activation = from->activation;
        to->has_bias = from->has_bias;
        to->has_norm = from->has_norm;
        to->dropout = from->dropout;
        net->has_dropout = net->has_dropout || from->dropout > 0;
        to->weights_at = offset;
        to->bias_at = offset + n_in * from->n_out;
        to->gain_at = to->bias_at + (from->has_bias ? from->n_out : 0);
        to->shift_at = to->gain_at + (from->has_norm ? from->n_out : 0);
        offset = to->shift_at + (from->has_norm ? from->n_out : 0);
        n_in = from->n_out;
    }
    dsc_fill_gains(net);
    *out = net;
    return DSC_OK;
}

void dsc_network_destroy(dsc_network *net) {
    dsc_free(net);
}

dsc_status dsc_network_copy(dsc_network **out, const dsc_network *net, dsc_precision precision,
                            dsc_error *err) {
    *out = NULL;
    dsc_layer_config *layers = dsc_alloc(net->n_layers, sizeof *layers);
    if (layers == NULL) {
        return dsc_fail_memory(err, "a network");
    }
    for (size_t l = 0; l < net->n_layers; l++) {
        layers[l] = dsc_network_layer(net, l);
    }
    const dsc_network_config config = {.precision = precision,
                                       .n_in = dsc_network_n_in(net),
                                       .n_layers = net->n_layers,
                                       .layers = layers,
                                       .loss = net->loss,
                                       .huber_delta = net->huber_delta,
                                       .class_weights = net->class_weights};
    dsc_status status = dsc_network_create(out, &config, err);
    dsc_free(layers);
    if (status != DSC_OK) {
        return status;
    }
    const dsc_matrix from = {net->parameters, 1, net->n_parameters, net->precision};
    for (size_t i = 0; i < net->n_parameters; i++) {
        set_at((*out)->parameters, i, precision, dsc_matrix_at(from, 0, i));
    }
    return DSC_OK;
}

size_t dsc_network_n_in(const dsc_network *net) {
    return net->layers[0].n_in;
}

size_t dsc_network_n_out(const dsc_network *net) {
    return net->layers[net->n_layers - 1].n_out;
}

size_t dsc_network_n_layers(const dsc_network *net) {
    return net->n_layers;
}

size_t dsc_network_n_parameters(const dsc_network *net) {
    return net->n_parameters;
}

dsc_precision dsc_network_precision(const dsc_network *net) {
    return net->precision;
}

dsc_loss dsc_network_loss(const dsc_network *net) {
    return net->loss;
}

double dsc_network_huber_delta(const dsc_network *net) {
    return net->huber_delta;
}

dsc_matrix dsc_network_class_weights(const dsc_network *net) {
    return dsc_matrix_f64(net->class_weights, 1, dsc_network_n_out(net));
}

dsc_layer_config dsc_network_layer(const dsc_network *net, size_t l) {
    const layer *from = &net->layers[l];
    return (dsc_layer_config){from->n_out, from->activation, from->has_bias, from->has_norm,
                              from->dropout};
}
