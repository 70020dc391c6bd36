/* Backpropagation into places of the caller's against that into the workspace, byte by byte. */
#include "small_networks.h"

#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "network/pass_into.h"

/* More inputs than a register holds, of no even number. */
enum { N_IN = 37, N_OUT = 3, BATCH = 11 };

static dsc_network *make_net(dsc_precision precision) {
    const dsc_layer_config layers[] = {{.n_out = 19, .activation = DSC_RELU, .has_bias = true},
                                       {.n_out = 7, .activation = DSC_TANH, .has_bias = true},
                                       {.n_out = N_OUT, .activation = DSC_IDENTITY}};
    dsc_network *net =
        make_network(precision, DSC_HALF_SUM_OF_SQUARES, N_IN, COUNT(layers), layers);
    dsc_network_init(net, DSC_INIT_HE, 4);
    return net;
}

/* A batch with the gradient at its outputs, in both precisions. */
typedef struct problem {
    float x[BATCH * N_IN], d_y[BATCH * N_OUT];
    double x_f64[BATCH * N_IN], d_y_f64[BATCH * N_OUT];
} problem;

static void draw(problem *p) {
    dsc_random random = dsc_random_stream(1, 1, 0);
    for (size_t e = 0; e < COUNT(p->x); e++) {
        p->x_f64[e] = p->x[e] = (float)(dsc_random_uniform(&random) - 0.5);
    }
    for (size_t e = 0; e < COUNT(p->d_y); e++) {
        p->d_y_f64[e] = p->d_y[e] = (float)(dsc_random_uniform(&random) - 0.5);
    }
}

static dsc_matrix x_of(const problem *p, dsc_precision precision) {
    return precision == DSC_FLOAT32 ? dsc_matrix_f32(p->x, BATCH, N_IN)
                                    : dsc_matrix_f64(p->x_f64, BATCH, N_IN);
}

static dsc_matrix d_y_of(const problem *p, dsc_precision precision) {
    return precision == DSC_FLOAT32 ? dsc_matrix_f32(p->d_y, BATCH, N_OUT)
                                    : dsc_matrix_f64(p->d_y_f64, BATCH, N_OUT);
}

/* Whatever inputs are wanted, each gradient is that of a pass that gives all of them. */
static void check_inputs(const dsc_network *net, dsc_workspace *ws, const problem *p,
                         const char *all) {
    const dsc_precision precision = dsc_network_precision(net);
    double found[BATCH * N_IN];
    for (size_t first = 0; first < N_IN; first++) {
        for (size_t wanted = 0; first + wanted <= N_IN; wanted++) {
            const size_t n = wanted > 0 ? wanted : N_IN - first; /* 0: to the end */
            MUST(dsc_network_forward(net, ws, x_of(p, precision), &failure));
            MUST(dsc_network_backward_into(
                net, ws, d_y_of(p, precision),
                &(dsc_gradient_places){.input = found, .first_wanted = first, .n_wanted = wanted},
                &failure));
            for (size_t s = 0; s < BATCH; s++) {
                assert_memory_equal((const char *)found + s * n * (size_t)precision,
                                    all + (s * N_IN + first) * (size_t)precision,
                                    n * (size_t)precision);
            }
        }
    }
}

static void inputs_alone_are_those_of_a_whole_pass(void **state) {
    (void)state;
    static const dsc_precision precisions[] = {DSC_FLOAT32, DSC_FLOAT64};
    static problem p;
    draw(&p);
    for (size_t i = 0; i < COUNT(precisions); i++) {
        const dsc_precision precision = precisions[i];
        dsc_network *net = make_net(precision);
        dsc_workspace *ws = make_workspace(net, BATCH, false);
        const size_t n_bytes = dsc_network_n_parameters(net) * (size_t)precision;
        char *gradients = malloc(n_bytes);
        double all[BATCH * N_IN];
        assert_non_null(gradients);
        MUST(dsc_network_forward(net, ws, x_of(&p, precision), &failure));
        MUST(dsc_network_backward_from(net, ws, d_y_of(&p, precision), &failure));
        memcpy(gradients, dsc_workspace_gradients(ws), n_bytes);
        memcpy(all, dsc_workspace_d_input(ws).data, BATCH * N_IN * (size_t)precision);
        check_inputs(net, ws, &p, (const char *)all);
        double whole[BATCH * N_IN];
        MUST(dsc_network_backward_into(net, ws, d_y_of(&p, precision),
                                       &(dsc_gradient_places){.input = whole}, &failure));
        assert_memory_equal(whole, all, BATCH * N_IN * (size_t)precision);
        /* the workspace's own gradients stayed, and a pass into it goes on as before */
        assert_memory_equal(dsc_workspace_gradients(ws), gradients, n_bytes);
        dsc_workspace_zero_gradients(ws);
        MUST(dsc_network_backward_from(net, ws, d_y_of(&p, precision), &failure));
        assert_memory_equal(dsc_workspace_gradients(ws), gradients, n_bytes);
        assert_memory_equal(dsc_workspace_d_input(ws).data, all, BATCH * N_IN * (size_t)precision);
        free(gradients);
        dsc_workspace_destroy(ws);
        dsc_network_destroy(net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_alone_are_those_of_a_whole_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
