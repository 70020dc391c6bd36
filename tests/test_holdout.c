/* What is held out: which samples, what is left of their list, its error and its ranking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/pool.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/held_ranking.h"
#include "recommender/holdout.h"

enum { PURPOSE_HOLDOUT = 4, LINE_LENGTH = 64, N_THREADS = 3 };

static const planted few = {.n_users = 40, .n_items = 30, .share = 0.5, .noise = 0.5, .seed = 3};
static const planted many = {.n_users = 300, .n_items = 300, .share = 0.9, .noise = 0.5, .seed = 4};

/* Every second pair, at times that differ. */
static dsc_ratings *timed_ratings(void) {
    enum { N_USERS = 20, N_ITEMS = 30 };
    char *text = malloc((size_t)N_USERS * N_ITEMS * LINE_LENGTH);
    size_t length = 0;
    assert_non_null(text);
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = u % 2; i < N_ITEMS; i += 2) {
            length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%zu,%zu\n", u, i,
                                       1 + (u * 7 + i * 3) % 5, 1000 + (u * 131 + i * 17) % 997);
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

static void list_all(dsc_sample_list *out, const dsc_recommender *model) {
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    assert_int_equal(dsc_sample_list_init(out, model, ratings, ratings.n_entries, NULL), DSC_OK);
    for (uint32_t e = 0; e < out->n; e++) {
        out->position[e] = e;
    }
}

/* All ratings of the model, of which the configuration's share is held out; returns those to train on. */
static size_t hold_out(dsc_holdout *held, dsc_sample_list *list, const dsc_recommender *model) {
    size_t n = model->ratings.n_entries;
    list_all(list, model);
    *held = (dsc_holdout){0};
    assert_int_equal(dsc_holdout_take(held, model, list, &n, NULL), DSC_OK);
    return n;
}

/* --- which -------------------------------------------------------------------------------------- */

/* The last of a random order, also when the others are gone. */
static void the_last_of_a_random_order_are_held_out(void **state) {
    (void)state;
    dsc_recommender_config config = small_config();
    config.holdout = 0.3;
    config.seed = 17;
    dsc_recommender *model = untrained_model(&few, &config);
    dsc_sample_list list, expected;
    dsc_holdout held;
    list_all(&expected, model);
    dsc_random random = dsc_random_stream(config.seed, PURPOSE_HOLDOUT, 0);
    for (size_t i = expected.n; i > 1; i--) {
        const uint32_t other = dsc_random_below(&random, (uint32_t)i);
        const uint32_t moved = expected.position[i - 1];
        expected.position[i - 1] = expected.position[other];
        expected.position[other] = moved;
    }
    const size_t n = hold_out(&held, &list, model), n_held = expected.n - n;
    const uint32_t *last = expected.position + n;
    assert_int_equal(n_held, (size_t)((double)expected.n * 0.3 + 0.5));
    assert_int_equal(list.n, n);
    assert_int_equal(held.samples.n, n_held);
    assert_memory_equal(list.position, expected.position, n * sizeof *list.position);
    assert_ptr_equal(held.samples.position, list.position + n); /* no second array */
    assert_memory_equal(held.samples.position, last, n_held * sizeof *last);
    dsc_shuffle(list.position, list.n, model->kernels, random); /* those to train on alone */
    assert_memory_equal(held.samples.position, last, n_held * sizeof *last);

    assert_int_equal(dsc_holdout_keep_alone(&held, &list, NULL), DSC_OK);
    assert_int_equal(list.n, 0);
    assert_int_equal(held.samples.n, n_held);
    assert_memory_equal(held.samples.position, last, n_held * sizeof *last);
    dsc_holdout_clear(&held);
    dsc_sample_list_clear(&list);
    dsc_sample_list_clear(&expected);
    dsc_recommender_destroy(model);
}

static void without_a_share_nothing_changes(void **state) {
    (void)state;
    dsc_recommender_config config = small_config();
    config.holdout = 0;
    dsc_recommender *model = untrained_model(&few, &config);
    dsc_sample_list list;
    dsc_holdout held;
    assert_int_equal(hold_out(&held, &list, model), model->ratings.n_entries);
    assert_int_equal(held.samples.n, 0);
    for (uint32_t e = 0; e < list.n; e++) {
        assert_int_equal(list.position[e], e);
    }
    assert_int_equal(dsc_holdout_keep_alone(&held, &list, NULL), DSC_OK);
    assert_null(list.position);
    dsc_holdout_clear(&held);
    dsc_recommender_destroy(model);
}

