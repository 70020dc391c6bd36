/* Element types of the container: their names and sizes. */
#include "store/safetensors.h"

#include <stdint.h>

#include "store/safetensors_internal.h"

size_t dsc_element_bytes(dsc_element element) {
    switch (element) {
    case DSC_U8:
        return 1;
    case DSC_BF16:
        return 2;
    case DSC_I32:
    case DSC_F32:
        return 4;
    case DSC_I64:
    case DSC_F64:
        return 8;
    }
    return 0;
}

const char *dsc_element_name(dsc_element element) {
    switch (element) {
    case DSC_U8:
        return "U8";
    case DSC_I32:
        return "I32";
    case DSC_I64:
        return "I64";
    case DSC_F32:
        return "F32";
    case DSC_F64:
        return "F64";
    case DSC_BF16:
        return "BF16";
    }
    return "unknown element";
}

bool dsc_tensor_bytes(const dsc_tensor *tensor, size_t *out) {
    size_t n = dsc_element_bytes(tensor->element);
    for (size_t d = 0; d < tensor->n_dimensions; d++) {
        if (tensor->shape[d] > PTRDIFF_MAX || __builtin_mul_overflow(n, tensor->shape[d], &n)) {
            return false;
        }
    }
    *out = n;
    return n <= PTRDIFF_MAX;
}
