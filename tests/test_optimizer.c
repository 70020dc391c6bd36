/* The optimizers against the recurrences of docs/math.md (10) to (14) and (36) to (39), written out
 * in double. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descent/optimizer.h"

enum { N_ROWS = 4, N_COLS = 5, N = N_ROWS * N_COLS, N_STEPS = 9 };

/* Which rows each step touches: some at once, some never again, one only late. */
static const int touched[N_STEPS][N_ROWS] = {{1, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 1, 0},
                                             {1, 0, 1, 0}, {0, 0, 0, 0}, {1, 1, 0, 0},
                                             {0, 0, 1, 0}, {1, 0, 0, 1}, {1, 1, 1, 0}};

static const struct {
    const char *name;
    dsc_optimizer_config config;
    double l2;
} rules[] = {
    {"sgd", {DSC_SGD, 0.1, 0, 0, 0, 0}, 0},
    {"sgd, l2", {DSC_SGD, 0.1, 0, 0, 0, 0}, 0.3},
    {"momentum", {DSC_SGD, 0.02, 0.9, 0, 0, 0}, 0},
    {"momentum, l2", {DSC_SGD, 0.02, 0.5, 0, 0, 0}, 0.3},
    {"adam", {DSC_ADAM, 0.01, 0, 0.9, 0.999, 1e-8}, 0},
    {"adam, l2", {DSC_ADAM, 0.01, 0, 0.9, 0.999, 1e-8}, 0.3},
    {"adam, large epsilon", {DSC_ADAM, 0.05, 0, 0.8, 0.9, 0.5}, 0},
    {"adam, no memory", {DSC_ADAM, 0.01, 0, 0, 0, 1e-3}, 0},
    {"nesterov", {DSC_SGD, 0.02, 0.9, 0, 0, 0, true}, 0},
    {"nesterov, l2", {DSC_SGD, 0.02, 0.5, 0, 0, 0, true}, 0.3},
    {"adagrad", {DSC_ADAGRAD, 0.1, 0, 0, 0, 1e-10}, 0},
    {"adagrad, l2, large epsilon", {DSC_ADAGRAD, 0.1, 0, 0, 0, 0.5}, 0.3},
    {"rmsprop", {DSC_RMSPROP, 0.01, 0, 0, 0.99, 1e-8}, 0},
    {"rmsprop, l2, large epsilon", {DSC_RMSPROP, 0.02, 0, 0, 0.9, 0.5}, 0.3},
    {"adamw", {DSC_ADAMW, 0.01, 0, 0.9, 0.999, 1e-8, false, 0.5}, 0},
    {"adamw, l2", {DSC_ADAMW, 0.05, 0, 0.8, 0.9, 1e-3, false, 2}, 0.3},
    {"adamw, no decay", {DSC_ADAMW, 0.01, 0, 0.9, 0.999, 1e-8, false, 0}, 0},
};
enum { N_RULES = sizeof rules / sizeof rules[0] };

/* Parameters and gradients of a step: smooth, of both signs, of sizes from 0.001 to 2. */
static double first_value(size_t i) {
    return sin(1.7 * (double)i + 0.3) * 2;
}

static double gradient_of(size_t i, size_t step) {
    return cos(0.9 * (double)i + 2.1 * (double)step) * exp(-0.3 * (double)(i % 7));
}

/* An array of either precision. */
typedef struct array {
    dsc_precision precision;
    float f32[N];
    double f64[N];
} array;

static void *data(array *a) {
    return a->precision == DSC_FLOAT32 ? (void *)a->f32 : (void *)a->f64;
}

static void set(array *a, size_t i, double value) {
    a->f32[i] = (float)value;
    a->f64[i] = value;
}

static double get(const array *a, size_t i) {
    return a->precision == DSC_FLOAT32 ? (double)a->f32[i] : a->f64[i];
}

/* The rule for one parameter. */
typedef struct recurrence {
    double theta, m, v;
} recurrence;

