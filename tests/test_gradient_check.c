/* Backpropagation against central differences, docs/math.md (15), for every kind of network. */
#include "small_networks.h"

#include <math.h>
#include <string.h>

#include "descent/random.h"

enum { N_IN = 3, MAX_DEPTH = 3, MAX_WIDTH = 7, MAX_BATCH = 5, MAX_PARAMETERS = 128 };

/* The largest error that a right gradient may have. */
static const double tolerance = 1e-6;

typedef struct kind {
    dsc_activation hidden, output;
    dsc_loss loss;
    bool has_bias;
    size_t depth, batch;
} kind;

/* A network with odd widths, and a batch for it. */
typedef struct problem {
    dsc_network *net;
    size_t batch, n_out;
    double x[MAX_BATCH * N_IN], y[MAX_BATCH * MAX_WIDTH];
} problem;

static dsc_matrix input_of(const problem *p) {
    return dsc_matrix_f64(p->x, p->batch, N_IN);
}

static dsc_matrix target_of(const problem *p) {
    return dsc_matrix_f64(p->y, p->batch, p->n_out);
}

static void draw(double *values, size_t n, double scale, dsc_random *random) {
    for (size_t i = 0; i < n; i++) {
        values[i] = scale * dsc_random_normal(random);
    }
}

static void draw_problem(problem *p, const kind *k, uint64_t seed) {
    static const size_t widths[MAX_DEPTH] = {5, 7, 3};
    dsc_layer_config layers[MAX_DEPTH];
    for (size_t l = 0; l < k->depth; l++) {
        layers[l] =
            (dsc_layer_config){widths[l], l + 1 < k->depth ? k->hidden : k->output, k->has_bias};
    }
    p->net = make_network(DSC_FLOAT64, k->loss, N_IN, k->depth, layers);
    p->batch = k->batch;
    p->n_out = widths[k->depth - 1];
    dsc_random random = dsc_random_stream(seed, 200, 0);
    draw(dsc_network_parameters(p->net), dsc_network_n_parameters(p->net), 0.6, &random);
    draw(p->x, MAX_BATCH * N_IN, 1, &random);
    draw(p->y, MAX_BATCH * MAX_WIDTH, 1, &random);
}

/* Whether differences tell the derivative: no relu near its kink, and not every output cut off. */
static bool is_fit(const problem *p) {
    dsc_workspace *ws = make_workspace(p->net, p->batch, true);
    MUST(dsc_network_forward(p->net, ws, input_of(p), &failure));
    bool is_far = true, is_alive = false;
    for (size_t i = 0; i < dsc_workspace_n_intermediates(ws); i += 2) {
        dsc_matrix z = dsc_workspace_intermediate(ws, i).value;
        for (size_t k = 0; k < z.n_rows * z.n_cols; k++) {
            is_far = is_far && fabs(dsc_matrix_at(z, 0, k)) > 1e-2;
        }
    }
    for (size_t k = 0; k < p->batch * p->n_out; k++) {
        is_alive = is_alive || dsc_matrix_at(dsc_workspace_output(ws), 0, k) != 0;
    }
    dsc_workspace_destroy(ws);
    return is_far && is_alive;
}

static problem make_problem(const kind *k) {
    problem p;
    for (uint64_t seed = 1; seed < 1000; seed++) {
        draw_problem(&p, k, seed);
        if (is_fit(&p)) {
            return p;
        }
        dsc_network_destroy(p.net);
    }
    fail_msg("no seed below 1000 gives a network that is far from its kinks");
    return p;
}

static void check(const kind *k) {
    problem p = make_problem(k);
    dsc_gradient_check result = {0};
    MUST(dsc_network_check_gradients(p.net, input_of(&p), target_of(&p), &result, &failure));
    if (!(result.max_relative_error <= tolerance)) {
        fail_msg("%s, %s, %s, bias %d, depth %zu, batch %zu: error %g",
                 dsc_activation_name(k->hidden), dsc_activation_name(k->output),
                 dsc_loss_name(k->loss), k->has_bias, k->depth, k->batch,
                 result.max_relative_error);
    }
    assert_true(result.max_gradient > 0);
    assert_int_equal(result.n_checked, dsc_network_n_parameters(p.net) + k->batch * N_IN);
    dsc_network_destroy(p.net);
}

