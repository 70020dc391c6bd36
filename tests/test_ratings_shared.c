/* Ratings and the models that were trained on them hold one ground: who goes first takes nothing from the
 * others, the last one frees it, and nobody drops the times of somebody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "peak_alloc.h"
#include "planted_ratings.h"
#include "ratings/ratings_build.h"

enum {
    N_USERS = 40,
    N_ITEMS = 30,
    LINE_LENGTH = 40,
    PURPOSE_PAIR = 100,
    N_THREADS = 4,
    N_HOLDS = 5000, /* of each thread, so that they overlap */
    N_ROUNDS = 5
};

/* Half of all pairs, with times; the seed changes which ones. */
static dsc_ratings *make_ratings(uint64_t seed) {
    char *text = malloc((size_t)N_USERS * N_ITEMS * LINE_LENGTH);
    size_t length = 0;
    assert_non_null(text);
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = 0; i < N_ITEMS; i++) {
            dsc_random random = dsc_random_stream(seed, PURPOSE_PAIR, u * N_ITEMS + i);
            if (dsc_random_uniform(&random) < 0.5) {
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu-%zu,i%zu,%u,%u\n", u,
                                           (size_t)seed, i, 1 + dsc_random_below(&random, 5),
                                           dsc_random_below(&random, 10000));
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

/* Looks at the times. */
static dsc_recommender_config make_config(void) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, 0);
    config.n_factors = 2;
    config.max_epochs = 2;
    config.holdout = 0;
    config.n_threads = 1;
    config.choose_ridge = config.choose_history = false;
    config.n_time_bins = 3;
    return config;
}

static dsc_recommender *train_on(const dsc_ratings *ratings) {
    const dsc_recommender_config config = make_config();
    return must_train(ratings, &config);
}

static size_t count_holders(const dsc_ratings *ratings) {
    return atomic_load(&dsc_ratings_ground(ratings)->n_holders);
}

/* --- times ------------------------------------------------------------------------------------ */

static void times_that_nobody_else_holds_go(void **state) {
    (void)state;
    dsc_ratings *ratings = make_ratings(1);
    const dsc_sparse before = dsc_ratings_by_user(ratings);
    assert_non_null(before.time);
    for (int again = 0; again < 2; again++) {
        dsc_ratings_drop_times(ratings);
        const dsc_sparse after = dsc_ratings_by_user(ratings);
        assert_null(after.time);
        assert_int_equal(after.n_entries, before.n_entries);
        assert_ptr_equal(after.column, before.column);
        assert_ptr_equal(after.value, before.value);
    }
    dsc_ratings_destroy(ratings);
}

static void times_that_a_model_holds_stay(void **state) {
    (void)state;
    dsc_ratings *ratings = make_ratings(1);
    dsc_recommender *model = train_on(ratings);
    const dsc_sparse before = dsc_ratings_by_user(ratings);
    dsc_ratings_drop_times(ratings);
    assert_non_null(before.time);
    assert_ptr_equal(dsc_ratings_by_user(ratings).time, before.time);
    dsc_recommender_destroy(train_on(ratings)); /* which needs them */
    dsc_recommender_destroy(model);
    assert_ptr_equal(dsc_ratings_by_user(ratings).time, before.time);
    dsc_ratings_drop_times(ratings);
    assert_null(dsc_ratings_by_user(ratings).time);
    dsc_ratings_destroy(ratings);
}

/* --- one holder after the other --------------------------------------------------------------- */

static void holders_are_counted(void **state) {
    (void)state;
    dsc_ratings *ratings = make_ratings(1);
    assert_int_equal(count_holders(ratings), 1);
    dsc_recommender *first = train_on(ratings);
    assert_int_equal(count_holders(ratings), 2);
    dsc_recommender *second = train_on(ratings);
    assert_int_equal(count_holders(ratings), 3);
    dsc_recommender_destroy(first);
    assert_int_equal(count_holders(ratings), 2);
    dsc_recommender_destroy(second);
    assert_int_equal(count_holders(ratings), 1);
    dsc_ratings_destroy(ratings);
}

/* What a model says of all pairs of the ratings of seed 1, by their ids. */
static void predict_all(const dsc_recommender *model, float out[N_USERS][N_ITEMS]) {
    dsc_scorer *scorer = must_create_scorer(model);
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = 0; i < N_ITEMS; i++) {
            char name[LINE_LENGTH];
            const int n_user = snprintf(name, sizeof name, "u%zu-1", u);
            const uint32_t user = dsc_recommender_find_user(model, (dsc_id){name, (size_t)n_user});
            const int n_item = snprintf(name, sizeof name, "i%zu", i);
            const uint32_t item = dsc_recommender_find_item(model, (dsc_id){name, (size_t)n_item});
            assert_true(user != DSC_NO_INDEX && item != DSC_NO_INDEX);
            dsc_scorer_predict(scorer, 1, &user, &item, &out[u][i], NULL);
        }
    }
    dsc_scorer_destroy(scorer);
}

static void a_model_lives_without_its_ratings(void **state) {
    (void)state;
    static float expected[N_USERS][N_ITEMS], found[N_USERS][N_ITEMS];
    dsc_ratings *ratings = make_ratings(1);
    dsc_recommender *model = train_on(ratings);
    predict_all(model, expected);
    dsc_ratings_destroy(ratings);
    dsc_ratings *others = make_ratings(2); /* in memory that is free by now */
    predict_all(model, found);
    assert_memory_equal(found, expected, sizeof found);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(others);
}

