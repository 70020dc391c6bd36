/* Activations and their derivatives at known points, at huge ones, and at not a number.
 *
 * The expected digits were computed with 40 of them by a program for arbitrary precision. */
#include "small_networks.h"

#include <float.h>
#include <math.h>

static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};

/* Rounding units that a result may be off by, and the size below which it is judged as if it had
 * that size: a slope that is written by f(z), such as 1 - f(z)^2, has the rounding of 1. */
static const double units = 8, least_size = 0.01, least_slope = 0.1;

typedef struct matrix {
    dsc_precision precision;
    float f32[8];
    double f64[8];
} matrix;

static dsc_matrix row_of(matrix *m, dsc_precision precision, const double *values, size_t n_cols) {
    for (size_t i = 0; i < n_cols; i++) {
        m->f32[i] = (float)values[i];
        m->f64[i] = values[i];
    }
    return precision == DSC_FLOAT32 ? dsc_matrix_f32(m->f32, 1, n_cols)
                                    : dsc_matrix_f64(m->f64, 1, n_cols);
}

/* f(z) of each z, with n_cols units each of its own weight 1, and f'(z) times d_a. */
typedef struct result {
    double a[8], d_z[8];
} result;

static result apply(dsc_activation activation, dsc_precision precision, const double *z,
                    const double *d_a, size_t n_cols) {
    result found;
    matrix x, d;
    double eye[64] = {0};
    const dsc_layer_config layer = {n_cols, activation, true};
    dsc_network *net = make_network(precision, DSC_HALF_SUM_OF_SQUARES, 1, 1, &layer);
    /* the input is 0 and z is the bias, so that not even infinity times 0 gets in between */
    const dsc_matrix weights = dsc_matrix_f64(eye, 1, n_cols);
    MUST(dsc_network_set_layer(net, 0, weights, (dsc_matrix){0}, &failure));
    for (size_t k = 0; k < n_cols; k++) {
        if (precision == DSC_FLOAT32) {
            ((float *)dsc_network_parameters(net))[n_cols + k] = (float)z[k];
        } else {
            ((double *)dsc_network_parameters(net))[n_cols + k] = z[k];
        }
    }
    dsc_workspace *ws = make_workspace(net, 1, true);
    const double zero = 0;
    MUST(dsc_network_forward(net, ws, row_of(&x, precision, &zero, 1), &failure));
    MUST(dsc_network_backward_from(net, ws, row_of(&d, precision, d_a, n_cols), &failure));
    for (size_t k = 0; k < n_cols; k++) {
        found.a[k] = dsc_matrix_at(dsc_workspace_output(ws), 0, k);
        found.d_z[k] = dsc_matrix_at(dsc_workspace_d_bias(ws, 0), 0, k);
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
    return found;
}

static void assert_within(double found, double expected, double least, dsc_precision precision,
                          const char *what, double z) {
    const double unit = precision == DSC_FLOAT32 ? (double)FLT_EPSILON : DBL_EPSILON;
    if (!(fabs(found - expected) <= units * unit * fmax(fabs(expected), least))) {
        fail_msg("%s at %g, %d bytes: found %.17g, expected %.17g", what, z, (int)precision, found,
                 expected);
    }
}

static void assert_value(double found, double expected, dsc_precision precision, const char *what,
                         double z) {
    assert_within(found, expected, least_size, precision, what, z);
}

static void assert_slope(double found, double expected, dsc_precision precision, const char *what,
                         double z) {
    assert_within(found, expected, least_slope, precision, what, z);
}

typedef struct point {
    dsc_activation activation;
    double z, a, slope;
} point;

static void check_points(const point *points, size_t n) {
    const double one = 1;
    for (size_t i = 0; i < n; i++) {
        for (size_t p = 0; p < COUNT(precisions); p++) {
            const point *at = &points[i];
            const char *name = dsc_activation_name(at->activation);
            const result found = apply(at->activation, precisions[p], &at->z, &one, 1);
            assert_value(found.a[0], at->a, precisions[p], name, at->z);
            assert_slope(found.d_z[0], at->slope, precisions[p], name, at->z);
        }
    }
}

static void known_points(void **state) {
    (void)state;
    static const point points[] = {
        {DSC_IDENTITY, -3, -3, 1},
        {DSC_RELU, -3, 0, 0},
        {DSC_RELU, 0, 0, 0},
        {DSC_RELU, 2, 2, 1},
        {DSC_SIGMOID, -3, 0.047425873177566780879, 0.045176659730912132649},
        {DSC_SIGMOID, 0, 0.5, 0.25},
        {DSC_SIGMOID, 2, 0.88079707797788244406, 0.10499358540350651735},
        {DSC_TANH, -3, -0.99505475368673045133, 0.0098660371654401912732},
        {DSC_TANH, 0.5, 0.4621171572600097585, 0.78644773296592741015},
        {DSC_LEAKY_RELU, -3, -0.03, 0.01},
        {DSC_LEAKY_RELU, 0, 0, 0.01},
        {DSC_LEAKY_RELU, 2, 2, 1},
        {DSC_ELU, -3, -0.95021293163213605702, 0.049787068367863942979},
        {DSC_ELU, -0.5, -0.3934693402873665764, 0.6065306597126334236},
        {DSC_ELU, 0, 0, 1},
        {DSC_ELU, 2, 2, 1},
        {DSC_SOFTPLUS, -3, 0.048587351573742058759, 0.047425873177566780879},
        {DSC_SOFTPLUS, 0, 0.69314718055994530942, 0.5},
        {DSC_SOFTPLUS, 2, 2.1269280110429724964, 0.88079707797788244406},
        {DSC_SOFTPLUS, 30, 30.000000000000093576, 0.99999999999990642377},
        {DSC_GELU, -3, -0.00404969409489028358, -0.011945647204183927},
        {DSC_GELU, -0.75, -0.1699705142826511495, 0.00077427826076489562831},
        {DSC_GELU, 0, 0, 0.5},
        {DSC_GELU, 2, 1.9544997361036415856, 1.0852318010781968967},
        {DSC_GELU, 6, 5.9999999940804741298, 1.0000000354687094539},
        {DSC_SWISH, -3, -0.14227761953270034264, -0.088104106015169617069},
        {DSC_SWISH, -0.75, -0.24061597561845527013, 0.15740005550324650473},
        {DSC_SWISH, 0, 0, 0.5},
        {DSC_SWISH, 2, 1.7615941559557648881, 1.0907842487848954788},
        {DSC_SOFTMAX, 2, 1, 0}, /* of one unit */
    };
    check_points(points, COUNT(points));
}

/* Small results keep their digits, where 1 + x or a difference from 1 would lose them. */
static void tails_keep_their_digits(void **state) {
    (void)state;
    static const point tails[] = {
        {DSC_SIGMOID, -30, 9.3576229688392989538e-14, 9.3576229688384232985e-14},
        {DSC_SOFTPLUS, -30, 9.3576229688397367794e-14, 9.3576229688392989538e-14},
        {DSC_ELU, -1e-4, -9.9995000166662500083e-05, 0.9999000049998333375},
    };
    const double one = 1;
    for (size_t i = 0; i < COUNT(tails); i++) {
        for (size_t p = 0; p < COUNT(precisions); p++) {
            const double unit = precisions[p] == DSC_FLOAT32 ? (double)FLT_EPSILON : DBL_EPSILON;
            const result found = apply(tails[i].activation, precisions[p], &tails[i].z, &one, 1);
            assert_true(fabs(found.a[0] / tails[i].a - 1) < units * unit);
            assert_true(fabs(found.d_z[0] / tails[i].slope - 1) < units * unit);
        }
    }
}

/* Sums as large as they get: no overflow on the way, the limit of the function and of its slope. */
static void huge_sums_do_not_overflow(void **state) {
    (void)state;
    static const struct {
        dsc_activation activation;
        bool grows;      /* f(z) = z for huge z, else `above` */
        double above;    /* f at infinity, of those that do not grow */
        double slope_up; /* f' there */
        double below;    /* f(z) for huge negative z, or what z is multiplied by */
        double slope_down;
    } limits[] = {
        {DSC_RELU, true, 0, 1, 0, 0},     {DSC_SIGMOID, false, 1, 0, 0, 0},
        {DSC_TANH, false, 1, 0, -1, 0},   {DSC_ELU, true, 0, 1, -1, 0},
        {DSC_SOFTPLUS, true, 0, 1, 0, 0}, {DSC_GELU, true, 0, 1, 0, 0},
        {DSC_SWISH, true, 0, 1, 0, 0},
    };
    static const double sizes[] = {1e4, 3e38, 1e308};
    const double ones[] = {1, 1};
    for (size_t i = 0; i < COUNT(limits) * COUNT(sizes) * COUNT(precisions); i++) {
        const dsc_precision precision = precisions[i % COUNT(precisions)];
        const double size = sizes[i / COUNT(precisions) % COUNT(sizes)];
        const size_t at = i / COUNT(precisions) / COUNT(sizes);
        if (precision == DSC_FLOAT32 && size > (double)FLT_MAX) {
            continue;
        }
        const double z[] = {size, -size};
        const result found = apply(limits[at].activation, precision, z, ones, 2);
        const char *name = dsc_activation_name(limits[at].activation);
        assert_value(found.a[0], limits[at].grows ? size : limits[at].above, precision, name, size);
        assert_value(found.a[1], limits[at].below, precision, name, -size);
        assert_slope(found.d_z[0], limits[at].slope_up, precision, name, size);
        assert_slope(found.d_z[1], limits[at].slope_down, precision, name, -size);
    }
}

/* softmax(1, 2, 4), whatever is added to all of them; and its Jacobian a_k (delta_jk - a_j). */
static void softmax_of_known_rows(void **state) {
    (void)state;
    static const double a[] = {0.042010066134066051018, 0.11419519938459447893,
                               0.84379473448133947005};
    static const double shifts[] = {0, 1e4, -1e4};
    for (size_t i = 0; i < COUNT(shifts) * COUNT(precisions) * 3; i++) {
        const dsc_precision precision = precisions[i % COUNT(precisions)];
        const double shift = shifts[i / COUNT(precisions) % COUNT(shifts)];
        const size_t j = i / COUNT(precisions) / COUNT(shifts); /* the output that counts */
        const double z[] = {1 + shift, 2 + shift, 4 + shift};
        const double d_a[] = {j == 0, j == 1, j == 2};
        const result found = apply(DSC_SOFTMAX, precision, z, d_a, 3);
        for (size_t k = 0; k < 3; k++) {
            assert_value(found.a[k], a[k], precision, "softmax", z[k]);
            assert_slope(found.d_z[k], a[k] * ((double)(j == k) - a[j]), precision, "softmax",
                         z[k]);
        }
    }
}

static void softmax_of_huge_rows(void **state) {
    (void)state;
    static const struct {
        double z[3], a[3];
    } rows[] = {
        {{1e4, -1e4, 0}, {1, 0, 0}},
        {{-1e4, -1e4, -1e4}, {1.0 / 3, 1.0 / 3, 1.0 / 3}},
        {{3e38, 3e38, -3e38}, {0.5, 0.5, 0}},
        {{-3e38, 0, -3e38}, {0, 1, 0}},
    };
    const double ones[] = {1, 1, 1};
    for (size_t i = 0; i < COUNT(rows) * COUNT(precisions); i++) {
        const dsc_precision precision = precisions[i % COUNT(precisions)];
        const size_t r = i / COUNT(precisions);
        const result found = apply(DSC_SOFTMAX, precision, rows[r].z, ones, 3);
        for (size_t k = 0; k < 3; k++) {
            assert_value(found.a[k], rows[r].a[k], precision, "softmax", rows[r].z[k]);
            /* adding the same to all outputs' gradients changes nothing: they add up to 1 */
            assert_slope(found.d_z[k], 0, precision, "softmax", rows[r].z[k]);
        }
    }
}

/* A mistake must stay visible: what is not a number is none after the activation either. */
static void not_a_number_stays_so(void **state) {
    (void)state;
    const double ones[] = {1, 1, 1};
    for (int f = 0; dsc_activation_name((dsc_activation)f) != NULL; f++) {
        for (size_t at = 0; at < 3 * COUNT(precisions); at++) {
            double z[] = {1, 2, 3};
            z[at % 3] = (double)NAN;
            const result found = apply((dsc_activation)f, precisions[at / 3], z, ones, 3);
            for (size_t k = 0; k < 3; k++) {
                const bool is_hit = k == at % 3 || f == DSC_SOFTMAX; /* a softmax couples them */
                assert_int_equal(isnan(found.a[k]) != 0, is_hit);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_points),
        cmocka_unit_test(tails_keep_their_digits),
        cmocka_unit_test(huge_sums_do_not_overflow),
        cmocka_unit_test(softmax_of_known_rows),
        cmocka_unit_test(softmax_of_huge_rows),
        cmocka_unit_test(not_a_number_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
