/* Rate schedules: how the learning rate moves over the epochs of a training.
 *
 * A schedule gives a share between 0 and 1 by which the optimizer's own rate is multiplied. It is a
 * plain value that knows neither optimizer nor network. Math: docs/math.md (43) to (46). */
#ifndef DESCENT_SCHEDULE_H
#define DESCENT_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The course of the share, with its equation in docs/math.md. */
typedef enum dsc_schedule_kind {
    DSC_CONSTANT_RATE = 0, /* 1 */
    DSC_STEP_DECAY = 1,    /* factor^k after k times `every` epochs, (43) */
    DSC_COSINE = 2,        /* half a cosine from 1 to `floor` over n_epochs, (44) */
    DSC_ON_PLATEAU = 3     /* times factor whenever the loss has not improved for `patience` epochs,
                              down to `floor`, (46) */
} dsc_schedule_kind;

/* All zero is a constant rate; zero in a member stands for the default beside it. */
typedef struct dsc_schedule_config {
    dsc_schedule_kind kind; /* which course */
    double warmup;   /* epochs over which the share rises from 0 to that of the kind, (45); 0 */
    size_t every;    /* step decay: epochs; 10 */
    double factor;   /* step decay, plateau: 0 < factor < 1; 0.5 */
    size_t n_epochs; /* cosine: length, must be given */
    double floor;    /* cosine, plateau: 0 <= floor < 1; 0 */
    size_t patience; /* plateau: epochs; 5 */
} dsc_schedule_config;

/* A schedule on its way: the plateau remembers losses. */
typedef struct dsc_schedule {
    dsc_schedule_config config; /* with the defaults filled in */
    double best;                /* lowest loss observed */
    size_t n_waiting;           /* epochs since */
    double share;               /* plateau: now */
} dsc_schedule;

/* "constant", "step", "cosine", "plateau"; NULL for a value outside the enum. And the reverse. */
const char *dsc_schedule_name(dsc_schedule_kind kind);
bool dsc_schedule_from_name(const char *name, dsc_schedule_kind *out);

/* Returns DSC_OK; DSC_E_ARGUMENT (err->where names the setting). */
dsc_status dsc_schedule_init(dsc_schedule *out, const dsc_schedule_config *config, dsc_error *err);

/* The share at a time counted in epochs from 0: 1.5 is the middle of the second epoch. Above 0 in
 * the middle of every step, which is the time to ask for. */
double dsc_schedule_share(const dsc_schedule *schedule, double epoch);

/* Tells the schedule an epoch's loss, of the validation data where there is some. */
void dsc_schedule_observe(dsc_schedule *schedule, double loss);

#ifdef __cplusplus
}
#endif
#endif
