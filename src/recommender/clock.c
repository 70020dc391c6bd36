/* Bins of time and sessions of users: docs/math.md (148). */
#include "recommender/clock.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static int compare_times(const void *x, const void *y) {
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* Seconds from a to b, b not before a; exact whatever the two are. */
static uint64_t seconds(int64_t a, int64_t b) {
    return (uint64_t)b - (uint64_t)a;
}

static dsc_status make_bins(dsc_clock *out, dsc_sparse ratings, size_t n_bins, dsc_error *err) {
    const size_t n = ratings.n_entries;
    int64_t *sorted = dsc_alloc(n, sizeof *sorted);
    out->bin_start = dsc_alloc(n_bins, sizeof *out->bin_start);
    if (sorted == NULL || out->bin_start == NULL) {
        dsc_free(sorted);
        return dsc_fail_memory(err, "the bins of time");
    }
    memcpy(sorted, ratings.time, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_times);
    for (size_t b = 0; b < n_bins; b++) {
        out->bin_start[b] = sorted[(size_t)((double)b / (double)n_bins * (double)n)];
    }
    out->n_bins = n_bins;
    dsc_free(sorted);
    return DSC_OK;
}

/* Cuts the times of each user, which ascend, where a pause is longer than the gap, and returns how many
 * sessions that makes; begin NULL: counts them only. */
static size_t cut_sessions(dsc_clock *out, dsc_sparse ratings, const int64_t *sorted) {
    size_t n = 0;
    for (size_t u = 0; u < ratings.n_rows; u++) {
        const uint64_t first = ratings.start[u];
        for (uint64_t e = first; e < ratings.start[u + 1]; e++) {
            const bool is_new = e == first || seconds(sorted[e - 1], sorted[e]) > out->gap;
            n += is_new;
            if (out->begin != NULL) {
                out->begin[n - 1] = is_new ? sorted[e] : out->begin[n - 1];
                out->end[n - 1] = sorted[e];
            }
        }
        out->first_session[u + 1] = n;
    }
    return n;
}

static dsc_status make_sessions(dsc_clock *out, dsc_sparse ratings, dsc_error *err) {
    const size_t n = ratings.n_entries;
    int64_t *sorted = dsc_alloc(n, sizeof *sorted);
    out->first_session = dsc_alloc(ratings.n_rows + 1, sizeof *out->first_session);
    if (sorted == NULL || out->first_session == NULL) {
        dsc_free(sorted);
        return dsc_fail_memory(err, "the sessions of users");
    }
    memcpy(sorted, ratings.time, n * sizeof *sorted);
    for (size_t u = 0; u < ratings.n_rows; u++) {
        const uint64_t first = ratings.start[u];
        qsort(sorted + first, ratings.start[u + 1] - first, sizeof *sorted, compare_times);
    }
    out->n_sessions = cut_sessions(out, ratings, sorted);
    out->begin = dsc_alloc(out->n_sessions, sizeof *out->begin);
    out->end = dsc_alloc(out->n_sessions, sizeof *out->end);
    const bool has_memory = out->begin != NULL && out->end != NULL;
    if (has_memory) {
        cut_sessions(out, ratings, sorted);
    }
    dsc_free(sorted);
    return has_memory ? DSC_OK : dsc_fail_memory(err, "the sessions of users");
}

dsc_status dsc_clock_init(dsc_clock *out, dsc_sparse ratings, size_t n_bins, uint64_t gap,
                          dsc_error *err) {
    *out = (dsc_clock){.gap = gap};
    if (ratings.time == NULL) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "have no times; bins of time and sessions need a column of them");
    }
    dsc_status status = n_bins > 0 ? make_bins(out, ratings, n_bins, err) : DSC_OK;
    if (status == DSC_OK && gap > 0) {
        status = make_sessions(out, ratings, err);
    }
    if (status != DSC_OK) {
        dsc_clock_clear(out);
    }
    return status;
}

void dsc_clock_clear(dsc_clock *clock) {
    dsc_free(clock->bin_start);
    dsc_free(clock->first_session);
    dsc_free(clock->begin);
    dsc_free(clock->end);
    *clock = (dsc_clock){0};
}

/* How many of n ascending times are not after `time`. */
static size_t count_until(const int64_t *times, size_t n, int64_t time) {
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (times[middle] <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t dsc_clock_bin(const dsc_clock *clock, int64_t time) {
    const size_t n_begun = count_until(clock->bin_start, clock->n_bins, time);
    return n_begun > 0 ? n_begun - 1 : 0;
}

uint32_t dsc_clock_session(const dsc_clock *clock, uint32_t user, int64_t time) {
    if (clock->gap == 0) {
        return DSC_NO_INDEX;
    }
    const uint64_t first = clock->first_session[user];
    const size_t n = clock->first_session[user + 1] - first;
    const int64_t *begin = clock->begin + first, *end = clock->end + first;
    const size_t n_begun = count_until(begin, n, time);
    uint64_t nearest = UINT64_MAX;
    size_t found = n;
    if (n_begun > 0) {
        const int64_t last = end[n_begun - 1];
        nearest = time <= last ? 0 : seconds(last, time);
        found = n_begun - 1;
    }
    if (n_begun < n && seconds(time, begin[n_begun]) < nearest) {
        nearest = seconds(time, begin[n_begun]);
        found = n_begun;
    }
    return nearest <= clock->gap ? (uint32_t)(first + found) : DSC_NO_INDEX;
}
