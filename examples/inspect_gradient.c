/* Looks inside a pass: every intermediate with its gradient, and a numerical check of them all. */
#include <stdio.h>
#include <stdlib.h>

#include "descent/network.h"
#include "descent/norms.h"

static void must(dsc_status status, const dsc_error *err) {
    if (status != DSC_OK) {
        fprintf(stderr, "inspect_gradient: %s: %s\n", err->where, err->message);
        exit(EXIT_FAILURE);
    }
}

static void print_norms(const char *name, dsc_matrix value, dsc_matrix gradient) {
    printf("%s  %zu x %zu  norm %7.4f  norm of its gradient %7.4f\n", name, value.n_rows,
           value.n_cols, dsc_norm_frobenius(value), dsc_norm_frobenius(gradient));
}

/* In the order of the forward pass: Z, the weighted sums, N, normalised, and A, activated. */
static void print_intermediates(const dsc_workspace *ws) {
    for (size_t i = 0; i < dsc_workspace_n_intermediates(ws); i++) {
        const dsc_intermediate one = dsc_workspace_intermediate(ws, i);
        print_norms(one.name, one.value, one.gradient);
    }
}

static void print_parameters(const dsc_network *net, const dsc_workspace *ws) {
    char name[32];
    for (size_t l = 0; l < dsc_network_n_layers(net); l++) {
        snprintf(name, sizeof name, "W%zu", l + 1);
        print_norms(name, dsc_network_weights(net, l), dsc_workspace_d_weights(ws, l));
        snprintf(name, sizeof name, "b%zu", l + 1);
        print_norms(name, dsc_network_bias(net, l), dsc_workspace_d_bias(ws, l));
    }
}

int main(void) {
    const double inputs[] = {0.5, -1.2, 0.3, 1.1, 0.2, -0.7}; /* (2, 3) */
    const double targets[] = {1, 0, 0, 1};                    /* (2, 2), one-hot */
    const dsc_matrix x = dsc_matrix_f64(inputs, 2, 3);
    const dsc_matrix y = dsc_matrix_f64(targets, 2, 2);
    const dsc_layer_config layers[] = {
        {4, DSC_GELU, true, true}, {3, DSC_TANH, true}, {2, DSC_IDENTITY, true}};
    const dsc_network_config config = {DSC_FLOAT64, 3, 3, layers, DSC_CROSS_ENTROPY};
    /* Every intermediate in memory of its own, so that none is overwritten by the next. */
    const dsc_workspace_config scratch = {.max_batch = 2, .keep_intermediates = true};

    dsc_error err;
    dsc_network *net = NULL;
    dsc_workspace *ws = NULL;
    dsc_gradient_check check;
    must(dsc_network_create(&net, &config, &err), &err);
    must(dsc_workspace_create(&ws, net, &scratch, &err), &err);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);

    double loss = 0;
    must(dsc_network_forward(net, ws, x, &err), &err);
    must(dsc_network_backward(net, ws, y, &loss, &err), &err);
    print_intermediates(ws);
    print_parameters(net, ws);
    printf("loss %.4f\n", loss);

    must(dsc_network_check_gradients(net, x, y, &check, &err), &err);
    printf("%zu derivatives checked numerically, largest relative error %.1e: %s\n",
           check.n_checked, check.max_relative_error,
           check.max_relative_error < 1e-6 ? "right" : "WRONG");

    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
    return EXIT_SUCCESS;
}
