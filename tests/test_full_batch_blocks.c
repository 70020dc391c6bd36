/* Full batches of so many ratings that users are passed in several blocks, of one part or of several: every
 * rating's slope comes to its item, its bin of time and its session. docs/math.md (210), (211). */
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
#include "recommender/full_batch.h"
#include "recommender/full_batch_pass.h"
#include "recommender/model.h"

enum { LINE_LENGTH = 40, PURPOSE_PAIR = 100 };

/* How many users and items there are, and the share of pairs that are rated. */
typedef struct size {
    size_t n_users, n_items;
    double share;
} size;

/* About 9,200 ratings: each block of users is one part. */
static const size few = {170, 90, 0.6};

/* About 130,000: most blocks are of several parts. */
static const size many = {2200, 120, 0.5};

/* At times that have nothing to do with their order. */
static dsc_ratings *make_ratings(const size *of) {
    char *text = malloc(of->n_users * of->n_items * LINE_LENGTH);
    size_t length = 0;
    assert_non_null(text);
    for (size_t u = 0; u < of->n_users; u++) {
        for (size_t i = 0; i < of->n_items; i++) {
            dsc_random random = dsc_random_stream(1, PURPOSE_PAIR, u * of->n_items + i);
            if (dsc_random_uniform(&random) < of->share) {
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%u,%u\n", u, i,
                                           1 + dsc_random_below(&random, 5),
                                           dsc_random_below(&random, 10000));
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

static dsc_recommender *make_model(const size *of, dsc_rating_loss loss, bool use_network) {
    dsc_ratings *ratings = make_ratings(of);
    dsc_recommender_config config = small_config();
    config.loss = loss;
    config.use_network = use_network;
    config.n_factors = 3;
    config.n_threads = 3;
    config.activation = DSC_TANH;
    config.use_lbfgs = config.use_dot = config.use_user_history = config.use_item_history = true;
    config.weigh_user_history = config.weigh_item_history = true;
    config.n_time_bins = 4;
    config.session_gap = 3000;
    config.ridge = (dsc_ridge){0.3, 0.5, 0.7, 0.9, 1.1, .time_bins = 1.3, .sessions = 1.7};
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    return model;
}

static dsc_full_batch *make_batch(dsc_recommender *model, size_t n_threads) {
    dsc_full_batch *batch = NULL;
    model->config.n_threads = n_threads;
    assert_int_equal(dsc_full_batch_create(&batch, model, DSC_FLOAT64,
                                           dsc_kept_ratings_all(dsc_sparse_view(&model->ratings)),
                                           NULL),
                     DSC_OK);
    return batch;
}

static void draw_values(double *x, size_t n) {
    dsc_random random = dsc_random_stream(2, PURPOSE_PAIR, 0);
    for (size_t i = 0; i < n; i++) {
        x[i] = 0.1 * dsc_random_normal(&random);
    }
}

/* A point, and the gradient there. */
typedef struct point {
    dsc_full_batch *batch;
    size_t n;
    double *x, *gradient, *unused; /* (n) */
} point;

static point make_point(dsc_recommender *model) {
    point p = {.batch = make_batch(model, 3)};
    p.n = dsc_full_batch_n_values(p.batch);
    p.x = calloc(3 * p.n, sizeof *p.x);
    assert_non_null(p.x);
    p.gradient = p.x + p.n;
    p.unused = p.gradient + p.n;
    draw_values(p.x, p.n);
    double loss;
    assert_int_equal(dsc_full_batch_evaluate(p.x, &loss, p.gradient, p.batch, NULL), DSC_OK);
    return p;
}

static void clear_point(point *p) {
    free(p->x);
    dsc_full_batch_destroy(p->batch);
}

/* Slopes of the loss, of every stride-th of n variables. Losses are added up by user: they know nothing of
 * where slopes lie. */
static void check_slopes(const point *p, size_t first, size_t n, size_t stride) {
    for (size_t i = first; i < first + n; i += stride) {
        const double kept = p->x[i], step = 1e-5;
        double above, below;
        p->x[i] = kept + step;
        assert_int_equal(dsc_full_batch_evaluate(p->x, &above, p->unused, p->batch, NULL), DSC_OK);
        p->x[i] = kept - step;
        assert_int_equal(dsc_full_batch_evaluate(p->x, &below, p->unused, p->batch, NULL), DSC_OK);
        p->x[i] = kept;
        const double slope = (above - below) / (2 * step);
        if (!(fabs(p->gradient[i] - slope) < 1e-5 * fmax(1, fabs(slope)))) {
            fail_msg("variable %zu of %zu: %.9g; expected %.9g", i, p->n, p->gradient[i], slope);
        }
    }
}

/* Of all variables. */
static void check_gradient(dsc_recommender *model, size_t stride) {
    point p = make_point(model);
    check_slopes(&p, 0, p.n, stride);
    clear_point(&p);
}

/* Of what the ratings of all users add to. */
static void check_items(dsc_recommender *model) {
    point p = make_point(model);
    const size_t n = model->n_items;
    check_slopes(&p, (size_t)(model->item_vectors - model->tables), n * model->config.n_factors,
                 61);
    check_slopes(&p, (size_t)(model->item_biases - model->tables), n, 29);
    check_slopes(&p, (size_t)(model->item_time_biases - model->tables), n * model->clock.n_bins,
                 97);
    clear_point(&p);
}

static size_t count_parts(const dsc_recommender *model) {
    dsc_row_parts parts;
    assert_int_equal(dsc_row_parts_init(&parts, dsc_sparse_view(&model->ratings), NULL), DSC_OK);
    const size_t n = parts.n;
    dsc_row_parts_clear(&parts);
    return n;
}

static void gradients(void **state) {
    (void)state;
    dsc_recommender *squared = make_model(&few, DSC_LOSS_SQUARED, false);
    dsc_recommender *ordinal = make_model(&few, DSC_LOSS_ORDINAL, false);
    dsc_recommender *network = make_model(&few, DSC_LOSS_SQUARED, true);
    const size_t n_parts = count_parts(squared);
    assert_true(n_parts > 4 && n_parts < DSC_FULL_BATCH_BLOCKS);
    check_gradient(squared, 11);
    check_gradient(ordinal, 11);
    check_gradient(network, 11);
    dsc_recommender_destroy(squared);
    dsc_recommender_destroy(ordinal);
    dsc_recommender_destroy(network);
}

static void gradients_of_many_parts(void **state) {
    (void)state;
    dsc_recommender *squared = make_model(&many, DSC_LOSS_SQUARED, false);
    dsc_recommender *ordinal = make_model(&many, DSC_LOSS_ORDINAL, false);
    const size_t n_parts = count_parts(squared);
    assert_true(n_parts > DSC_FULL_BATCH_BLOCKS && n_parts % DSC_FULL_BATCH_BLOCKS != 0);
    check_gradient(squared, 2999);
    check_items(squared);
    check_gradient(ordinal, 4999);
    dsc_recommender_destroy(squared);
    dsc_recommender_destroy(ordinal);
}

/* Loss and gradient at a point, on the values behind x; the loss is the first. */
static void evaluate(dsc_full_batch *batch, double *x, double *out) {
    assert_int_equal(dsc_full_batch_evaluate(x, out, out + 1, batch, NULL), DSC_OK);
}

/* Fewer threads than blocks and more, one evaluation after the other, also after one that failed. */
static void check_same_bytes(const size *of, bool use_network) {
    dsc_recommender *model = make_model(of, DSC_LOSS_SQUARED, use_network);
    static const size_t n_threads[] = {1, 2, 5, 9};
    double *x = NULL, *expected = NULL, *found = NULL;
    size_t n = 0;
    for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
        dsc_full_batch *batch = make_batch(model, n_threads[t]);
        if (t == 0) {
            n = dsc_full_batch_n_values(batch);
            x = calloc(n, sizeof *x);
            expected = calloc(n + 1, sizeof *expected);
            found = calloc(n + 1, sizeof *found);
            assert_true(x != NULL && expected != NULL && found != NULL);
            draw_values(x, n);
            evaluate(batch, x, expected);
        }
        for (int round = 0; round < 2; round++) {
            const double kept = x[n - 1];
            evaluate(batch, x, found);
            assert_memory_equal(found, expected, (n + 1) * sizeof *found);
            x[n - 1] = (double)INFINITY;
            assert_int_equal(dsc_full_batch_evaluate(x, found, found + 1, batch, NULL),
                             DSC_E_NONFINITE);
            x[n - 1] = kept;
        }
        dsc_full_batch_destroy(batch);
    }
    free(x);
    free(expected);
    free(found);
    dsc_recommender_destroy(model);
}

static void threads_and_failures_change_nothing(void **state) {
    (void)state;
    check_same_bytes(&few, false);
    check_same_bytes(&few, true);
    check_same_bytes(&many, false);
}

/* A batch of either precision at x: loss and gradient, in bytes of a block that the caller frees. */
static char *bytes_at(dsc_recommender *model, dsc_precision precision, dsc_kept_ratings ratings,
                      size_t *n_bytes) {
    dsc_full_batch *batch = NULL;
    assert_int_equal(dsc_full_batch_create(&batch, model, precision, ratings, NULL), DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double *x = calloc(n, sizeof *x), loss;
    char *out = calloc(n + 1, sizeof(double));
    assert_true(x != NULL && out != NULL);
    draw_values(x, n);
    for (size_t i = 0; i < n && precision == DSC_FLOAT32; i++) { /* in place: a float is shorter */
        const float value = (float)x[i];
        memcpy((char *)x + i * sizeof value, &value, sizeof value);
    }
    assert_int_equal(dsc_full_batch_evaluate(x, &loss, out + sizeof loss, batch, NULL), DSC_OK);
    memcpy(out, &loss, sizeof loss);
    *n_bytes = sizeof loss + n * (size_t)precision;
    free(x);
    dsc_full_batch_destroy(batch);
    return out;
}

/* Every tenth rating, all of user 2, and every user from 5 on that 7 divides. */
static dsc_kept_ratings leave_out(const dsc_recommender *model, uint32_t *left_out, bool *is_used) {
    const dsc_sparse all = dsc_sparse_view(&model->ratings);
    size_t n = 0;
    for (size_t u = 0; u < all.n_rows; u++) {
        is_used[u] = u < 5 || u % 7 != 0;
        for (uint64_t e = all.start[u]; e < all.start[u + 1] && is_used[u]; e++) {
            if (e % 10 == 0 || u == 2) {
                left_out[n++] = (uint32_t)e;
            }
        }
    }
    dsc_kept_ratings kept;
    assert_int_equal(dsc_kept_ratings_init(&kept, all, left_out, n, is_used, NULL), DSC_OK);
    return kept;
}

/* What is left out might as well not be in the model's ratings, but for what these say of all. */
static void check_left_out(const size *of, dsc_rating_loss loss, bool use_network) {
    dsc_recommender *model = make_model(of, loss, use_network);
    const dsc_sparse all = dsc_sparse_view(&model->ratings);
    uint32_t *left_out = malloc(all.n_entries * sizeof *left_out);
    bool *is_used = malloc(all.n_rows * sizeof *is_used);
    assert_true(left_out != NULL && is_used != NULL);
    const dsc_kept_ratings kept = leave_out(model, left_out, is_used);
    dsc_sparse_matrix rest, whole = model->ratings;
    assert_int_equal(
        dsc_sparse_matrix_init(&rest, all.n_rows, all.n_cols, kept.n, DSC_SPARSE_TIMES, NULL),
        DSC_OK);
    memcpy(rest.start, kept.start, (all.n_rows + 1) * sizeof *rest.start);
    size_t n = 0;
    for (dsc_kept_walk w = dsc_kept_walk_over(&kept, (dsc_row_range){0, all.n_rows});
         dsc_kept_walk_next(&w);) {
        for (uint64_t e = w.begin; e < w.end; e++, n++) {
            rest.column[n] = all.column[e];
            rest.value[n] = all.value[e];
            rest.time[n] = all.time[e];
        }
    }
    static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};
    for (size_t i = 0; i < 4; i++) {
        size_t n_found, n_expected;
        model->config.n_threads = i < 2 ? 1 : 3;
        char *found = bytes_at(model, precisions[i % 2], kept, &n_found);
        model->ratings = rest;
        char *expected = bytes_at(model, precisions[i % 2],
                                  dsc_kept_ratings_all(dsc_sparse_view(&rest)), &n_expected);
        model->ratings = whole;
        assert_int_equal(n_found, n_expected);
        assert_memory_equal(found, expected, n_found);
        free(found);
        free(expected);
    }
    dsc_sparse_matrix_clear(&rest);
    dsc_kept_ratings own = kept;
    dsc_kept_ratings_clear(&own);
    free(left_out);
    free(is_used);
    dsc_recommender_destroy(model);
}

static void what_is_left_out_is_not_there(void **state) {
    (void)state;
    check_left_out(&few, DSC_LOSS_SQUARED, false);
    check_left_out(&few, DSC_LOSS_SQUARED, true);
    check_left_out(&few, DSC_LOSS_ORDINAL, false);
    check_left_out(&many, DSC_LOSS_SQUARED, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradients),
                                       cmocka_unit_test(what_is_left_out_is_not_there),
                                       cmocka_unit_test(gradients_of_many_parts),
                                       cmocka_unit_test(threads_and_failures_change_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
