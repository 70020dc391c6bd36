/* Samples of a list that are read before their turn, many at a time, by all threads of a pool.
 *
 * Positions in a random order lie anywhere among the ratings: each would be waited for, with its page. So a window is
 * large where they are positions, and a part of it is read in the order of the ratings, almost one line of memory
 * after the other. What is read does not depend on the number of threads. */
#ifndef DSC_RECOMMENDER_SAMPLE_WINDOW_H
#define DSC_RECOMMENDER_SAMPLE_WINDOW_H

#include "base/pool.h"
#include "recommender/sample_list.h"

/* What a thread sorts positions with. */
typedef struct dsc_sample_sorter dsc_sample_sorter;

/* All zero is a valid one of nothing. */
typedef struct dsc_sample_window {
    const dsc_sample_list *list; /* borrowed, as the next */
    dsc_pool *pool;
    size_t capacity;
    size_t first, n;             /* of the list's samples: those that are there */
    dsc_training_sample *sample; /* (capacity), of which n */
    dsc_sample_sorter *sorters;  /* (the pool's threads) NULL: samples are packed */
} dsc_sample_window;

/* For minibatches of up to batch_size samples, of a list that stays packed or not. Memory: 12 bytes for each of
 * batch_size samples, but for no more than the list has and for no fewer than 16,384, which is 200 KB, or 131,072
 * of positions, with what sorts them 1.6 MB and 400 KB a thread. Borrows list and pool until dsc_sample_window_clear.
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. */
dsc_status dsc_sample_window_init(dsc_sample_window *out, const dsc_sample_list *list,
                                  size_t batch_size, dsc_pool *pool, dsc_error *err);
void dsc_sample_window_clear(dsc_sample_window *window);

/* Forgets what it has read: the list was shuffled. */
void dsc_sample_window_reset(dsc_sample_window *window);

/* The n samples from `first` on, 1 <= n <= batch_size; a view until the next call. Allocates nothing.
 *   n_after  [out]  samples that are there behind them */
const dsc_training_sample *dsc_sample_window_at(dsc_sample_window *window, size_t first, size_t n,
                                                size_t *n_after);

#endif
