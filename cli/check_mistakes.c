/* The mistakes that people make in backpropagation by hand: one table, a row a mistake. */
#include "check_mistakes.h"

#include <stdio.h>
#include <string.h>

#include "check_ways.h"
#include "output.h"

#define SUMS         CLI_AT(CLI_V_SUMS)
#define OUTPUT       CLI_AT(CLI_V_OUTPUT)
#define ERROR_       CLI_AT(CLI_V_ERROR)
#define SPECTRAL     CLI_AT(CLI_V_SPECTRAL)
#define FROBENIUS    CLI_AT(CLI_V_FROBENIUS)
#define LOSS         CLI_AT(CLI_V_LOSS)
#define D_PREDICTION CLI_AT(CLI_V_D_PREDICTION)
#define D_SUMS       CLI_AT(CLI_V_D_SUMS)
#define D_WEIGHTS    CLI_AT(CLI_V_D_WEIGHTS)
#define D_BIAS       CLI_AT(CLI_V_D_BIAS)
#define D_OUTPUT     CLI_AT(CLI_V_D_OUTPUT)
#define NORMED       CLI_AT(CLI_V_NORMED)
#define D_NORM       (CLI_AT(CLI_V_D_NORMED) | CLI_AT(CLI_V_D_GAIN))
#define NEW_WEIGHTS  CLI_AT(CLI_V_NEW_WEIGHTS)
#define NEW          (NEW_WEIGHTS | CLI_AT(CLI_V_NEW_ROW))
#define PRODUCT      (SUMS | D_WEIGHTS | D_OUTPUT)
#define GRADIENT     (D_PREDICTION | D_SUMS | D_WEIGHTS | D_BIAS | D_OUTPUT | D_NORM)
#define MATRIX       (PRODUCT | OUTPUT | ERROR_ | GRADIENT | NEW_WEIGHTS)

#define SQUARES       CLI_OF(DSC_HALF_SUM_OF_SQUARES)
#define MEAN_SQUARES  CLI_OF(DSC_MEAN_SQUARED_ERROR)
#define ABSOLUTE      CLI_OF(DSC_MEAN_ABSOLUTE_ERROR)
#define HUBER         CLI_OF(DSC_HUBER)
#define LOGITS        CLI_OF(DSC_BINARY_CROSS_ENTROPY)
#define CROSS_ENTROPY CLI_OF(DSC_CROSS_ENTROPY)
#define HINGE         CLI_OF(DSC_HINGE)
#define MEANS         (MEAN_SQUARES | ABSOLUTE | HUBER | LOGITS | HINGE) /* over all elements */

