/* Cases of the kernels that read ratings. Sizes of those that read text are bytes, and for digits how many
 * fields a row has; of ranks, how many numbers there are, and what all are below. */
#include <string.h>

#include "cases.h"

enum { TEXT, DRAWN, MARKS, NUMBERS };

/* Numbers of 1 to 7 digits with a separator behind each; of special text some bytes are anything. */
static const char *add_text(kernel_problem *p) {
    const size_t n = p->size[0];
    char *text = problem_add(p, ARRAY_BYTES, n + DSC_DIGITS_SLACK);
    const uint32_t *drawn = problem_add_numbers(p, n, 256);
    size_t n_left = 3; /* digits until the next separator */
    for (size_t i = 0; i < n; i++) {
        if (n_left == 0) {
            text[i] = i % 4 == 0 ? '\n' : ',';
            n_left = 1 + drawn[i] % 7;
        } else {
            text[i] = (char)('1' + drawn[i] % 9);
            n_left--;
        }
        if (p->values == DRAWN_SPECIAL && i % 31 == 7) {
            text[i] = (char)drawn[i];
        }
    }
    p->bytes = (double)n;
    return text;
}

static void set_up_separators(kernel_problem *p) {
    add_text(p);
    problem_add(p, ARRAY_BYTES, DSC_SEPARATORS_MARKS * sizeof(uint16_t));
}

static double find_separators(kernel_problem *p, const kernel_set *set) {
    const size_t n = set->find_separators(array_of(p, TEXT), p->size[0], ',', array_of(p, MARKS)).n;
    p->arrays[MARKS].n = n * sizeof(uint16_t);
    return (double)n;
}

static void set_up_digits(kernel_problem *p) {
    const char *text = add_text(p);
    uint16_t *marks = problem_add(p, ARRAY_BYTES, (1 + DSC_SEPARATORS_MARKS) * sizeof *marks);
    const size_t n_fields = dsc_separators_c(text, p->size[0], ',', marks + 1).n;
    p->arrays[MARKS].n = (1 + n_fields) * sizeof *marks;
    problem_add(p, ARRAY_WORDS, n_fields / p->size[1] * sizeof(uint64_t));
    p->bytes /= (double)p->size[1];
}

/* Those of the first column. */
static double read_digits(kernel_problem *p, const kernel_set *set) {
    const size_t n_fields = p->arrays[MARKS].n / sizeof(uint16_t) - 1;
    const dsc_field_column column = {array_of(p, TEXT), (const uint16_t *)array_of(p, MARKS) + 1,
                                     p->size[1]};
    const size_t n = set->read_digits(column, n_fields / p->size[1], array_of(p, NUMBERS));
    p->arrays[NUMBERS].n = n * sizeof(uint64_t);
    return (double)n;
}

enum { RANKED, BITS, BEFORE, RANK };

static void set_up_ranks(kernel_problem *p) {
    const size_t n_words = dsc_rank_words(p->size[1]);
    problem_add_numbers(p, p->size[0], p->size[1]);
    memset(problem_add(p, ARRAY_WORDS, n_words * sizeof(uint64_t)), 0, n_words * sizeof(uint64_t));
    problem_add(p, ARRAY_BYTES, n_words * sizeof(uint32_t));
    problem_add(p, ARRAY_BYTES, p->size[0] * sizeof(uint32_t));
    p->bytes = (double)(p->size[0] * sizeof(uint32_t));
}

static double find_ranks(kernel_problem *p, const kernel_set *set) {
    const dsc_rank_set of = {dsc_rank_words(p->size[1]), array_of(p, BITS), array_of(p, BEFORE)};
    return (double)set->find_ranks(array_of(p, RANKED), p->size[0], of, array_of(p, RANK));
}

const kernel_case text_cases[] = {
    {.name = "separators",
     .set_up = set_up_separators,
     .call = find_separators,
     .most = {DSC_SEPARATORS_BYTES},
     .timed = {{4096}}},
    {.name = "digits",
     .set_up = set_up_digits,
     .call = read_digits,
     .most = {DSC_SEPARATORS_BYTES},
     .timed = {{4096, 1}, {4096, 3}}},
    {.name = NULL},
};

const kernel_case rank_cases[] = {
    {.name = "ranks",
     .set_up = set_up_ranks,
     .call = find_ranks,
     .timed = {{160, 26744}, {2000, 26744}}},
    {.name = NULL},
};
