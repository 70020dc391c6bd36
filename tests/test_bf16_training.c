/* Vectors trained and kept as bfloat16: a step against one in single precision, small steps, what a model
 * file holds, and what is refused. */
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
#include "recommender/holdout.h"
#include "recommender/model.h"
#include "recommender/trainer.h"
#include "scratch_dir.h"

static const planted what = {.n_users = 61, .n_items = 47, .share = 0.5, .noise = 0.3, .seed = 3};

static dsc_recommender_config bf16_config(void) {
    dsc_recommender_config config = small_config();
    config.use_bf16 = true;
    return config;
}

static size_t n_vector_values(const dsc_recommender *m) {
    return (m->n_users + m->n_items) * m->config.n_factors;
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void assert_vectors_are_bf16(const dsc_recommender *m) {
    for (size_t i = 0; i < n_vector_values(m); i++) {
        assert_int_equal(bits_of(m->user_vectors[i]) & 0xffff, 0);
    }
}

/* One minibatch of all ratings of the first user, without L2. Freed with dsc_recommender_destroy. */
static dsc_recommender *after_one_step(bool use_bf16, float rate) {
    dsc_recommender_config config = small_config();
    config.use_dot = true;
    config.optimizer = dsc_sgd((double)rate);
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    config.use_bf16 = use_bf16;
    dsc_recommender *m = untrained_model(&what, &config);
    if (!use_bf16) { /* from where the other one starts */
        for (size_t i = 0; i < n_vector_values(m); i++) {
            uint16_t kept;
            m->kernels->narrow_bf16(&kept, &m->user_vectors[i], 1);
            m->kernels->widen_bf16(&m->user_vectors[i], &kept, 1);
        }
    }
    dsc_trainer *trainer = NULL;
    dsc_training_sample samples[32];
    size_t n = 0;
    for (uint64_t e = 0; e < m->ratings.start[1] && n < 32; e++) {
        samples[n++] = (dsc_training_sample){0, m->ratings.column[e],
                                             dsc_trainer_target(m, m->ratings.value[e])};
    }
    double sum;
    assert_int_equal(dsc_trainer_create(&trainer, m, dsc_sparse_view(&m->ratings), NULL), DSC_OK);
    assert_int_equal(dsc_trainer_step(trainer, samples, n, 0, &sum, NULL), DSC_OK);
    dsc_trainer_hand_over(trainer);
    dsc_trainer_destroy(trainer);
    return m;
}

/* The gather, the products and the rule are those of single precision: each number is one of the two of
 * bfloat16 around what these give, and all else is the same. */
static void a_step_is_that_of_floats_rounded(void **state) {
    (void)state;
    dsc_recommender *floats = after_one_step(false, 0.5F), *rounded = after_one_step(true, 0.5F);
    size_t n_up = 0, n_down = 0;
    assert_vectors_are_bf16(rounded);
    for (size_t i = 0; i < n_vector_values(floats); i++) {
        const uint32_t exact = bits_of(floats->user_vectors[i]), down = exact & 0xffff0000;
        const uint32_t found = bits_of(rounded->user_vectors[i]);
        if (found != down && !(found == down + 0x10000 && exact != down)) {
            fail_msg("value %zu: %08x became %08x", i, exact, found);
        }
        n_up += found != down;
        n_down += found == down && exact != down;
    }
    assert_true(n_up > 10 && n_down > 10);
    assert_memory_equal(floats->user_biases, rounded->user_biases,
                        (floats->n_users + floats->n_items) * sizeof *floats->user_biases);
    assert_memory_equal(dsc_network_parameters_const(floats->network),
                        dsc_network_parameters_const(rounded->network),
                        dsc_network_n_parameters(floats->network) * sizeof(float));
    dsc_recommender_destroy(floats);
    dsc_recommender_destroy(rounded);
}

/* Of the model that is kept, on what it was trained on. */
static double final_error(dsc_recommender_config config, const dsc_ratings *ratings) {
    dsc_recommender *m = must_train(ratings, &config);
    dsc_evaluation evaluation;
    assert_int_equal(dsc_recommender_evaluate(m, ratings, NULL, &evaluation, NULL), DSC_OK);
    dsc_recommender_destroy(m);
    return evaluation.model.rmse;
}

/* At a rate that moves vectors by far less than half a unit of bfloat16 a step. */
static void small_steps_train_as_those_of_floats(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender_config config = small_config();
    config.use_dot = true;
    config.use_network = config.use_biases = false; /* vectors alone can learn */
    config.optimizer = dsc_sgd(0.03);
    config.batch_size = 256;
    config.l2_vectors = 0;
    config.holdout = 0;
    config.max_epochs = 1;
    const double at_first = final_error(config, ratings);
    config.max_epochs = 600;
    const double floats = final_error(config, ratings);
    config.use_bf16 = true;
    const double rounded = final_error(config, ratings);
    assert_true(floats < 0.7 * at_first);
    assert_true(fabs(rounded - floats) < 0.05 * floats);
    dsc_ratings_destroy(ratings);
}

/* Of what is kept, and not of the mean of weights before it was rounded. */
static void the_error_told_is_that_of_the_model(void **state) {
    (void)state;
    dsc_recommender_config config = bf16_config();
    config.average_epochs = 4;
    config.holdout = 0.3;
    config.optimizer = dsc_adam(0.001);
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender *trained = must_train(ratings, &config);
    const dsc_recommender *m = trained;
    assert_true(m->statistics.best_epoch > 1); /* a mean of more than one */
    size_t n = m->ratings.n_entries;
    dsc_sample_list samples;
    assert_int_equal(dsc_sample_list_init(&samples, m, dsc_sparse_view(&m->ratings), n, NULL),
                     DSC_OK);
    for (uint32_t e = 0; e < n; e++) {
        samples.position[e] = e;
    }
    dsc_holdout held = {0};
    dsc_scorer *scorer = NULL;
    assert_int_equal(dsc_holdout_take(&held, m, &samples, &n, NULL), DSC_OK);
    assert_int_equal(dsc_scorer_create(&scorer, m, NULL), DSC_OK);
    assert_true(held.samples.n > 100);
    assert_true(dsc_holdout_rmse(&held, &scorer, NULL) == m->statistics.validation_rmse);
    dsc_scorer_destroy(scorer);
    dsc_holdout_clear(&held);
    dsc_sample_list_clear(&samples);
    dsc_recommender_destroy(trained);
    dsc_ratings_destroy(ratings);
}

/* --- files ---------------------------------------------------------------------------------------- */

static dsc_status load(const char *path, dsc_error *err) {
    dsc_recommender *model = NULL;
    const dsc_status status = dsc_recommender_load(&model, path, err);
    dsc_recommender_destroy(model);
    return status;
}

/* With a mean of weights, which has more bits until it is kept. */
static void a_file_gives_back_the_model(void **state) {
    const char *dir = *state;
    dsc_ratings *ratings = planted_ratings(&what);
    size_t n_bytes[2];
    for (int use_bf16 = 0; use_bf16 <= 1; use_bf16++) {
        dsc_recommender_config config = small_config();
        config.average_epochs = 3;
        config.use_bf16 = use_bf16 == 1;
        config.holdout = 0; /* the last epoch is kept */
        dsc_recommender *m = must_train(ratings, &config), *again = NULL;
        assert_true(m->statistics.best_epoch > 1);
        char *path = scratch_path(dir, use_bf16 == 1 ? "bf16" : "fp32");
        char *second = scratch_path(dir, "again");
        assert_int_equal(dsc_recommender_save(m, path, NULL), DSC_OK);
        assert_int_equal(dsc_recommender_load(&again, path, NULL), DSC_OK);
        assert_int_equal(again->config.use_bf16, use_bf16);
        assert_memory_equal(m->tables, again->tables, m->n_table_values * sizeof *m->tables);
        assert_int_equal(dsc_recommender_save(again, second, NULL), DSC_OK);
        char *bytes = scratch_read(path, &n_bytes[use_bf16]), *same = scratch_read(second, NULL);
        assert_memory_equal(bytes, same, n_bytes[use_bf16]);
        assert_int_equal(strstr(bytes + 8, "\"format_version\":\"3\"") != NULL, use_bf16);
        if (use_bf16 == 1) {
            assert_vectors_are_bf16(m);
            /* two bytes a number, but for what the header says of it */
            const size_t saved = n_bytes[0] - n_bytes[1], most = 2 * n_vector_values(m);
            assert_true(saved <= most && saved + 128 > most);
        }
        free(bytes);
        free(same);
        free(path);
        free(second);
        dsc_recommender_destroy(again);
        dsc_recommender_destroy(m);
    }
    dsc_ratings_destroy(ratings);
}

static void bad_files_are_refused(void **state) {
    const char *dir = *state;
    static const uint16_t bad[] = {0x7f80, 0xff80, 0x7fc0, 0x7f81};
    const planted few = {.n_users = 12, .n_items = 10, .share = 0.5, .noise = 0.3, .seed = 3};
    dsc_ratings *ratings = planted_ratings(&few);
    const dsc_recommender_config config = bf16_config();
    dsc_recommender *m = must_train(ratings, &config);
    char *path = scratch_path(dir, "bf16"), *other = scratch_path(dir, "other");
    file_parts parts;
    assert_int_equal(dsc_recommender_save(m, path, NULL), DSC_OK);
    file_parts_open(&parts, path);
    file_parts_load(&parts, other, load, NULL);
    file_parts_load_key(&parts, other, load, "use_bf16", "perhaps", "expected true or false");
    file_parts_load_key(&parts, other, load, "use_bf16", "false", "expected F32");
    file_parts_load_key(&parts, other, load, "format_version", "2", "expected F32");
    file_parts_load_key(&parts, other, load, "use_lbfgs", "true", "setting use_bf16 is on");
    file_parts_load_other_shapes(&parts, other, load, NULL);
    size_t n_arrays = 0;
    for (size_t t = 0; t < parts.n_tensors; t++) {
        dsc_tensor *tensor = &parts.tensor[t];
        const size_t n = tensor->shape[0] * tensor->shape[1];
        for (size_t b = 0; tensor->element == DSC_BF16 && b < sizeof bad / sizeof *bad; b++) {
            const void *whole = tensor->data;
            uint16_t *copy = calloc(n, sizeof *copy);
            assert_non_null(copy);
            memcpy(copy, whole, n * sizeof *copy);
            copy[n - 1] = bad[b];
            tensor->data = copy;
            file_parts_load(&parts, other, load, "is infinite or not a number");
            tensor->data = whole;
            free(copy);
            n_arrays++;
        }
    }
    assert_int_equal(n_arrays, 2 * sizeof bad / sizeof *bad);
    file_parts_close(&parts);
    free(path);
    free(other);
    dsc_recommender_destroy(m);
    dsc_ratings_destroy(ratings);
}

static void what_has_no_minibatches_is_refused(void **state) {
    (void)state;
    dsc_recommender_config twin = dsc_recommender_config_of(DSC_FORM_DOT, 0);
    dsc_recommender_config_set_twin_adagrad(&twin);
    dsc_recommender_config with_history = small_config();
    with_history.use_user_history = true;
    dsc_recommender_config configs[] = {dsc_recommender_config_of(DSC_FORM_HISTORIES, 0),
                                        dsc_recommender_config_of(DSC_FORM_DOT, 0),
                                        dsc_recommender_config_implicit(DSC_FORM_IALS, 0), twin,
                                        with_history};
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        dsc_error err;
        assert_int_equal(dsc_recommender_config_check(&configs[i], &err), DSC_OK);
        configs[i].use_bf16 = true;
        assert_int_equal(dsc_recommender_config_check(&configs[i], &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, "use_bf16");
    }
    const dsc_recommender_config good = bf16_config();
    assert_int_equal(dsc_recommender_config_check(&good, NULL), DSC_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_that_of_floats_rounded),
        cmocka_unit_test(small_steps_train_as_those_of_floats),
        cmocka_unit_test(the_error_told_is_that_of_the_model),
        cmocka_unit_test_setup_teardown(a_file_gives_back_the_model, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(bad_files_are_refused, scratch_begin, scratch_end),
        cmocka_unit_test(what_has_no_minibatches_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
