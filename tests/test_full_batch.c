/* Full-batch training: its objective and gradient, in double and in float, against the formulas
 * written out, and the kernels that it is made of. docs/math.md (50) to (55). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "full_batch_floats.h"
#include "math/kernels.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/model.h"
#include "recommender/trainer.h"

enum { K = 3, MAX_USERS = 12, MAX_ITEMS = 10 };

typedef struct parts {
    bool dot, network, user_history, item_history, biases;
    double power;
} parts;

/* --- the objective by hand ----------------------------------------------------------------------
 */

/* A model of the given parts on planted ratings, with values drawn from its seed. */
static dsc_recommender *make_model(const parts *p) {
    const planted few = {.n_users = MAX_USERS, .n_items = MAX_ITEMS, .share = 0.4, .seed = 3};
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = small_config();
    config.n_factors = K;
    config.activation = DSC_TANH;
    config.use_dot = p->dot;
    config.use_network = p->network;
    config.use_user_history = p->user_history;
    config.use_item_history = p->item_history;
    config.use_biases = p->biases;
    config.use_lbfgs = true;
    config.ridge = (dsc_ridge){0.3, 0.5, 0.7, 0.9, 1.1, .power = p->power};
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_model_init(model);
    dsc_ratings_destroy(ratings);
    return model;
}

/* Where each part begins among the variables; SIZE_MAX: there is no such part. */
typedef struct layout {
    size_t p, q, b_user, b_item, y, z, network;
} layout;

static layout layout_of(const dsc_recommender *m) {
    layout at = {0};
    at.q = at.p + m->n_users * K;
    at.b_user = at.q + m->n_items * K;
    at.b_item = at.b_user + m->n_users;
    size_t next = at.b_item + m->n_items;
    at.y = next;
    next += m->config.use_user_history ? m->n_items * K : 0;
    at.z = next;
    next += m->config.use_item_history ? m->n_users * K : 0;
    at.network = next;
    return at;
}

static double squares(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * x[i];
    }
    return sum;
}

static bool has_rated(const dsc_recommender *m, size_t u, size_t i) {
    const dsc_sparse ratings = dsc_sparse_view(&m->ratings);
    return dsc_sparse_find(ratings, (uint32_t)u, (uint32_t)i) < ratings.n_entries;
}

/* U_u or V_i by (50). */
static void side_of(const dsc_recommender *m, const double *x, bool is_user, size_t row,
                    double out[K]) {
    const layout at = layout_of(m);
    const double *own = x + (is_user ? at.p : at.q) + row * K;
    const double *summed = x + (is_user ? at.y : at.z);
    const bool has_history = is_user ? m->config.use_user_history : m->config.use_item_history;
    double sum[K] = {0};
    size_t n = 0;
    for (size_t other = 0; other < (is_user ? m->n_items : m->n_users); other++) {
        if (is_user ? has_rated(m, row, other) : has_rated(m, other, row)) {
            n++;
            for (size_t f = 0; f < K; f++) {
                sum[f] += has_history ? summed[other * K + f] : 0;
            }
        }
    }
    for (size_t f = 0; f < K; f++) {
        out[f] = own[f] + (n > 0 ? sum[f] / sqrt((double)n) : 0);
    }
}

/* The perceptron in double: a copy of the model's network with the parameters of x. */
static double network_of(dsc_network *net, dsc_workspace *ws, const double *parameters,
                         const double *user, const double *item) {
    double input[2 * K];
    memcpy(input, user, K * sizeof *input);
    memcpy(input + K, item, K * sizeof *input);
    memcpy(dsc_network_parameters(net), parameters,
           dsc_network_n_parameters(net) * sizeof *parameters);
    assert_int_equal(dsc_network_forward(net, ws, dsc_matrix_f64(input, 1, 2 * K), NULL), DSC_OK);
    return dsc_matrix_at(dsc_workspace_output(ws), 0, 0);
}

typedef struct by_hand {
    const dsc_recommender *m;
    dsc_network *net; /* NULL: none */
    dsc_workspace *ws;
} by_hand;

