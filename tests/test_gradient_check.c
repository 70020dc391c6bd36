/* Backpropagation against central differences, docs/math.md (15), for every kind of network. */
#include "gradient_problems.h"

/* The largest error that a right gradient may have. */
static const double tolerance = 1e-6;

static void check(const kind *k) {
    if (!is_allowed(k)) {
        return;
    }
    problem p = make_problem(k, NULL);
    dsc_gradient_check result = {0};
    MUST(dsc_network_check_gradients(p.net, input_of(&p), target_of(&p), &result, &failure));
    if (!(result.max_relative_error <= tolerance)) {
        fail_msg("%s, %s, %s, weights %d, delta %g, bias %d, norms %u, depth %zu, batch %zu: "
                 "error %g",
                 dsc_activation_name(k->hidden), dsc_activation_name(k->output),
                 dsc_loss_name(k->loss), k->is_weighted, k->huber_delta, k->has_bias, k->norms,
                 k->depth, k->batch, result.max_relative_error);
    }
    assert_true(result.max_gradient > 0);
    assert_int_equal(result.n_checked, dsc_network_n_parameters(p.net) + k->batch * N_IN);
    destroy_problem(&p);
}

/* The settings that are not counted through, from the bits of `mix`. */
static kind mixed_kind(size_t depth, unsigned hidden, unsigned output, unsigned loss,
                       unsigned mix) {
    return (kind){.hidden = (dsc_activation)hidden,
                  .output = (dsc_activation)output,
                  .loss = (dsc_loss)loss,
                  .has_bias = (mix & 1) != 0,
                  .is_weighted = (mix & 2) != 0 && knows_classes((dsc_loss)loss),
                  .huber_delta = (mix & 2) != 0 ? 0.6 : 1,
                  .batch = (mix & 4) != 0 ? MAX_BATCH : 1,
                  .norms = mix >> 3,
                  .depth = depth};
}

/* One layer: every activation, loss, weighting or delta, bias, batch and normalisation. */
static void every_single_layer_passes(void **state) {
    (void)state;
    for (unsigned output = 0; output < N_ACTIVATIONS; output++) {
        for (unsigned loss = 0; loss < N_LOSSES; loss++) {
            for (unsigned mix = 0; mix < 1U << 4; mix++) {
                const kind k = mixed_kind(1, 0, output, loss, mix);
                check(&k);
            }
        }
    }
}

/* Two layers: every pair of activations under every loss; the mix goes round so that each pair and
 * each loss meets all of it. */
static void every_pair_of_activations_passes(void **state) {
    (void)state;
    for (unsigned i = 0; i < N_ACTIVATIONS * N_ACTIVATIONS * N_LOSSES; i++) {
        const unsigned pair = i / N_LOSSES, loss = i % N_LOSSES;
        for (unsigned round = 0; round < 2; round++) {
            const kind k = mixed_kind(2, pair % N_ACTIVATIONS, pair / N_ACTIVATIONS, loss,
                                      (5 * pair + 3 * loss + 16 * round + round) % 32);
            check(&k);
        }
    }
}

/* Three layers: every activation with the normalisation in every set of layers, with and without
 * bias. */
static void normalisation_in_any_layer_passes(void **state) {
    (void)state;
    for (unsigned i = 0; i < N_ACTIVATIONS * 64; i++) {
        const unsigned hidden = i / 64, mix = i % 64;
        const kind k = mixed_kind(3, hidden, (hidden + mix) % N_ACTIVATIONS, mix % N_LOSSES, mix);
        check(&k);
    }
}

static double loss_at(const problem *p) {
    double loss = 0;
    MUST(pass_forward(p, &failure));
    MUST(dsc_network_loss_value(p->net, p->ws, target_of(p), &loss, &failure));
    return loss;
}

/* Derivative of the loss by *value from four points around it; its error is of order h^4. */
static double derivative_at(const problem *p, double *value) {
    const double h = 1e-3, kept = *value;
    double loss[4];
    static const int at[4] = {-2, -1, 1, 2};
    for (size_t i = 0; i < 4; i++) {
        *value = kept + at[i] * h;
        loss[i] = loss_at(p);
    }
    *value = kept;
    return (loss[0] - 8 * loss[1] + 8 * loss[2] - loss[3]) / (12 * h);
}

/* The check's figures are right: another formula, written here, finds the same gradients, and its
 * comparison would see one that is wrong by a hundred-thousandth. */
