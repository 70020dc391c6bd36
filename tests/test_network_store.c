/* Files of bare networks: what is written comes back, and what is wrong is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/fit.h"
#include "descent/model_kind.h"
#include "descent/network_store.h"
#include "file_parts.h"
#include "scratch_dir.h"
#include "small_networks.h"

static dsc_network *drawn(const dsc_network_config *config) {
    dsc_network *net = NULL;
    MUST(dsc_network_create(&net, config, &failure));
    dsc_network_init(net, DSC_INIT_GLOROT, 7);
    return net;
}

/* Every kind of layer in one network; class weights as its loss takes them. */
static dsc_network *rich_network(dsc_precision precision) {
    static const dsc_layer_config layers[] = {
        {.n_out = 5, .activation = DSC_GELU, .has_bias = true, .has_norm = true, .dropout = 0.25},
        {.n_out = 4, .activation = DSC_TANH},
        {.n_out = 3, .has_bias = true},
    };
    static const double weights[] = {0.5, 1, 2.25};
    const dsc_network_config config = {.precision = precision,
                                       .n_in = 2,
                                       .n_layers = 3,
                                       .layers = layers,
                                       .loss = DSC_CROSS_ENTROPY,
                                       .class_weights = weights};
    return drawn(&config);
}

static dsc_network *huber_network(void) {
    static const dsc_layer_config layers[] = {{.n_out = 1, .has_bias = true}};
    const dsc_network_config config = {.precision = DSC_FLOAT32,
                                       .n_in = 4,
                                       .n_layers = 1,
                                       .layers = layers,
                                       .loss = DSC_HUBER,
                                       .huber_delta = 0.1};
    return drawn(&config);
}

static void assert_same(const dsc_network *a, const dsc_network *b) {
    assert_int_equal(dsc_network_precision(a), dsc_network_precision(b));
    assert_int_equal(dsc_network_loss(a), dsc_network_loss(b));
    assert_int_equal(dsc_network_n_in(a), dsc_network_n_in(b));
    assert_int_equal(dsc_network_n_layers(a), dsc_network_n_layers(b));
    assert_int_equal(dsc_network_n_parameters(a), dsc_network_n_parameters(b));
    const double delta_a = dsc_network_huber_delta(a), delta_b = dsc_network_huber_delta(b);
    assert_memory_equal(&delta_a, &delta_b, sizeof delta_a);
    for (size_t l = 0; l < dsc_network_n_layers(a); l++) {
        const dsc_layer_config x = dsc_network_layer(a, l), y = dsc_network_layer(b, l);
        assert_int_equal(x.n_out, y.n_out);
        assert_int_equal(x.activation, y.activation);
        assert_int_equal(x.has_bias, y.has_bias);
        assert_int_equal(x.has_norm, y.has_norm);
        assert_memory_equal(&x.dropout, &y.dropout, sizeof x.dropout);
    }
    const dsc_matrix u = dsc_network_class_weights(a), v = dsc_network_class_weights(b);
    assert_int_equal(u.data == NULL, v.data == NULL);
    if (u.data != NULL) {
        assert_memory_equal(u.data, v.data, u.n_cols * sizeof(double));
    }
    assert_memory_equal(dsc_network_parameters_const(a), dsc_network_parameters_const(b),
                        dsc_network_n_parameters(a) * (size_t)dsc_network_precision(a));
}

static void check_round_trip(const char *dir, dsc_network *net) {
    char *path = scratch_path(dir, "network");
    dsc_network *loaded = NULL;
    dsc_model_kind kind = DSC_MODEL_UNKNOWN;
    MUST(dsc_network_save(net, path, &failure));
    MUST(dsc_network_load(&loaded, path, &failure));
    assert_same(net, loaded);
    MUST(dsc_model_kind_of_file(path, &kind, &failure));
    assert_int_equal(kind, DSC_MODEL_NETWORK);
    dsc_network_destroy(loaded);
    dsc_network_destroy(net);
    free(path);
}

static void what_is_saved_comes_back(void **state) {
    check_round_trip(*state, rich_network(DSC_FLOAT32));
    check_round_trip(*state, rich_network(DSC_FLOAT64));
    check_round_trip(*state, huber_network());
}

