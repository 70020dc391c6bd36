/* Digits with AVX-512: four fields at a time, each in a lane of 16 bytes. */
#include "math/digits.h"
#include "math/digits_lane.h"

/* Pairs of digits, fours, eights, and both eights of a lane. */
static inline __m256i join(__m512i digits) {
    const __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(10 + (1 << 8)));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(100 + (1 << 16)));
    const __m512i packed = _mm512_packus_epi32(fours, fours);
    const __m512i eights = _mm512_madd_epi16(packed, _mm512_set1_epi32(10000 + (1 << 16)));
    const __m512i all = _mm512_add_epi64(_mm512_mul_epu32(eights, _mm512_set1_epi64(100000000)),
                                         _mm512_srli_epi64(eights, 32));
    const __m512i first_of_lanes = _mm512_setr_epi64(0, 2, 4, 6, 0, 2, 4, 6);
    return _mm512_castsi512_si256(_mm512_permutexvar_epi64(first_of_lanes, all));
}

size_t dsc_digits_avx512(dsc_field_column column, size_t n, uint64_t *number) {
    enum { N = 4 };
    const char *text = column.text;
    const size_t stride = column.stride;
    size_t i = 0;
    for (; i + N <= n; i += N) {
        const uint16_t *mark = column.mark;
        dsc_digits_seen seen = {0, 0};
        __m512i digits = _mm512_castsi128_si512(dsc_digits_lane(text, mark, &seen));
        digits = _mm512_inserti64x2(digits, dsc_digits_lane(text, mark + stride, &seen), 1);
        digits = _mm512_inserti64x2(digits, dsc_digits_lane(text, mark + 2 * stride, &seen), 2);
        digits = _mm512_inserti64x2(digits, dsc_digits_lane(text, mark + 3 * stride, &seen), 3);
        if (!dsc_digits_are_odd(seen) && _mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9)) == 0) {
            _mm256_storeu_si256((__m256i *)(void *)(number + i), join(digits));
        } else if (dsc_digits_c(column, N, number + i) < N) {
            break;
        }
        column.mark += N * stride;
    }
    return i + dsc_digits_c(column, n - i, number + i);
}
