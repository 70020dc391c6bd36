/* Ranks in plain C, and which function is used. */
#include "math/ranks.h"

#include <string.h>

#include "descent/isa.h"
#include "math/ranks_body.h"

size_t dsc_ranks_c(const uint32_t *number, size_t n, dsc_rank_set set, uint32_t *rank) {
    return dsc_ranks_of(number, n, set, rank);
}

dsc_ranks_finder *dsc_ranks_choose(void) {
#if defined __x86_64__
    const char *isa = dsc_isa_name();
    if (strcmp(isa, "avx512") == 0 || strcmp(isa, "avx2") == 0) {
        return dsc_ranks_avx2;
    }
#endif
    return dsc_ranks_c;
}