static void ratings_live_without_their_model(void **state) {
    (void)state;
    dsc_ratings *ratings = make_ratings(1), *same = make_ratings(1);
    dsc_recommender_destroy(train_on(ratings));
    dsc_ratings *others = make_ratings(2);
    const dsc_sparse found = dsc_ratings_by_user(ratings), expected = dsc_ratings_by_user(same);
    const size_t n = expected.n_entries;
    assert_int_equal(found.n_entries, n);
    assert_memory_equal(found.start, expected.start, (N_USERS + 1) * sizeof *found.start);
    assert_memory_equal(found.column, expected.column, n * sizeof *found.column);
    assert_memory_equal(found.value, expected.value, n * sizeof *found.value);
    assert_memory_equal(found.time, expected.time, n * sizeof *found.time);
    dsc_ratings_destroy(others);
    dsc_ratings_destroy(same);
    dsc_ratings_destroy(ratings);
}

/* Bytes at most while ratings and a model are made and destroyed so many times. */
static size_t peak_of(int n_rounds, bool model_first) {
    peak_alloc_begin();
    for (int round = 0; round < n_rounds; round++) {
        dsc_ratings *ratings = make_ratings(1);
        dsc_recommender *model = train_on(ratings);
        if (model_first) {
            dsc_recommender_destroy(model);
            dsc_ratings_destroy(ratings);
        } else {
            dsc_ratings_destroy(ratings);
            dsc_recommender_destroy(model);
        }
    }
    return peak_alloc_end();
}

static void nothing_stays(void **state) {
    (void)state;
    dsc_ratings *ratings = make_ratings(1);
    const size_t n_bytes = 8 * dsc_ratings_by_user(ratings).n_entries; /* without times */
    dsc_ratings_destroy(ratings);
    for (int model_first = 0; model_first < 2; model_first++) {
        const size_t once = peak_of(1, model_first != 0);
        const size_t often = peak_of(N_ROUNDS, model_first != 0);
        assert_true(often < once + n_bytes);
    }
}

/* --- threads ---------------------------------------------------------------------------------- */

/* No assertion in the threads: cmocka's leave by longjmp, which must not cross them. */
typedef struct work {
    const dsc_ratings *ratings; /* shared */
    dsc_recommender *model;
    dsc_status status;
    bool destroys; /* its model, at once */
} work;

static void run_together(void *(*run)(void *), work *all) {
    pthread_t threads[N_THREADS];
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_int_equal(pthread_create(&threads[t], NULL, run, &all[t]), 0);
    }
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_int_equal(pthread_join(threads[t], NULL), 0);
    }
}

static void *hold_and_release(void *argument) {
    const work *self = argument;
    dsc_ground *ground = dsc_ratings_ground(self->ratings);
    for (int i = 0; i < N_HOLDS; i++) {
        dsc_ground_release(dsc_ground_hold(ground));
    }
    return NULL;
}

static void *train(void *argument) {
    work *self = argument;
    const dsc_recommender_config config = make_config();
    self->status = dsc_recommender_train(&self->model, self->ratings, &config, NULL, NULL, NULL);
    if (self->destroys) {
        dsc_recommender_destroy(self->model);
        self->model = NULL;
    }
    return NULL;
}

static void *destroy(void *argument) {
    work *self = argument;
    dsc_recommender_destroy(self->model);
    return NULL;
}

static void threads_hold_and_release(void **state) {
    (void)state;
    dsc_ratings *ratings = make_ratings(1);
    work all[N_THREADS];
    for (size_t t = 0; t < N_THREADS; t++) {
        all[t] = (work){.ratings = ratings};
    }
    run_together(hold_and_release, all);
    assert_int_equal(count_holders(ratings), 1);
    dsc_ratings_destroy(ratings);
}

/* Trainings on the same ratings at once; some models go at once, the others together after the ratings. */
static void threads_train_on_the_same_ratings(void **state) {
    (void)state;
    static float expected[N_USERS][N_ITEMS], found[N_USERS][N_ITEMS];
    dsc_ratings *ratings = make_ratings(1);
    work all[N_THREADS];
    for (size_t t = 0; t < N_THREADS; t++) {
        all[t] = (work){.ratings = ratings, .destroys = t % 2 == 1};
    }
    run_together(train, all);
    assert_int_equal(count_holders(ratings), 1 + N_THREADS / 2);
    dsc_recommender *alone = train_on(ratings);
    predict_all(alone, expected);
    dsc_recommender_destroy(alone);
    dsc_ratings_destroy(ratings);
    dsc_ratings *others = make_ratings(2);
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_int_equal(all[t].status, DSC_OK);
        if (all[t].model != NULL) {
            predict_all(all[t].model, found);
            assert_memory_equal(found, expected, sizeof found);
        }
    }
    run_together(destroy, all);
    dsc_ratings_destroy(others);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_that_nobody_else_holds_go),
        cmocka_unit_test(times_that_a_model_holds_stay),
        cmocka_unit_test(holders_are_counted),
        cmocka_unit_test(a_model_lives_without_its_ratings),
        cmocka_unit_test(ratings_live_without_their_model),
        cmocka_unit_test(nothing_stays),
        cmocka_unit_test(threads_hold_and_release),
        cmocka_unit_test(threads_train_on_the_same_ratings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
