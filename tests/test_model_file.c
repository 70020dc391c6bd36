/* Model files: what is saved is loaded, to the last bit and for ids of any bytes. Files that are
 * not as they should be: test_model_file_damage.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planted_ratings.h"
#include "recommender/model.h"
#include "scratch_dir.h"
#include "store/safetensors.h"

static dsc_recommender *save_and_load(const dsc_recommender *model, const char *path) {
    dsc_error err = {DSC_OK, "", ""};
    dsc_recommender *loaded = NULL;
    if (dsc_recommender_save(model, path, &err) != DSC_OK ||
        dsc_recommender_load(&loaded, path, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return loaded;
}

/* --- comparing -------------------------------------------------------------------------------- */

static bool is_same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static void assert_config_equal(const dsc_recommender_config *a, const dsc_recommender_config *b) {
    assert_int_equal(a->use_dot, b->use_dot);
    assert_int_equal(a->use_network, b->use_network);
    assert_int_equal(a->use_user_history, b->use_user_history);
    assert_int_equal(a->use_item_history, b->use_item_history);
    assert_int_equal(a->weigh_user_history, b->weigh_user_history);
    assert_int_equal(a->weigh_item_history, b->weigh_item_history);
    assert_int_equal(a->share_user_vector, b->share_user_vector);
    assert_int_equal(a->share_item_vector, b->share_item_vector);
    assert_int_equal(a->user_activation, b->user_activation);
    assert_int_equal(a->item_activation, b->item_activation);
    assert_int_equal(a->use_lbfgs, b->use_lbfgs);
    assert_int_equal(a->choose_ridge, b->choose_ridge);
    assert_memory_equal(&a->ridge, &b->ridge, sizeof a->ridge);
    assert_int_equal(a->n_factors, b->n_factors);
    assert_int_equal(a->n_hidden, b->n_hidden);
    assert_memory_equal(a->hidden, b->hidden, a->n_hidden * sizeof *a->hidden);
    assert_int_equal(a->activation, b->activation);
    assert_int_equal(a->use_biases, b->use_biases);
    assert_int_equal(a->use_mean, b->use_mean);
    assert_int_equal(a->optimizer.kind, b->optimizer.kind);
    assert_true(a->optimizer.rate == b->optimizer.rate);
    assert_true(a->optimizer.momentum == b->optimizer.momentum);
    assert_true(a->optimizer.beta1 == b->optimizer.beta1);
    assert_true(a->optimizer.beta2 == b->optimizer.beta2);
    assert_true(a->optimizer.epsilon == b->optimizer.epsilon);
    assert_true(a->l2_vectors == b->l2_vectors);
    if (!a->use_lbfgs && (a->use_user_history || a->use_item_history)) {
        assert_true(a->l2_user_history == b->l2_user_history);
        assert_true(a->l2_item_history == b->l2_item_history);
        assert_true(a->history_dropout == b->history_dropout);
    }
    assert_true(a->l2_biases == b->l2_biases);
    assert_true(a->l2_network == b->l2_network);
    assert_int_equal(a->batch_size, b->batch_size);
    assert_int_equal(a->max_epochs, b->max_epochs);
    assert_int_equal(a->average_epochs, b->average_epochs);
    assert_int_equal(a->patience, b->patience);
    assert_true(a->holdout == b->holdout);
    assert_true(a->seed == b->seed);
}

static void assert_info_equal(const dsc_recommender *a, const dsc_recommender *b) {
    dsc_recommender_info x, y;
    dsc_recommender_get_info(a, &x);
    dsc_recommender_get_info(b, &y);
    assert_config_equal(&x.config, &y.config);
    assert_int_equal(x.n_users, y.n_users);
    assert_int_equal(x.n_items, y.n_items);
    assert_int_equal(x.n_ratings, y.n_ratings);
    assert_int_equal(x.n_parameters, y.n_parameters);
    assert_true(x.mean == y.mean && x.spread == y.spread && x.min == y.min && x.max == y.max);
    assert_int_equal(x.best_epoch, y.best_epoch);
    assert_int_equal(x.n_epochs, y.n_epochs);
    assert_true(x.train_rmse == y.train_rmse);
    assert_true(is_same(x.validation_rmse, y.validation_rmse));
}

static void assert_id_equal(dsc_id a, dsc_id b) {
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.bytes, b.bytes, a.length);
}

