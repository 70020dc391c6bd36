/* Steps on single samples of networks with large layers, which wait for the end of a block of samples, are the
 * steps one by one but for rounding. */
#include "fail_alloc.h"
#include "fit_data.h"

#include <stdlib.h>
#include <string.h>

/* Samples of two blocks and some, and the one that always goes by itself. Layers of WIDTH inputs and outputs
 * are large. */
enum { N_SAMPLES = 72, BLOCK = 32, WIDTH = 72, N_OUT = 3, N_EPOCHS = 3, MOST_PARAMETERS = 30000 };

typedef struct samples {
    double x[N_SAMPLES * WIDTH], y[N_SAMPLES * N_OUT];
    float x_float[N_SAMPLES * WIDTH], y_float[N_SAMPLES * N_OUT];
} samples;

static void draw_samples(samples *s) {
    dsc_random random = dsc_random_stream(4, 301, 0);
    for (size_t i = 0; i < COUNT(s->x); i++) {
        s->x_float[i] = (float)dsc_random_normal(&random);
        s->x[i] = (double)s->x_float[i];
    }
    for (size_t i = 0; i < COUNT(s->y); i++) {
        s->y_float[i] = (float)(i % N_OUT == dsc_random_below(&random, N_OUT));
        s->y[i] = (double)s->y_float[i];
    }
}

/* Large layers first, last and in between, layers that are not, or are normalised, before and behind
 * rectifiers whose steps wait; activations whose derivative takes the sum, or those of all units; layers without
 * bias. */
typedef struct kind {
    size_t n_layers;
    dsc_layer_config layers[4];
} kind;
static const kind kinds[] = {
    {2, {{WIDTH, DSC_RELU, true}, {N_OUT, DSC_IDENTITY, true}}},
    {3, {{WIDTH, DSC_TANH, false}, {WIDTH, DSC_GELU, true}, {N_OUT, DSC_IDENTITY, false}}},
    {4,
     {{8, DSC_SIGMOID, true},
      {300, DSC_SWISH, true},
      {WIDTH, DSC_LEAKY_RELU, false},
      {N_OUT, DSC_SOFTPLUS, true}}},
    {3, {{WIDTH, DSC_RELU, true, true}, {WIDTH, DSC_RELU, true}, {N_OUT, DSC_IDENTITY, true}}},
    {2, {{WIDTH, DSC_ELU, true}, {WIDTH, DSC_TANH, true}}},
    {3, {{WIDTH, DSC_RELU, true}, {WIDTH, DSC_RELU, false}, {N_OUT, DSC_IDENTITY, true}}},
    {3, {{WIDTH, DSC_RELU, true}, {WIDTH, DSC_RELU, true, true}, {N_OUT, DSC_IDENTITY, true}}},
    {3, {{WIDTH, DSC_SOFTMAX, true}, {WIDTH, DSC_TANH, true}, {N_OUT, DSC_IDENTITY, true}}},
    {2, {{WIDTH, DSC_RELU, true}, {WIDTH, DSC_SOFTMAX, true}}},
};

/* n samples: classes, or where there are as many outputs as inputs those. */
static dsc_fit_data first_of(const samples *s, size_t n, const kind *k, dsc_precision precision) {
    const bool is_same = k->layers[k->n_layers - 1].n_out == WIDTH;
    if (precision == DSC_FLOAT32) {
        const dsc_matrix x = dsc_matrix_f32(s->x_float, n, WIDTH);
        return (dsc_fit_data){.x = x, .y = is_same ? x : dsc_matrix_f32(s->y_float, n, N_OUT)};
    }
    const dsc_matrix x = dsc_matrix_f64(s->x, n, WIDTH);
    return (dsc_fit_data){.x = x, .y = is_same ? x : dsc_matrix_f64(s->y, n, N_OUT)};
}

static dsc_fit_data data_of(const samples *s, const kind *k, dsc_precision precision) {
    return first_of(s, N_SAMPLES, k, precision);
}

static dsc_fit_config single_config(void) {
    dsc_fit_config config = dsc_fit_config_default();
    config.max_epochs = N_EPOCHS;
    config.batch_size = 1;
    config.optimizer = dsc_sgd(0.002);
    return config;
}

/* What training leaves of a network, and tells. */
typedef struct outcome {
    double parameters[MOST_PARAMETERS], loss[N_EPOCHS], norm[N_EPOCHS];
    size_t n, n_parameters;
} outcome;

