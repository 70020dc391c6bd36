/* Bootstrap over users: percentile intervals of ratios of sums. docs/metrics.md (94). */
#include "descent/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"

enum { PURPOSE_RESAMPLE = 27, MAX_RESAMPLES = 1000000 };

static dsc_status check(const dsc_bootstrap *b, size_t n_users, dsc_error *err) {
    if (!(b->level > 0 && b->level < 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "level", "%g is not above 0 and below 1", b->level);
    }
    if (b->n_resamples < 2 || b->n_resamples > MAX_RESAMPLES) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_resamples", "%zu is out of range; expected 2 to %d",
                        b->n_resamples, MAX_RESAMPLES);
    }
    if (n_users < 1 || n_users > UINT32_MAX) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_users", "found %zu users; expected 1 to 4294967295",
                        n_users);
    }
    return DSC_OK;
}

/* How often each of n users is drawn in n draws. */
static void draw(uint32_t *times, size_t n, dsc_random random) {
    memset(times, 0, n * sizeof *times);
    for (size_t i = 0; i < n; i++) {
        times[dsc_random_below(&random, (uint32_t)n)]++;
    }
}

typedef struct resample {
    size_t n_users, n_columns;
    const double *a, *b;
    uint32_t *times; /* (n_users) */
    double *sum;     /* (2, n_columns): of a, of b */
} resample;

static void add_up(const resample *r) {
    double *of_a = r->sum, *of_b = r->sum + r->n_columns;
    memset(r->sum, 0, 2 * r->n_columns * sizeof *r->sum);
    for (size_t u = 0; u < r->n_users; u++) {
        if (r->times[u] == 0) {
            continue;
        }
        const double *a = r->a + u * r->n_columns, *b = r->b + u * r->n_columns;
        for (size_t c = 0; c < r->n_columns; c++) {
            of_a[c] += r->times[u] * a[c];
            of_b[c] += r->times[u] * b[c];
        }
    }
}

static int compare(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Of n sorted values, linear between the neighbours of place p * (n - 1). */
static double quantile(const double *sorted, size_t n, double p) {
    const double place = p * (double)(n - 1);
    const size_t below = (size_t)place;
    const size_t above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

dsc_status dsc_bootstrap_ratios(size_t n_users, size_t n_columns, const double *a, const double *b,
                                const dsc_bootstrap *bootstrap, dsc_range *out, dsc_error *err) {
    dsc_status status = check(bootstrap, n_users, err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = bootstrap->n_resamples;
    resample r = {.n_users = n_users, .n_columns = n_columns, .a = a, .b = b};
    size_t n_ratios;
    double *ratio = NULL; /* (n_columns, n_resamples), of each column those that exist first */
    size_t *found = dsc_alloc(n_columns, sizeof *found);
    r.times = dsc_alloc(n_users, sizeof *r.times);
    r.sum = dsc_alloc(n_columns, 2 * sizeof *r.sum);
    if (!__builtin_mul_overflow(n_columns, n, &n_ratios)) {
        ratio = dsc_alloc(n_ratios, sizeof *ratio);
    }
    if (r.times == NULL || r.sum == NULL || ratio == NULL || found == NULL) {
        status = dsc_fail_memory(err, "confidence intervals");
        goto done;
    }
    for (size_t k = 0; k < n; k++) {
        draw(r.times, n_users, dsc_random_stream(bootstrap->seed, PURPOSE_RESAMPLE, k));
        add_up(&r);
        for (size_t c = 0; c < n_columns; c++) {
            if (r.sum[n_columns + c] > 0) {
                ratio[c * n + found[c]++] = r.sum[c] / r.sum[n_columns + c];
            }
        }
    }
    for (size_t c = 0; c < n_columns; c++) {
        out[c] = (dsc_range){(double)NAN, (double)NAN};
        if (found[c] > 0) {
            qsort(ratio + c * n, found[c], sizeof *ratio, compare);
            out[c].low = quantile(ratio + c * n, found[c], (1 - bootstrap->level) / 2);
            out[c].high = quantile(ratio + c * n, found[c], (1 + bootstrap->level) / 2);
        }
    }
done:
    dsc_free(r.times);
    dsc_free(r.sum);
    dsc_free(ratio);
    dsc_free(found);
    return status;
}
