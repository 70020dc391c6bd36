/* Files of negatives: both forms, every refusal, too little memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "descent/negatives.h"
#include "fail_alloc.h"
#include "scratch_dir.h"

static dsc_status read(void *dir, const char *text, dsc_negatives **out, dsc_error *err) {
    char *path = scratch_write(dir, "negatives", text, strlen(text));
    const dsc_status status = dsc_negatives_read(out, path, err);
    free(path);
    return status;
}

static void assert_row(const dsc_negatives *negatives, const char *user, size_t n_expected,
                       const char *const *expected) {
    size_t n;
    const uint32_t *item = dsc_negatives_find(negatives, (dsc_id){user, strlen(user)}, &n);
    assert_int_equal(n, n_expected);
    for (size_t i = 0; i < n; i++) {
        const dsc_id id = dsc_negatives_item(negatives, item[i]);
        assert_int_equal(id.length, strlen(expected[i]));
        assert_memory_equal(id.bytes, expected[i], id.length);
    }
}

static void both_forms_are_read(void **state) {
    static const char *const texts[] = {
        "(u,25)\ta\tb\tc\n(v,7)\tc\ta\n",
        "u a b c\r\n\r\n  v  c\ta  \n",
        "u\ta b\tc\nv c a",
    };
    static const char *const of_u[] = {"a", "b", "c"}, *const of_v[] = {"c", "a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dsc_negatives *negatives;
        assert_int_equal(read(*state, texts[i], &negatives, NULL), DSC_OK);
        assert_int_equal(dsc_negatives_n_users(negatives), 2);
        assert_int_equal(dsc_negatives_n_items(negatives), 3);
        assert_row(negatives, "u", 3, of_u);
        assert_row(negatives, "v", 2, of_v);
        assert_row(negatives, "w", 0, NULL);
        dsc_negatives_destroy(negatives);
    }
}

static void bad_files_are_refused(void **state) {
    static const struct {
        const char *text, *where, *message;
    } cases[] = {
        {"u a\nv\n", ":2:2", "no negatives"},
        {"u a b\nu c\n", ":2:1", "has a line already"},
        {"u a b a\n", ":1:7", "\"a\" stands twice"},
        {"(u a b\n", ":1:1", "not of the form (user,item)"},
        {"(u,5 a b\n", ":1:1", "not of the form"},
        {"(,5) a b\n", ":1:1", "not of the form"},
        {"", "", "is empty"},
        {" \n\n", "", "is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dsc_negatives *negatives;
        dsc_error err;
        print_message("case %zu\n", i);
        assert_int_equal(read(*state, cases[i].text, &negatives, &err), DSC_E_DATA);
        assert_null(negatives);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_non_null(strstr(err.where, cases[i].where));
    }
    dsc_negatives *negatives;
    assert_int_equal(dsc_negatives_read(&negatives, "no/such/file", NULL), DSC_E_IO);
    dsc_negatives_destroy(NULL);
}

static void memory_may_end_anywhere(void **state) {
    char *path = scratch_write(*state, "negatives", "u a b c\nv c d\n", 14);
    size_t nth = 0;
    dsc_status status;
    do {
        dsc_negatives *negatives;
        fail_alloc_begin(++nth, false);
        status = dsc_negatives_read(&negatives, path, NULL);
        assert_int_equal(fail_alloc_end(), status != DSC_OK);
        assert_int_equal(negatives != NULL, status == DSC_OK);
        dsc_negatives_destroy(negatives);
    } while (status != DSC_OK);
    assert_true(nth > 10);
    free(path);
}

int main(void) {
#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)
    const struct CMUnitTest tests[] = {
        WITH_DIR(both_forms_are_read),
        WITH_DIR(bad_files_are_refused),
        WITH_DIR(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
