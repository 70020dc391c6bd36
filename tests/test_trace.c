/* The trace of the worked example: order, names, formulas and numbers; overflow; wrong arguments.
 */
#include <math.h>
#include <string.h>

#include "fail_alloc.h"
#include "trace_recorder.h"

static dsc_status run_example(double rate, size_t n_steps, dsc_trace_result *result,
                              dsc_error *err) {
    memset(&kept, 0, sizeof kept);
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    const dsc_trace_config config = {rate, n_steps};
    dsc_status status =
        dsc_trace_run(net, dsc_matrix_f64(example_x, 2, 3), dsc_matrix_f64(example_y, 2, 2),
                      &config, keep, &kept, result, err);
    dsc_network_destroy(net);
    return status;
}

/* --- the worked example ------------------------------------------------------------------------
 */

/* What must be shown, in this order; values to all digits of the table in the documents. */
static const struct {
    size_t step;
    dsc_trace_phase phase;
    const char *name, *formula, *shapes;
    double values[6];
    double unit; /* of the last digit shown; 0: exact */
} example_table[] = {
    {0, DSC_TRACE_GIVEN, "X", "", "2 x 3", {2, 0, 3, 0, 1, 0}, 0},
    {0, DSC_TRACE_GIVEN, "Y", "", "2 x 2", {50, 71, 1, 3}, 0},
    {0, DSC_TRACE_GIVEN, "W1", "", "3 x 2", {2, 3, 0, 1, 1, 3}, 0},
    {0, DSC_TRACE_GIVEN, "W2", "", "2 x 2", {1, 2, 3, 4}, 0},
    {1, DSC_TRACE_FORWARD, "A1", "X W1", "2 x 2 = (2 x 3) (3 x 2)", {7, 15, 0, 1}, 0},
    {1, DSC_TRACE_FORWARD, "prediction", "A1 W2", "2 x 2 = (2 x 2) (2 x 2)", {52, 74, 3, 4}, 0},
    {1, DSC_TRACE_ERROR, "error", "prediction - Y", "2 x 2", {2, 3, 2, 1}, 0},
    {1, DSC_TRACE_ERROR, "spectral norm", "largest singular value of error", "", {4.1306}, 1e-4},
    {1, DSC_TRACE_ERROR, "Frobenius norm", "sqrt(sum of error .* error)", "", {4.2426}, 1e-4},
    {1, DSC_TRACE_ERROR, "loss", "1/2 sum of error .* error", "", {9}, 0},
    {1, DSC_TRACE_BACKWARD, "dprediction", "error", "2 x 2", {2, 3, 2, 1}, 0},
    {1,
     DSC_TRACE_BACKWARD,
     "dW2",
     "A1' dprediction",
     "2 x 2 = (2 x 2) (2 x 2)",
     {14, 21, 32, 46},
     0},
    {1, DSC_TRACE_BACKWARD, "dA1", "dprediction W2'", "2 x 2 = (2 x 2) (2 x 2)", {8, 18, 4, 10}, 0},
    {1, DSC_TRACE_BACKWARD, "dW1", "X' dA1", "3 x 2 = (3 x 2) (2 x 2)", {16, 36, 4, 10, 24, 54}, 0},
    {1,
     DSC_TRACE_UPDATE,
     "W1",
     "W1 - 0.002 dW1",
     "3 x 2",
     {1.968, 2.928, -0.008, 0.98, 0.952, 2.892},
     1e-12},
    {1, DSC_TRACE_UPDATE, "W2", "W2 - 0.002 dW2", "2 x 2", {0.972, 1.958, 2.936, 3.908}, 1e-12},
    {2,
     DSC_TRACE_FORWARD,
     "A1",
     "X W1",
     "2 x 2 = (2 x 3) (3 x 2)",
     {6.792, 14.532, -0.008, 0.98},
     1e-12},
    {2,
     DSC_TRACE_FORWARD,
     "prediction",
     "A1 W2",
     "2 x 2 = (2 x 2) (2 x 2)",
     {49.2678, 70.0898, 2.8695, 3.8142},
     1e-4},
    {2,
     DSC_TRACE_ERROR,
     "error",
     "prediction - Y",
     "2 x 2",
     {-0.7322, -0.9102, 1.8695, 0.8142},
     1e-4},
    {2, DSC_TRACE_ERROR, "spectral norm", "largest singular value of error", "", {2.3004}, 1e-4},
    {2, DSC_TRACE_ERROR, "Frobenius norm", "sqrt(sum of error .* error)", "", {2.35}, 1e-4},
    {2, DSC_TRACE_ERROR, "loss", "1/2 sum of error .* error", "", {2.7613}, 1e-4},
};

