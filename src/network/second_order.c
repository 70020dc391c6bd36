/* First and second derivatives of activations and losses, docs/math.md (62), (63).
 *
 * The first derivatives are those that the kernels of src/math use, so that the Hessian is that of
 * the loss whose gradient the engine computes. At a kink either side's second derivative is 0. */
#include "network/second_order.h"

#include <assert.h>
#include <math.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const double leaky_slope = 0.01;
static const double sqrt_half = 0.70710678118654752440;    /* 1 / sqrt(2) */
static const double density_at_0 = 0.39894228040143267794; /* 1 / sqrt(2 pi) */

/* exp of a negative number only, so that it never overflows. */
static double logistic(double z) {
    const double e = exp(z < 0 ? z : -z);
    return (z < 0 ? e : 1) / (1 + e);
}

static dsc_slopes identity(double z, double a) {
    (void)z, (void)a;
    return (dsc_slopes){1, 0};
}

static dsc_slopes relu(double z, double a) {
    (void)z;
    return (dsc_slopes){a > 0 ? 1 : 0, 0};
}

static dsc_slopes leaky_relu(double z, double a) {
    (void)z;
    return (dsc_slopes){a > 0 ? 1 : leaky_slope, 0};
}

static dsc_slopes elu(double z, double a) {
    (void)z;
    return a > 0 ? (dsc_slopes){1, 0} : (dsc_slopes){1 + a, 1 + a};
}

static dsc_slopes sigmoid(double z, double a) {
    (void)z;
    return (dsc_slopes){a * (1 - a), a * (1 - a) * (1 - 2 * a)};
}

static dsc_slopes hyperbolic(double z, double a) {
    (void)z;
    return (dsc_slopes){1 - a * a, -2 * a * (1 - a * a)};
}

static dsc_slopes softplus(double z, double a) {
    (void)z;
    const double s = -expm1(-a); /* logistic(z) */
    return (dsc_slopes){s, s * exp(-a)};
}

static dsc_slopes gelu(double z, double a) {
    (void)a;
    const double density = density_at_0 * exp(-z * z / 2);
    const double probability = erfc(-z * sqrt_half) / 2;
    return (dsc_slopes){probability + z * density, density * (2 - z * z)};
}

static dsc_slopes swish(double z, double a) {
    (void)a;
    const double s = logistic(z);
    return (dsc_slopes){s * (1 + z * (1 - s)), s * (1 - s) * (2 + z * (1 - 2 * s))};
}

static dsc_slopes (*const activations[])(double z, double a) = {
    [DSC_IDENTITY] = identity, [DSC_RELU] = relu,       [DSC_LEAKY_RELU] = leaky_relu,
    [DSC_ELU] = elu,           [DSC_SIGMOID] = sigmoid, [DSC_TANH] = hyperbolic,
    [DSC_SOFTPLUS] = softplus, [DSC_GELU] = gelu,       [DSC_SWISH] = swish,
};

dsc_slopes dsc_activation_slopes(dsc_activation activation, double z, double a) {
    assert((size_t)activation < COUNT(activations) && activations[activation] != NULL);
    return activations[activation](z, a);
}

/* --- losses ------------------------------------------------------------------------------------
 */

/* One element and what its loss depends on. */
typedef struct element {
    double a, y;
    double delta;  /* Huber's */
    double weight; /* of the class */
} element;

static double square(const element *e) {
    (void)e;
    return 2;
}

static double half_square(const element *e) {
    (void)e;
    return 1;
}

static double straight(const element *e) {
    (void)e;
    return 0;
}

static double huber(const element *e) {
    return fabs(e->a - e->y) <= e->delta ? 1 : 0;
}

static double binary_cross_entropy(const element *e) {
    const double p = logistic(e->a);
    return (1 - e->y + e->weight * e->y) * p * (1 - p);
}

/* Of one element's term; NULL: rows are coupled. */
static double (*const losses[])(const element *e) = {
    [DSC_HALF_SUM_OF_SQUARES] = half_square,
    [DSC_MEAN_SQUARED_ERROR] = square,
    [DSC_MEAN_ABSOLUTE_ERROR] = straight,
    [DSC_HUBER] = huber,
    [DSC_BINARY_CROSS_ENTROPY] = binary_cross_entropy,
    [DSC_CROSS_ENTROPY] = NULL,
    [DSC_HINGE] = straight,
};

/* Of one sample: the softmax of its logits times the weight of its target. */
static void bend_row(const double *a, const double *y, const double *weights, size_t n_out,
                     double *bend) {
    double largest = a[0], sum = 0, mass = 0;
    for (size_t k = 0; k < n_out; k++) {
        largest = fmax(largest, a[k]);
        mass += y[k] * (weights != NULL ? weights[k] : 1);
    }
    for (size_t k = 0; k < n_out; k++) {
        bend[k] = exp(a[k] - largest);
        sum += bend[k];
    }
    for (size_t k = 0; k < n_out; k++) {
        bend[k] *= mass / sum;
    }
}

void dsc_loss_bend(const dsc_network *net, size_t batch, const double *a, const double *y,
                   double *bend) {
    const dsc_loss loss = dsc_network_loss(net);
    const double *weights = dsc_network_class_weights(net).data;
    const double delta = dsc_network_huber_delta(net);
    const size_t n_out = dsc_network_n_out(net), n = batch * n_out;
    assert((size_t)loss < COUNT(losses));
    const bool is_coupled = losses[loss] == NULL;
    /* The terms are averaged over elements, over samples, or not at all. */
    const double divisor = loss == DSC_HALF_SUM_OF_SQUARES ? 1 : (double)(is_coupled ? batch : n);
    for (size_t s = 0; is_coupled && s < batch; s++) {
        bend_row(a + s * n_out, y + s * n_out, weights, n_out, bend + s * n_out);
    }
    for (size_t i = 0; i < n; i++) {
        const element e = {a[i], y[i], delta, weights != NULL ? weights[i % n_out] : 1};
        bend[i] = (is_coupled ? bend[i] : losses[loss](&e)) / divisor;
    }
}

void dsc_loss_r_gradient(const dsc_network *net, size_t batch, const double *bend,
                         const double *r_a, double *r_d_a) {
    const bool is_coupled = losses[dsc_network_loss(net)] == NULL;
    const size_t n_out = dsc_network_n_out(net);
    for (size_t s = 0; s < batch; s++) {
        const double *b = bend + s * n_out;
        double sum = 0, along = 0;
        for (size_t k = 0; is_coupled && k < n_out; k++) {
            sum += b[k];
            along += b[k] * r_a[s * n_out + k];
        }
        const double mean = sum > 0 ? along / sum : 0; /* of R A under the softmax */
        for (size_t k = 0; k < n_out; k++) {
            r_d_a[s * n_out + k] = b[k] * (r_a[s * n_out + k] - mean);
        }
    }
}
