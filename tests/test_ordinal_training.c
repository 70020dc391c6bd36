/* Models with an ordinal loss: the whole objective against numbers computed independently by
 * tools/reference_ordinal.py and against differences of itself, a step of minibatches, what the forms
 * learn, and what follows a training: files, fold-ins, explanations. docs/math.md (140) to (149). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/explain.h"
#include "descent/fold_in.h"
#include "descent/probabilities.h"
#include "descent/random.h"
#include "file_parts.h"
#include "full_batch_floats.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/output.h"
#include "recommender/trainer.h"
#include "scratch_dir.h"

enum { MOST = 400, LINE_LENGTH = 40, PURPOSE_MARK = 38 };

/* Tastes as in planted_ratings, as marks from 1 to 5. */
static dsc_ratings *planted_marks(size_t n_users, size_t n_items, double share, uint32_t part) {
    char *text = malloc(n_users * n_items * LINE_LENGTH + 1);
    assert_non_null(text);
    size_t length = 0;
    for (size_t u = 0; u < n_users; u++) {
        for (size_t i = 0; i < n_items; i++) {
            dsc_random random = dsc_random_stream(6, PURPOSE_MARK, u * n_items + i);
            const double place = dsc_random_uniform(&random) / share;
            const double liking = u % 2 == i % 2 ? 1.5 : -1.5;
            const double rating = rint(3 + liking + 0.4 * dsc_random_normal(&random));
            if (place >= part && place < part + 1.0) {
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%g\n", u, i,
                                           fmin(5, fmax(1, rating)));
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

static dsc_recommender_config config_of(dsc_form form) {
    dsc_recommender_config config = dsc_recommender_config_of(form, 1200);
    dsc_recommender_config_set_loss(&config, DSC_LOSS_ORDINAL, 1200);
    config.n_factors = 8;
    config.average_epochs = 1;
    config.optimizer = dsc_adam(0.01);
    config.l2_vectors = 0.01;
    config.l2_network = 0.001;
    config.average_epochs = 1; /* five steps an epoch: a mean over epochs lags far behind them */
    return config;
}

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
    dsc_recommender_config config = config_of(DSC_FORM_HISTORIES);
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

static void assert_near(const char *what, double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected)))) {
        fail_msg("%s is %.12g; expected %.12g", what, found, expected);
    }
}

static void check_reference(const json_t *reference, const json_t *form, dsc_precision precision) {
    const double tolerance = precision == DSC_FLOAT64 ? 1e-7 : 1e-5;
    dsc_recommender *model = reference_model(reference, form);
    dsc_full_batch *batch = NULL;
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    assert_int_equal(dsc_full_batch_create(&batch, model, precision, ratings, NULL), DSC_OK);
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
    assert_int_equal(dsc_full_batch_create(&batch, model, DSC_FLOAT64, known, NULL), DSC_OK);
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
    assert_int_equal(dsc_trainer_step(trainer, samples, N, &squared_errors, NULL), DSC_OK);
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

/* --- what is learned ----------------------------------------------------------------------------
 */

static void every_form_learns(void **state) {
    (void)state;
    dsc_ratings *train = planted_marks(60, 50, 0.4, 0), *test = planted_marks(60, 50, 0.4, 1);
    for (int form = 0; form <= DSC_FORM_ITEM_AUTOREC; form++) {
        const dsc_recommender_config config = config_of((dsc_form)form);
        dsc_recommender *model = must_train(train, &config);
        dsc_evaluation found;
        dsc_recommender_info info;
        assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &found, NULL), DSC_OK);
        dsc_recommender_get_info(model, &info);
        if (!(found.model.rmse < 0.8)) { /* the mean has 1.5, the noise 0.5 */
            fail_msg("%s: %g", dsc_form_name((dsc_form)form), found.model.rmse);
        }
        assert_true(info.train_rmse < 0.6); /* in units of the ratings */
        assert_int_equal(info.config.loss, DSC_LOSS_ORDINAL);
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(test);
}

