/* Fails one allocation of the program under test: for tests of what happens without memory.
 *
 * Link with descent_alloc_test (tests/CMakeLists.txt), which routes malloc, calloc, realloc,
 * reallocarray and aligned_alloc through this. Allocations inside shared libraries are not
 * counted. */
#ifndef FAIL_ALLOC_H
#define FAIL_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the n-th allocation, counted from 1, fails, and so do all after it when
 * `and_all_after`. */
void fail_alloc_begin(size_t n, bool and_all_after);

/* Back to normal. True when an allocation was refused: false ends a loop over n. */
bool fail_alloc_end(void);

#endif
