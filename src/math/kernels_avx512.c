/* The kernels in single precision with AVX-512: those of kernels_vector_*.inc by vector_avx512.h, the others the
 * plain C ones, which the compiler turns into vectors of that width and which give the same bytes as
 * without. Sums of products, exponentials and runs of steps differ from plain C by rounding. Runs of steps are those of AVX2: their vectors are short. */
#include "math/kernels_f32.h"
#include "math/vector_avx512.h"

#define KERNEL_NAME  "avx512"
#define KERNEL_TABLE dsc_kernels_avx512_f32
#define RUN_STEPS    dsc_run_steps_avx2
#include "math/kernels_c.inc"
