/* Sparse matrices: from triplets to compressed rows, sorted within each row, and transposed.
 *
 * Everything here is stable: entries for the same place keep their order until the last of them
 * is chosen. */
#include "ratings/sparse.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "ratings/sparse_parts.h"

/* True when the bytes of all arrays together fit size_t. */
static bool sizes_fit(size_t n_rows, size_t n_entries) {
    const size_t entry_bytes = sizeof(uint32_t) + sizeof(float) + sizeof(int64_t);
    size_t n_starts, start_bytes, entries_bytes, all_bytes;
    return !__builtin_add_overflow(n_rows, (size_t)1, &n_starts) &&
           !__builtin_mul_overflow(n_starts, sizeof(uint64_t), &start_bytes) &&
           !__builtin_mul_overflow(n_entries, entry_bytes, &entries_bytes) &&
           !__builtin_add_overflow(start_bytes, entries_bytes, &all_bytes);
}

/* A block of its own where there is none yet, with one element more for an empty array, so that NULL is
 * always a failure. */
static void *reserve_array(void *block, size_t n, size_t size) {
    if (block == NULL) {
        const size_t n_room = n + (n == 0);
        block = reallocarray(NULL, n_room, size);
        dsc_expect_use(block, n_room * size);
    }
    return block;
}

