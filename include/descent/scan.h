/* What a learning rate does to a network: full-batch gradient descent from its present parameters,
 * watched for how the error ends. What `descent net scan` runs for each rate.
 *
 * The verdicts are about the steps that were run, not about all that could follow. Quarter: the
 * last n_steps / 4 steps (at least 1), and the same number before them. A loss grows in a step when
 * it rises by more than 1e-8 of itself or of the first loss, whichever is more; less is taken for
 * rounding. docs/net-scan.md explains each verdict. */
#ifndef DESCENT_SCAN_H
#define DESCENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/matrix.h"
#include "descent/network.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The loss is sinking when its highest value in the last quarter is at least a tenth lower than
 * that in the quarter before.
 *   CONVERGES   at rest, not above the first loss: in the last quarter the loss does not grow and
 *               falls by at most 1e-6 of the first loss, and the gradient at the end has at most
 *               1e-4 of the length of the first one
 *   FALLING     not at rest: the loss does not grow in the last quarter and does not end above the
 *               first loss; or it does one of them, but is sinking
 *   OSCILLATES  the loss grows in some step of the last quarter, and is not sinking
 *   DIVERGES    in the last quarter the loss is always higher than ever before it; or it stays
 *               above the first loss, neither growing nor sinking
 *   OVERFLOWS   after some step the loss is not a finite number */
typedef enum dsc_scan_verdict {
    DSC_SCAN_CONVERGES = 0,
    DSC_SCAN_FALLING = 1,
    DSC_SCAN_OSCILLATES = 2,
    DSC_SCAN_DIVERGES = 3,
    DSC_SCAN_OVERFLOWS = 4
} dsc_scan_verdict;

enum { DSC_SCAN_N_VERDICTS = 5 };

/* "converges", "still falling", "oscillates without settling", "diverges", "overflows"; NULL for a
 * value outside the enum. Static storage. */
const char *dsc_scan_verdict_name(dsc_scan_verdict verdict);

/* One run. */
typedef struct dsc_scan_config {
    double rate;                    /* learning rate, > 0 and finite */
    size_t n_steps;                 /* at least 1 */
    bool (*keep_going)(void *user); /* asked before each step; false ends with DSC_E_CANCELLED;
                                       NULL: never asked */
    void *user;                     /* handed to keep_going */
} dsc_scan_config;

/* How it went. */
typedef struct dsc_scan_result {
    dsc_scan_verdict verdict; /* on the steps that were run */
    size_t n_finite;      /* steps after which the loss was finite: n_steps, unless it overflowed */
    size_t overflow_step; /* the first after which it was not; 0: none */
    size_t grows_at;      /* the first step in which the loss grew or overflowed; 0: none */
    double first_norm;    /* spectral norm of prediction - target before the first step */
    double last_norm;     /* and after the last step with a finite loss */
    double first_loss;    /* before the first step */
    double last_loss;     /* the last that was finite */
    double highest_loss;  /* of all, before and after every step */
    double quarter_low;   /* lowest and highest loss after the steps of the last quarter; */
    double quarter_high;  /* 0 when it overflowed before the end */
    double gradient_share; /* length of the last gradient over that of the first; 0 when it
                              overflowed before the end */
} dsc_scan_result;

/* Runs n_steps steps at one rate, in double, on a copy of `net`.
 *   x, target  [in]   (n, n_in), (n, n_out), any precision, borrowed for the call
 *   out        [out]  untouched after a failure
 * Returns DSC_OK, also when the run overflows; DSC_E_ARGUMENT a setting outside its range;
 * DSC_E_SHAPE; DSC_E_MEMORY; DSC_E_NONFINITE the loss is not finite before the first step;
 * DSC_E_CANCELLED. Cost: n_steps passes forward and back. Math: docs/math.md (1) to (10), (16). */
dsc_status dsc_scan_rate(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                         const dsc_scan_config *config, dsc_scan_result *out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
