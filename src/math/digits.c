/* Digits in plain C, and which function is used. */
#include "math/digits.h"

#include "descent/isa.h"

/* At most 8 digits: those that are not there become zeros in front. */
static inline bool read_few(const char *text, size_t n, uint64_t *out) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    const unsigned n_missing = 8 * (8 - (unsigned)n);
    return dsc_digits_of_word(le64toh(word) << n_missing |
                                  (UINT64_C(0x3030303030303030) & ~(~UINT64_C(0) << n_missing)),
                              out);
}

static inline bool read_one(const char *text, size_t n, uint64_t *out) {
    uint64_t high = 0, low = 0;
    if (n - 1 >= DSC_MAX_DIGITS || (*text == '0' && n > 1)) {
        return false;
    }
    const bool is_good =
        n <= 8 ? read_few(text, n, &low)
               : read_few(text, n - 8, &high) && dsc_read_eight_digits(text + n - 8, &low);
    *out = high * 100000000 + low;
    return is_good;
}

size_t dsc_digits_c(dsc_field_column column, size_t n, uint64_t *number) {
    for (size_t i = 0; i < n; i++) {
        const char *begin = dsc_field_begin(column, i);
        if (!read_one(begin, (size_t)(dsc_field_end(column, i) - begin), &number[i])) {
            return i;
        }
    }
    return n;
}

dsc_digits_reader *dsc_digits_choose(void) {
#if defined __x86_64__
    const char *isa = dsc_isa_name();
    if (strcmp(isa, "avx512") == 0) {
        return dsc_digits_avx512;
    }
    if (strcmp(isa, "avx2") == 0) {
        return dsc_digits_avx2;
    }
#endif
    return dsc_digits_c;
}
