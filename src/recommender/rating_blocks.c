/* Cutting ratings into blocks, and listing a block's some at a time. */
#include "recommender/rating_blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/sample_list.h"
#include "recommender/trainer.h"
#include "recommender/value_numbers.h"

/* A stream of dsc_random_stream; see model_values.c for the others. */
enum { PURPOSE_BLOCK = 63 };

/* A block should have so many ratings. */
enum { RATINGS_OF_BLOCK = 1024 };

/* Ratings whose values become targets together. */
enum { CHUNK = 64 };

/* What is there while ratings are cut. The users of a bin are one part of a job, whose blocks are its own. */
typedef struct cutter {
    dsc_rating_blocks *blocks;
    const dsc_kept_ratings *ratings;
    uint32_t *count[2]; /* of each user, of each item; a block that begins with users */
    uint8_t *item_bin;  /* of each item */
    dsc_value_numbers *values;
} cutter;

static dsc_status cutter_init(cutter *c, dsc_error *err) {
    const dsc_rating_blocks *blocks = c->blocks;
    c->count[0] = dsc_alloc(blocks->users.n + blocks->items.n, sizeof *c->count[0]);
    c->item_bin = dsc_alloc(blocks->items.n, sizeof *c->item_bin);
    c->values = dsc_alloc(1, sizeof *c->values);
    if (c->count[0] == NULL || c->item_bin == NULL || c->values == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    c->count[1] = c->count[0] + blocks->users.n;
    return DSC_OK;
}

static void cutter_clear(cutter *c) {
    dsc_free(c->count[0]);
    dsc_free(c->item_bin);
    dsc_free(c->values);
}

static void count_all(cutter *c) {
    const dsc_sparse all = c->blocks->all;
    const uint64_t *start = c->ratings->start;
    for (size_t user = 0; user < all.n_rows; user++) {
        c->count[0][user] = (uint32_t)(start[user + 1] - start[user]);
    }
    dsc_kept_walk walk = dsc_kept_walk_over(c->ratings, (dsc_row_range){0, all.n_rows});
    while (dsc_kept_walk_next(&walk)) {
        for (uint64_t e = walk.begin; e < walk.end; e++) {
            c->count[1][all.column[e]]++;
            dsc_value_numbers_add(c->values, all.value[e]);
        }
    }
}

/* Bins of rows with about as many of the n ratings each.
 *   count  [in]  of each user or item */
static void cut_rows(dsc_row_bins *rows, const uint32_t *count, size_t n_bins, size_t n) {
    uint64_t before = 0;
    size_t bin = 0;
    for (size_t row = 0; row < rows->n; row++) {
        const uint64_t n_own = count[rows->owner[row]], middle = before + n_own / 2;
        const uint64_t own_bin = middle * n_bins / n;
        while (bin < own_bin && bin + 1 < n_bins) {
            rows->first[++bin] = (uint32_t)row;
        }
        before += n_own;
    }
    while (bin < n_bins) {
        rows->first[++bin] = (uint32_t)rows->n;
    }
}

static unsigned row_bits(const dsc_row_bins *rows, size_t n_bins) {
    unsigned most = 0;
    for (size_t b = 0; b < n_bins; b++) {
        const unsigned bits = dsc_bits_for(rows->first[b + 1] - rows->first[b]);
        most = bits > most ? bits : most;
    }
    return most;
}

static void cut_both(cutter *c) {
    dsc_rating_blocks *blocks = c->blocks;
    size_t most = DSC_MOST_BINS;
    most = blocks->users.n < most ? blocks->users.n : most;
    most = blocks->items.n < most ? blocks->items.n : most;
    const size_t wanted = (size_t)sqrt((double)c->ratings->n / RATINGS_OF_BLOCK);
    blocks->n_bins = wanted < 1 ? 1 : wanted > most ? most : wanted;
    cut_rows(&blocks->users, c->count[0], blocks->n_bins, c->ratings->n);
    cut_rows(&blocks->items, c->count[1], blocks->n_bins, c->ratings->n);
    for (size_t b = 0; b < blocks->n_bins; b++) {
        for (size_t row = blocks->items.first[b]; row < blocks->items.first[b + 1]; row++) {
            c->item_bin[blocks->items.owner[row]] = (uint8_t)b;
        }
    }
    blocks->bits = (dsc_sample_bits){row_bits(&blocks->users, blocks->n_bins),
                                     row_bits(&blocks->items, blocks->n_bins)};
}

/* Samples if they fit, else positions. */
static dsc_status choose_form(cutter *c, dsc_error *err) {
    dsc_rating_blocks *blocks = c->blocks;
    const size_t n = c->values->n;
    if (!dsc_value_numbers_are_all(c->values) || !dsc_sample_bits_fit(blocks->bits, n)) {
        return dsc_row_finder_init(&blocks->finder, blocks->all, err);
    }
    blocks->target = dsc_alloc(n, sizeof *blocks->target);
    if (blocks->target == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    dsc_trainer_targets(blocks->model, c->values->value, n, blocks->target);
    return DSC_OK;
}

/* Over the ratings of the user of a row. */
static dsc_kept_walk walk_over_row(const cutter *c, size_t row) {
    const size_t user = c->blocks->users.owner[row];
    return dsc_kept_walk_over(c->ratings, (dsc_row_range){user, user + 1});
}

/* A part of the pool's job: counts the ratings of each block. */
static void count_ratings(void *job, size_t part, size_t thread) {
    const cutter *c = job;
    dsc_rating_blocks *blocks = c->blocks;
    const uint32_t *column = blocks->all.column;
    uint64_t count[DSC_MOST_BINS] = {0};
    (void)thread;
    for (size_t row = blocks->users.first[part]; row < blocks->users.first[part + 1]; row++) {
        for (dsc_kept_walk walk = walk_over_row(c, row); dsc_kept_walk_next(&walk);) {
            for (uint64_t e = walk.begin; e < walk.end; e++) {
                count[c->item_bin[column[e]]]++;
            }
        }
    }
    memcpy(blocks->start + part * blocks->n_bins + 1, count, blocks->n_bins * sizeof *count);
}

/* The 4 bytes of a rating of the user of a row of a bin. */
static uint32_t number_of(const cutter *c, uint64_t e, size_t row, size_t user_bin) {
    const dsc_rating_blocks *blocks = c->blocks;
    if (blocks->target == NULL) {
        return (uint32_t)e;
    }
    const uint32_t item = blocks->all.column[e];
    return dsc_sample_pack(blocks->bits, (uint32_t)row - blocks->users.first[user_bin],
                           blocks->items.row[item] - blocks->items.first[c->item_bin[item]],
                           dsc_value_number(c->values, blocks->all.value[e]));
}

/* A part of the pool's job: brings the ratings to their blocks and shuffles these. */
static void place_ratings(void *job, size_t part, size_t thread) {
    const cutter *c = job;
    const dsc_rating_blocks *blocks = c->blocks;
    const uint32_t *column = blocks->all.column;
    const size_t first = part * blocks->n_bins;
    uint32_t *next[DSC_MOST_BINS]; /* the place of each block's next one */
    (void)thread;
    for (size_t b = 0; b < blocks->n_bins; b++) {
        next[b] = blocks->rating + blocks->start[first + b];
    }
    for (size_t row = blocks->users.first[part]; row < blocks->users.first[part + 1]; row++) {
        for (dsc_kept_walk walk = walk_over_row(c, row); dsc_kept_walk_next(&walk);) {
            for (uint64_t e = walk.begin; e < walk.end; e++) {
                *next[c->item_bin[column[e]]]++ = number_of(c, e, row, part);
            }
        }
    }
    for (size_t b = first; b < first + blocks->n_bins; b++) {
        dsc_shuffle(blocks->rating + blocks->start[b], dsc_rating_blocks_n_of(blocks, b),
                    blocks->model->kernels,
                    dsc_random_stream(blocks->model->config.seed, PURPOSE_BLOCK, b));
    }
}

static dsc_status cut(cutter *c, dsc_pool *pool, dsc_error *err) {
    dsc_rating_blocks *blocks = c->blocks;
    dsc_status status = cutter_init(c, err);
    if (status != DSC_OK) {
        return status;
    }
    count_all(c);
    cut_both(c);
    status = choose_form(c, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_pool_run(pool, blocks->n_bins, count_ratings, c);
    for (size_t b = 0; b < blocks->n_bins * blocks->n_bins; b++) {
        blocks->start[b + 1] += blocks->start[b];
    }
    /* Not cleared: the threads that fill it meet its pages first. */
    blocks->rating = reallocarray(NULL, c->ratings->n, sizeof *blocks->rating);
    dsc_expect_use(blocks->rating, c->ratings->n * sizeof *blocks->rating);
    if (blocks->rating == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    dsc_pool_run(pool, blocks->n_bins, place_ratings, c);
    return DSC_OK;
}

dsc_status dsc_rating_blocks_init(dsc_rating_blocks *out, const dsc_recommender *model,
                                  const dsc_kept_ratings *ratings, const dsc_row_bins bins[2],
                                  dsc_pool *pool, dsc_error *err) {
    *out = (dsc_rating_blocks){
        .model = model, .all = ratings->all, .users = bins[0], .items = bins[1]};
    cutter c = {.blocks = out, .ratings = ratings};
    const dsc_status status = cut(&c, pool, err);
    cutter_clear(&c);
    if (status != DSC_OK) {
        dsc_rating_blocks_clear(out);
    }
    return status;
}

void dsc_rating_blocks_clear(dsc_rating_blocks *blocks) {
    dsc_free(blocks->rating);
    dsc_free(blocks->target);
    dsc_row_finder_clear(&blocks->finder);
    *blocks = (dsc_rating_blocks){0};
}

/* --- listing ---------------------------------------------------------------------------------- */

static void read_samples(const dsc_rating_blocks *blocks, size_t block, const uint32_t *rating,
                         size_t n, dsc_training_sample *out) {
    const uint32_t user = blocks->users.first[block / blocks->n_bins];
    const uint32_t item = blocks->items.first[block % blocks->n_bins];
    const dsc_sample_bits bits = blocks->bits;
    const float *target = blocks->target;
    for (size_t s = 0; s < n; s++) {
        out[s] = (dsc_training_sample){user + dsc_packed_user(bits, rating[s]),
                                       item + dsc_packed_item(bits, rating[s]),
                                       target[dsc_packed_value(bits, rating[s])]};
    }
}

static void read_positions(const dsc_rating_blocks *blocks, const uint32_t *position, size_t n,
                           dsc_training_sample *out) {
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        const size_t n_now = n - begin < CHUNK ? n - begin : CHUNK;
        uint32_t item[CHUNK];
        float value[CHUNK], target[CHUNK];
        /* Nothing else, so that many reads are on their way at once. */
        for (size_t s = 0; s < n_now; s++) {
            item[s] = blocks->all.column[position[begin + s]];
            value[s] = blocks->all.value[position[begin + s]];
        }
        dsc_trainer_targets(blocks->model, value, n_now, target);
        for (size_t s = 0; s < n_now; s++) {
            const uint32_t user = dsc_row_of(&blocks->finder, position[begin + s]);
            out[begin + s] = (dsc_training_sample){blocks->users.row[user],
                                                   blocks->items.row[item[s]], target[s]};
        }
    }
}

void dsc_rating_blocks_read(const dsc_rating_blocks *blocks, size_t block, size_t first, size_t n,
                            dsc_training_sample *out) {
    const uint32_t *rating = blocks->rating + blocks->start[block] + first;
    if (blocks->target != NULL) {
        read_samples(blocks, block, rating, n, out);
    } else {
        read_positions(blocks, rating, n, out);
    }
}
