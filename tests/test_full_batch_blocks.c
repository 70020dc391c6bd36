/* Full batches of so many ratings that users are passed in several blocks: every rating's slope comes to
 * its item, its bin of time and its session. docs/math.md (210), (211). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "descent/random.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/full_batch_pass.h"
#include "recommender/model.h"

enum { N_USERS = 170, N_ITEMS = 90, LINE_LENGTH = 40, PURPOSE_PAIR = 100, STRIDE = 11 };

/* About 9,200 ratings, at times that have nothing to do with their order. */
static dsc_ratings *make_ratings(void) {
    char *text = malloc((size_t)N_USERS * N_ITEMS * LINE_LENGTH);
    size_t length = 0;
    assert_non_null(text);
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = 0; i < N_ITEMS; i++) {
            dsc_random random = dsc_random_stream(1, PURPOSE_PAIR, u * N_ITEMS + i);
            if (dsc_random_uniform(&random) < 0.6) {
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%u,%u\n", u, i,
                                           1 + dsc_random_below(&random, 5),
                                           dsc_random_below(&random, 10000));
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

static dsc_recommender *make_model(dsc_rating_loss loss, bool use_network) {
    dsc_ratings *ratings = make_ratings();
    dsc_recommender_config config = small_config();
    config.loss = loss;
    config.use_network = use_network;
    config.n_factors = 3;
    config.n_threads = 3;
    config.activation = DSC_TANH;
    config.use_lbfgs = config.use_dot = config.use_user_history = config.use_item_history = true;
    config.weigh_user_history = config.weigh_item_history = true;
    config.n_time_bins = 4;
    config.session_gap = 3000;
    config.ridge = (dsc_ridge){0.3, 0.5, 0.7, 0.9, 1.1, .time_bins = 1.3, .sessions = 1.7};
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    return model;
}

/* Slopes of the loss, of one variable after the other. Losses are added up by user: they know nothing of
 * where slopes lie. */
static void check_gradient(dsc_recommender *model) {
    dsc_full_batch *batch = NULL;
    assert_int_equal(
        dsc_full_batch_create(&batch, model, DSC_FLOAT64, dsc_sparse_view(&model->ratings), NULL),
        DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double *x = calloc(3 * n, sizeof *x);
    assert_non_null(x);
    double *gradient = x + n, *unused = x + 2 * n;
    dsc_random random = dsc_random_stream(2, PURPOSE_PAIR, 0);
    for (size_t i = 0; i < n; i++) {
        x[i] = 0.1 * dsc_random_normal(&random);
    }
    double loss;
    assert_int_equal(dsc_full_batch_evaluate(x, &loss, gradient, batch, NULL), DSC_OK);
    for (size_t i = 0; i < n; i += STRIDE) {
        const double kept = x[i], step = 1e-5;
        double above, below;
        x[i] = kept + step;
        assert_int_equal(dsc_full_batch_evaluate(x, &above, unused, batch, NULL), DSC_OK);
        x[i] = kept - step;
        assert_int_equal(dsc_full_batch_evaluate(x, &below, unused, batch, NULL), DSC_OK);
        x[i] = kept;
        const double slope = (above - below) / (2 * step);
        if (!(fabs(gradient[i] - slope) < 1e-5 * fmax(1, fabs(slope)))) {
            fail_msg("variable %zu of %zu: %.9g; expected %.9g", i, n, gradient[i], slope);
        }
    }
    free(x);
    dsc_full_batch_destroy(batch);
}

static void gradients(void **state) {
    (void)state;
    dsc_recommender *squared = make_model(DSC_LOSS_SQUARED, false);
    dsc_recommender *ordinal = make_model(DSC_LOSS_ORDINAL, false);
    dsc_recommender *network = make_model(DSC_LOSS_SQUARED, true);
    dsc_row_parts parts;
    assert_int_equal(dsc_row_parts_init(&parts, dsc_sparse_view(&squared->ratings), NULL), DSC_OK);
    assert_true(parts.n > 4 && parts.n < DSC_FULL_BATCH_BLOCKS);
    dsc_row_parts_clear(&parts);
    check_gradient(squared);
    check_gradient(ordinal);
    check_gradient(network);
    dsc_recommender_destroy(squared);
    dsc_recommender_destroy(ordinal);
    dsc_recommender_destroy(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
