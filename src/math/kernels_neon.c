/* The kernels in single precision with NEON: those of kernels_vector_*.inc by vector_neon.h, the others the
 * plain C ones, which the compiler turns into vectors of that width and which give the same bytes as
 * without. Sums of products, exponentials and runs of steps differ from plain C by rounding. */
#include "math/kernels_f32.h"
#include "math/vector_neon.h"

#define KERNEL_NAME  "neon"
#define KERNEL_TABLE dsc_kernels_neon_f32
#include "math/kernels_c.inc"
