/* L-BFGS: the two-loop recursion and a line search for the strong Wolfe conditions.
 *
 * Implements docs/math.md (40) to (42). The best point found so far is in `x` at every moment at
 * which a call of the objective may fail. */
#include "descent/lbfgs.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/lbfgs_memory.h"
#include "math/lbfgs_run.h"

/* (41), (42): a step must lower the loss by this share of what its slope promises, and flatten the
 * slope to this share of the first. The usual values for quasi-Newton directions. */
static const double decrease_share = 1e-4;
static const double slope_share = 0.9;

/* The line search widens a step by this factor while the loss still falls steeply. */
static const double widening = 2.5;

/* What is known of one point along the direction. */
typedef struct probe {
    double step;
    double loss;
    double slope; /* gradient times direction */
} probe;

typedef struct minimizer {
    dsc_lbfgs_space space;
    dsc_lbfgs_config config;
    dsc_lbfgs_objective objective;
    void *user;
    dsc_error *err;
    void *x;     /* (n) the caller's: the best point */
    double loss; /* there */
    void *x_new; /* (n) the point that is tried; the caller's, or `own` */
    void *own;
    const void *direction;    /* (n) of the memory */
    double *partial;          /* of inner products */
    dsc_lbfgs_memory *memory; /* holds the gradients, at x and at x_new */
    size_t n_evaluations;
} minimizer;

/* Whether no element of the gradient is above the tolerance. */
static bool is_gradient_gone(const minimizer *m) {
    const size_t n = m->space.n;
    const dsc_matrix gradient = {dsc_lbfgs_memory_gradient(m->memory), 1, n,
                                 m->space.kernels->precision};
    const double tolerance = m->config.gradient_tolerance;
    /* The norm is at most the largest element times the root of n, which spares most looks; twice that
     * for what rounding does. */
    if (dsc_lbfgs_memory_gradient_norm(m->memory) > 2 * sqrt((double)n) * tolerance) {
        return false;
    }
    bool is_gone = true;
    for (size_t i = 0; is_gone && i < n; i++) {
        is_gone = fabs(dsc_matrix_at(gradient, 0, i)) <= tolerance;
    }
    return is_gone;
}

/* The objective at x + step direction. A loss that is not finite counts as infinitely high. */
static dsc_status evaluate(minimizer *m, double step, probe *out) {
    dsc_lbfgs_add_scaled(&m->space, m->x_new, m->x, step, m->direction);
    *out = (probe){step, INFINITY, NAN};
    m->n_evaluations++;
    double loss;
    void *d_new = dsc_lbfgs_memory_next_gradient(m->memory);
    dsc_status status = m->objective(m->x_new, &loss, d_new, m->user, m->err);
    if (status == DSC_OK && isfinite(loss)) {
        *out = (probe){step, loss,
                       dsc_lbfgs_inner_product(&m->space, d_new, m->direction, m->partial)};
    }
    return status == DSC_E_NONFINITE ? DSC_OK : status;
}

/* Where the cubic through both points and slopes is lowest; the middle where it says nothing, and
 * never so near to an end that the interval would hardly shrink. */
static double interpolate(probe a, probe b) {
    const double low = fmin(a.step, b.step), high = fmax(a.step, b.step);
    const double margin = 0.1 * (high - low);
    const double d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step);
    const double square = d1 * d1 - a.slope * b.slope;
    double step = (low + high) / 2;
    if (square >= 0 && isfinite(square)) {
        const double d2 = copysign(sqrt(square), b.step - a.step);
        const double t =
            b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
        step = isfinite(t) ? t : step;
    }
    return fmin(fmax(step, low + margin), high - margin);
}

static bool is_low_enough(probe start, probe at) {
    return at.loss <= start.loss + decrease_share * at.step * start.slope; /* (41) */
}

static bool is_flat_enough(probe start, probe at) {
    return fabs(at.slope) <= -slope_share * start.slope; /* (42) */
}

