/* Cases of what goes element by element, and of the vectors of L-BFGS: sizes are n, and how many vectors. */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

enum { A, B, C, D };

static void set_up(kernel_problem *p, size_t n_arrays, size_t n_touched) {
    for (size_t i = 0; i < n_arrays; i++) {
        problem_add(p, i == D ? ARRAY_POSITIVE : ARRAY_FLOATS, p->size[0]);
    }
    p->bytes = (double)(n_touched * p->size[0] * sizeof(float));
}

static void set_up_reading(kernel_problem *p) {
    set_up(p, 1, 1);
}

static void set_up_changing(kernel_problem *p) {
    set_up(p, 1, 2);
}

static void set_up_changing_by(kernel_problem *p) {
    set_up(p, 2, 3);
}

static void set_up_joining(kernel_problem *p) {
    set_up(p, 3, 3);
}

/* Steps that keep one number, and Adam, which keeps two. */
static void set_up_keeping_one(kernel_problem *p) {
    set_up(p, 4, 5);
}

static void set_up_keeping_two(kernel_problem *p) {
    set_up(p, 4, 7);
}

static double multiply_elements(kernel_problem *p, const kernel_set *set) {
    set->kernels->multiply_elements(array_of(p, A), array_of(p, B), array_of(p, C), p->size[0]);
    return 0;
}

static double sum_of_squares(kernel_problem *p, const kernel_set *set) {
    return set->kernels->sum_of_squares(array_of(p, A), p->size[0]);
}

/* Many calls must not go beyond all bounds. */
static double scale(kernel_problem *p, const kernel_set *set) {
    set->kernels->scale(array_of(p, A), 1.00001, p->size[0]);
    return 0;
}

static double scale_shifted(kernel_problem *p, const kernel_set *set) {
    set->kernels->scale_shifted(array_of(p, A), 0.01, 0.99, p->size[0]);
    return 0;
}

/* Every other element is 0, on average, as behind a rectifier. */
static void set_up_picking(kernel_problem *p) {
    set_up(p, 2, 2);
    float *x = array_of(p, A);
    const uint32_t *is_kept = problem_add_numbers(p, p->size[0], 2);
    for (size_t i = 0; i < p->size[0]; i++) {
        x[i] = is_kept[i] != 0 ? x[i] : 0;
    }
}

static double pick_nonzero(kernel_problem *p, const kernel_set *set) {
    const size_t n =
        set->kernels->pick_nonzero(array_of(p, C), array_of(p, B), array_of(p, A), p->size[0]);
    p->arrays[B].n = n;
    p->arrays[C].n = n * sizeof(uint32_t);
    return (double)n;
}

static void set_up_putting_back(kernel_problem *p) {
    set_up(p, 2, 2);
    uint32_t *places = problem_add(p, ARRAY_BYTES, p->size[0] * sizeof *places);
    for (size_t i = 0; i < p->size[0]; i++) {
        places[i] = (uint32_t)(2 * i);
    }
}

static double put_back(kernel_problem *p, const kernel_set *set) {
    const size_t n = p->size[0];
    set->kernels->put_back(array_of(p, A), n, array_of(p, C), array_of(p, B), (n + 1) / 2);
    return 0;
}

static double add_penalty(kernel_problem *p, const kernel_set *set) {
    return set->kernels->add_penalty(array_of(p, A), array_of(p, B), 0.02, 0.03, p->size[0]);
}

static double all_finite(kernel_problem *p, const kernel_set *set) {
    return set->kernels->all_finite(array_of(p, A), p->size[0]);
}

static double sgd_step(kernel_problem *p, const kernel_set *set) {
    set->kernels->sgd_step(array_of(p, A), NULL, array_of(p, B), p->size[0], &case_step);
    return 0;
}

static double momentum_step(kernel_problem *p, const kernel_set *set) {
    dsc_step step = case_step;
    step.is_nesterov = p->of->form != 0;
    set->kernels->sgd_step(array_of(p, A), array_of(p, C), array_of(p, B), p->size[0], &step);
    return 0;
}

static double adam_step(kernel_problem *p, const kernel_set *set) {
    void *const moments[2] = {array_of(p, C), array_of(p, D)};
    set->kernels->adam_step(array_of(p, A), moments, array_of(p, B), p->size[0], &case_step);
    return 0;
}

static double adagrad_step(kernel_problem *p, const kernel_set *set) {
    set->kernels->adagrad_step(array_of(p, A), array_of(p, D), array_of(p, B), p->size[0],
                               &case_step);
    return 0;
}

static double rmsprop_step(kernel_problem *p, const kernel_set *set) {
    set->kernels->rmsprop_step(array_of(p, A), array_of(p, D), array_of(p, B), p->size[0],
                               &case_step);
    return 0;
}

static void set_up_widening(kernel_problem *p) {
    problem_add(p, ARRAY_FLOATS, p->size[0]);
    problem_add(p, ARRAY_BF16, p->size[0]);
    p->bytes = (double)(p->size[0] * (sizeof(float) + sizeof(uint16_t)));
}

static double widen_bf16(kernel_problem *p, const kernel_set *set) {
    set->kernels->widen_bf16(array_of(p, A), array_of(p, B), p->size[0]);
    return 0;
}

