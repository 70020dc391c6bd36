/* The objective of full-batch training in single precision, for tests that hold doubles. */
#ifndef DESCENT_TESTS_FULL_BATCH_FLOATS_H
#define DESCENT_TESTS_FULL_BATCH_FLOATS_H

#include <stdlib.h>

#include "recommender/full_batch.h"

/* dsc_full_batch_evaluate of a batch of floats at x rounded to them; gradient and x (n values). */
static inline dsc_status evaluate_in_floats(const double *x, double *loss, double *gradient,
                                            dsc_full_batch *batch) {
    const size_t n = dsc_full_batch_n_values(batch);
    float *at = malloc(2 * n * sizeof *at);
    if (at == NULL) {
        return DSC_E_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        at[i] = (float)x[i];
    }
    const dsc_status status = dsc_full_batch_evaluate(at, loss, at + n, batch, NULL);
    for (size_t i = 0; status == DSC_OK && i < n; i++) {
        gradient[i] = (double)at[n + i];
    }
    free(at);
    return status;
}

#endif