dsc_status dsc_sparse_matrix_reserve(dsc_sparse_matrix *m, bool has_time, dsc_error *err) {
    const size_t n = m->n_entries;
    if (sizes_fit(m->n_rows, n)) {
        m->start = calloc(m->n_rows + 1, sizeof *m->start);
        m->column = reserve_array(m->column, n, sizeof *m->column);
        m->value = reserve_array(m->value, n, sizeof *m->value);
        m->time = has_time ? reserve_array(m->time, n, sizeof *m->time) : NULL;
    }
    if (m->start == NULL || m->column == NULL || m->value == NULL ||
        (has_time && m->time == NULL)) {
        dsc_sparse_matrix_clear(m);
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    return DSC_OK;
}

dsc_status dsc_sparse_matrix_init(dsc_sparse_matrix *out, size_t n_rows, size_t n_cols,
                                  size_t n_entries, bool has_time, dsc_error *err) {
    *out = (dsc_sparse_matrix){.n_rows = n_rows, .n_cols = n_cols, .n_entries = n_entries};
    return dsc_sparse_matrix_reserve(out, has_time, err);
}

void dsc_sparse_matrix_clear(dsc_sparse_matrix *matrix) {
    free(matrix->start);
    free(matrix->column);
    free(matrix->value);
    free(matrix->time);
    *matrix = (dsc_sparse_matrix){0};
}

void dsc_triplets_clear(dsc_triplets *triplets) {
    free(triplets->row);
    free(triplets->column);
    free(triplets->value);
    free(triplets->time);
    *triplets = (dsc_triplets){0};
}

dsc_sparse dsc_sparse_view(const dsc_sparse_matrix *matrix) {
    return (dsc_sparse){matrix->n_rows, matrix->n_cols, matrix->n_entries, matrix->start,
                        matrix->column, matrix->value,  matrix->time};
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
        dsc_sparse_matrix_init(out, n_rows, n_cols, triplets->n, triplets->time != NULL, err);
    if (status != DSC_OK) {
        return status;
    }
    count_keys(out->start, n_rows, triplets->row, triplets->n);
    if (out->time != NULL) {
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

/* Triplets whose rows ascend are compressed rows already, but for the row starts: takes all arrays
 * but `row` over. Files usually come so, grouped by user, and users are numbered as they come. */
static dsc_status take_grouped(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                               size_t n_cols, dsc_error *err) {
    uint64_t *start =
        sizes_fit(n_rows, triplets->n) ? reallocarray(NULL, n_rows + 1, sizeof *start) : NULL;
    if (start == NULL) {
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    const size_t n = triplets->n;
    grouping g = {.row = triplets->row, .n = n, .start = start};
    dsc_pool_run(triplets->pool, count_parts(n), find_starts, &g);
    for (size_t row = n == 0 ? 0 : (size_t)triplets->row[n - 1] + 1; row <= n_rows; row++) {
        start[row] = n;
    }
    *out = (dsc_sparse_matrix){.n_rows = n_rows,
                               .n_cols = n_cols,
                               .n_entries = triplets->n,
                               .start = start,
                               .column = triplets->column,
                               .value = triplets->value,
                               .time = triplets->time};
    triplets->column = NULL;
    triplets->value = NULL;
    triplets->time = NULL;
    return DSC_OK;
}

size_t dsc_sparse_find(dsc_sparse matrix, uint32_t row, uint32_t column) {
    uint64_t low = matrix.start[row];
    uint64_t high = matrix.start[row + 1];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (matrix.column[middle] < column) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_found = low < matrix.start[row + 1] && matrix.column[low] == column;
    return is_found ? (size_t)low : matrix.n_entries;
}

/* The first triplet whose place was seen before: known to exist, looked for with one bit an entry,
 * since duplicates are too rare to carry a line number with every rating. */
static dsc_status first_duplicate(size_t *first, dsc_sparse by_row, const dsc_triplets *triplets,
                                  dsc_error *err) {
    unsigned char *is_seen = calloc(by_row.n_entries / 8 + 1, 1);
    if (is_seen == NULL) {
        return dsc_fail_memory(err, "the search for duplicate ratings");
    }
    for (size_t i = 0; i < triplets->n; i++) {
        size_t entry = dsc_sparse_find(by_row, triplets->row[i], triplets->column[i]);
        unsigned bit = 1U << (entry % 8);
        if (is_seen[entry / 8] & bit) {
            *first = i;
            break;
        }
        is_seen[entry / 8] = (unsigned char)(is_seen[entry / 8] | bit);
    }
    free(is_seen);
    return DSC_OK;
}

static dsc_status build_rows(dsc_sparse_matrix *by_row, dsc_triplets *triplets, size_t n_rows,
                             size_t n_cols, dsc_duplicates *duplicates, dsc_error *err) {
    bool has_order = is_grouped(triplets);
    dsc_status status = has_order ? take_grouped(by_row, triplets, n_rows, n_cols, err)
                                  : group_by_row(by_row, triplets, n_rows, n_cols, err);
    if (status == DSC_OK) {
        status = dsc_sparse_sort_rows(by_row, triplets->pool, duplicates, err);
    }
    if (status == DSC_OK && !has_order && duplicates->n > 0) {
        status = first_duplicate(&duplicates->first, dsc_sparse_view(by_row), triplets, err);
    }
    return status;
}

dsc_status dsc_sparse_build(dsc_sparse_matrix *by_row, dsc_sparse_matrix *by_column,
                            dsc_triplets *triplets, size_t n_rows, size_t n_cols,
                            dsc_duplicates *duplicates, dsc_error *err) {
    *by_row = (dsc_sparse_matrix){0};
    *by_column = (dsc_sparse_matrix){0};
    dsc_duplicates found = {0, 0};
    dsc_pool *pool = triplets->pool;
    dsc_status status = build_rows(by_row, triplets, n_rows, n_cols, &found, err);
    if (status == DSC_OK) {
        /* In the memory of the triplets as far as the rows have not taken it. */
        by_column->column = triplets->row;
        by_column->value = triplets->value;
        triplets->row = NULL;
        triplets->value = NULL;
    }
    dsc_triplets_clear(triplets);
    if (status == DSC_OK) {
        status = dsc_sparse_transpose_by(by_column, dsc_sparse_view(by_row), pool, err);
    }
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(by_row);
    } else if (duplicates != NULL) {
        *duplicates = found;
    }
    return status;
}
