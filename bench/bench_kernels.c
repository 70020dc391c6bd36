/* Speed of the dense layer's kernels by instruction set, beside the peak of the core.
 *
 * One layer, one thread. Forward is one product of matrices, backward two. The bursts of all sets and
 * of the peak take turns, time is the processor's, and the best burst of each counts: what else runs
 * on the machine only makes them slower. A set whose results differ from plain C by more than rounding ends the
 * program. */
#include <math.h>
#include <string.h>

#include "bench.h"
#include "descent/isa.h"
#include "descent/network.h"
#include "descent/random.h"
#include "fma_peak.h"

/* N_PEAK: rounds of the loop that finds the peak, in one call. */
enum { MAX_ISAS = 4, N_ROUNDS = 7, N_PEAK = 10000 };

static const double burst_s = 0.02;

/* The products of a recommender's tower and of usual and wide networks. */
static const struct shape {
    size_t batch, n_in, n_out;
} shapes[] = {
    {1, 784, 256},    {64, 64, 32},    {256, 64, 32},   {1024, 64, 32},
    {256, 32, 16},    {256, 16, 8},    {256, 128, 64},  {256, 256, 128},
    {4096, 256, 128}, {128, 784, 256}, {256, 512, 512}, {256, 1024, 1024},
};

typedef struct contestant {
    const char *isa;
    fma_peak peak;
    dsc_network *net;
    dsc_workspace *ws;
    double peak_s, forward_s, backward_s; /* best seconds of one call */
} contestant;

typedef struct problem {
    dsc_matrix x;        /* (batch, n_in) */
    dsc_matrix d_output; /* (batch, n_out) */
} problem;

static float *draw(size_t n, uint32_t purpose) {
    dsc_random random = dsc_random_stream(1, purpose, 0);
    float *values = calloc(n, sizeof *values);
    if (values == NULL) {
        fprintf(stderr, "no memory for %zu numbers\n", n);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = (float)dsc_random_normal(&random);
    }
    return values;
}

static void create(contestant *c, const struct shape *s) {
    const dsc_layer_config layer = {.n_out = s->n_out, .activation = DSC_IDENTITY};
    const dsc_network_config config = {.precision = DSC_FLOAT32,
                                       .n_in = s->n_in,
                                       .n_layers = 1,
                                       .layers = &layer,
                                       .loss = DSC_MEAN_SQUARED_ERROR};
    dsc_error err;
    bench_require(dsc_isa_set(c->isa, &err), &err);
    bench_require(dsc_network_create(&c->net, &config, &err), &err);
    dsc_network_init(c->net, DSC_INIT_HE, 1);
    bench_require(
        dsc_workspace_create(&c->ws, c->net, &(dsc_workspace_config){.max_batch = s->batch}, &err),
        &err);
    c->peak_s = c->forward_s = c->backward_s = INFINITY;
}

static void forward(contestant *c, const problem *p) {
    dsc_error err;
    bench_require(dsc_network_forward(c->net, c->ws, p->x, &err), &err);
}

static void backward(contestant *c, const problem *p) {
    dsc_error err;
    bench_require(dsc_network_backward_from(c->net, c->ws, p->d_output, &err), &err);
}

static void peak(contestant *c, const problem *p) {
    static volatile float sink;
    (void)p;
    sink = c->peak.rounds(N_PEAK);
    (void)sink;
}

/* Seconds that the processor worked for this program: other programs take none of them. */
static double worked_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Seconds of one call in a burst, if they are fewer than the best so far. */
static void run_burst(void (*body)(contestant *, const problem *), contestant *c, const problem *p,
                      double *best_s) {
    /* the clock takes as long as a small call: it is read after ever more of them */
    size_t n = 0, chunk = 1;
    const double begin_s = worked_s();
    double elapsed_s = 0;
    while (elapsed_s < burst_s) {
        for (size_t i = 0; i < chunk; i++) {
            body(c, p);
        }
        n += chunk;
        chunk *= elapsed_s < burst_s / 16 ? 2 : 1;
        elapsed_s = worked_s() - begin_s;
    }
    *best_s = fmin(*best_s, elapsed_s / (double)n);
}

