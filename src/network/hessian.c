/* Exact products of the loss' Hessian with a vector: Pearlmutter's R-operator.
 *
 * R stands for the derivative of whatever follows along a direction v of the parameters. Applied to
 * every line of a forward and a backward pass it gives a pass of the same shape, so that the
 * engine's own kernels do the work: each product of two matrices becomes two products. What does
 * not depend on v is computed once, when the object is created; what lies between two products is
 * in hessian_layer.c. Implements docs/math.md (60) to (65). */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/curvature.h"
#include "network/hessian_layer.h"
#include "network/network_internal.h"
#include "network/second_order.h"

struct dsc_hessian {
    dsc_network *net; /* in double, a copy */
    dsc_workspace *ws;
    size_t batch;
    double *memory; /* holds all arrays below and those of the layers */
    double *x;      /* (batch, n_in) */
    double *target; /* (batch, n_out) */
    double *bend;   /* (batch, n_out), of the loss: see dsc_loss_bend */
    double *r_d_a;  /* (batch, widest), R of dA, then of dZ */
    double *r_d_x;  /* (batch, widest), R of dX */
    double *part;   /* (batch, widest), the second of two products */
    double *unused; /* (batch, widest), the kernels' d_z */
    double *scratch;
    dsc_r_layer *layers; /* (n_layers) */
};

/* Doubles of all arrays; false when they do not fit size_t. */
static bool count_doubles(const dsc_network *net, size_t batch, size_t *out) {
    size_t per_sample = dsc_network_n_in(net) + 2 * dsc_network_n_out(net);
    size_t widest = dsc_network_n_in(net), largest = 0;
    for (size_t l = 0; l < net->n_layers; l++) {
        const size_t n_out = net->layers[l].n_out, n_weights = net->layers[l].n_in * n_out;
        widest = n_out > widest ? n_out : widest;
        largest = n_weights > largest ? n_weights : largest;
        per_sample += dsc_r_layer_doubles(&net->layers[l]); /* no overflow: parameters fit */
    }
    per_sample += 4 * widest;
    return !__builtin_mul_overflow(per_sample, batch, out) &&
           !__builtin_add_overflow(*out, largest, out);
}

static double *carve(double **from, size_t n) {
    double *here = *from;
    *from += n;
    return here;
}

static dsc_status allocate(dsc_hessian *h, dsc_error *err) {
    const size_t n_in = dsc_network_n_in(h->net), n_out = dsc_network_n_out(h->net);
    size_t n, widest = n_in;
    h->layers = dsc_alloc(h->net->n_layers, sizeof *h->layers);
    h->memory = count_doubles(h->net, h->batch, &n) ? dsc_alloc(n, sizeof *h->memory) : NULL;
    if (h->layers == NULL || h->memory == NULL) {
        return dsc_fail_memory(err, "a Hessian");
    }
    double *free_from = h->memory;
    h->x = carve(&free_from, h->batch * n_in);
    h->target = carve(&free_from, h->batch * n_out);
    h->bend = carve(&free_from, h->batch * n_out);
    for (size_t l = 0; l < h->net->n_layers; l++) {
        const layer *of = &h->net->layers[l];
        h->layers[l].of = of;
        h->layers[l].batch = h->batch;
        dsc_r_layer_place(&h->layers[l], carve(&free_from, h->batch * dsc_r_layer_doubles(of)));
        widest = of->n_out > widest ? of->n_out : widest;
    }
    h->r_d_a = carve(&free_from, h->batch * widest);
    h->r_d_x = carve(&free_from, h->batch * widest);
    h->part = carve(&free_from, h->batch * widest);
    h->unused = carve(&free_from, h->batch * widest);
    h->scratch = free_from;
    return DSC_OK;
}

static void copy_elements(double *to, dsc_matrix from) {
    for (size_t i = 0; i < from.n_rows * from.n_cols; i++) {
        to[i] = dsc_matrix_at(from, 0, i);
    }
}

