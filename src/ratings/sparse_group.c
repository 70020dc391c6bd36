/* Grouping triplets by row: where rows do not ascend, and where they do. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ratings/sparse_parts.h"

/* Rows of triplets, looked at by parts of DSC_SPARSE_PART entries. */
typedef struct grouping {
    const uint32_t *row;
    size_t n;
    uint64_t *start;        /* (n_rows + 1) */
    atomic_bool is_refuted; /* a row comes after a larger one */
} grouping;

static size_t count_parts(size_t n) {
    return n / DSC_SPARSE_PART + 1;
}

static size_t end_of_part(const grouping *g, size_t part) {
    const size_t end = (part + 1) * DSC_SPARSE_PART;
    return end < g->n ? end : g->n;
}

static void look_for_order(void *job, size_t part, size_t thread) {
    enum { STEP = 16 }; /* entries without a branch each */
    (void)thread;
    grouping *g = job;
    const size_t end = end_of_part(g, part);
    size_t i = part * DSC_SPARSE_PART;
    i += i == 0;
    while (i < end && !atomic_load_explicit(&g->is_refuted, memory_order_relaxed)) {
        const size_t to = end - i < STEP ? end : i + STEP;
        bool is_refuted = false;
        for (; i < to; i++) {
            is_refuted |= g->row[i] < g->row[i - 1];
        }
        if (is_refuted) {
            atomic_store_explicit(&g->is_refuted, true, memory_order_relaxed);
        }
    }
}

static bool is_grouped(const dsc_triplets *triplets) {
    grouping g = {.row = triplets->row, .n = triplets->n};
    dsc_pool_run(triplets->pool, count_parts(g.n), look_for_order, &g);
    return !atomic_load_explicit(&g.is_refuted, memory_order_relaxed);
}

/* The starts of rows from that of a part's first entry on, where they ascend, to that of its last. */
static void find_starts(void *job, size_t part, size_t thread) {
    enum { STEP = 16 }; /* entries of one row that are passed over by a look at the last */
    (void)thread;
    const grouping *g = job;
    const size_t end = end_of_part(g, part);
    size_t i = part * DSC_SPARSE_PART;
    size_t next_row = i == 0 ? 0 : (size_t)g->row[i - 1] + 1;
    while (i < end) {
        if (end - i >= STEP && (size_t)g->row[i + STEP - 1] + 1 == next_row) {
            i += STEP;
            continue;
        }
        for (; next_row <= g->row[i]; next_row++) {
            g->start[next_row] = i;
        }
        i++;
    }
}

/* Counts the keys into start[key + 1]; a running sum then makes start[key] the first entry. */
static void count_keys(uint64_t *start, size_t n_rows, const uint32_t *key, size_t n) {
    for (size_t i = 0; i < n; i++) {
        start[key[i] + 1]++;
    }
    for (size_t row = 0; row < n_rows; row++) {
        start[row + 1] += start[row];
    }
}

/* While entries are placed, start[r] is the next free place of row r; in the end that is the start
 * of row r + 1, so that all starts move up by one. */
static void restore_starts(uint64_t *start, size_t n_rows) {
    memmove(start + 1, start, n_rows * sizeof *start);
    start[0] = 0;
}

/* The largest array goes first and leaves its memory before the others are touched. */
static void place_times(dsc_sparse_matrix *out, dsc_triplets *triplets) {
    for (size_t i = 0; i < triplets->n; i++) {
        out->time[out->start[triplets->row[i]]++] = triplets->time[i];
    }
    restore_starts(out->start, out->n_rows);
    free(triplets->time);
    triplets->time = NULL;
}

/* Triplets grouped by row, in their order within a row; columns neither sorted nor distinct. Takes the
 * times over. */
static dsc_status group_by_row(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                               size_t n_cols, dsc_error *err) {
    dsc_status status =
        dsc_sparse_matrix_init(out, n_rows, n_cols, triplets->n,
                               triplets->time != NULL ? DSC_SPARSE_TIMES : DSC_SPARSE_VALUES, err);
    if (status != DSC_OK) {
        return status;
    }
    count_keys(out->start, n_rows, triplets->row, triplets->n);
    if (triplets->time != NULL) {
        place_times(out, triplets);
    }
    for (size_t i = 0; i < triplets->n; i++) {
        uint64_t to = out->start[triplets->row[i]]++;
        out->column[to] = triplets->column[i];
        out->value[to] = triplets->value[i];
    }
    restore_starts(out->start, n_rows);
    return DSC_OK;
}

/* Triplets whose rows ascend are compressed rows already, but for the row starts: takes all arrays
 * but `row` over. Files usually come so, grouped by user, and users are numbered as they come. */
static dsc_status take_grouped(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                               size_t n_cols, dsc_error *err) {
    *out = (dsc_sparse_matrix){.n_rows = n_rows,
                               .n_cols = n_cols,
                               .n_entries = triplets->n,
                               .column = triplets->column,
                               .value = triplets->value,
                               .time = triplets->time};
    const dsc_sparse_depth depth = triplets->time != NULL ? DSC_SPARSE_TIMES : DSC_SPARSE_VALUES;
    triplets->column = NULL;
    triplets->value = NULL;
    triplets->time = NULL;
    dsc_status status = dsc_sparse_matrix_reserve(out, depth, err);
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(out);
        return status;
    }
    const size_t n = triplets->n;
    grouping g = {.row = triplets->row, .n = n, .start = out->start};
    dsc_pool_run(triplets->pool, count_parts(n), find_starts, &g);
    for (size_t row = n == 0 ? 0 : (size_t)triplets->row[n - 1] + 1; row <= n_rows; row++) {
        out->start[row] = n;
    }
    return DSC_OK;
}

dsc_status dsc_sparse_group(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                            size_t n_cols, bool *has_order, dsc_error *err) {
    *has_order = is_grouped(triplets);
    return *has_order ? take_grouped(out, triplets, n_rows, n_cols, err)
                      : group_by_row(out, triplets, n_rows, n_cols, err);
}
