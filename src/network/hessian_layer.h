/* The R-operator on one layer behind its weighted sums: normalisation and activation.
 *
 * R is the derivative along a direction of the parameters. What does not depend on the direction is
 * computed once, by dsc_r_layer_linearize; the two passes are then linear in it. */
#ifndef DSC_NETWORK_HESSIAN_LAYER_H
#define DSC_NETWORK_HESSIAN_LAYER_H

#include "network/network_internal.h"

/* All arrays are (batch, n_out) in double unless said. */
typedef struct dsc_r_layer {
    const layer *of;
    size_t batch;
    /* Of the pass at the parameters, borrowed. */
    const double *x; /* (batch, n_in) what enters the layer */
    const double *z;
    const double *normed; /* what enters the activation: z without normalisation */
    const double *a;
    const double *d_a;
    const double *d_normed;
    const double *d_z;
    const double *gain; /* (n_out); NULL: no normalisation */
    /* Linear in no direction: filled by linearize. */
    double *slope; /* f' */
    double *bend;  /* dA .* f'' */
    /* Filled by the forward pass along a direction. */
    double *r_z;
    double *r_normed; /* the memory of r_z without normalisation */
    double *r_a;
    /* Normalisation alone. */
    double *score;   /* (z - mean) / deviation */
    double *r_score; /* R of it */
    double *factor;  /* (batch) 1 / deviation */
    double *pull;    /* (batch) mean of score .* R z: R factor = -factor^2 pull */
} dsc_r_layer;

/* Doubles a sample that the arrays of a layer take, besides what is borrowed. */
size_t dsc_r_layer_doubles(const layer *of);

/* Lays the arrays out at `memory`, dsc_r_layer_doubles * batch of them. */
void dsc_r_layer_place(dsc_r_layer *self, double *memory);

/* `of`, `batch`, the borrowed arrays and the memory are set. */
void dsc_r_layer_linearize(dsc_r_layer *self);

/* From R Z in r_z to R A in r_a.
 *   v  [in]  the direction, in the layout of the network's parameters */
void dsc_r_layer_forward(dsc_r_layer *self, const double *v);

/* From R dA to R dZ, in place, and the layer's gain and shift in `product`, added to.
 * docs/math.md (63), (64) */
void dsc_r_layer_backward(const dsc_r_layer *self, const double *v, double *r_d, double *product);

#endif
