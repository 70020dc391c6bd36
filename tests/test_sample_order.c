/* The order of minibatches' samples, packed and as positions: every rating once an epoch, every order as likely, any
 * number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/sample_order.h"
#include "recommender/trainer.h"

/* Of samples behind a batch so many are looked at. */
enum { N_EPOCHS = 2, MOST_AHEAD = 3, PURPOSE_SHUFFLE = 5 };

/* Ratings of a scale of few marks, more than a window has. */
static const planted many = {.n_users = 700, .n_items = 420, .share = 0.2, .seed = 4};
static const planted few = {.n_users = 30, .n_items = 20, .share = 0.5, .seed = 5};

/* What the samples are taken for. Ratings have two marks, one bit; items are taken for so many that users have so many
 * bits left. */
typedef enum form {
    ONE_CLASS,
    SOME_CLASSES, /* of 2^5 users, 22 of 700, or, of few, of 2^3 */
    MANY_CLASSES, /* of 2^3 users, 88 of 700, or, of few, of one each */
    POSITIONS     /* there is no room for items alone */
} form;

/* Positions that are none of the list's, but behind it. */
enum { N_BEHIND = 20 };

/* All ratings of a model, each once, in their order. */
static dsc_sample_list list_all(const dsc_recommender *model, form f) {
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    const bool is_small = model->n_users < 64;
    const unsigned user_bits = f == SOME_CLASSES ? (is_small ? 3 : 5) : is_small ? 0 : 3;
    const size_t n = ratings.n_entries;
    dsc_sample_list list;
    assert_int_equal(dsc_sample_list_init(&list, model, ratings, n + N_BEHIND, NULL), DSC_OK);
    for (uint32_t e = 0; e < n; e++) {
        list.position[e] = e;
    }
    for (uint32_t e = 0; e < N_BEHIND; e++) {
        list.position[n + e] = UINT32_MAX - e;
    }
    list.n = n;
    if (f == SOME_CLASSES || f == MANY_CLASSES) {
        list.ratings.n_cols = (size_t)1 << (32 - 1 - user_bits);
    } else if (f == POSITIONS) {
        list.ratings.n_cols = (size_t)1 << 33;
    }
    return list;
}

static void check_form(const dsc_sample_order *order, form f) {
    const bool is_small = order->list->model->n_users < 64;
    const size_t n_classes = f == SOME_CLASSES   ? (is_small ? 4 : 22)
                             : f == MANY_CLASSES ? (is_small ? 30 : 88)
                                                 : 1;
    assert_int_equal(order->target == NULL, f == POSITIONS);
    assert_int_equal(order->n_classes, n_classes);
}

static void check_behind(const dsc_sample_list *list) {
    for (uint32_t e = 0; e < N_BEHIND; e++) {
        assert_int_equal(list->position[list->n + e], UINT32_MAX - e);
    }
}

/* Where the sample is among the ratings, whose it must be. */
static size_t position_of(const dsc_recommender *model, dsc_training_sample sample) {
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    assert_in_range(sample.user, 0, model->n_users - 1);
    const size_t at = dsc_sparse_find(ratings, sample.user, sample.item);
    assert_true(at < ratings.n_entries);
    assert_true(sample.target == dsc_trainer_target(model, ratings.value[at]));
    return at;
}

/* The order of an epoch, taken by batches. */
static void take_epoch(dsc_sample_order *order, size_t epoch, size_t batch_size, uint32_t *out) {
    const size_t n_all = order->list->n;
    dsc_sample_order_begin(order, epoch);
    for (size_t begin = 0; begin < n_all; begin += batch_size) {
        const size_t left = n_all - begin, n = left < batch_size ? left : batch_size;
        size_t n_after;
        const dsc_training_sample *sample = dsc_sample_order_take(order, begin, n, &n_after);
        assert_in_range(n_after, 0, left - n);
        const size_t n_ahead = n_after < MOST_AHEAD ? n_after : MOST_AHEAD;
        for (size_t s = 0; s < n + n_ahead; s++) {
            out[begin + s] = (uint32_t)position_of(order->list->model, sample[s]);
        }
    }
}

