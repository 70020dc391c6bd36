/* Cases of dense layers: sizes are batch, n_in, n_out. */
#include "cases.h"

/* Forms: any of these together. */
enum { WITH_RELU = 1, WITH_NORM = 2, WITH_STEP = 4 };

static size_t n_inputs(const kernel_problem *p) {
    return p->size[0] * p->size[1];
}

static size_t n_outputs(const kernel_problem *p) {
    return p->size[0] * p->size[2];
}

static size_t n_weights(const kernel_problem *p) {
    return p->size[1] * p->size[2];
}

/* Multiplications and additions of one product of the layer. */
static double operations_of(const kernel_problem *p) {
    return 2 * (double)n_inputs(p) * (double)p->size[2];
}

enum { X, WEIGHTS, BIAS, GAIN, SHIFT, A, Z, SCALES };

static void set_up_forward(kernel_problem *p) {
    problem_add(p, ARRAY_FLOATS, n_inputs(p));
    problem_add(p, ARRAY_FLOATS, n_weights(p));
    for (size_t i = BIAS; i <= SHIFT; i++) {
        problem_add(p, ARRAY_FLOATS, p->size[2]);
    }
    problem_add(p, ARRAY_FLOATS, n_outputs(p));
    problem_add(p, ARRAY_FLOATS, n_outputs(p));
    problem_add(p, ARRAY_FLOATS, 2 * p->size[0]);
    p->operations = operations_of(p);
}

static dsc_dense layer_of(const kernel_problem *p, size_t bias, size_t gain) {
    const int form = p->of->form;
    const bool has_norm = (form & WITH_NORM) != 0;
    return (dsc_dense){.n_in = p->size[1],
                       .n_out = p->size[2],
                       .activation =
                           (form & WITH_RELU) != 0 ? DSC_KERNEL_RELU : DSC_KERNEL_IDENTITY,
                       .weights = array_of(p, WEIGHTS),
                       .bias = array_of(p, bias),
                       .gain = has_norm ? array_of(p, gain) : NULL,
                       .shift = has_norm ? array_of(p, gain + 1) : NULL};
}

static double call_forward(kernel_problem *p, const kernel_set *set) {
    const dsc_dense layer = layer_of(p, BIAS, GAIN);
    set->kernels->dense_forward(&layer,
                                &(dsc_dense_pass){.batch = p->size[0],
                                                  .x = array_of(p, X),
                                                  .z = array_of(p, layer.gain != NULL ? Z : A),
                                                  .normed = array_of(p, A),
                                                  .a = array_of(p, A),
                                                  .scales = array_of(p, SCALES)});
    return 0;
}

/* Backward, after x and the weights: of n_out, of (batch, n_out), and what is left. */
enum { B_GAIN = 2, B_SHIFT, D_BIAS, D_GAIN, D_SHIFT, B_A, D_A, D_Z, D_WEIGHTS, D_X, SUMS };

static void set_up_backward(kernel_problem *p) {
    const bool has_norm = (p->of->form & WITH_NORM) != 0;
    const bool has_step = (p->of->form & WITH_STEP) != 0;
    problem_add(p, ARRAY_FLOATS, n_inputs(p));
    /* plain C takes an L2 of 0 off, which of an infinite weight is not a number */
    problem_add(p, has_step ? ARRAY_SHARES : ARRAY_FLOATS, n_weights(p));
    for (size_t i = B_GAIN; i <= D_SHIFT; i++) {
        problem_add(p, ARRAY_FLOATS, p->size[2]);
    }
    /* products of very large scores would go beyond the range, which fused ones do later */
    problem_add(p, has_norm ? ARRAY_SHARES : ARRAY_FLOATS, n_outputs(p));
    problem_add(p, ARRAY_FLOATS, n_outputs(p));
    problem_add(p, ARRAY_FLOATS, n_outputs(p));
    /* with a step they end as anything */
    problem_add(p, has_step ? ARRAY_SCRATCH : ARRAY_FLOATS, n_weights(p));
    problem_add(p, ARRAY_FLOATS, n_inputs(p));
    problem_add(p, has_norm ? ARRAY_SHARES : ARRAY_SCRATCH, 2 * p->size[0]);
    problem_add(p, ARRAY_SCRATCH, n_weights(p));
    p->operations = operations_of(p);
}

