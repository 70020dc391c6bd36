/* Training by minibatches with histories against numbers computed independently by
 * tools/reference_histories.py: three steps of each optimizer, with and without dropout.
 * docs/math.md (18), (20) to (23), (170) to (173). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recommender/model.h"
#include "recommender/trainer.h"

enum {
    N_USERS = 6,
    N_ITEMS = 5,
    N_FACTORS = 2,
    MAX_VALUES = 200,
    MAX_BATCH = 8,
    N_STEPS = 3,
    N_RUNS = 30
};

static json_t *reference;

static int load(void **state) {
    (void)state;
    json_error_t problem;
    reference = json_load_file("tests/data/reference_histories.json", 0, &problem);
    if (reference == NULL) {
        print_error("reference_histories.json:%d: %s\n", problem.line, problem.text);
    }
    return reference != NULL ? 0 : -1;
}

static int unload(void **state) {
    (void)state;
    json_decref(reference);
    return 0;
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static bool flag(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_boolean(value));
    return json_is_true(value);
}

static size_t numbers(const json_t *object, const char *key, double out[MAX_VALUES]) {
    const json_t *list = json_object_get(object, key);
    const size_t n = json_array_size(list);
    assert_in_range(n, 1, MAX_VALUES);
    for (size_t i = 0; i < n; i++) {
        out[i] = json_number_value(json_array_get(list, i));
    }
    return n;
}

static dsc_ratings *read_ratings(void) {
    char text[1000];
    size_t length = 0, i;
    json_t *rating;
    json_array_foreach(json_object_get(reference, "ratings"), i, rating) {
        length += (size_t)snprintf(text + length, sizeof text - length, "u%d,i%d,%g\n",
                                   (int)json_integer_value(json_array_get(rating, 0)),
                                   (int)json_integer_value(json_array_get(rating, 1)),
                                   json_number_value(json_array_get(rating, 2)));
    }
    dsc_ratings *ratings = NULL;
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "reference", NULL, NULL, NULL),
                     DSC_OK);
    return ratings;
}

static dsc_optimizer_config optimizer_of(const json_t *run) {
    const char *name = json_string_value(json_object_get(run, "optimizer"));
    const double rate = number(reference, "rate");
    if (strcmp(name, "momentum") == 0) {
        return dsc_momentum(rate, number(reference, "momentum"));
    }
    return strcmp(name, "adam") == 0 ? dsc_adam(rate) : dsc_sgd(rate);
}

static dsc_recommender *make_model(const json_t *run) {
    const json_t *l2 = json_object_get(reference, "l2");
    double hidden[MAX_VALUES];
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_MIXED, 0);
    config.use_dot = flag(run, "dot");
    config.use_network = flag(run, "network");
    config.use_user_history = flag(run, "user_history");
    config.use_item_history = flag(run, "item_history");
    config.history_dropout = number(run, "dropout");
    config.l2_vectors = number(l2, "vectors");
    config.l2_user_history = number(l2, "user_history");
    config.l2_item_history = number(l2, "item_history");
    config.l2_biases = number(l2, "biases");
    config.l2_network = number(l2, "network");
    config.optimizer = optimizer_of(run);
    config.seed = (uint64_t)number(reference, "seed");
    config.n_factors = N_FACTORS;
    config.activation = DSC_TANH;
    config.batch_size = MAX_BATCH;
    config.n_hidden = numbers(reference, "hidden", hidden);
    for (size_t l = 0; l < config.n_hidden; l++) {
        config.hidden[l] = (size_t)hidden[l];
    }
    dsc_ratings *ratings = read_ratings();
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    assert_int_equal(model->n_users, N_USERS);
    assert_int_equal(model->n_items, N_ITEMS);
    return model;
}

/* Value i of tables and network, in the order of the reference's. */
static float *value_at(const dsc_recommender *m, size_t i) {
    if (i < m->n_table_values) {
        return &m->tables[i];
    }
    float *parameters = dsc_network_parameters(m->network);
    return &parameters[i - m->n_table_values];
}

static size_t read_batch(const dsc_recommender *model, size_t step,
                         dsc_training_sample out[MAX_BATCH]) {
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    const json_t *pairs = json_array_get(json_object_get(reference, "batches"), step);
    const size_t n = json_array_size(pairs);
    assert_in_range(n, 1, MAX_BATCH);
    for (size_t s = 0; s < n; s++) {
        const json_t *pair = json_array_get(pairs, s);
        const uint32_t user = (uint32_t)json_integer_value(json_array_get(pair, 0));
        const uint32_t item = (uint32_t)json_integer_value(json_array_get(pair, 1));
        const float rating = ratings.value[dsc_sparse_find(ratings, user, item)];
        out[s] = (dsc_training_sample){user, item, dsc_trainer_target(model, rating)};
    }
    return n;
}

static void assert_near(const json_t *run, const char *what, double found, double expected) {
    if (!(fabs(found - expected) <= 2e-5 * fmax(1, fabs(expected)))) {
        fail_msg("%s: %s is %.9g; expected %.9g", json_string_value(json_object_get(run, "name")),
                 what, found, expected);
    }
}

static void check(const json_t *run) {
    dsc_recommender *model = make_model(run);
    dsc_trainer *trainer = NULL;
    double values[MAX_VALUES], errors[MAX_VALUES], sum;
    const size_t n = numbers(run, "start", values);
    assert_int_equal(n,
                     model->n_table_values +
                         (model->network != NULL ? dsc_network_n_parameters(model->network) : 0));
    for (size_t i = 0; i < n; i++) {
        *value_at(model, i) = (float)values[i];
    }
    assert_int_equal(dsc_trainer_create(&trainer, model, dsc_sparse_view(&model->ratings), NULL),
                     DSC_OK);
    assert_int_equal(numbers(run, "errors", errors), N_STEPS);
    for (size_t step = 0; step < N_STEPS; step++) {
        dsc_training_sample samples[MAX_BATCH];
        const size_t n_batch = read_batch(model, step, samples);
        assert_int_equal(dsc_trainer_step(trainer, samples, n_batch, 0, &sum, NULL), DSC_OK);
        assert_near(run, "a sum of squared errors", sum, errors[step]);
    }
    assert_int_equal(numbers(run, "end", values), n);
    for (size_t i = 0; i < n; i++) {
        assert_near(run, "a value", (double)*value_at(model, i), values[i]);
    }
    dsc_trainer_destroy(trainer);
    dsc_recommender_destroy(model);
}

static void three_steps_of_every_form_and_optimizer(void **state) {
    (void)state;
    const json_t *runs = json_object_get(reference, "runs");
    assert_int_equal(json_array_size(runs), N_RUNS);
    for (size_t r = 0; r < N_RUNS; r++) {
        check(json_array_get(runs, r));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(three_steps_of_every_form_and_optimizer)};
    return cmocka_run_group_tests(tests, load, unload);
}
