/* First and second derivatives of activations and losses: one row each, docs/math.md (62), (63).
 *
 * The first derivative of each row is the one that the kernels of src/math use. */
#include "network/second_order.h"

#include <assert.h>

static dsc_slopes identity(double z, double a) {
    (void)z, (void)a;
    return (dsc_slopes){1, 0};
}

static dsc_slopes relu(double z, double a) {
    (void)z;
    return (dsc_slopes){a > 0 ? 1 : 0, 0};
}

static dsc_slopes sigmoid(double z, double a) {
    (void)z;
    return (dsc_slopes){a * (1 - a), a * (1 - a) * (1 - 2 * a)};
}

static dsc_slopes hyperbolic(double z, double a) {
    (void)z;
    return (dsc_slopes){1 - a * a, -2 * a * (1 - a * a)};
}

static dsc_slopes (*const activations[])(double z, double a) = {
    [DSC_IDENTITY] = identity,
    [DSC_RELU] = relu,
    [DSC_SIGMOID] = sigmoid,
    [DSC_TANH] = hyperbolic,
};

dsc_slopes dsc_activation_slopes(dsc_activation activation, double z, double a) {
    assert((size_t)activation < sizeof activations / sizeof activations[0]);
    return activations[activation](z, a);
}

static double half_square(double a, double y, double n) {
    (void)a, (void)y, (void)n;
    return 1;
}

static double mean_square(double a, double y, double n) {
    (void)a, (void)y;
    return 2 / n;
}

static double (*const losses[])(double a, double y, double n) = {
    [DSC_HALF_SUM_OF_SQUARES] = half_square,
    [DSC_MEAN_SQUARED_ERROR] = mean_square,
};

double dsc_loss_curvature(dsc_loss loss, double a, double y, double n) {
    assert((size_t)loss < sizeof losses / sizeof losses[0]);
    return losses[loss](a, y, n);
}
