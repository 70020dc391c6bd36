/* Samples by their positions: whose row a position is of, the order of an epoch, what is read by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/sample_list.h"
#include "recommender/trainer.h"

enum { PURPOSE = 100 };

static const planted what = {.n_users = 50, .n_items = 40, .share = 0.4, .noise = 0.5, .seed = 2};

/* --- rows ------------------------------------------------------------------------------------- */

/* Lengths of rows that come one after the other. */
typedef struct run_of_rows {
    size_t n_rows;
    uint64_t length;
} run_of_rows;

enum { MOST_RUNS = 5 };

/* A matrix of such rows; its starts are freed by the caller. */
static dsc_sparse make_rows(const run_of_rows runs[MOST_RUNS]) {
    size_t n_rows = 0;
    for (size_t i = 0; i < MOST_RUNS; i++) {
        n_rows += runs[i].n_rows;
    }
    uint64_t *start = calloc(n_rows + 1, sizeof *start);
    assert_non_null(start);
    for (size_t i = 0, row = 0; i < MOST_RUNS; i++) {
        for (size_t r = 0; r < runs[i].n_rows; r++, row++) {
            start[row + 1] = start[row] + runs[i].length;
        }
    }
    return (dsc_sparse){
        .n_rows = n_rows, .n_cols = 1, .n_entries = (size_t)start[n_rows], .start = start};
}

/* Every entry, against a walk over all rows; and no more cells than rows could have use for. */
static void rows_are_those_of_a_walk(void **state) {
    (void)state;
    static const run_of_rows cases[][MOST_RUNS] = {
        {{1, 1}},
        {{1, 1000}},
        {{1, 1}, {1, 0}, {1, 1}},
        {{7, 0}, {1, 5}},
        {{1, 5}, {7, 0}},
        {{3, 0}, {1, 100}, {90, 0}, {1, 100}, {3, 0}},
        {{100, 1}},
        {{100, 16}},
        {{1, 20000}, {500, 1}}, /* 39 rows in a cell of them */
        {{500, 1}, {1, 20000}, {500, 1}},
        {{40, 3}, {20, 0}, {40, 1}, {2, 777}, {5, 2}},
        {{0, 0}},
        {{10, 0}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const dsc_sparse matrix = make_rows(cases[c]);
        dsc_row_finder finder;
        assert_int_equal(dsc_row_finder_init(&finder, matrix, NULL), DSC_OK);
        for (size_t row = 0; row < matrix.n_rows; row++) {
            for (uint64_t e = matrix.start[row]; e < matrix.start[row + 1]; e++) {
                assert_int_equal(dsc_row_of(&finder, e), row);
            }
        }
        assert_true(matrix.n_entries >> finder.shift <= 2 * matrix.n_rows);
        dsc_row_finder_clear(&finder);
        assert_null(finder.first);
        free((void *)(uintptr_t)matrix.start);
    }
}

/* --- order ------------------------------------------------------------------------------------ */

/* One swap after the other, by numbers that are drawn one by one. */
static void shuffle_plainly(uint32_t *position, size_t n, dsc_random random) {
    for (size_t i = n; i > 1; i--) {
        const uint32_t other = dsc_random_below(&random, (uint32_t)i);
        const uint32_t moved = position[i - 1];
        position[i - 1] = position[other];
        position[other] = moved;
    }
}

static void shuffling_is_that_of_fisher_and_yates(void **state) {
    (void)state;
    enum { MOST = 5000 };
    static const size_t sizes[] = {0, 1, 2, 3, 63, 64, 65, 66, 128, 129, 257, MOST};
    static uint32_t found[MOST], expected[MOST];
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&what, &config);
    for (size_t c = 0; c < sizeof sizes / sizeof sizes[0]; c++) {
        const dsc_random random = dsc_random_stream(5, PURPOSE, c);
        for (uint32_t s = 0; s < sizes[c]; s++) {
            found[s] = expected[s] = s;
        }
        dsc_shuffle(found, sizes[c], model->kernels, random);
        shuffle_plainly(expected, sizes[c], random);
        assert_memory_equal(found, expected, sizes[c] * sizeof *found);
    }
    dsc_recommender_destroy(model);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* All ratings of a model, each once, in their order. */
static dsc_sample_list list_all(const dsc_recommender *model) {
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    dsc_sample_list list;
    assert_int_equal(dsc_sample_list_init(&list, model, ratings, ratings.n_entries, NULL), DSC_OK);
    for (uint32_t e = 0; e < list.n; e++) {
        list.position[e] = e;
    }
    return list;
}

/* Reads `n` samples from `first` on, and looks them up in the ratings. */
static void check_read(const dsc_sample_list *list, size_t first, size_t n) {
    enum { MOST = 400 };
    uint32_t user[MOST], item[MOST], plain_user[MOST], plain_item[MOST];
    float target[MOST];
    const dsc_sparse_matrix *ratings = &list->model->ratings;
    assert_in_range(n, 0, MOST);
    dsc_sample_list_read(list, first, n, &(dsc_sample_rows){user, item, target});
    dsc_sample_list_read(list, first, n, &(dsc_sample_rows){plain_user, plain_item, NULL});
    assert_memory_equal(user, plain_user, n * sizeof *user);
    assert_memory_equal(item, plain_item, n * sizeof *item);
    for (size_t s = 0; s < n; s++) {
        const size_t e = list->position[first + s];
        assert_int_equal(dsc_sparse_find(dsc_sparse_view(ratings), user[s], item[s]), e);
        assert_true(target[s] == dsc_trainer_target(list->model, ratings->value[e]));
    }
}

/* In parts of many sizes, of squared and of ordinal targets. */
static void samples_are_read_from_the_ratings(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 7, 63, 64, 65, 128, 300};
    for (size_t is_ordinal = 0; is_ordinal < 2; is_ordinal++) {
        dsc_recommender_config config = small_config();
        const planted marks = {.n_users = 50, .n_items = 40, .share = 0.4, .noise = 0, .seed = 2};
        config.loss = is_ordinal ? DSC_LOSS_ORDINAL : DSC_LOSS_SQUARED;
        dsc_recommender *model = untrained_model(is_ordinal ? &marks : &what, &config);
        dsc_sample_list list = list_all(model);
        assert_true(list.n > 600);
        for (size_t c = 0; c < sizeof sizes / sizeof sizes[0]; c++) {
            dsc_shuffle(list.position, list.n, model->kernels, dsc_random_stream(6, PURPOSE, c));
            for (size_t first = 0; first < list.n; first += sizes[c]) {
                const size_t left = list.n - first;
                dsc_sample_list_ask(&list, first + sizes[c], sizes[c]); /* also behind the last */
                check_read(&list, first, left < sizes[c] ? left : sizes[c]);
            }
            check_read(&list, list.n, 0);
        }
        dsc_sample_list_clear(&list);
        dsc_recommender_destroy(model);
    }
}

