/* Metrics: cases computed by hand, the rules for 0/0, refusals, and the figures of
 * tools/reference_metrics.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/metrics.h"

#define assert_near(found, expected) assert_close_at(__LINE__, found, expected)

static void assert_close_at(int line, double found, double expected) {
    if (!(fabs(found - expected) <= 1e-13 * fmax(1, fabs(expected)))) {
        fail_msg("line %d: found %.17g, expected %.17g", line, found, expected);
    }
}

/* errors 1, -2, 0, 3: squares 14, absolutes 6; truth 1, 2, 3, 6: mean 3, spread 14 */
static void a_regression_by_hand(void **state) {
    (void)state;
    static const double truth[] = {1, 2, 3, 6};
    static const double predicted[] = {2, 0, 3, 9};
    dsc_regression_metrics m;
    assert_int_equal(dsc_metrics_regression(truth, predicted, 4, &m, NULL), DSC_OK);
    assert_int_equal(m.n, 4);
    assert_near(m.rmse, sqrt(3.5));
    assert_near(m.mae, 1.5);
    assert_near(m.r2, 0);
    assert_true(m.has_r2);
    assert_int_equal(dsc_metrics_regression(truth, truth, 4, &m, NULL), DSC_OK);
    assert_near(m.rmse, 0);
    assert_near(m.r2, 1);
    static const double worse[] = {6, 3, 2, 1}; /* errors 5, 1, -1, -5: squares 52 */
    assert_int_equal(dsc_metrics_regression(truth, worse, 4, &m, NULL), DSC_OK);
    assert_near(m.r2, 1 - 52.0 / 14);
}

/* 0.1 three times: the rounded mean differs from 0.1, and R2 would be a huge number. */
static void equal_true_values_have_no_r2(void **state) {
    (void)state;
    static const double truth[] = {0.1, 0.1, 0.1};
    static const double predicted[] = {0.1, 0.2, 0.3};
    dsc_regression_metrics m;
    assert_int_equal(dsc_metrics_regression(truth, predicted, 3, &m, NULL), DSC_OK);
    assert_false(m.has_r2);
    assert_near(m.r2, 0);
    assert_near(m.mae, 0.1);
    assert_int_equal(dsc_metrics_regression(truth, predicted, 1, &m, NULL), DSC_OK);
    assert_false(m.has_r2);
}

static void bad_regressions_are_refused(void **state) {
    (void)state;
    dsc_regression_metrics m = {.n = 77};
    dsc_error err;
    const double good[] = {1, 2};
    const double bad[] = {1, (double)NAN};
    const double large[] = {1e200, -1e200};
    assert_int_equal(dsc_metrics_regression(good, good, 0, &m, &err), DSC_E_ARGUMENT);
    assert_int_equal(dsc_metrics_regression(good, bad, 2, &m, &err), DSC_E_NONFINITE);
    assert_non_null(strstr(err.message, "row 2: found the predicted value nan"));
    assert_int_equal(dsc_metrics_regression(bad, good, 2, &m, &err), DSC_E_NONFINITE);
    assert_non_null(strstr(err.message, "row 2: found the true value nan"));
    assert_int_equal(dsc_metrics_regression(good, large, 2, &m, &err), DSC_E_NONFINITE);
    assert_int_equal(m.n, 77);
}

static void a_log_loss_by_hand(void **state) {
    (void)state;
    static const float probability[] = {0.5F, 0.5F, 0.25F, 0.75F, 1, 0};
    static const uint32_t truth[] = {0, 0, 0};
    dsc_matrix m = dsc_matrix_f32(probability, 3, 2);
    double loss;
    assert_int_equal(dsc_metrics_log_loss(m, truth, &loss, NULL), DSC_OK);
    assert_near(loss, (log(2) + log(4)) / 3);
    static const uint32_t clipped[] = {0, 0, 1};
    assert_int_equal(dsc_metrics_log_loss(m, clipped, &loss, NULL), DSC_OK);
    assert_near(loss, (log(2) + log(4) - log(1e-15)) / 3);
}

