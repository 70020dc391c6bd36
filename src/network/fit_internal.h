/* What the two ways of fitting share: the data, the settings, and the best weights so far. */
#ifndef DSC_NETWORK_FIT_INTERNAL_H
#define DSC_NETWORK_FIT_INTERNAL_H

#include "descent/fit.h"
#include "descent/random.h"
#include "network/fit_passes.h"

typedef struct dsc_fitter {
    dsc_network *net;
    dsc_passes passes;
    dsc_fit_samples train;
    dsc_fit_samples validation; /* x.data NULL: none */
    dsc_fit_config config;
    dsc_fit_watcher watcher;
    void *user;
    void *best;       /* (n_parameters) the weights that the network has in the end */
    size_t n_waiting; /* epochs since the best one */
    dsc_fit_result result;
    dsc_error *err;
} dsc_fitter;

/* An epoch has ended with finite weights: measures the validation loss, keeps the weights if they
 * are the best, tells the watcher.
 *   progress  [in,out]  all but validation_loss and is_best, which are filled
 * Returns DSC_OK; DSC_E_NONFINITE (err->where names the epoch); DSC_E_CANCELLED. */
dsc_status dsc_fitter_end_epoch(dsc_fitter *fitter, dsc_fit_progress *progress);

/* No lower validation loss for so long that training is to end. */
bool dsc_fitter_is_patience_over(const dsc_fitter *fitter);

/* Puts "epoch 3, " in front of where the error is, and returns it. */
dsc_status dsc_fitter_fail_in(dsc_fitter *fitter, size_t epoch, dsc_status status);

/* Fisher-Yates of what is there, by dsc_random_below of n, n - 1 and so on; the numbers are made many at
 * a time.
 *   order   [in,out]  (n)
 *   random  [in]      the start of a stream */
void dsc_fit_shuffle(uint32_t *order, size_t n, const dsc_kernels *kernels, dsc_random random);

/* Whether plain steps of batches of one sample can be taken by dsc_fitter_run_steps: a small network of
 * usual layers, and samples of its precision. */
bool dsc_fitter_has_runs(const dsc_fitter *fitter);

/* n steps of plain SGD at one rate, on a sample each, where dsc_fitter_has_runs.
 *   order  [in]   (n), n >= 1, the samples
 *   loss   [out]  the sum of the losses, each before its step
 * Returns whether that is finite; the network is as it was where it is not. */
bool dsc_fitter_run_steps(dsc_fitter *fitter, const uint32_t *order, size_t n, double rate,
                          double *loss);

/* Train by minibatches or by L-BFGS until that ends; failures as dsc_fit. */
dsc_status dsc_fitter_run_minibatches(dsc_fitter *fitter);
dsc_status dsc_fitter_run_lbfgs(dsc_fitter *fitter);

#endif
