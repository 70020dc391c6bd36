/* Spectral and Frobenius norm of a dense matrix.
 *
 * The spectral norm comes from a one-sided Jacobi singular value decomposition: plane rotations
 * make the vectors of the shorter side orthogonal to one another, and the lengths they then have
 * are the singular values (M. R. Hestenes, 1958; J. Demmel, K. Veselic, 1992).
 * Implements docs/math.md (16), (17). */
#include "descent/norms.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"

/* Sweeps converge quadratically: ten are many for matrices of thousands of rows. Those that are
 * left at this bound differ from the exact rotations only in rounding. */
#define MAX_SWEEPS 40

/* The exponent e with 2^(e-1) <= largest entry < 2^e; INT_MIN for a zero or empty matrix.
 * *largest is NaN or infinite when an entry is. */
static int scale_exponent(dsc_matrix m, double *largest) {
    *largest = 0.0;
    for (size_t i = 0; m.data != NULL && i < m.n_rows; i++) {
        for (size_t j = 0; j < m.n_cols; j++) {
            double entry = fabs(dsc_matrix_at(m, i, j));
            if (entry > *largest || isnan(entry)) {
                *largest = entry;
            }
            if (isnan(entry)) {
                return INT_MIN;
            }
        }
    }
    int exponent = INT_MIN;
    if (*largest > 0.0 && isfinite(*largest)) {
        frexp(*largest, &exponent);
    }
    return exponent;
}

double dsc_norm_frobenius(dsc_matrix m) {
    double largest;
    int exponent = scale_exponent(m, &largest);
    if (exponent == INT_MIN) {
        return largest;
    }
    double sum = 0.0;
    for (size_t i = 0; i < m.n_rows; i++) {
        for (size_t j = 0; j < m.n_cols; j++) {
            double entry = ldexp(dsc_matrix_at(m, i, j), -exponent);
            sum += entry * entry;
        }
    }
    return ldexp(sqrt(sum), exponent);
}

static double dot(const double *u, const double *v, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += u[i] * v[i];
    }
    return sum;
}

/* Rotates u and v (n) in their plane until they are orthogonal; false when they were so already.
 * The smaller of the two possible angles is taken, on which convergence rests. */
static bool make_orthogonal(double *u, double *v, size_t n) {
    double uu = dot(u, u, n), vv = dot(v, v, n), uv = dot(u, v, n);
    double rounding = sqrt((double)n) * DBL_EPSILON;
    if (fabs(uv) <= rounding * sqrt(uu) * sqrt(vv)) {
        return false;
    }
    double zeta = (vv - uu) / (2.0 * uv);
    double tangent = copysign(1.0, zeta) / (fabs(zeta) + hypot(1.0, zeta));
    double cosine = 1.0 / hypot(1.0, tangent);
    double sine = cosine * tangent;
    for (size_t i = 0; i < n; i++) {
        double a = u[i], b = v[i];
        u[i] = cosine * a - sine * b;
        v[i] = sine * a + cosine * b;
    }
    return true;
}

/* Largest length among the orthogonalised vectors; `vectors` (n_vectors, n) is overwritten. */
static double largest_singular_value(double *vectors, size_t n_vectors, size_t n) {
    bool rotated = true;
    for (int sweep = 0; rotated && sweep < MAX_SWEEPS; sweep++) {
        rotated = false;
        for (size_t p = 0; p + 1 < n_vectors; p++) {
            for (size_t q = p + 1; q < n_vectors; q++) {
                rotated |= make_orthogonal(vectors + p * n, vectors + q * n, n);
            }
        }
    }
    double largest = 0.0;
    for (size_t p = 0; p < n_vectors; p++) {
        largest = fmax(largest, dot(vectors + p * n, vectors + p * n, n));
    }
    return sqrt(largest);
}

dsc_status dsc_norm_spectral(dsc_matrix m, double *out, dsc_error *err) {
    double largest;
    int exponent = scale_exponent(m, &largest);
    if (!isfinite(largest)) {
        return dsc_fail(err, DSC_E_NONFINITE, "spectral norm",
                        "the matrix holds an entry that is not a finite number");
    }
    if (exponent == INT_MIN) {
        *out = 0.0;
        return DSC_OK;
    }
    /* A matrix and its transpose have the same singular values: the shorter side is rotated. */
    bool is_wide = m.n_rows <= m.n_cols;
    size_t n_vectors = is_wide ? m.n_rows : m.n_cols;
    size_t n = is_wide ? m.n_cols : m.n_rows;
    double *vectors = dsc_alloc(n_vectors * n, sizeof *vectors); /* m is in memory: no overflow */
    if (vectors == NULL) {
        return dsc_fail_memory(err, "the spectral norm of a matrix");
    }
    for (size_t p = 0; p < n_vectors; p++) {
        for (size_t i = 0; i < n; i++) {
            double entry = is_wide ? dsc_matrix_at(m, p, i) : dsc_matrix_at(m, i, p);
            vectors[p * n + i] = ldexp(entry, -exponent);
        }
    }
    double norm = ldexp(largest_singular_value(vectors, n_vectors, n), exponent);
    dsc_free(vectors);
    if (!isfinite(norm)) {
        return dsc_fail(err, DSC_E_NONFINITE, "spectral norm",
                        "the norm is larger than the largest floating-point number");
    }
    *out = norm;
    return DSC_OK;
}
