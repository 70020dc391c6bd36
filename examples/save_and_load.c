/* Keeps a network's parameters in a file: they are one flat array, so plain C is enough.
 *
 * The file holds the numbers alone, in the byte order of the machine; whoever loads it makes a
 * network of the same shape first. A length that does not fit is found out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/network.h"

static void fail(const char *what) {
    fprintf(stderr, "save_and_load: %s\n", what);
    exit(EXIT_FAILURE);
}

static dsc_network *create(void) {
    const dsc_layer_config layers[] = {{8, DSC_RELU, true}, {2, DSC_IDENTITY, true}};
    const dsc_network_config config = {DSC_FLOAT32, 3, 2, layers, DSC_MEAN_SQUARED_ERROR};
    dsc_error err;
    dsc_network *net = NULL;
    if (dsc_network_create(&net, &config, &err) != DSC_OK) {
        fail(err.message);
    }
    return net;
}

static void save(const dsc_network *net, const char *path) {
    const size_t n = dsc_network_n_parameters(net);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        fail("the file cannot be written");
    }
    const size_t n_written = fwrite(dsc_network_parameters_const(net), sizeof(float), n, file);
    if (fclose(file) != 0 || n_written != n) {
        fail("the file was not written whole");
    }
}

static void load(dsc_network *net, const char *path) {
    const size_t n = dsc_network_n_parameters(net);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail("the file cannot be read");
    }
    const size_t n_read = fread(dsc_network_parameters(net), sizeof(float), n, file);
    const bool is_whole = n_read == n && fgetc(file) == EOF;
    fclose(file);
    if (!is_whole) {
        fail("the file holds the parameters of another network");
    }
}

/* The output (1, 2) for one sample. */
static void predict(const dsc_network *net, float out[2]) {
    const float x[] = {0.25F, -1, 2};
    const dsc_workspace_config scratch = {.max_batch = 1};
    dsc_error err;
    dsc_workspace *ws = NULL;
    if (dsc_workspace_create(&ws, net, &scratch, &err) != DSC_OK ||
        dsc_network_forward(net, ws, dsc_matrix_f32(x, 1, 3), &err) != DSC_OK) {
        fail(err.message);
    }
    memcpy(out, dsc_workspace_output(ws).data, 2 * sizeof *out);
    dsc_workspace_destroy(ws);
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "network.bin";
    float before[2];
    float after[2];
    dsc_network *net = create();
    dsc_network_init(net, DSC_INIT_HE, 1);
    predict(net, before);
    save(net, path);
    dsc_network_destroy(net);

    net = create();
    load(net, path);
    predict(net, after);
    dsc_network_destroy(net);

    const bool is_same = memcmp(before, after, sizeof before) == 0;
    printf("before %.6f %.6f, after loading %.6f %.6f: %s\n", (double)before[0], (double)before[1],
           (double)after[0], (double)after[1], is_same ? "the same bytes" : "DIFFERENT");
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