static void assert_ids_equal(const dsc_recommender *a, const dsc_recommender *b) {
    for (uint32_t u = 0; u < a->n_users; u++) {
        const dsc_id id = dsc_recommender_user_id(a, u);
        assert_id_equal(id, dsc_recommender_user_id(b, u));
        assert_int_equal(dsc_recommender_find_user(b, id), u);
    }
    for (uint32_t i = 0; i < a->n_items; i++) {
        const dsc_id id = dsc_recommender_item_id(a, i);
        assert_id_equal(id, dsc_recommender_item_id(b, i));
        assert_int_equal(dsc_recommender_find_item(b, id), i);
    }
}

/* Every pair, and the fallbacks of every user and item. */
static void assert_predictions_equal(const dsc_recommender *a, const dsc_recommender *b) {
    dsc_scorer *of_a = must_create_scorer(a), *of_b = must_create_scorer(b);
    for (uint32_t u = 0; u <= a->n_users; u++) {
        const uint32_t user = u < a->n_users ? u : DSC_NO_INDEX;
        for (uint32_t i = 0; i <= a->n_items; i++) {
            const uint32_t item = i < a->n_items ? i : DSC_NO_INDEX;
            float x = 0, y = 1;
            dsc_scorer_predict(of_a, 1, &user, &item, &x, NULL);
            dsc_scorer_predict(of_b, 1, &user, &item, &y, NULL);
            assert_memory_equal(&x, &y, sizeof x);
        }
        dsc_recommendation x[10], y[10];
        size_t n_x = 0, n_y = 0;
        dsc_scorer_recommend(of_a, user, 10, x, &n_x);
        dsc_scorer_recommend(of_b, user, 10, y, &n_y);
        assert_int_equal(n_x, n_y);
        assert_memory_equal(x, y, n_x * sizeof *x);
    }
    dsc_scorer_destroy(of_a);
    dsc_scorer_destroy(of_b);
}

static void assert_files_equal(const char *a, const char *b) {
    size_t n_a, n_b;
    char *x = scratch_read(a, &n_a), *y = scratch_read(b, &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(x, y, n_a);
    free(x);
    free(y);
}

/* Saves, loads, compares everything, and saves again: the same bytes. */
static void check_round_trip(const char *dir, const dsc_ratings *ratings,
                             const dsc_recommender_config *config) {
    char *first = scratch_path(dir, "first"), *second = scratch_path(dir, "second");
    dsc_recommender *model = must_train(ratings, config);
    dsc_recommender *loaded = save_and_load(model, first);
    assert_info_equal(model, loaded);
    assert_ids_equal(model, loaded);
    assert_predictions_equal(model, loaded);
    assert_int_equal(dsc_recommender_save(loaded, second, NULL), DSC_OK);
    assert_files_equal(first, second);
    assert_int_equal(scratch_count(dir), 2); /* no temporary file is left */
    dsc_recommender_destroy(model);
    dsc_recommender_destroy(loaded);
    free(first);
    free(second);
}

/* --- round trips ------------------------------------------------------------------------------ */

static void every_setting_comes_back(void **state) {
    const planted few = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = small_config();
    check_round_trip(*state, ratings, &config);

    config.n_hidden = DSC_MAX_HIDDEN;
    memcpy(config.hidden, ((const size_t[]){9, 7, 5, 3, 2}), sizeof config.hidden);
    config.activation = DSC_SIGMOID;
    config.use_biases = false;
    config.use_mean = false;
    config.optimizer = dsc_sgd(1.0 / 3);
    config.optimizer.momentum = 0.1;
    config.l2_vectors = 1e-300;
    config.l2_biases = 0.1;
    config.l2_network = 1.0 / 7;
    config.batch_size = 1 << 20;
    config.max_epochs = 3;
    config.average_epochs = 7;
    config.patience = SIZE_MAX;
    config.holdout = 0.3;
    config.seed = UINT64_MAX;
    check_round_trip(*state, ratings, &config);

    config.activation = DSC_TANH;
    config.holdout = 0; /* the validation error is then not a number */
    config.seed = 0;
    check_round_trip(*state, ratings, &config);
    dsc_ratings_destroy(ratings);
}

static void every_form_comes_back(void **state) {
    const planted few = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&few);
    for (int form = 0; form <= DSC_FORM_ITEM_AUTOREC; form++) {
        dsc_recommender_config config = dsc_recommender_config_of((dsc_form)form, 150);
        config.n_factors = 5;
        config.max_epochs = 6;
        check_round_trip(*state, ratings, &config);
        config.use_lbfgs = true;
        config.average_epochs = 1;
        config.use_user_history = form % 2 == 0 || form == DSC_FORM_USER_AUTOREC;
        config.use_item_history = form % 2 == 1 || form == DSC_FORM_ITEM_AUTOREC;
        config.holdout = 0.1;
        check_round_trip(*state, ratings, &config);
        if (form < DSC_FORM_USER_AUTOREC) { /* which need full batches */
            config.use_lbfgs = false;
            config.history_dropout = 0.25;
            check_round_trip(*state, ratings, &config);
        }
    }
    dsc_ratings_destroy(ratings);
}

