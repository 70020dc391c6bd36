/* Computing a value from its operands, whatever they are. */
#include "check_compute.h"

#include <math.h>
#include <string.h>

#include "descent/norms.h"

cli_factor cli_operand(const cli_compute *c, const cli_value *v, cli_view view, size_t i) {
    const cli_value *operand = &c->values->items[v->operands[i]];
    return (cli_factor){view[v->operands[i]], operand->n_rows, operand->n_cols, false};
}

bool cli_factors(const cli_compute *c, const cli_value *v, cli_view view, cli_factor out[2]) {
    if (v->kind != CLI_V_SUMS && v->kind != CLI_V_D_WEIGHTS && v->kind != CLI_V_D_OUTPUT) {
        return false;
    }
    out[0] = cli_operand(c, v, view, 0);
    out[1] = cli_operand(c, v, view, 1);
    out[0].is_transposed = v->kind == CLI_V_D_WEIGHTS; /* docs/math.md (7) */
    out[1].is_transposed = v->kind == CLI_V_D_OUTPUT;  /* docs/math.md (9) */
    return true;
}

double cli_factor_at(const cli_factor *factor, size_t row, size_t col) {
    return factor->is_transposed ? factor->data[col * factor->n_cols + row]
                                 : factor->data[row * factor->n_cols + col];
}

bool cli_product(cli_factor a, cli_factor b, const cli_value *v, double *out) {
    const size_t n_rows = a.is_transposed ? a.n_cols : a.n_rows;
    const size_t n_inner = a.is_transposed ? a.n_rows : a.n_cols;
    const size_t n_cols = b.is_transposed ? b.n_rows : b.n_cols;
    if (n_inner != (b.is_transposed ? b.n_cols : b.n_rows) || n_rows != v->n_rows ||
        n_cols != v->n_cols) {
        return false;
    }
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_cols; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < n_inner; k++) {
                sum += cli_factor_at(&a, i, k) * cli_factor_at(&b, k, j);
            }
            out[i * n_cols + j] = sum;
        }
    }
    return true;
}

void cli_add_bias(const cli_compute *c, const cli_value *v, cli_view view, double factor,
                  double *out) {
    if (v->n_operands < 3) {
        return;
    }
    const double *bias = cli_operand(c, v, view, 2).data;
    for (size_t i = 0; i < cli_value_size(v); i++) {
        out[i] += factor * bias[i % v->n_cols];
    }
}

static void copy_matrix(double *to, dsc_matrix from) {
    for (size_t i = 0; i < from.n_rows * from.n_cols; i++) {
        to[i] = dsc_matrix_at(from, 0, i);
    }
}

static dsc_matrix layer_matrix(const cli_compute *c, size_t layer, const double *data) {
    return dsc_matrix_f64(data, c->values->file->input.n_rows,
                          dsc_network_layer(c->values->file->net, layer).n_out);
}

static bool activate(const cli_compute *c, size_t layer, const double *z, double *out) {
    dsc_workspace *ws = c->passes[layer];
    if (dsc_network_forward(c->activations[layer], ws, layer_matrix(c, layer, z), NULL) != DSC_OK) {
        return false;
    }
    copy_matrix(out, dsc_workspace_output(ws));
    return true;
}

bool cli_through_activation(const cli_compute *c, size_t layer, const double *d_a, const double *z,
                            double *out) {
    const dsc_network *net = c->activations[layer];
    dsc_workspace *ws = c->passes[layer];
    dsc_workspace_zero_gradients(ws);
    if (dsc_network_forward(net, ws, layer_matrix(c, layer, z), NULL) != DSC_OK ||
        dsc_network_backward_from(net, ws, layer_matrix(c, layer, d_a), NULL) != DSC_OK) {
        return false;
    }
    copy_matrix(out, dsc_workspace_find(ws, 0, DSC_Z).gradient);
    return true;
}

/* docs/math.md (31), (32): forward through the normalisation for CLI_V_NORMED, else back. */
static bool through_norm(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    dsc_network *net = c->norms[v->layer];
    dsc_workspace *ws = c->norm_passes[v->layer];
    const bool is_forward = v->kind == CLI_V_NORMED;
    const size_t width = dsc_network_n_out(net), z = v->operands[is_forward ? 0 : 1];
    double *gain = (double *)dsc_network_parameters(net) + width * width, *shift = gain + width;
    for (size_t j = 0; j < width; j++) {
        gain[j] = v->kind == CLI_V_D_GAIN ? 1.0 : view[v->operands[is_forward ? 1 : 2]][j];
        shift[j] = is_forward ? view[v->operands[2]][j] : 0.0;
    }
    if (dsc_network_forward(net, ws, layer_matrix(c, v->layer, view[z]), NULL) != DSC_OK) {
        return false;
    }
    if (is_forward) {
        copy_matrix(out, dsc_workspace_output(ws));
        return true;
    }
    dsc_workspace_zero_gradients(ws);
    const dsc_matrix d_normed = layer_matrix(c, v->layer, view[v->operands[0]]);
    if (dsc_network_backward_from(net, ws, d_normed, NULL) != DSC_OK) {
        return false;
    }
    copy_matrix(out, v->kind == CLI_V_D_GAIN ? dsc_workspace_d_gain(ws, 0)
                                             : dsc_workspace_find(ws, 0, DSC_Z).gradient);
    return true;
}

