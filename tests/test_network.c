/* Networks as holders of parameters: creating, setting, drawing and copying them; workspaces. */
#include "small_networks.h"

#include <math.h>
#include <string.h>

static const dsc_layer_config odd_layers[] = {
    {5, DSC_RELU, true}, {3, DSC_TANH, false}, {2, DSC_SIGMOID, true}};

static void names_go_both_ways(void **state) {
    (void)state;
    static const char *const activations[] = {"identity",   "relu",   "sigmoid",  "tanh",
                                              "leaky-relu", "elu",    "softplus", "gelu",
                                              "swish",      "softmax"};
    static const char *const losses[] = {"half-sum-of-squares",
                                         "mean-squared-error",
                                         "mean-absolute-error",
                                         "huber",
                                         "binary-cross-entropy",
                                         "cross-entropy",
                                         "hinge"};
    dsc_activation activation = DSC_TANH;
    dsc_loss loss = DSC_MEAN_SQUARED_ERROR;
    for (size_t i = 0; i < COUNT(activations); i++) {
        assert_string_equal(dsc_activation_name((dsc_activation)i), activations[i]);
        assert_true(dsc_activation_from_name(activations[i], &activation));
        assert_int_equal(activation, i);
    }
    for (size_t i = 0; i < COUNT(losses); i++) {
        assert_string_equal(dsc_loss_name((dsc_loss)i), losses[i]);
        assert_true(dsc_loss_from_name(losses[i], &loss));
        assert_int_equal(loss, i);
    }
    assert_null(dsc_activation_name((dsc_activation)COUNT(activations)));
    assert_null(dsc_loss_name((dsc_loss)COUNT(losses)));
    static const char *const unknown[] = {"", "ReLU", "tanh ", "mse", "sigm"};
    for (size_t i = 0; i < COUNT(unknown); i++) {
        assert_false(dsc_activation_from_name(unknown[i], &activation));
        assert_false(dsc_loss_from_name(unknown[i], &loss));
        assert_int_equal(activation, DSC_SOFTMAX);
        assert_int_equal(loss, DSC_HINGE);
    }
}

