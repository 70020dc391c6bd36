/* Estimates of a network's sums: never below what they stand for, near enough to be of use, and lists by them the
 * same as without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/catalogue.h"
#include "descent/norms.h"
#include "descent/random.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/catalogue.h"
#include "recommender/estimate_bound.h"
#include "recommender/model.h"

/* Tiles that are full and not; more tiles of users than steps are chosen by would be too slow here. */
enum { N_USERS = 45, N_ITEMS = 700, N_BEST = 10, N_TIGHT = 7, N_WAYS = 11 };

static dsc_ratings *make_ratings(void) {
    enum { LINE = 32 };
    static char text[(N_ITEMS + 1) * LINE];
    size_t length = 0;
    for (size_t i = 0; i < N_ITEMS; i++) {
        length +=
            (size_t)snprintf(text + length, LINE, "u%zu,i%zu,%zu\n", i % N_USERS, i, 1 + i * i % 5);
    }
    return ratings_from_text(text);
}

static dsc_recommender *make_model(const dsc_ratings *ratings, size_t way) {
    dsc_recommender_config config = small_config();
    config.max_epochs = 1;
    config.activation = DSC_RELU;
    config.use_dot = false;
    config.n_factors = way % 2 == 0 ? 6 : 5;
    config.n_hidden = way == 4 || way == 5 ? way : way % 3 == 0 ? 2 : 3;
    config.hidden[0] = way % 2 == 0 ? 8 : 13;
    config.hidden[1] = way % 2 == 0 ? 5 : 18;
    config.hidden[2] = config.hidden[4] = 3;
    config.hidden[3] = 6;
    if (way >= N_TIGHT) { /* so narrow that the norms of (212) are the distances themselves */
        config.n_hidden = 2;
        config.hidden[0] = way == N_TIGHT + 1 ? 2 : 1;
        config.hidden[1] = 1;
    }
    return must_train(ratings, &config);
}

static void set_parameters(dsc_recommender *model, dsc_matrix where, const float *values) {
    const float *all = dsc_network_parameters_const(model->network);
    float *to = dsc_network_parameters(model->network);
    memcpy(to + ((const float *)where.data - all), values,
           where.n_rows * where.n_cols * sizeof *to);
}

static void fill_normal(float *values, size_t n, dsc_random *random, double size) {
    for (size_t i = 0; i < n; i++) {
        values[i] = (float)(size * dsc_random_normal(random));
    }
}

/* Parameters of a way: usual ones, large and tiny ones, users far outside of the others, items that are all the
 * same, weights of one sign, weights of 0; narrow networks of one sign, one whose users' biases are rounded more
 * than its sums are off, one whose sums overflow in the middle for who is far outside. */
static void draw_model(dsc_recommender *model, size_t way) {
    static const double sizes[N_WAYS] = {1, 1, 1e6, 1e-18, 1, 1, 0, 1, 1, 1, 1};
    dsc_random random = dsc_random_stream(way, 8, 1);
    const size_t k = model->config.n_factors;
    const size_t n_parameters = dsc_network_n_parameters(model->network);
    float *parameters = dsc_network_parameters(model->network);
    fill_normal(model->user_vectors, N_USERS * k, &random, 1);
    fill_normal(model->item_vectors, N_ITEMS * k, &random, 1);
    fill_normal(model->user_biases, N_USERS, &random, sizes[way]);
    fill_normal(model->item_biases, N_ITEMS, &random, way == 1 ? 10 : 0.1 * sizes[way]);
    fill_normal(parameters, n_parameters, &random, 0.3 * sizes[way]);
    for (size_t i = 0; i < n_parameters && (way == 5 || way >= N_TIGHT); i++) {
        parameters[i] = fabsf(parameters[i]);
    }
    for (size_t f = 0; f < N_ITEMS * k && way == 4; f++) {
        model->item_vectors[f] = model->item_vectors[f % k];
    }
    for (size_t u = 0; u < N_USERS && way == 9; u++) { /* just below powers of two */
        model->user_biases[u] = ldexpf(1 - 0x1p-22F, 4 + (int)u / 3);
    }
    if (way == 9) {
        memset(model->item_biases, 0, N_ITEMS * sizeof(float));
    }
    if (way == 10) {
        set_parameters(model, dsc_network_weights(model->network, 1), (float[]){1e10F});
        set_parameters(model, dsc_network_weights(model->network, 2), (float[]){1e-10F});
    }
    dsc_model_refresh(model);
}