/* What the last pass left of layer l, x being what entered it. */
static void linearize_layer(dsc_hessian *h, size_t l, const double *x) {
    const layer *of = &h->net->layers[l];
    const dsc_intermediate z = dsc_workspace_find(h->ws, l, DSC_Z);
    const dsc_intermediate normed = of->has_norm ? dsc_workspace_find(h->ws, l, DSC_NORMED) : z;
    const dsc_intermediate a = dsc_workspace_find(h->ws, l, DSC_A);
    dsc_r_layer *to = &h->layers[l];
    to->x = x;
    to->z = z.value.data;
    to->normed = normed.value.data;
    to->a = a.value.data;
    to->d_a = a.gradient.data;
    to->d_normed = normed.gradient.data;
    to->d_z = z.gradient.data;
    to->gain = dsc_network_gain(h->net, l).data;
    dsc_r_layer_linearize(to);
}

/* All that does not depend on the direction. */
static dsc_status linearize(dsc_hessian *h, dsc_error *err) {
    const dsc_network *net = h->net;
    const dsc_matrix x = dsc_matrix_f64(h->x, h->batch, dsc_network_n_in(net));
    const dsc_matrix target = dsc_matrix_f64(h->target, h->batch, dsc_network_n_out(net));
    dsc_status status = dsc_network_forward(net, h->ws, x, err);
    if (status == DSC_OK) {
        status = dsc_network_backward(net, h->ws, target, NULL, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (!net->kernels->all_finite(dsc_workspace_gradients(h->ws), net->n_parameters)) {
        return dsc_fail(err, DSC_E_NONFINITE, "gradient",
                        "has a value that is infinite or not a number");
    }
    for (size_t l = 0; l < net->n_layers; l++) {
        linearize_layer(h, l, l == 0 ? h->x : h->layers[l - 1].a);
    }
    dsc_loss_bend(net, h->batch, h->layers[net->n_layers - 1].a, h->target, h->bend);
    return DSC_OK;
}

dsc_status dsc_hessian_create(dsc_hessian **out, const dsc_network *net, dsc_matrix x,
                              dsc_matrix target, dsc_error *err) {
    *out = NULL;
    const size_t batch = x.n_rows > 0 ? x.n_rows : 1;
    dsc_status status = dsc_check_shape(x, batch, dsc_network_n_in(net), x.precision, "input", err);
    if (status == DSC_OK) {
        status =
            dsc_check_shape(target, batch, dsc_network_n_out(net), target.precision, "target", err);
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_hessian *h = dsc_alloc(1, sizeof *h);
    if (h == NULL) {
        return dsc_fail_memory(err, "a Hessian");
    }
    h->batch = batch;
    const dsc_workspace_config config = {.max_batch = batch, .keep_intermediates = true};
    status = dsc_network_copy(&h->net, net, DSC_FLOAT64, err);
    if (status == DSC_OK) {
        status = dsc_workspace_create(&h->ws, h->net, &config, err);
    }
    if (status == DSC_OK) {
        status = allocate(h, err);
    }
    if (status == DSC_OK) {
        copy_elements(h->x, x);
        copy_elements(h->target, target);
        status = linearize(h, err);
    }
    if (status != DSC_OK) {
        dsc_hessian_destroy(h);
        return status;
    }
    *out = h;
    return DSC_OK;
}

void dsc_hessian_destroy(dsc_hessian *h) {
    if (h == NULL) {
        return;
    }
    dsc_free(h->layers);
    dsc_free(h->memory);
    dsc_workspace_destroy(h->ws);
    dsc_network_destroy(h->net);
    dsc_free(h);
}

size_t dsc_hessian_n_parameters(const dsc_hessian *h) {
    return h->net->n_parameters;
}

const double *dsc_hessian_gradient(const dsc_hessian *h) {
    return dsc_workspace_gradients(h->ws);
}

/* The linear part of layer l, with its parameters taken from `parameters`: those of the network or
 * the direction. */
static dsc_dense linear_of(const dsc_hessian *h, size_t l, const double *parameters) {
    const layer *of = &h->net->layers[l];
    return (dsc_dense){.n_in = of->n_in,
                       .n_out = of->n_out,
                       .activation = DSC_KERNEL_IDENTITY,
                       .weights = parameters + of->weights_at,
                       .bias = of->has_bias ? parameters + of->bias_at : NULL};
}

/* to += from */
static void add(double *to, const double *from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        to[i] += from[i];
    }
}

/* R Z = X V + u + (R X) W with V and u the direction's part for weights and bias; R X is 0 for the
 * first layer. (61) */
static void forward_layer(dsc_hessian *h, size_t l, const double *v) {
    const dsc_kernels *kernels = h->net->kernels;
    dsc_r_layer *p = &h->layers[l];
    const size_t n = h->batch * h->net->layers[l].n_out;
    const dsc_dense along = linear_of(h, l, v);
    kernels->dense_forward(
        &along, &(dsc_dense_pass){
                    .batch = h->batch, .x = p->x, .z = p->r_z, .normed = p->r_z, .a = p->r_z});
    if (l > 0) {
        dsc_dense own = linear_of(h, l, h->net->parameters);
        own.bias = NULL;
        kernels->dense_forward(&own, &(dsc_dense_pass){.batch = h->batch,
                                                       .x = h->layers[l - 1].r_a,
                                                       .z = h->part,
                                                       .normed = h->part,
                                                       .a = h->part});
        add(p->r_z, h->part, n);
    }
    dsc_r_layer_forward(p, v);
}

/* From R dA in h->r_d_a to the layer's part of the product and to R dX, which becomes the R dA of
 * the layer before. (63) to (65) */
static void backward_layer(dsc_hessian *h, size_t l, const double *v, double *product) {
    const dsc_kernels *kernels = h->net->kernels;
    const layer *of = &h->net->layers[l];
    const dsc_r_layer *p = &h->layers[l];
    dsc_r_layer_backward(p, v, h->r_d_a, product);
    /* X' (R dZ), the sums of R dZ, (R dZ) W' */
    const dsc_dense own = linear_of(h, l, h->net->parameters);
    const dsc_dense_pass r_pass = {.batch = h->batch,
                                   .x = p->x,
                                   .x_stride = of->n_in,
                                   .d_a = h->r_d_a,
                                   .d_normed = h->r_d_a,
                                   .d_z = h->r_d_a,
                                   .d_weights = product + of->weights_at,
                                   .d_bias = of->has_bias ? product + of->bias_at : NULL,
                                   .d_x = h->r_d_x,
                                   .scratch = h->scratch};
    kernels->dense_backward(&own, &r_pass);
    kernels->dense_gradients(&own, &r_pass);
    if (l == 0) {
        return;
    }
    /* (R X)' dZ, dZ V' */
    const dsc_dense along = linear_of(h, l, v);
    const dsc_dense_pass pass = {.batch = h->batch,
                                 .x = h->layers[l - 1].r_a,
                                 .x_stride = of->n_in,
                                 .d_a = p->d_z,
                                 .d_normed = h->unused,
                                 .d_z = h->unused,
                                 .d_weights = product + of->weights_at,
                                 .d_x = h->part,
                                 .scratch = h->scratch};
    kernels->dense_backward(&along, &pass);
    kernels->dense_gradients(&along, &pass);
    add(h->r_d_x, h->part, h->batch * of->n_in);
    double *swap = h->r_d_a;
    h->r_d_a = h->r_d_x;
    h->r_d_x = swap;
}

void dsc_hessian_product(dsc_hessian *h, const double *v, double *product) {
    const size_t last = h->net->n_layers - 1;
    memset(product, 0, h->net->n_parameters * sizeof *product);
    for (size_t l = 0; l <= last; l++) {
        forward_layer(h, l, v);
    }
    dsc_loss_r_gradient(h->net, h->batch, h->bend, h->layers[last].r_a, h->r_d_a); /* (62) */
    for (size_t l = last + 1; l-- > 0;) {
        backward_layer(h, l, v, product);
    }
}