static void take_step(recurrence *r, const dsc_optimizer_config *c, double l2, double gradient,
                      size_t t) {
    const double g = gradient + l2 * r->theta;
    switch (c->kind) {
    case DSC_SGD:
        r->v = c->momentum * r->v + g;
        r->theta -= c->rate * (c->is_nesterov ? g + c->momentum * r->v : r->v);
        return;
    case DSC_ADAGRAD:
        r->v += g * g;
        r->theta -= c->rate * g / (sqrt(r->v) + c->epsilon);
        return;
    case DSC_RMSPROP:
        r->v = c->beta2 * r->v + (1 - c->beta2) * g * g;
        r->theta -= c->rate * g / (sqrt(r->v) + c->epsilon);
        return;
    case DSC_ADAM:
    case DSC_ADAMW:
        break;
    }
    r->m = c->beta1 * r->m + (1 - c->beta1) * g;
    r->v = c->beta2 * r->v + (1 - c->beta2) * g * g;
    const double m_hat = r->m / (1 - pow(c->beta1, (double)t));
    const double v_hat = r->v / (1 - pow(c->beta2, (double)t));
    if (c->kind == DSC_ADAMW) {
        r->theta -= c->rate * c->decay * r->theta;
    }
    r->theta -= c->rate * m_hat / (sqrt(v_hat) + c->epsilon);
}

