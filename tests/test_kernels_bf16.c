/* Kernels of numbers kept as bfloat16: rounding against an oracle of its own, every number of 16 bits, and
 * what a step by lot does, on every instruction set that this processor has. docs/math.md (204) to (207) */
#include "kernel_cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"
#include "kernels/cases.h"

enum { ALL = 1 << 16, N_ROWS = 140, MOST = 40, N_LOTS = 4000 };

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void every_number_of_16_bits_comes_back(void **state) {
    (void)state;
    uint16_t *kept = calloc(ALL, sizeof *kept), *again = calloc(ALL, sizeof *again);
    float *values = calloc(ALL, sizeof *values);
    assert_true(kept != NULL && again != NULL && values != NULL);
    for (uint32_t i = 0; i < ALL; i++) {
        kept[i] = (uint16_t)i;
    }
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *k = kernels_named(dsc_isa_available(isa));
        k->widen_bf16(values, kept, ALL);
        k->narrow_bf16(again, values, ALL);
        for (uint32_t i = 0; i < ALL; i++) {
            assert_int_equal(bits_of(values[i]), i << 16);
            /* a signalling one becomes quiet */
            assert_int_equal(again[i], isnan(values[i]) ? i | 0x40 : i);
        }
    }
    free(kept);
    free(again);
    free(values);
}

/* By comparing distances: what is nearer, and of equals the even one. Beyond the largest number, infinity
 * stands where the next one would. */
static uint16_t nearest(float value) {
    const uint32_t bits = bits_of(value), down = bits & 0xffff0000, up = down + 0x10000;
    if (isnan(value)) {
        return (uint16_t)(bits >> 16 | 0x40);
    }
    if (isinf(value)) {
        return (uint16_t)(bits >> 16);
    }
    const double low = fabs((double)from_bits(down)), at = fabs((double)value);
    const double high = isinf(from_bits(up)) ? 0x1p128 : fabs((double)from_bits(up));
    const bool is_up = high - at < at - low || (high - at == at - low && (down >> 16 & 1) == 1);
    return (uint16_t)((is_up ? up : down) >> 16);
}

static void rounding_is_to_the_nearest(void **state) {
    (void)state;
    /* what follows the upper half, around its middle and its ends */
    static const uint32_t below[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    enum { N = sizeof below / sizeof below[0] };
    float *values = calloc((size_t)ALL * N, sizeof *values);
    uint16_t *kept = calloc((size_t)ALL * N, sizeof *kept);
    assert_true(values != NULL && kept != NULL);
    for (uint32_t i = 0; i < ALL * N; i++) {
        values[i] = from_bits((i / N) << 16 | below[i % N]);
    }
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        kernels_named(dsc_isa_available(isa))->narrow_bf16(kept, values, (size_t)ALL * N);
        for (uint32_t i = 0; i < ALL * N; i++) {
            if (kept[i] != nearest(values[i])) {
                fail_msg("%s: %08x became %04x", dsc_isa_available(isa), bits_of(values[i]),
                         kept[i]);
            }
        }
    }
    free(values);
    free(kept);
}

static void double_precision_rounds_as_single(void **state) {
    (void)state;
    static const double values[] = {1, -1.00390625, 3.4e38, 1e-40, -0.0, 0.1};
    enum { N = sizeof values / sizeof values[0] };
    uint16_t kept[N];
    double again[N];
    dsc_kernels_c_f64.narrow_bf16(kept, values, N);
    dsc_kernels_c_f64.widen_bf16(again, kept, N);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(kept[i], nearest((float)values[i]));
        assert_true(again[i] == (double)from_bits((uint32_t)kept[i] << 16));
    }
}

