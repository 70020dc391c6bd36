/* Ratings in blocks, in both forms that their 4 bytes have: which are where, in which order, as what they are
 * read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/rating_blocks.h"
#include "recommender/trainer.h"
#include "recommender/value_numbers.h"

/* The stream of a block's order, of docs/math.md, and that of which pairs are rated. */
enum { PURPOSE_BLOCK = 63, PURPOSE_PAIR = 100 };

/* A matrix of every pair with a chance of `share`, of so many distinct values at the most. */
typedef struct shape {
    size_t n_users, n_items;
    double share;
    uint32_t n_values;
    size_t n_bins;          /* expected */
    bool has_positions;     /* expected */
    uint32_t left_out_each; /* every so many-th rating is left out; 0: none */
} shape;

static const shape shapes[] = {
    {1, 1, 1, 1, 1, false, 0},           {1, 9, 1, 3, 1, false, 0},
    {100, 40, 0.9, 9, 1, false, 0},      {100, 41, 1, 9, 2, false, 0},
    {140, 100, 0.9, 10, 3, false, 7},    {3, 9000, 1, 10, 3, false, 0},
    {9000, 5, 1, 10, 4, false, 2},       {300, 200, 0.5, 2048, 4, false, 3},
    {300, 200, 0.5, 2049, 5, true, 0},   {300, 200, 0.5, 60000, 4, true, 3},
    {600, 500, 0.97, 100, 16, false, 0}, {600, 500, 0.97, 100, 16, false, 1000},
    {50, 50, 0.02, 3, 1, false, 1},
};

enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

typedef struct fixture {
    dsc_recommender *model; /* whose targets they are */
    dsc_sparse_matrix matrix;
    uint32_t *row[2], *owner[2], *left_out;
    bool *is_left_out;
    dsc_kept_ratings ratings;
    dsc_row_bins bins[2];
} fixture;

static float value_of(uint32_t number) {
    return 1 + (float)number / 4;
}

static void fill_matrix(fixture *f, const shape *of) {
    const size_t most = of->n_users * of->n_items;
    assert_int_equal(
        dsc_sparse_matrix_init(&f->matrix, of->n_users, of->n_items, most, DSC_SPARSE_VALUES, NULL),
        DSC_OK);
    size_t n = 0;
    for (uint32_t u = 0; u < of->n_users; u++) {
        for (uint32_t i = 0; i < of->n_items; i++) {
            dsc_random random = dsc_random_stream(3, PURPOSE_PAIR, u * of->n_items + i);
            if (dsc_random_uniform(&random) < of->share) {
                f->matrix.column[n] = i;
                f->matrix.value[n] = value_of((uint32_t)(n % of->n_values));
                n++;
            }
        }
        f->matrix.start[u + 1] = n;
    }
    f->matrix.n_entries = n;
}

/* Rating e, if e is from `first` on and a multiple of each. */
static void leave_out(fixture *f, size_t first, uint32_t each) {
    const size_t n = f->matrix.n_entries;
    size_t n_left_out = 0;
    f->is_left_out = calloc(n + 1, sizeof *f->is_left_out);
    f->left_out = calloc(n + 1, sizeof *f->left_out);
    assert_true(f->is_left_out != NULL && f->left_out != NULL);
    for (size_t e = first; each > 0 && e < n; e++) {
        if (e % each == 0) {
            f->is_left_out[e] = true;
            f->left_out[n_left_out++] = (uint32_t)e;
        }
    }
    assert_int_equal(dsc_kept_ratings_init(&f->ratings, dsc_sparse_view(&f->matrix), f->left_out,
                                           n_left_out, NULL, NULL),
                     DSC_OK);
}

/* An order of so many rows that is none of theirs. */
static void order_rows(fixture *f, size_t side, size_t n) {
    f->row[side] = calloc(n, sizeof *f->row[side]);
    f->owner[side] = calloc(n, sizeof *f->owner[side]);
    assert_true(f->row[side] != NULL && f->owner[side] != NULL);
    for (size_t row = 0; row < n; row++) {
        const size_t owner = row % 2 == 0 ? n - 1 - row / 2 : row / 2;
        f->owner[side][row] = (uint32_t)owner;
        f->row[side][owner] = (uint32_t)row;
    }
    f->bins[side] = (dsc_row_bins){.n = n, .row = f->row[side], .owner = f->owner[side]};
}

