/* What a kernel works on: arrays between fences, drawn at random, and whether those that one instruction
 * set has left behind are those of plain C. */
#ifndef DESCENT_BENCH_KERNELS_PROBLEM_H
#define DESCENT_BENCH_KERNELS_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/digits.h"
#include "math/kernels.h"
#include "math/ranks.h"
#include "math/separators.h"

/* Every kernel of one instruction set. */
typedef struct kernel_set {
    const char *name;
    const dsc_kernels *kernels; /* in single precision */
    dsc_digits_reader *read_digits;
    dsc_separators_finder *find_separators;
    dsc_ranks_finder *find_ranks;
} kernel_set;

enum { MOST_SETS = 4, MOST_SIZES = 3, MOST_ARRAYS = 16 };

/* Those that this processor has, the widest first and plain C last; returns how many. */
size_t kernel_sets(kernel_set sets[MOST_SETS]);

/* What the numbers are drawn as. */
typedef enum drawn_values {
    DRAWN_USUAL,     /* standard normal */
    DRAWN_SUBNORMAL, /* every other array around the smallest normal number */
    DRAWN_SPECIAL /* some are infinite, not a number, 0 of either sign, very large or very small */
} drawn_values;

typedef enum array_kind {
    ARRAY_FLOATS,
    ARRAY_POSITIVE, /* without a negative number, as sums of squares are */
    ARRAY_SHARES,   /* between 0 and 1 */
    ARRAY_BF16,
    ARRAY_DOUBLES, /* filled by who adds it, as those that follow */
    ARRAY_BYTES,   /* integers of at most 4 bytes, text */
    ARRAY_WORDS,   /* integers of 8 bytes */
    ARRAY_SCRATCH  /* floats of which nobody says what they are in the end */
} array_kind;

typedef struct kernel_array {
    array_kind kind;
    void *at;
    /* Elements; of ARRAY_BYTES and ARRAY_WORDS, bytes. A call may shorten what it fills in part. */
    size_t n;
    size_t n_room;
    void *block;
} kernel_array;

typedef struct kernel_problem {
    const struct kernel_case *of;
    size_t size[MOST_SIZES];
    drawn_values values;
    bool is_aligned; /* arrays begin at a multiple of 64 bytes; otherwise 4 bytes behind one, those
                        whose elements have 8 bytes 8 */
    kernel_array arrays[MOST_ARRAYS];
    size_t n_arrays;
    double operations; /* of floating point, of one call; 0: it is measured by its bytes */
    double bytes;      /* that it reads and writes at least */
    double result;     /* of the last call */
} kernel_problem;

/* A problem of a case (cases.h), drawn: the same numbers for the same arguments. Ends the program where
 * there is no memory. */
kernel_problem problem_create(const struct kernel_case *of, const size_t size[MOST_SIZES],
                              drawn_values values, bool is_aligned);

/* Frees; false where something was written outside an array. */
bool problem_destroy(kernel_problem *p);

/* For the set-up of a case: adds the next array. Elements that are not drawn are 0. */
void *problem_add(kernel_problem *p, array_kind kind, size_t n);

/* The same: n numbers below `below`, each as likely; distinct ones, n <= below. */
uint32_t *problem_add_numbers(kernel_problem *p, size_t n, size_t below);
uint32_t *problem_add_distinct(kernel_problem *p, size_t n, size_t below);

static inline void *array_of(const kernel_problem *p, size_t number) {
    return p->arrays[number].at;
}

/* The case's call, once. */
void problem_run(kernel_problem *p, const kernel_set *set);

/* Whether arrays and result are those of plain C by the case's tolerance; if not, `fault` says where. */
bool problem_agrees(const kernel_problem *got, const kernel_problem *plain, char *fault,
                    size_t room);

#endif
