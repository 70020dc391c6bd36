/* The list of the values of one step: their names, shapes, and what each is computed from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_values.h"
#include "options.h"
#include "output.h"

/* Of the list while it is built: where the values of a layer stand, of the pass last added. */
typedef struct layer_places {
    size_t weights, bias, gain, shift; /* as the pass uses them; CLI_NO_VALUE: there is none */
    size_t z, normed, a;               /* neighbours are one value where nothing lies between */
    size_t d_weights, d_bias, d_gain, d_shift;
    size_t d_z;
} layer_places;

typedef struct builder {
    cli_values *out;
    const dsc_network *net;
    layer_places *layers;
    size_t n_samples;
    size_t input, target, error;
    bool is_new;
} builder;

bool cli_loss_is_of_error(dsc_loss loss) {
    return loss == DSC_HALF_SUM_OF_SQUARES || loss == DSC_MEAN_SQUARED_ERROR ||
           loss == DSC_MEAN_ABSOLUTE_ERROR || loss == DSC_HUBER;
}

/* Adds a value with up to three operands; CLI_NO_VALUE ends them. */
static size_t add(builder *b, cli_value value, size_t first, size_t second, size_t third) {
    const size_t operands[CLI_MAX_OPERANDS] = {first, second, third};
    for (size_t i = 0; i < CLI_MAX_OPERANDS && operands[i] != CLI_NO_VALUE; i++) {
        value.operands[value.n_operands++] = operands[i];
    }
    value.is_new = b->is_new;
    b->out->items[b->out->n] = value;
    return b->out->n++;
}

static cli_value value_of(const builder *b, cli_value_kind kind, size_t layer, size_t n_rows,
                          size_t n_cols, const char *name) {
    cli_value value = {.kind = kind, .layer = layer, .n_rows = n_rows, .n_cols = n_cols};
    snprintf(value.name, sizeof value.name, "%s%s", b->is_new ? "new " : "", name);
    return value;
}

/* A value that is named by a letter and its layer's number. */
static cli_value layer_value(const builder *b, cli_value_kind kind, size_t layer, const char *stem,
                             size_t n_rows) {
    char name[CLI_VALUE_NAME - 4];
    const bool is_inside = stem[strlen(stem) - 1] == 'W';
    const size_t n_out = dsc_network_weights(b->net, layer).n_cols;
    snprintf(name, sizeof name, "%s%zu", stem, layer + 1);
    return value_of(b, kind, layer, is_inside ? dsc_network_weights(b->net, layer).n_rows : n_rows,
                    n_out, name);
}

/* "A2" or "prediction", with "d" in front for its gradient. */
static cli_value output_value(const builder *b, cli_value_kind kind, size_t layer, bool is_d) {
    if (layer + 1 < dsc_network_n_layers(b->net)) {
        return layer_value(b, kind, layer, is_d ? "dA" : "A", b->n_samples);
    }
    return value_of(b, kind, layer, b->n_samples, dsc_network_n_out(b->net),
                    is_d ? "dprediction" : "prediction");
}

static void add_given(builder *b) {
    const size_t n = b->n_samples, none = CLI_NO_VALUE;
    b->input = add(b, value_of(b, CLI_V_GIVEN, 0, n, dsc_network_n_in(b->net), "X"), none, 0, 0);
    b->target = add(b, value_of(b, CLI_V_GIVEN, 0, n, dsc_network_n_out(b->net), "Y"), none, 0, 0);
    for (size_t l = 0; l < dsc_network_n_layers(b->net); l++) {
        layer_places *at = &b->layers[l];
        at->weights = add(b, layer_value(b, CLI_V_GIVEN, l, "W", 0), none, 0, 0);
        at->bias = at->gain = at->shift = none;
        if (dsc_network_layer(b->net, l).has_bias) {
            at->bias = add(b, layer_value(b, CLI_V_GIVEN, l, "b", 1), none, 0, 0);
        }
        if (dsc_network_layer(b->net, l).has_norm) {
            at->gain = add(b, layer_value(b, CLI_V_GIVEN, l, "gain", 1), none, 0, 0);
            at->shift = add(b, layer_value(b, CLI_V_GIVEN, l, "shift", 1), none, 0, 0);
        }
    }
}

static bool is_identity(const builder *b, size_t layer) {
    return dsc_network_layer(b->net, layer).activation == DSC_IDENTITY;
}

static void add_forward(builder *b) {
    size_t input = b->input;
    for (size_t l = 0; l < dsc_network_n_layers(b->net); l++) {
        layer_places *at = &b->layers[l];
        const bool has_norm = at->gain != CLI_NO_VALUE;
        const cli_value sums = is_identity(b, l) && !has_norm
                                   ? output_value(b, CLI_V_SUMS, l, false)
                                   : layer_value(b, CLI_V_SUMS, l, "Z", b->n_samples);
        at->z = at->normed = add(b, sums, input, at->weights, at->bias);
        if (has_norm) {
            const cli_value normed = is_identity(b, l)
                                         ? output_value(b, CLI_V_NORMED, l, false)
                                         : layer_value(b, CLI_V_NORMED, l, "N", b->n_samples);
            at->normed = add(b, normed, at->z, at->gain, at->shift);
        }
        at->a = at->normed;
        if (!is_identity(b, l)) {
            at->a = add(b, output_value(b, CLI_V_OUTPUT, l, false), at->normed, CLI_NO_VALUE, 0);
        }
        input = at->a;
    }
}

