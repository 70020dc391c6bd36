/* Line messages: what is said about a place in a text, and pieces of it to show. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/lines.h"

/* A long name keeps its end, so that line and column always fit. */
#define NAME_BYTES 200

void dsc_lines_error_set(const dsc_lines *lines, uint64_t line, size_t column, dsc_error *err,
                         const char *format, ...) {
    if (err == NULL) {
        return;
    }
    const char *name = dsc_input_name(lines->input);
    size_t length = strlen(name);
    bool is_long = length > NAME_BYTES;
    char where[sizeof err->where];
    char message[sizeof err->message];
    snprintf(where, sizeof where, "%s%s:%llu:%zu", is_long ? "..." : "",
             is_long ? name + length - NAME_BYTES : name, (unsigned long long)line, column);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    dsc_error_set(err, DSC_E_DATA, where, "%s", message);
}

dsc_shown dsc_show(const char *bytes, size_t length) {
    dsc_shown shown;
    size_t n = length;
    if (n > DSC_SHOWN_BYTES) {
        n = DSC_SHOWN_BYTES;
        /* Not in the middle of a UTF-8 sequence, which is at most 4 bytes long. */
        while (n > DSC_SHOWN_BYTES - 3 && ((unsigned char)bytes[n] & 0xC0) == 0x80) {
            n--;
        }
    }
    memcpy(shown.text, bytes, n);
    for (size_t i = 0; i < n; i++) {
        shown.text[i] = shown.text[i] == '\0' ? '?' : shown.text[i];
    }
    strcpy(shown.text + n, n < length ? "..." : "");
    return shown;
}
