/* Status names and error reports. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

const char *dsc_status_name(dsc_status status) {
    switch (status) {
    case DSC_OK:
        return "DSC_OK";
    case DSC_E_ARGUMENT:
        return "DSC_E_ARGUMENT";
    case DSC_E_MEMORY:
        return "DSC_E_MEMORY";
    case DSC_E_SHAPE:
        return "DSC_E_SHAPE";
    case DSC_E_STATE:
        return "DSC_E_STATE";
    case DSC_E_NONFINITE:
        return "DSC_E_NONFINITE";
    case DSC_E_DATA:
        return "DSC_E_DATA";
    case DSC_E_MODEL:
        return "DSC_E_MODEL";
    case DSC_E_IO:
        return "DSC_E_IO";
    case DSC_E_CANCELLED:
        return "DSC_E_CANCELLED";
    }
    return "unknown status";
}

/* A cut may leave the first bytes of a UTF-8 sequence, at most 3, at the end: takes them off. */
static void drop_cut_sequence(char *text, size_t length) {
    for (size_t n = 1; n <= 3 && n <= length; n++) {
        char *end = text + length - n;
        unsigned char c = (unsigned char)*end;
        uint32_t code;
        if (c >= 0xC0 && dsc_utf8_decode(end, n, &code) == 0) {
            *end = '\0';
        }
        if (c < 0x80 || c >= 0xC0) {
            return;
        }
    }
}

/* A '?' for each control character, C0, DEL or C1, and for each byte that is not UTF-8. */
static void clean(char *text, size_t capacity) {
    if (strlen(text) == capacity - 1) {
        drop_cut_sequence(text, capacity - 1);
    }
    size_t length = strlen(text);
    size_t n = 0;
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t n_bytes = dsc_utf8_decode(text + i, length - i, &code);
        if (n_bytes == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0)) {
            text[n++] = '?';
            i += n_bytes == 0 ? 1 : n_bytes;
        } else {
            memmove(text + n, text + i, n_bytes);
            n += n_bytes;
            i += n_bytes;
        }
    }
    text[n] = '\0';
}

void dsc_error_set(dsc_error *err, dsc_status code, const char *where, const char *format, ...) {
    if (err == NULL) {
        return;
    }
    err->code = code;
    snprintf(err->where, sizeof err->where, "%s", where != NULL ? where : "");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    clean(err->where, sizeof err->where);
    clean(err->message, sizeof err->message);
}
