/* Models that look at the time of ratings: the objective against the sum written out, what is learned,
 * and what follows a training: files, fold-ins, explanations, evaluation. docs/math.md (148) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assert_near.h"
#include "descent/explain.h"
#include "descent/fold_in.h"
#include "descent/random.h"
#include "file_parts.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "scratch_dir.h"

enum { LINE_LENGTH = 60, PURPOSE_RATING = 39, N_USERS = 40, N_ITEMS = 25, DAY = 86400 };

/* Every user rates on three days, and is in another mood on each; what is rated when is random. The
 * tastes are none, so that the mood is all there is to learn. */
static dsc_ratings *planted_moods(uint32_t part, bool has_times) {
    char *text = malloc(N_USERS * N_ITEMS * LINE_LENGTH + 1);
    assert_non_null(text);
    size_t length = 0;
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = 0; i < N_ITEMS; i++) {
            dsc_random random = dsc_random_stream(3, PURPOSE_RATING, u * N_ITEMS + i);
            const uint32_t of_part = dsc_random_below(&random, 4) == 0 ? 1 : 0;
            const uint32_t day = dsc_random_below(&random, 3);
            const double mood = (double)((u + day) % 3) - 1;
            const double rating = rint(3 + 1.5 * mood + 0.4 * dsc_random_normal(&random));
            if (of_part == part) {
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%g", u, i,
                                           fmin(5, fmax(1, rating)));
                length += (size_t)snprintf(text + length, LINE_LENGTH, has_times ? ",%u\n" : "\n",
                                           (unsigned)(DAY * (3 * u + day) + 30 * i));
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

static dsc_recommender_config config_of(size_t n_time_bins, uint64_t session_gap) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, 800);
    config.n_factors = 3;
    config.choose_ridge = false;
    config.n_time_bins = n_time_bins;
    config.session_gap = session_gap;
    return config;
}

/* --- the objective ---------------------------------------------------------------------------- */

/* What two objectives that differ in the biases of time alone differ by, when all else is 0: half the
 * squared errors with the biases of each rating, looked up one by one, and their ridges. */
static double by_hand(const dsc_recommender *m, const double *x) {
    const double *bins = x + (m->item_time_biases - m->tables);
    const double *sessions = x + (m->session_biases - m->tables);
    double loss = 0;
    for (uint32_t u = 0; u < m->n_users; u++) {
        for (uint64_t e = m->ratings.start[u]; e < m->ratings.start[u + 1]; e++) {
            const size_t bin = dsc_clock_bin(&m->clock, m->ratings.time[e]);
            const double f = bins[m->ratings.column[e] * m->clock.n_bins + bin] +
                             sessions[dsc_clock_session(&m->clock, u, m->ratings.time[e])];
            const double t =
                ((double)m->ratings.value[e] - m->statistics.mean) / m->statistics.spread;
            loss += (f - t) * (f - t) / 2;
        }
    }
    for (size_t i = 0; i < m->n_items * m->clock.n_bins; i++) {
        loss += m->config.ridge.time_bins / 2 * bins[i] * bins[i];
    }
    for (size_t s = 0; s < m->clock.n_sessions; s++) {
        loss += m->config.ridge.sessions / 2 * sessions[s] * sessions[s];
    }
    return loss;
}

