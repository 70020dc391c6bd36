/* Fitting: what it learns, what it keeps, the same bytes for the same seed, and how it fails. */
#include "small_networks.h"

#include <math.h>
#include <string.h>

#include "descent/fit.h"
#include "descent/random.h"
#include "fail_alloc.h"
#include "fit_data.h"

static double loss_of(const dsc_network *net, dsc_matrix x, dsc_matrix y) {
    dsc_workspace *ws = make_workspace(net, x.n_rows, false);
    double loss = 0;
    MUST(dsc_network_forward(net, ws, x, &failure));
    MUST(dsc_network_loss_value(net, ws, y, &loss, &failure));
    dsc_workspace_destroy(ws);
    return loss;
}

static void learns_by_every_rule(void **state) {
    (void)state;
    data_set d;
    const dsc_fit_data data = make_data(&d, 0);
    dsc_fit_config configs[7];
    for (size_t i = 0; i < COUNT(configs); i++) {
        configs[i] = dsc_fit_config_default();
        configs[i].max_epochs = 150;
        configs[i].batch_size = 32;
    }
    configs[0].optimizer = dsc_sgd(0.1);
    configs[1].optimizer = dsc_nesterov(0.02, 0.9);
    configs[2].optimizer = dsc_adagrad(0.1);
    configs[3].optimizer = dsc_rmsprop(0.005);
    configs[4].optimizer = dsc_adam(0.01);
    configs[5].optimizer = dsc_adamw(0.01);
    configs[5].schedule = (dsc_schedule_config){.kind = DSC_COSINE, .warmup = 3};
    configs[6].use_lbfgs = true;
    for (size_t i = 0; i < COUNT(configs); i++) {
        dsc_network *net = make_net(DSC_FLOAT64, 0);
        dsc_fit_result result;
        MUST(dsc_fit(net, &data, &configs[i], NULL, NULL, &result, &failure));
        /* the variance of y is about 1.6 */
        if (!(result.validation_loss < 0.1)) {
            fail_msg("rule %zu: validation loss %g", i, result.validation_loss);
        }
        assert_true(fabs(loss_of(net, data.x_validation, data.y_validation) -
                         result.validation_loss) < 1e-12);
        dsc_network_destroy(net);
    }
}

static void same_seed_same_bytes(void **state) {
    (void)state;
    data_set d;
    const dsc_fit_data data = make_data(&d, 0.1);
    dsc_network *nets[3];
    for (size_t i = 0; i < COUNT(nets); i++) {
        nets[i] = make_net(DSC_FLOAT32, 0.2);
        dsc_fit_config config = dsc_fit_config_default();
        config.max_epochs = 5;
        config.seed = i == 2 ? 8 : 7;
        MUST(dsc_fit(nets[i], &data, &config, NULL, NULL, NULL, &failure));
    }
    const size_t n_bytes = dsc_network_n_parameters(nets[0]) * sizeof(float);
    const void *first = dsc_network_parameters_const(nets[0]);
    assert_memory_equal(first, dsc_network_parameters_const(nets[1]), n_bytes);
    assert_memory_not_equal(first, dsc_network_parameters_const(nets[2]), n_bytes);
    for (size_t i = 0; i < COUNT(nets); i++) {
        dsc_network_destroy(nets[i]);
    }
}