/* What can be told of a side in a file of version 3, one at a time; what version 2 can hold it does,
 * so that programs of that time read it. */
static void every_side_comes_back(void **state) {
    const planted few = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&few);
    for (int what = -1; what < 6; what++) {
        dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, 150);
        config.n_factors = 4;
        config.max_epochs = 5;
        config.ridge.power = 0; /* which version 2 does not know either */
        config.choose_ridge = false;
        config.weigh_user_history = what == 0;
        config.weigh_item_history = what == 1;
        config.share_user_vector = what == 2;
        config.share_item_vector = what == 3;
        config.user_activation = what == 4 ? DSC_TANH : DSC_IDENTITY;
        config.item_activation = what == 5 ? DSC_SWISH : DSC_IDENTITY;
        check_round_trip(*state, ratings, &config);
        char *path = scratch_path(*state, "first");
        dsc_safetensors *file = NULL;
        assert_int_equal(dsc_safetensors_open(&file, path, NULL), DSC_OK);
        assert_string_equal(dsc_safetensors_metadata(file, "format_version"), what < 0 ? "2" : "3");
        assert_int_equal(dsc_safetensors_metadata(file, "user_activation") != NULL, what >= 0);
        dsc_safetensors_close(file);
        free(path);
    }
    dsc_ratings_destroy(ratings);
}

