/* The names of activations, losses and optimizers in files and options, and back. */
#include <string.h>

#include "descent/network.h"
#include "descent/optimizer.h"

static const char *const activation_names[] = {"identity",   "relu",   "sigmoid",  "tanh",
                                               "leaky-relu", "elu",    "softplus", "gelu",
                                               "swish",      "softmax"};
static const char *const loss_names[] = {"half-sum-of-squares",
                                         "mean-squared-error",
                                         "mean-absolute-error",
                                         "huber",
                                         "binary-cross-entropy",
                                         "cross-entropy",
                                         "hinge"};
static const char *const optimizer_names[] = {"sgd", "adam", "adagrad", "rmsprop", "adamw"};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static const char *name_of(const char *const *names, size_t n_names, size_t value) {
    return value < n_names ? names[value] : NULL;
}

/* Index of `name`, or n_names. */
static size_t value_of(const char *const *names, size_t n_names, const char *name) {
    size_t i = 0;
    while (i < n_names && strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

const char *dsc_activation_name(dsc_activation activation) {
    return name_of(activation_names, COUNT(activation_names), (size_t)activation);
}

const char *dsc_loss_name(dsc_loss loss) {
    return name_of(loss_names, COUNT(loss_names), (size_t)loss);
}

const char *dsc_optimizer_name(dsc_optimizer_kind kind) {
    return name_of(optimizer_names, COUNT(optimizer_names), (size_t)kind);
}

bool dsc_activation_from_name(const char *name, dsc_activation *out) {
    size_t value = value_of(activation_names, COUNT(activation_names), name);
    if (value == COUNT(activation_names)) {
        return false;
    }
    *out = (dsc_activation)value;
    return true;
}

bool dsc_loss_from_name(const char *name, dsc_loss *out) {
    size_t value = value_of(loss_names, COUNT(loss_names), name);
    if (value == COUNT(loss_names)) {
        return false;
    }
    *out = (dsc_loss)value;
    return true;
}

bool dsc_optimizer_from_name(const char *name, dsc_optimizer_kind *out) {
    size_t value = value_of(optimizer_names, COUNT(optimizer_names), name);
    if (value == COUNT(optimizer_names)) {
        return false;
    }
    *out = (dsc_optimizer_kind)value;
    return true;
}
