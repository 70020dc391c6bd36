/* Allocation with checked sizes. Nothing here aborts: NULL means that there is no memory, or that
 * count * size does not fit size_t. */
#ifndef DSC_BASE_MEMORY_H
#define DSC_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Cache line and widest vector register: arrays that kernels walk start at a multiple of it. */
#define DSC_ALIGNMENT 64

/* count * size bytes, zeroed, 64-byte aligned, freed with dsc_free. A count of 0 gives a valid
 * pointer that must not be read. */
void *dsc_alloc(size_t count, size_t size);

/* Grows a block from malloc/realloc to hold at least `needed` elements of `size` bytes, at least
 * doubling *capacity; freed with free(). False: *block and *capacity are as before. */
bool dsc_grow(void **block, size_t *capacity, size_t needed, size_t size);

void dsc_free(void *block); /* NULL is allowed */

/* Says that most of a block will be written soon: where the system has large pages, it then takes
 * those, for which it need not be asked every few kilobytes. Small blocks and NULL are left alone. */
void dsc_expect_use(void *block, size_t n_bytes);

/* Reports DSC_E_MEMORY for `what`, such as "the user vectors". */
static inline dsc_status dsc_fail_memory(dsc_error *err, const char *what) {
    return dsc_fail(err, DSC_E_MEMORY, "", "not enough memory for %s", what);
}

#endif
