/* Ratings sorted by item: the same order by any number of threads, which are those that were asked for, and by
 * the caller's alone where the system gives no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/ratings.h"
#include "fail_alloc.h"

/* MANY: more ratings than a thread sorts alone. FEW: no more. */
enum { MANY = 90000, FEW = 60000, N_A_USER = 100, N_ITEMS = 400 };

static size_t n_started; /* threads */
static bool is_refused;  /* a thread */

/* The names are the linker's: __wrap_f is called for f, __real_f is f. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wreserved-identifier"
#endif

typedef void *thread_function(void *);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_function *run,
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_function *run,
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_function *run,
                          void *argument) {
    if (is_refused) {
        return EAGAIN;
    }
    n_started++;
    return __real_pthread_create(thread, attributes, run, argument);
}

/* The first n of these ratings; no two are of the same user and item. */
static uint32_t item_of(size_t i) {
    return (uint32_t)(i * 7 % N_ITEMS);
}

static float value_of(size_t i) {
    return (float)(1 + i % 5);
}

typedef struct text {
    char *bytes;
    size_t length;
} text;

static text make_text(size_t n) {
    text of = {malloc(n * 32), 0};
    assert_non_null(of.bytes);
    for (size_t i = 0; i < n; i++) {
        of.length += (size_t)sprintf(of.bytes + of.length, "u%zu,i%u,%g\n", i / N_A_USER,
                                     item_of(i), (double)value_of(i));
    }
    return of;
}

static dsc_ratings *read_text(const text *of, size_t n_threads) {
    const dsc_ratings_format format = {.n_threads = n_threads};
    dsc_ratings *ratings;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, of->bytes, of->length, "t", &format, NULL, NULL), DSC_OK);
    return ratings;
}

/* Every rating has its place, users ascending in each item. */
static void assert_sorted(const dsc_ratings *ratings, size_t n) {
    const dsc_sparse by_item = dsc_ratings_by_item(ratings);
    assert_int_equal(by_item.n_entries, n);
    assert_int_equal(by_item.n_rows, N_ITEMS);
    uint64_t next[N_ITEMS];
    uint32_t item[N_ITEMS]; /* as it is read for the first time, by its number in the text */
    uint32_t n_seen = 0;
    memcpy(next, by_item.start, sizeof next);
    memset(item, 0xFF, sizeof item);
    for (size_t i = 0; i < n; i++) {
        uint32_t *row = &item[item_of(i)];
        *row = *row == UINT32_MAX ? n_seen++ : *row;
        const uint64_t at = next[*row]++;
        assert_true(at < by_item.start[*row + 1]);
        assert_int_equal(by_item.column[at], i / N_A_USER);
        assert_true(by_item.value[at] == value_of(i));
    }
}

static void threads_sort_as_one_does(void **state) {
    (void)state;
    const text of = make_text(MANY);
    for (size_t n_threads = 1; n_threads <= 3; n_threads++) {
        dsc_ratings *ratings = read_text(&of, n_threads);
        n_started = 0;
        assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK);
        assert_int_equal(n_started, n_threads - 1);
        assert_sorted(ratings, MANY);
        assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK); /* nothing to do */
        assert_int_equal(n_started, n_threads - 1);
        dsc_ratings_destroy(ratings);
    }
    free(of.bytes);
}

static void few_ratings_start_no_thread(void **state) {
    (void)state;
    const text of = make_text(FEW);
    dsc_ratings *ratings = read_text(&of, 3);
    n_started = 0;
    assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK);
    assert_int_equal(n_started, 0);
    assert_sorted(ratings, FEW);
    dsc_ratings_destroy(ratings);
    free(of.bytes);
}

static void one_thread_sorts_where_there_are_no_others(void **state) {
    (void)state;
    const text of = make_text(MANY);
    dsc_ratings *ratings = read_text(&of, 3);
    dsc_error err = {DSC_OK, "", ""};
    is_refused = true;
    const dsc_status status = dsc_ratings_sort_by_item(ratings, &err);
    is_refused = false;
    assert_int_equal(status, DSC_OK);
    assert_string_equal(err.message, "");
    assert_sorted(ratings, MANY);
    dsc_ratings_destroy(ratings);
    free(of.bytes);
}

/* Without memory for the threads, which is asked for first, one sorts; without that for the order there is an
 * error, nothing is sorted, and it can be tried again. */
static void each_allocation(void **state) {
    (void)state;
    const text of = make_text(MANY);
    bool is_any_refused = true;
    size_t n_sorted_by_one = 0, n_failed = 0;
    for (size_t n = 1; is_any_refused; n++) {
        dsc_ratings *ratings = read_text(&of, 3);
        dsc_error err = {DSC_OK, "", ""};
        n_started = 0;
        fail_alloc_begin(n, false);
        const dsc_status status = dsc_ratings_sort_by_item(ratings, &err);
        is_any_refused = fail_alloc_end();
        assert_int_equal(err.code, status);
        if (is_any_refused && n_started == 0) {
            assert_int_equal(status, DSC_OK);
            assert_int_equal(n_failed, 0);
            n_sorted_by_one++;
        } else if (is_any_refused) {
            assert_int_equal(status, DSC_E_MEMORY);
            assert_non_null(strstr(err.message, "not enough memory"));
            assert_null(dsc_ratings_by_item(ratings).start);
            assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK);
            n_failed++;
        }
        assert_sorted(ratings, MANY);
        dsc_ratings_destroy(ratings);
    }
    print_message("%zu times sorted by one thread, %zu times not sorted\n", n_sorted_by_one,
                  n_failed);
    assert_true(n_sorted_by_one >= 1 && n_failed >= 2);
    free(of.bytes);
}

/* And from one allocation on no memory at all, for the threads as for the order: an error. */
static void no_memory_left(void **state) {
    (void)state;
    const text of = make_text(MANY);
    bool is_any_refused = true;
    for (size_t n = 1; is_any_refused; n++) {
        dsc_ratings *ratings = read_text(&of, 3);
        dsc_error err = {DSC_OK, "", ""};
        fail_alloc_begin(n, true);
        const dsc_status status = dsc_ratings_sort_by_item(ratings, &err);
        is_any_refused = fail_alloc_end();
        assert_int_equal(status, is_any_refused ? DSC_E_MEMORY : DSC_OK);
        assert_int_equal(err.code, status);
        dsc_ratings_destroy(ratings);
    }
    free(of.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_sort_as_one_does),
        cmocka_unit_test(few_ratings_start_no_thread),
        cmocka_unit_test(one_thread_sorts_where_there_are_no_others),
        cmocka_unit_test(each_allocation),
        cmocka_unit_test(no_memory_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