typedef struct asked {
    dsc_recommender *model;
    dsc_catalogue *catalogue;
    dsc_scorer *on, *alone;
} asked;

/* Where products of bytes are not fast the catalogue has no estimate; plain C can do them all the same. */
static bool can_estimate(const dsc_recommender *model) {
    return model->kernels->has_fast_bytes() || strcmp(model->kernels->name, "c") == 0;
}

static asked open_model(dsc_recommender *model) {
    asked a = {.model = model};
    assert_int_equal(dsc_catalogue_create(&a.catalogue, a.model, DSC_NOW, NULL), DSC_OK);
    assert_true((a.catalogue->estimate != NULL) == dsc_estimate_helps(a.model));
    if (a.catalogue->estimate == NULL && can_estimate(a.model)) {
        assert_int_equal(dsc_estimate_create(&a.catalogue->estimate, a.catalogue, NULL), DSC_OK);
        assert_non_null(a.catalogue->estimate);
    }
    assert_int_equal(dsc_scorer_create_on(&a.on, a.catalogue, NULL), DSC_OK);
    a.alone = must_create_scorer(a.model);
    return a;
}

static asked ask(const dsc_ratings *ratings, size_t way) {
    dsc_recommender *model = make_model(ratings, way);
    draw_model(model, way);
    return open_model(model);
}

static void finish(asked *a) {
    dsc_scorer_destroy(a->on);
    dsc_scorer_destroy(a->alone);
    dsc_catalogue_destroy(a->catalogue);
    dsc_recommender_destroy(a->model);
}

/* --- bounds ----------------------------------------------------------------------------------- */

/* A user of the model, or one whose vector is so much longer. */
static dsc_side side_of(const asked *a, uint32_t user, double factor, float *vector) {
    dsc_side side = dsc_recommender_user_side(a->model, user);
    for (size_t f = 0; f < a->model->config.n_factors; f++) {
        vector[f] = (float)factor * side.vector[f];
    }
    side.vector = vector;
    return side;
}

/* Numbers of users and items are added as bytes. */
static void check_numbers(const dsc_estimate *e, const dsc_estimate_users *users, size_t t) {
    const int8_t *items = e->items + t * e->n_groups * DSC_TILE * DSC_BYTE_GROUP;
    for (size_t i = 0; i < e->n_groups * DSC_TILE * DSC_BYTE_GROUP; i++) {
        const size_t group = i / (DSC_TILE * DSC_BYTE_GROUP), at = i % DSC_BYTE_GROUP;
        const int sum = items[i] + users->numbers[group * DSC_BYTE_GROUP + at];
        assert_in_range(sum + 128, 0, 255);
    }
}

/* The estimated sums of a user with all items against the exact ones; returns the mean distance, and the spread
 * of the sums. */
