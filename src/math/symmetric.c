/* Jacobi's method: plane rotations, each of which makes one pair of elements off the diagonal 0.
 *
 * The sum of the squares off the diagonal falls with every rotation, and quadratically at the end
 * (C. G. J. Jacobi, 1846). docs/math.md (112) */
#include "math/symmetric.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Convergence is quadratic: those that are left at this bound differ in rounding alone. */
enum { MAX_SWEEPS = 40 };

/* (u, v) becomes (c u - s v, s u + c v), element by element. */
static void rotate(double *restrict u, double *restrict v, double c, double s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const double x = u[i], y = v[i];
        u[i] = c * x - s * y;
        v[i] = s * x + c * y;
    }
}

/* Makes a[p][q] 0. */
static void annihilate(double *a, double *vectors, size_t n, size_t p, size_t q) {
    const double app = a[p * n + p], aqq = a[q * n + q], apq = a[p * n + q];
    const double theta = (aqq - app) / (2 * apq);
    const double tangent = copysign(1.0, theta) / (fabs(theta) + hypot(1.0, theta));
    const double cosine = 1 / hypot(1.0, tangent), sine = cosine * tangent;
    rotate(a + p * n, a + q * n, cosine, sine, n);
    for (size_t r = 0; r < n; r++) {
        a[r * n + p] = a[p * n + r];
        a[r * n + q] = a[q * n + r];
    }
    a[p * n + p] = app - tangent * apq;
    a[q * n + q] = aqq + tangent * apq;
    a[p * n + q] = a[q * n + p] = 0;
    rotate(vectors + p * n, vectors + q * n, cosine, sine, n);
}

void dsc_symmetric_diagonalise(double *a, double *vectors, size_t n) {
    memset(vectors, 0, n * n * sizeof *vectors);
    for (size_t i = 0; i < n; i++) {
        vectors[i * n + i] = 1;
    }
    double squares = 0;
    for (size_t i = 0; i < n * n; i++) {
        squares += a[i] * a[i];
    }
    const double rounding = DBL_EPSILON * sqrt(squares);
    bool has_turned = true;
    for (int sweep = 0; has_turned && sweep < MAX_SWEEPS; sweep++) {
        has_turned = false;
        for (size_t p = 0; p < n; p++) {
            for (size_t q = p + 1; q < n; q++) {
                if (fabs(a[p * n + q]) > rounding) {
                    annihilate(a, vectors, n, p, q);
                    has_turned = true;
                }
            }
        }
    }
}
