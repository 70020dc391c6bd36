/* Products with the Hessian against differences, eigenvalues against Jacobi rotations. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "small_networks.h"

#include "descent/curvature.h"
#include "descent/random.h"
#include "fail_alloc.h"

enum { BATCH = 5, N_IN = 3, N_OUT = 3, MAX_PARAMETERS = 160 };

enum { N_ACTIVATIONS = DSC_SOFTMAX + 1, N_LOSSES = DSC_HINGE + 1 };

static void draw(double *values, size_t n, double scale, uint64_t seed) {
    dsc_random random = dsc_random_stream(seed, 100, 0);
    for (size_t i = 0; i < n; i++) {
        values[i] = scale * dsc_random_normal(&random);
    }
}

/* A network with its data, everything drawn at random, and its Hessian. */
typedef struct problem {
    dsc_network *net;
    dsc_hessian *hessian;
    double x[BATCH * N_IN];
    double target[BATCH * N_OUT];
    size_t n; /* parameters */
} problem;

static bool takes_logits(dsc_loss loss) {
    return loss == DSC_BINARY_CROSS_ENTROPY || loss == DSC_CROSS_ENTROPY;
}

/* Targets as the loss wants them, from what was drawn: -1 or 1, or shares that add up to 1. */
static void fit_target(double *target, dsc_loss loss) {
    for (size_t i = 0; i < BATCH * N_OUT; i++) {
        target[i] = loss == DSC_HINGE    ? (target[i] < 0 ? -1 : 1)
                    : takes_logits(loss) ? 1 / (1 + exp(-target[i]))
                                         : target[i];
    }
    for (size_t s = 0; loss == DSC_CROSS_ENTROPY && s < BATCH; s++) {
        double sum = 0;
        for (size_t k = 0; k < N_OUT; k++) {
            sum += target[s * N_OUT + k];
        }
        for (size_t k = 0; k < N_OUT; k++) {
            target[s * N_OUT + k] /= sum;
        }
    }
}

static void make_hessian(problem *p) {
    MUST(dsc_hessian_create(&p->hessian, p->net, dsc_matrix_f64(p->x, BATCH, N_IN),
                            dsc_matrix_f64(p->target, BATCH, N_OUT), &failure));
    assert_int_equal(dsc_hessian_n_parameters(p->hessian), p->n);
}

static void begin(problem *p, size_t n_layers, const dsc_layer_config *layers, dsc_loss loss,
                  uint64_t seed) {
    static const double class_weights[N_OUT] = {0.5, 1, 3};
    const bool has_classes = takes_logits(loss) || loss == DSC_HINGE;
    const dsc_network_config config = {.precision = DSC_FLOAT64,
                                       .n_in = N_IN,
                                       .n_layers = n_layers,
                                       .layers = layers,
                                       .loss = loss,
                                       .huber_delta = 0.7,
                                       .class_weights = has_classes ? class_weights : NULL};
    MUST(dsc_network_create(&p->net, &config, &failure));
    p->n = dsc_network_n_parameters(p->net);
    assert_true(p->n <= MAX_PARAMETERS);
    double *parameters = dsc_network_parameters(p->net);
    draw(parameters, p->n, 0.7, seed);
    for (size_t i = 0; i < p->n; i++) {
        parameters[i] += 0.2; /* so that no layer of relus is dead for every sample */
    }
    draw(p->x, BATCH * N_IN, 1, seed + 1000);
    draw(p->target, BATCH * N_OUT, 1, seed + 2000);
    fit_target(p->target, loss);
    make_hessian(p);
}

static void end(problem *p) {
    dsc_hessian_destroy(p->hessian);
    dsc_network_destroy(p->net);
}

/* The gradient by the engine's own passes with the parameters moved by h v. */
static void gradient_at(const problem *p, const double *v, double h, double *out) {
    dsc_network *moved = NULL;
    MUST(dsc_network_copy(&moved, p->net, DSC_FLOAT64, &failure));
    double *parameters = dsc_network_parameters(moved);
    for (size_t i = 0; i < p->n; i++) {
        parameters[i] += h * v[i];
    }
    dsc_workspace *ws = make_workspace(moved, BATCH, false);
    MUST(dsc_network_forward(moved, ws, dsc_matrix_f64(p->x, BATCH, N_IN), &failure));
    MUST(dsc_network_backward(moved, ws, dsc_matrix_f64(p->target, BATCH, N_OUT), NULL, &failure));
    memcpy(out, dsc_workspace_gradients(ws), p->n * sizeof *out);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(moved);
}