static void bad_configurations_are_refused(void **state) {
    (void)state;
    const dsc_layer_config good[] = {{2, DSC_RELU, true}, {1, DSC_IDENTITY, true}};
    const dsc_layer_config empty[] = {{2, DSC_RELU, true}, {0, DSC_IDENTITY, true}};
    const dsc_layer_config dropped[] = {{2, DSC_RELU, true, false, 1}, {1, DSC_IDENTITY, true}};
    const dsc_layer_config dropped_last[] = {{2, DSC_RELU, true},
                                             {1, DSC_IDENTITY, true, false, 0.5}};
    const dsc_layer_config squashed[] = {{2, DSC_RELU, true}, {1, DSC_SIGMOID, true}};
    const double weights[] = {1, 0}, good_weights[] = {2};
    const dsc_layer_config strange[] = {{2, (dsc_activation)10, true}, {1, DSC_IDENTITY, true}};
    const dsc_layer_config huge[] = {{SIZE_MAX / 2, DSC_RELU, true}, {8, DSC_IDENTITY, true}};
    const dsc_layer_config large[] = {{SIZE_MAX / 64, DSC_RELU, true}, {8, DSC_IDENTITY, true}};
    const struct {
        dsc_network_config config;
        dsc_status status;
        const char *where;
    } cases[] = {
        {{(dsc_precision)2, 3, 2, good, DSC_HALF_SUM_OF_SQUARES}, DSC_E_ARGUMENT, "precision"},
        {{DSC_FLOAT32, 0, 2, good, DSC_HALF_SUM_OF_SQUARES}, DSC_E_ARGUMENT, "n_in"},
        {{DSC_FLOAT32, 3, 0, good, DSC_HALF_SUM_OF_SQUARES}, DSC_E_ARGUMENT, "n_layers"},
        {{DSC_FLOAT32, 3, 2, good, (dsc_loss)7}, DSC_E_ARGUMENT, "loss"},
        {{DSC_FLOAT32, 3, 2, empty, DSC_HALF_SUM_OF_SQUARES}, DSC_E_ARGUMENT, "layer 2"},
        {{DSC_FLOAT32, 3, 2, strange, DSC_HALF_SUM_OF_SQUARES}, DSC_E_ARGUMENT, "layer 1"},
        {{DSC_FLOAT32, 3, 2, dropped, DSC_HALF_SUM_OF_SQUARES}, DSC_E_ARGUMENT, "layer 1"},
        {{DSC_FLOAT32, 3, 2, dropped_last, DSC_HUBER}, DSC_E_ARGUMENT, "last layer"},
        {{DSC_FLOAT32, 3, 2, squashed, DSC_CROSS_ENTROPY}, DSC_E_ARGUMENT, "last layer"},
        {{DSC_FLOAT32, 3, 2, squashed, DSC_BINARY_CROSS_ENTROPY}, DSC_E_ARGUMENT, "last layer"},
        {{DSC_FLOAT32, 3, 2, good, DSC_HUBER, -1}, DSC_E_ARGUMENT, "huber_delta"},
        {{DSC_FLOAT32, 3, 2, good, DSC_HUBER, NAN}, DSC_E_ARGUMENT, "huber_delta"},
        {{DSC_FLOAT32, 3, 2, good, DSC_HUBER, 1, good_weights}, DSC_E_ARGUMENT, "class_weights"},
        {{DSC_FLOAT32, 3, 2, good, DSC_HINGE, 1, weights + 1}, DSC_E_ARGUMENT, "class_weights"},
        {{DSC_FLOAT32, 3, 2, huge, DSC_HALF_SUM_OF_SQUARES}, DSC_E_MEMORY, ""},
        {{DSC_FLOAT64, 3, 2, large, DSC_HALF_SUM_OF_SQUARES}, DSC_E_MEMORY, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_error err = {0};
        dsc_network *net = (dsc_network *)(void *)&err; /* must be overwritten */
        assert_int_equal(dsc_network_create(&net, &cases[i].config, &err), cases[i].status);
        assert_null(net);
        assert_int_equal(err.code, cases[i].status);
        assert_non_null(strstr(err.where, cases[i].where));
        assert_int_equal(dsc_network_create(&net, &cases[i].config, NULL), cases[i].status);
    }
    dsc_network_destroy(NULL);
}

static void shape_is_as_configured(void **state) {
    (void)state;
    dsc_network *net =
        make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 7, COUNT(odd_layers), odd_layers);
    assert_int_equal(dsc_network_n_in(net), 7);
    assert_int_equal(dsc_network_n_out(net), 2);
    assert_int_equal(dsc_network_n_layers(net), 3);
    assert_int_equal(dsc_network_n_parameters(net), 7 * 5 + 5 + 5 * 3 + 3 * 2 + 2);
    assert_int_equal(dsc_network_precision(net), DSC_FLOAT32);
    assert_int_equal(dsc_network_loss(net), DSC_MEAN_SQUARED_ERROR);
    for (size_t l = 0; l < COUNT(odd_layers); l++) {
        dsc_layer_config layer = dsc_network_layer(net, l);
        assert_int_equal(layer.n_out, odd_layers[l].n_out);
        assert_int_equal(layer.activation, odd_layers[l].activation);
        assert_int_equal(layer.has_bias, odd_layers[l].has_bias);
    }
    dsc_network_destroy(net);
}

