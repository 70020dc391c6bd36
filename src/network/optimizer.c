/* Gradient descent on a flat array: the rules and their state.
 *
 * Implements docs/math.md (10) to (14) and (36) to (39) by way of the kernels. */
#include "descent/optimizer.h"

#include <math.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/kernels.h"
#include "network/optimizer_rows.h"

struct dsc_optimizer {
    const dsc_kernels *kernels;
    dsc_optimizer_config config;
    size_t n_parameters;
    uint64_t n_steps; /* Adam's t */
    dsc_step step;    /* the settings of the running step, for the kernels */
    /* (n_parameters) each: the velocity, or the squares, or Adam's first and second moment; NULL
     * where the rule has no such state. */
    void *state[2];
};

dsc_optimizer_config dsc_sgd(double rate) {
    return (dsc_optimizer_config){.kind = DSC_SGD, .rate = rate};
}

dsc_optimizer_config dsc_adam(double rate) {
    return (dsc_optimizer_config){
        .kind = DSC_ADAM, .rate = rate, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

dsc_optimizer_config dsc_momentum(double rate, double momentum) {
    return (dsc_optimizer_config){.kind = DSC_SGD, .rate = rate, .momentum = momentum};
}

dsc_optimizer_config dsc_nesterov(double rate, double momentum) {
    return (dsc_optimizer_config){
        .kind = DSC_SGD, .rate = rate, .momentum = momentum, .is_nesterov = true};
}

dsc_optimizer_config dsc_adagrad(double rate) {
    return (dsc_optimizer_config){.kind = DSC_ADAGRAD, .rate = rate, .epsilon = 1e-10};
}

dsc_optimizer_config dsc_rmsprop(double rate) {
    return (dsc_optimizer_config){
        .kind = DSC_RMSPROP, .rate = rate, .beta2 = 0.99, .epsilon = 1e-8};
}

dsc_optimizer_config dsc_adamw(double rate) {
    dsc_optimizer_config config = dsc_adam(rate);
    config.kind = DSC_ADAMW;
    config.decay = 0.01;
    return config;
}

static bool is_share(double value) {
    return value >= 0 && value < 1; /* false for not a number */
}

static bool is_positive(double value) {
    return value > 0 && isfinite(value);
}

static dsc_status check_config(const dsc_optimizer_config *config, dsc_error *err) {
    const bool is_adam = config->kind == DSC_ADAM || config->kind == DSC_ADAMW;
    const bool has_beta2 = is_adam || config->kind == DSC_RMSPROP;
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
    if (config->kind == DSC_SGD && config->is_nesterov && !(config->momentum > 0)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "momentum",
                        "is %g; expected a number above 0 to look ahead by", config->momentum);
    }
    if ((is_adam && !is_share(config->beta1)) || (has_beta2 && !is_share(config->beta2))) {
        return dsc_fail(err, DSC_E_ARGUMENT, "beta", "are %g and %g; expected 0 <= beta < 1",
                        config->beta1, config->beta2);
    }
    if (config->kind != DSC_SGD && !is_positive(config->epsilon)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "epsilon", "is %g; expected a number above 0",
                        config->epsilon);
    }
    if (config->kind == DSC_ADAMW && !(config->decay >= 0 && isfinite(config->decay))) {
        return dsc_fail(err, DSC_E_ARGUMENT, "decay", "is %g; expected a number from 0 up",
                        config->decay);
    }
    return DSC_OK;
}

static size_t count_states(const dsc_optimizer_config *config) {
    switch (config->kind) {
    case DSC_SGD:
        return config->momentum > 0 ? 1 : 0;
    case DSC_ADAGRAD:
    case DSC_RMSPROP:
        return 1;
    case DSC_ADAM:
    case DSC_ADAMW:
        break;
    }
    return 2;
}

dsc_status dsc_optimizer_create(dsc_optimizer **out, const dsc_optimizer_config *config,
                                dsc_precision precision, size_t n_parameters, dsc_error *err) {
    *out = NULL;
    dsc_status status = check_config(config, err);
    const dsc_kernels *kernels = NULL;
    if (status == DSC_OK) {
        status = dsc_kernels_choose(&kernels, precision, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_optimizer *optimizer = dsc_alloc(1, sizeof *optimizer);
    if (optimizer == NULL) {
        return dsc_fail_memory(err, "an optimizer");
    }
    optimizer->kernels = kernels;
    optimizer->config = *config;
    optimizer->n_parameters = n_parameters;
    for (size_t s = 0; s < count_states(config); s++) {
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
    optimizer->step =
        (dsc_step){.rate = config->rate,
                   .decay = config->kind == DSC_ADAMW ? config->decay : 0,
                   .momentum = config->momentum,
                   .is_nesterov = config->is_nesterov,
                   .beta1 = config->beta1,
                   .beta2 = config->beta2,
                   .epsilon = config->epsilon,
                   .correction1 = 1 / (1 - pow(config->beta1, (double)optimizer->n_steps)),
                   .correction2 = 1 / (1 - pow(config->beta2, (double)optimizer->n_steps))};
}

static void *range(const dsc_optimizer *optimizer, void *array, size_t first) {
    return array == NULL ? NULL : (char *)array + first * (size_t)optimizer->kernels->precision;
}

void dsc_optimizer_update(dsc_optimizer *optimizer, void *parameters, size_t first, size_t n,
                          const void *gradients, double l2) {
    const dsc_kernels *kernels = optimizer->kernels;
    void *const to = range(optimizer, parameters, first);
    void *const states[2] = {range(optimizer, optimizer->state[0], first),
                             range(optimizer, optimizer->state[1], first)};
    dsc_step step = optimizer->step;
    step.l2 = l2;
    switch (optimizer->config.kind) {
    case DSC_SGD:
        kernels->sgd_step(to, states[0], gradients, n, &step);
        break;
    case DSC_ADAGRAD:
        kernels->adagrad_step(to, states[0], gradients, n, &step);
        break;
    case DSC_RMSPROP:
        kernels->rmsprop_step(to, states[0], gradients, n, &step);
        break;
    case DSC_ADAM:
    case DSC_ADAMW:
        kernels->adam_step(to, states, gradients, n, &step);
        break;
    }
}

void dsc_optimizer_update_rows(const dsc_optimizer *optimizer, const dsc_row_steps *rows,
                               double l2) {
    static const dsc_kernel_rule rules[] = {[DSC_SGD] = DSC_KERNEL_SGD,
                                            [DSC_ADAM] = DSC_KERNEL_ADAM,
                                            [DSC_ADAGRAD] = DSC_KERNEL_ADAGRAD,
                                            [DSC_RMSPROP] = DSC_KERNEL_RMSPROP,
                                            [DSC_ADAMW] = DSC_KERNEL_ADAM};
    dsc_row_steps own = *rows;
    dsc_step step = optimizer->step;
    own.rule = rules[optimizer->config.kind];
    own.states[0] = optimizer->state[0];
    own.states[1] = optimizer->state[1];
    step.l2 = l2;
    (own.is_bf16 ? optimizer->kernels->step_bf16_rows : optimizer->kernels->step_rows)(&own, &step);
}

void dsc_optimizer_step(dsc_optimizer *optimizer, void *parameters, const void *gradients) {
    dsc_optimizer_begin_step(optimizer);
    dsc_optimizer_update(optimizer, parameters, 0, optimizer->n_parameters, gradients, 0);
}
