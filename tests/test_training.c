/* Training as a whole: what it learns, that it repeats, which epoch it keeps, how it is stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planted_ratings.h"
#include "recommender/model.h"
#include "scratch_dir.h"

static const planted few = {.n_users = 30, .n_items = 20, .share = 0.5, .noise = 0.1, .seed = 7};

/* --- watching --------------------------------------------------------------------------------- */

typedef struct watch {
    size_t stop_epoch; /* the epoch in which to stop, 0: never */
    bool stop_at_end;  /* of that epoch, else in its middle */
    size_t n_calls, n_ends;
    size_t best_epoch;
    double best_rmse;
    dsc_training_progress last;
} watch;

static bool look(const dsc_training_progress *p, void *user) {
    watch *w = user;
    assert_in_range(p->epoch, 1, p->max_epochs);
    assert_in_range(p->n_done, 1, p->n_total);
    assert_true(p->elapsed_s >= w->last.elapsed_s);
    assert_int_equal(p->epoch, w->n_ends + 1);
    w->n_calls++;
    w->last = *p;
    if (p->is_epoch_end) {
        assert_int_equal(p->n_done, p->n_total);
        w->n_ends++;
        if (isnan(p->validation_rmse) || w->n_ends == 1 || p->validation_rmse < w->best_rmse) {
            w->best_rmse = p->validation_rmse;
            w->best_epoch = p->epoch;
        }
        assert_int_equal(p->best_epoch, w->best_epoch);
        assert_true(p->best_validation_rmse == w->best_rmse || isnan(w->best_rmse));
    }
    return !(p->epoch == w->stop_epoch && p->is_epoch_end == w->stop_at_end);
}

static dsc_status train(dsc_recommender **out, const dsc_recommender_config *config, watch *w,
                        dsc_error *err) {
    dsc_ratings *ratings = planted_ratings(&few);
    *out = (dsc_recommender *)(uintptr_t)1;
    dsc_status status =
        dsc_recommender_train(out, ratings, config, w != NULL ? look : NULL, w, err);
    dsc_ratings_destroy(ratings);
    return status;
}

/* --- learning --------------------------------------------------------------------------------- */

static void planted_tastes_are_learned(void **state) {
    (void)state;
    planted what = {.n_users = 120, .n_items = 40, .share = 0.4, .noise = 0.2, .seed = 3};
    dsc_ratings *seen = planted_ratings(&what);
    what.part = 1;
    dsc_ratings *unseen = planted_ratings(&what);
    dsc_recommender_config config = small_config();
    config.max_epochs = 30;
    dsc_recommender *model = must_train(seen, &config);
    dsc_evaluation e;
    assert_int_equal(dsc_recommender_evaluate(model, unseen, NULL, &e, NULL), DSC_OK);
    assert_true(e.n_pairs > 1500);
    assert_int_equal(e.n_seen_pairs, 0);
    assert_int_equal(e.n_fallback_pairs, 0);
    assert_true(e.biases.rmse > 1.4);
    assert_true(e.model.rmse < 0.4); /* the noise alone is 0.2 */
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    assert_true(info.validation_rmse < 0.4);
    assert_true(info.train_rmse < 0.4);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(seen);
    dsc_ratings_destroy(unseen);
}

static void equal_ratings_are_no_trouble(void **state) {
    (void)state;
    const char *texts[] = {"a,x,4\nb,x,4\na,y,4\nb,y,4\n", "a,x,0.1\nb,x,0.1\na,y,.1\n",
                           "a,x,0\nb,x,0\na,y,0\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dsc_ratings *ratings = ratings_from_text(texts[i]);
        dsc_recommender_config config = small_config();
        dsc_recommender *model = must_train(ratings, &config);
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        assert_true(info.spread == 1);
        assert_true(info.min == info.max && info.mean == info.min);
        dsc_scorer *scorer = must_create_scorer(model);
        float rating = -1;
        dsc_scorer_predict(scorer, 1, &(uint32_t){1}, &(uint32_t){1}, &rating, NULL);
        assert_true((double)rating == info.min);
        dsc_scorer_destroy(scorer);
        dsc_recommender_destroy(model);
        dsc_ratings_destroy(ratings);
    }
}

static void every_kind_of_ratings_trains(void **state) {
    (void)state;
    const char *texts[] = {"a,x,-3e38\nb,x,3e38\na,y,1\nb,y,2\n", /* as large as floats go */
                           "a,x,1e-44\nb,x,2e-44\na,y,3e-44\n", "a,x,-5\nb,x,-1\na,y,-3\n",
                           "a,x,1e7\na,y,10000001\nb,y,10000002\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dsc_ratings *ratings = ratings_from_text(texts[i]);
        dsc_recommender_config config = small_config();
        dsc_recommender *model = must_train(ratings, &config);
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        assert_true(info.spread > 0 && isfinite(info.spread) && isfinite(info.train_rmse));
        assert_true(info.min <= info.mean && info.mean <= info.max);
        dsc_recommender_destroy(model);
        dsc_ratings_destroy(ratings);
    }
}

