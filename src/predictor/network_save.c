/* Writing a network: layers, parameters and loss become parts of a file. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "descent/network_store.h"
#include "descent/version.h"
#include "predictor/network_parts.h"
#include "store/formats.h"

const char *const dsc_layer_array_names[DSC_N_LAYER_ARRAYS] = {"weights", "bias", "gain", "shift"};

void dsc_layer_arrays(const dsc_network *net, size_t layer, dsc_matrix out[DSC_N_LAYER_ARRAYS]) {
    out[0] = dsc_network_weights(net, layer);
    out[1] = dsc_network_bias(net, layer);
    out[2] = dsc_network_gain(net, layer);
    out[3] = dsc_network_shift(net, layer);
}

static dsc_status check_finite(dsc_matrix m, size_t layer, dsc_error *err) {
    for (size_t i = 0; m.data != NULL && i < m.n_rows * m.n_cols; i++) {
        if (!isfinite(dsc_matrix_at(m, 0, i))) {
            char where[48];
            snprintf(where, sizeof where, "layer %zu", layer + 1);
            return dsc_fail(err, DSC_E_NONFINITE, where,
                            "has a parameter that is infinite or not a number");
        }
    }
    return DSC_OK;
}

static dsc_status add_layer(const dsc_network *net, size_t layer, dsc_part_writer *writer,
                            dsc_error *err) {
    const dsc_element element = dsc_network_precision(net) == DSC_FLOAT32 ? DSC_F32 : DSC_F64;
    dsc_matrix arrays[DSC_N_LAYER_ARRAYS];
    dsc_layer_arrays(net, layer, arrays);
    dsc_status status = DSC_OK;
    for (size_t a = 0; status == DSC_OK && a < DSC_N_LAYER_ARRAYS; a++) {
        const dsc_matrix m = arrays[a];
        status = check_finite(m, layer, err);
        if (status != DSC_OK || m.data == NULL) {
            continue;
        }
        const char *name = dsc_part_text(writer, DSC_LAYER_ARRAY, layer, dsc_layer_array_names[a]);
        if (a == 0) {
            dsc_part_add_matrix(writer, name, element, m.n_rows, m.n_cols, m.data);
        } else {
            dsc_part_add_vector(writer, name, element, m.n_cols, m.data);
        }
    }
    return status;
}

static const char *flag(bool value) {
    return value ? "true" : "false";
}

static void add_layer_settings(const dsc_network *net, dsc_part_writer *writer) {
    const size_t n = dsc_network_n_layers(net);
    const char *activations = "", *biases = "", *norms = "";
    double *dropout = dsc_part_reals(writer, n);
    for (size_t l = 0; l < n; l++) {
        const dsc_layer_config layer = dsc_network_layer(net, l);
        const char *comma = l == 0 ? "" : ",";
        activations = dsc_part_text(writer, "%s%s%s", activations, comma,
                                    dsc_activation_name(layer.activation));
        biases = dsc_part_text(writer, "%s%s%s", biases, comma, flag(layer.has_bias));
        norms = dsc_part_text(writer, "%s%s%s", norms, comma, flag(layer.has_norm));
        if (dropout != NULL) {
            dropout[l] = layer.dropout;
        }
    }
    dsc_part_add_text(writer, DSC_KEY_NETWORK_ACTIVATIONS, activations);
    dsc_part_add_text(writer, DSC_KEY_NETWORK_BIASES, biases);
    dsc_part_add_text(writer, DSC_KEY_NETWORK_NORMS, norms);
    dsc_part_add_vector(writer, DSC_ARRAY_DROPOUT, DSC_F64, n, dropout);
}

dsc_status dsc_network_add_parts(const dsc_network *net, dsc_part_writer *writer, dsc_error *err) {
    const dsc_matrix weights = dsc_network_class_weights(net);
    double *delta = dsc_part_reals(writer, 1);
    if (delta != NULL) {
        *delta = dsc_network_huber_delta(net);
    }
    dsc_part_add_text(writer, DSC_KEY_NETWORK_PRECISION,
                      dsc_network_precision(net) == DSC_FLOAT32 ? "float32" : "float64");
    dsc_part_add_number(writer, DSC_KEY_NETWORK_N_LAYERS, dsc_network_n_layers(net));
    add_layer_settings(net, writer);
    dsc_part_add_text(writer, DSC_KEY_NETWORK_LOSS, dsc_loss_name(dsc_network_loss(net)));
    dsc_part_add_flag(writer, DSC_KEY_NETWORK_IS_WEIGHTED, weights.data != NULL);
    dsc_part_add_vector(writer, DSC_ARRAY_HUBER_DELTA, DSC_F64, 1, delta);
    if (weights.data != NULL) {
        dsc_part_add_vector(writer, DSC_ARRAY_CLASS_WEIGHTS, DSC_F64, weights.n_cols, weights.data);
    }
    dsc_status status = DSC_OK;
    for (size_t l = 0; status == DSC_OK && l < dsc_network_n_layers(net); l++) {
        status = add_layer(net, l, writer, err);
    }
    return status;
}

dsc_status dsc_network_save(const dsc_network *net, const char *path, dsc_error *err) {
    dsc_part_writer writer = {0};
    dsc_part_add_text(&writer, DSC_PART_FORMAT, DSC_FORMAT_NETWORK);
    dsc_part_add_text(&writer, DSC_PART_FORMAT_VERSION, "1");
    dsc_part_add_text(&writer, DSC_PART_WRITER, "descent " DSC_VERSION);
    dsc_status status = dsc_network_add_parts(net, &writer, err);
    if (status == DSC_OK) {
        status = dsc_part_writer_write(&writer, path, err);
    }
    dsc_part_writer_clear(&writer);
    return status;
}
