/* Wrong ways to compute a value: what each mistake of the table would give. */
#include "check_ways.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- products ----------------------------------------------------------------------------------
 */

/* The product with some transposes turned round, or its factors exchanged. */
static bool other_product(const cli_compute *c, const cli_value *v, cli_view view, double *out,
                          int turned) {
    cli_factor f[2];
    if (!cli_factors(c, v, view, f)) {
        return false;
    }
    f[0].is_transposed ^= (turned & 1) != 0;
    f[1].is_transposed ^= (turned & 2) != 0;
    if (!cli_product(f[turned == 4], f[turned != 4], v, out)) {
        return false;
    }
    if (v->kind == CLI_V_SUMS) {
        cli_add_bias(c, v, view, 1.0, out);
    }
    return true;
}

bool cli_way_turn_first(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return other_product(c, v, view, out, 1);
}

bool cli_way_turn_second(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return other_product(c, v, view, out, 2);
}

bool cli_way_turn_both(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return other_product(c, v, view, out, 3);
}

bool cli_way_exchange_factors(const cli_compute *c, const cli_value *v, cli_view view,
                              double *out) {
    return other_product(c, v, view, out, 4);
}

bool cli_way_multiply_by_element(const cli_compute *c, const cli_value *v, cli_view view,
                                 double *out) {
    cli_factor f[2];
    if (!cli_factors(c, v, view, f)) {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        const size_t n_rows = f[i].is_transposed ? f[i].n_cols : f[i].n_rows;
        const size_t n_cols = f[i].is_transposed ? f[i].n_rows : f[i].n_cols;
        if (n_rows != v->n_rows || n_cols != v->n_cols) {
            return false;
        }
    }
    for (size_t i = 0; i < cli_value_size(v); i++) {
        const size_t row = i / v->n_cols, col = i % v->n_cols;
        out[i] = cli_factor_at(&f[0], row, col) * cli_factor_at(&f[1], row, col);
    }
    if (v->kind == CLI_V_SUMS) {
        cli_add_bias(c, v, view, 1.0, out);
    }
    return true;
}

/* The product with the weights of the other side of the step. */
static bool other_weights(const cli_compute *c, const cli_value *v, cli_view view, double *out,
                          bool is_new) {
    const cli_values *all = c->values;
    cli_factor f[2];
    char name[CLI_VALUE_NAME];
    const size_t layer = v->kind == CLI_V_D_OUTPUT ? v->layer + 1 : v->layer;
    snprintf(name, sizeof name, "%sW%zu", is_new ? "new " : "", layer + 1);
    if (v->is_new == is_new || !cli_factors(c, v, view, f)) {
        return false;
    }
    f[1].data = view[cli_values_find(all, name)];
    if (!cli_product(f[0], f[1], v, out)) {
        return false;
    }
    if (v->kind == CLI_V_SUMS) {
        cli_add_bias(c, v, view, 1.0, out);
    }
    return true;
}

bool cli_way_use_new_weights(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return other_weights(c, v, view, out, true);
}

bool cli_way_use_old_weights(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return other_weights(c, v, view, out, false);
}

static bool with_bias(const cli_compute *c, const cli_value *v, cli_view view, double *out,
                      double factor) {
    cli_factor f[2];
    if (v->n_operands < 3 || !cli_factors(c, v, view, f) || !cli_product(f[0], f[1], v, out)) {
        return false;
    }
    cli_add_bias(c, v, view, factor, out);
    return true;
}

bool cli_way_leave_out_bias(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return with_bias(c, v, view, out, 0.0);
}

bool cli_way_subtract_bias(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return with_bias(c, v, view, out, -1.0);
}

/* --- factors -----------------------------------------------------------------------------------
 */

static bool scaled(const cli_compute *c, const cli_value *v, cli_view view, double *out,
                   double factor) {
    if (!cli_compute_right(c, v, view, out)) {
        return false;
    }
    for (size_t i = 0; i < cli_value_size(v); i++) {
        out[i] *= factor;
    }
    return true;
}

static double n_samples(const cli_compute *c) {
    return (double)c->values->file->target.n_rows;
}

static double n_outputs(const cli_compute *c) {
    return (double)c->values->file->target.n_cols;
}

bool cli_way_double_it(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return scaled(c, v, view, out, 2.0);
}

bool cli_way_halve_it(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return scaled(c, v, view, out, 0.5);
}

bool cli_way_divide_by_samples(const cli_compute *c, const cli_value *v, cli_view view,
                               double *out) {
    return scaled(c, v, view, out, 1.0 / n_samples(c));
}

bool cli_way_divide_by_elements(const cli_compute *c, const cli_value *v, cli_view view,
                                double *out) {
    return scaled(c, v, view, out, 1.0 / (n_samples(c) * n_outputs(c)));
}

bool cli_way_make_it_a_sum(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return scaled(c, v, view, out, n_samples(c) * n_outputs(c));
}

bool cli_way_make_it_half_a_sum(const cli_compute *c, const cli_value *v, cli_view view,
                                double *out) {
    return scaled(c, v, view, out, n_samples(c) * n_outputs(c) / 2.0);
}

bool cli_way_mean_over_samples(const cli_compute *c, const cli_value *v, cli_view view,
                               double *out) {
    return scaled(c, v, view, out, n_outputs(c));
}

bool cli_way_half_mean_over_samples(const cli_compute *c, const cli_value *v, cli_view view,
                                    double *out) {
    return scaled(c, v, view, out, n_outputs(c) / 2.0);
}