/* Between `low`, the better end, and `high` there is a step that satisfies both conditions; finds
 * one, or after max_evaluations the best so far. The last point evaluated is the one given back. */
static dsc_status zoom(minimizer *m, probe start, probe low, probe high, size_t n_left,
                       probe *out) {
    while (n_left-- > 0) {
        probe at;
        dsc_status status = evaluate(m, interpolate(low, high), &at);
        if (status != DSC_OK) {
            return status;
        }
        if (!is_low_enough(start, at) || at.loss >= low.loss) {
            high = at;
        } else if (is_flat_enough(start, at)) {
            *out = at;
            return DSC_OK;
        } else {
            if (at.slope * (high.step - low.step) >= 0) {
                high = low;
            }
            low = at;
        }
        if (fabs(high.step - low.step) <= 1e-14 * fmax(high.step, low.step)) {
            break;
        }
    }
    *out = low;
    /* x_new must be the point that is given back. */
    return low.step > 0 ? evaluate(m, low.step, out) : DSC_OK;
}

/* A step along the direction; out->step 0: none lowers the loss. */
static dsc_status search(minimizer *m, probe start, double first_step, probe *out) {
    probe before = start;
    double step = first_step;
    for (size_t tried = 0; tried < m->config.max_evaluations; tried++) {
        probe at;
        dsc_status status = evaluate(m, step, &at);
        if (status != DSC_OK) {
            return status;
        }
        const size_t n_left = m->config.max_evaluations - tried - 1;
        if (!is_low_enough(start, at) || (tried > 0 && at.loss >= before.loss)) {
            return zoom(m, start, before, at, n_left, out);
        }
        if (is_flat_enough(start, at)) {
            *out = at;
            return DSC_OK;
        }
        if (at.slope >= 0) {
            return zoom(m, start, at, before, n_left, out);
        }
        before = at;
        step *= widening;
    }
    *out = before;
    return evaluate(m, before.step, out);
}

/* The direction of the next step, straight down where the remembered pairs do not lead down; what
 * is known where it begins, and the length to try first. */
static double prepare_step(minimizer *m, probe *start) {
    *start = (probe){0, m->loss, dsc_lbfgs_memory_direction(m->memory, &m->direction)};
    if (!(start->slope < 0)) {
        dsc_lbfgs_memory_forget(m->memory);
        start->slope = dsc_lbfgs_memory_direction(m->memory, &m->direction);
    }
    /* Without memory the direction has the gradient's scale, which says nothing of a length. */
    return dsc_lbfgs_memory_n_pairs(m->memory) > 0
               ? 1
               : fmin(1, 1 / dsc_lbfgs_memory_gradient_norm(m->memory));
}

static dsc_status iterate(minimizer *m, dsc_lbfgs_observer observer, dsc_lbfgs_result *result) {
    result->end = DSC_LBFGS_ITERATIONS;
    for (size_t i = 1; i <= m->config.max_iterations; i++) {
        if (is_gradient_gone(m)) {
            result->end = DSC_LBFGS_GRADIENT;
            break;
        }
        const double loss_before = m->loss;
        probe begin, found = {0, 0, 0};
        const double first_step = prepare_step(m, &begin);
        dsc_status status = search(m, begin, first_step, &found);
        if (status != DSC_OK) {
            return status;
        }
        if (!(found.step > 0 && found.loss < m->loss)) {
            if (dsc_lbfgs_memory_n_pairs(m->memory) == 0) {
                result->end = DSC_LBFGS_NO_STEP;
                break;
            }
            dsc_lbfgs_memory_forget(m->memory); /* once more, straight down */
            continue;
        }
        dsc_lbfgs_memory_step(m->memory, m->x, m->x_new);
        m->loss = found.loss;
        result->n_iterations = i;
        const dsc_lbfgs_progress progress = {.iteration = i,
                                             .loss = m->loss,
                                             .gradient_norm =
                                                 dsc_lbfgs_memory_gradient_norm(m->memory),
                                             .step = found.step,
                                             .n_evaluations = m->n_evaluations};
        if (observer != NULL && !observer(&progress, m->x, m->user)) {
            return dsc_fail(m->err, DSC_E_CANCELLED, "L-BFGS", "was ended by its watcher");
        }
        if (loss_before - m->loss <= m->config.loss_tolerance * fabs(loss_before)) {
            result->end = DSC_LBFGS_FLAT;
            break;
        }
    }
    return DSC_OK;
}

