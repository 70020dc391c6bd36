/* Ranks with the instructions for bits of processors with AVX2. */
#include "math/ranks.h"
#include "math/ranks_body.h"

size_t dsc_ranks_avx2(const uint32_t *number, size_t n, dsc_rank_set set, uint32_t *rank) {
    return dsc_ranks_of(number, n, set, rank);
}