/* One aligned array, zero at first: W1, b1, W2, W3, b3. */
static void parameters_lie_layer_by_layer(void **state) {
    (void)state;
    dsc_network *net =
        make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 7, COUNT(odd_layers), odd_layers);
    float *parameters = dsc_network_parameters(net);
    assert_ptr_equal(parameters, dsc_network_parameters_const(net));
    assert_int_equal((uintptr_t)parameters % 64, 0);
    for (size_t i = 0; i < dsc_network_n_parameters(net); i++) {
        assert_true(parameters[i] == 0);
    }
    assert_ptr_equal(dsc_network_weights(net, 0).data, parameters);
    assert_ptr_equal(dsc_network_bias(net, 0).data, parameters + 35);
    assert_ptr_equal(dsc_network_weights(net, 1).data, parameters + 40);
    assert_null(dsc_network_bias(net, 1).data);
    assert_ptr_equal(dsc_network_weights(net, 2).data, parameters + 55);
    assert_ptr_equal(dsc_network_bias(net, 2).data, parameters + 61);
    dsc_matrix weights = dsc_network_weights(net, 1), bias = dsc_network_bias(net, 2);
    assert_int_equal(weights.n_rows, 5);
    assert_int_equal(weights.n_cols, 3);
    assert_int_equal(weights.precision, DSC_FLOAT32);
    assert_int_equal(bias.n_rows, 1);
    assert_int_equal(bias.n_cols, 2);
    dsc_network_destroy(net);
}

static void set_layer_sets_one_layer(void **state) {
    (void)state;
    const dsc_layer_config layers[] = {{2, DSC_RELU, true}, {1, DSC_IDENTITY, true}};
    const double weights[] = {1, 2, 3, 4.5}, bias[] = {-1, -2};
    const float other_weights[] = {9, 8, 7, 6};
    const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};
    for (size_t i = 0; i < COUNT(precisions); i++) {
        dsc_network *net = make_network(precisions[i], DSC_MEAN_SQUARED_ERROR, 2, 2, layers);
        MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(weights, 2, 2),
                                   dsc_matrix_f64(bias, 1, 2), &failure));
        assert_matrix(dsc_network_weights(net, 0), 2, 2, weights);
        assert_matrix(dsc_network_bias(net, 0), 1, 2, bias);
        assert_matrix(dsc_network_weights(net, 1), 2, 1, (const double[]){0, 0});
        /* No bias given: the bias stays. */
        MUST(dsc_network_set_layer(net, 0, dsc_matrix_f32(other_weights, 2, 2), (dsc_matrix){0},
                                   &failure));
        assert_matrix(dsc_network_weights(net, 0), 2, 2, (const double[]){9, 8, 7, 6});
        assert_matrix(dsc_network_bias(net, 0), 1, 2, bias);
        dsc_network_destroy(net);
    }
}

static void set_layer_refuses_and_changes_nothing(void **state) {
    (void)state;
    const double good[] = {1, 2, 3, 4, 5, 6}, nan[] = {1, 2, (double)NAN, 4};
    const double too_large[] = {1, 2, 3, 1e39}; /* infinite in single precision */
    const double bias_inf[] = {1, -(double)INFINITY};
    const dsc_matrix w = dsc_matrix_f64(good, 2, 2), b = dsc_matrix_f64(good, 1, 2), none = {0};
    const struct {
        size_t layer;
        dsc_matrix weights, bias;
        dsc_status status;
        const char *where;
    } cases[] = {
        {0, dsc_matrix_f64(good, 2, 3), b, DSC_E_SHAPE, "weights of layer 1"},
        {0, dsc_matrix_f64(good, 1, 2), b, DSC_E_SHAPE, "weights of layer 1"},
        {0, none, b, DSC_E_SHAPE, "weights of layer 1"},
        {0, w, dsc_matrix_f64(good, 2, 1), DSC_E_SHAPE, "bias of layer 1"},
        {0, w, dsc_matrix_f64(good, 1, 3), DSC_E_SHAPE, "bias of layer 1"},
        {1, w, b, DSC_E_SHAPE, "bias of layer 2"}, /* it has none */
        {2, w, none, DSC_E_SHAPE, "layer"},
        {0, dsc_matrix_f64(nan, 2, 2), b, DSC_E_NONFINITE, "weights of layer 1"},
        {0, dsc_matrix_f64(too_large, 2, 2), b, DSC_E_NONFINITE, "weights of layer 1"},
        {0, w, dsc_matrix_f64(bias_inf, 1, 2), DSC_E_NONFINITE, "bias of layer 1"},
    };
    const dsc_layer_config layers[] = {{2, DSC_RELU, true}, {2, DSC_IDENTITY, false}};
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 2, 2, layers);
    dsc_network_init(net, DSC_INIT_HE, 5);
    float before[4 + 2 + 4];
    memcpy(before, dsc_network_parameters(net), sizeof before);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_error err = {0};
        assert_int_equal(
            dsc_network_set_layer(net, cases[i].layer, cases[i].weights, cases[i].bias, &err),
            cases[i].status);
        assert_int_equal(err.code, cases[i].status);
        assert_non_null(strstr(err.where, cases[i].where));
        assert_memory_equal(before, dsc_network_parameters(net), sizeof before);
    }
    dsc_network_destroy(net);
}

