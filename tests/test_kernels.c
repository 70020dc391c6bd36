/* The kernels of every instruction set that this processor has, against plain C and against the law
 * that they are written to: one chain of fused multiplications and additions a result, ascending.
 *
 * Every array lies 4 bytes behind a boundary of 64 and between fences. */
#include "kernel_cases.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Steps of the inner dimension that one panel holds, after which gradients are added. */
enum { DEPTH = 256 };

typedef struct shape {
    size_t batch, n_in, n_out;
} shape;

typedef void (*shape_check)(const char *isa, shape of, kernel_values kind);

/* Calls `check` for each instruction set but "c" with blocks and panels that are full, one short,
 * one over, and cut more than once. */
static void for_each_shape(shape_check check) {
    static const size_t batches[] = {1, 2, 5, 6, 7, 12, 13, 27};
    static const size_t n_ins[] = {1, 2, 3, 5, 8, 33};
    static const size_t n_outs[] = {1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 31, 32, 33, 66};
    static const shape deep[] = {{1, 255, 3},  {13, 257, 33}, {14, 600, 40}, {300, 19, 21},
                                 {513, 3, 1},  {256, 16, 16}, {3, 5, 530},   {280, 300, 520},
                                 {530, 40, 7}, {70, 300, 1}};
    for (size_t i = 0; strcmp(dsc_isa_available(i), "c") != 0; i++) {
        const char *isa = dsc_isa_available(i);
        for (size_t b = 0; b < COUNT(batches); b++) {
            for (size_t n = 0; n < COUNT(n_ins); n++) {
                for (size_t o = 0; o < COUNT(n_outs); o++) {
                    check(isa, (shape){batches[b], n_ins[n], n_outs[o]},
                          (b + n + o) % 4 == 0 ? VALUES_SUBNORMAL : VALUES_USUAL);
                }
            }
        }
        for (size_t d = 0; d < COUNT(deep); d++) {
            check(isa, deep[d], VALUES_USUAL);
            check(isa, deep[d], VALUES_SUBNORMAL);
        }
    }
}

static void assert_same(const char *isa, shape of, const char *what, fenced got, fenced expected) {
    assert_int_equal(got.n, expected.n);
    for (size_t i = 0; i < got.n; i++) {
        if (memcmp(&got.values[i], &expected.values[i], sizeof(float)) != 0) {
            fail_msg("%s, %zu x %zu to %zu: %s[%zu] is %a, expected %a", isa, of.batch, of.n_in,
                     of.n_out, what, i, (double)got.values[i], (double)expected.values[i]);
        }
    }
}

/* --- the law, written with fmaf --------------------------------------------------------------- */

static void forward_by_law(dense_case *c) {
    for (size_t s = 0; s < c->batch; s++) {
        for (size_t o = 0; o < c->n_out; o++) {
            float sum = c->has_bias ? c->bias.values[o] : 0;
            for (size_t i = 0; i < c->n_in; i++) {
                sum = fmaf(c->x.values[s * c->n_in + i], c->weights.values[i * c->n_out + o], sum);
            }
            c->z.values[s * c->n_out + o] = sum;
        }
    }
}

static void backward_by_law(dense_case *c) {
    const float *d_z = c->d_a.values; /* the activation is the identity */
    if (c->is_first) {
        memset(c->d_weights.values, 0, c->d_weights.n * sizeof(float));
    }
    for (size_t i = 0; i < c->n_in; i++) {
        for (size_t o = 0; o < c->n_out; o++) {
            for (size_t first = 0; first < c->batch; first += DEPTH) {
                const size_t end = first + DEPTH < c->batch ? first + DEPTH : c->batch;
                float sum = 0;
                for (size_t s = first; s < end; s++) {
                    sum = fmaf(c->x.values[s * c->n_in + i], d_z[s * c->n_out + o], sum);
                }
                c->d_weights.values[i * c->n_out + o] += sum;
            }
        }
    }
    for (size_t s = 0; s < c->batch; s++) {
        for (size_t o = 0; c->has_bias && o < c->n_out; o++) {
            c->d_bias.values[o] += d_z[s * c->n_out + o];
        }
        for (size_t i = 0; i < c->n_in; i++) {
            float sum = 0;
            for (size_t o = 0; o < c->n_out; o++) {
                sum = fmaf(d_z[s * c->n_out + o], c->weights.values[i * c->n_out + o], sum);
            }
            c->d_x.values[s * c->n_in + i] = sum;
        }
    }
}

/* After the backward pass by law, which takes the weights as they were. */
static void step_by_law(dense_case *c) {
    for (size_t i = 0; i < c->weights.n; i++) {
        c->weights.values[i] -= (float)c->step->rate * c->d_weights.values[i];
    }
}

