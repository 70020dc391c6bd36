/* Ranks: every function that this processor can run against numbers that are counted one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"
#include "math/ranks.h"

enum { MOST = 200 };

static bool is_first_of_its_kind(const uint32_t *number, size_t i) {
    for (size_t j = 0; j < i; j++) {
        if (number[j] == number[i]) {
            return false;
        }
    }
    return true;
}

static size_t rank_slowly(const uint32_t *number, size_t n, uint32_t *rank) {
    size_t n_distinct = 0;
    memset(rank, 0, n * sizeof *rank);
    for (size_t j = 0; j < n; j++) {
        const bool counts = is_first_of_its_kind(number, j);
        n_distinct += counts;
        for (size_t i = 0; i < n; i++) {
            rank[i] += counts && number[j] < number[i];
        }
    }
    return n_distinct;
}

/* Twice with the same set, which must be empty again. */
static void check(const uint32_t *number, size_t n, size_t n_numbers) {
    uint32_t expected[MOST], found[MOST];
    const size_t n_words = dsc_rank_words(n_numbers);
    const dsc_rank_set set = {n_words, calloc(n_words, sizeof(uint64_t)),
                              malloc(n_words * sizeof(uint32_t))};
    assert_true(set.bits != NULL && set.before != NULL);
    const size_t n_distinct = rank_slowly(number, n, expected);
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        assert_int_equal(dsc_isa_set(dsc_isa_available(i), NULL), DSC_OK);
        for (size_t time = 0; time < 2; time++) {
            memset(found, 0xFF, sizeof found);
            assert_int_equal(dsc_ranks_choose()(number, n, set, found), n_distinct);
            assert_memory_equal(found, expected, n * sizeof found[0]);
        }
    }
    dsc_isa_set(NULL, NULL);
    free(set.bits);
    free(set.before);
}

/* All of two words and more, from the last on, so that every bit has every other one below it. */
static void every_number(void **state) {
    (void)state;
    uint32_t number[MOST] = {0};
    for (size_t n = 0; n <= MOST; n++) {
        for (size_t i = 0; i < n; i++) {
            number[i] = (uint32_t)(n - 1 - i);
        }
        check(number, n, n);
    }
}

/* Few and many, of small and large ranges, with equal ones among them. */
static void at_random(void **state) {
    (void)state;
    for (size_t round = 0; round < 1000; round++) {
        dsc_random random = dsc_random_stream(5, 0, round);
        const size_t n = dsc_random_below(&random, MOST + 1);
        const uint32_t n_numbers = 1 + dsc_random_below(&random, round % 2 == 0 ? 300 : 100000);
        uint32_t number[MOST];
        for (size_t i = 0; i < n; i++) {
            number[i] = dsc_random_below(&random, n_numbers);
        }
        check(number, n, n_numbers);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number),
        cmocka_unit_test(at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
