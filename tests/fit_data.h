/* Data and a network for tests of fitting. */
#ifndef DSC_TESTS_FIT_DATA_H
#define DSC_TESTS_FIT_DATA_H

#include "small_networks.h"

#include <math.h>

#include "descent/fit.h"
#include "descent/random.h"

/* More samples than one tile holds. */
enum { N = 300, N_VALIDATION = 150, N_IN = 4 };

typedef struct data_set {
    double x[N * N_IN], y[N];
    double x_validation[N_VALIDATION * N_IN], y_validation[N_VALIDATION];
} data_set;

/* A smooth function of the inputs, and noise. */
static inline void draw(double *x, double *y, size_t n, double noise, uint64_t index) {
    dsc_random random = dsc_random_stream(4, 300, index);
    for (size_t s = 0; s < n; s++) {
        double *row = x + s * N_IN;
        for (size_t j = 0; j < N_IN; j++) {
            row[j] = dsc_random_normal(&random);
        }
        y[s] = sin(row[0]) + row[1] * row[2] / 2 - row[3] + noise * dsc_random_normal(&random);
    }
}

static inline dsc_fit_data make_data(data_set *d, double noise) {
    draw(d->x, d->y, N, noise, 0);
    draw(d->x_validation, d->y_validation, N_VALIDATION, noise, 1);
    return (dsc_fit_data){dsc_matrix_f64(d->x, N, N_IN), dsc_matrix_f64(d->y, N, 1),
                          dsc_matrix_f64(d->x_validation, N_VALIDATION, N_IN),
                          dsc_matrix_f64(d->y_validation, N_VALIDATION, 1)};
}

static inline dsc_fit_data without_validation(dsc_fit_data data) {
    data.x_validation = data.y_validation = (dsc_matrix){0};
    return data;
}

static inline dsc_network *make_net(dsc_precision precision, double dropout) {
    const dsc_layer_config layers[] = {{16, DSC_TANH, true, false, dropout},
                                       {1, DSC_IDENTITY, true}};
    dsc_network *net = make_network(precision, DSC_MEAN_SQUARED_ERROR, N_IN, 2, layers);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);
    return net;
}

#endif
