/* Forward and backward passes against numbers computed by hand, and the rules of the workspace. */
#include "small_networks.h"

#include <math.h>
#include <string.h>

#include "descent/optimizer.h"
#include "descent/random.h"

static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};

/* Every matrix of the worked example, docs/math.md (1) to (9); integers are exact in any precision.
 */
static void worked_example(void **state) {
    (void)state;
    static const double a1[] = {7, 15, 0, 1}, a2[] = {52, 74, 3, 4}, error[] = {2, 3, 2, 1};
    static const double d_a1[] = {8, 18, 4, 10}, d_w2[] = {14, 21, 32, 46};
    static const double d_w1[] = {16, 36, 4, 10, 24, 54};
    static const double d_x[] = {70, 18, 62, 38, 10, 34}; /* dA1 W1' */
    for (size_t i = 0; i < COUNT(precisions); i++) {
        dsc_network *net = make_example(precisions[i], DSC_HALF_SUM_OF_SQUARES);
        dsc_workspace *ws = make_workspace(net, 2, true);
        double value = 0, loss = 0;
        MUST(dsc_network_forward(net, ws, example_input(precisions[i]), &failure));
        assert_matrix(dsc_workspace_output(ws), 2, 2, a2);
        MUST(dsc_network_loss_value(net, ws, example_target(precisions[i]), &value, &failure));
        assert_true(value == 9);
        MUST(dsc_network_backward(net, ws, example_target(precisions[i]), &loss, &failure));
        assert_true(loss == 9);
        const struct {
            const char *name;
            const double *value, *gradient;
        } table[] = {{"Z1", a1, d_a1}, {"A1", a1, d_a1}, {"Z2", a2, error}, {"A2", a2, error}};
        assert_int_equal(dsc_workspace_n_intermediates(ws), COUNT(table));
        for (size_t k = 0; k < COUNT(table); k++) {
            dsc_intermediate found = dsc_workspace_intermediate(ws, k);
            assert_string_equal(found.name, table[k].name);
            assert_int_equal(found.layer, k / 2);
            assert_matrix(found.value, 2, 2, table[k].value);
            assert_matrix(found.gradient, 2, 2, table[k].gradient);
        }
        assert_matrix(dsc_workspace_d_weights(ws, 0), 3, 2, d_w1);
        assert_matrix(dsc_workspace_d_weights(ws, 1), 2, 2, d_w2);
        assert_null(dsc_workspace_d_bias(ws, 0).data);
        assert_matrix(dsc_workspace_d_input(ws), 2, 3, d_x);
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

/* One step at 0.002, docs/math.md (10): the new weights and the new prediction. */
static void worked_example_takes_a_step(void **state) {
    (void)state;
    static const double w[] = {1.968, 2.928, -0.008, 0.98,  0.952,
                               2.892, 0.972, 1.958,  2.936, 3.908};
    static const double prediction[] = {49.267776, 70.089792, 2.869504, 3.814176};
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    dsc_workspace *ws = make_workspace(net, 2, false);
    dsc_optimizer *optimizer = NULL;
    const dsc_optimizer_config config = dsc_sgd(0.002);
    MUST(dsc_optimizer_create(&optimizer, &config, DSC_FLOAT64, 10, &failure));
    MUST(dsc_network_forward(net, ws, example_input(DSC_FLOAT64), &failure));
    MUST(dsc_network_backward(net, ws, example_target(DSC_FLOAT64), NULL, &failure));
    dsc_optimizer_step(optimizer, dsc_network_parameters(net), dsc_workspace_gradients(ws));
    const double *parameters = dsc_network_parameters(net);
    for (size_t i = 0; i < COUNT(w); i++) {
        assert_true(fabs(parameters[i] - w[i]) < 1e-14);
    }
    MUST(dsc_network_forward(net, ws, example_input(DSC_FLOAT64), &failure));
    for (size_t i = 0; i < COUNT(prediction); i++) {
        assert_true(fabs(dsc_matrix_at(dsc_workspace_output(ws), 0, i) - prediction[i]) < 1e-12);
    }
    dsc_optimizer_destroy(optimizer);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* docs/math.md (4), (5): the same error, a quarter of the loss' sum and half the gradient. */
static void mean_squared_error_scales_the_gradient(void **state) {
    (void)state;
    static const double d_w2[] = {7, 10.5, 16, 23};
    for (size_t i = 0; i < COUNT(precisions); i++) {
        dsc_network *net = make_example(precisions[i], DSC_MEAN_SQUARED_ERROR);
        dsc_workspace *ws = make_workspace(net, 2, false);
        double loss = 0;
        MUST(dsc_network_forward(net, ws, example_input(precisions[i]), &failure));
        MUST(dsc_network_backward(net, ws, example_target(precisions[i]), &loss, &failure));
        assert_true(loss == 4.5);
        assert_matrix(dsc_workspace_d_weights(ws, 1), 2, 2, d_w2);
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

/* One unit, x = 2, w = 0.75, b as given, target 0: every activation by hand, relu's kink too. */
static void activations_and_bias(void **state) {
    (void)state;
    const double s = 1 / (1 + exp(-1.0)), t = tanh(-0.5);
    const struct {
        dsc_activation activation;
        double bias, a, slope;
    } cases[] = {
        {DSC_IDENTITY, -2, -0.5, 1},
        {DSC_RELU, -1, 0.5, 1},
        {DSC_RELU, -2, 0, 0},
        {DSC_RELU, -1.5, 0, 0}, /* z = 0: the slope is taken as 0 */
        {DSC_SIGMOID, -0.5, s, s * (1 - s)},
        {DSC_SIGMOID, -801.5, 0, 0}, /* exp(800) would overflow */
        {DSC_SIGMOID, 798.5, 1, 0},
        {DSC_TANH, -2, t, 1 - t * t},
        {DSC_TANH, 798.5, 1, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dsc_layer_config layer = {1, cases[i].activation, true};
        dsc_network *net = make_network(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES, 1, 1, &layer);
        const double x = 2, w = 0.75, y = -3, d_z = (cases[i].a - y) * cases[i].slope;
        MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(&w, 1, 1),
                                   dsc_matrix_f64(&cases[i].bias, 1, 1), &failure));
        dsc_workspace *ws = make_workspace(net, 1, true);
        MUST(dsc_network_forward(net, ws, dsc_matrix_f64(&x, 1, 1), &failure));
        MUST(dsc_network_backward(net, ws, dsc_matrix_f64(&y, 1, 1), NULL, &failure));
        assert_true(dsc_matrix_at(dsc_workspace_intermediate(ws, 0).value, 0, 0) ==
                    1.5 + cases[i].bias);
        assert_true(fabs(dsc_matrix_at(dsc_workspace_output(ws), 0, 0) - cases[i].a) < 1e-15);
        assert_true(fabs(dsc_matrix_at(dsc_workspace_d_weights(ws, 0), 0, 0) - 2 * d_z) < 1e-14);
        assert_true(fabs(dsc_matrix_at(dsc_workspace_d_bias(ws, 0), 0, 0) - d_z) < 1e-14);
        assert_true(fabs(dsc_matrix_at(dsc_workspace_d_input(ws), 0, 0) - 0.75 * d_z) < 1e-14);
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

static void gradients_are_added_until_they_are_zeroed(void **state) {
    (void)state;
    static const double once[] = {14, 21, 32, 46}, twice[] = {28, 42, 64, 92}, zero[4] = {0};
    dsc_network *net = make_example(DSC_FLOAT32, DSC_HALF_SUM_OF_SQUARES);
    dsc_workspace *ws = make_workspace(net, 2, false);
    const dsc_matrix target = example_target(DSC_FLOAT32);
    MUST(dsc_network_forward(net, ws, example_input(DSC_FLOAT32), &failure));
    MUST(dsc_network_backward(net, ws, target, NULL, &failure));
    assert_matrix(dsc_workspace_d_weights(ws, 1), 2, 2, once);
    MUST(dsc_network_backward(net, ws, target, NULL, &failure));
    assert_matrix(dsc_workspace_d_weights(ws, 1), 2, 2, twice);
    const double d_x[] = {70, 18, 62, 38, 10, 34};
    assert_matrix(dsc_workspace_d_input(ws), 2, 3, d_x); /* overwritten, not added */
    dsc_workspace_zero_gradients(ws);
    assert_matrix(dsc_workspace_d_weights(ws, 1), 2, 2, zero);
    MUST(dsc_network_backward(net, ws, target, NULL, &failure));
    assert_matrix(dsc_workspace_d_weights(ws, 1), 2, 2, once);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* What a layer lacks is not listed; the rest comes in the order of the pass. */
static void intermediates_are_those_of_the_layers(void **state) {
    (void)state;
    const dsc_layer_config layers[] = {
        {.n_out = 4, .activation = DSC_GELU, .has_norm = true, .dropout = 0.5},
        {.n_out = 3, .activation = DSC_RELU, .dropout = 0.1},
        {.n_out = 2, .has_norm = true}};
    static const char *const names[] = {"Z1", "N1", "A1", "D1", "Z2", "A2", "D2", "Z3", "N3", "A3"};
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 3, 3, layers);
    dsc_workspace *ws = make_workspace(net, 1, true);
    assert_int_equal(dsc_workspace_n_intermediates(ws), COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++) {
        const dsc_intermediate found = dsc_workspace_intermediate(ws, i);
        assert_string_equal(found.name, names[i]);
        assert_int_equal(found.layer, names[i][1] - '1');
        assert_string_equal(dsc_workspace_find(ws, found.layer, found.kind).name, names[i]);
        assert_int_equal(found.value.n_cols, layers[found.layer].n_out);
    }
    assert_null(dsc_workspace_find(ws, 1, DSC_NORMED).name);
    assert_null(dsc_workspace_find(ws, 2, DSC_DROPPED).name);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* A deep odd network, a batch with numbers of both signs. */
enum { N_IN = 7, N_OUT = 3, BATCH = 13 };
static const dsc_layer_config deep[] = {{19, DSC_RELU, true},
                                        {9, DSC_TANH, false},
                                        {11, DSC_SIGMOID, true},
                                        {N_OUT, DSC_IDENTITY, true}};

static dsc_network *make_deep(void) {
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, COUNT(deep), deep);
    dsc_network_init(net, DSC_INIT_HE, 17);
    return net;
}

static void draw(float *values, size_t n, uint32_t purpose) {
    dsc_random random = dsc_random_stream(23, purpose, 0);
    for (size_t i = 0; i < n; i++) {
        values[i] = (float)dsc_random_normal(&random);
    }
}

static void the_gradient_at_the_input_can_be_left_out(void **state) {
    (void)state;
    float x[BATCH * N_IN], y[BATCH * N_OUT];
    draw(x, COUNT(x), 100);
    draw(y, COUNT(y), 101);
    dsc_network *net = make_deep();
    dsc_workspace *with = make_workspace(net, BATCH, false), *without = NULL;
    const dsc_workspace_config config = {.max_batch = BATCH, .no_input_gradient = true};
    MUST(dsc_workspace_create(&without, net, &config, &failure));
    dsc_workspace *const both[] = {with, without};
    for (size_t k = 0; k < COUNT(both); k++) {
        MUST(dsc_network_forward(net, both[k], dsc_matrix_f32(x, BATCH, N_IN), &failure));
        MUST(dsc_network_backward(net, both[k], dsc_matrix_f32(y, BATCH, N_OUT), NULL, &failure));
    }
    assert_memory_equal(dsc_workspace_gradients(with), dsc_workspace_gradients(without),
                        dsc_network_n_parameters(net) * sizeof(float));
    assert_non_null(dsc_workspace_d_input(with).data);
    assert_null(dsc_workspace_d_input(without).data);
    dsc_workspace_destroy(without);
    dsc_workspace_destroy(with);
    dsc_network_destroy(net);
}

static void intermediates_kept_or_not_give_the_same_gradients(void **state) {
    (void)state;
    float x[BATCH * N_IN], y[BATCH * N_OUT];
    draw(x, COUNT(x), 100);
    draw(y, COUNT(y), 101);
    dsc_network *net = make_deep();
    dsc_workspace *ws[2];
    double loss[2];
    for (size_t k = 0; k < 2; k++) {
        ws[k] = make_workspace(net, BATCH + k, k == 1);
        MUST(dsc_network_forward(net, ws[k], dsc_matrix_f32(x, BATCH, N_IN), &failure));
        MUST(dsc_network_backward(net, ws[k], dsc_matrix_f32(y, BATCH, N_OUT), &loss[k], &failure));
    }
    assert_true(loss[0] == loss[1]);
    assert_memory_equal(dsc_workspace_output(ws[0]).data, dsc_workspace_output(ws[1]).data,
                        sizeof y);
    assert_memory_equal(dsc_workspace_gradients(ws[0]), dsc_workspace_gradients(ws[1]),
                        dsc_network_n_parameters(net) * sizeof(float));
    assert_memory_equal(dsc_workspace_d_input(ws[0]).data, dsc_workspace_d_input(ws[1]).data,
                        sizeof x);
    /* Shared: Z1 and A1 are one matrix. Kept: each has its own. */
    assert_ptr_equal(dsc_workspace_intermediate(ws[0], 0).value.data,
                     dsc_workspace_intermediate(ws[0], 1).value.data);
    assert_ptr_not_equal(dsc_workspace_intermediate(ws[1], 0).value.data,
                         dsc_workspace_intermediate(ws[1], 1).value.data);
    dsc_workspace_destroy(ws[0]);
    dsc_workspace_destroy(ws[1]);
    dsc_network_destroy(net);
}

/* A sample's output and input gradient are the same bytes whatever else is in the batch. */
static void rows_do_not_depend_on_their_batch(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 8, 12};
    float x[BATCH * N_IN], d_y[BATCH * N_OUT];
    float output[BATCH * N_OUT], d_input[BATCH * N_IN];
    draw(x, COUNT(x), 100);
    draw(d_y, COUNT(d_y), 101);
    dsc_network *net = make_deep();
    dsc_workspace *ws = make_workspace(net, BATCH, false);
    MUST(dsc_network_forward(net, ws, dsc_matrix_f32(x, BATCH, N_IN), &failure));
    MUST(dsc_network_backward_from(net, ws, dsc_matrix_f32(d_y, BATCH, N_OUT), &failure));
    memcpy(output, dsc_workspace_output(ws).data, sizeof output);
    memcpy(d_input, dsc_workspace_d_input(ws).data, sizeof d_input);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t first = 0; first + sizes[i] <= BATCH; first++) {
            const size_t n = sizes[i];
            MUST(dsc_network_forward(net, ws, dsc_matrix_f32(x + first * N_IN, n, N_IN), &failure));
            MUST(dsc_network_backward_from(net, ws, dsc_matrix_f32(d_y + first * N_OUT, n, N_OUT),
                                           &failure));
            assert_int_equal(dsc_workspace_output(ws).n_rows, n);
            assert_memory_equal(dsc_workspace_output(ws).data, output + first * N_OUT,
                                n * N_OUT * sizeof(float));
            assert_memory_equal(dsc_workspace_d_input(ws).data, d_input + first * N_IN,
                                n * N_IN * sizeof(float));
        }
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* Backpropagation from the loss' own gradient is backpropagation. */
static void backward_from_agrees_with_backward(void **state) {
    (void)state;
    static const double error[] = {2, 3, 2, 1};
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    dsc_workspace *a = make_workspace(net, 2, false), *b = make_workspace(net, 2, false);
    MUST(dsc_network_forward(net, a, example_input(DSC_FLOAT64), &failure));
    MUST(dsc_network_forward(net, b, example_input(DSC_FLOAT64), &failure));
    MUST(dsc_network_backward(net, a, example_target(DSC_FLOAT64), NULL, &failure));
    MUST(dsc_network_backward_from(net, b, dsc_matrix_f64(error, 2, 2), &failure));
    const double poison[4] = {0, (double)NAN, 0, 0};
    dsc_error err = {0};
    assert_int_equal(dsc_network_backward_from(net, b, dsc_matrix_f64(poison, 2, 2), &err),
                     DSC_E_NONFINITE);
    assert_string_equal(err.where, "gradient at the output");
    assert_memory_equal(dsc_workspace_gradients(a), dsc_workspace_gradients(b),
                        10 * sizeof(double));
    dsc_workspace_destroy(a);
    dsc_workspace_destroy(b);
    dsc_network_destroy(net);
}

static void calls_out_of_order_are_refused(void **state) {
    (void)state;
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    dsc_network *other = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    dsc_workspace *ws = make_workspace(net, 2, true);
    const dsc_matrix x = example_input(DSC_FLOAT64), y = example_target(DSC_FLOAT64);
    double loss = -1;
    dsc_error err = {0};
    assert_int_equal(dsc_network_loss_value(net, ws, y, &loss, &err), DSC_E_STATE);
    assert_int_equal(err.code, DSC_E_STATE);
    assert_int_equal(dsc_network_backward(net, ws, y, &loss, NULL), DSC_E_STATE);
    assert_int_equal(dsc_network_backward_from(net, ws, y, NULL), DSC_E_STATE);
    assert_true(loss == -1);
    assert_null(dsc_workspace_output(ws).data);
    assert_null(dsc_workspace_d_input(ws).data);
    assert_null(dsc_workspace_intermediate(ws, 3).value.data);
    MUST(dsc_network_forward(net, ws, x, &failure));
    assert_non_null(dsc_workspace_intermediate(ws, 3).value.data);
    assert_null(dsc_workspace_intermediate(ws, 3).gradient.data);
    MUST(dsc_network_backward(net, ws, y, NULL, &failure));
    assert_non_null(dsc_workspace_intermediate(ws, 3).gradient.data);
    /* A new forward pass makes the gradients of the last one stale. */
    MUST(dsc_network_forward(net, ws, x, &failure));
    assert_null(dsc_workspace_intermediate(ws, 3).gradient.data);
    assert_null(dsc_workspace_d_input(ws).data);
    /* The workspace is of another network. */
    assert_int_equal(dsc_network_forward(other, ws, x, NULL), DSC_E_STATE);
    assert_int_equal(dsc_network_backward(other, ws, y, NULL, NULL), DSC_E_STATE);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
    dsc_network_destroy(other);
}

static void wrong_shapes_are_refused(void **state) {
    (void)state;
    static const double values[12] = {0};
    static const float values_f32[12] = {0};
    const dsc_matrix inputs[] = {dsc_matrix_f64(values, 0, 3), dsc_matrix_f64(values, 3, 3),
                                 dsc_matrix_f64(values, 2, 4), dsc_matrix_f32(values_f32, 2, 3),
                                 dsc_matrix_f64(NULL, 2, 3)};
    const dsc_matrix targets[] = {dsc_matrix_f64(values, 1, 2), dsc_matrix_f64(values, 2, 3),
                                  dsc_matrix_f64(values, 4, 1), dsc_matrix_f32(values_f32, 2, 2),
                                  dsc_matrix_f64(NULL, 2, 2)};
    static const double prediction[] = {52, 74, 3, 4}, d_w2[] = {14, 21, 32, 46};
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    dsc_workspace *ws = make_workspace(net, 2, false);
    MUST(dsc_network_forward(net, ws, example_input(DSC_FLOAT64), &failure));
    MUST(dsc_network_backward(net, ws, example_target(DSC_FLOAT64), NULL, &failure));
    for (size_t i = 0; i < COUNT(inputs); i++) {
        dsc_error err = {0};
        assert_int_equal(dsc_network_forward(net, ws, inputs[i], &err), DSC_E_SHAPE);
        assert_int_equal(err.code, DSC_E_SHAPE);
        assert_matrix(dsc_workspace_output(ws), 2, 2, prediction); /* ws is as it was */
    }
    for (size_t i = 0; i < COUNT(targets); i++) {
        double loss = -1;
        dsc_error err = {0};
        assert_int_equal(dsc_network_loss_value(net, ws, targets[i], &loss, &err), DSC_E_SHAPE);
        assert_int_equal(err.code, DSC_E_SHAPE);
        assert_int_equal(dsc_network_backward(net, ws, targets[i], &loss, NULL), DSC_E_SHAPE);
        assert_int_equal(dsc_network_backward_from(net, ws, targets[i], NULL), DSC_E_SHAPE);
        assert_true(loss == -1);
        assert_matrix(dsc_workspace_d_weights(ws, 1), 2, 2, d_w2);
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* An overflow names the first layer that it reaches; gradients stay as they were. */
static void overflow_names_its_layer(void **state) {
    (void)state;
    const dsc_layer_config layers[] = {
        {1, DSC_IDENTITY, true}, {1, DSC_RELU, true}, {1, DSC_IDENTITY, true}};
    const struct {
        double w[3];
        float target;
        const char *where;
    } cases[] = {
        {{1e20, 1e20, 1}, 0, "layer 2"},
        {{1e38, 1, 1e2}, 0, "layer 3"},
        {{1, 1, 1}, (float)NAN, "loss"},
        {{1, 1, 1}, (float)INFINITY, "loss"},
    };
    const float x = 1;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 1, 3, layers);
        for (size_t l = 0; l < 3; l++) {
            MUST(dsc_network_set_layer(net, l, dsc_matrix_f64(&cases[i].w[l], 1, 1),
                                       (dsc_matrix){0}, &failure));
        }
        dsc_workspace *ws = make_workspace(net, 1, false);
        const dsc_matrix target = dsc_matrix_f32(&cases[i].target, 1, 1);
        MUST(dsc_network_forward(net, ws, dsc_matrix_f32(&x, 1, 1), &failure));
        double loss = -1;
        dsc_error err = {0};
        assert_int_equal(dsc_network_loss_value(net, ws, target, &loss, NULL), DSC_E_NONFINITE);
        assert_int_equal(dsc_network_backward(net, ws, target, &loss, &err), DSC_E_NONFINITE);
        assert_int_equal(err.code, DSC_E_NONFINITE);
        assert_string_equal(err.where, cases[i].where);
        assert_true(loss == -1);
        const float *gradients = dsc_workspace_gradients(ws);
        for (size_t k = 0; k < dsc_network_n_parameters(net); k++) {
            assert_true(gradients[k] == 0);
        }
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(worked_example_takes_a_step),
        cmocka_unit_test(mean_squared_error_scales_the_gradient),
        cmocka_unit_test(activations_and_bias),
        cmocka_unit_test(gradients_are_added_until_they_are_zeroed),
        cmocka_unit_test(intermediates_are_those_of_the_layers),
        cmocka_unit_test(the_gradient_at_the_input_can_be_left_out),
        cmocka_unit_test(intermediates_kept_or_not_give_the_same_gradients),
        cmocka_unit_test(rows_do_not_depend_on_their_batch),
        cmocka_unit_test(backward_from_agrees_with_backward),
        cmocka_unit_test(calls_out_of_order_are_refused),
        cmocka_unit_test(wrong_shapes_are_refused),
        cmocka_unit_test(overflow_names_its_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
