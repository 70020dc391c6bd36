/* Exact numbers: from the text that someone wrote to a rational number, and back. */
#include "exact_number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED "a number such as -7.25, 3e-4 or \"1/3\""

void cli_exact_power(mpq_ptr out, long exponent) {
    mpq_set_ui(out, 1, 1);
    mpz_ui_pow_ui(exponent < 0 ? mpq_denref(out) : mpq_numref(out), 10,
                  (unsigned long)labs(exponent));
}

/* Copies a run of digits to `digits` and returns how many there are. */
static size_t take_digits(const char **text, char *digits) {
    size_t n = strspn(*text, "0123456789");
    strncat(digits, *text, n);
    *text += n;
    return n;
}

/* "/DENOMINATOR" to the end. */
static const char *read_denominator(cli_written *out, const char *text) {
    char digits[CLI_MAX_NUMBER_LENGTH + 1] = "";
    if (take_digits(&text, digits) == 0 || *text != '\0') {
        return EXPECTED;
    }
    mpz_set_str(mpq_denref(out->value), digits, 10);
    if (mpz_sgn(mpq_denref(out->value)) == 0) {
        mpz_set_ui(mpq_denref(out->value), 1);
        return "a denominator other than 0";
    }
    mpq_canonicalize(out->value);
    out->form = CLI_WRITTEN_FRACTION;
    return NULL;
}

/* "e-3" to the end, if anything is left. */
static const char *read_exponent(const char *text, long *out) {
    *out = 0;
    if (*text == '\0') {
        return NULL;
    }
    if (*text != 'e' && *text != 'E') {
        return EXPECTED;
    }
    char *end;
    const char *digits = text[1] == '-' || text[1] == '+' ? text + 2 : text + 1;
    if (!isdigit((unsigned char)*digits)) {
        return EXPECTED;
    }
    *out = strtol(text + 1, &end, 10);
    if (*end != '\0') {
        return EXPECTED;
    }
    return labs(*out) <= CLI_MAX_EXPONENT ? NULL : "an exponent between -400 and 400";
}

static const char *read_unsigned(cli_written *out, const char *text) {
    char digits[CLI_MAX_NUMBER_LENGTH + 1] = "";
    const size_t n_whole = take_digits(&text, digits);
    size_t n_behind = 0;
    out->form = CLI_WRITTEN_WHOLE;
    if (n_whole > 0 && *text == '/') {
        mpz_set_str(mpq_numref(out->value), digits, 10);
        return read_denominator(out, text + 1);
    }
    if (*text == '.') {
        text++;
        n_behind = take_digits(&text, digits);
        out->form = CLI_WRITTEN_DECIMAL;
    }
    if (n_whole == 0 || (out->form == CLI_WRITTEN_DECIMAL && n_behind == 0)) {
        return EXPECTED;
    }
    out->form = *text != '\0' ? CLI_WRITTEN_DECIMAL : out->form;
    long exponent;
    const char *expected = read_exponent(text, &exponent);
    if (expected != NULL) {
        return expected;
    }
    out->decimals = (long)n_behind - exponent;
    mpq_t power;
    mpq_init(power);
    cli_exact_power(power, -out->decimals);
    mpz_set_str(mpq_numref(out->value), digits, 10);
    mpq_mul(out->value, out->value, power);
    mpq_clear(power);
    return NULL;
}

const char *cli_written_read(cli_written *out, const char *text) {
    if (strlen(text) > CLI_MAX_NUMBER_LENGTH) {
        return "a number of at most 400 characters";
    }
    const bool is_negative = text[0] == '-';
    out->decimals = 0;
    mpq_set_ui(out->value, 0, 1);
    const char *expected = read_unsigned(out, text[0] == '-' || text[0] == '+' ? text + 1 : text);
    if (is_negative) {
        mpq_neg(out->value, out->value);
    }
    return expected;
}

bool cli_exact_near(mpq_srcptr a, mpq_srcptr b, mpq_srcptr slack) {
    mpq_t difference;
    mpq_init(difference);
    mpq_sub(difference, a, b);
    mpq_abs(difference, difference);
    const bool is_near = mpq_cmp(difference, slack) <= 0;
    mpq_clear(difference);
    return is_near;
}

