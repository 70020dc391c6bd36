/* First and second derivatives of activations and losses: a row of a table each. */
#ifndef DSC_NETWORK_SECOND_ORDER_H
#define DSC_NETWORK_SECOND_ORDER_H

#include "descent/network.h"

/* f'(z) and f''(z), where a = f(z) is known. */
typedef struct dsc_slopes {
    double first;
    double second;
} dsc_slopes;

/* Not for the softmax, whose units depend on one another. docs/math.md (63) */
dsc_slopes dsc_activation_slopes(dsc_activation activation, double z, double a);

/* What the second derivative of the loss is made of, (batch, n_out): for a loss of single elements
 * it is `bend` itself, on the diagonal; for cross-entropy, whose rows are coupled, see
 * dsc_loss_r_gradient. docs/math.md (62)
 *   a, y  (batch, n_out) in double: prediction and target */
void dsc_loss_bend(const dsc_network *net, size_t batch, const double *a, const double *y,
                   double *bend);

/* R dA from R A, each (batch, n_out). docs/math.md (62) */
void dsc_loss_r_gradient(const dsc_network *net, size_t batch, const double *bend,
                         const double *r_a, double *r_d_a);

#endif
