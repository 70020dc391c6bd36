/* Ratings as places among thresholds: docs/math.md (140) to (145). */
#include "recommender/ordinal.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Two thresholds are apart by this at the least, so that they stay distinct in double whatever the
 * steps are; it lowers no probability by more than a quarter of it. */
static const double least_distance = 1e-6;

/* Thresholds go no further from 0, and a score counts as no further: beyond, a probability is below
 * 1e-130. The exponential of the sum of both fits double. */
static const double most_threshold = 300, most_score = 340;

/* Blocks of K numbers in the memory of one. */
enum { N_BLOCKS = 6 };

static dsc_status allocate(dsc_ordinal *out, size_t n_values, dsc_error *err) {
    double *block = dsc_alloc(N_BLOCKS * n_values, sizeof *block);
    if (block == NULL) {
        return dsc_fail_memory(err, "the thresholds of ratings");
    }
    *out = (dsc_ordinal){.n_values = n_values,
                         .values = block,
                         .thresholds = block + n_values,
                         .lower = block + 2 * n_values,
                         .upper = block + 3 * n_values,
                         .narrowness = block + 4 * n_values,
                         .pressure = block + 5 * n_values};
    return DSC_OK;
}

/* The first of n ascending values that is at least x; n: none. */
static size_t first_from(const double *values, size_t n, double x) {
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (values[middle] < x) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The different ratings, ascending; returns how many, DSC_MAX_VALUES + 1: there are more than found
 * has room for. */
static size_t find_values(dsc_sparse ratings, double found[DSC_MAX_VALUES]) {
    size_t n = 0;
    for (size_t e = 0; e < ratings.n_entries; e++) {
        const double rating = (double)ratings.value[e];
        const size_t at = first_from(found, n, rating);
        if (at < n && found[at] == rating) {
            continue;
        }
        if (n == DSC_MAX_VALUES) {
            return DSC_MAX_VALUES + 1;
        }
        memmove(found + at + 1, found + at, (n - at) * sizeof *found);
        found[at] = rating;
        n++;
    }
    return n;
}

bool dsc_ordinal_suits(dsc_sparse ratings) {
    double found[DSC_MAX_VALUES];
    const size_t n = find_values(ratings, found);
    return n >= 2 && n <= DSC_MAX_VALUES;
}

dsc_status dsc_ordinal_init(dsc_ordinal *out, dsc_sparse ratings, dsc_error *err) {
    double found[DSC_MAX_VALUES];
    const size_t n = find_values(ratings, found);
    *out = (dsc_ordinal){0};
    if (n > DSC_MAX_VALUES) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "have more than %d different values; an ordinal loss is for a scale of a "
                        "few marks: round the ratings, or train with the squared loss",
                        DSC_MAX_VALUES);
    }
    if (n < 2) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "are all the same; an ordinal loss needs at least two different values");
    }
    dsc_status status = allocate(out, n, err);
    if (status == DSC_OK) {
        const double steps[DSC_MAX_VALUES] = {0};
        memcpy(out->values, found, n * sizeof *found);
        dsc_ordinal_set(out, steps);
    }
    return status;
}

dsc_status dsc_ordinal_copy(dsc_ordinal *out, const dsc_ordinal *from, dsc_error *err) {
    *out = (dsc_ordinal){0};
    if (from->n_values == 0) {
        return DSC_OK;
    }
    dsc_status status = allocate(out, from->n_values, err);
    if (status == DSC_OK) {
        memcpy(out->values, from->values, N_BLOCKS * from->n_values * sizeof *out->values);
    }
    return status;
}

void dsc_ordinal_clear(dsc_ordinal *ordinal) {
    dsc_free(ordinal->values);
    *ordinal = (dsc_ordinal){0};
}

size_t dsc_ordinal_n_steps(const dsc_ordinal *ordinal) {
    return ordinal->n_values > 0 ? ordinal->n_values - 1 : 0;
}

void dsc_ordinal_start(const dsc_ordinal *ordinal, dsc_sparse ratings, float *steps) {
    double count[DSC_MAX_VALUES] = {0};
    for (size_t e = 0; e < ratings.n_entries; e++) {
        count[dsc_ordinal_place(ordinal, (double)ratings.value[e])]++;
    }
    const double n = (double)ratings.n_entries;
    double below = 0, last = 0;
    for (size_t j = 0; j + 1 < ordinal->n_values; j++) {
        below += count[j];
        const double threshold = log(below / (n - below)); /* sigmoid(threshold) = below / n */
        steps[j] = (float)(j == 0 ? threshold : log(threshold - last));
        last = threshold;
    }
}