static double check_bounds(const asked *a, const dsc_side *user, double *spread) {
    const dsc_estimate *estimate = a->catalogue->estimate;
    const float everything = -INFINITY;
    const size_t width = a->model->config.hidden[0];
    float *memory = calloc(dsc_side_tile_size(a->model, true), sizeof *memory);
    float *scratch = calloc(dsc_tile_pass_size(a->model), sizeof *scratch);
    const dsc_side_tile users = dsc_side_tile_in(a->model, memory);
    dsc_estimate_users *estimated = NULL;
    dsc_tile_pass pass;
    double distance = 0, sum = 0, squares = 0;
    assert_true(memory != NULL && scratch != NULL && width > 0);
    assert_int_equal(dsc_estimate_users_create(&estimated, estimate, NULL), DSC_OK);
    dsc_tile_pass_init(&pass, a->model, scratch);
    dsc_side_tile_fill(a->model, &users, user, 1, false);
    dsc_estimate_set_users(estimate, &users, 1, estimated);
    for (size_t t = 0; t < a->catalogue->n_tiles; t++) {
        const dsc_side_tile items = dsc_catalogue_tile(a->catalogue, t);
        const size_t left = N_ITEMS - t * DSC_TILE, n = left < DSC_TILE ? left : DSC_TILE;
        float exact[DSC_TILE];
        uint32_t wanted, wanted_exactly;
        dsc_tile_rows_of(&pass, &(dsc_tile_lists){1, &users, &everything, exact, &wanted_exactly},
                         &items);
        dsc_estimate_rows(estimate, &pass, estimated,
                          &(dsc_estimate_lists){1, t, &everything, &wanted});
        assert_int_equal(wanted, UINT32_MAX);
        check_numbers(estimate, estimated, t);
        for (size_t c = 0; c < n; c++) {
            if (isnan(exact[c])) { /* no list has it */
                continue;
            }
            assert_true(estimated->sum[c] >= exact[c]);
            distance += (double)estimated->sum[c] - (double)exact[c];
            sum += (double)exact[c];
            squares += (double)exact[c] * (double)exact[c];
        }
        const size_t one =
            t * 7 % n; /* an item is wanted where its sum is just what is asked for */
        dsc_estimate_rows(estimate, &pass, estimated,
                          &(dsc_estimate_lists){1, t, &exact[one], &wanted});
        assert_true(isnan(exact[one]) || (wanted >> one & 1) == 1);
    }
    *spread = sqrt(fmax(squares / N_ITEMS - sum / N_ITEMS * (sum / N_ITEMS), 0));
    free(memory);
    free(scratch);
    free(estimated);
    return distance / N_ITEMS;
}

static void no_sum_is_above_its_estimate(void **state) {
    for (size_t way = 0; way < N_WAYS; way++) {
        asked a = ask(*state, way);
        for (uint32_t u = 0; u < N_USERS && a.catalogue->estimate != NULL; u += way == 9 ? 1 : 4) {
            static const double factors[] = {1, 30, 1e5, 1e30};
            for (size_t f = 0; f < sizeof factors / sizeof factors[0]; f++) {
                float vector[DSC_TILE];
                double spread;
                const dsc_side user = side_of(&a, u, factors[f], vector);
                const double distance = check_bounds(&a, &user, &spread);
                /* of use where the user is one of those that the steps were chosen by */
                assert_true(f > 0 || way > 1 || distance < spread / 2);
            }
        }
        finish(&a);
    }
}

/* A model whose halves are whole numbers of steps of 1, so that all that is off comes from what lies behind:
 * `width` units, to each of which one factor goes, and one in the second layer.
 *   weights  [in]  (width) of the second layer
 *   bias     [in]  of its unit
 *   last     [in]  weight of the output */
static dsc_recommender *make_whole(const dsc_ratings *ratings, const float *weights, size_t width,
                                   float bias, float last) {
    enum { K = 2 };
    dsc_recommender_config config = small_config();
    config.max_epochs = 1;
    config.activation = DSC_RELU;
    config.use_dot = false;
    config.n_factors = K;
    config.n_hidden = 2;
    config.hidden[0] = width;
    config.hidden[1] = 1;
    dsc_recommender *model = must_train(ratings, &config);
    float *first = calloc(2 * K * width, sizeof *first), *none = calloc(width, sizeof *none);
    assert_true(first != NULL && none != NULL);
    for (size_t j = 0; j < width; j++) { /* rows of the inputs: the users' two, then the items' */
        first[j % K * width + j] = first[(K + j % K) * width + j] = 1;
    }
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t f = 0; f < K; f++) {
            model->user_vectors[u * K + f] = (float)(u % 2 == 0 ? 63 : (int)u - 40);
        }
    }
    for (size_t i = 0; i < N_ITEMS; i++) {
        for (size_t f = 0; f < K; f++) {
            model->item_vectors[i * K + f] = (float)((int)(i * (7 + f) % 127) - 63);
        }
    }
    memset(model->user_biases, 0, N_USERS * sizeof(float));
    memset(model->item_biases, 0, N_ITEMS * sizeof(float));
    set_parameters(model, dsc_network_weights(model->network, 0), first);
    set_parameters(model, dsc_network_bias(model->network, 0), none);
    set_parameters(model, dsc_network_weights(model->network, 1), weights);
    set_parameters(model, dsc_network_bias(model->network, 1), &bias);
    set_parameters(model, dsc_network_weights(model->network, 2), &last);
    set_parameters(model, dsc_network_bias(model->network, 2), none);
    dsc_model_refresh(model);
    free(first);
    free(none);
    return model;
}

