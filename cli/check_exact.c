/* One training step in rational numbers: forward, loss, backward and update without rounding.
 *
 * Implements docs/math.md (1) to (10), (26), (27), (30) for the activations and losses that keep
 * rational numbers rational. It shares no arithmetic with the library, so that each checks the
 * other. */
#include "check_exact.h"

#include <stdio.h>
#include <stdlib.h>

#include "descent/norms.h"
#include "exact_number.h"
#include "options.h"
#include "output.h"

/* Digits add up from layer to layer, and once more in the new weights: a number has as many as the
 * file's, times the square of the number of layers. With 16 digits in the file this is about half a
 * second. */
enum { MAX_CHEAP_COST = 1000000 };

static bool is_rational_activation(dsc_activation f) {
    return f == DSC_IDENTITY || f == DSC_RELU || f == DSC_LEAKY_RELU;
}

static bool is_rational_loss(dsc_loss loss) {
    return loss != DSC_BINARY_CROSS_ENTROPY && loss != DSC_CROSS_ENTROPY;
}

void cli_exact_obstacle(const dsc_network *net, char out[CLI_OBSTACLE_TEXT]) {
    out[0] = '\0';
    for (size_t l = 0; l < dsc_network_n_layers(net); l++) {
        const dsc_activation f = dsc_network_layer(net, l).activation;
        if (!is_rational_activation(f)) {
            snprintf(out, CLI_OBSTACLE_TEXT, "layer %zu is %s, whose values are not rational",
                     l + 1, dsc_activation_name(f));
            return;
        }
        if (dsc_network_layer(net, l).has_norm) {
            snprintf(out, CLI_OBSTACLE_TEXT, "layer %zu is normalised, which takes square roots",
                     l + 1);
            return;
        }
    }
    if (!is_rational_loss(dsc_network_loss(net))) {
        snprintf(out, CLI_OBSTACLE_TEXT, "the loss is %s, which takes logarithms",
                 dsc_loss_name(dsc_network_loss(net)));
    }
}

bool cli_exact_is_cheap(const cli_values *values) {
    const size_t n_layers = dsc_network_n_layers(values->file->net);
    size_t n_terms = 0; /* products in the sums of the step */
    for (size_t i = 0; i < values->n; i++) {
        const cli_value *v = &values->items[i];
        if (v->kind == CLI_V_SUMS || v->kind == CLI_V_D_WEIGHTS || v->kind == CLI_V_D_OUTPUT) {
            const cli_value *first = &values->items[v->operands[0]];
            n_terms +=
                cli_value_size(v) * (v->kind == CLI_V_D_WEIGHTS ? first->n_rows : first->n_cols);
        }
    }
    return n_layers < MAX_CHEAP_COST && n_terms / MAX_CHEAP_COST == 0 &&
           n_terms * n_layers * n_layers <= MAX_CHEAP_COST;
}

mpq_t *cli_exact_cells(const cli_exact *exact, const cli_value *value) {
    return exact->memory + (value->truth - exact->values->memory);
}

bool cli_exact_has(const cli_value *value) {
    return value->kind != CLI_V_SPECTRAL && value->kind != CLI_V_FROBENIUS;
}

/* --- the numbers of the file -------------------------------------------------------------------
 */

static int read_number(const json_t *from, mpq_ptr out, char problem[CLI_OBSTACLE_TEXT]) {
    cli_written number;
    mpq_init(number.value);
    const char *text = json_string_value(from);
    const char *expected = cli_written_read(&number, text);
    mpq_set(out, number.value);
    mpq_clear(number.value);
    if (expected == NULL) {
        return CLI_GO_ON;
    }
    snprintf(problem, CLI_OBSTACLE_TEXT, "found %.40s, for exact arithmetic expected %s", text,
             expected);
    return CLI_BAD_DATA;
}

/* A list of rows, or one row, into the cells of the value with that name. */
static int read_given(const cli_exact *e, const json_t *from, const char *name,
                      char problem[CLI_OBSTACLE_TEXT]) {
    const cli_value *value = &e->values->items[cli_values_find(e->values, name)];
    mpq_t *cells = cli_exact_cells(e, value);
    int status = CLI_GO_ON;
    for (size_t i = 0; status == CLI_GO_ON && i < cli_value_size(value); i++) {
        const json_t *row = json_array_get(from, i / value->n_cols);
        const json_t *cell =
            json_is_array(row) ? json_array_get(row, i % value->n_cols) : json_array_get(from, i);
        status = read_number(cell, cells[i], problem);
    }
    return status;
}

