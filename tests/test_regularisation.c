/* What keeps a network from learning its samples by heart: dropout, penalty; and clipping.
 * docs/math.md (33), (34), (35). */
#include "small_networks.h"

#include <math.h>
#include <string.h>

#include "descent/random.h"

enum { N_IN = 3, WIDE = 400, NARROW = 250, N_OUT = 2, BATCH = 50 };

static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};

/* Two hidden layers with dropout; the sigmoid is never 0, so that a 0 is a dropped unit. */
static dsc_network *make_dropping(dsc_precision precision, double p) {
    const dsc_layer_config layers[] = {
        {.n_out = WIDE, .activation = DSC_SIGMOID, .has_bias = true, .dropout = p},
        {.n_out = NARROW, .activation = DSC_SIGMOID, .has_bias = true, .dropout = p / 2},
        {.n_out = N_OUT}};
    dsc_network *net = make_network(precision, DSC_MEAN_SQUARED_ERROR, N_IN, 3, layers);
    dsc_network_init(net, DSC_INIT_GLOROT, 5);
    return net;
}

/* The same numbers in either precision: (BATCH, n_cols) of them. */
static dsc_matrix numbers(dsc_precision precision, uint32_t purpose, size_t n_cols) {
    static float f32[2][BATCH * N_IN];
    static double f64[2][BATCH * N_IN];
    dsc_random random = dsc_random_stream(23, 100 + purpose, 0);
    for (size_t i = 0; i < BATCH * n_cols; i++) {
        f64[purpose][i] = dsc_random_normal(&random);
        f32[purpose][i] = (float)f64[purpose][i];
    }
    return precision == DSC_FLOAT32 ? dsc_matrix_f32(f32[purpose], BATCH, n_cols)
                                    : dsc_matrix_f64(f64[purpose], BATCH, n_cols);
}

static dsc_matrix input(dsc_precision precision) {
    return numbers(precision, 0, N_IN);
}

/* Rows first .. first + n - 1 of m. */
static dsc_matrix rows_of(dsc_matrix m, size_t first, size_t n) {
    const char *data = (const char *)m.data + first * m.n_cols * (size_t)m.precision;
    return (dsc_matrix){data, n, m.n_cols, m.precision};
}

static void pass(const dsc_network *net, dsc_workspace *ws, const dsc_dropout_draw *draw) {
    MUST(dsc_network_forward_training(net, ws, input(dsc_network_precision(net)), draw, &failure));
}

/* Of the layer's outputs each is 0 with probability p, or the activation over 1 - p; the share of
 * zeros is within five standard deviations. */
static void check_dropped(const dsc_workspace *ws, size_t l, double p) {
    const dsc_matrix a = dsc_workspace_find(ws, l, DSC_A).value;
    const dsc_matrix d = dsc_workspace_find(ws, l, DSC_DROPPED).value;
    const size_t n = a.n_rows * a.n_cols;
    size_t n_dropped = 0;
    for (size_t i = 0; i < n; i++) {
        const double kept = dsc_matrix_at(a, 0, i), found = dsc_matrix_at(d, 0, i);
        assert_true(kept > 0);
        if (found == 0) {
            n_dropped++;
        } else if (!(fabs(found * (1 - p) / kept - 1) <
                     (a.precision == DSC_FLOAT32 ? 3e-7 : 1e-15))) {
            fail_msg("p %g: %.17g became %.17g", p, kept, found);
        }
    }
    const double share = (double)n_dropped / (double)n, bound = 5 * sqrt(p * (1 - p) / (double)n);
    if (!(fabs(share - p) < bound)) {
        fail_msg("layer %zu: %g of the units are dropped, expected %g +- %g", l + 1, share, p,
                 bound);
    }
}

