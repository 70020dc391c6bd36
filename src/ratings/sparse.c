/* Sparse matrices: from triplets to compressed rows, sorted within each row.
 *
 * Everything here is stable: entries for the same place keep their order until the last of them
 * is chosen. */
#include "ratings/sparse.h"

#include <stdlib.h>

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
 * always a failure. What is not held has no block. */
static void *reserve_array(void *block, size_t n, size_t size, bool is_held) {
    if (!is_held) {
        free(block);
        return NULL;
    }
    if (block == NULL) {
        const size_t n_room = n + (n == 0);
        block = reallocarray(NULL, n_room, size);
        dsc_expect_use(block, n_room * size);
    }
    return block;
}

dsc_status dsc_sparse_matrix_reserve(dsc_sparse_matrix *m, dsc_sparse_depth depth, dsc_error *err) {
    const size_t n = m->n_entries;
    const bool has_value = depth >= DSC_SPARSE_VALUES, has_time = depth >= DSC_SPARSE_TIMES;
    if (sizes_fit(m->n_rows, n)) {
        m->start = calloc(m->n_rows + 1, sizeof *m->start);
        m->column = reserve_array(m->column, n, sizeof *m->column, true);
        m->value = reserve_array(m->value, n, sizeof *m->value, has_value);
        m->time = reserve_array(m->time, n, sizeof *m->time, has_time);
    }
    const bool has_memory = m->start != NULL && m->column != NULL &&
                            (!has_value || m->value != NULL) && (!has_time || m->time != NULL);
    return has_memory ? DSC_OK : dsc_fail_memory(err, "the matrix of ratings");
}

dsc_status dsc_sparse_matrix_init(dsc_sparse_matrix *out, size_t n_rows, size_t n_cols,
                                  size_t n_entries, dsc_sparse_depth depth, dsc_error *err) {
    *out = (dsc_sparse_matrix){.n_rows = n_rows, .n_cols = n_cols, .n_entries = n_entries};
    dsc_status status = dsc_sparse_matrix_reserve(out, depth, err);
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(out);
    }
    return status;
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
    free(triplets->start);
    free(triplets->column);
    free(triplets->value);
    free(triplets->time);
    *triplets = (dsc_triplets){0};
}

dsc_sparse dsc_sparse_view(const dsc_sparse_matrix *matrix) {
    return (dsc_sparse){matrix->n_rows, matrix->n_cols, matrix->n_entries, matrix->start,
                        matrix->column, matrix->value,  matrix->time};
}

dsc_sparse dsc_sparse_places(dsc_sparse matrix) {
    matrix.value = NULL;
    matrix.time = NULL;
    return matrix;
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

/* Gives back what lies behind the last of n elements; false: no memory. */
static bool fit(void **block, size_t n, size_t size) {
    void *fitted = *block != NULL ? reallocarray(*block, n + (n == 0), size) : NULL;
    const bool has_memory = *block == NULL || fitted != NULL;
    *block = has_memory ? fitted : *block;
    return has_memory;
}

/* The arrays of triplets have grown by doubling, and duplicates have gone. */
static dsc_status fit_rows(dsc_sparse_matrix *m, dsc_error *err) {
    void *column = m->column, *value = m->value, *time = m->time;
    const bool has_memory = fit(&column, m->n_entries, sizeof *m->column) &&
                            fit(&value, m->n_entries, sizeof *m->value) &&
                            fit(&time, m->n_entries, sizeof *m->time);
    m->column = column;
    m->value = value;
    m->time = time;
    return has_memory ? DSC_OK : dsc_fail_memory(err, "the matrix of ratings");
}

/* *by_row is empty after a failure. */
static dsc_status build_rows(dsc_sparse_matrix *by_row, dsc_triplets *triplets, size_t n_rows,
                             size_t n_cols, dsc_duplicates *duplicates, dsc_error *err) {
    dsc_status status = dsc_sparse_group(by_row, triplets, n_rows, n_cols, err);
    if (status != DSC_OK) {
        return status;
    }
    status = dsc_sparse_sort_rows(by_row, triplets->pool, duplicates, err);
    if (status == DSC_OK && triplets->row != NULL && duplicates->n > 0) {
        status = first_duplicate(&duplicates->first, dsc_sparse_view(by_row), triplets, err);
    }
    if (status == DSC_OK) {
        status = fit_rows(by_row, err);
    }
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(by_row);
    }
    return status;
}

dsc_status dsc_sparse_build(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                            size_t n_cols, dsc_duplicates *duplicates, dsc_error *err) {
    *out = (dsc_sparse_matrix){0};
    dsc_duplicates found = {0, 0};
    const dsc_status status = build_rows(out, triplets, n_rows, n_cols, &found, err);
    dsc_triplets_clear(triplets);
    if (status == DSC_OK && duplicates != NULL) {
        *duplicates = found;
    }
    return status;
}
