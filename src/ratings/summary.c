/* Summary: counts, scale, moments and histogram of the ratings. */
#include <math.h>

#include "descent/ratings.h"

/* Of equal width, where there are too many values for one a bin. */
enum { N_EQUAL_BINS = 10 };

/* The distinct values, ascending; returns DSC_HISTOGRAM_BINS + 1 when there are more than that. */
static size_t distinct_values(dsc_sparse ratings, float out[DSC_HISTOGRAM_BINS]) {
    size_t n = 0;
    for (size_t i = 0; i < ratings.n_entries; i++) {
        float value = ratings.value[i];
        size_t at = 0;
        while (at < n && out[at] < value) {
            at++;
        }
        if (at < n && out[at] <= value) {
            continue;
        }
        if (n == DSC_HISTOGRAM_BINS) {
            return DSC_HISTOGRAM_BINS + 1;
        }
        for (size_t j = n; j > at; j--) {
            out[j] = out[j - 1];
        }
        out[at] = value;
        n++;
    }
    return n;
}

/* Two passes: the mean first, then squares of what differs from it. */
static void compute_moments(dsc_sparse ratings, dsc_ratings_summary *out) {
    double sum = 0;
    out->min = (double)ratings.value[0];
    out->max = out->min;
    for (size_t i = 0; i < ratings.n_entries; i++) {
        double value = (double)ratings.value[i];
        sum += value;
        out->min = value < out->min ? value : out->min;
        out->max = value > out->max ? value : out->max;
    }
    out->mean = sum / (double)ratings.n_entries;
    double squares = 0;
    for (size_t i = 0; i < ratings.n_entries; i++) {
        double difference = (double)ratings.value[i] - out->mean;
        squares += difference * difference;
    }
    out->standard_deviation = sqrt(squares / (double)ratings.n_entries);
}

static void compute_bins(dsc_sparse ratings, dsc_ratings_summary *out) {
    float distinct[DSC_HISTOGRAM_BINS];
    out->n_bins = distinct_values(ratings, distinct);
    bool is_one_value_a_bin = out->n_bins <= DSC_HISTOGRAM_BINS;
    out->n_bins = is_one_value_a_bin ? out->n_bins : N_EQUAL_BINS;
    double width = (out->max - out->min) / N_EQUAL_BINS;
    for (size_t bin = 0; bin < out->n_bins; bin++) {
        out->bin_low[bin] =
            is_one_value_a_bin ? (double)distinct[bin] : out->min + (double)bin * width;
        out->bin_high[bin] =
            is_one_value_a_bin ? (double)distinct[bin] : out->min + (double)(bin + 1) * width;
    }
    if (!is_one_value_a_bin) {
        out->bin_high[N_EQUAL_BINS - 1] = out->max;
    }
    /* A value belongs to the last bin that begins at or below it. */
    for (size_t i = 0; i < ratings.n_entries; i++) {
        size_t bin = out->n_bins - 1;
        while (bin > 0 && (double)ratings.value[i] < out->bin_low[bin]) {
            bin--;
        }
        out->bin_count[bin]++;
    }
}

void dsc_ratings_summarize(const dsc_ratings *ratings, dsc_ratings_summary *out) {
    dsc_sparse by_user = dsc_ratings_by_user(ratings);
    *out = (dsc_ratings_summary){0};
    out->n_users = by_user.n_rows;
    out->n_items = by_user.n_cols;
    out->n_ratings = by_user.n_entries;
    out->density = (double)out->n_ratings / ((double)out->n_users * (double)out->n_items);
    compute_moments(by_user, out);
    compute_bins(by_user, out);
}
