/* Pairs with their sides and predictions: the network takes many at the price of a few. */
#ifndef DESCENT_CLI_PAIR_TILE_H
#define DESCENT_CLI_PAIR_TILE_H

#include "descent/pairs.h"
#include "guests.h"

/* The most pairs of a tile: many of the scorer's. */
enum { CLI_PAIR_TILE = 1024 };

typedef struct cli_pair_tile {
    size_t n;
    const dsc_pair *pair; /* (n) borrowed */
    dsc_side user[CLI_PAIR_TILE];
    dsc_side item[CLI_PAIR_TILE];
    float rating[CLI_PAIR_TILE];
    dsc_basis basis[CLI_PAIR_TILE];
} cli_pair_tile;

/* Predicts n pairs, 1 .. CLI_PAIR_TILE.
 *   time  [in]  of pairs that have none
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_pair_tile_predict(cli_pair_tile *tile, size_t n, const dsc_pair *pair, cli_guests *guests,
                          int64_t time, dsc_scorer *scorer);

#endif