/* Zeros among the inputs, and among the slopes. */
static void put_zeros(dense_case *c) {
    for (size_t i = 0; i < c->x.n; i += 3) {
        c->x.values[i] = i % 2 == 0 ? 0.0F : -0.0F;
    }
    for (size_t i = 0; i < c->d_a.n; i += 5) {
        c->d_a.values[i] = -0.0F;
    }
}

static void check_step(const char *isa, shape of, kernel_values kind) {
    dsc_step step = {.rate = 0.07};
    dense_case got = dense_case_create(of.batch, of.n_in, of.n_out, kind);
    dense_case expected = dense_case_create(of.batch, of.n_in, of.n_out, kind);
    got.is_first = expected.is_first = of.n_out % 2 == 1 || of.batch == 1;
    got.step = expected.step = &step;
    put_zeros(&got);
    put_zeros(&expected);
    dense_case_backward(&got, kernels_named(isa), true);
    backward_by_law(&expected);
    step_by_law(&expected);
    assert_same(isa, of, "weights", got.weights, expected.weights);
    assert_same(isa, of, "d_bias", got.d_bias, expected.d_bias);
    assert_same(isa, of, "d_x", got.d_x, expected.d_x);
    dense_case_destroy(&expected);
    dense_case_destroy(&got);
}

static void a_step_in_the_pass_is_that_behind_it(void **state) {
    (void)state;
    for_each_shape(check_step);
}

/* An infinite slope spoils every weight, also those of an input of 0. */
static void a_step_skips_no_infinite_slope(void **state) {
    (void)state;
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        dsc_step step = {.rate = 0.1};
        dense_case c = dense_case_create(1, 4, 35, VALUES_USUAL);
        c.is_first = true;
        c.step = &step;
        c.x.values[2] = 0;
        c.d_a.values[34] = INFINITY;
        dense_case_backward(&c, kernels_named(dsc_isa_available(i)), false);
        for (size_t k = 0; k < c.weights.n; k++) {
            assert_int_equal(isfinite(c.weights.values[k]) != 0, k % 35 != 34);
        }
        dense_case_destroy(&c);
    }
}

static void check_law(const char *isa, shape of, kernel_values kind) {
    const dsc_kernels *kernels = kernels_named(isa);
    dense_case got = dense_case_create(of.batch, of.n_in, of.n_out, kind);
    dense_case expected = dense_case_create(of.batch, of.n_in, of.n_out, kind);
    got.has_bias = expected.has_bias = (of.n_in + of.n_out) % 3 != 0;
    got.is_first = expected.is_first = (of.batch + of.n_out) % 2 == 0;
    dense_case_forward(&got, kernels);
    dense_case_backward(&got, kernels, true);
    forward_by_law(&expected);
    backward_by_law(&expected);
    assert_same(isa, of, "z", got.z, expected.z);
    assert_same(isa, of, "a", got.a, expected.z);
    assert_same(isa, of, "d_weights", got.d_weights, expected.d_weights);
    assert_same(isa, of, "d_bias", got.d_bias, expected.d_bias);
    assert_same(isa, of, "d_x", got.d_x, expected.d_x);
    dense_case_destroy(&expected);
    dense_case_destroy(&got);
}

static void every_sum_is_one_chain_of_fma(void **state) {
    (void)state;
    for_each_shape(check_law);
}

/* --- plain C ---------------------------------------------------------------------------------- */

/* Both are off by one rounding a term at most, of the sum of the sizes of all terms; a result below
 * the normal numbers by the distance of those. */
static void assert_near(const char *isa, shape of, const char *what, fenced got, fenced plain,
                        size_t n_terms, double largest_term) {
    const double count = (double)(n_terms + 2);
    const double bound =
        2 * count * (count * largest_term * (double)FLT_EPSILON / 2 + (double)FLT_TRUE_MIN);
    for (size_t i = 0; i < got.n; i++) {
        const double difference = (double)got.values[i] - (double)plain.values[i];
        if (!(fabs(difference) <= bound)) {
            fail_msg("%s, %zu x %zu to %zu: %s[%zu] is %.9g, plain C has %.9g", isa, of.batch,
                     of.n_in, of.n_out, what, i, (double)got.values[i], (double)plain.values[i]);
        }
    }
}

static double largest_of(fenced array) {
    double largest = 0;
    for (size_t i = 0; i < array.n; i++) {
        largest = fmax(largest, fabs((double)array.values[i]));
    }
    return largest;
}

