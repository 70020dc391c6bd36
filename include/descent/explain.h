/* Explanations: which of a user's ratings pushed a prediction up or down, and by how much.
 *
 *     prediction = mean + user bias + item bias + network of the item alone
 *                + time + user's own vector + sum over the rated items of (presence + value)
 *
 * Exact for a dot product, which is linear in the parts of the user's side; for a network, and where
 * the user's side has an activation, by integrated gradients along the straight line from an empty
 * side to the user's. docs/math.md (101) to (105), (137), (138). Under an ordinal loss what each part
 * does to the score is multiplied by one factor, with which the parts sum to the rating too, (149). */
#ifndef DESCENT_EXPLAIN_H
#define DESCENT_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "descent/side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one rating of the user does; in units of the ratings, above 0 it pushed up. */
typedef struct dsc_reason {
    uint32_t item; /* dense index */
    float rating;  /* that the user gave it */
    /* By having been rated at all, whatever the rating: through the history, (103). 0 without a
     * history of users, and where ratings weigh it; under alternating least squares through the
     * user's own vector, (121). */
    double presence;
    /* By how it was rated: through the user's own vector, (104), as far as it was rated more or less
     * than expected, and through a history that ratings weigh, (138). 0 where neither is known, for
     * users of models trained by minibatches. */
    double value;
    double push; /* presence + value */
} dsc_reason;

/* A prediction taken apart; all in units of the ratings. */
typedef struct dsc_explanation {
    double prediction; /* before clipping */
    double rating;     /* inside the scale */
    double mean;       /* of the training ratings, 0 when it is switched off; under an ordinal loss
                            the rating that a score of 0 stands for */
    double user_bias;  /* how the user rates in general */
    double item_bias;  /* how the item is rated in general */
    double time;       /* what the time of the prediction adds; 0: nothing */
    double network;    /* what network and activation make of the item with an empty user's side; 0:
                            there are none */
    double own_vector; /* what the user's own vector, or the shared one, does beyond the values of
                            the ratings; under alternating least squares how far training's score
                            is from that of the row's minimum */
    size_t n_reasons;  /* the user's ratings */
    dsc_reason *reasons; /* (n_reasons) by |push| downwards, ties by item */
    size_t n_steps;      /* of integration; 0 where a dot product is all there is */
    double gap;          /* prediction minus the sum of the parts: rounding, and what the steps of
                            integration miss, within 1e-4 unless all 65536 do not suffice */
} dsc_explanation;

/* Takes the prediction of a pair apart. Neither side may be unknown; the user's must have its
 * ratings, as those of models and fold-ins do.
 *   out  [out]  cleared with dsc_explanation_clear; all zero after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_NONFINITE; DSC_E_MEMORY.
 * Cost: two passes over the user's ratings, and with a network 128 to 65536 passes of the pair. */
dsc_status dsc_explain(dsc_explanation *out, const dsc_recommender *model, const dsc_side *user,
                       const dsc_side *item, dsc_error *err);

/* Frees the reasons; all zero is allowed. */
void dsc_explanation_clear(dsc_explanation *explanation);

#ifdef __cplusplus
}
#endif
#endif
