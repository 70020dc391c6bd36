/* Sides in tiles: 32 users or items side by side, as predictions are made. docs/math.md (190) to
 * (192)
 *
 * The network's first layer is a sum of a users' and an items' half, so that a tile holds each
 * side's half beside its vector and bias, and a pair costs what comes behind. A pair's sum is
 * the same bytes whichever tiles and columns its sides are in, and whether the two tiles are
 * taken column by column or one user's column with all of the items'. */
#ifndef DSC_RECOMMENDER_SIDE_TILE_H
#define DSC_RECOMMENDER_SIDE_TILE_H

#include "descent/side.h"
#include "recommender/model.h"

typedef struct dsc_side_tile {
    float *half;    /* (width of the first hidden layer, DSC_TILE) of users with the layer's bias */
    float *bias;    /* (DSC_TILE) b_u or b_i, with what the time adds */
    float *vectors; /* (n_factors, DSC_TILE); last, since a model without dot product drops it */
} dsc_side_tile;

/* Elements of a tile, with or without vectors; and the tile in so much memory. */
size_t dsc_side_tile_size(const dsc_recommender *model, bool has_vectors);
dsc_side_tile dsc_side_tile_in(const dsc_recommender *model, float *memory);

/* How many of n sides are in tile number t. */
static inline size_t dsc_n_in_tile(size_t n, size_t t) {
    return n - t * DSC_TILE < DSC_TILE ? n - t * DSC_TILE : DSC_TILE;
}

/* Fills a tile from n sides, 1 .. DSC_TILE, known ones; the columns behind them are of zero
 * vectors. */
void dsc_side_tile_fill(const dsc_recommender *model, const dsc_side_tile *tile,
                        const dsc_side *sides, size_t n, bool is_item);

/* A model's passes over two tiles: its layers behind the first, and scratch. */
typedef struct dsc_tile_pass {
    const dsc_recommender *model;
    float *joined;   /* (width of the first hidden layer, DSC_TILE) */
    float *network;  /* (DSC_TILE, DSC_TILE) outputs, a row for each user; of pairs row 0 */
    size_t n_layers; /* behind the first; 0: there is no network */
    dsc_tile_product layers[DSC_MAX_HIDDEN]; /* each from the one before, the first from `joined` */
} dsc_tile_pass;

/* Elements of scratch. */
size_t dsc_tile_pass_size(const dsc_recommender *model);

/* Takes the network's parameters of now; call it again after they were replaced. */
void dsc_tile_pass_init(dsc_tile_pass *pass, const dsc_recommender *model, float *scratch);

/* The layers behind the first of `layers`, whose results are where it has them; `out` gets the network's outputs,
 * (DSC_TILE). */
void dsc_tile_pass_finish(const dsc_tile_pass *pass, float *out);

/* What (18) calls f, without mean and spread, of the pairs of two tiles, column by column. */
void dsc_tile_pairs(const dsc_tile_pass *pass, const dsc_side_tile *users,
                    const dsc_side_tile *items, float *sum);

/* The same of each of n users with each of a tile of items.
 *   sum     [out]  (n, DSC_TILE)
 *   least   [in]   (n) for each user the sum from which on items are wanted
 *   wanted  [out]  (n) the columns of those, as bits */
typedef struct dsc_tile_lists {
    size_t n;
    const dsc_side_tile *users;
    const float *least;
    float *sum;
    uint32_t *wanted;
} dsc_tile_lists;
void dsc_tile_rows_of(const dsc_tile_pass *pass, const dsc_tile_lists *lists,
                      const dsc_side_tile *items);

#endif
