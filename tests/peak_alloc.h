/* How much memory the program under test has at most, beyond what it had before.
 *
 * Link with descent_peak_test (tests/CMakeLists.txt), which routes malloc, calloc, realloc, reallocarray,
 * aligned_alloc and free through this. Blocks that shared libraries allocate are not counted. */
#ifndef PEAK_ALLOC_H
#define PEAK_ALLOC_H

#include <stddef.h>

/* Counts from here on. */
void peak_alloc_begin(void);

/* The most bytes there have been since then, less those that were there then. */
size_t peak_alloc_end(void);

#endif
