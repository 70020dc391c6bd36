/* Networks of every kind with a batch each, drawn so that differences tell their derivatives.
 *
 * Widths are odd. A problem is far from every kink of its activations and of its loss, no
 * normalised row is nearly constant, and every array of parameters has a gradient that counts. */
#ifndef DSC_TESTS_GRADIENT_PROBLEMS_H
#define DSC_TESTS_GRADIENT_PROBLEMS_H

#include "small_networks.h"

#include <math.h>
#include <string.h>

#include "descent/random.h"

enum {
    N_ACTIVATIONS = DSC_SOFTMAX + 1,
    N_LOSSES = DSC_HINGE + 1,
    N_IN = 3,
    MAX_DEPTH = 3,
    MAX_WIDTH = 7,
    MAX_BATCH = 5,
    MAX_PARAMETERS = 128
};

/* The least distance from a kink, and of a normalised row's deviation from 0. */
static const double kink_margin = 1e-2, least_deviation = 0.2;

/* The least share of the network's largest gradient that the largest of each array must have, so
 * that a wrong one is not taken for rounding. */
static const double least_share = 1e-3;

/* The least size of the largest gradient: under one that is rounding only, as behind a softmax when
 * all errors have one sign, nothing is proven. */
static const double least_gradient = 1e-4;

static const double class_weights[MAX_WIDTH] = {0.5, 2, 1.25, 3, 0.75, 1, 1.5};

typedef struct kind {
    dsc_activation hidden, output;
    dsc_loss loss;
    bool has_bias, is_weighted;
    unsigned norms; /* bit l: layer l is normalised */
    size_t depth, batch;
    double huber_delta;
    double dropout; /* of the hidden layers */
} kind;

typedef struct problem {
    dsc_network *net;
    dsc_workspace *ws;
    size_t batch, n_out;
    double x[MAX_BATCH * N_IN], y[MAX_BATCH * MAX_WIDTH];
    const dsc_dropout_draw *draw; /* NULL: plain passes */
} problem;

static inline bool takes_logits(dsc_loss loss) {
    return loss == DSC_BINARY_CROSS_ENTROPY || loss == DSC_CROSS_ENTROPY;
}

static inline bool knows_classes(dsc_loss loss) {
    return takes_logits(loss) || loss == DSC_HINGE;
}

/* Whether there is such a network: a loss of logits is not put behind what it contains. */
static inline bool is_allowed(const kind *k) {
    const bool is_squashed = k->output == DSC_SIGMOID || k->output == DSC_SOFTMAX;
    return !(takes_logits(k->loss) && is_squashed);
}

static inline dsc_matrix input_of(const problem *p) {
    return dsc_matrix_f64(p->x, p->batch, N_IN);
}

static inline dsc_matrix target_of(const problem *p) {
    return dsc_matrix_f64(p->y, p->batch, p->n_out);
}

static inline dsc_status pass_forward(const problem *p, dsc_error *err) {
    return p->draw == NULL ? dsc_network_forward(p->net, p->ws, input_of(p), err)
                           : dsc_network_forward_training(p->net, p->ws, input_of(p), p->draw, err);
}

static inline void draw_values(double *values, size_t n, double scale, dsc_random *random) {
    for (size_t i = 0; i < n; i++) {
        values[i] = scale * dsc_random_normal(random);
    }
}

/* Targets of the loss' own kind: shares, rows of shares, signs, or any numbers. */
static inline void draw_targets(problem *p, dsc_loss loss, dsc_random *random) {
    draw_values(p->y, p->batch * p->n_out, 1, random);
    for (size_t s = 0; s < p->batch; s++) {
        double *row = p->y + s * p->n_out, sum = 0;
        for (size_t k = 0; k < p->n_out; k++) {
            if (loss == DSC_HINGE) {
                row[k] = row[k] < 0 ? -1 : 1;
            } else if (takes_logits(loss)) {
                row[k] = dsc_random_uniform(random);
            }
            sum += row[k];
        }
        for (size_t k = 0; loss == DSC_CROSS_ENTROPY && k < p->n_out; k++) {
            row[k] /= sum;
        }
    }
}

static inline void draw_problem(problem *p, const kind *k, uint64_t seed) {
    static const size_t widths[MAX_DEPTH] = {5, 7, 3};
    dsc_layer_config layers[MAX_DEPTH];
    for (size_t l = 0; l < k->depth; l++) {
        const bool is_last = l + 1 == k->depth;
        layers[l] = (dsc_layer_config){.n_out = widths[l],
                                       .activation = is_last ? k->output : k->hidden,
                                       .has_bias = k->has_bias,
                                       .has_norm = (k->norms >> l & 1) != 0,
                                       .dropout = is_last ? 0 : k->dropout};
    }
    const dsc_network_config config = {DSC_FLOAT64,
                                       N_IN,
                                       k->depth,
                                       layers,
                                       k->loss,
                                       k->huber_delta,
                                       k->is_weighted ? class_weights : NULL};
    MUST(dsc_network_create(&p->net, &config, &failure));
    p->batch = k->batch;
    p->n_out = widths[k->depth - 1];
    p->ws = make_workspace(p->net, p->batch, true);
    dsc_random random = dsc_random_stream(seed, 200, 0);
    double *parameters = dsc_network_parameters(p->net);
    draw_values(parameters, dsc_network_n_parameters(p->net), 0.6, &random);
    for (size_t i = 0; i < dsc_network_n_parameters(p->net); i++) {
        parameters[i] += copysign(kink_margin, parameters[i]); /* the kink of an l1 penalty */
    }
    draw_values(p->x, MAX_BATCH * N_IN, 1, &random);
    draw_targets(p, k->loss, &random);
}

