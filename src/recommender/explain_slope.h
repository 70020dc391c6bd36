/* A pair of user and item while its prediction is taken apart by one model: what the parts of an explanation
 * share. */
#ifndef DSC_RECOMMENDER_EXPLAIN_SLOPE_H
#define DSC_RECOMMENDER_EXPLAIN_SLOPE_H

#include "descent/explain.h"
#include "recommender/output.h"
#include "recommender/pair_slope.h"

typedef struct dsc_explaining {
    const dsc_recommender *model;
    const dsc_side *user;
    const dsc_side *item;
    dsc_output_line line; /* from the sum of the parts to the rating */
    dsc_pair_slope pass;
    double *sum;    /* (n_factors) U_u before its activation; the block that holds the next three */
    double *slope;  /* (n_factors) G, what a unit of each of the sum's elements is worth (101) */
    double *points; /* (DSC_SLOPE_TILE, n_factors) sums on the way from 0 to the user's */
    double *gradients; /* (DSC_SLOPE_TILE, n_factors) */
} dsc_explaining;

/* What is not linear in the user's sum: the network; after an activation all of it. (137) */
static inline dsc_slope_part dsc_bent_part(const dsc_explaining *w) {
    return w->model->user_parts.activation == DSC_IDENTITY ? DSC_SLOPE_NETWORK : DSC_SLOPE_WHOLE;
}

/* G of the pair, (101), (137), into w->slope, from its sum and line; out->network and out->n_steps with it.
 * Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_explaining_slope(dsc_explaining *w, dsc_explanation *out, dsc_error *err);

#endif
