/* The n best of a stream of scored items, in a heap whose worst stands on top. */
#ifndef DSC_RECOMMENDER_TOP_N_H
#define DSC_RECOMMENDER_TOP_N_H

#include <stddef.h>
#include <stdint.h>

typedef struct dsc_candidate {
    double score;
    uint32_t item;
} dsc_candidate;

typedef struct dsc_top_n {
    dsc_candidate *heap; /* (capacity), borrowed */
    size_t capacity;     /* n; 0 keeps nothing */
    size_t count;
} dsc_top_n;

/* Offers an item; it stays if it is among the best so far. Higher scores are better, and of equal
 * scores the lower item. Cost: O(log n) when it stays, O(1) when not. */
void dsc_top_n_offer(dsc_top_n *top, double score, uint32_t item);

/* Sorts what stayed, best first. Nothing may be offered after it. */
void dsc_top_n_sort(dsc_top_n *top);

#endif
