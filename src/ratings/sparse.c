/* Sparse matrices: counting sorts from triplets to both orders of compressed rows.
 *
 * Everything here is stable: entries for the same place keep their order until the last of them
 * is chosen. Rows are sorted by transposing twice, which needs no comparison. */
#include "ratings/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Bytes of all four arrays; false: more than size_t. */
static bool block_bytes(size_t n_rows, size_t n_entries, bool has_time, size_t *n_bytes) {
    size_t entry_bytes = sizeof(uint32_t) + sizeof(float) + (has_time ? sizeof(int64_t) : 0);
    size_t n_starts, start_bytes, entries_bytes;
    return !__builtin_add_overflow(n_rows, (size_t)1, &n_starts) &&
           !__builtin_mul_overflow(n_starts, sizeof(uint64_t), &start_bytes) &&
           !__builtin_mul_overflow(n_entries, entry_bytes, &entries_bytes) &&
           !__builtin_add_overflow(start_bytes, entries_bytes, n_bytes);
}

dsc_status dsc_sparse_matrix_init(dsc_sparse_matrix *out, size_t n_rows, size_t n_cols,
                                  size_t n_entries, bool has_time, dsc_error *err) {
    *out = (dsc_sparse_matrix){0};
    size_t n_bytes;
    uint64_t *block = block_bytes(n_rows, n_entries, has_time, &n_bytes) ? malloc(n_bytes) : NULL;
    if (block == NULL) {
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    memset(block, 0, (n_rows + 1) * sizeof *block);
    out->n_rows = n_rows;
    out->n_cols = n_cols;
    out->n_entries = n_entries;
    out->start = block;
    /* The widest elements first, so that every array is aligned. */
    char *next = (char *)(block + n_rows + 1);
    if (has_time) {
        out->time = (int64_t *)(void *)next;
        next += n_entries * sizeof(int64_t);
    }
    out->column = (uint32_t *)(void *)next;
    out->value = (float *)(void *)(next + n_entries * sizeof(uint32_t));
    return DSC_OK;
}

void dsc_sparse_matrix_clear(dsc_sparse_matrix *matrix) {
    free(matrix->start);
    *matrix = (dsc_sparse_matrix){0};
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

dsc_status dsc_sparse_transpose(dsc_sparse_matrix *out, dsc_sparse source, dsc_error *err) {
    dsc_status status = dsc_sparse_matrix_init(out, source.n_cols, source.n_rows, source.n_entries,
                                               source.time != NULL, err);
    if (status != DSC_OK) {
        return status;
    }
    count_keys(out->start, out->n_rows, source.column, source.n_entries);
    for (size_t row = 0; row < source.n_rows; row++) {
        for (uint64_t i = source.start[row]; i < source.start[row + 1]; i++) {
            uint64_t to = out->start[source.column[i]]++;
            out->column[to] = (uint32_t)row;
            out->value[to] = source.value[i];
            if (out->time != NULL) {
                out->time[to] = source.time[i];
            }
        }
    }
    restore_starts(out->start, out->n_rows);
    return DSC_OK;
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

dsc_status dsc_sparse_build(dsc_sparse_matrix *by_row, dsc_sparse_matrix *by_column,
                            const dsc_triplets *triplets, size_t n_rows, size_t n_cols,
                            dsc_duplicates *duplicates, dsc_error *err) {
    *by_row = (dsc_sparse_matrix){0};
    *by_column = (dsc_sparse_matrix){0};
    dsc_duplicates found = {0, 0};
    dsc_status status = transpose_triplets(by_column, triplets, n_rows, n_cols, err);
    if (status != DSC_OK) {
        goto done;
    }
    found.n = drop_duplicates(by_column);
    status = dsc_sparse_transpose(by_row, dsc_sparse_view(by_column), err);
    if (status == DSC_OK && found.n > 0 && duplicates != NULL) {
        status = first_duplicate(&found.first, dsc_sparse_view(by_row), triplets, err);
    }
done:
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(by_row);
        dsc_sparse_matrix_clear(by_column);
    } else if (duplicates != NULL) {
        *duplicates = found;
    }
    return status;
}
