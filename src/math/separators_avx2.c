/* Separators with AVX2, twice 32 bytes at a time. */
#include <immintrin.h>
#include <string.h>

#include "math/separators.h"
#include "math/separators_marks.h"

/* One bit a byte that is the delimiter or, as the smaller of the two, unchanged by '"'. */
static inline uint64_t find(const char *text, __m256i pattern, __m256i quote) {
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)text);
    const __m256i is_low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, quote), bytes);
    const __m256i found = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, pattern), is_low);
    return (uint32_t)_mm256_movemask_epi8(found);
}

size_t dsc_separators_avx2(const char *text, size_t n, char delimiter, uint16_t *marks) {
    const __m256i pattern = _mm256_set1_epi8(delimiter);
    const __m256i quote = _mm256_set1_epi8('"');
    size_t n_marks = 0;
    size_t at = 0;
    for (; n - at >= 64; at += 64) {
        const uint64_t found =
            find(text + at, pattern, quote) | find(text + at + 32, pattern, quote) << 32;
        n_marks += dsc_marks_add(marks + n_marks, at, found);
    }
    if (at < n) {
        char rest[64] = {0};
        memcpy(rest, text + at, n - at);
        const uint64_t found = find(rest, pattern, quote) | find(rest + 32, pattern, quote) << 32;
        n_marks += dsc_marks_add(marks + n_marks, at, found & ((UINT64_C(1) << (n - at)) - 1));
    }
    return n_marks;
}
