/* Householder's reflections make the matrix tridiagonal, implicitly shifted QL steps diagonal.
 *
 * Everything long is a sum of rows or a rotation of two, so that it runs along memory.
 * docs/math.md (112), (124), (125) */
#include "math/symmetric.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Two or three steps an eigenvalue are usual; the last one of a row converges cubically. */
enum { MAX_STEPS = 60 };

/* y += c x */
static void add_scaled(double *restrict y, double c, const double *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        y[i] += c * x[i];
    }
}

static double dot(const double *x, const double *y, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

/* Turns x (n) into the v of the reflection 1 - beta v v' that leaves of it the first element alone,
 * *left. Returns beta; 0: there is nothing to reflect. */
static double reflection_of(double *x, size_t n, double *left) {
    double largest = 0;
    for (size_t i = 1; i < n; i++) {
        largest = fmax(largest, fabs(x[i]));
    }
    *left = x[0];
    if (largest == 0) {
        return 0;
    }
    largest = fmax(largest, fabs(x[0]));
    for (size_t i = 0; i < n; i++) {
        x[i] /= largest; /* no square is too small */
    }
    const double length = copysign(sqrt(dot(x, x, n)), x[0]);
    *left = -length * largest;
    x[0] += length;
    return 1 / (length * x[0]);
}

/* Makes A (n, n) tridiagonal. Step c leaves its v in row c right of the diagonal, below it the
 * element beside the diagonal and beta.
 *   p  [out]  (n) scratch */
static void reduce(double *a, double *p, size_t n) {
    for (size_t c = 0; c + 2 < n; c++) {
        const size_t m = n - c - 1;
        double *v = a + c * n + c + 1, *rest = a + (c + 1) * n + c + 1, beside;
        const double beta = reflection_of(v, m, &beside);
        a[(c + 1) * n + c] = beside;
        a[(c + 2) * n + c] = beta;
        if (beta == 0) {
            continue;
        }
        memset(p, 0, m * sizeof *p);
        for (size_t r = 0; r < m; r++) {
            add_scaled(p, beta * v[r], rest + r * n, m);
        }
        add_scaled(p, -beta / 2 * dot(p, v, m), v, m);
        for (size_t r = 0; r < m; r++) {
            add_scaled(rest + r * n, -v[r], p, m);
            add_scaled(rest + r * n, -p[r], v, m);
        }
    }
}

/* The product of the reflections, transposed. */
static void collect(const double *a, double *vectors, size_t n) {
    double *product =
        vectors; /* (n): the first row and column are those of the identity to the end */
    memset(vectors, 0, n * n * sizeof *vectors);
    for (size_t i = 1; i < n; i++) {
        vectors[i * n + i] = 1;
    }
    for (size_t c = n < 2 ? 0 : n - 2; c-- > 0;) {
        const size_t m = n - c - 1;
        const double *v = a + c * n + c + 1, beta = a[(c + 2) * n + c];
        double *rest = vectors + (c + 1) * n + c + 1;
        memset(product, 0, m * sizeof *product);
        for (size_t r = 0; r < m; r++) {
            add_scaled(product, v[r], rest + r * n, m);
        }
        for (size_t r = 0; r < m; r++) {
            add_scaled(rest + r * n, -beta * v[r], product, m);
        }
    }
    memset(vectors, 0, n * sizeof *vectors);
    vectors[0] = 1;
    for (size_t r = 1; r < n; r++) {
        for (size_t c = 1; c < r; c++) {
            const double lower = vectors[r * n + c];
            vectors[r * n + c] = vectors[c * n + r];
            vectors[c * n + r] = lower;
        }
    }
}

/* (u, v) becomes (c u - s v, s u + c v), element by element. */
static void rotate(double *restrict u, double *restrict v, double c, double s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const double x = u[i], y = v[i];
        u[i] = c * x - s * y;
        v[i] = s * x + c * y;
    }
}