static void the_asked_share_is_dropped(void **state) {
    (void)state;
    static const double shares[] = {0.05, 0.5, 0.9};
    for (size_t i = 0; i < COUNT(shares) * COUNT(precisions); i++) {
        const double p = shares[i / COUNT(precisions)];
        dsc_network *net = make_dropping(precisions[i % COUNT(precisions)], p);
        dsc_workspace *ws = make_workspace(net, BATCH, i % 3 == 0);
        pass(net, ws, &(dsc_dropout_draw){.seed = i});
        check_dropped(ws, 0, p);
        check_dropped(ws, 1, p / 2);
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

/* Which outputs of a layer the last pass dropped. */
static void read_mask(const dsc_workspace *ws, size_t l, bool *out) {
    const dsc_matrix d = dsc_workspace_find(ws, l, DSC_DROPPED).value;
    for (size_t i = 0; i < d.n_rows * d.n_cols; i++) {
        out[i] = dsc_matrix_at(d, 0, i) == 0;
    }
}

static size_t n_different(const bool *a, const bool *b, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += a[i] != b[i];
    }
    return count;
}

/* The draw is fixed by seed, step and sample alone, whatever the cut of the batch and the
 * precision; any other of them is another draw, of which half the units differ. */
static void a_draw_is_named_by_seed_step_and_sample(void **state) {
    (void)state;
    static bool expected[BATCH * WIDE], found[BATCH * WIDE];
    static const dsc_dropout_draw named = {.seed = 7, .step = 3, .first_sample = 1000};
    static const dsc_dropout_draw others[] = {
        {7 + (UINT64_C(1) << 40), 3, 1000}, {8, 3, 1000}, {7, 4, 1000}, {7, 3, 1000 + BATCH}};
    dsc_network *nets[] = {make_dropping(DSC_FLOAT64, 0.5), make_dropping(DSC_FLOAT32, 0.5)};
    dsc_workspace *ws = make_workspace(nets[0], BATCH, false);
    pass(nets[0], ws, &named);
    read_mask(ws, 0, expected);
    for (size_t i = 0; i < COUNT(others); i++) {
        pass(nets[0], ws, &others[i]);
        read_mask(ws, 0, found);
        assert_in_range(n_different(expected, found, COUNT(found)), COUNT(found) * 48 / 100,
                        COUNT(found) * 52 / 100);
    }
    dsc_workspace_destroy(ws);
    for (size_t i = 0; i < 2; i++) {
        ws = make_workspace(nets[i], BATCH, false);
        for (size_t cut = 0; cut < BATCH; cut += 7) { /* 0: the whole batch, and nothing */
            const dsc_matrix x = input(dsc_network_precision(nets[i]));
            dsc_dropout_draw part = named;
            MUST(dsc_network_forward_training(nets[i], ws, rows_of(x, 0, BATCH - cut), &part,
                                              &failure));
            read_mask(ws, 0, found);
            if (cut > 0) {
                part.first_sample += (uint32_t)(BATCH - cut);
                MUST(dsc_network_forward_training(nets[i], ws, rows_of(x, BATCH - cut, cut), &part,
                                                  &failure));
                read_mask(ws, 0, found + (BATCH - cut) * WIDE);
            }
            assert_memory_equal(expected, found, sizeof found);
        }
        dsc_workspace_destroy(ws);
        dsc_network_destroy(nets[i]);
    }
}

/* Neighbours, samples and layers each draw for themselves. */
static void draws_do_not_repeat(void **state) {
    (void)state;
    static bool wide[BATCH * WIDE], narrow[BATCH * NARROW];
    const dsc_layer_config layers[] = {{.n_out = NARROW, .activation = DSC_SIGMOID, .dropout = 0.5},
                                       {.n_out = NARROW, .activation = DSC_SIGMOID, .dropout = 0.5},
                                       {.n_out = N_OUT}};
    dsc_network *net = make_network(DSC_FLOAT64, DSC_MEAN_SQUARED_ERROR, N_IN, 3, layers);
    dsc_workspace *ws = make_workspace(net, BATCH, false);
    pass(net, ws, &(dsc_dropout_draw){.seed = 1});
    read_mask(ws, 0, wide);
    read_mask(ws, 1, narrow);
    const size_t n = BATCH * NARROW;
    const size_t counts[] = {n_different(wide, narrow, n), n_different(wide, wide + 1, n),
                             n_different(wide, wide + NARROW, n - NARROW)};
    for (size_t i = 0; i < COUNT(counts); i++) {
        assert_in_range(counts[i], n * 46 / 100, n * 54 / 100);
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* A plain pass gives what the same network without dropout gives, before and after training. */
static void a_plain_pass_drops_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(precisions); i++) {
        const dsc_precision precision = precisions[i];
        dsc_network *net = make_dropping(precision, 0.5), *without = make_dropping(precision, 0);
        dsc_workspace *ws = make_workspace(net, BATCH, false);
        dsc_workspace *expected = make_workspace(without, BATCH, false);
        pass(without, expected, &(dsc_dropout_draw){0}); /* and training without dropout is plain */
        MUST(dsc_network_forward(net, ws, input(precision), &failure));
        const size_t n_bytes = BATCH * N_OUT * (size_t)precision;
        assert_memory_equal(dsc_workspace_output(ws).data, dsc_workspace_output(expected).data,
                            n_bytes);
        pass(net, ws, &(dsc_dropout_draw){0});
        assert_memory_not_equal(dsc_workspace_output(ws).data, dsc_workspace_output(expected).data,
                                n_bytes);
        assert_non_null(dsc_workspace_find(ws, 0, DSC_DROPPED).value.data);
        MUST(dsc_network_forward(net, ws, input(precision), &failure));
        assert_memory_equal(dsc_workspace_output(ws).data, dsc_workspace_output(expected).data,
                            n_bytes);
        assert_null(dsc_workspace_find(ws, 0, DSC_DROPPED).value.data);
        assert_null(dsc_workspace_find(expected, 0, DSC_DROPPED).name);
        dsc_workspace_destroy(ws);
        dsc_workspace_destroy(expected);
        dsc_network_destroy(net);
        dsc_network_destroy(without);
    }
}

/* What was dropped has no gradient, what survived that of its result over 1 - p. */
static void gradients_pass_through_survivors_alone(void **state) {
    (void)state;
    const double p = 0.25;
    dsc_network *net = make_dropping(DSC_FLOAT64, p);
    dsc_workspace *ws = make_workspace(net, BATCH, true);
    pass(net, ws, &(dsc_dropout_draw){.seed = 2});
    MUST(dsc_network_backward(net, ws, numbers(DSC_FLOAT64, 1, N_OUT), NULL, &failure));
    const dsc_intermediate a = dsc_workspace_find(ws, 0, DSC_A);
    const dsc_intermediate d = dsc_workspace_find(ws, 0, DSC_DROPPED);
    size_t n_dropped = 0, n_kept = 0;
    for (size_t i = 0; i < BATCH * WIDE; i++) {
        const double d_d = dsc_matrix_at(d.gradient, 0, i), d_a = dsc_matrix_at(a.gradient, 0, i);
        assert_true(d_d != 0);
        if (dsc_matrix_at(d.value, 0, i) == 0) {
            assert_true(d_a == 0);
            n_dropped++;
        } else {
            assert_true(fabs(d_a * (1 - p) / d_d - 1) < 1e-14);
            n_kept++;
        }
    }
    assert_true(n_dropped > 0 && n_kept > n_dropped);
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

/* --- penalty and clipping by hand --------------------------------------------------------------
 */

/* Two layers of one unit with every kind of parameter; weights 2, -0.5, 0 and 1. */
static dsc_network *make_penalised(dsc_precision precision) {
    const dsc_layer_config layers[] = {{.n_out = 1, .has_bias = true, .has_norm = true},
                                       {.n_out = 1, .has_bias = true}};
    static const double w1[] = {2, -0.5, 0}, w2[] = {1}, large[] = {70};
    dsc_network *net = make_network(precision, DSC_HALF_SUM_OF_SQUARES, 3, 2, layers);
    const dsc_matrix seventy = dsc_matrix_f64(large, 1, 1);
    MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(w1, 3, 1), seventy, &failure));
    MUST(dsc_network_set_layer(net, 1, dsc_matrix_f64(w2, 1, 1), seventy, &failure));
    MUST(dsc_network_set_norm(net, 0, seventy, seventy, &failure));
    return net;
}

