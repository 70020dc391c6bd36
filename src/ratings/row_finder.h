/* Which row an entry of a sparse matrix is of: of entries in any order, by 4 to 8 bytes a row.
 *
 * Entries fall into cells of 2^shift, about as many as a row has on average; each cell knows the row of its
 * first entry, and from there on rows are looked through. */
#ifndef DSC_RATINGS_ROW_FINDER_H
#define DSC_RATINGS_ROW_FINDER_H

#include <stdint.h>

#include "descent/ratings.h"
#include "descent/status.h"

/* All zero is a valid one of no entries. */
typedef struct dsc_row_finder {
    const uint64_t *start; /* the matrix's, borrowed */
    uint32_t *first;       /* (cells) the row of each cell's first entry */
    unsigned shift;
} dsc_row_finder;

/* Borrows the matrix's row starts until dsc_row_finder_clear. Returns DSC_OK; DSC_E_MEMORY with *out cleared.
 * Cost: O(n_rows). */
dsc_status dsc_row_finder_init(dsc_row_finder *out, dsc_sparse matrix, dsc_error *err);
void dsc_row_finder_clear(dsc_row_finder *finder);

/* The row of an entry, entry < n_entries. Cost: O(1) on average; O(2^shift) where rows are short, more where
 * many have no entry. Threads: any number at once. */
static inline uint32_t dsc_row_of(const dsc_row_finder *finder, uint64_t entry) {
    uint32_t row = finder->first[entry >> finder->shift];
    /* Mostly one of three, in any order: without branches, which nobody could foresee. */
    row += finder->start[row + 1] <= entry;
    row += finder->start[row + 1] <= entry;
    while (finder->start[row + 1] <= entry) {
        row++;
    }
    return row;
}

#endif
