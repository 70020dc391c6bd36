/* Plain rows: the shape of some rows first, then their columns one by one. */
#include "ratings/plain_row.h"

#include <endian.h>
#include <string.h>

#include "text/lines.h"

/* Digits of a rating, so that float holds them exactly. */
#define MAX_RATING_DIGITS 7

_Static_assert(DSC_LINE_SLACK >= DSC_DIGITS_SLACK && DSC_LINE_SLACK >= DSC_ID_SLACK,
               "fields at the end of a text are read as those before");

dsc_plain_format dsc_plain_format_of(const dsc_text_format *format) {
    const dsc_delimiter delimiter = format->splitter.delimiter;
    const size_t *column = format->column;
    dsc_plain_format plain = {.has_rating = !format->is_implicit};
    plain.has_time = column[DSC_ROLE_TIME] != 0;
    const bool has_unread = format->is_implicit && format->n_columns - plain.has_time == 3;
    const size_t time = 3 + (size_t)(plain.has_rating || has_unread);
    plain.is_usable = column[DSC_ROLE_USER] == 1 && column[DSC_ROLE_ITEM] == 2 &&
                      column[DSC_ROLE_RATING] == (plain.has_rating ? 3U : 0U) &&
                      (!plain.has_time || column[DSC_ROLE_TIME] == time) &&
                      delimiter != DSC_DELIMITER_BLANK;
    plain.delimiter = dsc_delimiter_byte(delimiter);
    plain.width = delimiter == DSC_DELIMITER_DOUBLE_COLON ? 2 : 1;
    plain.n_fields = time - 1 + plain.has_time;
    plain.find = dsc_separators_choose();
    plain.read_digits = dsc_digits_choose();
    for (unsigned i = 0; i < sizeof plain.tenth / sizeof plain.tenth[0]; i++) {
        const unsigned n_tenths = 10 * (i % 16) + i / 16;
        plain.tenth[i] = (float)n_tenths / 10.0F;
    }
    return plain;
}

void dsc_plain_cursor_init(dsc_plain_cursor *cursor, const char *text, const char *end) {
    cursor->at = cursor->base = text;
    cursor->end = end;
    cursor->n_looked_at = cursor->n_marks = cursor->next = 0;
    cursor->n_most = DSC_IDS_AT_ONCE;
    cursor->has_rows_alone = false;
    cursor->edge[0] = 0;
}

void dsc_plain_cursor_pass(dsc_plain_cursor *cursor, const char *at) {
    cursor->at = at;
    while (cursor->next < cursor->n_marks && cursor->base + cursor->edge[1 + cursor->next] <= at) {
        cursor->next++;
    }
}

/* Whether all marks are those of regular rows that end with LF: there are as many lines as rows, and where rows
 * end, lines do. */
static bool are_rows(const dsc_plain_format *format, const dsc_plain_cursor *c,
                     dsc_separators found) {
    if (!found.is_plain || format->width != 1 || found.n_lines != found.n / format->n_fields) {
        return false;
    }
    bool has_ends = true;
    for (size_t i = format->n_fields; i <= found.n; i += format->n_fields) {
        has_ends &= c->base[c->edge[i] - 1] == '\n';
    }
    return has_ends;
}

/* Looks for marks from the next line on; false when that finds none that are not there yet. */
static bool look(const dsc_plain_format *format, dsc_plain_cursor *c) {
    if (c->n_looked_at > 0 && (c->at == c->base || c->base + c->n_looked_at == c->end)) {
        return false;
    }
    const size_t n_left = (size_t)(c->end - c->at);
    c->base = c->at;
    c->n_looked_at = n_left < DSC_SEPARATORS_BYTES ? n_left : DSC_SEPARATORS_BYTES;
    const dsc_separators found =
        format->find(c->base, c->n_looked_at, format->delimiter, c->edge + 1);
    c->n_marks = found.n;
    c->next = 0;
    c->has_rows_alone = are_rows(format, c, found);
    return true;
}

/* Rows from the cursor's on that have the same shape. */
typedef struct run {
    const char *text;     /* what marks count from */
    const uint16_t *mark; /* of the first row's first separator */
    size_t stride;        /* marks from row to row */
    size_t n;
} run;

static inline dsc_field_column column_of(const dsc_plain_format *f, const run *rows, size_t field) {
    return (dsc_field_column){rows->text, rows->mark + field * f->width, rows->stride};
}

/* Whether the row whose first separator has *mark has n_fields that are not empty, and no more; it has
 * marks enough. What tells is added up, which spares branches: gaps are negative where a field is empty. */
__attribute__((always_inline)) static inline bool is_regular(const char *text, const uint16_t *mark,
                                                             char delimiter, size_t n_fields,
                                                             size_t width) {
    const size_t last = (n_fields - 1) * width;
    int gaps = 0;
    int difference = 0;
#pragma GCC unroll 4
    for (size_t i = 0; i <= last; i += width) {
        gaps |= mark[i] - mark[(ptrdiff_t)i - 1] - 2;
        difference |= i < last ? text[mark[i] - 1] ^ delimiter : 0;
        if (width == 2 && i < last) {
            difference |= (text[mark[i]] ^ delimiter) | (mark[i + 1] - mark[i] - 1);
        }
    }
    return gaps >= 0 && difference == 0;
}

