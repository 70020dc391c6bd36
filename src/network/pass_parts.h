/* A pass in parts that threads may make side by side: all layers forward and back for some samples,
 * then the gradients of a layer for some of its inputs.
 *
 * What comes of a sample does not depend on the others of its part, nor what comes of a weight on
 * the other weights: the parts may be cut anywhere, and the bytes are the same. */
#ifndef DSC_NETWORK_PASS_PARTS_H
#define DSC_NETWORK_PASS_PARTS_H

#include "network/network_internal.h"

/* Samples of the workspace's batch. */
typedef struct dsc_pass_part {
    size_t first, n;
    void *scratch; /* elements of the largest weight matrix, for the way back */
} dsc_pass_part;

/* Checks x as dsc_network_forward does and makes it the workspace's batch, none of which has passed
 * yet; the rows of x are read by the passes. draw NULL: no dropout. */
dsc_status dsc_pass_begin(const dsc_network *net, dsc_workspace *ws, dsc_matrix x,
                          const dsc_dropout_draw *draw, dsc_error *err);

void dsc_pass_forward(const dsc_workspace *ws, const dsc_pass_part *part);

/* Layer l alone, whose input is there, and whose masks are drawn where it has dropout. */
void dsc_pass_forward_layer(const dsc_workspace *ws, size_t l, const dsc_pass_part *part);

typedef struct dsc_pass_target {
    const void *y;       /* (batch, n_out) of the network's precision */
    size_t n_samples;    /* over which means are taken */
    bool wants_gradient; /* at the output, for the way back */
} dsc_pass_target;

/* What a part adds to the loss, after its forward pass. Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_pass_loss(const dsc_workspace *ws, const dsc_pass_part *part,
                         const dsc_pass_target *target, double *loss, dsc_error *err);

/* From the gradient at the output to that at the sums of every layer, and at the input where it is
 * wanted. */
void dsc_pass_back(const dsc_workspace *ws, const dsc_pass_part *part);

/* Layer l alone; the gradient at what leaves it is in its slot. */
void dsc_pass_back_layer(const dsc_workspace *ws, size_t l, const dsc_pass_part *part);

/* What a pass makes of the parameters' gradients: what its samples add up to by themselves is added
 * to what the workspace holds, so that it does not matter where a batch was cut before. */
typedef struct dsc_backward_end {
    bool is_first;        /* the workspace holds none yet: they are overwritten */
    dsc_network *stepped; /* the same network, whose parameters take a step of plain SGD in the
                                same pass; the workspace's gradients are then spoilt. NULL: none */
    const dsc_step *step;
} dsc_backward_end;

/* The gradients of some inputs' weights, over samples that have gone all the way back. */
typedef struct dsc_gradient_part {
    size_t first, n;             /* samples */
    size_t first_in, n_in;       /* inputs of the layer */
    bool has_tail;               /* also those of the layer's parameters besides weights */
    const dsc_backward_end *end; /* NULL: sums over samples go on where the pass before stopped */
    void *scratch;               /* elements of the largest weight matrix */
} dsc_gradient_part;

void dsc_pass_gradients(dsc_workspace *ws, size_t l, const dsc_gradient_part *part);

/* DSC_OK when a forward pass of `net` is in ws and m is (batch, n_out) of its precision; DSC_E_STATE, or
 * DSC_E_SHAPE that names `what`. */
dsc_status dsc_check_after_forward(const dsc_network *net, const dsc_workspace *ws, dsc_matrix m,
                                   const char *what, dsc_error *err);

/* DSC_OK, or DSC_E_NONFINITE of the n elements of a gradient at the output. */
dsc_status dsc_check_gradient(const dsc_network *net, const void *d_output, size_t n,
                              dsc_error *err);

/* Layer l as the kernels see it. */
dsc_dense dsc_dense_of(const dsc_network *net, size_t l);

/* Rows of the batch, from `first` on, as they enter layer l. */
static inline const void *dsc_input_rows(const dsc_workspace *ws, size_t l, size_t first) {
    const void *x = l == 0 ? ws->x : output_of(ws, l - 1)->value;
    return at_const(x, first * ws->net->layers[l].n_in, ws->net->precision);
}

/* Rows of an intermediate of layer l, and of its gradient, from `first` on. */
static inline void *value_rows(const dsc_workspace *ws, size_t l, dsc_intermediate_kind kind,
                               size_t first) {
    return at(slot_of(ws, l, kind)->value, first * ws->net->layers[l].n_out, ws->net->precision);
}

static inline void *gradient_rows(const dsc_workspace *ws, size_t l, dsc_intermediate_kind kind,
                                  size_t first) {
    return at(slot_of(ws, l, kind)->gradient, first * ws->net->layers[l].n_out, ws->net->precision);
}

#endif
