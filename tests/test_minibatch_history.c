/* Histories in training by minibatches: against full batches in double, what dropout does, what is
 * learned, that it repeats, and the model file. Steps one by one are in test_reference_histories.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "file_parts.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/history.h"
#include "recommender/minibatch_history.h"
#include "recommender/model.h"
#include "recommender/trainer.h"
#include "scratch_dir.h"

enum { MAX_SAMPLES = 400 };

static const planted few = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 1};

/* Dot product and perceptron with histories on both sides. */
static dsc_recommender_config all_parts(void) {
    dsc_recommender_config config = small_config();
    config.use_dot = config.use_user_history = config.use_item_history = true;
    config.l2_user_history = config.l2_item_history = 0.01;
    config.batch_size = MAX_SAMPLES;
    return config;
}

/* The values in one array, tables and network. Freed by the caller. */
static double *values_of(const dsc_recommender *m, size_t *n) {
    const float *parameters = dsc_network_parameters_const(m->network);
    *n = m->n_table_values + dsc_network_n_parameters(m->network);
    double *out = calloc(*n, sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < *n; i++) {
        out[i] = (double)(i < m->n_table_values ? m->tables[i] : parameters[i - m->n_table_values]);
    }
    return out;
}

static size_t all_samples(const dsc_recommender *m, dsc_training_sample out[MAX_SAMPLES]) {
    size_t n = 0;
    for (uint32_t u = 0; u < m->n_users; u++) {
        for (uint64_t e = m->ratings.start[u]; e < m->ratings.start[u + 1]; e++) {
            assert_true(n < MAX_SAMPLES);
            out[n++] = (dsc_training_sample){u, m->ratings.column[e],
                                             dsc_trainer_target(m, m->ratings.value[e])};
        }
    }
    return n;
}

/* One minibatch of all ratings goes down the gradient of full batches, which is computed in double
 * and held against finite differences elsewhere: 2 / n times it, since the mean and not half the sum
 * is what a minibatch lowers. */
static void a_minibatch_of_everything_is_a_step_of_full_batches(void **state) {
    (void)state;
    dsc_recommender_config config = all_parts();
    config.optimizer = dsc_sgd(0.5);
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    config.l2_user_history = config.l2_item_history = 0;
    config.ridge = (dsc_ridge){0};
    dsc_recommender *model = untrained_model(&few, &config);
    static dsc_training_sample samples[MAX_SAMPLES];
    const size_t n_samples = all_samples(model, samples);
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    dsc_full_batch *batch = NULL;
    dsc_trainer *trainer = NULL;
    size_t n;
    double *before = values_of(model, &n), loss, sum;
    double *gradient = calloc(n, sizeof *gradient);
    assert_int_equal(
        dsc_full_batch_create(&batch, model, DSC_FLOAT64, dsc_kept_ratings_all(ratings), NULL),
        DSC_OK);
    assert_int_equal(dsc_full_batch_evaluate(before, &loss, gradient, batch, NULL), DSC_OK);
    assert_int_equal(dsc_trainer_create(&trainer, model, ratings, NULL), DSC_OK);
    assert_int_equal(dsc_trainer_step(trainer, samples, n_samples, 0, &sum, NULL), DSC_OK);
    assert_true(fabs(sum - 2 * loss) < 1e-5 * sum);
    double *after = values_of(model, &n);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(gradient[i]));
    }
    for (size_t i = 0; i < n; i++) {
        const double found = (before[i] - after[i]) / 0.5 * (double)n_samples / 2;
        if (!(fabs(found - gradient[i]) < 1e-4 * largest)) {
            fail_msg("value %zu: %g, expected %g", i, found, gradient[i]);
        }
    }
    dsc_trainer_destroy(trainer);
    dsc_full_batch_destroy(batch);
    free(before);
    free(after);
    free(gradient);
    dsc_recommender_destroy(model);
}

/* An overflow leaves the model as it was, and the next step as if there had been none. */
static void a_failed_step_changes_nothing(void **state) {
    (void)state;
    dsc_recommender_config config = all_parts();
    config.history_dropout = 0.3;
    double *after[2];
    size_t n = 0;
    for (int fails_first = 0; fails_first <= 1; fails_first++) {
        static dsc_training_sample samples[MAX_SAMPLES];
        dsc_recommender *model = untrained_model(&few, &config);
        dsc_trainer *trainer = NULL;
        double sum;
        const size_t n_samples = all_samples(model, samples);
        assert_int_equal(
            dsc_trainer_create(&trainer, model, dsc_sparse_view(&model->ratings), NULL), DSC_OK);
        if (fails_first != 0) {
            const float target = samples[n_samples - 1].target;
            samples[n_samples - 1].target = INFINITY;
            assert_int_equal(dsc_trainer_step(trainer, samples, n_samples, 0, &sum, NULL),
                             DSC_E_NONFINITE);
            samples[n_samples - 1].target = target;
        }
        assert_int_equal(dsc_trainer_step(trainer, samples, n_samples, 0, &sum, NULL), DSC_OK);
        after[fails_first] = values_of(model, &n);
        dsc_trainer_destroy(trainer);
        dsc_recommender_destroy(model);
    }
    assert_memory_equal(after[0], after[1], n * sizeof *after[0]);
    free(after[0]);
    free(after[1]);
}