/* Mean, variance and range of a large layer's weights; the biases are zero. */
static void initial_weights_have_their_distribution(void **state) {
    (void)state;
    enum { N_IN = 300, N_OUT = 100 };
    const dsc_layer_config layer = {N_OUT, DSC_RELU, true};
    const double limit = sqrt(6.0 / (N_IN + N_OUT));
    const struct {
        dsc_init init;
        double variance, largest;
    } cases[] = {
        {DSC_INIT_ZERO, 0, 0},
        {DSC_INIT_GLOROT, limit * limit / 3, limit},
        {DSC_INIT_HE, 2.0 / N_IN, 6 * sqrt(2.0 / N_IN)},
    };
    dsc_network *net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, N_IN, 1, &layer);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_network_init(net, cases[i].init, 3);
        const double *w = dsc_network_weights(net, 0).data;
        double sum = 0, sum2 = 0, largest = 0;
        for (size_t k = 0; k < N_IN * N_OUT; k++) {
            sum += w[k];
            sum2 += w[k] * w[k];
            largest = fmax(largest, fabs(w[k]));
        }
        const double n = N_IN * N_OUT, deviation = sqrt(cases[i].variance);
        assert_true(fabs(sum / n) <= 4 * deviation / sqrt(n));
        assert_true(fabs(sum2 / n - cases[i].variance) <= 0.03 * cases[i].variance);
        assert_true(largest <= cases[i].largest);
        assert_true(largest >= 0.5 * cases[i].largest);
        for (size_t k = 0; k < N_OUT; k++) {
            assert_true(dsc_matrix_at(dsc_network_bias(net, 0), 0, k) == 0);
        }
    }
    dsc_network_destroy(net);
}

static void same_seed_gives_the_same_bytes(void **state) {
    (void)state;
    dsc_network *a =
        make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 7, COUNT(odd_layers), odd_layers);
    dsc_network *b =
        make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 7, COUNT(odd_layers), odd_layers);
    const size_t n_bytes = dsc_network_n_parameters(a) * sizeof(float);
    const dsc_init inits[] = {DSC_INIT_GLOROT, DSC_INIT_HE};
    for (size_t i = 0; i < COUNT(inits); i++) {
        dsc_network_init(a, inits[i], 11);
        dsc_network_init(b, inits[i], 12);
        assert_memory_not_equal(dsc_network_parameters(a), dsc_network_parameters(b), n_bytes);
        dsc_network_init(b, inits[i], 11);
        assert_memory_equal(dsc_network_parameters(a), dsc_network_parameters(b), n_bytes);
    }
    dsc_network_destroy(a);
    dsc_network_destroy(b);
}

