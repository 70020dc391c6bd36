/* Predictors with too little memory: every allocation fails once, and once with all that follow;
 * each time a clean DSC_E_MEMORY, and (under AddressSanitizer) nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "descent/network_store.h"
#include "fail_alloc.h"
#include "planted_table.h"
#include "scratch_dir.h"
#include "small_networks.h"

typedef struct fixture {
    void *dir;
    char *path;         /* of a saved predictor */
    char *network_path; /* of a saved network */
    dsc_table *table;
    dsc_predictor_config config;
    dsc_predictor *predictor;
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    f->table = planted_table(40, PLANTED_CLASS);
    f->config = dsc_predictor_config_default();
    f->config.fit.max_epochs = 1;
    f->config.balances_classes = true;
    f->path = scratch_path(f->dir, "model");
    f->network_path = scratch_path(f->dir, "network");
    const dsc_predictor_source source = {.table = f->table};
    MUST(dsc_predictor_fit(&f->predictor, &source, &f->config, NULL, NULL, &failure));
    MUST(dsc_predictor_save(f->predictor, f->path, &failure));
    MUST(dsc_network_save(dsc_predictor_network(f->predictor), f->network_path, &failure));
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_predictor_destroy(f->predictor);
    dsc_table_destroy(f->table);
    free(f->path);
    free(f->network_path);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

/* Attempts, with a fixture for their context. */

static dsc_status fit(void *context, dsc_error *err) {
    const fixture *f = context;
    const dsc_predictor_source source = {.table = f->table};
    dsc_predictor *predictor = (dsc_predictor *)(uintptr_t)1;
    dsc_status status = dsc_predictor_fit(&predictor, &source, &f->config, NULL, NULL, err);
    assert_int_equal(predictor != NULL, status == DSC_OK);
    dsc_predictor_destroy(predictor);
    return status;
}

static dsc_status load(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_predictor *predictor = (dsc_predictor *)(uintptr_t)1;
    dsc_status status = dsc_predictor_load(&predictor, f->path, err);
    assert_int_equal(predictor != NULL, status == DSC_OK);
    dsc_predictor_destroy(predictor);
    return status;
}

static dsc_status load_network(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_network *net = (dsc_network *)(uintptr_t)1;
    dsc_status status = dsc_network_load(&net, f->network_path, err);
    assert_int_equal(net != NULL, status == DSC_OK);
    dsc_network_destroy(net);
    return status;
}

static dsc_status save(void *context, dsc_error *err) {
    const fixture *f = context;
    return dsc_predictor_save(f->predictor, f->path, err);
}

static dsc_status predict(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_predictions out;
    dsc_status status = dsc_predictor_predict(f->predictor, f->table, NULL, 0, &out, err);
    assert_int_equal(out.category != NULL, status == DSC_OK);
    dsc_predictions_clear(&out);
    return status;
}

static dsc_status evaluate(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_predictor_evaluation out;
    dsc_status status = dsc_predictor_evaluate(f->predictor, f->table, NULL, 0, &out, err);
    assert_int_equal(out.confusion != NULL, status == DSC_OK);
    dsc_predictor_evaluation_clear(&out);
    return status;
}

static void fitting(void **state) {
    fail_alloc_each(fit, *state, 30);
}

static void loading(void **state) {
    fail_alloc_each(load, *state, 10);
    fail_alloc_each(load_network, *state, 5);
}

/* The old file stays as it was, and no temporary one is left. */
static void saving(void **state) {
    const fixture *f = *state;
    size_t n_before, n_after;
    char *before = scratch_read(f->path, &n_before);
    fail_alloc_each(save, *state, 10);
    char *after = scratch_read(f->path, &n_after);
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_before);
    assert_int_equal(scratch_count(f->dir), 2);
    free(before);
    free(after);
}

static void asking(void **state) {
    fail_alloc_each(predict, *state, 4);
    fail_alloc_each(evaluate, *state, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fitting, begin, end),
        cmocka_unit_test_setup_teardown(loading, begin, end),
        cmocka_unit_test_setup_teardown(saving, begin, end),
        cmocka_unit_test_setup_teardown(asking, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