/* docs/math.md (6). Where the trace's formula names A, a person's own A counts, not their Z. */
static bool d_sums(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    const double *d_a = view[v->operands[0]], *a = view[v->operands[2]];
    const dsc_activation f = dsc_network_layer(c->values->file->net, v->layer).activation;
    if (f != DSC_SIGMOID && f != DSC_TANH && f != DSC_SOFTMAX) {
        return cli_through_activation(c, v->layer, d_a, view[v->operands[1]], out);
    }
    for (size_t i = 0; i < cli_value_size(v); i++) {
        const double *row_d = d_a + i - i % v->n_cols, *row_a = a + i - i % v->n_cols;
        double sum = 0.0;
        for (size_t j = 0; f == DSC_SOFTMAX && j < v->n_cols; j++) {
            sum += row_d[j] * row_a[j];
        }
        out[i] = f == DSC_SOFTMAX   ? a[i] * (d_a[i] - sum)
                 : f == DSC_SIGMOID ? d_a[i] * a[i] * (1 - a[i])
                                    : d_a[i] * (1 - a[i] * a[i]);
    }
    return true;
}

/* The loss, or its gradient at the prediction: docs/math.md (3) to (5). */
static bool loss_of(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    const cli_factor first = cli_operand(c, v, view, 0);
    const double *target = v->n_operands > 1 ? view[v->operands[1]] : c->zeros;
    const dsc_matrix prediction = dsc_matrix_f64(first.data, first.n_rows, first.n_cols);
    const dsc_matrix y = dsc_matrix_f64(target, first.n_rows, first.n_cols);
    if (dsc_network_forward(c->loss, c->loss_pass, prediction, NULL) != DSC_OK) {
        return false;
    }
    if (v->kind == CLI_V_LOSS) {
        return dsc_network_loss_value(c->loss, c->loss_pass, y, out, NULL) == DSC_OK;
    }
    dsc_workspace_zero_gradients(c->loss_pass);
    if (dsc_network_backward(c->loss, c->loss_pass, y, NULL, NULL) != DSC_OK) {
        return false;
    }
    copy_matrix(out, dsc_workspace_find(c->loss_pass, 0, DSC_A).gradient);
    return true;
}

/* first - factor * second, element by element. */
static bool difference(const cli_value *v, cli_view view, double factor, double *out) {
    for (size_t i = 0; i < cli_value_size(v); i++) {
        out[i] = view[v->operands[0]][i] - factor * view[v->operands[1]][i];
    }
    return true;
}

/* docs/math.md (8) */
static bool column_sums(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    const cli_factor of = cli_operand(c, v, view, 0);
    memset(out, 0, v->n_cols * sizeof *out);
    for (size_t i = 0; i < of.n_rows * of.n_cols; i++) {
        out[i % of.n_cols] += of.data[i];
    }
    return true;
}

static bool product_of(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    cli_factor factors[2];
    bool is_good = cli_factors(c, v, view, factors) && cli_product(factors[0], factors[1], v, out);
    if (is_good && v->kind == CLI_V_SUMS) {
        cli_add_bias(c, v, view, 1.0, out);
    }
    return is_good;
}

static bool norm_of(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    const cli_factor of = cli_operand(c, v, view, 0);
    const dsc_matrix m = dsc_matrix_f64(of.data, of.n_rows, of.n_cols);
    if (v->kind == CLI_V_SPECTRAL) {
        return dsc_norm_spectral(m, out, NULL) == DSC_OK;
    }
    *out = dsc_norm_frobenius(m);
    return true;
}

static bool compute(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    switch (v->kind) {
    case CLI_V_GIVEN:
        memcpy(out, v->truth, cli_value_size(v) * sizeof *out);
        return true;
    case CLI_V_SUMS:
    case CLI_V_D_WEIGHTS:
    case CLI_V_D_OUTPUT:
        return product_of(c, v, view, out);
    case CLI_V_OUTPUT:
        return activate(c, v->layer, view[v->operands[0]], out);
    case CLI_V_ERROR:
        return difference(v, view, 1.0, out);
    case CLI_V_SPECTRAL:
    case CLI_V_FROBENIUS:
        return norm_of(c, v, view, out);
    case CLI_V_LOSS:
    case CLI_V_D_PREDICTION:
        return loss_of(c, v, view, out);
    case CLI_V_D_SUMS:
        return d_sums(c, v, view, out);
    case CLI_V_NORMED:
    case CLI_V_D_NORMED:
    case CLI_V_D_GAIN:
        return through_norm(c, v, view, out);
    case CLI_V_D_BIAS:
        return column_sums(c, v, view, out);
    case CLI_V_NEW_WEIGHTS:
    case CLI_V_NEW_ROW:
        return difference(v, view, c->values->file->rate, out);
    }
    return false;
}

bool cli_compute_right(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    bool is_good = compute(c, v, view, out);
    for (size_t i = 0; is_good && i < cli_value_size(v); i++) {
        is_good = isfinite(out[i]);
    }
    return is_good;
}
