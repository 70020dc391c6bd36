/* A fold-in and its three steps, a file each; fold_in.c takes them in turn.
 *
 *   fold_in_config.c     which settings are usual, and whether given ones can be
 *   folded_ratings.c     what the given ratings are to the model: the known ones, each once, in its scale
 *   fold_in_objective.c  the vector and the bias that suit them best, (96) to (98), (136)
 *
 * fold_in_many.c shares many fold-ins out among threads. */
#ifndef DSC_RECOMMENDER_FOLDED_H
#define DSC_RECOMMENDER_FOLDED_H

#include "recommender/model.h"

struct dsc_folded {
    dsc_side side;
    dsc_folded_info info;
    uint32_t *others;     /* (info.n_used) ascending; the block that holds `ratings` too */
    float *ratings;       /* (info.n_used) */
    float *offsets;       /* (info.n_used) what the time of each adds, of the others' side */
    float *own;           /* (n_factors); the block that holds `vector` too */
    float *vector;        /* (n_factors) */
    size_t n_members;     /* of the blend that it was folded into; 0: into none */
    dsc_folded **members; /* (n_members) the same one in each of them */
};

/* Returns DSC_OK; DSC_E_ARGUMENT a setting out of range. */
dsc_status dsc_fold_in_config_check(const dsc_fold_in_config *config, dsc_error *err);

/* Copies the known ones of the given ratings to others, ratings and offsets, and counts them in info.
 * Returns DSC_OK; DSC_E_ARGUMENT a rating that is not finite, an index that the model does not have;
 * DSC_E_MEMORY. */
dsc_status dsc_folded_take_ratings(dsc_folded *self, const dsc_recommender *model, bool is_item,
                                   const dsc_given *given, dsc_error *err);

/* Finds own, vector and bias for the ratings that it has, one at least; also the side's n_history and l2_vector.
 * `own` and `vector` are there and 0. Returns DSC_OK; DSC_E_NONFINITE; DSC_E_MEMORY. */
dsc_status dsc_folded_learn(dsc_folded *self, const dsc_recommender *model, bool is_item,
                            const dsc_fold_in_config *config, dsc_error *err);

#endif