static void the_gradient_is_that_of_the_objective(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_moods(0, true);
    for (int loss_kind = DSC_LOSS_SQUARED; loss_kind <= DSC_LOSS_ORDINAL; loss_kind++) {
        dsc_recommender_config config = config_of(4, 3600);
        config.loss = (dsc_rating_loss)loss_kind;
        config.ridge.time_bins = 1.5;
        config.ridge.sessions = 0.5;
        dsc_recommender *m = NULL;
        assert_int_equal(dsc_model_from_ratings(&m, &config, ratings, NULL), DSC_OK);
        assert_int_equal(m->clock.n_sessions, 3 * N_USERS);
        dsc_full_batch *batch = NULL;
        assert_int_equal(dsc_full_batch_create(&batch, m, DSC_FLOAT64,
                                               dsc_kept_ratings_all(dsc_sparse_view(&m->ratings)),
                                               NULL),
                         DSC_OK);
        const size_t n = dsc_full_batch_n_values(batch);
        double *x = calloc(3 * n, sizeof *x), *gradient = x + n, *unused = x + 2 * n, loss;
        assert_non_null(x);
        const size_t first = (size_t)(m->item_time_biases - m->tables);
        const size_t last = (size_t)(m->session_biases - m->tables) + m->clock.n_sessions;
        for (size_t i = first; i < last; i++) {
            x[i] = (double)((int)(i * 37 % 41) - 20) / 32;
        }
        assert_int_equal(dsc_full_batch_evaluate(x, &loss, gradient, batch, NULL), DSC_OK);
        if (config.loss == DSC_LOSS_SQUARED) { /* targets are stored in single precision */
            assert_near("the loss", loss, by_hand(m, x), 1e-6);
        }
        for (size_t i = 0; i < n; i += i >= first && i < last ? 1 : 7) {
            const double kept = x[i], step = 1e-5;
            double above, below;
            x[i] = kept + step;
            assert_int_equal(dsc_full_batch_evaluate(x, &above, unused, batch, NULL), DSC_OK);
            x[i] = kept - step;
            assert_int_equal(dsc_full_batch_evaluate(x, &below, unused, batch, NULL), DSC_OK);
            x[i] = kept;
            assert_near("an element of the gradient", gradient[i], (above - below) / (2 * step),
                        1e-5);
        }
        free(x);
        dsc_full_batch_destroy(batch);
        dsc_recommender_destroy(m);
    }
    dsc_ratings_destroy(ratings);
}

/* --- what is learned ----------------------------------------------------------------------------
 */

static double test_rmse(const dsc_recommender *model, const dsc_ratings *test) {
    dsc_evaluation found;
    assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &found, NULL), DSC_OK);
    return found.model.rmse;
}

static void sessions_learn_a_mood(void **state) {
    (void)state;
    dsc_ratings *train = planted_moods(0, true), *test = planted_moods(1, true);
    dsc_ratings *timeless = planted_moods(1, false);
    const dsc_recommender_config with = config_of(0, 3600), without = config_of(0, 0);
    dsc_recommender *model = must_train(train, &with), *plain = must_train(train, &without);
    const double rmse = test_rmse(model, test), plain_rmse = test_rmse(plain, test);
    if (!(rmse < 0.9 && plain_rmse > 1.2)) { /* the noise alone has 0.45 */
        fail_msg("%g with sessions, %g without", rmse, plain_rmse);
    }
    /* A test that does not say when it was rated is of now, in no session that has been. */
    assert_true(test_rmse(model, timeless) > 1.2);
    assert_true(test_rmse(plain, timeless) == plain_rmse);
    dsc_recommender *again = must_train(train, &with);
    assert_memory_equal(model->tables, again->tables, model->n_table_values * sizeof(float));
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    assert_int_equal(info.n_sessions, 3 * N_USERS);
    dsc_recommender_destroy(model);
    dsc_recommender_destroy(plain);
    dsc_recommender_destroy(again);
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(test);
    dsc_ratings_destroy(timeless);
}

/* An item that falls out of favour half way. */
static void bins_learn_a_fashion(void **state) {
    (void)state;
    char text[40 * LINE_LENGTH];
    size_t length = 0;
    for (unsigned u = 0; u < 40; u++) {
        length += (size_t)snprintf(text + length, LINE_LENGTH, "u%u,i,%d,%u\n", u, u < 20 ? 5 : 1,
                                   100 * u);
    }
    dsc_ratings *ratings = ratings_from_text(text);
    dsc_recommender_config config = config_of(2, 0);
    config.ridge.time_bins = 1;
    dsc_recommender *model = must_train(ratings, &config);
    dsc_scorer *scorer = must_create_scorer(model);
    const uint32_t user[] = {0, 0, 0}, item[] = {0, 0, 0};
    const int64_t time[] = {0, 3900, DSC_NOW};
    float at[3], now;
    dsc_scorer_predict_at(scorer, 3, user, item, time, at, NULL);
    assert_true(at[0] > at[1] + 1);
    assert_true(at[1] == at[2]); /* the last bin is now */
    dsc_scorer_predict(scorer, 1, user, item, &now, NULL);
    assert_true(now == at[2]);
    dsc_scorer_set_time(scorer, 0);
    dsc_scorer_predict(scorer, 1, user, item, &now, NULL);
    assert_true(now == at[0]);
    double score;
    dsc_scorer_score(scorer, 0, 1, item, &score);
    assert_near("the score", score, (double)at[0], 1e-6);
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

static void what_cannot_be_trained(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_moods(0, false);
    dsc_recommender_config config = config_of(0, 3600);
    dsc_recommender *model = NULL;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "have no times"));
    config.use_lbfgs = config.use_user_history = config.use_item_history = false;
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "use_lbfgs");
    config = config_of(1001, 0);
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_time_bins");
    config = config_of(2, 0);
    config.ridge.time_bins = -1;
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "ridge.time_bins");
    assert_null(model);
    dsc_ratings_destroy(ratings);
}

