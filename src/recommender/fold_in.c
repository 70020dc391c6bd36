/* Fold-in of one user or item with everything else fixed: docs/math.md (96) to (99), (136). */
#include "descent/fold_in.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/lbfgs.h"
#include "recommender/als_row.h"
#include "recommender/baseline.h"
#include "recommender/member.h"
#include "recommender/output.h"
#include "recommender/pair_slope.h"
#include "recommender/strength.h"

/* L-BFGS on a few dozen well conditioned variables is done before; perceptrons may take longer. */
enum { USUAL_ITERATIONS = 100 };

struct dsc_folded {
    dsc_side side;
    dsc_folded_info info;
    uint32_t *others;     /* (info.n_used) ascending; the block that holds `ratings` too */
    float *ratings;       /* (info.n_used) */
    float *offsets;       /* (info.n_used) what the time of each adds, of the others' side */
    float *own;           /* (n_factors); the block that holds `vector` too */
    float *vector;        /* (n_factors) */
    size_t n_members;     /* of the blend that it was folded into; 0: into none */
    dsc_folded **members; /* (n_members) the same one in each of them */
};

/* The model seen from the new one: those that it rated or was rated by. */
typedef struct others {
    size_t n;
    const float *sides;     /* (n, n_factors) */
    const float *biases;    /* (n) */
    const float *summed;    /* (n, n_factors) of histories; NULL: none */
    const float *usual;     /* (n_factors) the mean of them; NULL: none, or ratings weigh them */
    const double *baseline; /* (n) */
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
    others out = is_item ? (others){model->n_users,       model->user_sides,  model->user_biases,
                                    model->rater_vectors, model->usual_rater, model->user_baseline,
                                    &model->item_parts,   model->item_vectors}
                         : (others){model->n_items,       model->item_sides,  model->item_biases,
                                    model->rated_vectors, model->usual_rated, model->item_baseline,
                                    &model->user_parts,   model->user_vectors};
    out.shared = out.parts->is_shared ? out.shared : NULL;
    return out;
}

/* How strongly vectors are held near 0, (99), judged by how long trained ones are; 1 where they say
 * nothing. An ordinal loss is itself in units of noise. */
static double strength_of(const dsc_recommender *model, bool is_item) {
    const float *own = is_item ? model->item_vectors : model->user_vectors;
    const size_t n = (is_item ? model->n_items : model->n_users) * model->config.n_factors;
    const double squares = model->kernels->sum_of_squares(own, n);
    const double error = model->config.loss == DSC_LOSS_ORDINAL
                             ? 1
                             : model->statistics.train_rmse / model->statistics.spread;
    const double strength = error * error * (double)n / squares;
    return isfinite(strength) ? strength : 1;
}

dsc_fold_in_config dsc_fold_in_config_of(const dsc_recommender *model, bool is_item) {
    const dsc_recommender_config *config = &model->config;
    if (model->n_members > 0) {
        return model->members[0].fold_in[is_item];
    }
    const dsc_side_parts *parts = is_item ? &model->item_parts : &model->user_parts;
    dsc_fold_in_config out = {.learn_vector = !parts->is_shared,
                              .max_iterations = USUAL_ITERATIONS};
    /* an item that few have rated need not become a usual one: docs/accuracy.md */
    if (!is_item && !parts->is_weighed) {
        out.n_history = (double)model->ratings.n_entries / (double)model->n_users;
    }
    if (config->use_als) {
        out.n_history = 0;
    } else if (config->use_lbfgs) {
        out.l2_vector = config->ridge.vectors;
        out.l2_power = config->ridge.power;
        out.l2_bias = config->ridge.biases;
    } else {
        out.l2_vector = strength_of(model, is_item);
        out.l2_bias = dsc_usual_ridge(config->loss, model->ratings.n_entries).biases;
    }
    return out;
}

static dsc_status check(const dsc_fold_in_config *config, const dsc_given *given, size_t n_others,
                        dsc_error *err) {
    if (!(config->l2_vector >= 0) || !isfinite(config->l2_vector) || !(config->l2_bias >= 0) ||
        !isfinite(config->l2_bias)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "l2_vector, l2_bias",
                        "are %g and %g; expected numbers of at least 0", config->l2_vector,
                        config->l2_bias);
    }
    if (!(config->l2_power >= 0) || !isfinite(config->l2_power)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "l2_power", "is %g; expected a number of at least 0",
                        config->l2_power);
    }
    if (!(config->n_history >= 0) || !isfinite(config->n_history)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_history", "is %g; expected a number of at least 0",
                        config->n_history);
    }
    if (config->max_iterations == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "max_iterations", "is 0; expected at least 1");
    }
    for (size_t e = 0; e < given->n; e++) {
        if (!isfinite(given->rating[e])) {
            return dsc_fail(err, DSC_E_ARGUMENT, "given", "rating %zu of %zu is not finite", e + 1,
                            given->n);
        }
        if (given->other[e] != DSC_NO_INDEX && given->other[e] >= n_others) {
            return dsc_fail(err, DSC_E_ARGUMENT, "given",
                            "index %zu of %zu is %u; expected one below %zu", e + 1, given->n,
                            given->other[e], n_others);
        }
    }
    return DSC_OK;
}

