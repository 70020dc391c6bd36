/* The mean of weights over epochs: by hand, and as training keeps it. docs/math.md (174). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planted_ratings.h"
#include "recommender/history.h"
#include "recommender/weight_average.h"

static const planted few = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 1};

/* Dot product and perceptron, with histories where asked for; all ratings are trained on. */
static dsc_recommender_config config_of(bool has_histories) {
    dsc_recommender_config config = small_config();
    config.use_dot = true;
    config.use_user_history = config.use_item_history = has_histories;
    config.holdout = 0;
    return config;
}

static size_t n_values(const dsc_recommender *m) {
    return m->n_table_values + dsc_network_n_parameters(m->network);
}

static float *value_at(const dsc_recommender *m, size_t i) {
    float *parameters = dsc_network_parameters(m->network);
    return i < m->n_table_values ? &m->tables[i] : &parameters[i - m->n_table_values];
}

/* Weights 1, 2, 3, 4 after four epochs, and of n = 2: 1, 1.5, 2.25, 3.125. */
static void by_hand(void **state) {
    (void)state;
    static const float expected[] = {1, 1.5F, 2.25F, 3.125F};
    dsc_ratings *ratings = planted_ratings(&few);
    const dsc_recommender_config config = config_of(false);
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_weight_average two, one;
    assert_int_equal(dsc_weight_average_init(&two, model, 2, NULL), DSC_OK);
    assert_int_equal(dsc_weight_average_init(&one, model, 1, NULL), DSC_OK);
    for (size_t epoch = 0; epoch < 4; epoch++) {
        const float weight = (float)(epoch + 1);
        for (size_t i = 0; i < n_values(model); i++) {
            *value_at(model, i) = weight;
        }
        dsc_weight_average_add(&two);
        dsc_weight_average_add(&one);
        for (int swaps = 0; swaps < 2; swaps++) {
            dsc_weight_average_swap(&two);
            for (size_t i = 0; i < n_values(model); i++) {
                assert_true(*value_at(model, i) == (swaps == 0 ? expected[epoch] : weight));
            }
        }
        dsc_weight_average_swap(&one); /* the weights themselves */
        assert_true(*value_at(model, 0) == weight);
    }
    dsc_weight_average_clear(&two);
    dsc_weight_average_clear(&one);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* Weights after epoch 1, 2 and 3 are those of trainings that end there; the training that averages
 * keeps their mean, and takes the same steps. */
static void training_keeps_the_mean(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&few);
    for (int has_histories = 0; has_histories <= 1; has_histories++) {
        dsc_recommender_config config = config_of(has_histories != 0);
        dsc_recommender *after[3];
        for (size_t e = 0; e < 3; e++) {
            config.max_epochs = e + 1;
            after[e] = must_train(ratings, &config);
        }
        config.average_epochs = 2;
        dsc_recommender *averaged = must_train(ratings, &config);
        double largest = 0;
        for (size_t i = 0; i < n_values(averaged); i++) {
            double mean = 0;
            for (size_t e = 0; e < 3; e++) {
                const double share = e == 0 ? 1 : 0.5;
                mean += share * ((double)*value_at(after[e], i) - mean);
            }
            assert_true(fabs(mean - (double)*value_at(averaged, i)) < 1e-6);
            largest = fmax(largest, fabs(mean - (double)*value_at(after[2], i)));
        }
        assert_true(largest > 1e-3); /* it is not the last epoch's */
        assert_true(averaged->statistics.train_rmse == after[2]->statistics.train_rmse);
        /* sides follow from the mean, not from the epoch */
        const size_t k = config.n_factors;
        float *sides = calloc(averaged->n_users * k, sizeof *sides);
        memcpy(sides, averaged->user_vectors, averaged->n_users * k * sizeof *sides);
        if (has_histories != 0) {
            const dsc_history history = {.own = averaged->user_vectors,
                                         .summed = averaged->rated_vectors};
            dsc_history_sums(averaged->kernels, sides, &history, k,
                             dsc_sparse_view(&averaged->ratings));
        }
        assert_memory_equal(sides, averaged->user_sides, averaged->n_users * k * sizeof *sides);
        free(sides);
        for (size_t e = 0; e < 3; e++) {
            dsc_recommender_destroy(after[e]);
        }
        dsc_recommender_destroy(averaged);
    }
    dsc_ratings_destroy(ratings);
}

/* The validation error is that of what is kept. */
static void the_mean_is_what_is_validated(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = config_of(true);
    config.holdout = 0.2;
    config.max_epochs = 2;
    dsc_recommender *plain = must_train(ratings, &config);
    config.average_epochs = 5;
    dsc_recommender *averaged = must_train(ratings, &config);
    assert_true(averaged->statistics.n_epochs == 2 && plain->statistics.n_epochs == 2);
    assert_true(averaged->statistics.validation_rmse != plain->statistics.validation_rmse);
    dsc_recommender_destroy(plain);
    dsc_recommender_destroy(averaged);
    dsc_ratings_destroy(ratings);
}

/* Thresholds follow from steps that are averaged with everything else. */
static void thresholds_follow_the_mean(void **state) {
    (void)state;
    dsc_ratings *ratings = ratings_from_text("a,x,1\na,y,2\nb,x,3\nb,z,5\nc,y,3\nc,z,4\n");
    dsc_recommender_config config = config_of(false);
    config.loss = DSC_LOSS_ORDINAL;
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    dsc_weight_average average;
    assert_int_equal(dsc_weight_average_init(&average, model, 2, NULL), DSC_OK);
    dsc_weight_average_add(&average);
    model->threshold_steps[0] += 1;
    dsc_model_set_thresholds(model);
    dsc_weight_average_add(&average);
    const double of_epoch = dsc_ordinal_mean(&model->ordinal, 0.3);
    dsc_weight_average_swap(&average);
    const double of_mean = dsc_ordinal_mean(&model->ordinal, 0.3);
    dsc_model_set_thresholds(model);
    assert_true(of_mean == dsc_ordinal_mean(&model->ordinal, 0.3));
    dsc_weight_average_swap(&average);
    assert_true(of_epoch == dsc_ordinal_mean(&model->ordinal, 0.3));
    assert_true(of_epoch != of_mean);
    dsc_weight_average_clear(&average);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(training_keeps_the_mean),
        cmocka_unit_test(thresholds_follow_the_mean),
        cmocka_unit_test(the_mean_is_what_is_validated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
