/* Predictions, recommendations and evaluation against docs/math.md (18), (24), (25) computed here,
 * one pair at a time and in double. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "planted_ratings.h"
#include "recommender/model.h"

enum { N_USERS = 40, N_ITEMS = 300, N_PAIRS = N_USERS * N_ITEMS };

/* Two tiles of items and a part of a third; user 0 has rated all of them, the others a few. */
static dsc_recommender *create_model(dsc_activation activation) {
    static char text[N_PAIRS * 16];
    size_t length = 0;
    dsc_random random = dsc_random_stream(11, 0, 0);
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            if (u == 0 || dsc_random_below(&random, 20) == 0) {
                length += (size_t)sprintf(text + length, "u%u,i%u,%u\n", u, i,
                                          1 + dsc_random_below(&random, 5));
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    dsc_recommender_config config = small_config();
    config.activation = activation;
    dsc_recommender *model = must_train(ratings, &config);
    dsc_ratings_destroy(ratings);
    assert_int_equal(model->n_users, N_USERS);
    assert_int_equal(model->n_items, N_ITEMS);
    return model;
}

static int begin(void **state) {
    *state = create_model(DSC_RELU);
    return 0;
}

static int end(void **state) {
    dsc_recommender_destroy(*state);
    return 0;
}

static double clip(const dsc_recommender *model, double rating) {
    return fmin(fmax(rating, model->statistics.min), model->statistics.max);
}

static double activate(dsc_activation activation, double z) {
    if (activation == DSC_RELU) {
        return fmax(z, 0);
    }
    if (activation == DSC_SIGMOID) {
        return 1 / (1 + exp(-z));
    }
    if (activation == DSC_TANH) {
        return tanh(z);
    }
    assert_int_equal(activation, DSC_IDENTITY);
    return z;
}

/* (18) without clipping. */
static double rating_by_hand(const dsc_recommender *model, uint32_t user, uint32_t item) {
    const size_t k = model->config.n_factors;
    double x[64], z[64];
    for (size_t f = 0; f < k; f++) {
        x[f] = dsc_matrix_at(dsc_recommender_user_vectors(model), user, f);
        x[k + f] = dsc_matrix_at(dsc_recommender_item_vectors(model), item, f);
    }
    for (size_t l = 0; l < dsc_network_n_layers(model->network); l++) {
        const dsc_matrix w = dsc_network_weights(model->network, l);
        for (size_t c = 0; c < w.n_cols; c++) {
            z[c] = dsc_matrix_at(dsc_network_bias(model->network, l), 0, c);
            for (size_t r = 0; r < w.n_rows; r++) {
                z[c] += x[r] * dsc_matrix_at(w, r, c);
            }
            z[c] = activate(dsc_network_layer(model->network, l).activation, z[c]);
        }
        memcpy(x, z, sizeof x);
    }
    const double f = x[0] + dsc_matrix_at(dsc_recommender_user_biases(model), user, 0) +
                     dsc_matrix_at(dsc_recommender_item_biases(model), item, 0);
    const double mean = model->config.use_mean ? model->statistics.mean : 0;
    return mean + model->statistics.spread * f;
}

/* All pairs, in the order of the users. */
static void predict_all(const dsc_recommender *model, float *rating) {
    uint32_t *user = malloc(N_PAIRS * sizeof *user), *item = malloc(N_PAIRS * sizeof *item);
    assert_non_null(user);
    assert_non_null(item);
    for (uint32_t p = 0; p < N_PAIRS; p++) {
        user[p] = p / N_ITEMS;
        item[p] = p % N_ITEMS;
    }
    dsc_scorer *scorer = must_create_scorer(model);
    dsc_scorer_predict(scorer, N_PAIRS, user, item, rating, NULL);
    dsc_scorer_destroy(scorer);
    free(user);
    free(item);
}

/* --- pairs ------------------------------------------------------------------------------------ */

static void predictions_are_those_of_the_model(void **state) {
    dsc_recommender *model = *state;
    static float rating[N_PAIRS];
    for (int use_mean = 1; use_mean >= 0; use_mean--) {
        model->config.use_mean = use_mean != 0;
        for (uint32_t u = 0; u < N_USERS; u++) { /* some beyond either end of the scale */
            model->user_biases[u] = ((float)u - 20) / 5;
        }
        predict_all(model, rating);
        size_t n_lowest = 0, n_highest = 0;
        for (uint32_t p = 0; p < N_PAIRS; p++) {
            const double expected = clip(model, rating_by_hand(model, p / N_ITEMS, p % N_ITEMS));
            assert_true(fabs((double)rating[p] - expected) < 1e-5);
            assert_true(rating[p] >= 1 && rating[p] <= 5);
            n_lowest += rating[p] == 1;
            n_highest += rating[p] == 5;
        }
        assert_in_range(n_lowest, 100, N_PAIRS - 100);
        assert_in_range(n_highest, use_mean != 0 ? 100 : 0, N_PAIRS - 100);
    }
}

static void the_scale_holds_for_any_bias(void **state) {
    dsc_recommender *model = *state;
    const float biases[] = {1e30F, -1e30F, 3.5F, -3.5F};
    for (size_t b = 0; b < sizeof biases / sizeof *biases; b++) {
        model->user_biases[3] = biases[b];
        dsc_scorer *scorer = must_create_scorer(model);
        float rating = 0;
        dsc_scorer_predict(scorer, 1, &(uint32_t){3}, &(uint32_t){7}, &rating, NULL);
        assert_true(rating == (biases[b] > 0 ? 5.0F : 1.0F));
        dsc_scorer_destroy(scorer);
    }
}

static void a_pair_gives_the_same_bytes_in_any_batch(void **state) {
    (void)state;
    const dsc_activation activations[] = {DSC_IDENTITY, DSC_RELU, DSC_SIGMOID, DSC_TANH};
    static float all[N_PAIRS];
    for (size_t a = 0; a < sizeof activations / sizeof *activations; a++) {
        dsc_recommender *model = create_model(activations[a]);
        dsc_scorer *scorer = must_create_scorer(model);
        predict_all(model, all);
        dsc_random random = dsc_random_stream(a, 0, 0);
        for (size_t round = 0; round < 60; round++) {
            /* any pairs in batches of 1 .. 300, unknown ones between them */
            uint32_t user[300], item[300];
            float rating[300];
            const size_t n = round < 5 ? 1 + round : 1 + dsc_random_below(&random, 300);
            for (size_t p = 0; p < n; p++) {
                const bool is_unknown = dsc_random_below(&random, 10) == 0;
                user[p] = is_unknown ? DSC_NO_INDEX : dsc_random_below(&random, N_USERS);
                item[p] = dsc_random_below(&random, N_ITEMS);
            }
            dsc_scorer_predict(scorer, n, user, item, rating, NULL);
            for (size_t p = 0; p < n; p++) {
                if (user[p] != DSC_NO_INDEX) {
                    assert_memory_equal(&rating[p], &all[user[p] * N_ITEMS + item[p]],
                                        sizeof *rating);
                }
            }
        }
        dsc_scorer_predict(scorer, 0, NULL, NULL, NULL, NULL); /* no pairs are pairs too */
        dsc_scorer_destroy(scorer);
        dsc_recommender_destroy(model);
    }
}

/* --- fallbacks -------------------------------------------------------------------------------- */

/* (24) from the ratings alone. */
static void biases_by_hand(dsc_sparse ratings, double mean, double *of_user, double *of_item) {
    memset(of_user, 0, N_USERS * sizeof *of_user);
    for (int round = 0; round < 10; round++) {
        double count[N_ITEMS] = {0};
        memset(of_item, 0, N_ITEMS * sizeof *of_item);
        for (size_t u = 0; u < ratings.n_rows; u++) {
            for (uint64_t e = ratings.start[u]; e < ratings.start[u + 1]; e++) {
                of_item[ratings.column[e]] += (double)ratings.value[e] - mean - of_user[u];
                count[ratings.column[e]]++;
            }
        }
        for (size_t i = 0; i < N_ITEMS; i++) {
            of_item[i] /= count[i] + 5;
        }
        for (size_t u = 0; u < ratings.n_rows; u++) {
            double sum = 0;
            for (uint64_t e = ratings.start[u]; e < ratings.start[u + 1]; e++) {
                sum += (double)ratings.value[e] - mean - of_item[ratings.column[e]];
            }
            of_user[u] = sum / ((double)(ratings.start[u + 1] - ratings.start[u]) + 5);
        }
    }
}

static void unknown_ones_fall_back(void **state) {
    const dsc_recommender *model = *state;
    const dsc_sparse ratings = dsc_recommender_ratings(model);
    double mean = 0, of_user[N_USERS], of_item[N_ITEMS];
    for (size_t e = 0; e < ratings.n_entries; e++) {
        mean += (double)ratings.value[e] / (double)ratings.n_entries;
    }
    biases_by_hand(ratings, mean, of_user, of_item);
    for (size_t i = 0; i < N_ITEMS; i++) { /* close enough to tell ten rounds from nine */
        assert_true(fabs(model->item_baseline[i] - of_item[i]) < 1e-12);
    }
    const uint32_t none = DSC_NO_INDEX;
    const struct {
        uint32_t user, item;
        dsc_basis basis;
        double expected;
    } cases[] = {
        {none, none, DSC_BASIS_MEAN, mean},
        {0, none, DSC_BASIS_USER_BIAS, mean + of_user[0]},
        {39, none, DSC_BASIS_USER_BIAS, mean + of_user[39]},
        {none, 0, DSC_BASIS_ITEM_BIAS, mean + of_item[0]},
        {none, 299, DSC_BASIS_ITEM_BIAS, mean + of_item[299]},
        {5, 6, DSC_BASIS_MODEL, clip(model, rating_by_hand(model, 5, 6))},
    };
    dsc_scorer *scorer = must_create_scorer(model);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        float rating = 0;
        dsc_basis basis = (dsc_basis)99;
        dsc_scorer_predict(scorer, 1, &cases[c].user, &cases[c].item, &rating, &basis);
        assert_int_equal(basis, cases[c].basis);
        assert_true(fabs((double)rating - cases[c].expected) < 1e-5);
    }
    dsc_scorer_destroy(scorer);
    assert_int_equal(dsc_recommender_find_user(model, (dsc_id){"u40", 3}), DSC_NO_INDEX);
    assert_int_equal(dsc_recommender_find_item(model, (dsc_id){"", 0}), DSC_NO_INDEX);
}