static void copies_go_between_precisions(void **state) {
    (void)state;
    dsc_network *f64 =
        make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, 7, COUNT(odd_layers), odd_layers);
    dsc_network_init(f64, DSC_INIT_HE, 21);
    dsc_network *f32 = NULL, *back = NULL;
    MUST(dsc_network_copy(&f32, f64, DSC_FLOAT32, &failure));
    MUST(dsc_network_copy(&back, f32, DSC_FLOAT64, &failure));
    assert_int_equal(dsc_network_precision(f32), DSC_FLOAT32);
    assert_int_equal(dsc_network_precision(back), DSC_FLOAT64);
    assert_int_equal(dsc_network_loss(f32), DSC_MEAN_SQUARED_ERROR);
    assert_int_equal(dsc_network_n_parameters(f32), dsc_network_n_parameters(f64));
    assert_int_equal(dsc_network_layer(f32, 1).activation, DSC_TANH);
    assert_null(dsc_network_bias(f32, 1).data);
    const double *from = dsc_network_parameters(f64);
    const float *rounded = dsc_network_parameters(f32);
    const double *widened = dsc_network_parameters(back);
    for (size_t i = 0; i < dsc_network_n_parameters(f64); i++) {
        assert_true(rounded[i] == (float)from[i]);
        assert_true(widened[i] == (double)rounded[i]);
    }
    dsc_error err = {0};
    dsc_network *none = f64;
    assert_int_equal(dsc_network_copy(&none, f64, (dsc_precision)3, &err), DSC_E_ARGUMENT);
    assert_null(none);
    dsc_network_destroy(f64);
    dsc_network_destroy(f32);
    dsc_network_destroy(back);
}

static void bad_workspaces_are_refused(void **state) {
    (void)state;
    dsc_network *net =
        make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 7, COUNT(odd_layers), odd_layers);
    const struct {
        size_t max_batch;
        dsc_status status;
    } cases[] = {{0, DSC_E_ARGUMENT}, {SIZE_MAX / 2, DSC_E_MEMORY}, {SIZE_MAX / 16, DSC_E_MEMORY}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_error err = {0};
        dsc_workspace *ws = (dsc_workspace *)(void *)&err; /* must be overwritten */
        const dsc_workspace_config config = {.max_batch = cases[i].max_batch,
                                             .keep_intermediates = true};
        assert_int_equal(dsc_workspace_create(&ws, net, &config, &err), cases[i].status);
        assert_null(ws);
        assert_int_equal(err.code, cases[i].status);
    }
    dsc_workspace_destroy(NULL);
    dsc_network_destroy(net);
}

/* A copy, in either precision, is the same network with all its settings. */
static void a_copy_has_every_setting(void **state) {
    (void)state;
    static const double class_weights[] = {0.5, 4};
    const dsc_layer_config layers[] = {{4, DSC_SWISH, true, true, 0.25}, {2, DSC_TANH, false}};
    const dsc_network_config config = {DSC_FLOAT64, 3, 2, layers, DSC_HINGE, 0.75, class_weights};
    dsc_network *net = NULL, *copy = NULL;
    MUST(dsc_network_create(&net, &config, &failure));
    assert_int_equal(dsc_network_n_parameters(net), 12 + 4 + 4 + 4 + 8);
    for (int i = 0; i < 2; i++) {
        MUST(dsc_network_copy(&copy, net, i == 0 ? DSC_FLOAT32 : DSC_FLOAT64, &failure));
        assert_int_equal(dsc_network_loss(copy), DSC_HINGE);
        assert_true(dsc_network_huber_delta(copy) == 0.75);
        assert_matrix(dsc_network_class_weights(copy), 1, 2, class_weights);
        for (size_t l = 0; l < 2; l++) {
            const dsc_layer_config layer = dsc_network_layer(copy, l);
            assert_int_equal(layer.n_out, layers[l].n_out);
            assert_int_equal(layer.activation, layers[l].activation);
            assert_int_equal(layer.has_bias, layers[l].has_bias);
            assert_int_equal(layer.has_norm, layers[l].has_norm);
            assert_true(layer.dropout == layers[l].dropout);
        }
        static const double ones[] = {1, 1, 1, 1};
        assert_matrix(dsc_network_gain(copy, 0), 1, 4, ones);
        dsc_network_destroy(copy);
    }
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_every_setting),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(shape_is_as_configured),
        cmocka_unit_test(parameters_lie_layer_by_layer),
        cmocka_unit_test(set_layer_sets_one_layer),
        cmocka_unit_test(set_layer_refuses_and_changes_nothing),
        cmocka_unit_test(initial_weights_have_their_distribution),
        cmocka_unit_test(same_seed_gives_the_same_bytes),
        cmocka_unit_test(copies_go_between_precisions),
        cmocka_unit_test(bad_workspaces_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