static double predict(const by_hand *h, const double *x, size_t u, size_t i) {
    const dsc_recommender *m = h->m;
    const layout at = layout_of(m);
    double user[K], item[K];
    side_of(m, x, true, u, user);
    side_of(m, x, false, i, item);
    double f = x[at.b_user + u] + x[at.b_item + i];
    for (size_t c = 0; c < K && m->config.use_dot; c++) {
        f += user[c] * item[c];
    }
    return h->net != NULL ? f + network_of(h->net, h->ws, x + at.network, user, item) : f;
}

/* The vectors' part of (160): rows of users or items, each with the strength of its count. */
static double ridge_by_count(const dsc_recommender *m, bool is_user, double strength,
                             const double *x) {
    const size_t n_rows = is_user ? m->n_users : m->n_items;
    const double usual = (double)m->ratings.n_entries / (double)n_rows;
    double sum = 0;
    for (size_t r = 0; r < n_rows; r++) {
        size_t n = 0;
        for (size_t other = 0; other < (is_user ? m->n_items : m->n_users); other++) {
            n += is_user ? has_rated(m, r, other) : has_rated(m, other, r);
        }
        sum += pow((double)n / usual, m->config.ridge.power) * squares(x + r * K, K);
    }
    return strength / 2 * sum;
}

/* (54), (55), (160) */
static double objective(const by_hand *h, const double *x, size_t n) {
    const dsc_recommender *m = h->m;
    const layout at = layout_of(m);
    const dsc_ridge *ridge = &m->config.ridge;
    double loss = ridge_by_count(m, true, ridge->vectors, x) +
                  ridge_by_count(m, false, ridge->vectors, x + at.q) +
                  ridge->biases / 2 * squares(x + at.b_user, at.y - at.b_user) +
                  (at.z > at.y ? ridge_by_count(m, false, ridge->user_history, x + at.y) : 0) +
                  (at.network > at.z ? ridge_by_count(m, true, ridge->item_history, x + at.z) : 0) +
                  ridge->network / 2 * squares(x + at.network, n - at.network);
    for (size_t u = 0; u < m->n_users; u++) {
        for (uint64_t e = m->ratings.start[u]; e < m->ratings.start[u + 1]; e++) {
            const double target = (double)dsc_trainer_target(m, m->ratings.value[e]);
            const double error = predict(h, x, u, m->ratings.column[e]) - target;
            loss += error * error / 2;
        }
    }
    return loss;
}

