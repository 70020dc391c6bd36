/* Id number: ids that are small whole numbers, which most ids of files are, as such.
 *
 * An id is one when it is the only way to write its number: "7", not "07" and not "+7". */
#ifndef DSC_TEXT_ID_NUMBER_H
#define DSC_TEXT_ID_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "math/digits.h"

/* Numbers are below the first, which costs at most 4 MiB for a table of them; the second is of all
 * other ids. */
#define DSC_ID_NUMBERS   (UINT32_C(1) << 20)
#define DSC_NO_ID_NUMBER UINT32_MAX

/*   key  [in]  the id's bytes, the first one lowest, and zero bytes behind; any when length > 7 */
static inline uint32_t dsc_id_number(uint64_t key, size_t length) {
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    if (length - 1 > 6) {
        return DSC_NO_ID_NUMBER;
    }
    /* The digits at the end of eight, zeros in front. */
    const unsigned n_bits = 8 * (unsigned)length;
    const uint64_t digits = key << (64 - n_bits) | zeros >> n_bits;
    uint64_t number;
    const bool is_number = dsc_digits_of_word(digits, &number) && number < DSC_ID_NUMBERS &&
                           ((key & 0xFF) != '0' || length == 1);
    return is_number ? (uint32_t)number : DSC_NO_ID_NUMBER;
}

#endif
