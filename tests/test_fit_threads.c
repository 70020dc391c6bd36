/* Fitting on several threads: the same bytes, the same failures, and no more memory than a batch needs. */
#include "small_networks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/fit.h"
#include "descent/random.h"
#include "fit_data.h"
#include "network/fit_passes.h"
#include "peak_alloc.h"

/* Large enough to be shared: 290 samples in two tiles. With dropout, normalisation and a validation
 * loss; by plain SGD, whose steps are part of the passes, by Adam with a penalty and a clipped norm,
 * and by L-BFGS. */
static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    static const size_t n_threads[] = {1, 2, 3, 8, 0};
    data_set d;
    const dsc_fit_data data = make_data(&d, 0.1);
    for (size_t way = 0; way < 3; way++) {
        const double dropout = way == 2 ? 0 : 0.2;
        const dsc_layer_config layers[] = {{250, DSC_RELU, true, true, dropout},
                                           {240, DSC_TANH, true, false, dropout},
                                           {1, DSC_IDENTITY, true}};
        dsc_network *nets[COUNT(n_threads)];
        dsc_fit_result results[COUNT(n_threads)];
        for (size_t i = 0; i < COUNT(n_threads); i++) {
            nets[i] = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, 3, layers);
            dsc_network_init(nets[i], DSC_INIT_GLOROT, 1);
            dsc_fit_config config = dsc_fit_config_default();
            config.max_epochs = 3;
            config.batch_size = 290; /* and a last one of 10 samples */
            config.n_threads = n_threads[i];
            config.use_lbfgs = way == 2;
            config.clip_norm = way == 1 ? 0.5 : 0;
            config.l2 = way == 1 ? 0.01 : 0;
            config.optimizer = way == 0 ? dsc_sgd(0.01) : dsc_adam(0.01);
            MUST(dsc_fit(nets[i], &data, &config, NULL, NULL, &results[i], &failure));
        }
        for (size_t i = 1; i < COUNT(n_threads); i++) {
            assert_memory_equal(dsc_network_parameters(nets[0]), dsc_network_parameters(nets[i]),
                                dsc_network_n_parameters(nets[0]) * sizeof(float));
            assert_memory_equal(&results[0].train_loss, &results[i].train_loss, sizeof(double));
            assert_memory_equal(&results[0].validation_loss, &results[i].validation_loss,
                                sizeof(double));
        }
        for (size_t i = 0; i < COUNT(n_threads); i++) {
            dsc_network_destroy(nets[i]);
        }
    }
}

static void too_many_threads_are_refused(void **state) {
    (void)state;
    data_set d;
    const dsc_fit_data data = make_data(&d, 0.1);
    dsc_network *net = make_net(DSC_FLOAT32, 0);
    dsc_fit_config config = dsc_fit_config_default();
    config.n_threads = 1025;
    dsc_error err;
    assert_int_equal(dsc_fit(net, &data, &config, NULL, NULL, NULL, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_threads");
    dsc_network_destroy(net);
}

/* Several groups: 1,100 samples are 5 of one thread, and of two threads 512, 512 and 76. */
enum { MANY = 1100, MOST_OUT = 8 };

typedef struct many_samples {
    double x[MANY * N_IN], y[MANY * MOST_OUT];
} many_samples;

/* Freed by the caller. */
static many_samples *draw_many(void) {
    many_samples *d = malloc(sizeof *d);
    assert_non_null(d);
    for (size_t k = 0; k < MOST_OUT; k++) {
        draw(d->x, d->y + k * MANY, MANY, 0.1, k);
    }
    return d;
}

static dsc_network *make_large(size_t n_out, double dropout) {
    const dsc_layer_config layers[] = {{130, DSC_RELU, true, true, dropout},
                                       {130, DSC_TANH, true, false, dropout},
                                       {n_out, DSC_IDENTITY, true}};
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, 3, layers);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);
    return net;
}

/* By the three ways of stepping: in the passes, which the last step of an epoch is not, behind them, and
 * L-BFGS. */
static void groups_of_any_size_give_the_same_bytes(void **state) {
    (void)state;
    static const struct { size_t way, n_out; } cases[] = {{0, 1}, {1, 1}, {2, 1}, {0, MOST_OUT}};
    many_samples *d = draw_many();
    for (size_t c = 0; c < COUNT(cases); c++) {
        const size_t way = cases[c].way, n_out = cases[c].n_out;
        const dsc_fit_data data = {.x = dsc_matrix_f64(d->x, MANY, N_IN),
                                   .y = dsc_matrix_f64(d->y, MANY, n_out),
                                   .x_validation = dsc_matrix_f64(d->x, MANY, N_IN),
                                   .y_validation = dsc_matrix_f64(d->y, MANY, n_out)};
        dsc_network *nets[3];
        dsc_fit_result results[COUNT(nets)];
        for (size_t i = 0; i < COUNT(nets); i++) {
            nets[i] = make_large(n_out, way == 2 ? 0 : 0.2);
            dsc_fit_config config = dsc_fit_config_default();
            config.max_epochs = 2;
            config.batch_size = way == 0 ? MANY - 1 : MANY;
            config.n_threads = i + 1;
            config.use_lbfgs = way == 2;
            config.clip_norm = way == 1 ? 0.5 : 0;
            config.l2 = way == 1 ? 0.01 : 0;
            config.optimizer = way == 0 ? dsc_sgd(0.01) : dsc_adam(0.01);
            MUST(dsc_fit(nets[i], &data, &config, NULL, NULL, &results[i], &failure));
            assert_memory_equal(dsc_network_parameters(nets[0]), dsc_network_parameters(nets[i]),
                                dsc_network_n_parameters(nets[0]) * sizeof(float));
            assert_memory_equal(&results[0].train_loss, &results[i].train_loss, sizeof(double));
            assert_memory_equal(&results[0].validation_loss, &results[i].validation_loss,
                                sizeof(double));
        }
        for (size_t i = 0; i < COUNT(nets); i++) {
            dsc_network_destroy(nets[i]);
        }
    }
    free(d);
}

