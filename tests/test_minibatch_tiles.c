/* Minibatches of many tiles: against a step in double, any number of threads to the byte, and what a
 * failure in a late tile leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/model.h"
#include "recommender/tile.h"
#include "recommender/trainer.h"

/* More than 32 tiles, the last of which is not full: each of eight threads has some. */
enum { MAX_SAMPLES = 7000, MIN_SAMPLES = 4200 };

static const planted many = {.n_users = 173, .n_items = 71, .share = 0.5, .noise = 0.3, .seed = 3};

/* Freed by the caller. */
static dsc_training_sample *all_samples(const dsc_recommender *m, size_t *n) {
    dsc_training_sample *out = calloc(MAX_SAMPLES, sizeof *out);
    assert_non_null(out);
    *n = 0;
    for (uint32_t u = 0; u < m->n_users; u++) {
        for (uint64_t e = m->ratings.start[u]; e < m->ratings.start[u + 1]; e++) {
            assert_true(*n < MAX_SAMPLES);
            out[(*n)++] = (dsc_training_sample){u, m->ratings.column[e],
                                                dsc_trainer_target(m, m->ratings.value[e])};
        }
    }
    assert_true(*n > MIN_SAMPLES);
    return out;
}

/* The tables and the network's parameters in one array, freed by the caller. */
static float *values_of(const dsc_recommender *m, size_t *n) {
    const size_t n_parameters = m->network != NULL ? dsc_network_n_parameters(m->network) : 0;
    *n = m->n_table_values + n_parameters;
    float *out = calloc(*n, sizeof *out);
    assert_non_null(out);
    memcpy(out, m->tables, m->n_table_values * sizeof *out);
    if (m->network != NULL) {
        memcpy(out + m->n_table_values, dsc_network_parameters_const(m->network),
               n_parameters * sizeof *out);
    }
    return out;
}

/* The gradient of full batches is computed in double and held against finite differences elsewhere:
 * a minibatch goes down 2 / n times it. */
static void check_step(size_t n_threads) {
    dsc_recommender_config config = small_config();
    config.use_dot = true;
    config.batch_size = MAX_SAMPLES;
    config.n_threads = n_threads;
    config.optimizer = dsc_sgd(0.5);
    config.activation = DSC_SIGMOID; /* without corners */
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    config.ridge = (dsc_ridge){0};
    dsc_recommender *model = untrained_model(&many, &config);
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    dsc_full_batch *batch = NULL;
    dsc_trainer *trainer = NULL;
    size_t n, n_samples;
    dsc_training_sample *samples = all_samples(model, &n_samples);
    float *before = values_of(model, &n);
    double *at = calloc(n, sizeof *at), *gradient = calloc(n, sizeof *gradient), loss, sum;
    assert_non_null(at);
    assert_non_null(gradient);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        at[i] = (double)before[i];
    }
    assert_int_equal(
        dsc_full_batch_create(&batch, model, DSC_FLOAT64, dsc_kept_ratings_all(ratings), NULL),
        DSC_OK);
    assert_int_equal(dsc_full_batch_evaluate(at, &loss, gradient, batch, NULL), DSC_OK);
    assert_int_equal(dsc_trainer_create(&trainer, model, ratings, NULL), DSC_OK);
    assert_int_equal(dsc_trainer_step(trainer, samples, n_samples, 0, &sum, NULL), DSC_OK);
    assert_true(fabs(sum - 2 * loss) < 1e-5 * sum);
    float *after = values_of(model, &n);
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(gradient[i]));
    }
    for (size_t i = 0; i < n; i++) {
        const double step = (double)before[i] - (double)after[i];
        const double found = step / 0.5 * (double)n_samples / 2;
        if (!(fabs(found - gradient[i]) < 1e-4 * largest)) {
            fail_msg("value %zu: %g, expected %g", i, found, gradient[i]);
        }
    }
    dsc_trainer_destroy(trainer);
    dsc_full_batch_destroy(batch);
    free(samples);
    free(before);
    free(after);
    free(at);
    free(gradient);
    dsc_recommender_destroy(model);
}