static void every_basis_has_a_name(void **state) {
    (void)state;
    assert_string_equal(dsc_basis_name(DSC_BASIS_MODEL), "model");
    assert_string_equal(dsc_basis_name(DSC_BASIS_USER_BIAS), "user bias");
    assert_string_equal(dsc_basis_name(DSC_BASIS_ITEM_BIAS), "item bias");
    assert_string_equal(dsc_basis_name(DSC_BASIS_MEAN), "mean");
    assert_string_equal(dsc_basis_name(DSC_BASIS_FOLD_IN), "fold-in");
    assert_null(dsc_basis_name((dsc_basis)5));
    assert_null(dsc_basis_name((dsc_basis)-1));
}

/* --- recommendations -------------------------------------------------------------------------- */

static bool has_rated(const dsc_recommender *model, uint32_t user, uint32_t item) {
    const dsc_sparse ratings = dsc_recommender_ratings(model);
    for (uint64_t e = ratings.start[user]; e < ratings.start[user + 1]; e++) {
        if (ratings.column[e] == item) {
            return true;
        }
    }
    return false;
}

/* How many have rated the item, and the sum of their ratings. */
static size_t count_raters(const dsc_recommender *model, uint32_t item, double *sum) {
    const dsc_sparse ratings = dsc_recommender_ratings(model);
    size_t n = 0;
    *sum = 0;
    for (size_t e = 0; e < ratings.n_entries; e++) {
        if (ratings.column[e] == item) {
            n++;
            *sum += (double)ratings.value[e];
        }
    }
    return n;
}

