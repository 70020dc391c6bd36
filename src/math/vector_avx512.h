/* Vectors of 16 floats for kernels_vector_dense.inc: AVX-512 F with the masks of VL, BW and DQ. */
#ifndef DSC_MATH_VECTOR_AVX512_H
#define DSC_MATH_VECTOR_AVX512_H

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef __m512 vector;

/* 12 x 2 accumulators and what they are made from fit the 32 registers. */
#define LANES 16
#define ROWS  12

static inline vector vector_spread(float x) {
    return _mm512_set1_ps(x);
}

static inline vector vector_load(const float *from) {
    return _mm512_loadu_ps(from);
}

static inline void vector_store(float *to, vector v) {
    _mm512_storeu_ps(to, v);
}

static inline __mmask16 first_lanes(size_t n) {
    return (__mmask16)((1u << n) - 1);
}

/* The first n lanes, 0 in the others; memory beyond is not touched. */
static inline vector vector_load_part(const float *from, size_t n) {
    return _mm512_maskz_loadu_ps(first_lanes(n), from);
}

static inline void vector_store_part(float *to, vector v, size_t n) {
    _mm512_mask_storeu_ps(to, first_lanes(n), v);
}

/* a b + c, rounded once. */
static inline vector vector_fma(vector a, vector b, vector c) {
    return _mm512_fmadd_ps(a, b, c);
}

static inline vector vector_add(vector a, vector b) {
    return _mm512_add_ps(a, b);
}

/* The lanes of v that are at least those of `least`, as bits. */
static inline uint32_t vector_at_least(vector v, vector least) {
    return _mm512_cmp_ps_mask(v, least, _CMP_GE_OQ);
}

static inline vector vector_subtract(vector a, vector b) {
    return _mm512_sub_ps(a, b);
}

static inline vector vector_multiply(vector a, vector b) {
    return _mm512_mul_ps(a, b);
}

static inline vector vector_divide(vector a, vector b) {
    return _mm512_div_ps(a, b);
}

static inline vector vector_root(vector v) {
    return _mm512_sqrt_ps(v);
}

/* v where it is not nearer to 0 than `limit`, else 0. */
static inline vector vector_without(vector v, vector limit) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_abs_ps(v), limit, _CMP_NLT_UQ), v);
}

/* v where it is not below 0, else 0: not a number stays so. */
static inline vector vector_cut_below_0(vector v) {
    return _mm512_max_ps(_mm512_setzero_ps(), v);
}

/* The larger; b where one of the two is not a number. */
static inline vector vector_larger(vector a, vector b) {
    return _mm512_max_ps(a, b);
}

/* `yes` where a is below b, else `no`. */
static inline vector vector_where_less(vector a, vector b, vector yes, vector no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), no, yes);
}

/* To the nearest integer. */
static inline vector vector_round(vector v) {
    return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* v 2^n, rounded once; n integers of -200 .. 127, v of the size of 1. */
static inline vector vector_scale(vector v, vector n) {
    return _mm512_scalef_ps(v, n);
}

/* The same where an n below -100 may count as -100, which others have sooner. */
static inline vector vector_scale_to_normal(vector v, vector n) {
    return vector_scale(v, n);
}

static inline vector vector_negative_size(vector v) { /* -|v| */
    return _mm512_or_ps(v, _mm512_set1_ps(-0.0F));
}

/* Whole numbers of a byte, four for each lane, and sums of 32 bits: with VNNI, which the compiler may use where
 * BYTES stands and nowhere else. */
#define BYTES __attribute__((target("avx512vnni")))
typedef int32_t bytes __attribute__((vector_size(64)));

static inline bool has_fast_bytes(void) {
    return __builtin_cpu_supports("avx512vnni");
}

static inline bytes bytes_zero(void) {
    return (bytes)_mm512_setzero_si512();
}

static inline bytes bytes_load(const int8_t *from) {
    return (bytes)_mm512_loadu_si512(from);
}

/* The same four in every lane. */
static inline bytes bytes_spread(const int8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    return (bytes)_mm512_set1_epi32(four);
}

/* max(a + b, 0), which is in 0 .. 127. */
static inline bytes bytes_join(bytes a, bytes b) {
    const __m512i sum = _mm512_add_epi8((__m512i)a, (__m512i)b);
    return (bytes)_mm512_max_epi8(sum, _mm512_setzero_si512());
}

/* sum + the four products of each lane; the first are not below 0. */
BYTES static inline bytes bytes_multiply_add(bytes a, bytes b, bytes sum) {
    return (bytes)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
}

static inline vector bytes_sums(bytes sum) {
    return _mm512_cvtepi32_ps((__m512i)sum);
}

/* Integers of 64 bits, half as many; and the products of their lower halves. */
typedef uint64_t wide __attribute__((vector_size(64)));

static inline wide wide_multiply(wide a, wide b) {
    return (wide)_mm512_mul_epu32((__m512i)a, (__m512i)b);
}

/* to[0] = a[0], to[1] = b[0], to[2] = a[1] and so on. */
static inline void wide_store_pairs(uint32_t *to, wide a, wide b) {
    const __m512i low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    const __m512i high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64((__m512i)a, low, (__m512i)b));
    _mm512_storeu_si512(to + LANES, _mm512_permutex2var_epi64((__m512i)a, high, (__m512i)b));
}

#endif