static inline void destroy_problem(problem *p) {
    dsc_workspace_destroy(p->ws);
    dsc_network_destroy(p->net);
}

static inline double largest_of(dsc_matrix m) {
    double largest = 0;
    for (size_t i = 0; m.data != NULL && i < m.n_rows * m.n_cols; i++) {
        largest = fmax(largest, fabs(dsc_matrix_at(m, 0, i)));
    }
    return largest;
}

/* No element at a kink of the activation, no row that is nearly constant where it is normalised. */
static inline bool is_layer_smooth(const problem *p, size_t l) {
    const dsc_layer_config layer = dsc_network_layer(p->net, l);
    const dsc_matrix z = dsc_workspace_find(p->ws, l, DSC_Z).value;
    const dsc_matrix entered = layer.has_norm ? dsc_workspace_find(p->ws, l, DSC_NORMED).value : z;
    const bool has_kink = layer.activation == DSC_RELU || layer.activation == DSC_LEAKY_RELU ||
                          layer.activation == DSC_ELU;
    for (size_t s = 0; s < z.n_rows; s++) {
        double sum = 0, squares = 0;
        for (size_t k = 0; k < z.n_cols; k++) {
            if (has_kink && fabs(dsc_matrix_at(entered, s, k)) < kink_margin) {
                return false;
            }
            sum += dsc_matrix_at(z, s, k);
            squares += dsc_matrix_at(z, s, k) * dsc_matrix_at(z, s, k);
        }
        const double n = (double)z.n_cols, variance = squares / n - sum * sum / n / n;
        if (layer.has_norm && variance < least_deviation * least_deviation) {
            return false;
        }
    }
    return true;
}

static inline bool is_loss_smooth(const problem *p, const kind *k) {
    const dsc_matrix output = dsc_workspace_output(p->ws);
    for (size_t i = 0; i < p->batch * p->n_out; i++) {
        const double a = dsc_matrix_at(output, 0, i), gap = fabs(a - p->y[i]);
        if ((k->loss == DSC_MEAN_ABSOLUTE_ERROR && gap < kink_margin) ||
            (k->loss == DSC_HUBER && fabs(gap - k->huber_delta) < kink_margin) ||
            (k->loss == DSC_HINGE && fabs(1 - a * p->y[i]) < kink_margin)) {
            return false;
        }
    }
    return true;
}

/* Every array of parameters, and the input, has a gradient that is not small beside the others'. */
static inline bool are_gradients_alive(problem *p) {
    dsc_workspace_zero_gradients(p->ws);
    MUST(dsc_network_backward(p->net, p->ws, target_of(p), NULL, &failure));
    const size_t n = dsc_network_n_parameters(p->net);
    double least = largest_of(dsc_workspace_d_input(p->ws));
    const double floor =
        least_share * fmax(least, largest_of(dsc_matrix_f64(dsc_workspace_gradients(p->ws), 1, n)));
    for (size_t l = 0; l < dsc_network_n_layers(p->net); l++) {
        const dsc_matrix arrays[] = {dsc_workspace_d_weights(p->ws, l),
                                     dsc_workspace_d_bias(p->ws, l), dsc_workspace_d_gain(p->ws, l),
                                     dsc_workspace_d_shift(p->ws, l)};
        for (size_t i = 0; i < COUNT(arrays); i++) {
            least = arrays[i].data != NULL ? fmin(least, largest_of(arrays[i])) : least;
        }
    }
    dsc_workspace_zero_gradients(p->ws);
    return least > floor && floor > least_share * least_gradient;
}

/* A problem of the kind that is fit to be checked; `draw` NULL: by plain passes. */
static inline problem make_problem(const kind *k, const dsc_dropout_draw *draw) {
    problem p = {.draw = draw};
    for (uint64_t seed = 1; seed < 2000; seed++) {
        draw_problem(&p, k, seed);
        MUST(pass_forward(&p, &failure));
        bool is_fit = is_loss_smooth(&p, k);
        for (size_t l = 0; l < k->depth; l++) {
            is_fit = is_fit && is_layer_smooth(&p, l);
        }
        if (is_fit && are_gradients_alive(&p)) {
            return p;
        }
        destroy_problem(&p);
    }
    fail_msg("%s, %s, %s: no seed below 2000 gives a network that is far from its kinks",
             dsc_activation_name(k->hidden), dsc_activation_name(k->output),
             dsc_loss_name(k->loss));
    return p;
}

#endif