/* Of the matrix as it is. */
static void begin_kept(fixture *f, size_t first, uint32_t each) {
    static const planted few = {
        .n_users = 20, .n_items = 20, .share = 0.5, .noise = 0.5, .seed = 2};
    const dsc_recommender_config config = small_config();
    f->model = untrained_model(&few, &config);
    leave_out(f, first, each);
    order_rows(f, 0, f->matrix.n_rows);
    order_rows(f, 1, f->matrix.n_cols);
}

static fixture begin(const shape *of) {
    fixture f = {0};
    fill_matrix(&f, of);
    begin_kept(&f, 1, of->left_out_each);
    return f;
}

static void end(fixture *f) {
    for (size_t side = 0; side < 2; side++) {
        free(f->row[side]);
        free(f->owner[side]);
    }
    dsc_kept_ratings_clear(&f->ratings);
    free(f->left_out);
    free(f->is_left_out);
    dsc_sparse_matrix_clear(&f->matrix);
    dsc_recommender_destroy(f->model);
}

static dsc_rating_blocks must_init(const fixture *f, dsc_pool *pool) {
    dsc_rating_blocks blocks;
    assert_int_equal(dsc_rating_blocks_init(&blocks, f->model, &f->ratings, f->bins, pool, NULL),
                     DSC_OK);
    return blocks;
}

static dsc_training_sample *samples_of(const dsc_rating_blocks *blocks, size_t block) {
    const size_t n = dsc_rating_blocks_n_of(blocks, block);
    dsc_training_sample *samples = calloc(n + 1, sizeof *samples);
    assert_non_null(samples);
    dsc_rating_blocks_read(blocks, block, 0, n, samples);
    return samples;
}

/* --- bins ------------------------------------------------------------------------------------- */

/* The ratings in the order of rows have n_bins parts as long; a row is in the bin of that which its middle one is
 * in.
 *   count  [in]  ratings of each row */
static void check_bins(const dsc_row_bins *bins, const size_t *count, size_t n_bins, size_t n) {
    size_t before = 0;
    assert_int_equal(bins->first[0], 0);
    assert_int_equal(bins->first[n_bins], bins->n);
    for (size_t b = 0; b < n_bins; b++) {
        assert_true(bins->first[b] <= bins->first[b + 1]);
        for (size_t row = bins->first[b]; row < bins->first[b + 1]; row++) {
            const size_t middle = before + count[row] / 2;
            assert_true(middle * n_bins >= b * n);
            assert_true(b + 1 == n_bins || middle * n_bins < (b + 1) * n);
            before += count[row];
        }
    }
}

static void bins_have_about_as_many_ratings(void **state) {
    (void)state;
    for (size_t c = 0; c < N_SHAPES; c++) {
        fixture f = begin(&shapes[c]);
        dsc_rating_blocks blocks = must_init(&f, NULL);
        const size_t n_bins = blocks.n_bins;
        assert_int_equal(n_bins, shapes[c].n_bins);
        size_t *count = calloc(blocks.users.n + blocks.items.n, sizeof *count);
        assert_non_null(count);
        for (size_t block = 0; block < n_bins * n_bins; block++) {
            dsc_training_sample *samples = samples_of(&blocks, block);
            for (size_t s = 0; s < dsc_rating_blocks_n_of(&blocks, block); s++) {
                count[samples[s].user]++;
                count[blocks.users.n + samples[s].item]++;
            }
            free(samples);
        }
        const size_t n = f.ratings.n;
        assert_int_equal(blocks.start[n_bins * n_bins], n);
        check_bins(&blocks.users, count, n_bins, n);
        check_bins(&blocks.items, count + blocks.users.n, n_bins, n);
        free(count);
        dsc_rating_blocks_clear(&blocks);
        end(&f);
    }
}

/* --- samples ---------------------------------------------------------------------------------- */

