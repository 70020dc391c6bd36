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

enum { N_LINES = 300 };

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

typedef struct text {
    const char *bytes;
    size_t length;
} text;

static dsc_status read_ratings(void *context, dsc_error *err) {
    const text *of = context;
    dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
    dsc_status status =
        dsc_ratings_read_memory(&ratings, of->bytes, of->length, "t", NULL, NULL, err);
    assert_int_equal(ratings != NULL, status == DSC_OK);
    dsc_ratings_destroy(ratings);
    return status;
}

static void each_allocation_of_ratings(void **state) {
    (void)state;
    size_t length;
    char *bytes = make_ratings(&length);
    fail_alloc_each(read_ratings, &(text){bytes, length}, 20);
    free(bytes);
}

/* What was not sorted is as it was, and may be sorted once more. */
static dsc_status sort_by_item(void *context, dsc_error *err) {
    const text *of = context;
    dsc_ratings *ratings;
    dsc_status status =
        dsc_ratings_read_memory(&ratings, of->bytes, of->length, "t", NULL, NULL, err);
    if (status == DSC_OK) {
        status = dsc_ratings_sort_by_item(ratings, err);
        const dsc_sparse by_item = dsc_ratings_by_item(ratings);
        const dsc_sparse none = {0};
        if (status == DSC_OK) {
            assert_int_equal(by_item.n_entries, dsc_ratings_by_user(ratings).n_entries);
        } else {
            assert_memory_equal(&by_item, &none, sizeof none);
        }
        if (fail_alloc_end()) { /* with memory again */
            assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK);
            assert_non_null(dsc_ratings_by_item(ratings).start);
        }
        dsc_ratings_destroy(ratings);
    }
    return status;
}

static void each_allocation_of_the_order_by_item(void **state) {
    (void)state;
    size_t length;
    char *bytes = make_ratings(&length);
    fail_alloc_each(sort_by_item, &(text){bytes, length}, 24);
    free(bytes);
}

/* Lists whose users come back, with ids that are too long to lie beside their hash. */
static dsc_status read_lists(void *context, dsc_error *err) {
    const text *of = context;
    const dsc_ratings_format format = {.feedback = DSC_FEEDBACK_IMPLICIT,
                                       .layout = DSC_LAYOUT_LISTS};
    dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
    dsc_status status =
        dsc_ratings_read_memory(&ratings, of->bytes, of->length, "t", &format, NULL, err);
    assert_int_equal(ratings != NULL, status == DSC_OK);
    dsc_ratings_destroy(ratings);
    return status;
}

static void each_allocation_of_lists(void **state) {
    (void)state;
    char *bytes = malloc((size_t)N_LINES * 64);
    assert_non_null(bytes);
    size_t length = 0;
    for (int i = 0; i < N_LINES; i++) {
        length += (size_t)sprintf(bytes + length, "user%d an-item-with-a-long-id-%d item%d\n",
                                  i % 90, i % 40, i);
    }
    fail_alloc_each(read_lists, &(text){bytes, length}, 20);
    free(bytes);
}

static dsc_status read_titles(void *path, dsc_error *err) {
    dsc_titles *titles = (dsc_titles *)(uintptr_t)1;
    dsc_status status = dsc_titles_read(&titles, path, err);
    assert_int_equal(titles != NULL, status == DSC_OK);
    dsc_titles_destroy(titles);
    return status;
}

static void each_allocation_of_titles(void **state) {
    char lines[N_LINES * 32];
    size_t length = 0;
    for (int i = 0; i < N_LINES; i++) {
        length += (size_t)sprintf(lines + length, "%d|Title \xe9 %d\n", i, i);
    }
    char *path = scratch_write(*state, "titles.dat", lines, length);
    fail_alloc_each(read_titles, path, 10);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_of_ratings),
        cmocka_unit_test(each_allocation_of_the_order_by_item),
        cmocka_unit_test(each_allocation_of_lists),
        cmocka_unit_test_setup_teardown(each_allocation_of_titles, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
