/* The ratings that twin AdaGrad trains on, in a square grid of blocks: 4 bytes each. docs/math.md (188), (189)
 *
 * Rows of users and rows of items are cut into bins with about as many ratings each. A block has the ratings of
 * one bin of users and one bin of items, in an order of its own.
 *
 * The 4 bytes are the sample itself where that fits: which row of either bin, and which of the distinct ratings.
 * Nothing else is then read of it. For what does not fit (very many users and items, or ratings that are no scale
 * but any number) they are the rating's position in the matrix, whose lines are then read at random. */
#ifndef DSC_RECOMMENDER_RATING_BLOCKS_H
#define DSC_RECOMMENDER_RATING_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "ratings/row_finder.h"
#include "recommender/kept_ratings.h"
#include "recommender/model.h"
#include "recommender/packed_sample.h"

/* Enough bins for all threads, few enough that a round outlasts its beginning, and that an epoch brings the
 * users' rows into a cache few times. */
enum { DSC_MOST_BINS = 16 };

/* The rows of users, or of items, in bins. */
typedef struct dsc_row_bins {
    size_t n;
    const uint32_t *row;               /* (n) of each user or item; borrowed */
    const uint32_t *owner;             /* (n) of each row; borrowed */
    uint32_t first[DSC_MOST_BINS + 1]; /* row of each bin; behind the last one n */
} dsc_row_bins;

/* All zero is a valid one of no bins. */
typedef struct dsc_rating_blocks {
    const dsc_recommender *model; /* borrowed */
    dsc_sparse all;               /* the matrix; borrowed */
    size_t n_bins;
    dsc_row_bins users, items;
    uint64_t start[DSC_MOST_BINS * DSC_MOST_BINS + 1]; /* of each block, n_bins^2 of them */
    uint32_t *rating;                                  /* by blocks: a sample or a position */
    dsc_sample_bits bits; /* of samples, whose users and items are counted from their bins' first */
    float *target;        /* of each of their distinct ratings; NULL: they are positions */
    dsc_row_finder finder; /* of positions */
} dsc_rating_blocks;

/* Cuts ratings into blocks, and draws their orders. Borrows the model, the matrix and the order of rows until
 * dsc_rating_blocks_clear.
 *   ratings  [in]  at least one, with values
 *   bins     [in]  of users, of items: n, row and owner
 *   pool     [in]  any number of threads gives the same bytes
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. */
dsc_status dsc_rating_blocks_init(dsc_rating_blocks *out, const dsc_recommender *model,
                                  const dsc_kept_ratings *ratings, const dsc_row_bins bins[2],
                                  dsc_pool *pool, dsc_error *err);
void dsc_rating_blocks_clear(dsc_rating_blocks *blocks);

/* Block (user bin, item bin) has the number user bin * n_bins + item bin. */
static inline size_t dsc_rating_blocks_n_of(const dsc_rating_blocks *blocks, size_t block) {
    return (size_t)(blocks->start[block + 1] - blocks->start[block]);
}

/* Ratings of a block, from `first` on, by their rows. Threads: any number at once.
 *   out  [out]  (n), first + n at most those of the block */
void dsc_rating_blocks_read(const dsc_rating_blocks *blocks, size_t block, size_t first, size_t n,
                            dsc_training_sample *out);

#endif
