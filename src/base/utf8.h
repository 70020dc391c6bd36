/* UTF-8 as RFC 3629 has it: no overlong form, no surrogate, at most U+10FFFF. */
#ifndef DSC_BASE_UTF8_H
#define DSC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes, 1 to 4, of the sequence at the start of `bytes`, and its code point; 0 when the
 * first byte begins no well-formed sequence within the `n_left` bytes, of which there is one at
 * least; *code is then undefined. */
size_t dsc_utf8_decode(const char *bytes, size_t n_left, uint32_t *code);

bool dsc_is_utf8(const char *bytes, size_t length);

#endif
