/* Kernels on rows of tables in training: what they do to each row, on every instruction set that this
 * processor has, at every width up to some vectors and at unaligned addresses. */
#include "kernel_cases.h"

#include <math.h>
#include <string.h>

#include "descent/isa.h"
#include "kernels/cases.h"

enum { N_ROWS = 20, N_MOVES = 13, MOST = 40, STRIDE = MOST + 3 };

/* Rows in no order; `to` has one twice. */
static void list_moves(dsc_row_move *moves) {
    for (uint32_t j = 0; j < N_MOVES; j++) {
        moves[j] = (dsc_row_move){.from = j * 7 % N_ROWS, .to = j * 11 % (N_ROWS / 2)};
    }
}

/* Sums of picked rows, one of them picked twice, that begin with what is there. */
static void rows_are_summed(void **state) {
    (void)state;
    enum { N_PICKED = 7, WIDEST = 2 * 64 + 9 };
    const uint32_t picked[N_PICKED] = {3, 0, 19, 3, 7, 8, 1};
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t width = 1; width <= WIDEST; width++) {
            fenced table = fenced_create(N_ROWS * width), factors = fenced_create(N_PICKED);
            fenced_draw(&table, 1, VALUES_USUAL);
            fenced_draw(&factors, 3, VALUES_USUAL);
            const dsc_picked_rows rows = {table.values, width, picked, N_PICKED};
            for (int scales = 0; scales <= 1; scales++) {
                fenced to = fenced_create(width);
                float expected[WIDEST];
                fenced_draw(&to, 5, VALUES_USUAL);
                for (size_t c = 0; c < width; c++) {
                    expected[c] = to.values[c];
                    for (size_t j = 0; j < N_PICKED; j++) {
                        const float value = table.values[picked[j] * width + c];
                        expected[c] += scales != 0 ? factors.values[j] * value : value;
                    }
                }
                if (scales != 0) {
                    kernels->sum_scaled_rows(to.values, factors.values, &rows);
                } else {
                    kernels->sum_rows(to.values, &rows);
                }
                assert_memory_equal(to.values, expected, width * sizeof(float));
                fenced_destroy(&to);
            }
            fenced_destroy(&factors);
            fenced_destroy(&table);
        }
    }
}

/* What one row gives does not depend on the rows that are asked for with it. */
static void a_product_is_that_of_its_row(void **state) {
    (void)state;
    enum { N_PICKED = 7 };
    const uint32_t picked[N_PICKED] = {3, 0, 19, 3, 7, 8, 1};
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t width = 1; width <= MOST; width++) {
            fenced table = fenced_create(N_ROWS * width), query = fenced_create(width);
            fenced got = fenced_create(N_PICKED), one = fenced_create(1);
            fenced_draw(&table, 1, VALUES_USUAL);
            fenced_draw(&query, 3, VALUES_USUAL);
            kernels->dot_rows(got.values, query.values,
                              &(dsc_picked_rows){table.values, width, picked, N_PICKED});
            for (size_t j = 0; j < N_PICKED; j++) {
                kernels->dot_rows(one.values, query.values,
                                  &(dsc_picked_rows){table.values, width, &picked[j], 1});
                assert_memory_equal(&got.values[j], one.values, sizeof(float));
            }
            fenced_destroy(&table);
            fenced_destroy(&query);
            fenced_destroy(&got);
            fenced_destroy(&one);
        }
    }
}

/* Zeros of both signs, and what is not a number among others: picked, and put back where it was. */
static void what_is_not_zero_is_picked(void **state) {
    (void)state;
    enum { WIDEST = 2 * 64 + 9 };
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t n = 0; n <= WIDEST; n++) {
            uint32_t places[WIDEST], expected[WIDEST];
            fenced x = fenced_create(n), values = fenced_create(n), back = fenced_create(n);
            size_t n_expected = 0;
            fenced_draw(&x, 1, VALUES_USUAL);
            fenced_draw(&back, 3, VALUES_USUAL);
            for (size_t i = 0; i < n; i++) {
                x.values[i] = i * i % 7 == 2 ? -0.0F : i * i % 7 == 4 ? 0 : x.values[i];
                x.values[i] = i == 5 ? NAN : x.values[i];
                expected[n_expected] = (uint32_t)i;
                n_expected += x.values[i] != 0;
            }
            assert_int_equal(kernels->pick_nonzero(places, values.values, x.values, n), n_expected);
            assert_memory_equal(places, expected, n_expected * sizeof *places);
            for (size_t j = 0; j < n_expected; j++) {
                assert_memory_equal(&values.values[j], &x.values[places[j]], sizeof(float));
            }
            kernels->put_back(back.values, n, places, values.values, n_expected);
            for (size_t i = 0; i < n; i++) {
                const float put = x.values[i] != 0 ? x.values[i] : 0.0F;
                assert_memory_equal(&back.values[i], &put, sizeof put);
            }
            fenced_destroy(&x);
            fenced_destroy(&values);
            fenced_destroy(&back);
        }
    }
}

static void sums_are_shifted_and_scaled(void **state) {
    (void)state;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t n = 0; n <= MOST; n++) {
            fenced found = fenced_create(n);
            float expected[MOST];
            fenced_draw(&found, 1, VALUES_USUAL);
            for (size_t i = 0; i < n; i++) {
                expected[i] = (float)(-0.3 * ((double)found.values[i] + 1));
            }
            kernels->scale_shifted(found.values, 1, -0.3, n);
            assert_memory_equal(found.values, expected, n * sizeof *expected);
            fenced_destroy(&found);
        }
    }
}

