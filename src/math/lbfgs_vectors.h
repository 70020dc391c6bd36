/* The vectors of L-BFGS: of floats or of doubles, worked on in parts that a pool of threads shares.
 *
 * A part has a fixed number of elements and sums are taken part by part, then added up in order: any
 * number of threads gives the same bytes. Arithmetic is in double, whatever the elements are. */
#ifndef DSC_MATH_LBFGS_VECTORS_H
#define DSC_MATH_LBFGS_VECTORS_H

#include <stddef.h>

#include "base/pool.h"
#include "math/kernels.h"

/* What all vectors of a run have in common. */
typedef struct dsc_lbfgs_space {
    const dsc_kernels *kernels; /* of the elements' precision */
    dsc_pool *pool;             /* borrowed; NULL: one thread */
    size_t n;                   /* elements of a vector, at least 1 */
} dsc_lbfgs_space;

/* Elements of a part: few enough that a part of every vector fits the cache of a core. */
enum { DSC_LBFGS_PART = 2048 };

static inline size_t dsc_lbfgs_n_parts(const dsc_lbfgs_space *space) {
    return (space->n - 1) / DSC_LBFGS_PART + 1;
}

/* Where a part begins, and how many elements it has. */
typedef struct dsc_lbfgs_part {
    size_t begin, n;
} dsc_lbfgs_part;

static inline dsc_lbfgs_part dsc_lbfgs_part_at(const dsc_lbfgs_space *space, size_t number) {
    const size_t begin = number * DSC_LBFGS_PART, left = space->n - begin;
    return (dsc_lbfgs_part){begin, left < DSC_LBFGS_PART ? left : DSC_LBFGS_PART};
}

/* Element `at` of a vector. */
static inline void *dsc_lbfgs_element(const dsc_lbfgs_space *space, void *vector, size_t at) {
    return (char *)vector + at * (size_t)space->kernels->precision;
}

static inline const void *dsc_lbfgs_element_const(const dsc_lbfgs_space *space, const void *vector,
                                                  size_t at) {
    return (const char *)vector + at * (size_t)space->kernels->precision;
}

/* out = a + factor b, where out may be a; and the inner product of a and b. `partial` has room for the
 * sums of dsc_lbfgs_n_parts. */
void dsc_lbfgs_add_scaled(const dsc_lbfgs_space *space, void *out, const void *a, double factor,
                          const void *b);
double dsc_lbfgs_inner_product(const dsc_lbfgs_space *space, const void *a, const void *b,
                               double *partial);

#endif
