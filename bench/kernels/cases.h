/* Every kernel, once for each form of it that counts: what it works on, how it is called, what work that is.
 *
 * tests/test_kernel_cases.c holds every instruction set against plain C in all of them, main.c times them:
 * an entry of struct dsc_kernels without a case fails the test. */
#ifndef DESCENT_BENCH_KERNELS_CASES_H
#define DESCENT_BENCH_KERNELS_CASES_H

#include "problem.h"

enum { MOST_TIMED = 12 };

typedef struct kernel_case {
    const char *name;
    size_t entry; /* where it stands in struct dsc_kernels; 0: it is a function of its own */
    void (*set_up)(kernel_problem *p); /* adds the arrays in order, says how much work a call is */
    double (*call)(kernel_problem *p, const kernel_set *set); /* returns what the kernel returns */
    int form;                /* what the two make of it: an activation, a rule */
    double tolerance;        /* 0: the same bytes as plain C; otherwise of the largest number */
    size_t most[MOST_SIZES]; /* 0: any */
    size_t timed[MOST_TIMED][MOST_SIZES]; /* sizes; 0: that dimension is not there */
} kernel_case;

#define ENTRY(name) offsetof(dsc_kernels, name)

/* A group ends with a case without a name. */
typedef struct kernel_group {
    const char *title;
    const char *sizes; /* what they are */
    const kernel_case *cases;
} kernel_group;

extern const kernel_group kernel_groups[]; /* ends without a title */

extern const kernel_case dense_cases[];
extern const kernel_case activation_cases[];
extern const kernel_case differentiation_cases[];
extern const kernel_case loss_cases[];
extern const kernel_case element_cases[];
extern const kernel_case vector_cases[];
extern const kernel_case row_cases[];
extern const kernel_case step_row_cases[];
extern const kernel_case tile_cases[];
extern const kernel_case run_cases[];
extern const kernel_case factor_cases[];
extern const kernel_case text_cases[];
extern const kernel_case rank_cases[];

/* What optimizers take in the cases, and in tests of their kernels: every setting counts. */
extern const dsc_step case_step;

static inline bool is_last_case(const kernel_case *c) {
    return c->name == NULL;
}

#endif
