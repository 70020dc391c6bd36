/* Vectors of 8 floats for kernels_vector_dense.inc: AVX2 and FMA. */
#ifndef DSC_MATH_VECTOR_AVX2_H
#define DSC_MATH_VECTOR_AVX2_H

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef __m256 vector;

/* 6 x 2 accumulators and what they are made from fit the 16 registers. */
#define LANES 8
#define ROWS  6

static inline vector vector_spread(float x) {
    return _mm256_set1_ps(x);
}

static inline vector vector_load(const float *from) {
    return _mm256_loadu_ps(from);
}

static inline void vector_store(float *to, vector v) {
    _mm256_storeu_ps(to, v);
}

static inline __m256i first_lanes(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* The first n lanes, 0 in the others; memory beyond is not touched. */
static inline vector vector_load_part(const float *from, size_t n) {
    return _mm256_maskload_ps(from, first_lanes(n));
}

/* Some processors take 20 times as long for a store by a mask: all lanes go without. */
static inline void vector_store_part(float *to, vector v, size_t n) {
    if (n == LANES) {
        vector_store(to, v);
    } else {
        _mm256_maskstore_ps(to, first_lanes(n), v);
    }
}

/* a b + c, rounded once. */
static inline vector vector_fma(vector a, vector b, vector c) {
    return _mm256_fmadd_ps(a, b, c);
}

static inline vector vector_add(vector a, vector b) {
    return _mm256_add_ps(a, b);
}

/* The lanes of v that are at least those of `least`, as bits. */
static inline uint32_t vector_at_least(vector v, vector least) {
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(v, least, _CMP_GE_OQ));
}

static inline vector vector_subtract(vector a, vector b) {
    return _mm256_sub_ps(a, b);
}

static inline vector vector_multiply(vector a, vector b) {
    return _mm256_mul_ps(a, b);
}

static inline vector vector_divide(vector a, vector b) {
    return _mm256_div_ps(a, b);
}

static inline vector vector_root(vector v) {
    return _mm256_sqrt_ps(v);
}

/* v where it is not nearer to 0 than `limit`, else 0. */
static inline vector vector_without(vector v, vector limit) {
    const vector size = _mm256_andnot_ps(_mm256_set1_ps(-0.0F), v);
    return _mm256_and_ps(_mm256_cmp_ps(size, limit, _CMP_NLT_UQ), v);
}

/* v where it is not below 0, else 0: not a number stays so. */
static inline vector vector_cut_below_0(vector v) {
    return _mm256_max_ps(_mm256_setzero_ps(), v);
}

/* The larger; b where one of the two is not a number. */
static inline vector vector_larger(vector a, vector b) {
    return _mm256_max_ps(a, b);
}

/* `yes` where a is below b, else `no`. */
static inline vector vector_where_less(vector a, vector b, vector yes, vector no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

/* To the nearest integer. */
static inline vector vector_round(vector v) {
    return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* 2^n, of normal numbers. */
static inline vector power_of_2(vector n) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}

/* v 2^n, n integers of -200 .. 127, v of the size of 1; an n below -100 counts as -100. Exact. */
static inline vector vector_scale_to_normal(vector v, vector n) {
    return _mm256_mul_ps(v, power_of_2(_mm256_max_ps(n, _mm256_set1_ps(-100))));
}

/* v 2^n of any such n, rounded once, a multiplication later. */
static inline vector vector_scale(vector v, vector n) {
    const vector rest = _mm256_sub_ps(n, _mm256_max_ps(n, _mm256_set1_ps(-100)));
    return _mm256_mul_ps(vector_scale_to_normal(v, n), power_of_2(rest));
}

static inline vector vector_negative_size(vector v) { /* -|v| */
    return _mm256_or_ps(v, _mm256_set1_ps(-0.0F));
}

static inline vector vector_lane(vector v, size_t lane) { /* that lane in all */
    return _mm256_permutevar8x32_ps(v, _mm256_set1_epi32((int)lane));
}

/* One of the first four lanes in all four; what is behind them is of no use. Sooner there than vector_lane. */
static inline vector vector_lane_of_4(vector v, size_t lane) {
    return _mm256_permutevar_ps(v, _mm256_set1_epi32((int)lane));
}

/* Whole numbers of a byte, four for each lane, and sums of 32 bits. */
#define BYTES
typedef __m256i bytes;

static inline bool has_fast_bytes(void) {
    return true;
}

static inline bytes bytes_zero(void) {
    return _mm256_setzero_si256();
}

static inline bytes bytes_load(const int8_t *from) {
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

/* The same four in every lane. */
static inline bytes bytes_spread(const int8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm256_set1_epi32(four);
}

/* max(a + b, 0), which is in 0 .. 127. */
static inline bytes bytes_join(bytes a, bytes b) {
    return _mm256_max_epi8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
}

/* sum + the four products of each lane; the first are not below 0, so that two products fit 16 bits. */
static inline bytes bytes_multiply_add(bytes a, bytes b, bytes sum) {
    const __m256i pairs = _mm256_maddubs_epi16(a, b);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

static inline vector bytes_sums(bytes sum) {
    return _mm256_cvtepi32_ps(sum);
}

/* Integers of 64 bits, half as many; and the products of their lower halves. */
typedef uint64_t wide __attribute__((vector_size(32)));

static inline wide wide_multiply(wide a, wide b) {
    return (wide)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}

/* to[0] = a[0], to[1] = b[0], to[2] = a[1] and so on. */
static inline void wide_store_pairs(uint32_t *to, wide a, wide b) {
    const __m256i even = _mm256_unpacklo_epi64((__m256i)a, (__m256i)b);
    const __m256i odd = _mm256_unpackhi_epi64((__m256i)a, (__m256i)b);
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256((__m256i *)(void *)(to + LANES),
                        _mm256_permute2x128_si256(even, odd, 0x31));
}

#endif
