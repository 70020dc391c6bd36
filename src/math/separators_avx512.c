/* Separators with AVX-512, 64 bytes at a time. */
#include <immintrin.h>

#include "math/separators.h"
#include "math/separators_marks.h"

/* The marks of 16 bytes from `at` on; all 16 elements are written. Returns how many count. */
static inline size_t add_marks(uint16_t *marks, size_t at, __mmask16 found) {
    const __m512i behind = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    const __m512i all = _mm512_add_epi32(_mm512_set1_epi32((int)at), behind);
    const __m512i of_found = _mm512_maskz_compress_epi32(found, all);
    _mm256_storeu_si256((__m256i *)(void *)marks, _mm512_cvtepi32_epi16(of_found));
    return (size_t)__builtin_popcount(found);
}

dsc_separators dsc_separators_avx512(const char *text, size_t n, char delimiter, uint16_t *marks) {
    const __m512i pattern = _mm512_set1_epi8(delimiter);
    const __m512i quote = _mm512_set1_epi8('"');
    const __m512i line = _mm512_set1_epi8('\n');
    dsc_separators_sum sum = DSC_SEPARATORS_NONE;
    for (size_t at = 0; at < n; at += 64) {
        const __mmask64 is_text = n - at >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << (n - at)) - 1;
        const __m512i bytes = _mm512_maskz_loadu_epi8(is_text, text + at);
        const __mmask64 is_delimiter = _mm512_mask_cmpeq_epi8_mask(is_text, bytes, pattern);
        const __mmask64 is_line = _mm512_mask_cmpeq_epi8_mask(is_text, bytes, line);
        const __mmask64 found = is_delimiter | _mm512_mask_cmple_epu8_mask(is_text, bytes, quote);
        size_t n_marks = sum.all.n;
        for (unsigned part = 0; part < 64; part += 16) {
            n_marks += add_marks(marks + n_marks, at + part, (__mmask16)(found >> part));
        }
        dsc_separators_add(&sum, (dsc_separators_bits){found, is_line, is_delimiter | is_line});
    }
    return dsc_separators_of(&sum);
}
