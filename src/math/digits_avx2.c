/* Digits with AVX2: two fields at a time, each in a lane of 16 bytes. */
#include "math/digits.h"
#include "math/digits_lane.h"

/* Pairs of digits, fours, eights, and both eights of a lane. */
static inline __m128i join(__m256i digits) {
    const __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(10 + (1 << 8)));
    const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(100 + (1 << 16)));
    const __m256i packed = _mm256_packus_epi32(fours, fours);
    const __m256i eights = _mm256_madd_epi16(packed, _mm256_set1_epi32(10000 + (1 << 16)));
    const __m256i all = _mm256_add_epi64(_mm256_mul_epu32(eights, _mm256_set1_epi64x(100000000)),
                                         _mm256_srli_epi64(eights, 32));
    return _mm_unpacklo_epi64(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

size_t dsc_digits_avx2(dsc_field_column column, size_t n, uint64_t *number) {
    enum { N = 2 };
    size_t i = 0;
    for (; i + N <= n; i += N) {
        const uint16_t *mark = column.mark;
        dsc_digits_seen seen = {0, 0};
        __m256i digits = _mm256_castsi128_si256(dsc_digits_lane(column.text, mark, &seen));
        digits = _mm256_inserti128_si256(
            digits, dsc_digits_lane(column.text, mark + column.stride, &seen), 1);
        const __m256i nine = _mm256_set1_epi8(9);
        const __m256i is_digit = _mm256_cmpeq_epi8(_mm256_max_epu8(digits, nine), nine);
        if (!dsc_digits_are_odd(seen) && _mm256_movemask_epi8(is_digit) == -1) {
            _mm_storeu_si128((__m128i *)(void *)(number + i), join(digits));
        } else if (dsc_digits_c(column, N, number + i) < N) {
            break;
        }
        column.mark += N * column.stride;
    }
    return i + dsc_digits_c(column, n - i, number + i);
}
