/* Digits with AVX-512: four fields at a time, each at the end of a lane of 16 bytes. */
#include <immintrin.h>

#include "math/digits.h"

enum { N = 4, LANE = 16, MOST_MARKS = 32 };

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

/* The 16 bytes that end with a field, which are text that begins before them. */
static inline __m128i load(const char *text, const uint16_t *mark) {
    return _mm_loadu_si128((const __m128i *)(const void *)(text + *mark - 1 - LANE));
}

/* The length of each field in all bytes of its lane, 255 of those that are longer.
 *   n_marks  [in]  from that before the first field to that behind the last; at most MOST_MARKS
 *   places   [in]  of the fields' marks, in all elements of their lanes */
static inline __m512i find_lengths(const uint16_t *mark, __mmask32 n_marks, __m512i places) {
    const __m512i begin = _mm512_maskz_loadu_epi16(n_marks, mark - 1);
    const __m512i end = _mm512_maskz_loadu_epi16(n_marks, mark);
    const __m512i length = _mm512_sub_epi16(_mm512_sub_epi16(end, begin), _mm512_set1_epi16(1));
    const __m512i of_lanes = _mm512_permutexvar_epi16(places, length);
    return _mm512_packus_epi16(of_lanes, of_lanes);
}

/* Reads N fields; false when one of them is not canonical. */
static inline bool read_four(const char *text, const uint16_t *mark, size_t stride, __m512i lengths,
                             uint64_t *number) {
    /* A byte is in a field from the place on that leaves its length behind it. */
    const __m512i n_behind = _mm512_broadcast_i32x4(
        _mm_setr_epi8(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
    __m512i bytes = _mm512_castsi128_si512(load(text, mark));
    bytes = _mm512_inserti64x2(bytes, load(text, mark + stride), 1);
    bytes = _mm512_inserti64x2(bytes, load(text, mark + 2 * stride), 2);
    bytes = _mm512_inserti64x2(bytes, load(text, mark + 3 * stride), 3);
    const __mmask64 is_field = _mm512_cmpge_epu8_mask(lengths, n_behind);
    const __m512i digits = _mm512_maskz_sub_epi8(is_field, bytes, _mm512_set1_epi8('0'));
    const __mmask64 is_zero = _mm512_testn_epi8_mask(digits, digits);
    const uint64_t last = UINT64_C(0x8000800080008000);
    const uint64_t first = is_field & ~((is_field & ~last) << 1);
    const bool is_odd = (first & is_zero & ~last) != 0 || (is_field & last) != last;
    const __mmask64 is_other = _mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9)) |
                               _mm512_cmpgt_epu8_mask(lengths, _mm512_set1_epi8(DSC_MAX_DIGITS));
    _mm256_storeu_si256((__m256i *)(void *)number, join(digits));
    return !is_odd && is_other == 0;
}

size_t dsc_digits_avx512(dsc_field_column column, size_t n, uint64_t *number) {
    const size_t stride = column.stride;
    const size_t n_marks = (N - 1) * stride + 1;
    size_t i = 0;
    while (i < n && *column.mark <= LANE) { /* less text before it than a lane has */
        if (dsc_digits_c(column, 1, number + i) < 1) {
            return i;
        }
        i++;
        column.mark += stride;
    }
    if (n_marks > MOST_MARKS) {
        return i + dsc_digits_c(column, n - i, number + i);
    }
    const __mmask32 is_mark = UINT32_MAX >> (MOST_MARKS - n_marks);
    const __m512i places = _mm512_mullo_epi16(
        _mm512_set1_epi16((short)stride),
        _mm512_set_epi64(0x0003000300030003, 0x0003000300030003, 0x0002000200020002,
                         0x0002000200020002, 0x0001000100010001, 0x0001000100010001, 0, 0));
    for (; i + N <= n; i += N) {
        const __m512i lengths = find_lengths(column.mark, is_mark, places);
        if (!read_four(column.text, column.mark, stride, lengths, number + i) &&
            dsc_digits_c(column, N, number + i) < N) {
            break;
        }
        column.mark += N * stride;
    }
    return i + dsc_digits_c(column, n - i, number + i);
}