static void another_difference_agrees(void **state) {
    (void)state;
    const kind k = {
        .hidden = DSC_TANH, .output = DSC_SIGMOID, .has_bias = true, .depth = 3, .batch = 4};
    problem p = make_problem(&k, NULL);
    const size_t n = dsc_network_n_parameters(p.net);
    loss_at(&p);
    MUST(dsc_network_backward(p.net, p.ws, target_of(&p), NULL, &failure));
    double analytic[MAX_PARAMETERS], d_x[MAX_BATCH * N_IN], largest = 0;
    assert_in_range(n, 1, MAX_PARAMETERS);
    memcpy(analytic, dsc_workspace_gradients(p.ws), n * sizeof *analytic);
    memcpy(d_x, dsc_workspace_d_input(p.ws).data, p.batch * N_IN * sizeof *d_x);
    double *parameters = dsc_network_parameters(p.net);
    size_t n_seen = 0;
    for (size_t i = 0; i < n; i++) {
        const double numeric = derivative_at(&p, &parameters[i]);
        assert_true(fabs(numeric - analytic[i]) < 1e-9);
        n_seen += fabs(numeric - analytic[i] * (1 + 1e-5)) > 1e-9;
        largest = fmax(largest, fabs(analytic[i]));
    }
    for (size_t i = 0; i < p.batch * N_IN; i++) {
        assert_true(fabs(derivative_at(&p, &p.x[i]) - d_x[i]) < 1e-9);
        largest = fmax(largest, fabs(d_x[i]));
    }
    assert_true(n_seen > n * 9 / 10);
    dsc_gradient_check result = {0};
    MUST(dsc_network_check_gradients(p.net, input_of(&p), target_of(&p), &result, &failure));
    assert_true(fabs(result.max_gradient - largest) < 1e-15);
    destroy_problem(&p);
}

/* On a relu's kink the derivative is taken as 0 while the difference sees half a slope: the check
 * must report that the two disagree. */
static void a_wrong_gradient_is_reported(void **state) {
    (void)state;
    const dsc_layer_config layer = {2, DSC_RELU, false};
    const double weights[] = {0, 1}, x = 1, y[] = {3, 3};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES, 1, 1, &layer);
    MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(weights, 1, 2), (dsc_matrix){0}, &failure));
    dsc_gradient_check result = {0};
    MUST(dsc_network_check_gradients(net, dsc_matrix_f64(&x, 1, 1), dsc_matrix_f64(y, 1, 2),
                                     &result, &failure));
    assert_true(result.max_relative_error > 0.99);
    assert_true(result.max_gradient == 2);
    assert_int_equal(result.n_checked, 3);
    dsc_network_destroy(net);
}

/* A float network is checked in double; it, and what it is given, stay as they are. */
static void any_precision_is_checked_in_double(void **state) {
    (void)state;
    static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};
    for (size_t i = 0; i < COUNT(precisions); i++) {
        dsc_network *net = make_example(precisions[i], DSC_HALF_SUM_OF_SQUARES);
        const size_t n_bytes = dsc_network_n_parameters(net) * (size_t)precisions[i];
        unsigned char before[10 * sizeof(double)];
        memcpy(before, dsc_network_parameters(net), n_bytes);
        dsc_gradient_check result = {0};
        MUST(dsc_network_check_gradients(net, example_input(DSC_FLOAT32),
                                         example_target(DSC_FLOAT64), &result, &failure));
        assert_true(result.max_relative_error <= tolerance);
        assert_true(result.max_gradient == 70); /* the largest element of dX */
        assert_int_equal(result.n_checked, 10 + 6);
        assert_memory_equal(before, dsc_network_parameters(net), n_bytes);
        dsc_network_destroy(net);
    }
}

static void checks_that_prove_nothing_are_refused(void **state) {
    (void)state;
    static const double prediction[] = {52, 74, 3, 4}, huge[] = {1e200, 0, 0, 0, 0, 0};
    static const double infinite[] = {(double)INFINITY, 0, 0, 0};
    const dsc_matrix x = example_input(DSC_FLOAT64), y = example_target(DSC_FLOAT64);
    const struct {
        dsc_matrix x, y;
        dsc_status status;
    } cases[] = {
        {x, dsc_matrix_f64(prediction, 2, 2), DSC_E_STATE}, /* no error: every gradient is 0 */
        {dsc_matrix_f64(example_x, 3, 2), y, DSC_E_SHAPE},
        {dsc_matrix_f64(example_x, 0, 3), y, DSC_E_SHAPE},
        {dsc_matrix_f64(NULL, 2, 3), y, DSC_E_SHAPE},
        {x, dsc_matrix_f64(example_y, 1, 2), DSC_E_SHAPE},
        {x, dsc_matrix_f64(example_y, 2, 1), DSC_E_SHAPE},
        {x, dsc_matrix_f64(NULL, 2, 2), DSC_E_SHAPE},
        {dsc_matrix_f64(huge, 2, 3), y, DSC_E_NONFINITE},
        {x, dsc_matrix_f64(infinite, 2, 2), DSC_E_NONFINITE},
    };
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_gradient_check result;
        dsc_error err = {0};
        assert_int_equal(dsc_network_check_gradients(net, cases[i].x, cases[i].y, &result, &err),
                         cases[i].status);
        assert_int_equal(err.code, cases[i].status);
        assert_true(strlen(err.message) > 0);
        assert_int_equal(dsc_network_check_gradients(net, cases[i].x, cases[i].y, &result, NULL),
                         cases[i].status);
    }
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_single_layer_passes),
        cmocka_unit_test(every_pair_of_activations_passes),
        cmocka_unit_test(normalisation_in_any_layer_passes),
        cmocka_unit_test(another_difference_agrees),
        cmocka_unit_test(a_wrong_gradient_is_reported),
        cmocka_unit_test(any_precision_is_checked_in_double),
        cmocka_unit_test(checks_that_prove_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
