/* Layer normalisation, docs/math.md (31), (32): known rows, constant rows, rows by themselves. */
#include "small_networks.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "descent/random.h"

enum { MAX_UNITS = 7 };

static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};
static const double epsilon = 1e-5; /* of (31) */

/* A layer whose sums are its bias: one input, which is 0, and no activation. */
typedef struct norm {
    dsc_network *net;
    dsc_workspace *ws;
    double n[MAX_UNITS], d_z[MAX_UNITS], d_gain[MAX_UNITS], d_shift[MAX_UNITS];
} norm;

static void write_parameters(dsc_network *net, size_t first, const double *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (dsc_network_precision(net) == DSC_FLOAT32) {
            ((float *)dsc_network_parameters(net))[first + i] = (float)values[i];
        } else {
            ((double *)dsc_network_parameters(net))[first + i] = values[i];
        }
    }
}

static void copy_row(double *to, dsc_matrix from) {
    for (size_t k = 0; k < from.n_cols; k++) {
        to[k] = dsc_matrix_at(from, 0, k);
    }
}

/* Normalises z, and passes d_n back; gain and shift NULL: as a new network has them. */
static norm normalise(dsc_precision precision, size_t n_units, const double *z, const double *gain,
                      const double *shift, const double *d_n) {
    norm of;
    const dsc_layer_config layer = {.n_out = n_units, .has_bias = true, .has_norm = true};
    of.net = make_network(precision, DSC_HALF_SUM_OF_SQUARES, 1, 1, &layer);
    write_parameters(of.net, n_units, z, n_units);
    if (gain != NULL) {
        MUST(dsc_network_set_norm(of.net, 0, dsc_matrix_f64(gain, 1, n_units),
                                  dsc_matrix_f64(shift, 1, n_units), &failure));
    }
    of.ws = make_workspace(of.net, 1, true);
    const double zero = 0;
    const float zero_f32 = 0;
    float d_f32[MAX_UNITS];
    for (size_t k = 0; k < n_units; k++) {
        d_f32[k] = (float)d_n[k];
    }
    const bool is_float = precision == DSC_FLOAT32;
    MUST(dsc_network_forward(
        of.net, of.ws, is_float ? dsc_matrix_f32(&zero_f32, 1, 1) : dsc_matrix_f64(&zero, 1, 1),
        &failure));
    MUST(dsc_network_backward_from(
        of.net, of.ws,
        is_float ? dsc_matrix_f32(d_f32, 1, n_units) : dsc_matrix_f64(d_n, 1, n_units), &failure));
    copy_row(of.n, dsc_workspace_find(of.ws, 0, DSC_NORMED).value);
    copy_row(of.d_z, dsc_workspace_d_bias(of.ws, 0));
    copy_row(of.d_gain, dsc_workspace_d_gain(of.ws, 0));
    copy_row(of.d_shift, dsc_workspace_d_shift(of.ws, 0));
    dsc_workspace_destroy(of.ws);
    dsc_network_destroy(of.net);
    return of;
}

static void assert_near(double found, double expected, dsc_precision precision) {
    const double unit = precision == DSC_FLOAT32 ? (double)FLT_EPSILON : DBL_EPSILON;
    if (!(fabs(found - expected) <= 16 * unit * fmax(fabs(expected), 1))) {
        fail_msg("%d bytes: found %.17g, expected %.17g", (int)precision, found, expected);
    }
}

/* The row 1, 2, 3, 6: mean 3, squared deviations 4, 1, 0, 9, variance 14 / 4. */
static void a_known_row(void **state) {
    (void)state;
    static const double z[] = {1, 2, 3, 6}, gain[] = {1, 2, -1, 0.5}, shift[] = {0, 1, 0.25, -3};
    static const double d_n[] = {1, -0.5, 2, 4};
    const double deviation = sqrt(3.5 + epsilon);
    const double score[] = {-2 / deviation, -1 / deviation, 0, 3 / deviation};
    /* h = gain d_n = 1, -1, -2, 2 has mean 0; h score = (-2 + 1 + 0 + 6) / deviation */
    const double h[] = {1, -1, -2, 2}, along = 5 / deviation / 4;
    for (size_t p = 0; p < COUNT(precisions); p++) {
        const norm found = normalise(precisions[p], 4, z, gain, shift, d_n);
        for (size_t k = 0; k < 4; k++) {
            assert_near(found.n[k], gain[k] * score[k] + shift[k], precisions[p]);
            assert_near(found.d_gain[k], d_n[k] * score[k], precisions[p]);
            assert_near(found.d_shift[k], d_n[k], precisions[p]);
            assert_near(found.d_z[k], (h[k] - score[k] * along) / deviation, precisions[p]);
        }
    }
}