/* What a block has, user by user in the order of rows, then shuffled with numbers that are drawn one by one. */
static size_t list_plainly(const fixture *f, const dsc_rating_blocks *blocks, size_t block,
                           dsc_training_sample *out) {
    const dsc_row_bins *users = &blocks->users, *items = &blocks->items;
    const size_t user_bin = block / blocks->n_bins, item_bin = block % blocks->n_bins;
    size_t n = 0;
    for (uint32_t row = users->first[user_bin]; row < users->first[user_bin + 1]; row++) {
        const size_t user = users->owner[row];
        for (uint64_t e = f->matrix.start[user]; e < f->matrix.start[user + 1]; e++) {
            const uint32_t item = items->row[f->matrix.column[e]];
            if (!f->is_left_out[e] && item >= items->first[item_bin] &&
                item < items->first[item_bin + 1]) {
                out[n++] = (dsc_training_sample){row, item,
                                                 dsc_trainer_target(f->model, f->matrix.value[e])};
            }
        }
    }
    dsc_random random = dsc_random_stream(f->model->config.seed, PURPOSE_BLOCK, block);
    for (size_t i = n; i > 1; i--) {
        const uint32_t other = dsc_random_below(&random, (uint32_t)i);
        const dsc_training_sample moved = out[i - 1];
        out[i - 1] = out[other];
        out[other] = moved;
    }
    return n;
}

static void blocks_have_their_ratings_in_the_order_drawn(void **state) {
    (void)state;
    for (size_t c = 0; c < N_SHAPES; c++) {
        fixture f = begin(&shapes[c]);
        dsc_rating_blocks blocks = must_init(&f, NULL);
        assert_int_equal(blocks.target == NULL, shapes[c].has_positions);
        dsc_training_sample *expected = calloc(f.matrix.n_entries + 1, sizeof *expected);
        assert_non_null(expected);
        size_t n_all = 0;
        for (size_t block = 0; block < blocks.n_bins * blocks.n_bins; block++) {
            dsc_training_sample *found = samples_of(&blocks, block);
            const size_t n = list_plainly(&f, &blocks, block, expected);
            assert_int_equal(dsc_rating_blocks_n_of(&blocks, block), n);
            assert_memory_equal(found, expected, n * sizeof *found);
            free(found);
            n_all += n;
        }
        assert_int_equal(n_all, f.ratings.n);
        free(expected);
        dsc_rating_blocks_clear(&blocks);
        end(&f);
    }
}

/* Parts of any size, of each form. */
static void parts_of_a_block_are_those_of_the_whole(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 7, 63, 64, 65, 200, 1000};
    for (size_t c = 0; c < N_SHAPES; c++) {
        fixture f = begin(&shapes[c]);
        dsc_rating_blocks blocks = must_init(&f, NULL);
        const size_t block = blocks.n_bins * blocks.n_bins - 1;
        const size_t n = dsc_rating_blocks_n_of(&blocks, block);
        dsc_training_sample *whole = samples_of(&blocks, block), part[1000];
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            for (size_t first = 0; first < n; first += sizes[s]) {
                const size_t n_now = n - first < sizes[s] ? n - first : sizes[s];
                dsc_rating_blocks_read(&blocks, block, first, n_now, part);
                assert_memory_equal(part, whole + first, n_now * sizeof *part);
            }
        }
        dsc_rating_blocks_read(&blocks, block, n, 0, part);
        free(whole);
        dsc_rating_blocks_clear(&blocks);
        end(&f);
    }
}

/* Rows of 16 bits on both sides leave none for a value: one value fits, two do not. So few are kept that there is
 * one bin. */
