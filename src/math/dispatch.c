/* Which table of kernels serves a precision. */
#include "math/kernels.h"

const dsc_kernels *dsc_kernels_get(dsc_precision precision) {
    return precision == DSC_FLOAT32 ? &dsc_kernels_c_f32 : &dsc_kernels_c_f64;
}
