/* Names, formulas, shapes and meanings of a trace's values.
 *
 * In a formula every name is one that the trace has shown before; ' is the transpose and .* the
 * product element by element. Layers count from 1, as in docs/math.md. */
#include "network/trace_names.h"

#include <stdio.h>

/* Writes a field of the labels, or a symbol. */
#define PUT(field, ...) snprintf((field), sizeof(field), __VA_ARGS__)

/* What a row of weighted sums is divided by: docs/math.md (31), NORM_EPSILON of the kernels. */
#define ROW_DEVIATION "sqrt(row variance + 1e-5)"

typedef struct symbol {
    char s[32];
} symbol;

/* A layer's number, shape (n_in, n_out), and what its values are called. */
typedef struct layer_names {
    size_t number; /* from 1 */
    size_t n_in;
    size_t n_out;
    dsc_activation activation;
    bool has_bias;
    bool has_norm;
    symbol x;      /* what enters the layer: "X", "A1" */
    symbol z;      /* "Z2"; the same as `normed` without normalisation */
    symbol normed; /* "N2"; the same as `a` for the identity */
    symbol a;      /* "A2"; "prediction" for the last layer */
    symbol role;   /* "hidden layer 1", "the output layer" */
} layer_names;

static symbol output_symbol(const dsc_network *net, size_t layer) {
    symbol out;
    if (layer + 1 == dsc_network_n_layers(net)) {
        PUT(out.s, "prediction");
    } else {
        PUT(out.s, "A%zu", layer + 1);
    }
    return out;
}

static layer_names names_of(const dsc_network *net, size_t layer) {
    const dsc_layer_config config = dsc_network_layer(net, layer);
    layer_names of = {
        .number = layer + 1,
        .n_in = dsc_network_weights(net, layer).n_rows,
        .n_out = config.n_out,
        .activation = config.activation,
        .has_bias = config.has_bias,
        .has_norm = config.has_norm,
        .x = {"X"},
        .a = output_symbol(net, layer),
    };
    if (layer > 0) {
        of.x = output_symbol(net, layer - 1);
    }
    of.normed = of.a;
    if (config.activation != DSC_IDENTITY) {
        PUT(of.normed.s, "%c%zu", config.has_norm ? 'N' : 'Z', layer + 1);
    }
    of.z = of.normed;
    if (config.has_norm) {
        PUT(of.z.s, "Z%zu", layer + 1);
    }
    if (layer + 1 == dsc_network_n_layers(net)) {
        PUT(of.role.s, "the output layer");
    } else {
        PUT(of.role.s, "hidden layer %zu", layer + 1);
    }
    return of;
}

/* docs/math.md (1) */
static void put_weighted_sum(dsc_trace_labels *out, const layer_names *of, size_t n) {
    if (of->has_bias) {
        PUT(out->formula, "%s W%zu + b%zu", of->x.s, of->number, of->number);
        PUT(out->shapes, "%zu x %zu = (%zu x %zu) (%zu x %zu) + (1 x %zu)", n, of->n_out, n,
            of->n_in, of->n_in, of->n_out, of->n_out);
    } else {
        PUT(out->formula, "%s W%zu", of->x.s, of->number);
        PUT(out->shapes, "%zu x %zu = (%zu x %zu) (%zu x %zu)", n, of->n_out, n, of->n_in, of->n_in,
            of->n_out);
    }
}

/* docs/math.md (31) */
static void put_norm(dsc_trace_labels *out, const layer_names *of, size_t n) {
    PUT(out->formula, "gain%zu .* (%s - row mean) / " ROW_DEVIATION " + shift%zu", of->number,
        of->z.s, of->number);
    PUT(out->shapes, "%zu x %zu = (1 x %zu) .* (%zu x %zu) + (1 x %zu)", n, of->n_out, of->n_out, n,
        of->n_out, of->n_out);
}

