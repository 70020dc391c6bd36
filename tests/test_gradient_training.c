/* Training passes against differences: dropout with a fixed draw, and the penalty on weights.
 *
 * dsc_network_check_gradients takes plain passes, so the differences are taken here. The penalty is
 * added up here too, from the weights: docs/math.md (33), (34). */
#include "gradient_problems.h"

/* As test_gradient_check.c. */
static const double tolerance = 1e-6, scale_floor = 1e-4;

static const dsc_dropout_draw fixed_draw = {.seed = 9, .step = 3, .first_sample = 2};

typedef struct penalty {
    double l1, l2;
} penalty;

/* (34), over weights alone. */
static double penalty_of(const dsc_network *net, penalty strength) {
    double sum = 0;
    for (size_t l = 0; l < dsc_network_n_layers(net); l++) {
        const dsc_matrix w = dsc_network_weights(net, l);
        for (size_t i = 0; i < w.n_rows * w.n_cols; i++) {
            const double value = dsc_matrix_at(w, 0, i);
            sum += strength.l1 * fabs(value) + strength.l2 / 2 * value * value;
        }
    }
    return sum;
}

static double objective(const problem *p, penalty strength) {
    double loss = 0;
    MUST(pass_forward(p, &failure));
    MUST(dsc_network_loss_value(p->net, p->ws, target_of(p), &loss, &failure));
    return loss + penalty_of(p->net, strength);
}

/* Derivative of the objective by *value from four points around it; its error is of order h^4. */
static double derivative_at(const problem *p, penalty strength, double *value, double h) {
    static const int at[4] = {-2, -1, 1, 2};
    const double kept = *value;
    double found[4];
    for (size_t i = 0; i < 4; i++) {
        *value = kept + at[i] * h;
        found[i] = objective(p, strength);
    }
    *value = kept;
    return (found[0] - 8 * found[1] + 8 * found[2] - found[3]) / (12 * h);
}

/* The relative error of the better of a wide step, which a kink may spoil, and a narrow one. */
static double error_of(const problem *p, penalty strength, double *value, double gradient,
                       double floor) {
    static const double steps[] = {1e-3, 1e-5};
    double least = (double)INFINITY;
    for (size_t i = 0; i < COUNT(steps); i++) {
        const double numeric = derivative_at(p, strength, value, steps[i]);
        const double scale = fmax(floor, fmax(fabs(numeric), fabs(gradient)));
        least = fmin(least, fabs(numeric - gradient) / scale);
    }
    return least;
}

/* Some units of the batch are dropped, others are not; there is none of either without dropout. */
static void check_draw(const problem *p, const kind *k) {
    for (size_t l = 0; l + 1 < k->depth; l++) {
        const dsc_matrix d = dsc_workspace_find(p->ws, l, DSC_DROPPED).value;
        assert_int_equal(d.data != NULL, k->dropout > 0);
        const dsc_matrix a = dsc_workspace_find(p->ws, l, DSC_A).value;
        size_t n_dropped = 0, n = a.n_rows * a.n_cols;
        for (size_t i = 0; d.data != NULL && i < n; i++) {
            n_dropped += dsc_matrix_at(d, 0, i) == 0 && dsc_matrix_at(a, 0, i) != 0;
        }
        assert_true(k->dropout == 0 || n_dropped > 0);
    }
}

