/* Separators in plain C, and which function is used. */
#include "math/separators.h"

#include <endian.h>
#include <string.h>

#include "descent/isa.h"

/* Eight bytes at a time. A byte of 7 bits plus 0x7F has its top bit set unless it is 0; plus
 * 0x7F - '"' it has it unless the byte is at most '"'. Neither sum reaches the next byte. */
dsc_separators dsc_separators_c(const char *text, size_t n, char delimiter, uint16_t *marks) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t low_bits = ones * 0x7F;
    const uint64_t pattern = ones * (unsigned char)delimiter;
    const uint64_t above_quote = ones * (0x7F - '"');
    dsc_separators all = {0, 0, true};
    size_t begin = 0; /* of the field */
    for (size_t at = 0; at < n; at += 8) {
        uint64_t word = ~UINT64_C(0); /* bytes that are no separators, behind the end */
        memcpy(&word, text + at, n - at < 8 ? n - at : 8);
        word = le64toh(word);
        const uint64_t x = word ^ pattern;
        const uint64_t other = ((x & low_bits) + low_bits) | x;
        const uint64_t high = ((word & low_bits) + above_quote) | word;
        uint64_t found = ~(other & high) & ~low_bits;
        for (; found != 0; found &= found - 1) {
            const size_t place = at + (unsigned)__builtin_ctzll(found) / 8;
            if (place >= n) {
                break;
            }
            const bool is_line = text[place] == '\n';
            all.is_plain &= (is_line || text[place] == delimiter) && place > begin;
            all.n_lines += is_line;
            begin = place + 1;
            marks[all.n++] = (uint16_t)begin;
        }
    }
    return all;
}

dsc_separators_finder *dsc_separators_choose(void) {
#if defined __x86_64__
    const char *isa = dsc_isa_name();
    const bool is_widest = strcmp(isa, "avx512") == 0;
    if (is_widest && __builtin_cpu_supports("avx512vbmi2")) {
        return dsc_separators_avx512;
    }
    if (is_widest || strcmp(isa, "avx2") == 0) {
        return dsc_separators_avx2;
    }
#endif
    return dsc_separators_c;
}
