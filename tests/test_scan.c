/* The verdicts on learning rates: of the worked example, and of cases that are known by hand. */
#include <math.h>
#include <string.h>

#include "small_networks.h"

#include "descent/scan.h"
#include "fail_alloc.h"

static dsc_scan_result scan_example(double rate, size_t n_steps) {
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    const dsc_scan_config config = {.rate = rate, .n_steps = n_steps};
    dsc_scan_result result;
    MUST(dsc_scan_rate(net, example_input(DSC_FLOAT64), example_target(DSC_FLOAT64), &config,
                       &result, &failure));
    dsc_network_destroy(net);
    return result;
}

/* The norms after 5,000 steps, computed once in double precision with numpy. */
static void the_worked_example_gets_its_verdicts(void **state) {
    (void)state;
    const struct {
        double rate;
        dsc_scan_verdict verdict;
        double low, high; /* of the norm at the end */
        size_t grows_at, overflow_step;
    } cases[] = {
        {0.0001, DSC_SCAN_FALLING, 0.9, 1.0, 0, 0},
        {0.001, DSC_SCAN_FALLING, 0.1, 0.12, 0, 0},
        {0.0015, DSC_SCAN_FALLING, 1e-3, 2e-3, 0, 0},
        {0.002, DSC_SCAN_CONVERGES, 1.3e-5, 1.5e-5, 0, 0},
        {0.003, DSC_SCAN_CONVERGES, 0, 1e-8, 0, 0},
        {0.0031, DSC_SCAN_CONVERGES, 0, 1e-8, 0, 0},
        {0.00316, DSC_SCAN_CONVERGES, 0, 1e-8, 1, 0}, /* after swings at the beginning */
        {0.0032, DSC_SCAN_OSCILLATES, 3.95, 4.05, 1, 0},
        {0.0033, DSC_SCAN_OSCILLATES, 14.05, 14.15, 1, 0},
        {0.0034, DSC_SCAN_OSCILLATES, 18.25, 18.35, 1, 0},
        {0.005, DSC_SCAN_OSCILLATES, 0.3, 88, 1, 0},
        {0.05, DSC_SCAN_OVERFLOWS, 1e69, 1e71, 1, 6},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dsc_scan_result r = scan_example(cases[i].rate, 5000);
        if (r.verdict != cases[i].verdict || !(r.last_norm >= cases[i].low) ||
            !(r.last_norm <= cases[i].high)) {
            fail_msg("rate %g: %s, norm %g", cases[i].rate, dsc_scan_verdict_name(r.verdict),
                     r.last_norm);
        }
        assert_int_equal(r.grows_at, cases[i].grows_at);
        assert_int_equal(r.overflow_step, cases[i].overflow_step);
        assert_int_equal(r.n_finite, cases[i].overflow_step > 0 ? 5 : 5000);
        assert_true(fabs(r.first_norm - 4.1306) < 5e-5 && r.first_loss == 9);
        assert_true(r.quarter_low <= r.last_loss && r.last_loss <= r.highest_loss);
    }
}

/* 37.4211 after three steps: each larger than all before. */
static void few_steps_are_judged_too(void **state) {
    (void)state;
    const dsc_scan_result three = scan_example(0.005, 3), one = scan_example(0.002, 1);
    assert_int_equal(three.verdict, DSC_SCAN_DIVERGES);
    assert_true(fabs(three.last_norm - 37.4211) < 5e-5 && three.grows_at == 1);
    assert_int_equal(one.verdict, DSC_SCAN_FALLING);
    assert_true(fabs(one.last_norm - 2.3004) < 5e-5 && one.grows_at == 0);
}

/* One weight, loss 1/2 (w x - y)^2 with x = 1: the error is multiplied by 1 - rate in every step.
 */
static dsc_scan_result scan_one_weight(dsc_activation activation, double w, double y, double rate,
                                       size_t n_steps) {
    const dsc_layer_config layer = {1, activation, false};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES, 1, 1, &layer);
    *(double *)dsc_network_parameters(net) = w;
    const double x = 1;
    const dsc_scan_config config = {.rate = rate, .n_steps = n_steps};
    dsc_scan_result result;
    MUST(dsc_scan_rate(net, dsc_matrix_f64(&x, 1, 1), dsc_matrix_f64(&y, 1, 1), &config, &result,
                       &failure));
    dsc_network_destroy(net);
    return result;
}

