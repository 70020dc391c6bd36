/* The table of functions between mathematics and network: all arithmetic of the engine.
 *
 * The network code holds shapes, order and memory; whatever touches elements is an entry here, once
 * a precision. The plain C entries are the oracle; faster ones replace them entry by entry and
 * must agree to rounding. Contract of every entry: matrices row-major and contiguous, no overlap of
 * arguments unless said, nothing allocated, no failure, and a result that for one sample does not
 * depend on the other samples of the batch, nor sums over samples in any order but ascending. */
#ifndef DSC_MATH_KERNELS_H
#define DSC_MATH_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/matrix.h"
#include "descent/status.h"
#include "math/kernels_dense.h"
#include "math/kernels_rows.h"
#include "math/kernels_runs.h"
#include "math/kernels_tiles.h"

typedef struct dsc_kernels {
    const char *name; /* of the instruction set: "c", "avx2" */
    dsc_precision precision;

    /* z = x W + b, normed = norm(z), a = f(normed).            docs/math.md (1), (2), (31) */
    void (*dense_forward)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* d_normed = d_a f'(normed), d_z from it, d_x = d_z W'.    docs/math.md (6), (9), (32) */
    void (*dense_backward)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* From x and what dense_backward left: d_weights += x' d_z, d_bias += sum of d_z, d_gain and
     * d_shift. Each weight's sum is the same in a layer that is cut to some of its inputs.
     *                                                          docs/math.md (7), (8), (32) */
    void (*dense_gradients)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* out = f(in) for (batch, n_out); out may be in.           docs/math.md (2) */
    void (*activate)(void *out, const void *in, dsc_kernel_activation activation, size_t batch,
                     size_t n_out);

    /* d_normed = d_a f'(normed), the first part of dense_backward. Of the layer it takes n_out and
     * activation, of the pass batch, normed, a, d_a and d_normed. */
    void (*differentiate)(const dsc_dense *layer, const dsc_dense_pass *pass);

    /* The loss, in double, and its gradient.                   docs/math.md (3) to (5), (26) to
     * (30)
     */
    double (*loss)(const dsc_loss_pass *pass);

    /* out[j] = query . row j; out += sum of the rows; out += sum of factors[j] row j. Rows in their
     * order.                                                   docs/math.md (50) to (54) */
    void (*dot_rows)(void *out, const void *query, const dsc_picked_rows *rows);
    void (*sum_rows)(void *out, const dsc_picked_rows *rows);
    void (*sum_scaled_rows)(void *out, const void *factors, const dsc_picked_rows *rows);

    /* For rows that are picked: the elements of x that are not 0, ascending, and their places, both with room for n;
     * what is behind them is undefined. Returns how many. And back: out (n) becomes 0 but for the values at
     * the n_picked places.                                     docs/math.md (203) */
    size_t (*pick_nonzero)(uint32_t *places, void *values, const void *x, size_t n);
    void (*put_back)(void *out, size_t n, const uint32_t *places, const void *values,
                     size_t n_picked);

    /* Products with a tile, the inner dimension ascending; out[c] = column c of one . column c of
     * other, both (n, DSC_TILE), in the same order and rounding as the product.
     *                                                          docs/math.md (190) to (192) */
    void (*multiply_tile)(const dsc_tile_product *product);
    void (*dot_tiles)(void *out, const void *one, const void *other, size_t n);

    /* Whether the processor multiplies bytes faster than floats. If not, the product in bytes is not to be
     * asked for: of an instruction set it may take more than its other kernels do. */
    bool (*has_fast_bytes)(void);
    void (*multiply_bytes)(const dsc_byte_product *product);

    /* out (n_rows, DSC_TILE), which may be neither of the two. */
    void (*join_tiles)(void *out, const dsc_tile_join *join);

    void (*finish_rows)(void *sum, const dsc_tile_rows *rows);

    /* out (n, DSC_TILE): column c is the vector of n elements at from[c], 0 from n_columns on. */
    void (*pack_tile)(void *out, const void *const *from, size_t n_columns, size_t n);

    /* out[i] = a[i] b[i]; out may be a.                        docs/math.md (33) */
    void (*multiply_elements)(void *out, const void *a, const void *b, size_t n);

    /* Sum of squares of n elements, in double; and values[i] *= factor.   docs/math.md (35) */
    double (*sum_of_squares)(const void *values, size_t n);
    void (*scale)(void *values, double factor, size_t n);

    /* values[i] = factor (values[i] + term), rounded once.     docs/math.md (203) */
    void (*scale_shifted)(void *values, double term, double factor, size_t n);

    /* gradients += l1 sign(w) + l2 w; returns l1 |w| + l2 w^2 / 2 summed.  docs/math.md (34) */
    double (*add_penalty)(void *gradients, const void *weights, double l1, double l2, size_t n);

    /* One pass over ratings; returns the sum of squared errors, each before its step.
     *                                                          docs/math.md (180) to (186) */
    double (*factor_step)(const dsc_factor_pass *pass);

    /* Whether all n elements are finite. */
    bool (*all_finite)(const void *values, size_t n);

    /* One step over n parameters; velocity NULL: no momentum.  docs/math.md (10), (11), (36) */
    void (*sgd_step)(void *parameters, void *velocity, const void *gradients, size_t n,
                     const dsc_step *step);

    /* moments: (n) each. Moments and parameters whose square is no normal number become 0.
     *                                                          docs/math.md (12) to (14), (39) */
    void (*adam_step)(void *parameters, void *const moments[2], const void *gradients, size_t n,
                      const dsc_step *step);

    /* squares (n): the sum, or the decaying mean, of squares.  docs/math.md (37), (38) */
    void (*adagrad_step)(void *parameters, void *squares, const void *gradients, size_t n,
                         const dsc_step *step);
    void (*rmsprop_step)(void *parameters, void *squares, const void *gradients, size_t n,
                         const dsc_step *step);

    /* Row `to` of one table becomes, or is increased by, row `from` of another, move by move. */
    void (*copy_rows)(const dsc_row_moves *moves);
    void (*accumulate_rows)(const dsc_row_moves *moves);

    /* One of the four steps above for each of the rows.        docs/math.md (23) */
    void (*step_rows)(const dsc_row_steps *rows, const dsc_step *step);

    /* Of whole vectors, in double: sums[j] = a . vector j; out = sum of weights[j] vector j, in their
     * order, where out may be one of them; out = a + factor b, where out may be a.
     *                                                          docs/math.md (200) to (202) */
    void (*inner_products)(double *sums, const void *a, const dsc_vectors *vectors, size_t n);
    void (*combine_vectors)(void *out, const double *weights, const dsc_vectors *vectors, size_t n);
    void (*add_scaled)(void *out, const void *a, double factor, const void *b, size_t n);

    /* The steps of a run; returns the sum of the losses, each before its step. Where that is not
     * finite the weights are as they were.                     docs/math.md (196), (197) */
    double (*run_steps)(const dsc_step_run *run);

    /* out (n, 4) = dsc_philox4x32 of the counter and of those behind it, counter[0] + 1 and so on. */
    void (*random_blocks)(uint32_t *out, const uint32_t counter[4], const uint32_t key[2],
                          size_t n);

    /* n numbers from bfloat16, which is exact, and to the nearest; subnormal numbers, infinity and what
     * is not a number stay what they are.                      docs/math.md (204), (205) */
    void (*widen_bf16)(void *out, const uint16_t *kept, size_t n);
    void (*narrow_bf16)(uint16_t *out, const void *values, size_t n);

    /* copy_rows and step_rows where the table to copy from, the parameters, is bfloat16. The step is
     * one of full precision, whose result is rounded by lot; width <= DSC_MAX_BF16_WIDTH.
     *                                                          docs/math.md (206), (207) */
    void (*widen_bf16_rows)(const dsc_row_moves *moves);
    void (*step_bf16_rows)(const dsc_row_steps *rows, const dsc_step *step);
} dsc_kernels;

/* The table for a precision, of the instruction set in use (descent/isa.h); static and const, shared
 * by all threads. Returns DSC_OK; DSC_E_ARGUMENT: DESCENT_ISA names none that is available. */
dsc_status dsc_kernels_choose(const dsc_kernels **out, dsc_precision precision, dsc_error *err);

/* The plain C tables, which every other is tested against. */
extern const dsc_kernels dsc_kernels_c_f32;
extern const dsc_kernels dsc_kernels_c_f64;

/* Those of one instruction set; each is defined where the compiler's target can have it. */
extern const dsc_kernels dsc_kernels_avx2_f32;
extern const dsc_kernels dsc_kernels_avx512_f32;
extern const dsc_kernels dsc_kernels_neon_f32;

#endif