static void the_worked_example_is_shown_whole_and_in_order(void **state) {
    (void)state;
    dsc_trace_result result;
    assert_int_equal(run_example(0.002, 1, &result, NULL), DSC_OK);
    assert_int_equal(kept.n, COUNT(example_table));
    for (size_t i = 0; i < kept.n; i++) {
        const kept_entry *e = &kept.entries[i];
        assert_int_equal(e->step, example_table[i].step);
        assert_int_equal(e->phase, example_table[i].phase);
        assert_string_equal(e->name, example_table[i].name);
        assert_string_equal(e->formula, example_table[i].formula);
        assert_string_equal(e->shapes, example_table[i].shapes);
        assert_true(strlen(e->meaning) > 0);
        for (size_t k = 0; k < e->n_rows * e->n_cols; k++) {
            double off = fabs(e->values[k] - example_table[i].values[k]);
            if (!(off <= example_table[i].unit / 2)) {
                fail_msg("step %zu, %s, element %zu: %.17g, expected %g", e->step, e->name, k,
                         e->values[k], example_table[i].values[k]);
            }
        }
    }
    assert_true(fabs(result.first_norm - 4.1306) < 5e-5 && fabs(result.last_norm - 2.3004) < 5e-5);
    assert_true(result.first_loss == 9 && fabs(result.last_loss - 2.7613) < 5e-5);
    assert_true(result.largest_norm == result.first_norm);
    assert_int_equal(result.n_grown, 0);
    assert_int_equal(result.overflow_step, 0);
}

/* The norm after some steps, to four decimals, computed once in double precision with numpy. */
static void rates_lower_or_raise_the_error(void **state) {
    (void)state;
    const struct {
        double rate;
        size_t n_steps, n_grown;
        double last_norm;
    } cases[] = {
        {0.002, 1, 0, 2.3004}, {0.003, 1, 0, 3.8996},  {0.0031, 1, 0, 4.1016},
        {0.005, 1, 1, 8.2106}, {0.005, 3, 3, 37.4211}, {0.05, 1, 1, 77.9119},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_trace_result result;
        assert_int_equal(run_example(cases[i].rate, cases[i].n_steps, &result, NULL), DSC_OK);
        assert_true(fabs(result.first_norm - 4.1306) < 5e-5);
        assert_true(fabs(result.last_norm - cases[i].last_norm) < 5e-5);
        assert_true(result.largest_norm == fmax(result.first_norm, result.last_norm));
        assert_int_equal(result.n_grown, cases[i].n_grown);
    }
}

static dsc_status show_nothing(const dsc_trace_entry *entry, void *user) {
    (void)entry;
    (void)user;
    return DSC_OK;
}

/* At the bottom the norm goes up and down by rounding, which is no swing. */
static void rounding_is_no_swing(void **state) {
    (void)state;
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    const dsc_trace_config config = {0.003, 12000};
    dsc_trace_result result;
    assert_int_equal(dsc_trace_run(net, dsc_matrix_f64(example_x, 2, 3),
                                   dsc_matrix_f64(example_y, 2, 2), &config, show_nothing, NULL,
                                   &result, NULL),
                     DSC_OK);
    assert_true(result.last_norm <= result.rounding_norm && result.rounding_norm < 2e-12);
    assert_int_equal(result.n_grown, 0);
    dsc_network_destroy(net);
}

static dsc_status count_only(const dsc_trace_entry *entry, void *user) {
    assert_true(entry->step <= 5001);
    ++*(size_t *)user;
    return DSC_OK;
}