static void bad_log_losses_are_refused(void **state) {
    (void)state;
    static const double probability[] = {0.5, 0.5, 1.1, -0.1};
    static const double slack[] = {1 + 1e-9, -1e-9};
    static const double nan_row[] = {(double)NAN, 1};
    static const uint32_t truth[] = {1, 0};
    static const uint32_t none[] = {2, 0};
    double loss = 77;
    dsc_error err;
    assert_int_equal(dsc_metrics_log_loss(dsc_matrix_f64(probability, 2, 2), truth, &loss, &err),
                     DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "row 2: found the probability 1.1 of class 0"));
    assert_int_equal(dsc_metrics_log_loss(dsc_matrix_f64(nan_row, 1, 2), truth, &loss, &err),
                     DSC_E_ARGUMENT);
    assert_int_equal(dsc_metrics_log_loss(dsc_matrix_f64(probability, 1, 2), none, &loss, &err),
                     DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "row 1: class 2 is none of 2"));
    assert_int_equal(dsc_metrics_log_loss(dsc_matrix_f64(probability, 0, 2), truth, &loss, &err),
                     DSC_E_SHAPE);
    assert_near(loss, 77);
    assert_int_equal(dsc_metrics_log_loss(dsc_matrix_f64(slack, 1, 2), truth + 1, &loss, &err),
                     DSC_OK);
    assert_near(loss, 0);
}

/* truth 0 0 0 1 1 3, predicted 0 0 1 1 2 0: class 2 never occurs, class 3 is never predicted, class
 * 4 neither. */
static void a_classification_by_hand(void **state) {
    (void)state;
    enum { N = 5 };
    static const uint32_t truth[] = {0, 0, 0, 1, 1, 3};
    static const uint32_t predicted[] = {0, 0, 1, 1, 2, 0};
    static const uint64_t expected[N * N] = {2, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0,
                                             0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    uint64_t confusion[N * N];
    assert_int_equal(dsc_metrics_confusion(truth, predicted, 6, N, confusion, NULL), DSC_OK);
    assert_memory_equal(confusion, expected, sizeof expected);
    assert_near(dsc_metrics_accuracy(confusion, N), 0.5);
    static const dsc_class_metrics classes[N] = {
        {3, 3, 2, 2.0 / 3, 2.0 / 3, 2.0 / 3},
        {2, 2, 1, 0.5, 0.5, 0.5},
        {0, 1, 0, 0, 0, 0},
        {1, 0, 0, 0, 0, 0},
        {0, 0, 0, 0, 0, 0},
    };
    for (size_t k = 0; k < N; k++) {
        dsc_class_metrics m = dsc_metrics_of_class(confusion, N, k);
        assert_int_equal(m.n_true, classes[k].n_true);
        assert_int_equal(m.n_predicted, classes[k].n_predicted);
        assert_int_equal(m.n_right, classes[k].n_right);
        assert_near(m.precision, classes[k].precision);
        assert_near(m.recall, classes[k].recall);
        assert_near(m.f1, classes[k].f1);
    }
    dsc_class_metrics macro = dsc_metrics_macro(confusion, N);
    assert_int_equal(macro.n_true, 6);
    assert_near(macro.f1, (2.0 / 3 + 0.5) / 4);
    dsc_error err;
    assert_int_equal(dsc_metrics_confusion(truth, predicted, 6, 3, confusion, &err),
                     DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "row 6: class 3 is none of 3"));
}

static void nothing_is_0(void **state) {
    (void)state;
    static const uint64_t confusion[4] = {0};
    assert_near(dsc_metrics_accuracy(confusion, 2), 0);
    assert_near(dsc_metrics_macro(confusion, 2).f1, 0);
}

static void the_largest_is_the_first_of_equals(void **state) {
    (void)state;
    static const float scores[] = {1, 3, 3, -5, -7, -5, NAN, 2, 1, NAN, NAN, NAN};
    uint32_t found[4];
    static const uint32_t expected[] = {1, 0, 1, 0};
    dsc_metrics_largest(dsc_matrix_f32(scores, 4, 3), found);
    assert_memory_equal(found, expected, sizeof expected);
}

/* --- against the reference ----------------------------------------------------------------- */

enum { MAX_VALUES = 400 };

