/* An ordinal output: a rating is where a latent score falls among ascending thresholds.
 *
 * Nothing here knows users or items. Between the K distinct ratings of the training file lie K - 1
 * thresholds; the score with logistic noise added falls into one of the K places, and each place has
 * a probability. docs/math.md (140) to (145) */
#ifndef DSC_RECOMMENDER_ORDINAL_H
#define DSC_RECOMMENDER_ORDINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/status.h"
#include "ratings/sparse.h"

/* More distinct ratings than any scale of marks has: those of a slider want squared errors. */
enum { DSC_MAX_VALUES = 100 };

/* All zero is a valid one of no values. The thresholds follow from K - 1 free numbers, the steps:
 * the first is the first threshold, the others are logarithms of the distances between two, (141). */
typedef struct dsc_ordinal {
    size_t n_values;    /* K */
    double *values;     /* (K) ascending; the block that holds the next five */
    double *thresholds; /* (K - 1) ascending */
    double *lower;      /* (K) exp of the threshold below a value; 0 of the first */
    double *upper;      /* (K) exp of minus the threshold above it; 0 of the last */
    double *narrowness; /* (K) what the distance of its two thresholds adds to its loss, (142) */
    double *pressure;   /* (K) and to the slopes at both, (143); 0 of the first and the last */
} dsc_ordinal;

/* Whether it can be had of such ratings: they have 2 to DSC_MAX_VALUES different values. */
bool dsc_ordinal_suits(dsc_sparse ratings);

/* Finds the distinct values of `ratings`; the thresholds are those of dsc_ordinal_set with steps 0.
 * Returns DSC_OK; DSC_E_DATA one value alone, or more than DSC_MAX_VALUES; DSC_E_MEMORY. */
dsc_status dsc_ordinal_init(dsc_ordinal *out, dsc_sparse ratings, dsc_error *err);

/* One of the same values and thresholds. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_ordinal_copy(dsc_ordinal *out, const dsc_ordinal *from, dsc_error *err);
void dsc_ordinal_clear(dsc_ordinal *ordinal); /* all zero is allowed */

/* The number of thresholds: K - 1, or 0 of no values. */
size_t dsc_ordinal_n_steps(const dsc_ordinal *ordinal);

/* The steps (K - 1) with which a score of 0 gives each value the share that it has in `ratings`,
 * those that dsc_ordinal_init got. */
void dsc_ordinal_start(const dsc_ordinal *ordinal, dsc_sparse ratings, float *steps);

/* Computes the thresholds and what follows from them. (141) */
void dsc_ordinal_set(dsc_ordinal *ordinal, const double *steps);

/* Whether the thresholds are finite and so moderate that no probability can overflow. */
bool dsc_ordinal_is_bounded(const dsc_ordinal *ordinal);

/* The place of the value nearest to a rating; of two equally near the lower one. */
size_t dsc_ordinal_place(const dsc_ordinal *ordinal, double rating);

/* Sums over ratings. */
typedef struct dsc_ordinal_sums {
    double loss;                             /* minus the logarithms of the probabilities, (142) */
    double squared_errors;                   /* of the means, in units of the ratings */
    double d_thresholds[DSC_MAX_VALUES - 1]; /* gradient of the loss, (143) */
} dsc_ordinal_sums;

/* Adds the rating in `place`, at a score, to the sums. Returns the slope of its loss at the score,
 * between -1 and 1. (142), (143) */
double dsc_ordinal_add(const dsc_ordinal *ordinal, size_t place, double score,
                       dsc_ordinal_sums *sums);

/* Adds the sums over other ratings. */
void dsc_ordinal_sums_add(const dsc_ordinal *ordinal, dsc_ordinal_sums *to,
                          const dsc_ordinal_sums *others);

/* From the gradient at the thresholds to that at the steps (K - 1). (144) */
void dsc_ordinal_d_steps(const dsc_ordinal *ordinal, const dsc_ordinal_sums *sums, double *d_steps);

/* The mean of the distribution at a score: grows with it, and lies between the first and the last
 * value; its slope at the score; and the probability of each value (K). (145), (140) */
double dsc_ordinal_mean(const dsc_ordinal *ordinal, double score);
double dsc_ordinal_slope(const dsc_ordinal *ordinal, double score);
void dsc_ordinal_probabilities(const dsc_ordinal *ordinal, double score, double *probability);

#endif