/* (4 D(h) - D(2 h)) / 3 with D the central difference of the gradient: error O(h^4). */
static void product_by_differences(const problem *p, const double *v, double *out) {
    static const double weights[] = {4.0 / 3, -1.0 / 3};
    const double h = 1e-5; /* so small that a kink is hardly ever crossed */
    double above[MAX_PARAMETERS], below[MAX_PARAMETERS];
    memset(out, 0, p->n * sizeof *out);
    for (size_t k = 0; k < 2; k++) {
        const double step = h * (double)(k + 1);
        gradient_at(p, v, step, above);
        gradient_at(p, v, -step, below);
        for (size_t i = 0; i < p->n; i++) {
            out[i] += weights[k] * (above[i] - below[i]) / (2 * step);
        }
    }
}

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

/* `is_flat`: the Hessian must be zero, else it must not. */
static void check_products(problem *p, bool is_flat, const char *what) {
    double v[MAX_PARAMETERS], u[MAX_PARAMETERS], hv[MAX_PARAMETERS], hu[MAX_PARAMETERS];
    double expected[MAX_PARAMETERS], gradient[MAX_PARAMETERS], off = 0, largest = 0;
    draw(v, p->n, 1, 7);
    draw(u, p->n, 1, 8);
    dsc_hessian_product(p->hessian, v, hv);
    dsc_hessian_product(p->hessian, u, hu);
    product_by_differences(p, v, expected);
    for (size_t i = 0; i < p->n; i++) {
        off = fmax(off, fabs(hv[i] - expected[i]));
        largest = fmax(largest, fabs(expected[i]));
    }
    if (!(off <= (is_flat ? 1e-10 : 1e-6 * largest)) || (largest > 1e-10) == is_flat) {
        fail_msg("%s: off by %g of %g", what, off, largest);
    }
    const double one = dot(u, hv, p->n), other = dot(v, hu, p->n);
    if (!(fabs(one - other) <= 1e-12 * sqrt(dot(hv, hv, p->n) * dot(u, u, p->n)))) {
        fail_msg("%s: not symmetric: %.17g and %.17g", what, one, other);
    }
    gradient_at(p, v, 0, gradient);
    assert_memory_equal(gradient, dsc_hessian_gradient(p->hessian), p->n * sizeof *gradient);
}

static bool is_dead(const problem *p) {
    double v[MAX_PARAMETERS], product[MAX_PARAMETERS];
    draw(v, p->n, 1, 7);
    dsc_hessian_product(p->hessian, v, product);
    return !(dot(product, product, p->n) > 0);
}

/* One to four layers of activation f, with biases in some and normalisation in all or none of the
 * hidden ones; the last is linear where the loss takes logits. */
static void check_network(dsc_activation f, dsc_loss loss, size_t depth, bool has_norm) {
    dsc_layer_config layers[] = {{4, f, true, has_norm, 0},
                                 {4, f, false, has_norm, 0},
                                 {3, f, true, has_norm, 0},
                                 {N_OUT, f, true, has_norm, 0}};
    if (takes_logits(loss)) {
        layers[3].activation = DSC_IDENTITY;
    }
    /* Straight pieces alone, with nothing that multiplies two parameters. */
    const bool is_flat = depth == 1 && !has_norm && (f <= DSC_RELU || f == DSC_LEAKY_RELU) &&
                         (loss == DSC_MEAN_ABSOLUTE_ERROR || loss == DSC_HINGE);
    problem p;
    char what[96];
    snprintf(what, sizeof what, "%s, %s, %zu layers%s", dsc_activation_name(f), dsc_loss_name(loss),
             depth, has_norm ? ", normalised" : "");
    begin(&p, depth, layers + (4 - depth), loss, 100 * f + 10 * loss + depth);
    for (uint64_t seed = 5000; is_dead(&p) && !is_flat && seed < 5010; seed++) {
        end(&p); /* no sample passes all relus */
        begin(&p, depth, layers + (4 - depth), loss, seed);
    }
    check_products(&p, is_flat, what);
    end(&p);
}

