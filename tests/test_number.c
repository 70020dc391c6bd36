/* Numbers from text: exact to the last bit, and refused for the right reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "text/number.h"

/* Parses from a copy of exactly the text's length, so that tools see any read behind it. */
static dsc_number_fault parse(const char *text, float *f, double *d) {
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    char *bytes = memcpy(copy + 1, text, length); /* no alignment to lean on */
    dsc_number_fault fault = dsc_number_double(bytes, length, d);
    dsc_number_fault float_fault = dsc_number_float(bytes, length, f);
    assert_true(fault == float_fault || float_fault == DSC_NUMBER_TOO_LARGE);
    free(copy);
    return float_fault != DSC_NUMBER_OK ? float_fault : fault;
}

static void values(void **state) {
    (void)state;
    const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"5", 5},
        {"4.5", 4.5},
        {"-9.95", -9.95},
        {"+3", 3},
        {"3.", 3},
        {".5", 0.5},
        {"-.5", -0.5},
        {"007", 7},
        {"1e2", 100},
        {"1E+2", 100},
        {"25e-1", 2.5},
        {"0.0000001", 1e-7},
        {"0.100000001490116119384765625", 0.100000001490116119384765625},
        {"9007199254740993", 9007199254740992.0}, /* 2^53 + 1, half way: to even */
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"1e-400", 0}, /* the nearest double */
        {"5e-324", 5e-324},
        {"0e99999999999", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float f = -1;
        double d = -1;
        print_message("%s\n", cases[i].text);
        assert_int_equal(parse(cases[i].text, &f, &d), DSC_NUMBER_OK);
        assert_true(d == cases[i].value);
        assert_true(f == strtof(cases[i].text, NULL));
    }
}

static void negative_zero_keeps_its_sign(void **state) {
    (void)state;
    float f;
    double d;
    assert_int_equal(parse("-0", &f, &d), DSC_NUMBER_OK);
    assert_true(signbit(f) && signbit(d));
}

static void faults(void **state) {
    (void)state;
    const struct {
        const char *text;
        dsc_number_fault fault;
    } cases[] = {
        {"", DSC_NUMBER_EMPTY},
        {"abc", DSC_NUMBER_NOT_A_NUMBER},
        {"4x", DSC_NUMBER_NOT_A_NUMBER},
        {"4 ", DSC_NUMBER_NOT_A_NUMBER},
        {" 4", DSC_NUMBER_NOT_A_NUMBER},
        {"4..5", DSC_NUMBER_NOT_A_NUMBER},
        {"1.2.3", DSC_NUMBER_NOT_A_NUMBER},
        {"1.234567.", DSC_NUMBER_NOT_A_NUMBER},
        {"-", DSC_NUMBER_NOT_A_NUMBER},
        {"+", DSC_NUMBER_NOT_A_NUMBER},
        {".", DSC_NUMBER_NOT_A_NUMBER},
        {"-.", DSC_NUMBER_NOT_A_NUMBER},
        {"--4", DSC_NUMBER_NOT_A_NUMBER},
        {"e5", DSC_NUMBER_NOT_A_NUMBER},
        {"1e", DSC_NUMBER_NOT_A_NUMBER},
        {"1e+", DSC_NUMBER_NOT_A_NUMBER},
        {"1e5.5", DSC_NUMBER_NOT_A_NUMBER},
        {"1,2,3", DSC_NUMBER_NOT_A_NUMBER},
        {",", DSC_NUMBER_NOT_A_NUMBER},
        {"4,5", DSC_NUMBER_DECIMAL_COMMA},
        {"-4,5e1", DSC_NUMBER_DECIMAL_COMMA},
        {"nan", DSC_NUMBER_NOT_FINITE},
        {"-NaN", DSC_NUMBER_NOT_FINITE},
        {"inf", DSC_NUMBER_NOT_FINITE},
        {"-Infinity", DSC_NUMBER_NOT_FINITE},
        {"infinit", DSC_NUMBER_NOT_A_NUMBER},
        {"0x10", DSC_NUMBER_HEXADECIMAL},
        {"-0X1p3", DSC_NUMBER_HEXADECIMAL},
        {"1e999", DSC_NUMBER_TOO_LARGE},
        {"1e99999999999999999999", DSC_NUMBER_TOO_LARGE},
        {"-1e39", DSC_NUMBER_TOO_LARGE}, /* fits double, not float */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float f = 7;
        double d = 7;
        print_message("\"%s\"\n", cases[i].text);
        assert_int_equal(parse(cases[i].text, &f, &d), cases[i].fault);
        assert_true(f == 7);
        assert_true(d == 7 || cases[i].fault == DSC_NUMBER_TOO_LARGE);
        assert_true(strlen(dsc_number_fault_text(cases[i].fault)) > 0);
    }
}

static void too_long_is_refused(void **state) {
    (void)state;
    char text[DSC_NUMBER_MAX_CHARS + 2];
    memset(text, '0', sizeof text);
    text[0] = '1';
    text[1] = '.';
    double d;
    assert_int_equal(dsc_number_double(text, DSC_NUMBER_MAX_CHARS, &d), DSC_NUMBER_OK);
    assert_true(d == 1);
    assert_int_equal(dsc_number_double(text, DSC_NUMBER_MAX_CHARS + 1, &d), DSC_NUMBER_TOO_LONG);
}

