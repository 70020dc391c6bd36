/* Gradient descent on a flat array: SGD, momentum, Adam, with their state. docs/math.md (10)-(14).
 */
#include "descent/optimizer.h"

#include <math.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/kernels.h"

struct dsc_optimizer {
    const dsc_kernels *kernels;
    dsc_optimizer_config config;
    size_t n_parameters;
    uint64_t n_steps; /* Adam's t */
    dsc_step step;    /* the settings of the running step, for the kernels */
    /* (n_parameters) each: the velocity, or Adam's first and second moment; NULL where the rule has
     * no such state. */
    void *state[2];
};

dsc_optimizer_config dsc_sgd(double rate) {
    return (dsc_optimizer_config){.kind = DSC_SGD, .rate = rate};
}

dsc_optimizer_config dsc_adam(double rate) {
    return (dsc_optimizer_config){
        .kind = DSC_ADAM, .rate = rate, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

static bool is_share(double value) {
    return value >= 0 && value < 1; /* false for not a number */
}

static bool is_positive(double value) {
    return value > 0 && isfinite(value);
}

static dsc_status check_config(const dsc_optimizer_config *config, dsc_error *err) {
    if (dsc_optimizer_name(config->kind) == NULL) {
        return dsc_fail(err, DSC_E_ARGUMENT, "optimizer", "%d is not an optimizer",
                        (int)config->kind);
    }
    if (!is_positive(config->rate)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "rate", "is %g; expected a number above 0",
                        config->rate);
    }
    if (config->kind == DSC_SGD && !is_share(config->momentum)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "momentum", "is %g; expected 0 <= momentum < 1",
                        config->momentum);
    }
    if (config->kind == DSC_ADAM && (!is_share(config->beta1) || !is_share(config->beta2))) {
        return dsc_fail(err, DSC_E_ARGUMENT, "beta", "are %g and %g; expected 0 <= beta < 1",
                        config->beta1, config->beta2);
    }
    if (config->kind == DSC_ADAM && !is_positive(config->epsilon)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "epsilon", "is %g; expected a number above 0",
                        config->epsilon);
    }
    return DSC_OK;
}

dsc_status dsc_optimizer_create(dsc_optimizer **out, const dsc_optimizer_config *config,
                                dsc_precision precision, size_t n_parameters, dsc_error *err) {
    *out = NULL;
    dsc_status status = check_config(config, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_optimizer *optimizer = dsc_alloc(1, sizeof *optimizer);
    if (optimizer == NULL) {
        return dsc_fail_memory(err, "an optimizer");
    }
    optimizer->kernels = dsc_kernels_get(precision);
    optimizer->config = *config;
    optimizer->n_parameters = n_parameters;
    const size_t n_states = config->kind == DSC_ADAM ? 2 : config->momentum > 0 ? 1 : 0;
    for (size_t s = 0; s < n_states; s++) {
        optimizer->state[s] = dsc_alloc(n_parameters, (size_t)precision);
        if (optimizer->state[s] == NULL) {
            dsc_optimizer_destroy(optimizer);
            return dsc_fail_memory(err, "the optimizer's state");
        }
    }
    *out = optimizer;
    return DSC_OK;
}

void dsc_optimizer_destroy(dsc_optimizer *optimizer) {
    if (optimizer == NULL) {
        return;
    }
    dsc_free(optimizer->state[0]);
    dsc_free(optimizer->state[1]);
    dsc_free(optimizer);
}

dsc_status dsc_optimizer_set_rate(dsc_optimizer *optimizer, double rate, dsc_error *err) {
    if (!is_positive(rate)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "rate", "is %g; expected a number above 0", rate);
    }
    optimizer->config.rate = rate;
    return DSC_OK;
}

void dsc_optimizer_begin_step(dsc_optimizer *optimizer) {
    const dsc_optimizer_config *config = &optimizer->config;
    optimizer->n_steps++;
    optimizer->step = (dsc_step){.rate = config->rate,
                                 .momentum = config->momentum,
                                 .beta1 = config->beta1,
                                 .beta2 = config->beta2,
                                 .epsilon = config->epsilon,
                                 .correction1 = 1 - pow(config->beta1, (double)optimizer->n_steps),
                                 .correction2 = 1 - pow(config->beta2, (double)optimizer->n_steps)};
}

static void *range(const dsc_optimizer *optimizer, void *array, size_t first) {
    return array == NULL ? NULL : (char *)array + first * (size_t)optimizer->kernels->precision;
}

void dsc_optimizer_update(dsc_optimizer *optimizer, void *parameters, size_t first, size_t n,
                          const void *gradients, double l2) {
    const dsc_kernels *kernels = optimizer->kernels;
    void *const moments[2] = {range(optimizer, optimizer->state[0], first),
                              range(optimizer, optimizer->state[1], first)};
    optimizer->step.l2 = l2;
    if (optimizer->config.kind == DSC_SGD) {
        kernels->sgd_step(range(optimizer, parameters, first), moments[0], gradients, n,
                          &optimizer->step);
    } else {
        kernels->adam_step(range(optimizer, parameters, first), moments, gradients, n,
                           &optimizer->step);
    }
}

void dsc_optimizer_step(dsc_optimizer *optimizer, void *parameters, const void *gradients) {
    dsc_optimizer_begin_step(optimizer);
    dsc_optimizer_update(optimizer, parameters, 0, optimizer->n_parameters, gradients, 0);
}
