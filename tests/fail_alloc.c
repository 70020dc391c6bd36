/* Fails one allocation of the program under test, by the linker's --wrap. */
#include "fail_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* More than any test needs: a guard against a loop that does not end. */
enum { MAX_ALLOCATIONS = 2000 };

static size_t n_left; /* allocations until one fails, 0: none will */
static bool is_last_one;
static bool has_failed;

void fail_alloc_begin(size_t n, bool and_all_after) {
    n_left = n;
    is_last_one = !and_all_after;
    has_failed = false;
}

bool fail_alloc_end(void) {
    n_left = 0;
    return has_failed;
}

/* Attempts until no allocation fails; how many did. */
static size_t count_refusals(fail_alloc_attempt attempt, void *context, bool and_all_after) {
    for (size_t n = 1; n < MAX_ALLOCATIONS; n++) {
        dsc_error err = {DSC_OK, "", ""};
        fail_alloc_begin(n, and_all_after);
        const dsc_status status = attempt(context, &err);
        const bool was_refused = fail_alloc_end();
        if (status != (was_refused ? DSC_E_MEMORY : DSC_OK)) {
            fail_msg("allocation %zu: %s: %s", n, dsc_status_name(status), err.message);
        }
        assert_int_equal(err.code, status);
        assert_int_equal(strstr(err.message, "not enough memory") != NULL, was_refused);
        if (!was_refused) {
            return n - 1;
        }
    }
    fail_msg("more than %d allocations", MAX_ALLOCATIONS);
    return 0;
}

void fail_alloc_each(fail_alloc_attempt attempt, void *context, size_t n_at_least) {
    for (int and_all_after = 0; and_all_after <= 1; and_all_after++) {
        const size_t n = count_refusals(attempt, context, and_all_after != 0);
        print_message("%zu allocations failed\n", n);
        assert_true(n >= n_at_least);
    }
}

static bool must_fail(void) {
    if (n_left == 0) {
        return false;
    }
    if (n_left > 1) {
        n_left--;
        return false;
    }
    if (is_last_one) {
        n_left = 0;
    }
    has_failed = true;
    return true;
}

/* The names are the linker's: __wrap_f is called for f, __real_f is f. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wreserved-identifier"
#endif

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_reallocarray(void *block, size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_reallocarray(void *block, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size) {
    return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
    return must_fail() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *block, size_t size) {
    return must_fail() ? NULL : __real_realloc(block, size);
}

void *__wrap_reallocarray(void *block, size_t n, size_t size) {
    return must_fail() ? NULL : __real_reallocarray(block, n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return must_fail() ? NULL : __real_aligned_alloc(alignment, size);
}
