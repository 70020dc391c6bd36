/* Separators: every function that this processor can run against a loop over bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"
#include "math/separators.h"

static dsc_separators find_slowly(const char *text, size_t n, char delimiter, uint16_t *marks) {
    dsc_separators all = {0, 0, true};
    for (size_t i = 0; i < n; i++) {
        if (text[i] == delimiter || (unsigned char)text[i] <= '"') {
            all.is_plain = all.is_plain && (text[i] == delimiter || text[i] == '\n') &&
                           (all.n > 0 ? marks[all.n - 1] < i : i > 0);
            all.n_lines += text[i] == '\n';
            marks[all.n++] = (uint16_t)(i + 1);
        }
    }
    return all;
}

/* The text lies at the end of a block of memory, so that a byte too far is found by a sanitizer. */
static void check(const char *text, size_t n, char delimiter) {
    uint16_t expected[DSC_SEPARATORS_MARKS];
    uint16_t found[DSC_SEPARATORS_MARKS];
    char *copy = malloc(n + (n == 0));
    assert_non_null(copy);
    memcpy(copy, text, n);
    const dsc_separators slowly = find_slowly(copy, n, delimiter, expected);
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        assert_int_equal(dsc_isa_set(dsc_isa_available(i), NULL), DSC_OK);
        const dsc_separators all = dsc_separators_choose()(copy, n, delimiter, found);
        assert_int_equal(all.n, slowly.n);
        assert_int_equal(all.n_lines, slowly.n_lines);
        assert_int_equal(all.is_plain, slowly.is_plain);
        assert_memory_equal(found, expected, slowly.n * sizeof found[0]);
    }
    dsc_isa_set(NULL, NULL);
    free(copy);
}

/* A single separator at each place of each length, and none. */
static void one_at_every_place(void **state) {
    (void)state;
    enum { LONGEST = 200 };
    char text[LONGEST];
    memset(text, 'x', sizeof text);
    for (size_t n = 0; n <= LONGEST; n++) {
        check(text, n, ',');
        for (size_t at = 0; at < n; at++) {
            text[at] = at % 3 == 0 ? ',' : at % 3 == 1 ? '\n' : '\0';
            check(text, n, ',');
            text[at] = 'x';
        }
    }
}

/* Every byte beside every delimiter, the neighbours of the bounds among them. */
static void every_byte(void **state) {
    (void)state;
    static const char delimiters[] = {',', '\t', ';', '|', ':', ' '};
    for (size_t d = 0; d < sizeof delimiters; d++) {
        char text[300];
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = (char)(i * 7);
        }
        check(text, sizeof text, delimiters[d]);
    }
}

/* Dense and sparse: more marks in a word of bits than are written at once, and fewer. */
static void at_random(void **state) {
    (void)state;
    static char text[DSC_SEPARATORS_BYTES];
    dsc_random random = dsc_random_stream(1, 0, 0);
    for (size_t round = 0; round < 200; round++) {
        const unsigned one_of = 1 + (unsigned)round % 40;
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = dsc_random_below(&random, one_of) == 0
                          ? "\n,\r \""[dsc_random_below(&random, 5)]
                          : (char)dsc_random_below(&random, 256);
        }
        check(text, sizeof text - dsc_random_below(&random, 100), ',');
        check(text, dsc_random_below(&random, 100), ',');
    }
    memset(text, ',', sizeof text); /* nothing but marks */
    check(text, sizeof text, ',');
}

/* Rows as files have them, and with one byte of any kind at every place: what is between two separators, or
 * none, and over the bounds of words. */
static void rows_with_one_odd_byte(void **state) {
    (void)state;
    enum { N = 150 };
    static const char row[] = "12,3,4.5,678\n";
    static const char odd[] = {',', '\n', '\0', '"', ' ', '\r', 'x'};
    char text[N];
    for (size_t i = 0; i < N; i++) {
        text[i] = row[i % (sizeof row - 1)];
    }
    uint16_t marks[DSC_SEPARATORS_MARKS];
    assert_true(find_slowly(text, N, ',', marks).is_plain);
    check(text, N, ',');
    for (size_t at = 0; at < N; at++) {
        const char usual = text[at];
        for (size_t k = 0; k < sizeof odd; k++) {
            text[at] = odd[k];
            check(text, N, ',');
            check(text, at + 1, ',');
        }
        text[at] = usual;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_every_place),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(at_random),
        cmocka_unit_test(rows_with_one_odd_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
