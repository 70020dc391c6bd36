/* Training on interactions against numbers computed independently by
 * tools/reference_interactions.py: sweeps of alternating least squares, and steps against drawn
 * negatives. docs/math.md (110) to (118). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "planted_ratings.h"
#include "recommender/als.h"
#include "recommender/model.h"
#include "recommender/trainer.h"

enum { MAX_VALUES = 200, MAX_GROUPS = 8, MAX_PAIRS = 40 };

static json_t *reference;

static int load(void **state) {
    (void)state;
    json_error_t problem;
    reference = json_load_file("tests/data/reference_interactions.json", 0, &problem);
    if (reference == NULL) {
        print_error("reference_interactions.json:%d: %s\n", problem.line, problem.text);
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

static size_t numbers(const json_t *object, const char *key, double out[MAX_VALUES]) {
    const json_t *list = json_object_get(object, key);
    const size_t n = json_array_size(list);
    assert_in_range(n, 1, MAX_VALUES);
    for (size_t i = 0; i < n; i++) {
        out[i] = json_number_value(json_array_get(list, i));
    }
    return n;
}

static dsc_recommender *make_model(dsc_recommender_config config) {
    char text[2000];
    size_t length = 0, i;
    json_t *pair;
    json_array_foreach(json_object_get(reference, "chosen"), i, pair) {
        length += (size_t)snprintf(text + length, sizeof text - length, "u%d,i%d,%d\n",
                                   (int)json_integer_value(json_array_get(pair, 0)),
                                   (int)json_integer_value(json_array_get(pair, 1)),
                                   (int)(i % 5) + 1); /* the value must not count */
    }
    dsc_ratings *ratings = ratings_from_text(text);
    dsc_recommender *model = NULL;
    config.n_factors = (size_t)number(reference, "factors");
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    return model;
}

static void assert_near(const char *what, size_t at, double found, double expected,
                        double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected)))) {
        fail_msg("%s %zu is %.9g; expected %.9g", what, at, found, expected);
    }
}

/* The half steps turn both tables, so that scores are compared and not vectors. */
static void sweeps_are_those_of_dense_weights(void **state) {
    (void)state;
    double values[MAX_VALUES];
    dsc_recommender_config config = dsc_recommender_config_implicit(DSC_FORM_IALS, 0);
    config.unobserved_weight = number(reference, "unobserved_weight");
    config.ridge.vectors = number(reference, "ridge");
    dsc_recommender *model = make_model(config);
    const size_t k = model->config.n_factors;
    assert_int_equal(numbers(reference, "users", values), model->n_users * k);
    for (size_t i = 0; i < model->n_users * k; i++) {
        model->user_vectors[i] = (float)values[i];
    }
    dsc_als *als;
    assert_int_equal(
        dsc_als_create(&als, model, dsc_kept_ratings_all(dsc_sparse_view(&model->ratings)), NULL),
        DSC_OK);
    const size_t n_halves = numbers(reference, "objectives", values);
    for (size_t half = 0; half < n_halves; half++) {
        assert_int_equal(dsc_als_half_step(als, half % 2 == 0, NULL), DSC_OK);
        assert_near("objective", half, dsc_als_objective(als), values[half], 1e-5);
    }
    assert_int_equal(numbers(reference, "scores", values), model->n_users * model->n_items);
    for (size_t u = 0; u < model->n_users; u++) {
        for (size_t i = 0; i < model->n_items; i++) {
            double score = 0;
            for (size_t f = 0; f < k; f++) {
                score +=
                    (double)model->user_vectors[u * k + f] * (double)model->item_vectors[i * k + f];
            }
            assert_near("score", u * model->n_items + i, score, values[u * model->n_items + i],
                        2e-5);
        }
    }
    dsc_als_destroy(als);
    dsc_recommender_destroy(model);
}

typedef struct groups {
    uint32_t user[MAX_GROUPS], length[MAX_GROUPS], item[MAX_PAIRS];
    dsc_training_groups view;
} groups;

static void read_groups(groups *out) {
    size_t g, i;
    json_t *group, *item;
    out->view = (dsc_training_groups){.user = out->user, .length = out->length, .item = out->item};
    json_array_foreach(json_object_get(reference, "groups"), g, group) {
        const json_t *items = json_array_get(group, 1);
        out->user[g] = (uint32_t)json_integer_value(json_array_get(group, 0));
        out->length[g] = (uint32_t)json_array_size(items);
        json_array_foreach(items, i, item) {
            out->item[out->view.n_pairs++] = (uint32_t)json_integer_value(item);
        }
    }
    out->view.n_groups = json_array_size(json_object_get(reference, "groups"));
}

static void steps_are_those_of_differences(void **state) {
    (void)state;
    double before[MAX_VALUES], after[MAX_VALUES];
    size_t s;
    json_t *step;
    groups all = {0};
    read_groups(&all);
    const size_t n = numbers(reference, "tables", before);
    json_array_foreach(json_object_get(reference, "steps"), s, step) {
        dsc_recommender_config config = dsc_recommender_config_implicit(DSC_FORM_DOT, 0);
        config.optimizer = dsc_sgd(number(reference, "rate"));
        config.l2_vectors = config.l2_biases = 0;
        config.n_negatives = 3;
        config.batch_size = all.view.n_groups;
        assert_true(dsc_rating_loss_from_name(json_string_value(json_object_get(step, "loss")),
                                              &config.loss));
        dsc_recommender *model = make_model(config);
        assert_int_equal(model->n_table_values, n);
        for (size_t i = 0; i < n; i++) {
            model->tables[i] = (float)before[i];
        }
        dsc_trainer *trainer;
        double sum = 0;
        assert_int_equal(
            dsc_trainer_create(&trainer, model, dsc_sparse_view(&model->ratings), NULL), DSC_OK);
        assert_int_equal(dsc_trainer_step_groups(trainer, &all.view, &sum, NULL), DSC_OK);
        assert_near("mean loss of step", s, sum / (double)all.view.n_groups, number(step, "mean"),
                    1e-6);
        assert_int_equal(numbers(step, "after", after), n);
        for (size_t i = 0; i < n; i++) {
            assert_near("value", i, (double)model->tables[i], after[i], 1e-6);
        }
        dsc_trainer_destroy(trainer);
        dsc_recommender_destroy(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_are_those_of_dense_weights),
        cmocka_unit_test(steps_are_those_of_differences),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
