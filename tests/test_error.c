/* Error texts: cut, cleaned, always UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

static void the_value_is_the_code_and_err_may_be_null(void **state) {
    (void)state;
    dsc_error err;
    assert_int_equal(dsc_fail(NULL, DSC_E_DATA, "there", "%d", 1), DSC_E_DATA);
    assert_int_equal(dsc_fail(&err, DSC_E_IO, NULL, "found %d", 7), DSC_E_IO);
    assert_int_equal(err.code, DSC_E_IO);
    assert_string_equal(err.where, "");
    assert_string_equal(err.message, "found 7");
}

static void texts_are_utf8_without_controls(void **state) {
    (void)state;
    const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xac", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xac"},
        {"a\x1b[2J\n\x7f", "a?[2J??"},
        {"\xc2\x9b\x31m", "?1m"},                   /* CSI as C1: one character */
        {"\xc2\x80\xc2\x9f\xc2\xa0", "??\xc2\xa0"}, /* the ends of C1 */
        {"\x9b\x31m", "?1m"},                       /* CSI as a single byte */
        {"caf\xe9 noir", "caf? noir"},              /* latin-1 */
        {"\xc0\xaf", "??"},                         /* overlong */
        {"\xed\xa0\x80", "???"},                    /* a surrogate */
        {"\xf4\x90\x80\x80", "????"},               /* above U+10FFFF */
        {"end \xe2\x82", "end ??"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_error err;
        dsc_error_set(&err, DSC_E_DATA, cases[i].text, "%s", cases[i].text);
        assert_string_equal(err.where, cases[i].shown);
        assert_string_equal(err.message, cases[i].shown);
    }
}

/* A euro sign, 3 bytes, at each place where the cut may fall. */
static void long_texts_are_cut_between_characters(void **state) {
    (void)state;
    for (size_t n_before = 505; n_before <= 511; n_before++) {
        char text[600];
        dsc_error err;
        memset(text, 'x', n_before);
        strcpy(text + n_before, "\xe2\x82\xac and more");
        dsc_error_set(&err, DSC_E_DATA, "", "%s", text);
        size_t length = strlen(err.message);
        assert_in_range(length, sizeof err.message - 3, sizeof err.message - 1);
        assert_memory_equal(err.message, text, length);
        assert_true(dsc_is_utf8(err.message, length));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_is_the_code_and_err_may_be_null),
        cmocka_unit_test(texts_are_utf8_without_controls),
        cmocka_unit_test(long_texts_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
