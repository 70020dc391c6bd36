/* Pairs that wait to be predicted together: whoever is new among them is folded in at once, by threads. */
#ifndef DESCENT_CLI_PAIR_BLOCK_H
#define DESCENT_CLI_PAIR_BLOCK_H

#include <stdbool.h>

#include "descent/pairs.h"
#include "guests.h"

/* The most pairs of a block: in a file in the order of its users, a hundred pairs each, enough users for some
 * tens of threads. And a block is full with so much text of ids. */
enum { CLI_PAIR_BLOCK = 1 << 14, CLI_PAIR_TEXT = 1 << 20 };

/* All zero is an empty one. */
typedef struct cli_pair_block {
    size_t n;
    dsc_pair pair[CLI_PAIR_BLOCK]; /* whose ids are in `text` after cli_pair_block_end */
    size_t begin[CLI_PAIR_BLOCK];  /* of the ids in `text`, user before item */
    char *text;                    /* (capacity) copies of the ids */
    size_t length, capacity;
} cli_pair_block;

/* Frees what the block owns. */
void cli_pair_block_clear(cli_pair_block *block);

/* Adds a pair to a block that is not full, and copies its ids. False: no memory. */
bool cli_pair_block_add(cli_pair_block *block, const dsc_pair *pair);

/* No pair will be added: their ids are there. */
void cli_pair_block_end(cli_pair_block *block);

/* Folds in the users and items of an ended block who are new to the model.
 *   threads  [in]  0: as many as there are processors
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_pair_block_fold_in(const cli_pair_block *block, cli_guests *guests, size_t threads);

/* Empties the block. */
void cli_pair_block_reset(cli_pair_block *block);

#endif