static size_t last_layer(const builder *b) {
    return dsc_network_n_layers(b->net) - 1;
}

/* A value that follows from the error, or where that is not enough from prediction and target. */
static size_t add_of_error(builder *b, const cli_value *value) {
    if (cli_loss_is_of_error(dsc_network_loss(b->net))) {
        return add(b, *value, b->error, CLI_NO_VALUE, 0);
    }
    return add(b, *value, b->layers[last_layer(b)].a, b->target, CLI_NO_VALUE);
}

static void add_error(builder *b) {
    const size_t last = last_layer(b), none = CLI_NO_VALUE;
    const size_t n = b->n_samples, n_out = dsc_network_n_out(b->net);
    b->error = add(b, value_of(b, CLI_V_ERROR, last, n, n_out, "error"), b->layers[last].a,
                   b->target, none);
    cli_value spectral = value_of(b, CLI_V_SPECTRAL, last, 1, 1, "spectral norm");
    cli_value frobenius = value_of(b, CLI_V_FROBENIUS, last, 1, 1, "Frobenius norm");
    cli_value loss = value_of(b, CLI_V_LOSS, last, 1, 1, "loss");
    spectral.is_number = frobenius.is_number = loss.is_number = true;
    add(b, spectral, b->error, none, 0);
    add(b, frobenius, b->error, none, 0);
    add_of_error(b, &loss);
}

/* From the gradient at a layer's output to those at its sums and its parameters. */
static void add_layer_backward(builder *b, size_t l, size_t d_a) {
    const size_t none = CLI_NO_VALUE;
    layer_places *at = &b->layers[l];
    const bool has_norm = at->gain != none;
    size_t d_normed = d_a;
    if (!is_identity(b, l)) {
        d_normed = add(b, layer_value(b, CLI_V_D_SUMS, l, has_norm ? "dN" : "dZ", b->n_samples),
                       d_a, at->normed, at->a);
    }
    at->d_z = d_normed;
    if (has_norm) {
        at->d_z = add(b, layer_value(b, CLI_V_D_NORMED, l, "dZ", b->n_samples), d_normed, at->z,
                      at->gain);
    }
    at->d_weights = add(b, layer_value(b, CLI_V_D_WEIGHTS, l, "dW", 0),
                        l > 0 ? b->layers[l - 1].a : b->input, at->d_z, none);
    if (at->bias != none) {
        at->d_bias = add(b, layer_value(b, CLI_V_D_BIAS, l, "db", 1), at->d_z, none, 0);
    }
    if (has_norm) {
        at->d_gain = add(b, layer_value(b, CLI_V_D_GAIN, l, "dgain", 1), d_normed, at->z, none);
        at->d_shift = add(b, layer_value(b, CLI_V_D_BIAS, l, "dshift", 1), d_normed, none, 0);
    }
}

static void add_backward(builder *b) {
    for (size_t l = dsc_network_n_layers(b->net); l-- > 0;) {
        const bool is_last = l == last_layer(b);
        const cli_value d_a =
            output_value(b, is_last ? CLI_V_D_PREDICTION : CLI_V_D_OUTPUT, l, true);
        const size_t place =
            is_last ? add_of_error(b, &d_a)
                    : add(b, d_a, b->layers[l + 1].d_z, b->layers[l + 1].weights, CLI_NO_VALUE);
        add_layer_backward(b, l, place);
    }
}

/* From here on the parameters are the new ones. */
static void add_update(builder *b) {
    b->is_new = true;
    for (size_t l = 0; l < dsc_network_n_layers(b->net); l++) {
        layer_places *at = &b->layers[l];
        const struct {
            const char *stem;
            size_t *parameter;
            size_t gradient;
        } rows[] = {{"b", &at->bias, at->d_bias},
                    {"gain", &at->gain, at->d_gain},
                    {"shift", &at->shift, at->d_shift}};
        at->weights = add(b, layer_value(b, CLI_V_NEW_WEIGHTS, l, "W", 0), at->weights,
                          at->d_weights, CLI_NO_VALUE);
        for (size_t i = 0; i < CLI_COUNT(rows); i++) {
            if (*rows[i].parameter != CLI_NO_VALUE) {
                *rows[i].parameter = add(b, layer_value(b, CLI_V_NEW_ROW, l, rows[i].stem, 1),
                                         *rows[i].parameter, rows[i].gradient, CLI_NO_VALUE);
            }
        }
    }
}

int cli_values_list(cli_values *out) {
    const dsc_network *net = out->file->net;
    const size_t n_layers = dsc_network_n_layers(net);
    /* A layer has four parameters, each with a gradient and a new value, twice Z, N and A, and dZ,
     * dN and dA; the whole X, Y and twice the error, two norms and the loss. */
    out->items = calloc(21 * n_layers + 10, sizeof *out->items);
    builder b = {.out = out,
                 .net = net,
                 .layers = calloc(n_layers, sizeof *b.layers),
                 .n_samples = out->file->input.n_rows};
    if (out->items == NULL || b.layers == NULL) {
        free(b.layers);
        return cli_no_memory();
    }
    add_given(&b);
    add_forward(&b);
    add_error(&b);
    add_backward(&b);
    add_update(&b);
    add_forward(&b);
    add_error(&b);
    free(b.layers);
    return CLI_GO_ON;
}
