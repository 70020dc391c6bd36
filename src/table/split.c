/* Splits: rows are shuffled, put together by stratum without losing that order, and then dealt or
 * taken at even distances, which gives each stratum its share to within one row. */
#include "descent/split.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "descent/table.h"

/* Streams of dsc_random_stream, apart from those of networks and of the recommender. */
enum { PURPOSE_HOLDOUT = 16, PURPOSE_FOLDS = 17 };

void dsc_rows_clear(dsc_rows *rows) {
    free(rows->row);
    *rows = (dsc_rows){0};
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The numbers 0 .. n - 1 at random, by stratum; freed with free(). NULL: no memory. */
static uint32_t *shuffle(size_t n, const uint32_t *stratum, dsc_random random) {
    uint32_t *order = reallocarray(NULL, n, sizeof *order);
    uint64_t *keys = stratum != NULL ? reallocarray(NULL, n, sizeof *keys) : NULL;
    if (order == NULL || (stratum != NULL && keys == NULL)) {
        free(order);
        free(keys);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        size_t j = dsc_random_below(&random, (uint32_t)i + 1);
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
    if (stratum == NULL) {
        return order;
    }
    /* By stratum, and within one by place in the shuffled order, from which the row follows. */
    for (size_t i = 0; i < n; i++) {
        keys[i] = (uint64_t)stratum[order[i]] << 32 | i;
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n; i++) {
        keys[i] = order[(uint32_t)keys[i]];
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)keys[i];
    }
    free(keys);
    return order;
}

/* Two lists of the i with is_in[i] and without, as rows[i]. */
static dsc_status divide(const bool *is_in, const uint32_t *rows, size_t n, dsc_rows *in,
                         dsc_rows *rest, dsc_error *err) {
    size_t n_in = 0;
    for (size_t i = 0; i < n; i++) {
        n_in += is_in[i];
    }
    in->row = reallocarray(NULL, n_in + 1, sizeof *in->row);
    rest->row = reallocarray(NULL, n - n_in + 1, sizeof *rest->row);
    if (in->row == NULL || rest->row == NULL) {
        dsc_rows_clear(in);
        dsc_rows_clear(rest);
        return dsc_fail_memory(err, "row numbers");
    }
    for (size_t i = 0; i < n; i++) {
        dsc_rows *to = is_in[i] ? in : rest;
        to->row[to->n++] = rows != NULL ? rows[i] : (uint32_t)i;
    }
    return DSC_OK;
}

static int compare_rows(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A stratum of which no row would be kept keeps them all. They stand together in `order`. */
static void keep_every_stratum(const uint32_t *order, const uint32_t *stratum, size_t n,
                               bool *is_held) {
    for (size_t begin = 0, end; begin < n; begin = end) {
        bool has_kept = false;
        for (end = begin; end < n && stratum[order[end]] == stratum[order[begin]]; end++) {
            has_kept = has_kept || !is_held[order[end]];
        }
        for (size_t j = begin; !has_kept && j < end; j++) {
            is_held[order[j]] = false;
        }
    }
}

dsc_status dsc_split_holdout(const uint32_t *rows, size_t n, double share, const uint32_t *stratum,
                             uint64_t seed, dsc_rows *kept, dsc_rows *held, dsc_error *err) {
    *kept = (dsc_rows){0};
    *held = (dsc_rows){0};
    if (!(share > 0 && share < 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "holdout", "the share %g is not above 0 and below 1",
                        share);
    }
    if (n < 2 || n > DSC_MAX_TABLE_ROWS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "holdout", "found %zu row%s, expected 2 to %zu", n,
                        n == 1 ? "" : "s", DSC_MAX_TABLE_ROWS);
    }
    size_t n_held = (size_t)round((double)n * share);
    n_held = n_held < 1 ? 1 : n_held > n - 1 ? n - 1 : n_held;
    uint32_t *order = shuffle(n, stratum, dsc_random_stream(seed, PURPOSE_HOLDOUT, 0));
    bool *is_held = calloc(n, sizeof *is_held);
    dsc_status status = DSC_OK;
    if (order == NULL || is_held == NULL) {
        status = dsc_fail_memory(err, "row numbers");
        goto done;
    }
    for (uint64_t j = 0; j < n; j++) {
        is_held[order[j]] = (j + 1) * n_held / n > j * n_held / n;
    }
    if (stratum != NULL) {
        keep_every_stratum(order, stratum, n, is_held);
    }
    status = divide(is_held, rows, n, held, kept, err);
    if (status == DSC_OK) {
        qsort(kept->row, kept->n, sizeof *kept->row, compare_rows);
        qsort(held->row, held->n, sizeof *held->row, compare_rows);
    }
done:
    free(order);
    free(is_held);
    return status;
}

dsc_status dsc_split_folds(size_t n, uint32_t n_folds, const uint32_t *stratum, uint64_t seed,
                           uint32_t *fold, dsc_error *err) {
    if (n > DSC_MAX_TABLE_ROWS || n_folds < 2 || n_folds > n) {
        return dsc_fail(err, DSC_E_ARGUMENT, "folds",
                        "%lu folds of %zu row%s; expected 2 folds or more, and a row for each",
                        (unsigned long)n_folds, n, n == 1 ? "" : "s");
    }
    uint32_t *order = shuffle(n, stratum, dsc_random_stream(seed, PURPOSE_FOLDS, 0));
    if (order == NULL) {
        return dsc_fail_memory(err, "row numbers");
    }
    for (size_t j = 0; j < n; j++) {
        fold[order[j]] = (uint32_t)(j % n_folds);
    }
    free(order);
    return DSC_OK;
}

dsc_status dsc_split_fold(const uint32_t *fold, size_t n, uint32_t k, dsc_rows *in, dsc_rows *rest,
                          dsc_error *err) {
    dsc_rows own_in = {0};
    dsc_rows own_rest = {0};
    bool *is_in = calloc(n + 1, sizeof *is_in);
    dsc_status status = is_in != NULL ? DSC_OK : dsc_fail_memory(err, "row numbers");
    for (size_t i = 0; i < n && status == DSC_OK; i++) {
        is_in[i] = fold[i] == k;
    }
    status = status == DSC_OK ? divide(is_in, NULL, n, &own_in, &own_rest, err) : status;
    free(is_in);
    if (in != NULL) {
        *in = own_in;
    } else {
        dsc_rows_clear(&own_in);
    }
    if (rest != NULL) {
        *rest = own_rest;
    } else {
        dsc_rows_clear(&own_rest);
    }
    return status;
}
