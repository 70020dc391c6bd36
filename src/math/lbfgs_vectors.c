/* Operations on two whole vectors of L-BFGS, shared out to threads. */
#include "math/lbfgs_vectors.h"

typedef struct pair_job {
    const dsc_lbfgs_space *space;
    void *out; /* the vector, or the sums of the parts */
    const void *a;
    const void *b;
    double factor;
} pair_job;

static void add_part(void *job, size_t number, size_t thread) {
    const pair_job *j = job;
    const dsc_lbfgs_part part = dsc_lbfgs_part_at(j->space, number);
    (void)thread;
    j->space->kernels->add_scaled(dsc_lbfgs_element(j->space, j->out, part.begin),
                                  dsc_lbfgs_element_const(j->space, j->a, part.begin), j->factor,
                                  dsc_lbfgs_element_const(j->space, j->b, part.begin), part.n);
}

void dsc_lbfgs_add_scaled(const dsc_lbfgs_space *space, void *out, const void *a, double factor,
                          const void *b) {
    pair_job job = {.space = space, .out = out, .a = a, .b = b, .factor = factor};
    dsc_pool_run(space->pool, dsc_lbfgs_n_parts(space), add_part, &job);
}

static void multiply_part(void *job, size_t number, size_t thread) {
    const pair_job *j = job;
    const dsc_lbfgs_part part = dsc_lbfgs_part_at(j->space, number);
    (void)thread;
    j->space->kernels->inner_products((double *)j->out + number,
                                      dsc_lbfgs_element_const(j->space, j->a, part.begin),
                                      &(dsc_vectors){&j->b, 1, part.begin}, part.n);
}

double dsc_lbfgs_inner_product(const dsc_lbfgs_space *space, const void *a, const void *b,
                               double *partial) {
    pair_job job = {.space = space, .out = partial, .a = a, .b = b};
    const size_t n_parts = dsc_lbfgs_n_parts(space);
    dsc_pool_run(space->pool, n_parts, multiply_part, &job);
    double sum = 0;
    for (size_t part = 0; part < n_parts; part++) {
        sum += partial[part];
    }
    return sum;
}