/* 0.1 (2 + 0.5 + 0 + 1) + 0.4 / 2 (4 + 0.25 + 0 + 1), and nothing of the four numbers of 70. */
static void the_penalty_is_on_weights_alone(void **state) {
    (void)state;
    static const double d[] = {0.1 + 0.8, -0.1 - 0.2, 0, 0, 0, 0, 0.1 + 0.4, 0};
    for (size_t p = 0; p < COUNT(precisions); p++) {
        dsc_network *net = make_penalised(precisions[p]);
        dsc_workspace *ws = make_workspace(net, 1, false);
        assert_int_equal(dsc_network_n_parameters(net), COUNT(d));
        const dsc_matrix found = {dsc_workspace_gradients(ws), 1, COUNT(d), precisions[p]};
        assert_true(dsc_network_add_penalty(net, ws, 0, 0) == 0);
        for (size_t times = 1; times <= 2; times++) { /* it is added to what is there */
            assert_true(fabs(dsc_network_add_penalty(net, ws, 0.1, 0.4) - (0.35 + 1.05)) < 1e-15);
            for (size_t i = 0; i < COUNT(d); i++) {
                assert_true(fabs(dsc_matrix_at(found, 0, i) - (double)times * d[i]) <
                            (precisions[p] == DSC_FLOAT32 ? 1e-6 : 1e-15));
            }
        }
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

/* Two outputs with gradients 3 and 4 at weights and biases: a norm of sqrt(50). */
static void clipping_keeps_the_direction(void **state) {
    (void)state;
    static const struct {
        double max_norm, factor;
    } cases[] = {
        {(double)INFINITY, 1}, {8, 1}, {7, 0.98994949366116653416}, {0.5, 0.070710678118654752440}};
    static const double x[] = {1}, y[] = {-3, -4}, d[] = {3, 4, 3, 4};
    static const float x_f32[] = {1}, y_f32[] = {-3, -4};
    for (size_t i = 0; i < COUNT(cases) * COUNT(precisions); i++) {
        const bool is_float = i % 2 == 0;
        const dsc_layer_config layer = {.n_out = 2, .has_bias = true};
        dsc_network *net = make_network(is_float ? DSC_FLOAT32 : DSC_FLOAT64,
                                        DSC_HALF_SUM_OF_SQUARES, 1, 1, &layer);
        dsc_workspace *ws = make_workspace(net, 1, false);
        MUST(dsc_network_forward(
            net, ws, is_float ? dsc_matrix_f32(x_f32, 1, 1) : dsc_matrix_f64(x, 1, 1), &failure));
        MUST(dsc_network_backward(net, ws,
                                  is_float ? dsc_matrix_f32(y_f32, 1, 2) : dsc_matrix_f64(y, 1, 2),
                                  NULL, &failure));
        const double norm = dsc_workspace_clip_gradients(ws, cases[i / 2].max_norm);
        assert_true(fabs(norm - sqrt(50)) < 1e-14);
        const dsc_matrix found = {dsc_workspace_gradients(ws), 1, 4, dsc_network_precision(net)};
        for (size_t k = 0; k < COUNT(d); k++) {
            const double expected = cases[i / 2].factor * d[k];
            assert_true(fabs(dsc_matrix_at(found, 0, k) - expected) < (is_float ? 1e-6 : 1e-14));
        }
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

static void no_gradient_is_not_clipped(void **state) {
    (void)state;
    dsc_network *net = make_penalised(DSC_FLOAT32);
    dsc_workspace *ws = make_workspace(net, 1, false);
    assert_true(dsc_workspace_clip_gradients(ws, 1) == 0);
    for (size_t i = 0; i < dsc_network_n_parameters(net); i++) {
        assert_true(((const float *)dsc_workspace_gradients(ws))[i] == 0);
    }
    dsc_workspace_destroy(ws);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_asked_share_is_dropped),
        cmocka_unit_test(a_draw_is_named_by_seed_step_and_sample),
        cmocka_unit_test(draws_do_not_repeat),
        cmocka_unit_test(a_plain_pass_drops_nothing),
        cmocka_unit_test(gradients_pass_through_survivors_alone),
        cmocka_unit_test(the_penalty_is_on_weights_alone),
        cmocka_unit_test(clipping_keeps_the_direction),
        cmocka_unit_test(no_gradient_is_not_clipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