/* Where 5,000 steps end: at zero error for small rates, in a bounded swing for larger ones. */
static void many_steps_settle_or_swing(void **state) {
    (void)state;
    const struct {
        double rate, low, high;
    } cases[] = {{0.002, 0, 1e-4},   {0.003, 0, 1e-8},     {0.0031, 0, 1e-8},
                 {0.0032, 3.5, 4.5}, {0.0033, 13.5, 14.5}, {0.0034, 17.5, 19}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
        const dsc_trace_config config = {cases[i].rate, 5000};
        dsc_trace_result result;
        size_t n_entries = 0;
        assert_int_equal(dsc_trace_run(net, dsc_matrix_f64(example_x, 2, 3),
                                       dsc_matrix_f64(example_y, 2, 2), &config, count_only,
                                       &n_entries, &result, NULL),
                         DSC_OK);
        assert_int_equal(n_entries, 4 + 5000 * 12 + 6);
        assert_true(result.last_norm >= cases[i].low && result.last_norm <= cases[i].high);
        dsc_network_destroy(net);
    }
}

/* --- overflow ----------------------------------------------------------------------------------
 */

static void overflow_is_named_with_its_step(void **state) {
    (void)state;
    const struct {
        double rate;
        size_t n_steps, overflow_step;
        const char *where;
    } cases[] = {
        {0.05, 50, 7, "step 7, loss"},       {0.05, 7, 7, "step 7, loss"},
        {0.05, 6, 7, "after step 6, loss"},  {1e100, 2, 2, "step 2, loss"},
        {1e100, 1, 2, "after step 1, loss"}, {1e200, 3, 2, "step 2, prediction"},
        {1e307, 3, 1, "step 1, W1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_trace_result result;
        dsc_error err = {0};
        assert_int_equal(run_example(cases[i].rate, cases[i].n_steps, &result, &err),
                         DSC_E_NONFINITE);
        assert_int_equal(err.code, DSC_E_NONFINITE);
        assert_string_equal(err.where, cases[i].where);
        assert_int_equal(result.overflow_step, cases[i].overflow_step);
        assert_true(isfinite(result.last_norm) && isfinite(result.last_loss));
        assert_true(result.first_loss == 9);
    }
}

/* Numbers so large that the first pass already overflows, each at another value: one input, two
 * outputs that are the same. */
static void overflow_of_given_numbers(void **state) {
    (void)state;
    const struct {
        double x, weight, target, rate;
        const char *where;
    } cases[] = {
        {1e200, 1e200, 0, 0.1, "step 1, prediction"},
        {1e300, 1.7e8, -1.7e308, 0.1, "step 1, error"},
        {1e200, 1e108, -0.4e308, 0.1, "step 1, spectral norm"},
        {1e200, 1, 0, 0.1, "step 1, loss"},
        {1e200, 1e-55, 0, 0.1, "step 1, dW1"},
        {1e100, 1, 0, 1e200, "step 1, W1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dsc_layer_config layer = {2, DSC_IDENTITY, false};
        dsc_network *net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, 1, 1, &layer);
        const double weights[] = {cases[i].weight, cases[i].weight};
        const double target[] = {cases[i].target, cases[i].target};
        MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(weights, 1, 2), (dsc_matrix){0},
                                   &failure));
        const dsc_trace_config config = {cases[i].rate, 1};
        dsc_error err;
        memset(&kept, 0, sizeof kept);
        assert_int_equal(dsc_trace_run(net, dsc_matrix_f64(&cases[i].x, 1, 1),
                                       dsc_matrix_f64(target, 1, 2), &config, keep, &kept, NULL,
                                       &err),
                         DSC_E_NONFINITE);
        assert_string_equal(err.where, cases[i].where);
        dsc_network_destroy(net);
    }
}

/* --- arguments and failures --------------------------------------------------------------------
 */

static void single_precision_is_traced_in_double(void **state) {
    (void)state;
    dsc_network *net = make_example(DSC_FLOAT32, DSC_HALF_SUM_OF_SQUARES);
    const dsc_trace_config config = {0.002, 1};
    dsc_trace_result expected, result;
    assert_int_equal(run_example(0.002, 1, &expected, NULL), DSC_OK);
    kept.n = 0;
    MUST(dsc_trace_run(net, example_input(DSC_FLOAT32), dsc_matrix_f32(example_y_f32, 2, 2),
                       &config, keep, &kept, &result, &failure));
    assert_true(result.last_norm == expected.last_norm);
    assert_true(dsc_matrix_at(dsc_network_weights(net, 0), 0, 0) == 2); /* a copy was trained */
    dsc_network_destroy(net);
}

