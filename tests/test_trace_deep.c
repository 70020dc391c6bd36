/* The trace of a deep network with biases against the chain rule written out in plain C. */
#include <math.h>
#include <string.h>

#include "trace_recorder.h"

enum { N = 3, N_0 = 2, N_1 = 3, N_2 = 2, N_3 = 2 };

static const double deep_x[N][N_0] = {{0.5, -1}, {1.5, 2}, {-0.25, 0.75}};
static const double deep_y[N][N_3] = {{1, 0}, {0.25, 0.5}, {0, 1}};

typedef struct deep {
    double w1[N_0][N_1], b1[N_1], w2[N_1][N_2], w3[N_2][N_3], b3[N_3];
} deep;

static const deep deep_start = {
    {{0.5, -0.75, 1}, {0.25, 1.5, -0.5}},
    {0.125, -0.25, 0.5},
    {{1, -0.5}, {0.3, 0.7}, {-0.2, 0.4}},
    {{0.6, -1.1}, {0.9, 0.8}},
    {0.05, -0.15},
};

/* Everything that one step of relu, tanh without bias and sigmoid computes. */
typedef struct deep_pass {
    double z1[N][N_1], a1[N][N_1], z2[N][N_2], a2[N][N_2], z3[N][N_3], a3[N][N_3], e[N][N_3];
    double loss;
    double da3[N][N_3], dz3[N][N_3], da2[N][N_2], dz2[N][N_2], da1[N][N_1], dz1[N][N_1];
    deep gradients;
} deep_pass;

static void run_deep(const deep *p, deep_pass *out) {
    memset(out, 0, sizeof *out);
    deep *g = &out->gradients;
    for (int s = 0; s < N; s++) {
        for (int j = 0; j < N_1; j++) {
            out->z1[s][j] = deep_x[s][0] * p->w1[0][j] + deep_x[s][1] * p->w1[1][j] + p->b1[j];
            out->a1[s][j] = out->z1[s][j] > 0 ? out->z1[s][j] : 0;
        }
        for (int k = 0; k < N_2; k++) {
            for (int j = 0; j < N_1; j++) {
                out->z2[s][k] += out->a1[s][j] * p->w2[j][k];
            }
            out->a2[s][k] = tanh(out->z2[s][k]);
        }
        for (int m = 0; m < N_3; m++) {
            out->z3[s][m] = p->b3[m];
            for (int k = 0; k < N_2; k++) {
                out->z3[s][m] += out->a2[s][k] * p->w3[k][m];
            }
            double a = 1 / (1 + exp(-out->z3[s][m]));
            out->a3[s][m] = a;
            out->e[s][m] = a - deep_y[s][m];
            out->loss += out->e[s][m] * out->e[s][m] / (N * N_3);
            out->da3[s][m] = 2 * out->e[s][m] / (N * N_3);
            out->dz3[s][m] = out->da3[s][m] * a * (1 - a);
            g->b3[m] += out->dz3[s][m];
        }
        for (int k = 0; k < N_2; k++) {
            for (int m = 0; m < N_3; m++) {
                g->w3[k][m] += out->a2[s][k] * out->dz3[s][m];
                out->da2[s][k] += out->dz3[s][m] * p->w3[k][m];
            }
            out->dz2[s][k] = out->da2[s][k] * (1 - out->a2[s][k] * out->a2[s][k]);
        }
        for (int j = 0; j < N_1; j++) {
            for (int k = 0; k < N_2; k++) {
                g->w2[j][k] += out->a1[s][j] * out->dz2[s][k];
                out->da1[s][j] += out->dz2[s][k] * p->w2[j][k];
            }
            out->dz1[s][j] = out->z1[s][j] > 0 ? out->da1[s][j] : 0;
            g->w1[0][j] += deep_x[s][0] * out->dz1[s][j];
            g->w1[1][j] += deep_x[s][1] * out->dz1[s][j];
            g->b1[j] += out->dz1[s][j];
        }
    }
}