void dsc_ordinal_set(dsc_ordinal *o, const double *steps) {
    const size_t last = o->n_values - 1;
    for (size_t j = 0; j < last; j++) {
        const double distance = least_distance + exp(steps[j]);
        o->thresholds[j] = j == 0 ? steps[0] : o->thresholds[j - 1] + distance;
        o->upper[j] = exp(-o->thresholds[j]);
        o->lower[j + 1] = exp(o->thresholds[j]);
        if (j > 0) {
            o->narrowness[j] = -log(-expm1(-distance));
            o->pressure[j] = 1 / expm1(distance);
        }
    }
    o->lower[0] = o->upper[last] = 0;
}

bool dsc_ordinal_is_bounded(const dsc_ordinal *o) {
    bool is_good = true;
    for (size_t j = 0; j + 1 < o->n_values; j++) {
        is_good = is_good && fabs(o->thresholds[j]) <= most_threshold &&
                  (j == 0 || o->thresholds[j - 1] < o->thresholds[j]);
    }
    return is_good;
}

size_t dsc_ordinal_place(const dsc_ordinal *o, double rating) {
    const size_t at = first_from(o->values, o->n_values, rating);
    if (at == o->n_values || (at > 0 && rating - o->values[at - 1] <= o->values[at] - rating)) {
        return at - 1;
    }
    return at;
}

/* The exponential of a score, which is limited so that it does not overflow. */
static double exponential(double score) {
    return exp(fmax(-most_score, fmin(most_score, score)));
}

/* The mean at a score of which this is the exponential. (145) */
static double mean_at(const dsc_ordinal *o, double exponential_of_score) {
    double mean = o->values[0];
    for (size_t j = 1; j < o->n_values; j++) {
        mean += (o->values[j] - o->values[j - 1]) *
                (exponential_of_score / (exponential_of_score + o->lower[j]));
    }
    return mean;
}

double dsc_ordinal_mean(const dsc_ordinal *o, double score) {
    const double mean = mean_at(o, exponential(score));
    return fmin(mean, o->values[o->n_values - 1]);
}

double dsc_ordinal_slope(const dsc_ordinal *o, double score) {
    const double x = exponential(score);
    double slope = 0;
    for (size_t j = 1; j < o->n_values; j++) {
        const double above = x / (x + o->lower[j]);
        slope += (o->values[j] - o->values[j - 1]) * above * (o->lower[j] / (x + o->lower[j]));
    }
    return slope;
}

double dsc_ordinal_add(const dsc_ordinal *o, size_t place, double score, dsc_ordinal_sums *sums) {
    const double x = exponential(score);
    const double below = o->lower[place] / x, above = o->upper[place] * x;
    const double share_below = below / (1 + below); /* sigmoid(threshold below - score) */
    const double share_above = above / (1 + above); /* sigmoid(score - threshold above) */
    const double slope = share_above - share_below;
    const double beyond = score - fmax(-most_score, fmin(most_score, score));
    sums->loss += log((1 + below) * (1 + above)) + o->narrowness[place] + slope * beyond;
    const double error = mean_at(o, x) - o->values[place];
    sums->squared_errors += error * error;
    if (place > 0) {
        sums->d_thresholds[place - 1] += share_below + o->pressure[place];
    }
    if (place + 1 < o->n_values) {
        sums->d_thresholds[place] -= share_above + o->pressure[place];
    }
    return slope;
}

void dsc_ordinal_sums_add(const dsc_ordinal *o, dsc_ordinal_sums *to,
                          const dsc_ordinal_sums *others) {
    to->loss += others->loss;
    to->squared_errors += others->squared_errors;
    for (size_t j = 0; j + 1 < o->n_values; j++) {
        to->d_thresholds[j] += others->d_thresholds[j];
    }
}

void dsc_ordinal_d_steps(const dsc_ordinal *o, const dsc_ordinal_sums *sums, double *d_steps) {
    double d_all_above = 0; /* a step moves its threshold and all above */
    for (size_t j = o->n_values - 1; j-- > 0;) {
        d_all_above += sums->d_thresholds[j];
        const double distance = j == 0 ? 0 : o->thresholds[j] - o->thresholds[j - 1];
        d_steps[j] = d_all_above * (j == 0 ? 1 : fmax(distance - least_distance, 0));
    }
}

void dsc_ordinal_probabilities(const dsc_ordinal *o, double score, double *probability) {
    const double x = exponential(score);
    for (size_t k = 0; k < o->n_values; k++) {
        const double below = o->lower[k] / x, above = o->upper[k] * x;
        /* (140) as (142) has it: a product, which loses no digits where both shares are near 1 */
        probability[k] = exp(-o->narrowness[k]) / ((1 + below) * (1 + above));
    }
}
