/* Reading ratings and titles with too little memory: every allocation fails once, and once with all
 * that follow; each time a clean DSC_E_MEMORY, and (under AddressSanitizer) nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/ratings.h"
#include "descent/titles.h"
#include "fail_alloc.h"
#include "scratch_dir.h"

/* More than the loops below ever need: a guard against one that does not end. */
enum { MAX_ALLOCATIONS = 1000, N_LINES = 300 };

/* Enough lines for every array to grow; users come back, so that all orders are sorted, and some
 * pairs do. */
static char *make_ratings(size_t *length) {
    char *text = malloc((size_t)N_LINES * 64);
    assert_non_null(text);
    *length = 0;
    for (int i = 0; i < N_LINES; i++) {
        *length += (size_t)sprintf(text + *length, "user%d,an item with a long id %d,%d,%d\n%s",
                                   i % 90, i % 40, i % 5, i, i % 10 == 0 ? "\n" : "");
    }
    return text;
}

static void each_allocation_of_ratings(void **state) {
    (void)state;
    size_t length;
    char *text = make_ratings(&length);
    for (int and_all_after = 0; and_all_after <= 1; and_all_after++) {
        size_t n = 0;
        dsc_status status;
        do {
            dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
            dsc_error err = {DSC_OK, "", ""};
            assert_true(++n < MAX_ALLOCATIONS);
            fail_alloc_begin(n, and_all_after != 0);
            status = dsc_ratings_read_memory(&ratings, text, length, "t", NULL, NULL, &err);
            bool has_failed = fail_alloc_end();
            assert_int_equal(status, has_failed ? DSC_E_MEMORY : DSC_OK);
            assert_int_equal(err.code, status);
            assert_int_equal(ratings == NULL, has_failed);
            assert_int_equal(strstr(err.message, "not enough memory") != NULL, has_failed);
            dsc_ratings_destroy(ratings);
        } while (status != DSC_OK);
        print_message("%zu allocations failed\n", n - 1);
        assert_true(n > 20);
    }
    free(text);
}

static void each_allocation_of_titles(void **state) {
    char text[N_LINES * 32];
    size_t length = 0;
    for (int i = 0; i < N_LINES; i++) {
        length += (size_t)sprintf(text + length, "%d|Title \xe9 %d\n", i, i);
    }
    char *path = scratch_write(*state, "titles.dat", text, length);
    size_t n = 0;
    dsc_status status;
    do {
        dsc_titles *titles = (dsc_titles *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        assert_true(++n < MAX_ALLOCATIONS);
        fail_alloc_begin(n, false);
        status = dsc_titles_read(&titles, path, &err);
        bool has_failed = fail_alloc_end();
        assert_int_equal(status, has_failed ? DSC_E_MEMORY : DSC_OK);
        assert_int_equal(err.code, status);
        assert_int_equal(titles == NULL, has_failed);
        dsc_titles_destroy(titles);
    } while (status != DSC_OK);
    assert_true(n > 10);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_of_ratings),
        cmocka_unit_test_setup_teardown(each_allocation_of_titles, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
