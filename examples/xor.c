/* A network learns exclusive or: the smallest program that trains with descent. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "descent/network.h"
#include "descent/optimizer.h"

static void must(dsc_status status, const dsc_error *err) {
    if (status != DSC_OK) {
        fprintf(stderr, "xor: %s: %s\n", err->where, err->message);
        exit(EXIT_FAILURE);
    }
}

int main(void) {
    /* One sample a row: (4, 2) inputs and (4, 1) targets. */
    const double inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const double targets[] = {0, 1, 1, 0};
    const dsc_matrix x = dsc_matrix_f64(inputs, 4, 2);
    const dsc_matrix y = dsc_matrix_f64(targets, 4, 1);

    /* Units, activation, bias, normalisation, dropout. The loss takes the output before the
     * sigmoid: the logit of "true". */
    const dsc_layer_config layers[] = {{4, DSC_TANH, true}, {1, DSC_IDENTITY, true}};
    const dsc_network_config config = {DSC_FLOAT64, 2, 2, layers, DSC_BINARY_CROSS_ENTROPY};
    const dsc_workspace_config scratch = {.max_batch = 4, .no_input_gradient = true};
    const dsc_optimizer_config adam = dsc_adam(0.05);

    dsc_error err;
    dsc_network *net = NULL;
    dsc_workspace *ws = NULL;
    dsc_optimizer *optimizer = NULL;
    must(dsc_network_create(&net, &config, &err), &err);
    must(dsc_workspace_create(&ws, net, &scratch, &err), &err);
    must(dsc_optimizer_create(&optimizer, &adam, DSC_FLOAT64, dsc_network_n_parameters(net), &err),
         &err);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);

    double loss = 0;
    for (int step = 0; step < 500; step++) {
        dsc_workspace_zero_gradients(ws);
        must(dsc_network_forward(net, ws, x, &err), &err);
        must(dsc_network_backward(net, ws, y, &loss, &err), &err);
        dsc_optimizer_step(optimizer, dsc_network_parameters(net), dsc_workspace_gradients(ws));
    }

    must(dsc_network_forward(net, ws, x, &err), &err);
    const dsc_matrix logits = dsc_workspace_output(ws);
    for (size_t i = 0; i < 4; i++) {
        const double chance = 1 / (1 + exp(-dsc_matrix_at(logits, i, 0)));
        printf("%g xor %g = %d  (probability of 1: %.3f)\n", inputs[2 * i], inputs[2 * i + 1],
               chance > 0.5, chance);
    }
    printf("loss %.4f\n", loss);

    dsc_optimizer_destroy(optimizer);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
    return EXIT_SUCCESS;
}
