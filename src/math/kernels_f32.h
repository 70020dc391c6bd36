/* What `real` and its functions are in single precision, for kernels_c.inc. */
#ifndef DSC_MATH_KERNELS_F32_H
#define DSC_MATH_KERNELS_F32_H

#include <math.h>

#include "math/kernels.h"

#define real             float
#define real_exp         expf
#define real_tanh        tanhf
#define real_expm1       expm1f
#define real_log1p       log1pf
#define real_erfc        erfcf
#define real_sqrt        sqrtf
#define real_dust        1.1e-19f /* root of the smallest normal number */
#define KERNEL_PRECISION DSC_FLOAT32

/* Where it is compiled, by kernels_avx2.c: run_steps of dsc_kernels. */
double dsc_run_steps_avx2(const dsc_step_run *run);

#endif
