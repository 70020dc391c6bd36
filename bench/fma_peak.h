/* How many floating-point operations a second one core can do at most: independent fused
 * multiplications and additions that touch no memory. */
#ifndef DESCENT_BENCH_FMA_PEAK_H
#define DESCENT_BENCH_FMA_PEAK_H

#include <stddef.h>
#include <string.h>

#if defined __x86_64__
#include <immintrin.h>
#elif defined __aarch64__
#include <arm_neon.h>
#endif

/* Chains that do not wait for each other: more than an addition lasts, fewer than registers. */
enum { FMA_CHAINS = 12 };

/* Defines name(n): n rounds of FMA_CHAINS operations on vectors of `lanes`; returns one sum. */
#define DEFINE_FMA_ROUNDS(name, attributes, vector, lanes, spread, fma, store)                     \
    attributes static inline float name(size_t n) {                                                \
        vector sum[FMA_CHAINS];                                                                    \
        const vector factor = spread(1.0F - 0x1p-20F), step = spread(0x1p-20F);                    \
        for (size_t i = 0; i < FMA_CHAINS; i++) {                                                  \
            sum[i] = spread((float)i);                                                             \
        }                                                                                          \
        _Pragma("GCC unroll 4") for (size_t round = 0; round < n; round++) {                       \
            _Pragma("GCC unroll 16") for (size_t i = 0; i < FMA_CHAINS; i++) {                     \
                sum[i] = fma;                                                                      \
            }                                                                                      \
        }                                                                                          \
        float out[lanes], total = 0;                                                               \
        for (size_t i = 0; i < FMA_CHAINS; i++) {                                                  \
            store(out, sum[i]);                                                                    \
            total += out[0];                                                                       \
        }                                                                                          \
        return total;                                                                              \
    }

#if defined __x86_64__
DEFINE_FMA_ROUNDS(fma_rounds_avx512, __attribute__((target("avx512f"))), __m512, 16, _mm512_set1_ps,
                  _mm512_fmadd_ps(sum[i], factor, step), _mm512_storeu_ps)
DEFINE_FMA_ROUNDS(fma_rounds_avx2, __attribute__((target("avx2,fma"))), __m256, 8, _mm256_set1_ps,
                  _mm256_fmadd_ps(sum[i], factor, step), _mm256_storeu_ps)
#elif defined __aarch64__
DEFINE_FMA_ROUNDS(fma_rounds_neon, , float32x4_t, 4, vdupq_n_f32, vfmaq_f32(step, sum[i], factor),
                  vst1q_f32)
#endif

typedef struct fma_peak {
    float (*rounds)(size_t n);
    size_t operations; /* of one round */
} fma_peak;

/* Of an instruction set by its name; no function: it has none that is fused. */
static inline fma_peak fma_peak_of(const char *isa) {
#if defined __x86_64__
    if (strcmp(isa, "avx512") == 0) {
        return (fma_peak){fma_rounds_avx512, (size_t)2 * 16 * FMA_CHAINS};
    }
    if (strcmp(isa, "avx2") == 0) {
        return (fma_peak){fma_rounds_avx2, (size_t)2 * 8 * FMA_CHAINS};
    }
#elif defined __aarch64__
    if (strcmp(isa, "neon") == 0) {
        return (fma_peak){fma_rounds_neon, (size_t)2 * 4 * FMA_CHAINS};
    }
#endif
    (void)isa;
    return (fma_peak){NULL, 0};
}

#endif