static void rows_move(void **state) {
    (void)state;
    dsc_row_move moves[N_MOVES];
    list_moves(moves);
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t width = 1; width <= MOST; width++) {
            fenced from = fenced_create(N_ROWS * width);
            fenced_draw(&from, 1, VALUES_USUAL);
            for (int adds = 0; adds <= 1; adds++) {
                fenced to = fenced_create(N_ROWS * STRIDE);
                float expected[N_ROWS * STRIDE];
                fenced_draw(&to, 2, VALUES_USUAL);
                memcpy(expected, to.values, sizeof expected);
                for (size_t j = 0; j < N_MOVES; j++) {
                    for (size_t c = 0; c < width; c++) {
                        float *one = &expected[moves[j].to * STRIDE + c];
                        *one = (adds != 0 ? *one : 0) + from.values[moves[j].from * width + c];
                    }
                }
                const dsc_row_moves all = {.to = to.values,
                                           .from = from.values,
                                           .to_stride = STRIDE,
                                           .from_stride = width,
                                           .width = width,
                                           .moves = moves,
                                           .n = N_MOVES};
                (adds != 0 ? kernels->accumulate_rows : kernels->copy_rows)(&all);
                assert_memory_equal(to.values, expected, sizeof expected);
                fenced_destroy(&to);
            }
            fenced_destroy(&from);
        }
    }
}

/* One row of what step_rows does. */
static void step_one(const dsc_kernels *k, const dsc_row_steps *r, size_t t, float *parameters,
                     float *const states[2]) {
    const size_t at = r->row[t] * r->width;
    const float *gradients = (const float *)r->gradients + t * r->width;
    float *one = states[0] != NULL ? states[0] + at : NULL;
    dsc_step step = case_step;
    step.l2 = case_step.l2 * (double)r->weight[t] / r->n_samples;
    switch (r->rule) {
    case DSC_KERNEL_SGD:
        k->sgd_step(parameters + at, one, gradients, r->width, &step);
        break;
    case DSC_KERNEL_ADAM:
        k->adam_step(parameters + at, (void *[2]){one, states[1] + at}, gradients, r->width, &step);
        break;
    case DSC_KERNEL_ADAGRAD:
        k->adagrad_step(parameters + at, one, gradients, r->width, &step);
        break;
    case DSC_KERNEL_RMSPROP:
        k->rmsprop_step(parameters + at, one, gradients, r->width, &step);
        break;
    }
}

/* A table with the states of a rule, and what stepping should make of them. */
static void check_steps(const dsc_kernels *kernels, dsc_kernel_rule rule, size_t n_states,
                        size_t width) {
    static const uint32_t row[] = {4, 19, 0, 7, 12, 11, 3, 18, 5, 9, 1, 16};
    enum { N = sizeof row / sizeof row[0] };
    float weight[N];
    fenced of[3], expected[3], gradients = fenced_create(N * width);
    float *states[2] = {NULL, NULL};
    for (unsigned i = 0; i < 3; i++) {
        of[i] = fenced_create(N_ROWS * width);
        expected[i] = fenced_create(N_ROWS * width);
        fenced_draw(&of[i], 10 + i, VALUES_USUAL);
        for (size_t j = 0; i > 0 && j < of[i].n; j++) { /* squares are not below 0 */
            of[i].values[j] *= of[i].values[j];
        }
        memcpy(expected[i].values, of[i].values, N_ROWS * width * sizeof(float));
    }
    for (size_t s = 0; s < n_states; s++) {
        states[s] = expected[1 + s].values;
    }
    for (size_t t = 0; t < N; t++) {
        weight[t] = (float)(1 + t % 3);
    }
    fenced_draw(&gradients, 13, VALUES_USUAL);
    const dsc_row_steps steps = {
        .rule = rule,
        .parameters = of[0].values,
        .states = {n_states > 0 ? of[1].values : NULL, n_states > 1 ? of[2].values : NULL},
        .width = width,
        .row = row,
        .weight = weight,
        .gradients = gradients.values,
        .n = N,
        .n_samples = 24};
    kernels->step_rows(&steps, &case_step);
    for (size_t t = 0; t < N; t++) {
        step_one(kernels_named("c"), &steps, t, expected[0].values, states);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(of[i].values, expected[i].values, N_ROWS * width * sizeof(float));
        fenced_destroy(&of[i]);
        fenced_destroy(&expected[i]);
    }
    fenced_destroy(&gradients);
}

static void each_row_takes_its_step(void **state) {
    (void)state;
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        for (size_t width = 1; width <= MOST; width++) {
            check_steps(kernels, DSC_KERNEL_SGD, 0, width);
            check_steps(kernels, DSC_KERNEL_SGD, 1, width);
            check_steps(kernels, DSC_KERNEL_ADAM, 2, width);
            check_steps(kernels, DSC_KERNEL_ADAGRAD, 1, width);
            check_steps(kernels, DSC_KERNEL_RMSPROP, 1, width);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_move),
        cmocka_unit_test(rows_are_summed),
        cmocka_unit_test(a_product_is_that_of_its_row),
        cmocka_unit_test(what_is_not_zero_is_picked),
        cmocka_unit_test(sums_are_shifted_and_scaled),
        cmocka_unit_test(each_row_takes_its_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
