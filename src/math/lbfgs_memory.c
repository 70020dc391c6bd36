/* The remembered steps of L-BFGS. Row j of the vectors is the step of place j, row capacity + j the
 * change of the gradient over it, and the last row of the table of products is the gradient's. */
#include "math/lbfgs_memory.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* Elements of a part: few enough that a part of every vector fits the cache of a core. */
enum { PART = 2048 };

/* Sums run in so many lanes, which are then added up in order. */
enum { N_LANES = 8 };

/* A new pair is remembered only where the function curves upwards by more than rounding. */
static const double least_curvature = 1e-10;

struct dsc_lbfgs_memory {
    size_t n;
    size_t capacity;
    dsc_pool *pool;
    size_t n_pairs;
    size_t newest;          /* place; where the next pair goes is behind it */
    const double *gradient; /* (n) */
    double *vectors;        /* (2 capacity, n) */
    double *products;       /* (2 capacity + 1, 2 capacity + 1), symmetric; those of rows in use */
    double *partial;        /* (parts, 3, 2 capacity + 1) of the products that are new */
    double *weights;        /* (2 capacity + 1) of the direction */
    double *alphas;         /* (capacity) of the recursion */
};

size_t dsc_lbfgs_n_parts(size_t n) {
    return (n - 1) / PART + 1;
}

static size_t part_length(size_t n, size_t part) {
    return n - part * PART < PART ? n - part * PART : PART;
}

static double sum_lanes(const double *lane) {
    double sum = 0;
    for (size_t l = 0; l < N_LANES; l++) {
        sum += lane[l];
    }
    return sum;
}

static double dot(const double *a, const double *b, size_t n) {
    double lane[N_LANES] = {0};
    size_t i = 0;
    for (; i + N_LANES <= n; i += N_LANES) {
        for (size_t l = 0; l < N_LANES; l++) {
            lane[l] += a[i + l] * b[i + l];
        }
    }
    for (size_t l = 0; i < n; i++, l++) {
        lane[l] += a[i] * b[i];
    }
    return sum_lanes(lane);
}

/* --- two operations on whole vectors ---------------------------------------------------------- */

typedef struct pair_job {
    double *out;
    const double *a;
    const double *b;
    double factor;
    size_t n;
} pair_job;

static void add_part(void *job, size_t part, size_t thread) {
    const pair_job *j = job;
    const size_t begin = part * PART, end = begin + part_length(j->n, part);
    (void)thread;
    for (size_t i = begin; i < end; i++) {
        j->out[i] = j->a[i] + j->factor * j->b[i];
    }
}

void dsc_add_scaled(dsc_pool *pool, double *out, const double *a, double factor, const double *b,
                    size_t n) {
    pair_job job = {.out = out, .a = a, .b = b, .factor = factor, .n = n};
    dsc_pool_run(pool, dsc_lbfgs_n_parts(n), add_part, &job);
}

static void dot_part(void *job, size_t part, size_t thread) {
    const pair_job *j = job;
    (void)thread;
    j->out[part] = dot(j->a + part * PART, j->b + part * PART, part_length(j->n, part));
}

double dsc_inner_product(dsc_pool *pool, const double *a, const double *b, size_t n,
                         double *partial) {
    pair_job job = {.out = partial, .a = a, .b = b, .n = n};
    const size_t n_parts = dsc_lbfgs_n_parts(n);
    dsc_pool_run(pool, n_parts, dot_part, &job);
    double sum = 0;
    for (size_t part = 0; part < n_parts; part++) {
        sum += partial[part];
    }
    return sum;
}

/* --- creation --------------------------------------------------------------------------------- */

static bool allocate(dsc_lbfgs_memory *m) {
    size_t n_rows, n_products, n_partial, n_vectors;
    if (__builtin_mul_overflow(m->capacity, (size_t)2, &n_rows) || n_rows + 1 < n_rows ||
        __builtin_mul_overflow(n_rows + 1, n_rows + 1, &n_products) ||
        __builtin_mul_overflow(n_rows, m->n, &n_vectors) ||
        __builtin_mul_overflow(n_rows + 1, 3 * dsc_lbfgs_n_parts(m->n), &n_partial)) {
        return false;
    }
    m->vectors = dsc_alloc(n_vectors, sizeof *m->vectors);
    m->products = dsc_alloc(n_products, sizeof *m->products);
    m->partial = dsc_alloc(n_partial, sizeof *m->partial);
    m->weights = dsc_alloc(n_rows + 1, sizeof *m->weights);
    m->alphas = dsc_alloc(m->capacity, sizeof *m->alphas);
    return m->vectors != NULL && m->products != NULL && m->partial != NULL && m->weights != NULL &&
           m->alphas != NULL;
}

