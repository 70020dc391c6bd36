/* Gradients of a dense layer that is cut to some of its inputs: threads share them out, and what comes of
 * a weight must not depend on where they cut. On every instruction set, byte by byte. */
#include "kernel_cases.h"

#include <string.h>

#include "descent/isa.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { N_IN = 51, MOST_CUTS = 3 };

/* Where parts end: narrower than a vector of any set, as wide, wider, and a single input. */
static const size_t all_cuts[][MOST_CUTS] = {
    {N_IN}, {16, N_IN}, {N_IN - 1, N_IN}, {1, N_IN}, {5, 21, N_IN}};

/* Of the inputs first .. end - 1; those of the bias with the last. */
static void find_gradients(dense_case *c, const dsc_kernels *kernels, size_t first, size_t end) {
    const dsc_dense layer = {.n_in = end - first, .n_out = c->n_out};
    float *weights = c->weights.values + first * c->n_out;
    kernels->dense_gradients(&layer,
                             &(dsc_dense_pass){.batch = c->batch,
                                               .x = c->x.values + first,
                                               .x_stride = c->n_in,
                                               .d_z = c->d_a.values,
                                               .d_weights = c->d_weights.values + first * c->n_out,
                                               .is_first = c->is_first,
                                               .stepped_weights = c->step != NULL ? weights : NULL,
                                               .step = c->step,
                                               .d_bias = end == c->n_in ? c->d_bias.values : NULL,
                                               .scratch = c->scratch.values});
}

static dense_case with_gradients(const dsc_kernels *kernels, size_t batch, size_t n_out,
                                 bool is_first, const size_t cuts[MOST_CUTS], dsc_step *step) {
    dense_case c = dense_case_create(batch, N_IN, n_out, VALUES_USUAL);
    c.is_first = is_first;
    c.step = step;
    for (size_t first = 0, i = 0; first < N_IN; first = cuts[i++]) {
        find_gradients(&c, kernels, first, cuts[i]);
    }
    return c;
}

static void assert_same(const char *what, const dsc_kernels *kernels, const dense_case *of,
                        fenced got, fenced whole) {
    for (size_t i = 0; i < got.n; i++) {
        if (memcmp(&got.values[i], &whole.values[i], sizeof(float)) != 0) {
            fail_msg("%s, %zu x %d to %zu: %s[%zu] is %a, of the whole layer %a", kernels->name,
                     of->batch, N_IN, of->n_out, what, i, (double)got.values[i],
                     (double)whole.values[i]);
        }
    }
}

/* With and without a step, on gradients that are there and on none. */
static void check_cuts(const dsc_kernels *kernels, size_t batch, size_t n_out) {
    dsc_step step = {.rate = 0.07};
    for (size_t form = 0; form < 4; form++) {
        const bool is_first = form % 2 == 1;
        dsc_step *const own = form < 2 ? NULL : &step;
        dense_case whole = with_gradients(kernels, batch, n_out, is_first, all_cuts[0], own);
        for (size_t i = 1; i < COUNT(all_cuts); i++) {
            dense_case got = with_gradients(kernels, batch, n_out, is_first, all_cuts[i], own);
            if (own == NULL) { /* otherwise left with any content */
                assert_same("d_weights", kernels, &got, got.d_weights, whole.d_weights);
            }
            assert_same("weights", kernels, &got, got.weights, whole.weights);
            assert_same("d_bias", kernels, &got, got.d_bias, whole.d_bias);
            dense_case_destroy(&got);
        }
        dense_case_destroy(&whole);
    }
}

static void a_cut_layer_has_the_gradients_of_the_whole(void **state) {
    (void)state;
    static const size_t batches[] = {1, 27, 256, 530};
    static const size_t n_outs[] = {1, 2, 7, 8, 33, 130};
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        for (size_t b = 0; b < COUNT(batches); b++) {
            for (size_t o = 0; o < COUNT(n_outs); o++) {
                check_cuts(kernels_named(dsc_isa_available(i)), batches[b], n_outs[o]);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_layer_has_the_gradients_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
