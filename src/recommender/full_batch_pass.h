/* One evaluation of the objective of full-batch training and its gradient, in either precision:
 * what the state of a training, which owns the memory, shares with full_batch_f32.c and full_batch_f64.c. */
#ifndef DSC_RECOMMENDER_FULL_BATCH_PASS_H
#define DSC_RECOMMENDER_FULL_BATCH_PASS_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "descent/network.h"
#include "math/kernels.h"
#include "recommender/history.h"
#include "recommender/kept_ratings.h"
#include "recommender/model.h"
#include "recommender/row_parts.h"

/* Pairs that pass through the network at a time. */
enum { DSC_FULL_BATCH_TILE = 128 };

/* Stretches of users, at most, that are passed at a time: enough for all threads. Each costs 4 bytes an
 * item, all of them what a vector of 64 does, of which L-BFGS has some twenty. */
enum { DSC_FULL_BATCH_BLOCKS = 64 };

/* Variables of a part of those loops that go over all of them. */
enum { DSC_FULL_BATCH_VALUES = 4096 };

/* Numbers behind a void pointer are of the kernels' precision. */
typedef struct dsc_full_batch_pass {
    const dsc_recommender *model; /* parts, shapes, and the order of the tables */
    const dsc_kernels *kernels;
    dsc_pool *pool;
    dsc_row_parts user_rows;    /* of by_user: what sums of losses are taken over */
    dsc_row_parts item_rows;    /* of by_item: what is shared out to threads */
    size_t n_blocks;            /* of user_rows: what is shared out to threads */
    size_t n_running;           /* blocks at once, at most */
    size_t longest_part;        /* ratings of one of user_rows, at most */
    dsc_kept_ratings by_user;   /* the training ratings */
    dsc_sparse by_item;         /* the same by item, without values */
    uint32_t *first;            /* (n_blocks, n_items) place in by_item of the first rating of an
                                   item by the users of a block or later ones; within an evaluation
                                   of the next one */
    const uint32_t *bin_of;     /* (n) place in item_time_biases of each rating; NULL: none */
    const uint32_t *session_of; /* (n) place in session_biases; NULL: none */
    dsc_network *network;       /* NULL: none */
    dsc_workspace *ws;          /* of the network */
    double *user_strength;      /* (n_users) what strengths of vectors are multiplied by, (160) */
    double *item_strength;      /* (n_items) likewise */
    void *tables;               /* (n_table_values) in the order of the model's */
    const void *item_weights;   /* (n) of weighed histories in the order of by_item, (130); NULL:
                                 none */
    uint32_t *column_room;      /* (threads, longest_part) of by_user; NULL: it has no gaps */
    void *weight_room;          /* (threads, longest_part) of what the model's weights are made;
                                 NULL: they are taken as they are */
    void *user_sums;            /* (n_users, k) U_u before its activation; user_sides without one */
    void *item_sums;            /* (n_items, k) V_i likewise */
    void *user_sides;           /* (n_users, k) U_u; without a history the vectors in `tables` */
    void *item_sides;           /* (n_items, k) V_i, likewise */
    void *d_tables;             /* (n_table_values) the gradient of the running evaluation */
    void *d_user_sides;         /* (n_users, k) */
    void *d_item_sides;         /* (n_items, k) */
    void *slopes;               /* (n) slope of a rating's loss at its prediction, for the squared
                                 loss prediction - target, in the order of by_item */
    void *error;                /* (n_running, longest_part) the same in the order of by_user */
    float *target;              /* (n_running, longest_part) */
    void *x;                    /* (DSC_FULL_BATCH_TILE, 2 k) */
    dsc_ordinal ordinal;        /* the thresholds of `tables`; no values: squared loss */
    double *steps;              /* (n of thresholds) of them, then their gradient */
    double unit_of_steps;       /* what those among the variables are multiplied by */
    dsc_ordinal_sums *sums;     /* (user_rows.n) of the running evaluation; ordinal loss alone */
    double *squares;            /* (user_rows.n) sums of squared errors; squared loss alone */
    double *penalties;          /* (parts of the tables' values) */
    double sum_of_squared_errors; /* in units of dsc_trainer_unit */
} dsc_full_batch_pass;

/* The parts of user_rows that a block has. */
static inline dsc_row_range dsc_full_batch_block(const dsc_full_batch_pass *pass, size_t block) {
    const size_t n = pass->user_rows.n;
    return (dsc_row_range){block * n / pass->n_blocks, (block + 1) * n / pass->n_blocks};
}

/* Parts of the tables' values. */
static inline size_t dsc_full_batch_value_parts(const dsc_recommender *model) {
    return (model->n_table_values - 1) / DSC_FULL_BATCH_VALUES + 1;
}

/* The objective (55) or (146) at x, the tables and behind them the network's parameters, which become those
 * of the pass; x may be its tables. Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_full_batch_pass_f32(dsc_full_batch_pass *pass, const void *x, double *loss,
                                   void *gradient, dsc_error *err);
dsc_status dsc_full_batch_pass_f64(dsc_full_batch_pass *pass, const void *x, double *loss,
                                   void *gradient, dsc_error *err);

#endif
