/* A network learns exclusive or: the smallest program that trains with descent. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "descent/fit.h"

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
    dsc_fit_data data = {0};
    data.x = dsc_matrix_f64(inputs, 4, 2);
    data.y = dsc_matrix_f64(targets, 4, 1);

    /* Units, activation, bias, normalisation, dropout. The loss takes the output before the
     * sigmoid: the logit of "true". */
    const dsc_layer_config layers[] = {{4, DSC_TANH, true}, {1, DSC_IDENTITY, true}};
    const dsc_network_config config = {DSC_FLOAT64, 2, 2, layers, DSC_BINARY_CROSS_ENTROPY};
    dsc_error err;
    dsc_network *net = NULL;
    must(dsc_network_create(&net, &config, &err), &err);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);

    dsc_fit_config training = dsc_fit_config_default();
    training.max_epochs = 500;
    training.optimizer = dsc_adam(0.05);
    dsc_fit_result result;
    must(dsc_fit(net, &data, &training, NULL, NULL, &result, &err), &err);

    double logits[4];
    must(dsc_network_predict(net, data.x, logits, &err), &err);
    for (size_t i = 0; i < 4; i++) {
        const double chance = 1 / (1 + exp(-logits[i]));
        printf("%g xor %g = %d  (probability of 1: %.3f)\n", inputs[2 * i], inputs[2 * i + 1],
               chance > 0.5, chance);
    }
    printf("loss %.4f after %zu epochs\n", result.train_loss, result.n_epochs);
    dsc_network_destroy(net);
    return EXIT_SUCCESS;
}
