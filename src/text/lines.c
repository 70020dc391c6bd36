/* Lines: a sliding buffer over an input. */
#include "text/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Read at a time: small enough to stay in the second level cache while it is parsed. */
#define CHUNK_BYTES ((size_t)256 * 1024)

static const dsc_text_fault line_too_long = {
    "the line is longer than 1 MiB; is this a text file with one record a line?", 1};

static const dsc_text_fault list_too_long = {
    "the list is longer than 64 MiB; it may go on in another line that begins with the same user",
    1};

static dsc_text_fault too_long(const dsc_lines *lines) {
    return lines->max_line_bytes == DSC_MAX_LINE_BYTES ? line_too_long : list_too_long;
}

/* Moves what is left, which holds no line end, to the front and reads on behind it. */
static dsc_status refill(dsc_lines *lines, dsc_error *err) {
    size_t n_left = lines->end - lines->begin;
    if (lines->begin > 0) { /* once a long line, not once a chunk of it */
        memmove(lines->buffer, lines->buffer + lines->begin, n_left);
    }
    bool has_nul = lines->nul < lines->end;
    lines->nul -= lines->begin;
    lines->begin = 0;
    lines->end = n_left;
    size_t n_read;
    dsc_status status =
        dsc_input_read(lines->input, lines->buffer + n_left, CHUNK_BYTES, &n_read, err);
    if (status != DSC_OK) {
        return status;
    }
    lines->is_at_end = n_read < CHUNK_BYTES;
    lines->end += n_read;
    lines->n_bytes += n_read;
    memset(lines->buffer + lines->end, 0, DSC_LINE_SLACK);
    const char *newline = memrchr(lines->buffer + n_left, '\n', n_read);
    lines->whole = newline != NULL ? (size_t)(newline - lines->buffer) + 1 : 0;
    if (!has_nul) {
        char *nul = memchr(lines->buffer + n_left, 0, n_read);
        lines->nul = nul != NULL ? (size_t)(nul - lines->buffer) : lines->end;
    }
    return DSC_OK;
}

static dsc_status init(dsc_lines *lines, dsc_input *input, size_t max_line_bytes, dsc_error *err) {
    *lines = (dsc_lines){0};
    lines->input = input;
    lines->max_line_bytes = max_line_bytes;
    lines->buffer = malloc(max_line_bytes + CHUNK_BYTES + DSC_LINE_SLACK);
    if (lines->buffer == NULL) {
        return dsc_fail_memory(err, "reading text");
    }
    dsc_status status = refill(lines, err);
    if (status != DSC_OK) {
        return status;
    }
    const char *b = lines->buffer;
    if (lines->end >= 2 && (memcmp(b, "\xff\xfe", 2) == 0 || memcmp(b, "\xfe\xff", 2) == 0)) {
        return dsc_fail(err, DSC_E_DATA, dsc_input_name(input),
                        "the text is UTF-16; expected UTF-8 or another form that keeps ASCII: "
                        "convert it first, for example with iconv -f UTF-16 -t UTF-8");
    }
    if (lines->end >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0) {
        lines->begin = 3;
    }
    return DSC_OK;
}

dsc_status dsc_lines_init(dsc_lines *lines, dsc_input *input, dsc_error *err) {
    return init(lines, input, DSC_MAX_LINE_BYTES, err);
}

dsc_status dsc_lines_init_lists(dsc_lines *lines, dsc_input *input, dsc_error *err) {
    return init(lines, input, DSC_MAX_LIST_BYTES, err);
}

void dsc_lines_clear(dsc_lines *lines) {
    dsc_input_close(lines->input);
    free(lines->buffer);
    *lines = (dsc_lines){0};
}

/* Hands out `length` bytes from begin, which `n_taken` bytes of the buffer stood for. */
static inline void take_line(dsc_lines *lines, size_t length, size_t n_taken, dsc_line *line) {
    char *bytes = lines->buffer + lines->begin;
    *line = (dsc_line){bytes, length, ++lines->n_lines, {NULL, 0}};
    if (length > lines->max_line_bytes) {
        line->fault = too_long(lines);
    }
    size_t next = lines->begin + n_taken;
    if (lines->nul < next) {
        line->fault = (dsc_text_fault){"a zero byte; expected text", lines->nul - lines->begin + 1};
        char *nul = memchr(lines->buffer + next, 0, lines->end - next);
        lines->nul = nul != NULL ? (size_t)(nul - lines->buffer) : lines->end;
    }
    if (length > 0 && bytes[length - 1] == '\r') {
        line->length--;
    }
    lines->begin = next;
}

/* Hands out, as a fault, the start of a line that the buffer cannot hold. */
static void take_long_line(dsc_lines *lines, dsc_line *line) {
    take_line(lines, 0, lines->end - lines->begin, line);
    line->fault = too_long(lines);
    lines->is_inside_long_line = true;
}

/* Passes over the rest of it: only now, since an input without line ends may have no end either. */
static dsc_status pass_long_line(dsc_lines *lines, dsc_error *err) {
    const char *newline = NULL;
    for (;;) {
        newline = memchr(lines->buffer + lines->begin, '\n', lines->end - lines->begin);
        lines->begin = newline != NULL ? (size_t)(newline - lines->buffer) + 1 : lines->end;
        if (newline != NULL || lines->is_at_end) {
            break;
        }
        lines->nul = lines->end;
        dsc_status status = refill(lines, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    char *nul = memchr(lines->buffer + lines->begin, 0, lines->end - lines->begin);
    lines->nul = nul != NULL ? (size_t)(nul - lines->buffer) : lines->end;
    lines->is_inside_long_line = false;
    return DSC_OK;
}

dsc_status dsc_lines_next(dsc_lines *lines, dsc_line *line, dsc_error *err) {
    size_t n_scanned = 0;
    if (lines->is_inside_long_line) {
        dsc_status status = pass_long_line(lines, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    for (;;) {
        const char *bytes = lines->buffer + lines->begin;
        size_t n_left = lines->end - lines->begin;
        const char *newline = memchr(bytes + n_scanned, '\n', n_left - n_scanned);
        if (newline != NULL) {
            size_t length = (size_t)(newline - bytes);
            take_line(lines, length, length + 1, line);
            return DSC_OK;
        }
        if (lines->is_at_end && n_left == 0) {
            *line = (dsc_line){0};
            return DSC_OK;
        }
        if (lines->is_at_end) {
            take_line(lines, n_left, n_left, line);
            return DSC_OK;
        }
        if (n_left > lines->max_line_bytes) {
            take_long_line(lines, line);
            return DSC_OK;
        }
        n_scanned = n_left;
        dsc_status status = refill(lines, err);
        if (status != DSC_OK) {
            return status;
        }
    }
}

bool dsc_lines_is_buffered(const dsc_lines *lines) {
    return lines->begin < lines->whole;
}

dsc_status dsc_lines_fill(dsc_lines *lines, dsc_error *err) {
    dsc_status status = DSC_OK;
    while (status == DSC_OK && !dsc_lines_is_buffered(lines) && !lines->is_at_end &&
           lines->end - lines->begin <= lines->max_line_bytes) {
        status = refill(lines, err);
    }
    return status;
}

const char *dsc_lines_peek(const dsc_lines *lines, size_t *length, bool *is_all) {
    *length = lines->end - lines->begin;
    *is_all = lines->is_at_end;
    return lines->buffer + lines->begin;
}

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
