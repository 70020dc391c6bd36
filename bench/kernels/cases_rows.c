/* Cases of rows of tables: sizes are how many rows, and how wide they are. The tables have twice as many. */
#include "cases.h"

static size_t table_of(const kernel_problem *p) {
    return 2 * p->size[0] + 1;
}

static double bytes_of(const kernel_problem *p, size_t n_arrays) {
    return (double)(n_arrays * p->size[0] * p->size[1] * sizeof(float));
}

/* --- rows that are picked ---------------------------------------------------------------------- */

enum { TABLE, PICKED, ONE, OTHER };

static void set_up_picked(kernel_problem *p) {
    problem_add(p, ARRAY_FLOATS, table_of(p) * p->size[1]);
    problem_add_numbers(p, p->size[0], table_of(p));
    problem_add(p, ARRAY_FLOATS, p->size[1]);
    problem_add(p, ARRAY_FLOATS, p->size[0]);
    p->bytes = bytes_of(p, 1);
}

static dsc_picked_rows picked_of(const kernel_problem *p) {
    return (dsc_picked_rows){array_of(p, TABLE), p->size[1], array_of(p, PICKED), p->size[0]};
}

static double dot_rows(kernel_problem *p, const kernel_set *set) {
    const dsc_picked_rows rows = picked_of(p);
    set->kernels->dot_rows(array_of(p, OTHER), array_of(p, ONE), &rows);
    return 0;
}

static double sum_rows(kernel_problem *p, const kernel_set *set) {
    const dsc_picked_rows rows = picked_of(p);
    set->kernels->sum_rows(array_of(p, ONE), &rows);
    return 0;
}

static double sum_scaled_rows(kernel_problem *p, const kernel_set *set) {
    const dsc_picked_rows rows = picked_of(p);
    set->kernels->sum_scaled_rows(array_of(p, ONE), array_of(p, OTHER), &rows);
    return 0;
}

/* --- rows that move ---------------------------------------------------------------------------- */

enum { FROM, TO, MOVES };

/* A row of the target takes up one element more than is moved. */
static void set_up_moves_of(kernel_problem *p, array_kind kind) {
    const size_t n = p->size[0];
    problem_add(p, kind, table_of(p) * p->size[1]);
    problem_add(p, ARRAY_FLOATS, n * (p->size[1] + 1));
    dsc_row_move *moves = problem_add(p, ARRAY_BYTES, n * sizeof *moves);
    const uint32_t *from = problem_add_numbers(p, n, table_of(p));
    const uint32_t *to = problem_add_numbers(p, n, n);
    for (size_t j = 0; j < n; j++) {
        moves[j] = (dsc_row_move){.from = from[j], .to = p->of->form != 0 ? to[j] : (uint32_t)j};
    }
}

static void set_up_moves(kernel_problem *p) {
    set_up_moves_of(p, ARRAY_FLOATS);
    p->bytes = bytes_of(p, p->of->form != 0 ? 3 : 2); /* what is added to is read */
}

static void set_up_widening(kernel_problem *p) {
    set_up_moves_of(p, ARRAY_BF16);
    p->bytes = bytes_of(p, 3) / 2;
}

static dsc_row_moves moves_of(const kernel_problem *p) {
    return (dsc_row_moves){.to = array_of(p, TO),
                           .from = array_of(p, FROM),
                           .to_stride = p->size[1] + 1,
                           .from_stride = p->size[1],
                           .width = p->size[1],
                           .moves = array_of(p, MOVES),
                           .n = p->size[0]};
}

static double copy_rows(kernel_problem *p, const kernel_set *set) {
    const dsc_row_moves moves = moves_of(p);
    set->kernels->copy_rows(&moves);
    return 0;
}

static double accumulate_rows(kernel_problem *p, const kernel_set *set) {
    const dsc_row_moves moves = moves_of(p);
    set->kernels->accumulate_rows(&moves);
    return 0;
}

static double widen_bf16_rows(kernel_problem *p, const kernel_set *set) {
    const dsc_row_moves moves = moves_of(p);
    set->kernels->widen_bf16_rows(&moves);
    return 0;
}