static dsc_status settle(dsc_lbfgs_config *out, const dsc_lbfgs_config *config, size_t n,
                         dsc_error *err) {
    *out = config != NULL ? *config : (dsc_lbfgs_config){0};
    if (n == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n", "is 0; expected at least 1 variable");
    }
    if (!(out->gradient_tolerance >= 0 && out->loss_tolerance >= 0)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "tolerance",
                        "of the gradient is %g, of the loss %g; expected numbers from 0 up",
                        out->gradient_tolerance, out->loss_tolerance);
    }
    out->memory = out->memory > 0 ? out->memory : 10;
    out->max_iterations = out->max_iterations > 0 ? out->max_iterations : 200;
    out->max_evaluations = out->max_evaluations > 0 ? out->max_evaluations : 25;
    out->gradient_tolerance = out->gradient_tolerance > 0 ? out->gradient_tolerance : 1e-8;
    out->loss_tolerance = out->loss_tolerance > 0 ? out->loss_tolerance : 1e-12;
    return DSC_OK;
}

static dsc_status allocate(minimizer *m, const dsc_lbfgs_run *run) {
    m->own = run->trial == NULL ? dsc_alloc(m->space.n, (size_t)m->space.kernels->precision) : NULL;
    m->x_new = run->trial == NULL ? m->own : run->trial;
    m->partial = dsc_alloc(dsc_lbfgs_n_parts(&m->space), sizeof *m->partial);
    return m->x_new != NULL && m->partial != NULL
               ? dsc_lbfgs_memory_create(&m->memory, &m->space, m->config.memory, m->err)
               : dsc_fail_memory(m->err, "L-BFGS");
}

static void clear(minimizer *m) {
    dsc_lbfgs_memory_destroy(m->memory);
    dsc_free(m->partial);
    dsc_free(m->own);
}

static dsc_status start(minimizer *m) {
    memcpy(m->x_new, m->x, m->space.n * (size_t)m->space.kernels->precision);
    void *gradient = dsc_lbfgs_memory_gradient(m->memory);
    dsc_status status = m->objective(m->x_new, &m->loss, gradient, m->user, m->err);
    m->n_evaluations = 1;
    if (status == DSC_OK && !isfinite(m->loss)) {
        status =
            dsc_fail(m->err, DSC_E_NONFINITE, "L-BFGS", "the loss at the start is %g", m->loss);
    }
    if (status == DSC_OK) {
        dsc_lbfgs_memory_start(m->memory);
    }
    return status;
}

dsc_status dsc_lbfgs_minimize_in(const dsc_lbfgs_space *space, void *x, const dsc_lbfgs_run *run,
                                 dsc_lbfgs_result *result, dsc_error *err) {
    minimizer m = {
        .space = *space, .objective = run->objective, .user = run->user, .err = err, .x = x};
    dsc_lbfgs_result seen = {.gradient_norm = (double)NAN};
    dsc_status status = settle(&m.config, run->config, space->n, err);
    if (status == DSC_OK) {
        status = allocate(&m, run);
    }
    if (status == DSC_OK) {
        status = start(&m);
    }
    if (status == DSC_OK) {
        status = iterate(&m, run->observer, &seen);
        seen.gradient_norm = dsc_lbfgs_memory_gradient_norm(m.memory);
    }
    if (result != NULL && m.memory != NULL) {
        seen.n_evaluations = m.n_evaluations;
        seen.loss = m.loss;
        *result = seen;
    }
    clear(&m);
    return status;
}
