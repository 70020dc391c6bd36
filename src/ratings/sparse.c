/* Sparse matrices: counting sorts from triplets to both orders of compressed rows.
 *
 * Everything here is stable: entries for the same place keep their order until the last of them
 * is chosen. Rows are sorted by transposing twice, which needs no comparison. */
#include "ratings/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* True when the bytes of all arrays together fit size_t. */
static bool sizes_fit(size_t n_rows, size_t n_entries) {
    const size_t entry_bytes = sizeof(uint32_t) + sizeof(float) + sizeof(int64_t);
    size_t n_starts, start_bytes, entries_bytes, all_bytes;
    return !__builtin_add_overflow(n_rows, (size_t)1, &n_starts) &&
           !__builtin_mul_overflow(n_starts, sizeof(uint64_t), &start_bytes) &&
           !__builtin_mul_overflow(n_entries, entry_bytes, &entries_bytes) &&
           !__builtin_add_overflow(start_bytes, entries_bytes, &all_bytes);
}

dsc_status dsc_sparse_matrix_init(dsc_sparse_matrix *out, size_t n_rows, size_t n_cols,
                                  size_t n_entries, bool has_time, dsc_error *err) {
    *out = (dsc_sparse_matrix){0};
    if (!sizes_fit(n_rows, n_entries)) {
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    /* One element more for an empty array, so that NULL is always a failure. */
    size_t n_room = n_entries + (n_entries == 0);
    out->n_rows = n_rows;
    out->n_cols = n_cols;
    out->n_entries = n_entries;
    out->start = calloc(n_rows + 1, sizeof *out->start);
    out->column = reallocarray(NULL, n_room, sizeof *out->column);
    out->value = reallocarray(NULL, n_room, sizeof *out->value);
    out->time = has_time ? reallocarray(NULL, n_room, sizeof *out->time) : NULL;
    if (out->start == NULL || out->column == NULL || out->value == NULL ||
        (has_time && out->time == NULL)) {
        dsc_sparse_matrix_clear(out);
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    return DSC_OK;
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

/* Triplets grouped by row, in their order within a row; columns neither sorted nor distinct. */
static dsc_status group_by_row(dsc_sparse_matrix *out, const dsc_triplets *triplets, size_t n_rows,
                               size_t n_cols, dsc_error *err) {
    dsc_status status =
        dsc_sparse_matrix_init(out, n_rows, n_cols, triplets->n, triplets->time != NULL, err);
    if (status != DSC_OK) {
        return status;
    }
    count_keys(out->start, n_rows, triplets->row, triplets->n);
    for (size_t i = 0; i < triplets->n; i++) {
        uint64_t to = out->start[triplets->row[i]]++;
        out->column[to] = triplets->column[i];
        out->value[to] = triplets->value[i];
        if (out->time != NULL) {
            out->time[to] = triplets->time[i];
        }
    }
    restore_starts(out->start, n_rows);
    return DSC_OK;
}

/* Places the entries of `source` into the rows of `out`, its transpose, whose starts are all 0 and
 * whose arrays have room. */
static void scatter(dsc_sparse_matrix *out, dsc_sparse source) {
    count_keys(out->start, out->n_rows, source.column, source.n_entries);
    for (size_t row = 0; row < source.n_rows; row++) {
        for (uint64_t i = source.start[row]; i < source.start[row + 1]; i++) {
            uint64_t to = out->start[source.column[i]]++;
            out->column[to] = (uint32_t)row;
            out->value[to] = source.value[i];
            if (source.time != NULL) {
                out->time[to] = source.time[i];
            }
        }
    }
    restore_starts(out->start, out->n_rows);
}

dsc_status dsc_sparse_transpose(dsc_sparse_matrix *out, dsc_sparse source, dsc_error *err) {
    dsc_status status = dsc_sparse_matrix_init(out, source.n_cols, source.n_rows, source.n_entries,
                                               source.time != NULL, err);
    if (status == DSC_OK) {
        scatter(out, source);
    }
    return status;
}

static bool is_grouped(const uint32_t *row, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (row[i] < row[i - 1]) {
            return false;
        }
    }
    return true;
}

/* The transpose of triplets. Files usually come grouped by user, and users are numbered as they
 * come: such triplets are compressed rows already, but for the row starts. */
static dsc_status transpose_triplets(dsc_sparse_matrix *out, const dsc_triplets *triplets,
                                     size_t n_rows, size_t n_cols, dsc_error *err) {
    dsc_sparse_matrix grouped;
    dsc_sparse view;
    dsc_status status;
    if (is_grouped(triplets->row, triplets->n)) {
        status = dsc_sparse_matrix_init(&grouped, n_rows, n_cols, 0, false, err);
        if (status == DSC_OK) {
            count_keys(grouped.start, n_rows, triplets->row, triplets->n);
        }
        view = (dsc_sparse){n_rows,           n_cols,          triplets->n,   grouped.start,
                            triplets->column, triplets->value, triplets->time};
    } else {
        status = group_by_row(&grouped, triplets, n_rows, n_cols, err);
        view = dsc_sparse_view(&grouped);
    }
    if (status == DSC_OK) {
        status = dsc_sparse_transpose(out, view, err);
    }
    dsc_sparse_matrix_clear(&grouped);
    return status;
}

/* Keeps the last of neighbours with the same column; the rest moves up. */
static size_t drop_duplicates(dsc_sparse_matrix *m) {
    uint64_t to = 0;
    uint64_t begin = 0;
    for (size_t row = 0; row < m->n_rows; row++) {
        uint64_t end = m->start[row + 1];
        for (uint64_t i = begin; i < end; i++) {
            if (i + 1 < end && m->column[i + 1] == m->column[i]) {
                continue;
            }
            m->column[to] = m->column[i];
            m->value[to] = m->value[i];
            if (m->time != NULL) {
                m->time[to] = m->time[i];
            }
            to++;
        }
        begin = end;
        m->start[row + 1] = to;
    }
    size_t n_dropped = m->n_entries - (size_t)to;
    m->n_entries = (size_t)to;
    return n_dropped;
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
static dsc_status first_duplicate(size_t *first, dsc_sparse by_column, const dsc_triplets *triplets,
                                  dsc_error *err) {
    unsigned char *is_seen = calloc(by_column.n_entries / 8 + 1, 1);
    if (is_seen == NULL) {
        return dsc_fail_memory(err, "the search for duplicate ratings");
    }
    for (size_t i = 0; i < triplets->n; i++) {
        size_t entry = dsc_sparse_find(by_column, triplets->column[i], triplets->row[i]);
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

/* The transpose of `source` in the arrays of the triplets, which have room
 * for all its entries. */
static dsc_status transpose_into(dsc_sparse_matrix *out, dsc_triplets *triplets, dsc_sparse source,
                                 dsc_error *err) {
    uint64_t *start = calloc(source.n_cols + 1, sizeof *start);
    if (start == NULL) {
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    *out = (dsc_sparse_matrix){.n_rows = source.n_cols,
                               .n_cols = source.n_rows,
                               .n_entries = source.n_entries,
                               .start = start,
                               .column = triplets->column,
                               .value = triplets->value,
                               .time = triplets->time};
    free(triplets->row);
    *triplets = (dsc_triplets){0};
    scatter(out, source);
    return DSC_OK;
}

dsc_status dsc_sparse_build(dsc_sparse_matrix *by_row, dsc_sparse_matrix *by_column,
                            dsc_triplets *triplets, size_t n_rows, size_t n_cols,
                            dsc_duplicates *duplicates, dsc_error *err) {
    *by_row = (dsc_sparse_matrix){0};
    dsc_duplicates found = {0, 0};
    dsc_status status = transpose_triplets(by_column, triplets, n_rows, n_cols, err);
    if (status == DSC_OK) {
        found.n = drop_duplicates(by_column);
    }
    if (status == DSC_OK && found.n > 0 && duplicates != NULL) {
        status = first_duplicate(&found.first, dsc_sparse_view(by_column), triplets, err);
    }
    if (status == DSC_OK) {
        status = transpose_into(by_row, triplets, dsc_sparse_view(by_column), err);
    }
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(by_column);
    } else if (duplicates != NULL) {
        *duplicates = found;
    }
    return status;
}