static int read_all_given(cli_exact *e, const json_t *document, char problem[CLI_OBSTACLE_TEXT]) {
    const json_t *layers = json_object_get(document, "layers");
    int status = read_number(json_object_get(document, "rate"), e->rate, problem);
    if (status == CLI_GO_ON) {
        status = read_given(e, json_object_get(document, "input"), "X", problem);
    }
    if (status == CLI_GO_ON) {
        status = read_given(e, json_object_get(document, "target"), "Y", problem);
    }
    for (size_t l = 0; status == CLI_GO_ON && l < json_array_size(layers); l++) {
        const json_t *layer = json_array_get(layers, l);
        const json_t *bias = json_object_get(layer, "bias");
        char name[CLI_VALUE_NAME];
        snprintf(name, sizeof name, "W%zu", l + 1);
        status = read_given(e, json_object_get(layer, "weights"), name, problem);
        snprintf(name, sizeof name, "b%zu", l + 1);
        if (status == CLI_GO_ON && bias != NULL) {
            status = read_given(e, bias, name, problem);
        }
    }
    return status;
}

/* --- the arithmetic ----------------------------------------------------------------------------
 */

static const cli_value *operand(const cli_exact *e, const cli_value *v, size_t i) {
    return &e->values->items[v->operands[i]];
}

static mpq_t *cells_of(const cli_exact *e, const cli_value *v, size_t i) {
    return cli_exact_cells(e, operand(e, v, i));
}

/* (1), (7), (9): a product, one of whose factors may be transposed, and a bias. */
static void multiply(const cli_exact *e, const cli_value *v, mpq_t *out) {
    const cli_value *a = operand(e, v, 0), *b = operand(e, v, 1);
    mpq_t *first = cells_of(e, v, 0), *second = cells_of(e, v, 1);
    const bool turns_first = v->kind == CLI_V_D_WEIGHTS, turns_second = v->kind == CLI_V_D_OUTPUT;
    const size_t n_inner = turns_first ? a->n_rows : a->n_cols;
    mpq_t term;
    mpq_init(term);
    for (size_t i = 0; i < v->n_rows; i++) {
        for (size_t j = 0; j < v->n_cols; j++) {
            mpq_ptr sum = out[i * v->n_cols + j];
            mpq_set_ui(sum, 0, 1);
            for (size_t k = 0; k < n_inner; k++) {
                mpq_mul(term, first[turns_first ? k * a->n_cols + i : i * a->n_cols + k],
                        second[turns_second ? j * b->n_cols + k : k * b->n_cols + j]);
                mpq_add(sum, sum, term);
            }
            if (v->n_operands > 2) {
                mpq_add(sum, sum, cells_of(e, v, 2)[j]);
            }
        }
    }
    mpq_clear(term);
}

/* The slope of relu or leaky relu below 0. */
static void set_low_slope(const cli_exact *e, const cli_value *v, mpq_ptr out) {
    const dsc_activation f = dsc_network_layer(e->values->file->net, v->layer).activation;
    mpq_set_ui(out, f == DSC_LEAKY_RELU ? 1 : 0, f == DSC_LEAKY_RELU ? 100 : 1);
}

/* (2) of {Z}, (6) of {dA, Z, A}: the first operand, times the low slope where Z is not above 0. */
static void bend(const cli_exact *e, const cli_value *v, mpq_t *out) {
    mpq_t *first = cells_of(e, v, 0), *z = cells_of(e, v, v->kind == CLI_V_D_SUMS ? 1 : 0);
    mpq_t slope;
    mpq_init(slope);
    set_low_slope(e, v, slope);
    for (size_t i = 0; i < cli_value_size(v); i++) {
        mpq_set(out[i], first[i]);
        if (mpq_sgn(z[i]) <= 0) {
            mpq_mul(out[i], out[i], slope);
        }
    }
    mpq_clear(slope);
}

/* first - factor * second */
static void subtract(const cli_exact *e, const cli_value *v, mpq_srcptr factor, mpq_t *out) {
    mpq_t *first = cells_of(e, v, 0), *second = cells_of(e, v, 1);
    for (size_t i = 0; i < cli_value_size(v); i++) {
        mpq_mul(out[i], factor, second[i]);
        mpq_sub(out[i], first[i], out[i]);
    }
}

/* (8) */
static void sum_columns(const cli_exact *e, const cli_value *v, mpq_t *out) {
    const cli_value *of = operand(e, v, 0);
    mpq_t *cells = cells_of(e, v, 0);
    for (size_t j = 0; j < of->n_cols; j++) {
        mpq_set_ui(out[j], 0, 1);
        for (size_t i = 0; i < of->n_rows; i++) {
            mpq_add(out[j], out[j], cells[i * of->n_cols + j]);
        }
    }
}

/* The number that the sum over all elements is divided by. */
static unsigned long divisor(const cli_exact *e) {
    const dsc_matrix target = e->values->file->target;
    return dsc_network_loss(e->values->file->net) == DSC_HALF_SUM_OF_SQUARES
               ? 1
               : target.n_rows * target.n_cols;
}

