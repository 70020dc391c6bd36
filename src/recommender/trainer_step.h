/* What the files of the trainer share: its struct, and a minibatch on its way.
 *
 * A minibatch is a job of the pool whose parts are its tiles. A thread has one tile at a time: it passes it and
 * then adds its gradients to the sums, to one part of the tables and one range of the network's parameters after
 * the other, each when the tiles before it have done so. So gradients at vectors outlive their tile as parts of the
 * sums of their rows alone, and threads that are at different parts do not wait for each other. The updates are a
 * second job. Sums run over tiles, and over the samples of a row, in ascending order, and tiles follow from the
 * configuration alone, so that any number of threads gives the same bytes. */
#ifndef DSC_RECOMMENDER_TRAINER_STEP_H
#define DSC_RECOMMENDER_TRAINER_STEP_H

#include "base/pool.h"
#include "base/turn.h"
#include "recommender/tile.h"

enum { USER_VECTORS, ITEM_VECTORS, USER_BIASES, ITEM_BIASES, THRESHOLDS, N_TABLES };

/* Where a tile of groups begins. */
typedef struct dsc_tile_begin {
    size_t group, pair;
} dsc_tile_begin;

struct dsc_trainer {
    dsc_recommender *model;
    dsc_pool *pool;
    dsc_optimizer *optimizer; /* of the network's parameters */
    dsc_embedding tables[N_TABLES];
    dsc_minibatch_sides sides;
    size_t capacity;          /* most pairs of a tile */
    size_t n_table_parts;     /* of users' and of items' tables: 1 or DSC_TABLE_PARTS */
    size_t n_parts;           /* of the tables and the network's parameters: of an update */
    dsc_tile_worker *workers; /* (threads) */
    dsc_turn *turns;        /* (n_parts + 1) of the running step's tiles; the last is the losses' */
    float *d_parameters;    /* (the network's) sum of the running step; NULL: no network */
    dsc_tile_begin *begins; /* (most tiles of groups + 1) of the running step; NULL: ratings */
    dsc_ordinal_sums sums;  /* of the running step; ordinal loss alone */
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
    size_t n; /* pairs, which L2 counts */
    size_t n_tiles;
    const dsc_training_sample *samples; /* (n + n_after) NULL: groups */
    size_t n_after;                     /* samples of later steps */
    const dsc_training_groups *groups;
    double sum; /* of the tiles' losses so far; infinite after a failure */
} dsc_running_step;

/* Makes the tile of that number, as far as dsc_tile_pass asks for it. */
void dsc_step_fill_ratings(const dsc_running_step *step, size_t number, dsc_tile *tile);
void dsc_step_fill_groups(const dsc_running_step *step, size_t number, dsc_tile *tile);

/* Passes the tiles and updates everything, or, with DSC_E_NONFINITE, nothing. Fills step->sum. */
dsc_status dsc_step_take(dsc_running_step *step, dsc_error *err);

/* Of the network; 0 without one. */
static inline size_t dsc_step_n_parameters(const dsc_trainer *trainer) {
    const dsc_network *network = trainer->model->network;
    return network != NULL ? dsc_network_n_parameters(network) : 0;
}

/* Jobs of a minibatch have so many parts: those of the tables, then ranges of the network. */
size_t dsc_step_count_parts(const dsc_trainer *trainer);

#endif