static void a_network_that_is_not_finite_is_not_saved(void **state) {
    char *path = scratch_path(*state, "infinite");
    dsc_network *net = huber_network();
    ((float *)dsc_network_parameters(net))[2] = (float)INFINITY;
    dsc_error err;
    assert_int_equal(dsc_network_save(net, path, &err), DSC_E_NONFINITE);
    assert_string_equal(err.where, "layer 1");
    dsc_network *loaded;
    assert_int_equal(dsc_network_load(&loaded, path, &err), DSC_E_IO);
    assert_null(loaded);
    dsc_network_destroy(net);
    free(path);
}

static dsc_status load(const char *path, dsc_error *err) {
    dsc_network *net = (dsc_network *)(uintptr_t)1;
    dsc_status status = dsc_network_load(&net, path, err);
    assert_int_equal(net != NULL, status == DSC_OK);
    dsc_network_destroy(net);
    return status;
}

static void damage_is_refused_by_name(void **state) {
    char *path = scratch_path(*state, "sound"), *damaged = scratch_path(*state, "damaged");
    dsc_network *net = rich_network(DSC_FLOAT32);
    file_parts parts;
    MUST(dsc_network_save(net, path, &failure));
    file_parts_open(&parts, path);
    file_parts_load(&parts, damaged, load, NULL);
    file_parts_load_without_each(&parts, damaged, load);
    file_parts_load_other_shapes(&parts, damaged, load, "network.0.weights");
    file_parts_load_altered(path, damaged, load);
    const struct {
        const char *key, *value, *text;
    } keys[] = {
        {"format", "pt", "its format is \"pt\""},
        {"format_version", "2", "format version \"2\""},
        {"network.precision", "float16", "\"float16\" is not a precision"},
        {"network.precision", "float64", "holds F32, expected F64"},
        {"network.n_layers", "0", "has 0 layers"},
        {"network.n_layers", "2", "has 3 entries; expected 2"},
        {"network.n_layers", "18446744073709551615", "layers; expected 1 to"},
        {"network.n_layers", "-1", "expected a number"},
        {"network.activations", "gelu,tanh", "has 2 entries; expected 3"},
        {"network.activations", "gelu,tanh,", "\"\" is not an activation"},
        {"network.activations", "gelu,tanhh,identity", "\"tanhh\" is not an activation"},
        {"network.activations", "gelu,tanh,softmax", "last layer has the activation softmax"},
        {"network.biases", "true,yes,true", "\"yes\" is not a flag"},
        {"network.biases", "true,true,true", "\"network.1.bias\" is missing"},
        {"network.norms", "true,true,false", "\"network.1.gain\" is missing"},
        {"network.loss", "cross", "\"cross\" is not a loss"},
        {"network.loss", "huber", "knows no classes"},
        {"network.has_class_weights", "maybe", "expected true or false"},
    };
    for (size_t i = 0; i < COUNT(keys); i++) {
        file_parts_load_key(&parts, damaged, load, keys[i].key, keys[i].value, keys[i].text);
    }
    const struct {
        const char *array;
        size_t at;
        double value;
        const char *text;
    } values[] = {
        {"network.dropout", 0, 1, "dropout of 1"},
        {"network.dropout", 1, -0.5, "dropout of -0.5"},
        {"network.dropout", 2, 0.5, "predictions are not dropped"},
        {"network.dropout", 0, (double)NAN, "infinite or not a number"},
        {"network.huber_delta", 0, -1, "huber_delta"},
        {"network.class_weights", 1, 0, "class_weights"},
        {"network.class_weights", 1, (double)INFINITY, "infinite or not a number"},
        {"network.0.weights", 9, (double)NAN, "\"network.0.weights\": value 10"},
        {"network.0.bias", 0, (double)INFINITY, "\"network.0.bias\": value 1"},
        {"network.0.gain", 4, (double)NAN, "\"network.0.gain\": value 5"},
        {"network.0.shift", 0, (double)NAN, "\"network.0.shift\": value 1"},
        {"network.2.weights", 0, -(double)INFINITY, "\"network.2.weights\": value 1"},
    };
    for (size_t i = 0; i < COUNT(values); i++) {
        file_parts_load_value(&parts, damaged, load, values[i].array, values[i].at, values[i].value,
                              values[i].text);
    }
    file_parts_close(&parts);
    dsc_network_destroy(net);
    free(path);
    free(damaged);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_saved_comes_back, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(a_network_that_is_not_finite_is_not_saved, scratch_begin,
                                        scratch_end),
        cmocka_unit_test_setup_teardown(damage_is_refused_by_name, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