static bool record(const dsc_fit_progress *progress, void *user) {
    outcome *o = user;
    o->loss[o->n] = progress->train_loss;
    o->norm[o->n++] = progress->gradient_norm;
    return true;
}

static outcome *train(const kind *k, dsc_precision precision, const dsc_fit_data *data,
                      const dsc_fit_config *config) {
    const bool is_classes = k->layers[k->n_layers - 1].activation == DSC_IDENTITY;
    const dsc_loss loss = is_classes ? DSC_CROSS_ENTROPY : DSC_HALF_SUM_OF_SQUARES;
    dsc_network *net = make_network(precision, loss, WIDTH, k->n_layers, k->layers);
    outcome *o = calloc(1, sizeof *o);
    assert_non_null(o);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);
    MUST(dsc_fit(net, data, config, record, o, NULL, &failure));
    o->n_parameters = dsc_network_n_parameters(net);
    assert_true(o->n_parameters <= MOST_PARAMETERS);
    for (size_t i = 0; i < o->n_parameters; i++) {
        const void *all = dsc_network_parameters_const(net);
        o->parameters[i] =
            precision == DSC_FLOAT32 ? (double)((const float *)all)[i] : ((const double *)all)[i];
    }
    dsc_network_destroy(net);
    return o;
}

static void assert_all_close(const double *found, const double *expected, size_t n, double bound) {
    for (size_t i = 0; i < n; i++) {
        if (!(fabs(found[i] - expected[i]) <= bound * fmax(1, fabs(expected[i])))) {
            fail_msg("element %zu is %.17g; expected %.17g", i, found[i], expected[i]);
        }
    }
}

/* A clipping that never clips asks for steps one by one: training by blocks comes out where that does.
 *   may_be_same  [in]  blocks of one sample, whose steps need not round in another way */
static void check_training(const kind *k, dsc_precision precision, const dsc_fit_data *data,
                           const dsc_schedule_config *schedule, bool may_be_same) {
    const double bound = precision == DSC_FLOAT32 ? 2e-5 : 1e-13;
    dsc_fit_config config = single_config();
    config.schedule = *schedule;
    outcome *found = train(k, precision, data, &config);
    config.clip_norm = 1e30;
    outcome *expected = train(k, precision, data, &config);
    assert_int_equal(found->n, N_EPOCHS);
    assert_all_close(found->loss, expected->loss, N_EPOCHS, bound);
    assert_all_close(found->norm, expected->norm, N_EPOCHS, 10 * bound);
    assert_all_close(found->parameters, expected->parameters, found->n_parameters, bound);
    if (!may_be_same) { /* it went another way: the rounding differs */
        assert_memory_not_equal(found->parameters, expected->parameters,
                                found->n_parameters * sizeof(double));
    }
    free(found);
    free(expected);
}

static void blocks_are_the_steps_one_by_one(void **state) {
    (void)state;
    static samples s;
    draw_samples(&s);
    static const dsc_schedule_config schedules[] = {
        {.kind = DSC_STEP_DECAY, .every = 1, .factor = 0.5},
        {.kind = DSC_CONSTANT_RATE, .warmup = 1.5}, /* blocks from the third epoch on */
    };
    for (size_t i = 0; i < 4 * COUNT(kinds); i++) {
        const kind *k = &kinds[i / 4];
        const dsc_precision precision = i % 2 == 0 ? DSC_FLOAT32 : DSC_FLOAT64;
        const dsc_fit_data data = data_of(&s, k, precision);
        check_training(k, precision, &data, &schedules[i / 2 % 2], false);
    }
}

/* Fewer than a block has, whole blocks, and a block of one; besides the last sample. */
static void any_number_of_samples(void **state) {
    (void)state;
    static const size_t n_before_last[] = {1,         7,         BLOCK - 1,    BLOCK,
                                           BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1};
    static const dsc_schedule_config constant = {.kind = DSC_CONSTANT_RATE};
    static samples s;
    draw_samples(&s);
    for (size_t i = 0; i < 2 * COUNT(n_before_last); i++) {
        const kind *k = &kinds[1];
        const size_t n = n_before_last[i / 2];
        const dsc_precision precision = i % 2 == 0 ? DSC_FLOAT32 : DSC_FLOAT64;
        const dsc_fit_data data = first_of(&s, n + 1, k, precision);
        check_training(k, precision, &data, &constant, n == 1);
    }
}

