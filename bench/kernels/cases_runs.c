/* Cases of steps one after the other: of small networks, sizes n_in, units, n_out; of dot products, sizes
 * ratings, factors. */
#include "cases.h"

#include <math.h>

/* --- small networks ---------------------------------------------------------------------------- */

enum { N_SAMPLES = 23, N_STEPS = 60 };
enum { X, Y, ORDER, FIRST, FIRST_BIAS, LAST, LAST_BIAS };

/* Weights of a size at which steps do not go beyond all bounds. */
static void add_weights(kernel_problem *p, size_t n_in, size_t n_out) {
    float *weights = problem_add(p, ARRAY_FLOATS, n_in * n_out);
    for (size_t i = 0; i < n_in * n_out; i++) {
        weights[i] /= sqrtf((float)n_in);
    }
    problem_add(p, ARRAY_FLOATS, n_out);
}

static void set_up_steps(kernel_problem *p) {
    const size_t n_in = p->size[0], n_units = p->size[1], n_out = p->size[2];
    problem_add(p, ARRAY_FLOATS, N_SAMPLES * n_in);
    problem_add(p, ARRAY_FLOATS, N_SAMPLES * n_out);
    problem_add_numbers(p, N_STEPS, N_SAMPLES);
    add_weights(p, n_in, n_units);
    add_weights(p, n_units, n_out);
    /* forward, at the weights, and for the second layer at its inputs */
    p->operations = (double)N_STEPS * (double)(4 * n_in * n_units + 6 * n_units * n_out);
}

static double run_steps(kernel_problem *p, const kernel_set *set) {
    const dsc_kernel_activation hidden = (dsc_kernel_activation)p->of->form;
    const dsc_step_layer layers[] = {
        {p->size[0], p->size[1], hidden, array_of(p, FIRST), array_of(p, FIRST_BIAS)},
        {p->size[1], p->size[2], DSC_KERNEL_IDENTITY, array_of(p, LAST), array_of(p, LAST_BIAS)}};
    return set->kernels->run_steps(&(dsc_step_run){.layers = layers,
                                                   .n_layers = 2,
                                                   .loss = DSC_KERNEL_MEAN_SQUARED_ERROR,
                                                   .x = array_of(p, X),
                                                   .y = array_of(p, Y),
                                                   .order = array_of(p, ORDER),
                                                   .n_steps = N_STEPS,
                                                   .rate = 0.005});
}

/* --- dot products ------------------------------------------------------------------------------ */

/* Forms: numbers that learn at a slow rate alone, and biases that stay. */
enum { ALL, SLOW_ONLY, WITHOUT_BIASES };
enum { RATINGS, USERS, USER_STATES, ITEMS, ITEM_STATES };

static size_t width_of(const kernel_problem *p) {
    return (p->size[1] + DSC_FACTOR_BLOCK - 1) / DSC_FACTOR_BLOCK * DSC_FACTOR_BLOCK;
}

static size_t n_rows(const kernel_problem *p) {
    return p->size[0] / 8 + 1;
}

/* Numbers behind the last factor are 0; sums of squares are above 0. */
static void add_side(kernel_problem *p) {
    float *vectors = problem_add(p, ARRAY_FLOATS, n_rows(p) * width_of(p));
    for (size_t i = 0; i < n_rows(p) * width_of(p); i++) {
        vectors[i] = i % width_of(p) < p->size[1] ? vectors[i] / sqrtf((float)p->size[1]) : 0;
    }
    float *states = problem_add(p, ARRAY_SHARES, n_rows(p) * DSC_FACTOR_STATE);
    for (size_t i = 0; i < n_rows(p) * DSC_FACTOR_STATE; i++) {
        states[i] += 1;
    }
}

/* p . q, both gradients, their squares, both steps. */
static void set_up_factors(kernel_problem *p) {
    dsc_training_sample *ratings = problem_add(p, ARRAY_BYTES, p->size[0] * sizeof *ratings);
    add_side(p);
    add_side(p);
    const uint32_t *users = problem_add_numbers(p, p->size[0], n_rows(p));
    const uint32_t *items = problem_add_numbers(p, p->size[0], n_rows(p));
    for (size_t i = 0; i < p->size[0]; i++) {
        ratings[i] = (dsc_training_sample){users[i], items[i], (float)(i % 9) / 4 - 1};
    }
    p->operations = 16 * (double)p->size[0] * (double)p->size[1];
}

static double factor_step(kernel_problem *p, const kernel_set *set) {
    return set->kernels->factor_step(
        &(dsc_factor_pass){.ratings = array_of(p, RATINGS),
                           .n = p->size[0],
                           .n_factors = p->size[1],
                           .width = width_of(p),
                           .vectors = {array_of(p, USERS), array_of(p, ITEMS)},
                           .states = {array_of(p, USER_STATES), array_of(p, ITEM_STATES)},
                           .rate = 0.05,
                           .l2 = 0.03,
                           .l2_biases = 0.01,
                           .has_biases = p->of->form != WITHOUT_BIASES,
                           .is_slow_only = p->of->form == SLOW_ONLY});
}

#define RUN(title, of, ...)                                                                        \
    {                                                                                              \
        .name = "run_steps, " title, .entry = ENTRY(run_steps), .set_up = set_up_steps,            \
        .call = run_steps, .form = (of), .tolerance = 2e-5,                                        \
        .most = {DSC_STEP_INPUTS, DSC_STEP_UNITS, DSC_STEP_UNITS}, .timed = {                      \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define FACTORS(title, of, ...)                                                                    \
    {                                                                                              \
        .name = "factor_step" title, .entry = ENTRY(factor_step), .set_up = set_up_factors,        \
        .call = factor_step, .form = (of), .timed = {                                              \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const kernel_case run_cases[] = {
    RUN("linear", DSC_KERNEL_IDENTITY, {3, 2, 2}),
    RUN("sigmoid", DSC_KERNEL_SIGMOID, {2, 8, 1}),
    RUN("relu", DSC_KERNEL_RELU, {64, 16, 10}),
    {.name = NULL},
};

const kernel_case factor_cases[] = {
    FACTORS("", ALL, {1024, 32}, {1024, 64}),
    FACTORS(", slow numbers", SLOW_ONLY, {1024, 32}),
    FACTORS(", no biases", WITHOUT_BIASES, {1024, 32}),
    {.name = NULL},
};
