/* Steps of fitting: within the passes, and of small networks by runs, they are those of the public calls. */
#include "fit_data.h"

#include <string.h>

/* The epoch's order of dsc_fit: Fisher-Yates from the order before it. */
static void shuffle(size_t *order, size_t n, uint64_t seed, size_t epoch) {
    dsc_random random = dsc_random_stream(seed, 7, epoch);
    for (size_t i = n; i > 1; i--) {
        const size_t other = dsc_random_below(&random, (uint32_t)i);
        const size_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* Two epochs of plain SGD by the public passes and steps, in tiles that are added up in order. */
static void train_by_hand(dsc_network *net, const dsc_fit_data *data, size_t size, double rate) {
    enum { PART = 256 };
    dsc_workspace *ws = make_workspace(net, PART, false);
    dsc_optimizer *optimizer = NULL;
    const dsc_optimizer_config rule = dsc_sgd(rate);
    const size_t n_parameters = dsc_network_n_parameters(net);
    MUST(dsc_optimizer_create(&optimizer, &rule, dsc_network_precision(net), n_parameters,
                              &failure));
    float sums[100];
    assert_true(n_parameters <= COUNT(sums));
    size_t order[N];
    for (size_t i = 0; i < N; i++) {
        order[i] = i;
    }
    for (size_t epoch = 1; epoch <= 2; epoch++) {
        shuffle(order, N, 7, epoch);
        for (size_t first = 0; first < N; first += size) {
            const size_t n = N - first < size ? N - first : size;
            memset(sums, 0, sizeof sums);
            for (size_t at = 0; at < n; at += PART) {
                dsc_workspace_zero_gradients(ws);
                float x[PART * N_IN], y[PART];
                const size_t n_part = n - at < PART ? n - at : PART;
                for (size_t s = 0; s < n_part; s++) {
                    for (size_t c = 0; c < N_IN; c++) {
                        x[s * N_IN + c] = (float)dsc_matrix_at(data->x, order[first + at + s], c);
                    }
                    y[s] = (float)dsc_matrix_at(data->y, order[first + at + s], 0);
                }
                MUST(dsc_network_forward(net, ws, dsc_matrix_f32(x, n_part, N_IN), &failure));
                MUST(dsc_network_backward_part(net, ws, dsc_matrix_f32(y, n_part, 1), n, NULL,
                                               &failure));
                const float *part = dsc_workspace_gradients(ws);
                for (size_t k = 0; k < n_parameters; k++) {
                    sums[k] += part[k];
                }
            }
            dsc_optimizer_step(optimizer, dsc_network_parameters(net), sums);
        }
    }
    dsc_optimizer_destroy(optimizer);
    dsc_workspace_destroy(ws);
}

/* Steps that are taken within the passes are those of the public calls, byte by byte: of one sample,
 * of a batch that does not divide the samples, of several tiles; with normalisation and without
 * bias. */
static void steps_in_the_passes_are_those_of_the_public_calls(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 7, 32, 150, N};
    data_set d;
    const dsc_fit_data data = without_validation(make_data(&d, 0.1));
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const dsc_layer_config layers[] = {
            {5, DSC_RELU, true}, {6, DSC_TANH, false, true}, {1, DSC_IDENTITY, true}};
        dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, 3, layers);
        dsc_network_init(net, DSC_INIT_GLOROT, 1);
        dsc_network *other = NULL;
        MUST(dsc_network_copy(&other, net, DSC_FLOAT32, &failure));
        dsc_fit_config config = dsc_fit_config_default();
        config.max_epochs = 2;
        config.batch_size = sizes[i];
        config.optimizer = dsc_sgd(0.01);
        config.seed = 7;
        MUST(dsc_fit(net, &data, &config, NULL, NULL, NULL, &failure));
        train_by_hand(other, &data, sizes[i], 0.01);
        assert_memory_equal(dsc_network_parameters(net), dsc_network_parameters(other),
                            dsc_network_n_parameters(net) * sizeof(float));
        dsc_network_destroy(other);
        dsc_network_destroy(net);
    }
}

/* What a run of an epoch's steps is beside steps one by one: a setting that asks for those changes
 * nothing but the way. */
typedef struct history {
    double train[3], validation[3], norm[3], rate[3];
    size_t n;
} history;

static bool record(const dsc_fit_progress *progress, void *user) {
    history *h = user;
    h->train[h->n] = progress->train_loss;
    h->validation[h->n] = progress->validation_loss;
    h->norm[h->n] = progress->gradient_norm;
    h->rate[h->n++] = progress->rate;
    return h->n < COUNT(h->train);
}

static void assert_close(double found, double expected, double bound) {
    if (!(fabs(found - expected) <= bound * fmax(1, fabs(expected)))) {
        fail_msg("found %.17g; expected %.17g", found, expected);
    }
}

/* Batches of one sample by plain SGD, which can be taken by runs. */
static dsc_fit_config single_config(void) {
    dsc_fit_config config = dsc_fit_config_default();
    config.max_epochs = 3;
    config.batch_size = 1;
    config.optimizer = dsc_sgd(0.01);
    return config;
}

