/* Full-batch training in parts: any number of threads gives the same bytes, and the gradient over several parts is
 * that of the objective. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "descent/random.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/model.h"

/* Settings that take every way through the pass. */
static dsc_recommender_config setting(size_t number, const dsc_ratings *ratings) {
    const dsc_form forms[] = {DSC_FORM_HISTORIES, DSC_FORM_HISTORIES, DSC_FORM_ITEM_AUTOREC,
                              DSC_FORM_MIXED};
    dsc_recommender_config config =
        dsc_recommender_config_of(forms[number], dsc_ratings_by_user(ratings).n_entries);
    if (number == 1) {
        dsc_recommender_config_set_loss(&config, DSC_LOSS_ORDINAL,
                                        dsc_ratings_by_user(ratings).n_entries);
    }
    config.activation = DSC_TANH;
    config.use_lbfgs = true;
    config.choose_ridge = false;
    config.n_factors = 10;
    config.max_epochs = 8;
    return config;
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    const planted some = {.n_users = 300, .n_items = 120, .share = 0.4, .seed = 2};
    const size_t thread_counts[] = {1, 2, 3, 8, 0};
    dsc_ratings *ratings = planted_ratings(&some);
    for (size_t number = 0; number < 4; number++) {
        dsc_recommender *models[5];
        for (size_t t = 0; t < 5; t++) {
            dsc_recommender_config config = setting(number, ratings);
            config.n_threads = thread_counts[t];
            models[t] = must_train(ratings, &config);
            assert_int_equal(models[t]->n_table_values, models[0]->n_table_values);
            assert_memory_equal(models[t]->tables, models[0]->tables,
                                models[0]->n_table_values * sizeof(float));
            assert_true(models[t]->statistics.train_rmse == models[0]->statistics.train_rmse);
        }
        for (size_t t = 0; t < 5; t++) {
            dsc_recommender_destroy(models[t]);
        }
    }
    dsc_recommender_config config = setting(0, ratings);
    config.n_threads = 2000;
    dsc_recommender *model = NULL;
    dsc_error err;
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_threads");
    dsc_ratings_destroy(ratings);
}

/* A model of several parts: the objective's slope along a random direction is that of its gradient. */
static void gradients_across_parts(void **state) {
    (void)state;
    const planted some = {.n_users = 300, .n_items = 120, .share = 0.4, .seed = 2};
    dsc_ratings *ratings = planted_ratings(&some);
    for (size_t number = 0; number < 4; number++) {
        dsc_recommender_config config = setting(number, ratings);
        config.ridge.power = 0.5;
        config.n_threads = 3;
        dsc_recommender *model = NULL;
        dsc_full_batch *batch = NULL;
        assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
        dsc_model_init(model);
        assert_int_equal(dsc_full_batch_create(&batch, model, DSC_FLOAT64,
                                               dsc_kept_ratings_all(dsc_ratings_by_user(ratings)),
                                               NULL),
                         DSC_OK);
        const size_t n = dsc_full_batch_n_values(batch);
        assert_true(n > 4096);
        double *x = malloc(4 * n * sizeof *x), *gradient = x + n, *there = x + 2 * n;
        double *direction = x + 3 * n, slope = 0, loss[2];
        dsc_random random = dsc_random_stream(9, 100, number);
        for (size_t i = 0; i < n; i++) {
            x[i] = 0.1 * dsc_random_normal(&random);
            direction[i] = dsc_random_normal(&random);
        }
        assert_int_equal(dsc_full_batch_evaluate(x, &loss[0], gradient, batch, NULL), DSC_OK);
        for (size_t i = 0; i < n; i++) {
            slope += gradient[i] * direction[i];
        }
        for (int s = 0; s < 2; s++) {
            for (size_t i = 0; i < n; i++) {
                there[i] = x[i] + (s == 0 ? -1e-5 : 1e-5) * direction[i];
            }
            assert_int_equal(dsc_full_batch_evaluate(there, &loss[s], gradient, batch, NULL),
                             DSC_OK);
        }
        assert_true(fabs((loss[1] - loss[0]) / 2e-5 - slope) <= 1e-6 * fabs(slope));
        free(x);
        dsc_full_batch_destroy(batch);
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(gradients_across_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
