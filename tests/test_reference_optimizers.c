/* The optimizers against PyTorch's: a small network trained for 20 steps by each rule. */
#include "small_networks.h"

#include "reference_lbfgs.h"

#include <math.h>
#include <string.h>

#include "descent/lbfgs.h"

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

static dsc_network *make_reference_network(void) {
    const dsc_layer_config layers[] = {{N_HIDDEN, DSC_TANH, true}, {N_OUT, DSC_IDENTITY, true}};
    return make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, N_IN, 2, layers);
}

static void train(size_t rule) {
    dsc_network *net = make_reference_network();
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

/* --- L-BFGS -------------------------------------------------------------------------------- */

typedef struct lbfgs_run {
    dsc_network *net;
    dsc_workspace *ws;
    size_t index;   /* in lbfgs_runs */
    size_t n_shown; /* compared so far */
} lbfgs_run;

static dsc_status loss_and_gradient(const double *x, double *loss, double *gradient, void *user,
                                    dsc_error *err) {
    lbfgs_run *run = user;
    memcpy(dsc_network_parameters(run->net), x, N_PARAMETERS * sizeof *x);
    dsc_workspace_zero_gradients(run->ws);
    MUST(dsc_network_forward(run->net, run->ws, dsc_matrix_f64(lbfgs_x, BATCH, N_IN), err));
    MUST(dsc_network_backward(run->net, run->ws, dsc_matrix_f64(lbfgs_y, BATCH, N_OUT), loss, err));
    memcpy(gradient, dsc_workspace_gradients(run->ws), N_PARAMETERS * sizeof *gradient);
    return DSC_OK;
}

static bool compare_iteration(const dsc_lbfgs_progress *progress, const double *x, void *user) {
    lbfgs_run *run = user;
    assert_true(progress->step == 1); /* every first trial is taken, as by PyTorch */
    assert_int_equal(progress->n_evaluations, progress->iteration + 1);
    if (progress->iteration == shown_after[run->n_shown]) {
        assert_parameters(x, lbfgs_runs[run->index].parameters[run->n_shown++], "L-BFGS",
                          (unsigned)progress->iteration);
    }
    return true;
}

static void twenty_iterations_of_lbfgs_agree_with_pytorch(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(lbfgs_runs); i++) {
        dsc_network *net = make_reference_network();
        lbfgs_run run = {net, make_workspace(net, BATCH, false), i, 0};
        const dsc_lbfgs_config config = {.memory = lbfgs_runs[i].memory,
                                         .max_iterations = shown_after[N_SHOWN - 1]};
        double x[N_PARAMETERS];
        memcpy(x, lbfgs_start, sizeof x);
        MUST(dsc_lbfgs_minimize(x, N_PARAMETERS, &config, loss_and_gradient, compare_iteration,
                                &run, NULL, &failure));
        assert_int_equal(run.n_shown, N_SHOWN);
        dsc_workspace_destroy(run.ws);
        dsc_network_destroy(net);
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
        cmocka_unit_test(twenty_iterations_of_lbfgs_agree_with_pytorch),
        cmocka_unit_test(rules_lead_to_different_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
