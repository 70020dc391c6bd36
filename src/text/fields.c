/* Fields: finds delimiters eight bytes at a time, without leaving one loop for the common case. */
#include "text/fields.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* The first `c` from p on, or `end`. Reads up to 7 bytes behind `end`.
 * A byte of x is zero where the text has c; (x - 1) & ~x has its top bit set in the lowest such
 * byte, and in no byte below it. */
static inline char *find_byte(char *p, char *end, char c) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t pattern = ones * (unsigned char)c;
    for (; p < end; p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        uint64_t x = le64toh(word) ^ pattern;
        uint64_t found = (x - ones) & ~x & (ones << 7);
        if (found != 0) {
            p += __builtin_ctzll(found) / 8;
            break;
        }
    }
    return p < end ? p : end;
}

static char *find_double_colon(char *p, char *end) {
    for (;;) {
        p = find_byte(p, end, ':');
        if (p == end || (p + 1 < end && p[1] == ':')) {
            return p;
        }
        p++;
    }
}

static char *find_blank(char *p, char *end) {
    while (p < end && !is_blank(*p)) {
        p++;
    }
    return p;
}

char dsc_delimiter_byte(dsc_delimiter delimiter) {
    switch (delimiter) {
    case DSC_DELIMITER_COMMA:
        return ',';
    case DSC_DELIMITER_TAB:
        return '\t';
    case DSC_DELIMITER_SEMICOLON:
        return ';';
    case DSC_DELIMITER_PIPE:
        return '|';
    case DSC_DELIMITER_DOUBLE_COLON:
        return ':';
    case DSC_DELIMITER_BLANK:
    case DSC_DELIMITER_DETECT:
        break;
    }
    return ' ';
}

/* Where the delimiter behind p begins, or `end`. */
static inline char *find_delimiter(dsc_delimiter delimiter, char byte, char *p, char *end) {
    if (delimiter == DSC_DELIMITER_DOUBLE_COLON) {
        return find_double_colon(p, end);
    }
    if (delimiter == DSC_DELIMITER_BLANK) {
        return find_blank(p, end);
    }
    return find_byte(p, end, byte);
}

/* Blanks that may stand around a field; a tab is none where it delimits. */
static inline bool is_padding(dsc_delimiter delimiter, char c) {
    return c == ' ' || (c == '\t' && delimiter != DSC_DELIMITER_TAB);
}

/* Behind the delimiter at p; a run of blanks is one. */
static inline char *pass_delimiter(dsc_delimiter delimiter, char *p, char *end) {
    if (delimiter == DSC_DELIMITER_BLANK) {
        while (p < end && is_blank(*p)) {
            p++;
        }
        return p;
    }
    return p + (delimiter == DSC_DELIMITER_DOUBLE_COLON ? 2 : 1);
}

/* The field between the quote at p and its partner; NULL: none closes. */
static char *read_quoted(char *p, char *end, dsc_field *field) {
    field->bytes = p + 1;
    field->has_escapes = false;
    for (p++;; p += 2) {
        p = find_byte(p, end, '"');
        if (p == end) {
            return NULL;
        }
        if (p + 1 == end || p[1] != '"') {
            field->length = (size_t)(p - field->bytes);
            return p + 1;
        }
        field->has_escapes = true;
    }
}

/* A quoted field from p; the delimiter behind it or `end`, NULL with *fault. */
static char *split_quoted(dsc_splitter splitter, char *p, char *end, dsc_field *field,
                          dsc_text_fault *fault, const char *line) {
    char *next = read_quoted(p, end, field);
    if (next == NULL) {
        *fault =
            (dsc_text_fault){"a quote that does not close on this line", (size_t)(p - line) + 1};
        return NULL;
    }
    char *behind = next;
    while (next < end && is_padding(splitter.delimiter, *next)) {
        next++;
    }
    if (next < end && splitter.delimiter == DSC_DELIMITER_BLANK && next > behind) {
        return behind;
    }
    char *delimiter =
        next == end
            ? end
            : find_delimiter(splitter.delimiter, dsc_delimiter_byte(splitter.delimiter), next, end);
    if (delimiter != next) {
        *fault = (dsc_text_fault){"text behind a closing quote; a quote inside a quoted field is "
                                  "written twice",
                                  (size_t)(next - line) + 1};
        return NULL;
    }
    return next;
}

/* One field from p; the delimiter behind it or `end`, NULL with *fault. */
static inline char *split_one(dsc_splitter splitter, char *p, char *end, dsc_field *field,
                              dsc_text_fault *fault, const char *line) {
    const dsc_delimiter delimiter = splitter.delimiter;
    while (p < end && is_padding(delimiter, *p)) {
        p++;
    }
    if (p < end && *p == '"' && splitter.has_quotes) {
        return split_quoted(splitter, p, end, field, fault, line);
    }
    char *next = find_delimiter(delimiter, dsc_delimiter_byte(delimiter), p, end);
    char *last = next;
    while (last > p && is_padding(delimiter, last[-1])) {
        last--;
    }
    *field = (dsc_field){p, (size_t)(last - p), false};
    return next;
}

/* Blanks at the end of a line delimit nothing. */
static char *trim_end(dsc_delimiter delimiter, char *bytes, size_t length) {
    char *end = bytes + length;
    while (delimiter == DSC_DELIMITER_BLANK && end > bytes && is_blank(end[-1])) {
        end--;
    }
    return end;
}

