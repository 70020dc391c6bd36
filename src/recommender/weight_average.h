/* A running mean of a model's weights over the epochs of a training.
 *
 *     mean_t = mean_{t-1} + (weights_t - mean_{t-1}) / min(t, n)
 *
 * docs/math.md (174). The mean stands beside the model and changes places with its weights when it is
 * to predict or to be kept. */
#ifndef DSC_RECOMMENDER_WEIGHT_AVERAGE_H
#define DSC_RECOMMENDER_WEIGHT_AVERAGE_H

#include <stddef.h>

#include "recommender/model.h"

typedef struct dsc_weight_average {
    dsc_recommender *model; /* borrowed */
    size_t n_epochs;        /* n; 1: the mean is the weights, and nothing is kept */
    size_t n_added;         /* t */
    float *mean;            /* (tables, then the network's parameters) */
} dsc_weight_average;

/* Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_weight_average_init(dsc_weight_average *out, dsc_recommender *model, size_t n_epochs,
                                   dsc_error *err);
void dsc_weight_average_clear(dsc_weight_average *average); /* all zero is allowed */

/* Takes the model's weights at the end of an epoch into the mean. */
void dsc_weight_average_add(dsc_weight_average *average);

/* Exchanges the model's weights and the mean; a second time puts them back. */
void dsc_weight_average_swap(dsc_weight_average *average);

#endif
