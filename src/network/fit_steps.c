/* Steps of one sample each, by the kernel that takes a whole run of them. */
#include "network/fit_internal.h"

#include <math.h>

#include "network/network_internal.h"

static bool is_simple(dsc_activation activation) {
    return activation == DSC_IDENTITY || activation == DSC_RELU || activation == DSC_LEAKY_RELU ||
           activation == DSC_SIGMOID || activation == DSC_TANH;
}

/* Of the size and the kinds that the kernel has. */
static bool is_small(const dsc_network *net) {
    if (net->n_layers > DSC_STEP_LAYERS || dsc_network_n_in(net) > DSC_STEP_INPUTS ||
        (net->loss != DSC_HALF_SUM_OF_SQUARES && net->loss != DSC_MEAN_SQUARED_ERROR)) {
        return false;
    }
    for (size_t l = 0; l < net->n_layers; l++) {
        const layer *of = &net->layers[l];
        if (of->n_out > DSC_STEP_UNITS || !is_simple(of->activation) || of->has_norm ||
            of->dropout > 0) {
            return false;
        }
    }
    return true;
}

bool dsc_fitter_has_runs(const dsc_fitter *fitter) {
    const dsc_network *net = fitter->net;
    const dsc_fit_samples *train = &fitter->train;
    return is_small(net) && train->x.precision == net->precision &&
           train->y.precision == net->precision;
}

bool dsc_fitter_run_steps(dsc_fitter *fitter, const uint32_t *order, size_t n, double rate,
                          double *loss) {
    dsc_network *net = fitter->net;
    dsc_step_layer layers[DSC_STEP_LAYERS];
    for (size_t l = 0; l < net->n_layers; l++) {
        const layer *of = &net->layers[l];
        layers[l] = (dsc_step_layer){
            .n_in = of->n_in,
            .n_out = of->n_out,
            .activation = (dsc_kernel_activation)of->activation,
            .weights = at(net->parameters, of->weights_at, net->precision),
            .bias = of->has_bias ? at(net->parameters, of->bias_at, net->precision) : NULL};
    }
    *loss = net->kernels->run_steps(&(dsc_step_run){.layers = layers,
                                                    .n_layers = net->n_layers,
                                                    .loss = (dsc_kernel_loss)net->loss,
                                                    .x = fitter->train.x.data,
                                                    .y = fitter->train.y.data,
                                                    .order = order,
                                                    .n_steps = n,
                                                    .rate = rate});
    return isfinite(*loss);
}
