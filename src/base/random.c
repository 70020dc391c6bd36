/* Philox4x32-10 and the distributions drawn from it. */
#include "descent/random.h"

#include <math.h>
#include <string.h>

/* Multipliers and key increments of Philox4x32 (Salmon et al. 2011, table 2 and section 4.3). */
#define PHILOX_M0     0xD2511F53u
#define PHILOX_M1     0xCD9E8D57u
#define PHILOX_W0     0x9E3779B9u
#define PHILOX_W1     0xBB67AE85u
#define PHILOX_ROUNDS 10

void dsc_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)PHILOX_M0 * c0;
        uint64_t p1 = (uint64_t)PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

dsc_random dsc_random_stream(uint64_t seed, uint32_t purpose, uint64_t index) {
    dsc_random random;
    memset(&random, 0, sizeof random);
    random.key[0] = (uint32_t)seed;
    random.key[1] = (uint32_t)(seed >> 32);
    /* counter[0] counts blocks of the stream: 2^34 numbers before it would repeat. */
    random.counter[1] = purpose;
    random.counter[2] = (uint32_t)index;
    random.counter[3] = (uint32_t)(index >> 32);
    random.n_used = 4;
    return random;
}

uint32_t dsc_random_u32(dsc_random *random) {
    if (random->n_used == 4) {
        dsc_philox4x32(random->block, random->counter, random->key);
        random->counter[0]++;
        random->n_used = 0;
    }
    return random->block[random->n_used++];
}

uint32_t dsc_random_below(dsc_random *random, uint32_t n) {
    /* The upper half of a 32 x 32 bit product is uniform once the lower halves below 2^32 mod n are
     * rejected (D. Lemire, "Fast random integer generation in an interval", 2019). */
    uint64_t product = (uint64_t)dsc_random_u32(random) * n;
    if ((uint32_t)product < n) {
        uint32_t threshold = (0u - n) % n;
        while ((uint32_t)product < threshold) {
            product = (uint64_t)dsc_random_u32(random) * n;
        }
    }
    return (uint32_t)(product >> 32);
}

double dsc_random_uniform(dsc_random *random) {
    uint64_t high = dsc_random_u32(random) >> 5; /* 27 bits */
    uint64_t low = dsc_random_u32(random) >> 6;  /* 26 bits */
    return (double)((high << 26) | low) * 0x1p-53;
}

double dsc_random_normal(dsc_random *random) {
    double radius = sqrt(-2.0 * log(1.0 - dsc_random_uniform(random)));
    return radius * cos(6.283185307179586476925 * dsc_random_uniform(random));
}
