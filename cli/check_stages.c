/* The library's activations, normalisations and loss, each as a network of its own, through which
 * any values can be sent. */
#include <stdlib.h>

#include "check_compute.h"
#include "options.h"
#include "output.h"

/* One layer whose weights are the unit matrix: Z is what it is given. */
static dsc_status make_layer(dsc_network **net, dsc_workspace **ws, const dsc_layer_config *layer,
                             const dsc_network_config *loss, size_t n_samples, dsc_error *err) {
    dsc_network_config config = *loss;
    config.precision = DSC_FLOAT64;
    config.n_in = layer->n_out;
    config.n_layers = 1;
    config.layers = layer;
    const dsc_workspace_config workspace = {.max_batch = n_samples, .keep_intermediates = true};
    dsc_status status = dsc_network_create(net, &config, err);
    if (status != DSC_OK) {
        return status;
    }
    double *weights = dsc_network_parameters(*net);
    for (size_t i = 0; i < layer->n_out; i++) {
        weights[i * layer->n_out + i] = 1.0;
    }
    return dsc_workspace_create(ws, *net, &workspace, err);
}

/* The activation and the normalisation of layer l, each where there is one. */
static dsc_status make_stages(cli_compute *out, size_t l, dsc_error *err) {
    const cli_network_file *file = out->values->file;
    const dsc_layer_config layer = dsc_network_layer(file->net, l);
    const dsc_network_config any_loss = {.loss = DSC_HALF_SUM_OF_SQUARES};
    const dsc_layer_config activation = {.n_out = layer.n_out, .activation = layer.activation};
    const dsc_layer_config norm = {
        .n_out = layer.n_out, .activation = DSC_IDENTITY, .has_norm = true};
    dsc_status status = DSC_OK;
    if (layer.activation != DSC_IDENTITY) {
        status = make_layer(&out->activations[l], &out->passes[l], &activation, &any_loss,
                            file->input.n_rows, err);
    }
    if (status == DSC_OK && layer.has_norm) {
        status = make_layer(&out->norms[l], &out->norm_passes[l], &norm, &any_loss,
                            file->input.n_rows, err);
    }
    return status;
}

int cli_compute_make(cli_compute *out, const cli_values *values) {
    const dsc_network *net = values->file->net;
    const size_t n_layers = dsc_network_n_layers(net), n = values->file->input.n_rows;
    const size_t n_out = dsc_network_n_out(net);
    *out = (cli_compute){.values = values,
                         .activations = calloc(n_layers, sizeof(dsc_network *)),
                         .passes = calloc(n_layers, sizeof(dsc_workspace *)),
                         .norms = calloc(n_layers, sizeof(dsc_network *)),
                         .norm_passes = calloc(n_layers, sizeof(dsc_workspace *)),
                         .zeros = calloc(n * n_out, sizeof *out->zeros)};
    if (out->activations == NULL || out->passes == NULL || out->norms == NULL ||
        out->norm_passes == NULL || out->zeros == NULL) {
        return cli_no_memory();
    }
    const dsc_layer_config output = {.n_out = n_out, .activation = DSC_IDENTITY};
    const dsc_network_config loss = {.loss = dsc_network_loss(net),
                                     .huber_delta = dsc_network_huber_delta(net)};
    dsc_error err;
    dsc_status status = make_layer(&out->loss, &out->loss_pass, &output, &loss, n, &err);
    for (size_t l = 0; status == DSC_OK && l < n_layers; l++) {
        status = make_stages(out, l, &err);
    }
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

/* Frees n networks and their workspaces, and the two lists; each may be NULL. */
static void free_layers(dsc_network **nets, dsc_workspace **passes, size_t n) {
    for (size_t l = 0; passes != NULL && l < n; l++) {
        dsc_workspace_destroy(passes[l]);
    }
    for (size_t l = 0; nets != NULL && l < n; l++) {
        dsc_network_destroy(nets[l]);
    }
    free(passes);
    free(nets);
}

void cli_compute_clear(cli_compute *compute) {
    const size_t n_layers =
        compute->values != NULL ? dsc_network_n_layers(compute->values->file->net) : 0;
    free_layers(compute->activations, compute->passes, n_layers);
    free_layers(compute->norms, compute->norm_passes, n_layers);
    dsc_workspace_destroy(compute->loss_pass);
    dsc_network_destroy(compute->loss);
    free(compute->zeros);
    *compute = (cli_compute){0};
}
