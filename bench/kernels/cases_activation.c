/* Cases of activations, their derivatives and losses: sizes are batch, n_out. */
#include "cases.h"

static size_t n_outputs(const kernel_problem *p) {
    return p->size[0] * p->size[1];
}

static void add_outputs(kernel_problem *p, array_kind kind, size_t n_arrays) {
    for (size_t i = 0; i < n_arrays; i++) {
        problem_add(p, kind, n_outputs(p));
    }
    p->bytes += (double)(n_arrays * n_outputs(p) * sizeof(float));
}

/* --- activations ------------------------------------------------------------------------------- */

static void set_up_activation(kernel_problem *p) {
    add_outputs(p, ARRAY_FLOATS, 2);
}

static double activate(kernel_problem *p, const kernel_set *set) {
    set->kernels->activate(array_of(p, 1), array_of(p, 0), (dsc_kernel_activation)p->of->form,
                           p->size[0], p->size[1]);
    return 0;
}

#define ACTIVATION(title, of, tolerated)                                                           \
    {                                                                                              \
        .name = "activate, " title, .entry = ENTRY(activate), .set_up = set_up_activation,         \
        .call = activate, .form = (of), .tolerance = (tolerated), .timed = {                       \
            {128, 32}                                                                              \
        }                                                                                          \
    }

/* Those of vectors have exponentials of their own: a few units off in the last place. */
static const double rounding = 1e-6;

const kernel_case activation_cases[] = {
    ACTIVATION("identity", DSC_KERNEL_IDENTITY, 0),
    ACTIVATION("relu", DSC_KERNEL_RELU, 0),
    ACTIVATION("sigmoid", DSC_KERNEL_SIGMOID, rounding),
    ACTIVATION("tanh", DSC_KERNEL_TANH, rounding),
    ACTIVATION("leaky relu", DSC_KERNEL_LEAKY_RELU, 0),
    ACTIVATION("elu", DSC_KERNEL_ELU, rounding),
    ACTIVATION("softplus", DSC_KERNEL_SOFTPLUS, 0),
    ACTIVATION("gelu", DSC_KERNEL_GELU, 0),
    ACTIVATION("swish", DSC_KERNEL_SWISH, rounding),
    ACTIVATION("softmax", DSC_KERNEL_SOFTMAX, rounding),
    {.name = NULL},
};

/* --- derivatives ------------------------------------------------------------------------------- */

static void set_up_derivative(kernel_problem *p) {
    const bool has_input = dsc_kernel_needs_input((dsc_kernel_activation)p->of->form);
    add_outputs(p, ARRAY_FLOATS, 3); /* d_normed, d_a, and what it is taken from */
    add_outputs(p, ARRAY_FLOATS, has_input ? 1 : 0);
}

static double differentiate(kernel_problem *p, const kernel_set *set) {
    const dsc_dense layer = {.n_out = p->size[1], .activation = (dsc_kernel_activation)p->of->form};
    set->kernels->differentiate(&layer, &(dsc_dense_pass){.batch = p->size[0],
                                                          .normed = array_of(p, p->n_arrays - 1),
                                                          .a = array_of(p, 2),
                                                          .d_a = array_of(p, 1),
                                                          .d_normed = array_of(p, 0)});
    return 0;
}

#define DERIVATIVE(title, of)                                                                      \
    {                                                                                              \
        .name = "differentiate, " title, .entry = ENTRY(differentiate),                            \
        .set_up = set_up_derivative, .call = differentiate, .form = (of), .timed = {               \
            {128, 32}                                                                              \
        }                                                                                          \
    }

const kernel_case differentiation_cases[] = {
    DERIVATIVE("identity", DSC_KERNEL_IDENTITY),
    DERIVATIVE("relu", DSC_KERNEL_RELU),
    DERIVATIVE("sigmoid", DSC_KERNEL_SIGMOID),
    DERIVATIVE("tanh", DSC_KERNEL_TANH),
    DERIVATIVE("leaky relu", DSC_KERNEL_LEAKY_RELU),
    DERIVATIVE("elu", DSC_KERNEL_ELU),
    DERIVATIVE("softplus", DSC_KERNEL_SOFTPLUS),
    DERIVATIVE("gelu", DSC_KERNEL_GELU),
    DERIVATIVE("swish", DSC_KERNEL_SWISH),
    DERIVATIVE("softmax", DSC_KERNEL_SOFTMAX),
    {.name = NULL},
};

/* --- losses ------------------------------------------------------------------------------------ */

static void set_up_loss(kernel_problem *p) {
    add_outputs(p, ARRAY_FLOATS, 2); /* d_a, a */
    add_outputs(p, ARRAY_SHARES, 1);
    double *weights = problem_add(p, ARRAY_DOUBLES, p->size[1]);
    for (size_t k = 0; k < p->size[1]; k++) {
        weights[k] = 0.5 + 0.25 * (double)k;
    }
}

static double compare(kernel_problem *p, const kernel_set *set) {
    return set->kernels->loss(&(dsc_loss_pass){.loss = (dsc_kernel_loss)p->of->form,
                                               .batch = p->size[0],
                                               .n_samples = p->size[0] + 5,
                                               .n_out = p->size[1],
                                               .a = array_of(p, 1),
                                               .y = array_of(p, 2),
                                               .class_weights = array_of(p, 3),
                                               .huber_delta = 0.7,
                                               .d_a = array_of(p, 0)});
}

#define LOSS(title, of)                                                                            \
    {                                                                                              \
        .name = "loss, " title, .entry = ENTRY(loss), .set_up = set_up_loss, .call = compare,      \
        .form = (of), .timed = {                                                                   \
            {128, 10}                                                                              \
        }                                                                                          \
    }

const kernel_case loss_cases[] = {
    LOSS("half the squares", DSC_KERNEL_HALF_SUM_OF_SQUARES),
    LOSS("mean of squares", DSC_KERNEL_MEAN_SQUARED_ERROR),
    LOSS("mean of sizes", DSC_KERNEL_MEAN_ABSOLUTE_ERROR),
    LOSS("huber", DSC_KERNEL_HUBER),
    LOSS("binary cross-entropy", DSC_KERNEL_BINARY_CROSS_ENTROPY),
    LOSS("cross-entropy", DSC_KERNEL_CROSS_ENTROPY),
    LOSS("hinge", DSC_KERNEL_HINGE),
    {.name = NULL},
};
