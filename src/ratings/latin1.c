/* Latin-1: text of unknown encoding made UTF-8. */
#include "ratings/latin1.h"

/* The length of the sequence that a lead byte begins, 0 when none does, and the range of the byte
 * behind it, which excludes overlong forms, surrogates and what is above U+10FFFF. */
static size_t sequence(unsigned char lead, unsigned char *low, unsigned char *high) {
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

bool dsc_is_utf8(const char *bytes, size_t length) {
    const unsigned char *b = (const unsigned char *)bytes;
    for (size_t i = 0; i < length;) {
        unsigned char low, high;
        size_t n = sequence(b[i], &low, &high);
        if (n == 0 || n > length - i || (n > 1 && (b[i + 1] < low || b[i + 1] > high))) {
            return false;
        }
        for (size_t k = 2; k < n; k++) {
            if ((b[i + k] & 0xC0) != 0x80) {
                return false;
            }
        }
        i += n;
    }
    return true;
}

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
