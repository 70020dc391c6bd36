/* What L-BFGS remembers: the last steps and changes of the gradient, and the direction they give.
 *
 * The two-loop recursion of docs/math.md (40) needs inner products of the remembered vectors and
 * the gradient alone, and its result is a linear combination of them. So each iteration goes over
 * the vectors twice, once for the products that are new and once for the combination, and the
 * recursion itself runs on a table of numbers. Sums are taken by parts of a fixed size, and these
 * added up in order: any number of threads gives the same bytes.
 * Source: Chen, Wang, Zhou, "Large-scale L-BFGS using MapReduce", 2014, algorithm 2. */
#ifndef DSC_MATH_LBFGS_MEMORY_H
#define DSC_MATH_LBFGS_MEMORY_H

#include <stddef.h>

#include "descent/status.h"
#include "math/lbfgs_vectors.h"

typedef struct dsc_lbfgs_memory dsc_lbfgs_memory;

/* For vectors of the space, which is copied, and at most `capacity` pairs, at least 1, which are kept
 * in the space's precision: products are those of the pairs so rounded. Returns DSC_OK; DSC_E_MEMORY;
 * *out is NULL after a failure. */
dsc_status dsc_lbfgs_memory_create(dsc_lbfgs_memory **out, const dsc_lbfgs_space *space,
                                   size_t capacity, dsc_error *err);
void dsc_lbfgs_memory_destroy(dsc_lbfgs_memory *memory); /* NULL is allowed */

/* The gradient (n) at the point where the minimiser is. It is written before dsc_lbfgs_memory_start, which takes
 * it in and forgets all pairs, and from then on it follows the steps. */
void *dsc_lbfgs_memory_gradient(dsc_lbfgs_memory *memory);
void dsc_lbfgs_memory_start(dsc_lbfgs_memory *memory);

/* *direction (n) = - H gradient, H the inverse curvature that the pairs tell (40); returns the slope,
 * direction times gradient. It stays until the step along it; where there is no room for another pair,
 * it takes that of the oldest. What comes next is that step, or forgetting all pairs. */
double dsc_lbfgs_memory_direction(dsc_lbfgs_memory *memory, const void **direction);

/* Room (n) for the gradient at the end of a step along the direction, until that is taken. */
void *dsc_lbfgs_memory_next_gradient(dsc_lbfgs_memory *memory);

/* Goes from x (n), which becomes x_new (n), to x_new, where the gradient is the next one, and remembers the
 * step where the function curves upwards along it. */
void dsc_lbfgs_memory_step(dsc_lbfgs_memory *memory, void *x, const void *x_new);

/* Forgets all pairs; the gradient stays. */
void dsc_lbfgs_memory_forget(dsc_lbfgs_memory *memory);

size_t dsc_lbfgs_memory_n_pairs(const dsc_lbfgs_memory *memory);

/* Euclidean norm of the gradient. */
double dsc_lbfgs_memory_gradient_norm(const dsc_lbfgs_memory *memory);

#endif
