/* Pairs that wait to be predicted together: the network takes many at the price of a few. */
#ifndef DESCENT_CLI_PAIR_BLOCK_H
#define DESCENT_CLI_PAIR_BLOCK_H

#include <stdbool.h>

#include "descent/pairs.h"
#include "descent/side.h"

/* The most pairs of a block: many tiles of the scorer. And a block is full with so much text of ids. */
enum { CLI_PAIR_BLOCK = 1024, CLI_PAIR_TEXT = 1 << 20 };

/* All zero is an empty one. */
typedef struct cli_pair_block {
    size_t n;
    dsc_pair pair[CLI_PAIR_BLOCK]; /* whose ids are in `text` after cli_pair_block_predict */
    size_t begin[CLI_PAIR_BLOCK];  /* of the ids in `text`, user before item */
    dsc_side user[CLI_PAIR_BLOCK];
    dsc_side item[CLI_PAIR_BLOCK];
    float rating[CLI_PAIR_BLOCK];
    dsc_basis basis[CLI_PAIR_BLOCK];
    char *text; /* (capacity) copies of the ids */
    size_t length, capacity;
} cli_pair_block;

/* Frees what the block owns. */
void cli_pair_block_clear(cli_pair_block *block);

/* Adds a pair with the sides of its user and item to a block that is not full, and copies its ids. False: no
 * memory. */
bool cli_pair_block_add(cli_pair_block *block, const dsc_pair *pair, const dsc_side *user,
                        const dsc_side *item);

/* Fills `rating` and `basis` of all pairs, and the ids of `pair`. */
void cli_pair_block_predict(cli_pair_block *block, dsc_scorer *scorer);

/* Empties the block. */
void cli_pair_block_reset(cli_pair_block *block);

#endif
