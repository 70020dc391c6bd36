/* Random draws of settings, and the choice among those that did best. docs/math.md (150), (152). */
#include "descent/tune.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "descent/random.h"

enum { PURPOSE_DRAW = 40 };

/* What dsc_random_below can count, less one for a range that includes both of its ends. */
static const double most_whole = 4294967294.0;

static bool is_whole(double value, double least) {
    return value >= least && value <= most_whole && floor(value) == value;
}

static dsc_status check(const dsc_dimension *d, size_t i, dsc_error *err) {
    char where[48];
    const char *expected = NULL;
    snprintf(where, sizeof where, "dimension %zu", i + 1);
    if (!isfinite(d->low) || !isfinite(d->high) || d->low > d->high) {
        expected = "finite bounds, the lower one first";
    } else if (d->kind == DSC_DIMENSION_LOG && !(d->low > 0)) {
        expected = "bounds above 0";
    } else if (d->kind == DSC_DIMENSION_WHOLE && !(is_whole(d->low, 1) && is_whole(d->high, 1))) {
        expected = "whole bounds of at least 1";
    } else if (d->kind == DSC_DIMENSION_CHOICE && !(is_whole(d->low, 0) && is_whole(d->high, 0))) {
        expected = "whole bounds of at least 0";
    } else if ((unsigned)d->kind > DSC_DIMENSION_CHOICE) {
        return dsc_fail(err, DSC_E_ARGUMENT, where, "%d is not a kind of dimension", (int)d->kind);
    }
    return expected == NULL ? DSC_OK
                            : dsc_fail(err, DSC_E_ARGUMENT, where, "found %g to %g; expected %s",
                                       d->low, d->high, expected);
}

static double clamp(double value, const dsc_dimension *d) {
    return fmin(fmax(value, d->low), d->high);
}

/* From low to high by equal factors, u on [0, 1). */
static double by_factors(double low, double high, double u) {
    return exp(log(low) + u * (log(high) - log(low)));
}

/* (150) */
static double draw(const dsc_dimension *d, dsc_random *random) {
    const double u = dsc_random_uniform(random);
    switch (d->kind) {
    case DSC_DIMENSION_LINEAR:
        return clamp(d->low + u * (d->high - d->low), d);
    case DSC_DIMENSION_LOG:
        return clamp(by_factors(d->low, d->high, u), d);
    case DSC_DIMENSION_WHOLE: /* half a step beyond the ends, or they would come half as often */
        return clamp(round(by_factors(d->low - 0.5, d->high + 0.5, u)), d);
    case DSC_DIMENSION_CHOICE:
        return clamp(d->low + floor(u * (d->high - d->low + 1)), d);
    }
    return d->low;
}

dsc_status dsc_tune_draw(const dsc_dimension *space, size_t n, uint64_t seed, uint64_t index,
                         double *value, dsc_error *err) {
    for (size_t i = 0; i < n; i++) {
        const dsc_status status = check(&space[i], i, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    dsc_random random = dsc_random_stream(seed, PURPOSE_DRAW, index);
    for (size_t i = 0; i < n; i++) {
        value[i] = draw(&space[i], &random);
    }
    return DSC_OK;
}

size_t dsc_tune_choose(const double *score, const double *cost, size_t n, double margin,
                       double most) {
    double lowest = INFINITY;
    for (size_t i = 0; i < n; i++) {
        lowest = isfinite(score[i]) ? fmin(lowest, score[i]) : lowest;
    }
    const double limit = fmax(lowest, fmin(lowest + margin, most));
    size_t chosen = n;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(score[i]) || score[i] > limit) {
            continue;
        }
        if (chosen == n || cost[i] < cost[chosen] ||
            (cost[i] == cost[chosen] && score[i] < score[chosen])) {
            chosen = i;
        }
    }
    return chosen;
}
