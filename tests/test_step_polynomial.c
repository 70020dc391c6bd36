/* The polynomial of one step against real steps, its two rates, and roots of polynomials. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_networks.h"

#include "descent/optimizer.h"
#include "descent/random.h"
#include "descent/step_polynomial.h"
#include "fail_alloc.h"
#include "math/roots.h"

/* The loss after one real step of the engine. */
static double loss_after_step(const dsc_network *net, dsc_matrix x, dsc_matrix y, double rate) {
    dsc_network *moved = NULL;
    dsc_optimizer *optimizer = NULL;
    const dsc_optimizer_config sgd = dsc_sgd(rate);
    double loss;
    MUST(dsc_network_copy(&moved, net, DSC_FLOAT64, &failure));
    MUST(dsc_optimizer_create(&optimizer, &sgd, DSC_FLOAT64, dsc_network_n_parameters(net),
                              &failure));
    dsc_workspace *ws = make_workspace(moved, x.n_rows, false);
    MUST(dsc_network_forward(moved, ws, x, &failure));
    MUST(dsc_network_backward(moved, ws, y, NULL, &failure));
    dsc_optimizer_step(optimizer, dsc_network_parameters(moved), dsc_workspace_gradients(ws));
    MUST(dsc_network_forward(moved, ws, x, &failure));
    MUST(dsc_network_loss_value(moved, ws, y, &loss, &failure));
    dsc_workspace_destroy(ws);
    dsc_optimizer_destroy(optimizer);
    dsc_network_destroy(moved);
    return loss;
}

/* At the polynomial's own rates and around them the loss is that of a real step. */
static void check(const dsc_network *net, dsc_matrix x, dsc_matrix y) {
    dsc_step_polynomial p;
    MUST(dsc_step_polynomial_init(&p, net, x, y, &failure));
    assert_int_equal(p.degree, 2 * dsc_network_n_layers(net));
    assert_true(p.has_fall && p.best_rate > 0 && p.limit_rate > 0);
    const double rates[] = {0,           p.limit_rate / 100, p.limit_rate / 7,   p.limit_rate / 2,
                            p.best_rate, p.limit_rate,       1.5 * p.limit_rate, 4 * p.limit_rate};
    for (size_t i = 1; i < COUNT(rates); i++) {
        const double expected = loss_after_step(net, x, y, rates[i]);
        const double found = dsc_step_polynomial_at(&p, rates[i]);
        if (!(fabs(found - expected) <= 1e-10 * expected)) {
            fail_msg("rate %g: %.17g, expected %.17g", rates[i], found, expected);
        }
    }
    assert_true(fabs(p.best_loss - loss_after_step(net, x, y, p.best_rate)) <= 1e-10 * p.best_loss);
    const double first = dsc_step_polynomial_at(&p, 0);
    /* Below the limit every rate lowers the loss, none further than the best. */
    for (size_t i = 1; i < 1000; i++) {
        const double loss = dsc_step_polynomial_at(&p, p.limit_rate * (double)i / 1000);
        assert_true(loss < first && loss >= p.best_loss * (1 - 1e-12));
    }
    assert_true(dsc_step_polynomial_at(&p, p.limit_rate * 1.0001) > first);
    dsc_step_polynomial_clear(&p);
}

static void the_polynomial_is_the_loss_after_one_step(void **state) {
    (void)state;
    const dsc_loss losses[] = {DSC_HALF_SUM_OF_SQUARES, DSC_MEAN_SQUARED_ERROR};
    const dsc_layer_config layers[] = {{4, DSC_IDENTITY, true},
                                       {3, DSC_IDENTITY, false},
                                       {5, DSC_IDENTITY, true},
                                       {3, DSC_IDENTITY, false},
                                       {2, DSC_IDENTITY, true}};
    for (size_t n_layers = 1; n_layers <= COUNT(layers); n_layers++) {
        for (uint64_t seed = 0; seed < 6; seed++) {
            dsc_network *net = make_network(DSC_FLOAT64, losses[seed % 2], 3, n_layers,
                                            layers + COUNT(layers) - n_layers);
            dsc_network_init(net, DSC_INIT_GLOROT, seed);
            double x[12], y[8];
            dsc_random random = dsc_random_stream(seed, 100, n_layers);
            for (size_t i = 0; i < 12; i++) {
                x[i] = dsc_random_normal(&random);
                y[i % 8] = dsc_random_normal(&random);
            }
            check(net, dsc_matrix_f64(x, 4, 3), dsc_matrix_f64(y, 4, 2));
            dsc_network_destroy(net);
        }
    }
}

/* By hand: with E = [2 3; 2 1], A1 = [7 15; 0 1], X dW1 = [104 234; 4 10] and
 * dW2 = [14 21; 32 46] the error after a step is E - r P + r^2 Q, where
 * P = X dW1 W2 + A1 dW2 = [1384 1981; 66 94] and Q = X dW1 dW2 = [8944 12948; 376 544]. */
static void the_worked_example_has_its_coefficients(void **state) {
    (void)state;
    const double expected[] = {9, -8937, 2984532.5, -38104436, 124041576};
    const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};
    for (size_t i = 0; i < COUNT(precisions); i++) {
        dsc_network *net = make_example(precisions[i], DSC_HALF_SUM_OF_SQUARES);
        dsc_step_polynomial p;
        MUST(dsc_step_polynomial_init(&p, net, example_input(precisions[i]),
                                      example_target(precisions[i]), &failure));
        assert_int_equal(p.degree, 4);
        for (size_t k = 0; k <= 4; k++) {
            if (p.coefficients[k] != expected[k]) {
                fail_msg("coefficient %zu is %.17g", k, p.coefficients[k]);
            }
        }
        dsc_step_polynomial_clear(&p);
        dsc_network_destroy(net);
    }
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    check(net, example_input(DSC_FLOAT64), example_target(DSC_FLOAT64));
    dsc_network_destroy(net);
}

