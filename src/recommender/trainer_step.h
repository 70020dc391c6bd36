/* What the files of the trainer share: its struct, and a minibatch on its way.
 *
 * A minibatch is passed in rounds of tiles. What can be done at once is a part of a job of the pool: the
 * tiles of a round, then the parts of the tables and ranges of the network's parameters, for which the
 * tiles' gradients are added up and, after the last round, the updates made. A single thread's rounds are
 * single tiles, and no gradient at the vectors outlives its tile but as a part of the sum of its row. Sums run
 * over tiles, and over the samples of a row, in ascending order, and tiles follow from the configuration
 * alone, so that any number of threads gives the same bytes. */
#ifndef DSC_RECOMMENDER_TRAINER_STEP_H
#define DSC_RECOMMENDER_TRAINER_STEP_H

#include "base/pool.h"
#include "recommender/tile.h"

/* The most tiles that are passed before their gradients are added. */
enum { DSC_LARGEST_ROUND = 64 };

enum { USER_VECTORS, ITEM_VECTORS, USER_BIASES, ITEM_BIASES, THRESHOLDS, N_TABLES };

struct dsc_trainer {
    dsc_recommender *model;
    dsc_pool *pool;
    dsc_optimizer *optimizer; /* of the network's parameters */
    dsc_embedding tables[N_TABLES];
    dsc_minibatch_sides sides;
    size_t capacity;      /* most pairs of a tile */
    size_t n_tiles;       /* of a round, at most */
    size_t n_table_parts; /* of users' and of items' tables: 1 or DSC_TABLE_PARTS */
    dsc_tile tiles[DSC_LARGEST_ROUND];
    float *
        of_tiles; /* (n_tiles, capacity, 2 n_factors) d_x, and behind it (n_tiles, capacity) d_output */
    uint32_t *rows_of_tiles;  /* (n_tiles, capacity, 4) */
    float *tile_parameters;   /* (n_tiles, the network's) NULL: no network */
    float *d_parameters;      /* (the network's) sum of the running step; NULL: no network */
    dsc_tile_worker *workers; /* (threads) */
    dsc_ordinal_sums sums;    /* of the running step; ordinal loss alone */
};

/* Whether the model has the table and learns it. */
static inline bool dsc_trainer_learns(const dsc_recommender *model, size_t table) {
    const bool is_bias = table == USER_BIASES || table == ITEM_BIASES;
    return is_bias ? model->config.use_biases
                   : table != THRESHOLDS || model->threshold_steps != NULL;
}

/* A minibatch on its way: of ratings, or of groups. */
typedef struct dsc_running_step {
    dsc_trainer *trainer;
    size_t n;        /* pairs, which L2 counts */
    size_t n_tiles;  /* of the running round */
    bool is_first;   /* round of the minibatch */
    bool has_update; /* the running job updates what it has added up */
} dsc_running_step;

/* Passes the tiles of a round, which the caller has filled in, and adds up their losses. Returns DSC_OK;
 * DSC_E_NONFINITE. */
dsc_status dsc_step_pass_round(dsc_running_step *step, double *sum, dsc_error *err);

/* Adds up the gradients of the round; after the last one updates everything. */
void dsc_step_finish_round(dsc_running_step *step, bool is_last);

/* After a failure: the model is as it was. */
void dsc_step_abandon(dsc_trainer *trainer);

/* Of a sum of losses. Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_step_check_finite(double sum, dsc_error *err);

#endif
