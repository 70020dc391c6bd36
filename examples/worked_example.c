/* One step of gradient descent that can be followed with pencil and paper: three inputs, two hidden
 * units, two outputs, linear, without biases. `descent net trace` prints every matrix of it. */
#include <stdio.h>
#include <stdlib.h>

#include "descent/network.h"
#include "descent/norms.h"
#include "descent/optimizer.h"

static const double input[] = {2, 0, 3, 0, 1, 0};         /* X  (2, 3): two samples */
static const double target[] = {50, 71, 1, 3};            /* Y  (2, 2) */
static const double first_weights[] = {2, 3, 0, 1, 1, 3}; /* W1 (3, 2) */
static const double second_weights[] = {1, 2, 3, 4};      /* W2 (2, 2) */

static void must(dsc_status status, const dsc_error *err) {
    if (status != DSC_OK) {
        fprintf(stderr, "worked_example: %s: %s\n", err->where, err->message);
        exit(EXIT_FAILURE);
    }
}

static void print_matrix(const char *name, dsc_matrix m) {
    printf("%s\n", name);
    for (size_t i = 0; i < m.n_rows; i++) {
        for (size_t j = 0; j < m.n_cols; j++) {
            printf("%12.4f", dsc_matrix_at(m, i, j));
        }
        putchar('\n');
    }
}

/* Passes X forward and returns the spectral norm of prediction - Y. */
static double pass(const dsc_network *net, dsc_workspace *ws) {
    dsc_error err;
    double error[4];
    double norm = 0;
    must(dsc_network_forward(net, ws, dsc_matrix_f64(input, 2, 3), &err), &err);
    const dsc_matrix prediction = dsc_workspace_output(ws);
    print_matrix("prediction", prediction);
    for (size_t i = 0; i < 4; i++) {
        error[i] = dsc_matrix_at(prediction, i / 2, i % 2) - target[i];
    }
    must(dsc_norm_spectral(dsc_matrix_f64(error, 2, 2), &norm, &err), &err);
    return norm;
}

int main(void) {
    const dsc_layer_config layers[] = {{2, DSC_IDENTITY, false}, {2, DSC_IDENTITY, false}};
    const dsc_network_config config = {DSC_FLOAT64, 3, 2, layers, DSC_HALF_SUM_OF_SQUARES};
    const dsc_workspace_config scratch = {.max_batch = 2};
    const dsc_optimizer_config sgd = dsc_sgd(0.002);
    const dsc_matrix no_bias = dsc_matrix_f64(NULL, 0, 0);

    dsc_error err;
    dsc_network *net = NULL;
    dsc_workspace *ws = NULL;
    dsc_optimizer *optimizer = NULL;
    must(dsc_network_create(&net, &config, &err), &err);
    must(dsc_network_set_layer(net, 0, dsc_matrix_f64(first_weights, 3, 2), no_bias, &err), &err);
    must(dsc_network_set_layer(net, 1, dsc_matrix_f64(second_weights, 2, 2), no_bias, &err), &err);
    must(dsc_workspace_create(&ws, net, &scratch, &err), &err);
    must(dsc_optimizer_create(&optimizer, &sgd, DSC_FLOAT64, dsc_network_n_parameters(net), &err),
         &err);

    const double before = pass(net, ws);
    must(dsc_network_backward(net, ws, dsc_matrix_f64(target, 2, 2), NULL, &err), &err);
    print_matrix("gradient of W1", dsc_workspace_d_weights(ws, 0));
    print_matrix("gradient of W2", dsc_workspace_d_weights(ws, 1));
    dsc_optimizer_step(optimizer, dsc_network_parameters(net), dsc_workspace_gradients(ws));
    print_matrix("new W1", dsc_network_weights(net, 0));
    print_matrix("new W2", dsc_network_weights(net, 1));
    const double after = pass(net, ws);
    printf("norm of the error: %.4f -> %.4f\n", before, after);

    dsc_optimizer_destroy(optimizer);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
    return EXIT_SUCCESS;
}
