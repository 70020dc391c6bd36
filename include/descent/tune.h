/* Search for good settings: random draws from a described space, then successive halving, which
 * gives what has done best so far more and more of the budget. What `descent tune` runs.
 *
 * It knows nothing of what is tuned: a candidate is a number, its settings are the caller's, and a
 * score is whatever the caller measures, the lower the better; a measure that is to be high comes
 * with its sign turned. Everything is fixed by the arguments and the scores. */
#ifndef DESCENT_TUNE_H
#define DESCENT_TUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- draws ----------------------------------------------------------------------------------- */

/* How a setting is drawn. */
typedef enum dsc_dimension_kind {
    DSC_DIMENSION_LINEAR = 0, /* a real number, every stretch as likely as any other as long */
    DSC_DIMENSION_LOG = 1,    /* a real number, every factor as likely: strengths, rates */
    DSC_DIMENSION_WHOLE = 2,  /* a whole number, likewise by factors: lengths, widths */
    DSC_DIMENSION_CHOICE = 3  /* one of low, low + 1, .. high, all as likely: an index in a list */
} dsc_dimension_kind;

/* One setting of a space. */
typedef struct dsc_dimension {
    dsc_dimension_kind kind; /* also says what `low` and `high` may be */
    double low;  /* the lowest value; LOG above 0; WHOLE, CHOICE whole, 1 or 0 .. 2^32 */
    double high; /* the highest, at least `low` */
} dsc_dimension;

/* Draws a value for each dimension.
 *   space  [in]   (n) borrowed for the call
 *   index  [in]   of the draw: the same (seed, index) gives the same values, and what a dimension
 *                 gives does not depend on those behind it
 *   value  [out]  (n) untouched after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT (err->where "dimension 1" and so on). Math: docs/math.md (150). */
dsc_status dsc_tune_draw(const dsc_dimension *space, size_t n, uint64_t seed, uint64_t index,
                         double *value, dsc_error *err);

/* --- successive halving ---------------------------------------------------------------------- */

/* More rungs would give the first less than 10^-9 of the budget at eta 4. */
#define DSC_MAX_RUNGS 16

/* A ladder: every candidate is scored on the first rung at a small budget; the best 1/eta of a rung
 * are scored on the next one at eta times the budget; on the last rung it is the whole budget. */
typedef struct dsc_halving {
    size_t n_candidates; /* at least 1 */
    size_t n_kept;       /* the first so many go up to the last rung whatever their scores */
    size_t eta;          /* at least 2 */
    size_t n_rungs;      /* 1 .. DSC_MAX_RUNGS */
} dsc_halving;

/* How many candidates rung `rung`, counted from 0, has room for; `ladder` valid. (151) */
size_t dsc_halving_size(const dsc_halving *ladder, size_t rung);

/* Its share of the whole budget, above 0 and at most 1. (151) */
double dsc_halving_share(const dsc_halving *ladder, size_t rung);

/* The most rungs, DSC_MAX_RUNGS at most, of which the last has room for 1 by halving alone and the
 * first gives at least `least_share`, above 0, of the budget; 1 where there is one candidate. */
size_t dsc_halving_rungs(size_t n_candidates, size_t eta, double least_share);

/* What is to be scored. */
typedef struct dsc_halving_task {
    size_t candidate; /* below n_candidates */
    size_t rung;      /* from 0 */
    size_t place;     /* of `n` on this rung, from 0: the kept ones, then the best so far first */
    size_t n;         /* how many this rung has */
    double share;     /* of the whole budget */
} dsc_halving_task;

/* Who scores. */
typedef struct dsc_objective {
    /* Scores one candidate. *score NAN or infinite: it does not work at all. A status other than
     * DSC_OK ends the search, which returns it. */
    dsc_status (*score)(void *user, const dsc_halving_task *task, double *score, dsc_error *err);
    /* Whether there is time left on this rung for one more; asked before all but the kept
     * candidates and the first of a rung. False: the next rung chooses among those that have been
     * scored. NULL: always. */
    bool (*goes_on)(void *user, const dsc_halving_task *task);
    void *user; /* handed to both */
} dsc_objective;

/* How far a candidate came. */
typedef struct dsc_halving_result {
    size_t n_rungs; /* on which it was scored; 0: there was no time for it */
    double score;   /* on the last of them; INFINITY where it does not work */
} dsc_halving_result;

/* Goes up the ladder. Those that do not work go no further, kept ones excepted; equal scores go by
 * the number of the candidate.
 *   out  [out]  (n_candidates); undefined after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT (err->where names the setting); DSC_E_MEMORY; what the objective
 * returned. Cost: at most the sum of the sizes of the rungs in calls of the objective.
 * Math: docs/math.md (151). */
dsc_status dsc_halving_run(const dsc_halving *ladder, const dsc_objective *objective,
                           dsc_halving_result *out, dsc_error *err);

/* The cheapest among those as good as the best: of the candidates whose score is within `margin` of
 * the lowest and not above `most`, the one of the lowest cost; of those the lowest score, then the
 * lowest number.
 *   score   [in]  (n) those that are not finite are passed over
 *   cost    [in]  (n) in any unit
 *   margin  [in]  at least 0
 *   most    [in]  INFINITY: no such limit; below the lowest score: as that score
 * Returns its number; n: no score is finite. Cannot fail. Math: docs/math.md (152). */
size_t dsc_tune_choose(const double *score, const double *cost, size_t n, double margin,
                       double most);

#ifdef __cplusplus
}
#endif
#endif
