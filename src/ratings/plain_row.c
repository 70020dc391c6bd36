/* Plain rows: fields between marks, with a way out at every one that is not the usual one. */
#include "ratings/plain_row.h"

#include <endian.h>
#include <string.h>

#include "text/number.h"

/* Digits of a rating, so that float holds them exactly. */
#define MAX_RATING_DIGITS 7

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
    const size_t n_delimiters = time - 2 + plain.has_time;
    plain.n_marks = n_delimiters * (plain.is_double ? 2 : 1) + 1;
    plain.find = dsc_separators_choose();
    return plain;
}

void dsc_plain_cursor_init(dsc_plain_cursor *cursor, const char *text, const char *end) {
    cursor->at = cursor->base = text;
    cursor->end = end;
    cursor->n_looked_at = cursor->n_marks = cursor->next = 0;
}

void dsc_plain_cursor_pass(dsc_plain_cursor *cursor, const char *at) {
    cursor->at = at;
    while (cursor->next < cursor->n_marks && cursor->base + cursor->mark[cursor->next] < at) {
        cursor->next++;
    }
}

/* Looks for marks from the next line on; false when that finds none that are not there yet. */
static bool look(const dsc_plain_format *format, dsc_plain_cursor *c) {
    if (c->n_looked_at > 0 && (c->at == c->base || c->base + c->n_looked_at == c->end)) {
        return false;
    }
    const size_t n_left = (size_t)(c->end - c->at);
    c->base = c->at;
    c->n_looked_at = n_left < DSC_SEPARATORS_BYTES ? n_left : DSC_SEPARATORS_BYTES;
    c->n_marks = format->find(c->base, c->n_looked_at, format->delimiter, c->mark);
    c->next = 0;
    return true;
}

/* What a row looks like: apart from the format, so that the compiler can make one function a shape. */
typedef struct row_shape {
    bool has_rating;
    bool has_unread;
    bool has_time;
    bool is_double;
} row_shape;

/* A field that is not empty. */
typedef struct field {
    const char *begin;
    const char *end; /* a separator */
} field;

/* Where in a row a field begins, and the mark that ends it. */
typedef struct row_place {
    const char *base; /* what marks count from */
    const char *at;
    const uint16_t *mark;
    char delimiter;
} row_place;

/* The field at *place, with a delimiter behind it unless it is the row's last one. */
static inline bool take_field(row_place *place, bool is_last, bool is_double, field *out) {
    const char *end = place->base + *place->mark;
    *out = (field){place->at, end};
    place->at = end + 1;
    place->mark++;
    bool is_good = end != out->begin;
    if (is_last) {
        return is_good;
    }
    is_good = is_good && *end == place->delimiter;
    if (is_double) {
        is_good = is_good && place->base + *place->mark == place->at && *place->at == ':';
        place->at++;
        place->mark++;
    }
    return is_good;
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
static bool read_any_rating(const char *p, const char *end, float *out) {
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
        return false;
    }
    if (*p == '.') {
        begin = ++p;
        while (read_digit(p, &mantissa)) {
            p++;
        }
        n_decimals = (size_t)(p - begin);
    }
    if (p != end || n_digits + n_decimals > MAX_RATING_DIGITS) {
        return false;
    }
    float value = (float)mantissa / powers[n_decimals];
    *out = is_negative ? -value : value;
    return true;
}

/* "4" and "3.5", which nearly all ratings are, in one step. */
static inline bool read_rating(const char *p, const char *end, float *out) {
    const size_t length = (size_t)(end - p);
    const unsigned first = (unsigned)(unsigned char)p[0] - '0';
    const unsigned last = (unsigned)(unsigned char)end[-1] - '0';
    if (length == 3 && p[1] == '.' && first < 10 && last < 10) {
        *out = (float)(10 * first + last) / 10.0F;
        return true;
    }
    if (length == 1 && first < 10) {
        *out = (float)first;
        return true;
    }
    return read_any_rating(p, end, out);
}

/* At most 8 digits: those that are not there become zeros in front. */
static inline bool read_few_digits(const char *p, size_t n, uint64_t *out) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    const unsigned n_missing = 8 * (8 - (unsigned)n);
    word =
        le64toh(word) << n_missing | (UINT64_C(0x3030303030303030) & ~(~UINT64_C(0) << n_missing));
    word = htole64(word);
    return dsc_read_eight_digits((const char *)&word, out);
}