static void products_agree_with_differences_of_the_gradient(void **state) {
    (void)state;
    for (int f = 0; f < N_ACTIVATIONS; f++) {
        for (int loss = 0; loss < N_LOSSES; loss++) {
            for (size_t depth = 1; depth <= 4; depth++) {
                check_network((dsc_activation)f, (dsc_loss)loss, depth, false);
                check_network((dsc_activation)f, (dsc_loss)loss, depth, true);
            }
        }
    }
}

/* --- eigenvalues -------------------------------------------------------------------------------
 */

/* Rotates rows and columns p and q of the symmetric matrix m so that m[p][q] becomes 0. */
static void rotate(double *m, size_t n, size_t p, size_t q) {
    const double zeta = (m[q * n + q] - m[p * n + p]) / (2 * m[p * n + q]);
    const double t = (zeta < 0 ? -1 : 1) / (fabs(zeta) + sqrt(1 + zeta * zeta));
    const double c = 1 / sqrt(1 + t * t), s = c * t;
    for (size_t k = 0; k < n; k++) {
        const double a = m[k * n + p], b = m[k * n + q];
        m[k * n + p] = c * a - s * b;
        m[k * n + q] = s * a + c * b;
    }
    for (size_t k = 0; k < n; k++) {
        const double a = m[p * n + k], b = m[q * n + k];
        m[p * n + k] = c * a - s * b;
        m[q * n + k] = s * a + c * b;
    }
}

/* Smallest and largest eigenvalue of the whole Hessian, formed column by column. */
static void extremes(const problem *p, double *low, double *high) {
    const size_t n = p->n;
    double *m = calloc(n * n, sizeof *m);
    double unit[MAX_PARAMETERS] = {0};
    assert_non_null(m);
    for (size_t i = 0; i < n; i++) {
        unit[i] = 1;
        dsc_hessian_product(p->hessian, unit, m + i * n);
        unit[i] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(fabs(m[i * n + j] - m[j * n + i]) <= 1e-12 * (1 + fabs(m[i * n + j])));
            m[i * n + j] = m[j * n + i];
        }
    }
    for (size_t sweep = 0; sweep < 30; sweep++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = i + 1; j < n; j++) {
                if (m[i * n + j] != 0) {
                    rotate(m, n, i, j);
                }
            }
        }
    }
    *low = *high = m[0];
    for (size_t i = 1; i < n; i++) {
        *low = fmin(*low, m[i * n + i]);
        *high = fmax(*high, m[i * n + i]);
    }
    free(m);
}

static dsc_curvature curvature_of(const problem *p) {
    const dsc_curvature_config config = dsc_curvature_defaults();
    dsc_curvature found;
    MUST(dsc_hessian_curvature(p->hessian, &config, &found, &failure));
    return found;
}

static void power_iteration_finds_the_largest_eigenvalue(void **state) {
    (void)state;
    size_t n_negative = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        const dsc_activation f = (dsc_activation)(seed % N_ACTIVATIONS);
        const dsc_layer_config layers[] = {{.n_out = 3, .activation = f, .has_bias = true},
                                           {.n_out = N_OUT, .has_bias = seed % 3 == 0}};
        problem p;
        begin(&p, 2, layers, (dsc_loss)(seed % N_LOSSES), seed);
        if (seed % N_LOSSES <= DSC_MEAN_SQUARED_ERROR && seed % 5 == 4) {
            for (size_t i = 0; i < BATCH * N_OUT; i++) {
                p.target[i] *= 30; /* far from its target: curved downward more than upward */
            }
            dsc_hessian_destroy(p.hessian);
            make_hessian(&p);
        }
        double low, high;
        extremes(&p, &low, &high);
        const dsc_curvature found = curvature_of(&p);
        const double farthest = -low > high ? low : high;
        n_negative += -low > high;
        if (!found.is_exact || !(fabs(found.largest - high) <= 1e-9 * fabs(farthest)) ||
            /* of two that are equally far either may be named */
            !(fabs(fabs(found.largest_magnitude) - fabs(farthest)) <= 1e-9 * fabs(farthest)) ||
            (found.largest_magnitude > 0) != (farthest > 0 || fabs(low + high) < 1e-9)) {
            fail_msg("seed %d: %.12g of %.12g, %.12g of %.12g, residual %g after %zu", (int)seed,
                     found.largest, high, found.largest_magnitude, farthest, found.residual,
                     found.n_products);
        }
        assert_true(fabs(found.rate_bound * found.largest - 2) < 1e-12);
        end(&p);
    }
    assert_true(n_negative > 3); /* the second iteration was needed */
}

