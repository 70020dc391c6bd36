/* The output of a model: from the sum of its parts to a rating, and to the loss of one.
 *
 * Under the squared loss the sum f of (18) is a rating in units of the spread; under the ordinal one it
 * is the score that the thresholds cut. docs/math.md (18), (140) to (149) */
#ifndef DSC_RECOMMENDER_OUTPUT_H
#define DSC_RECOMMENDER_OUTPUT_H

#include "recommender/model.h"

/* What pairs are ordered by: the rating before clipping, or the score. */
double dsc_output_score(const dsc_recommender *model, double f);

/* A sum at or below every one whose dsc_output_score is at least `score`, and hardly lower. */
float dsc_output_least_sum(const dsc_recommender *model, double score);

/* The rating that a score stands for, before clipping. */
double dsc_output_unclipped(const dsc_recommender *model, double score);

/* The rating inside the scale that dsc_output_score stands for; it never falls while the score
 * grows. */
double dsc_output_rating(const dsc_recommender *model, double score);

/* The loss of a rating when f is predicted, half the squared error or (142); returns its slope at f.
 */
double dsc_output_loss(const dsc_recommender *model, double rating, double f, double *loss);

/* The rating of f before clipping is at_zero + unit * f: exactly under the squared loss, and under the
 * ordinal one for this f, the unit being the mean slope on the way from 0 to it. (149) */
typedef struct dsc_output_line {
    double at_zero;
    double unit;
} dsc_output_line;

dsc_output_line dsc_output_line_to(const dsc_recommender *model, double f);

#endif
