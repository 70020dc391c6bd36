/* Grouping triplets by row: where rows do not ascend, and where they do. */
#include <stdatomic.h>
#include <stdlib.h>

#include "ratings/scatter.h"
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

/* Triplets grouped by row, in their order within a row; columns neither sorted nor distinct. The
 * largest array goes first and leaves its memory before the others are touched. */
static dsc_status group_by_row(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                               size_t n_cols, dsc_error *err) {
    const bool has_time = triplets->time != NULL;
    dsc_status status = dsc_sparse_matrix_init(
        out, n_rows, n_cols, triplets->n, has_time ? DSC_SPARSE_TIMES : DSC_SPARSE_VALUES, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_scatter scatter = {
        .n = triplets->n, .key = triplets->row, .n_keys = n_rows, .pool = triplets->pool};
    status = dsc_scatter_init(&scatter, out->start, err);
    if (status == DSC_OK && has_time) {
        dsc_scatter_move(&scatter, (dsc_scatter_from){.time = triplets->time},
                         (dsc_scatter_to){.time = out->time});
        free(triplets->time);
        triplets->time = NULL;
    }
    if (status == DSC_OK) {
        dsc_scatter_move(&scatter,
                         (dsc_scatter_from){.index = triplets->column, .value = triplets->value},
                         (dsc_scatter_to){.index = out->column, .value = out->value});
    } else {
        dsc_sparse_matrix_clear(out);
    }
    dsc_scatter_clear(&scatter);
    return status;
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
