/* The objective of an ordinal loss: against numbers computed independently by tools/reference_ordinal.py and
 * against differences of itself, and a step of minibatches. docs/math.md (140) to (147). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "assert_near.h"
#include "descent/probabilities.h"
#include "full_batch_floats.h"
#include "ordinal_models.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/trainer.h"

enum { MOST = 400 };

/* --- against the reference ---------------------------------------------------------------------- */

static size_t numbers(const json_t *object, const char *key, double out[MOST]) {
    const json_t *list = json_object_get(object, key);
    const size_t n = json_array_size(list);
    assert_in_range(n, 1, MOST);
    for (size_t i = 0; i < n; i++) {
        out[i] = json_number_value(json_array_get(list, i));
    }
    return n;
}

static double ridge_of(const json_t *reference, const char *name) {
    return json_number_value(json_object_get(json_object_get(reference, "ridge"), name));
}

static dsc_recommender *reference_model(const json_t *reference, const json_t *form) {
    char text[1000];
    size_t length = 0, i;
    json_t *rating;
    json_array_foreach(json_object_get(reference, "ratings"), i, rating) {
        length += (size_t)snprintf(text + length, sizeof text - length, "u%d,i%d,%g\n",
                                   (int)json_integer_value(json_array_get(rating, 0)),
                                   (int)json_integer_value(json_array_get(rating, 1)),
                                   json_number_value(json_array_get(rating, 2)));
    }
    dsc_ratings *ratings = ratings_from_text(text);
    dsc_recommender_config config = ordinal_config(DSC_FORM_HISTORIES);
    config.use_user_history = json_is_true(json_object_get(form, "user_history"));
    config.use_item_history = json_is_true(json_object_get(form, "item_history"));
    config.n_factors = 2;
    config.ridge =
        (dsc_ridge){ridge_of(reference, "vectors"), ridge_of(reference, "user_history"),
                    ridge_of(reference, "item_history"), ridge_of(reference, "biases"), 0};
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    return model;
}

static void check_reference(const json_t *reference, const json_t *form, dsc_precision precision) {
    const double tolerance = precision == DSC_FLOAT64 ? 1e-7 : 1e-5;
    dsc_recommender *model = reference_model(reference, form);
    dsc_full_batch *batch = NULL;
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    assert_int_equal(
        dsc_full_batch_create(&batch, model, precision, dsc_kept_ratings_all(ratings), NULL),
        DSC_OK);
    double start[MOST], expected[MOST], gradient[MOST], loss;
    const size_t n = dsc_full_batch_n_values(batch);
    assert_int_equal(numbers(form, "start", start), n);
    assert_int_equal(numbers(form, "gradient", expected), n);
    assert_int_equal(precision == DSC_FLOAT64
                         ? dsc_full_batch_evaluate(start, &loss, gradient, batch, NULL)
                         : evaluate_in_floats(start, &loss, gradient, batch),
                     DSC_OK);
    assert_near("the loss", loss, json_number_value(json_object_get(form, "loss")), tolerance);
    for (size_t i = 0; i < n; i++) {
        assert_near("an element of the gradient", gradient[i], expected[i], tolerance);
    }
    for (size_t i = 0; i < n; i++) {
        model->tables[i] = (float)start[i];
    }
    dsc_model_refresh(model);
    dsc_scorer *scorer = must_create_scorer(model);
    for (uint32_t u = 0; u < model->n_users; u++) {
        const json_t *row = json_array_get(json_object_get(form, "means"), u);
        for (uint32_t i = 0; i < model->n_items; i++) {
            float found;
            dsc_scorer_predict(scorer, 1, &u, &i, &found, NULL);
            assert_near("a prediction", (double)found, json_number_value(json_array_get(row, i)),
                        1e-6);
        }
    }
    dsc_scorer_destroy(scorer);
    dsc_full_batch_destroy(batch);
    dsc_recommender_destroy(model);
}

static void the_objective_is_that_of_the_reference(void **state) {
    (void)state;
    json_t *reference = json_load_file("tests/data/reference_ordinal.json", 0, NULL);
    const json_t *forms = json_object_get(reference, "forms");
    assert_int_equal(json_array_size(forms), 2);
    for (size_t f = 0; f < 2; f++) {
        check_reference(reference, json_array_get(forms, f), DSC_FLOAT64);
        check_reference(reference, json_array_get(forms, f), DSC_FLOAT32);
    }
    json_decref(reference);
}

/* --- gradients -------------------------------------------------------------------------------- */