static dsc_network *make_deep(void) {
    const dsc_layer_config layers[] = {
        {N_1, DSC_RELU, true}, {N_2, DSC_TANH, false}, {N_3, DSC_SIGMOID, true}};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, N_0, 3, layers);
    MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(deep_start.w1[0], N_0, N_1),
                               dsc_matrix_f64(deep_start.b1, 1, N_1), &failure));
    MUST(dsc_network_set_layer(net, 1, dsc_matrix_f64(deep_start.w2[0], N_1, N_2), (dsc_matrix){0},
                               &failure));
    MUST(dsc_network_set_layer(net, 2, dsc_matrix_f64(deep_start.w3[0], N_2, N_3),
                               dsc_matrix_f64(deep_start.b3, 1, N_3), &failure));
    return net;
}

/* The next entry must be this one, with these values. */
static void expect(size_t *next, size_t step, const char *name, const char *formula,
                   const double *values, size_t n) {
    const kept_entry *e = &kept.entries[(*next)++];
    assert_int_equal(e->step, step);
    assert_string_equal(e->name, name);
    assert_string_equal(e->formula, formula);
    assert_int_equal(e->n_rows * e->n_cols, n);
    for (size_t i = 0; i < n; i++) {
        if (!(fabs(e->values[i] - values[i]) <= 1e-14 * fmax(1, fabs(values[i])))) {
            fail_msg("step %zu, %s, element %zu: %.17g, expected %.17g", step, name, i,
                     e->values[i], values[i]);
        }
    }
}

static void expect_deep_forward(size_t *next, size_t step, const deep_pass *pass) {
    expect(next, step, "Z1", "X W1 + b1", pass->z1[0], N * N_1);
    expect(next, step, "A1", "relu(Z1)", pass->a1[0], N * N_1);
    expect(next, step, "Z2", "A1 W2", pass->z2[0], N * N_2);
    expect(next, step, "A2", "tanh(Z2)", pass->a2[0], N * N_2);
    expect(next, step, "Z3", "A2 W3 + b3", pass->z3[0], N * N_3);
    expect(next, step, "prediction", "sigmoid(Z3)", pass->a3[0], N * N_3);
    expect(next, step, "error", "prediction - Y", pass->e[0], N * N_3);
    assert_string_equal(kept.entries[(*next)++].name, "spectral norm");
    const double frobenius = sqrt(pass->loss * N * N_3);
    expect(next, step, "Frobenius norm", "sqrt(sum of error .* error)", &frobenius, 1);
    expect(next, step, "loss", "1 / (3 * 2) sum of error .* error", &pass->loss, 1);
}

static void expect_deep_backward(size_t *next, size_t step, const deep_pass *pass) {
    const deep *g = &pass->gradients;
    expect(next, step, "dprediction", "2 / (3 * 2) error", pass->da3[0], N * N_3);
    expect(next, step, "dZ3", "dprediction .* prediction .* (1 - prediction)", pass->dz3[0],
           N * N_3);
    expect(next, step, "dW3", "A2' dZ3", g->w3[0], N_2 * N_3);
    expect(next, step, "db3", "column sums of dZ3", g->b3, N_3);
    expect(next, step, "dA2", "dZ3 W3'", pass->da2[0], N * N_2);
    expect(next, step, "dZ2", "dA2 .* (1 - A2 .* A2)", pass->dz2[0], N * N_2);
    expect(next, step, "dW2", "A1' dZ2", g->w2[0], N_1 * N_2);
    expect(next, step, "dA1", "dZ2 W2'", pass->da1[0], N * N_1);
    expect(next, step, "dZ1", "dA1 .* (Z1 > 0)", pass->dz1[0], N * N_1);
    expect(next, step, "dW1", "X' dZ1", g->w1[0], N_0 * N_1);
    expect(next, step, "db1", "column sums of dZ1", g->b1, N_1);
}

static void expect_deep_parameters(size_t *next, size_t step, const deep *p) {
    const bool is_given = step == 0;
    expect(next, step, "W1", is_given ? "" : "W1 - 0.5 dW1", p->w1[0], N_0 * N_1);
    expect(next, step, "b1", is_given ? "" : "b1 - 0.5 db1", p->b1, N_1);
    expect(next, step, "W2", is_given ? "" : "W2 - 0.5 dW2", p->w2[0], N_1 * N_2);
    expect(next, step, "W3", is_given ? "" : "W3 - 0.5 dW3", p->w3[0], N_2 * N_3);
    expect(next, step, "b3", is_given ? "" : "b3 - 0.5 db3", p->b3, N_3);
}