/* Tables of odd widths that start beside a multiple of 4: nothing but the rows is touched. */
static void rows_widen(void **state) {
    (void)state;
    enum { N_MOVES = 13, STRIDE = MOST + 3 };
    uint16_t table[1 + N_ROWS * MOST];
    dsc_row_move moves[N_MOVES];
    for (uint32_t j = 0; j < N_MOVES; j++) {
        moves[j] = (dsc_row_move){.from = j * 7 % N_ROWS, .to = j};
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        table[i] = (uint16_t)(i * 40503);
    }
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *k = kernels_named(dsc_isa_available(isa));
        for (size_t width = 1; width <= MOST; width++) {
            fenced to = fenced_create((N_MOVES - 1) * STRIDE + width);
            const dsc_row_moves all = {.to = to.values,
                                       .from = table + 1,
                                       .to_stride = STRIDE,
                                       .from_stride = width,
                                       .width = width,
                                       .moves = moves,
                                       .n = N_MOVES};
            k->widen_bf16_rows(&all);
            for (size_t i = 0; i < to.n; i++) {
                const size_t j = i / STRIDE, c = i % STRIDE;
                const uint32_t expected =
                    c < width ? (uint32_t)table[1 + moves[j].from * width + c] << 16 : 0;
                assert_int_equal(bits_of(to.values[i]), expected);
            }
            fenced_destroy(&to);
        }
    }
}

/* --- steps ---------------------------------------------------------------------------------------- */

/* (207), one number after the other. */
static uint32_t lot_of(uint64_t lot, uint64_t row, uint32_t column) {
    uint64_t r = lot + row * 0x9e3779b97f4a7c15;
    r = (r ^ (r >> 30)) * 0xbf58476d1ce4e5b9;
    r = (r ^ (r >> 27)) * 0x94d049bb133111eb;
    uint32_t c = (uint32_t)(r ^ (r >> 31)) + (column / 32 * 16 + column % 16) * 0x9e3779b9;
    c = (c ^ (c >> 16)) * 0x85ebca6b;
    c = (c ^ (c >> 13)) * 0xc2b2ae35;
    c ^= c >> 16;
    return column / 16 % 2 == 0 ? c >> 16 : c & 0xffff;
}

/* A table of bfloat16 with the states of a rule, and what stepping should make of them: a step in single
 * precision, then the lots. */
static void check_steps(const dsc_kernels *kernels, dsc_kernel_rule rule, size_t n_states,
                        size_t width) {
    enum { N = 131 }; /* rows, more than are gathered together */
    const uint64_t lot = 0xfedcba9876543210;
    uint32_t row[N];
    float weight[N];
    fenced values = fenced_create(N_ROWS * width), gradients = fenced_create(N * width);
    fenced of[2], expected[2];
    uint16_t *table = calloc(N_ROWS * width, sizeof *table);
    uint16_t *before = calloc(N_ROWS * width, sizeof *before);
    assert_true(table != NULL && before != NULL);
    fenced_draw(&values, 10, VALUES_USUAL);
    fenced_draw(&gradients, 13, VALUES_USUAL);
    kernels->narrow_bf16(table, values.values, N_ROWS * width);
    kernels->widen_bf16(values.values, table, N_ROWS * width);
    memcpy(before, table, N_ROWS * width * sizeof *table);
    for (unsigned i = 0; i < 2; i++) {
        of[i] = fenced_create(N_ROWS * width);
        expected[i] = fenced_create(N_ROWS * width);
        fenced_draw(&of[i], 11 + i, VALUES_USUAL);
        for (size_t j = 0; j < of[i].n; j++) { /* squares are not below 0 */
            of[i].values[j] *= of[i].values[j];
        }
        memcpy(expected[i].values, of[i].values, N_ROWS * width * sizeof(float));
    }
    for (uint32_t t = 0; t < N; t++) {
        row[t] = (t * 23 + 5) % N_ROWS; /* distinct: 23 and 140 share no factor */
        weight[t] = (float)(1 + t % 3);
    }
    dsc_row_steps steps = {
        .rule = rule,
        .parameters = table,
        .states = {n_states > 0 ? of[0].values : NULL, n_states > 1 ? of[1].values : NULL},
        .width = width,
        .row = row,
        .weight = weight,
        .gradients = gradients.values,
        .n = N,
        .n_samples = 24,
        .is_bf16 = true,
        .lot = lot};
    kernels->step_bf16_rows(&steps, &case_step);
    steps.parameters = values.values;
    steps.states[0] = n_states > 0 ? expected[0].values : NULL;
    steps.states[1] = n_states > 1 ? expected[1].values : NULL;
    kernels_named("c")->step_rows(&steps, &case_step);
    for (size_t t = 0; t < N; t++) {
        for (uint32_t c = 0; c < width; c++) {
            const size_t at = row[t] * width + c;
            const uint32_t bits = bits_of(values.values[at]) + lot_of(lot, row[t], c);
            before[at] = (uint16_t)(bits >> 16);
        }
    }
    assert_memory_equal(table, before, N_ROWS * width * sizeof *table);
    for (size_t i = 0; i < 2; i++) {
        assert_memory_equal(of[i].values, expected[i].values, N_ROWS * width * sizeof(float));
        fenced_destroy(&of[i]);
        fenced_destroy(&expected[i]);
    }
    fenced_destroy(&values);
    fenced_destroy(&gradients);
    free(table);
    free(before);
}