/* Every mixture of the parts, in double, by differences of the objective itself. */
static void check_gradient(unsigned mixture) {
    dsc_ratings *ratings = planted_marks(9, 8, 0.6, 0);
    dsc_recommender_config config = small_config();
    dsc_recommender_config_set_loss(&config, DSC_LOSS_ORDINAL, 40);
    config.activation = DSC_TANH;
    config.n_factors = 3;
    config.use_lbfgs = true;
    config.use_dot = (mixture & 1) != 0;
    config.use_network = (mixture & 2) != 0;
    config.use_user_history = (mixture & 4) != 0;
    config.use_item_history = (mixture & 8) != 0;
    config.ridge = (dsc_ridge){0.3, 0.5, 0.7, 0.9, 1.1};
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    dsc_full_batch *batch = NULL;
    const dsc_sparse known = dsc_sparse_view(&model->ratings);
    assert_int_equal(
        dsc_full_batch_create(&batch, model, DSC_FLOAT64, dsc_kept_ratings_all(known), NULL),
        DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double *x = calloc(3 * n, sizeof *x), *gradient = x + n, *unused = x + 2 * n, loss;
    assert_non_null(x);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)((int)(i * 37 % 41) - 20) / 32;
    }
    assert_int_equal(dsc_full_batch_evaluate(x, &loss, gradient, batch, NULL), DSC_OK);
    for (size_t i = 0; i < n; i++) {
        const double kept = x[i], step = 1e-5;
        double above, below;
        x[i] = kept + step;
        assert_int_equal(dsc_full_batch_evaluate(x, &above, unused, batch, NULL), DSC_OK);
        x[i] = kept - step;
        assert_int_equal(dsc_full_batch_evaluate(x, &below, unused, batch, NULL), DSC_OK);
        x[i] = kept;
        assert_near("an element of the gradient", gradient[i], (above - below) / (2 * step), 1e-6);
    }
    free(x);
    dsc_full_batch_destroy(batch);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

static void gradients_of_every_mixture(void **state) {
    (void)state;
    for (unsigned mixture = 0; mixture < 16; mixture++) {
        if ((mixture & 3) != 0) {
            check_gradient(mixture);
        }
    }
}

/* Minus the mean log probability of samples under a model. (147) */
static double mean_loss(dsc_recommender *model, const dsc_training_sample *samples, size_t n) {
    dsc_model_refresh(model);
    dsc_scorer *scorer = must_create_scorer(model);
    double sum = 0;
    for (size_t s = 0; s < n; s++) {
        const dsc_side user = dsc_recommender_user_side(model, samples[s].user);
        const dsc_side item = dsc_recommender_item_side(model, samples[s].item);
        double p[MOST];
        dsc_scorer_probabilities(scorer, &user, &item, p);
        sum -= log(p[(size_t)samples[s].target]);
    }
    dsc_scorer_destroy(scorer);
    return sum / (double)n;
}

/* Plain gradient descent moves every value by the rate times its slope. */
static void a_step_follows_the_gradient(void **state) {
    (void)state;
    enum { N = 6 };
    dsc_ratings *ratings = planted_marks(9, 8, 0.6, 0);
    dsc_recommender_config config = small_config();
    config.loss = DSC_LOSS_ORDINAL;
    config.use_dot = true;
    config.activation = DSC_TANH;
    config.optimizer = (dsc_optimizer_config){.kind = DSC_SGD, .rate = 1};
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    dsc_trainer *trainer = NULL;
    assert_int_equal(dsc_trainer_create(&trainer, model, dsc_sparse_view(&model->ratings), NULL),
                     DSC_OK);
    dsc_training_sample samples[N];
    for (uint32_t s = 0; s < N; s++) {
        samples[s] = (dsc_training_sample){
            .user = s / 2, .item = model->ratings.column[model->ratings.start[s / 2] + s % 2]};
        samples[s].target =
            dsc_trainer_target(model, model->ratings.value[model->ratings.start[s / 2] + s % 2]);
        assert_in_range(samples[s].target, 0, 4);
    }
    const size_t n = model->n_table_values;
    double *expected = calloc(n, sizeof *expected);
    assert_non_null(expected);
    for (size_t i = 0; i < n; i++) {
        const float kept = model->tables[i], step = 0.0078125F;
        model->tables[i] = kept + step;
        const double above = mean_loss(model, samples, N);
        model->tables[i] = kept - step;
        expected[i] = (double)kept - (above - mean_loss(model, samples, N)) / (2 * (double)step);
        model->tables[i] = kept;
    }
    const double before = mean_loss(model, samples, N);
    double squared_errors;
    assert_int_equal(dsc_trainer_step(trainer, samples, N, 0, &squared_errors, NULL), DSC_OK);
    for (size_t i = 0; i < n; i++) {
        assert_near("a value after the step", (double)model->tables[i], expected[i], 2e-4);
    }
    assert_true(squared_errors > 0);
    assert_true(mean_loss(model, samples, N) < before);
    free(expected);
    dsc_trainer_destroy(trainer);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_objective_is_that_of_the_reference),
        cmocka_unit_test(gradients_of_every_mixture),
        cmocka_unit_test(a_step_follows_the_gradient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