/* One full batch of three tiles makes the step that one pass makes. */
static void tiles_add_up_to_one_pass(void **state) {
    (void)state;
    static const dsc_loss losses[] = {DSC_HALF_SUM_OF_SQUARES, DSC_MEAN_SQUARED_ERROR, DSC_HUBER};
    data_set d;
    const dsc_fit_data data = without_validation(make_data(&d, 0.1));
    for (size_t i = 0; i < COUNT(losses); i++) {
        const dsc_layer_config layers[] = {{5, DSC_TANH, true}, {1, DSC_IDENTITY, true}};
        dsc_network *net = make_network(DSC_FLOAT64, losses[i], N_IN, 2, layers);
        dsc_network_init(net, DSC_INIT_GLOROT, 1);
        dsc_network *other = NULL;
        MUST(dsc_network_copy(&other, net, DSC_FLOAT64, &failure));
        dsc_fit_config config = dsc_fit_config_default();
        config.max_epochs = 1;
        config.batch_size = N;
        config.optimizer = dsc_sgd(1e-3);
        dsc_fit_result result;
        MUST(dsc_fit(net, &data, &config, NULL, NULL, &result, &failure));

        dsc_workspace *ws = make_workspace(other, N, false);
        double loss;
        MUST(dsc_network_forward(other, ws, data.x, &failure));
        MUST(dsc_network_backward(other, ws, data.y, &loss, &failure));
        assert_true(fabs(loss - result.train_loss) < 1e-12 * fabs(loss));
        double *parameters = dsc_network_parameters(other);
        const double *gradients = dsc_workspace_gradients(ws);
        const double *found = dsc_network_parameters_const(net);
        for (size_t k = 0; k < dsc_network_n_parameters(net); k++) {
            assert_true(fabs(parameters[k] - 1e-3 * gradients[k] - found[k]) < 1e-13);
        }
        dsc_workspace_destroy(ws);
        dsc_network_destroy(other);
        dsc_network_destroy(net);
    }
}

typedef struct log {
    size_t n, best_epoch;
    double best_loss;
    size_t stop_at;
} log_book;

static bool watch(const dsc_fit_progress *p, void *user) {
    log_book *book = user;
    assert_int_equal(p->epoch, book->n + 1);
    assert_true(p->train_loss > 0 && p->rate > 0 && p->gradient_norm > 0);
    assert_int_equal(p->is_best, book->n == 0 || p->validation_loss < book->best_loss);
    book->n++;
    if (p->is_best) {
        book->best_loss = p->validation_loss;
        book->best_epoch = p->epoch;
    }
    return p->epoch != book->stop_at;
}

/* Few samples, much noise, many epochs: the validation loss turns up again. */
static void the_best_epoch_is_kept(void **state) {
    (void)state;
    data_set d;
    dsc_fit_data data = make_data(&d, 1);
    data.x.n_rows = data.y.n_rows = 40;
    dsc_network *net = make_net(DSC_FLOAT64, 0);
    dsc_fit_config config = dsc_fit_config_default();
    config.optimizer = dsc_adam(0.03);
    config.max_epochs = 400;
    config.patience = 20;
    log_book book = {0};
    dsc_fit_result result;
    MUST(dsc_fit(net, &data, &config, watch, &book, &result, &failure));
    assert_true(result.has_stopped_early);
    assert_int_equal(result.n_epochs, book.n);
    assert_int_equal(result.best_epoch, book.best_epoch);
    assert_int_equal(result.n_epochs, result.best_epoch + 20);
    assert_true(result.best_epoch > 1);
    assert_true(fabs(loss_of(net, data.x_validation, data.y_validation) - book.best_loss) < 1e-12);

    dsc_network_init(net, DSC_INIT_GLOROT, 1);
    book = (log_book){.stop_at = 3};
    dsc_error err = {0};
    assert_int_equal(dsc_fit(net, &data, &config, watch, &book, &result, &err), DSC_E_CANCELLED);
    assert_int_equal(result.n_epochs, 3);
    assert_true(fabs(loss_of(net, data.x_validation, data.y_validation) - book.best_loss) < 1e-12);
    dsc_network_destroy(net);
}

