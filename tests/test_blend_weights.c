/* Weights of blends against those of tools/reference_blend.py, which finds them by exhaustion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

#include "descent/blend.h"
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_reference),
        cmocka_unit_test(without_errors_all_weights_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
