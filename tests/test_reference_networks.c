/* Activations, losses and normalisation against PyTorch: output, loss and every gradient of the
 * small networks in tests/data/reference_networks.json, written by tools/reference_networks.py.
 *
 * Definitions that differ from PyTorch's: class weights of cross-entropy. PyTorch divides by the
 * sum of the samples' weights when targets are class numbers, and by the number of samples when
 * they are shares; this library always does the latter, docs/math.md (29). */
#include "small_networks.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_LAYERS = 2, MAX_VALUES = 128 };

/* Largest error of a number, relative to its size or to that of its array's largest. */
static const double tolerance = 1e-6;

static json_t *reference; /* loaded by the group's setup */

static json_t *member(const json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        fail_msg("reference_networks.json has no \"%s\"", key);
    }
    return value;
}

static size_t read_numbers(const json_t *of, const char *key, double *out) {
    const json_t *list = member(of, key);
    const size_t n = json_array_size(list);
    assert_in_range(n, 1, MAX_VALUES);
    for (size_t i = 0; i < n; i++) {
        assert_true(json_is_number(json_array_get(list, i)));
        out[i] = json_number_value(json_array_get(list, i));
    }
    return n;
}

static dsc_network *read_network(const json_t *of, dsc_precision precision) {
    dsc_layer_config layers[MAX_LAYERS] = {0};
    double weights[MAX_VALUES];
    const json_t *list = member(of, "layers");
    const size_t n_layers = json_array_size(list);
    assert_in_range(n_layers, 1, MAX_LAYERS);
    for (size_t l = 0; l < n_layers; l++) {
        const json_t *layer = json_array_get(list, l);
        layers[l].n_out = (size_t)json_integer_value(member(layer, "n_out"));
        layers[l].has_bias = json_is_true(member(layer, "bias"));
        layers[l].has_norm = json_is_true(member(layer, "normalize"));
        assert_true(dsc_activation_from_name(json_string_value(member(layer, "activation")),
                                             &layers[l].activation));
    }
    dsc_network_config config = {
        .precision = precision,
        .n_in = (size_t)json_integer_value(member(reference, "n_in")),
        .n_layers = n_layers,
        .layers = layers,
        .huber_delta = json_number_value(member(of, "huber_delta")),
    };
    assert_true(dsc_loss_from_name(json_string_value(member(of, "loss")), &config.loss));
    if (!json_is_null(member(of, "class_weights"))) {
        read_numbers(of, "class_weights", weights);
        config.class_weights = weights;
    }
    dsc_network *net = NULL;
    MUST(dsc_network_create(&net, &config, &failure));
    return net;
}

/* The numbers as an array of the precision. */
static void round_to(void *out, const double *values, size_t n, dsc_precision precision) {
    for (size_t i = 0; i < n; i++) {
        if (precision == DSC_FLOAT32) {
            ((float *)out)[i] = (float)values[i];
        } else {
            ((double *)out)[i] = values[i];
        }
    }
}

/* In double each number to the tolerance; in float to that of the array's largest. */
static void assert_close(const json_t *of, const char *key, dsc_matrix found) {
    double expected[MAX_VALUES], largest = 0;
    const size_t n = read_numbers(of, key, expected);
    assert_int_equal(n, found.n_rows * found.n_cols);
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(expected[i]));
    }
    assert_true(largest > 0);
    for (size_t i = 0; i < n; i++) {
        /* Numbers that cancel to nearly nothing are rounding alone, whose unit is 2^-53 or 2^-24 */
        const bool is_float = found.precision == DSC_FLOAT32;
        const double scale = is_float ? largest : fmax(fabs(expected[i]), 1e-8 * largest);
        const double error = fabs(dsc_matrix_at(found, 0, i) - expected[i]);
        if (!(error <= (is_float ? 4 : 1) * tolerance * scale)) {
            fail_msg("%s, %d bytes: %s: number %zu is %.17g; PyTorch has %.17g",
                     json_string_value(member(of, "name")), (int)found.precision, key, i,
                     dsc_matrix_at(found, 0, i), expected[i]);
        }
    }
}