static dsc_optimizer *create(const dsc_optimizer_config *config, dsc_precision precision) {
    dsc_optimizer *optimizer = NULL;
    dsc_error err = {0};
    if (dsc_optimizer_create(&optimizer, config, precision, N, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return optimizer;
}

static void start(array *parameters, recurrence expected[N]) {
    for (size_t i = 0; i < N; i++) {
        set(parameters, i, first_value(i));
        expected[i] = (recurrence){get(parameters, i), 0, 0};
    }
}

static void assert_close(const array *parameters, const recurrence expected[N], const char *rule) {
    double tolerance = parameters->precision == DSC_FLOAT32 ? 2e-6 : 1e-14;
    for (size_t i = 0; i < N; i++) {
        double error = fabs(get(parameters, i) - expected[i].theta);
        if (!(error <= tolerance * fmax(1, fabs(expected[i].theta)))) {
            fail_msg("%s, %d bytes: parameter %zu is %.17g; expected %.17g", rule,
                     (int)parameters->precision, i, get(parameters, i), expected[i].theta);
        }
    }
}

static void check_whole_steps(size_t rule, dsc_precision precision) {
    array parameters = {.precision = precision}, gradients = {.precision = precision};
    recurrence expected[N];
    start(&parameters, expected);
    dsc_optimizer *optimizer = create(&rules[rule].config, precision);
    for (size_t t = 1; t <= N_STEPS; t++) {
        for (size_t i = 0; i < N; i++) {
            set(&gradients, i, gradient_of(i, t));
            take_step(&expected[i], &rules[rule].config, rules[rule].l2, get(&gradients, i), t);
        }
        dsc_optimizer_begin_step(optimizer);
        dsc_optimizer_update(optimizer, data(&parameters), 0, N, data(&gradients), rules[rule].l2);
        assert_close(&parameters, expected, rules[rule].name);
    }
    dsc_optimizer_destroy(optimizer);
}

static void steps_follow_the_recurrences(void **state) {
    (void)state;
    for (size_t rule = 0; rule < N_RULES; rule++) {
        check_whole_steps(rule, DSC_FLOAT32);
        check_whole_steps(rule, DSC_FLOAT64);
    }
}

static void check_lazy_steps(size_t rule, dsc_precision precision) {
    array parameters = {.precision = precision}, gradients = {.precision = precision};
    recurrence expected[N];
    start(&parameters, expected);
    dsc_optimizer *optimizer = create(&rules[rule].config, precision);
    for (size_t t = 1; t <= N_STEPS; t++) {
        dsc_optimizer_begin_step(optimizer);
        for (size_t row = 0; row < N_ROWS; row++) {
            if (!touched[t - 1][row]) {
                continue;
            }
            for (size_t col = 0; col < N_COLS; col++) {
                size_t i = row * N_COLS + col;
                set(&gradients, col, gradient_of(i, t));
                take_step(&expected[i], &rules[rule].config, rules[rule].l2, get(&gradients, col),
                          t);
            }
            dsc_optimizer_update(optimizer, data(&parameters), row * N_COLS, N_COLS,
                                 data(&gradients), rules[rule].l2);
        }
        assert_close(&parameters, expected, rules[rule].name);
    }
    dsc_optimizer_destroy(optimizer);
}

/* Rows that a step leaves out keep parameters and state, while t counts every step. */
static void ranges_are_updated_lazily(void **state) {
    (void)state;
    for (size_t rule = 0; rule < N_RULES; rule++) {
        check_lazy_steps(rule, DSC_FLOAT32);
        check_lazy_steps(rule, DSC_FLOAT64);
    }
}

/* However a step is cut into ranges, the bytes are those of one step over the whole array. */
static void ranges_of_any_length_add_up_to_a_step(void **state) {
    (void)state;
    static const size_t cuts[] = {0, 1, 4, 4, 11, N};
    for (size_t rule = 0; rule < N_RULES; rule++) {
        float whole[N], pieces[N], gradients[N];
        for (size_t i = 0; i < N; i++) {
            whole[i] = pieces[i] = (float)first_value(i);
        }
        dsc_optimizer *a = create(&rules[rule].config, DSC_FLOAT32);
        dsc_optimizer *b = create(&rules[rule].config, DSC_FLOAT32);
        for (size_t t = 1; t <= N_STEPS; t++) {
            for (size_t i = 0; i < N; i++) {
                gradients[i] = (float)gradient_of(i, t);
            }
            dsc_optimizer_step(a, whole, gradients);
            dsc_optimizer_begin_step(b);
            for (size_t c = 0; c + 1 < sizeof cuts / sizeof cuts[0]; c++) {
                dsc_optimizer_update(b, pieces, cuts[c], cuts[c + 1] - cuts[c], gradients + cuts[c],
                                     0);
            }
            assert_memory_equal(whole, pieces, sizeof whole);
        }
        dsc_optimizer_destroy(a);
        dsc_optimizer_destroy(b);
    }
}

/* The bias correction makes Adam's first step the rate itself, against the gradient's sign. */
static void adam_begins_with_the_rate(void **state) {
    (void)state;
    const dsc_optimizer_config config = dsc_adam(0.25);
    dsc_optimizer *optimizer = create(&config, DSC_FLOAT64);
    double parameters[N] = {1, 1, 1}, gradients[N] = {1e-3, -50, 0};
    dsc_optimizer_step(optimizer, parameters, gradients);
    assert_true(fabs(parameters[0] - 0.75) < 1e-5);
    assert_true(fabs(parameters[1] - 1.25) < 1e-5);
    assert_true(parameters[2] == 1);
    dsc_optimizer_destroy(optimizer);
}

/* What weight decay alone shrinks never becomes subnormal, which would make every step slow. */
static void what_only_decays_is_never_subnormal(void **state) {
    (void)state;
    const dsc_optimizer_config config = dsc_adam(0.001);
    const float gradients[N] = {0};
    float parameters[N];
    dsc_optimizer *optimizer;
    for (size_t i = 0; i < N; i++) {
        parameters[i] = (float)first_value(i) / 10;
    }
    assert_int_equal(dsc_optimizer_create(&optimizer, &config, DSC_FLOAT32, N, NULL), DSC_OK);
    for (size_t step = 0; step < 20000; step++) {
        dsc_optimizer_begin_step(optimizer);
        dsc_optimizer_update(optimizer, parameters, 0, N, gradients, 0.002);
        for (size_t i = 0; i < N; i++) {
            assert_int_not_equal(fpclassify(parameters[i]), FP_SUBNORMAL);
        }
    }
    dsc_optimizer_destroy(optimizer);
    for (size_t i = 0; i < N; i++) {
        assert_true(fabs((double)parameters[i]) < 1e-12);
    }
}

/* Adagrad's first step is the rate, and so is RMSprop's over the root of 1 - beta; without momentum
 * to look ahead by, plain gradient descent; AdamW's decay is not divided by anything. */
static void first_steps_by_hand(void **state) {
    (void)state;
    static const struct {
        dsc_optimizer_config config;
        double parameter, gradient, expected;
    } cases[] = {
        {{DSC_ADAGRAD, 0.25, 0, 0, 0, 1e-10}, 1, -50, 1.25},
        {{DSC_RMSPROP, 0.25, 0, 0, 0.75, 1e-10}, 1, -50, 1.5},
        {{DSC_SGD, 0.25, 0.5, 0, 0, 0, true}, 1, 2, 0.25}, /* 1 - (2 + 2 / 2) / 4 */
        {{DSC_ADAMW, 0.25, 0, 0.9, 0.999, 1e-12, false, 2}, 8, 50, 3.75},
        {{DSC_ADAMW, 0.25, 0, 0.9, 0.999, 1e-12, false, 2}, 8, 0, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_optimizer *optimizer = create(&cases[i].config, DSC_FLOAT64);
        double parameters[N] = {cases[i].parameter}, gradients[N] = {cases[i].gradient};
        dsc_optimizer_step(optimizer, parameters, gradients);
        assert_true(fabs(parameters[0] - cases[i].expected) < 1e-10);
        dsc_optimizer_destroy(optimizer);
    }
}

static void rate_can_be_changed(void **state) {
    (void)state;
    const dsc_optimizer_config config = dsc_sgd(0.5);
    dsc_optimizer *optimizer = create(&config, DSC_FLOAT64);
    double parameters[N] = {8}, gradients[N] = {1};
    dsc_optimizer_step(optimizer, parameters, gradients);
    assert_true(parameters[0] == 7.5);
    assert_int_equal(dsc_optimizer_set_rate(optimizer, 2, NULL), DSC_OK);
    dsc_optimizer_step(optimizer, parameters, gradients);
    assert_true(parameters[0] == 5.5);
    const double refused[] = {0, -1, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        dsc_error err = {0};
        assert_int_equal(dsc_optimizer_set_rate(optimizer, refused[i], &err), DSC_E_ARGUMENT);
        assert_int_equal(err.code, DSC_E_ARGUMENT);
        assert_string_equal(err.where, "rate");
    }
    dsc_optimizer_step(optimizer, parameters, gradients);
    assert_true(parameters[0] == 3.5); /* still 2 */
    dsc_optimizer_destroy(optimizer);
}

static void settings_out_of_range_are_refused(void **state) {
    (void)state;
    const double nan = (double)NAN, inf = (double)INFINITY;
    const struct {
        dsc_optimizer_config config;
        const char *where;
    } cases[] = {
        {{(dsc_optimizer_kind)5, 0.1, 0, 0, 0, 1}, "optimizer"},
        {{DSC_SGD, 0.1, 0, 0, 0, 1, true}, "momentum"},
        {{DSC_RMSPROP, 0.1, 0, 0, 1, 1}, "beta"},
        {{DSC_ADAGRAD, 0.1, 0, 0, 0, 0}, "epsilon"},
        {{DSC_ADAMW, 0.1, 0, 0.9, 0.9, 1, false, -1}, "decay"},
        {{(dsc_optimizer_kind)-1, 0.1, 0, 0, 0, 1}, "optimizer"},
        {{DSC_SGD, 0, 0, 0, 0, 0}, "rate"},
        {{DSC_SGD, -0.1, 0, 0, 0, 0}, "rate"},
        {{DSC_SGD, nan, 0, 0, 0, 0}, "rate"},
        {{DSC_ADAM, inf, 0, 0, 0, 1}, "rate"},
        {{DSC_SGD, 0.1, -0.1, 0, 0, 0}, "momentum"},
        {{DSC_SGD, 0.1, 1, 0, 0, 0}, "momentum"},
        {{DSC_SGD, 0.1, nan, 0, 0, 0}, "momentum"},
        {{DSC_ADAM, 0.1, 0, -0.1, 0.9, 1}, "beta"},
        {{DSC_ADAM, 0.1, 0, 1, 0.9, 1}, "beta"},
        {{DSC_ADAM, 0.1, 0, 0.9, 1.5, 1}, "beta"},
        {{DSC_ADAM, 0.1, 0, 0.9, nan, 1}, "beta"},
        {{DSC_ADAM, 0.1, 0, 0.9, 0.9, 0}, "epsilon"},
        {{DSC_ADAM, 0.1, 0, 0.9, 0.9, -1}, "epsilon"},
        {{DSC_ADAM, 0.1, 0, 0.9, 0.9, nan}, "epsilon"},
        {{DSC_ADAM, 0.1, 0, 0.9, 0.9, inf}, "epsilon"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_error err = {0};
        dsc_optimizer *optimizer = (dsc_optimizer *)(void *)&err; /* must be overwritten */
        assert_int_equal(dsc_optimizer_create(&optimizer, &cases[i].config, DSC_FLOAT32, N, &err),
                         DSC_E_ARGUMENT);
        assert_null(optimizer);
        assert_int_equal(err.code, DSC_E_ARGUMENT);
        assert_non_null(strstr(err.where, cases[i].where));
        assert_true(strlen(err.message) > 0);
        assert_int_equal(dsc_optimizer_create(&optimizer, &cases[i].config, DSC_FLOAT32, N, NULL),
                         DSC_E_ARGUMENT);
    }
}

/* A rule judges only the settings that it uses. */
static void settings_of_the_other_rule_do_not_matter(void **state) {
    (void)state;
    const dsc_optimizer_config sgd = {DSC_SGD, 0.1, 0.9, 7, -7, 0};
    const dsc_optimizer_config adam = {DSC_ADAM, 0.1, 7, 0.9, 0.9, 1};
    const dsc_optimizer_config looking_ahead = {DSC_ADAM, 0.1, 0, 0.9, 0.9, 1, true, 0};
    const dsc_optimizer_config decaying = {DSC_SGD, 0.1, 0, 0, 0, 0, false, -1};
    const dsc_optimizer_config rmsprop = {DSC_RMSPROP, 0.1, 7, 7, 0.9, 1};
    const dsc_optimizer_config adagrad = {DSC_ADAGRAD, 0.1, 7, 7, 7, 1};
    dsc_optimizer_destroy(create(&sgd, DSC_FLOAT32));
    dsc_optimizer_destroy(create(&adam, DSC_FLOAT64));
    dsc_optimizer_destroy(create(&looking_ahead, DSC_FLOAT64));
    dsc_optimizer_destroy(create(&decaying, DSC_FLOAT64));
    dsc_optimizer_destroy(create(&rmsprop, DSC_FLOAT64));
    dsc_optimizer_destroy(create(&adagrad, DSC_FLOAT64));
    dsc_optimizer_destroy(NULL);
}

static void more_state_than_memory_is_refused(void **state) {
    (void)state;
    const dsc_optimizer_config config = dsc_adam(0.1);
    dsc_optimizer *optimizer = NULL;
    dsc_error err = {0};
    assert_int_equal(dsc_optimizer_create(&optimizer, &config, DSC_FLOAT64, SIZE_MAX / 4, &err),
                     DSC_E_MEMORY);
    assert_null(optimizer);
    assert_int_equal(err.code, DSC_E_MEMORY);
}

static void defaults_and_names(void **state) {
    (void)state;
    const dsc_optimizer_config sgd = dsc_sgd(0.5), adam = dsc_adam(0.25);
    assert_int_equal(sgd.kind, DSC_SGD);
    assert_true(sgd.rate == 0.5 && sgd.momentum == 0);
    assert_int_equal(adam.kind, DSC_ADAM);
    assert_true(adam.rate == 0.25 && adam.beta1 == 0.9 && adam.beta2 == 0.999);
    assert_true(adam.epsilon == 1e-8);

    const dsc_optimizer_config momentum = dsc_momentum(0.5, 0.75),
                               nesterov = dsc_nesterov(0.5, 0.75);
    assert_true(momentum.momentum == 0.75 && !momentum.is_nesterov);
    assert_true(nesterov.momentum == 0.75 && nesterov.is_nesterov);
    const dsc_optimizer_config adagrad = dsc_adagrad(1), rmsprop = dsc_rmsprop(2),
                               adamw = dsc_adamw(3);
    assert_true(adagrad.kind == DSC_ADAGRAD && adagrad.rate == 1 && adagrad.epsilon == 1e-10);
    assert_true(rmsprop.kind == DSC_RMSPROP && rmsprop.rate == 2 && rmsprop.beta2 == 0.99 &&
                rmsprop.epsilon == 1e-8);
    assert_true(adamw.kind == DSC_ADAMW && adamw.rate == 3 && adamw.beta1 == 0.9 &&
                adamw.beta2 == 0.999 && adamw.epsilon == 1e-8 && adamw.decay == 0.01);

    static const char *const names[] = {"sgd", "adam", "adagrad", "rmsprop", "adamw"};
    for (int k = 0; k < 5; k++) {
        dsc_optimizer_kind found = DSC_SGD;
        assert_string_equal(dsc_optimizer_name((dsc_optimizer_kind)k), names[k]);
        assert_true(dsc_optimizer_from_name(names[k], &found));
        assert_int_equal(found, k);
    }
    assert_null(dsc_optimizer_name((dsc_optimizer_kind)5));
    dsc_optimizer_kind kind = DSC_SGD;
    assert_true(dsc_optimizer_from_name("adam", &kind));
    assert_int_equal(kind, DSC_ADAM);
    const char *const unknown[] = {"", "Adam", "adam ", "sg"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_false(dsc_optimizer_from_name(unknown[i], &kind));
        assert_int_equal(kind, DSC_ADAM);
    }
    assert_true(dsc_optimizer_from_name("sgd", &kind));
    assert_int_equal(kind, DSC_SGD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_recurrences),
        cmocka_unit_test(ranges_are_updated_lazily),
        cmocka_unit_test(ranges_of_any_length_add_up_to_a_step),
        cmocka_unit_test(adam_begins_with_the_rate),
        cmocka_unit_test(what_only_decays_is_never_subnormal),
        cmocka_unit_test(first_steps_by_hand),
        cmocka_unit_test(rate_can_be_changed),
        cmocka_unit_test(settings_out_of_range_are_refused),
        cmocka_unit_test(settings_of_the_other_rule_do_not_matter),
        cmocka_unit_test(more_state_than_memory_is_refused),
        cmocka_unit_test(defaults_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