/* A step on all samples in one pass, which must fail: how many threads there are neither shows in what
 * is told nor in the weights. */
static dsc_error fail_on_threads(const many_samples *d, size_t n_threads) {
    dsc_network *net = make_large(1, 0);
    const size_t n_bytes = dsc_network_n_parameters(net) * sizeof(float);
    void *before = malloc(n_bytes);
    assert_non_null(before);
    memcpy(before, dsc_network_parameters(net), n_bytes);
    const dsc_fit_samples samples = {dsc_matrix_f64(d->x, MANY, N_IN),
                                     dsc_matrix_f64(d->y, MANY, 1)};
    const dsc_step step = {.rate = 0.01};
    dsc_passes passes;
    dsc_error err = {0};
    double loss;
    MUST(dsc_passes_init(&passes, net, MANY, n_threads, &failure));
    assert_int_equal(dsc_pool_n_threads(passes.pool), n_threads);
    assert_int_equal(dsc_passes_gradient(&passes, &samples,
                                         &(dsc_fit_batch){.n = MANY, .stepped = net, .step = &step},
                                         &loss, &err),
                     DSC_E_NONFINITE);
    assert_memory_equal(before, dsc_network_parameters(net), n_bytes);
    dsc_passes_clear(&passes);
    dsc_network_destroy(net);
    free(before);
    return err;
}

/* Samples that spoil the loss; the first of those that are spoilt is told of: by its output, or by the loss
 * where it is the target that is infinite. */
static void any_number_of_threads_names_the_same_failure(void **state) {
    (void)state;
    static const struct {
        size_t outputs[2], targets[2]; /* samples, 0: none */
        const char *where;
    } cases[] = {
        {{1090}, {0}, "layer 1"}, {{0}, {1090}, "loss"},      {{1050}, {1095}, "layer 1"},
        {{1095}, {1050}, "loss"}, {{200}, {1050}, "layer 1"}, {{1050}, {300, 700}, "loss"},
    };
    static const size_t n_threads[] = {1, 2, 3, 8};
    for (size_t c = 0; c < COUNT(cases); c++) {
        many_samples *d = draw_many();
        for (size_t i = 0; i < 2; i++) {
            if (cases[c].outputs[i] > 0) {
                d->x[cases[c].outputs[i] * N_IN] = NAN;
            }
            if (cases[c].targets[i] > 0) {
                d->y[cases[c].targets[i]] = INFINITY;
            }
        }
        const dsc_error first = fail_on_threads(d, n_threads[0]);
        assert_string_equal(first.where, cases[c].where);
        for (size_t i = 1; i < COUNT(n_threads); i++) {
            const dsc_error err = fail_on_threads(d, n_threads[i]);
            assert_string_equal(err.where, first.where);
            assert_string_equal(err.message, first.message);
        }
        free(d);
    }
}

/* The most bytes that passes of 65 samples are given, which two threads can share. */
static size_t peak_on_threads(const dsc_network *net, size_t n_threads) {
    dsc_passes passes;
    peak_alloc_begin();
    MUST(dsc_passes_init(&passes, net, DSC_FIT_LOT + 1, n_threads, &failure));
    const size_t peak = peak_alloc_end();
    assert_int_equal(dsc_pool_n_threads(passes.pool), n_threads);
    dsc_passes_clear(&passes);
    return peak;
}

/* A thread has room for one layer's weights; of samples there is room for those of the batch. */
static void threads_take_no_room_for_samples(void **state) {
    (void)state;
    enum { WIDTH = 512, N_THREADS = 8, FEW_BYTES = 1 << 16 };
    const dsc_layer_config layers[] = {{WIDTH, DSC_RELU, true}, {WIDTH, DSC_RELU, true}};
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, 2, layers);
    const size_t weights = (size_t)WIDTH * WIDTH * sizeof(float);
    const size_t more = peak_on_threads(net, N_THREADS) - peak_on_threads(net, 1);
    assert_in_range(more, 0, (N_THREADS - 1) * weights + FEW_BYTES);
    dsc_network_destroy(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(groups_of_any_size_give_the_same_bytes),
        cmocka_unit_test(any_number_of_threads_names_the_same_failure),
        cmocka_unit_test(threads_take_no_room_for_samples),
        cmocka_unit_test(too_many_threads_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
