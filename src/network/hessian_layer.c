/* The R-operator on one layer behind its weighted sums: normalisation and activation.
 *
 * Implements docs/math.md (61), (63), (64) and, for the normalisation, (32) differentiated once
 * more. */
#include "network/hessian_layer.h"

#include <math.h>

#include "network/second_order.h"

/* The same as in the kernels of src/math: keeps a row of equal sums finite. */
#define NORM_EPSILON 1e-5

enum { PLAIN_ARRAYS = 4, NORM_ARRAYS = 3, NORM_ROWS = 2 };

size_t dsc_r_layer_doubles(const layer *of) {
    return PLAIN_ARRAYS * of->n_out + (of->has_norm ? NORM_ARRAYS * of->n_out + NORM_ROWS : 0);
}

void dsc_r_layer_place(dsc_r_layer *self, double *memory) {
    const size_t n = self->batch * self->of->n_out;
    self->slope = memory;
    self->bend = memory + n;
    self->r_z = memory + 2 * n;
    self->r_a = memory + 3 * n;
    self->r_normed = self->r_z;
    if (self->of->has_norm) {
        double *more = memory + PLAIN_ARRAYS * n;
        self->r_normed = more;
        self->score = more + n;
        self->r_score = more + 2 * n;
        self->factor = more + NORM_ARRAYS * n;
        self->pull = self->factor + self->batch;
    }
}

static void linearize_norm(dsc_r_layer *self) {
    const size_t n_out = self->of->n_out;
    for (size_t s = 0; s < self->batch; s++) {
        const double *z = self->z + s * n_out;
        double mean = 0, squares = 0;
        for (size_t k = 0; k < n_out; k++) {
            mean += z[k] / (double)n_out;
        }
        for (size_t k = 0; k < n_out; k++) {
            squares += (z[k] - mean) * (z[k] - mean);
        }
        self->factor[s] = 1 / sqrt(squares / (double)n_out + NORM_EPSILON);
        for (size_t k = 0; k < n_out; k++) {
            self->score[s * n_out + k] = (z[k] - mean) * self->factor[s];
        }
    }
}

void dsc_r_layer_linearize(dsc_r_layer *self) {
    const dsc_activation activation = self->of->activation;
    if (self->of->has_norm) {
        linearize_norm(self);
    }
    for (size_t i = 0; activation != DSC_SOFTMAX && i < self->batch * self->of->n_out; i++) {
        const dsc_slopes f = dsc_activation_slopes(activation, self->normed[i], self->a[i]);
        self->slope[i] = f.first;
        self->bend[i] = self->d_a[i] * f.second;
    }
}

/* With u the score, f the factor and c = R z - mean(R z): R u = f (c - u mean(u c)), and the
 * normed value is g u + shift. */
static void forward_norm(dsc_r_layer *self, const double *v) {
    const size_t n_out = self->of->n_out;
    const double *r_gain = v + self->of->gain_at, *r_shift = v + self->of->shift_at;
    for (size_t s = 0; s < self->batch; s++) {
        const double *r_z = self->r_z + s * n_out, *score = self->score + s * n_out;
        double mean = 0, pull = 0;
        for (size_t k = 0; k < n_out; k++) {
            mean += r_z[k] / (double)n_out;
        }
        for (size_t k = 0; k < n_out; k++) {
            pull += score[k] * (r_z[k] - mean) / (double)n_out;
        }
        self->pull[s] = pull;
        for (size_t k = 0; k < n_out; k++) {
            const double r_score = self->factor[s] * (r_z[k] - mean - score[k] * pull);
            self->r_score[s * n_out + k] = r_score;
            self->r_normed[s * n_out + k] =
                r_gain[k] * score[k] + self->gain[k] * r_score + r_shift[k];
        }
    }
}

/* R of a = softmax: a (R n - sum of a R n). */
static void forward_softmax(dsc_r_layer *self) {
    const size_t n_out = self->of->n_out;
    for (size_t at = 0; at < self->batch * n_out; at += n_out) {
        double sum = 0;
        for (size_t k = 0; k < n_out; k++) {
            sum += self->a[at + k] * self->r_normed[at + k];
        }
        for (size_t k = 0; k < n_out; k++) {
            self->r_a[at + k] = self->a[at + k] * (self->r_normed[at + k] - sum);
        }
    }
}

void dsc_r_layer_forward(dsc_r_layer *self, const double *v) {
    if (self->of->has_norm) {
        forward_norm(self, v);
    }
    if (self->of->activation == DSC_SOFTMAX) {
        forward_softmax(self);
        return;
    }
    for (size_t i = 0; i < self->batch * self->of->n_out; i++) {
        self->r_a[i] = self->slope[i] * self->r_normed[i];
    }
}

/* R of d = a (d_a - q) with q = sum of a d_a. */
static void backward_softmax(const dsc_r_layer *self, double *r_d) {
    const size_t n_out = self->of->n_out;
    for (size_t at = 0; at < self->batch * n_out; at += n_out) {
        double q = 0, r_q = 0;
        for (size_t k = at; k < at + n_out; k++) {
            q += self->a[k] * self->d_a[k];
            r_q += self->r_a[k] * self->d_a[k] + self->a[k] * r_d[k];
        }
        for (size_t k = at; k < at + n_out; k++) {
            r_d[k] = self->r_a[k] * (self->d_a[k] - q) + self->a[k] * (r_d[k] - r_q);
        }
    }
}

/* With h = g d_normed, d_z = f (h - mean(h) - u mean(h u)); every factor of it has an R. */
static void backward_norm(const dsc_r_layer *self, const double *v, double *r_d, double *product) {
    const size_t n_out = self->of->n_out;
    const double *r_gain = v + self->of->gain_at;
    double *product_gain = product + self->of->gain_at;
    double *product_shift = product + self->of->shift_at;
    for (size_t s = 0; s < self->batch; s++) {
        const size_t at = s * n_out;
        const double *u = self->score + at, *r_u = self->r_score + at;
        const double *d_normed = self->d_normed + at;
        double along = 0, r_mean = 0, r_along = 0; /* mean(h u), mean(R h), mean(R (h u)) */
        for (size_t k = 0; k < n_out; k++) {
            const double h = self->gain[k] * d_normed[k];
            const double r_h = r_gain[k] * d_normed[k] + self->gain[k] * r_d[at + k];
            along += h * u[k] / (double)n_out;
            r_mean += r_h / (double)n_out;
            r_along += (r_h * u[k] + h * r_u[k]) / (double)n_out;
            product_gain[k] += r_d[at + k] * u[k] + d_normed[k] * r_u[k];
            product_shift[k] += r_d[at + k];
        }
        const double factor = self->factor[s];
        for (size_t k = 0; k < n_out; k++) {
            const double r_h = r_gain[k] * d_normed[k] + self->gain[k] * r_d[at + k];
            r_d[at + k] = factor * (r_h - r_mean - r_u[k] * along - u[k] * r_along) -
                          factor * self->pull[s] * self->d_z[at + k];
        }
    }
}

void dsc_r_layer_backward(const dsc_r_layer *self, const double *v, double *r_d, double *product) {
    if (self->of->activation == DSC_SOFTMAX) {
        backward_softmax(self, r_d);
    } else {
        for (size_t i = 0; i < self->batch * self->of->n_out; i++) {
            r_d[i] = r_d[i] * self->slope[i] + self->bend[i] * self->r_normed[i];
        }
    }
    if (self->of->has_norm) {
        backward_norm(self, v, r_d, product);
    }
}
