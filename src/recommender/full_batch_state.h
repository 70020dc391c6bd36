/* The state of full-batch training: what its memory, its ratings and its run share. */
#ifndef DSC_RECOMMENDER_FULL_BATCH_STATE_H
#define DSC_RECOMMENDER_FULL_BATCH_STATE_H

#include "recommender/full_batch.h"
#include "recommender/full_batch_pass.h"

struct dsc_full_batch {
    dsc_recommender *model;
    dsc_full_batch_pass pass; /* its arrays are freed here, but for those of the model */
    dsc_sparse_matrix by_item;
    void *item_weights; /* of the pass */
    uint32_t *bin_of;
    uint32_t *session_of;
    dsc_full_batch_watcher watcher;
    void *user;
};

/* numbers[at] = number, in the batch's precision. */
static inline void dsc_full_batch_set(const dsc_full_batch *b, void *numbers, size_t at,
                                      float number) {
    if (b->pass.kernels->precision == DSC_FLOAT32) {
        ((float *)numbers)[at] = number;
    } else {
        ((double *)numbers)[at] = (double)number;
    }
}

/* The ratings as the pass goes over them: parts and blocks of users, the order by item, places of times and
 * weights of histories, into b->pass and b.
 *   ratings  [in]  of the model, borrowed while b lives
 * Returns DSC_OK; DSC_E_MEMORY, with what dsc_full_batch_destroy frees. */
dsc_status dsc_full_batch_arrange(dsc_full_batch *b, dsc_kept_ratings ratings, dsc_error *err);

#endif
