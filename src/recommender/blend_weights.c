/* Non-negative least squares with the sum 1, by active sets: docs/math.md (157), (158). */
#include "recommender/blend_weights.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "descent/blend.h"

enum { MAX = DSC_MAX_MEMBERS };

/* So many more ratings, on which the members' errors would have nothing to do with each other: they
 * draw towards equal weights. Between 3 and 30 the validation of docs/accuracy.md hardly moved. */
static const double equal_ratings = 10;

typedef struct problem {
    size_t n;
    double product[MAX][MAX]; /* of (157), with the mean of the members' own at 1 */
    bool is_free[MAX];        /* may differ from 0 */
    double v[MAX];            /* >= 0 */
    double solution[MAX];     /* of the free ones alone, without the bound */
} problem;

/* The free ones' A s = 1 by a Cholesky factorisation, which the diagonal of (157) lets exist; the others
 * become 0. */
static void solve_free(problem *p) {
    double factor[MAX][MAX];
    size_t place[MAX], n = 0;
    for (size_t m = 0; m < p->n; m++) {
        p->solution[m] = 0;
        if (p->is_free[m]) {
            place[n++] = m;
        }
    }
    double y[MAX];
    for (size_t r = 0; r < n; r++) {
        for (size_t c = 0; c <= r; c++) {
            double sum = p->product[place[r]][place[c]];
            for (size_t j = 0; j < c; j++) {
                sum -= factor[r][j] * factor[c][j];
            }
            factor[r][c] = r == c ? sqrt(sum) : sum / factor[c][c];
        }
        y[r] = 1;
        for (size_t j = 0; j < r; j++) {
            y[r] -= factor[r][j] * y[j];
        }
        y[r] /= factor[r][r];
    }
    for (size_t r = n; r-- > 0;) {
        double sum = y[r];
        for (size_t j = r + 1; j < n; j++) {
            sum -= factor[j][r] * p->solution[place[j]];
        }
        p->solution[place[r]] = sum / factor[r][r];
    }
}

/* Goes from v towards the solution of the free ones as far as all stay at 0 or above; whoever arrives
 * at 0 is no longer free. False: it went all the way. */
static bool go_to_bound(problem *p) {
    double share = 1;
    size_t first = p->n;
    for (size_t m = 0; m < p->n; m++) {
        if (p->is_free[m] && p->solution[m] <= 0) {
            const double way = p->v[m] / (p->v[m] - p->solution[m]);
            if (first == p->n || way < share) {
                share = way;
                first = m;
            }
        }
    }
    for (size_t m = 0; m < p->n; m++) {
        p->v[m] += share * (p->solution[m] - p->v[m]);
    }
    if (first < p->n) {
        p->v[first] = 0;
        p->is_free[first] = false;
    }
    return first < p->n;
}

/* The one whose increase from 0 lowers the objective fastest; n: none does. */
static size_t find_next(const problem *p) {
    double steepest = 1e-12; /* rounding, where the slope of all of them begins at 1 */
    size_t next = p->n;
    for (size_t m = 0; m < p->n; m++) {
        double slope = 1;
        for (size_t j = 0; j < p->n; j++) {
            slope -= p->product[m][j] * p->v[j];
        }
        if (!p->is_free[m] && slope > steepest) {
            steepest = slope;
            next = m;
        }
    }
    return next;
}

void dsc_blend_weights(const double *products, size_t n, size_t n_ratings, double *weight) {
    problem p = {.n = n};
    double trace = 0, sum = 0;
    for (size_t m = 0; m < n; m++) {
        trace += products[m * n + m];
        weight[m] = 1 / (double)n;
    }
    const double own = trace / (double)n;
    if (!(own > 0) || !isfinite(own)) {
        return; /* nobody errs: whichever weights */
    }
    for (size_t m = 0; m < n; m++) {
        for (size_t j = 0; j < n; j++) {
            p.product[m][j] = products[m * n + j] / own;
        }
        p.product[m][m] += equal_ratings / (double)n_ratings;
    }
    /* Every round ends with a lower objective than the one before, so that no set of free ones comes
     * twice, unless rounding brings one back: no more than some n rounds are needed, and none beyond
     * these is worth it. */
    for (size_t round = 0; round < 3 * n; round++) {
        const size_t next = find_next(&p);
        if (next == n) {
            break;
        }
        p.is_free[next] = true;
        do {
            solve_free(&p);
        } while (go_to_bound(&p));
    }
    for (size_t m = 0; m < n; m++) {
        sum += p.v[m];
    }
    for (size_t m = 0; m < n; m++) {
        weight[m] = p.v[m] / sum;
    }
}