static void assert_same_bytes(const dsc_recommender *a, const dsc_recommender *b) {
    assert_int_equal(a->n_table_values, b->n_table_values);
    assert_memory_equal(a->tables, b->tables, a->n_table_values * sizeof *a->tables);
    assert_int_equal(dsc_ordinal_n_steps(&a->ordinal), dsc_ordinal_n_steps(&b->ordinal));
    assert_memory_equal(a->ordinal.thresholds, b->ordinal.thresholds,
                        dsc_ordinal_n_steps(&a->ordinal) * sizeof(double));
}

static void the_same_seed_gives_the_same_bytes(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_marks(30, 20, 0.4, 0);
    for (int form = 0; form <= DSC_FORM_ITEM_AUTOREC; form++) {
        dsc_recommender_config config = config_of((dsc_form)form);
        config.max_epochs = 5;
        dsc_recommender *first = must_train(ratings, &config);
        dsc_recommender *second = must_train(ratings, &config);
        assert_same_bytes(first, second);
        dsc_recommender_destroy(first);
        dsc_recommender_destroy(second);
    }
    dsc_ratings_destroy(ratings);
}

static bool go_on(size_t iteration, double sum_of_squared_errors, void *user) {
    (void)iteration;
    (void)sum_of_squared_errors;
    (void)user;
    return true;
}

/* The objective after so many iterations. */
static double loss_after(const dsc_ratings *ratings, size_t n_iterations) {
    dsc_recommender_config config = config_of(DSC_FORM_HISTORIES);
    config.max_epochs = n_iterations;
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    dsc_full_batch *batch = NULL;
    const dsc_sparse known = dsc_sparse_view(&model->ratings);
    assert_int_equal(dsc_full_batch_create(&batch, model, DSC_FLOAT32, known, NULL), DSC_OK);
    assert_int_equal(dsc_full_batch_run(batch, go_on, NULL, NULL), DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double *x = calloc(2 * n, sizeof *x), loss;
    assert_non_null(x);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)model->tables[i];
    }
    assert_int_equal(evaluate_in_floats(x, &loss, x + n, batch), DSC_OK);
    free(x);
    dsc_full_batch_destroy(batch);
    dsc_recommender_destroy(model);
    return loss;
}

/* Along a threshold the loss is curved by all ratings at once, which must not hold up the rest. */
static void thresholds_do_not_slow_a_training_down(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_marks(300, 200, 0.3, 0);
    const double start = loss_after(ratings, 1), soon = loss_after(ratings, 15);
    const double least = loss_after(ratings, 500);
    assert_true(least < start);
    if (!(soon - least < 0.5 * (start - least))) {
        fail_msg("%g at first, %g soon, %g in the end", start, soon, least);
    }
    dsc_ratings_destroy(ratings);
}

static void ratings_on_a_slider_are_refused(void **state) {
    (void)state;
    const planted many = {.n_users = 60, .n_items = 50, .share = 0.4, .noise = 0.3, .seed = 2};
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = config_of(DSC_FORM_DOT);
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err), DSC_E_DATA);
    assert_null(model);
    assert_non_null(strstr(err.message, "round the ratings"));
    config.loss = (dsc_rating_loss)7;
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "loss");
    dsc_ratings_destroy(ratings);
}

static void losses_have_names(void **state) {
    (void)state;
    for (int loss = 0; loss <= DSC_LOSS_ORDINAL; loss++) {
        dsc_rating_loss found = DSC_LOSS_SQUARED;
        assert_true(dsc_rating_loss_from_name(dsc_rating_loss_name((dsc_rating_loss)loss), &found));
        assert_int_equal(found, loss);
    }
    dsc_rating_loss found = DSC_LOSS_ORDINAL;
    assert_null(dsc_rating_loss_name((dsc_rating_loss)99));
    assert_false(dsc_rating_loss_from_name("hinge", &found));
    assert_int_equal(found, DSC_LOSS_ORDINAL);
}

/* --- what follows a training -------------------------------------------------------------------- */

