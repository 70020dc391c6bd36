/* Every kernel of every instruction set that this processor has against plain C, in each of its cases
 * (bench/kernels): at odd sizes and tails, at unaligned addresses, with subnormal numbers, with what is
 * infinite or not a number. And that no kernel is without a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "kernels/cases.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static kernel_set sets[MOST_SETS];
static size_t n_sets;

static void describe(char *text, size_t room, const kernel_problem *p) {
    static const char *const kinds[] = {"usual", "subnormal", "special"};
    snprintf(text, room, "%s of %zu x %zu x %zu, %s numbers", p->of->name, p->size[0], p->size[1],
             p->size[2], kinds[p->values]);
}

/* One problem by plain C and by all others. */
static void check(const kernel_case *c, const size_t size[MOST_SIZES], drawn_values values) {
    kernel_problem plain = problem_create(c, size, values, false);
    char name[160], fault[160];
    describe(name, sizeof name, &plain);
    problem_run(&plain, &sets[n_sets - 1]);
    for (size_t i = 0; i + 1 < n_sets; i++) {
        kernel_problem got = problem_create(c, size, values, false);
        problem_run(&got, &sets[i]);
        if (!problem_agrees(&got, &plain, fault, sizeof fault)) {
            fail_msg("%s, %s: %s", sets[i].name, name, fault);
        }
        if (!problem_destroy(&got)) {
            fail_msg("%s, %s: wrote outside an array", sets[i].name, name);
        }
    }
    if (!problem_destroy(&plain)) {
        fail_msg("plain C, %s: wrote outside an array", name);
    }
}

enum { SHORT = 70, MOST_LENGTHS = SHORT + 5 };

/* Lengths for so many dimensions: vectors of every width that are full, one short and one over. Returns
 * how many. */
static size_t fill_lengths(size_t lengths[MOST_LENGTHS], size_t n_dimensions) {
    static const size_t two[] = {1, 2, 3, 5, 8, 9, 15, 16, 17, 24, 31, 33, 65};
    static const size_t three[] = {1, 3, 8, 13, 17, 33};
    static const size_t rather_long[] = {127, 129, 255, 513, 1000};
    if (n_dimensions == 1) {
        for (size_t i = 0; i < SHORT; i++) {
            lengths[i] = i + 1;
        }
        memcpy(lengths + SHORT, rather_long, sizeof rather_long);
        return MOST_LENGTHS;
    }
    if (n_dimensions == 2) {
        memcpy(lengths, two, sizeof two);
        return COUNT(two);
    }
    memcpy(lengths, three, sizeof three);
    return COUNT(three);
}

static void check_case(const kernel_case *c) {
    size_t n_dimensions = 0, n_problems = 1;
    while (n_dimensions < MOST_SIZES && c->timed[0][n_dimensions] != 0) {
        n_dimensions++;
    }
    size_t lengths[MOST_LENGTHS];
    const size_t n_lengths = fill_lengths(lengths, n_dimensions);
    for (size_t d = 0; d < n_dimensions; d++) {
        n_problems *= n_lengths;
    }
    for (size_t i = 0; i < n_problems; i++) {
        size_t size[MOST_SIZES] = {0}, rest = i;
        for (size_t d = 0; d < n_dimensions; d++) {
            const size_t length = lengths[rest % n_lengths];
            size[d] = c->most[d] != 0 && length > c->most[d] ? c->most[d] : length;
            rest /= n_lengths;
        }
        check(c, size, DRAWN_USUAL);
        check(c, size, DRAWN_SUBNORMAL);
        check(c, size, DRAWN_SPECIAL);
    }
}

static void every_kernel_agrees_with_plain_c(void **state) {
    (void)state;
    for (const kernel_group *group = kernel_groups; group->title != NULL; group++) {
        for (const kernel_case *c = group->cases; !is_last_case(c); c++) {
            if (c->call != NULL) {
                check_case(c);
            }
        }
    }
}

/* The entries of the table stand behind its name and its precision, one after the other. */
static void every_kernel_has_a_case(void **state) {
    (void)state;
    const size_t first = offsetof(dsc_kernels, dense_forward), step = sizeof(void (*)(void));
    for (size_t entry = first; entry < sizeof(dsc_kernels); entry += step) {
        bool is_found = false;
        for (const kernel_group *group = kernel_groups; group->title != NULL; group++) {
            for (const kernel_case *c = group->cases; !is_last_case(c); c++) {
                is_found = is_found || c->entry == entry;
            }
        }
        if (!is_found) {
            fail_msg("entry %zu of struct dsc_kernels has no case in bench/kernels",
                     (entry - first) / step + 1);
        }
    }
}

int main(void) {
    n_sets = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_has_a_case),
        cmocka_unit_test(every_kernel_agrees_with_plain_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