static void check_parts(const parts *p) {
    dsc_recommender *m = make_model(p);
    const dsc_sparse ratings = dsc_sparse_view(&m->ratings);
    dsc_full_batch *batch = NULL, *single = NULL;
    assert_int_equal(
        dsc_full_batch_create(&batch, m, DSC_FLOAT64, dsc_kept_ratings_all(ratings), NULL), DSC_OK);
    assert_int_equal(
        dsc_full_batch_create(&single, m, DSC_FLOAT32, dsc_kept_ratings_all(ratings), NULL),
        DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    by_hand h = {.m = m};
    if (m->network != NULL) {
        const dsc_workspace_config one = {.max_batch = 1};
        assert_int_equal(dsc_network_copy(&h.net, m->network, DSC_FLOAT64, NULL), DSC_OK);
        assert_int_equal(dsc_workspace_create(&h.ws, h.net, &one, NULL), DSC_OK);
    }
    double *x = calloc(n, sizeof *x), *gradient = calloc(n, sizeof *gradient);
    double *rounded = calloc(n, sizeof *rounded);
    assert_true(x != NULL && gradient != NULL && rounded != NULL);
    for (size_t i = 0; i < n; i++) {
        /* of a few binary digits, so that float holds them exactly */
        x[i] = (double)((int)(i * 37 % 41) - 20) / 64;
    }
    const layout at = layout_of(m);
    memset(x + at.b_user, 0, p->biases ? 0 : (m->n_users + m->n_items) * sizeof *x);
    double loss, rounded_loss;
    assert_int_equal(dsc_full_batch_evaluate(x, &loss, gradient, batch, NULL), DSC_OK);
    assert_int_equal(evaluate_in_floats(x, &rounded_loss, rounded, single), DSC_OK);
    assert_true(fabs(loss - objective(&h, x, n)) < 1e-12 * loss);
    assert_true(fabs(rounded_loss - loss) < 1e-5 * loss);
    for (size_t i = 0; i < n; i++) {
        const double kept = x[i], step = 1e-4;
        x[i] = kept + step;
        const double above = objective(&h, x, n);
        x[i] = kept - step;
        const double slope = (above - objective(&h, x, n)) / (2 * step);
        x[i] = kept;
        const bool is_switched_off = !p->biases && i >= at.b_user && i < at.y;
        const double expected = is_switched_off ? 0 : slope;
        const double size = fmax(1, fabs(expected));
        if (!(fabs(gradient[i] - expected) < 1e-6 * size) ||
            !(fabs(rounded[i] - gradient[i]) < 1e-5 * size)) {
            fail_msg("dot %d, network %d, histories %d %d, biases %d: variable %zu of %zu: %.9g in "
                     "double, %.9g in float, expected %.9g",
                     p->dot, p->network, p->user_history, p->item_history, p->biases, i, n,
                     gradient[i], rounded[i], expected);
        }
    }
    free(x);
    free(gradient);
    free(rounded);
    dsc_workspace_destroy(h.ws);
    dsc_network_destroy(h.net);
    dsc_full_batch_destroy(batch);
    dsc_full_batch_destroy(single);
    dsc_recommender_destroy(m);
}

static void gradients_of_every_mixture(void **state) {
    (void)state;
    for (unsigned i = 0; i < 32; i++) {
        const parts p = {(i & 1) != 0, (i & 2) != 0,  (i & 4) != 0,
                         (i & 8) != 0, (i & 16) != 0, (double)(i % 3) / 2};
        if (p.dot || p.network) {
            check_parts(&p);
        }
    }
}

/* --- the kernels on rows ------------------------------------------------------------------------
 */

enum { MAX_WIDTH = 80, N_ROWS = 5 };

typedef union cells {
    float single[N_ROWS * MAX_WIDTH];
    double wide[N_ROWS * MAX_WIDTH];
} cells;

static double element(dsc_precision precision, const cells *values, size_t i) {
    return dsc_matrix_at((dsc_matrix){values, 1, i + 1, precision}, 0, i);
}

static void set_element(dsc_precision precision, cells *values, size_t i, double value) {
    if (precision == DSC_FLOAT32) {
        values->single[i] = (float)value;
    } else {
        values->wide[i] = value;
    }
}

/* Small whole numbers, whose sums are exact in either precision. */
static void check_rows(dsc_precision precision, size_t width) {
    static const uint32_t index[] = {3, 0, 3, 4};
    enum { N = 4 };
    const dsc_kernels *kernels = NULL;
    assert_int_equal(dsc_kernels_choose(&kernels, precision, NULL), DSC_OK);
    cells table, query, factor, dots, sums, scaled;
    const size_t n_table = N_ROWS * width;
    for (size_t i = 0; i < n_table; i++) {
        set_element(precision, &table, i, (double)(i * 7 % 13) - 6);
    }
    for (size_t c = 0; c < width; c++) {
        set_element(precision, &query, c, (double)(c * 5 % 11) - 5);
        set_element(precision, &sums, c, 100);
        set_element(precision, &scaled, c, -100);
    }
    for (size_t j = 0; j < N; j++) {
        set_element(precision, &factor, j, (double)j - 2);
    }
    const dsc_picked_rows rows = {&table, width, index, N};
    kernels->dot_rows(&dots, &query, &rows);
    kernels->sum_rows(&sums, &rows);
    kernels->sum_scaled_rows(&scaled, &factor, &rows);
    for (size_t j = 0; j < N; j++) {
        double expected = 0;
        for (size_t c = 0; c < width; c++) {
            expected +=
                element(precision, &query, c) * element(precision, &table, index[j] * width + c);
        }
        assert_true(element(precision, &dots, j) == expected);
    }
    for (size_t c = 0; c < width; c++) {
        double sum = 100, weighted = -100;
        for (size_t j = 0; j < N; j++) {
            sum += element(precision, &table, index[j] * width + c);
            weighted += ((double)j - 2) * element(precision, &table, index[j] * width + c);
        }
        assert_true(element(precision, &sums, c) == sum);
        assert_true(element(precision, &scaled, c) == weighted);
    }
}

static void rows_of_any_width(void **state) {
    (void)state;
    for (size_t width = 1; width <= MAX_WIDTH; width++) {
        check_rows(DSC_FLOAT32, width);
        check_rows(DSC_FLOAT64, width);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_any_width),
        cmocka_unit_test(gradients_of_every_mixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