/* Every fourth user with all items; `model` is destroyed. */
static void check_model(dsc_recommender *model, bool is_near) {
    asked a = open_model(model);
    for (uint32_t u = 0; u < N_USERS && a.catalogue->estimate != NULL; u += 3) {
        const dsc_side user = dsc_recommender_user_side(model, u);
        double spread;
        const double distance = check_bounds(&a, &user, &spread);
        assert_true(!is_near || distance < spread);
    }
    finish(&a);
}

/* 127 and 38.4 steps of theirs. */
static void weights_count_as_they_are_rounded(void **state) {
    check_model(make_whole(*state, (float[]){1, 38.4F / 127}, 2, 0, 1), true);
}

/* Weights that are whole numbers of steps too, so that what the estimate does not round stands against a long sum
 * in floats: of much that cancels out, and of little beside a large bias. The output makes it large. */
static void rounding_alone_is_allowed_for(void **state) {
    enum { WIDTH = 96 };
    const float step = 8193 * 0x1p-20F, last = 4096;
    float weights[WIDTH];
    for (size_t j = 0; j < WIDTH; j++) {
        const int number = j < 2 ? 127 : 127 - (int)(j * 37 % 11);
        weights[j] = step * (float)(j < WIDTH / 2 ? number : -number);
    }
    check_model(make_whole(*state, weights, WIDTH, 0, last), false);
    check_model(make_whole(*state, weights, WIDTH, 1e6F, last), false);
}

/* --- lists ------------------------------------------------------------------------------------ */

static void lists_are_those_without(void **state) {
    for (size_t way = 0; way < N_WAYS; way++) {
        asked a = ask(*state, way);
        for (uint32_t u = 0; u < N_USERS; u++) {
            for (size_t n = 1; n <= N_ITEMS / 7; n = n * 3 + 1) {
                dsc_recommendation got[N_ITEMS], expected[N_ITEMS];
                float vector[DSC_TILE];
                size_t n_got = 0, n_expected = 0;
                const dsc_side user = side_of(&a, u, u % 5 == 4 ? 1000 : 1, vector);
                dsc_scorer_recommend_side(a.on, &user, n, got, &n_got);
                dsc_scorer_recommend_side(a.alone, &user, n, expected, &n_expected);
                assert_int_equal(n_got, n_expected);
                assert_memory_equal(got, expected, n_got * sizeof *got);
            }
        }
        finish(&a);
    }
}

/* Somebody unknown and users far outside are among them, so that a user's column is not that of the block. */
static void check_blocks(const asked *a, size_t n) {
    static dsc_recommendation all[N_USERS * N_ITEMS];
    static float vectors[N_USERS][DSC_TILE];
    static const float factors[] = {1, 1000, 1, 1e30F, 1, 1, 30};
    size_t n_all[N_USERS];
    dsc_side users[N_USERS];
    for (uint32_t u = 0; u < N_USERS; u++) {
        const size_t f = u % (sizeof factors / sizeof factors[0]);
        users[u] = u % 11 == 5 ? (dsc_side){0} : side_of(a, u, (double)factors[f], vectors[u]);
    }
    const dsc_catalogue_query query = {users, N_USERS, n, 2};
    assert_int_equal(dsc_catalogue_recommend(a->catalogue, &query, all, n_all, NULL), DSC_OK);
    for (uint32_t u = 0; u < N_USERS; u++) {
        dsc_recommendation expected[N_ITEMS];
        size_t n_expected = 0;
        dsc_scorer_recommend_side(a->alone, &users[u], n, expected, &n_expected);
        assert_int_equal(n_all[u], n_expected);
        assert_memory_equal(all + u * n, expected, n_expected * sizeof *expected);
    }
}

