/* Plain row: one pass over a line, with a way out at every byte that is not the usual one. */
#include "ratings/plain_row.h"

#include <endian.h>
#include <string.h>

#include "text/number.h"

/* Digits of a rating, so that float holds them exactly, and of a time, so that int64_t does. */
#define MAX_RATING_DIGITS 7
#define MAX_TIME_DIGITS   18

dsc_plain_format dsc_plain_format_of(const dsc_text_format *format) {
    dsc_delimiter delimiter = format->splitter.delimiter;
    const size_t *column = format->column;
    dsc_plain_format plain = {.has_rating = !format->is_implicit};
    plain.has_time = column[DSC_ROLE_TIME] != 0;
    plain.has_unread = format->is_implicit && format->n_columns - plain.has_time == 3;
    const size_t time = 3 + (size_t)(plain.has_rating || plain.has_unread);
    plain.is_usable = column[DSC_ROLE_USER] == 1 && column[DSC_ROLE_ITEM] == 2 &&
                      column[DSC_ROLE_RATING] == (plain.has_rating ? 3U : 0U) &&
                      (!plain.has_time || column[DSC_ROLE_TIME] == time) &&
                      delimiter != DSC_DELIMITER_BLANK;
    plain.is_double = delimiter == DSC_DELIMITER_DOUBLE_COLON;
    plain.delimiter = dsc_delimiter_byte(delimiter);
    return plain;
}

/* The first byte that is the delimiter or at most '"': blanks, quotes and line ends are. Eight
 * bytes at a time; in a word, the lowest byte whose top bit is set in `found` is such a byte. */
static inline const char *find_end_of_id(const char *p, char delimiter) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t pattern = ones * (unsigned char)delimiter;
    for (;; p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        word = le64toh(word);
        uint64_t x = word ^ pattern;
        uint64_t is_delimiter = (x - ones) & ~x;
        uint64_t is_low = (word - ones * ('"' + 1)) & ~word;
        uint64_t found = (is_delimiter | is_low) & ones << 7;
        if (found != 0) {
            return p + (unsigned)__builtin_ctzll(found) / 8;
        }
    }
}

/* Behind the delimiter at p; NULL: there is none. */
static inline const char *pass(const dsc_plain_format *format, const char *p) {
    if (*p != format->delimiter) {
        return NULL;
    }
    p++;
    if (format->is_double) {
        return *p == ':' ? p + 1 : NULL;
    }
    return p;
}

/* A field of at least one byte, and, unless it may be the last one, the delimiter behind it. */
static inline const char *read_last_id(const dsc_plain_format *format, const char *p, dsc_id *out) {
    const char *end = find_end_of_id(p, format->delimiter);
    *out = (dsc_id){p, (size_t)(end - p)};
    return end > p ? end : NULL;
}

static inline const char *read_id(const dsc_plain_format *format, const char *p, dsc_id *out) {
    const char *end = read_last_id(format, p, out);
    return end != NULL ? pass(format, end) : NULL;
}

static inline bool read_digit(const char *p, uint64_t *value) {
    unsigned digit = (unsigned)(unsigned char)*p - '0';
    if (digit >= 10) {
        return false;
    }
    *value = *value * 10 + digit;
    return true;
}

/* [-] digits [. digits]; both operands of the division are exact in float, as 10^7 < 2^24 and
 * 10^6 = 5^6 * 2^6. */
static inline const char *read_rating(const char *p, float *out) {
    static const float powers[MAX_RATING_DIGITS] = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F};
    bool is_negative = *p == '-';
    p += is_negative;
    uint64_t mantissa = 0;
    const char *begin = p;
    while (read_digit(p, &mantissa)) {
        p++;
    }
    size_t n_digits = (size_t)(p - begin);
    size_t n_decimals = 0;
    if (n_digits == 0) {
        return NULL;
    }
    if (*p == '.') {
        begin = ++p;
        while (read_digit(p, &mantissa)) {
            p++;
        }
        n_decimals = (size_t)(p - begin);
    }
    if (n_digits + n_decimals > MAX_RATING_DIGITS) {
        return NULL;
    }
    float value = (float)mantissa / powers[n_decimals];
    *out = is_negative ? -value : value;
    return p;
}

static inline const char *read_time(const char *p, int64_t *out) {
    uint64_t seconds = 0;
    const char *begin = p;
    if (dsc_read_eight_digits(p, &seconds)) { /* never true across the LF, which is no digit */
        p += 8;
    }
    while (read_digit(p, &seconds)) {
        p++;
    }
    size_t n_digits = (size_t)(p - begin);
    *out = (int64_t)seconds;
    return n_digits >= 1 && n_digits <= MAX_TIME_DIGITS ? p : NULL;
}

/* What stands behind the item. */
static inline const char *read_value(const dsc_plain_format *format, const char *p, float *out) {
    dsc_id unread;
    *out = 1;
    if (format->has_rating || format->has_unread) {
        p = pass(format, p);
    }
    if (p != NULL && format->has_rating) {
        return read_rating(p, out);
    }
    return p != NULL && format->has_unread ? read_last_id(format, p, &unread) : p;
}

const char *dsc_plain_row_read(const dsc_plain_format *format, const char *line, dsc_rating *out) {
    const char *p = read_id(format, line, &out->user);
    if (p != NULL) {
        p = read_last_id(format, p, &out->item);
    }
    if (p != NULL) {
        p = read_value(format, p, &out->value);
    }
    out->time = 0;
    if (p != NULL && format->has_time) {
        p = pass(format, p);
        p = p != NULL ? read_time(p, &out->time) : NULL;
    }
    if (p == NULL) {
        return NULL;
    }
    p += *p == '\r';
    return *p == '\n' ? p + 1 : NULL;
}