typedef struct fixture {
    void *dir;
    char *path;
    dsc_ratings *ratings;
    dsc_recommender *model; /* all parts but the network, near its minimum */
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    f->path = scratch_path(f->dir, "model");
    f->ratings = planted_marks(30, 20, 0.5, 0);
    dsc_recommender_config config = config_of(DSC_FORM_HISTORIES);
    config.choose_ridge = false;
    config.ridge = (dsc_ridge){1, 2, 3, 1, 1};
    config.n_factors = 4;
    config.max_epochs = 2000;
    f->model = must_train(f->ratings, &config);
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->model);
    dsc_ratings_destroy(f->ratings);
    free(f->path);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

static void probabilities_make_the_prediction(void **state) {
    const fixture *f = *state;
    dsc_scorer *scorer = must_create_scorer(f->model);
    const size_t n = dsc_recommender_n_values(f->model);
    assert_int_equal(n, 5);
    for (size_t j = 1; j + 1 < n; j++) {
        assert_true(dsc_recommender_threshold(f->model, j) >
                    dsc_recommender_threshold(f->model, j - 1));
    }
    double p[5];
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        for (uint32_t i = 0; i < f->model->n_items; i++) {
            const dsc_side user = dsc_recommender_user_side(f->model, u);
            const dsc_side item = dsc_recommender_item_side(f->model, i);
            float rating;
            dsc_scorer_probabilities(scorer, &user, &item, p);
            dsc_scorer_predict(scorer, 1, &u, &i, &rating, NULL);
            double sum = 0, mean = 0;
            for (size_t k = 0; k < n; k++) {
                sum += p[k];
                mean += p[k] * dsc_recommender_value(f->model, k);
            }
            assert_near("the sum", sum, 1, 1e-12);
            assert_near("the mean", mean, (double)rating, 1e-6);
            assert_true(rating > 1 && rating < 5);
        }
    }
    const dsc_side nobody = {0}, item = dsc_recommender_item_side(f->model, 0);
    dsc_scorer_probabilities(scorer, &nobody, &item, p);
    assert_true(isnan(p[0]) && isnan(p[4]));
    dsc_scorer_destroy(scorer);
}

/* The order of the scores is that of the ratings. */
static void recommendations_are_in_order(void **state) {
    const fixture *f = *state;
    dsc_scorer *scorer = must_create_scorer(f->model);
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        dsc_recommendation out[20];
        size_t n = 0;
        dsc_scorer_recommend(scorer, u, 20, out, &n);
        assert_true(n > 0);
        for (size_t r = 0; r < n; r++) {
            float rating;
            double score;
            dsc_scorer_predict(scorer, 1, &u, &out[r].item, &rating, NULL);
            dsc_scorer_score(scorer, u, 1, &out[r].item, &score);
            assert_true(rating == out[r].rating);
            assert_true(r == 0 || rating <= out[r - 1].rating);
            assert_true((float)dsc_output_rating(f->model, score) == rating);
        }
    }
    dsc_scorer_destroy(scorer);
}

