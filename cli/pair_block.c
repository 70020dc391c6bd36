/* Pairs that wait to be predicted together. */
#include "pair_block.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

void cli_pair_block_clear(cli_pair_block *block) {
    free(block->text);
    block->text = NULL;
    block->n = block->length = block->capacity = 0;
}

static bool make_room(cli_pair_block *block, size_t length) {
    if (length <= block->capacity - block->length) {
        return true;
    }
    if (length > SIZE_MAX / 2 - block->length) {
        return false;
    }
    const size_t capacity = 2 * (block->length + length);
    char *text = realloc(block->text, capacity);
    if (text != NULL) {
        block->text = text;
        block->capacity = capacity;
    }
    return text != NULL;
}

static void append(cli_pair_block *block, dsc_id id) {
    if (id.length > 0) {
        memcpy(block->text + block->length, id.bytes, id.length);
    }
    block->length += id.length;
}

bool cli_pair_block_add(cli_pair_block *block, const dsc_pair *pair) {
    if (pair->item.length > SIZE_MAX - pair->user.length ||
        !make_room(block, pair->user.length + pair->item.length)) {
        return false;
    }
    const size_t p = block->n++;
    block->begin[p] = block->length;
    block->pair[p] = *pair;
    append(block, pair->user);
    append(block, pair->item);
    return true;
}

void cli_pair_block_end(cli_pair_block *block) {
    for (size_t p = 0; p < block->n; p++) {
        dsc_pair *pair = &block->pair[p];
        pair->user.bytes = block->text + block->begin[p];
        pair->item.bytes = pair->user.bytes + pair->user.length;
    }
}

int cli_pair_block_fold_in(const cli_pair_block *block, cli_guests *guests, size_t threads) {
    if (cli_guests_ratings(guests) == NULL || block->n == 0) {
        return CLI_GO_ON;
    }
    dsc_id *ids = calloc(block->n, sizeof *ids);
    if (ids == NULL) {
        return cli_no_memory();
    }
    int status = CLI_GO_ON;
    for (int are_items = 0; status == CLI_GO_ON && are_items <= 1; are_items++) {
        for (size_t p = 0; p < block->n; p++) {
            ids[p] = are_items == 1 ? block->pair[p].item : block->pair[p].user;
        }
        status = cli_guests_fold_in(guests, are_items == 1, block->n, ids, threads);
    }
    free(ids);
    return status;
}

void cli_pair_block_reset(cli_pair_block *block) {
    block->n = block->length = 0;
}