/* Of a network and of data, whose numbers are floats, of those precisions. */
static history train_single(dsc_precision precision, dsc_precision of_data,
                            const dsc_fit_config *config, double *parameters) {
    data_set d;
    dsc_fit_data data = make_data(&d, 0.1);
    float x[N * N_IN], y[N];
    for (size_t i = 0; i < N * N_IN; i++) {
        x[i] = (float)d.x[i];
        d.x[i] = (double)x[i];
    }
    for (size_t i = 0; i < N; i++) {
        y[i] = (float)d.y[i];
        d.y[i] = (double)y[i];
    }
    if (of_data == DSC_FLOAT32) {
        data.x = dsc_matrix_f32(x, N, N_IN);
        data.y = dsc_matrix_f32(y, N, 1);
    }
    dsc_network *net = make_net(precision, 0);
    history h = {0};
    const dsc_status status = dsc_fit(net, &data, config, record, &h, NULL, NULL);
    assert_int_equal(status, DSC_E_CANCELLED);
    for (size_t i = 0; i < dsc_network_n_parameters(net); i++) {
        parameters[i] = precision == DSC_FLOAT32
                            ? (double)((const float *)dsc_network_parameters_const(net))[i]
                            : ((const double *)dsc_network_parameters_const(net))[i];
    }
    dsc_network_destroy(net);
    return h;
}

enum { N_PARAMETERS = 16 * N_IN + 16 + 16 + 1 }; /* of train_single */

static void a_run_of_steps_is_the_steps_one_by_one(void **state) {
    (void)state;
    static const dsc_schedule_config schedules[] = {
        {.kind = DSC_CONSTANT_RATE},
        {.kind = DSC_STEP_DECAY, .every = 1, .factor = 0.5},
        {.kind = DSC_ON_PLATEAU, .patience = 1, .factor = 0.5},
        {.kind = DSC_CONSTANT_RATE, .warmup = 1.5}, /* runs from the third epoch on */
        {.kind = DSC_COSINE},                       /* none */
    };
    for (size_t i = 0; i < 2 * COUNT(schedules); i++) {
        const dsc_precision precision = i % 2 == 0 ? DSC_FLOAT32 : DSC_FLOAT64;
        dsc_fit_config config = single_config();
        config.schedule = schedules[i / 2];
        const double bound = precision == DSC_FLOAT32 ? 1e-4 : 0; /* plain C has the same bytes */
        double found[N_PARAMETERS], expected[N_PARAMETERS];
        const history run = train_single(precision, precision, &config, found);
        config.clip_norm = 1e30;
        const history steps = train_single(precision, precision, &config, expected);
        assert_int_equal(run.n, steps.n);
        for (size_t e = 0; e < run.n; e++) {
            assert_close(run.train[e], steps.train[e], fmax(bound, 1e-15));
            assert_close(run.validation[e], steps.validation[e], bound);
            assert_close(run.norm[e], steps.norm[e], bound);
            assert_close(run.rate[e], steps.rate[e], 0);
        }
        for (size_t k = 0; k < N_PARAMETERS; k++) {
            assert_close(found[k], expected[k], bound);
        }
    }
}

/* What a run cannot do is done all the same: data of another precision, which hold the same numbers, never
 * go by runs. */
static void no_setting_is_lost_in_a_run(void **state) {
    (void)state;
    dsc_fit_config configs[6];
    for (size_t i = 0; i < COUNT(configs); i++) {
        configs[i] = single_config();
    }
    configs[1].clip_norm = 1e-3;
    configs[2].l1 = 0.1;
    configs[3].l2 = 0.1;
    configs[4].optimizer.momentum = 0.9;
    configs[5].optimizer = dsc_adam(0.01);
    for (size_t i = 0; i < COUNT(configs); i++) {
        double found[N_PARAMETERS], expected[N_PARAMETERS];
        train_single(DSC_FLOAT32, DSC_FLOAT32, &configs[i], found);
        train_single(DSC_FLOAT32, DSC_FLOAT64, &configs[i], expected);
        for (size_t k = 0; k < N_PARAMETERS; k++) {
            assert_close(found[k], expected[k], 1e-4);
        }
    }
}

/* The epoch and the place of a number that is not finite are told as by steps one by one. */
static void a_run_that_overflows_is_told(void **state) {
    (void)state;
    static const float x[] = {1, 2, 3, 4}, y[] = {1, 2, 3, 4};
    for (size_t i = 0; i < 2; i++) {
        const dsc_layer_config layers[] = {{2, DSC_IDENTITY, true}, {1, DSC_IDENTITY, true}};
        dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 1, 2, layers);
        dsc_network_init(net, DSC_INIT_GLOROT, 1);
        const dsc_fit_data data = {.x = dsc_matrix_f32(x, 4, 1), .y = dsc_matrix_f32(y, 4, 1)};
        dsc_fit_config config = dsc_fit_config_default();
        dsc_error err;
        config.batch_size = 1;
        config.optimizer = dsc_sgd(3);
        config.clip_norm = i == 0 ? 0 : 1e300;
        assert_int_equal(dsc_fit(net, &data, &config, NULL, NULL, NULL, &err), DSC_E_NONFINITE);
        assert_string_equal(err.where, "epoch 2, layer 2");
        dsc_network_destroy(net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_in_the_passes_are_those_of_the_public_calls),
        cmocka_unit_test(a_run_of_steps_is_the_steps_one_by_one),
        cmocka_unit_test(no_setting_is_lost_in_a_run),
        cmocka_unit_test(a_run_that_overflows_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
