/* Pairs that wait to be predicted together. */
#include "pair_block.h"

#include <stdlib.h>
#include <string.h>

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

bool cli_pair_block_add(cli_pair_block *block, const dsc_pair *pair, const dsc_side *user,
                        const dsc_side *item) {
    if (pair->item.length > SIZE_MAX - pair->user.length ||
        !make_room(block, pair->user.length + pair->item.length)) {
        return false;
    }
    const size_t p = block->n++;
    block->begin[p] = block->length;
    block->pair[p] = *pair;
    block->user[p] = *user;
    block->item[p] = *item;
    append(block, pair->user);
    append(block, pair->item);
    return true;
}

void cli_pair_block_predict(cli_pair_block *block, dsc_scorer *scorer) {
    for (size_t p = 0; p < block->n; p++) {
        dsc_pair *pair = &block->pair[p];
        pair->user.bytes = block->text + block->begin[p];
        pair->item.bytes = pair->user.bytes + pair->user.length;
    }
    dsc_scorer_predict_sides(scorer, block->n, block->user, block->item, block->rating,
                             block->basis);
}

void cli_pair_block_reset(cli_pair_block *block) {
    block->n = block->length = 0;
}
