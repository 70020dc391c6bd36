/* First and second derivatives of activations and losses, element by element: one row each. */
#ifndef DSC_NETWORK_SECOND_ORDER_H
#define DSC_NETWORK_SECOND_ORDER_H

#include "descent/network.h"

/* f'(z) and f''(z), where a = f(z) is known. docs/math.md (63) */
typedef struct dsc_slopes {
    double first;
    double second;
} dsc_slopes;

dsc_slopes dsc_activation_slopes(dsc_activation activation, double z, double a);

/* Second derivative of the loss with respect to one output a with target y; n outputs in all.
 * docs/math.md (62) */
double dsc_loss_curvature(dsc_loss loss, double a, double y, double n);

#endif