static size_t flatten(const json_t *value, double *out) {
    if (!json_is_array(value)) {
        *out = json_number_value(value);
        return 1;
    }
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        n += flatten(json_array_get(value, i), out + n);
        assert_in_range(n, 0, MAX_VALUES);
    }
    return n;
}

static size_t read_values(const json_t *object, const char *key, double *out) {
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    return flatten(value, out);
}

static void read_classes(const json_t *object, const char *key, uint32_t *out) {
    double values[MAX_VALUES];
    size_t n = read_values(object, key, values);
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint32_t)values[i];
    }
}

static void the_reference_of_regression(void **state) {
    const json_t *r = json_object_get(*state, "regression");
    double truth[MAX_VALUES], predicted[MAX_VALUES], expected;
    size_t n = read_values(r, "truth", truth);
    assert_int_equal(read_values(r, "predicted", predicted), n);
    dsc_regression_metrics m;
    assert_int_equal(dsc_metrics_regression(truth, predicted, n, &m, NULL), DSC_OK);
    read_values(r, "rmse", &expected);
    assert_near(m.rmse, expected);
    read_values(r, "mae", &expected);
    assert_near(m.mae, expected);
    read_values(r, "r2", &expected);
    assert_near(m.r2, expected);
}

static void the_reference_of_classification(void **state) {
    const json_t *r = json_object_get(*state, "classification");
    double probability[MAX_VALUES], values[MAX_VALUES], loss;
    uint32_t truth[MAX_VALUES], expected[MAX_VALUES], predicted[MAX_VALUES];
    uint64_t confusion[MAX_VALUES];
    size_t n = read_values(r, "truth", values);
    read_classes(r, "truth", truth);
    size_t n_classes = read_values(r, "probability", probability) / n;
    dsc_matrix m = dsc_matrix_f64(probability, n, n_classes);
    dsc_metrics_largest(m, predicted);
    read_classes(r, "predicted", expected);
    assert_memory_equal(predicted, expected, n * sizeof *expected);
    assert_int_equal(dsc_metrics_confusion(truth, predicted, n, n_classes, confusion, NULL),
                     DSC_OK);
    assert_int_equal(read_values(r, "confusion", values), n_classes * n_classes);
    for (size_t i = 0; i < n_classes * n_classes; i++) {
        assert_int_equal(confusion[i], values[i]);
    }
    assert_int_equal(dsc_metrics_log_loss(m, truth, &loss, NULL), DSC_OK);
    read_values(r, "log_loss", values);
    assert_near(loss, values[0]);
    read_values(r, "accuracy", values);
    assert_near(dsc_metrics_accuracy(confusion, n_classes), values[0]);
    double precision[MAX_VALUES], recall[MAX_VALUES], f1[MAX_VALUES];
    assert_int_equal(read_values(r, "precision", precision), n_classes);
    read_values(r, "recall", recall);
    read_values(r, "f1", f1);
    for (size_t k = 0; k < n_classes; k++) {
        dsc_class_metrics c = dsc_metrics_of_class(confusion, n_classes, k);
        assert_near(c.precision, precision[k]);
        assert_near(c.recall, recall[k]);
        assert_near(c.f1, f1[k]);
    }
    read_values(r, "macro", values);
    dsc_class_metrics macro = dsc_metrics_macro(confusion, n_classes);
    assert_near(macro.precision, values[0]);
    assert_near(macro.recall, values[1]);
    assert_near(macro.f1, values[2]);
}

static int load_reference(void **state) {
    *state = json_load_file("tests/data/reference_metrics.json", 0, NULL);
    return *state != NULL ? 0 : -1;
}

static int drop_reference(void **state) {
    json_decref(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regression_by_hand),
        cmocka_unit_test(equal_true_values_have_no_r2),
        cmocka_unit_test(bad_regressions_are_refused),
        cmocka_unit_test(a_log_loss_by_hand),
        cmocka_unit_test(bad_log_losses_are_refused),
        cmocka_unit_test(a_classification_by_hand),
        cmocka_unit_test(nothing_is_0),
        cmocka_unit_test(the_largest_is_the_first_of_equals),
        cmocka_unit_test(the_reference_of_regression),
        cmocka_unit_test(the_reference_of_classification),
    };
    return cmocka_run_group_tests(tests, load_reference, drop_reference);
}
