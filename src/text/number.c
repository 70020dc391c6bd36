/* Decimal numbers from text.
 *
 * A number of at most 19 digits with a small exponent is an exact integer divided or multiplied by
 * an exact power of ten, so that one operation rounds it correctly (W. D. Clinger, "How to read
 * floating point numbers accurately", PLDI 1990). All others go through strtod in the C locale. */
#include "text/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "math/digits.h"

/* Integers up to 2^53 and powers of ten up to 10^22 are exact in double. */
#define MAX_EXACT_INTEGER (UINT64_C(1) << 53)
#define MAX_EXACT_POWER   22
/* 19 decimal digits always fit uint64_t. */
#define MAX_DIGITS 19

static const double powers_of_ten[MAX_EXACT_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef struct decimal {
    bool is_negative;
    bool is_exact;     /* mantissa holds every digit */
    uint64_t mantissa; /* the digits without the point */
    int exponent;      /* of ten; limited to a range that both ends of double exceed */
} decimal;

static inline bool is_digit(char c) {
    return (unsigned)(c - '0') < 10;
}

static const char *read_digits(const char *p, const char *end, decimal *d, int *n_digits) {
    for (; p < end && is_digit(*p); p++) {
        if (*n_digits > 0 || *p != '0') {
            ++*n_digits;
        }
        d->mantissa = d->mantissa * 10 + (uint64_t)(*p - '0');
    }
    return p;
}

/* From behind the 'e'; NULL: not an exponent. */
static const char *read_exponent(const char *p, const char *end, int *exponent) {
    bool is_negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) {
        p++;
    }
    if (p == end) {
        return NULL;
    }
    int value = 0;
    for (; p < end && is_digit(*p); p++) {
        if (value < 10000) {
            value = value * 10 + (*p - '0');
        }
    }
    *exponent += is_negative ? -value : value;
    return p;
}

/* Splits the text into its parts; false: not a decimal number. */
static bool read_decimal(const char *text, size_t length, decimal *d) {
    const char *p = text;
    const char *end = text + length;
    int n_digits = 0;
    *d = (decimal){0};
    if (*p == '-' || *p == '+') {
        d->is_negative = *p == '-';
        p++;
    }
    const char *digits = p;
    p = read_digits(p, end, d, &n_digits);
    size_t n_chars = (size_t)(p - digits);
    if (p < end && *p == '.') {
        const char *fraction = p + 1;
        p = read_digits(fraction, end, d, &n_digits);
        d->exponent = -(int)(p - fraction);
        n_chars += (size_t)(p - fraction);
    }
    if (n_chars == 0) {
        return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p = read_exponent(p + 1, end, &d->exponent);
    }
    d->is_exact = n_digits <= MAX_DIGITS;
    return p == end;
}