/* At most 16 digits; times since 2001 have ten. */
static inline bool read_time(const char *p, const char *end, int64_t *out) {
    const size_t length = (size_t)(end - p);
    uint64_t high = 0, low = 0;
    if (length == 0 || length > 16) {
        return false;
    }
    bool is_good;
    if (length <= 8) {
        is_good = read_few_digits(p, length, &low);
    } else {
        is_good = dsc_read_eight_digits(end - 8, &low) && read_few_digits(p, length - 8, &high);
    }
    *out = (int64_t)(high * 100000000 + low);
    return is_good;
}

static inline dsc_id id_of(field f) {
    return (dsc_id){f.begin, (size_t)(f.end - f.begin)};
}

/* The row at *place, to element n of `out`; steps over it unless it is not plain. */
__attribute__((always_inline)) static inline bool read_row(row_shape shape, row_place *at,
                                                           dsc_plain_rows out, size_t n) {
    const bool has_third = shape.has_rating || shape.has_unread;
    row_place place = *at;
    field user, item, time;
    field third = {place.at, place.at};
    float value = 1;
    bool is_good = take_field(&place, false, shape.is_double, &user) &&
                   take_field(&place, !has_third && !shape.has_time, shape.is_double, &item);
    if (is_good && has_third) {
        is_good = take_field(&place, !shape.has_time, shape.is_double, &third);
    }
    if (is_good && shape.has_rating) {
        is_good = read_rating(third.begin, third.end, &value);
    }
    if (is_good && shape.has_time) {
        is_good = take_field(&place, true, shape.is_double, &time) &&
                  read_time(time.begin, time.end, &out.time[n]);
    }
    if (!is_good) {
        return false;
    }
    if (place.at[-1] == '\r') {
        place.at++;
        place.mark++;
    }
    if (place.at[-1] != '\n') {
        return false;
    }
    out.user[n] = id_of(user);
    out.item[n] = id_of(item);
    out.value[n] = value;
    at->at = place.at;
    at->mark = place.mark;
    return true;
}

/* The rows of the marks there are. */
__attribute__((always_inline)) static inline size_t read_marked(row_shape shape,
                                                                const dsc_plain_format *format,
                                                                dsc_plain_cursor *cursor,
                                                                size_t max_rows,
                                                                dsc_plain_rows out) {
    const uint16_t *last = cursor->mark + cursor->n_marks - format->n_marks;
    row_place place = {cursor->base, cursor->at, cursor->mark + cursor->next, format->delimiter};
    size_t n = 0;
    while (n < max_rows && place.mark <= last && read_row(shape, &place, out, n)) {
        n++;
    }
    cursor->at = place.at;
    cursor->next = (size_t)(place.mark - cursor->mark);
    return n;
}

/* The shapes that most files have apart, so that a row asks nothing about its shape. */
static size_t read_some(const dsc_plain_format *f, dsc_plain_cursor *cursor, size_t max_rows,
                        dsc_plain_rows out) {
    if (f->has_rating && f->has_time && !f->is_double) {
        return read_marked((row_shape){true, false, true, false}, f, cursor, max_rows, out);
    }
    if (f->has_rating && f->has_time) {
        return read_marked((row_shape){true, false, true, true}, f, cursor, max_rows, out);
    }
    if (f->has_rating && !f->is_double) {
        return read_marked((row_shape){true, false, false, false}, f, cursor, max_rows, out);
    }
    const row_shape any = {f->has_rating, f->has_unread, f->has_time, f->is_double};
    return read_marked(any, f, cursor, max_rows, out);
}

size_t dsc_plain_rows_read(const dsc_plain_format *format, dsc_plain_cursor *cursor,
                           size_t max_rows, dsc_plain_rows out) {
    size_t n = 0;
    while (n < max_rows) {
        if (cursor->next + format->n_marks <= cursor->n_marks) {
            const dsc_plain_rows rest = {out.user + n, out.item + n, out.value + n,
                                         format->has_time ? out.time + n : NULL};
            const size_t n_more = read_some(format, cursor, max_rows - n, rest);
            if (n_more == 0) {
                break;
            }
            n += n_more;
        } else if (cursor->at == cursor->end || !look(format, cursor)) {
            break;
        }
    }
    return n;
}
