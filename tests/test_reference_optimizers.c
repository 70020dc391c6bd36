/* The optimizers against PyTorch's: a small network trained for 20 steps by each rule. */
#include "small_networks.h"

#include "reference_optimizers.h"

#include <math.h>
#include <string.h>

/* Largest error of a parameter, relative to its size or to 0.01: PyTorch orders sums otherwise. */
static const double tolerance = 1e-6, least_size = 0.01;

static void assert_parameters(const double *found, const double *expected, const char *rule,
                              unsigned step) {
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        const double scale = fmax(fabs(expected[i]), least_size);
        if (!(fabs(found[i] - expected[i]) <= tolerance * scale)) {
            fail_msg("%s: after step %u parameter %zu is %.17g; PyTorch has %.17g", rule, step, i,
                     found[i], expected[i]);
        }
    }
}

static void train(size_t rule) {
    const dsc_layer_config layers[] = {{N_HIDDEN, DSC_TANH, true}, {N_OUT, DSC_IDENTITY, true}};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, N_IN, 2, layers);
    dsc_workspace *ws = make_workspace(net, BATCH, false);
    dsc_optimizer *optimizer = NULL;
    MUST(dsc_optimizer_create(&optimizer, &reference_rules[rule].config, DSC_FLOAT64, N_PARAMETERS,
                              &failure));
    assert_int_equal(dsc_network_n_parameters(net), N_PARAMETERS);
    double *parameters = dsc_network_parameters(net);
    memcpy(parameters, reference_start, sizeof reference_start);
    unsigned step = 0;
    for (size_t shown = 0; shown < N_SHOWN; shown++) {
        for (; step < shown_after[shown]; step++) {
            dsc_workspace_zero_gradients(ws);
            MUST(dsc_network_forward(net, ws, dsc_matrix_f64(reference_x, BATCH, N_IN), &failure));
            MUST(dsc_network_backward(net, ws, dsc_matrix_f64(reference_y, BATCH, N_OUT), NULL,
                                      &failure));
            dsc_optimizer_begin_step(optimizer);
            dsc_optimizer_update(optimizer, parameters, 0, N_PARAMETERS,
                                 dsc_workspace_gradients(ws), reference_rules[rule].l2);
        }
        assert_parameters(parameters, reference_rules[rule].parameters[shown],
                          reference_rules[rule].name, step);
    }
    assert_int_equal(step, 20);
    dsc_optimizer_destroy(optimizer);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

static void twenty_steps_agree_with_pytorch(void **state) {
    (void)state;
    for (size_t rule = 0; rule < COUNT(reference_rules); rule++) {
        train(rule);
    }
}

/* The rules of the table differ, so that agreeing with one is not agreeing with another. */
static void rules_lead_to_different_parameters(void **state) {
    (void)state;
    for (size_t a = 0; a < COUNT(reference_rules); a++) {
        for (size_t b = 0; b < a; b++) {
            double distance = 0;
            for (size_t i = 0; i < N_PARAMETERS; i++) {
                distance = fmax(distance, fabs(reference_rules[a].parameters[N_SHOWN - 1][i] -
                                               reference_rules[b].parameters[N_SHOWN - 1][i]));
            }
            assert_true(distance > 1000 * tolerance);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_steps_agree_with_pytorch),
        cmocka_unit_test(rules_lead_to_different_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
