/* The ratings to train on: all of them but those that are left out, without a copy of either.
 *
 * What is held is the positions of those that are left out. Whoever goes over some rows gets their columns where
 * the matrix has them, or, if one of these is left out, those that are kept, side by side in room of the
 * caller's. */
#ifndef DSC_RECOMMENDER_KEPT_RATINGS_H
#define DSC_RECOMMENDER_KEPT_RATINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/status.h"
#include "ratings/sparse.h"
#include "recommender/row_stretch.h"

/* All zero may be cleared; nothing else may be asked of it. */
typedef struct dsc_kept_ratings {
    dsc_sparse all;           /* (n_rows, n_cols), borrowed */
    const uint32_t *left_out; /* (n_left_out) positions in `all`, ascending; borrowed */
    size_t n_left_out;
    bool uses_all;         /* nothing else is not kept */
    size_t n;              /* ratings that are kept */
    const uint64_t *start; /* (n_rows + 1) where those of each row begin, counted among them */
    uint64_t *own_start;   /* the same, where that is not the start of `all` */
} dsc_kept_ratings;

/* All of them; nothing to be freed. */
dsc_kept_ratings dsc_kept_ratings_all(dsc_sparse all);

/* Borrows all but is_used until dsc_kept_ratings_clear.
 *   all       [in]  at most UINT32_MAX entries
 *   left_out  [in]  (n_left_out) distinct positions, ascending, of rows that are used
 *   is_used   [in]  (n_rows) whether anything of a row is kept; NULL: of all
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. Holds 8 bytes a row. Cost: O(n_rows + n_left_out). */
dsc_status dsc_kept_ratings_init(dsc_kept_ratings *out, dsc_sparse all, const uint32_t *left_out,
                                 size_t n_left_out, const bool *is_used, dsc_error *err);
void dsc_kept_ratings_clear(dsc_kept_ratings *kept);

/* How many each row has, as a matrix without columns, values and times. */
dsc_sparse dsc_kept_ratings_shape(const dsc_kept_ratings *kept);

/* Whether any rating of these rows is not kept: else those functions below that take room leave it as it is, and
 * it may be NULL. Threads, of this and all below: any number at once. */
static inline bool dsc_kept_ratings_has_gaps(const dsc_kept_ratings *kept, dsc_row_range rows) {
    return kept->start[rows.end] - kept->start[rows.begin] !=
           kept->all.start[rows.end] - kept->all.start[rows.begin];
}

/* Their columns.
 *   room  [out]  (kept ratings of these rows) what is returned may be in it
 * Cost: O(kept ratings of the rows), and O(log of n_left_out) where rows are not used; O(1) without gaps. */
dsc_row_stretch dsc_kept_ratings_rows(const dsc_kept_ratings *kept, dsc_row_range rows,
                                      uint32_t *room);

/* Those of an array of one number for each of all ratings that belong to them, at the same cost.
 *   room  [out]  (kept ratings of these rows) what is returned may be in it */
const float *dsc_kept_ratings_numbers(const dsc_kept_ratings *kept, const float *numbers,
                                      dsc_row_range rows, float *room);

/* Whether a rating of that row and column is there and kept. Cost: as of dsc_sparse_find, twice. */
bool dsc_kept_ratings_has(const dsc_kept_ratings *kept, uint32_t row, uint32_t column);

/* A walk over what is kept, run by run: each has ratings of one row, one behind the other in `all`. */
typedef struct dsc_kept_walk {
    const dsc_kept_ratings *kept;
    dsc_row_range rows;  /* still to come, that of the run among them */
    size_t next;         /* of those left out: the first one that may be ahead */
    size_t row;          /* of the run */
    uint64_t begin, end; /* its positions in `all` */
} dsc_kept_walk;

/* Before the first run; dsc_kept_walk_next goes on to the next one, false: there is none. */
dsc_kept_walk dsc_kept_walk_over(const dsc_kept_ratings *kept, dsc_row_range rows);
bool dsc_kept_walk_next(dsc_kept_walk *walk);

#endif
