/* Text of the command line: UTF-8 copied, measured and cut; the nearest name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"
#include "text.h"

#define FFFD "\xef\xbf\xbd"

static void copies_are_valid_utf8(void **state) {
    (void)state;
    const struct {
        const char *text;
        size_t length;
        const char *plain;    /* cli_utf8_copy; a zero byte inside stays */
        const char *terminal; /* cli_terminal_copy */
    } cases[] = {
        {"", 0, "", ""},
        {"abc", 3, "abc", "abc"},
        {"caf\xc3\xa9", 5, "caf\xc3\xa9", "caf\xc3\xa9"},
        {"caf\xe9", 4, "caf" FFFD, "caf" FFFD},
        {"\xf0\x9f\x8e\xac", 4, "\xf0\x9f\x8e\xac", "\xf0\x9f\x8e\xac"},
        {"\xf0\x9f\x8e", 3, FFFD FFFD FFFD, FFFD FFFD FFFD},               /* cut short */
        {"\xc0\xaf", 2, FFFD FFFD, FFFD FFFD},                             /* overlong */
        {"\xe0\x80\xaf", 3, FFFD FFFD FFFD, FFFD FFFD FFFD},               /* overlong */
        {"\xed\xa0\x80", 3, FFFD FFFD FFFD, FFFD FFFD FFFD},               /* surrogate */
        {"\xf4\x90\x80\x80", 4, FFFD FFFD FFFD FFFD, FFFD FFFD FFFD FFFD}, /* above U+10FFFF */
        {"a\x1b[2J\n", 6, "a\x1b[2J\n", "a" FFFD "[2J" FFFD},
        {"a\x7f\xc2\x9b", 4, "a\x7f\xc2\x9b", "a" FFFD FFFD},
        {"\xe2\x80\xae"
         "abc",
         6,
         "\xe2\x80\xae"
         "abc",
         FFFD "abc"}, /* right-to-left override */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_id id = {cases[i].text, cases[i].length};
        size_t length = 0;
        char *plain = cli_utf8_copy(id, &length);
        char *terminal = cli_terminal_copy(id);
        assert_string_equal(plain, cases[i].plain);
        assert_int_equal(length, strlen(cases[i].plain));
        assert_string_equal(terminal, cases[i].terminal);
        free(plain);
        free(terminal);
    }
    size_t length = 0;
    char *zero = cli_utf8_copy((dsc_id){"a\0b", 3}, &length);
    assert_int_equal(length, 3);
    assert_memory_equal(zero, "a\0b", 4);
    free(zero);
}

static void cut_to(const char *text, size_t width, const char *expected) {
    char *copy = cli_terminal_copy(cli_id(text));
    cli_cut(copy, width);
    assert_string_equal(copy, expected);
    assert_true(width == 0 || cli_width(copy) <= width);
    free(copy);
}

static void widths_and_cuts(void **state) {
    (void)state;
    assert_int_equal(cli_width(""), 0);
    assert_int_equal(cli_width("caf\xc3\xa9"), 4);
    assert_int_equal(cli_width("e\xcc\x81"), 1);                /* e and combining acute */
    assert_int_equal(cli_width("\xe6\x98\xa0\xe7\x94\xbb"), 4); /* two wide characters */
    assert_int_equal(cli_width("\xf0\x9f\x8e\xac"), 2);         /* an emoji */
    cut_to("abcdef", 6, "abcdef");
    cut_to("abcdef", 5, "abcd\xe2\x80\xa6");
    cut_to("abcdef", 1, "\xe2\x80\xa6");
    cut_to("abcdef", 0, "abcdef");
    cut_to("\xe6\x98\xa0\xe7\x94\xbb", 3, "\xe6\x98\xa0\xe2\x80\xa6");
    cut_to("\xe6\x98\xa0\xe7\x94\xbb", 2, "\xe2\x80\xa6"); /* half of it does not fit */
}

static void distances(void **state) {
    (void)state;
    const struct {
        const char *a, *b;
        size_t expected;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"epochs", "epochs", 0},
        {"epocs", "epochs", 1},
        {"epochss", "epochs", 1},
        {"epochz", "epochs", 1},
        {"trian", "train", 1},
        {"ab", "ba", 1},
        {"kitten", "sitting", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(cli_distance(cases[i].a, cases[i].b), cases[i].expected);
        assert_int_equal(cli_distance(cases[i].b, cases[i].a), cases[i].expected);
    }
    char huge[100];
    memset(huge, 'a', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_int_equal(cli_distance(huge, "a"), SIZE_MAX);
}

static void suggestions(void **state) {
    (void)state;
    const char *const names[] = {"train", "trace", "evaluate", "net"};
    const size_t n = sizeof names / sizeof names[0];
    assert_string_equal(cli_suggest("trian", names, n), "train");
    assert_string_equal(cli_suggest("evalute", names, n), "evaluate");
    assert_string_equal(cli_suggest("nets", names, n), "net");
    assert_string_equal(cli_suggest("tra?e", names, n), "trace");
    assert_null(cli_suggest("x", names, n));
    assert_null(cli_suggest("serve", names, n));
    assert_null(cli_suggest("train", names, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_valid_utf8),
        cmocka_unit_test(widths_and_cuts),
        cmocka_unit_test(distances),
        cmocka_unit_test(suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
