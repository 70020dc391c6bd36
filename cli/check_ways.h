/* Wrong ways to compute a value: what each mistake of the table would give. */
#ifndef DESCENT_CLI_CHECK_WAYS_H
#define DESCENT_CLI_CHECK_WAYS_H

#include "check_compute.h"

/* Computes what a mistake gives in place of the right value `v`, from its operands in `view`, into
 * out (its shape); false: it cannot be made here, since shapes do not fit or it overflows. */
typedef bool cli_way(const cli_compute *c, const cli_value *v, cli_view view, double *out);

cli_way cli_way_turn_first;
cli_way cli_way_turn_second;
cli_way cli_way_turn_both;
cli_way cli_way_exchange_factors;
cli_way cli_way_multiply_by_element;
cli_way cli_way_use_new_weights;
cli_way cli_way_use_old_weights;
cli_way cli_way_leave_out_bias;
cli_way cli_way_subtract_bias;
cli_way cli_way_double_it;
cli_way cli_way_halve_it;
cli_way cli_way_divide_by_samples;
cli_way cli_way_divide_by_elements;
cli_way cli_way_make_it_a_sum;
cli_way cli_way_make_it_half_a_sum;
cli_way cli_way_mean_over_samples;
cli_way cli_way_half_mean_over_samples;
cli_way cli_way_sum_over_samples;
cli_way cli_way_divide_by_outputs;
cli_way cli_way_turn_sign;
cli_way cli_way_mean_of_errors;
cli_way cli_way_half_mean_of_squares;
cli_way cli_way_slope_of_errors;
cli_way cli_way_cost_everywhere;
cli_way cli_way_slope_everywhere;
cli_way cli_way_take_first_operand;
cli_way cli_way_derive_at_output;
cli_way cli_way_multiply_by_output;
cli_way cli_way_diagonal_of_softmax;
cli_way cli_way_sum_rows;
cli_way cli_way_leave_out_rate;
cli_way cli_way_go_uphill;
cli_way cli_way_go_uphill_without_rate;
cli_way cli_way_keep_the_change_alone;
cli_way cli_way_keep_the_rise_alone;
cli_way cli_way_value_before_step;
cli_way cli_way_other_norm;
cli_way cli_way_leave_out_root;
cli_way cli_way_largest_element;
cli_way cli_way_transpose_result;

#endif