/* --- dropout ---------------------------------------------------------------------------------- */

static dsc_minibatch_history history_of(const dsc_recommender *m, double dropout, uint64_t seed) {
    dsc_minibatch_history history;
    const dsc_optimizer_config optimizer = dsc_sgd(0.1);
    assert_int_equal(dsc_minibatch_history_init(
                         &history,
                         &(dsc_minibatch_history_config){.rows = dsc_sparse_view(&m->ratings),
                                                         .own = m->user_vectors,
                                                         .summed = m->rated_vectors,
                                                         .width = m->config.n_factors,
                                                         .max_batch = m->n_users,
                                                         .dropout = dropout,
                                                         .seed = seed,
                                                         .n_streams = m->n_users + m->n_items,
                                                         .optimizer = &optimizer},
                         NULL),
                     DSC_OK);
    return history;
}

/* The side of a row, which this step then uses. */
static const float *side_of(dsc_minibatch_history *history, uint32_t row) {
    const size_t n = history->n_touched;
    dsc_minibatch_history_touch(history, row);
    dsc_minibatch_history_fill(history, n, history->n_touched);
    return history->side + history->slot[row] * history->summed.width;
}

static void end_step(dsc_minibatch_history *history) {
    dsc_minibatch_history_begin_step(history);
    for (size_t part = 0; part < DSC_TABLE_PARTS; part++) {
        dsc_minibatch_history_step_part(history, part, 1);
    }
    dsc_minibatch_history_end_step(history);
}

/* Over many steps without a gradient, which leave the vectors alone, the mean of a side is the side
 * of the whole history. */
static void the_mean_over_draws_is_the_whole_history(void **state) {
    (void)state;
    enum { N_DRAWS = 20000 };
    const dsc_recommender_config config = all_parts();
    dsc_recommender *model = untrained_model(&few, &config);
    const size_t k = config.n_factors;
    dsc_minibatch_history history = history_of(model, 0.4, 9);
    for (uint32_t row = 0; row < model->n_users; row += 7) {
        double sum[8] = {0}, squares[8] = {0};
        assert_true(k <= 8);
        for (size_t d = 0; d < N_DRAWS; d++) {
            const float *side = side_of(&history, row);
            for (size_t f = 0; f < k; f++) {
                sum[f] += (double)side[f];
                squares[f] += (double)side[f] * (double)side[f];
            }
            end_step(&history);
        }
        for (size_t f = 0; f < k; f++) {
            const double mean = sum[f] / N_DRAWS;
            const double variance = squares[f] / N_DRAWS - mean * mean;
            assert_true(variance > 1e-5); /* draws do differ */
            assert_true(fabs(mean - (double)model->user_sides[row * k + f]) <
                        5 * sqrt(variance / N_DRAWS));
        }
    }
    dsc_minibatch_history_clear(&history);
    dsc_recommender_destroy(model);
}

/* A draw is one of seed, step and row: not of what else the step looks at, or in which order. */
static void a_draw_depends_on_seed_step_and_row(void **state) {
    (void)state;
    const dsc_recommender_config config = all_parts();
    dsc_recommender *model = untrained_model(&few, &config);
    const size_t bytes = config.n_factors * sizeof(float);
    dsc_minibatch_history one = history_of(model, 0.5, 9), other = history_of(model, 0.5, 9),
                          third = history_of(model, 0.5, 10);
    size_t n_alike = 0, n_of_steps = 0;
    float last[8] = {0};
    for (size_t step = 0; step < 30; step++) {
        side_of(&other, 1);
        side_of(&other, 5);
        const float *a = side_of(&one, 3);
        assert_memory_equal(a, side_of(&other, 3), bytes);
        assert_ptr_equal(a, side_of(&one, 3));
        n_alike += memcmp(a, side_of(&third, 3), bytes) == 0;
        n_of_steps += memcmp(a, last, bytes) == 0;
        memcpy(last, a, bytes);
        end_step(&one);
        end_step(&other);
        end_step(&third);
    }
    assert_true(n_alike < 5);
    assert_true(n_of_steps < 5);
    dsc_minibatch_history_clear(&one);
    dsc_minibatch_history_clear(&other);
    dsc_minibatch_history_clear(&third);
    dsc_recommender_destroy(model);
}

