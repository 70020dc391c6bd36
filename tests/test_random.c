/* Philox against its published known answers, and the distributions drawn from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "descent/random.h"

/* Known-answer vectors of Random123 (kat_vectors, "philox4x32 10"). */
static void philox_known_answers(void **state) {
    (void)state;
    const struct {
        uint32_t counter[4], key[2], expected[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t out[4];
        dsc_philox4x32(out, cases[i].counter, cases[i].key);
        assert_memory_equal(out, cases[i].expected, sizeof out);
    }
}

static void streams_differ_and_repeat(void **state) {
    (void)state;
    dsc_random a = dsc_random_stream(7, 1, 0);
    dsc_random again = dsc_random_stream(7, 1, 0);
    dsc_random other_seed = dsc_random_stream(8, 1, 0);
    dsc_random other_purpose = dsc_random_stream(7, 2, 0);
    dsc_random other_index = dsc_random_stream(7, 1, 1);
    int n_equal = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t value = dsc_random_u32(&a);
        assert_int_equal(value, dsc_random_u32(&again));
        n_equal += value == dsc_random_u32(&other_seed);
        n_equal += value == dsc_random_u32(&other_purpose);
        n_equal += value == dsc_random_u32(&other_index);
    }
    assert_int_equal(n_equal, 0);
}

static void below_is_uniform(void **state) {
    (void)state;
    enum { N = 6, DRAWS = 60000 };
    int counts[N] = {0};
    dsc_random random = dsc_random_stream(1, 0, 0);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t value = dsc_random_below(&random, N);
        assert_true(value < N);
        counts[value]++;
    }
    double chi_square = 0;
    for (int i = 0; i < N; i++) {
        double difference = counts[i] - (double)DRAWS / N;
        chi_square += difference * difference / ((double)DRAWS / N);
    }
    assert_true(chi_square < 20.5); /* 5 degrees of freedom, p = 0.001 */
    assert_int_equal(dsc_random_below(&random, 1), 0);
}

static void normal_has_its_moments(void **state) {
    (void)state;
    enum { DRAWS = 100000 };
    double sum = 0, sum2 = 0, sum4 = 0;
    dsc_random random = dsc_random_stream(3, 0, 0);
    for (int i = 0; i < DRAWS; i++) {
        double z = dsc_random_normal(&random);
        assert_true(isfinite(z));
        sum += z;
        sum2 += z * z;
        sum4 += z * z * z * z;
    }
    assert_true(fabs(sum / DRAWS) < 0.015);
    assert_true(fabs(sum2 / DRAWS - 1) < 0.02);
    assert_true(fabs(sum4 / DRAWS - 3) < 0.15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers),
        cmocka_unit_test(streams_differ_and_repeat),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(normal_has_its_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