const cli_mistake cli_mistakes[] = {
    /* Forward: docs/math.md (1), (2). */
    {"bias-left-out", SUMS, 0, CLI_SPECIFIC, cli_way_leave_out_bias, "the bias {2} is left out"},
    {"bias-subtracted", SUMS, 0, CLI_SPECIFIC, cli_way_subtract_bias, "the bias {2} is subtracted"},
    {"old-weights", SUMS, 0, CLI_SPECIFIC, cli_way_use_old_weights,
     "uses the weights before the step instead of {1}"},
    {"activation-left-out", OUTPUT, 0, CLI_SPECIFIC, cli_way_take_first_operand,
     "the activation is left out: this is {0}"},
    {"surplus-transpose", SUMS, 0, CLI_SPECIFIC, cli_way_turn_first,
     "a surplus transpose: {0}' {1} instead of {0} {1}"},
    {"surplus-transpose", SUMS, 0, CLI_SPECIFIC, cli_way_turn_second,
     "a surplus transpose: {0} {1}' instead of {0} {1}"},
    {"surplus-transpose", SUMS, 0, CLI_DOUBLE, cli_way_turn_both,
     "two surplus transposes: {0}' {1}' instead of {0} {1}"},
    {"factors-exchanged", SUMS, 0, CLI_SPECIFIC, cli_way_exchange_factors,
     "the factors are exchanged: {1} {0} instead of {0} {1}"},

    /* Error, norms and loss: (3), (4), (16), (17). */
    {"target-minus-prediction", ERROR_, 0, CLI_SPECIFIC, cli_way_turn_sign,
     "taken as target - prediction instead of prediction - target"},
    {"frobenius-norm", SPECTRAL, 0, CLI_SPECIFIC, cli_way_other_norm, "this is the Frobenius norm"},
    {"spectral-norm", FROBENIUS, 0, CLI_SPECIFIC, cli_way_other_norm, "this is the spectral norm"},
    {"root-left-out", SPECTRAL | FROBENIUS, 0, CLI_SPECIFIC, cli_way_leave_out_root,
     "the square root at the end is left out"},
    {"largest-element", SPECTRAL | FROBENIUS, 0, CLI_SPECIFIC, cli_way_largest_element,
     "this is the largest element of {0}, without its sign"},
    {"half-left-out", LOSS, SQUARES, CLI_SPECIFIC, cli_way_double_it, "the factor 1/2 is left out"},
    {"divided-by-samples", LOSS, SQUARES, CLI_SPECIFIC, cli_way_divide_by_samples,
     "divided by the number of samples, {n}; this loss is a sum, not a mean"},
    {"divided-by-elements", LOSS, SQUARES, CLI_SPECIFIC, cli_way_divide_by_elements,
     "divided by the number of elements, {nm}; this loss is a sum, not a mean"},
    {"mean-left-out", LOSS, MEANS, CLI_SPECIFIC, cli_way_make_it_a_sum,
     "the factor 1/{nm} is left out: the sum instead of the mean"},
    {"mean-over-samples", LOSS, MEANS, CLI_SPECIFIC, cli_way_mean_over_samples,
     "divided by the number of samples, {n}, instead of the number of elements, {nm}"},
    {"surplus-half", LOSS, MEAN_SQUARES, CLI_SPECIFIC, cli_way_halve_it,
     "a surplus factor 1/2; this loss has none"},
    {"half-sum", LOSS, MEAN_SQUARES, CLI_SPECIFIC, cli_way_make_it_half_a_sum,
     "this is half the sum of squares instead of their mean"},

    /* Losses other than squares: (26) to (30). */
    {"mean-left-out", LOSS | D_PREDICTION, CROSS_ENTROPY, CLI_SPECIFIC, cli_way_sum_over_samples,
     "the factor 1/{n} of the mean over samples is left out"},
    {"divided-by-elements", LOSS | D_PREDICTION, CROSS_ENTROPY, CLI_SPECIFIC,
     cli_way_divide_by_outputs,
     "divided by the number of elements, {nm}; this loss is a mean over the {n} samples"},
    {"absolute-left-out", LOSS, ABSOLUTE, CLI_SPECIFIC, cli_way_mean_of_errors,
     "the errors are added with their signs instead of without"},
    {"straight-part-left-out", LOSS, HUBER, CLI_SPECIFIC, cli_way_half_mean_of_squares,
     "squares everywhere, also where the loss is straight"},
    {"maximum-left-out", LOSS, HINGE, CLI_SPECIFIC, cli_way_cost_everywhere,
     "the maximum with 0 is left out"},
    {"sign-of-error-left-out", D_PREDICTION, ABSOLUTE, CLI_SPECIFIC, cli_way_slope_of_errors,
     "the error itself instead of its sign"},
    {"cut-left-out", D_PREDICTION, HUBER, CLI_SPECIFIC, cli_way_slope_of_errors,
     "the error is not cut where the loss is straight"},
    {"sigmoid-left-out", D_PREDICTION, LOGITS, CLI_SPECIFIC, cli_way_slope_of_errors,
     "the sigmoid of the loss is left out: from {0} - {1}"},
    {"softmax-left-out", D_PREDICTION, CROSS_ENTROPY, CLI_SPECIFIC, cli_way_slope_of_errors,
     "the softmax of the loss is left out: from {0} - {1}"},
    {"margin-left-out", D_PREDICTION, HINGE, CLI_SPECIFIC, cli_way_slope_everywhere,
     "taken everywhere, also where {1} .* {0} is 1 or more and the loss is flat"},

    /* Backward, at the prediction: (5). */
    {"surplus-two", D_PREDICTION, SQUARES, CLI_SPECIFIC, cli_way_double_it,
     "a surplus factor 2; the 1/2 of the loss cancels it"},
    {"divided-by-samples", D_PREDICTION, SQUARES, CLI_SPECIFIC, cli_way_divide_by_samples,
     "divided by the number of samples, {n}; this loss is a sum, not a mean"},
    {"divided-by-elements", D_PREDICTION, SQUARES, CLI_SPECIFIC, cli_way_divide_by_elements,
     "divided by the number of elements, {nm}; this loss is a sum, not a mean"},
    {"two-left-out", D_PREDICTION, MEAN_SQUARES, CLI_SPECIFIC, cli_way_halve_it,
     "the factor 2 is left out"},
    {"mean-left-out", D_PREDICTION, MEANS, CLI_SPECIFIC, cli_way_make_it_a_sum,
     "the factor 1/{nm} of the mean is left out"},
    {"two-and-mean-left-out", D_PREDICTION, MEAN_SQUARES, CLI_SPECIFIC, cli_way_make_it_half_a_sum,
     "the factor 2/{nm} is left out"},
    {"mean-over-samples", D_PREDICTION, MEANS, CLI_SPECIFIC, cli_way_mean_over_samples,
     "divided by the number of samples, {n}, instead of the number of elements, {nm}"},
    {"two-left-out-mean-over-samples", D_PREDICTION, MEAN_SQUARES, CLI_DOUBLE,
     cli_way_half_mean_over_samples,
     "divided by the number of samples, {n}, instead of {nm}, and the factor 2 is left out"},

    /* Through the activation, to weights, bias and input: (6) to (9). */
    {"derivative-left-out", D_SUMS, 0, CLI_SPECIFIC, cli_way_take_first_operand,
     "the derivative of the activation is left out: this is {0}"},
    {"derivative-at-output", D_SUMS, 0, CLI_SPECIFIC, cli_way_derive_at_output,
     "the derivative is taken at {2} instead of {1}"},
    {"diagonal-of-softmax", D_SUMS, 0, CLI_SPECIFIC, cli_way_diagonal_of_softmax,
     "as if each output of softmax followed from its own {1} alone: {0} .* {2} .* (1 - {2})"},
    {"times-output", D_SUMS, 0, CLI_SPECIFIC, cli_way_multiply_by_output,
     "multiplied by {2} instead of by the derivative of the activation"},
    {"new-weights", D_OUTPUT, 0, CLI_SPECIFIC, cli_way_use_new_weights,
     "taken after the update: uses the new {1}"},
    {"missing-transpose", D_WEIGHTS, 0, CLI_SPECIFIC, cli_way_turn_first,
     "the transpose is missing: {0} {1} instead of {0}' {1}"},
    {"missing-transpose", D_OUTPUT, 0, CLI_SPECIFIC, cli_way_turn_second,
     "the transpose is missing: {0} {1} instead of {0} {1}'"},
    {"wrong-transpose", D_WEIGHTS, 0, CLI_SPECIFIC, cli_way_turn_both,
     "the wrong factor is transposed: {0} {1}' instead of {0}' {1}"},
    {"wrong-transpose", D_OUTPUT, 0, CLI_SPECIFIC, cli_way_turn_both,
     "the wrong factor is transposed: {0}' {1} instead of {0} {1}'"},
    {"surplus-transpose", D_WEIGHTS, 0, CLI_SPECIFIC, cli_way_turn_second,
     "a surplus transpose: {0}' {1}' instead of {0}' {1}"},
    {"surplus-transpose", D_OUTPUT, 0, CLI_SPECIFIC, cli_way_turn_first,
     "a surplus transpose: {0}' {1}' instead of {0} {1}'"},
    {"factors-exchanged", D_WEIGHTS, 0, CLI_SPECIFIC, cli_way_exchange_factors,
     "the factors are exchanged: {1} {0}' instead of {0}' {1}"},
    {"factors-exchanged", D_OUTPUT, 0, CLI_SPECIFIC, cli_way_exchange_factors,
     "the factors are exchanged: {1}' {0} instead of {0} {1}'"},
    {"divided-by-samples", D_WEIGHTS | D_BIAS, 0, CLI_SPECIFIC, cli_way_divide_by_samples,
     "divided by the number of samples, {n}; a mean over samples is part of the loss or nowhere"},
    {"row-sums", D_BIAS, 0, CLI_SPECIFIC, cli_way_sum_rows,
     "the rows of {0} are summed instead of its columns"},

    /* The step: (10). */
    {"rate-left-out", NEW, 0, CLI_SPECIFIC, cli_way_leave_out_rate, "the rate {rate} is left out"},
    {"added", NEW, 0, CLI_SPECIFIC, cli_way_go_uphill,
     "the step is added instead of subtracted: {0} + {rate} {1}"},
    {"added-rate-left-out", NEW, 0, CLI_DOUBLE, cli_way_go_uphill_without_rate,
     "the step is added instead of subtracted, and the rate {rate} is left out"},
    {"change-alone", NEW, 0, CLI_SPECIFIC, cli_way_keep_the_change_alone,
     "this is the change alone, -{rate} {1}; {0} is left out"},
    {"change-alone", NEW, 0, CLI_SPECIFIC, cli_way_keep_the_rise_alone,
     "this is {rate} {1} alone; it is to be subtracted from {0}"},

    /* What can be seen of a result. */
    {"before-step",
     CLI_AT(CLI_V_LOSS) | SPECTRAL | FROBENIUS | SUMS | OUTPUT | NORMED | ERROR_ | NEW, 0,
     CLI_GENERAL, cli_way_value_before_step, "this is the value before the step"},
    {"by-element", PRODUCT, 0, CLI_GENERAL, cli_way_multiply_by_element,
     "multiplied element by element instead of rows by columns"},
    {"sign-turned", SUMS | OUTPUT | NORMED | GRADIENT, 0, CLI_GENERAL, cli_way_turn_sign,
     "the sign is turned"},
    {"transposed", MATRIX, 0, CLI_GENERAL, cli_way_transpose_result, "the result is transposed"},
};

