/* The kernels of tiles on every instruction set that this processor has, byte by byte against
 * the law that they are written to: every column one chain of multiplications and additions,
 * ascending, fused on all sets but plain C. */
#include "kernel_cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "descent/random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_fused; /* in the set that is tested */

static float multiply_add(float a, float b, float sum) {
    return is_fused ? fmaf(a, b, sum) : sum + a * b;
}

static float rectify(float x) {
    return x > 0 ? x : 0;
}

typedef void (*set_check)(const dsc_kernels *kernels);

static void for_each_set(set_check check) {
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        is_fused = strcmp(dsc_isa_available(i), "c") != 0;
        check(kernels_named(dsc_isa_available(i)));
    }
}

static fenced drawn(size_t n, unsigned stream, kernel_values kind) {
    fenced array = fenced_create(n);
    fenced_draw(&array, stream, kind);
    return array;
}

static void assert_same(const char *what, const fenced *got, const fenced *expected) {
    assert_int_equal(got->n, expected->n);
    for (size_t i = 0; i < got->n; i++) {
        if (memcmp(&got->values[i], &expected->values[i], sizeof(float)) != 0) {
            fail_msg("%s[%zu] is %a, expected %a", what, i, (double)got->values[i],
                     (double)expected->values[i]);
        }
    }
}

/* --- products
 * ----------------------------------------------------------------------------------- */

/* Column by column; activations but the rectifier by those of the table on a row of one sample. */
static void multiply_by_law(const dsc_kernels *kernels, const dsc_tile_product *p) {
    const float *a = p->a, *x = p->x, *start = p->start, *joined = p->joined;
    float *out = p->out;
    for (size_t c = 0; c < DSC_TILE; c++) {
        float sample[64];
        for (size_t r = 0; r < p->n_rows; r++) {
            float sum = start != NULL ? start[r] : 0;
            for (size_t k = 0; k < p->n_inner; k++) {
                const float value = x[k * DSC_TILE + c];
                sum = multiply_add(a[k * p->a_stride + r],
                                   joined != NULL ? rectify(value + joined[k * DSC_TILE]) : value,
                                   sum);
            }
            sample[r] = sum;
        }
        kernels->activate(sample, sample, p->activation, 1, p->n_rows);
        for (size_t r = 0; r < p->n_rows; r++) {
            out[r * DSC_TILE + c] = sample[r];
        }
    }
}

static void check_product(const dsc_kernels *kernels, size_t n_rows, size_t n_inner, size_t kind) {
    static const dsc_kernel_activation activations[] = {DSC_KERNEL_IDENTITY, DSC_KERNEL_RELU,
                                                        DSC_KERNEL_TANH, DSC_KERNEL_SOFTMAX};
    const kernel_values values = kind % 5 == 0 ? VALUES_SUBNORMAL : VALUES_USUAL;
    fenced a = drawn(n_inner * (n_rows + 3), 1, values), x = drawn(n_inner * DSC_TILE, 2, values);
    fenced start = drawn(n_rows, 3, values), joined = drawn(n_inner * DSC_TILE, 4, values);
    fenced got = fenced_create(n_rows * DSC_TILE), expected = fenced_create(n_rows * DSC_TILE);
    for (size_t form = 0; form < 4; form++) {
        dsc_tile_product p = {.n_rows = n_rows,
                              .n_inner = n_inner,
                              .a = a.values,
                              .a_stride = n_rows + (n_inner > 1 ? 3 : 0),
                              .x = x.values,
                              .joined = form % 2 == 0 ? NULL : joined.values,
                              .start = form < 2 ? NULL : start.values,
                              .activation = activations[(kind + form) % COUNT(activations)],
                              .out = got.values};
        kernels->multiply_tile(&p);
        p.out = expected.values;
        multiply_by_law(kernels, &p);
        assert_same("a product", &got, &expected);
    }
    fenced *all[] = {&a, &x, &start, &joined, &got, &expected};
    for (size_t i = 0; i < COUNT(all); i++) {
        fenced_destroy(all[i]);
    }
}

static void check_products(const dsc_kernels *kernels) {
    static const size_t inners[] = {1, 2, 3, 8, 33};
    for (size_t n_rows = 1; n_rows <= 51; n_rows++) { /* each size of block, and several of them */
        for (size_t i = 0; i < COUNT(inners); i++) {
            check_product(kernels, n_rows, inners[i], n_rows + i);
        }
    }
}

static void products_follow_the_law(void **state) {
    (void)state;
    for_each_set(check_products);
}

/* Bytes from everywhere in low .. high, the ends among them; the first is not aligned. */
static int8_t *drawn_bytes(size_t n, uint64_t stream, int low, int high) {
    int8_t *bytes = malloc(n + 1);
    assert_non_null(bytes);
    dsc_random random = dsc_random_stream(stream, 9, n);
    for (size_t i = 0; i < n; i++) {
        const uint32_t lot = dsc_random_below(&random, (uint32_t)(high - low) + 3);
        const int value = low + (int)lot - 1; /* twice the chance for the ends */
        bytes[i + 1] = (int8_t)(value < low ? low : value > high ? high : value);
    }
    return bytes;
}

