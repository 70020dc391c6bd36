/* Eigenvectors of a symmetric matrix, and equations of a positive definite one. */
#ifndef DSC_MATH_SYMMETRIC_H
#define DSC_MATH_SYMMETRIC_H

#include <stdbool.h>
#include <stddef.h>

/* Turns the axes until a symmetric matrix is diagonal: A = Q' diag(values) Q.  docs/math.md (112)
 *   a        [in,out]  (n, n) finite; overwritten, with the eigenvalues on its diagonal, in no
 *                      particular order
 *   vectors  [out]     (n, n) Q, an eigenvector a row, orthonormal
 * Cannot fail. Cost: about 6 n^3. */
void dsc_symmetric_diagonalise(double *a, double *vectors, size_t n);

/* Solves A x = b by Cholesky's factor: of the symmetric A (n, n) the upper triangle is read, in which
 * the factor is left; b (n) becomes x. False, and both spoilt, where a pivot is not above 0.
 * Cost: about n^3 / 3.                                       docs/math.md (113) */
bool dsc_symmetric_solve(double *a, double *b, size_t n);

#endif