/* How many of at most n rows are regular, and end as they should. */
__attribute__((always_inline)) static inline size_t count_regular(const dsc_plain_format *f,
                                                                  const run *rows, size_t n_fields,
                                                                  size_t width) {
    const char *text = rows->text;
    const uint16_t *mark = rows->mark;
    const uint16_t *lf = mark + rows->stride - 1;
    const bool has_cr = rows->stride - (n_fields - 1) * width == 2;
    for (size_t i = 0; i < rows->n; i++) {
        const bool is_end =
            text[*lf - 1] == '\n' && (!has_cr || (text[*lf - 2] == '\r' && lf[-1] + 1 == *lf));
        if (!is_end || !is_regular(text, mark, f->delimiter, n_fields, width)) {
            return i;
        }
        mark += rows->stride;
        lf += rows->stride;
    }
    return rows->n;
}

/* The rows of the marks there are: where the first one ends with CR LF, they all do. */
static run find_run(const dsc_plain_format *f, const dsc_plain_cursor *c) {
    const size_t last = (f->n_fields - 1) * f->width;
    const size_t n_left = c->n_marks - c->next;
    run rows = {c->base, c->edge + 1 + c->next, last + 1, 0};
    if (n_left <= last) {
        return rows;
    }
    rows.stride += c->base[rows.mark[last] - 1] == '\r';
    rows.n = n_left / rows.stride;
    rows.n = rows.n < c->n_most ? rows.n : c->n_most;
    if (c->has_rows_alone) {
        return rows;
    }
    /* The shapes that most files have apart, so that a row asks nothing about its shape. */
    if (f->n_fields == 4 && f->width == 1) {
        rows.n = count_regular(f, &rows, 4, 1);
    } else if (f->n_fields == 3 && f->width == 1) {
        rows.n = count_regular(f, &rows, 3, 1);
    } else {
        rows.n = count_regular(f, &rows, f->n_fields, f->width);
    }
    return rows;
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

/* "0.0", the first byte lowest, and the bytes that "4" has of it. */
#define ZERO_TENTHS UINT32_C(0x302E30)
#define ONE_BYTE    UINT32_C(0x0000FF)
#define THREE_BYTES UINT32_C(0xFFFFFF)

/* Whether "d.d" or "d" less ZERO_TENTHS leaves digits, and 0 for the point: a byte is a digit if neither it nor
 * 6 more than it has another bit than the lower four. */
static inline bool are_digits(uint32_t tenths) {
    return ((tenths | (tenths + 0x060006)) & 0xF0FFF0) == 0;
}

/* Ratings of a column until the first that is none here. "4" and "3.5", which nearly all ratings are, in
 * one step without a branch between them: both are tenths. */
static size_t read_ratings(const dsc_plain_format *f, dsc_field_column column, size_t n,
                           float *value) {
    for (size_t i = 0; i < n; i++) {
        const char *p = dsc_field_begin(column, i);
        const char *end = dsc_field_end(column, i);
        const bool has_point = end - p == 3;
        uint32_t word;
        memcpy(&word, p, sizeof word);
        word = (le32toh(word) ^ ZERO_TENTHS) & (has_point ? THREE_BYTES : ONE_BYTE);
        if (are_digits(word) & (has_point | (end - p == 1))) {
            value[i] = f->tenth[(word | word >> 12) & 0xFF];
        } else if (!read_any_rating(p, end, &value[i])) {
            return i;
        }
    }
    return n;
}

dsc_plain_rows dsc_plain_rows_read(const dsc_plain_format *format, dsc_plain_cursor *cursor,
                                   float *value, int64_t *time) {
    run rows = find_run(format, cursor);
    if (rows.n == 0 && cursor->at < cursor->end && look(format, cursor)) {
        rows = find_run(format, cursor);
    }
    size_t n = rows.n;
    if (format->has_time) {
        /* Of DSC_MAX_DIGITS, which are far from the sign. */
        n = format->read_digits(column_of(format, &rows, format->n_fields - 1), n,
                                (uint64_t *)time);
    }
    if (format->has_rating) {
        n = read_ratings(format, column_of(format, &rows, 2), n, value);
    } else {
        for (size_t i = 0; i < n; i++) {
            value[i] = 1;
        }
    }
    cursor->n_most = n < rows.n ? 1 : 2 * n < DSC_IDS_AT_ONCE ? 2 * n + (n == 0) : DSC_IDS_AT_ONCE;
    if (n > 0) {
        cursor->next += n * rows.stride;
        cursor->at = cursor->base + cursor->edge[cursor->next];
    }
    return (dsc_plain_rows){n, column_of(format, &rows, 0), column_of(format, &rows, 1)};
}
