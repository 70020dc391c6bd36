/* The vector and the bias of a fold-in, with everything else fixed: docs/math.md (96) to (98), (113), (136). */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/lbfgs.h"
#include "recommender/als_row.h"
#include "recommender/folded.h"
#include "recommender/output.h"
#include "recommender/pair_slope.h"
#include "recommender/strength.h"

/* The model seen from the new one: those that it rated or was rated by. */
typedef struct others {
    const float *sides;  /* (n, n_factors) */
    const float *biases; /* (n) */
    const float *summed; /* (n, n_factors) of histories; NULL: none */
    const float *usual;  /* (n_factors) the mean of them; NULL: none, or ratings weigh them */
    const dsc_side_parts *parts; /* of the new one */
    const float *shared;         /* (n_factors) the vector that the new one has too; NULL: an own */
} others;

/* The objective and what it is computed from and with. */
typedef struct problem {
    const dsc_recommender *model;
    const dsc_folded *folded;
    const dsc_fold_in_config *config;
    others from;
    dsc_pair_slope pass;
    float *history;   /* (n_factors) what the sum begins with */
    double *sum;      /* (n_factors) the side before its activation */
    double *slope;    /* (DSC_SLOPE_TILE, n_factors) */
    double l2_vector; /* of config for so many ratings, (160) */
} problem;

static others others_of(const dsc_recommender *model, bool is_item) {
    others out = is_item ? (others){model->user_sides,  model->user_biases, model->rater_vectors,
                                    model->usual_rater, &model->item_parts, model->item_vectors}
                         : (others){model->item_sides,  model->item_biases, model->rated_vectors,
                                    model->usual_rated, &model->user_parts, model->user_vectors};
    out.shared = out.parts->is_shared ? out.shared : NULL;
    return out;
}

/* --- the objective ---------------------------------------------------------------------------- */

/* The losses of n ratings from the first-th on, added to *loss and gradient. (97) */
static dsc_status add_errors(problem *p, size_t first, size_t n, const double *x, double *loss,
                             double *gradient, dsc_error *err) {
    const dsc_recommender *model = p->model;
    const size_t k = model->config.n_factors;
    dsc_facing pairs[DSC_SLOPE_TILE];
    double value[DSC_SLOPE_TILE];
    for (size_t e = 0; e < n; e++) {
        pairs[e] = (dsc_facing){p->sum, p->from.sides + (size_t)p->folded->others[first + e] * k};
    }
    dsc_status status =
        dsc_pair_slope_pass(&p->pass, DSC_SLOPE_WHOLE, n, pairs, value, p->slope, err);
    for (size_t e = 0; status == DSC_OK && e < n; e++) {
        const double bias = x[k] + (double)p->from.biases[p->folded->others[first + e]] +
                            (double)p->folded->offsets[first + e];
        double own_loss;
        const double error = dsc_output_loss(model, (double)p->folded->ratings[first + e],
                                             value[e] + bias, &own_loss);
        *loss += own_loss;
        gradient[k] += error;
        for (size_t f = 0; f < k; f++) {
            gradient[f] += error * p->slope[e * k + f];
        }
    }
    return status;
}

static bool learns_vector(const problem *p) {
    return p->config->learn_vector && p->from.shared == NULL;
}

/* (96) at x, the vector and behind it the bias. What is not learned has no gradient, so that it
 * stays 0. */
static dsc_status evaluate(const double *x, double *loss, double *gradient, void *user,
                           dsc_error *err) {
    problem *p = user;
    const size_t k = p->model->config.n_factors, n = p->folded->info.n_used;
    const bool has_bias = p->model->config.use_biases, has_vector = learns_vector(p);
    dsc_status status = DSC_OK;
    *loss = p->config->l2_bias / 2 * x[k] * x[k];
    gradient[k] = p->config->l2_bias * x[k];
    for (size_t f = 0; f < k; f++) {
        *loss += p->l2_vector / 2 * x[f] * x[f];
        gradient[f] = p->l2_vector * x[f];
        p->sum[f] = x[f] + (double)p->history[f];
    }
    for (size_t e = 0; status == DSC_OK && e < n; e += DSC_SLOPE_TILE) {
        const size_t n_tile = n - e < DSC_SLOPE_TILE ? n - e : DSC_SLOPE_TILE;
        status = add_errors(p, e, n_tile, x, loss, gradient, err);
    }
    if (!has_bias) {
        gradient[k] = 0;
    }
    if (!has_vector) {
        memset(gradient, 0, k * sizeof *gradient);
    }
    return status;
}

/* --- the minimum ------------------------------------------------------------------------------ */

/* The sum over the given ratings, each weighed by its own: (130). */
static void fill_weighed_history(const problem *p, dsc_folded *self) {
    const size_t k = p->model->config.n_factors;
    for (size_t e = 0; e < self->info.n_used; e++) {
        const float weight = dsc_model_weight(p->model, self->ratings[e]);
        p->model->kernels->sum_scaled_rows(
            p->history, &weight, &(dsc_picked_rows){p->from.summed, k, &self->others[e], 1});
    }
    memcpy(self->vector, p->history, k * sizeof *p->history);
    self->side.n_history = 1;
}

