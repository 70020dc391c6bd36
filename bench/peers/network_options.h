/* What the programs that train a dense network in turns have in common: bench/peers/dense_networks.py.
 *
 * The samples are made up; a file carries them, and the weights that all start from, to the peers:
 * single-precision numbers, first all weights and biases, layer by layer as descent has them, then the
 * inputs (n, n_in), then the targets (n, n_out). */
#ifndef DESCENT_BENCH_NETWORK_OPTIONS_H
#define DESCENT_BENCH_NETWORK_OPTIONS_H

#include "../bench.h"

enum { MAX_WIDTHS = 8 };

typedef struct network_options {
    size_t widths[MAX_WIDTHS]; /* of the input, then of each layer */
    size_t n_widths;
    size_t n_samples, batch, n_threads;
    double rate;
    const char *activation; /* of the hidden layers: identity, relu, sigmoid */
    const char *start;      /* the file */
    const char *curve;      /* so many steps of all samples instead of turns; NULL */
    bool is_classes;        /* cross-entropy, else mean squared error */
} network_options;

static inline network_options network_options_read(int argc, char **argv) {
    network_options o = {
        .n_samples = strtoul(bench_option(argc, argv, "--samples", "1000"), NULL, 10),
        .batch = strtoul(bench_option(argc, argv, "--batch", "1"), NULL, 10),
        .n_threads = strtoul(bench_option(argc, argv, "--threads", "1"), NULL, 10),
        .rate = strtod(bench_option(argc, argv, "--rate", "0.01"), NULL),
        .activation = bench_option(argc, argv, "--activation", "relu"),
        .start = bench_option(argc, argv, "--start", ""),
        .curve = bench_option(argc, argv, "--curve", NULL),
        .is_classes = strcmp(bench_option(argc, argv, "--loss", ""), "cross-entropy") == 0};
    const char *text = bench_option(argc, argv, "--layers", "3,2,2");
    char *end;
    while (o.n_widths < MAX_WIDTHS && *text != '\0') {
        o.widths[o.n_widths++] = strtoul(text, &end, 10);
        text = *end == ',' ? end + 1 : end;
    }
    if (o.n_widths < 2 || *text != '\0') {
        fputs("--layers takes 2 to 8 widths, such as 3,2,2\n", stderr);
        exit(2);
    }
    return o;
}

static inline size_t network_n_parameters(const network_options *o) {
    size_t n = 0;
    for (size_t l = 1; l < o->n_widths; l++) {
        n += (o->widths[l - 1] + 1) * o->widths[l];
    }
    return n;
}

#endif