/* docs/math.md (1), (2), (31) */
static void name_forward(dsc_trace_labels *out, const dsc_trace_context *c, const layer_names *of,
                         dsc_trace_kind kind) {
    const size_t n = c->n_samples, n_layers = dsc_network_n_layers(c->net);
    out->phase = DSC_TRACE_FORWARD;
    if (kind == DSC_TRACE_Z) {
        PUT(out->name, "%s", of->z.s);
        PUT(out->meaning, "weighted sums of %s", of->role.s);
        put_weighted_sum(out, of, n);
        return;
    }
    if (kind == DSC_TRACE_NORMED) {
        PUT(out->name, "%s", of->normed.s);
        PUT(out->meaning, "normalised sums of %s", of->role.s);
        put_norm(out, of, n);
        return;
    }
    PUT(out->name, "%s", of->a.s);
    PUT(out->meaning, "output of %s", of->number == n_layers ? "the network" : of->role.s);
    if (of->activation != DSC_IDENTITY) {
        PUT(out->formula, "%s(%s)", dsc_activation_name(of->activation), of->normed.s);
        PUT(out->shapes, "%zu x %zu", n, of->n_out);
    } else if (of->has_norm) {
        put_norm(out, of, n);
    } else {
        put_weighted_sum(out, of, n);
    }
}

/* docs/math.md (6): dA times the derivative of the activation. */
static void put_activation_gradient(dsc_trace_labels *out, const layer_names *of) {
    const char *a = of->a.s;
    const char *z = of->normed.s;
    switch (of->activation) {
    case DSC_RELU:
        PUT(out->formula, "d%s .* (%s > 0)", a, z);
        break;
    case DSC_SIGMOID:
        PUT(out->formula, "d%s .* %s .* (1 - %s)", a, a, a);
        break;
    case DSC_TANH:
        PUT(out->formula, "d%s .* (1 - %s .* %s)", a, a, a);
        break;
    case DSC_LEAKY_RELU:
        PUT(out->formula, "d%s .* (1 where %s > 0, else 0.01)", a, z);
        break;
    case DSC_ELU:
        PUT(out->formula, "d%s .* (1 where %s > 0, else 1 + %s)", a, z, a);
        break;
    case DSC_SOFTPLUS:
        PUT(out->formula, "d%s .* sigmoid(%s)", a, z);
        break;
    case DSC_GELU:
        PUT(out->formula,
            "d%s .* (Phi(%s) + %s .* phi(%s)), Phi and phi of the normal distribution", a, z, z, z);
        break;
    case DSC_SWISH:
        PUT(out->formula, "d%s .* (S + %s .* (1 - S)), S = sigmoid(%s)", a, a, z);
        break;
    case DSC_SOFTMAX:
        PUT(out->formula, "%s .* (d%s - row sums of d%s .* %s)", a, a, a, a);
        break;
    case DSC_IDENTITY: /* dZ is dA and not shown */
        break;
    }
}

/* docs/math.md (32) */
static void put_norm_gradient(dsc_trace_labels *out, const layer_names *of) {
    PUT(out->formula,
        "(h - row mean of h - u .* row mean of h .* u) / s, h = gain%zu .* d%s, "
        "u = (%s - row mean) / s, s = " ROW_DEVIATION,
        of->number, of->normed.s, of->z.s);
}

/* docs/math.md (5), (26) to (30): the loss's slope at the prediction. */
static void put_loss_gradient(dsc_trace_labels *out, const dsc_trace_context *c,
                              const layer_names *of) {
    const size_t n = c->n_samples, m = of->n_out;
    switch (dsc_network_loss(c->net)) {
    case DSC_HALF_SUM_OF_SQUARES:
        PUT(out->formula, "error");
        break;
    case DSC_MEAN_SQUARED_ERROR:
        PUT(out->formula, "2 / (%zu * %zu) error", n, m);
        break;
    case DSC_MEAN_ABSOLUTE_ERROR:
        PUT(out->formula, "1 / (%zu * %zu) sign of error", n, m);
        break;
    case DSC_HUBER:
        PUT(out->formula, "1 / (%zu * %zu) error, cut to -%g .. %g", n, m,
            dsc_network_huber_delta(c->net), dsc_network_huber_delta(c->net));
        break;
    case DSC_BINARY_CROSS_ENTROPY:
        PUT(out->formula, "1 / (%zu * %zu) (sigmoid(%s) - Y)", n, m, of->a.s);
        break;
    case DSC_CROSS_ENTROPY:
        PUT(out->formula, "1 / %zu (softmax(%s) - Y)", n, of->a.s);
        break;
    case DSC_HINGE:
        PUT(out->formula, "-1 / (%zu * %zu) Y .* (Y .* %s < 1)", n, m, of->a.s);
        break;
    }
}