/* A tridiagonal matrix, and the rows that turn with it. */
typedef struct tridiagonal {
    double *d; /* (n) its diagonal */
    double *e; /* (n - 1) beside it */
    double *vectors;
    size_t n;
} tridiagonal;

/* One QL step on rows first to last, none of whose e is 0: a shift by the eigenvalue of the first
 * two rows that is nearer to d of the first, and rotations from the last row up that chase what
 * stands out of the band. */
static void step(const tridiagonal *t, size_t first, size_t last) {
    double *d = t->d, *e = t->e;
    const double theta = (d[first + 1] - d[first]) / (2 * e[first]);
    const double shift = d[first] - e[first] / (theta + copysign(hypot(1.0, theta), theta));
    double out = d[last] - shift; /* of the pair that the next rotation turns */
    double sine = 1, cosine = 1, moved = 0;
    for (size_t i = last; i-- > first;) {
        const double above = sine * e[i], within = cosine * e[i];
        const double length = hypot(above, out);
        if (i + 1 < last) {
            e[i + 1] = length;
        }
        const double lower = d[i + 1] - moved;
        if (length == 0) { /* the band has come apart */
            d[i + 1] = lower;
            return;
        }
        sine = above / length;
        cosine = out / length;
        const double change = (d[i] - lower) * sine + 2 * cosine * within;
        moved = sine * change;
        d[i + 1] = lower + moved;
        out = cosine * change - within;
        rotate(t->vectors + i * t->n, t->vectors + (i + 1) * t->n, cosine, sine, t->n);
    }
    d[first] -= moved;
    e[first] = out;
}

static void diagonalise(const tridiagonal *t) {
    double largest = 0;
    for (size_t i = 0; i < t->n; i++) {
        largest = fmax(largest, fmax(fabs(t->d[i]), i + 1 < t->n ? fabs(t->e[i]) : 0));
    }
    const double rounding = DBL_EPSILON * largest;
    for (size_t first = 0; first + 1 < t->n; first++) {
        for (int steps = 0; steps < MAX_STEPS && fabs(t->e[first]) > rounding; steps++) {
            size_t last = first + 1;
            while (last + 1 < t->n && fabs(t->e[last]) > rounding) {
                last++;
            }
            step(t, first, last);
        }
    }
}

void dsc_symmetric_diagonalise(double *a, double *vectors, size_t n) {
    reduce(a, vectors, n);
    collect(a, vectors, n);
    /* The first two rows of A, whose reflections are done with, take the band. */
    const tridiagonal t = {.d = a, .e = a + n, .vectors = vectors, .n = n};
    for (size_t i = 1; i < n; i++) {
        t.d[i] = a[i * n + i];
    }
    for (size_t i = 0; i + 1 < n; i++) {
        t.e[i] = a[(i + 1) * n + i];
    }
    diagonalise(&t);
    for (size_t i = 1; i < n; i++) {
        a[i * n + i] = t.d[i];
    }
}

bool dsc_symmetric_solve(double *a, double *b, size_t n) {
    for (size_t j = 0; j < n; j++) {
        double *restrict pivot_row = a + j * n;
        if (!(pivot_row[j] > 0)) {
            return false;
        }
        const double root = sqrt(pivot_row[j]);
        for (size_t c = j; c < n; c++) {
            pivot_row[c] /= root;
        }
        b[j] /= root;
        for (size_t r = j + 1; r < n; r++) {
            double *restrict row = a + r * n;
            const double factor = pivot_row[r];
            for (size_t c = r; c < n; c++) {
                row[c] -= factor * pivot_row[c];
            }
            b[r] -= factor * b[j];
        }
    }
    for (size_t j = n; j-- > 0;) {
        const double *row = a + j * n;
        for (size_t c = j + 1; c < n; c++) {
            b[j] -= row[c] * b[c];
        }
        b[j] /= row[j];
    }
    return true;
}
