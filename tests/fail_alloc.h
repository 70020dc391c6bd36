/* Fails one allocation of the program under test: for tests of what happens without memory.
 *
 * Link with descent_alloc_test (tests/CMakeLists.txt), which routes malloc, calloc, realloc,
 * reallocarray and aligned_alloc through this. Allocations inside shared libraries are not
 * counted. */
#ifndef FAIL_ALLOC_H
#define FAIL_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/status.h"

/* From now on the n-th allocation, counted from 1, fails, and so do all after it when
 * `and_all_after`. */
void fail_alloc_begin(size_t n, bool and_all_after);

/* Back to normal. True when an allocation was refused: false ends a loop over n. */
bool fail_alloc_end(void);

/* One attempt at what is tested: whatever it makes it also destroys, and it checks that a failure
 * makes nothing. */
typedef dsc_status (*fail_alloc_attempt)(void *context, dsc_error *err);

/* Attempts with the first allocation failing, then the second, ..., until none fails; each once
 * alone and once with all that follow. The test fails where an attempt does not end with a clean
 * DSC_E_MEMORY, or where fewer than n_at_least allocations could be refused. */
void fail_alloc_each(fail_alloc_attempt attempt, void *context, size_t n_at_least);

#endif
