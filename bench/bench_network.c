/* Speed of one thread's forward pass and backpropagation, by shape and precision.
 *
 * A multiplication and an addition are two operations: 2 a weight and sample forward, 4 backward
 * (gradient at the weights and at the input). */
#include "descent/network.h"

#include <math.h>

#include "bench.h"
#include "descent/fit.h"
#include "descent/isa.h"
#include "descent/random.h"
#include "fma_peak.h"

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

/* --- training ---------------------------------------------------------------------------------- */

/* What dsc_fit makes of an epoch of plain SGD: shuffling, gathering, passes and steps. */
typedef struct training {
    const char *name;
    size_t n_in;
    size_t n_layers;
    size_t widths[MAX_LAYERS];
    dsc_activation hidden;
    dsc_activation output;
    dsc_loss loss;
    size_t batch;
    size_t n_samples;
} training;

static const training trainings[] = {
    {"784-256-128-10", 784, 3, {256, 128, 10}, DSC_RELU, DSC_IDENTITY, DSC_CROSS_ENTROPY, 1, 2048},
    {"784-256-128-10", 784, 3, {256, 128, 10}, DSC_RELU, DSC_IDENTITY, DSC_CROSS_ENTROPY, 32, 4096},
    {"784-256-128-10",
     784,
     3,
     {256, 128, 10},
     DSC_RELU,
     DSC_IDENTITY,
     DSC_CROSS_ENTROPY,
     128,
     4096},
    {"784-256-128-10",
     784,
     3,
     {256, 128, 10},
     DSC_RELU,
     DSC_IDENTITY,
     DSC_CROSS_ENTROPY,
     1024,
     4096},
    {"1024-1024-1024-10",
     1024,
     3,
     {1024, 1024, 10},
     DSC_RELU,
     DSC_IDENTITY,
     DSC_CROSS_ENTROPY,
     256,
     2048},
    {"3-2-2 linear", 3, 2, {2, 2}, DSC_IDENTITY, DSC_IDENTITY, DSC_HALF_SUM_OF_SQUARES, 1, 65536},
    {"2-8-1 sigmoid", 2, 2, {8, 1}, DSC_SIGMOID, DSC_SIGMOID, DSC_HALF_SUM_OF_SQUARES, 1, 65536},
};

enum { N_ROUNDS = 5, N_PEAK = 100000 };

/* The clock of a training: with one thread the seconds that the processor worked for it, of which
 * other programs take none; with more those that went by. */
static double seconds(size_t n_threads) {
    struct timespec now;
    clock_gettime(n_threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Seconds that dsc_fit takes for so many epochs from the same start. */
static double fit_s(dsc_network *net, const dsc_fit_data *data, size_t batch, size_t n_threads,
                    size_t n_epochs) {
    dsc_fit_config config = dsc_fit_config_default();
    config.n_threads = n_threads;
    config.optimizer = dsc_sgd(1e-3);
    config.batch_size = batch;
    config.max_epochs = n_epochs;
    dsc_error err;
    dsc_network_init(net, DSC_INIT_GLOROT, 1);
    const double begin_s = seconds(n_threads);
    bench_require(dsc_fit(net, data, &config, NULL, NULL, NULL, &err), &err);
    return seconds(n_threads) - begin_s;
}

static double peak_s(const fma_peak *peak) {
    static volatile float sink;
    const double begin_s = seconds(1);
    sink = peak->rounds(N_PEAK);
    (void)sink;
    return seconds(1) - begin_s;
}

static dsc_network *create(const training *t, double *n_operations) {
    dsc_layer_config layers[MAX_LAYERS];
    double n_weights = 0;
    size_t n_in = t->n_in;
    for (size_t l = 0; l < t->n_layers; l++) {
        layers[l] = (dsc_layer_config){t->widths[l], t->hidden, true};
        n_weights += (double)(n_in * t->widths[l]);
        n_in = t->widths[l];
    }
    layers[t->n_layers - 1].activation = t->output;
    /* forward, at the weights, and at what enters each layer but the first */
    *n_operations = 6 * n_weights - 2 * (double)(t->n_in * t->widths[0]);
    const dsc_network_config config = {DSC_FLOAT32, t->n_in, t->n_layers, layers, t->loss};
    dsc_network *net;
    dsc_error err;
    bench_require(dsc_network_create(&net, &config, &err), &err);
    return net;
}

/* One-hot for classes, else numbers between 0 and 1. */
static float *draw_targets(const training *t) {
    const size_t n_out = t->widths[t->n_layers - 1];
    float *y = draw(t->n_samples * n_out, DSC_FLOAT32);
    for (size_t s = 0; s < t->n_samples; s++) {
        for (size_t k = 0; k < n_out; k++) {
            float *at = &y[s * n_out + k];
            *at = t->loss == DSC_CROSS_ENTROPY ? (float)(k == s % n_out) : (float)(*at > 0);
        }
    }
    return y;
}

/* Epochs and the peak take turns; the best of each. The start of a fit is taken off. */
static void train(const training *t, size_t n_threads) {
    double n_operations;
    dsc_network *net = create(t, &n_operations);
    float *x = draw(t->n_samples * t->n_in, DSC_FLOAT32);
    float *y = draw_targets(t);
    const dsc_fit_data data = {.x = dsc_matrix_f32(x, t->n_samples, t->n_in),
                               .y = dsc_matrix_f32(y, t->n_samples, t->widths[t->n_layers - 1])};
    const fma_peak peak = fma_peak_of(dsc_isa_name());
    double one_s = INFINITY, more_s = INFINITY, best_peak_s = INFINITY;
    for (size_t round = 0; round < N_ROUNDS; round++) {
        best_peak_s = peak.rounds != NULL ? fmin(best_peak_s, peak_s(&peak)) : 0;
        one_s = fmin(one_s, fit_s(net, &data, t->batch, n_threads, 1));
        more_s = fmin(more_s, fit_s(net, &data, t->batch, n_threads, 4));
    }
    const double rate = 3 * (double)t->n_samples / (more_s - one_s);
    const double peak_rate = (double)(N_PEAK * peak.operations) / best_peak_s;
    printf("%-20s %6zu %12.1f %9.1f %6.0f %%\n", t->name, t->batch, rate * 1e-3,
           rate * n_operations * 1e-9, 100 * rate * n_operations / peak_rate);
    free(y);
    free(x);
    dsc_network_destroy(net);
}

int main(int argc, char **argv) {
    const size_t n_threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    puts("Training by SGD, one thread, single precision\n"
         "shape                 batch  k samples/s   GFLOP/s  of peak");
    for (size_t i = 0; i < sizeof trainings / sizeof trainings[0]; i++) {
        if (argc < 2 || strtoul(argv[1], NULL, 10) == i) {
            train(&trainings[i], n_threads);
        }
    }
    if (argc > 1) {
        return EXIT_SUCCESS;
    }
    puts("\nNetwork, one thread                 forward               forward and backward");
    puts("shape                      number  k samples/s   GFLOP/s  k samples/s   GFLOP/s");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        measure(&shapes[i], DSC_FLOAT32);
        measure(&shapes[i], DSC_FLOAT64);
    }
    return EXIT_SUCCESS;
}
