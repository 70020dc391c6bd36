/* Allocation with checked sizes. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What a large page has on most systems; where it is something else, no harm is done. */
#define LARGE_PAGE_BYTES ((uintptr_t)2 * 1024 * 1024)

void dsc_expect_use(void *block, size_t n_bytes) {
#ifdef MADV_HUGEPAGE
    const uintptr_t begin = ((uintptr_t)block + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES;
    const uintptr_t end = ((uintptr_t)block + n_bytes) / LARGE_PAGE_BYTES;
    if (block != NULL && end > begin) {
        (void)madvise((void *)(begin * LARGE_PAGE_BYTES), (end - begin) * LARGE_PAGE_BYTES,
                      MADV_HUGEPAGE); /* advice: nothing depends on it */
    }
#else
    (void)block;
    (void)n_bytes;
#endif
}

void *dsc_alloc(size_t count, size_t size) {
    size_t n_bytes;
    size_t rounded;
    if (__builtin_mul_overflow(count, size, &n_bytes) ||
        __builtin_add_overflow(n_bytes, (size_t)DSC_ALIGNMENT - 1, &rounded)) {
        return NULL;
    }
    rounded -= rounded % DSC_ALIGNMENT;
    if (rounded == 0) {
        rounded = DSC_ALIGNMENT;
    }
    void *block = aligned_alloc(DSC_ALIGNMENT, rounded);
    if (block != NULL) {
        dsc_expect_use(block, rounded);
        memset(block, 0, rounded);
    }
    return block;
}

bool dsc_grow(void **block, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity) {
        return true;
    }
    size_t new_capacity = *capacity > SIZE_MAX / 2 ? needed : *capacity * 2;
    if (new_capacity < needed) {
        new_capacity = needed;
    }
    if (new_capacity < 16) {
        new_capacity = 16;
    }
    void *grown = reallocarray(*block, new_capacity, size);
    if (grown == NULL) {
        return false;
    }
    *block = grown;
    *capacity = new_capacity;
    return true;
}

void dsc_free(void *block) {
    free(block);
}