/* --- the same seed ---------------------------------------------------------------------------- */

static char *trained_bytes(const char *dir, uint64_t seed, size_t *n_bytes) {
    dsc_recommender_config config = small_config();
    config.seed = seed;
    dsc_recommender *model = NULL;
    assert_int_equal(train(&model, &config, NULL, NULL), DSC_OK);
    char *path = scratch_path(dir, "model");
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    dsc_recommender_destroy(model);
    char *bytes = scratch_read(path, n_bytes);
    free(path);
    return bytes;
}

static void the_same_seed_gives_the_same_bytes(void **state) {
    size_t n[3];
    char *bytes[3] = {trained_bytes(*state, 5, &n[0]), trained_bytes(*state, 5, &n[1]),
                      trained_bytes(*state, 6, &n[2])};
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    assert_int_equal(n[0], n[2]);
    size_t n_different = 0;
    for (size_t i = 0; i < n[0]; i++) {
        n_different += bytes[0][i] != bytes[2][i];
    }
    assert_true(n_different > 500); /* the weights, not the seed's digit alone */
    for (size_t i = 0; i < 3; i++) {
        free(bytes[i]);
    }
}

/* Users and items of the same index do not begin alike. */
static void first_values_differ(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = small_config();
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    size_t n_equal = 0;
    for (size_t i = 0; i < model->n_items * config.n_factors; i++) {
        n_equal += model->user_vectors[i] == model->item_vectors[i];
        assert_true(model->user_vectors[i] != 0 && fabsf(model->user_vectors[i]) < 0.6F);
    }
    assert_true(n_equal < 3);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* --- settings --------------------------------------------------------------------------------- */

static void without_biases_they_stay_zero(void **state) {
    (void)state;
    for (int use = 0; use <= 1; use++) {
        dsc_recommender_config config = small_config();
        config.use_biases = use != 0;
        dsc_recommender *model = NULL;
        assert_int_equal(train(&model, &config, NULL, NULL), DSC_OK);
        size_t n_moved = 0;
        for (size_t u = 0; u < model->n_users; u++) {
            n_moved += model->user_biases[u] != 0;
        }
        for (size_t i = 0; i < model->n_items; i++) {
            n_moved += model->item_biases[i] != 0;
        }
        assert_int_equal(n_moved, use != 0 ? model->n_users + model->n_items : 0);
        dsc_recommender_destroy(model);
    }
}

/* Without the mean the network itself must learn where the ratings are, which it does. */
static void without_the_mean_the_network_finds_it(void **state) {
    (void)state;
    dsc_recommender_config config = small_config();
    config.use_mean = false;
    config.max_epochs = 30;
    const planted what = {.n_users = 60, .n_items = 40, .share = 0.6, .noise = 0.1, .seed = 7};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender *model = must_train(ratings, &config);
    dsc_ratings_destroy(ratings);
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    assert_false(info.config.use_mean);
    assert_true(fabs(info.mean - 3) < 0.3); /* still known: the baselines need it */
    assert_true(info.validation_rmse < 0.5);
    dsc_recommender_destroy(model);
}

static void without_a_holdout_the_last_epoch_is_kept(void **state) {
    (void)state;
    dsc_recommender_config config = small_config();
    config.holdout = 0;
    config.patience = 1;
    watch w = {0};
    dsc_recommender *model = NULL;
    assert_int_equal(train(&model, &config, &w, NULL), DSC_OK);
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    assert_int_equal(w.n_ends, 4);
    assert_int_equal(info.n_epochs, 4);
    assert_int_equal(info.best_epoch, 4);
    assert_true(isnan(info.validation_rmse) && isnan(w.last.best_validation_rmse));
    assert_int_equal(w.last.n_total, info.n_ratings);
    assert_true(info.train_rmse == w.last.train_rmse);
    dsc_recommender_destroy(model);
}

static void the_holdout_has_its_share(void **state) {
    (void)state;
    const double shares[] = {0.001, 0.1, 0.25, 0.5};
    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
        dsc_recommender_config config = small_config();
        config.holdout = shares[s];
        config.max_epochs = 1;
        watch w = {0};
        dsc_recommender *model = NULL;
        assert_int_equal(train(&model, &config, &w, NULL), DSC_OK);
        const double n = (double)model->ratings.n_entries;
        const double expected = fmax(1, floor(n * shares[s] + 0.5)); /* at least one */
        assert_true((double)w.last.n_total == n - expected);
        dsc_recommender_destroy(model);
    }
}

/* --- early stopping --------------------------------------------------------------------------- */

