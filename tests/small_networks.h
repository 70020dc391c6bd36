/* Networks for tests: created in one line, and the worked example of docs/math.md. */
#ifndef DSC_TESTS_SMALL_NETWORKS_H
#define DSC_TESTS_SMALL_NETWORKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "descent/network.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A call that must work and that reports to &failure; shows the report when it does not. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        dsc_error failure = {0};                                                                   \
        if ((call) != DSC_OK) {                                                                    \
            fail_msg("%s: %s: %s", #call, failure.where, failure.message);                         \
        }                                                                                          \
    } while (0)

static inline dsc_network *make_network(dsc_precision precision, dsc_loss loss, size_t n_in,
                                        size_t n_layers, const dsc_layer_config *layers) {
    const dsc_network_config config = {precision, n_in, n_layers, layers, loss};
    dsc_network *net = NULL;
    MUST(dsc_network_create(&net, &config, &failure));
    return net;
}

static inline dsc_workspace *make_workspace(const dsc_network *net, size_t max_batch,
                                            bool keep_intermediates) {
    const dsc_workspace_config config = {.max_batch = max_batch,
                                         .keep_intermediates = keep_intermediates};
    dsc_workspace *ws = NULL;
    MUST(dsc_workspace_create(&ws, net, &config, &failure));
    return ws;
}

/* The worked example, in both precisions; every number of it up to the gradients is an integer. */
static const double example_x[] = {2, 0, 3, 0, 1, 0};
static const float example_x_f32[] = {2, 0, 3, 0, 1, 0};
static const double example_y[] = {50, 71, 1, 3};
static const float example_y_f32[] = {50, 71, 1, 3};
static const double example_w1[] = {2, 3, 0, 1, 1, 3};
static const double example_w2[] = {1, 2, 3, 4};

static inline dsc_network *make_example(dsc_precision precision, dsc_loss loss) {
    const dsc_layer_config layers[] = {{2, DSC_IDENTITY, false}, {2, DSC_IDENTITY, false}};
    dsc_network *net = make_network(precision, loss, 3, 2, layers);
    const dsc_matrix none = {0};
    MUST(dsc_network_set_layer(net, 0, dsc_matrix_f64(example_w1, 3, 2), none, &failure));
    MUST(dsc_network_set_layer(net, 1, dsc_matrix_f64(example_w2, 2, 2), none, &failure));
    return net;
}

static inline dsc_matrix example_input(dsc_precision precision) {
    return precision == DSC_FLOAT32 ? dsc_matrix_f32(example_x_f32, 2, 3)
                                    : dsc_matrix_f64(example_x, 2, 3);
}

static inline dsc_matrix example_target(dsc_precision precision) {
    return precision == DSC_FLOAT32 ? dsc_matrix_f32(example_y_f32, 2, 2)
                                    : dsc_matrix_f64(example_y, 2, 2);
}

/* Fails unless m is (n_rows, n_cols) with exactly the `expected` elements. */
static inline void assert_matrix(dsc_matrix m, size_t n_rows, size_t n_cols,
                                 const double *expected) {
    assert_non_null(m.data);
    assert_int_equal(m.n_rows, n_rows);
    assert_int_equal(m.n_cols, n_cols);
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t col = 0; col < n_cols; col++) {
            double found = dsc_matrix_at(m, row, col);
            double wanted = expected[row * n_cols + col];
            if (found != wanted) { /* also fails on not a number */
                fail_msg("element (%zu, %zu) is %.17g; expected %.17g", row, col, found, wanted);
            }
        }
    }
}

#endif
