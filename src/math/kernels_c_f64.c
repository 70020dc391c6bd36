/* The plain C kernels in double precision. */
#include <math.h>

#define real             double
#define real_exp         exp
#define real_tanh        tanh
#define real_expm1       expm1
#define real_log1p       log1p
#define real_erfc        erfc
#define real_sqrt        sqrt
#define KERNEL_NAME      "c"
#define KERNEL_TABLE     dsc_kernels_c_f64
#define KERNEL_PRECISION DSC_FLOAT64
#define real_dust        1.5e-154 /* root of the smallest normal number */
#include "math/kernels_c.inc"
