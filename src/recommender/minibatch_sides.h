/* The sides of users and items in training by minibatches: the model's vectors, with a history where
 * it has one. */
#ifndef DSC_RECOMMENDER_MINIBATCH_SIDES_H
#define DSC_RECOMMENDER_MINIBATCH_SIDES_H

#include "base/pool.h"
#include "recommender/bf16_vectors.h"
#include "recommender/minibatch_history.h"
#include "recommender/model.h"

/* Of whom a side is. */
enum { DSC_OF_USERS, DSC_OF_ITEMS, DSC_N_KINDS_OF_SIDES };

typedef struct dsc_minibatch_sides {
    dsc_recommender *model; /* borrowed */
    bool has_history[DSC_N_KINDS_OF_SIDES];
    dsc_minibatch_history history[DSC_N_KINDS_OF_SIDES];
    dsc_sparse_matrix by_item; /* the ratings to train on, for histories of items */
    dsc_bf16_vectors bf16; /* what is trained instead of the model's; without use_bf16 all zero */
} dsc_minibatch_sides;

/*   ratings  [in]  (n_users, n_items) to train on, borrowed until dsc_minibatch_sides_clear
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY: *out is then to be cleared as well. */
dsc_status dsc_minibatch_sides_init(dsc_minibatch_sides *out, dsc_recommender *model,
                                    dsc_sparse ratings, dsc_error *err);
void dsc_minibatch_sides_clear(dsc_minibatch_sides *sides); /* all zero is allowed */

/* Whether any side is a sum. */
bool dsc_minibatch_sides_has_history(const dsc_minibatch_sides *sides);

/* Notes that this step uses the sides of a user and an item: of all its pairs before the next. */
void dsc_minibatch_sides_touch(dsc_minibatch_sides *sides, uint32_t user, uint32_t item);

/* Computes the sides with a history that were noted, before they are looked for. (170) */
void dsc_minibatch_sides_prepare(dsc_minibatch_sides *sides, dsc_pool *pool);

/* Where the sides of n rows stand in this step: side j in row moves[j].from of the table (..,
 * n_factors) that is returned, of bfloat16 with use_bf16, else of floats. Threads: any number at once. */
const void *dsc_minibatch_sides_find(const dsc_minibatch_sides *sides, size_t of,
                                     const uint32_t *row, size_t n, dsc_row_move *moves);

/* Takes the gradients that the own vectors got in this minibatch of n samples, which are those at their
 * sides, on to the vectors that are summed, and updates these.
 *   own  [in]  the tables of own vectors, of users and of items, of DSC_TABLE_PARTS parts, with their gradients
 * Math: docs/math.md (172), (208). */
void dsc_minibatch_sides_step(dsc_minibatch_sides *sides, const dsc_embedding *own, size_t n,
                              dsc_pool *pool);

/* Forgets the gradients without a step. */
void dsc_minibatch_sides_reset(dsc_minibatch_sides *sides);

/* The vectors as they are trained, one row a user or item; of bfloat16 with use_bf16. */
void *dsc_minibatch_sides_vectors(const dsc_minibatch_sides *sides, size_t of);

/* The model's vectors become those that are trained. */
void dsc_minibatch_sides_hand_over(const dsc_minibatch_sides *sides);

/* Fills the model's sides by the ratings to train on, whole histories. (50) */
void dsc_minibatch_sides_refresh(dsc_minibatch_sides *sides, dsc_pool *pool);

#endif