static size_t split_any(dsc_splitter splitter, char *bytes, size_t length, dsc_field *fields,
                        size_t max_fields, dsc_text_fault *fault) {
    char *p = bytes;
    char *end = trim_end(splitter.delimiter, bytes, length);
    for (size_t n = 0; n < max_fields; n++) {
        p = split_one(splitter, p, end, &fields[n], fault, bytes);
        if (p == NULL || p == end) {
            return p == NULL ? n : n + 1;
        }
        p = pass_delimiter(splitter.delimiter, p, end);
    }
    return max_fields;
}

/* A field [p, end) that needs nothing taken off: blank, tab and quote are all at or below '"'. */
static inline bool is_plain(const char *p, const char *end) {
    return p < end && (unsigned char)p[0] > '"' && (unsigned char)end[-1] > '"';
}

/* The common case: delimiters of one byte, every field plain. Returns 0 when there is more to do
 * than that, such as a quote. Eight bytes at a time are compared with the delimiter; for a byte x
 * of 7 bits, x + 0x7F has its top bit set unless x is 0, which holds for all bytes at once. */
static size_t split_plain(char byte, char *bytes, size_t length, dsc_field *fields,
                          size_t max_fields) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t low_bits = ones * 0x7F;
    const uint64_t pattern = ones * (unsigned char)byte;
    char *begin = bytes;
    size_t n = 0;
    for (size_t at = 0; at < length; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        uint64_t x = le64toh(word) ^ pattern;
        uint64_t found = ~(((x & low_bits) + low_bits) | x | low_bits);
        for (; found != 0; found &= found - 1) {
            char *end = bytes + at + (unsigned)__builtin_ctzll(found) / 8;
            if (end >= bytes + length) {
                break;
            }
            if (!is_plain(begin, end)) {
                return 0;
            }
            fields[n++] = (dsc_field){begin, (size_t)(end - begin), false};
            begin = end + 1;
            if (n == max_fields) {
                return n;
            }
        }
    }
    if (!is_plain(begin, bytes + length)) {
        return 0;
    }
    fields[n++] = (dsc_field){begin, (size_t)(bytes + length - begin), false};
    return n;
}

size_t dsc_fields_split(dsc_splitter splitter, char *bytes, size_t length, dsc_field *fields,
                        size_t max_fields, dsc_text_fault *fault) {
    fault->message = NULL;
    size_t n = 0;
    if (splitter.delimiter != DSC_DELIMITER_BLANK &&
        splitter.delimiter != DSC_DELIMITER_DOUBLE_COLON) {
        n = split_plain(dsc_delimiter_byte(splitter.delimiter), bytes, length, fields, max_fields);
    }
    return n != 0 ? n : split_any(splitter, bytes, length, fields, max_fields, fault);
}

char *dsc_fields_end(dsc_splitter splitter, char *bytes, size_t length) {
    return trim_end(splitter.delimiter, bytes, length);
}

bool dsc_fields_next(dsc_splitter splitter, char **at, char *end, dsc_field *field,
                     dsc_text_fault *fault) {
    char *p = split_one(splitter, *at, end, field, fault, *at);
    *at = p == NULL || p == end ? NULL : pass_delimiter(splitter.delimiter, p, end);
    return p != NULL;
}

size_t dsc_fields_count(dsc_splitter splitter, char *bytes, size_t length) {
    char *p = bytes;
    char *end = trim_end(splitter.delimiter, bytes, length);
    dsc_text_fault fault;
    for (size_t n = 1;; n++) {
        dsc_field field;
        p = split_one(splitter, p, end, &field, &fault, bytes);
        if (p == NULL || p == end) {
            return p == NULL ? 0 : n;
        }
        p = pass_delimiter(splitter.delimiter, p, end);
    }
}

void dsc_surplus_error_set(const dsc_lines *lines, const dsc_line *line, dsc_splitter splitter,
                           size_t n_expected, const dsc_field *surplus, const char *advice,
                           dsc_error *err) {
    size_t n_found = dsc_fields_count(splitter, line->bytes, line->length);
    dsc_lines_error_set(
        lines, line->number, (size_t)(surplus->bytes - line->bytes) + 1, err,
        "found %s%zu fields separated by %s, expected %zu as on other lines; a field that holds "
        "the delimiter must be in quotes%s",
        n_found > 0 ? "" : "more than ", n_found > 0 ? n_found : n_expected,
        dsc_delimiter_name(splitter.delimiter), n_expected, advice);
}

void dsc_field_unescape(dsc_field *field) {
    size_t to = 0;
    for (size_t from = 0; from < field->length; from++) {
        field->bytes[to++] = field->bytes[from];
        from += field->bytes[from] == '"'; /* always the first of two */
    }
    field->length = to;
    field->has_escapes = false;
}

bool dsc_is_blank_line(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (!is_blank(bytes[i])) {
            return false;
        }
    }
    return true;
}

const char *dsc_delimiter_name(dsc_delimiter delimiter) {
    switch (delimiter) {
    case DSC_DELIMITER_COMMA:
        return "comma";
    case DSC_DELIMITER_TAB:
        return "tab";
    case DSC_DELIMITER_DOUBLE_COLON:
        return "\"::\"";
    case DSC_DELIMITER_BLANK:
        return "blank";
    case DSC_DELIMITER_SEMICOLON:
        return "semicolon";
    case DSC_DELIMITER_PIPE:
        return "pipe";
    case DSC_DELIMITER_DETECT:
        break;
    }
    return "unknown";
}
