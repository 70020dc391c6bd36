/* Latin-1: text of unknown encoding made UTF-8. */
#ifndef DSC_RATINGS_LATIN1_H
#define DSC_RATINGS_LATIN1_H

#include <stddef.h>

/* Bytes that latin-1 text takes as UTF-8. */
size_t dsc_latin1_utf8_length(const char *bytes, size_t length);

/* Writes dsc_latin1_utf8_length bytes to `out`, which must not overlap `bytes`. */
void dsc_latin1_to_utf8(char *out, const char *bytes, size_t length);

#endif
