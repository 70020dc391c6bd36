/* Training a network on dense data: minibatches or L-BFGS, schedules, penalties, early stopping.
 *
 * Everything is by the public passes and steps of network.h and optimizer.h; whoever needs another
 * loop writes one (examples/custom_loop.c). The same network, data, settings and seed give the same
 * bytes, with any number of threads. */
#ifndef DESCENT_FIT_H
#define DESCENT_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/lbfgs.h"
#include "descent/matrix.h"
#include "descent/network.h"
#include "descent/optimizer.h"
#include "descent/schedule.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers are the defaults. */
typedef struct dsc_fit_config {
    size_t max_epochs; /* 100; iterations of L-BFGS */
    size_t batch_size; /* 64; L-BFGS takes all samples at once. Batches of 1: see dsc_fit */
    size_t patience;   /* epochs without a lower validation loss before training stops; 0: never */
    dsc_optimizer_config optimizer; /* dsc_adam(0.001) */
    bool use_lbfgs; /* instead of the optimizer and its schedule; not with l1 or dropout */
    dsc_schedule_config schedule; /* constant */
    double l1;                    /* penalty on weights, docs/math.md (34), of the mean loss; 0 */
    double l2;                    /* likewise; 0 */
    double clip_norm; /* largest norm of a minibatch's gradient, docs/math.md (35); 0: no limit */
    uint64_t seed;    /* of the order of the samples and of dropout */
    size_t n_threads; /* 0 .. 1024; 0: as many as processors may be used. Any number gives the same
                         bytes. Batches of at most 64 samples, and of less than 16 million weights
                         times samples, stay on one thread; samples go forward and back 64 to a
                         thread, so that batches of 256 keep no more than 4 busy there */
} dsc_fit_config;

/* The defaults named above. */
dsc_fit_config dsc_fit_config_default(void);

/* Samples as rows, of any precision, borrowed. */
typedef struct dsc_fit_data {
    dsc_matrix x;            /* (n, n_in) */
    dsc_matrix y;            /* (n, n_out) */
    dsc_matrix x_validation; /* (n_validation, n_in); data NULL: none */
    dsc_matrix y_validation; /* (n_validation, n_out) */
} dsc_fit_data;

/* Where training stands. */
typedef struct dsc_fit_progress {
    size_t epoch;           /* from 1; that which has just ended */
    size_t max_epochs;      /* as configured */
    double train_loss;      /* mean over the epoch's minibatches, each before its step, penalty and
                               dropout included */
    double validation_loss; /* after the epoch; NAN without validation data */
    double rate;            /* of the epoch's last step; NAN under L-BFGS */
    double gradient_norm;   /* of its last minibatch, before clipping */
    bool is_best;           /* the lowest validation loss so far; true without validation data */
} dsc_fit_progress;

/* Called after every epoch; false ends with DSC_E_CANCELLED. */
typedef bool (*dsc_fit_watcher)(const dsc_fit_progress *progress, void *user);

/* How training ended. */
typedef struct dsc_fit_result {
    size_t n_epochs;        /* that were run to their end */
    size_t best_epoch;      /* whose weights the network has; 0: those at the start */
    double train_loss;      /* of the best epoch */
    double validation_loss; /* the same; NAN without validation data */
    bool has_stopped_early; /* patience ran out before max_epochs */
} dsc_fit_result;

/* Trains the network from the parameters it has (dsc_network_init draws some). In the end it has
 * those of the epoch with the lowest validation loss, or of the last epoch where there is no
 * validation data; so too after a failure and when the watcher ends it: the weights are never lost.
 *   net      [in,out]
 *   config   [in]      NULL: the defaults
 *   watcher  [in]      NULL allowed
 *   result   [out]     NULL allowed; filled also on DSC_E_NONFINITE and DSC_E_CANCELLED
 * Returns DSC_OK; DSC_E_SHAPE; DSC_E_ARGUMENT a setting out of range, no samples; DSC_E_NONFINITE a
 * value of the data, or a loss or weight in training (err->where "epoch 3, layer 2");
 * DSC_E_CANCELLED; DSC_E_MEMORY.
 * Cost: O(epochs * samples * weights). Allocates nothing after the start. Batches of 1 cost a fraction by
 * plain SGD (no momentum, l1, l2, clipping, dropout; not the cosine schedule, and after its warmup) in
 * two kinds of networks: small ones of squared errors, with at most 4 layers, 64 inputs and 16 units;
 * identity, relu, leaky-relu, sigmoid, tanh; no normalisation; data of the network's precision. And those with
 * a large layer, docs/math.md (203). The result is the same to rounding. */
dsc_status dsc_fit(dsc_network *net, const dsc_fit_data *data, const dsc_fit_config *config,
                   dsc_fit_watcher watcher, void *user, dsc_fit_result *result, dsc_error *err);

/* The outputs of the network for any number of samples, in parts that fit a cache.
 *   x    [in]   (n, n_in) of any precision
 *   out  [out]  (n, n_out) of the network's precision, row-major, caller's
 * Returns DSC_OK; DSC_E_SHAPE; DSC_E_NONFINITE an output that is not finite (err->where names the
 * sample); DSC_E_MEMORY. */
dsc_status dsc_network_predict(const dsc_network *net, dsc_matrix x, void *out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