/* The pass of both entries of the way back; with a normalisation d_z is apart from d_normed. */
static dsc_dense_pass pass_back(const kernel_problem *p) {
    static const dsc_step step = {.rate = 1e-4};
    const int form = p->of->form;
    const bool has_step = (form & WITH_STEP) != 0, has_norm = (form & WITH_NORM) != 0;
    return (dsc_dense_pass){.batch = p->size[0],
                            .x = array_of(p, X),
                            .x_stride = p->size[1],
                            .z = array_of(p, B_A),
                            .normed = array_of(p, B_A),
                            .a = array_of(p, B_A),
                            .scales = array_of(p, SUMS),
                            .d_a = array_of(p, D_A),
                            .d_normed = array_of(p, D_A),
                            .d_z = array_of(p, has_norm ? D_Z : D_A),
                            .d_weights = array_of(p, D_WEIGHTS),
                            .is_first = has_step,
                            .stepped_weights = has_step ? array_of(p, WEIGHTS) : NULL,
                            .step = has_step ? &step : NULL,
                            .d_bias = array_of(p, D_BIAS),
                            .d_gain = has_norm ? array_of(p, D_GAIN) : NULL,
                            .d_shift = has_norm ? array_of(p, D_SHIFT) : NULL,
                            .d_x = array_of(p, D_X),
                            .scratch = array_of(p, SUMS + 1)};
}

static double call_backward(kernel_problem *p, const kernel_set *set) {
    const dsc_dense layer = layer_of(p, B_GAIN, B_GAIN);
    const dsc_dense_pass pass = pass_back(p);
    set->kernels->dense_backward(&layer, &pass);
    return 0;
}

static double call_gradients(kernel_problem *p, const kernel_set *set) {
    const dsc_dense layer = layer_of(p, B_GAIN, B_GAIN);
    const dsc_dense_pass pass = pass_back(p);
    set->kernels->dense_gradients(&layer, &pass);
    return 0;
}

/* The products of a recommender's tower, and of usual and of wide networks. */
#define LAYERS                                                                                     \
    {1, 784, 256}, {64, 64, 32}, {256, 64, 32}, {1024, 64, 32}, {256, 32, 16}, {256, 16, 8},       \
        {256, 128, 64}, {256, 256, 128}, {4096, 256, 128}, {128, 784, 256}, {256, 512, 512},       \
        {256, 1024, 1024},

#define FORWARD(title, of, ...)                                                                    \
    {                                                                                              \
        .name = "dense_forward" title, .entry = ENTRY(dense_forward), .set_up = set_up_forward,    \
        .call = call_forward, .form = (of), .tolerance = 1e-5, .timed = {                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define BACKWARD(title, of, ...)                                                                   \
    {                                                                                              \
        .name = "dense_backward" title, .entry = ENTRY(dense_backward), .set_up = set_up_backward, \
        .call = call_backward, .form = (of), .tolerance = 1e-5, .timed = {                         \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define GRADIENTS(title, of, ...)                                                                  \
    {                                                                                              \
        .name = "dense_gradients" title, .entry = ENTRY(dense_gradients),                          \
        .set_up = set_up_backward, .call = call_gradients, .form = (of), .tolerance = 1e-5,        \
        .timed = {                                                                                 \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const kernel_case dense_cases[] = {
    FORWARD("", 0, LAYERS),
    FORWARD(", relu", WITH_RELU, {128, 64, 32}),
    FORWARD(", normalised", WITH_NORM, {128, 64, 32}),
    BACKWARD("", 0, LAYERS),
    BACKWARD(", relu", WITH_RELU, {128, 64, 32}),
    BACKWARD(", normalised", WITH_NORM, {128, 64, 32}),
    GRADIENTS("", 0, LAYERS),
    GRADIENTS(", step", WITH_STEP, {1, 784, 256}, {128, 64, 32}),
    GRADIENTS(", normalised", WITH_NORM, {128, 64, 32}),
    {.name = NULL},
};
