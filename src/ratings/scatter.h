/* Scatter: entries to the places of their keys, by the threads of a pool. Grouping by user and turning rows
 * into columns are both this.
 *
 * Entries of one key keep their order, whoever moves them: no byte depends on the number of threads. */
#ifndef DSC_RATINGS_SCATTER_H
#define DSC_RATINGS_SCATTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"

/* All zero is valid and empty; the first four fields are the caller's. */
typedef struct dsc_scatter {
    size_t n;            /* entries */
    const uint32_t *key; /* (n) below n_keys */
    size_t n_keys;
    dsc_pool *pool;        /* NULL: the caller's thread */
    const uint64_t *start; /* of dsc_scatter_init */
    size_t n_parts;
    size_t part_entries;
    uint64_t *next; /* (n_parts, n_keys) where a part's next entry of a key goes */
} dsc_scatter;

/* Counts the keys.
 *   start  [out]  (n_keys + 1) where the entries of each key begin, and n; to stay as it is
 * Returns DSC_OK; DSC_E_MEMORY. Freed with dsc_scatter_clear after success and failure.
 * Memory: 8 bytes a key for one thread; for more, at most a byte an entry besides. */
dsc_status dsc_scatter_init(dsc_scatter *s, uint64_t *start, dsc_error *err);
void dsc_scatter_clear(dsc_scatter *s);

/* What each entry has: a time, or a value and an index, which may be the number of its row. */
typedef struct dsc_scatter_from {
    const uint64_t *row_start; /* (n_rows + 1) where the entries of a row begin; NULL: `index` */
    size_t n_rows;
    const uint32_t *index; /* (n), as are those below */
    const float *value;    /* NULL, of rows alone: none */
    const int64_t *time;   /* NULL: an index, and a value */
} dsc_scatter_from;

/* Where it goes. */
typedef struct dsc_scatter_to {
    uint32_t *index;
    float *value;
    int64_t *time;
} dsc_scatter_to;

/* May be called for one array after another. */
void dsc_scatter_move(dsc_scatter *s, dsc_scatter_from from, dsc_scatter_to to);

#endif