static double narrow_bf16(kernel_problem *p, const kernel_set *set) {
    set->kernels->narrow_bf16(array_of(p, B), array_of(p, A), p->size[0]);
    return 0;
}

static void set_up_random(kernel_problem *p) {
    const size_t n_bytes = 4 * p->size[0] * sizeof(uint32_t);
    problem_add(p, ARRAY_BYTES, n_bytes);
    p->bytes = (double)n_bytes;
}

static double random_blocks(kernel_problem *p, const kernel_set *set) {
    const uint32_t counter[4] = {UINT32_MAX - 20, 7, 8, 9}, key[2] = {10, 11};
    set->kernels->random_blocks(array_of(p, A), counter, key, p->size[0]);
    return 0;
}

#define ELEMENTS(function, title, up)                                                              \
    {                                                                                              \
        .name = #function title, .entry = ENTRY(function), .set_up = (up), .call = (function),     \
        .timed = {                                                                                 \
            {4096}                                                                                 \
        }                                                                                          \
    }

const kernel_case element_cases[] = {
    ELEMENTS(multiply_elements, "", set_up_joining),
    ELEMENTS(sum_of_squares, "", set_up_reading),
    ELEMENTS(scale, "", set_up_changing),
    ELEMENTS(scale_shifted, "", set_up_changing),
    ELEMENTS(pick_nonzero, "", set_up_picking),
    ELEMENTS(put_back, "", set_up_putting_back),
    ELEMENTS(add_penalty, "", set_up_changing_by),
    ELEMENTS(all_finite, "", set_up_reading),
    ELEMENTS(sgd_step, "", set_up_changing_by),
    {.name = "sgd_step, momentum",
     .entry = ENTRY(sgd_step),
     .set_up = set_up_keeping_one,
     .call = momentum_step,
     .timed = {{4096}}},
    {.name = "sgd_step, Nesterov",
     .entry = ENTRY(sgd_step),
     .set_up = set_up_keeping_one,
     .call = momentum_step,
     .form = 1,
     .timed = {{4096}}},
    ELEMENTS(adam_step, "", set_up_keeping_two),
    ELEMENTS(adagrad_step, "", set_up_keeping_one),
    ELEMENTS(rmsprop_step, "", set_up_keeping_one),
    ELEMENTS(widen_bf16, "", set_up_widening),
    ELEMENTS(narrow_bf16, "", set_up_widening),
    ELEMENTS(random_blocks, "", set_up_random),
    {.name = NULL},
};

/* --- vectors ----------------------------------------------------------------------------------- */

enum { MOST_VECTORS = 24, VECTORS = 0, OUT = 1, SUMS = 1 };

/* They begin behind one element that is not theirs. */
static void add_vectors(kernel_problem *p) {
    problem_add(p, ARRAY_FLOATS, p->size[1] * (p->size[0] + 1));
}

static dsc_vectors vectors_of(const kernel_problem *p, const void *vector[MOST_VECTORS]) {
    for (size_t j = 0; j < p->size[1]; j++) {
        vector[j] = (const float *)array_of(p, VECTORS) + j * (p->size[0] + 1);
    }
    return (dsc_vectors){vector, p->size[1], 1};
}

static void set_up_products(kernel_problem *p) {
    add_vectors(p);
    problem_add(p, ARRAY_DOUBLES, p->size[1]);
    p->bytes = (double)((p->size[1] + 1) * p->size[0] * sizeof(float));
}

static double inner_products(kernel_problem *p, const kernel_set *set) {
    const void *vector[MOST_VECTORS];
    const dsc_vectors vectors = vectors_of(p, vector);
    set->kernels->inner_products(array_of(p, SUMS), (const float *)vector[0] + 1, &vectors,
                                 p->size[0]);
    return 0;
}

static void set_up_combination(kernel_problem *p) {
    add_vectors(p);
    problem_add(p, ARRAY_FLOATS, p->size[0]);
    p->bytes = (double)((p->size[1] + 1) * p->size[0] * sizeof(float));
}

static double combine_vectors(kernel_problem *p, const kernel_set *set) {
    static const double weights[MOST_VECTORS] = {0.3, -1.7, 2, 1e-3, 0, 5, 1};
    const void *vector[MOST_VECTORS];
    const dsc_vectors vectors = vectors_of(p, vector);
    set->kernels->combine_vectors(array_of(p, OUT), weights, &vectors, p->size[0]);
    return 0;
}

static double add_scaled(kernel_problem *p, const kernel_set *set) {
    set->kernels->add_scaled(array_of(p, A), array_of(p, B), 1.7, array_of(p, C), p->size[0]);
    return 0;
}

const kernel_case vector_cases[] = {
    {.name = "inner_products",
     .entry = ENTRY(inner_products),
     .set_up = set_up_products,
     .call = inner_products,
     .most = {0, MOST_VECTORS},
     .timed = {{8192, 11}}},
    {.name = "combine_vectors",
     .entry = ENTRY(combine_vectors),
     .set_up = set_up_combination,
     .call = combine_vectors,
     .most = {0, MOST_VECTORS},
     .timed = {{8192, 21}}},
    {.name = "add_scaled",
     .entry = ENTRY(add_scaled),
     .set_up = set_up_joining,
     .call = add_scaled,
     .timed = {{8192}}},
    {.name = NULL},
};
