/* The plain C kernels in single precision. */
#include <math.h>

#define real             float
#define real_exp         expf
#define real_tanh        tanhf
#define real_expm1       expm1f
#define real_log1p       log1pf
#define real_erfc        erfcf
#define real_sqrt        sqrtf
#define KERNEL_TABLE     dsc_kernels_c_f32
#define KERNEL_PRECISION DSC_FLOAT32
#define real_dust        1.1e-19f /* root of the smallest normal number */
#include "math/kernels_c.inc"
