/* The kernels in single precision with AVX2 and FMA: those of kernels_vector_*.inc by vector_avx2.h, the others the
 * plain C ones, which the compiler turns into vectors of that width and which give the same bytes as
 * without. Sums of products, exponentials and runs of steps differ from plain C by rounding. */
#include "math/kernels_f32.h"
#include "math/vector_avx2.h"

#define KERNEL_NAME  "avx2"
#define KERNEL_TABLE dsc_kernels_avx2_f32
#include "math/kernels_c.inc"

/* AVX-512 takes them too: a layer of some units is nothing for wider vectors. */
double dsc_run_steps_avx2(const dsc_step_run *run) {
    return run_steps(run);
}
