/* Latin-1: text of unknown encoding made UTF-8. */
#ifndef DSC_RATINGS_LATIN1_H
#define DSC_RATINGS_LATIN1_H

#include <stdbool.h>
#include <stddef.h>

/* True for well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, at most U+10FFFF. */
bool dsc_is_utf8(const char *bytes, size_t length);

/* Bytes that latin-1 text takes as UTF-8. */
size_t dsc_latin1_utf8_length(const char *bytes, size_t length);

/* Writes dsc_latin1_utf8_length bytes to `out`, which must not overlap `bytes`. */
void dsc_latin1_to_utf8(char *out, const char *bytes, size_t length);

#endif
