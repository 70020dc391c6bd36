/* Kept ratings by column: counted, placed and moved block by block of rows. */
#include "recommender/by_column.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Most blocks for a thread where the caller has none, and ratings for each of their counters. */
enum { BLOCKS_A_THREAD = 4, RATINGS_A_COUNTER = 4 };

/* What all blocks of a transposition have in common. */
typedef struct moving {
    const dsc_kept_ratings *kept;
    const dsc_row_parts *blocks;
    uint32_t *first;
    dsc_sparse_matrix *out;
} moving;

static dsc_kept_walk walk_over(const moving *m, size_t block) {
    const uint32_t *start = m->blocks->start;
    return dsc_kept_walk_over(m->kept, (dsc_row_range){start[block], start[block + 1]});
}

/* A job's part: how many ratings each column has of the rows of a block, into the counters of the next one; of
 * the last block into those of the first. */
static void count_block(void *job, size_t block, size_t thread) {
    const moving *m = job;
    uint32_t *count = m->first + (block + 1) % m->blocks->n * m->out->n_rows;
    (void)thread;
    for (dsc_kept_walk w = walk_over(m, block); dsc_kept_walk_next(&w);) {
        for (uint64_t e = w.begin; e < w.end; e++) {
            count[m->kept->all.column[e]]++;
        }
    }
}

/* From counts to where each column begins, and where blocks find the places of their ratings. */
static void place_blocks(const moving *m) {
    const size_t n_columns = m->out->n_rows, n_counters = m->blocks->n * n_columns;
    uint64_t *start = m->out->start;
    for (size_t block = 0; block < m->blocks->n; block++) {
        for (size_t c = 0; c < n_columns; c++) {
            start[c + 1] += m->first[block * n_columns + c];
        }
    }
    for (size_t c = 0; c < n_columns; c++) {
        start[c + 1] += start[c];
    }
    dsc_by_column_rewind(m->first, dsc_sparse_view(m->out), (dsc_row_range){0, n_columns});
    for (size_t i = n_columns; i < n_counters; i++) {
        m->first[i] += m->first[i - n_columns];
    }
}

/* A job's part: the rows of a block to their places. */
static void move_block(void *job, size_t block, size_t thread) {
    const moving *m = job;
    uint32_t *next = m->first + block * m->out->n_rows;
    (void)thread;
    for (dsc_kept_walk w = walk_over(m, block); dsc_kept_walk_next(&w);) {
        for (uint64_t e = w.begin; e < w.end; e++) {
            m->out->column[next[m->kept->all.column[e]]++] = (uint32_t)w.row;
        }
    }
}

dsc_status dsc_by_column_in_blocks(dsc_sparse_matrix *out, uint32_t *first,
                                   const dsc_kept_ratings *kept, const dsc_row_parts *blocks,
                                   dsc_pool *pool, dsc_error *err) {
    const size_t n_columns = kept->all.n_cols;
    dsc_status status =
        dsc_sparse_matrix_init(out, n_columns, kept->all.n_rows, kept->n, DSC_SPARSE_PLACES, err);
    if (status != DSC_OK) {
        return status;
    }
    moving m = {kept, blocks, first, out};
    dsc_pool_run(pool, blocks->n, count_block, &m);
    place_blocks(&m);
    dsc_pool_run(pool, blocks->n, move_block, &m);
    dsc_by_column_rewind_blocks(first, blocks->n, dsc_sparse_view(out),
                                (dsc_row_range){0, n_columns});
    return DSC_OK;
}

/* For one thread, one. */
static size_t count_blocks(const dsc_kept_ratings *kept, dsc_pool *pool) {
    const size_t n_threads = dsc_pool_n_threads(pool);
    const size_t n = kept->n / (RATINGS_A_COUNTER * (kept->all.n_cols + 1));
    const size_t most = n_threads > 1 ? n_threads * BLOCKS_A_THREAD : 1;
    return n > most ? most : n > 0 ? n : 1;
}

static dsc_status by_column_beside_gaps(dsc_sparse_matrix *out, const dsc_kept_ratings *kept,
                                        dsc_pool *pool, dsc_error *err) {
    dsc_row_parts parts, blocks;
    dsc_status status = dsc_row_parts_init(&parts, dsc_kept_ratings_shape(kept), err);
    if (status != DSC_OK) {
        return status;
    }
    status = dsc_row_parts_gather(&blocks, &parts, count_blocks(kept, pool), err);
    dsc_row_parts_clear(&parts);
    if (status != DSC_OK) {
        return status;
    }
    uint32_t *first = dsc_alloc(kept->all.n_cols, blocks.n * sizeof *first);
    status = first != NULL ? dsc_by_column_in_blocks(out, first, kept, &blocks, pool, err)
                           : dsc_fail_memory(err, "the ratings by item");
    dsc_free(first);
    dsc_row_parts_clear(&blocks);
    return status;
}

dsc_status dsc_by_column(dsc_sparse_matrix *out, const dsc_kept_ratings *kept, dsc_pool *pool,
                         dsc_error *err) {
    *out = (dsc_sparse_matrix){0};
    return dsc_kept_ratings_has_gaps(kept, (dsc_row_range){0, kept->all.n_rows})
               ? by_column_beside_gaps(out, kept, pool, err)
               : dsc_sparse_transpose(out, dsc_sparse_places(kept->all), pool, err);
}

void dsc_by_column_rewind(uint32_t *first, dsc_sparse by_column, dsc_row_range columns) {
    for (size_t c = columns.begin; c < columns.end; c++) {
        first[c] = (uint32_t)by_column.start[c];
    }
}

void dsc_by_column_rewind_blocks(uint32_t *first, size_t n, dsc_sparse by_column,
                                 dsc_row_range columns) {
    const size_t n_columns = by_column.n_rows;
    const size_t bytes = (columns.end - columns.begin) * sizeof *first;
    for (size_t block = n - 1; block > 0; block--) {
        uint32_t *of_block = first + block * n_columns + columns.begin;
        memcpy(of_block, of_block - n_columns, bytes);
    }
    dsc_by_column_rewind(first, by_column, columns);
}