static void blocks_get_the_lists_of_one(void **state) {
    for (size_t way = 0; way < N_WAYS; way++) {
        asked a = ask(*state, way);
        check_blocks(&a, 1);
        check_blocks(&a, 10);
        check_blocks(&a, 80);
        check_blocks(&a, N_ITEMS / 8); /* as long as by estimates, and longer */
        check_blocks(&a, N_ITEMS / 8 + 1);
        finish(&a);
    }
}

static void threads_change_no_byte(void **state) {
    static const size_t n_threads[] = {1, 2, 3, 8};
    static dsc_recommendation all[2][N_USERS * N_BEST];
    static size_t n_all[2][N_USERS];
    asked a = ask(*state, 0);
    dsc_side users[N_USERS];
    for (uint32_t u = 0; u < N_USERS; u++) {
        users[u] = dsc_recommender_user_side(a.model, u);
    }
    for (size_t t = 0; t < 4; t++) {
        const dsc_catalogue_query query = {users, N_USERS, N_BEST, n_threads[t]};
        const size_t to = t > 0;
        assert_int_equal(dsc_catalogue_recommend(a.catalogue, &query, all[to], n_all[to], NULL),
                         DSC_OK);
        assert_memory_equal(all[to], all[0], sizeof all[0]);
        assert_memory_equal(n_all[to], n_all[0], sizeof n_all[0]);
    }
    finish(&a);
}

/* --- spectral norms --------------------------------------------------------------------------- */

/* Never below the norm; the fourth root of the sum of the singular values' fourth powers, whichever side is the
 * smaller. */
static void norms_are_bounded(void **state) {
    (void)state;
    static const size_t shapes[][2] = {{1, 1}, {1, 50}, {50, 1}, {33, 70}, {70, 33}, {64, 32}};
    static const double sizes[] = {1, 1e-100, 1e60, 0};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        for (size_t z = 0; z < sizeof sizes / sizeof sizes[0]; z++) {
            const size_t rows = shapes[s][0], columns = shapes[s][1];
            static double values[70 * 70], gram[70 * 70];
            dsc_random random = dsc_random_stream(s, 8, 3);
            double norm = 0;
            for (size_t i = 0; i < rows * columns; i++) {
                values[i] = sizes[z] * (dsc_random_normal(&random) + 1);
            }
            const dsc_matrix m = dsc_matrix_f64(values, rows, columns);
            const double bound = dsc_spectral_bound(m);
            assert_int_equal(dsc_norm_spectral(m, &norm, NULL), DSC_OK);
            assert_true(bound >= norm);
            for (size_t a = 0; a < columns; a++) {
                for (size_t b = 0; b < columns; b++) {
                    gram[a * columns + b] = 0;
                    for (size_t i = 0; i < rows; i++) {
                        gram[a * columns + b] += values[i * columns + a] * values[i * columns + b];
                    }
                }
            }
            const double root = sqrt(dsc_norm_frobenius(dsc_matrix_f64(gram, columns, columns)));
            assert_true(z == 1 || bound <= root * (1 + 1e-8)); /* else the fourth powers vanish */
            assert_true(bound >= root * (1 - 1e-8));
            assert_true(bound <= dsc_norm_frobenius(m) * (1 + 1e-8));
        }
    }
}

/* --- where there is none ---------------------------------------------------------------------- */

/* Of a matrix with two entries, 3 and 4 on the diagonal, so large that products would take too long. */
static void wide_layers_take_the_quick_bound(void **state) {
    (void)state;
    enum { WIDTH = 1024 };
    double *values = calloc((size_t)WIDTH * WIDTH, sizeof *values);
    assert_non_null(values);
    values[0] = 3;
    values[WIDTH + 1] = 4;
    const double exact = sqrt(sqrt(81 + 256));
    const double wide = dsc_spectral_bound(dsc_matrix_f64(values, WIDTH, WIDTH));
    const double narrow = dsc_spectral_bound(dsc_matrix_f64(values, 2, WIDTH));
    assert_true(fabs(wide - 5) < 1e-12);
    assert_true(fabs(narrow - exact) < 1e-7);
    free(values);
}

