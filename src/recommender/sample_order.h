/* The samples of minibatches in the random order of one epoch after the other, 4 bytes each.
 *
 * They are listed as positions among the ratings, each of which would cost two lines of memory to read. So they are
 * packed, in their place, where ratings are of a scale: 4 bytes then have the lower bits of a user, an item, and which
 * of the distinct ratings it is. Samples of users with the same upper bits are a class, a stretch of the list: one up
 * to some hundred million pairs of users and items, a hundred of 200,000 users and 85,000 items. An epoch shuffles each class and deals from them at random, as often from each as it has samples:
 * every order of all samples is as likely. Nothing moves but 4 bytes, and threads shuffle classes at once.
 *
 * Of ratings that are no scale, or of too many users and items, samples stay positions. */
#ifndef DSC_RECOMMENDER_SAMPLE_ORDER_H
#define DSC_RECOMMENDER_SAMPLE_ORDER_H

#include "base/pool.h"
#include "math/drawn_numbers.h"
#include "recommender/packed_sample.h"
#include "recommender/sample_list.h"

enum { DSC_MOST_CLASSES = 128 };

/* All zero is a valid one of nothing. */
typedef struct dsc_sample_order {
    const dsc_sample_list *list; /* borrowed, as the next */
    dsc_pool *pool;
    dsc_sample_bits bits; /* of packed ones, users without their class */
    float *target;        /* of each distinct rating; NULL: positions */
    size_t n_classes;
    uint32_t start[DSC_MOST_CLASSES + 1]; /* of each class in the list */

    /* The running epoch. */
    uint32_t next[DSC_MOST_CLASSES]; /* the sample that each class deals next */
    uint32_t
        n_left[DSC_MOST_CLASSES]; /* samples that are not dealt yet, of each and those before */
    dsc_drawn_numbers numbers;    /* what deals them */
    dsc_training_sample *sample;  /* (capacity), of which n are read: from `first` on */
    size_t capacity, first, n;
} dsc_sample_order;

/* Takes over the positions of a list, which nobody else may look at until dsc_sample_order_clear; borrows list and pool
 * as long. For minibatches of up to batch_size samples. Memory: 12 bytes for each of batch_size samples, or of 16,384
 * if these are more, but for no more than there are.
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared and the list as it was. */
dsc_status dsc_sample_order_init(dsc_sample_order *out, dsc_sample_list *list, size_t batch_size,
                                 dsc_pool *pool, dsc_error *err);
void dsc_sample_order_clear(dsc_sample_order *order);

/* A new order, by streams of the model's seed and the epoch; the same with any number of threads. */
void dsc_sample_order_begin(dsc_sample_order *order, size_t epoch);

/* The n samples of the epoch from `first` on, 1 <= n <= batch_size; a view until the next call. They are taken one batch
 * after the other. Allocates nothing.
 *   n_after  [out]  samples that are there behind them */
const dsc_training_sample *dsc_sample_order_take(dsc_sample_order *order, size_t first, size_t n,
                                                 size_t *n_after);

#endif
