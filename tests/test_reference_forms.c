/* Full-batch training of several forms against numbers computed independently: the objective and
 * its gradient at a start, and the minimum that L-BFGS reaches from there, which
 * tools/reference_forms.py found by steepest descent. docs/math.md (18), (50) to (55), (130) to (135). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "full_batch_floats.h"
#include "recommender/full_batch.h"
#include "recommender/model.h"

enum { N_USERS = 6, N_ITEMS = 5, N_FACTORS = 2, MAX_VALUES = 200, N_FORMS = 8 };

static json_t *reference;

static int load(void **state) {
    (void)state;
    json_error_t problem;
    reference = json_load_file("tests/data/reference_forms.json", 0, &problem);
    if (reference == NULL) {
        print_error("reference_forms.json:%d: %s\n", problem.line, problem.text);
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

/* What is said of the users' sides, 0, or of the items', 1. */
static const json_t *side_of(const json_t *form, size_t which) {
    return json_array_get(json_object_get(form, "sides"), which);
}

static dsc_activation activation_of(const json_t *side) {
    dsc_activation activation = DSC_IDENTITY;
    assert_true(dsc_activation_from_name(json_string_value(json_object_get(side, "activation")),
                                         &activation));
    return activation;
}

static dsc_recommender *make_model(const json_t *form) {
    const json_t *ridge = json_object_get(reference, "ridge");
    double hidden[MAX_VALUES];
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, 0);
    config.use_dot = flag(form, "dot");
    config.use_network = flag(form, "network");
    config.use_user_history = flag(form, "user_history");
    config.use_item_history = flag(form, "item_history");
    config.weigh_user_history = flag(side_of(form, 0), "weigh");
    config.weigh_item_history = flag(side_of(form, 1), "weigh");
    config.share_user_vector = flag(side_of(form, 0), "share");
    config.share_item_vector = flag(side_of(form, 1), "share");
    config.user_activation = activation_of(side_of(form, 0));
    config.item_activation = activation_of(side_of(form, 1));
    config.ridge = (dsc_ridge){number(ridge, "vectors"), number(ridge, "user_history"),
                               number(ridge, "item_history"), number(ridge, "biases"),
                               number(ridge, "network")};
    config.n_factors = N_FACTORS;
    config.activation = DSC_TANH;
    config.n_hidden = numbers(reference, "hidden", hidden);
    for (size_t l = 0; l < config.n_hidden; l++) {
        config.hidden[l] = (size_t)hidden[l];
    }
    config.max_epochs = 5000;
    dsc_ratings *ratings = read_ratings();
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    assert_int_equal(model->n_users, N_USERS);
    assert_int_equal(model->n_items, N_ITEMS);
    return model;
}

static void assert_near(const json_t *form, const char *what, double found, double expected,
                        double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected)))) {
        fail_msg("%s: %s is %.9g; expected %.9g", json_string_value(json_object_get(form, "name")),
                 what, found, expected);
    }
}

static bool go_on(size_t iteration, double sum_of_squared_errors, void *user) {
    (void)iteration;
    (void)sum_of_squared_errors;
    (void)user;
    return true;
}

static void check_predictions(const json_t *form, const dsc_recommender *model, double tolerance) {
    dsc_scorer *scorer = NULL;
    assert_int_equal(dsc_scorer_create(&scorer, model, NULL), DSC_OK);
    const json_t *rows = json_object_get(form, "predictions");
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const double expected = json_number_value(json_array_get(json_array_get(rows, u), i));
            float found;
            dsc_scorer_predict(scorer, 1, &u, &i, &found, NULL);
            assert_near(form, "a prediction", (double)found,
                        fmin(fmax(expected, model->statistics.min), model->statistics.max),
                        tolerance);
        }
    }
    dsc_scorer_destroy(scorer);
}

static dsc_status evaluate(dsc_full_batch *batch, dsc_precision precision, const double *x,
                           double *loss, double *gradient) {
    return precision == DSC_FLOAT64 ? dsc_full_batch_evaluate(x, loss, gradient, batch, NULL)
                                    : evaluate_in_floats(x, loss, gradient, batch);
}

/* Targets are stored in single precision, which is what the tolerances in double allow for. */
static void check(const json_t *form, dsc_precision precision) {
    const double tolerance = precision == DSC_FLOAT64 ? 1e-6 : 1e-5;
    dsc_recommender *model = make_model(form);
    dsc_full_batch *batch = NULL;
    assert_int_equal(dsc_full_batch_create(&batch, model, precision,
                                           dsc_kept_ratings_all(dsc_sparse_view(&model->ratings)),
                                           NULL),
                     DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double start[MAX_VALUES], expected[MAX_VALUES], gradient[MAX_VALUES], loss;
    assert_int_equal(numbers(form, "start", start), n);
    assert_int_equal(numbers(form, "gradient", expected), n);
    assert_int_equal(evaluate(batch, precision, start, &loss, gradient), DSC_OK);
    assert_near(form, "the loss", loss, number(form, "loss"), tolerance);
    for (size_t i = 0; i < n; i++) {
        assert_near(form, "an element of the gradient", gradient[i], expected[i], tolerance);
    }
    float *parameters = model->network != NULL ? dsc_network_parameters(model->network) : NULL;
    for (size_t i = 0; i < n; i++) {
        *(i < model->n_table_values ? &model->tables[i] : &parameters[i - model->n_table_values]) =
            (float)start[i];
    }
    assert_int_equal(dsc_full_batch_run(batch, go_on, NULL, NULL), DSC_OK);
    double least[MAX_VALUES];
    for (size_t i = 0; i < n; i++) {
        least[i] = (double)(i < model->n_table_values ? model->tables[i]
                                                      : parameters[i - model->n_table_values]);
    }
    assert_int_equal(evaluate(batch, precision, least, &loss, gradient), DSC_OK);
    assert_near(form, "the least loss", loss, number(form, "least_loss"), tolerance);
    check_predictions(form, model, precision == DSC_FLOAT64 ? 1e-5 : 1e-3);
    dsc_full_batch_destroy(batch);
    dsc_recommender_destroy(model);
}

static void every_form_reaches_the_minimum(void **state) {
    (void)state;
    const json_t *forms = json_object_get(reference, "forms");
    assert_int_equal(json_array_size(forms), N_FORMS);
    for (size_t f = 0; f < N_FORMS; f++) {
        check(json_array_get(forms, f), DSC_FLOAT64);
        check(json_array_get(forms, f), DSC_FLOAT32);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_form_reaches_the_minimum)};
    return cmocka_run_group_tests(tests, load, unload);
}