static void check_each_once(const uint32_t *position, size_t n) {
    unsigned char *is_there = calloc(n, 1);
    assert_non_null(is_there);
    for (size_t s = 0; s < n; s++) {
        assert_in_range(position[s], 0, n - 1);
        assert_false(is_there[position[s]]);
        is_there[position[s]] = 1;
    }
    free(is_there);
}

/* Orders of the epochs, one after the other: freed by the caller. */
static uint32_t *take_all(const planted *what, form f, size_t batch_size, size_t n_threads,
                          size_t *n) {
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(what, &config);
    dsc_sample_list list = list_all(model, f);
    dsc_sample_order order;
    dsc_pool *pool = NULL;
    uint32_t *out = calloc(N_EPOCHS * list.n, sizeof *out);
    assert_non_null(out);
    assert_int_equal(dsc_pool_create(&pool, n_threads, NULL), DSC_OK);
    assert_int_equal(dsc_sample_order_init(&order, &list, batch_size, pool, NULL), DSC_OK);
    check_form(&order, f);
    *n = list.n;
    for (size_t epoch = 0; epoch < N_EPOCHS; epoch++) {
        take_epoch(&order, epoch + 1, batch_size, out + epoch * list.n);
        check_each_once(out + epoch * list.n, list.n);
    }
    check_behind(&list);
    dsc_sample_order_clear(&order);
    dsc_sample_list_clear(&list);
    dsc_pool_destroy(pool);
    dsc_recommender_destroy(model);
    return out;
}

/* Any number of threads and any batches give one order, another one each epoch. */
static void check_orders(const planted *what, form f, size_t batch_size) {
    size_t n, n_again;
    uint32_t *one = take_all(what, f, batch_size, 1, &n);
    static const struct {
        size_t batch_size, n_threads;
    } others[] = {{7, 3}, {1000, 2}, {20000, 8}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        uint32_t *again = take_all(what, f, others[i].batch_size, others[i].n_threads, &n_again);
        assert_int_equal(n_again, n);
        assert_memory_equal(again, one, N_EPOCHS * n * sizeof *one);
        free(again);
    }
    size_t n_equal = 0;
    for (size_t s = 0; s < n; s++) {
        n_equal += one[s] == one[n + s];
    }
    assert_true(n_equal < n / 4);
    free(one);
}

static void every_rating_comes_once_an_epoch(void **state) {
    (void)state;
    for (form f = ONE_CLASS; f <= POSITIONS; f++) {
        check_orders(&few, f, 7);
        check_orders(&many, f, 5000);
    }
}

/* Of one class packed samples and positions have the order of Fisher and Yates, from one epoch to the next. */
static void one_class_is_shuffled_as_positions(void **state) {
    (void)state;
    size_t n;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&many, &config);
    uint32_t *packed = take_all(&many, ONE_CLASS, 512, 2, &n);
    uint32_t *positions = take_all(&many, POSITIONS, 512, 2, &n);
    uint32_t *expected = calloc(n, sizeof *expected);
    assert_non_null(expected);
    for (uint32_t s = 0; s < n; s++) {
        expected[s] = s;
    }
    for (size_t epoch = 0; epoch < N_EPOCHS; epoch++) {
        dsc_shuffle(expected, n, model->kernels,
                    dsc_random_stream(config.seed, PURPOSE_SHUFFLE, epoch + 1));
        assert_memory_equal(packed + epoch * n, expected, n * sizeof *expected);
        assert_memory_equal(positions + epoch * n, expected, n * sizeof *expected);
    }
    free(packed);
    free(positions);
    free(expected);
    dsc_recommender_destroy(model);
}

/* The rank of an order of N among all N! of them. */
static size_t rank_of(const uint32_t *order, size_t n) {
    size_t rank = 0;
    for (size_t i = 0; i < n; i++) {
        size_t n_smaller = 0;
        for (size_t j = i + 1; j < n; j++) {
            n_smaller += order[j] < order[i];
        }
        rank = rank * (n - i) + n_smaller;
    }
    return rank;
}