/* --- training --------------------------------------------------------------------------------- */

/* Between epochs the sides are those of the ratings that are trained on, whatever is held out. */
static void held_out_ratings_are_in_no_history(void **state) {
    (void)state;
    const dsc_recommender_config config = all_parts();
    dsc_recommender *model = untrained_model(&few, &config);
    const dsc_sparse all = dsc_sparse_view(&model->ratings);
    dsc_sparse_matrix kept = {0};
    /* all but the last rating of each user */
    assert_int_equal(dsc_sparse_matrix_init(&kept, all.n_rows, all.n_cols,
                                            all.n_entries - all.n_rows, DSC_SPARSE_VALUES, NULL),
                     DSC_OK);
    uint64_t to = 0;
    for (size_t u = 0; u < all.n_rows; u++) {
        for (uint64_t e = all.start[u]; e + 1 < all.start[u + 1]; e++) {
            kept.column[to] = all.column[e];
            kept.value[to++] = all.value[e];
        }
        kept.start[u + 1] = to;
    }
    dsc_trainer *trainer = NULL;
    assert_int_equal(dsc_trainer_create(&trainer, model, dsc_sparse_view(&kept), NULL), DSC_OK);
    dsc_trainer_refresh(trainer);
    const size_t k = config.n_factors, n = model->n_items;
    float *expected = calloc((n + model->n_users) * k, sizeof *expected);
    uint32_t *count = calloc(n, sizeof *count);
    for (uint64_t e = 0; e < kept.n_entries; e++) {
        count[kept.column[e]]++;
    }
    const dsc_history of_items = {.own = model->item_vectors, .summed = model->rater_vectors};
    const dsc_history of_users = {.own = model->user_vectors, .summed = model->rated_vectors};
    dsc_history_sums_by_column(model->kernels, expected, &of_items, k, dsc_sparse_view(&kept),
                               count);
    assert_memory_equal(model->item_sides, expected, n * k * sizeof *expected);
    dsc_history_sums(model->kernels, expected, &of_users, k, dsc_sparse_view(&kept));
    assert_memory_equal(model->user_sides, expected, model->n_users * k * sizeof *expected);
    dsc_trainer_destroy(trainer);
    dsc_sparse_matrix_clear(&kept);
    free(expected);
    free(count);
    dsc_recommender_destroy(model);
}

static dsc_recommender_config of_parts(bool dot, bool network, const dsc_optimizer_config *by) {
    dsc_recommender_config config = all_parts();
    config.use_dot = dot;
    config.use_network = network;
    config.optimizer = *by;
    config.batch_size = 64;
    config.max_epochs = 60;
    config.patience = 10;
    return config;
}

static void every_form_and_optimizer_learns(void **state) {
    (void)state;
    planted many = {.n_users = 60, .n_items = 50, .share = 0.4, .noise = 0.3, .seed = 2};
    dsc_ratings *train = planted_ratings(&many);
    many.part = 1;
    dsc_ratings *test = planted_ratings(&many);
    /* a perceptron alone stays at the mean for long without Adam */
    const struct {
        bool dot, network;
        dsc_optimizer_config by;
    } cases[] = {{true, false, dsc_adam(0.01)},
                 {false, true, dsc_adam(0.01)},
                 {true, true, dsc_adam(0.01)},
                 {true, false, dsc_momentum(0.05, 0.9)},
                 {true, true, dsc_momentum(0.05, 0.9)},
                 {true, false, dsc_sgd(0.3)},
                 {true, true, dsc_sgd(0.3)}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const dsc_recommender_config config =
            of_parts(cases[c].dot, cases[c].network, &cases[c].by);
        dsc_recommender *model = must_train(train, &config);
        dsc_evaluation found;
        assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &found, NULL), DSC_OK);
        if (!(found.model.rmse < 0.7)) { /* the mean has 1.53, the noise 0.3 */
            fail_msg("case %zu: %g", c, found.model.rmse);
        }
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(test);
}

static void the_same_seed_gives_the_same_bytes(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = all_parts();
    config.batch_size = 32;
    config.history_dropout = 0.3;
    dsc_recommender *first = must_train(ratings, &config), *second = must_train(ratings, &config);
    const size_t bytes = first->n_table_values * sizeof *first->tables;
    assert_memory_equal(first->tables, second->tables, bytes);
    dsc_recommender_destroy(second);
    config.seed++;
    second = must_train(ratings, &config);
    assert_memory_not_equal(first->tables, second->tables, bytes);
    dsc_recommender_destroy(second);
    config.seed--;
    config.history_dropout = 0;
    second = must_train(ratings, &config);
    assert_memory_not_equal(first->tables, second->tables, bytes);
    dsc_recommender_destroy(second);
    dsc_recommender_destroy(first);
    dsc_ratings_destroy(ratings);
}

