/* Strengths of L2 by number of ratings: the factors, what a vector feels, the model file. docs/math.md
 * (160); the gradient is in test_full_batch.c, the fold-in in test_fold_in.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/side.h"
#include "file_parts.h"
#include "planted_ratings.h"
#include "recommender/model.h"
#include "recommender/strength.h"
#include "scratch_dir.h"

/* Rows of 0, 1, 2 and 6 ratings: 3 on average where there are any. */
static void factors_of_rows(void **state) {
    (void)state;
    const uint64_t start[] = {0, 0, 1, 3, 9};
    const dsc_sparse rows = {.n_rows = 4, .n_cols = 6, .n_entries = 9, .start = start};
    double factor[4];
    dsc_strength_factors(factor, 0.5, rows);
    assert_true(fabs(factor[0] - sqrt(1.0 / 3)) < 1e-15); /* as if it had one */
    assert_true(fabs(factor[1] - sqrt(1.0 / 3)) < 1e-15);
    assert_true(fabs(factor[2] - sqrt(2.0 / 3)) < 1e-15);
    assert_true(fabs(factor[3] - sqrt(2.0)) < 1e-15);
    dsc_strength_factors(factor, 1, rows);
    assert_true(fabs(factor[3] - 2) < 1e-15);
    dsc_strength_factors(factor, 0, rows);
    for (size_t r = 0; r < 4; r++) {
        assert_true(factor[r] == 1);
    }
    const uint64_t nothing[] = {0, 0};
    dsc_strength_factors(factor, 0.5, (dsc_sparse){.n_rows = 1, .n_cols = 6, .start = nothing});
    assert_true(factor[0] == 1);
}

static dsc_recommender *create_model(double power, bool use_lbfgs) {
    const planted many = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 4};
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = small_config();
    config.use_dot = true;
    config.use_network = false;
    config.use_lbfgs = use_lbfgs;
    config.use_user_history = config.use_item_history = use_lbfgs;
    config.choose_ridge = false;
    config.ridge = (dsc_ridge){2, 3, 4, 4, 1, .power = power};
    config.holdout = 0;
    config.max_epochs = use_lbfgs ? 500 : 2;
    dsc_recommender *model = must_train(ratings, &config);
    dsc_ratings_destroy(ratings);
    return model;
}

/* At the minimum the gradient of (160) is 0: lambda(n_u) p_u = - sum of e V_i. */
static void a_minimum_has_the_strength_of_the_count(void **state) {
    (void)state;
    dsc_recommender *m = create_model(0.5, true);
    const size_t k = m->config.n_factors;
    const double usual = (double)m->ratings.n_entries / (double)m->n_users;
    double fewest = INFINITY, most = 0;
    for (uint32_t u = 0; u < m->n_users; u++) {
        const dsc_side user = dsc_recommender_user_side(m, u);
        const double strength = 2 * sqrt((double)user.n_ratings / usual);
        assert_true(fabs(user.l2_vector / strength - 1) < 1e-12);
        for (size_t f = 0; f < k; f++) {
            double gradient = strength * (double)user.own[f], size = 1;
            for (size_t r = 0; r < user.n_ratings; r++) {
                const dsc_side item = dsc_recommender_item_side(m, user.others[r]);
                double error =
                    (double)user.bias + (double)item.bias -
                    ((double)user.ratings[r] - m->statistics.mean) / m->statistics.spread;
                for (size_t g = 0; g < k; g++) {
                    error += (double)user.vector[g] * (double)item.vector[g];
                }
                gradient += error * (double)item.vector[f];
                size += fabs(error * (double)item.vector[f]);
            }
            assert_true(fabs(gradient) < 1e-3 * size);
        }
        fewest = fmin(fewest, user.l2_vector);
        most = fmax(most, user.l2_vector);
    }
    assert_true(most > 1.2 * fewest); /* else this test shows nothing */
    for (uint32_t i = 0; i < m->n_items; i++) {
        const dsc_side item = dsc_recommender_item_side(m, i);
        const double count = (double)item.n_ratings * (double)m->n_items;
        assert_true(fabs(item.l2_vector / (2 * sqrt(count / (double)m->ratings.n_entries)) - 1) <
                    1e-12);
    }
    dsc_recommender_destroy(m);
}

static void minibatches_have_none(void **state) {
    (void)state;
    dsc_recommender *model = create_model(0, false);
    assert_true(dsc_recommender_user_side(model, 0).l2_vector == 0);
    dsc_recommender_destroy(model);
}

