/* The samples of a training, 4 bytes each: their positions among the ratings.
 *
 * Users, items and targets are read where the ratings have them, some samples at a time. */
#ifndef DSC_RECOMMENDER_SAMPLE_LIST_H
#define DSC_RECOMMENDER_SAMPLE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "descent/random.h"
#include "ratings/row_finder.h"
#include "recommender/model.h"

/* All zero is a valid one of none. */
typedef struct dsc_sample_list {
    const dsc_recommender *model; /* whose targets they are; borrowed */
    dsc_sparse ratings;           /* by user, that positions are among; borrowed */
    dsc_row_finder users;         /* of them */
    uint32_t *position; /* (n); what a dsc_sample_order that took them over made of them */
    size_t n;
} dsc_sample_list;

/* Room for n samples of `ratings`, whose positions the caller fills in. Borrows both until
 * dsc_sample_list_clear. Returns DSC_OK; DSC_E_MEMORY with *out cleared.
 *   ratings  [in]  (n_users, n_items) with values; at most UINT32_MAX */
dsc_status dsc_sample_list_init(dsc_sample_list *out, const dsc_recommender *model,
                                dsc_sparse ratings, size_t n, dsc_error *err);
void dsc_sample_list_clear(dsc_sample_list *list);

/* Any numbers into a random order, by a stream from which nothing was drawn. */
void dsc_shuffle(uint32_t *number, size_t n, const dsc_kernels *kernels, dsc_random random);

/* Into the order of the ratings. */
void dsc_sample_list_sort(dsc_sample_list *list);

/* Some samples, one array for each of what they are made of. */
typedef struct dsc_sample_rows {
    uint32_t *user; /* (n) */
    uint32_t *item; /* (n) */
    float *target;  /* (n) of dsc_trainer_target; NULL: not asked for */
} dsc_sample_rows;

/* Asks memory for what dsc_sample_list_read of the same samples will look at; those behind the last are none. */
void dsc_sample_list_ask(const dsc_sample_list *list, size_t first, size_t n);

/* The samples from `first` on, first + n <= list->n. Threads: any number at once. */
void dsc_sample_list_read(const dsc_sample_list *list, size_t first, size_t n,
                          const dsc_sample_rows *out);

#endif