static void a_deep_network_follows_the_chain_rule(void **state) {
    (void)state;
    enum { STEPS = 2 };
    dsc_network *net = make_deep();
    const dsc_trace_config config = {0.5, STEPS};
    memset(&kept, 0, sizeof kept);
    MUST(dsc_trace_run(net, dsc_matrix_f64(deep_x[0], N, N_0), dsc_matrix_f64(deep_y[0], N, N_3),
                       &config, keep, &kept, NULL, &failure));
    deep p = deep_start;
    deep_pass pass;
    size_t next = 0;
    expect(&next, 0, "X", "", deep_x[0], N * N_0);
    expect(&next, 0, "Y", "", deep_y[0], N * N_3);
    expect_deep_parameters(&next, 0, &p);
    for (size_t step = 1; step <= STEPS; step++) {
        run_deep(&p, &pass);
        expect_deep_forward(&next, step, &pass);
        expect_deep_backward(&next, step, &pass);
        double *parameter = p.w1[0];
        const double *gradient = pass.gradients.w1[0];
        for (size_t i = 0; i < sizeof p / sizeof(double); i++) {
            parameter[i] -= 0.5 * gradient[i];
        }
        expect_deep_parameters(&next, step, &p);
    }
    run_deep(&p, &pass);
    expect_deep_forward(&next, STEPS + 1, &pass);
    assert_int_equal(next, kept.n);
    dsc_network_destroy(net);
}

static void shapes_of_products_are_told(void **state) {
    (void)state;
    dsc_network *net = make_deep();
    const dsc_trace_config config = {0.5, 1};
    memset(&kept, 0, sizeof kept);
    MUST(dsc_trace_run(net, dsc_matrix_f64(deep_x[0], N, N_0), dsc_matrix_f64(deep_y[0], N, N_3),
                       &config, keep, &kept, NULL, &failure));
    const struct {
        const char *name, *shapes, *meaning;
    } cases[] = {
        {"Z1", "3 x 3 = (3 x 2) (2 x 3) + (1 x 3)", "weighted sums of hidden layer 1"},
        {"A1", "3 x 3", "output of hidden layer 1"},
        {"Z2", "3 x 2 = (3 x 3) (3 x 2)", "weighted sums of hidden layer 2"},
        {"Z3", "3 x 2 = (3 x 2) (2 x 2) + (1 x 2)", "weighted sums of the output layer"},
        {"prediction", "3 x 2", "output of the network"},
        {"dZ3", "3 x 2", "gradient of the loss at Z3"},
        {"dW1", "2 x 3 = (2 x 3) (3 x 3)", "gradient of the loss at W1"},
        {"db3", "1 x 2", "gradient of the loss at b3"},
        {"dA1", "3 x 3 = (3 x 2) (2 x 3)", "gradient of the loss at A1"},
        {"loss", "", "mean squared error"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t k = 0;
        while (k < kept.n && strcmp(kept.entries[k].name, cases[i].name) != 0) {
            k++;
        }
        assert_true(k < kept.n);
        assert_string_equal(kept.entries[k].shapes, cases[i].shapes);
        assert_string_equal(kept.entries[k].meaning, cases[i].meaning);
    }
    dsc_network_destroy(net);
}

static void the_sink_can_end_the_run_at_any_entry(void **state) {
    (void)state;
    dsc_network *net = make_deep();
    const dsc_trace_config config = {0.5, 1};
    size_t stop_at = 1;
    dsc_status status = DSC_E_CANCELLED;
    while (status == DSC_E_CANCELLED) {
        memset(&kept, 0, sizeof kept);
        kept.stop_at = stop_at++;
        status = dsc_trace_run(net, dsc_matrix_f64(deep_x[0], N, N_0),
                               dsc_matrix_f64(deep_y[0], N, N_3), &config, keep, &kept, NULL, NULL);
        assert_true(status == DSC_OK || kept.n == kept.stop_at);
    }
    assert_int_equal(status, DSC_OK);
    assert_int_equal(kept.n, 7 + 10 + 11 + 5 + 10);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deep_network_follows_the_chain_rule),
        cmocka_unit_test(shapes_of_products_are_told),
        cmocka_unit_test(the_sink_can_end_the_run_at_any_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
