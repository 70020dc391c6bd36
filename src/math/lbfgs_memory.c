/* The remembered steps of L-BFGS. Row j of the vectors is the step of place j, row capacity + j the
 * change of the gradient over it, and row 2 capacity is the gradient.
 *
 * A step in the making stands where its pair will: the direction in the row of the step, the gradient at its end in
 * the row of the change. What was there, the oldest pair where all places are taken, is not needed once the
 * direction is known. */
#include "math/lbfgs_memory.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* A new pair is remembered only where the function curves upwards by more than rounding. */
static const double least_curvature = 1e-10;

struct dsc_lbfgs_memory {
    dsc_lbfgs_space space;
    size_t capacity;
    size_t n_pairs;
    size_t newest;    /* place */
    size_t next;      /* place of the step in the making */
    void *vectors;    /* (2 capacity + 1, n) of the space's precision */
    double *products; /* (2 capacity + 1, 2 capacity + 1), symmetric; those of rows in use */
    double *partial;  /* (parts, 3, 2 capacity + 1) of the products that are new */
    double *weights;  /* (2 capacity + 1) of the direction */
    double *alphas;   /* (capacity) of the recursion */
    /* The rows that are looked at, as list_rows leaves them. */
    size_t n_listed;
    size_t *listed;        /* (2 capacity + 1) rows */
    const void **vector;   /* (2 capacity + 1) what they hold */
    double *listed_weight; /* (2 capacity + 1) theirs */
};

/* --- creation --------------------------------------------------------------------------------- */

static bool allocate(dsc_lbfgs_memory *m) {
    const size_t n_parts = dsc_lbfgs_n_parts(&m->space),
                 element = (size_t)m->space.kernels->precision;
    size_t n_rows, n_products, n_partial, n_vectors;
    if (__builtin_mul_overflow(m->capacity, (size_t)2, &n_rows) || n_rows + 1 < n_rows ||
        __builtin_mul_overflow(n_rows + 1, n_rows + 1, &n_products) ||
        __builtin_mul_overflow(n_rows + 1, m->space.n, &n_vectors) ||
        __builtin_mul_overflow(n_rows + 1, 3 * n_parts, &n_partial)) {
        return false;
    }
    m->vectors = dsc_alloc(n_vectors, element);
    m->products = dsc_alloc(n_products, sizeof *m->products);
    m->partial = dsc_alloc(n_partial, sizeof *m->partial);
    m->weights = dsc_alloc(n_rows + 1, sizeof *m->weights);
    m->alphas = dsc_alloc(m->capacity, sizeof *m->alphas);
    m->listed = dsc_alloc(n_rows + 1, sizeof *m->listed);
    m->vector = dsc_alloc(n_rows + 1, sizeof(const void *)); /* of a pointer */
    m->listed_weight = dsc_alloc(n_rows + 1, sizeof *m->listed_weight);
    return m->vectors != NULL && m->products != NULL && m->partial != NULL && m->weights != NULL &&
           m->alphas != NULL && m->listed != NULL && m->vector != NULL && m->listed_weight != NULL;
}