const size_t cli_n_mistakes = CLI_COUNT(cli_mistakes);

/* --- its words ---------------------------------------------------------------------------------
 */

/* What the word in braces stands for. */
static void fill_in(const char *word, const cli_values *values, const cli_value *v, char out[64]) {
    const dsc_matrix target = values->file->target;
    if (strcmp(word, "n") == 0) {
        snprintf(out, 64, "%zu", target.n_rows);
    } else if (strcmp(word, "nm") == 0) {
        snprintf(out, 64, "%zu", target.n_rows * target.n_cols);
    } else if (strcmp(word, "rate") == 0) {
        snprintf(out, 64, "%.15g", values->file->rate);
    } else {
        snprintf(out, 64, "%s", values->items[v->operands[word[0] - '0']].name);
    }
}

void cli_mistake_say(const cli_mistake *mistake, const cli_values *values, const cli_value *v,
                     char out[256]) {
    size_t used = 0;
    for (const char *at = mistake->text; *at != '\0' && used + 1 < 256;) {
        char part[64] = {*at, '\0'}, word[8];
        int length = 0;
        if (sscanf(at, "{%7[a-z0-9]}%n", word, &length) == 1 && length > 0) {
            fill_in(word, values, v, part);
        }
        used += (size_t)snprintf(out + used, 256 - used, "%s", part);
        at += length > 0 ? length : 1;
    }
}
