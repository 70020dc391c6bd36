/* Vectors of 4 floats for kernels_vector_dense.inc: NEON, which every 64-bit ARM processor has. */
#ifndef DSC_MATH_VECTOR_NEON_H
#define DSC_MATH_VECTOR_NEON_H

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float32x4_t vector;

/* 12 x 2 accumulators and what they are made from fit the 32 registers. */
#define LANES 4
#define ROWS  12

static inline vector vector_spread(float x) {
    return vdupq_n_f32(x);
}

static inline vector vector_load(const float *from) {
    return vld1q_f32(from);
}

static inline void vector_store(float *to, vector v) {
    vst1q_f32(to, v);
}

/* The first n lanes, 0 in the others; memory beyond is not touched. There are no masks. */
static inline vector vector_load_part(const float *from, size_t n) {
    float lanes[LANES] = {0};
    memcpy(lanes, from, n * sizeof *lanes);
    return vld1q_f32(lanes);
}

static inline void vector_store_part(float *to, vector v, size_t n) {
    float lanes[LANES];
    vst1q_f32(lanes, v);
    memcpy(to, lanes, n * sizeof *lanes);
}

/* a b + c, rounded once. */
static inline vector vector_fma(vector a, vector b, vector c) {
    return vfmaq_f32(c, a, b);
}

static inline vector vector_add(vector a, vector b) {
    return vaddq_f32(a, b);
}

/* The lanes of v that are at least those of `least`, as bits. */
static inline uint32_t vector_at_least(vector v, vector least) {
    static const uint32_t bits[LANES] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(vcgeq_f32(v, least), vld1q_u32(bits)));
}

static inline vector vector_subtract(vector a, vector b) {
    return vsubq_f32(a, b);
}

static inline vector vector_multiply(vector a, vector b) {
    return vmulq_f32(a, b);
}

static inline vector vector_divide(vector a, vector b) {
    return vdivq_f32(a, b);
}

static inline vector vector_root(vector v) {
    return vsqrtq_f32(v);
}

/* v where it is not nearer to 0 than `limit`, else 0. */
static inline vector vector_without(vector v, vector limit) {
    return vbslq_f32(vcaltq_f32(v, limit), vdupq_n_f32(0), v);
}

/* v where it is not below 0, else 0: not a number stays so. */
static inline vector vector_cut_below_0(vector v) {
    return vbslq_f32(vcltq_f32(v, vdupq_n_f32(0)), vdupq_n_f32(0), v);
}

/* The larger; b where one of the two is not a number. */
static inline vector vector_larger(vector a, vector b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}

/* `yes` where a is below b, else `no`. */
static inline vector vector_where_less(vector a, vector b, vector yes, vector no) {
    return vbslq_f32(vcltq_f32(a, b), yes, no);
}

/* To the nearest integer. */
static inline vector vector_round(vector v) {
    return vrndnq_f32(v);
}

/* 2^n, of normal numbers. */
static inline vector power_of_2(vector n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23));
}

/* v 2^n, n integers of -200 .. 127, v of the size of 1; an n below -100 counts as -100. Exact. */
static inline vector vector_scale_to_normal(vector v, vector n) {
    return vmulq_f32(v, power_of_2(vmaxq_f32(n, vdupq_n_f32(-100))));
}

/* v 2^n of any such n, rounded once, a multiplication later. */
static inline vector vector_scale(vector v, vector n) {
    const vector rest = vsubq_f32(n, vmaxq_f32(n, vdupq_n_f32(-100)));
    return vmulq_f32(vector_scale_to_normal(v, n), power_of_2(rest));
}

static inline vector vector_negative_size(vector v) { /* -|v| */
    return vnegq_f32(vabsq_f32(v));
}

static inline vector vector_lane(vector v, size_t lane) { /* that lane in all */
    return vdupq_n_f32(v[lane]);
}

static inline vector vector_lane_of_4(vector v, size_t lane) {
    return vector_lane(v, lane);
}

/* Integers of 64 bits, half as many; and the products of their lower halves. */
typedef uint64_t wide __attribute__((vector_size(16)));

static inline wide wide_multiply(wide a, wide b) {
    return (wide)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
}

/* to[0] = a[0], to[1] = b[0], to[2] = a[1] and so on. */
static inline void wide_store_pairs(uint32_t *to, wide a, wide b) {
    vst1q_u32(to, vreinterpretq_u32_u64(vzip1q_u64((uint64x2_t)a, (uint64x2_t)b)));
    vst1q_u32(to + LANES, vreinterpretq_u32_u64(vzip2q_u64((uint64x2_t)a, (uint64x2_t)b)));
}

#endif