dsc_status dsc_lbfgs_memory_create(dsc_lbfgs_memory **out, size_t n, size_t capacity,
                                   dsc_pool *pool, dsc_error *err) {
    *out = NULL;
    dsc_lbfgs_memory *m = dsc_alloc(1, sizeof *m);
    if (m != NULL) {
        m->n = n;
        m->capacity = capacity;
        m->pool = pool;
    }
    if (m == NULL || !allocate(m)) {
        dsc_lbfgs_memory_destroy(m);
        return dsc_fail_memory(err, "L-BFGS");
    }
    *out = m;
    return DSC_OK;
}

void dsc_lbfgs_memory_destroy(dsc_lbfgs_memory *m) {
    if (m == NULL) {
        return;
    }
    dsc_free(m->vectors);
    dsc_free(m->products);
    dsc_free(m->partial);
    dsc_free(m->weights);
    dsc_free(m->alphas);
    dsc_free(m);
}

/* --- the products ----------------------------------------------------------------------------- */

static size_t n_rows(const dsc_lbfgs_memory *m) {
    return 2 * m->capacity + 1;
}

static double *product(const dsc_lbfgs_memory *m, size_t a, size_t b) {
    return m->products + a * n_rows(m) + b;
}

/* Row `row` of the vectors, or the gradient. */
static const double *row_of(const dsc_lbfgs_memory *m, size_t row) {
    return row == 2 * m->capacity ? m->gradient : m->vectors + row * m->n;
}

/* Where the pair of that age stands; age 0 is the newest. */
static size_t place_of(const dsc_lbfgs_memory *m, size_t age) {
    return (m->newest + m->capacity - age) % m->capacity;
}

/* Whether a row is that of a remembered pair, or the gradient. */
static bool is_in_use(const dsc_lbfgs_memory *m, size_t row) {
    const size_t age = (m->newest + m->capacity - row % m->capacity) % m->capacity;
    return row == 2 * m->capacity || age < m->n_pairs;
}

/* A step that is being remembered in `place`: it makes three rows new. */
typedef struct step_job {
    dsc_lbfgs_memory *m;
    const double *x, *x_new, *d_old, *d_new;
    size_t place;
} step_job;

static void step_part(void *job, size_t part, size_t thread) {
    const step_job *j = job;
    dsc_lbfgs_memory *m = j->m;
    const size_t begin = part * PART, n = part_length(m->n, part);
    double *step = m->vectors + j->place * m->n + begin;
    double *change = m->vectors + (m->capacity + j->place) * m->n + begin;
    double *out = m->partial + part * 3 * n_rows(m);
    (void)thread;
    for (size_t i = 0; i < n; i++) {
        step[i] = j->x_new[begin + i] - j->x[begin + i];
        change[i] = j->d_new[begin + i] - j->d_old[begin + i];
    }
    for (size_t row = 0; row < n_rows(m); row++) {
        if (is_in_use(m, row) || row % m->capacity == j->place) {
            const double *other = row_of(m, row) + begin;
            out[row] = dot(step, other, n);
            out[n_rows(m) + row] = dot(change, other, n);
            out[2 * n_rows(m) + row] = dot(j->d_new + begin, other, n);
        }
    }
}

/* Adds up the parts' products of new row number `k` and puts them where row `row` belongs. */
static void collect(dsc_lbfgs_memory *m, size_t k, size_t row) {
    const size_t n_parts = dsc_lbfgs_n_parts(m->n), width = n_rows(m);
    for (size_t other = 0; other < width; other++) {
        double sum = 0;
        for (size_t part = 0; part < n_parts; part++) {
            sum += m->partial[(part * 3 + k) * width + other];
        }
        *product(m, row, other) = *product(m, other, row) = sum;
    }
}

