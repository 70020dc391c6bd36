/* What the benchmarks share: a clock, the best of several runs, and giving up with a message. */
#ifndef DESCENT_BENCH_H
#define DESCENT_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "descent/status.h"

/* Seconds of a clock that only runs forward. */
static inline double bench_now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Ends the program when a call failed: a figure from a run that failed means nothing. */
static inline void bench_require(dsc_status status, const dsc_error *err) {
    if (status != DSC_OK) {
        fprintf(stderr, "%s: %s (%s)\n", err->where, err->message, dsc_status_name(status));
        exit(EXIT_FAILURE);
    }
}

/* Seconds of one call of `body`: the best of 5 rounds of about 0.1 s each, since everything that
 * disturbs a run makes it slower. */
static inline double bench_best_s(void (*body)(void *), void *argument) {
    enum { N_ROUNDS = 5 };
    const double round_s = 0.1;
    double best_s = 0;
    for (int round = 0; round < N_ROUNDS; round++) {
        const double begin_s = bench_now_s();
        double elapsed_s = 0;
        size_t n_calls = 0;
        do {
            body(argument);
            n_calls++;
            elapsed_s = bench_now_s() - begin_s;
        } while (elapsed_s < round_s);
        const double call_s = elapsed_s / (double)n_calls;
        if (round == 0 || call_s < best_s) {
            best_s = call_s;
        }
    }
    return best_s;
}

#endif