static void check_has_none(const dsc_recommender *model) {
    dsc_catalogue *catalogue = NULL;
    dsc_estimate *estimate = NULL;
    assert_int_equal(dsc_catalogue_create(&catalogue, model, DSC_NOW, NULL), DSC_OK);
    assert_true(catalogue->estimate == NULL);
    assert_int_equal(dsc_estimate_create(&estimate, catalogue, NULL), DSC_OK);
    assert_true(estimate == NULL);
    dsc_catalogue_destroy(catalogue);
}

/* Sums that could overflow are left to the exact way. */
static void numbers_too_large_have_no_estimate(void **state) {
    dsc_recommender *model = make_model(*state, 0);
    dsc_random random = dsc_random_stream(1, 8, 2);
    const size_t n = dsc_network_n_parameters(model->network);
    float *parameters = dsc_network_parameters(model->network);
    fill_normal(parameters, n, &random, 1e15);
    dsc_model_refresh(model);
    check_has_none(model);
    for (size_t l = 1; l < 3; l++) { /* and what is no number */
        fill_normal(parameters, n, &random, 1);
        const dsc_matrix weights = dsc_network_weights(model->network, l);
        parameters[(const float *)weights.data - parameters] = NAN;
        check_has_none(model);
    }
    dsc_recommender_destroy(model);
}

/* A catalogue for scores alone has none, and gives the same lists and scores. */
static void scores_have_no_estimate(void **state) {
    asked a = ask(*state, 0);
    dsc_catalogue *catalogue = NULL;
    dsc_scorer *scorer = NULL;
    static double got[N_ITEMS], expected[N_ITEMS];
    uint32_t items[N_ITEMS];
    assert_int_equal(dsc_catalogue_create_for_scores(&catalogue, a.model, DSC_NOW, NULL), DSC_OK);
    assert_int_equal(dsc_scorer_create_on(&scorer, catalogue, NULL), DSC_OK);
    assert_true(catalogue->estimate == NULL);
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        assert_int_equal(catalogue->items[i], i);
        items[i] = i;
    }
    for (uint32_t u = 0; u < N_USERS; u += 7) {
        dsc_recommendation list[N_BEST], expected_list[N_BEST];
        size_t n = 0, n_expected = 0;
        dsc_scorer_score(scorer, u, N_ITEMS, items, got);
        dsc_scorer_score(a.alone, u, N_ITEMS, items, expected);
        assert_memory_equal(got, expected, sizeof got);
        dsc_scorer_recommend(scorer, u, N_BEST, list, &n);
        dsc_scorer_recommend(a.alone, u, N_BEST, expected_list, &n_expected);
        assert_int_equal(n, n_expected);
        assert_memory_equal(list, expected_list, n * sizeof *list);
    }
    dsc_scorer_destroy(scorer);
    dsc_catalogue_destroy(catalogue);
    finish(&a);
}

static dsc_status attempt(void *context, dsc_error *err) {
    dsc_catalogue *catalogue = NULL;
    dsc_scorer *scorer = NULL;
    dsc_status status = dsc_catalogue_create(&catalogue, context, DSC_NOW, err);
    assert_true((status == DSC_OK) == (catalogue != NULL));
    if (status == DSC_OK) {
        status = dsc_scorer_create_on(&scorer, catalogue, err);
    }
    dsc_scorer_destroy(scorer);
    dsc_catalogue_destroy(catalogue);
    return status;
}

static void memory_may_run_out(void **state) {
    dsc_recommender *model = make_model(*state, 0);
    fail_alloc_each(attempt, model, dsc_estimate_helps(model) ? 15 : 7);
    dsc_recommender_destroy(model);
}

static int set_up(void **state) {
    *state = make_ratings();
    return 0;
}

static int tear_down(void **state) {
    dsc_ratings_destroy(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_sum_is_above_its_estimate),
        cmocka_unit_test(lists_are_those_without),
        cmocka_unit_test(weights_count_as_they_are_rounded),
        cmocka_unit_test(rounding_alone_is_allowed_for),
        cmocka_unit_test(blocks_get_the_lists_of_one),
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(norms_are_bounded),
        cmocka_unit_test(wide_layers_take_the_quick_bound),
        cmocka_unit_test(numbers_too_large_have_no_estimate),
        cmocka_unit_test(scores_have_no_estimate),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