bool cli_way_sum_over_samples(const cli_compute *c, const cli_value *v, cli_view view,
                              double *out) {
    return scaled(c, v, view, out, n_samples(c));
}

bool cli_way_divide_by_outputs(const cli_compute *c, const cli_value *v, cli_view view,
                               double *out) {
    return scaled(c, v, view, out, 1.0 / n_outputs(c));
}

bool cli_way_turn_sign(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return scaled(c, v, view, out, -1.0);
}

/* --- activations and sums over samples ---------------------------------------------------------
 */

bool cli_way_take_first_operand(const cli_compute *c, const cli_value *v, cli_view view,
                                double *out) {
    const cli_factor f = cli_operand(c, v, view, 0);
    memcpy(out, f.data, cli_value_size(v) * sizeof *out);
    return true;
}

bool cli_way_derive_at_output(const cli_compute *c, const cli_value *v, cli_view view,
                              double *out) {
    return cli_through_activation(c, v->layer, view[v->operands[0]], view[v->operands[2]], out);
}

bool cli_way_multiply_by_output(const cli_compute *c, const cli_value *v, cli_view view,
                                double *out) {
    const double *d_a = cli_operand(c, v, view, 0).data, *a = cli_operand(c, v, view, 2).data;
    for (size_t i = 0; i < cli_value_size(v); i++) {
        out[i] = d_a[i] * a[i];
    }
    return true;
}

/* softmax treated like a sigmoid: each output as if it depended on its own sum alone. */
bool cli_way_diagonal_of_softmax(const cli_compute *c, const cli_value *v, cli_view view,
                                 double *out) {
    const double *d_a = cli_operand(c, v, view, 0).data, *a = cli_operand(c, v, view, 2).data;
    for (size_t i = 0; i < cli_value_size(v); i++) {
        out[i] = d_a[i] * a[i] * (1 - a[i]);
    }
    return dsc_network_layer(c->values->file->net, v->layer).activation == DSC_SOFTMAX;
}

/* Row sums in place of column sums, where there are as many. */
bool cli_way_sum_rows(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    const cli_factor f = cli_operand(c, v, view, 0);
    if (f.n_rows != v->n_cols) {
        return false;
    }
    for (size_t i = 0; i < f.n_rows; i++) {
        out[i] = 0.0;
        for (size_t j = 0; j < f.n_cols; j++) {
            out[i] += f.data[i * f.n_cols + j];
        }
    }
    return true;
}

/* --- the step ----------------------------------------------------------------------------------
 */

/* keep * parameter - factor * gradient */
static bool other_step(const cli_compute *c, const cli_value *v, cli_view view, double *out,
                       const double factors[2]) {
    const double *parameter = cli_operand(c, v, view, 0).data;
    const double *gradient = cli_operand(c, v, view, 1).data;
    for (size_t i = 0; i < cli_value_size(v); i++) {
        out[i] = factors[0] * parameter[i] - factors[1] * gradient[i];
    }
    return true;
}

bool cli_way_leave_out_rate(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return other_step(c, v, view, out, (const double[]){1.0, 1.0});
}

bool cli_way_go_uphill(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    return other_step(c, v, view, out, (const double[]){1.0, -c->values->file->rate});
}

bool cli_way_go_uphill_without_rate(const cli_compute *c, const cli_value *v, cli_view view,
                                    double *out) {
    return other_step(c, v, view, out, (const double[]){1.0, -1.0});
}

bool cli_way_keep_the_change_alone(const cli_compute *c, const cli_value *v, cli_view view,
                                   double *out) {
    return other_step(c, v, view, out, (const double[]){0.0, c->values->file->rate});
}

bool cli_way_keep_the_rise_alone(const cli_compute *c, const cli_value *v, cli_view view,
                                 double *out) {
    return other_step(c, v, view, out, (const double[]){0.0, -c->values->file->rate});
}

/* The value of the same name before the step. */
bool cli_way_value_before_step(const cli_compute *c, const cli_value *v, cli_view view,
                               double *out) {
    const size_t before = v->is_new ? cli_values_find(c->values, v->name + 4) : CLI_NO_VALUE;
    if (before == CLI_NO_VALUE) {
        return false;
    }
    memcpy(out, view[before], cli_value_size(v) * sizeof *out);
    return true;
}

/* --- norms -------------------------------------------------------------------------------------
 */

/* The norm of the other kind. */
bool cli_way_other_norm(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    cli_value other = *v;
    other.kind = v->kind == CLI_V_SPECTRAL ? CLI_V_FROBENIUS : CLI_V_SPECTRAL;
    return cli_compute_right(c, &other, view, out);
}

bool cli_way_leave_out_root(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    if (!cli_compute_right(c, v, view, out)) {
        return false;
    }
    out[0] *= out[0];
    return true;
}

bool cli_way_largest_element(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    const cli_factor f = cli_operand(c, v, view, 0);
    out[0] = 0.0;
    for (size_t i = 0; i < f.n_rows * f.n_cols; i++) {
        out[0] = fmax(out[0], fabs(f.data[i]));
    }
    return true;
}

/* --- the result --------------------------------------------------------------------------------
 */

bool cli_way_transpose_result(const cli_compute *c, const cli_value *v, cli_view view,
                              double *out) {
    if (v->n_rows != v->n_cols || !cli_compute_right(c, v, view, out)) {
        return false;
    }
    for (size_t i = 0; i < v->n_rows; i++) {
        for (size_t j = 0; j < i; j++) {
            const double swapped = out[i * v->n_cols + j];
            out[i * v->n_cols + j] = out[j * v->n_cols + i];
            out[j * v->n_cols + i] = swapped;
        }
    }
    return true;
}