static void each_row_takes_its_step_and_is_rounded_by_lot(void **state) {
    (void)state;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t width = 1; width <= MOST; width++) {
            check_steps(kernels, DSC_KERNEL_SGD, 0, width);
            check_steps(kernels, DSC_KERNEL_SGD, 1, width);
            check_steps(kernels, DSC_KERNEL_ADAM, 2, width);
        }
        check_steps(kernels, DSC_KERNEL_ADAGRAD, 1, 17);
        check_steps(kernels, DSC_KERNEL_RMSPROP, 1, 17);
        check_steps(kernels, DSC_KERNEL_ADAM, 2, DSC_MAX_BF16_WIDTH);
    }
}

/* Steps of a hundredth of what bfloat16 can tell apart get through on average, and a step of 0 changes
 * nothing. */
static void small_steps_are_not_lost(void **state) {
    (void)state;
    static const uint32_t row = 0;
    static const float weight = 1;
    const float unit = 0x1p-7F; /* between 1 and the next number */
    const dsc_step step = {.rate = 1};
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        uint16_t table[MOST];
        float gradients[MOST], values[MOST];
        for (size_t c = 0; c < MOST; c++) {
            table[c] = (uint16_t)(bits_of(2) >> 16);
            gradients[c] = c < MOST / 2 ? unit / 100 : 0;
        }
        dsc_random lots = dsc_random_stream(3, 70, 0);
        double mean = 0;
        for (int i = 0; i < N_LOTS / MOST; i++) {
            const dsc_row_steps steps = {.rule = DSC_KERNEL_SGD,
                                         .parameters = table,
                                         .width = MOST,
                                         .row = &row,
                                         .weight = &weight,
                                         .gradients = gradients,
                                         .n = 1,
                                         .n_samples = 1,
                                         .is_bf16 = true,
                                         .lot = dsc_random_u32(&lots)};
            kernels->step_bf16_rows(&steps, &step);
        }
        kernels->widen_bf16(values, table, MOST);
        for (size_t c = 0; c < MOST; c++) {
            mean += c < MOST / 2 ? (double)values[c] / (MOST / 2) : 0;
            assert_true(c < MOST / 2 || values[c] == 2);
        }
        /* 2000 lots of which 2 in 100 fall are 40, with a deviation of 7, of half a unit below 2 */
        const double expected = 2 - N_LOTS / MOST * (double)unit / 100;
        assert_true(fabs(mean - expected) < 0.5 * (double)unit);
        assert_true(mean < 2 - 0.3 * (double)unit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_16_bits_comes_back),
        cmocka_unit_test(rounding_is_to_the_nearest),
        cmocka_unit_test(double_precision_rounds_as_single),
        cmocka_unit_test(rows_widen),
        cmocka_unit_test(each_row_takes_its_step_and_is_rounded_by_lot),
        cmocka_unit_test(small_steps_are_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
