/* Weights of blends against those of tools/reference_blend.py, which finds them by exhaustion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

#include "descent/random.h"
#include "recommender/blend_held.h"
#include "recommender/blend_weights.h"

static void weights_are_those_of_the_reference(void **state) {
    (void)state;
    json_error_t error;
    json_t *cases = json_load_file("tests/data/reference_blend.json", 0, &error);
    size_t c, n_zero = 0, n_shared = 0;
    json_t *one;
    assert_non_null(cases);
    assert_int_equal(json_array_size(cases), 30);
    json_array_foreach(cases, c, one) {
        const json_t *rows = json_object_get(one, "products");
        const json_t *expected = json_object_get(one, "weights");
        const size_t n = json_array_size(expected);
        double products[DSC_MAX_MEMBERS * DSC_MAX_MEMBERS], weight[DSC_MAX_MEMBERS], sum = 0;
        for (size_t i = 0; i < n * n; i++) {
            products[i] = json_number_value(json_array_get(json_array_get(rows, i / n), i % n));
        }
        dsc_blend_weights(products, n,
                          (size_t)json_integer_value(json_object_get(one, "n_ratings")), weight);
        for (size_t m = 0; m < n; m++) {
            const double known = json_number_value(json_array_get(expected, m));
            if (!(fabs(weight[m] - known) <= 1e-9)) {
                fail_msg("case %zu, \"%s\" of %zu: weight %zu is %.12g, expected %.12g", c,
                         json_string_value(json_object_get(one, "kind")), n, m, weight[m], known);
            }
            assert_int_equal(weight[m] == 0, known == 0);
            n_zero += known == 0;
            n_shared += known > 0 && known < 1;
            sum += weight[m];
        }
        assert_true(fabs(sum - 1) <= 1e-12);
    }
    assert_true(n_zero > 10 && n_shared > 30); /* both kinds are there */
    json_decref(cases);
}

static void without_errors_all_weights_are_equal(void **state) {
    (void)state;
    const double products[9] = {0};
    double weight[3];
    dsc_blend_weights(products, 3, 7, weight);
    for (size_t m = 0; m < 3; m++) {
        assert_true(weight[m] == 1.0 / 3);
    }
}

/* (156) to (159) by hand, of made-up predictions on a scale of 1 to 5. */
static void a_half_is_judged_by_the_weights_of_the_other(void **state) {
    (void)state;
    enum { N = 40, M = 2, SEED = 9, PURPOSE_HALVES = 43 };
    double products[3][M * M] = {{0}}, weight[3][M], sum = 0, sum_equal = 0, sum_first = 0;
    size_t half[N], n[3] = {0};
    dsc_blend_held held;
    dsc_blend_report report;
    assert_int_equal(dsc_blend_held_init(&held, N, M, NULL), DSC_OK);
    held.min = 1;
    held.max = 5;
    dsc_random made_up = dsc_random_stream(1, 1, 0);
    dsc_random lot = dsc_random_stream(SEED, PURPOSE_HALVES, 0);
    for (size_t p = 0; p < N; p++) {
        held.rating[p] = (float)(1 + p % 5);
        half[p] = dsc_random_below(&lot, 2);
        const size_t parts[] = {half[p], 2};
        for (size_t m = 0; m < M; m++) {
            held.prediction[m * N + p] =
                (double)held.rating[p] + 0.5 * (1 + (double)m) * dsc_random_normal(&made_up);
        }
        for (size_t i = 0; i < M * M * 2; i++) {
            const size_t a = i % (M * M) / M, b = i % M;
            products[parts[i / (M * M)]][a * M + b] +=
                (held.prediction[a * N + p] - (double)held.rating[p]) *
                (held.prediction[b * N + p] - (double)held.rating[p]);
        }
        n[half[p]]++;
        n[2]++;
    }
    for (size_t h = 0; h < 3; h++) {
        dsc_blend_weights(products[h], M, n[h], weight[h]);
    }
    assert_true(fabs(weight[0][0] - weight[1][0]) > 0.01); /* it matters which half judges */
    for (size_t p = 0; p < N; p++) {
        const double *w = weight[1 - half[p]], *x = &held.prediction[p];
        const double r = (double)held.rating[p];
        sum += pow(fmin(fmax(w[0] * x[0] + w[1] * x[N], 1), 5) - r, 2);
        sum_equal += pow(fmin(fmax((x[0] + x[N]) / 2, 1), 5) - r, 2);
        sum_first += pow(fmin(fmax(x[0], 1), 5) - r, 2);
    }
    assert_int_equal(dsc_blend_held_weigh(&held, SEED, &report, NULL), DSC_OK);
    assert_int_equal(report.n_held_out, N);
    assert_true(fabs(report.blend_rmse - sqrt(sum / N)) <= 1e-12);
    assert_true(fabs(report.equal_rmse - sqrt(sum_equal / N)) <= 1e-12);
    assert_true(fabs(report.rmse[0] - sqrt(sum_first / N)) <= 1e-12);
    for (size_t m = 0; m < M; m++) {
        assert_true(fabs(report.weight[m] - weight[2][m]) <= 1e-12);
    }
    dsc_blend_held_clear(&held);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_reference),
        cmocka_unit_test(without_errors_all_weights_are_equal),
        cmocka_unit_test(a_half_is_judged_by_the_weights_of_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