static void check_oracle(const char *isa, shape of, kernel_values kind) {
    const dsc_kernels *kernels = kernels_named(isa);
    dense_case got = dense_case_create(of.batch, of.n_in, of.n_out, kind);
    dense_case plain = dense_case_create(of.batch, of.n_in, of.n_out, kind);
    dense_case_forward(&got, kernels);
    dense_case_forward(&plain, &dsc_kernels_c_f32);
    dsc_step step = {.rate = 1};
    got.step = plain.step = of.n_in % 2 == 0 ? &step : NULL;
    got.is_first = plain.is_first = of.n_out % 3 == 0;
    dense_case_backward(&got, kernels, true);
    dense_case_backward(&plain, &dsc_kernels_c_f32, true);
    const double x = largest_of(plain.x), w = largest_of(plain.weights), d = largest_of(plain.d_a);
    assert_near(isa, of, "z", got.z, plain.z, of.n_in, fmax(x * w, largest_of(plain.bias)));
    if (got.step == NULL) {
        assert_near(isa, of, "d_weights", got.d_weights, plain.d_weights, of.batch,
                    fmax(x * d, largest_of(plain.d_weights)));
    } else {
        assert_near(isa, of, "weights", got.weights, plain.weights, of.batch + 1,
                    fmax(w, fmax(x * d, largest_of(plain.d_weights))));
    }
    assert_near(isa, of, "d_x", got.d_x, plain.d_x, of.n_out, d * w);
    assert_same(isa, of, "d_bias", got.d_bias, plain.d_bias);
    dense_case_destroy(&plain);
    dense_case_destroy(&got);
}

static void dense_layers_agree_with_plain_c(void **state) {
    (void)state;
    for_each_shape(check_oracle);
}

/* --- what else the contract of src/math/kernels.h asks for ------------------------------------- */

static void a_sample_does_not_depend_on_its_batch(void **state) {
    (void)state;
    const shape of = {29, 301, 37};
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(i));
        dense_case all = dense_case_create(of.batch, of.n_in, of.n_out, VALUES_USUAL);
        dense_case_forward(&all, kernels);
        dense_case_backward(&all, kernels, true);
        for (size_t s = 0; s < of.batch; s++) {
            dense_case one = dense_case_create(1, of.n_in, of.n_out, VALUES_USUAL);
            memcpy(one.x.values, all.x.values + s * of.n_in, of.n_in * sizeof(float));
            memcpy(one.d_a.values, all.d_a.values + s * of.n_out, of.n_out * sizeof(float));
            dense_case_forward(&one, kernels);
            dense_case_backward(&one, kernels, true);
            assert_memory_equal(one.z.values, all.z.values + s * of.n_out,
                                of.n_out * sizeof(float));
            assert_memory_equal(one.d_x.values, all.d_x.values + s * of.n_in,
                                of.n_in * sizeof(float));
            dense_case_destroy(&one);
        }
        dense_case_destroy(&all);
    }
}

static void what_is_not_wanted_is_not_computed(void **state) {
    (void)state;
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(i));
        dense_case with = dense_case_create(9, 5, 18, VALUES_USUAL);
        dense_case without = dense_case_create(9, 5, 18, VALUES_USUAL);
        fenced untouched = fenced_create(without.d_x.n);
        memcpy(untouched.values, without.d_x.values, without.d_x.n * sizeof(float));
        dense_case_backward(&with, kernels, true);
        dense_case_backward(&without, kernels, false);
        assert_memory_equal(with.d_weights.values, without.d_weights.values,
                            with.d_weights.n * sizeof(float));
        assert_memory_equal(without.d_x.values, untouched.values, untouched.n * sizeof(float));
        fenced_destroy(&untouched);
        dense_case_destroy(&without);
        dense_case_destroy(&with);
    }
}

/* One input that is infinite or not a number spoils the results it enters, and no other. */
static void what_is_not_finite_stays_where_it_belongs(void **state) {
    (void)state;
    static const float values[] = {NAN, INFINITY};
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(i));
        for (size_t v = 0; v < COUNT(values); v++) {
            dense_case c = dense_case_create(13, 7, 19, VALUES_USUAL);
            c.x.values[6 * c.n_in + 3] = values[v];
            dense_case_forward(&c, kernels);
            for (size_t s = 0; s < c.batch; s++) {
                for (size_t o = 0; o < c.n_out; o++) {
                    assert_int_equal(isfinite(c.z.values[s * c.n_out + o]) != 0, s != 6);
                }
            }
            dense_case_backward(&c, kernels, true);
            for (size_t k = 0; k < c.d_weights.n; k++) {
                assert_int_equal(isfinite(c.d_weights.values[k]) != 0, k / c.n_out != 3);
            }
            assert_true(kernels->all_finite(c.d_x.values, c.d_x.n));
            dense_case_destroy(&c);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sum_is_one_chain_of_fma),
        cmocka_unit_test(a_step_in_the_pass_is_that_behind_it),
        cmocka_unit_test(a_step_skips_no_infinite_slope),
        cmocka_unit_test(dense_layers_agree_with_plain_c),
        cmocka_unit_test(a_sample_does_not_depend_on_its_batch),
        cmocka_unit_test(what_is_not_wanted_is_not_computed),
        cmocka_unit_test(what_is_not_finite_stays_where_it_belongs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