/* At the prediction, or docs/math.md (9): at the output of the layer before `next`. */
static void put_output_gradient(dsc_trace_labels *out, const dsc_trace_context *c,
                                const layer_names *of) {
    const size_t n = c->n_samples;
    PUT(out->shapes, "%zu x %zu", n, of->n_out);
    if (of->number == dsc_network_n_layers(c->net)) {
        put_loss_gradient(out, c, of);
        return;
    }
    const layer_names next = names_of(c->net, of->number);
    PUT(out->formula, "d%s W%zu'", next.z.s, next.number);
    PUT(out->shapes, "%zu x %zu = (%zu x %zu) (%zu x %zu)", n, of->n_out, n, next.n_out, next.n_out,
        next.n_in);
}

/* Gradients of a layer's parameters: docs/math.md (7), (8), (32). */
static void name_parameter_gradient(dsc_trace_labels *out, const layer_names *of, size_t n,
                                    dsc_trace_kind kind) {
    PUT(out->shapes, "1 x %zu", of->n_out);
    if (kind == DSC_TRACE_D_WEIGHTS) {
        PUT(out->name, "dW%zu", of->number);
        PUT(out->formula, "%s' d%s", of->x.s, of->z.s);
        PUT(out->shapes, "%zu x %zu = (%zu x %zu) (%zu x %zu)", of->n_in, of->n_out, of->n_in, n, n,
            of->n_out);
    } else if (kind == DSC_TRACE_D_BIAS) {
        PUT(out->name, "db%zu", of->number);
        PUT(out->formula, "column sums of d%s", of->z.s);
    } else if (kind == DSC_TRACE_D_GAIN) {
        PUT(out->name, "dgain%zu", of->number);
        PUT(out->formula, "column sums of d%s .* (%s - row mean) / " ROW_DEVIATION, of->normed.s,
            of->z.s);
    } else {
        PUT(out->name, "dshift%zu", of->number);
        PUT(out->formula, "column sums of d%s", of->normed.s);
    }
}

/* docs/math.md (5) to (9), (32) */
static void name_backward(dsc_trace_labels *out, const dsc_trace_context *c, const layer_names *of,
                          dsc_trace_kind kind) {
    out->phase = DSC_TRACE_BACKWARD;
    PUT(out->shapes, "%zu x %zu", c->n_samples, of->n_out);
    if (kind == DSC_TRACE_D_A) {
        PUT(out->name, "d%s", of->a.s);
        put_output_gradient(out, c, of);
    } else if (kind == DSC_TRACE_D_NORMED) {
        PUT(out->name, "d%s", of->normed.s);
        put_activation_gradient(out, of);
    } else if (kind == DSC_TRACE_D_Z && of->has_norm) {
        PUT(out->name, "d%s", of->z.s);
        put_norm_gradient(out, of);
    } else if (kind == DSC_TRACE_D_Z) {
        PUT(out->name, "d%s", of->z.s);
        put_activation_gradient(out, of);
    } else {
        name_parameter_gradient(out, of, c->n_samples, kind);
    }
    PUT(out->meaning, "gradient of the loss at %s", out->name + 1);
}

/* A layer's parameters as given or after a step: docs/math.md (10). */
static void name_parameter(dsc_trace_labels *out, double rate, const layer_names *of,
                           dsc_trace_kind kind) {
    static const char *const symbols[] = {"W", "b", "gain", "shift"};
    static const char *const words[] = {"weights", "bias", "gain", "shift"};
    const bool is_given = kind <= DSC_TRACE_SHIFT;
    const unsigned which = kind - (is_given ? DSC_TRACE_WEIGHTS : DSC_TRACE_NEW_WEIGHTS);
    PUT(out->name, "%s%zu", symbols[which], of->number);
    PUT(out->shapes, "%zu x %zu", which == 0 ? of->n_in : (size_t)1, of->n_out);
    if (is_given) {
        out->phase = DSC_TRACE_GIVEN;
        PUT(out->meaning, "%s of %s", words[which], of->role.s);
    } else {
        out->phase = DSC_TRACE_UPDATE;
        PUT(out->formula, "%s - %.15g d%s", out->name, rate, out->name);
        PUT(out->meaning, "new %s of %s", words[which], of->role.s);
    }
}