#define ROWS(function, up, of, tolerated, ...)                                                     \
    {                                                                                              \
        .name = #function, .entry = ENTRY(function), .set_up = (up), .call = (function),           \
        .form = (of), .tolerance = (tolerated), .timed = {                                         \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const kernel_case row_cases[] = {
    ROWS(dot_rows, set_up_picked, 0, 0, {512, 32}, {512, 64}),
    ROWS(sum_rows, set_up_picked, 0, 0, {512, 32}, {512, 64}),
    ROWS(sum_scaled_rows, set_up_picked, 0, 0, {512, 32}, {512, 64}),
    ROWS(copy_rows, set_up_moves, 0, 0, {512, 32}, {65536, 32}),
    ROWS(accumulate_rows, set_up_moves, 1, 0, {512, 32}, {65536, 32}),
    ROWS(widen_bf16_rows, set_up_widening, 0, 0, {512, 32}, {65536, 32}),
    {.name = NULL},
};

/* --- rows that take a step --------------------------------------------------------------------- */

/* Forms: the rule, and which states it has. */
enum { PLAIN, MOMENTUM, ADAM, ADAGRAD, RMSPROP };
enum { PARAMETERS, MEANS, GRADIENTS, SQUARES, WEIGHTS, STEPPED };

static size_t n_states(const kernel_problem *p) {
    return p->of->form == PLAIN ? 0 : p->of->form == ADAM ? 2 : 1;
}

/* Parameters and states are read and written, gradients read. */
static void set_up_steps_of(kernel_problem *p, array_kind kind) {
    const size_t n = table_of(p) * p->size[1];
    problem_add(p, kind, n);
    problem_add(p, ARRAY_FLOATS, n);
    problem_add(p, ARRAY_FLOATS, p->size[0] * p->size[1]);
    problem_add(p, ARRAY_POSITIVE, n);
    problem_add(p, ARRAY_SHARES, p->size[0]);
    problem_add_distinct(p, p->size[0], table_of(p));
    const double parameters = bytes_of(p, 2) / (kind == ARRAY_BF16 ? 2 : 1);
    p->bytes = parameters + bytes_of(p, 1 + 2 * n_states(p));
}

static void set_up_steps(kernel_problem *p) {
    set_up_steps_of(p, ARRAY_FLOATS);
}

static void set_up_bf16_steps(kernel_problem *p) {
    set_up_steps_of(p, ARRAY_BF16);
}

static dsc_row_steps steps_of(const kernel_problem *p) {
    static const dsc_kernel_rule rules[] = {DSC_KERNEL_SGD, DSC_KERNEL_SGD, DSC_KERNEL_ADAM,
                                            DSC_KERNEL_ADAGRAD, DSC_KERNEL_RMSPROP};
    const bool has_means = p->of->form == MOMENTUM || p->of->form == ADAM;
    dsc_row_steps steps = {.rule = rules[p->of->form],
                           .parameters = array_of(p, PARAMETERS),
                           .width = p->size[1],
                           .row = array_of(p, STEPPED),
                           .weight = array_of(p, WEIGHTS),
                           .gradients = array_of(p, GRADIENTS),
                           .n = p->size[0],
                           .n_samples = 24};
    if (n_states(p) > 0) {
        steps.states[0] = array_of(p, has_means ? MEANS : SQUARES);
    }
    if (n_states(p) > 1) {
        steps.states[1] = array_of(p, SQUARES);
    }
    return steps;
}

static double step_rows(kernel_problem *p, const kernel_set *set) {
    const dsc_row_steps steps = steps_of(p);
    set->kernels->step_rows(&steps, &case_step);
    return 0;
}

static double step_bf16_rows(kernel_problem *p, const kernel_set *set) {
    dsc_row_steps steps = steps_of(p);
    steps.is_bf16 = true;
    steps.lot = UINT64_C(0xfedcba9876543210);
    set->kernels->step_bf16_rows(&steps, &case_step);
    return 0;
}

#define STEPS(title, of, ...)                                                                      \
    {                                                                                              \
        .name = "step_rows, " title, .entry = ENTRY(step_rows), .set_up = set_up_steps,            \
        .call = step_rows, .form = (of), .timed = {                                                \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define BF16_STEPS(title, of, ...)                                                                 \
    {                                                                                              \
        .name = "step_bf16_rows, " title, .entry = ENTRY(step_bf16_rows),                          \
        .set_up = set_up_bf16_steps, .call = step_bf16_rows, .form = (of),                         \
        .most = {0, DSC_MAX_BF16_WIDTH}, .timed = {                                                \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const kernel_case step_row_cases[] = {
    STEPS("SGD", PLAIN, {512, 32}, {65536, 32}),
    STEPS("momentum", MOMENTUM, {512, 32}),
    STEPS("Adam", ADAM, {512, 32}, {65536, 32}),
    STEPS("Adagrad", ADAGRAD, {512, 32}),
    STEPS("RMSprop", RMSPROP, {512, 32}),
    BF16_STEPS("SGD", PLAIN, {512, 32}, {65536, 32}),
    BF16_STEPS("momentum", MOMENTUM, {512, 32}),
    BF16_STEPS("Adam", ADAM, {512, 32}, {65536, 32}),
    BF16_STEPS("Adagrad", ADAGRAD, {512, 32}),
    BF16_STEPS("RMSprop", RMSPROP, {512, 32}),
    {.name = NULL},
};