static void check_bytes_of(const dsc_kernels *kernels, size_t n_rows, size_t n_groups) {
    const size_t n_inner = n_groups * DSC_BYTE_GROUP;
    int8_t *a = drawn_bytes(n_inner * n_rows, 1, -127, 127);
    int8_t *x = drawn_bytes(n_inner * DSC_TILE, 2, n_rows % 2 == 0 ? -63 : 63, 63);
    int8_t *joined = drawn_bytes(n_inner, 3, -64, 64);
    fenced scale = drawn(n_rows, 1, VALUES_USUAL), start = drawn(n_rows, 3, VALUES_USUAL);
    fenced got = fenced_create(n_rows * DSC_TILE), expected = fenced_create(n_rows * DSC_TILE);
    for (size_t form = 0; form < 2; form++) {
        kernels->multiply_bytes(&(dsc_byte_product){.n_rows = n_rows,
                                                    .n_groups = n_groups,
                                                    .a = a + 1,
                                                    .x = x + 1,
                                                    .joined = joined + 1,
                                                    .scale = scale.values,
                                                    .start = start.values,
                                                    .is_rectified = form == 1,
                                                    .out = got.values});
        for (size_t r = 0; r < n_rows; r++) {
            for (size_t c = 0; c < DSC_TILE; c++) {
                int64_t sum = 0;
                for (size_t i = 0; i < n_inner; i++) {
                    const size_t group = i / DSC_BYTE_GROUP, at = i % DSC_BYTE_GROUP + 1;
                    const int both =
                        x[(group * DSC_TILE + c) * DSC_BYTE_GROUP + at] + joined[i + 1];
                    sum += a[(group * n_rows + r) * DSC_BYTE_GROUP + at] * (both > 0 ? both : 0);
                }
                const float value = multiply_add(scale.values[r], (float)sum, start.values[r]);
                expected.values[r * DSC_TILE + c] = form == 1 ? rectify(value) : value;
            }
        }
        assert_same("a product of bytes", &got, &expected);
    }
    fenced *all[] = {&scale, &start, &got, &expected};
    for (size_t i = 0; i < COUNT(all); i++) {
        fenced_destroy(all[i]);
    }
    free(a);
    free(x);
    free(joined);
}

static void check_bytes(const dsc_kernels *kernels) {
    static const size_t groups[] = {1, 2, 3, 16, 1024};
    const bool is_plain = strcmp(kernels->name, "c") == 0;
    assert_true(!is_plain || !kernels->has_fast_bytes());
    if (!is_plain && !kernels->has_fast_bytes()) {
        return;
    }
    for (size_t n_rows = 1; n_rows <= 35; n_rows++) { /* each size of block, and several of them */
        for (size_t g = 0; g < COUNT(groups); g++) {
            check_bytes_of(kernels, n_rows, groups[g]);
        }
    }
}

static void products_of_bytes_are_exact(void **state) {
    (void)state;
    for_each_set(check_bytes);
}

static void check_dots(const dsc_kernels *kernels) {
    for (size_t n = 1; n <= 40; n++) {
        fenced one = drawn(n * DSC_TILE, 1, VALUES_USUAL);
        fenced other = drawn(n * DSC_TILE, 2, VALUES_USUAL);
        fenced got = fenced_create(DSC_TILE), expected = fenced_create(DSC_TILE);
        kernels->dot_tiles(got.values, one.values, other.values, n);
        for (size_t c = 0; c < DSC_TILE; c++) {
            for (size_t k = 0; k < n; k++) {
                expected.values[c] =
                    multiply_add(one.values[k * DSC_TILE + c], other.values[k * DSC_TILE + c],
                                 expected.values[c]);
            }
        }
        assert_same("a dot product", &got, &expected);
        fenced *all[] = {&one, &other, &got, &expected};
        for (size_t i = 0; i < COUNT(all); i++) {
            fenced_destroy(all[i]);
        }
    }
}

static void dot_products_follow_the_law(void **state) {
    (void)state;
    for_each_set(check_dots);
}

/* --- what goes element by element
 * ----------------------------------------------------------------- */