static void a_step_is_that_of_all_samples(void **state) {
    (void)state;
    check_step(1);
    check_step(2);
    check_step(8);
}

/* What makes a step fail: nothing; a number of the first or the last sample, which are of the first and the last tile,
 * before or after the pass through the network. */
typedef enum culprit { NOTHING, LAST_TARGET, FIRST_TARGET, FIRST_VECTOR, N_CULPRITS } culprit;

static float *number_of(culprit of, dsc_recommender *model, dsc_training_sample *samples,
                        size_t n_samples) {
    return of == LAST_TARGET    ? &samples[n_samples - 1].target
           : of == FIRST_TARGET ? &samples[0].target
                                : &model->user_vectors[samples[0].user * model->config.n_factors];
}

/* A step that fails by the culprit, then one that does not: what that leaves is freed by the caller. */
static float *values_after_failure(culprit of, size_t n_threads, size_t *n) {
    dsc_recommender_config config = small_config();
    config.batch_size = MAX_SAMPLES;
    config.n_threads = n_threads;
    dsc_recommender *model = untrained_model(&many, &config);
    size_t n_samples;
    dsc_training_sample *samples = all_samples(model, &n_samples);
    dsc_trainer *trainer = NULL;
    double sum;
    assert_int_equal(dsc_trainer_create(&trainer, model, dsc_sparse_view(&model->ratings), NULL),
                     DSC_OK);
    if (of != NOTHING) {
        float *number = number_of(of, model, samples, n_samples);
        const float kept = *number;
        *number = INFINITY;
        float *before = values_of(model, n);
        assert_int_equal(dsc_trainer_step(trainer, samples, n_samples, 0, &sum, NULL),
                         DSC_E_NONFINITE);
        float *failed = values_of(model, n);
        assert_memory_equal(failed, before, *n * sizeof *failed);
        free(failed);
        free(before);
        *number = kept;
    }
    float *before = values_of(model, n);
    assert_int_equal(dsc_trainer_step(trainer, samples, n_samples, 0, &sum, NULL), DSC_OK);
    float *after = values_of(model, n);
    assert_memory_not_equal(after, before, *n * sizeof *before);
    free(before);
    free(samples);
    dsc_trainer_destroy(trainer);
    dsc_recommender_destroy(model);
    return after;
}

static void a_failure_in_any_tile_changes_nothing(void **state) {
    (void)state;
    static const size_t n_threads[] = {1, 3, 8};
    size_t n;
    float *expected = values_after_failure(NOTHING, 1, &n);
    for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
        for (culprit of = LAST_TARGET; of < N_CULPRITS; of++) {
            float *after = values_after_failure(of, n_threads[t], &n);
            assert_memory_equal(after, expected, n * sizeof *after);
            free(after);
        }
    }
    free(expected);
}

/* --- threads ------------------------------------------------------------------------------------ */

static dsc_recommender_config of_optimizer(dsc_optimizer_config optimizer, size_t batch) {
    dsc_recommender_config config = small_config();
    config.optimizer = optimizer;
    config.batch_size = batch;
    config.max_epochs = 2;
    return config;
}

static dsc_recommender_config of_histories(bool users, bool items, double dropout) {
    dsc_recommender_config config = of_optimizer(dsc_adam(0.01), 700);
    config.use_dot = true;
    config.use_user_history = users;
    config.use_item_history = items;
    config.history_dropout = dropout;
    return config;
}

static dsc_recommender_config of_bf16(dsc_optimizer_config optimizer) {
    dsc_recommender_config config = of_optimizer(optimizer, 700);
    config.use_bf16 = true;
    config.average_epochs = 2;
    return config;
}

/* A network of several ranges of parameters. */
static dsc_recommender_config of_a_large_network(void) {
    dsc_recommender_config config = of_optimizer(dsc_adam(0.01), MAX_SAMPLES);
    config.n_hidden = 2;
    config.hidden[0] = 256;
    config.hidden[1] = 192;
    return config;
}

static dsc_recommender_config of_marks(void) {
    dsc_recommender_config config = of_optimizer(dsc_adam(0.01), MAX_SAMPLES);
    dsc_recommender_config_set_loss(&config, DSC_LOSS_ORDINAL, MAX_SAMPLES);
    config.use_mean = false;
    return config;
}