/* --- defaults and the model file ---------------------------------------------------------------- */

static void defaults(void **state) {
    (void)state;
    for (int form = 0; dsc_form_name((dsc_form)form) != NULL; form++) {
        dsc_recommender_config config = dsc_recommender_config_of((dsc_form)form, 1000);
        const bool is_autoencoder = config.share_user_vector || config.share_item_vector;
        assert_true(config.ridge.power == (config.use_lbfgs && !is_autoencoder ? 0.35 : 0));
        dsc_recommender_config_set_loss(&config, DSC_LOSS_ORDINAL, 1000);
        assert_true(config.ridge.power == 0);
        config.ridge.power = -0.5;
        dsc_error err = {DSC_OK, "", ""};
        assert_int_equal(dsc_recommender_config_check(&config, &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, "ridge.power");
    }
}

static dsc_status load(const char *path, dsc_error *err) {
    dsc_recommender *model = NULL;
    const dsc_status status = dsc_recommender_load(&model, path, err);
    assert_true((status == DSC_OK) == (model != NULL));
    dsc_recommender_destroy(model);
    return status;
}

static void the_power_comes_back(void **state) {
    char *path = scratch_path(*state, "model");
    dsc_recommender *model = create_model(0.25, true), *loaded = NULL;
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    assert_int_equal(dsc_recommender_load(&loaded, path, NULL), DSC_OK);
    assert_true(loaded->config.ridge.power == 0.25);
    for (uint32_t u = 0; u < model->n_users; u++) {
        assert_true(dsc_recommender_user_side(loaded, u).l2_vector ==
                    dsc_recommender_user_side(model, u).l2_vector);
    }
    dsc_recommender_destroy(model);
    dsc_recommender_destroy(loaded);
    free(path);
}

static void only_a_power_needs_version_3(void **state) {
    char *path = scratch_path(*state, "model");
    for (size_t i = 0; i < 2; i++) {
        dsc_recommender *model = create_model(i == 0 ? 0 : 0.5, true);
        assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
        file_parts parts;
        file_parts_open(&parts, path);
        const char *by_count = dsc_safetensors_metadata(parts.file, "ridge_by_count");
        assert_string_equal(dsc_safetensors_metadata(parts.file, "format_version"),
                            i == 0 ? "2" : "3");
        assert_true((by_count != NULL) == (i == 1));
        file_parts_close(&parts);
        dsc_recommender_destroy(model);
    }
    free(path);
}

static void hostile_files(void **state) {
    char *good = scratch_path(*state, "model"), *path = scratch_path(*state, "damaged");
    dsc_recommender *model = create_model(0.5, true);
    assert_int_equal(dsc_recommender_save(model, good, NULL), DSC_OK);
    file_parts parts;
    file_parts_open(&parts, good);
    file_parts_load(&parts, path, load, NULL);
    file_parts_load_value(&parts, path, load, "ridge_power", 0, -0.5, "ridge.power");
    file_parts_load_value(&parts, path, load, "ridge_power", 0, (double)NAN, "ridge.power");
    file_parts_load_value(&parts, path, load, "ridge_power", 0, (double)INFINITY, "ridge.power");
    file_parts_load_key(&parts, path, load, "ridge_by_count", "perhaps", "ridge_by_count");
    file_parts_load_key(&parts, path, load, "ridge_by_count", "false", NULL); /* 0 then */
    file_parts_load_key(&parts, path, load, "format_version", "2", NULL);     /* which knows none */
    file_parts without = parts;
    without.n_tensors = 0;
    for (size_t t = 0; t < parts.n_tensors; t++) {
        if (strcmp(parts.tensor[t].name, "ridge_power") != 0) {
            without.tensor[without.n_tensors++] = parts.tensor[t];
        }
    }
    assert_int_equal(without.n_tensors + 1, parts.n_tensors);
    file_parts_load(&without, path, load, "ridge_power");
    file_parts_close(&parts);
    dsc_recommender_destroy(model);
    free(good);
    free(path);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_of_rows),
        cmocka_unit_test(a_minimum_has_the_strength_of_the_count),
        cmocka_unit_test(minibatches_have_none),
        cmocka_unit_test(defaults),
        WITH_FOLDER(the_power_comes_back),
        WITH_FOLDER(only_a_power_needs_version_3),
        WITH_FOLDER(hostile_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