static bool is_word(const char *text, size_t length, const char *word) {
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

/* Why a text that is no decimal number is none. */
static dsc_number_fault name_fault(const char *text, size_t length) {
    size_t sign = text[0] == '-' || text[0] == '+';
    const char *body = text + sign;
    size_t n = length - sign;
    if (is_word(body, n, "nan") || is_word(body, n, "inf") || is_word(body, n, "infinity")) {
        return DSC_NUMBER_NOT_FINITE;
    }
    if (n >= 2 && body[0] == '0' && (body[1] == 'x' || body[1] == 'X')) {
        return DSC_NUMBER_HEXADECIMAL;
    }
    const char *comma = memchr(text, ',', length);
    if (comma != NULL && length <= DSC_NUMBER_MAX_CHARS) {
        char with_point[DSC_NUMBER_MAX_CHARS];
        decimal ignored;
        memcpy(with_point, text, length);
        with_point[comma - text] = '.';
        if (read_decimal(with_point, length, &ignored)) {
            return DSC_NUMBER_DECIMAL_COMMA;
        }
    }
    return DSC_NUMBER_NOT_A_NUMBER;
}

/* True when one rounding of exact operands gives the number. */
static bool is_simple(const decimal *d) {
    return d->is_exact && d->mantissa <= MAX_EXACT_INTEGER && d->exponent >= -MAX_EXACT_POWER &&
           d->exponent <= MAX_EXACT_POWER;
}

static double simple_value(const decimal *d) {
    double value = (double)d->mantissa;
    value =
        d->exponent < 0 ? value / powers_of_ten[-d->exponent] : value * powers_of_ten[d->exponent];
    return d->is_negative ? -value : value;
}

/* strtod and strtof in the C locale, on a text that read_decimal has accepted. */
static double slow_value(const char *text, size_t length, bool as_float) {
    char copy[DSC_NUMBER_MAX_CHARS + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    /* glibc and musl hand out the C locale without an allocation, so that this cannot fail. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double value =
        as_float ? (double)strtof_l(copy, NULL, c_locale) : strtod_l(copy, NULL, c_locale);
    freelocale(c_locale);
    return value;
}

static dsc_number_fault check(const char *text, size_t length, decimal *d) {
    if (length == 0) {
        return DSC_NUMBER_EMPTY;
    }
    if (length > DSC_NUMBER_MAX_CHARS) {
        return DSC_NUMBER_TOO_LONG;
    }
    return read_decimal(text, length, d) ? DSC_NUMBER_OK : name_fault(text, length);
}

dsc_number_fault dsc_number_double(const char *text, size_t length, double *out) {
    decimal d;
    dsc_number_fault fault = check(text, length, &d);
    if (fault != DSC_NUMBER_OK) {
        return fault;
    }
    double value = is_simple(&d) ? simple_value(&d) : slow_value(text, length, false);
    if (!isfinite(value)) {
        return DSC_NUMBER_TOO_LARGE;
    }
    *out = value;
    return DSC_NUMBER_OK;
}

/* Rounding to double first and to float then goes wrong only where the double stands exactly
 * between two floats, or where floats are subnormal. */
static bool rounds_twice(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t lost_bits = (UINT64_C(1) << 29) - 1;
    const uint64_t half = UINT64_C(1) << 28;
    return (bits & lost_bits) == half || (value != 0 && fabs(value) < (double)FLT_MIN);
}

/* The common ratings, "4" and "-3.25": at most SHORT_CHARS digits with at most one point among
 * them, the last being a digit. */
#define SHORT_CHARS 7
static inline bool read_short(const char *text, size_t length, float *out) {
    /* 10^7 < 2^24 and 10^6 = 5^6 * 2^6: both operands are exact in float. */
    static const float powers[SHORT_CHARS] = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F};
    const char *end = text + length;
    const char *fraction = end;
    bool is_negative = length > 0 && *text == '-';
    text += is_negative;
    if ((size_t)(end - text) - 1 >= SHORT_CHARS || !is_digit(end[-1])) {
        return false;
    }
    uint32_t mantissa = 0;
    for (; text < end; text++) {
        uint32_t digit = (uint32_t)(unsigned char)*text - '0';
        if (digit < 10) {
            mantissa = mantissa * 10 + digit;
        } else if (*text == '.' && fraction == end) {
            fraction = text + 1;
        } else {
            return false;
        }
    }
    float value = (float)mantissa / powers[end - fraction];
    *out = is_negative ? -value : value;
    return true;
}

dsc_number_fault dsc_number_float(const char *text, size_t length, float *out) {
    if (read_short(text, length, out)) {
        return DSC_NUMBER_OK;
    }
    decimal d;
    dsc_number_fault fault = check(text, length, &d);
    if (fault != DSC_NUMBER_OK) {
        return fault;
    }
    double value = is_simple(&d) ? simple_value(&d) : 0;
    if (!is_simple(&d) || rounds_twice(value)) {
        value = slow_value(text, length, true);
    }
    float rounded = (float)value;
    if (!isfinite(rounded)) {
        return DSC_NUMBER_TOO_LARGE;
    }
    *out = rounded;
    return DSC_NUMBER_OK;
}

/* The common times: 8 to 16 digits and nothing else. */
static inline bool read_plain_seconds(const char *text, size_t length, int64_t *out) {
    uint64_t value;
    if (length < 8 || length > 16 || !dsc_read_eight_digits(text, &value)) {
        return false;
    }
    for (size_t i = 8; i < length; i++) {
        if (!is_digit(text[i])) {
            return false;
        }
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *out = (int64_t)value;
    return true;
}

dsc_number_fault dsc_number_seconds(const char *text, size_t length, int64_t *out) {
    if (read_plain_seconds(text, length, out)) {
        return DSC_NUMBER_OK;
    }
    decimal d;
    dsc_number_fault fault = check(text, length, &d);
    if (fault != DSC_NUMBER_OK) {
        return fault;
    }
    if (d.is_exact && d.exponent == 0 && d.mantissa <= (uint64_t)INT64_MAX) {
        int64_t value = (int64_t)d.mantissa;
        *out = d.is_negative ? -value : value;
        return DSC_NUMBER_OK;
    }
    double value = is_simple(&d) ? simple_value(&d) : slow_value(text, length, false);
    value = floor(value);
    if (!(value >= -0x1p63 && value < 0x1p63)) {
        return DSC_NUMBER_TOO_LARGE;
    }
    *out = (int64_t)value;
    return DSC_NUMBER_OK;
}

const char *dsc_number_fault_text(dsc_number_fault fault) {
    switch (fault) {
    case DSC_NUMBER_OK:
        return "is a number";
    case DSC_NUMBER_EMPTY:
        return "is empty";
    case DSC_NUMBER_NOT_A_NUMBER:
        return "is not a number";
    case DSC_NUMBER_DECIMAL_COMMA:
        return "is not a number: it has a decimal comma where a point is expected";
    case DSC_NUMBER_NOT_FINITE:
        return "is not a finite number";
    case DSC_NUMBER_HEXADECIMAL:
        return "is hexadecimal, not a decimal number";
    case DSC_NUMBER_TOO_LARGE:
        return "is too large a number";
    case DSC_NUMBER_TOO_LONG:
        return "is too long for a number";
    }
    return "is not a number";
}
