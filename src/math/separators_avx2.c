/* Separators with AVX2, twice 32 bytes at a time. */
#include <immintrin.h>
#include <string.h>

#include "math/separators.h"
#include "math/separators_marks.h"

static inline __m256i load(const char *text) {
    return _mm256_loadu_si256((const __m256i *)(const void *)text);
}

/* One bit a byte that is c. */
static inline uint64_t find(__m256i low, __m256i high, __m256i c) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, c)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, c)) << 32;
}

/* The same of those that are, as the smaller of the two, unchanged by c. */
static inline uint64_t find_up_to(__m256i low, __m256i high, __m256i c) {
    const __m256i is_low = _mm256_cmpeq_epi8(_mm256_min_epu8(low, c), low);
    const __m256i is_high = _mm256_cmpeq_epi8(_mm256_min_epu8(high, c), high);
    return (uint32_t)_mm256_movemask_epi8(is_low) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(is_high) << 32;
}

/* Of 64 bytes, those of is_text alone. */
static inline dsc_separators_bits look(const char *text, char delimiter, uint64_t is_text) {
    const __m256i low = load(text), high = load(text + 32);
    const uint64_t is_delimiter = find(low, high, _mm256_set1_epi8(delimiter)) & is_text;
    const uint64_t is_line = find(low, high, _mm256_set1_epi8('\n')) & is_text;
    return (dsc_separators_bits){is_delimiter |
                                     (find_up_to(low, high, _mm256_set1_epi8('"')) & is_text),
                                 is_line, is_delimiter | is_line};
}

dsc_separators dsc_separators_avx2(const char *text, size_t n, char delimiter, uint16_t *marks) {
    dsc_separators_sum sum = DSC_SEPARATORS_NONE;
    size_t at = 0;
    for (; n - at >= 64; at += 64) {
        const dsc_separators_bits bits = look(text + at, delimiter, UINT64_MAX);
        dsc_marks_add(marks + sum.all.n, at, bits.all);
        dsc_separators_add(&sum, bits);
    }
    if (at < n) {
        char rest[64] = {0};
        memcpy(rest, text + at, n - at);
        const dsc_separators_bits bits = look(rest, delimiter, (UINT64_C(1) << (n - at)) - 1);
        dsc_marks_add(marks + sum.all.n, at, bits.all);
        dsc_separators_add(&sum, bits);
    }
    return dsc_separators_of(&sum);
}