/* --- the model file --------------------------------------------------------------------------- */

static dsc_status load(const char *path, dsc_error *err) {
    dsc_recommender *model = NULL;
    const dsc_status status = dsc_recommender_load(&model, path, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

static void settings_come_back_from_a_file(void **state) {
    dsc_ratings *ratings = planted_ratings(&few);
    for (int sides = 1; sides <= 3; sides++) {
        dsc_recommender_config config = all_parts();
        config.use_user_history = (sides & 1) != 0;
        config.use_item_history = (sides & 2) != 0;
        config.l2_user_history = 1.0 / 3;
        config.l2_item_history = 1e-300;
        config.history_dropout = 0.1;
        dsc_recommender *model = must_train(ratings, &config), *loaded = NULL;
        char *path = scratch_path(*state, "model");
        assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
        assert_int_equal(dsc_recommender_load(&loaded, path, NULL), DSC_OK);
        dsc_recommender_info info;
        dsc_recommender_get_info(loaded, &info);
        assert_false(info.config.use_lbfgs);
        assert_int_equal(info.config.use_user_history, config.use_user_history);
        assert_int_equal(info.config.use_item_history, config.use_item_history);
        assert_true(info.config.l2_user_history == config.l2_user_history);
        assert_true(info.config.l2_item_history == config.l2_item_history);
        assert_true(info.config.history_dropout == config.history_dropout);
        const size_t bytes = model->n_users * config.n_factors * sizeof *model->user_sides;
        assert_memory_equal(model->user_sides, loaded->user_sides, bytes);
        free(path);
        dsc_recommender_destroy(model);
        dsc_recommender_destroy(loaded);
    }
    dsc_ratings_destroy(ratings);
}

static void hostile_files_are_refused(void **state) {
    dsc_ratings *ratings = planted_ratings(&few);
    const dsc_recommender_config config = all_parts();
    dsc_recommender *model = must_train(ratings, &config);
    char *path = scratch_path(*state, "model"), *damaged = scratch_path(*state, "damaged");
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    file_parts parts;
    file_parts_open(&parts, path);
    const struct {
        size_t at;
        double value;
        const char *text;
    } cases[] = {{0, -1, "l2_user_history"},          {0, (double)NAN, "l2_user_history"},
                 {1, -1, "l2_item_history"},          {1, (double)INFINITY, "l2_item_history"},
                 {2, 1, "history_dropout"},           {2, -0.1, "history_dropout"},
                 {2, (double)NAN, "history_dropout"}, {2, 0.5, NULL}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        file_parts_load_value(&parts, damaged, load, "minibatch_histories", cases[c].at,
                              cases[c].value, cases[c].text);
    }
    /* version 2 knows no such training */
    file_parts_load_key(&parts, damaged, load, "format_version", "2", "use_lbfgs is off");
    file_parts_load_key(&parts, damaged, load, "format_version", "4", "format version \"4\"");
    file_parts_load_key(&parts, damaged, load, "use_lbfgs", "true", NULL);
    file_parts averaged = parts;
    averaged.metadata[averaged.n_metadata++] = (dsc_metadata){"average_epochs", "0"};
    file_parts_load(&averaged, damaged, load, "average_epochs");
    averaged.metadata[averaged.n_metadata - 1].value = "many";
    file_parts_load(&averaged, damaged, load, "average_epochs");
    averaged.metadata[averaged.n_metadata - 1].value = "3";
    file_parts_load(&averaged, damaged, load, NULL);
    file_parts without = parts;
    for (size_t t = 0; t < without.n_tensors; t++) {
        if (strcmp(without.tensor[t].name, "minibatch_histories") == 0) {
            without.tensor[t].name = "something_else";
        }
    }
    file_parts_load(&without, damaged, load, "minibatch_histories");
    file_parts_close(&parts);
    free(path);
    free(damaged);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

int main(void) {
#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minibatch_of_everything_is_a_step_of_full_batches),
        cmocka_unit_test(a_failed_step_changes_nothing),
        cmocka_unit_test(the_mean_over_draws_is_the_whole_history),
        cmocka_unit_test(a_draw_depends_on_seed_step_and_row),
        cmocka_unit_test(held_out_ratings_are_in_no_history),
        cmocka_unit_test(every_form_and_optimizer_learns),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        WITH_DIR(settings_come_back_from_a_file),
        WITH_DIR(hostile_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
