/* Status names and error reports. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

static void replace_control_characters(char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f) {
            *text = '?';
        }
    }
}

/* A cut may leave the first bytes of a UTF-8 sequence at the end: takes them off. */
static void drop_cut_sequence(char *text) {
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start == 0 || (unsigned char)text[start - 1] < 0xC0) {
        return;
    }
    unsigned char lead = (unsigned char)text[start - 1];
    size_t expected = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (length - (start - 1) < expected) {
        text[start - 1] = '\0';
    }
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
    replace_control_characters(err->where);
    replace_control_characters(err->message);
    drop_cut_sequence(err->where);
    drop_cut_sequence(err->message);
}