/* docs/math.md (3), (4), (26) to (30) */
static void name_loss(dsc_trace_labels *out, const dsc_trace_context *c) {
    const size_t n = c->n_samples, m = dsc_network_n_out(c->net);
    PUT(out->name, "loss");
    switch (dsc_network_loss(c->net)) {
    case DSC_HALF_SUM_OF_SQUARES:
        PUT(out->meaning, "half the sum of squared errors");
        PUT(out->formula, "1/2 sum of error .* error");
        break;
    case DSC_MEAN_SQUARED_ERROR:
        PUT(out->meaning, "mean squared error");
        PUT(out->formula, "1 / (%zu * %zu) sum of error .* error", n, m);
        break;
    case DSC_MEAN_ABSOLUTE_ERROR:
        PUT(out->meaning, "mean absolute error");
        PUT(out->formula, "1 / (%zu * %zu) sum of |error|", n, m);
        break;
    case DSC_HUBER:
        PUT(out->meaning, "Huber loss, squared to %g and straight beyond",
            dsc_network_huber_delta(c->net));
        PUT(out->formula,
            "1 / (%zu * %zu) sum of error .* error / 2, beyond %g of %g (|error| - %g)", n, m,
            dsc_network_huber_delta(c->net), dsc_network_huber_delta(c->net),
            dsc_network_huber_delta(c->net) / 2);
        break;
    case DSC_BINARY_CROSS_ENTROPY:
        PUT(out->meaning, "binary cross-entropy of logits");
        PUT(out->formula, "1 / (%zu * %zu) sum of log(1 + exp(prediction)) - Y .* prediction", n,
            m);
        break;
    case DSC_CROSS_ENTROPY:
        PUT(out->meaning, "cross-entropy of logits");
        PUT(out->formula, "-1 / %zu sum of Y .* log(softmax(prediction))", n);
        break;
    case DSC_HINGE:
        PUT(out->meaning, "hinge loss");
        PUT(out->formula, "1 / (%zu * %zu) sum of max(0, 1 - Y .* prediction)", n, m);
        break;
    }
}

/* Values of the network as a whole: docs/math.md (16), (17). */
static void name_whole(dsc_trace_labels *out, const dsc_trace_context *c, dsc_trace_kind kind) {
    const size_t n = c->n_samples, n_out = dsc_network_n_out(c->net);
    out->phase = DSC_TRACE_ERROR;
    PUT(out->shapes, "%zu x %zu", n, n_out);
    if (kind == DSC_TRACE_INPUT) {
        out->phase = DSC_TRACE_GIVEN;
        PUT(out->name, "X");
        PUT(out->shapes, "%zu x %zu", n, dsc_network_n_in(c->net));
        PUT(out->meaning, "input, one row a sample");
    } else if (kind == DSC_TRACE_TARGET) {
        out->phase = DSC_TRACE_GIVEN;
        PUT(out->name, "Y");
        PUT(out->meaning, "target, one row a sample");
    } else if (kind == DSC_TRACE_ERROR_MATRIX) {
        PUT(out->name, "error");
        PUT(out->formula, "prediction - Y");
        PUT(out->meaning, "error of the prediction");
    } else {
        out->shapes[0] = '\0';
    }
    if (kind == DSC_TRACE_SPECTRAL_NORM) {
        PUT(out->name, "spectral norm");
        PUT(out->formula, "largest singular value of error");
        PUT(out->meaning, "norm of the error");
    } else if (kind == DSC_TRACE_FROBENIUS_NORM) {
        PUT(out->name, "Frobenius norm");
        PUT(out->formula, "sqrt(sum of error .* error)");
        PUT(out->meaning, "norm of the error");
    } else if (kind == DSC_TRACE_LOSS) {
        name_loss(out, c);
    }
}

dsc_trace_labels dsc_trace_name(const dsc_trace_context *context, dsc_trace_kind kind,
                                size_t layer) {
    dsc_trace_labels out = {.phase = DSC_TRACE_GIVEN};
    if (kind < DSC_TRACE_WEIGHTS) {
        name_whole(&out, context, kind);
        return out;
    }
    const layer_names of = names_of(context->net, layer);
    if (kind >= DSC_TRACE_Z && kind <= DSC_TRACE_A) {
        name_forward(&out, context, &of, kind);
    } else if (kind >= DSC_TRACE_D_A && kind <= DSC_TRACE_D_SHIFT) {
        name_backward(&out, context, &of, kind);
    } else {
        name_parameter(&out, context->rate, &of, kind);
    }
    return out;
}
