/* Reading a network: every name, shape and value is checked before it is believed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/network_store.h"
#include "predictor/network_parts.h"
#include "store/formats.h"

/* What is known of the network before it exists. */
typedef struct plan {
    const dsc_part_reader *reader;
    dsc_network_config config;
    dsc_layer_config *layers; /* (n_layers), owned */
    dsc_element element;
} plan;

static bool take_activation(const char *word, size_t i, void *user) {
    return dsc_activation_from_name(word, &((dsc_layer_config *)user)[i].activation);
}

static bool take_flag(const char *word, bool *out) {
    *out = strcmp(word, "true") == 0;
    return *out || strcmp(word, "false") == 0;
}

static bool take_bias(const char *word, size_t i, void *user) {
    return take_flag(word, &((dsc_layer_config *)user)[i].has_bias);
}

static bool take_norm(const char *word, size_t i, void *user) {
    return take_flag(word, &((dsc_layer_config *)user)[i].has_norm);
}

static dsc_status get_names(plan *p, dsc_error *err) {
    const char *text;
    dsc_status status = dsc_part_get_text(p->reader, DSC_KEY_NETWORK_PRECISION, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    const bool is_single = strcmp(text, "float32") == 0;
    if (!is_single && strcmp(text, "float64") != 0) {
        return dsc_fail(err, DSC_E_MODEL, p->reader->path,
                        "\"%s\" is not a precision known here; expected float32 or float64", text);
    }
    p->config.precision = is_single ? DSC_FLOAT32 : DSC_FLOAT64;
    p->element = is_single ? DSC_F32 : DSC_F64;
    status = dsc_part_get_text(p->reader, DSC_KEY_NETWORK_LOSS, &text, err);
    if (status == DSC_OK && !dsc_loss_from_name(text, &p->config.loss)) {
        return dsc_fail(err, DSC_E_MODEL, p->reader->path, "\"%s\" is not a loss known here", text);
    }
    return status;
}

/* Every layer has a name of at least 4 bytes in a header of at most 1 MiB. */
enum { MAX_LAYERS = 1 << 18 };

static dsc_status get_layers(plan *p, dsc_error *err) {
    size_t n;
    dsc_status status = dsc_part_get_size(p->reader, DSC_KEY_NETWORK_N_LAYERS, &n, err);
    if (status != DSC_OK) {
        return status;
    }
    if (n == 0 || n > MAX_LAYERS) {
        return dsc_fail(err, DSC_E_MODEL, p->reader->path, "has %zu layers; expected 1 to %d", n,
                        MAX_LAYERS);
    }
    p->layers = dsc_alloc(n, sizeof *p->layers);
    if (p->layers == NULL) {
        return dsc_fail_memory(err, "the layers of a network");
    }
    p->config.layers = p->layers;
    p->config.n_layers = n;
    const dsc_part_list lists[] = {
        {DSC_KEY_NETWORK_ACTIVATIONS, n, "an activation", take_activation, p->layers},
        {DSC_KEY_NETWORK_BIASES, n, "a flag", take_bias, p->layers},
        {DSC_KEY_NETWORK_NORMS, n, "a flag", take_norm, p->layers},
    };
    for (size_t i = 0; status == DSC_OK && i < sizeof lists / sizeof lists[0]; i++) {
        status = dsc_part_get_list(p->reader, &lists[i], err);
    }
    const double *dropout = NULL;
    if (status == DSC_OK) {
        status = dsc_part_get_reals(p->reader, DSC_ARRAY_DROPOUT, n, &dropout, err);
    }
    for (size_t l = 0; status == DSC_OK && l < n; l++) {
        p->layers[l].dropout = dropout[l];
    }
    return status;
}

/* The widths are those of the weight matrices, each of which must fit the one before. */
static dsc_status get_widths(plan *p, dsc_error *err) {
    size_t n_in = SIZE_MAX;
    for (size_t l = 0; l < p->config.n_layers; l++) {
        char name[64];
        dsc_tensor weights;
        const size_t shape[2] = {n_in, SIZE_MAX};
        snprintf(name, sizeof name, DSC_LAYER_ARRAY, l, dsc_layer_array_names[0]);
        dsc_status status =
            dsc_safetensors_tensor(p->reader->file, name, p->element, 2, shape, &weights, err);
        if (status != DSC_OK) {
            return status;
        }
        if (l == 0) {
            p->config.n_in = weights.shape[0];
        }
        p->layers[l].n_out = n_in = weights.shape[1];
    }
    return DSC_OK;
}

static dsc_status get_loss_settings(plan *p, dsc_error *err) {
    const double *delta = NULL;
    bool is_weighted = false;
    dsc_status status = dsc_part_get_reals(p->reader, DSC_ARRAY_HUBER_DELTA, 1, &delta, err);
    if (status == DSC_OK) {
        p->config.huber_delta = *delta;
        status = dsc_part_get_flag(p->reader, DSC_KEY_NETWORK_IS_WEIGHTED, &is_weighted, err);
    }
    if (status == DSC_OK && is_weighted) {
        status = dsc_part_get_reals(p->reader, DSC_ARRAY_CLASS_WEIGHTS,
                                    p->layers[p->config.n_layers - 1].n_out,
                                    &p->config.class_weights, err);
    }
    return status;
}

/* The rules of networks themselves are dsc_network_create's. */
static dsc_status create(dsc_network **out, const plan *p, dsc_error *err) {
    dsc_error reason = {0};
    dsc_status status = dsc_network_create(out, &p->config, &reason);
    if (status == DSC_E_MEMORY) {
        return dsc_fail(err, status, "", "%s", reason.message);
    }
    return status == DSC_OK ? DSC_OK
                            : dsc_fail(err, DSC_E_MODEL, p->reader->path, "its network: %s %s",
                                       reason.where, reason.message);
}

static dsc_status fill_layer(const plan *p, dsc_network *net, size_t layer, dsc_error *err) {
    dsc_matrix own[DSC_N_LAYER_ARRAYS], read[DSC_N_LAYER_ARRAYS];
    dsc_layer_arrays(net, layer, own);
    for (size_t a = 0; a < DSC_N_LAYER_ARRAYS; a++) {
        read[a] = own[a];
        if (own[a].data == NULL) {
            continue;
        }
        char name[64];
        dsc_tensor tensor;
        const size_t matrix[2] = {own[a].n_rows, own[a].n_cols};
        snprintf(name, sizeof name, DSC_LAYER_ARRAY, layer, dsc_layer_array_names[a]);
        dsc_status status = dsc_part_get_finite(p->reader, name, p->element, a == 0 ? 2 : 1,
                                                a == 0 ? matrix : &own[a].n_cols, &tensor, err);
        if (status != DSC_OK) {
            return status;
        }
        read[a].data = tensor.data;
    }
    dsc_status status = dsc_network_set_layer(net, layer, read[0], read[1], err);
    if (status == DSC_OK && own[2].data != NULL) {
        status = dsc_network_set_norm(net, layer, read[2], read[3], err);
    }
    return status;
}

dsc_status dsc_network_from_parts(dsc_network **out, const dsc_part_reader *reader,
                                  dsc_error *err) {
    plan p = {.reader = reader};
    *out = NULL;
    dsc_status status = get_names(&p, err);
    if (status == DSC_OK) {
        status = get_layers(&p, err);
    }
    if (status == DSC_OK) {
        status = get_widths(&p, err);
    }
    if (status == DSC_OK) {
        status = get_loss_settings(&p, err);
    }
    if (status == DSC_OK) {
        status = create(out, &p, err);
    }
    for (size_t l = 0; status == DSC_OK && l < p.config.n_layers; l++) {
        status = fill_layer(&p, *out, l, err);
    }
    if (status != DSC_OK) {
        dsc_network_destroy(*out);
        *out = NULL;
    }
    dsc_free(p.layers);
    return status;
}

dsc_status dsc_network_load(dsc_network **out, const char *path, dsc_error *err) {
    dsc_part_reader reader;
    *out = NULL;
    dsc_status status = dsc_part_reader_open(&reader, path, DSC_FORMAT_NETWORK, "1", err);
    if (status == DSC_OK) {
        status = dsc_network_from_parts(out, &reader, err);
        dsc_part_reader_close(&reader);
    }
    return status;
}