/* --- errors ------------------------------------------------------------------------------------- */

/* One rating after the other, at its time. */
static double rmse_one_by_one(const dsc_holdout *held, const dsc_recommender *model) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    dsc_scorer *scorer = must_create_scorer(model);
    double sum = 0;
    for (size_t h = 0; h < held->samples.n; h++) {
        const uint32_t e = held->samples.position[h];
        uint32_t user = 0;
        while (ratings->start[user + 1] <= e) {
            user++;
        }
        float predicted;
        dsc_scorer_predict_at(scorer, 1, &user, &ratings->column[e],
                              ratings->time != NULL ? &ratings->time[e] : NULL, &predicted, NULL);
        const double error = (double)predicted - (double)ratings->value[e];
        sum += error * error;
    }
    dsc_scorer_destroy(scorer);
    return sqrt(sum / (double)held->samples.n);
}

/* To the last bit, by any number of threads. */
static void check_rmse(const dsc_recommender *model, size_t n_at_least) {
    dsc_sample_list list;
    dsc_holdout held;
    dsc_scorer *scorers[N_THREADS];
    hold_out(&held, &list, model);
    assert_true(held.samples.n >= n_at_least);
    const double expected = rmse_one_by_one(&held, model);
    assert_true(expected > 0.01);
    for (size_t t = 0; t < N_THREADS; t++) {
        scorers[t] = must_create_scorer(model);
    }
    for (size_t n_threads = 1; n_threads <= N_THREADS; n_threads++) {
        dsc_pool *pool = NULL;
        assert_int_equal(dsc_pool_create(&pool, n_threads, NULL), DSC_OK);
        assert_true(dsc_holdout_rmse(&held, scorers, pool) == expected);
        dsc_pool_destroy(pool);
    }
    assert_int_equal(dsc_holdout_keep_alone(&held, &list, NULL), DSC_OK);
    assert_true(dsc_holdout_rmse(&held, scorers, NULL) == expected);
    for (size_t t = 0; t < N_THREADS; t++) {
        dsc_scorer_destroy(scorers[t]);
    }
    dsc_holdout_clear(&held);
    dsc_sample_list_clear(&list);
}

/* More of them than are predicted before a sum. */
static void errors_are_those_of_one_rating_after_the_other(void **state) {
    (void)state;
    dsc_recommender_config config = small_config();
    config.holdout = 0.5;
    dsc_recommender *model = untrained_model(&many, &config);
    check_rmse(model, 33000);
    dsc_recommender_destroy(model);
}

static void errors_are_those_at_the_time_of_each_rating(void **state) {
    (void)state;
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, 0);
    config.n_factors = 2;
    config.max_epochs = 5;
    config.holdout = 0.2;
    config.choose_ridge = config.choose_history = false;
    config.n_time_bins = 4;
    dsc_ratings *ratings = timed_ratings();
    dsc_recommender *model = must_train(ratings, &config);
    check_rmse(model, 50);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* --- ranking ------------------------------------------------------------------------------------ */

/* NDCG@10 of one user by ranks that are counted, of scores that all differ; NAN: nothing is held out. */
static double ndcg_of(const dsc_recommender *model, const bool *is_held, uint32_t user,
                      const double *score) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    double gain = 0, best = 0;
    size_t n_held = 0;
    for (uint64_t e = ratings->start[user]; e < ratings->start[user + 1]; e++) {
        size_t rank = 0; /* items of more score that are candidates */
        for (uint32_t i = 0; is_held[e] && i < model->n_items; i++) {
            const size_t at = dsc_sparse_find(dsc_sparse_view(ratings), user, i);
            const bool is_candidate = at == ratings->n_entries || is_held[at];
            rank += is_candidate && score[i] > score[ratings->column[e]];
        }
        if (is_held[e]) {
            gain += rank < 10 ? 1 / log2((double)rank + 2) : 0;
            best += n_held < 10 ? 1 / log2((double)n_held + 2) : 0;
            n_held++;
        }
    }
    return best > 0 ? gain / best : (double)NAN;
}