/* Neither the precision of the samples nor the number of threads changes a byte. */
static void blocks_have_the_same_bytes(void **state) {
    (void)state;
    static samples s;
    draw_samples(&s);
    const dsc_fit_data floats = data_of(&s, &kinds[1], DSC_FLOAT32),
                       doubles = data_of(&s, &kinds[1], DSC_FLOAT64);
    dsc_fit_config config = single_config();
    outcome *expected = train(&kinds[1], DSC_FLOAT32, &floats, &config);
    for (size_t n_threads = 1; n_threads <= 8; n_threads++) {
        config.n_threads = n_threads;
        outcome *found =
            train(&kinds[1], DSC_FLOAT32, n_threads % 2 == 0 ? &floats : &doubles, &config);
        assert_memory_equal(found, expected, sizeof *found);
        free(found);
    }
    free(expected);
}

/* Dropout, a penalty, momentum or a rate that moves within the epoch ask for steps one by one: the public
 * passes draw, and these settings work, as ever. */
static void settings_that_blocks_lack_go_another_way(void **state) {
    (void)state;
    static samples s;
    draw_samples(&s);
    const dsc_fit_data data = data_of(&s, &kinds[0], DSC_FLOAT64);
    dsc_fit_config config = single_config();
    outcome *plain = train(&kinds[0], DSC_FLOAT64, &data, &config);
    for (size_t i = 0; i < 4; i++) {
        kind k = kinds[0];
        config = single_config();
        if (i == 0) {
            k.layers[0].dropout = 0.5;
        } else if (i == 1) {
            config.l2 = 1;
        } else if (i == 2) {
            config.optimizer.momentum = 0.5;
        } else {
            config.schedule.kind = DSC_COSINE;
        }
        outcome *found = train(&k, DSC_FLOAT64, &data, &config);
        config.clip_norm = 1e30;
        outcome *expected = train(&k, DSC_FLOAT64, &data, &config);
        double most = 0;
        for (size_t j = 0; j < found->n_parameters; j++) {
            most = fmax(most, fabs(found->parameters[j] - plain->parameters[j]));
        }
        assert_true(most > 1e-4);
        assert_memory_equal(found, expected, sizeof *found);
        free(found);
        free(expected);
    }
    free(plain);
}

/* The epoch and the place of a number that is not finite are told as by steps one by one, and the network
 * keeps the weights from before the epoch. */
static void a_block_that_overflows_is_told(void **state) {
    (void)state;
    static samples s;
    draw_samples(&s);
    const dsc_fit_data data = data_of(&s, &kinds[0], DSC_FLOAT32);
    dsc_error err[2];
    for (size_t i = 0; i < 2; i++) {
        const dsc_layer_config layers[] = {{WIDTH, DSC_IDENTITY, true},
                                           {N_OUT, DSC_IDENTITY, true}};
        dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, WIDTH, 2, layers);
        dsc_network_init(net, DSC_INIT_GLOROT, 1);
        float before[WIDTH * WIDTH];
        memcpy(before, dsc_network_parameters_const(net), sizeof before);
        dsc_fit_config config = single_config();
        config.optimizer = dsc_sgd(3);
        config.clip_norm = i == 0 ? 0 : 1e300;
        assert_int_equal(dsc_fit(net, &data, &config, NULL, NULL, NULL, &err[i]), DSC_E_NONFINITE);
        assert_memory_equal(dsc_network_parameters_const(net), before, sizeof before);
        dsc_network_destroy(net);
    }
    assert_string_equal(err[0].where, err[1].where);
    assert_string_equal(err[0].message, err[1].message);
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
    static samples s;
    draw_samples(&s);
    fitting f = {
        make_network(DSC_FLOAT32, DSC_CROSS_ENTROPY, WIDTH, kinds[0].n_layers, kinds[0].layers),
        data_of(&s, &kinds[0], DSC_FLOAT32), single_config()};
    fail_alloc_each(fit, &f, 6);
    dsc_network_destroy(f.net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_the_steps_one_by_one),
        cmocka_unit_test(any_number_of_samples),
        cmocka_unit_test(blocks_have_the_same_bytes),
        cmocka_unit_test(settings_that_blocks_lack_go_another_way),
        cmocka_unit_test(a_block_that_overflows_is_told),
        cmocka_unit_test(each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
