/* Separators with AVX-512 that packs bytes (VBMI2), 64 at a time. */
#include <immintrin.h>

#include "math/separators.h"
#include "math/separators_marks.h"

/* 32 marks from places in 64 bytes that lie at `at`. */
static inline void store_marks(uint16_t *marks, size_t at, __m256i places) {
    const __m512i all =
        _mm512_add_epi16(_mm512_cvtepu8_epi16(places), _mm512_set1_epi16((short)at));
    _mm512_storeu_si512(marks, all);
}

/* As many marks as there are bits, and what is behind them up to 32 or 64. */
static inline void add_marks(uint16_t *marks, size_t at, __mmask64 found) {
    const __m512i steps = _mm512_set_epi64(
        0x403F3E3D3C3B3A39, 0x3837363534333231, 0x302F2E2D2C2B2A29, 0x2827262524232221,
        0x201F1E1D1C1B1A19, 0x1817161514131211, 0x100F0E0D0C0B0A09, 0x0807060504030201);
    const __m512i places = _mm512_maskz_compress_epi8(found, steps);
    store_marks(marks, at, _mm512_castsi512_si256(places));
    if (__builtin_popcountll(found) > 32) {
        store_marks(marks + 32, at, _mm512_extracti64x4_epi64(places, 1));
    }
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
        add_marks(marks + sum.all.n, at, found);
        dsc_separators_add(&sum, (dsc_separators_bits){found, is_line, is_delimiter | is_line});
    }
    return dsc_separators_of(&sum);
}
