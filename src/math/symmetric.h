/* Eigenvectors of a symmetric matrix. */
#ifndef DSC_MATH_SYMMETRIC_H
#define DSC_MATH_SYMMETRIC_H

#include <stddef.h>

/* Turns the axes until a symmetric matrix is diagonal: A = Q' diag(values) Q.  docs/math.md (112)
 *   a        [in,out]  (n, n) finite; overwritten, with the eigenvalues on its diagonal, in no
 *                      particular order
 *   vectors  [out]     (n, n) Q, an eigenvector a row, orthonormal
 * Cannot fail. Cost: about 6 n^3. */
void dsc_symmetric_diagonalise(double *a, double *vectors, size_t n);

#endif