static void the_worked_example_has_its_curvature(void **state) {
    (void)state;
    const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};
    for (size_t i = 0; i < COUNT(precisions); i++) {
        problem p = {.net = make_example(precisions[i], DSC_HALF_SUM_OF_SQUARES), .n = 10};
        MUST(dsc_hessian_create(&p.hessian, p.net, example_input(precisions[i]),
                                example_target(precisions[i]), &failure));
        const dsc_curvature found = curvature_of(&p);
        double low, high;
        extremes(&p, &low, &high);
        assert_true(fabs(found.largest - 675.44) < 0.005);
        assert_true(fabs(found.rate_bound - 0.00296) < 0.000005);
        assert_true(found.largest == found.largest_magnitude && found.is_exact);
        assert_true(fabs(found.largest - high) < 1e-9);
        end(&p);
    }
}

/* At zero weights a linear network of two layers has a saddle, whose eigenvalues come in pairs of
 * opposite sign, so that none is the farthest from 0. */
static void a_saddle_of_equal_sides_is_no_trap(void **state) {
    (void)state;
    const dsc_layer_config layers[] = {{.n_out = 2}, {.n_out = 2}};
    problem p = {.net = make_network(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES, 3, 2, layers), .n = 10};
    MUST(dsc_hessian_create(&p.hessian, p.net, example_input(DSC_FLOAT64),
                            example_target(DSC_FLOAT64), &failure));
    double low, high;
    extremes(&p, &low, &high);
    assert_true(fabs(low + high) < 1e-9 && high > 1);
    const dsc_curvature found = curvature_of(&p);
    assert_true(fabs(found.largest - high) <= 1e-9 * high);
    assert_true(fabs(fabs(found.largest_magnitude) - high) <= 1e-6 * high);
    end(&p);
}

/* A dead relu: the loss is flat. */
static void a_flat_loss_has_no_bound(void **state) {
    (void)state;
    const dsc_layer_config layer = {.n_out = 1, .activation = DSC_RELU};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, 1, 1, &layer);
    const double x = 1, target = 1;
    *(double *)dsc_network_parameters(net) = -1;
    problem p = {.net = net, .n = 1};
    MUST(dsc_hessian_create(&p.hessian, net, dsc_matrix_f64(&x, 1, 1),
                            dsc_matrix_f64(&target, 1, 1), &failure));
    const dsc_curvature found = curvature_of(&p);
    assert_true(found.largest == 0 && found.largest_magnitude == 0 && found.is_exact);
    assert_true(isinf(found.rate_bound));
    end(&p);
}

/* --- refusals ----------------------------------------------------------------------------------
 */

static bool stop_at_once(void *user) {
    ++*(size_t *)user;
    return false;
}

static void wrong_settings_are_refused(void **state) {
    (void)state;
    problem p = {.net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES), .n = 10};
    MUST(dsc_hessian_create(&p.hessian, p.net, example_input(DSC_FLOAT64),
                            example_target(DSC_FLOAT64), &failure));
    size_t n_asked = 0;
    const struct {
        dsc_curvature_config config;
        dsc_status expected;
        const char *where;
    } cases[] = {
        {{.max_products = 0, .tolerance = 1e-8}, DSC_E_ARGUMENT, "max_products"},
        {{.max_products = 1, .tolerance = 0}, DSC_E_ARGUMENT, "tolerance"},
        {{.max_products = 1, .tolerance = 1}, DSC_E_ARGUMENT, "tolerance"},
        {{.max_products = 1, .tolerance = NAN}, DSC_E_ARGUMENT, "tolerance"},
        {{1, 1e-8, stop_at_once, &n_asked}, DSC_E_CANCELLED, "curvature"},
        {{1, 1e-15, NULL, NULL}, DSC_OK, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_curvature found = {0};
        dsc_error err = {0};
        assert_int_equal(dsc_hessian_curvature(p.hessian, &cases[i].config, &found, &err),
                         cases[i].expected);
        assert_string_equal(err.where, cases[i].where);
        assert_true(cases[i].expected != DSC_OK || !found.is_exact);
    }
    assert_int_equal(n_asked, 1);
    end(&p);
}