static void penalty_and_clipping_shorten(void **state) {
    (void)state;
    data_set d;
    const dsc_fit_data data = without_validation(make_data(&d, 0.1));
    double norms[3];
    for (size_t i = 0; i < COUNT(norms); i++) {
        dsc_network *net = make_net(DSC_FLOAT64, 0);
        dsc_fit_config config = dsc_fit_config_default();
        config.max_epochs = 60;
        config.optimizer = dsc_sgd(0.1);
        config.l2 = i == 1 ? 0.1 : 0;
        config.l1 = i == 2 ? 0.1 : 0;
        MUST(dsc_fit(net, &data, &config, NULL, NULL, NULL, &failure));
        norms[i] = 0;
        const double *w = dsc_network_parameters_const(net);
        for (size_t k = 0; k < N_IN * 16; k++) {
            norms[i] += w[k] * w[k];
        }
        dsc_network_destroy(net);
    }
    assert_true(norms[1] < 0.5 * norms[0]);
    assert_true(norms[2] < 0.5 * norms[0]);

    dsc_network *net = make_net(DSC_FLOAT64, 0);
    double before[16], *b = dsc_network_parameters(net);
    memcpy(before, b, sizeof before);
    dsc_fit_config config = dsc_fit_config_default();
    config.max_epochs = 1;
    config.batch_size = N;
    config.optimizer = dsc_sgd(1);
    config.clip_norm = 1e-6;
    MUST(dsc_fit(net, &data, &config, NULL, NULL, NULL, &failure));
    for (size_t k = 0; k < COUNT(before); k++) {
        assert_true(fabs(b[k] - before[k]) <= 1e-6);
    }
    dsc_network_destroy(net);
}

static bool is_finite_network(const dsc_network *net) {
    const dsc_matrix m = {dsc_network_parameters_const(net), 1, dsc_network_n_parameters(net),
                          dsc_network_precision(net)};
    for (size_t i = 0; i < m.n_cols; i++) {
        if (!isfinite(dsc_matrix_at(m, 0, i))) {
            return false;
        }
    }
    return true;
}

static void an_overflow_is_named_and_costs_no_weights(void **state) {
    (void)state;
    data_set d;
    const dsc_fit_data data = make_data(&d, 0.1);
    const dsc_layer_config layers[] = {{8, DSC_RELU, true}, {1, DSC_IDENTITY, true}};
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, 2, layers);
    dsc_network_init(net, DSC_INIT_HE, 1);
    dsc_fit_config config = dsc_fit_config_default();
    config.optimizer = dsc_sgd(30);
    dsc_error err = {0};
    dsc_fit_result result;
    assert_int_equal(dsc_fit(net, &data, &config, NULL, NULL, &result, &err), DSC_E_NONFINITE);
    assert_non_null(strstr(err.where, "epoch "));
    assert_non_null(strstr(err.where, "layer "));
    assert_true(is_finite_network(net));
    dsc_network_destroy(net);
}

