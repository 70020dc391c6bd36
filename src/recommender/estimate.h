/* What a catalogue's items may reach at most for a user, cheaply: the network's second layer in whole numbers of
 * a byte, and how far that can be off. docs/math.md (212)
 *
 * A list needs the exact sums of those items alone whose highest possible sum could enter it. */
#ifndef DSC_RECOMMENDER_ESTIMATE_H
#define DSC_RECOMMENDER_ESTIMATE_H

#include "recommender/side_tile.h"

struct dsc_catalogue;

/* Const once it is made, as the catalogue. */
typedef struct dsc_estimate {
    const dsc_recommender *model;
    size_t n_inner;  /* width of the first hidden layer */
    size_t n_groups; /* of those, by DSC_BYTE_GROUP; what is missing in the last is 0 */
    size_t n_rows;   /* width of the second */
    double *step;    /* (n_inner) what one stands for */
    double *shift;   /* (n_inner) added to users' halves and taken off the items' */
    double *room;    /* (n_inner) the most that a user's number may be, or its negative */
    int8_t *weights; /* (n_groups, n_rows, DSC_BYTE_GROUP) */
    float *scale;    /* (n_rows) what one of a row's weights stands for */
    int8_t *items;   /* (n_tiles, n_groups, DSC_TILE, DSC_BYTE_GROUP) */
    float *biases;   /* (n_tiles, DSC_TILE) with what an item adds to the distance */
    double of_error; /* distance of a sum for each step that a half is off, Euclidean */
    double of_size;  /* for each step of a half's positive part */
    double of_all;   /* for any pair */
} dsc_estimate;

/* Whether a model's lists are sooner there with estimates. */
bool dsc_estimate_helps(const dsc_recommender *model);

/* Of the catalogue's tiles, which are filled.
 *   out  [out]  freed with dsc_estimate_destroy; NULL after a failure, and where the model's numbers are so
 *               large that sums might overflow */
dsc_status dsc_estimate_create(dsc_estimate **out, const struct dsc_catalogue *catalogue,
                               dsc_error *err);
void dsc_estimate_destroy(dsc_estimate *estimate); /* NULL is allowed */

/* A tile of users in whole numbers. */
typedef struct dsc_estimate_users {
    float own[DSC_TILE]; /* biases, with what a user adds to the distance */
    float sum[DSC_TILE * DSC_TILE];
    int8_t numbers[]; /* (DSC_TILE, n_groups, DSC_BYTE_GROUP) */
} dsc_estimate_users;

/* Room for one.
 *   out  [out]  freed with dsc_free */
dsc_status dsc_estimate_users_create(dsc_estimate_users **out, const dsc_estimate *estimate,
                                     dsc_error *err);

/* Takes n users of a tile. */
void dsc_estimate_set_users(const dsc_estimate *estimate, const dsc_side_tile *users, size_t n,
                            dsc_estimate_users *out);

/* What is asked of the first n users and a tile of items.
 *   least   [in]   (n) for each user the sum from which on items are wanted
 *   wanted  [out]  (n) the columns of those, as bits: all whose sum is so high, and some others */
typedef struct dsc_estimate_lists {
    size_t n;
    size_t tile;
    const float *least;
    uint32_t *wanted;
} dsc_estimate_lists;

/* What the sums of those users with the items of that tile are at most, to users->sum. */
void dsc_estimate_rows(const dsc_estimate *estimate, const dsc_tile_pass *pass,
                       dsc_estimate_users *users, const dsc_estimate_lists *lists);

#endif
