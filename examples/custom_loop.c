/* A training loop of one's own with a loss of one's own.
 *
 * The data scatter more the larger x is. Squared errors would give the middle of them; the pinball
 * loss gives the line below which 90 % of them lie. The library has no such loss and need not: all
 * that backpropagation wants is the loss's gradient at the network's output. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "descent/network.h"
#include "descent/optimizer.h"
#include "descent/random.h"

enum { BATCH = 50, N_STEPS = 2000, N_TESTED = 5000 };
enum { FOR_TRAINING, FOR_TESTING }; /* purposes of random numbers: each has a stream of its own */

static const double share = 0.9;

static void must(dsc_status status, const dsc_error *err) {
    if (status != DSC_OK) {
        fprintf(stderr, "custom_loop: %s: %s\n", err->where, err->message);
        exit(EXIT_FAILURE);
    }
}

/* y = sin(x) + noise whose standard deviation is x / 4, x from 0 to 4. */
static void draw_sample(dsc_random *random, float *x, float *y) {
    *x = (float)(4 * dsc_random_uniform(random));
    *y = (float)(sin((double)*x) + (double)*x / 4 * dsc_random_normal(random));
}

/* The gradient of the pinball loss, mean over the batch of max(share (y - a), (share - 1) (y - a)),
 * with respect to each prediction a. */
static void pinball_gradient(dsc_matrix prediction, const float *y, float *gradient) {
    for (size_t i = 0; i < prediction.n_rows; i++) {
        const bool is_below = (double)y[i] < dsc_matrix_at(prediction, i, 0);
        gradient[i] = (float)((is_below ? 1 - share : -share) / (double)prediction.n_rows);
    }
}

static void train(dsc_network *net, dsc_workspace *ws, dsc_optimizer *optimizer) {
    dsc_error err;
    float x[BATCH];
    float y[BATCH];
    float gradient[BATCH];
    dsc_random random = dsc_random_stream(1, FOR_TRAINING, 0);
    for (int step = 0; step < N_STEPS; step++) {
        for (size_t i = 0; i < BATCH; i++) {
            draw_sample(&random, &x[i], &y[i]);
        }
        dsc_workspace_zero_gradients(ws);
        must(dsc_network_forward(net, ws, dsc_matrix_f32(x, BATCH, 1), &err), &err);
        pinball_gradient(dsc_workspace_output(ws), y, gradient);
        must(dsc_network_backward_from(net, ws, dsc_matrix_f32(gradient, BATCH, 1), &err), &err);
        dsc_optimizer_step(optimizer, dsc_network_parameters(net), dsc_workspace_gradients(ws));
    }
}

/* The share of new samples below the network's line. */
static double measure(const dsc_network *net, dsc_workspace *ws) {
    dsc_error err;
    int n_below = 0;
    dsc_random random = dsc_random_stream(1, FOR_TESTING, 0);
    for (int i = 0; i < N_TESTED; i++) {
        float x;
        float y;
        draw_sample(&random, &x, &y);
        must(dsc_network_forward(net, ws, dsc_matrix_f32(&x, 1, 1), &err), &err);
        n_below += (double)y < dsc_matrix_at(dsc_workspace_output(ws), 0, 0);
    }
    return (double)n_below / N_TESTED;
}

int main(void) {
    const dsc_layer_config layers[] = {{16, DSC_TANH, true}, {1, DSC_IDENTITY, true}};
    /* The network's loss is not used here. */
    const dsc_network_config config = {DSC_FLOAT32, 1, 2, layers, DSC_MEAN_SQUARED_ERROR};
    const dsc_workspace_config scratch = {.max_batch = BATCH, .no_input_gradient = true};
    const dsc_optimizer_config adam = dsc_adam(0.005);

    dsc_error err;
    dsc_network *net = NULL;
    dsc_workspace *ws = NULL;
    dsc_optimizer *optimizer = NULL;
    must(dsc_network_create(&net, &config, &err), &err);
    must(dsc_workspace_create(&ws, net, &scratch, &err), &err);
    must(dsc_optimizer_create(&optimizer, &adam, DSC_FLOAT32, dsc_network_n_parameters(net), &err),
         &err);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);
    train(net, ws, optimizer);
    printf("below the line lie %.1f %% of new samples; wanted %.1f %%\n", 100 * measure(net, ws),
           100 * share);

    dsc_optimizer_destroy(optimizer);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
    return EXIT_SUCCESS;
}
