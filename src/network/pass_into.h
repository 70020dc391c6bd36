/* Backpropagation whose gradients go somewhere else than into the workspace: for whoever passes parts of a
 * minibatch through one workspace and keeps what each of them gave, and for whoever moves inputs alone. */
#ifndef DSC_NETWORK_PASS_INTO_H
#define DSC_NETWORK_PASS_INTO_H

#include "descent/network.h"

/* Where they go, in the network's precision. */
typedef struct dsc_gradient_places {
    void *parameters; /* (n_parameters), added to; NULL: not computed, a third of the pass */
    void *input;      /* (batch, n_wanted), overwritten */
    size_t first_wanted, n_wanted; /* of the inputs; n_wanted 0: all from the first wanted one on */
} dsc_gradient_places;

/* dsc_network_backward_from; the workspace's own gradients of parameters and input stay as they were, and it
 * need not have room for the latter. */
dsc_status dsc_network_backward_into(const dsc_network *net, dsc_workspace *ws, dsc_matrix d_output,
                                     const dsc_gradient_places *into, dsc_error *err);

#endif
