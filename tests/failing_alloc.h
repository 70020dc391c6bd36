/* Makes the library's n-th allocation fail. The test is linked with -Wl,--wrap=dsc_alloc; include
 * this in one file of it. */
#ifndef DSC_TESTS_FAILING_ALLOC_H
#define DSC_TESTS_FAILING_ALLOC_H

#include <stddef.h>

static int n_allocations_allowed = -1;

/* Allocations that succeed from here on, before all others fail; negative: all succeed. */
static inline void allow_allocations(int n) {
    n_allocations_allowed = n;
}

/* The names are the linker's. */
void *__real_dsc_alloc(size_t count, size_t size);
void *__wrap_dsc_alloc(size_t count, size_t size);

void *__wrap_dsc_alloc(size_t count, size_t size) {
    if (n_allocations_allowed == 0) {
        return NULL;
    }
    n_allocations_allowed -= n_allocations_allowed > 0;
    return __real_dsc_alloc(count, size);
}

#endif
