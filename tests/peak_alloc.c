/* Counts the bytes of all blocks, by the linker's --wrap. */
#include "peak_alloc.h"

#include <malloc.h>
#include <stdatomic.h>

/* The names are the linker's: __wrap_f is called for f, __real_f is f. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wreserved-identifier"
#endif

/* Differences: a block of a shared library that is freed here makes them smaller. */
static atomic_ptrdiff_t n_now, n_most;

void peak_alloc_begin(void) {
    atomic_store(&n_now, 0);
    atomic_store(&n_most, 0);
}

size_t peak_alloc_end(void) {
    return (size_t)atomic_load(&n_most);
}

static void count(ptrdiff_t n) {
    const ptrdiff_t now = atomic_fetch_add(&n_now, n) + n;
    ptrdiff_t most = atomic_load(&n_most);
    while (now > most && !atomic_compare_exchange_weak(&n_most, &most, now)) {
    }
}

static void *counted(void *block) {
    count(block != NULL ? (ptrdiff_t)malloc_usable_size(block) : 0);
    return block;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_reallocarray(void *block, size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_reallocarray(void *block, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

void *__wrap_malloc(size_t size) {
    return counted(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size) {
    return counted(__real_calloc(n, size));
}

/* A block that grows may be there twice for a moment. */
static void *moved(void *grown, ptrdiff_t n_before) {
    if (grown != NULL) {
        counted(grown);
        count(-n_before);
    }
    return grown;
}

void *__wrap_realloc(void *block, size_t size) {
    const ptrdiff_t n_before = (ptrdiff_t)malloc_usable_size(block);
    return moved(__real_realloc(block, size), n_before);
}

void *__wrap_reallocarray(void *block, size_t n, size_t size) {
    const ptrdiff_t n_before = (ptrdiff_t)malloc_usable_size(block);
    return moved(__real_reallocarray(block, n, size), n_before);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return counted(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block) {
    count(-(ptrdiff_t)malloc_usable_size(block));
    __real_free(block);
}