/* --- what is given ---------------------------------------------------------------------------- */

typedef struct entry {
    size_t place; /* in the order given; of the time too */
    uint32_t other;
    float rating;
} entry;

static int compare_entries(const void *a, const void *b) {
    const entry *x = a, *y = b;
    return x->other != y->other ? (x->other > y->other ? 1 : -1)
                                : (x->place > y->place) - (x->place < y->place);
}

/* Copies the known ratings, sorted, each of them once, inside the scale. */
static dsc_status take_ratings(dsc_folded *self, const dsc_recommender *model, bool is_item,
                               const dsc_given *given, dsc_error *err) {
    float (*const offset_of)(const dsc_recommender *, uint32_t, int64_t) =
        is_item ? dsc_model_user_offset : dsc_model_item_offset;
    dsc_folded_info *info = &self->info;
    entry *known = dsc_alloc(given->n, sizeof *known);
    self->others = dsc_alloc(given->n, sizeof *self->others + 2 * sizeof *self->ratings);
    if (known == NULL || self->others == NULL) {
        dsc_free(known);
        return dsc_fail_memory(err, "the ratings to fold in");
    }
    self->ratings = (float *)(void *)(self->others + given->n);
    self->offsets = self->ratings + given->n;
    size_t n = 0;
    for (size_t e = 0; e < given->n; e++) {
        if (given->other[e] != DSC_NO_INDEX) {
            known[n++] = (entry){e, given->other[e], given->rating[e]};
        }
    }
    info->n_unknown = given->n - n;
    qsort(known, n, sizeof *known, compare_entries);
    for (size_t e = 0; e < n; e++) {
        if (e + 1 < n && known[e + 1].other == known[e].other) {
            info->n_repeated++;
            continue;
        }
        const bool is_implicit = model->config.is_implicit;
        const float rating = is_implicit ? 1 : (float)dsc_clip(model, (double)known[e].rating);
        info->n_outside += !is_implicit && rating != known[e].rating;
        const int64_t time = given->time != NULL ? given->time[known[e].place] : DSC_NOW;
        self->offsets[info->n_used] = offset_of(model, known[e].other, time);
        self->others[info->n_used] = known[e].other;
        self->ratings[info->n_used++] = rating;
    }
    dsc_free(known);
    return DSC_OK;
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

/* --- folding in ------------------------------------------------------------------------------- */

/* Alternating least squares has the minimum in closed form. (113) */
static dsc_status solve_als(dsc_folded *self, const problem *p, bool is_item, dsc_error *err) {
    const dsc_als_row row = {is_item, self->info.n_used, self->others};
    dsc_status status = dsc_als_row_vector(p->model, &row, self->own, err);
    memcpy(self->vector, self->own, p->model->config.n_factors * sizeof *self->own);
    return status;
}

static dsc_status learn(dsc_folded *self, problem *p, bool is_item, dsc_error *err) {
    const size_t k = p->model->config.n_factors;
    if (p->model->config.use_als) {
        return solve_als(self, p, is_item, err);
    }
    p->folded = self;
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

static dsc_status fill(dsc_folded *self, const dsc_recommender *model, bool is_item,
                       const dsc_given *given, const dsc_fold_in_config *config, dsc_error *err) {
    const size_t k = model->config.n_factors;
    problem p = {.model = model, .from = others_of(model, is_item)};
    dsc_fold_in_config usual;
    if (config == NULL) {
        usual = dsc_fold_in_config_of(model, is_item);
    }
    p.config = config != NULL ? config : &usual;
    if (model->config.is_implicit && !model->config.use_als) {
        return dsc_fail(err, DSC_E_ARGUMENT, "model",
                        "was trained on interactions in minibatches, which fold nobody in; "
                        "alternating least squares does (--form ials)");
    }
    dsc_status status = check(p.config, given, p.from.n, err);
    if (status == DSC_OK) {
        status = take_ratings(self, model, is_item, given, err);
    }
    if (status != DSC_OK || self->info.n_used == 0) {
        return status;
    }
    self->own = dsc_alloc(2 * k, sizeof *self->own);
    if (self->own == NULL) {
        return dsc_fail_memory(err, "a fold-in");
    }
    self->vector = self->own + k;
    p.l2_vector = l2_vector_of(&p, is_item, self->info.n_used);
    status = learn(self, &p, is_item, err);
    const dsc_given used = {.n = self->info.n_used, .other = self->others, .rating = self->ratings};
    self->side.vector = self->vector;
    self->side.own = self->own;
    if (!model->config.is_implicit) { /* a new user of interactions has none, a new item no share */
        self->side.baseline = dsc_baseline_bias(model->statistics.mean, p.from.baseline, &used);
    }
    self->side.l2_vector = learns_vector(&p) ? p.l2_vector : 0;
    self->side.is_folded_in = true;
    self->side.n_ratings = used.n;
    self->side.others = used.other;
    self->side.ratings = used.rating;
    self->side.offsets = self->offsets;
    self->side.folded = self;
    return status;
}

static dsc_status fill_members(dsc_folded *self, const dsc_recommender *blend, bool is_item,
                               const dsc_given *given, const dsc_fold_in_config *config,
                               dsc_error *err);

static dsc_status fold_in(dsc_folded **out, const dsc_recommender *model, bool is_item,
                          const dsc_given *given, const dsc_fold_in_config *config,
                          dsc_error *err) {
    *out = NULL;
    dsc_folded *self = dsc_alloc(1, sizeof *self);
    if (self == NULL) {
        return dsc_fail_memory(err, "a fold-in");
    }
    dsc_status status = model->n_members > 0
                            ? fill_members(self, model, is_item, given, config, err)
                            : fill(self, model, is_item, given, config, err);
    if (status != DSC_OK) {
        dsc_folded_destroy(self);
        return status;
    }
    *out = self;
    return DSC_OK;
}

/* A strength of the heaviest member's, as many times what is usual in another. */
static double strength_in(double strength, double usual, double usual_of_first) {
    return usual_of_first > 0 ? usual * (strength / usual_of_first) : strength;
}

/* Into every member by itself, under strengths of its own; it looks as in the heaviest. (155) */
static dsc_status fill_members(dsc_folded *self, const dsc_recommender *blend, bool is_item,
                               const dsc_given *given, const dsc_fold_in_config *config,
                               dsc_error *err) {
    const dsc_fold_in_config first = blend->members[0].fold_in[is_item];
    dsc_status status = DSC_OK;
    self->members = dsc_alloc(blend->n_members, sizeof(dsc_folded *)); /* the size of a pointer */
    if (self->members == NULL) {
        return dsc_fail_memory(err, "a fold-in");
    }
    self->n_members = blend->n_members;
    for (size_t m = 0; status == DSC_OK && m < blend->n_members; m++) {
        const dsc_fold_in_config usual = blend->members[m].fold_in[is_item];
        dsc_fold_in_config own = config != NULL ? *config : first;
        own.l2_vector = strength_in(own.l2_vector, usual.l2_vector, first.l2_vector);
        own.l2_bias = strength_in(own.l2_bias, usual.l2_bias, first.l2_bias);
        status = fold_in(&self->members[m], blend->members[m].model, is_item, given, &own, err);
    }
    if (status == DSC_OK) {
        self->info = self->members[0]->info;
        self->side = self->members[0]->side;
        self->side.folded = self->info.n_used > 0 ? self : NULL;
    }
    return status;
}

dsc_side dsc_folded_member_side(const dsc_folded *folded, size_t m) {
    return folded->members[m]->side;
}

dsc_status dsc_fold_in_user(dsc_folded **out, const dsc_recommender *model, const dsc_given *given,
                            const dsc_fold_in_config *config, dsc_error *err) {
    return fold_in(out, model, false, given, config, err);
}

dsc_status dsc_fold_in_item(dsc_folded **out, const dsc_recommender *model, const dsc_given *given,
                            const dsc_fold_in_config *config, dsc_error *err) {
    return fold_in(out, model, true, given, config, err);
}

void dsc_folded_destroy(dsc_folded *folded) {
    if (folded == NULL) {
        return;
    }
    for (size_t m = 0; m < folded->n_members; m++) {
        dsc_folded_destroy(folded->members[m]);
    }
    dsc_free(folded->members);
    dsc_free(folded->others);
    dsc_free(folded->own);
    dsc_free(folded);
}

dsc_side dsc_folded_side(const dsc_folded *folded) {
    return folded->side;
}

dsc_folded_info dsc_folded_get_info(const dsc_folded *folded) {
    return folded->info;
}
