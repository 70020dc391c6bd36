/* Numbers in the text of a trace, and the sentence that closes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <stdlib.h>

#include "matrix_text.h"
#include "trace_format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void numbers(void **state) {
    (void)state;
    const struct {
        double value;
        size_t precision;
        const char *expected;
    } cases[] = {
        {0, 4, "0"},
        {-0.0, 4, "0"},
        {9, 4, "9"},
        {-120, 4, "-120"},
        {4.13064, 4, "4.1306"},
        {0.5, 4, "0.5"},
        {2.35001, 4, "2.35"},
        {12345678.12341, 4, "12345678.1234"},
        {100000000, 4, "1.0000e+08"},
        {-0.001, 4, "-0.001"},
        {0.0009, 4, "9.0000e-04"},
        {1e-300, 4, "1.0000e-300"},
        {DBL_MAX, 2, "1.80e+308"},
        {1.0 / 3, 17, "0.33333333333333331"},
        {2.5, 0, "2"},
        {0.4, 0, "4e-01"},
        {0.11, 1, "0.1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[CLI_NUMBER_LENGTH];
        cli_format_number(cases[i].value, cases[i].precision, text);
        assert_string_equal(text, cases[i].expected);
    }
}

/* Each column by itself: its decimals, its width with the gap; one notation for the matrix. */
static void columns(void **state) {
    (void)state;
    const struct {
        size_t n_rows, n_cols;
        double values[4];
        bool is_scientific;
        size_t decimals[2], widths[2];
    } cases[] = {
        {2, 2, {1, 2.25, -3, 4}, false, {0, 2}, {4, 6}},
        {2, 2, {0.00001, 7, -0.00001, 123}, false, {0, 0}, {3, 5}},
        {1, 2, {1e9, 0}, true, {4, 4}, {12, 3}},
        {2, 1, {0.0001, -0.0002}, true, {4, 0}, {13, 0}},
        {2, 2, {0, 0, 0, 0}, false, {0, 0}, {3, 3}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        cli_number_form *forms =
            cli_matrix_forms(dsc_matrix_f64(cases[i].values, cases[i].n_rows, cases[i].n_cols), 4);
        assert_non_null(forms);
        for (size_t j = 0; j < cases[i].n_cols; j++) {
            assert_int_equal(forms[j].is_scientific, cases[i].is_scientific);
            assert_int_equal(forms[j].decimals, cases[i].decimals[j]);
            assert_int_equal(forms[j].width, cases[i].widths[j]);
        }
        free(forms);
    }
}

static void sentences(void **state) {
    (void)state;
    const struct {
        dsc_trace_result result; /* norms, losses, largest norm, n_grown, overflow step, rounding */
        size_t n_steps;
        const char *where, *expected;
    } cases[] = {
        {{4, 3, 8, 4.5, 4, 0, 0, 0},
         1,
         NULL,
         "error norm 4 -> 3 after 1 step at rate 0.25: the error falls by 25.0 %"},
        {{4, 0, 8, 0, 4, 0, 0, 0},
         2,
         NULL,
         "error norm 4 -> 0 after 2 steps at rate 0.25: the error falls to zero"},
        {{4, 1e-9, 8, 1e-18, 4, 0, 0, 0},
         2,
         NULL,
         "error norm 4 -> 1.0000e-09 after 2 steps at rate 0.25: the error falls by more than 99.9 "
         "%"},
        {{4, 3.9999, 8, 7.9, 4, 0, 0, 0},
         2,
         NULL,
         "error norm 4 -> 3.9999 after 2 steps at rate 0.25: the error falls by less than 0.1 %"},
        {{4, 3, 8, 4.5, 7, 3, 0, 0},
         9,
         NULL,
         "error norm 4 -> 3 after 9 steps at rate 0.25: the error falls by 25.0 %, but swings: "
         "larger after 3 of 9 steps, 7 at most"},
        {{4, 3, 8, 4.5, 4, 1, 0, 0},
         9,
         NULL,
         "error norm 4 -> 3 after 9 steps at rate 0.25: the error falls by 25.0 %, but swings: "
         "larger after 1 of 9 steps"},
        {{4, 3, 8, 8.5, 4, 0, 0, 0},
         1,
         NULL,
         "error norm 4 -> 3 after 1 step at rate 0.25: the error falls by 25.0 %, though the loss "
         "grows from 8 to 8.5"},
        {{4, 5, 8, 12.5, 5, 2, 0, 0},
         2,
         NULL,
         "error norm 4 -> 5 after 2 steps at rate 0.25: the error grows; the rate 0.25 is too "
         "large"},
        {{4, 5, 8, 12.5, 6, 4, 0, 0},
         7,
         NULL,
         "error norm 4 -> 5 after 7 steps at rate 0.25: the error grows, but swings: larger after "
         "4 of 7 steps, 6 at most; the rate 0.25 is too large"},
        {{4, 5, 14, 13, 5, 1, 0, 0},
         1,
         NULL,
         "error norm 4 -> 5 after 1 step at rate 0.25: the error grows, though the loss falls from "
         "14 to 13"},
        {{4, 1e-13, 8, 5e-27, 7, 3, 0, 1e-12},
         9,
         NULL,
         "error norm 4 -> 1.0000e-13 after 9 steps at rate 0.25: the error falls to zero up to "
         "rounding, but swings: larger after 3 of 9 steps, 7 at most"},
        {{4, 1e-13, 8, 5e-27, 4, 0, 0, 1e-12},
         9,
         NULL,
         "error norm 4 -> 1.0000e-13 after 9 steps at rate 0.25: the error falls to zero up to "
         "rounding"},
        {{1e-14, 2e-14, 5e-29, 2e-28, 2e-14, 0, 0, 1e-12},
         1,
         NULL,
         "error norm 1.0000e-14 -> 2.0000e-14 after 1 step at rate 0.25: there was no error to "
         "lower, only rounding"},
        {{4, 4, 8, 8, 4, 0, 0, 0},
         1,
         NULL,
         "error norm 4 -> 4 after 1 step at rate 0.25: the error stays the same"},
        {{0, 0, 0, 0, 0, 0, 0, 0},
         1,
         NULL,
         "error norm 0 -> 0 after 1 step at rate 0.25: there was no error to lower"},
        {{4, 1e90, 8, 1e180, 1e90, 6, 7, 0},
         50,
         "step 7, A2",
         "overflow: step 7, A2 is too large for a floating-point number; error norm 4 -> "
         "1.0000e+90 before: the error grows, the rate 0.25 is too large"},
        {{0, 0, 0, 0, 0, 0, 1, 0},
         50,
         "step 1, A1",
         "overflow: step 1, A1 is too large for a floating-point number"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dsc_trace_config config = {0.25, cases[i].n_steps};
        char sentence[CLI_SENTENCE_LENGTH];
        cli_trace_sentence(&cases[i].result, &config, 4, cases[i].where, sentence);
        assert_string_equal(sentence, cases[i].expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(columns),
        cmocka_unit_test(sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