static void samples_take_32_bits_and_no_more(void **state) {
    (void)state;
    enum { N = 1 << 16, N_KEPT = 2000 };
    for (uint32_t n_values = 1; n_values <= 2; n_values++) {
        fixture f = {0};
        assert_int_equal(dsc_sparse_matrix_init(&f.matrix, N, N, N, DSC_SPARSE_VALUES, NULL),
                         DSC_OK);
        for (uint32_t u = 0; u < N; u++) {
            f.matrix.column[u] = N - 1 - u;
            f.matrix.value[u] = value_of(u % n_values);
            f.matrix.start[u + 1] = u + 1;
        }
        begin_kept(&f, N_KEPT, 1);
        dsc_rating_blocks blocks = must_init(&f, NULL);
        assert_int_equal(blocks.bits.user, 16);
        assert_int_equal(blocks.bits.item, 16);
        assert_int_equal(blocks.target == NULL, n_values > 1);
        assert_int_equal(dsc_rating_blocks_n_of(&blocks, 0), N_KEPT);
        dsc_training_sample *samples = samples_of(&blocks, 0);
        for (size_t s = 0; s < N_KEPT; s++) {
            const uint32_t user = blocks.users.owner[samples[s].user];
            assert_true(user < N_KEPT);
            assert_int_equal(blocks.items.owner[samples[s].item], N - 1 - user);
            assert_true(samples[s].target ==
                        dsc_trainer_target(f.model, value_of(user % n_values)));
        }
        free(samples);
        dsc_rating_blocks_clear(&blocks);
        end(&f);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    static const size_t n_threads[] = {1, 2, 3, 8};
    for (size_t c = 0; c < N_SHAPES; c++) {
        fixture f = begin(&shapes[c]);
        dsc_rating_blocks one = must_init(&f, NULL);
        for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
            dsc_pool *pool;
            assert_int_equal(dsc_pool_create(&pool, n_threads[t], NULL), DSC_OK);
            dsc_rating_blocks other = must_init(&f, pool);
            assert_memory_equal(other.start, one.start, sizeof one.start);
            assert_memory_equal(other.rating, one.rating,
                                one.start[one.n_bins * one.n_bins] * sizeof *one.rating);
            dsc_rating_blocks_clear(&other);
            dsc_pool_destroy(pool);
        }
        dsc_rating_blocks_clear(&one);
        end(&f);
    }
}

/* --- values ----------------------------------------------------------------------------------- */

/* Each distinct value has the number of its first coming; those of too many have none. */
static void values_are_numbered_as_they_come(void **state) {
    (void)state;
    dsc_value_numbers *numbers = calloc(1, sizeof *numbers);
    assert_non_null(numbers);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < DSC_MOST_NUMBERED; i++) {
            dsc_value_numbers_add(numbers, -10 + (float)i / 100);
            dsc_value_numbers_add(numbers, -10 + (float)(i / 2) / 100);
        }
        assert_int_equal(numbers->n, DSC_MOST_NUMBERED);
    }
    for (uint32_t i = 0; i < DSC_MOST_NUMBERED; i++) {
        assert_int_equal(dsc_value_number(numbers, -10 + (float)i / 100), i);
        assert_true(numbers->value[i] == -10 + (float)i / 100);
    }
    dsc_value_numbers_add(numbers, 1000);
    dsc_value_numbers_add(numbers, 2000);
    assert_int_equal(numbers->n, DSC_MOST_NUMBERED + 1);
    assert_int_equal(dsc_value_number(numbers, 10), 2000);
    free(numbers);
}

/* --- memory ----------------------------------------------------------------------------------- */

static dsc_status make_blocks(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_rating_blocks blocks;
    const dsc_status status =
        dsc_rating_blocks_init(&blocks, f->model, &f->ratings, f->bins, NULL, err);
    if (status != DSC_OK) {
        assert_null(blocks.rating);
        assert_null(blocks.target);
        assert_null(blocks.finder.first);
        assert_int_equal(blocks.n_bins, 0);
    }
    dsc_rating_blocks_clear(&blocks);
    return status;
}

static void blocks_fail_cleanly_without_memory(void **state) {
    (void)state;
    static const size_t forms[] = {7, 9}; /* samples, positions; both with some left out */
    for (size_t i = 0; i < 2; i++) {
        assert_true(shapes[forms[i]].left_out_each > 0);
        fixture f = begin(&shapes[forms[i]]);
        fail_alloc_each(make_blocks, &f, 5);
        end(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_have_about_as_many_ratings),
        cmocka_unit_test(blocks_have_their_ratings_in_the_order_drawn),
        cmocka_unit_test(parts_of_a_block_are_those_of_the_whole),
        cmocka_unit_test(samples_take_32_bits_and_no_more),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(values_are_numbered_as_they_come),
        cmocka_unit_test(blocks_fail_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
