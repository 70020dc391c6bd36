/* Digits: every function that this processor can run against a loop over bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"
#include "math/digits.h"

/* Fields for some rows of every stride, with marks that one vector of AVX-512 holds or not. */
enum { MOST_FIELDS = 160, MOST_STRIDE = 24, MOST_BYTES = MOST_FIELDS * 24 };

/* Fields with a comma behind each, and their marks, with one before the first. */
typedef struct fields {
    char bytes[MOST_BYTES];
    size_t length;
    uint16_t edge[MOST_FIELDS + 1];
    size_t n;
} fields;

static void append(fields *to, const char *field, size_t length) {
    memcpy(to->bytes + to->length, field, length);
    to->bytes[to->length + length] = ',';
    to->length += length + 1;
    to->edge[++to->n] = (uint16_t)to->length;
}

static bool read_slowly(const char *begin, const char *end, uint64_t *number) {
    *number = 0;
    for (const char *p = begin; p < end; p++) {
        if (*p < '0' || *p > '9') {
            return false;
        }
        *number = *number * 10 + (uint64_t)(*p - '0');
    }
    return end > begin && end - begin <= 16 && (*begin != '0' || end - begin == 1);
}

/* The text lies at the end of a block of memory, but for what may be read behind it. */
static void check(const fields *of, size_t stride) {
    const size_t n = of->n / stride;
    uint64_t expected[MOST_FIELDS], found[MOST_FIELDS];
    char *copy = calloc(of->length + DSC_DIGITS_SLACK, 1);
    assert_non_null(copy);
    memcpy(copy, of->bytes, of->length);
    for (size_t first = 0; first < stride; first++) {
        const dsc_field_column column = {copy, of->edge + 1 + first, stride};
        size_t n_good = 0;
        while (n_good < n && read_slowly(dsc_field_begin(column, n_good),
                                         dsc_field_end(column, n_good), &expected[n_good])) {
            n_good++;
        }
        for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
            assert_int_equal(dsc_isa_set(dsc_isa_available(i), NULL), DSC_OK);
            assert_int_equal(dsc_digits_choose()(column, n, found), n_good);
            assert_memory_equal(found, expected, n_good * sizeof found[0]);
        }
    }
    dsc_isa_set(NULL, NULL);
    free(copy);
}

/* Every length, with every byte at every place, in every lane. */
static void every_byte_at_every_place(void **state) {
    (void)state;
    for (size_t length = 0; length <= 20; length++) {
        for (size_t at = 0; at < length + (length == 0); at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                char field[21] = "98765432101234567897";
                field[at] = (char)byte;
                fields of = {{0}, 0, {0}, 0};
                const size_t lane = (length + byte) % 5;
                for (size_t i = 0; i < 6; i++) {
                    append(&of, i == lane ? field : "12", i == lane ? length : 2);
                }
                check(&of, 1);
            }
        }
    }
}

/* Numbers of all lengths with few that are none, by columns. */
static void at_random(void **state) {
    (void)state;
    static const char *const odd[] = {"", "0", "00", "07", "-1", "+1", "1.5", "12345678901234567",
                                      "x"};
    for (size_t round = 0; round < 3000; round++) {
        dsc_random random = dsc_random_stream(3, 0, round);
        const size_t n_fields = dsc_random_below(&random, MOST_FIELDS + 1);
        const uint32_t one_of = 1 + dsc_random_below(&random, 200);
        fields of = {{0}, 0, {0}, 0};
        for (size_t i = 0; i < n_fields; i++) {
            char field[16];
            const size_t length = 1 + dsc_random_below(&random, 16);
            for (size_t j = 0; j < length; j++) {
                field[j] =
                    (char)('0' + (j == 0 ? 1U : 0U) + dsc_random_below(&random, j == 0 ? 9 : 10));
            }
            const char *other = odd[dsc_random_below(&random, sizeof odd / sizeof odd[0])];
            if (dsc_random_below(&random, one_of) == 0) {
                append(&of, other, strlen(other));
            } else {
                append(&of, field, length);
            }
        }
        check(&of, 1 + round % (round % 2 == 0 ? 7 : MOST_STRIDE));
    }
}

/* Fields that are too long, up to lengths whose last byte alone is that of a good one: in every lane. */
static void long_fields(void **state) {
    (void)state;
    static const size_t lengths[] = {17,  31,  32,  33,  127, 128, 129, 255,  256,
                                     257, 258, 264, 272, 273, 512, 514, 1025, 3000};
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        for (size_t lane = 0; lane < 8; lane++) {
            char field[3000];
            for (size_t i = 0; i < lengths[l]; i++) {
                field[i] = (char)('1' + i % 9);
            }
            fields of = {{0}, 0, {0}, 0};
            append(&of, "98765432", 8); /* text before the first lane */
            append(&of, "1234567890", 10);
            for (size_t i = 0; i < 8; i++) {
                append(&of, i == lane ? field : "12", i == lane ? lengths[l] : 2);
            }
            check(&of, 1);
            check(&of, 2);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(at_random),
        cmocka_unit_test(long_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
