/* The plain C kernels in single precision. */
#include "math/kernels_f32.h"

#define KERNEL_NAME  "c"
#define KERNEL_TABLE dsc_kernels_c_f32
#include "math/kernels_c.inc"