/* All users of whom something is held out, over a catalogue without what they are trained on. */
static void the_ranking_leaves_out_what_is_trained_on(void **state) {
    (void)state;
    dsc_recommender_config config = small_config();
    config.holdout = 0.1;
    dsc_recommender *model = untrained_model(&few, &config);
    dsc_sample_list list;
    dsc_holdout held;
    dsc_held_ranking ranking = {0};
    dsc_scorer *scorer = must_create_scorer(model);
    hold_out(&held, &list, model);
    bool *is_held = calloc(model->ratings.n_entries, sizeof *is_held);
    double *score = calloc(model->n_items, sizeof *score);
    assert_true(is_held != NULL && score != NULL);
    for (size_t h = 0; h < held.samples.n; h++) {
        is_held[held.samples.position[h]] = true;
    }
    double sum = 0;
    size_t n = 0;
    for (uint32_t user = 0; user < model->n_users; user++) {
        uint32_t item[64];
        for (uint32_t i = 0; i < model->n_items; i++) {
            item[i] = i;
        }
        dsc_scorer_score(scorer, user, model->n_items, item, score);
        const double ndcg = ndcg_of(model, is_held, user, score);
        sum += isnan(ndcg) ? 0 : ndcg;
        n += isnan(ndcg) ? 0 : 1;
    }
    assert_true(n > 20 && n < model->n_users); /* some have nothing held out */
    assert_int_equal(dsc_held_ranking_init(&ranking, model, &held, NULL), DSC_OK);
    for (size_t s = 0, h = 0; s < ranking.n_users; h++) { /* by their first one held out */
        const uint32_t user = dsc_row_of(&held.samples.users, held.samples.position[h]);
        bool is_listed = false;
        for (size_t before = 0; before < s; before++) {
            is_listed = is_listed || ranking.user[before] == user;
        }
        if (!is_listed) {
            assert_int_equal(ranking.user[s++], user);
        }
    }
    dsc_sample_list_sort(&held.samples);
    dsc_kept_ratings kept;
    assert_int_equal(dsc_kept_ratings_init(&kept, dsc_sparse_view(&model->ratings),
                                           held.samples.position, held.samples.n, NULL, NULL),
                     DSC_OK);
    assert_int_equal(dsc_held_ranking_equip(&ranking, &kept, 1, NULL), DSC_OK);
    assert_int_equal(ranking.n_users, n);
    assert_true(fabs(dsc_held_ranking_ndcg(&ranking, &scorer, NULL) - sum / (double)n) < 1e-12);
    free(is_held);
    free(score);
    dsc_scorer_destroy(scorer);
    dsc_held_ranking_clear(&ranking);
    dsc_kept_ratings_clear(&kept);
    dsc_holdout_clear(&held);
    dsc_sample_list_clear(&list);
    dsc_recommender_destroy(model);
}

/* --- memory ------------------------------------------------------------------------------------- */

static dsc_status take_and_keep(void *context, dsc_error *err) {
    const dsc_recommender *model = context;
    dsc_sample_list list;
    dsc_holdout held = {0};
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    size_t n = ratings.n_entries;
    dsc_status status = dsc_sample_list_init(&list, model, ratings, n, err);
    if (status == DSC_OK) {
        status = dsc_holdout_take(&held, model, &list, &n, err);
    }
    if (status == DSC_OK) {
        status = dsc_holdout_keep_alone(&held, &list, err);
    }
    dsc_holdout_clear(&held);
    dsc_sample_list_clear(&list);
    return status;
}

static void holding_out_fails_cleanly_without_memory(void **state) {
    (void)state;
    const dsc_recommender_config config = small_config();
    dsc_recommender *model = untrained_model(&few, &config);
    fail_alloc_each(take_and_keep, model, 4);
    dsc_recommender_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_of_a_random_order_are_held_out),
        cmocka_unit_test(without_a_share_nothing_changes),
        cmocka_unit_test(errors_are_those_of_one_rating_after_the_other),
        cmocka_unit_test(errors_are_those_at_the_time_of_each_rating),
        cmocka_unit_test(the_ranking_leaves_out_what_is_trained_on),
        cmocka_unit_test(holding_out_fails_cleanly_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