static void check_joins(const dsc_kernels *kernels) {
    static const dsc_kernel_activation activations[] = {DSC_KERNEL_IDENTITY, DSC_KERNEL_RELU,
                                                        DSC_KERNEL_SIGMOID, DSC_KERNEL_SOFTMAX};
    enum { N_ROWS = 5 };
    fenced one = drawn((size_t)N_ROWS * DSC_TILE, 1, VALUES_USUAL);
    fenced other = drawn((size_t)N_ROWS * DSC_TILE, 3, VALUES_USUAL);
    fenced got = fenced_create((size_t)N_ROWS * DSC_TILE);
    fenced expected = fenced_create((size_t)N_ROWS * DSC_TILE);
    one.values[DSC_TILE + 3] = NAN; /* which no activation may hide */
    for (size_t form = 0; form < 2 * COUNT(activations); form++) {
        const dsc_tile_join join = {.n_rows = N_ROWS,
                                    .one = one.values,
                                    .other = other.values,
                                    .is_spread = form % 2 == 1,
                                    .activation = activations[form / 2]};
        kernels->join_tiles(got.values, &join);
        assert_true(isnan(got.values[DSC_TILE + 3]));
        for (size_t c = 0; c < DSC_TILE; c++) {
            float sample[N_ROWS];
            for (size_t r = 0; r < N_ROWS; r++) {
                sample[r] = one.values[r * DSC_TILE + c] +
                            other.values[r * DSC_TILE + (join.is_spread ? 0 : c)];
            }
            kernels->activate(sample, sample, join.activation, 1, N_ROWS);
            for (size_t r = 0; r < N_ROWS; r++) {
                expected.values[r * DSC_TILE + c] = sample[r];
            }
        }
        assert_same("a sum", &got, &expected);
    }
    fenced *all[] = {&one, &other, &got, &expected};
    for (size_t i = 0; i < COUNT(all); i++) {
        fenced_destroy(all[i]);
    }
}

static void sums_are_activated(void **state) {
    (void)state;
    for_each_set(check_joins);
}

static void check_rows(const dsc_kernels *kernels) {
    enum { N_ROWS = 7, N = N_ROWS * DSC_TILE };
    fenced sum = drawn(N, 1, VALUES_USUAL), more = drawn(N, 2, VALUES_USUAL);
    fenced own = drawn(N_ROWS, 3, VALUES_USUAL), biases = drawn(DSC_TILE, 4, VALUES_USUAL);
    fenced got = fenced_create(N), expected = fenced_create(N), least = fenced_create(N_ROWS);
    for (size_t form = 0; form < 2; form++) {
        uint32_t wanted[N_ROWS], expected_wanted[N_ROWS] = {0};
        for (size_t i = 0; i < N; i++) {
            const size_t r = i / DSC_TILE, c = i % DSC_TILE;
            const float all = form == 1 ? sum.values[i] + more.values[i] : sum.values[i];
            expected.values[i] = all + own.values[r] + biases.values[c];
            got.values[i] = sum.values[i];
            if (c == 3) {
                least.values[r] = expected.values[i]; /* one is equal */
            }
        }
        least.values[1] = -INFINITY;
        for (size_t i = 0; i < N; i++) {
            expected_wanted[i / DSC_TILE] |=
                (uint32_t)(expected.values[i] >= least.values[i / DSC_TILE]) << i % DSC_TILE;
        }
        kernels->finish_rows(got.values, &(dsc_tile_rows){.n_rows = N_ROWS,
                                                          .more = form == 1 ? more.values : NULL,
                                                          .own = own.values,
                                                          .biases = biases.values,
                                                          .least = least.values,
                                                          .wanted = wanted});
        assert_same("a finished row", &got, &expected);
        assert_memory_equal(wanted, expected_wanted, sizeof wanted);
        assert_true((wanted[0] >> 3 & 1) != 0 && wanted[1] == UINT32_MAX);
    }
    fenced *all[] = {&sum, &more, &own, &biases, &got, &expected, &least};
    for (size_t i = 0; i < COUNT(all); i++) {
        fenced_destroy(all[i]);
    }
}

static void rows_are_finished(void **state) {
    (void)state;
    for_each_set(check_rows);
}

static void check_packing(const dsc_kernels *kernels) {
    static const size_t lengths[] = {1, 3, 8, 9, 24};
    for (size_t l = 0; l < COUNT(lengths); l++) {
        for (size_t n_columns = 1; n_columns <= DSC_TILE; n_columns += 31) {
            const size_t n = lengths[l];
            fenced vectors = drawn(n * DSC_TILE, 1, VALUES_USUAL);
            fenced got = drawn(n * DSC_TILE, 3, VALUES_USUAL);
            const void *from[DSC_TILE] = {NULL};
            for (size_t c = 0; c < n_columns; c++) {
                from[c] = vectors.values + (DSC_TILE - 1 - c) * n;
            }
            kernels->pack_tile(got.values, from, n_columns, n);
            for (size_t i = 0; i < n * DSC_TILE; i++) {
                const size_t c = i % DSC_TILE;
                assert_true(
                    got.values[i] ==
                    (c < n_columns ? vectors.values[(DSC_TILE - 1 - c) * n + i / DSC_TILE] : 0));
            }
            fenced_destroy(&vectors);
            fenced_destroy(&got);
        }
    }
}

static void vectors_are_packed(void **state) {
    (void)state;
    for_each_set(check_packing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_follow_the_law), cmocka_unit_test(dot_products_follow_the_law),
        cmocka_unit_test(sums_are_activated),      cmocka_unit_test(rows_are_finished),
        cmocka_unit_test(vectors_are_packed),      cmocka_unit_test(products_of_bytes_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
