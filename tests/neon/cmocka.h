/* What the tests of the kernels use of cmocka, for a cross-compiler that has no cmocka: the first
 * check that fails ends the program. See tools/check_neon.sh. */
#ifndef DESCENT_TESTS_NEON_CMOCKA_H
#define DESCENT_TESTS_NEON_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};

#define cmocka_unit_test(function)                                                                 \
    { #function, function }

#define fail_msg(...)                                                                              \
    do {                                                                                           \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                            \
        fprintf(stderr, __VA_ARGS__);                                                              \
        fputc('\n', stderr);                                                                       \
        exit(1);                                                                                   \
    } while (0)

#define assert_true(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fail_msg("found that this does not hold: %s", #condition);                             \
        }                                                                                          \
    } while (0)

#define assert_non_null(pointer)                assert_true((pointer) != NULL)
#define assert_int_equal(a, b)                  assert_true((long long)(a) == (long long)(b))
#define assert_string_equal(a, b)               assert_true(strcmp(a, b) == 0)
#define assert_memory_equal(a, b, n)            assert_true(memcmp(a, b, n) == 0)
#define cmocka_run_group_tests(tests, up, down) run_all(tests, sizeof(tests) / sizeof((tests)[0]))

static inline int run_all(const struct CMUnitTest *tests, size_t n) {
    for (size_t i = 0; i < n; i++) {
        void *state = NULL;
        printf("%s\n", tests[i].name);
        tests[i].run(&state);
    }
    printf("%zu tests passed\n", n);
    return 0;
}

#endif