/* Five samples of two classes have 120 orders; 60,000 epochs see each some 500 times. */
static void every_order_is_as_likely(void **state) {
    (void)state;
    enum { N = 5, N_ORDERS = 120, N_DRAWN = 60000 };
    static size_t count[N_ORDERS];
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&few, &config);
    dsc_sample_list list = list_all(model, SOME_CLASSES);
    dsc_sample_order order;
    const uint64_t *start = model->ratings.start;
    for (uint32_t s = 0; s < N; s++) { /* three of the first user, two of others of another class */
        list.position[s] = s < 3 ? s : (uint32_t)start[16 + s];
    }
    list.n = N;
    assert_int_equal(dsc_sample_order_init(&order, &list, N, NULL, NULL), DSC_OK);
    assert_true(order.start[1] > 0 && order.start[1] < N);
    for (size_t epoch = 1; epoch <= N_DRAWN; epoch++) {
        uint32_t found[N];
        take_epoch(&order, epoch, N, found);
        count[rank_of(found, N)]++;
    }
    const double expected = (double)N_DRAWN / N_ORDERS;
    for (size_t i = 0; i < N_ORDERS; i++) {
        assert_true(fabs((double)count[i] - expected) < 5 * sqrt(expected));
    }
    dsc_sample_order_clear(&order);
    dsc_sample_list_clear(&list);
    dsc_recommender_destroy(model);
}

/* Each user has rated two of as many items: 17 bits each, and one for the rating, leave 3 for classes. */
static dsc_ratings *rate_once(void) {
    enum { N = 66000, LINE_LENGTH = 40 };
    char *text = malloc((size_t)2 * N * LINE_LENGTH);
    size_t length = 0;
    assert_non_null(text);
    for (size_t line = 0; line < (size_t)2 * N; line++) {
        const size_t user = line % N, item = line < N ? user : (user * 7 + 3) % N;
        length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%d\n", user, item,
                                   user % 3 == 0 ? 4 : 2);
    }
    dsc_ratings *ratings = NULL;
    const dsc_ratings_format format = {.n_threads = 1};
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, length, "made up", &format, NULL, NULL), DSC_OK);
    free(text);
    return ratings;
}

/* With a share held out, whose positions lie behind the classes. */
static void large_catalogues_train_alike_on_any_number_of_threads(void **state) {
    (void)state;
    static const size_t n_threads[] = {1, 2, 3, 8};
    dsc_ratings *ratings = rate_once();
    dsc_recommender *first = NULL;
    dsc_recommender_config config = small_config();
    config.batch_size = 1000;
    config.max_epochs = 2;
    config.holdout = 0.1;
    for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
        dsc_recommender *model = NULL;
        config.n_threads = n_threads[t];
        assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, NULL), DSC_OK);
        assert_true(model->statistics.validation_rmse < model->statistics.spread);
        if (first == NULL) {
            first = model;
            continue;
        }
        assert_int_equal(model->n_table_values, first->n_table_values);
        assert_memory_equal(model->tables, first->tables, model->n_table_values * sizeof(float));
        assert_true(model->statistics.validation_rmse == first->statistics.validation_rmse);
        dsc_recommender_destroy(model);
    }
    dsc_recommender_destroy(first);
    dsc_ratings_destroy(ratings);
}

/* --- memory ----------------------------------------------------------------------------------- */

static dsc_status make_order(void *context, dsc_error *err) {
    const dsc_recommender *model = context;
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    dsc_sample_list list;
    dsc_sample_order order = {0};
    dsc_status status = dsc_sample_list_init(&list, model, ratings, 100, err);
    if (status == DSC_OK) {
        for (uint32_t s = 0; s < list.n; s++) {
            list.position[s] = s;
        }
        status = dsc_sample_order_init(&order, &list, 10, NULL, err);
        for (uint32_t s = 0; status != DSC_OK && s < list.n; s++) {
            assert_int_equal(list.position[s], s);
        }
        assert_true(status == DSC_OK || (order.sample == NULL && order.target == NULL));
    }
    dsc_sample_order_clear(&order);
    dsc_sample_list_clear(&list);
    return status;
}

static void orders_fail_cleanly_without_memory(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&few, &config);
    fail_alloc_each(make_order, model, 5);
    dsc_recommender_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rating_comes_once_an_epoch),
        cmocka_unit_test(one_class_is_shuffled_as_positions),
        cmocka_unit_test(every_order_is_as_likely),
        cmocka_unit_test(large_catalogues_train_alike_on_any_number_of_threads),
        cmocka_unit_test(orders_fail_cleanly_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