/* The sum over the given ratings, filled up with usual ones: (98). The side's `own` begins with
 * what they add. */
static void fill_history(const problem *p, dsc_folded *self) {
    const size_t k = p->model->config.n_factors, n = self->info.n_used;
    const double length = p->config->n_history > (double)n ? p->config->n_history : (double)n;
    const dsc_picked_rows given = {p->from.summed, k, self->others, n};
    p->model->kernels->sum_rows(p->history, &given);
    for (size_t f = 0; f < k; f++) {
        const double usual = (length - (double)n) * (double)p->from.usual[f];
        self->own[f] = (float)(usual / sqrt(length));
        self->vector[f] = (float)((double)p->history[f] / sqrt(length));
        p->history[f] = self->own[f] + self->vector[f];
    }
    self->side.n_history = length;
}

static dsc_status solve(problem *p, dsc_folded *self, dsc_error *err) {
    const size_t k = p->model->config.n_factors;
    dsc_lbfgs_result result = {0};
    double *x = dsc_alloc(k + 1, sizeof *x);
    if (x == NULL) {
        return dsc_fail_memory(err, "a fold-in");
    }
    if (p->from.summed != NULL && p->from.parts->is_weighed) {
        fill_weighed_history(p, self);
    } else if (p->from.summed != NULL) {
        fill_history(p, self);
    }
    for (size_t f = 0; p->from.shared != NULL && f < k; f++) {
        self->own[f] += p->from.shared[f];
        p->history[f] += p->from.shared[f];
    }
    dsc_status status = dsc_lbfgs_minimize(
        x, k + 1, &(dsc_lbfgs_config){.max_iterations = p->config->max_iterations}, evaluate, NULL,
        p, &result, err);
    bool is_finite = isfinite((float)x[k]);
    for (size_t f = 0; f < k; f++) {
        self->own[f] += (float)x[f];
        self->vector[f] += self->own[f];
    }
    p->model->kernels->activate(self->vector, self->vector,
                                (dsc_kernel_activation)p->from.parts->activation, 1, k);
    for (size_t f = 0; f < k; f++) {
        is_finite = is_finite && isfinite(self->vector[f]);
    }
    self->info.n_iterations = result.n_iterations;
    self->side.bias = (float)x[k];
    dsc_free(x);
    if (status == DSC_OK && !is_finite) {
        status =
            dsc_fail(err, DSC_E_NONFINITE, "fold-in", "the vector became infinite or not a number");
    }
    return status;
}

/* The strength for the given ratings, or for as many as the history is filled up to: whoever has
 * only begun is taken for a usual one. (160) */
static double l2_vector_of(const problem *p, bool is_item, size_t n) {
    const dsc_recommender *model = p->model;
    const double usual =
        (double)model->ratings.n_entries / (double)(is_item ? model->n_items : model->n_users);
    const double length = fmax((double)n, p->config->n_history);
    return p->config->l2_vector * dsc_strength_factor(p->config->l2_power, length, usual);
}

static dsc_status minimise(dsc_folded *self, problem *p, bool is_item, dsc_error *err) {
    const size_t k = p->model->config.n_factors;
    p->history = dsc_alloc(k, sizeof *p->history);
    p->sum = dsc_alloc(k * (1 + DSC_SLOPE_TILE), sizeof *p->sum);
    dsc_status status = dsc_pair_slope_init(&p->pass, p->model, is_item, err);
    if (status == DSC_OK && (p->history == NULL || p->sum == NULL)) {
        status = dsc_fail_memory(err, "a fold-in");
    }
    if (status == DSC_OK) {
        p->slope = p->sum + k;
        status = solve(p, self, err);
    }
    dsc_pair_slope_clear(&p->pass);
    dsc_free(p->history);
    dsc_free(p->sum);
    return status;
}

/* Alternating least squares has the minimum in closed form. (113) */
static dsc_status solve_als(dsc_folded *self, const dsc_recommender *model, bool is_item,
                            dsc_error *err) {
    const dsc_als_row row = {is_item, self->info.n_used, self->others};
    dsc_status status = dsc_als_row_vector(model, &row, self->own, err);
    memcpy(self->vector, self->own, model->config.n_factors * sizeof *self->own);
    return status;
}

dsc_status dsc_folded_learn(dsc_folded *self, const dsc_recommender *model, bool is_item,
                            const dsc_fold_in_config *config, dsc_error *err) {
    problem p = {
        .model = model, .folded = self, .config = config, .from = others_of(model, is_item)};
    p.l2_vector = l2_vector_of(&p, is_item, self->info.n_used);
    self->side.l2_vector = learns_vector(&p) ? p.l2_vector : 0;
    return model->config.use_als ? solve_als(self, model, is_item, err)
                                 : minimise(self, &p, is_item, err);
}