/* --- what follows a training -------------------------------------------------------------------- */

typedef struct fixture {
    void *dir;
    char *path;
    dsc_ratings *ratings;
    dsc_recommender *model; /* near its minimum */
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    f->path = scratch_path(f->dir, "model");
    f->ratings = planted_moods(0, true);
    dsc_recommender_config config = config_of(4, 3600);
    config.ridge = (dsc_ridge){1, 2, 3, 1, 1, 5, 2};
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

/* With the times of the ratings, but without biases of sessions: those of a new one are 0. */
static void a_fold_in_looks_at_times(void **state) {
    const fixture *f = *state;
    dsc_recommender_config config = config_of(4, 0);
    config.ridge = (dsc_ridge){1, 2, 3, 1, 1, 1, 0};
    config.max_epochs = 2000;
    dsc_recommender *model = must_train(f->ratings, &config);
    dsc_fold_in_config way = dsc_fold_in_config_of(model, false);
    way.n_history = 0;
    double difference = 0;
    for (uint32_t u = 0; u < model->n_users; u++) {
        const dsc_side trained = dsc_recommender_user_side(model, u);
        const int64_t *times = model->ratings.time + model->ratings.start[u];
        dsc_folded *folded = NULL, *timeless = NULL;
        const dsc_given given = {trained.n_ratings, trained.others, trained.ratings, times};
        const dsc_given of_now = {trained.n_ratings, trained.others, trained.ratings, NULL};
        assert_int_equal(dsc_fold_in_user(&folded, model, &given, &way, NULL), DSC_OK);
        assert_int_equal(dsc_fold_in_user(&timeless, model, &of_now, &way, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_near("the bias", (double)side.bias, (double)trained.bias, 5e-3);
        for (size_t c = 0; c < 3; c++) {
            assert_near("the vector", (double)side.vector[c], (double)trained.vector[c], 5e-3);
        }
        assert_memory_equal(side.offsets, trained.offsets, side.n_ratings * sizeof(float));
        difference += fabs((double)dsc_folded_side(timeless).bias - (double)side.bias);
        dsc_folded_destroy(folded);
        dsc_folded_destroy(timeless);
    }
    assert_true(difference > 0.1);
    dsc_recommender_destroy(model);
}

static void explanations_add_up(void **state) {
    const fixture *f = *state;
    bool has_time = false;
    for (uint32_t u = 0; u < f->model->n_users; u++) {
        const int64_t time = f->model->ratings.time[f->model->ratings.start[u]];
        const dsc_side user = dsc_recommender_user_side_at(f->model, u, time);
        const dsc_side item = dsc_recommender_item_side_at(f->model, u % 7, time);
        dsc_explanation e;
        assert_int_equal(dsc_explain(&e, f->model, &user, &item, NULL), DSC_OK);
        double sum = e.mean + e.user_bias + e.item_bias + e.time + e.network + e.own_vector;
        for (size_t r = 0; r < e.n_reasons; r++) {
            sum += e.reasons[r].push;
        }
        assert_near("the sum", sum, e.prediction, 1e-6);
        assert_near("what is left", e.own_vector, 0, 2e-2); /* values at the times of the ratings */
        has_time = has_time || fabs(e.time) > 0.1;
        dsc_explanation_clear(&e);
    }
    assert_true(has_time);
}

static void recommendations_are_of_a_time(void **state) {
    const fixture *f = *state;
    dsc_scorer *scorer = must_create_scorer(f->model);
    for (int i = 0; i < 2; i++) {
        const int64_t time = i == 0 ? 0 : DSC_NOW;
        dsc_recommendation out[N_ITEMS];
        size_t n = 0;
        dsc_scorer_set_time(scorer, time);
        dsc_scorer_recommend(scorer, 1, N_ITEMS, out, &n);
        for (size_t r = 0; r < n; r++) {
            const uint32_t user = 1;
            float rating;
            dsc_scorer_predict_at(scorer, 1, &user, &out[r].item, &time, &rating, NULL);
            assert_true(rating == out[r].rating);
        }
        assert_true(n > 0);
    }
    dsc_scorer_destroy(scorer);
}

static void a_file_keeps_the_times(void **state) {
    const fixture *f = *state;
    dsc_recommender *loaded = NULL;
    assert_int_equal(dsc_recommender_save(f->model, f->path, NULL), DSC_OK);
    assert_int_equal(dsc_recommender_load(&loaded, f->path, NULL), DSC_OK);
    assert_int_equal(loaded->config.n_time_bins, 4);
    assert_int_equal(loaded->config.session_gap, 3600);
    assert_true(loaded->config.ridge.time_bins == 5 && loaded->config.ridge.sessions == 2);
    assert_memory_equal(loaded->tables, f->model->tables, f->model->n_table_values * sizeof(float));
    assert_memory_equal(loaded->offsets, f->model->offsets,
                        f->model->ratings.n_entries * sizeof(float));
    assert_memory_equal(loaded->clock.bin_start, f->model->clock.bin_start, 4 * sizeof(int64_t));
    dsc_recommender_destroy(loaded);
}

static void hostile_files_are_refused(void **state) {
    const fixture *f = *state;
    assert_int_equal(dsc_recommender_save(f->model, f->path, NULL), DSC_OK);
    file_parts parts;
    file_parts_open(&parts, f->path);
    char *path = scratch_path(f->dir, "damaged");
    assert_string_equal(dsc_safetensors_metadata(parts.file, "format_version"), "3");
    file_parts_load(&parts, path, load_recommender, NULL);
    file_parts_load_value(&parts, path, load_recommender, "item_time_biases", 0, (double)NAN,
                          "item_time_biases");
    file_parts_load_value(&parts, path, load_recommender, "session_biases", 3, (double)INFINITY,
                          "session_biases");
    file_parts_load_value(&parts, path, load_recommender, "session_biases", 3, 3e38, "overflow");
    file_parts_load_value(&parts, path, load_recommender, "time_ridge", 0, -1, "ridge.time_bins");
    file_parts_load_value(&parts, path, load_recommender, "time_ridge", 1, (double)NAN,
                          "ridge.sessions");
    /* A rating on a day of its own is a session more, and one of the next day may join two. */
    file_parts_load_value(&parts, path, load_recommender, "ratings_time", 0, -9e18, "expected 121");
    file_parts_load_key(&parts, path, load_recommender, "session_gap", "1", "its users' sessions");
    file_parts_load_key(&parts, path, load_recommender, "session_gap", "-1", "session_gap");
    file_parts_load_key(&parts, path, load_recommender, "n_time_bins", "5", "item_time_biases");
    file_parts_load_key(&parts, path, load_recommender, "n_time_bins", "1001", "n_time_bins");
    file_parts_load_key(&parts, path, load_recommender, "n_time_bins", "x", "n_time_bins");
    file_parts_load_key(&parts, path, load_recommender, "n_time_bins", "0",
                        NULL); /* its array is passed over */
    file_parts_load_other_shapes(&parts, path, load_recommender, NULL);
    static const char *const needed[] = {"ratings_time", "time_ridge", "item_time_biases",
                                         "session_biases"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        file_parts changed = parts;
        for (size_t t = 0; t < parts.n_tensors; t++) {
            if (strcmp(parts.tensor[t].name, needed[i]) == 0) {
                changed.tensor[t].name = "x";
            }
        }
        file_parts_load(&changed, path, load_recommender, needed[i]);
    }
    free(path);
    file_parts_close(&parts);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_the_objective),
        cmocka_unit_test(sessions_learn_a_mood),
        cmocka_unit_test(bins_learn_a_fashion),
        cmocka_unit_test(what_cannot_be_trained),
        WITH_MODEL(a_fold_in_looks_at_times),
        WITH_MODEL(explanations_add_up),
        WITH_MODEL(recommendations_are_of_a_time),
        WITH_MODEL(a_file_keeps_the_times),
        WITH_MODEL(hostile_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