/* Every pair of activations, both losses, with and without bias, one to three layers, one sample
 * and several. */
static void every_kind_of_network_passes(void **state) {
    (void)state;
    for (unsigned i = 0; i < 4 * 4 * 2 * 2 * MAX_DEPTH * 2; i++) {
        unsigned rest = i;
        kind k;
        k.hidden = (dsc_activation)(rest % 4), rest /= 4;
        k.output = (dsc_activation)(rest % 4), rest /= 4;
        k.loss = (dsc_loss)(rest % 2), rest /= 2;
        k.has_bias = rest % 2, rest /= 2;
        k.batch = rest % 2 ? MAX_BATCH : 1, rest /= 2;
        k.depth = rest + 1;
        check(&k);
    }
}

static double loss_at(const problem *p, dsc_workspace *ws) {
    double loss = 0;
    MUST(dsc_network_forward(p->net, ws, input_of(p), &failure));
    MUST(dsc_network_loss_value(p->net, ws, target_of(p), &loss, &failure));
    return loss;
}

/* Derivative of the loss by *value from four points around it; its error is of order h^4. */
static double derivative_at(const problem *p, dsc_workspace *ws, double *value) {
    const double h = 1e-3, kept = *value;
    double loss[4];
    static const int at[4] = {-2, -1, 1, 2};
    for (size_t i = 0; i < 4; i++) {
        *value = kept + at[i] * h;
        loss[i] = loss_at(p, ws);
    }
    *value = kept;
    return (loss[0] - 8 * loss[1] + 8 * loss[2] - loss[3]) / (12 * h);
}

/* The check's figures are right: another formula, written here, finds the same gradients, and its
 * comparison would see one that is wrong by a hundred-thousandth. */
static void another_difference_agrees(void **state) {
    (void)state;
    const kind k = {DSC_TANH, DSC_SIGMOID, DSC_HALF_SUM_OF_SQUARES, true, 3, 4};
    problem p = make_problem(&k);
    const size_t n = dsc_network_n_parameters(p.net);
    dsc_workspace *ws = make_workspace(p.net, p.batch, false);
    loss_at(&p, ws);
    MUST(dsc_network_backward(p.net, ws, target_of(&p), NULL, &failure));
    double analytic[MAX_PARAMETERS], d_x[MAX_BATCH * N_IN], largest = 0;
    assert_in_range(n, 1, MAX_PARAMETERS);
    memcpy(analytic, dsc_workspace_gradients(ws), n * sizeof *analytic);
    memcpy(d_x, dsc_workspace_d_input(ws).data, p.batch * N_IN * sizeof *d_x);
    double *parameters = dsc_network_parameters(p.net);
    size_t n_seen = 0;
    for (size_t i = 0; i < n; i++) {
        const double numeric = derivative_at(&p, ws, &parameters[i]);
        assert_true(fabs(numeric - analytic[i]) < 1e-9);
        n_seen += fabs(numeric - analytic[i] * (1 + 1e-5)) > 1e-9;
        largest = fmax(largest, fabs(analytic[i]));
    }
    for (size_t i = 0; i < p.batch * N_IN; i++) {
        assert_true(fabs(derivative_at(&p, ws, &p.x[i]) - d_x[i]) < 1e-9);
        largest = fmax(largest, fabs(d_x[i]));
    }
    assert_true(n_seen > n * 9 / 10);
    dsc_gradient_check result = {0};
    MUST(dsc_network_check_gradients(p.net, input_of(&p), target_of(&p), &result, &failure));
    assert_true(fabs(result.max_gradient - largest) < 1e-15);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(p.net);
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
        cmocka_unit_test(every_kind_of_network_passes),
        cmocka_unit_test(another_difference_agrees),
        cmocka_unit_test(a_wrong_gradient_is_reported),
        cmocka_unit_test(any_precision_is_checked_in_double),
        cmocka_unit_test(checks_that_prove_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