/* A new network has gain 1 and shift 0, also after its parameters were drawn. */
static void a_new_layer_scales_nothing(void **state) {
    (void)state;
    static const dsc_init inits[] = {DSC_INIT_ZERO, DSC_INIT_GLOROT, DSC_INIT_HE};
    static const double z[] = {-1, 1}, d_n[] = {1, 0};
    static const double ones[] = {1, 1}, zeros[] = {0, 0};
    for (size_t p = 0; p < COUNT(precisions); p++) {
        const norm found = normalise(precisions[p], 2, z, NULL, NULL, d_n);
        assert_near(found.n[0], -1 / sqrt(1 + epsilon), precisions[p]);
        assert_near(found.n[1], 1 / sqrt(1 + epsilon), precisions[p]);
        const dsc_layer_config layer = {.n_out = 2, .has_norm = true};
        dsc_network *net = make_network(precisions[p], DSC_HALF_SUM_OF_SQUARES, 3, 1, &layer);
        for (size_t i = 0; i < COUNT(inits); i++) {
            write_parameters(net, 6, (const double[]){7, 7, 7, 7}, 4);
            dsc_network_init(net, inits[i], 1);
            assert_matrix(dsc_network_gain(net, 0), 1, 2, ones);
            assert_matrix(dsc_network_shift(net, 0), 1, 2, zeros);
        }
        dsc_network_destroy(net);
    }
}

/* A row of equal sums has no deviation: it becomes the shift, whatever its size, and its gradient
 * is finite. */
static void a_constant_row_becomes_the_shift(void **state) {
    (void)state;
    static const double sizes[] = {0, 0.1, -7.3, 1e6 / 7, 9804144249716.777};
    static const double gain[] = {1, 2, -1, 3, 1, 1, 1}, shift[] = {0, 1, -1, 0.5, 2, 3, 4};
    static const double d_n[] = {1, 0, 0, 0, 0, 0, 0};
    for (size_t i = 0; i < COUNT(sizes) * COUNT(precisions); i++) {
        const dsc_precision precision = precisions[i % COUNT(precisions)];
        double z[MAX_UNITS];
        for (size_t k = 0; k < MAX_UNITS; k++) {
            z[k] = sizes[i / COUNT(precisions)];
        }
        for (size_t n = 1; n <= MAX_UNITS; n++) {
            const norm found = normalise(precision, n, z, gain, shift, d_n);
            for (size_t k = 0; k < n; k++) {
                assert_true(found.n[k] == shift[k]);
                const double mean = 1.0 / (double)n, factor = 1 / sqrt(epsilon);
                assert_near(found.d_z[k] / factor, (k == 0 ? 1 - mean : -mean), precision);
            }
        }
    }
}

/* The sums may lie far from 0: only their differences count. */
static void the_same_is_added_to_all_sums(void **state) {
    (void)state;
    static const double d_n[] = {1, -1, 0.5};
    const double near[] = {0, 1, 3}, far[] = {1024, 1025, 1027};
    const norm a = normalise(DSC_FLOAT64, 3, near, NULL, NULL, d_n);
    const norm b = normalise(DSC_FLOAT64, 3, far, NULL, NULL, d_n);
    for (size_t k = 0; k < 3; k++) {
        assert_true(fabs(a.n[k] - b.n[k]) < 1e-12);
        assert_true(fabs(a.d_z[k] - b.d_z[k]) < 1e-12);
    }
}

enum { N_IN = 5, N_OUT = 2, BATCH = 9 };

/* Each sample's result and gradient are the same bytes in any batch, which is what layer
 * normalisation is chosen for. */
static void rows_do_not_depend_on_their_batch(void **state) {
    (void)state;
    const dsc_layer_config layers[] = {{.n_out = 6, .activation = DSC_GELU, .has_norm = true},
                                       {.n_out = N_OUT, .has_bias = true, .has_norm = true}};
    float x[BATCH * N_IN], d_y[BATCH * N_OUT], output[BATCH * N_OUT], d_x[BATCH * N_IN];
    dsc_random random = dsc_random_stream(3, 100, 0);
    for (size_t i = 0; i < COUNT(x); i++) {
        x[i] = (float)dsc_random_normal(&random);
    }
    for (size_t i = 0; i < COUNT(d_y); i++) {
        d_y[i] = (float)dsc_random_normal(&random);
    }
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, 2, layers);
    dsc_network_init(net, DSC_INIT_HE, 4);
    dsc_workspace *ws = make_workspace(net, BATCH, false);
    MUST(dsc_network_forward(net, ws, dsc_matrix_f32(x, BATCH, N_IN), &failure));
    MUST(dsc_network_backward_from(net, ws, dsc_matrix_f32(d_y, BATCH, N_OUT), &failure));
    memcpy(output, dsc_workspace_output(ws).data, sizeof output);
    memcpy(d_x, dsc_workspace_d_input(ws).data, sizeof d_x);
    for (size_t n = 1; n <= BATCH; n++) {
        for (size_t s = 0; s + n <= BATCH; s++) {
            MUST(dsc_network_forward(net, ws, dsc_matrix_f32(x + s * N_IN, n, N_IN), &failure));
            MUST(dsc_network_backward_from(net, ws, dsc_matrix_f32(d_y + s * N_OUT, n, N_OUT),
                                           &failure));
            assert_memory_equal(dsc_workspace_output(ws).data, output + s * N_OUT,
                                n * N_OUT * sizeof(float));
            assert_memory_equal(dsc_workspace_d_input(ws).data, d_x + s * N_IN,
                                n * N_IN * sizeof(float));
        }
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_row),
        cmocka_unit_test(a_new_layer_scales_nothing),
        cmocka_unit_test(a_constant_row_becomes_the_shift),
        cmocka_unit_test(the_same_is_added_to_all_sums),
        cmocka_unit_test(rows_do_not_depend_on_their_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
