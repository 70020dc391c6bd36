/* Losses and their gradients at points computed by hand, at huge ones, and at not a number. */
#include "small_networks.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MAX_VALUES = 6, MAX_OUT = 3 };

static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};

/* log(1 + e^1.5), log(1 + e^-1.5), 1 / (1 + e^-1.5). */
#define SOFTPLUS_UP   1.7014132779827524095
#define SOFTPLUS_DOWN 0.2014132779827524095
#define SIGMOID       0.81757447619364365961

/* softmax(1, 2, 4), the log of the sum of its exponentials, and that less the largest. */
#define SHARE_1        0.042010066134066051018
#define SHARE_2        0.11419519938459447893
#define SHARE_3        0.84379473448133947005
#define LOG_SUM        4.1698460195562856488
#define LOG_SUM_LESS_4 0.1698460195562856488

typedef struct example {
    dsc_loss loss;
    double delta;
    double weights[MAX_OUT]; /* all 0: none */
    size_t n, m;
    double a[MAX_VALUES], y[MAX_VALUES]; /* (n, m) */
    double loss_value;
    double d_a[MAX_VALUES];
} example;

/* A network whose prediction is its input: one layer, the identity matrix. */
static dsc_network *make_identity(const example *e, dsc_precision precision) {
    const dsc_layer_config layer = {.n_out = e->m};
    const dsc_network_config config = {.precision = precision,
                                       .n_in = e->m,
                                       .n_layers = 1,
                                       .layers = &layer,
                                       .loss = e->loss,
                                       .huber_delta = e->delta,
                                       .class_weights = e->weights[0] > 0 ? e->weights : NULL};
    dsc_network *net = NULL;
    MUST(dsc_network_create(&net, &config, &failure));
    double eye[MAX_OUT * MAX_OUT] = {0};
    for (size_t k = 0; k < e->m; k++) {
        eye[k * e->m + k] = 1;
    }
    MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(eye, e->m, e->m), (dsc_matrix){0}, &failure));
    return net;
}

/* Memory for one matrix of either precision. */
typedef struct matrix {
    float f32[MAX_VALUES];
    double f64[MAX_VALUES];
} matrix;

static dsc_matrix fill(matrix *m, const double *values, const example *e, dsc_precision precision) {
    for (size_t i = 0; i < e->n * e->m; i++) {
        m->f32[i] = (float)values[i];
        m->f64[i] = values[i];
    }
    return precision == DSC_FLOAT32 ? dsc_matrix_f32(m->f32, e->n, e->m)
                                    : dsc_matrix_f64(m->f64, e->n, e->m);
}

static bool is_near(double found, double expected, double unit) {
    return fabs(found - expected) <= 8 * unit * fmax(fabs(expected), 0.01);
}

