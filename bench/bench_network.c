/* Speed of one thread's forward pass and backpropagation, by shape and precision.
 *
 * A multiplication and an addition are two operations: 2 a weight and sample forward, 4 backward
 * (gradient at the weights and at the input). */
#include "descent/network.h"

#include "bench.h"
#include "descent/random.h"

#define MAX_LAYERS 4

typedef struct shape {
    const char *name;
    size_t n_in;
    size_t n_layers;
    size_t widths[MAX_LAYERS];
    size_t batch;
} shape;

static const shape shapes[] = {
    {"64-32-16-8-1, batch 64", 64, 4, {32, 16, 8, 1}, 64},
    {"64-32-16-8-1, batch 256", 64, 4, {32, 16, 8, 1}, 256},
    {"128-128-64-1, batch 256", 128, 3, {128, 64, 1}, 256},
    {"256-256-256-1, batch 256", 256, 3, {256, 256, 1}, 256},
    {"512-512-512-1, batch 256", 512, 3, {512, 512, 1}, 256},
};

typedef struct run {
    dsc_network *net;
    dsc_workspace *ws;
    dsc_matrix x;      /* (batch, n_in) */
    dsc_matrix target; /* (batch, 1) */
} run;

static void forward(void *argument) {
    run *r = argument;
    dsc_error err;
    bench_require(dsc_network_forward(r->net, r->ws, r->x, &err), &err);
}

static void forward_and_backward(void *argument) {
    run *r = argument;
    dsc_error err;
    forward(r);
    dsc_workspace_zero_gradients(r->ws);
    bench_require(dsc_network_backward(r->net, r->ws, r->target, NULL, &err), &err);
}

/* n standard normal numbers in the given precision; freed with free(). */
static void *draw(size_t n, dsc_precision precision) {
    dsc_random random = dsc_random_stream(1, 0, 0);
    void *values = calloc(n, (size_t)precision);
    if (values == NULL) {
        fprintf(stderr, "no memory for %zu numbers\n", n);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < n; i++) {
        const double z = dsc_random_normal(&random);
        if (precision == DSC_FLOAT32) {
            ((float *)values)[i] = (float)z;
        } else {
            ((double *)values)[i] = z;
        }
    }
    return values;
}

static void measure(const shape *s, dsc_precision precision) {
    dsc_layer_config layers[MAX_LAYERS];
    size_t n_weights = 0, n_in = s->n_in;
    for (size_t l = 0; l < s->n_layers; l++) {
        layers[l] = (dsc_layer_config){s->widths[l], DSC_RELU, true};
        n_weights += n_in * s->widths[l];
        n_in = s->widths[l];
    }
    layers[s->n_layers - 1].activation = DSC_IDENTITY;

    const dsc_network_config config = {precision, s->n_in, s->n_layers, layers,
                                       DSC_MEAN_SQUARED_ERROR};
    const dsc_workspace_config scratch = {.max_batch = s->batch};
    run r = {0};
    dsc_error err;
    bench_require(dsc_network_create(&r.net, &config, &err), &err);
    bench_require(dsc_workspace_create(&r.ws, r.net, &scratch, &err), &err);
    dsc_network_init(r.net, DSC_INIT_HE, 1);
    void *x = draw(s->batch * s->n_in, precision);
    void *target = draw(s->batch, precision);
    r.x = (dsc_matrix){x, s->batch, s->n_in, precision};
    r.target = (dsc_matrix){target, s->batch, 1, precision};

    const double forward_s = bench_best_s(forward, &r);
    const double both_s = bench_best_s(forward_and_backward, &r);
    const double operations = (double)n_weights * (double)s->batch;
    printf("%-26s %-7s %11.0f %9.2f %12.0f %9.2f\n", s->name,
           precision == DSC_FLOAT32 ? "float" : "double", (double)s->batch / forward_s * 1e-3,
           2 * operations / forward_s * 1e-9, (double)s->batch / both_s * 1e-3,
           6 * operations / both_s * 1e-9);

    free(target);
    free(x);
    dsc_workspace_destroy(r.ws);
    dsc_network_destroy(r.net);
}

int main(void) {
    puts("Network, one thread                 forward               forward and backward");
    puts("shape                      number  k samples/s   GFLOP/s  k samples/s   GFLOP/s");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        measure(&shapes[i], DSC_FLOAT32);
        measure(&shapes[i], DSC_FLOAT64);
    }
    return EXIT_SUCCESS;
}
