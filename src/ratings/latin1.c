/* Latin-1: text of unknown encoding made UTF-8. */
#include "ratings/latin1.h"

size_t dsc_latin1_utf8_length(const char *bytes, size_t length) {
    size_t n = length;
    for (size_t i = 0; i < length; i++) {
        n += (unsigned char)bytes[i] >= 0x80;
    }
    return n;
}

void dsc_latin1_to_utf8(char *out, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x80) {
            *out++ = (char)c;
        } else {
            *out++ = (char)(0xC0 | c >> 6);
            *out++ = (char)(0x80 | (c & 0x3F));
        }
    }
}