static void check(const example *e, dsc_precision precision) {
    matrix a, y;
    double loss = 0, value = 0;
    dsc_network *net = make_identity(e, precision);
    dsc_workspace *ws = make_workspace(net, e->n, true);
    const dsc_matrix target = fill(&y, e->y, e, precision);
    MUST(dsc_network_forward(net, ws, fill(&a, e->a, e, precision), &failure));
    MUST(dsc_network_loss_value(net, ws, target, &value, &failure));
    MUST(dsc_network_backward(net, ws, target, &loss, &failure));
    assert_true(value == loss);
    /* Losses are in double whatever the network's precision is; what is given is exact in both, or
     * rounded to float. */
    const double unit = precision == DSC_FLOAT32 ? (double)FLT_EPSILON : DBL_EPSILON;
    if (!is_near(loss, e->loss_value, unit)) {
        fail_msg("%s: the loss is %.17g, expected %.17g", dsc_loss_name(e->loss), loss,
                 e->loss_value);
    }
    const dsc_matrix gradient = dsc_workspace_find(ws, 0, DSC_A).gradient;
    for (size_t i = 0; i < e->n * e->m; i++) {
        if (!is_near(dsc_matrix_at(gradient, 0, i), e->d_a[i], unit)) {
            fail_msg("%s: gradient %zu is %.17g, expected %.17g", dsc_loss_name(e->loss), i,
                     dsc_matrix_at(gradient, 0, i), e->d_a[i]);
        }
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

static void check_all(const example *examples, size_t n) {
    for (size_t i = 0; i < n; i++) {
        for (size_t p = 0; p < COUNT(precisions); p++) {
            check(&examples[i], precisions[p]);
        }
    }
}

static void losses_of_errors(void **state) {
    (void)state;
    static const example examples[] = {
        /* errors 2, -2 */
        {DSC_HALF_SUM_OF_SQUARES, 0, {0}, 1, 2, {3, -1}, {1, 1}, 4, {2, -2}},
        {DSC_MEAN_SQUARED_ERROR, 0, {0}, 1, 2, {3, -1}, {1, 1}, 4, {2, -2}},
        {DSC_MEAN_SQUARED_ERROR, 0, {0}, 2, 1, {3, -1}, {1, 1}, 4, {2, -2}},
        /* errors 2, -2, 0, 1/2 */
        {DSC_MEAN_ABSOLUTE_ERROR,
         0,
         {0},
         2,
         2,
         {3, -1, 2, 0.5},
         {1, 1, 2, 0},
         1.125,
         {0.25, -0.25, 0, 0.25}},
        /* errors 1/2, -3, 1, 0: 1/8 + 5/2 + 1/2 */
        {DSC_HUBER, 1, {0}, 2, 2, {0.5, -3, 1, 0}, {0, 0, 0, 0}, 0.78125, {0.125, -0.25, 0.25, 0}},
        /* 0 stands for a delta of 1 */
        {DSC_HUBER, 0, {0}, 1, 2, {0.5, -3}, {0, 0}, 1.3125, {0.25, -0.5}},
        /* errors 3, -1: 2 (3 - 1) + 1/2 */
        {DSC_HUBER, 2, {0}, 1, 2, {3, -1}, {0, 0}, 2.25, {1, -0.5}},
    };
    check_all(examples, COUNT(examples));
}

static void losses_of_logits(void **state) {
    (void)state;
    static const example examples[] = {
        {DSC_BINARY_CROSS_ENTROPY,
         0,
         {0},
         1,
         2,
         {1.5, -1.5},
         {1, 0},
         SOFTPLUS_DOWN,
         {(SIGMOID - 1) / 2, (1 - SIGMOID) / 2}},
        /* a share of 1/4 */
        {DSC_BINARY_CROSS_ENTROPY,
         0,
         {0},
         1,
         1,
         {1.5},
         {0.25},
         0.25 * SOFTPLUS_DOWN + 0.75 * SOFTPLUS_UP,
         {SIGMOID - 0.25}},
        /* the weight is that of the positives alone */
        {DSC_BINARY_CROSS_ENTROPY,
         0,
         {3, 5},
         1,
         2,
         {1.5, 1.5},
         {1, 0},
         (3 * SOFTPLUS_DOWN + SOFTPLUS_UP) / 2,
         {3 * (SIGMOID - 1) / 2, SIGMOID / 2}},
        {DSC_CROSS_ENTROPY,
         0,
         {0},
         1,
         3,
         {1, 2, 4},
         {0, 0, 1},
         LOG_SUM_LESS_4,
         {SHARE_1, SHARE_2, SHARE_3 - 1}},
        {DSC_CROSS_ENTROPY,
         0,
         {0},
         1,
         3,
         {1, 2, 4},
         {0.5, 0.5, 0},
         LOG_SUM - 1.5,
         {SHARE_1 - 0.5, SHARE_2 - 0.5, SHARE_3}},
        /* two samples: a mean over samples, not over outputs */
        {DSC_CROSS_ENTROPY,
         0,
         {0},
         2,
         3,
         {1, 2, 4, 1, 2, 4},
         {1, 0, 0, 0, 0, 1},
         LOG_SUM - 2.5,
         {(SHARE_1 - 1) / 2, SHARE_2 / 2, SHARE_3 / 2, SHARE_1 / 2, SHARE_2 / 2,
          (SHARE_3 - 1) / 2}},
        /* weighted: divided by the samples, not by the sum of their weights */
        {DSC_CROSS_ENTROPY,
         0,
         {2, 1, 0.5},
         2,
         3,
         {1, 2, 4, 1, 2, 4},
         {1, 0, 0, 0, 0, 1},
         (2 * (LOG_SUM - 1) + 0.5 * (LOG_SUM_LESS_4)) / 2,
         {SHARE_1 - 1, SHARE_2, SHARE_3, SHARE_1 / 4, SHARE_2 / 4, (SHARE_3 - 1) / 4}},
        /* gaps 1/2, none, 2; and 3/2 of a negative, which has no weight */
        {DSC_HINGE, 0, {0}, 1, 3, {0.5, 2, -1}, {1, 1, 1}, 2.5 / 3, {-1.0 / 3, 0, -1.0 / 3}},
        {DSC_HINGE, 0, {4, 4}, 1, 2, {0.5, 0.5}, {1, -1}, 1.75, {-2, 0.5}},
    };
    check_all(examples, COUNT(examples));
}

/* Logits of +-1e4: their exponentials overflow even in double. */
static void huge_logits_do_not_overflow(void **state) {
    (void)state;
    static const example examples[] = {
        {DSC_BINARY_CROSS_ENTROPY,
         0,
         {0},
         2,
         2,
         {1e4, -1e4, 1e4, -1e4},
         {1, 0, 0, 1},
         5e3,
         {0, 0, 0.25, -0.25}},
        {DSC_CROSS_ENTROPY, 0, {0}, 1, 3, {1e4, -1e4, 0}, {1, 0, 0}, 0, {0}},
        {DSC_CROSS_ENTROPY, 0, {0}, 1, 3, {1e4, -1e4, 0}, {0, 1, 0}, 2e4, {1, -1, 0}},
        {DSC_CROSS_ENTROPY,
         0,
         {0},
         1,
         2,
         {-1e4, -1e4},
         {1, 0},
         0.69314718055994530942,
         {-0.5, 0.5}},
        {DSC_CROSS_ENTROPY, 0, {0}, 1, 2, {3e38, -3e38}, {1, 0}, 0, {0}},
        {DSC_HINGE, 0, {0}, 1, 2, {1e4, -1e4}, {1, 1}, 5000.5, {0, -0.5}},
        {DSC_HUBER, 1, {0}, 1, 1, {1e4}, {-1e4}, 19999.5, {1}},
    };
    check_all(examples, COUNT(examples));
}

static void refuse(const example *e, dsc_precision precision) {
    matrix a, y;
    dsc_network *net = make_identity(e, precision);
    dsc_workspace *ws = make_workspace(net, e->n, true);
    const dsc_matrix target = fill(&y, e->y, e, precision);
    double loss = -1;
    dsc_error err = {0};
    MUST(dsc_network_forward(net, ws, fill(&a, e->a, e, precision), &failure));
    if (dsc_network_loss_value(net, ws, target, &loss, NULL) != DSC_E_NONFINITE ||
        dsc_network_backward(net, ws, target, &loss, &err) != DSC_E_NONFINITE) {
        fail_msg("%s takes a = (%g, %g), y = (%g, %g) for a loss of %g", dsc_loss_name(e->loss),
                 e->a[0], e->a[1], e->y[0], e->y[1], loss);
    }
    assert_int_equal(err.code, DSC_E_NONFINITE);
    assert_true(loss == -1);
    for (size_t i = 0; i < dsc_network_n_parameters(net); i++) {
        assert_true(dsc_matrix_at(dsc_workspace_d_weights(ws, 0), 0, i) == 0);
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* Not a number, and infinity where the loss has no limit, are reported and never trained on. */
static void what_is_not_a_number_is_refused(void **state) {
    (void)state;
    const double nan = (double)NAN, inf = (double)INFINITY;
    for (int loss = 0; dsc_loss_name((dsc_loss)loss) != NULL; loss++) {
        for (size_t p = 0; p < COUNT(precisions); p++) {
            const example examples[] = {
                {.loss = (dsc_loss)loss, .n = 1, .m = 2, .a = {nan, 1}, .y = {1, 1}},
                {.loss = (dsc_loss)loss, .n = 1, .m = 2, .a = {1, nan}, .y = {1, 0}},
                {.loss = (dsc_loss)loss, .n = 1, .m = 2, .a = {1, 1}, .y = {nan, 1}},
                {.loss = (dsc_loss)loss, .n = 1, .m = 2, .a = {1, 1}, .y = {1, nan}},
                {.loss = (dsc_loss)loss, .n = 1, .m = 1, .a = {-inf}, .y = {1}},
                {.loss = (dsc_loss)loss, .n = 2, .m = 1, .a = {0, inf}, .y = {1, -1}},
                {.loss = (dsc_loss)loss, .n = 1, .m = 2, .a = {1, 1}, .y = {1, inf}},
            };
            for (size_t i = 0; i < COUNT(examples); i++) {
                if (i == COUNT(examples) - 1 && loss == DSC_HINGE) {
                    continue; /* a target of infinity is on the right side of any margin */
                }
                refuse(&examples[i], precisions[p]);
            }
        }
    }
}

/* A finite loss, in double, whose slope is beyond a float: no step may be taken by it. */
static void a_slope_beyond_single_precision_is_refused(void **state) {
    (void)state;
    static const example examples[] = {
        {.loss = DSC_HALF_SUM_OF_SQUARES, .n = 1, .m = 2, .a = {1, 2e38}, .y = {1, -2e38}},
        {.loss = DSC_MEAN_SQUARED_ERROR, .n = 1, .m = 1, .a = {2e38}, .y = {-2e38}},
    };
    for (size_t i = 0; i < COUNT(examples); i++) {
        matrix a, y;
        const example *e = &examples[i];
        dsc_network *net = make_identity(e, DSC_FLOAT32);
        dsc_workspace *ws = make_workspace(net, 1, true);
        const dsc_matrix target = fill(&y, e->y, e, DSC_FLOAT32);
        double loss = -1;
        dsc_error err = {0};
        MUST(dsc_network_forward(net, ws, fill(&a, e->a, e, DSC_FLOAT32), &failure));
        assert_int_equal(dsc_network_backward(net, ws, target, &loss, &err), DSC_E_NONFINITE);
        assert_string_equal(err.where, "gradient at the output");
        assert_true(loss == -1);
        assert_true(dsc_matrix_at(dsc_workspace_d_weights(ws, 0), 0, 0) == 0);
        MUST(dsc_network_loss_value(net, ws, target, &loss, &failure));
        assert_true(isfinite(loss));
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_of_errors),
        cmocka_unit_test(losses_of_logits),
        cmocka_unit_test(huge_logits_do_not_overflow),
        cmocka_unit_test(what_is_not_a_number_is_refused),
        cmocka_unit_test(a_slope_beyond_single_precision_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