/* A trained user minimises the same objective as one who is folded in with the same ratings. */
static void a_fold_in_finds_a_trained_user(void **state) {
    const fixture *f = *state;
    dsc_fold_in_config config = dsc_fold_in_config_of(f->model, false);
    config.n_history = 0;
    assert_true(config.l2_vector == 1 && config.l2_bias == 1);
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        const dsc_side trained = dsc_recommender_user_side(f->model, u);
        dsc_folded *folded = NULL;
        const dsc_given given = {trained.n_ratings, trained.others, trained.ratings};
        assert_int_equal(dsc_fold_in_user(&folded, f->model, &given, &config, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_near("the bias", (double)side.bias, (double)trained.bias, 5e-3);
        for (size_t c = 0; c < 4; c++) {
            assert_near("the vector", (double)side.vector[c], (double)trained.vector[c], 5e-3);
        }
        dsc_folded_destroy(folded);
    }
}

static void explanations_add_up(void **state) {
    const fixture *f = *state;
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        const dsc_side user = dsc_recommender_user_side(f->model, u);
        const dsc_side item = dsc_recommender_item_side(f->model, u % 7);
        dsc_explanation e;
        assert_int_equal(dsc_explain(&e, f->model, &user, &item, NULL), DSC_OK);
        double sum = e.mean + e.user_bias + e.item_bias + e.network + e.own_vector;
        for (size_t r = 0; r < e.n_reasons; r++) {
            sum += e.reasons[r].push;
        }
        assert_near("the sum", sum, e.prediction, 1e-6);
        assert_true(e.prediction == e.rating); /* nothing to clip */
        assert_near("the start", e.mean, dsc_ordinal_mean(&f->model->ordinal, 0), 1e-15);
        /* At the minimum the values of the ratings are the user's own vector. */
        assert_near("what is left", e.own_vector, 0, 2e-2);
        dsc_explanation_clear(&e);
    }
}

static void the_line_leads_to_the_rating(void **state) {
    const fixture *f = *state;
    static const double scores[] = {-30, -1, -2e-4, -5e-5, 0, 1e-9, 9e-5, 1.1e-4, 0.5, 30};
    for (size_t s = 0; s < sizeof scores / sizeof scores[0]; s++) {
        const dsc_output_line line = dsc_output_line_to(f->model, scores[s]);
        assert_near("the rating", line.at_zero + line.unit * scores[s],
                    dsc_ordinal_mean(&f->model->ordinal, scores[s]), 1e-12);
        assert_true(line.unit > 0);
    }
    const double near_zero = dsc_output_line_to(f->model, 0).unit;
    assert_near("the slope", dsc_output_line_to(f->model, 1.5e-4).unit, near_zero, 1e-4);
}

/* --- files ------------------------------------------------------------------------------------ */