static void measure(const cli_exact *e, const cli_value *v, mpq_t *out) {
    mpq_t *a = cells_of(e, v, 0), *y = v->n_operands > 1 ? cells_of(e, v, 1) : NULL;
    mpq_t term, n;
    mpq_inits(term, n, (mpq_ptr)NULL);
    mpq_set_ui(n, divisor(e), 1);
    for (size_t i = 0; i < cli_value_size(operand(e, v, 0)); i++) {
        mpq_srcptr target = y != NULL ? y[i] : NULL;
        if (v->kind == CLI_V_LOSS) {
            cli_exact_loss_term(e, a[i], target, term);
            mpq_add(out[0], out[0], term);
        } else {
            cli_exact_loss_slope(e, a[i], target, out[i]);
            mpq_div(out[i], out[i], n);
        }
    }
    if (v->kind == CLI_V_LOSS) {
        mpq_div(out[0], out[0], n);
    }
    mpq_clears(term, n, (mpq_ptr)NULL);
}

static void compute(const cli_exact *e, const cli_value *v, mpq_srcptr one) {
    mpq_t *out = cli_exact_cells(e, v);
    switch (v->kind) {
    case CLI_V_GIVEN: /* read from the file */
        break;
    case CLI_V_SUMS:
    case CLI_V_D_WEIGHTS:
    case CLI_V_D_OUTPUT:
        multiply(e, v, out);
        break;
    case CLI_V_OUTPUT:
        bend(e, v, out);
        break;
    case CLI_V_ERROR:
        subtract(e, v, one, out);
        break;
    case CLI_V_SPECTRAL:
    case CLI_V_FROBENIUS: /* a root, which no rational number holds: cli_exact_round */
        break;
    case CLI_V_LOSS:
    case CLI_V_D_PREDICTION:
        measure(e, v, out);
        break;
    case CLI_V_NORMED:
    case CLI_V_D_NORMED:
    case CLI_V_D_GAIN: /* cli_exact_obstacle has found the normalisation */
        break;
    case CLI_V_D_SUMS:
        bend(e, v, out);
        break;
    case CLI_V_D_BIAS:
        sum_columns(e, v, out);
        break;
    case CLI_V_NEW_WEIGHTS:
    case CLI_V_NEW_ROW:
        subtract(e, v, e->rate, out);
        break;
    }
}

int cli_exact_make(cli_exact *out, const cli_values *values, const json_t *document,
                   char problem[CLI_OBSTACLE_TEXT]) {
    *out = (cli_exact){.values = values};
    mpq_init(out->rate);
    for (size_t i = 0; i < values->n; i++) {
        out->n_cells += cli_value_size(&values->items[i]);
    }
    out->memory = calloc(out->n_cells, sizeof *out->memory);
    if (out->memory == NULL) {
        out->n_cells = 0;
        return cli_no_memory();
    }
    for (size_t i = 0; i < out->n_cells; i++) {
        mpq_init(out->memory[i]);
    }
    int status = read_all_given(out, document, problem);
    if (status != CLI_GO_ON) {
        return status;
    }
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    for (size_t i = 0; i < values->n; i++) {
        compute(out, &values->items[i], one);
    }
    mpq_clear(one);
    return CLI_GO_ON;
}

static void round_norm(cli_exact *exact, cli_values *values, size_t i) {
    cli_value *v = &values->items[i];
    const cli_value *error = &values->items[v->operands[0]];
    const dsc_matrix m = dsc_matrix_f64(error->truth, error->n_rows, error->n_cols);
    if (v->kind == CLI_V_FROBENIUS) {
        v->truth[0] = dsc_norm_frobenius(m);
    } else if (dsc_norm_spectral(m, v->truth, NULL) != DSC_OK) {
        return; /* no memory: the library's own value stands there */
    }
    mpq_set_d(cli_exact_cells(exact, v)[0], v->truth[0]);
}

void cli_exact_round(cli_exact *exact, cli_values *values) {
    for (size_t i = 0; i < values->n; i++) {
        const cli_value *v = &values->items[i];
        mpq_t *cells = cli_exact_cells(exact, v);
        if (!cli_exact_has(v)) {
            round_norm(exact, values, i);
            continue;
        }
        for (size_t k = 0; k < cli_value_size(v); k++) {
            v->truth[k] = cli_exact_double(cells[k]);
        }
    }
}

void cli_exact_clear(cli_exact *exact) {
    for (size_t i = 0; i < exact->n_cells; i++) {
        mpq_clear(exact->memory[i]);
    }
    free(exact->memory);
    if (exact->values != NULL) {
        mpq_clear(exact->rate);
    }
    *exact = (cli_exact){0};
}