static void check(const json_t *of, dsc_precision precision) {
    double numbers[MAX_VALUES], x[MAX_VALUES], y[MAX_VALUES], loss = 0;
    dsc_network *net = read_network(of, precision);
    const size_t batch = (size_t)json_integer_value(member(reference, "batch"));
    const size_t n = read_numbers(of, "parameters", numbers), n_out = dsc_network_n_out(net);
    assert_int_equal(n, dsc_network_n_parameters(net));
    round_to(dsc_network_parameters(net), numbers, n, precision);
    assert_int_equal(read_numbers(of, "x", numbers), batch * dsc_network_n_in(net));
    round_to(x, numbers, batch * dsc_network_n_in(net), precision);
    assert_int_equal(read_numbers(of, "y", numbers), batch * n_out);
    round_to(y, numbers, batch * n_out, precision);
    dsc_workspace *ws = make_workspace(net, batch, false);
    MUST(dsc_network_forward(net, ws, (dsc_matrix){x, batch, dsc_network_n_in(net), precision},
                             &failure));
    MUST(dsc_network_backward(net, ws, (dsc_matrix){y, batch, n_out, precision}, &loss, &failure));
    assert_close(of, "output", dsc_workspace_output(ws));
    assert_close(of, "gradients", (dsc_matrix){dsc_workspace_gradients(ws), 1, n, precision});
    assert_close(of, "d_x", dsc_workspace_d_input(ws));
    const double expected = json_number_value(member(of, "loss_value"));
    if (!(fabs(loss - expected) <= tolerance * fabs(expected))) {
        fail_msg("%s, %d bytes: the loss is %.17g; PyTorch has %.17g",
                 json_string_value(member(of, "name")), (int)precision, loss, expected);
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

static void check_all(dsc_precision precision) {
    const json_t *cases = member(reference, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        check(json_array_get(cases, i), precision);
    }
}

static void networks_agree_with_pytorch(void **state) {
    (void)state;
    check_all(DSC_FLOAT64);
}

static void single_precision_agrees_to_rounding(void **state) {
    (void)state;
    check_all(DSC_FLOAT32);
}

/* Every activation and every loss is among the cases. */
static void nothing_is_left_out(void **state) {
    (void)state;
    const json_t *cases = member(reference, "cases");
    size_t n_activations = 0, n_losses = 0, n_weighted = 0;
    for (int v = 0; dsc_activation_name((dsc_activation)v) != NULL; v++, n_activations++) {
        bool is_there = false;
        for (size_t i = 0; i < json_array_size(cases); i++) {
            const json_t *layer = json_array_get(member(json_array_get(cases, i), "layers"), 0);
            is_there |= strcmp(json_string_value(member(layer, "activation")),
                               dsc_activation_name((dsc_activation)v)) == 0;
        }
        assert_true(is_there);
    }
    for (int v = 0; dsc_loss_name((dsc_loss)v) != NULL; v++, n_losses++) {
        bool is_there = false;
        for (size_t i = 0; i < json_array_size(cases); i++) {
            const json_t *of = json_array_get(cases, i);
            is_there |=
                strcmp(json_string_value(member(of, "loss")), dsc_loss_name((dsc_loss)v)) == 0;
            n_weighted += v == 0 && !json_is_null(member(of, "class_weights"));
        }
        assert_true(is_there);
    }
    assert_true(n_activations >= 10 && n_losses >= 7 && n_weighted >= 3);
}

static int load_reference(void **state) {
    (void)state;
    json_error_t error;
    reference = json_load_file("tests/data/reference_networks.json", 0, &error);
    if (reference == NULL) {
        fprintf(stderr, "tests/data/reference_networks.json:%d: %s\n", error.line, error.text);
    }
    return reference == NULL ? -1 : 0;
}

static int free_reference(void **state) {
    (void)state;
    json_decref(reference);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_agree_with_pytorch),
        cmocka_unit_test(single_precision_agrees_to_rounding),
        cmocka_unit_test(nothing_is_left_out),
    };
    return cmocka_run_group_tests(tests, load_reference, free_reference);
}
