/* The lists of all users: coverage, Gini, novelty and diversity. docs/metrics.md (90) to (93). */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "descent/ranking.h"
#include "recommender/cutoffs.h"
#include "recommender/lists.h"

struct dsc_lists {
    dsc_sparse by_item;
    size_t n_k;
    size_t k[DSC_MAX_CUTOFFS];
    uint32_t *count; /* (n_k, n_items) in how many lists of the first k an item stands */
    double *sum;     /* (n_users) of unit vectors of items; all 0 between lists */
};

dsc_status dsc_lists_create(dsc_lists **out, dsc_sparse by_item, const size_t *k, size_t n_k,
                            dsc_error *err) {
    *out = NULL;
    dsc_status status = dsc_cutoffs_check(k, n_k, err);
    if (status == DSC_OK && by_item.start == NULL) {
        status = dsc_fail(err, DSC_E_ARGUMENT, "by_item",
                          "is empty; expected ratings after dsc_ratings_sort_by_item");
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_lists *lists = dsc_alloc(1, sizeof *lists);
    if (lists == NULL) {
        return dsc_fail_memory(err, "the lists");
    }
    lists->by_item = by_item;
    lists->n_k = n_k;
    for (size_t c = 0; c < n_k; c++) {
        lists->k[c] = k[c];
    }
    lists->count = dsc_alloc(by_item.n_rows, n_k * sizeof *lists->count);
    lists->sum = dsc_alloc(by_item.n_cols, sizeof *lists->sum);
    if (lists->count == NULL || lists->sum == NULL) {
        dsc_lists_destroy(lists);
        return dsc_fail_memory(err, "the lists");
    }
    *out = lists;
    return DSC_OK;
}

void dsc_lists_destroy(dsc_lists *lists) {
    if (lists == NULL) {
        return;
    }
    dsc_free(lists->count);
    dsc_free(lists->sum);
    dsc_free(lists);
}

static double raters_of(const dsc_lists *lists, uint32_t item) {
    return (double)(lists->by_item.start[item + 1] - lists->by_item.start[item]);
}

/* (92): an item that nobody rated counts as rated once, since its surprise has no end. */
static double surprise_of(const dsc_lists *lists, uint32_t item) {
    return log2((double)lists->by_item.n_cols / fmax(raters_of(lists, item), 1));
}

/* Adds the unit vector of who rated the item to the sum. Returns its dot product with the sum as it
 * was: the item's cosines with all items before it, added up. */
static double add_vector(dsc_lists *lists, uint32_t item) {
    const uint64_t begin = lists->by_item.start[item], end = lists->by_item.start[item + 1];
    const double value = 1 / sqrt(fmax(raters_of(lists, item), 1));
    double dot = 0;
    for (uint64_t e = begin; e < end; e++) {
        double *sum = &lists->sum[lists->by_item.column[e]];
        dot += value * *sum;
        *sum += value;
    }
    return dot;
}

static void clear_vectors(dsc_lists *lists, const uint32_t *item, size_t n) {
    for (size_t p = 0; p < n; p++) {
        for (uint64_t e = lists->by_item.start[item[p]]; e < lists->by_item.start[item[p] + 1];
             e++) {
            lists->sum[lists->by_item.column[e]] = 0;
        }
    }
}

void dsc_lists_add(dsc_lists *lists, const uint32_t *item, size_t n, double *novelty,
                   double *diversity) {
    double surprise = 0, cosines = 0;
    for (size_t c = 0; c < lists->n_k; c++) {
        novelty[c] = (double)NAN;
        diversity[c] = (double)NAN;
    }
    for (size_t p = 0; p < n; p++) {
        const double n_items = (double)p + 1;
        surprise += surprise_of(lists, item[p]);
        cosines += add_vector(lists, item[p]);
        for (size_t c = 0; c < lists->n_k; c++) {
            if (p < lists->k[c]) {
                lists->count[c * lists->by_item.n_rows + item[p]]++;
                novelty[c] = surprise / n_items;
                diversity[c] = p > 0 ? 1 - cosines / (n_items * (n_items - 1) / 2) : (double)NAN;
            }
        }
    }
    clear_vectors(lists, item, n);
}

void dsc_lists_merge(dsc_lists *lists, const dsc_lists *from) {
    for (size_t i = 0; i < lists->n_k * lists->by_item.n_rows; i++) {
        lists->count[i] += from->count[i];
    }
}

static int compare(const void *x, const void *y) {
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

dsc_status dsc_lists_finish(const dsc_lists *lists, double *coverage, double *gini,
                            dsc_error *err) {
    const size_t n = lists->by_item.n_rows;
    uint32_t *sorted = dsc_alloc(n, sizeof *sorted);
    if (sorted == NULL) {
        return dsc_fail_memory(err, "the lists");
    }
    for (size_t c = 0; c < lists->n_k; c++) {
        double sum = 0, weighted = 0;
        size_t n_listed = 0;
        for (size_t i = 0; i < n; i++) {
            sorted[i] = lists->count[c * n + i];
        }
        qsort(sorted, n, sizeof *sorted, compare);
        for (size_t i = 0; i < n; i++) {
            n_listed += sorted[i] > 0;
            sum += sorted[i];
            weighted += (2 * ((double)i + 1) - (double)n - 1) * sorted[i];
        }
        coverage[c] = (double)n_listed / (double)n;
        gini[c] = sum > 0 ? weighted / ((double)n * sum) : (double)NAN;
    }
    dsc_free(sorted);
    return DSC_OK;
}
