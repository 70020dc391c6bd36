/* Keeps a network in a file and reads it back: layers, loss and parameters, byte for byte.
 *
 * The file is written whole or not at all, and checked when it is read: one that is cut off,
 * damaged or of another kind is refused with its place, never half loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/fit.h"
#include "descent/network_store.h"

static void must(dsc_status status, const dsc_error *err) {
    if (status != DSC_OK) {
        fprintf(stderr, "save_and_load: %s: %s\n", err->where, err->message);
        exit(EXIT_FAILURE);
    }
}

/* The output (1, 2) for one sample. */
static void predict(const dsc_network *net, float out[2]) {
    const float x[] = {0.25F, -1, 2};
    dsc_error err;
    must(dsc_network_predict(net, dsc_matrix_f32(x, 1, 3), out, &err), &err);
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "network.safetensors";
    const dsc_layer_config layers[] = {{8, DSC_RELU, true}, {2, DSC_IDENTITY, true}};
    const dsc_network_config config = {DSC_FLOAT32, 3, 2, layers, DSC_MEAN_SQUARED_ERROR};
    float before[2];
    float after[2];
    dsc_error err;
    dsc_network *net = NULL;
    must(dsc_network_create(&net, &config, &err), &err);
    dsc_network_init(net, DSC_INIT_HE, 1);
    predict(net, before);
    must(dsc_network_save(net, path, &err), &err);
    dsc_network_destroy(net);

    /* The file knows the shape: nothing of the config is needed here. */
    must(dsc_network_load(&net, path, &err), &err);
    predict(net, after);
    printf("%s: %zu inputs, %zu layers, %zu parameters\n", path, dsc_network_n_in(net),
           dsc_network_n_layers(net), dsc_network_n_parameters(net));
    dsc_network_destroy(net);

    const bool is_same = memcmp(before, after, sizeof before) == 0;
    printf("before %.6f %.6f, after loading %.6f %.6f: %s\n", (double)before[0], (double)before[1],
           (double)after[0], (double)after[1], is_same ? "the same bytes" : "DIFFERENT");
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