/* What must hold of any answer: all of the n best, in order, none rated, ratings as predicted. */
static void check_recommendations(const dsc_recommender *model, dsc_scorer *scorer, uint32_t user,
                                  size_t n, const float *predicted) {
    dsc_recommendation out[N_ITEMS + 50];
    size_t n_out = 12345;
    dsc_scorer_recommend(scorer, user, n, out, &n_out);
    bool is_in[N_ITEMS] = {false};
    size_t n_unrated = 0;
    for (size_t r = 0; r < n_out; r++) {
        double sum;
        assert_true(out[r].item < N_ITEMS);
        assert_false(is_in[out[r].item]);
        assert_false(has_rated(model, user, out[r].item));
        assert_true(out[r].rating == predicted[out[r].item]);
        assert_int_equal(out[r].n_ratings, count_raters(model, out[r].item, &sum));
        assert_true(r == 0 || out[r].rating <= out[r - 1].rating);
        is_in[out[r].item] = true;
    }
    for (uint32_t item = 0; item < N_ITEMS; item++) {
        if (!has_rated(model, user, item)) {
            n_unrated++;
            assert_true(is_in[item] || n_out == n);
            assert_true(is_in[item] || n == 0 || predicted[item] <= out[n_out - 1].rating);
        }
    }
    assert_int_equal(n_out, n < n_unrated ? n : n_unrated);
}

static void recommendations_are_the_best_unrated(void **state) {
    const dsc_recommender *model = *state;
    static float predicted[N_PAIRS];
    const size_t lengths[] = {0, 1, 10, 128, N_ITEMS, N_ITEMS + 50};
    predict_all(model, predicted);
    dsc_scorer *scorer = must_create_scorer(model);
    for (uint32_t user = 0; user < N_USERS; user++) { /* user 0 has rated everything */
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            check_recommendations(model, scorer, user, lengths[l], predicted + user * N_ITEMS);
        }
    }
    dsc_recommendation none;
    size_t n_out = 1;
    dsc_scorer_recommend(scorer, 0, 1, &none, &n_out);
    assert_int_equal(n_out, 0);
    dsc_scorer_destroy(scorer);
}