bool cli_digits_agree(mpq_srcptr written, long decimals, mpq_srcptr truth, mpq_srcptr slack) {
    mpq_t unit, bound, beyond;
    mpq_inits(unit, bound, beyond, (mpq_ptr)NULL);
    cli_exact_power(unit, -decimals);
    mpq_div_2exp(bound, unit, 1);
    mpq_add(bound, bound, slack);
    bool agrees = cli_exact_near(written, truth, bound); /* rounded, a tie either way */
    if (!agrees) {
        /* Cut off: the truth lies beyond what was written, away from 0, by less than a unit. */
        mpq_sub(beyond, truth, written);
        if (mpq_sgn(truth) < 0) {
            mpq_neg(beyond, beyond);
        }
        mpq_add(bound, unit, slack);
        agrees = mpq_sgn(beyond) >= 0 && mpq_cmp(beyond, bound) < 0;
    }
    mpq_clears(unit, bound, beyond, (mpq_ptr)NULL);
    return agrees;
}

double cli_exact_double(mpq_srcptr value) {
    /* mpq_get_d cuts off; a float of 256 bits through 40 digits rounds, but for ties beyond them.
     */
    mpf_t wide;
    char text[96];
    mpf_init2(wide, 256);
    mpf_set_q(wide, value);
    gmp_snprintf(text, sizeof text, "%.40Fe", wide);
    mpf_clear(wide);
    return strtod(text, NULL);
}

char *cli_exact_text(mpq_srcptr value) {
    const size_t length =
        mpz_sizeinbase(mpq_numref(value), 10) + mpz_sizeinbase(mpq_denref(value), 10) + 3;
    char *text = malloc(length);
    if (text != NULL) {
        mpq_get_str(text, 10, value);
    }
    return text;
}

/* |value| times 10^decimals, rounded to a whole number, half away from 0. */
static void scale(mpz_ptr out, mpq_srcptr value, size_t decimals, bool *is_whole_truth) {
    mpq_t scaled;
    mpz_t rest;
    mpq_init(scaled);
    mpz_init(rest);
    cli_exact_power(scaled, (long)decimals);
    mpq_mul(scaled, scaled, value);
    mpq_abs(scaled, scaled);
    mpz_fdiv_qr(out, rest, mpq_numref(scaled), mpq_denref(scaled));
    *is_whole_truth = mpz_sgn(rest) == 0;
    mpz_mul_2exp(rest, rest, 1);
    if (mpz_cmp(rest, mpq_denref(scaled)) >= 0) {
        mpz_add_ui(out, out, 1);
    }
    mpz_clear(rest);
    mpq_clear(scaled);
}

/* Digits of a whole number of 10^-decimals as a decimal number. */
static char *place_point(mpz_srcptr digits, bool is_negative, size_t decimals) {
    const size_t length = mpz_sizeinbase(digits, 10) + decimals + 8;
    char *text = malloc(length);
    char *plain = text != NULL ? mpz_get_str(NULL, 10, digits) : NULL;
    if (plain == NULL) {
        free(text);
        return NULL;
    }
    const size_t n = strlen(plain);
    const size_t n_whole = n > decimals ? n - decimals : 0;
    int used = snprintf(text, length, "%s%.*s", is_negative ? "-" : "", (int)n_whole,
                        n_whole > 0 ? plain : "");
    if (n_whole == 0) {
        text[used++] = '0';
    }
    size_t n_behind = decimals;
    text[used++] = '.';
    for (size_t i = 0; i < n_behind; i++) {
        const size_t from_end = decimals - i;
        text[used++] = from_end > n ? '0' : plain[n - from_end];
    }
    while (text[used - 1] == '0') {
        used--;
    }
    used -= text[used - 1] == '.' ? 1 : 0;
    text[used] = '\0';
    free(plain);
    return text;
}

char *cli_exact_decimal(mpq_srcptr value, size_t decimals, bool *is_whole_truth) {
    const double size = fabs(cli_exact_double(value));
    mpz_t digits;
    mpz_init(digits);
    scale(digits, value, decimals, is_whole_truth);
    char *text = NULL;
    if (size >= 1e15 || (!*is_whole_truth && size < 1e3 * pow(10, -(double)decimals))) {
        const size_t length = 64;
        text = malloc(length);
        if (text != NULL) {
            snprintf(text, length, "%.*e", (int)(decimals < 17 ? decimals : 17),
                     cli_exact_double(value));
            *is_whole_truth = false;
        }
    } else {
        text = place_point(digits, mpq_sgn(value) < 0, decimals);
    }
    mpz_clear(digits);
    return text;
}
