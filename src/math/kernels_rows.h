/* What kernels of rows of tables are told: which rows, where they go, how they are stepped. */
#ifndef DSC_MATH_KERNELS_ROWS_H
#define DSC_MATH_KERNELS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Chosen rows of a table. */
typedef struct dsc_picked_rows {
    const void *table; /* (.., width) */
    size_t width;
    const uint32_t *index; /* (n) */
    size_t n;
} dsc_picked_rows;

/* Rows of one table that go to rows of another. */
typedef struct dsc_row_move {
    uint32_t from, to;
} dsc_row_move;

typedef struct dsc_row_moves {
    void *to;
    const void *from;
    size_t to_stride, from_stride; /* elements between two rows */
    size_t width;                  /* elements of a row that go */
    const dsc_row_move *moves;     /* (n) */
    size_t n;
} dsc_row_moves;

/* The rule of an optimizer's step, by the entry that makes it. */
typedef enum dsc_kernel_rule {
    DSC_KERNEL_SGD,
    DSC_KERNEL_ADAM,
    DSC_KERNEL_ADAGRAD,
    DSC_KERNEL_RMSPROP
} dsc_kernel_rule;

/* Rows of a table that take a step, each with a strength of L2 of its own: that of the step times
 * weight / n_samples. */
typedef struct dsc_row_steps {
    dsc_kernel_rule rule;
    void *parameters; /* (.., width) */
    void *states[2];  /* of the same shape, what the rule keeps; NULL: nothing */
    size_t width;
    const uint32_t *row;   /* (n) distinct */
    const float *weight;   /* (n) */
    const void *gradients; /* (n, width) */
    size_t n;
    double n_samples;
    bool is_bf16;     /* the parameters are */
    uint64_t lot;     /* what bfloat16 is rounded by, one for a step of a table */
    bool is_gathered; /* the parameters are (n, width), those of the rows in their order */
} dsc_row_steps;

/* The most numbers of a row that is kept as bfloat16. */
enum { DSC_MAX_BF16_WIDTH = 1024 };

#endif