/* All above the scale: the rating is its end, the order that before clipping. */
static void clipped_recommendations_keep_their_order(void **state) {
    dsc_recommender *model = *state;
    model->user_biases[1] = 1000;
    dsc_scorer *scorer = must_create_scorer(model);
    dsc_recommendation out[20];
    size_t n_out = 0;
    dsc_scorer_recommend(scorer, 1, 20, out, &n_out);
    assert_int_equal(n_out, 20);
    double last = (double)INFINITY;
    for (size_t r = 0; r < n_out; r++) {
        const double rating = rating_by_hand(model, 1, out[r].item);
        assert_true(out[r].rating == 5);
        assert_true(rating < last + 1e-3); /* float, near 1000: steps of 6e-5 */
        last = rating;
    }
    dsc_scorer_destroy(scorer);
}

/* Scores are what predictions and recommendations rest on: unclipped, for any list of items. */
static void scores_are_predictions_before_clipping(void **state) {
    const dsc_recommender *model = *state;
    dsc_scorer *scorer = must_create_scorer(model);
    static uint32_t user[N_ITEMS], item[N_ITEMS];
    static double score[N_ITEMS];
    static float rating[N_ITEMS];
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        item[i] = (i * 7) % N_ITEMS;
    }
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            user[i] = u;
        }
        dsc_scorer_predict(scorer, N_ITEMS, user, item, rating, NULL);
        dsc_scorer_score(scorer, u, N_ITEMS, item, score);
        for (size_t i = 0; i < N_ITEMS; i++) {
            assert_true((float)clip(model, score[i]) == rating[i]);
        }
    }
    dsc_scorer_score(scorer, DSC_NO_INDEX, N_ITEMS, item, score);
    for (size_t i = 0; i < N_ITEMS; i++) {
        assert_true(score[i] == model->item_appeal[item[i]]);
    }
    dsc_scorer_destroy(scorer);
}

static void ties_go_by_item(void **state) {
    dsc_recommender *model = *state;
    memset(model->item_vectors, 0, N_ITEMS * model->config.n_factors * sizeof(float));
    memset(model->item_biases, 0, N_ITEMS * sizeof(float));
    dsc_scorer *scorer = must_create_scorer(model);
    dsc_recommendation out[30];
    size_t n_out = 0;
    dsc_scorer_recommend(scorer, 2, 30, out, &n_out);
    assert_int_equal(n_out, 30);
    uint32_t item = 0;
    for (size_t r = 0; r < n_out; r++, item++) {
        while (has_rated(model, 2, item)) {
            item++;
        }
        assert_int_equal(out[r].item, item);
    }
    dsc_scorer_destroy(scorer);
}

static void someone_unknown_gets_what_appeals(void **state) {
    const dsc_recommender *model = *state;
    const double n_ratings = (double)dsc_recommender_ratings(model).n_entries;
    dsc_scorer *scorer = must_create_scorer(model);
    dsc_recommendation out[N_ITEMS];
    size_t n_out = 0;
    dsc_scorer_recommend(scorer, DSC_NO_INDEX, N_ITEMS, out, &n_out);
    assert_int_equal(n_out, N_ITEMS);
    bool is_in[N_ITEMS] = {false};
    for (size_t r = 0; r < n_out; r++) {
        double sum;
        const double n = (double)count_raters(model, out[r].item, &sum), c = n_ratings / N_ITEMS;
        const double score = (sum + c * model->statistics.mean) / (n + c); /* (25) */
        assert_true(fabs((double)out[r].rating - score) < 1e-6);
        assert_true(out[r].n_ratings == n);
        assert_false(is_in[out[r].item]);
        assert_true(r == 0 || out[r].rating <= out[r - 1].rating);
        is_in[out[r].item] = true;
    }
    dsc_scorer_destroy(scorer);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(predictions_are_those_of_the_model),
        WITH_MODEL(the_scale_holds_for_any_bias),
        cmocka_unit_test(a_pair_gives_the_same_bytes_in_any_batch),
        WITH_MODEL(unknown_ones_fall_back),
        cmocka_unit_test(every_basis_has_a_name),
        WITH_MODEL(recommendations_are_the_best_unrated),
        WITH_MODEL(clipped_recommendations_keep_their_order),
        WITH_MODEL(scores_are_predictions_before_clipping),
        WITH_MODEL(ties_go_by_item),
        WITH_MODEL(someone_unknown_gets_what_appeals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
