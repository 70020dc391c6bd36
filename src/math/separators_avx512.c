/* Separators with AVX-512, 64 bytes at a time. */
#include <immintrin.h>

#include "math/separators.h"
#include "math/separators_marks.h"

size_t dsc_separators_avx512(const char *text, size_t n, char delimiter, uint16_t *marks) {
    const __m512i pattern = _mm512_set1_epi8(delimiter);
    const __m512i quote = _mm512_set1_epi8('"');
    size_t n_marks = 0;
    for (size_t at = 0; at < n; at += 64) {
        const __mmask64 is_text = n - at >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << (n - at)) - 1;
        const __m512i bytes = _mm512_maskz_loadu_epi8(is_text, text + at);
        const __mmask64 found = _mm512_mask_cmpeq_epi8_mask(is_text, bytes, pattern) |
                                _mm512_mask_cmple_epu8_mask(is_text, bytes, quote);
        n_marks += dsc_marks_add(marks + n_marks, at, found);
    }
    return n_marks;
}
