/* One tile of a minibatch, from its vectors to the gradients of everything that it uses.
 *
 * A tile stays in the cache from gathering to the gradient at its vectors, and of it remains what a step
 * needs: those gradients, its share of the network's, its loss. It changes nothing but itself and the
 * worker that passes it, so that tiles can be passed at once; how a minibatch is cut into them follows
 * from its size alone. docs/math.md (18) to (22), (51), (52). */
#ifndef DSC_RECOMMENDER_TILE_H
#define DSC_RECOMMENDER_TILE_H

#include "recommender/minibatch_sides.h"
#include "recommender/trainer.h"

/* Samples of a tile: with it the widest layers of a usual tower stay in the second-level cache. A
 * group of more needs a tile of its own size. */
enum { DSC_MINIBATCH_TILE = 128 };

typedef struct dsc_tile {
    /* What it is made of: ratings, or whole groups. */
    size_t n;                          /* pairs */
    const dsc_training_sample *sample; /* (n) NULL: groups */
    /* (n_ahead) of the tile that its thread will probably pass next, for which memory is asked; they change nothing */
    const dsc_training_sample *ahead;
    size_t n_ahead;
    size_t n_groups;
    const uint32_t *group_user, *group_length; /* (n_groups) */
    const uint32_t *group_item;                /* (n) */
    size_t n_batch; /* samples or groups of the minibatch, over which the loss is a mean */

    /* What it gives; the arrays are its worker's. */
    uint32_t *row[DSC_N_KINDS_OF_SIDES];    /* (n) the user and the item of each pair */
    uint32_t *sorted[DSC_N_KINDS_OF_SIDES]; /* (n) the pairs by the part of the table that their row
                                               is of, ascending within one; of a whole table 0, 1, .. */
    uint32_t begin[DSC_N_KINDS_OF_SIDES][DSC_TABLE_PARTS + 1]; /* of the parts in `sorted` */
    float *d_x;          /* (n, 2 n_factors) gradient at the sides, user before item */
    float *d_output;     /* (n) at the predictions, (20) */
    float *d_parameters; /* the network's, of this tile alone; NULL: no network */
    double loss; /* sum of squared errors in units of dsc_trainer_unit, or of the groups' losses */
    dsc_ordinal_sums sums; /* ordinal loss alone */
    dsc_status status;
} dsc_tile;

/* A thread's tile, and what it is passed with. */
typedef struct dsc_tile_worker {
    const dsc_recommender *model; /* borrowed, as the next */
    const dsc_minibatch_sides *sides;
    dsc_tile tile;
    dsc_workspace *workspace; /* NULL: no network */
    float *numbers;           /* the block of all arrays of floats */
    uint32_t *indices;        /* the block of all arrays of indices */
    float *x;                 /* (capacity, 2 n_factors) the sides, user before item */
    dsc_row_move *moves;      /* (capacity) */
    double *score;            /* (capacity) of groups; the block that holds the next */
    double *d_score;          /* (capacity) */
    size_t n_table_parts;     /* that the pairs are sorted by */
} dsc_tile_worker;

/* For tiles of up to `capacity` pairs, sorted by 1 part or DSC_TABLE_PARTS. Returns DSC_OK; DSC_E_MEMORY:
 * *out is then to be cleared as well. */
dsc_status dsc_tile_worker_init(dsc_tile_worker *out, const dsc_recommender *model,
                                const dsc_minibatch_sides *sides, size_t capacity,
                                size_t n_table_parts, dsc_error *err);
void dsc_tile_worker_clear(dsc_tile_worker *worker); /* all zero is allowed */

/* Fills what the worker's tile gives, at the model's values as they are. tile.status: DSC_OK, or
 * DSC_E_NONFINITE with gradients of any content. */
void dsc_tile_pass(dsc_tile_worker *worker);

#endif