static dsc_status load(const char *path, dsc_error *err) {
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    const dsc_status status = dsc_recommender_load(&model, path, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

static void a_file_keeps_the_thresholds(void **state) {
    const fixture *f = *state;
    dsc_recommender *loaded = NULL;
    assert_int_equal(dsc_recommender_save(f->model, f->path, NULL), DSC_OK);
    assert_int_equal(dsc_recommender_load(&loaded, f->path, NULL), DSC_OK);
    assert_same_bytes(f->model, loaded);
    assert_int_equal(loaded->config.loss, DSC_LOSS_ORDINAL);
    assert_memory_equal(loaded->ordinal.values, f->model->ordinal.values, 5 * sizeof(double));
    dsc_recommender_info info;
    dsc_recommender_get_info(loaded, &info);
    assert_int_equal(info.n_parameters, 50 * 4 * 2 + 50 + 4); /* vectors, histories, biases */
    dsc_recommender_destroy(loaded);
    file_parts parts;
    file_parts_open(&parts, f->path);
    assert_string_equal(dsc_safetensors_metadata(parts.file, "format_version"), "3");
    file_parts_close(&parts);
}

static void another_model_is_of_version_2(void **state) {
    const fixture *f = *state;
    dsc_recommender_config config = config_of(DSC_FORM_DOT);
    config.loss = DSC_LOSS_SQUARED;
    config.max_epochs = 2;
    dsc_recommender *model = must_train(f->ratings, &config);
    assert_int_equal(dsc_recommender_n_values(model), 0);
    assert_int_equal(dsc_recommender_save(model, f->path, NULL), DSC_OK);
    dsc_recommender_destroy(model);
    file_parts parts;
    file_parts_open(&parts, f->path);
    assert_string_equal(dsc_safetensors_metadata(parts.file, "format_version"), "2");
    assert_null(dsc_safetensors_metadata(parts.file, "loss"));
    file_parts_close(&parts);
}

static void hostile_files_are_refused(void **state) {
    const fixture *f = *state;
    assert_int_equal(dsc_recommender_save(f->model, f->path, NULL), DSC_OK);
    file_parts parts;
    file_parts_open(&parts, f->path);
    char *path = scratch_path(f->dir, "damaged");
    static const char steps[] = "threshold_steps";
    file_parts_load(&parts, path, load, NULL);
    file_parts_load_value(&parts, path, load, steps, 0, (double)NAN, steps);
    file_parts_load_value(&parts, path, load, steps, 3, (double)INFINITY, steps);
    file_parts_load_value(&parts, path, load, steps, 0, 301, "moderate");
    file_parts_load_value(&parts, path, load, steps, 2, 20, "moderate");
    file_parts_load_value(&parts, path, load, steps, 2, 3e38, "moderate");
    file_parts_load_value(&parts, path, load, steps, 2, -3e38, NULL); /* ascending all the same */
    file_parts_load_value(&parts, path, load, "ratings_value", 0, 2.5, "expected 5");
    file_parts_load_key(&parts, path, load, "loss", "hinge", "\"hinge\" is not a loss");
    file_parts_load_key(&parts, path, load, "loss", "", "is not a loss");
    file_parts_load_key(&parts, path, load, "loss", "squared",
                        NULL); /* the steps are passed over */
    file_parts_load_key(&parts, path, load, "format_version", "4", "format version \"4\"");
    file_parts_load_other_shapes(&parts, path, load, NULL);
    for (size_t t = 0; t < parts.n_tensors; t++) {
        parts.tensor[t].name =
            strcmp(parts.tensor[t].name, steps) == 0 ? "x" : parts.tensor[t].name;
    }
    file_parts_load(&parts, path, load, "\"threshold_steps\" is missing");
    free(path);
    file_parts_close(&parts);
}

/* A file that claims an ordinal loss for ratings that are no marks. */
static void ratings_of_a_file_must_be_marks(void **state) {
    const fixture *f = *state;
    const planted many = {.n_users = 60, .n_items = 50, .share = 0.4, .noise = 0.3, .seed = 2};
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = config_of(DSC_FORM_DOT);
    config.loss = DSC_LOSS_SQUARED;
    config.max_epochs = 1;
    dsc_recommender *model = must_train(ratings, &config);
    assert_int_equal(dsc_recommender_save(model, f->path, NULL), DSC_OK);
    file_parts parts;
    file_parts_open(&parts, f->path);
    static const float none[4];
    size_t at = 0; /* among those of its element size */
    while (parts.tensor[at].element != DSC_F32) {
        at++;
    }
    memmove(parts.tensor + at + 1, parts.tensor + at,
            (parts.n_tensors++ - at) * sizeof *parts.tensor);
    parts.tensor[at] = (dsc_tensor){"threshold_steps", DSC_F32, 1, {4, 1}, none};
    parts.metadata[parts.n_metadata++] = (dsc_metadata){"loss", "ordinal"};
    char *path = scratch_path(f->dir, "damaged");
    file_parts_load_key(&parts, path, load, "format_version", "3",
                        "more than 100 different values");
    file_parts_load_key(&parts, path, load, "format_version", "2", NULL); /* which knows no loss */
    free(path);
    file_parts_close(&parts);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_objective_is_that_of_the_reference),
        cmocka_unit_test(gradients_of_every_mixture),
        cmocka_unit_test(a_step_follows_the_gradient),
        cmocka_unit_test(every_form_learns),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(thresholds_do_not_slow_a_training_down),
        cmocka_unit_test(ratings_on_a_slider_are_refused),
        cmocka_unit_test(losses_have_names),
        WITH_MODEL(probabilities_make_the_prediction),
        WITH_MODEL(recommendations_are_in_order),
        WITH_MODEL(a_fold_in_finds_a_trained_user),
        WITH_MODEL(explanations_add_up),
        WITH_MODEL(the_line_leads_to_the_rating),
        WITH_MODEL(a_file_keeps_the_thresholds),
        WITH_MODEL(another_model_is_of_version_2),
        WITH_MODEL(hostile_files_are_refused),
        WITH_MODEL(ratings_of_a_file_must_be_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
