"""Bugs in what is trained on: samples, their order, what is held out; what a row is stands in __init__.py."""

BY_COLUMN = "src/recommender/by_column.c"
CLOCK = "src/recommender/clock.c"
KEPT_RATINGS = "src/recommender/kept_ratings.c"
HELD_RANKING = "src/recommender/held_ranking.c"
HOLDOUT = "src/recommender/holdout.c"
PACKED_SAMPLE = "src/recommender/packed_sample.h"
SAMPLE_ORDER = "src/recommender/sample_order.c"
RATING_BLOCKS = "src/recommender/rating_blocks.c"
VALUE_NUMBERS = "src/recommender/value_numbers.h"
SAMPLE_LIST = "src/recommender/sample_list.c"
ROW_FINDER = "src/ratings/row_finder.h"
TRAINING = "src/recommender/training.c"

MUTANTS = [
    (
        "by column: the last block's ratings are not counted",
        BY_COLUMN,
        "for (size_t block = 0; block < m->blocks->n; block++) {\n        for",
        "for (size_t block = 1; block < m->blocks->n; block++) {\n        for",
    ),
    (
        "by column: a block without its last row",
        BY_COLUMN,
        "(dsc_row_range){start[block], start[block + 1]}",
        "(dsc_row_range){start[block], start[block + 1] - (block > 0)}",
    ),
    (
        "kept ratings: a user who is not used has some",
        KEPT_RATINGS,
        "(is_used == NULL || is_used[r] ? n_kept : 0);",
        "n_kept;",
    ),
    (
        "kept ratings: a copy goes on behind what is left out one too late",
        KEPT_RATINGS,
        "at = (uint64_t)left_out[i] + 1;",
        "at = (uint64_t)left_out[i] + 2;",
    ),
    (
        "kept ratings: a copy writes behind its room",
        KEPT_RATINGS,
        "if (n_whole * BYTES > (size_t)(last - to)) {",
        "if (n_whole * BYTES > (size_t)(last - to) && n == 0) {",
    ),
    (
        "kept ratings: a copy ends with the rows before one without kept ratings",
        KEPT_RATINGS,
        "r = end + 1;",
        "r = rows.end;",
    ),
    (
        "kept ratings: a walk stops at each that is left out once",
        KEPT_RATINGS,
        "left_out[w->next] <= at;",
        "left_out[w->next] < at;",
    ),
    (
        "kept ratings: one that is left out is looked for behind its position",
        KEPT_RATINGS,
        "kept->left_out[middle] < position",
        "kept->left_out[middle] <= position",
    ),
    (
        "samples: sorted downwards",
        SAMPLE_LIST,
        "return (a > b) - (a < b);",
        "return (a < b) - (a > b);",
    ),
    (
        "memory: the order by item has the ratings too",
        BY_COLUMN,
        "dsc_sparse_places(kept->all)",
        "kept->all",
    ),
    (
        "memory: samples where all ratings are taken as they are",
        TRAINING,
        "return has_minibatches(&t->model->config) || t->model->config.holdout > 0;",
        "return true;",
    ),
    (
        "memory: sessions for as many as there are ratings",
        CLOCK,
        "dsc_alloc(out->n_sessions, sizeof *out->begin);",
        "dsc_alloc(n, sizeof *out->begin);",
    ),
    (
        "kept ratings: one that is left out is there",
        KEPT_RATINGS,
        "|| kept->left_out[found] != position;",
        "|| kept->left_out[found] != position || position > 0;",
    ),
    (
        "samples: the last entry of a row is the next one's",
        ROW_FINDER,
        "while (finder->start[row + 1] <= entry) {",
        "while (finder->start[row + 1] <= entry + 1) {",
    ),
    (
        "samples: places of swaps are drawn among as many as those before",
        SAMPLE_LIST,
        "(uint32_t)(i - d)",
        "(uint32_t)(i - d + (d == 63))",
    ),
    (
        "samples: targets of each part from the first one's ratings",
        SAMPLE_LIST,
        "list->ratings.value[position[begin + s]]",
        "list->ratings.value[position[s]]",
    ),
    (
        "held out: the first samples, which are trained on too",
        HOLDOUT,
        "out->samples.position = list->position + list->n;",
        "out->samples.position = list->position;",
    ),
    (
        "held out: a rating predicted at the time of another",
        HOLDOUT,
        "time[i] = time_of[position[i]];",
        "time[i] = time_of[position[0]];",
    ),
    (
        "held out: each round predicts the first one's ratings",
        HOLDOUT,
        "dsc_sample_list_read(samples, of->first + begin, n,",
        "dsc_sample_list_read(samples, begin, n,",
    ),
    (
        "held out: an interaction before the next one that is trained on is taken for it",
        HELD_RANKING,
        "is_chosen && is_ahead && next >= kept.begin;",
        "is_chosen && is_ahead;",
    ),
    (
        "memory: all positions stay beside those held out",
        HOLDOUT,
        "realloc(list->position, n * sizeof *shorter)",
        "list->position",
    ),
    (
        "held out: a user's NDCG in place of another's",
        HELD_RANKING,
        "r->ndcg[s] = at[DSC_NDCG];",
        "r->ndcg[s / 2] = at[DSC_NDCG];",
    ),
    (
        "rating blocks: the last user of a bin is left out",
        RATING_BLOCKS,
        "for (size_t row = blocks->users.first[part]; row < blocks->users.first[part + 1]; row++) {\n"
        "        for (dsc_kept_walk walk = walk_over_row(c, row); dsc_kept_walk_next(&walk);) {\n"
        "            for (uint64_t e = walk.begin; e < walk.end; e++) {\n"
        "                *next",
        "for (size_t row = blocks->users.first[part]; row + 1 < blocks->users.first[part + 1]; row++) {\n"
        "        for (dsc_kept_walk walk = walk_over_row(c, row); dsc_kept_walk_next(&walk);) {\n"
        "            for (uint64_t e = walk.begin; e < walk.end; e++) {\n"
        "                *next",
    ),
    (
        "rating blocks: users have no ratings",
        RATING_BLOCKS,
        "(dsc_row_range){user, user + 1}",
        "(dsc_row_range){user, user}",
    ),
    (
        "samples: 33 bits in 32",
        PACKED_SAMPLE,
        "dsc_bits_for(n_values) <= 32;",
        "dsc_bits_for(n_values) <= 33;",
    ),
    (
        "samples: two users have one number",
        PACKED_SAMPLE,
        "while (n > (size_t)1 << bits)",
        "while (n > (size_t)2 << bits)",
    ),
    (
        "rating blocks: the items' first rows are those of the users' bin",
        RATING_BLOCKS,
        "blocks->items.first[block % blocks->n_bins]",
        "blocks->items.first[block / blocks->n_bins]",
    ),
    (
        "rating blocks: every block has the order of the first",
        RATING_BLOCKS,
        "PURPOSE_BLOCK, b))",
        "PURPOSE_BLOCK, 0 * b))",
    ),
    (
        "rating blocks: rows go to the bin of their first rating",
        RATING_BLOCKS,
        "before + n_own / 2",
        "before",
    ),
    (
        "rating blocks: a position's item is not put into the order of rows",
        RATING_BLOCKS,
        "blocks->items.row[item[s]], target[s]}",
        "item[s], target[s]}",
    ),
    (
        "samples: one value more than has a number",
        VALUE_NUMBERS,
        "return numbers->n <= DSC_MOST_NUMBERED;",
        "return numbers->n <= DSC_MOST_NUMBERED + 1;",
    ),
    (
        "order: a class that is not shuffled",
        SAMPLE_ORDER,
        "dsc_shuffle(list->position + begin, end - begin,",
        "dsc_shuffle(list->position + begin, own > 0 ? 0 : end - begin,",
    ),
    (
        "order: every class deals as often, whatever it has",
        SAMPLE_ORDER,
        "n_left[c] -= 1 - is_before;",
        "n_left[c] -= 0 * is_before;",
    ),
    (
        "order: users of the first class alone",
        SAMPLE_ORDER,
        "(uint64_t)own << bits.user",
        "(uint64_t)0 * own",
    ),
    (
        "order: classes beyond the first sixteen have no samples left",
        SAMPLE_ORDER,
        "(order->n_classes - 1) / LANES * LANES;",
        "(order->n_classes - 1) / LANES * 0;",
    ),
    (
        "order: what was read is read again",
        SAMPLE_ORDER,
        "        order->n -= n_done;",
        "        order->n -= n_done > 0 ? n_done - 1 : 0;",
    ),
    (
        "order: the second part is the first one again",
        SAMPLE_ORDER,
        "first = order->first + order->n + begin;",
        "first = order->first + order->n;",
    ),
    (
        "rating blocks: values of one slot have one number",
        VALUE_NUMBERS,
        "numbers->slot[at].next != 0 && numbers->slot[at].bits != bits",
        "numbers->slot[at].next != 0 && numbers->slot[at].bits == 0",
    ),
]
