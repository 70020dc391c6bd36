/* One side against others: what dot product and network make of the pairs, and how that changes
 * with the side's sum, which is the side itself where no activation follows. docs/math.md (97), (136)
 *
 * For those who move or take apart one side while everything else is fixed: fold-in and
 * explanations. Dot product and activation are in double, the network in the precision it has. */
#ifndef DSC_RECOMMENDER_PAIR_SLOPE_H
#define DSC_RECOMMENDER_PAIR_SLOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "recommender/model.h"

/* Most pairs of a pass. */
enum { DSC_SLOPE_TILE = 128 };

/* Scratch. Zero before dsc_pair_slope_init; freed with dsc_pair_slope_clear. */
typedef struct dsc_pair_slope {
    const dsc_recommender *model;
    bool is_item;               /* the side is an item's: the others are users */
    dsc_workspace *workspace;   /* NULL: no network */
    float *x;                   /* (DSC_SLOPE_TILE, 2 n_factors), the block that holds the next */
    float *d_side;              /* (DSC_SLOPE_TILE, n_factors) */
    const dsc_kernels *kernels; /* in double */
    dsc_activation activation;  /* of the side */
    double *sums;               /* (DSC_SLOPE_TILE, n_factors); NULL: no activation */
    double *sides;              /* (DSC_SLOPE_TILE, n_factors) what it makes of them */
    float ones[DSC_SLOPE_TILE];
} dsc_pair_slope;

/* Returns DSC_OK; DSC_E_ARGUMENT, DSC_E_MEMORY with *out cleared. */
dsc_status dsc_pair_slope_init(dsc_pair_slope *out, const dsc_recommender *model, bool is_item,
                               dsc_error *err);
void dsc_pair_slope_clear(dsc_pair_slope *s);

/* A pair of a pass. */
typedef struct dsc_facing {
    const double *sum;  /* (n_factors) of the side, before its activation */
    const float *other; /* (n_factors) the other side */
} dsc_facing;

/* The parts of a pass that are wanted. */
typedef enum dsc_slope_part { DSC_SLOPE_WHOLE, DSC_SLOPE_NETWORK } dsc_slope_part;

/* For n pairs, 1 .. DSC_SLOPE_TILE: value (n) is dot product plus network, of those that the model
 * has and that are wanted; slope (n, n_factors) its gradient at each pair's sum. Allocates
 * nothing. Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_pair_slope_pass(dsc_pair_slope *s, dsc_slope_part part, size_t n,
                               const dsc_facing *pairs, double *value, double *slope,
                               dsc_error *err);

#endif