/* Noise alone, learned by heart: the validation error must rise again. */
static dsc_recommender_config overfitting(size_t max_epochs) {
    dsc_recommender_config config = small_config();
    config.optimizer = dsc_adam(0.03);
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    config.holdout = 0.4;
    config.max_epochs = max_epochs;
    config.patience = 3;
    return config;
}

static void the_best_epoch_is_kept(void **state) {
    (void)state;
    const planted noise = {.n_users = 40, .n_items = 20, .share = 0.5, .noise = 20, .seed = 2};
    dsc_ratings *ratings = planted_ratings(&noise);
    dsc_recommender_config config = overfitting(100);
    dsc_recommender *stopped = NULL;
    watch w = {0};
    assert_int_equal(dsc_recommender_train(&stopped, ratings, &config, look, &w, NULL), DSC_OK);
    dsc_recommender_info info;
    dsc_recommender_get_info(stopped, &info);
    assert_int_equal(info.n_epochs, w.n_ends);
    assert_int_equal(info.best_epoch, w.best_epoch);
    assert_true(info.validation_rmse == w.best_rmse);
    assert_true(w.last.validation_rmse > w.best_rmse);
    assert_int_equal(info.n_epochs, info.best_epoch + config.patience);
    assert_true(info.n_epochs < 100);

    /* A training that ends with that epoch has the same weights. */
    config = overfitting(info.best_epoch);
    dsc_recommender *ended = must_train(ratings, &config);
    assert_int_equal(ended->statistics.best_epoch, info.best_epoch);
    assert_true(ended->statistics.validation_rmse == info.validation_rmse);
    assert_true(ended->statistics.train_rmse == info.train_rmse);
    assert_memory_equal(ended->tables, stopped->tables, ended->n_table_values * sizeof(float));
    assert_memory_equal(dsc_network_parameters_const(ended->network),
                        dsc_network_parameters_const(stopped->network),
                        dsc_network_n_parameters(ended->network) * sizeof(float));
    dsc_recommender_destroy(ended);
    dsc_recommender_destroy(stopped);
    dsc_ratings_destroy(ratings);
}

/* --- stopping by hand ------------------------------------------------------------------------- */

static void a_watcher_stops_training(void **state) {
    (void)state;
    const struct {
        size_t epoch;
        bool at_end;
        size_t n_epochs; /* that the model has then seen the end of; 0: there is no model */
    } cases[] = {{1, false, 0}, {1, true, 1}, {2, false, 1}, {3, true, 3}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const dsc_recommender_config config = small_config();
        watch w = {.stop_epoch = cases[c].epoch, .stop_at_end = cases[c].at_end};
        dsc_error err = {DSC_OK, "", ""};
        dsc_recommender *model = NULL;
        assert_int_equal(train(&model, &config, &w, &err), DSC_E_CANCELLED);
        assert_int_equal(err.code, DSC_E_CANCELLED);
        assert_int_equal(w.last.epoch, cases[c].epoch);
        assert_int_equal(w.last.is_epoch_end, cases[c].at_end);
        assert_int_equal(model != NULL, cases[c].n_epochs > 0);
        if (model != NULL) {
            assert_int_equal(model->statistics.n_epochs, cases[c].n_epochs);
            assert_int_equal(model->statistics.best_epoch, w.best_epoch);
            assert_true(model->statistics.validation_rmse == w.best_rmse);
        }
        dsc_recommender_destroy(model);
    }
}

/* The epoch that was begun leaves no trace in the model that is handed out. */
static void a_stopped_epoch_does_not_count(void **state) {
    (void)state;
    dsc_recommender_config config = small_config();
    watch at_end = {.stop_epoch = 1, .stop_at_end = true};
    watch in_second = {.stop_epoch = 2};
    dsc_recommender *one = NULL, *and_a_half = NULL;
    assert_int_equal(train(&one, &config, &at_end, NULL), DSC_E_CANCELLED);
    assert_int_equal(train(&and_a_half, &config, &in_second, NULL), DSC_E_CANCELLED);
    assert_memory_equal(one->tables, and_a_half->tables, one->n_table_values * sizeof(float));
    dsc_recommender_destroy(one);
    dsc_recommender_destroy(and_a_half);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_tastes_are_learned),
        cmocka_unit_test(equal_ratings_are_no_trouble),
        cmocka_unit_test(every_kind_of_ratings_trains),
        cmocka_unit_test_setup_teardown(the_same_seed_gives_the_same_bytes, scratch_begin,
                                        scratch_end),
        cmocka_unit_test(first_values_differ),
        cmocka_unit_test(without_biases_they_stay_zero),
        cmocka_unit_test(without_the_mean_the_network_finds_it),
        cmocka_unit_test(without_a_holdout_the_last_epoch_is_kept),
        cmocka_unit_test(the_holdout_has_its_share),
        cmocka_unit_test(the_best_epoch_is_kept),
        cmocka_unit_test(a_watcher_stops_training),
        cmocka_unit_test(a_stopped_epoch_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
