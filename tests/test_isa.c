/* Choosing the instruction set: by name, by the environment, and what is refused. */
#include "small_networks.h"

#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/optimizer.h"

static const dsc_layer_config layers[] = {{1, DSC_IDENTITY, true}};
static const dsc_network_config tiny = {DSC_FLOAT32, 2, 1, layers, DSC_MEAN_SQUARED_ERROR};

/* As at the start of the process, with that in the environment; NULL: nothing. */
static void start_with(const char *environment) {
    if (environment == NULL) {
        unsetenv("DESCENT_ISA");
    } else {
        setenv("DESCENT_ISA", environment, 1);
    }
    MUST(dsc_isa_set(NULL, &failure));
}

static void the_widest_is_the_default(void **state) {
    (void)state;
    start_with(NULL);
    assert_string_equal(dsc_isa_name(), dsc_isa_available(0));
    start_with("");
    assert_string_equal(dsc_isa_name(), dsc_isa_available(0));
}

static void plain_c_is_everywhere_and_last(void **state) {
    (void)state;
    size_t n = 0;
    while (dsc_isa_available(n) != NULL) {
        n++;
    }
    assert_true(n >= 1);
    assert_string_equal(dsc_isa_available(n - 1), "c");
    assert_null(dsc_isa_available(n + 1));
}

static void each_can_be_taken(void **state) {
    (void)state;
    start_with(NULL);
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        MUST(dsc_isa_set(dsc_isa_available(i), &failure));
        assert_string_equal(dsc_isa_name(), dsc_isa_available(i));
    }
    start_with("c");
    assert_string_equal(dsc_isa_name(), "c");
    MUST(dsc_isa_set(dsc_isa_available(0), &failure)); /* stands above the environment */
    assert_string_equal(dsc_isa_name(), dsc_isa_available(0));
}

static void another_name_is_refused(void **state) {
    (void)state;
    start_with(NULL);
    MUST(dsc_isa_set("c", &failure));
    static const char *const names[] = {"sse9", "", "C", "avx"};
    for (size_t i = 0; i < COUNT(names); i++) {
        dsc_error err = {0};
        assert_int_equal(dsc_isa_set(names[i], &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, "instruction set");
        assert_non_null(strstr(err.message, "can run: "));
        assert_non_null(strstr(err.message, dsc_isa_available(0)));
        assert_string_equal(dsc_isa_name(), "c");
    }
}

static void a_wrong_environment_is_an_error_of_what_is_created(void **state) {
    (void)state;
    start_with("sse9");
    dsc_error err = {0};
    dsc_network *net = NULL;
    assert_int_equal(dsc_network_create(&net, &tiny, &err), DSC_E_ARGUMENT);
    assert_null(net);
    assert_string_equal(err.where, "DESCENT_ISA");
    assert_non_null(strstr(err.message, "\"sse9\""));
    dsc_optimizer *optimizer = NULL;
    const dsc_optimizer_config config = dsc_sgd(0.1);
    assert_int_equal(dsc_optimizer_create(&optimizer, &config, DSC_FLOAT32, 1, &err),
                     DSC_E_ARGUMENT);
    assert_null(optimizer);
    assert_string_equal(dsc_isa_name(), dsc_isa_available(0));
    start_with(NULL);
}

/* (1 + 2^-12)^2 - (1 + 2^-11): 2^-24 where it is rounded once, 0 where the square is rounded first. */
static float product_of(dsc_network *net) {
    const float x[] = {-1, 1 + 0x1p-12F}, weights[] = {1 + 0x1p-11F, 1 + 0x1p-12F, 0};
    memcpy(dsc_network_parameters(net), weights, sizeof weights);
    dsc_workspace *ws = make_workspace(net, 1, false);
    MUST(dsc_network_forward(net, ws, dsc_matrix_f32(x, 1, 2), &failure));
    const float a = (float)dsc_matrix_at(dsc_workspace_output(ws), 0, 0);
    dsc_workspace_destroy(ws);
    return a;
}

static void a_network_keeps_the_one_it_was_created_with(void **state) {
    (void)state;
    start_with("c");
    dsc_network *plain = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 2, 1, layers);
    MUST(dsc_isa_set(dsc_isa_available(0), &failure));
    dsc_network *widest = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 2, 1, layers);
    const bool is_fused = strcmp(dsc_isa_name(), "c") != 0;
    assert_true(product_of(plain) == 0);
    assert_true(product_of(widest) == (is_fused ? 0x1p-24F : 0));
    dsc_network_destroy(widest);
    dsc_network_destroy(plain);
    start_with(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_widest_is_the_default),
        cmocka_unit_test(plain_c_is_everywhere_and_last),
        cmocka_unit_test(each_can_be_taken),
        cmocka_unit_test(another_name_is_refused),
        cmocka_unit_test(a_wrong_environment_is_an_error_of_what_is_created),
        cmocka_unit_test(a_network_keeps_the_one_it_was_created_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