static void check(const kind *k, penalty strength) {
    problem p = make_problem(k, &fixed_draw);
    const size_t n = dsc_network_n_parameters(p.net), n_x = p.batch * N_IN;
    double gradients[MAX_PARAMETERS], d_x[MAX_BATCH * N_IN], loss;
    assert_in_range(n, 1, MAX_PARAMETERS);
    MUST(pass_forward(&p, &failure));
    check_draw(&p, k);
    MUST(dsc_network_backward(p.net, p.ws, target_of(&p), &loss, &failure));
    const double added = dsc_network_add_penalty(p.net, p.ws, strength.l1, strength.l2);
    assert_true(fabs(added - penalty_of(p.net, strength)) <= 1e-13 * (1 + added));
    memcpy(gradients, dsc_workspace_gradients(p.ws), n * sizeof *gradients);
    memcpy(d_x, dsc_workspace_d_input(p.ws).data, n_x * sizeof *d_x);
    const double floor = scale_floor * fmax(largest_of(dsc_matrix_f64(gradients, 1, n)),
                                            largest_of(dsc_matrix_f64(d_x, 1, n_x)));
    double *parameters = dsc_network_parameters(p.net), worst = 0;
    for (size_t i = 0; i < n; i++) {
        worst = fmax(worst, error_of(&p, strength, &parameters[i], gradients[i], floor));
    }
    for (size_t i = 0; i < n_x; i++) {
        worst = fmax(worst, error_of(&p, strength, &p.x[i], d_x[i], floor));
    }
    if (!(worst <= tolerance)) {
        fail_msg("%s, %s, %s, dropout %g, norms %u, l1 %g, l2 %g, batch %zu: error %g",
                 dsc_activation_name(k->hidden), dsc_activation_name(k->output),
                 dsc_loss_name(k->loss), k->dropout, k->norms, strength.l1, strength.l2, k->batch,
                 worst);
    }
    destroy_problem(&p);
}

/* Every activation with dropout and normalisation in every set of layers; outputs and losses go
 * round. */
static void gradients_with_dropout_are_right(void **state) {
    (void)state;
    for (unsigned i = 0; i < N_ACTIVATIONS * 8; i++) {
        const unsigned hidden = i / 8;
        const kind k = {.hidden = (dsc_activation)hidden,
                        .output = i % 3 == 0 ? DSC_TANH : DSC_IDENTITY,
                        .loss = (dsc_loss)(i % N_LOSSES),
                        .has_bias = i % 2 == 0,
                        .norms = i % 8,
                        .depth = 3,
                        .batch = i % 5 == 0 ? 1 : MAX_BATCH,
                        .huber_delta = 1,
                        .dropout = 0.3};
        check(&k, (penalty){0});
    }
}

static void gradients_with_a_penalty_are_right(void **state) {
    (void)state;
    static const penalty strengths[] = {{0.02, 0}, {0, 0.3}, {0.01, 0.05}};
    for (unsigned i = 0; i < COUNT(strengths) * 4; i++) {
        const kind k = {.hidden = i % 2 == 0 ? DSC_GELU : DSC_LEAKY_RELU,
                        .has_bias = true,
                        .norms = 1,
                        .depth = 3,
                        .batch = 3,
                        .dropout = i / 2 % 2 == 0 ? 0 : 0.4};
        check(&k, strengths[i / 4]);
    }
}

/* Memory that intermediates share changes no byte of what a training pass computes. */
static void intermediates_kept_or_not_give_the_same_gradients(void **state) {
    (void)state;
    for (unsigned i = 0; i < N_ACTIVATIONS * 4; i++) {
        const kind k = {.hidden = (dsc_activation)(i / 4),
                        .output = (dsc_activation)(i / 4),
                        .has_bias = true,
                        .norms = i % 2 == 0 ? 0 : 7,
                        .depth = 3,
                        .batch = MAX_BATCH,
                        .dropout = i / 2 % 2 == 0 ? 0 : 0.4};
        problem p = make_problem(&k, &fixed_draw);
        dsc_workspace *kept = p.ws, *shared = make_workspace(p.net, MAX_BATCH + 1, false);
        MUST(pass_forward(&p, &failure));
        MUST(dsc_network_backward(p.net, kept, target_of(&p), NULL, &failure));
        MUST(dsc_network_forward_training(p.net, shared, input_of(&p), &fixed_draw, &failure));
        MUST(dsc_network_backward(p.net, shared, target_of(&p), NULL, &failure));
        assert_memory_equal(dsc_workspace_output(kept).data, dsc_workspace_output(shared).data,
                            p.batch * p.n_out * sizeof(double));
        assert_memory_equal(dsc_workspace_gradients(kept), dsc_workspace_gradients(shared),
                            dsc_network_n_parameters(p.net) * sizeof(double));
        assert_memory_equal(dsc_workspace_d_input(kept).data, dsc_workspace_d_input(shared).data,
                            p.batch * N_IN * sizeof(double));
        dsc_workspace_destroy(shared);
        destroy_problem(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_with_dropout_are_right),
        cmocka_unit_test(gradients_with_a_penalty_are_right),
        cmocka_unit_test(intermediates_kept_or_not_give_the_same_gradients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
