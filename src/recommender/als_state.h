/* The state of alternating least squares: what its half steps and its objective share. */
#ifndef DSC_RECOMMENDER_ALS_STATE_H
#define DSC_RECOMMENDER_ALS_STATE_H

#include "recommender/als.h"
#include "recommender/als_steps.h"

/* Rows that one part of a job takes. */
enum { DSC_ALS_PART = 64 };

/* What a thread needs to solve for a row. */
typedef struct dsc_als_workspace {
    float *tile;      /* (TILE, k) rows of a table; TILE is that of als.c */
    uint32_t *column; /* (longest row of a user) NULL: all interactions count */
    dsc_als_scratch row;
    bool has_failed;
} dsc_als_workspace;

struct dsc_als {
    dsc_recommender *model;
    dsc_kept_ratings by_user;
    dsc_sparse_matrix by_item;
    dsc_sparse shape[2]; /* how many each user, each item has */
    dsc_pool *pool;
    dsc_als_workspace *workspaces; /* one a thread */
    float *buffer;                 /* of all of them */
    uint32_t *columns;             /* likewise; NULL: none has any */
    double *gram, *vectors;        /* (k, k) */
    float *turn;                   /* (k, k) */
    double *squares;               /* (parts of users) sums of squared errors */
};

/* Who chose, or was chosen, in row r, as many as its shape says: valid until the thread's next call.
 *   thread  [in]  who asks, in whose workspace they may be. Threads: any number at once, each its own */
const uint32_t *dsc_als_others(const dsc_als *als, bool is_item, size_t r, size_t thread);

#endif