static void wrong_arguments_are_refused_before_any_entry(void **state) {
    (void)state;
    const double bad[] = {1, 2, NAN, 4, 5, 6};
    const dsc_matrix x = dsc_matrix_f64(example_x, 2, 3), y = dsc_matrix_f64(example_y, 2, 2);
    const struct {
        dsc_matrix x, y;
        double rate;
        size_t n_steps;
        dsc_status expected;
        const char *where;
    } cases[] = {
        {x, y, 0, 1, DSC_E_ARGUMENT, "rate"},
        {x, y, -0.1, 1, DSC_E_ARGUMENT, "rate"},
        {x, y, NAN, 1, DSC_E_ARGUMENT, "rate"},
        {x, y, INFINITY, 1, DSC_E_ARGUMENT, "rate"},
        {x, y, 0.1, 0, DSC_E_ARGUMENT, "steps"},
        {x, y, 0.1, SIZE_MAX, DSC_E_ARGUMENT, "steps"},
        {dsc_matrix_f64(example_x, 3, 2), y, 0.1, 1, DSC_E_SHAPE, "input"},
        {dsc_matrix_f64(example_x, 0, 3), y, 0.1, 1, DSC_E_SHAPE, "input"},
        {{0}, y, 0.1, 1, DSC_E_SHAPE, "input"},
        {dsc_matrix_f64(bad, 2, 3), y, 0.1, 1, DSC_E_NONFINITE, "input"},
        {x, dsc_matrix_f64(example_y, 1, 2), 0.1, 1, DSC_E_SHAPE, "target"},
        {x, dsc_matrix_f64(example_y, 4, 1), 0.1, 1, DSC_E_SHAPE, "target"},
        {x, {0}, 0.1, 1, DSC_E_SHAPE, "target"},
        {x, dsc_matrix_f64(bad, 2, 2), 0.1, 1, DSC_E_NONFINITE, "target"},
    };
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    kept.n = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dsc_trace_config config = {cases[i].rate, cases[i].n_steps};
        dsc_trace_result result;
        dsc_error err = {0};
        assert_int_equal(
            dsc_trace_run(net, cases[i].x, cases[i].y, &config, keep, &kept, &result, &err),
            cases[i].expected);
        assert_int_equal(err.code, cases[i].expected);
        assert_string_equal(err.where, cases[i].where);
        assert_int_equal(result.overflow_step, 0);
        assert_int_equal(kept.n, 0);
    }
    ((double *)dsc_network_parameters(net))[3] = INFINITY;
    const dsc_trace_config config = {0.1, 1};
    dsc_error err = {0};
    assert_int_equal(dsc_trace_run(net, x, y, &config, keep, &kept, NULL, &err), DSC_E_NONFINITE);
    assert_string_equal(err.where, "parameters");
    assert_int_equal(kept.n, 0);
    dsc_network_destroy(net);
}

static dsc_status run_trace(void *net, dsc_error *err) {
    const dsc_trace_config config = {0.002, 1};
    memset(&kept, 0, sizeof kept);
    return dsc_trace_run(net, dsc_matrix_f64(example_x, 2, 3), dsc_matrix_f64(example_y, 2, 2),
                         &config, keep, &kept, NULL, err);
}

static void every_lack_of_memory_is_reported(void **state) {
    (void)state;
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    fail_alloc_each(run_trace, net, 4);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_shown_whole_and_in_order),
        cmocka_unit_test(rates_lower_or_raise_the_error),
        cmocka_unit_test(rounding_is_no_swing),
        cmocka_unit_test(many_steps_settle_or_swing),
        cmocka_unit_test(overflow_is_named_with_its_step),
        cmocka_unit_test(overflow_of_given_numbers),
        cmocka_unit_test(single_precision_is_traced_in_double),
        cmocka_unit_test(wrong_arguments_are_refused_before_any_entry),
        cmocka_unit_test(every_lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
