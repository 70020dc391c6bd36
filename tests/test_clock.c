/* Bins of time and sessions of users, on times written out by hand. docs/math.md (148) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fail_alloc.h"
#include "recommender/clock.h"

enum { N_USERS = 3, N = 9 };

/* Users rate in an order that is not that of their items. */
static const uint64_t start[] = {0, 5, 5, 9};
static const uint32_t column[] = {0, 1, 2, 3, 4, 0, 2, 3, 5};
static const float value[N] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
static const int64_t times[] = {1000, 130, 70, 100, 161, 500, 500, 60, 5};

static dsc_sparse with_times(const int64_t *time) {
    return (dsc_sparse){.n_rows = N_USERS,
                        .n_cols = 6,
                        .n_entries = N,
                        .start = start,
                        .column = column,
                        .value = value,
                        .time = time};
}

static void must_init(dsc_clock *out, const int64_t *time, size_t n_bins, uint64_t gap) {
    assert_int_equal(dsc_clock_init(out, with_times(time), n_bins, gap, NULL), DSC_OK);
}

/* Sorted: 5 60 70, 100 130 161, 500 500 1000. */
static void bins_hold_equally_many(void **state) {
    (void)state;
    dsc_clock c;
    must_init(&c, times, 3, 0);
    assert_int_equal(c.n_bins, 3);
    assert_int_equal(c.n_sessions, 0);
    static const struct {
        int64_t time;
        size_t bin;
    } cases[] = {{5, 0},   {70, 0},  {99, 0},   {100, 1},       {161, 1},
                 {499, 1}, {500, 2}, {1000, 2}, {INT64_MAX, 2}, {INT64_MIN, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(dsc_clock_bin(&c, cases[i].time), cases[i].bin);
    }
    assert_int_equal(dsc_clock_session(&c, 0, 100), DSC_NO_INDEX);
    dsc_clock_clear(&c);
}

static void more_bins_than_times(void **state) {
    (void)state;
    dsc_clock c;
    must_init(&c, times, 1000, 0);
    for (size_t b = 1; b < c.n_bins; b++) {
        assert_true(c.bin_start[b] >= c.bin_start[b - 1]);
    }
    for (size_t e = 0; e < N; e++) {
        assert_true(c.bin_start[dsc_clock_bin(&c, times[e])] == times[e]);
    }
    dsc_clock_clear(&c);
}

/* User 0: 70 100 130 | 161 | 1000. User 1: nothing. User 2: 5 | 60 | 500 500. */
static void sessions_end_at_a_pause(void **state) {
    (void)state;
    dsc_clock c;
    must_init(&c, times, 0, 30);
    static const uint64_t first[] = {0, 3, 3, 6};
    static const int64_t begin[] = {70, 161, 1000, 5, 60, 500};
    static const int64_t end[] = {130, 161, 1000, 5, 60, 500};
    assert_int_equal(c.n_sessions, 6);
    assert_memory_equal(c.first_session, first, sizeof first);
    assert_memory_equal(c.begin, begin, sizeof begin);
    assert_memory_equal(c.end, end, sizeof end);
    static const struct {
        uint32_t user;
        int64_t time;
        uint32_t session;
    } cases[] = {
        {0, 70, 0},
        {0, 100, 0},
        {0, 85, 0},
        {0, 130, 0},
        {0, 40, 0},
        {0, 145, 0},
        {0, 146, 1},
        {0, 191, 1},
        {0, 192, DSC_NO_INDEX},
        {0, 970, 2},
        {0, 969, DSC_NO_INDEX},
        {0, 1030, 2},
        {0, 1031, DSC_NO_INDEX},
        {1, 100, DSC_NO_INDEX},
        {2, 5, 3},
        {2, 32, 3},
        {2, 33, 4},
        {2, 500, 5},
        {2, INT64_MAX, DSC_NO_INDEX},
        {2, INT64_MIN, DSC_NO_INDEX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (dsc_clock_session(&c, cases[i].user, cases[i].time) != cases[i].session) {
            fail_msg("case %zu", i);
        }
    }
    dsc_clock_clear(&c);
}

/* No difference of two times overflows. */
static void times_at_the_ends_of_their_type(void **state) {
    (void)state;
    static const int64_t far[] = {INT64_MIN, INT64_MAX, 0, INT64_MAX - 1, INT64_MIN + 1, INT64_MAX,
                                  INT64_MIN, 0,         1};
    dsc_clock c;
    must_init(&c, far, 4, 10);
    assert_int_equal(c.n_sessions, 6);
    assert_int_equal(dsc_clock_session(&c, 0, INT64_MIN), 0);
    assert_int_equal(dsc_clock_session(&c, 0, INT64_MAX), 2);
    assert_int_equal(dsc_clock_session(&c, 0, 11), DSC_NO_INDEX);
    assert_int_equal(dsc_clock_bin(&c, INT64_MAX), 3);
    dsc_clock_clear(&c);
    must_init(&c, far, 0, UINT64_MAX);
    assert_int_equal(c.n_sessions, 2); /* one of each user who has rated */
    dsc_clock_clear(&c);
}

static void no_times(void **state) {
    (void)state;
    dsc_clock c;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_clock_init(&c, with_times(NULL), 2, 0, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "have no times"));
    dsc_clock_clear(&c);
}

static dsc_status make(void *context, dsc_error *err) {
    (void)context;
    dsc_clock c;
    dsc_status status = dsc_clock_init(&c, with_times(times), 2, 30, err);
    dsc_clock_clear(&c);
    return status;
}

static void memory(void **state) {
    (void)state;
    fail_alloc_each(make, NULL, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_hold_equally_many),
        cmocka_unit_test(more_bins_than_times),
        cmocka_unit_test(sessions_end_at_a_pause),
        cmocka_unit_test(times_at_the_ends_of_their_type),
        cmocka_unit_test(no_times),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