dsc_status dsc_lbfgs_memory_create(dsc_lbfgs_memory **out, const dsc_lbfgs_space *space,
                                   size_t capacity, dsc_error *err) {
    *out = NULL;
    dsc_lbfgs_memory *m = dsc_alloc(1, sizeof *m);
    if (m != NULL) {
        m->space = *space;
        m->capacity = capacity;
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
    dsc_free(m->listed);
    dsc_free(m->vector);
    dsc_free(m->listed_weight);
    dsc_free(m);
}

/* --- the products ----------------------------------------------------------------------------- */

static size_t n_rows(const dsc_lbfgs_memory *m) {
    return 2 * m->capacity + 1;
}

static double *product(const dsc_lbfgs_memory *m, size_t a, size_t b) {
    return m->products + a * n_rows(m) + b;
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

static void *vector_of(const dsc_lbfgs_memory *m, size_t row) {
    return dsc_lbfgs_element(&m->space, m->vectors, row * m->space.n);
}

/* Lists the rows in use, and both of `place`, which may be capacity: none. */
static void list_rows(dsc_lbfgs_memory *m, size_t place) {
    const size_t last = 2 * m->capacity;
    m->n_listed = 0;
    for (size_t row = 0; row <= last; row++) {
        if (is_in_use(m, row) || row % m->capacity == place) {
            m->listed[m->n_listed] = row;
            m->vector[m->n_listed++] = vector_of(m, row);
        }
    }
}

/* Remembers the step from x to x_new, which makes three rows new. */
typedef struct step_job {
    dsc_lbfgs_memory *m;
    void *x;
    const void *x_new;
} step_job;

static void step_part(void *job, size_t number, size_t thread) {
    const step_job *j = job;
    dsc_lbfgs_memory *m = j->m;
    const dsc_lbfgs_space *space = &m->space;
    const dsc_kernels *kernels = space->kernels;
    const dsc_lbfgs_part part = dsc_lbfgs_part_at(space, number);
    const dsc_vectors others = {m->vector, m->n_listed, part.begin};
    const size_t bytes = part.n * (size_t)kernels->precision;
    union {
        double of_double[DSC_LBFGS_PART];
        float of_float[DSC_LBFGS_PART];
    } d_new;
    void *step = dsc_lbfgs_element(space, vector_of(m, m->next), part.begin);
    void *change = dsc_lbfgs_element(space, vector_of(m, m->capacity + m->next), part.begin);
    void *gradient = dsc_lbfgs_element(space, vector_of(m, 2 * m->capacity), part.begin);
    void *x = dsc_lbfgs_element(space, j->x, part.begin);
    const void *x_new = dsc_lbfgs_element_const(space, j->x_new, part.begin);
    double *out = m->partial + number * 3 * n_rows(m);
    (void)thread;
    kernels->add_scaled(step, x_new, -1, x, part.n);
    memcpy(x, x_new, bytes);
    memcpy(&d_new, change, bytes);
    kernels->add_scaled(change, &d_new, -1, gradient, part.n);
    memcpy(gradient, &d_new, bytes);
    kernels->inner_products(out, step, &others, part.n);
    kernels->inner_products(out + n_rows(m), change, &others, part.n);
    kernels->inner_products(out + 2 * n_rows(m), gradient, &others, part.n);
}

/* Adds up the parts' products of new row number `k` and puts them where row `row` belongs. */
static void collect(dsc_lbfgs_memory *m, size_t k, size_t row) {
    const size_t n_parts = dsc_lbfgs_n_parts(&m->space), width = n_rows(m);
    for (size_t other = 0; other < m->n_listed; other++) {
        double sum = 0;
        for (size_t part = 0; part < n_parts; part++) {
            sum += m->partial[(part * 3 + k) * width + other];
        }
        *product(m, row, m->listed[other]) = *product(m, m->listed[other], row) = sum;
    }
}

void *dsc_lbfgs_memory_gradient(dsc_lbfgs_memory *m) {
    return vector_of(m, 2 * m->capacity);
}

void *dsc_lbfgs_memory_next_gradient(dsc_lbfgs_memory *m) {
    return vector_of(m, m->capacity + m->next);
}

void dsc_lbfgs_memory_start(dsc_lbfgs_memory *m) {
    const size_t last = 2 * m->capacity;
    const void *gradient = vector_of(m, last);
    m->n_pairs = 0;
    *product(m, last, last) = dsc_lbfgs_inner_product(&m->space, gradient, gradient, m->partial);
}

void dsc_lbfgs_memory_step(dsc_lbfgs_memory *m, void *x, const void *x_new) {
    const size_t step = m->next, change = m->capacity + m->next;
    step_job job = {m, x, x_new};
    m->n_pairs -= m->n_pairs == m->capacity; /* the oldest, whose place was taken */
    list_rows(m, m->next);
    dsc_pool_run(m->space.pool, dsc_lbfgs_n_parts(&m->space), step_part, &job);
    collect(m, 0, step);
    collect(m, 1, change);
    collect(m, 2, 2 * m->capacity);
    if (*product(m, step, change) >
        least_curvature * sqrt(*product(m, step, step) * *product(m, change, change))) {
        m->newest = m->next;
        m->n_pairs++;
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

static void combine_part(void *job, size_t number, size_t thread) {
    dsc_lbfgs_memory *m = job;
    const dsc_kernels *kernels = m->space.kernels;
    const dsc_lbfgs_part part = dsc_lbfgs_part_at(&m->space, number);
    const void *gradient = vector_of(m, 2 * m->capacity);
    void *out = dsc_lbfgs_element(&m->space, vector_of(m, m->next), part.begin);
    (void)thread;
    kernels->combine_vectors(out, m->listed_weight,
                             &(dsc_vectors){m->vector, m->n_listed, part.begin}, part.n);
    kernels->inner_products(&m->partial[number], out, &(dsc_vectors){&gradient, 1, part.begin},
                            part.n);
}

double dsc_lbfgs_memory_direction(dsc_lbfgs_memory *m, const void **direction) {
    const size_t n_parts = dsc_lbfgs_n_parts(&m->space);
    m->next = m->n_pairs > 0 ? (m->newest + 1) % m->capacity : 0;
    choose_weights(m);
    list_rows(m, m->capacity);
    for (size_t i = 0; i < m->n_listed; i++) {
        m->listed_weight[i] = m->weights[m->listed[i]];
    }
    dsc_pool_run(m->space.pool, n_parts, combine_part, m);
    double slope = 0;
    for (size_t part = 0; part < n_parts; part++) {
        slope += m->partial[part];
    }
    *direction = vector_of(m, m->next);
    return slope;
}