static void wrong_data_is_refused(void **state) {
    (void)state;
    const double huge[] = {1e300, 1e300, 1e300, 0, 1e300, 0};
    const dsc_matrix x = example_input(DSC_FLOAT64), y = example_target(DSC_FLOAT64);
    const struct {
        dsc_matrix x, y;
        dsc_status expected;
        const char *where;
    } cases[] = {
        {dsc_matrix_f64(example_x, 3, 2), y, DSC_E_SHAPE, "input"},
        {dsc_matrix_f64(example_x, 0, 3), y, DSC_E_SHAPE, "input"},
        {{0}, y, DSC_E_SHAPE, "input"},
        {x, dsc_matrix_f64(example_y, 1, 2), DSC_E_SHAPE, "target"},
        {x, {0}, DSC_E_SHAPE, "target"},
        {dsc_matrix_f64(huge, 2, 3), y, DSC_E_NONFINITE, "loss"},
    };
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_hessian *hessian = NULL;
        dsc_error err = {0};
        assert_int_equal(dsc_hessian_create(&hessian, net, cases[i].x, cases[i].y, &err),
                         cases[i].expected);
        assert_null(hessian);
        assert_string_equal(err.where, cases[i].where);
    }
    dsc_network_destroy(net);
}

/* Finite loss and gradient, but a second derivative beyond the largest double. */
static void an_overflow_of_the_curvature_is_reported(void **state) {
    (void)state;
    const dsc_layer_config layer = {.n_out = 1};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, 1, 1, &layer);
    const double x = 1e200, target = 0;
    dsc_hessian *hessian = NULL;
    MUST(dsc_hessian_create(&hessian, net, dsc_matrix_f64(&x, 1, 1), dsc_matrix_f64(&target, 1, 1),
                            &failure));
    const dsc_curvature_config config = dsc_curvature_defaults();
    dsc_curvature found;
    dsc_error err = {0};
    assert_int_equal(dsc_hessian_curvature(hessian, &config, &found, &err), DSC_E_NONFINITE);
    assert_string_equal(err.where, "curvature");
    dsc_hessian_destroy(hessian);
    dsc_network_destroy(net);
}

static dsc_status find_curvature(void *net, dsc_error *err) {
    const dsc_curvature_config config = dsc_curvature_defaults();
    dsc_hessian *hessian = NULL;
    dsc_curvature found;
    dsc_status status = dsc_hessian_create(&hessian, net, example_input(DSC_FLOAT64),
                                           example_target(DSC_FLOAT64), err);
    if (status == DSC_OK) {
        status = dsc_hessian_curvature(hessian, &config, &found, err);
    }
    dsc_hessian_destroy(hessian);
    return status;
}

static void every_lack_of_memory_is_reported(void **state) {
    (void)state;
    dsc_network *net = make_example(DSC_FLOAT64, DSC_HALF_SUM_OF_SQUARES);
    fail_alloc_each(find_curvature, net, 6);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree_with_differences_of_the_gradient),
        cmocka_unit_test(power_iteration_finds_the_largest_eigenvalue),
        cmocka_unit_test(the_worked_example_has_its_curvature),
        cmocka_unit_test(a_saddle_of_equal_sides_is_no_trap),
        cmocka_unit_test(a_flat_loss_has_no_bound),
        cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test(wrong_data_is_refused),
        cmocka_unit_test(an_overflow_of_the_curvature_is_reported),
        cmocka_unit_test(every_lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