static void ids_of_any_bytes_come_back(void **state) {
    char text[2000], longest[301];
    memset(longest, 'z', 300);
    longest[300] = '\0';
    snprintf(text, sizeof text,
             "\"say \"\"hi\"\"\",it's,1\n"
             "caf\xC3\xA9 \xE6\x98\xA0,two words,2\n"
             "\xFF\xFE\x80,\xC3,3\n" /* bytes that are not UTF-8 */
             "\"a,b\",\\ / {}[]: ,4\n"
             "%s,%sy,5\n"
             "%sy,it's,3\n" /* the same for 300 bytes */
             "0,00,1\n-1,1e5,2\n",
             longest, longest, longest);
    dsc_ratings *ratings = ratings_from_text(text);
    assert_int_equal(dsc_ratings_n_users(ratings), 8);
    assert_int_equal(dsc_ratings_n_items(ratings), 7);
    dsc_recommender_config config = small_config();
    check_round_trip(*state, ratings, &config);
    dsc_recommender *model = must_train(ratings, &config);
    assert_int_equal(dsc_recommender_find_user(model, (dsc_id){"say \"hi\"", 8}), 0);
    assert_int_equal(dsc_recommender_find_user(model, (dsc_id){"\xFF\xFE\x80", 3}), 2);
    assert_int_equal(dsc_recommender_find_user(model, (dsc_id){longest, 300}), 4);
    assert_int_equal(dsc_recommender_find_user(model, (dsc_id){longest, 299}), DSC_NO_INDEX);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

static void unusual_scales_come_back(void **state) {
    const char *texts[] = {"a,x,4\nb,x,4\nb,y,4\n", "a,x,-3e38\nb,x,3e38\na,y,1\n",
                           "a,x,1e-44\nb,x,2e-44\na,y,3e-44\n", "a,x,0.1\nb,x,0.2\na,y,0.3\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dsc_ratings *ratings = ratings_from_text(texts[i]);
        dsc_recommender_config config = small_config();
        check_round_trip(*state, ratings, &config);
        dsc_ratings_destroy(ratings);
    }
}

/* --- a model that training was stopped in ------------------------------------------------------
 */

static bool stop_at_the_second_end(const dsc_training_progress *progress, void *user) {
    (void)user;
    return !(progress->is_epoch_end && progress->epoch == 2);
}

static void a_stopped_training_gives_a_whole_model(void **state) {
    const planted few = {.n_users = 20, .n_items = 15, .share = 0.5, .noise = 0.3, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = NULL;
    assert_int_equal(
        dsc_recommender_train(&model, ratings, &config, stop_at_the_second_end, NULL, NULL),
        DSC_E_CANCELLED);
    char *path = scratch_path(*state, "model");
    dsc_recommender *loaded = save_and_load(model, path);
    assert_info_equal(model, loaded);
    assert_predictions_equal(model, loaded);
    dsc_recommender_destroy(model);
    dsc_recommender_destroy(loaded);
    dsc_ratings_destroy(ratings);
    free(path);
}

/* --- others ----------------------------------------------------------------------------------- */

/* A model of the version before, written by the program of that time (train -k 3 --hidden 4,3), and
 * what it predicted (predict --csv): pairs, known and not. */
static void version_1_predicts_the_same(void **state) {
    dsc_recommender *model = NULL;
    dsc_error err = {DSC_OK, "", ""};
    if (dsc_recommender_load(&model, "tests/data/version_1.safetensors", &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    assert_true(info.config.use_network && !info.config.use_dot && !info.config.use_lbfgs);
    assert_false(info.config.use_user_history || info.config.use_item_history);
    assert_int_equal(info.config.n_factors, 3);
    FILE *expected = fopen("tests/data/version_1.csv", "r");
    assert_non_null(expected);
    dsc_scorer *scorer = NULL;
    assert_int_equal(dsc_scorer_create(&scorer, model, NULL), DSC_OK);
    char user_id[16], item_id[16], basis_name[16];
    float rating;
    size_t n = 0;
    assert_int_equal(fscanf(expected, "user,item,rating,basis "), 0);
    while (fscanf(expected, "%15[^,],%15[^,],%f,%15[^\n] ", user_id, item_id, &rating,
                  basis_name) == 4) {
        const dsc_id user = {user_id, strlen(user_id)}, item = {item_id, strlen(item_id)};
        const uint32_t u = dsc_recommender_find_user(model, user),
                       i = dsc_recommender_find_item(model, item);
        float found;
        dsc_basis basis;
        dsc_scorer_predict(scorer, 1, &u, &i, &found, &basis);
        assert_true(found == rating);
        assert_string_equal(dsc_basis_name(basis), basis_name);
        n++;
    }
    assert_int_equal(n, 42);
    char *path = scratch_path(*state, "model");
    dsc_recommender *again = NULL;
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    assert_int_equal(dsc_recommender_load(&again, path, NULL), DSC_OK);
    assert_info_equal(model, again);
    assert_predictions_equal(model, again);
    fclose(expected);
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
    dsc_recommender_destroy(again);
    free(path);
}

static void python_reads_it_too(void **state) {
    if (system("command -v python3 >/dev/null") != 0) {
        print_message("skipped: there is no python3\n");
        skip();
    }
    dsc_ratings *ratings = ratings_from_text("\"a \"\"b\"\"\",\xFF,1\nb,y,2\nc,y,3\n");
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config);
    char *path = scratch_path(*state, "model");
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    char command[400];
    snprintf(command, sizeof command, "python3 tests/check_safetensors.py '%s'", path);
    assert_int_equal(system(command), 0);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
    free(path);
}

static void places_that_cannot_be_written_or_read(void **state) {
    dsc_ratings *ratings = ratings_from_text("a,x,1\nb,y,2\nc,y,3\n");
    dsc_recommender_config config = small_config();
    dsc_recommender *model = must_train(ratings, &config);
    char *path = scratch_path(*state, "no/such/folder");
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_recommender_save(model, path, &err), DSC_E_IO);
    assert_string_equal(err.where, path);
    assert_int_equal(dsc_recommender_save(model, *state, NULL), DSC_E_IO);
    dsc_recommender *loaded = model;
    err.code = DSC_OK;
    assert_int_equal(dsc_recommender_load(&loaded, path, &err), DSC_E_IO);
    assert_string_equal(err.where, path);
    assert_null(loaded);
    assert_int_equal(dsc_recommender_load(&loaded, *state, NULL), DSC_E_IO);
    dsc_recommender_destroy(model);
    dsc_recommender_destroy(NULL);
    dsc_ratings_destroy(ratings);
    free(path);
}

int main(void) {
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(every_setting_comes_back),
        WITH_FOLDER(every_form_comes_back),
        WITH_FOLDER(every_side_comes_back),
        WITH_FOLDER(ids_of_any_bytes_come_back),
        WITH_FOLDER(unusual_scales_come_back),
        WITH_FOLDER(a_stopped_training_gives_a_whole_model),
        WITH_FOLDER(version_1_predicts_the_same),
        WITH_FOLDER(python_reads_it_too),
        WITH_FOLDER(places_that_cannot_be_written_or_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
