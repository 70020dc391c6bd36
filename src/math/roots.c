/* Real roots of a polynomial, by bisection between the roots of its derivatives.
 *
 * Between two neighbouring roots of its derivative a polynomial is monotone, so that it has at most
 * one root there, and the signs at both ends say whether. The derivative's roots are found in the
 * same way, from the linear one upwards. Nothing is guessed and nothing can run away. */
#include "math/roots.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

double dsc_polynomial_at(const double *c, size_t degree, double x) {
    double value = c[degree];
    for (size_t k = degree; k-- > 0;) {
        value = value * x + c[k];
    }
    return value;
}

/* No root is larger in magnitude (Fujiwara 1916): twice the largest |c[d - k] / c[d]|^(1/k). */
static double root_bound(const double *c, size_t degree) {
    double bound = 0;
    for (size_t k = 1; k <= degree; k++) {
        if (c[degree - k] != 0) {
            const double log_ratio = log(fabs(c[degree - k])) - log(fabs(c[degree]));
            bound = fmax(bound, exp(log_ratio / (double)k));
        }
    }
    return 2 * bound;
}

/* The root between low and high, at which the values have opposite signs. */
static double bisect(const double *c, size_t degree, double low, double high) {
    const double at_low = dsc_polynomial_at(c, degree, low);
    for (;;) {
        const double middle = low + (high - low) / 2;
        if (!(middle > low && middle < high)) {
            return fabs(at_low) == 0 ? low : high;
        }
        const double value = dsc_polynomial_at(c, degree, middle);
        if (value == 0) {
            return middle;
        }
        if ((value < 0) == (at_low < 0)) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/* The sign changes of c in (0, bound), given those of its derivative. */
static size_t separate(const double *c, size_t degree, const double *turns, size_t n_turns,
                       double bound, double *roots) {
    size_t n = 0;
    double low = 0, at_low = c[0];
    for (size_t i = 0; i <= n_turns; i++) {
        const double high = i < n_turns ? turns[i] : bound;
        const double at_high = dsc_polynomial_at(c, degree, high);
        if ((at_low < 0 && at_high > 0) || (at_low > 0 && at_high < 0)) {
            roots[n++] = bisect(c, degree, low, high);
        }
        if (at_high != 0) { /* a zero at a turn belongs to the interval in which the sign was */
            low = high;
            at_low = at_high;
        }
    }
    return n;
}

dsc_status dsc_positive_roots(const double *c, size_t degree, double *roots, size_t *n_roots,
                              dsc_error *err) {
    *n_roots = 0;
    while (degree > 0 && c[degree] == 0) {
        degree--;
    }
    if (degree == 0) {
        return DSC_OK;
    }
    double *memory = dsc_alloc(3 * (degree + 1), sizeof *memory);
    if (memory == NULL) {
        return dsc_fail_memory(err, "the roots of a polynomial");
    }
    double *derivative = memory, *turns = memory + degree + 1;
    double *found = memory + 2 * (degree + 1);
    const double bound = root_bound(c, degree);
    size_t n = 0;
    for (size_t k = degree; k-- > 0;) {
        /* The k-th derivative over k!: coefficients c[j] times j over k. The roots of every
         * derivative lie within the same bound, in the hull of those of c (Gauss, Lucas). */
        double binomial = 1;
        for (size_t j = k; j <= degree; j++) {
            derivative[j - k] = binomial * c[j];
            binomial = binomial * (double)(j + 1) / (double)(j + 1 - k);
        }
        n = separate(derivative, degree - k, turns, n, bound, found);
        for (size_t i = 0; i < n; i++) {
            turns[i] = found[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        roots[i] = turns[i];
    }
    *n_roots = n;
    dsc_free(memory);
    return DSC_OK;
}
