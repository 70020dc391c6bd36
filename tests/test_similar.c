/* Neighbours against docs/math.md (100) computed here from the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descent/similar.h"
#include "planted_ratings.h"
#include "recommender/model.h"

enum { N_USERS = 30, N_ITEMS = 25, K = 4 };

static int begin(void **state) {
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.4, .noise = 0.2, .seed = 3};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, 300);
    config.n_factors = K;
    config.choose_ridge = false;
    config.ridge = (dsc_ridge){1, 2, 2, 4, 1};
    config.max_epochs = 100;
    *state = must_train(ratings, &config);
    dsc_ratings_destroy(ratings);
    return 0;
}

static int end(void **state) {
    dsc_recommender_destroy(*state);
    return 0;
}

/* (50) from tables and ratings, one row at a time. */
static void side_by_hand(const dsc_recommender *model, bool is_item, uint32_t index,
                         double side[K]) {
    const dsc_sparse r = dsc_recommender_ratings(model);
    double sum[K] = {0}, n = 0;
    for (uint32_t u = 0; u < r.n_rows; u++) {
        for (uint64_t e = r.start[u]; e < r.start[u + 1]; e++) {
            if ((is_item ? r.column[e] : u) == index) {
                n++;
                for (size_t f = 0; f < K; f++) {
                    sum[f] += (double)(is_item ? model->rater_vectors[u * K + f]
                                               : model->rated_vectors[r.column[e] * K + f]);
                }
            }
        }
    }
    for (size_t f = 0; f < K; f++) {
        side[f] = (double)(is_item ? model->item_vectors : model->user_vectors)[index * K + f] +
                  (n > 0 ? sum[f] / sqrt(n) : 0);
    }
}

static double cosine_by_hand(const double *a, const double *b) {
    double ab = 0, aa = 0, bb = 0;
    for (size_t f = 0; f < K; f++) {
        ab += a[f] * b[f];
        aa += a[f] * a[f];
        bb += b[f] * b[f];
    }
    return ab / sqrt(aa * bb);
}

static void neighbours_are_the_nearest_by_angle(void **state) {
    const dsc_recommender *model = *state;
    for (int is_item = 0; is_item <= 1; is_item++) {
        const size_t n_all = is_item != 0 ? N_ITEMS : N_USERS;
        for (uint32_t index = 0; index < n_all; index++) {
            const dsc_similar_query query = {.side = is_item != 0
                                                         ? dsc_recommender_item_side(model, index)
                                                         : dsc_recommender_user_side(model, index),
                                             .except = index};
            dsc_neighbour out[N_USERS];
            size_t n_out = 0;
            assert_int_equal((is_item != 0 ? dsc_similar_items : dsc_similar_users)(
                                 model, &query, n_all, out, &n_out, NULL),
                             DSC_OK);
            assert_int_equal(n_out, n_all - 1);
            double mine[K], other[K];
            side_by_hand(model, is_item != 0, index, mine);
            for (size_t r = 0; r < n_out; r++) {
                side_by_hand(model, is_item != 0, out[r].index, other);
                assert_true(out[r].index != index);
                assert_true(fabs(out[r].similarity - cosine_by_hand(mine, other)) < 1e-5);
                assert_true(r == 0 || out[r].similarity <= out[r - 1].similarity);
                assert_int_equal(out[r].n_ratings, is_item != 0
                                                       ? model->item_count[out[r].index]
                                                       : model->ratings.start[out[r].index + 1] -
                                                             model->ratings.start[out[r].index]);
            }
        }
    }
}

/* Items of the same kind are alike, of different kinds opposite: so the ratings were made. */
static void what_was_planted_is_alike(void **state) {
    const dsc_recommender *model = *state;
    const dsc_similar_query query = {.side = dsc_recommender_item_side(model, 0), .except = 0};
    dsc_neighbour out[N_ITEMS];
    size_t n_out = 0;
    assert_int_equal(dsc_similar_items(model, &query, N_ITEMS, out, &n_out, NULL), DSC_OK);
    const dsc_id mine = dsc_recommender_item_id(model, 0);
    for (size_t r = 0; r < n_out; r++) {
        const dsc_id id = dsc_recommender_item_id(model, out[r].index);
        const bool is_alike = (id.bytes[id.length - 1] - mine.bytes[mine.length - 1]) % 2 == 0;
        assert_true(is_alike ? out[r].similarity > 0.5 : out[r].similarity < -0.5);
    }
}

static void ties_go_by_index_and_few_ratings_can_be_left_out(void **state) {
    dsc_recommender *model = *state;
    for (size_t i = 0; i < N_ITEMS; i++) {
        memcpy(model->item_sides + i * K, model->item_sides, K * sizeof(float));
    }
    memset(model->item_sides + 7 * K, 0, K * sizeof(float)); /* no direction */
    dsc_similar_query query = {.side = dsc_recommender_item_side(model, 3), .except = 3};
    dsc_neighbour out[N_ITEMS];
    size_t n_out = 0;
    assert_int_equal(dsc_similar_items(model, &query, 6, out, &n_out, NULL), DSC_OK);
    const uint32_t expected[] = {0, 1, 2, 4, 5, 6};
    assert_int_equal(n_out, 6);
    for (size_t r = 0; r < 6; r++) {
        assert_int_equal(out[r].index, expected[r]);
        assert_true(fabs(out[r].similarity - 1) < 1e-12);
    }
    query.except = DSC_NO_INDEX;
    assert_int_equal(dsc_similar_items(model, &query, N_ITEMS, out, &n_out, NULL), DSC_OK);
    assert_int_equal(n_out, N_ITEMS);
    assert_int_equal(out[3].index, 3);
    assert_int_equal(out[N_ITEMS - 1].index, 7);
    assert_true(out[N_ITEMS - 1].similarity == 0);
    query.min_ratings = model->item_count[5] + 1;
    assert_int_equal(dsc_similar_items(model, &query, N_ITEMS, out, &n_out, NULL), DSC_OK);
    for (size_t r = 0; r < n_out; r++) {
        assert_true(out[r].n_ratings >= query.min_ratings);
    }
    size_t n_enough = 0;
    for (size_t i = 0; i < N_ITEMS; i++) {
        n_enough += model->item_count[i] >= query.min_ratings;
    }
    assert_int_equal(n_out, n_enough);
}

static void somebody_unknown_has_no_neighbours(void **state) {
    const dsc_recommender *model = *state;
    const dsc_similar_query query = {.side = dsc_recommender_user_side(model, DSC_NO_INDEX)};
    dsc_neighbour out[1];
    size_t n_out = 9;
    dsc_error err;
    assert_int_equal(dsc_similar_users(model, &query, 1, out, &n_out, &err), DSC_E_ARGUMENT);
    assert_int_equal(n_out, 0);
    assert_string_equal(err.where, "side");
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(neighbours_are_the_nearest_by_angle),
        WITH_MODEL(what_was_planted_is_alike),
        WITH_MODEL(ties_go_by_index_and_few_ratings_can_be_left_out),
        WITH_MODEL(somebody_unknown_has_no_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
