/* UTF-8 as RFC 3629 has it: no overlong form, no surrogate, at most U+10FFFF. */
#include "base/utf8.h"

size_t dsc_utf8_decode(const char *bytes, size_t n_left, uint32_t *code) {
    /* By length: smaller code points have a shorter form. */
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)bytes[0];
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > n_left) {
        return 0;
    }
    *code = lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c & 0xC0) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (c & 0x3F);
    }
    bool is_surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return *code < smallest[length] || is_surrogate || *code > 0x10FFFF ? 0 : length;
}

bool dsc_is_utf8(const char *bytes, size_t length) {
    uint32_t code;
    for (size_t i = 0; i < length;) {
        size_t n = dsc_utf8_decode(bytes + i, length - i, &code);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}
