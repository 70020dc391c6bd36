/* Samples that a window reads, positions and packed ones: those of the list, by any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/sample_window.h"
#include "recommender/trainer.h"

enum { PURPOSE = 100, N_EPOCHS = 2 };

/* More ratings than a window of positions has, of a scale. */
static const planted many = {.n_users = 700, .n_items = 420, .share = 0.6, .seed = 4};
static const planted few = {.n_users = 30, .n_items = 20, .share = 0.5, .seed = 5};

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

/* What a batch reads, against the ratings at `position` (list->n), the order of the running epoch. */
static void check_batch(const dsc_recommender *model, const uint32_t *position,
                        const dsc_training_sample *sample, size_t n) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    for (size_t s = 0; s < n; s++) {
        const uint32_t at = position[s], user = sample[s].user;
        assert_in_range(at, ratings->start[user], ratings->start[user + 1] - 1);
        assert_int_equal(sample[s].item, ratings->column[at]);
        assert_true(sample[s].target == dsc_trainer_target(model, ratings->value[at]));
    }
}

/* Two epochs by batches. */
static void check_epochs(const planted *what, bool is_packed, size_t batch_size, size_t n_threads) {
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(what, &config);
    dsc_sample_list list = list_all(model), plain = list_all(model);
    dsc_sample_window window;
    dsc_pool *pool = NULL;
    assert_int_equal(dsc_pool_create(&pool, n_threads, NULL), DSC_OK);
    if (is_packed) {
        assert_int_equal(dsc_sample_list_pack(&list, NULL), DSC_OK);
        assert_null(list.position);
    }
    assert_int_equal(dsc_sample_window_init(&window, &list, batch_size, pool, NULL), DSC_OK);
    for (size_t epoch = 0; epoch < N_EPOCHS; epoch++) {
        dsc_sample_list_shuffle(&list, dsc_random_stream(7, PURPOSE, epoch));
        dsc_sample_list_shuffle(&plain, dsc_random_stream(7, PURPOSE, epoch));
        dsc_sample_window_reset(&window);
        for (size_t begin = 0; begin < list.n; begin += batch_size) {
            const size_t left = list.n - begin, n = left < batch_size ? left : batch_size;
            size_t n_after;
            const dsc_training_sample *sample = dsc_sample_window_at(&window, begin, n, &n_after);
            assert_in_range(n_after, 0, left - n);
            check_batch(model, plain.position + begin, sample, n + n_after);
        }
    }
    dsc_sample_window_clear(&window);
    dsc_sample_list_clear(&list);
    dsc_sample_list_clear(&plain);
    dsc_pool_destroy(pool);
    dsc_recommender_destroy(model);
}

static void batches_are_those_of_the_list(void **state) {
    (void)state;
    for (size_t is_packed = 0; is_packed < 2; is_packed++) {
        check_epochs(&few, is_packed, 7, 1);
        check_epochs(&few, is_packed, 1000, 3);
        check_epochs(&many, is_packed, 5000, 1);
        check_epochs(&many, is_packed, 5000, 2);
        check_epochs(&many, is_packed, 66000, 3);
        check_epochs(&many, is_packed, 140000, 8);
    }
}

/* There are more behind a batch as long as the window goes on. */
static void what_follows_is_told(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&few, &config);
    dsc_sample_list list = list_all(model);
    dsc_sample_window window;
    size_t n_after;
    assert_int_equal(dsc_sample_window_init(&window, &list, 10, NULL, NULL), DSC_OK);
    (void)dsc_sample_window_at(&window, 0, 10, &n_after);
    assert_int_equal(n_after, list.n - 10);
    (void)dsc_sample_window_at(&window, list.n - 10, 10, &n_after);
    assert_int_equal(n_after, 0);
    dsc_sample_window_clear(&window);
    dsc_sample_list_clear(&list);
    dsc_recommender_destroy(model);
}

/* Samples that 32 bits do not hold stay positions: ratings of no scale; users and items by far too many. */
static void what_does_not_fit_is_not_packed(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&few, &config);
    dsc_sample_list list = list_all(model);
    list.ratings.n_cols = (size_t)1 << 27; /* beside 5 bits for users, and some for ratings */
    assert_int_equal(dsc_sample_list_pack(&list, NULL), DSC_OK);
    assert_non_null(list.position);
    assert_null(list.packed);
    list.ratings.n_cols = few.n_items;
    assert_int_equal(dsc_sample_list_pack(&list, NULL), DSC_OK);
    assert_null(list.position);
    assert_non_null(list.packed);
    dsc_sample_list_clear(&list);
    dsc_recommender_destroy(model);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* A list, packed or not, and a window of it. */
static dsc_status make_window(const dsc_recommender *model, bool is_packed, dsc_error *err) {
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    dsc_sample_list list;
    dsc_sample_window window = {0};
    dsc_status status = dsc_sample_list_init(&list, model, ratings, 100, err);
    for (uint32_t s = 0; status == DSC_OK && s < list.n; s++) {
        list.position[s] = s;
    }
    if (status == DSC_OK && is_packed) {
        status = dsc_sample_list_pack(&list, err);
        if (status != DSC_OK) { /* as it was */
            assert_null(list.packed);
            assert_int_equal(list.position[99], 99);
        }
    }
    if (status == DSC_OK) {
        status = dsc_sample_window_init(&window, &list, 10, NULL, err);
        assert_true(status == DSC_OK || (window.sample == NULL && window.sorters == NULL));
    }
    dsc_sample_window_clear(&window);
    dsc_sample_list_clear(&list);
    return status;
}

static dsc_status make_packed(void *context, dsc_error *err) {
    return make_window(context, true, err);
}

static dsc_status make_positions(void *context, dsc_error *err) {
    return make_window(context, false, err);
}

static void windows_fail_cleanly_without_memory(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&few, &config);
    fail_alloc_each(make_packed, model, 5);
    fail_alloc_each(make_positions, model, 4);
    dsc_recommender_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(batches_are_those_of_the_list),
                                       cmocka_unit_test(what_follows_is_told),
                                       cmocka_unit_test(what_does_not_fit_is_not_packed),
                                       cmocka_unit_test(windows_fail_cleanly_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