/* Every printed double and float comes back as the same bits; so do short decimal fractions. */
static void equals_strtod(void **state) {
    (void)state;
    dsc_random random = dsc_random_stream(5, 0, 0);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t bits = (uint64_t)dsc_random_u32(&random) << 32 | dsc_random_u32(&random);
        double random_double;
        memcpy(&random_double, &bits, sizeof random_double);
        if (i % 2 == 0 && isfinite(random_double)) {
            snprintf(text, sizeof text, "%.17g", random_double);
        } else {
            snprintf(text, sizeof text, "%s%u.%0*u", i % 3 == 0 ? "-" : "",
                     dsc_random_below(&random, 1000), (int)dsc_random_below(&random, 8) + 1,
                     dsc_random_below(&random, 100000));
        }
        double d = 0;
        float f = 0;
        assert_int_equal(dsc_number_double(text, strlen(text), &d), DSC_NUMBER_OK);
        assert_true(d == strtod(text, NULL));
        float expected = strtof(text, NULL);
        dsc_number_fault fault = dsc_number_float(text, strlen(text), &f);
        assert_int_equal(fault, isfinite(expected) ? DSC_NUMBER_OK : DSC_NUMBER_TOO_LARGE);
        assert_true(!isfinite(expected) || f == expected);
    }
}

/* Decimals beside the middle of two floats: rounding to double first would lose the difference. */
static void float_rounds_once(void **state) {
    (void)state;
    const char *const cases[] = {
        "1.00000005960464477539062500000001", /* just above 1 + 2^-24 */
        "1.000000059604644775390625",         /* exactly the middle: to even */
        "1.00000005960464477539062499999999",
        "1.00000017881393432617187499",
        "1.00000017881393432617187500001",
        "16777217.0000000000000001",
        "7.0064923216240854e-46", /* half of the smallest float */
        "7.0064923216240862e-46",
        "1.1754943508222875e-38",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float f = -1;
        assert_int_equal(dsc_number_float(cases[i], strlen(cases[i]), &f), DSC_NUMBER_OK);
        assert_true(f == strtof(cases[i], NULL));
    }
}

static void seconds(void **state) {
    (void)state;
    const struct {
        const char *text;
        dsc_number_fault fault;
        int64_t value;
    } cases[] = {
        {"0", DSC_NUMBER_OK, 0},
        {"978300760", DSC_NUMBER_OK, 978300760},
        {"1260209720", DSC_NUMBER_OK, 1260209720},
        {"12345678", DSC_NUMBER_OK, 12345678},
        {"1234567890123456", DSC_NUMBER_OK, 1234567890123456},
        {"-5", DSC_NUMBER_OK, -5},
        {"978300760.9", DSC_NUMBER_OK, 978300760},
        {"-1.5", DSC_NUMBER_OK, -2},
        {"9.78300760e+08", DSC_NUMBER_OK, 978300760},
        {"9223372036854775807", DSC_NUMBER_OK, INT64_MAX},
        {"9223372036854775808", DSC_NUMBER_TOO_LARGE, 0},
        {"1e30", DSC_NUMBER_TOO_LARGE, 0},
        {"1e400", DSC_NUMBER_TOO_LARGE, 0},
        {"12:30", DSC_NUMBER_NOT_A_NUMBER, 0},
        {"2001-01-01", DSC_NUMBER_NOT_A_NUMBER, 0},
        {"1234567x", DSC_NUMBER_NOT_A_NUMBER, 0},
        {"123456789x", DSC_NUMBER_NOT_A_NUMBER, 0},
        {"1234567:", DSC_NUMBER_NOT_A_NUMBER, 0}, /* ':' is the byte behind '9' */
        {"1234567/", DSC_NUMBER_NOT_A_NUMBER, 0}, /* '/' the byte before '0' */
        {"", DSC_NUMBER_EMPTY, 0},
        {"nan", DSC_NUMBER_NOT_FINITE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 0;
        print_message("\"%s\"\n", cases[i].text);
        assert_int_equal(dsc_number_seconds(cases[i].text, strlen(cases[i].text), &value),
                         cases[i].fault);
        assert_true(value == cases[i].value);
    }
}

/* A program's locale with a decimal comma changes nothing. */
static void locale_does_not_matter(void **state) {
    (void)state;
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL &&
        setlocale(LC_NUMERIC, "fr_FR.UTF-8") == NULL) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
    double d = 0;
    const char *text = "0.12345678901234567890123";
    dsc_number_fault fault = dsc_number_double(text, strlen(text), &d);
    setlocale(LC_NUMERIC, "C");
    assert_int_equal(fault, DSC_NUMBER_OK);
    assert_true(d == strtod(text, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),        cmocka_unit_test(negative_zero_keeps_its_sign),
        cmocka_unit_test(faults),        cmocka_unit_test(too_long_is_refused),
        cmocka_unit_test(equals_strtod), cmocka_unit_test(float_rounds_once),
        cmocka_unit_test(seconds),       cmocka_unit_test(locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