/* One weight w, one sample x, target y: L(r) = 1/2 (w x - y)^2 (1 - r x^2)^2, smallest at 1 / x^2
 * and back at its start at 2 / x^2. */
static void one_weight_is_known_by_hand(void **state) {
    (void)state;
    const dsc_layer_config layer = {1, DSC_IDENTITY, false};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES, 1, 1, &layer);
    const double x = 4, y = 3;
    dsc_step_polynomial p;
    MUST(dsc_step_polynomial_init(&p, net, dsc_matrix_f64(&x, 1, 1), dsc_matrix_f64(&y, 1, 1),
                                  &failure));
    const double expected[] = {4.5, -144, 1152};
    assert_memory_equal(p.coefficients, expected, sizeof expected);
    assert_true(p.best_rate == 1.0 / 16 && p.limit_rate == 1.0 / 8 && p.best_loss == 0);
    dsc_step_polynomial_clear(&p);
    /* At the target there is nothing to fall. */
    *(double *)dsc_network_parameters(net) = 0.75;
    MUST(dsc_step_polynomial_init(&p, net, dsc_matrix_f64(&x, 1, 1), dsc_matrix_f64(&y, 1, 1),
                                  &failure));
    assert_true(!p.has_fall && p.best_rate == 0 && p.limit_rate == 0);
    dsc_step_polynomial_clear(&p);
    dsc_network_destroy(net);
}

static void roots_are_found_in_order(void **state) {
    (void)state;
    const struct {
        size_t degree, n;
        double c[8], roots[4];
    } cases[] = {
        {0, 0, {3}, {0}},
        {1, 1, {-1, 2}, {0.5}},
        {1, 0, {1, 2}, {0}},
        {2, 2, {2, -3, 1}, {1, 2}},
        {2, 0, {1, 0, 1}, {0}},
        {3, 3, {-6, 11, -6, 1}, {1, 2, 3}},
        {3, 1, {-8, 0, 0, 1}, {2}},
        {5, 1, {-1, 1, 0, 0, 0, 0}, {1}},          /* leading zeros */
        {4, 2, {4e16, -5e8, 1, 0, 0}, {1e8, 4e8}}, /* far apart from 1 */
        {3, 1, {-1, 3, -3, 1}, {1}},               /* threefold */
        {3, 1, {-1e-300, 0, 0, 1}, {1e-100}},
        {4, 3, {0, -6, 11, -6, 1}, {1, 2, 3}}, /* a root at 0 does not count */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double roots[8];
        size_t n = 99;
        MUST(dsc_positive_roots(cases[i].c, cases[i].degree, roots, &n, &failure));
        assert_int_equal(n, cases[i].n);
        for (size_t k = 0; k < n; k++) {
            if (!(fabs(roots[k] - cases[i].roots[k]) <= 1e-5 * cases[i].roots[k])) {
                fail_msg("case %zu, root %zu: %.17g, expected %.17g", i, k, roots[k],
                         cases[i].roots[k]);
            }
        }
    }
}

static void what_has_no_polynomial_is_refused(void **state) {
    (void)state;
    const dsc_layer_config curved[] = {{2, DSC_IDENTITY, false}, {2, DSC_TANH, false}};
    dsc_network *tanh_net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, 3, 2, curved);
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    const double huge[] = {1e150, 1e150, 1e150, 1e150, 1e150, 1e150};
    const dsc_matrix x = example_input(DSC_FLOAT64), y = example_target(DSC_FLOAT64);
    const struct {
        const dsc_network *net;
        dsc_matrix x, y;
        dsc_status expected;
        const char *where;
    } cases[] = {
        {tanh_net, x, y, DSC_E_ARGUMENT, "layer 2"},
        {net, dsc_matrix_f64(example_x, 3, 2), y, DSC_E_SHAPE, "input"},
        {net, x, dsc_matrix_f64(example_y, 1, 2), DSC_E_SHAPE, "target"},
        {net, dsc_matrix_f64(huge, 2, 3), y, DSC_E_NONFINITE, "coefficient of rate^1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_step_polynomial p;
        dsc_error err = {0};
        assert_int_equal(dsc_step_polynomial_init(&p, cases[i].net, cases[i].x, cases[i].y, &err),
                         cases[i].expected);
        assert_string_equal(err.where, cases[i].where);
        dsc_step_polynomial_clear(&p);
    }
    assert_true(dsc_step_polynomial_exists(net) && !dsc_step_polynomial_exists(tanh_net));
    dsc_network_destroy(tanh_net);
    dsc_network_destroy(net);
}

static dsc_status init_polynomial(void *net, dsc_error *err) {
    dsc_step_polynomial p;
    const dsc_status status = dsc_step_polynomial_init(&p, net, example_input(DSC_FLOAT64),
                                                       example_target(DSC_FLOAT64), err);
    dsc_step_polynomial_clear(&p);
    return status;
}

static void every_lack_of_memory_is_reported(void **state) {
    (void)state;
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    fail_alloc_each(init_polynomial, net, 9);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_polynomial_is_the_loss_after_one_step),
        cmocka_unit_test(the_worked_example_has_its_coefficients),
        cmocka_unit_test(one_weight_is_known_by_hand),
        cmocka_unit_test(roots_are_found_in_order),
        cmocka_unit_test(what_has_no_polynomial_is_refused),
        cmocka_unit_test(every_lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