void dsc_lbfgs_memory_start(dsc_lbfgs_memory *m, const double *gradient) {
    const size_t last = 2 * m->capacity;
    m->gradient = gradient;
    m->n_pairs = 0;
    *product(m, last, last) = dsc_inner_product(m->pool, gradient, gradient, m->n, m->partial);
}

void dsc_lbfgs_memory_step(dsc_lbfgs_memory *m, const double *x, const double *x_new,
                           const double *d_new) {
    const size_t place = m->n_pairs > 0 ? (m->newest + 1) % m->capacity : 0;
    step_job job = {m, x, x_new, m->gradient, d_new, place};
    m->gradient = d_new;
    dsc_pool_run(m->pool, dsc_lbfgs_n_parts(m->n), step_part, &job);
    const size_t change = m->capacity + place;
    collect(m, 0, place);
    collect(m, 1, change);
    collect(m, 2, 2 * m->capacity);
    if (*product(m, place, change) >
        least_curvature * sqrt(*product(m, place, place) * *product(m, change, change))) {
        m->newest = place;
        m->n_pairs += m->n_pairs < m->capacity;
    } else if (m->n_pairs == m->capacity) {
        m->n_pairs--; /* the place was the oldest pair's */
    }
}

void dsc_lbfgs_memory_forget(dsc_lbfgs_memory *m) {
    m->n_pairs = 0;
}

size_t dsc_lbfgs_memory_n_pairs(const dsc_lbfgs_memory *m) {
    return m->n_pairs;
}

double dsc_lbfgs_memory_gradient_norm(const dsc_lbfgs_memory *m) {
    return sqrt(*product(m, 2 * m->capacity, 2 * m->capacity));
}

/* --- the direction ---------------------------------------------------------------------------- */

/* The inner product of a row and of the combination so far. */
static double project(const dsc_lbfgs_memory *m, size_t row) {
    double sum = 0;
    for (size_t other = 0; other < n_rows(m); other++) {
        if (is_in_use(m, other)) {
            sum += m->weights[other] * *product(m, row, other);
        }
    }
    return sum;
}

/* The two loops of (40), on the weights of the combination. */
static void choose_weights(const dsc_lbfgs_memory *m) {
    const size_t capacity = m->capacity;
    memset(m->weights, 0, n_rows(m) * sizeof *m->weights);
    m->weights[2 * capacity] = -1;
    for (size_t age = 0; age < m->n_pairs; age++) {
        const size_t k = place_of(m, age);
        m->alphas[k] = project(m, k) / *product(m, k, capacity + k);
        m->weights[capacity + k] -= m->alphas[k];
    }
    if (m->n_pairs > 0) {
        const size_t step = m->newest, change = capacity + m->newest;
        const double scale = *product(m, step, change) / *product(m, change, change);
        for (size_t row = 0; row < n_rows(m); row++) {
            m->weights[row] *= scale;
        }
    }
    for (size_t age = m->n_pairs; age-- > 0;) {
        const size_t k = place_of(m, age);
        const double beta = project(m, capacity + k) / *product(m, k, capacity + k);
        m->weights[k] += m->alphas[k] - beta;
    }
}

typedef struct combination_job {
    const dsc_lbfgs_memory *m;
    double *direction;
} combination_job;

static void combine_part(void *job, size_t part, size_t thread) {
    const combination_job *j = job;
    const dsc_lbfgs_memory *m = j->m;
    const size_t begin = part * PART, n = part_length(m->n, part), last = 2 * m->capacity;
    double *restrict out = j->direction + begin;
    (void)thread;
    for (size_t i = 0; i < n; i++) {
        out[i] = m->weights[last] * m->gradient[begin + i];
    }
    for (size_t row = 0; row < last; row++) {
        const double weight = m->weights[row], *restrict from = row_of(m, row) + begin;
        for (size_t i = 0; is_in_use(m, row) && i < n; i++) {
            out[i] += weight * from[i];
        }
    }
    m->partial[part] = dot(out, m->gradient + begin, n);
}

double dsc_lbfgs_memory_direction(const dsc_lbfgs_memory *m, double *direction) {
    combination_job job = {m, direction};
    const size_t n_parts = dsc_lbfgs_n_parts(m->n);
    choose_weights(m);
    dsc_pool_run(m->pool, n_parts, combine_part, &job);
    double slope = 0;
    for (size_t part = 0; part < n_parts; part++) {
        slope += m->partial[part];
    }
    return slope;
}
