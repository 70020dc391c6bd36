/* Fails one allocation of the program under test, by the linker's --wrap. */
#include "fail_alloc.h"

#include <stdlib.h>

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