static void sorting_brings_back_the_order_of_the_ratings(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&what, &config);
    dsc_sample_list list = list_all(model), none = {0};
    dsc_shuffle(list.position, list.n, model->kernels, dsc_random_stream(6, PURPOSE, 0));
    dsc_sample_list_sort(&list);
    for (uint32_t e = 0; e < list.n; e++) {
        assert_int_equal(list.position[e], e);
    }
    dsc_sample_list_sort(&none);
    dsc_sample_list_clear(&list);
    dsc_recommender_destroy(model);
}

static void nothing_is_asked_for_behind_the_last(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&what, &config);
    dsc_sample_list list = list_all(model), none = {0};
    dsc_sample_list_ask(&list, list.n - 1, 2);
    dsc_sample_list_ask(&list, list.n, SIZE_MAX / 2);
    dsc_sample_list_ask(&list, SIZE_MAX / 2, 64);
    dsc_sample_list_ask(&none, 0, 64);
    check_read(&list, list.n - 3, 3);
    dsc_sample_list_clear(&list);
    dsc_sample_list_clear(&none);
    dsc_recommender_destroy(model);
}

/* --- memory ----------------------------------------------------------------------------------- */

static dsc_status make_list(void *context, dsc_error *err) {
    const dsc_recommender *model = context;
    dsc_sample_list list;
    const dsc_status status =
        dsc_sample_list_init(&list, model, dsc_sparse_view(&model->ratings), 100, err);
    if (status != DSC_OK) {
        assert_null(list.position);
        assert_null(list.users.first);
        assert_int_equal(list.n, 0);
    }
    dsc_sample_list_clear(&list);
    return status;
}

static void lists_fail_cleanly_without_memory(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&what, &config);
    fail_alloc_each(make_list, model, 2);
    dsc_recommender_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_a_walk),
        cmocka_unit_test(shuffling_is_that_of_fisher_and_yates),
        cmocka_unit_test(samples_are_read_from_the_ratings),
        cmocka_unit_test(sorting_brings_back_the_order_of_the_ratings),
        cmocka_unit_test(nothing_is_asked_for_behind_the_last),
        cmocka_unit_test(lists_fail_cleanly_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
