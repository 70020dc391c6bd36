/* Gradient descent on a flat array of parameters: SGD, momentum, Nesterov's momentum, Adagrad,
 * RMSprop, Adam, AdamW. (Full-batch L-BFGS is in lbfgs.h.)
 *
 * An optimizer knows nothing of networks: it holds the state (momentum, moments) for an array of
 * n parameters and applies gradients to it, wholly or range by range. One optimizer belongs to one
 * parameter array; one thread at a time. */
#ifndef DESCENT_OPTIMIZER_H
#define DESCENT_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/matrix.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The rule of a step. */
typedef enum dsc_optimizer_kind {
    DSC_SGD = 0,     /* docs/math.md (10), (11), (36) */
    DSC_ADAM = 1,    /* docs/math.md (12) to (14) */
    DSC_ADAGRAD = 2, /* docs/math.md (37) */
    DSC_RMSPROP = 3, /* docs/math.md (38) */
    DSC_ADAMW = 4    /* docs/math.md (39) */
} dsc_optimizer_kind;

/* A rule with its settings; those of other rules are not looked at. */
typedef struct dsc_optimizer_config {
    dsc_optimizer_kind kind; /* which rule */
    double rate;             /* learning rate, > 0 */
    double momentum;         /* SGD only: 0 <= momentum < 1, 0 for plain gradient descent */
    double beta1;            /* Adam, AdamW: decay of the first moment, 0 <= beta1 < 1 */
    double beta2;            /* Adam, AdamW, RMSprop: decay of the second moment, 0 <= beta2 < 1 */
    double epsilon;          /* all but SGD: > 0 */
    bool is_nesterov;        /* SGD only: the momentum is looked ahead, which needs one above 0 */
    double decay; /* AdamW only: >= 0, the share of rate * parameter that each step takes off */
} dsc_optimizer_config;

/* The usual settings at `rate`: SGD without momentum; Adam with 0.9, 0.999, 1e-8; Adagrad with
 * epsilon 1e-10; RMSprop with 0.99, 1e-8; AdamW as Adam with decay 0.01. */
dsc_optimizer_config dsc_sgd(double rate);
dsc_optimizer_config dsc_momentum(double rate, double momentum);
dsc_optimizer_config dsc_nesterov(double rate, double momentum);
dsc_optimizer_config dsc_adam(double rate);
dsc_optimizer_config dsc_adagrad(double rate);
dsc_optimizer_config dsc_rmsprop(double rate);
dsc_optimizer_config dsc_adamw(double rate);

/* "sgd", "adam", "adagrad", "rmsprop", "adamw"; NULL for a value outside the enum. And the reverse,
 * false when not a name. */
const char *dsc_optimizer_name(dsc_optimizer_kind kind);
bool dsc_optimizer_from_name(const char *name, dsc_optimizer_kind *out);

/* The state of a rule for one array of parameters. */
typedef struct dsc_optimizer dsc_optimizer;

/* State for n_parameters values of `precision`, all zero. Freed with dsc_optimizer_destroy.
 * Returns DSC_OK; DSC_E_ARGUMENT a setting outside its range; DSC_E_MEMORY; *out NULL on failure.
 */
dsc_status dsc_optimizer_create(dsc_optimizer **out, const dsc_optimizer_config *config,
                                dsc_precision precision, size_t n_parameters, dsc_error *err);
void dsc_optimizer_destroy(dsc_optimizer *optimizer); /* NULL is allowed */

/* Changes the learning rate of the steps to come; rate > 0, else DSC_E_ARGUMENT and no change. */
dsc_status dsc_optimizer_set_rate(dsc_optimizer *optimizer, double rate, dsc_error *err);

/* One step for the whole array: begin_step and then update of 0 .. n_parameters.
 *   parameters  [in,out]  (n_parameters) of the optimizer's precision
 *   gradients   [in]      the same shape */
void dsc_optimizer_step(dsc_optimizer *optimizer, void *parameters, const void *gradients);

/* The two halves of a step, for arrays of which each step touches only some ranges (embeddings).
 * begin_step counts the step (Adam's bias correction); update applies it to parameters
 * first .. first + n - 1. Ranges that are not updated keep their parameters and their state: for
 * rules with a decaying state this is the "lazy" form: the decay runs only in steps that touch a
 * range.
 *   parameters  [in,out]  start of the WHOLE array
 *   gradients   [in]      (n), the range's gradients alone
 *   l2          [in]      >= 0: l2 * parameter is added to each gradient (weight decay) */
void dsc_optimizer_begin_step(dsc_optimizer *optimizer);
void dsc_optimizer_update(dsc_optimizer *optimizer, void *parameters, size_t first, size_t n,
                          const void *gradients, double l2);

#ifdef __cplusplus
}
#endif
#endif
