/* How much memory each kind of training takes for a rating, as docs/library.md tells it: users and items
 * stay the same while ratings double, and so does all that does not grow with ratings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "descent/random.h"
#include "descent/recommender.h"
#include "peak_alloc.h"

/* So many ratings that full batches have all the blocks of users that they can have. */
enum { N_USERS = 400, N_ITEMS = 1000, N_SIZES = 2, LINE_LENGTH = 32, PURPOSE_PAIR = 100 };

static const double shares[N_SIZES] = {0.4, 0.8};

/* What does not double with the ratings, such as pages that are begun. */
static const double tolerance = 0.3;

static dsc_ratings *ratings_of[2][N_SIZES]; /* of explicit, of implicit feedback */

/* Everybody rates in one second. */
static dsc_ratings *make_ratings(double share, dsc_feedback feedback) {
    char *text = malloc((size_t)N_USERS * N_ITEMS * LINE_LENGTH);
    size_t length = 0;
    assert_non_null(text);
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = 0; i < N_ITEMS; i++) {
            dsc_random random = dsc_random_stream(1, PURPOSE_PAIR, u * N_ITEMS + i);
            if (dsc_random_uniform(&random) < share) {
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%zu,%zu\n", u, i,
                                           1 + (u + i) % 5, 1000 + u);
            }
        }
    }
    dsc_ratings *ratings = NULL;
    const dsc_ratings_format format = {.feedback = feedback, .n_threads = 1};
    dsc_error err;
    if (dsc_ratings_read_memory(&ratings, text, length, "made up", &format, NULL, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    free(text);
    assert_int_equal(dsc_ratings_n_users(ratings), N_USERS);
    assert_int_equal(dsc_ratings_n_items(ratings), N_ITEMS);
    return ratings;
}

static int begin(void **state) {
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        for (size_t s = 0; s < N_SIZES; s++) {
            ratings_of[f][s] = make_ratings(shares[s], (dsc_feedback)f);
        }
    }
    return 0;
}

static int end(void **state) {
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        for (size_t s = 0; s < N_SIZES; s++) {
            dsc_ratings_destroy(ratings_of[f][s]);
        }
    }
    return 0;
}

/* Bytes at most while a model is trained. */
static double peak_of(const dsc_ratings *ratings, const dsc_recommender_config *config) {
    dsc_recommender *model;
    dsc_error err;
    peak_alloc_begin();
    if (dsc_recommender_train(&model, ratings, config, NULL, NULL, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    const size_t peak = peak_alloc_end();
    dsc_recommender_destroy(model);
    return (double)peak;
}

/* A training adds `expected` bytes a rating to the ratings. */
static void check(const char *kind, const dsc_recommender_config *config, double expected) {
    dsc_ratings *const *ratings = ratings_of[config->is_implicit];
    const double n_more = (double)dsc_ratings_by_user(ratings[1]).n_entries -
                          (double)dsc_ratings_by_user(ratings[0]).n_entries;
    const double found = (peak_of(ratings[1], config) - peak_of(ratings[0], config)) / n_more;
    print_message("%s: %.2f bytes a rating\n", kind, found);
    if (!(fabs(found - expected) < tolerance)) {
        fail_msg("%s: %.2f bytes a rating; expected %.2f", kind, found, expected);
    }
}

static dsc_recommender_config small(dsc_form form) {
    dsc_recommender_config config = dsc_recommender_config_of(form, 0);
    config.n_factors = 2;
    config.max_epochs = 1;
    config.holdout = 0;
    config.n_threads = 2;
    config.choose_ridge = config.choose_history = false;
    return config;
}

static void full_batches(void **state) {
    (void)state;
    dsc_recommender_config config = small(DSC_FORM_HISTORIES);
    check("full batches", &config, 4 + 4); /* who rated by item, slopes */
    config.holdout = 0.1;
    check("full batches beside held-out ratings", &config, 0.9 * (4 + 4) + 0.1 * 4);
    config = small(DSC_FORM_ITEM_AUTOREC);
    check("full batches with weighed histories", &config, 4 + 4 + 2 * 4);
    config.holdout = 0.1;
    check("full batches with weighed histories beside held-out ratings", &config,
          0.9 * (4 + 4 + 4) + 4 + 0.1 * 4);
    config = small(DSC_FORM_HISTORIES);
    config.n_time_bins = 3;
    config.session_gap = 60;
    check("full batches with times", &config, 4 + 4 + 3 * 4);
    config.holdout = 0.1;
    check("full batches with times beside held-out ratings", &config,
          0.9 * (4 + 4 + 2 * 4) + 4 + 0.1 * 4);
}

static void minibatches(void **state) {
    (void)state;
    dsc_recommender_config config = small(DSC_FORM_PERCEPTRON);
    config.batch_size = 1 << 10;
    check("minibatches", &config, 4);
    config.holdout = 0.1;
    check("minibatches and held-out ratings", &config, 4);
    config.holdout = 0;
    config.use_user_history = config.use_item_history = true;
    config.batch_size = 1 << 15;
    check("minibatches with histories", &config, 4 + 4);
    config.holdout = 0.1;
    check("minibatches with histories beside held-out ratings", &config, 4 + 0.9 * (4 + 4));
    config.holdout = 0;
    config.history_dropout = 0.5;
    check("minibatches with dropout of histories", &config, 4 + 4 + 2 * 4);
}

static void interactions(void **state) {
    (void)state;
    dsc_recommender_config config = small(DSC_FORM_IALS);
    check("alternating least squares", &config, 4);
    config.holdout = 0.1; /* its samples are gone before the rest is sorted */
    check("alternating least squares and held-out interactions", &config, 0.9 * 4 + 0.1 * 4);
    config = small(DSC_FORM_PERCEPTRON);
    config.batch_size = 1 << 10;
    config.is_implicit = true;
    config.use_mean = false;
    config.loss = DSC_LOSS_BPR;
    config.n_negatives = 1;
    check("interactions", &config, 4);
    config.holdout = 0.1;
    check("interactions beside held-out ones", &config, 4);
}

static void factorisation(void **state) {
    (void)state;
    dsc_recommender_config config = small(DSC_FORM_DOT);
    dsc_recommender_config_set_twin_adagrad(&config);
    config.max_epochs = 1;
    config.holdout = 0;
    check("twin AdaGrad", &config, 4);
    config.holdout = 0.1;
    check("twin AdaGrad and held-out ratings", &config, 4);
}

/* Ratings that are taken for interactions get values of their own. */
static void ratings_as_interactions(void **state) {
    (void)state;
    dsc_recommender_config config = small(DSC_FORM_IALS);
    const double n = (double)dsc_ratings_by_user(ratings_of[1][1]).n_entries;
    const double found =
        (peak_of(ratings_of[0][1], &config) - peak_of(ratings_of[1][1], &config)) / n;
    assert_true(fabs(found - 4) < tolerance);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_batches), cmocka_unit_test(minibatches),
        cmocka_unit_test(interactions), cmocka_unit_test(factorisation),
        cmocka_unit_test(ratings_as_interactions)};
    return cmocka_run_group_tests(tests, begin, end);
}
