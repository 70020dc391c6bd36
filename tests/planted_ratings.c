/* Ratings with planted tastes: see planted_ratings.h. */
#include "planted_ratings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "recommender/model.h"

enum { PURPOSE_PAIR = 100, LINE_LENGTH = 64 };

dsc_ratings *ratings_from_text(const char *text) {
    dsc_ratings *ratings = NULL;
    dsc_error err = {DSC_OK, "", ""};
    if (dsc_ratings_read_memory(&ratings, text, strlen(text), "planted", NULL, NULL, &err) !=
        DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return ratings;
}

dsc_ratings *planted_ratings(const planted *what) {
    char *text = malloc(what->n_users * what->n_items * LINE_LENGTH + LINE_LENGTH);
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "user,item,rating\n");
    for (size_t u = 0; u < what->n_users; u++) {
        for (size_t i = 0; i < what->n_items; i++) {
            dsc_random random = dsc_random_stream(what->seed, PURPOSE_PAIR, u * what->n_items + i);
            const double place = dsc_random_uniform(&random) / what->share;
            const double noise = what->noise * dsc_random_normal(&random);
            if (place >= what->part && place < what->part + 1.0) {
                const double liking = u % 2 == i % 2 ? 1.5 : -1.5;
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%.4f\n", u, i,
                                           3 + liking + noise);
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

dsc_recommender_config small_config(void) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_PERCEPTRON, 0);
    config.average_epochs = 1;
    config.n_factors = 4;
    config.n_hidden = 2;
    config.hidden[0] = 8;
    config.hidden[1] = 4;
    config.optimizer = dsc_adam(0.01);
    config.l2_vectors = 0.01;
    config.l2_biases = 0.01;
    config.l2_network = 0.001;
    config.batch_size = 32;
    config.max_epochs = 4;
    config.average_epochs = 1;
    config.patience = 5;
    config.holdout = 0.1;
    return config;
}

dsc_recommender *untrained_model(const planted *what, const dsc_recommender_config *config) {
    dsc_ratings *ratings = planted_ratings(what);
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    dsc_ratings_destroy(ratings);
    return model;
}

dsc_recommender *must_train(const dsc_ratings *ratings, const dsc_recommender_config *config) {
    dsc_recommender *model = NULL;
    dsc_error err = {DSC_OK, "", ""};
    if (dsc_recommender_train(&model, ratings, config, NULL, NULL, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    assert_non_null(model);
    return model;
}

dsc_scorer *must_create_scorer(const dsc_recommender *model) {
    dsc_scorer *scorer = NULL;
    assert_int_equal(dsc_scorer_create(&scorer, model, NULL), DSC_OK);
    return scorer;
}