static void bad_data_and_settings(void **state) {
    (void)state;
    data_set d;
    const dsc_fit_data good = make_data(&d, 0.1);
    static double broken[N] = {1, 2, NAN};
    dsc_fit_data empty = good, narrow = good, short_y = good, nan = good, half = good;
    empty.x.n_rows = empty.y.n_rows = 0;
    narrow.x.n_cols = N_IN - 1;
    short_y.y.n_rows = N - 1;
    nan.y.data = broken;
    half.y_validation.data = NULL;
    dsc_fit_config defaults = dsc_fit_config_default();
    dsc_fit_config c[8];
    for (size_t i = 0; i < COUNT(c); i++) {
        c[i] = defaults;
    }
    c[0].max_epochs = 0;
    c[1].batch_size = 0;
    c[2].optimizer.rate = 0;
    c[3].optimizer.rate = INFINITY;
    c[4].l1 = -1;
    c[5].clip_norm = NAN;
    c[6].schedule.kind = (dsc_schedule_kind)9;
    c[7].use_lbfgs = true;
    c[7].l1 = 1;
    const struct {
        const dsc_fit_data *data;
        const dsc_fit_config *config;
        dsc_status status;
        const char *where;
    } cases[] = {
        {&empty, &defaults, DSC_E_ARGUMENT, "samples"},
        {&narrow, &defaults, DSC_E_SHAPE, "x"},
        {&short_y, &defaults, DSC_E_SHAPE, "y"},
        {&nan, &defaults, DSC_E_NONFINITE, "y"},
        {&half, &defaults, DSC_E_SHAPE, "y_validation"},
        {&good, &c[0], DSC_E_ARGUMENT, "max_epochs"},
        {&good, &c[1], DSC_E_ARGUMENT, "batch_size"},
        {&good, &c[2], DSC_E_ARGUMENT, "rate"},
        {&good, &c[3], DSC_E_ARGUMENT, "rate"},
        {&good, &c[4], DSC_E_ARGUMENT, "penalty"},
        {&good, &c[5], DSC_E_ARGUMENT, "penalty"},
        {&good, &c[6], DSC_E_ARGUMENT, "schedule"},
        {&good, &c[7], DSC_E_ARGUMENT, "use_lbfgs"},
    };
    dsc_network *net = make_net(DSC_FLOAT64, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_error err = {0};
        const dsc_status status =
            dsc_fit(net, cases[i].data, cases[i].config, NULL, NULL, NULL, &err);
        if (status != cases[i].status || strcmp(err.where, cases[i].where) != 0) {
            fail_msg("case %zu: %s, %s", i, dsc_status_name(status), err.where);
        }
    }
    dsc_network_destroy(net);
    net = make_net(DSC_FLOAT64, 0.5);
    defaults.use_lbfgs = true;
    assert_int_equal(dsc_fit(net, &good, &defaults, NULL, NULL, NULL, NULL), DSC_E_ARGUMENT);
    dsc_network_destroy(net);
}

static void predicting_is_the_forward_pass(void **state) {
    (void)state;
    data_set d;
    const dsc_fit_data data = make_data(&d, 0.1);
    dsc_network *net = make_net(DSC_FLOAT64, 0.5); /* dropout is for training alone */
    static double out[N];
    MUST(dsc_network_predict(net, data.x, out, &failure));
    dsc_workspace *ws = make_workspace(net, N, false);
    MUST(dsc_network_forward(net, ws, data.x, &failure));
    assert_memory_equal(out, dsc_workspace_output(ws).data, sizeof out);
    dsc_workspace_destroy(ws);
    dsc_error err = {0};
    const dsc_matrix narrow = dsc_matrix_f64(d.x, N, 3);
    assert_int_equal(dsc_network_predict(net, narrow, out, &err), DSC_E_SHAPE);
    d.x[7 * N_IN] = INFINITY;
    d.x[7 * N_IN + 1] = -INFINITY;
    d.x[7 * N_IN + 2] = NAN;
    assert_int_equal(dsc_network_predict(net, data.x, out, &err), DSC_E_NONFINITE);
    assert_string_equal(err.where, "sample 8");
    dsc_network_destroy(net);
}

typedef struct fitting {
    dsc_network *net;
    dsc_fit_data data;
    dsc_fit_config config;
} fitting;

static dsc_status fit(void *context, dsc_error *err) {
    const fitting *f = context;
    return dsc_fit(f->net, &f->data, &f->config, NULL, NULL, NULL, err);
}

static void each_allocation(void **state) {
    (void)state;
    data_set d;
    fitting f = {make_net(DSC_FLOAT64, 0), make_data(&d, 0.1), dsc_fit_config_default()};
    f.config.max_epochs = 2;
    for (int use_lbfgs = 0; use_lbfgs <= 1; use_lbfgs++) {
        f.config.use_lbfgs = use_lbfgs;
        fail_alloc_each(fit, &f, 4);
    }
    dsc_network_destroy(f.net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_by_every_rule),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(tiles_add_up_to_one_pass),
        cmocka_unit_test(the_best_epoch_is_kept),
        cmocka_unit_test(penalty_and_clipping_shorten),
        cmocka_unit_test(an_overflow_is_named_and_costs_no_weights),
        cmocka_unit_test(bad_data_and_settings),
        cmocka_unit_test(predicting_is_the_forward_pass),
        cmocka_unit_test(each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
