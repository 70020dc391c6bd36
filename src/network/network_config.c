/* Which networks there can be: the rules of a dsc_network_config. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "network/network_internal.h"

static bool takes_logits(dsc_loss loss) {
    return loss == DSC_BINARY_CROSS_ENTROPY || loss == DSC_CROSS_ENTROPY;
}

/* The last layer, and what the loss asks of it. */
static dsc_status check_output(const dsc_network_config *config, dsc_error *err) {
    const dsc_layer_config *last = &config->layers[config->n_layers - 1];
    const bool is_squashed = last->activation == DSC_SIGMOID || last->activation == DSC_SOFTMAX;
    if (last->dropout > 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "last layer",
                        "has a dropout of %g; expected 0: predictions are not dropped",
                        last->dropout);
    }
    if (takes_logits(config->loss) && is_squashed) {
        return dsc_fail(err, DSC_E_ARGUMENT, "last layer",
                        "has the activation %s; expected logits for the loss %s, such as identity "
                        "gives",
                        dsc_activation_name(last->activation), dsc_loss_name(config->loss));
    }
    if (!(config->huber_delta >= 0 && isfinite(config->huber_delta))) {
        return dsc_fail(err, DSC_E_ARGUMENT, "huber_delta", "is %g; expected a number above 0",
                        config->huber_delta);
    }
    const double *weights = config->class_weights;
    if (weights != NULL && !takes_logits(config->loss) && config->loss != DSC_HINGE) {
        return dsc_fail(err, DSC_E_ARGUMENT, "class_weights",
                        "are given for the loss %s, which knows no classes",
                        dsc_loss_name(config->loss));
    }
    for (size_t k = 0; weights != NULL && k < last->n_out; k++) {
        if (!(weights[k] > 0 && isfinite(weights[k]))) {
            return dsc_fail(err, DSC_E_ARGUMENT, "class_weights",
                            "weight %zu is %g; expected a finite number above 0", k + 1,
                            weights[k]);
        }
    }
    return DSC_OK;
}

dsc_status dsc_network_config_check(const dsc_network_config *config, dsc_error *err) {
    if (config->precision != DSC_FLOAT32 && config->precision != DSC_FLOAT64) {
        return dsc_fail(err, DSC_E_ARGUMENT, "precision",
                        "is %d; expected DSC_FLOAT32 or DSC_FLOAT64", (int)config->precision);
    }
    if (dsc_loss_name(config->loss) == NULL) {
        return dsc_fail(err, DSC_E_ARGUMENT, "loss", "%d is not a loss", (int)config->loss);
    }
    if (config->n_in == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_in", "is 0; expected at least 1 input");
    }
    if (config->n_layers == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_layers", "is 0; expected at least 1 layer");
    }
    for (size_t l = 0; l < config->n_layers; l++) {
        char where[48];
        snprintf(where, sizeof where, "layer %zu", l + 1);
        if (config->layers[l].n_out == 0) {
            return dsc_fail(err, DSC_E_ARGUMENT, where, "has 0 units; expected at least 1");
        }
        if (dsc_activation_name(config->layers[l].activation) == NULL) {
            return dsc_fail(err, DSC_E_ARGUMENT, where, "%d is not an activation",
                            (int)config->layers[l].activation);
        }
        const double dropout = config->layers[l].dropout;
        if (!(dropout >= 0 && dropout < 1)) {
            return dsc_fail(err, DSC_E_ARGUMENT, where, "has a dropout of %g; expected 0 <= p < 1",
                            dropout);
        }
    }
    return check_output(config, err);
}
