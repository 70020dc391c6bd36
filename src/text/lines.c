/* Lines: a sliding buffer over an input. */
#include "text/lines.h"

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

/* The first zero byte from `from` on; `end` when there is none. */
static size_t find_nul(const char *bytes, size_t from, size_t end) {
    const char *nul = from < end ? memchr(bytes + from, 0, end - from) : NULL;
    return nul != NULL ? (size_t)(nul - bytes) : end;
}

static void read_chunk(dsc_lines *lines, char *to) {
    dsc_chunk *c = &lines->chunk;
    c->status = dsc_input_read(lines->input, to, lines->chunk_bytes, &c->n, &c->err);
    memset(to + c->n, 0, DSC_LINE_SLACK);
    const char *newline = memrchr(to, '\n', c->n);
    c->whole = newline != NULL ? (size_t)(newline - to) + 1 : 0;
    c->nul = find_nul(to, 0, c->n);
}

/* Moves what is left, which holds no line end, in front of the next chunk. What was read before an
 * error is handed out before it. */
static dsc_status refill(dsc_lines *lines, dsc_error *err) {
    const size_t n_left = lines->end - lines->begin;
    const dsc_chunk *c = &lines->chunk;
    if (!lines->has_ahead && c->status != DSC_OK) {
        return dsc_fail(err, c->status, c->err.where, "%s", c->err.message);
    }
    const size_t from = lines->begin;
    if (lines->has_ahead) {
        char *used = lines->buffer;
        lines->begin = lines->max_line_bytes - n_left;
        memcpy(lines->ahead + lines->begin, used + from, n_left);
        lines->buffer = lines->ahead;
        lines->ahead = used;
        lines->has_ahead = false;
    } else {
        lines->begin = 0;
        if (from > 0) { /* once a long line, not once a chunk of it */
            memmove(lines->buffer, lines->buffer + from, n_left);
        }
        read_chunk(lines, lines->buffer + n_left);
    }
    const bool has_nul = lines->nul < lines->end;
    const size_t at = lines->begin + n_left;
    lines->nul = has_nul ? lines->nul - from + lines->begin : at + c->nul;
    lines->end = at + c->n;
    lines->whole = c->whole > 0 ? at + c->whole : 0;
    lines->is_at_end = c->status == DSC_OK && c->n < lines->chunk_bytes;
    lines->n_bytes += c->n;
    return DSC_OK;
}

void dsc_lines_read_ahead(dsc_lines *lines) {
    if (lines->has_ahead || lines->is_at_end || lines->chunk.status != DSC_OK) {
        return;
    }
    read_chunk(lines, lines->ahead + lines->max_line_bytes);
    lines->has_ahead = true;
}

static size_t buffer_bytes(const dsc_lines *lines, size_t chunk_bytes) {
    return lines->max_line_bytes + chunk_bytes + DSC_LINE_SLACK;
}

dsc_status dsc_lines_widen(dsc_lines *lines, size_t chunk_bytes, dsc_error *err) {
    const size_t n_bytes = buffer_bytes(lines, chunk_bytes);
    char *ahead = malloc(n_bytes);
    char *buffer = ahead != NULL ? realloc(lines->buffer, n_bytes) : NULL;
    if (buffer == NULL) {
        free(ahead);
        return dsc_fail_memory(err, "reading text");
    }
    lines->buffer = buffer;
    lines->ahead = ahead;
    lines->chunk_bytes = chunk_bytes;
    return DSC_OK;
}

static dsc_status init(dsc_lines *lines, dsc_input *input, size_t max_line_bytes, dsc_error *err) {
    *lines = (dsc_lines){0};
    lines->input = input;
    lines->max_line_bytes = max_line_bytes;
    lines->chunk_bytes = CHUNK_BYTES;
    lines->buffer = malloc(buffer_bytes(lines, CHUNK_BYTES));
    if (lines->buffer == NULL) {
        return dsc_fail_memory(err, "reading text");
    }
    dsc_status status = refill(lines, err);
    if (status == DSC_OK && lines->chunk.status != DSC_OK) {
        status = refill(lines, err); /* nothing is told from a part of the first lines */
    }
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
    free(lines->ahead);
    *lines = (dsc_lines){0};
}

/* The line of `length` bytes whose first zero byte is at `nul`, if that is below length. */
static inline dsc_line make_line(const dsc_lines *lines, char *bytes, size_t length, size_t nul,
                                 uint64_t number) {
    dsc_line line = {bytes, length, number, {NULL, 0}};
    if (length > lines->max_line_bytes) {
        line.fault = too_long(lines);
    } else if (nul < length) {
        line.fault = (dsc_text_fault){"a zero byte; expected text", nul + 1};
    }
    if (length > 0 && bytes[length - 1] == '\r') {
        line.length--;
    }
    return line;
}

size_t dsc_lines_count(const char *bytes, size_t n_bytes) {
    enum { LANES = 64, MOST = UINT8_MAX }; /* of steps before a lane may run over */
    size_t n = 0;
    size_t at = 0;
    while (n_bytes - at >= LANES) {
        uint8_t count[LANES] = {0};
        for (size_t step = 0; step < MOST && n_bytes - at >= LANES; step++, at += LANES) {
            for (size_t lane = 0; lane < LANES; lane++) {
                count[lane] = (uint8_t)(count[lane] + (bytes[at + lane] == '\n'));
            }
        }
        for (size_t lane = 0; lane < LANES; lane++) {
            n += count[lane];
        }
    }
    for (; at < n_bytes; at++) {
        n += bytes[at] == '\n';
    }
    return n;
}

char *dsc_lines_cut(const dsc_lines *lines, char *bytes, char *end, uint64_t number,
                    dsc_line *line) {
    const size_t n_left = (size_t)(end - bytes);
    const char *newline = memchr(bytes, '\n', n_left);
    const size_t length = newline != NULL ? (size_t)(newline - bytes) : n_left;
    *line = make_line(lines, bytes, length, find_nul(bytes, 0, length), number);
    return bytes + length + (newline != NULL);
}

/* Goes on at `next`. */
static inline void pass_to(dsc_lines *lines, size_t next) {
    lines->begin = next;
    if (lines->nul < next) {
        lines->nul = find_nul(lines->buffer, next, lines->end);
    }
}

/* Hands out `length` bytes from begin, which `n_taken` bytes of the buffer stood for. */
static inline void take_line(dsc_lines *lines, size_t length, size_t n_taken, dsc_line *line) {
    char *bytes = lines->buffer + lines->begin;
    *line = make_line(lines, bytes, length, lines->nul - lines->begin, ++lines->n_lines);
    pass_to(lines, lines->begin + n_taken);
}

char *dsc_lines_block(dsc_lines *lines, size_t *length) {
    if (!dsc_lines_is_buffered(lines)) {
        return NULL;
    }
    *length = lines->whole - lines->begin;
    return lines->buffer + lines->begin;
}

void dsc_lines_take_block(dsc_lines *lines, const char *next, uint64_t n_lines) {
    lines->n_lines += n_lines;
    pass_to(lines, (size_t)(next - lines->buffer));
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
    lines->nul = find_nul(lines->buffer, lines->begin, lines->end);
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
    dsc_status status = lines->is_inside_long_line ? pass_long_line(lines, err) : DSC_OK;
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