static dsc_recommender_config of_interactions(dsc_form form, dsc_rating_loss loss) {
    dsc_recommender_config config = dsc_recommender_config_implicit(form, MAX_SAMPLES);
    config.loss = loss;
    config.n_factors = 6;
    config.n_hidden = form == DSC_FORM_DOT ? config.n_hidden : 2;
    config.hidden[0] = 8;
    config.hidden[1] = 4;
    config.n_negatives = 3;
    config.batch_size = 500;
    config.max_epochs = 2;
    config.holdout = 0.1;
    return config;
}

static void threads_change_no_byte(const dsc_recommender_config *of, const dsc_ratings *ratings) {
    static const size_t n_threads[] = {1, 2, 3, 8};
    float *first = NULL;
    double error = 0, loss = 0;
    for (size_t i = 0; i < sizeof n_threads / sizeof n_threads[0]; i++) {
        dsc_recommender_config config = *of;
        size_t n;
        config.n_threads = n_threads[i];
        dsc_recommender *model = must_train(ratings, &config);
        float *values = values_of(model, &n);
        const dsc_statistics *got = &model->statistics;
        const double found = config.is_implicit ? got->validation_ndcg : got->validation_rmse;
        const double trained = config.is_implicit ? got->train_loss : got->train_rmse;
        assert_true(isfinite(found) && isfinite(trained));
        if (first == NULL) {
            first = values;
            error = found;
            loss = trained;
        } else {
            assert_memory_equal(values, first, n * sizeof *values);
            assert_memory_equal(&found, &error, sizeof error);
            assert_memory_equal(&trained, &loss, sizeof loss);
            free(values);
        }
        dsc_recommender_destroy(model);
    }
    free(first);
}

/* The other ways to train, with so much held out that threads share its prediction. */
static void held_out_errors_are_the_same_bytes(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(
        &(planted){.n_users = 90, .n_items = 60, .share = 0.5, .noise = 0.3, .seed = 3});
    dsc_recommender_config full_batches = of_histories(true, true, 0);
    full_batches.use_network = false;
    full_batches.use_lbfgs = true;
    dsc_recommender_config twin = dsc_recommender_config_of(DSC_FORM_DOT, MAX_SAMPLES);
    dsc_recommender_config_set_twin_adagrad(&twin);
    dsc_recommender_config squares = of_interactions(DSC_FORM_IALS, DSC_LOSS_SQUARED);
    dsc_recommender_config minibatches = of_optimizer(dsc_adam(0.01), 100);
    dsc_recommender_config *const configs[] = {&full_batches, &twin, &squares, &minibatches};
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        configs[i]->holdout = 0.5;
        configs[i]->max_epochs = 3;
        threads_change_no_byte(configs[i], ratings);
    }
    dsc_ratings_destroy(ratings);
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_ratings *marks = planted_ratings(&(planted){
        .n_users = many.n_users, .n_items = many.n_items, .share = 0.5, .noise = 0, .seed = 3});
    const dsc_recommender_config configs[] = {
        of_optimizer(dsc_sgd(0.05), 256),
        of_optimizer(dsc_momentum(0.05, 0.9), MAX_SAMPLES),
        of_optimizer(dsc_adam(0.01), MAX_SAMPLES),
        of_optimizer(dsc_adam(0.01), 300),
        of_histories(true, true, 0.3),
        of_histories(true, false, 0),
        of_histories(false, true, 0.3),
        of_bf16(dsc_sgd(0.05)),
        of_bf16(dsc_adam(0.01)),
        of_a_large_network(),
        of_interactions(DSC_FORM_DOT, DSC_LOSS_BPR),
        of_interactions(DSC_FORM_MIXED, DSC_LOSS_SOFTMAX),
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        threads_change_no_byte(&configs[i], ratings);
    }
    const dsc_recommender_config ordinal = of_marks();
    threads_change_no_byte(&ordinal, marks);
    dsc_ratings_destroy(marks);
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_that_of_all_samples),
        cmocka_unit_test(a_failure_in_any_tile_changes_nothing),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(held_out_errors_are_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
