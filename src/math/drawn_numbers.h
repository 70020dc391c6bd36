/* The numbers of a random stream, some blocks at a time: for whoever draws one for each of many
 * samples. They are those of dsc_random_u32 and dsc_random_below, in their order. */
#ifndef DSC_MATH_DRAWN_NUMBERS_H
#define DSC_MATH_DRAWN_NUMBERS_H

#include "descent/random.h"
#include "math/kernels.h"

enum { DSC_N_DRAWN = 4 * 64 }; /* numbers of the blocks that are drawn at once */

typedef struct dsc_drawn_numbers {
    const dsc_kernels *kernels;
    dsc_random random; /* its counter is that of the next block */
    size_t n_used;
    uint32_t of[DSC_N_DRAWN];
} dsc_drawn_numbers;

/*   random  [in]  a stream from which nothing was drawn */
static inline void dsc_drawn_numbers_init(dsc_drawn_numbers *out, const dsc_kernels *kernels,
                                          dsc_random random) {
    out->kernels = kernels;
    out->random = random;
    out->n_used = DSC_N_DRAWN;
}

static inline uint32_t dsc_drawn_number(dsc_drawn_numbers *numbers) {
    if (numbers->n_used == DSC_N_DRAWN) {
        dsc_random *random = &numbers->random;
        numbers->kernels->random_blocks(numbers->of, random->counter, random->key, DSC_N_DRAWN / 4);
        random->counter[0] += DSC_N_DRAWN / 4;
        numbers->n_used = 0;
    }
    return numbers->of[numbers->n_used++];
}

/* dsc_random_below */
static inline uint32_t dsc_drawn_number_below(dsc_drawn_numbers *numbers, uint32_t n) {
    uint64_t product = (uint64_t)dsc_drawn_number(numbers) * n;
    if ((uint32_t)product < n) {
        const uint32_t threshold = (0u - n) % n;
        while ((uint32_t)product < threshold) {
            product = (uint64_t)dsc_drawn_number(numbers) * n;
        }
    }
    return (uint32_t)(product >> 32);
}

#endif
