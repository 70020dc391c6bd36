/* The order of the samples in an epoch. */
#include "math/drawn_numbers.h"
#include "network/fit_internal.h"

void dsc_fit_shuffle(uint32_t *order, size_t n, const dsc_kernels *kernels, dsc_random random) {
    dsc_drawn_numbers numbers;
    dsc_drawn_numbers_init(&numbers, kernels, random);
    for (size_t i = n; i > 1; i--) {
        const size_t other = dsc_drawn_number_below(&numbers, (uint32_t)i);
        const uint32_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}