static void require_same(dsc_matrix got, dsc_matrix plain, const char *isa, const char *what) {
    double largest = 0, difference = 0;
    for (size_t r = 0; r < got.n_rows; r++) {
        for (size_t k = 0; k < got.n_cols; k++) {
            const double expected = dsc_matrix_at(plain, r, k);
            largest = fmax(largest, fabs(expected));
            difference = fmax(difference, fabs(dsc_matrix_at(got, r, k) - expected));
        }
    }
    if (!(difference <= 1e-5 * largest)) {
        fprintf(stderr, "%s of %s is off by %g of %g\n", what, isa, difference, largest);
        exit(EXIT_FAILURE);
    }
}

/* After one pass each: against the last one, which is plain C. */
static void check(contestant *contestants, size_t n, const problem *p) {
    const contestant *plain = &contestants[n - 1];
    for (size_t i = 0; i < n; i++) {
        dsc_workspace_zero_gradients(contestants[i].ws);
        forward(&contestants[i], p);
        backward(&contestants[i], p);
    }
    for (size_t i = 0; i < n; i++) {
        const contestant *c = &contestants[i];
        require_same(dsc_workspace_output(c->ws), dsc_workspace_output(plain->ws), c->isa, "A");
        require_same(dsc_workspace_d_weights(c->ws, 0), dsc_workspace_d_weights(plain->ws, 0),
                     c->isa, "the gradient at the weights");
        require_same(dsc_workspace_d_input(c->ws), dsc_workspace_d_input(plain->ws), c->isa,
                     "the gradient at the input");
    }
}

static void print(const contestant *c, const struct shape *s) {
    const double operations = 2 * (double)s->batch * (double)s->n_in * (double)s->n_out;
    const double rates[] = {operations / c->forward_s * 1e-9,
                            2 * operations / c->backward_s * 1e-9};
    char name[48];
    snprintf(name, sizeof name, "%zu x %zu x %zu", s->batch, s->n_in, s->n_out);
    printf("%-18s %-7s", name, c->isa);
    for (size_t i = 0; i < 2; i++) {
        printf(" %9.1f", rates[i]);
        if (c->peak.rounds != NULL) {
            printf(" %4.0f %%",
                   100 * rates[i] * c->peak_s * 1e9 / (N_PEAK * (double)c->peak.operations));
        } else {
            printf("       ");
        }
    }
    if (c->peak.rounds != NULL) {
        printf(" %9.1f", N_PEAK * (double)c->peak.operations / c->peak_s * 1e-9);
    }
    putchar('\n');
}

static void measure(const struct shape *s, contestant *contestants, size_t n) {
    float *x = draw(s->batch * s->n_in, 0);
    float *d_output = draw(s->batch * s->n_out, 1);
    const problem p = {dsc_matrix_f32(x, s->batch, s->n_in),
                       dsc_matrix_f32(d_output, s->batch, s->n_out)};
    for (size_t i = 0; i < n; i++) {
        create(&contestants[i], s);
    }
    check(contestants, n, &p);
    for (size_t round = 0; round < N_ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) {
            contestant *c = &contestants[i];
            if (c->peak.rounds != NULL) {
                run_burst(peak, c, &p, &c->peak_s);
            }
            run_burst(forward, c, &p, &c->forward_s);
            run_burst(backward, c, &p, &c->backward_s);
        }
    }
    for (size_t i = 0; i < n; i++) {
        print(&contestants[i], s);
        dsc_workspace_destroy(contestants[i].ws);
        dsc_network_destroy(contestants[i].net);
    }
    free(d_output);
    free(x);
}

int main(void) {
    contestant contestants[MAX_ISAS] = {0};
    size_t n = 0;
    for (; n < MAX_ISAS && dsc_isa_available(n) != NULL; n++) {
        contestants[n].isa = dsc_isa_available(n);
        contestants[n].peak = fma_peak_of(contestants[n].isa);
    }
    puts("One dense layer, one thread, single precision: GFLOP/s, and share of the peak of FMA\n"
         "batch x in x out   set         forward         backward      peak");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        measure(&shapes[i], contestants, n);
    }
    return EXIT_SUCCESS;
}
