/* The order of the samples in an epoch. */
#include "network/fit_internal.h"

enum { N_BLOCKS = 64 };

/* The numbers of a stream, some blocks at a time. */
typedef struct drawn_numbers {
    const dsc_kernels *kernels;
    dsc_random random; /* its counter is that of the next block */
    size_t n_used;
    uint32_t of[4 * N_BLOCKS];
} drawn_numbers;

static inline uint32_t next_number(drawn_numbers *numbers) {
    if (numbers->n_used == 4 * (size_t)N_BLOCKS) {
        dsc_random *random = &numbers->random;
        numbers->kernels->random_blocks(numbers->of, random->counter, random->key, N_BLOCKS);
        random->counter[0] += N_BLOCKS;
        numbers->n_used = 0;
    }
    return numbers->of[numbers->n_used++];
}

/* dsc_random_below */
static inline uint32_t number_below(drawn_numbers *numbers, uint32_t n) {
    uint64_t product = (uint64_t)next_number(numbers) * n;
    if ((uint32_t)product < n) {
        const uint32_t threshold = (0u - n) % n;
        while ((uint32_t)product < threshold) {
            product = (uint64_t)next_number(numbers) * n;
        }
    }
    return (uint32_t)(product >> 32);
}

void dsc_fit_shuffle(uint32_t *order, size_t n, const dsc_kernels *kernels, dsc_random random) {
    drawn_numbers numbers = {.kernels = kernels, .random = random, .n_used = 4 * (size_t)N_BLOCKS};
    for (size_t i = n; i > 1; i--) {
        const size_t other = number_below(&numbers, (uint32_t)i);
        const uint32_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}
