/* Random numbers as an argument: counter-based streams (Philox4x32-10).
 *
 * A stream is fixed by (seed, purpose, index) alone, so that what is drawn for one purpose never
 * depends on how much was drawn for another, on the order of work or on the number of threads.
 * Not for secrets.
 * Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
#ifndef DESCENT_RANDOM_H
#define DESCENT_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A position in one stream. A plain value: copying it copies the position. One thread at a time. */
typedef struct dsc_random {
    uint32_t key[2];     /* the seed */
    uint32_t counter[4]; /* purpose, index, and the next block's number */
    uint32_t block[4];   /* the numbers of the last block */
    uint32_t n_used;     /* numbers of `block` already handed out, 0 to 4 */
} dsc_random;

/* Ten rounds of Philox on one counter block; the known-answer test of the generator. */
void dsc_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* The start of the stream (seed, purpose, index), for example (7, shuffle, epoch 3). */
dsc_random dsc_random_stream(uint64_t seed, uint32_t purpose, uint64_t index);

/* Uniform on 0 .. 2^32 - 1. */
uint32_t dsc_random_u32(dsc_random *random);

/* Uniform on 0 .. n - 1 without bias; n >= 1. */
uint32_t dsc_random_below(dsc_random *random, uint32_t n);

/* Uniform on [0, 1), 53 bits. */
double dsc_random_uniform(dsc_random *random);

/* Standard normal (Box-Muller, cosine branch; two uniforms a call). */
double dsc_random_normal(dsc_random *random);

#ifdef __cplusplus
}
#endif
#endif