static void verdicts_known_by_hand(void **state) {
    (void)state;
    const struct {
        dsc_activation activation;
        double w, y, rate;
        size_t n_steps;
        dsc_scan_verdict expected;
    } cases[] = {
        {DSC_IDENTITY, 0, 1, 0.5, 100, DSC_SCAN_CONVERGES},
        {DSC_IDENTITY, 0, 1, 1, 1, DSC_SCAN_FALLING},        /* there, but who knows */
        {DSC_IDENTITY, 0, 1, 1, 2, DSC_SCAN_CONVERGES},      /* and at rest */
        {DSC_IDENTITY, 0, 1, 1.9, 1000, DSC_SCAN_CONVERGES}, /* from side to side */
        {DSC_IDENTITY, 0, 1, 0.001, 100, DSC_SCAN_FALLING},
        {DSC_IDENTITY, 0, 1, 1e-300, 100, DSC_SCAN_FALLING},  /* too small to move anything */
        {DSC_IDENTITY, 0, 1, 2, 1000, DSC_SCAN_FALLING},      /* the loss stays: it never grows */
        {DSC_IDENTITY, 0, 1, 2.001, 1000, DSC_SCAN_DIVERGES}, /* slowly, still finite */
        {DSC_IDENTITY, 0, 1, 2.5, 10000, DSC_SCAN_OVERFLOWS},
        {DSC_IDENTITY, 1, 1, 0.5, 100, DSC_SCAN_CONVERGES}, /* nothing to do */
        {DSC_RELU, -1, 1, 0.5, 100, DSC_SCAN_CONVERGES},    /* dead, but at rest */
        /* Thrown to where the slope is gone, above the first loss. */
        {DSC_TANH, 0.1, -0.5, 1000, 100, DSC_SCAN_CONVERGES},
        {DSC_TANH, 0.1, 0.05, 1e5, 100, DSC_SCAN_DIVERGES},
        /* The same, where the slope is not quite gone, so that it creeps back. */
        {DSC_TANH, 0.1, 0.05, 80, 100, DSC_SCAN_DIVERGES},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dsc_scan_result r = scan_one_weight(cases[i].activation, cases[i].w, cases[i].y,
                                                  cases[i].rate, cases[i].n_steps);
        if (r.verdict != cases[i].expected) {
            fail_msg("case %zu: %s, loss %g to %g, gradient %g", i,
                     dsc_scan_verdict_name(r.verdict), r.first_loss, r.last_loss, r.gradient_share);
        }
    }
}

static bool stop_at_third(void *user) {
    return ++*(size_t *)user < 3;
}

static void wrong_arguments_are_refused(void **state) {
    (void)state;
    const double huge[] = {1e300, 1e300, 1e300, 0, 1e300, 0};
    const dsc_matrix x = example_input(DSC_FLOAT64), y = example_target(DSC_FLOAT64);
    size_t n_asked = 0;
    const struct {
        dsc_matrix x, y;
        dsc_scan_config config;
        dsc_status expected;
        const char *where;
    } cases[] = {
        {x, y, {.rate = 0, .n_steps = 1}, DSC_E_ARGUMENT, "rate"},
        {x, y, {.rate = -1, .n_steps = 1}, DSC_E_ARGUMENT, "rate"},
        {x, y, {.rate = INFINITY, .n_steps = 1}, DSC_E_ARGUMENT, "rate"},
        {x, y, {.rate = NAN, .n_steps = 1}, DSC_E_ARGUMENT, "rate"},
        {x, y, {.rate = 1, .n_steps = 0}, DSC_E_ARGUMENT, "steps"},
        {x, y, {.rate = 1, .n_steps = SIZE_MAX}, DSC_E_ARGUMENT, "steps"},
        {dsc_matrix_f64(example_x, 3, 2), y, {.rate = 1, .n_steps = 1}, DSC_E_SHAPE, "input"},
        {x, {0}, {.rate = 1, .n_steps = 1}, DSC_E_SHAPE, "target"},
        {dsc_matrix_f64(huge, 2, 3), y, {.rate = 1, .n_steps = 1}, DSC_E_NONFINITE, "loss"},
        {x, y, {0.002, 5, stop_at_third, &n_asked}, DSC_E_CANCELLED, "scan"},
    };
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_scan_result result = {.n_finite = 77};
        dsc_error err = {0};
        assert_int_equal(
            dsc_scan_rate(net, cases[i].x, cases[i].y, &cases[i].config, &result, &err),
            cases[i].expected);
        assert_int_equal(err.code, cases[i].expected);
        assert_string_equal(err.where, cases[i].where);
        assert_int_equal(result.n_finite, 77);
    }
    assert_int_equal(n_asked, 3);
    dsc_network_destroy(net);
}

static void verdicts_have_names(void **state) {
    (void)state;
    for (int i = 0; i < DSC_SCAN_N_VERDICTS; i++) {
        assert_non_null(dsc_scan_verdict_name((dsc_scan_verdict)i));
    }
    assert_null(dsc_scan_verdict_name((dsc_scan_verdict)DSC_SCAN_N_VERDICTS));
}

static dsc_status scan_rate(void *net, dsc_error *err) {
    const dsc_scan_config config = {.rate = 0.002, .n_steps = 2};
    dsc_scan_result result;
    return dsc_scan_rate(net, example_input(DSC_FLOAT64), example_target(DSC_FLOAT64), &config,
                         &result, err);
}

static void every_lack_of_memory_is_reported(void **state) {
    (void)state;
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    fail_alloc_each(scan_rate, net, 4);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_gets_its_verdicts),
        cmocka_unit_test(few_steps_are_judged_too),
        cmocka_unit_test(verdicts_known_by_hand),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(verdicts_have_names),
        cmocka_unit_test(every_lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
