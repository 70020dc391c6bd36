/* Text for terminals and JSON: UTF-8 checked, measured in columns, cleaned and cut. */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define ELLIPSIS    "\xE2\x80\xA6" /* U+2026 */

dsc_id cli_id(const char *text) {
    return (dsc_id){text, strlen(text)};
}

size_t cli_utf8_decode(const char *bytes, size_t n_left, uint32_t *code) {
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

static bool is_control(uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

static char *copy(dsc_id text, bool replaces_controls, size_t *length) {
    /* Every byte may become the 3 bytes of U+FFFD; 3 more leave room for cli_cut. */
    if (text.length > (SIZE_MAX - 4) / 3) {
        return NULL;
    }
    char *out = malloc(3 * text.length + 4);
    if (out == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (size_t i = 0; i < text.length;) {
        uint32_t code = 0;
        size_t sequence = cli_utf8_decode(text.bytes + i, text.length - i, &code);
        if (sequence == 0 || (replaces_controls && is_control(code))) {
            memcpy(out + n, REPLACEMENT, 3);
            n += 3;
            i += sequence == 0 ? 1 : sequence;
        } else {
            memcpy(out + n, text.bytes + i, sequence);
            n += sequence;
            i += sequence;
        }
    }
    out[n] = '\0';
    *length = n;
    return out;
}

char *cli_utf8_copy(dsc_id text, size_t *length) {
    return copy(text, false, length);
}

char *cli_terminal_copy(dsc_id text) {
    size_t length;
    return copy(text, true, &length);
}

void cli_write_clean(const char *text, FILE *file) {
    size_t n_left = strlen(text);
    while (n_left > 0) {
        uint32_t code = 0;
        size_t sequence = cli_utf8_decode(text, n_left, &code);
        if (sequence == 0 || is_control(code)) {
            fputc('?', file);
        } else {
            fwrite(text, 1, sequence, file);
        }
        sequence = sequence == 0 ? 1 : sequence;
        text += sequence;
        n_left -= sequence;
    }
}

typedef struct code_range {
    uint32_t first, last;
} code_range;

static bool is_in(uint32_t code, const code_range *ranges, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static size_t code_width(uint32_t code) {
    static const code_range marks[] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
        {0x064B, 0x065F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
        {0x20D0, 0x20FF}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    };
    static const code_range wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xA960, 0xA97C},
        {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
        {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
        {0x20000, 0x3FFFD},
    };
    if (code < 0x300) {
        return 1;
    }
    if (is_in(code, marks, sizeof marks / sizeof marks[0])) {
        return 0;
    }
    return is_in(code, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

size_t cli_width(const char *text) {
    size_t width = 0;
    size_t n_left = strlen(text);
    while (n_left > 0) {
        uint32_t code = 0;
        size_t sequence = cli_utf8_decode(text, n_left, &code);
        width += sequence == 0 ? 1 : code_width(code);
        sequence = sequence == 0 ? 1 : sequence;
        text += sequence;
        n_left -= sequence;
    }
    return width;
}

void cli_cut(char *text, size_t width) {
    if (width == 0 || cli_width(text) <= width) {
        return;
    }
    size_t used = 0;
    char *p = text;
    while (*p != '\0') {
        uint32_t code = 0;
        size_t sequence = cli_utf8_decode(p, strlen(p), &code);
        size_t columns = sequence == 0 ? 1 : code_width(code);
        if (used + columns > width - 1) {
            break;
        }
        used += columns;
        p += sequence == 0 ? 1 : sequence;
    }
    memcpy(p, ELLIPSIS, sizeof ELLIPSIS);
}
