/* Transposing a sparse matrix: parts of its rows, each of which knows where its entries go. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "ratings/sparse_parts.h"

/* Most parts for a thread: each has a counter a column. */
#define PARTS_A_THREAD 4

typedef struct transposing {
    dsc_sparse source;
    dsc_sparse_matrix *out;
    size_t n_parts;
    uint64_t *next; /* (n_parts, n_cols) entries of a part, then where its next one goes */
} transposing;

/* The first row of a part: parts have about the same number of entries. */
static size_t first_row(const transposing *t, size_t part) {
    const dsc_sparse *s = &t->source;
    if (part == t->n_parts) {
        return s->n_rows;
    }
    const uint64_t entry = s->n_entries / t->n_parts * part;
    size_t low = 0;
    size_t high = s->n_rows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->start[middle] < entry) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void count_part(void *context, size_t part, size_t thread) {
    (void)thread;
    const transposing *t = context;
    uint64_t *count = t->next + part * t->source.n_cols;
    const uint64_t end = t->source.start[first_row(t, part + 1)];
    for (uint64_t i = t->source.start[first_row(t, part)]; i < end; i++) {
        count[t->source.column[i]]++;
    }
}

static void place_part(void *context, size_t part, size_t thread) {
    (void)thread;
    const transposing *t = context;
    const dsc_sparse *s = &t->source;
    uint64_t *next = t->next + part * s->n_cols;
    const size_t end = first_row(t, part + 1);
    for (size_t row = first_row(t, part); row < end; row++) {
        for (uint64_t i = s->start[row]; i < s->start[row + 1]; i++) {
            const uint64_t to = next[s->column[i]]++;
            t->out->column[to] = (uint32_t)row;
            if (s->value != NULL) {
                t->out->value[to] = s->value[i];
            }
        }
    }
}

/* From counts to places: the entries of a column lie part by part. */
static void add_up(const transposing *t) {
    const size_t n_cols = t->source.n_cols;
    uint64_t n = 0;
    for (size_t column = 0; column < n_cols; column++) {
        for (size_t part = 0; part < t->n_parts; part++) {
            uint64_t *place = &t->next[part * n_cols + column];
            const uint64_t count = *place;
            *place = n;
            n += count;
        }
        t->out->start[column + 1] = n;
    }
}

/* One for one thread, else as many as have more entries than counters; no byte of the result depends on it. */
static size_t count_parts(dsc_sparse source, size_t n_threads) {
    const size_t most = n_threads > 1 ? n_threads * PARTS_A_THREAD : 1;
    const size_t least = source.n_cols > DSC_SPARSE_PART ? source.n_cols : DSC_SPARSE_PART;
    const size_t n = source.n_entries / least;
    return n > most ? most : n > 0 ? n : 1;
}

dsc_status dsc_sparse_transpose_by(dsc_sparse_matrix *out, dsc_sparse source, dsc_pool *pool,
                                   dsc_error *err) {
    out->n_rows = source.n_cols;
    out->n_cols = source.n_rows;
    out->n_entries = source.n_entries;
    dsc_status status = dsc_sparse_matrix_reserve(
        out, source.value != NULL ? DSC_SPARSE_VALUES : DSC_SPARSE_PLACES, err);
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(out);
        return status;
    }
    transposing t = {source, out, count_parts(source, dsc_pool_n_threads(pool)), NULL};
    t.next = calloc(t.n_parts * source.n_cols + 1, sizeof *t.next);
    if (t.next == NULL) {
        dsc_sparse_matrix_clear(out);
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    dsc_pool_run(pool, t.n_parts, count_part, &t);
    add_up(&t);
    dsc_pool_run(pool, t.n_parts, place_part, &t);
    free(t.next);
    return DSC_OK;
}

dsc_status dsc_sparse_transpose(dsc_sparse_matrix *out, dsc_sparse source, dsc_error *err) {
    *out = (dsc_sparse_matrix){0};
    return dsc_sparse_transpose_by(out, source, NULL, err);
}
